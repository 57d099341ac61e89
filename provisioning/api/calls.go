package api

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"strowger/provisioning"
	"strowger/routing"
	"strowger/store"
)

// A DialRequest asks for a call between a line and a number.
type DialRequest struct {
	// From is the line that rings first: its id, SIP user name or internal
	// number, or its user's id.
	From string `json:"from" doc:"The line that rings first: its id, SIP user name or internal number, or its user's id."`
	To   string `json:"to" doc:"What is called once it is answered, as its user would dial it."`
}

// DialAnswer names the call.
type DialAnswer struct {
	ID string `json:"id"`
}

func (a *API) addCalls() {
	call := reflect.TypeFor[store.Call]()
	params := append(listParams(provisioning.FiltersOf[store.Call]()),
		queryParam("user_id", "Only calls of this user.", text()),
		queryParam("number", "Only calls from or to a number, name or user name that has this in it.", text()),
		queryParam("missed", "Only calls from elsewhere that nobody answered.", flag()),
		queryParam("since", "Only calls that began then or later.", &huma.Schema{Type: huma.TypeString, Format: "date-time"}),
		queryParam("until", "Only calls that began before then.", &huma.Schema{Type: huma.TypeString, Format: "date-time"}))
	a.add(operation{
		method: http.MethodGet, path: "/calls", id: "list-calls", tag: "calls", summary: "List calls, newest first",
		text:  "`state=active`: those that are up; `state=ended`: the history.",
		reach: forUser, params: params, result: a.listOf(call, "calls"), resultMedia: []string{"text/csv"},
		errors: []int{http.StatusServiceUnavailable},
		run: func(r *request) (*answer, error) {
			q, err := r.historyQuery()
			if err != nil {
				return nil, err
			}
			page, err := a.svc.Calls(r.Context(), r.org, q)
			if err != nil {
				return nil, err
			}
			return listAnswer(r, "calls", call, page)
		},
	})
	a.add(operation{
		method: http.MethodGet, path: "/calls/{id}", id: "get-call", tag: "calls", summary: "Read a call",
		reach: forUser, result: call,
		run: func(r *request) (*answer, error) {
			c, err := a.ownCall(r)
			return &answer{body: c}, err
		},
	})
	a.add(operation{
		method: http.MethodGet, path: "/calls/{id}/trace", id: "get-call-trace", tag: "calls",
		summary: "Read why a call went where it went, and its SIP messages",
		text: "To a user whom somebody called who withholds the number, decisions are answered without their inputs, and no messages: " +
			"both name the caller.",
		reach: forUser, result: reflect.TypeFor[store.Trace](),
		run: func(r *request) (*answer, error) {
			if r.who.Role == store.TokenUser {
				if _, err := a.ownCall(r); err != nil {
					return nil, err
				}
			}
			t, err := a.svc.Trace(r.Context(), r.org, r.PathValue("id"), r.who.UserID)
			return &answer{body: t}, err
		},
	})
	a.add(operation{
		method: http.MethodPost, path: "/calls", id: "create-call", tag: "calls", summary: "Click to call",
		reach: forUser, params: []*huma.Param{idempotencyParam}, status: http.StatusCreated,
		body: reflect.TypeFor[DialRequest](), result: reflect.TypeFor[DialAnswer](), errors: []int{http.StatusServiceUnavailable},
		run: a.dial,
	})
	a.add(operation{
		method: http.MethodDelete, path: "/calls/{id}", id: "delete-call", tag: "calls", summary: "Hang up",
		reach: forUser, status: http.StatusNoContent, errors: []int{http.StatusServiceUnavailable},
		run: func(r *request) (*answer, error) {
			if r.who.Role == store.TokenUser {
				if _, err := a.ownCall(r); err != nil {
					return nil, err
				}
			}
			return nil, a.svc.HangUp(r.Context(), r.org, r.PathValue("id"))
		},
	})
	registration := reflect.TypeFor[provisioning.Registration]()
	a.add(operation{
		method: http.MethodGet, path: "/registrations", id: "list-registrations", tag: "registrations",
		summary: "List who is registered, from where and until when",
		reach:   forUser, params: listParams(provisioning.FiltersOf[provisioning.Registration](), provisioning.RegistrationSorts()...),
		result: a.listOf(registration, "registrations"), resultMedia: []string{"text/csv"},
		run: func(r *request) (*answer, error) {
			q, err := r.historyQuery()
			if err != nil {
				return nil, err
			}
			page, err := a.svc.Registrations(r.Context(), r.org, q)
			if err != nil {
				return nil, err
			}
			return listAnswer(r, "registrations", registration, page)
		},
	})
	a.add(operation{
		method: http.MethodDelete, path: "/registrations/{id}", id: "delete-registration", tag: "registrations",
		summary: "Take a registration away",
		text:    "At once, and without telling the phone: one that is still there registers again when it is due.",
		reach:   forAdmin, status: http.StatusNoContent, errors: []int{http.StatusServiceUnavailable},
		run: func(r *request) (*answer, error) { return nil, a.svc.Unregister(r.org, r.PathValue("id")) },
	})
	ban := reflect.TypeFor[store.Ban]()
	a.add(operation{
		method: http.MethodGet, path: "/bans", id: "list-bans", tag: "bans", summary: "List sources whose packets are dropped",
		reach: forOperator, result: a.listOf(ban, "bans"), resultMedia: []string{"text/csv"},
		run: func(r *request) (*answer, error) {
			if err := onlyParams(r.Request); err != nil {
				return nil, err
			}
			page := provisioning.Page{Items: []any{}}
			for _, b := range a.svc.Bans() {
				page.Items = append(page.Items, b)
			}
			return listAnswer(r, "bans", ban, page)
		},
	})
}

