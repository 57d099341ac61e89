package api

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"strowger/provisioning"
	"strowger/store"
)

// OwnChange is what people may change of themselves. What is absent, or null,
// does not change.
type OwnChange struct {
	Forward *struct {
		Number  *string `json:"number,omitempty" doc:"As the user would dial it; empty: none."`
		Enabled *bool   `json:"enabled,omitempty"`
	} `json:"forward,omitempty"`
	DoNotDisturb *bool   `json:"do_not_disturb,omitempty"`
	MobileNumber *string `json:"mobile_number,omitempty"`
	TimeZone     *string `json:"time_zone,omitempty"`
	Language     *string `json:"language,omitempty"`
	VoicemailPIN *string `json:"voicemail_pin,omitempty" writeOnly:"true"`
}

// OwnLineChange is what people may change of their own lines, in the same way.
type OwnLineChange struct {
	Label   *string `json:"label,omitempty"`
	Inbound *struct {
		RingTimeoutS    *int `json:"ring_timeout_s,omitempty" doc:"Seconds; 0: the organization's."`
		WhenUnavailable *struct {
			Action    *store.UnavailableAction `json:"action,omitempty"`
			ForwardTo *string                  `json:"forward_to,omitempty" doc:"As the user would dial it."`
		} `json:"when_unavailable,omitempty"`
	} `json:"inbound,omitempty"`
	Outbound *struct {
		CallerIDs []string `json:"caller_ids,omitempty" doc:"The line's own numbers in another order; the first is shown."`
		Anonymous *bool    `json:"anonymous,omitempty"`
	} `json:"outbound,omitempty"`
}

// narrowed reads a change into the type that says what may be in it, and writes
// it again: a null would take away more than what the type names.
func narrowed(raw []byte, change any) ([]byte, error) {
	if err := provisioning.Decode(raw, change); err != nil {
		return nil, err
	}
	return json.Marshal(change)
}

// self is the user that a token or a session belongs to; empty: none.
func (r *request) self() string {
	if r.in != nil {
		return r.in.User.ID
	}
	return r.who.UserID
}

// addOwn makes what people may do about themselves. Whatever is another's is not
// there.
func (a *API) addOwn() {
	users, _ := provisioning.FindCollection("users")
	lines, _ := provisioning.FindCollection("contact_methods")
	devices, _ := provisioning.FindCollection("app_devices")
	a.add(operation{
		method: http.MethodPatch, path: "/me", id: "change-me", tag: "users", summary: "Change what people may change of themselves",
		text:  "What is not named, or null, does not change.",
		reach: forUser, params: []*huma.Param{ifMatchParam}, body: reflect.TypeFor[OwnChange](), result: users.Answer(),
		errors: []int{http.StatusPreconditionFailed},
		run: func(r *request) (*answer, error) {
			if r.self() == "" {
				return nil, notFound("user")
			}
			var change OwnChange
			patch, err := narrowed(r.raw, &change)
			if err != nil {
				return nil, err
			}
			record, etag, err := a.svc.Change(r.Context(), r.org, r.author(""), users, r.self(), patch, r.Header.Get("If-Match"))
			if err != nil {
				return nil, err
			}
			return (&answer{body: record}).set("ETag", etag), nil
		},
	})
	a.add(operation{
		method: http.MethodPatch, path: "/me/contact-methods/{id}", id: "change-own-contact-method", tag: "contact-methods",
		summary: "Change what people may change of their own lines",
		text:    "What is not named, or null, does not change. `outbound.caller_ids` may be put in another order: which numbers they are is an administrator's to say.",
		reach:   forUser, params: []*huma.Param{ifMatchParam}, body: reflect.TypeFor[OwnLineChange](), result: lines.Answer(),
		errors: []int{http.StatusPreconditionFailed},
		run:    func(r *request) (*answer, error) { return a.changeOwnLine(r, lines) },
	})
	a.add(operation{
		method: http.MethodGet, path: "/me/app-devices", id: "list-own-app-devices", tag: "app-devices", summary: "List one's own app devices",
		reach: forUser, params: []*huma.Param{limitParam, cursorParam}, result: a.listOf(devices.Answer(), "own app devices"),
		run: func(r *request) (*answer, error) {
			if err := onlyParams(r.Request, "limit", "cursor"); err != nil {
				return nil, err
			}
			q, err := provisioning.ParseQuery(r.URL.Query(), reservedParams...)
			if err != nil {
				return nil, err
			}
			q.Keep = func(record any) bool { return record.(*store.AppDevice).UserID == r.self() }
			page, err := a.svc.List(r.org, devices, q)
			if err != nil {
				return nil, err
			}
			return listAnswer(r, "app_devices", devices.Answer(), page)
		},
	})
	a.add(operation{
		method: http.MethodDelete, path: "/me/app-devices/{id}", id: "delete-own-app-device", tag: "app-devices",
		summary: "Remove one of one's own app devices", text: "Its registration ends at once; to be used again it needs a new invitation.",
		reach: forUser, status: http.StatusNoContent,
		run: func(r *request) (*answer, error) {
			d, ok := a.svc.Stored(r.org, devices, r.PathValue("id"))
			if !ok || r.self() == "" || d.(*store.AppDevice).UserID != r.self() {
				return nil, notFound("app device")
			}
			return nil, a.svc.Delete(r.Context(), r.org, r.author(""), devices, r.PathValue("id"), "")
		},
	})
}

func (a *API) changeOwnLine(r *request, lines provisioning.Collection) (*answer, error) {
	id := r.PathValue("id")
	record, ok := a.svc.Stored(r.org, lines, id)
	if !ok || r.self() == "" || record.(*store.ContactMethod).UserID != r.self() {
		return nil, notFound("contact method")
	}
	var change OwnLineChange
	patch, err := narrowed(r.raw, &change)
	if err != nil {
		return nil, err
	}
	match := r.Header.Get("If-Match")
	if in := change.Inbound; in != nil && in.WhenUnavailable != nil && in.WhenUnavailable.ForwardTo != nil {
		if err := a.svc.CheckOwnForward(r.org, record.(*store.ContactMethod), "inbound.when_unavailable.forward_to", *in.WhenUnavailable.ForwardTo); err != nil {
			return nil, err
		}
	}
	if change.Outbound != nil && change.Outbound.CallerIDs != nil {
		have := record.(*store.ContactMethod)
		if !slices.Equal(slices.Sorted(slices.Values(have.Outbound.CallerIDs)), slices.Sorted(slices.Values(change.Outbound.CallerIDs))) {
			return nil, invalid("outbound.caller_ids", "want the line's own numbers, in any order")
		}
		if match == "" {
			match = provisioning.ETag(have) // it is those that were looked at
		}
	}
	shown, etag, err := a.svc.Change(r.Context(), r.org, r.author(""), lines, id, patch, match)
	if err != nil {
		return nil, err
	}
	return (&answer{body: shown}).set("ETag", etag), nil
}