// historyQuery reads a list's query for records that belong to users, and
// keeps a user to the user's own.
func (r *request) historyQuery() (provisioning.Query, error) {
	q, err := provisioning.ParseQuery(r.URL.Query(), reservedParams...)
	if err != nil {
		return q, err
	}
	q.All = wantsCSV(r.Request)
	if r.who.Role == store.TokenUser {
		if named, ok := q.Filters["user_id"]; ok && named != r.who.UserID {
			return q, refuse(http.StatusForbidden, "user_id: the token is another user's")
		}
		q.Filters["user_id"] = r.who.UserID
		q.Reader = r.who.UserID
	}
	return q, nil
}

// ownCall finds a call that the caller may see.
func (a *API) ownCall(r *request) (*store.Call, error) {
	c, err := a.svc.Call(r.Context(), r.org, r.PathValue("id"), r.who.UserID)
	if err != nil {
		return nil, err
	}
	if !r.own(c.UserIDs...) {
		return nil, notFound("call")
	}
	return c, nil
}

func (a *API) dial(r *request) (*answer, error) {
	var d DialRequest
	if err := provisioning.Decode(r.raw, &d); err != nil {
		return nil, err
	}
	if d.From == "" && r.who.Role == store.TokenUser {
		d.From = r.who.UserID
	}
	if r.who.Role == store.TokenUser {
		sn, ok := a.svc.Store().Snapshot(r.org)
		if !ok {
			return nil, provisioning.ErrNoOrganization
		}
		if line, ok := provisioning.FindLine(sn, d.From); !ok || !r.own(line.UserID) {
			return nil, invalid("from", "not a line of the token's user")
		}
	}
	id, err := a.svc.Dial(r.Context(), r.org, d.From, d.To)
	if err != nil {
		return nil, err
	}
	return (&answer{body: DialAnswer{id}}).set("Location", prefix+"/calls/"+id), nil
}

func (a *API) addRoutes() {
	outlook := reflect.TypeFor[provisioning.Outlook]()
	const now = "Now and in the night to come, for a caller inside and one outside, by the function that routes real calls. " +
		"`rings`: whether a phone would ring now; `reason` is why not."
	a.add(operation{
		method: http.MethodGet, path: "/users/{id}/outlook", id: "get-user-outlook", tag: "routes",
		summary: "Say what happens to a call for a user, and whether a phone would ring now", text: now,
		reach: forUser, result: outlook,
		run: func(r *request) (*answer, error) {
			if !r.own(r.PathValue("id")) {
				return nil, notFound("user")
			}
			o, err := a.svc.UserOutlook(r.org, r.PathValue("id"))
			return &answer{body: o}, err
		},
	})
	a.add(operation{
		method: http.MethodGet, path: "/numbers/{id}/outlook", id: "get-number-outlook", tag: "routes",
		summary: "Say what happens to a call for a number", text: now,
		reach: forAdmin, result: outlook,
		run: func(r *request) (*answer, error) {
			o, err := a.svc.NumberOutlook(r.org, r.PathValue("id"))
			return &answer{body: o}, err
		},
	})
	a.add(operation{
		method: http.MethodPost, path: "/routes/explain", id: "explain-route", tag: "routes",
		summary: "Say why and where a call would go",
		text: "`from` and `to` are an extension, a SIP user name or a number; `trunk:ID/+E164` is a caller from outside. " +
			"`draft`, in the form of `strowger apply`, is laid over what is saved. The function is the one that routes real calls.",
		reach: forAdmin, maxBody: maxApply, body: reflect.TypeFor[provisioning.Question](), result: reflect.TypeFor[routing.Explanation](),
		run: func(r *request) (*answer, error) {
			why, err := a.svc.Explain(r.org, r.raw)
			return &answer{body: why}, err
		},
	})
}
