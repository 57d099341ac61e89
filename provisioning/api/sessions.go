package api

import (
	"net/http"
	"reflect"

	"strowger/provisioning"
	"strowger/store"
)

// cookieName is the cookie that a browser keeps a session in.
const cookieName = "strowger_session"

// addSessions makes what people sign in and out with.
func (a *API) addSessions() {
	tag := "sessions"
	view := reflect.TypeFor[provisioning.SessionView]()
	a.add(operation{
		method: http.MethodPost, path: "/session", id: "sign-in", tag: tag, summary: "Sign in",
		text: "Sets the cookie of the session. `need` of a 409 is `organization` where two have this login and password, and " +
			"that of a 401 is `code` where the password is right and the code of the authenticator app, or a recovery code, is due.",
		body: reflect.TypeFor[provisioning.SignInRequest](), result: view,
		errors: []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusTooManyRequests},
		run: func(r *request) (*answer, error) {
			var req provisioning.SignInRequest
			if err := provisioning.Decode(r.raw, &req); err != nil {
				return nil, err
			}
			in, text, err := a.svc.SignIn(r.Context(), req, a.clientOf(r))
			if err != nil {
				return nil, err
			}
			a.endReplaced(r, in)
			return a.signedIn(r, in, text)
		},
	})
	a.add(operation{
		method: http.MethodGet, path: "/session", id: "get-session", tag: tag, summary: "Read who is signed in",
		reach: forUser, session: true, anyPassword: true, result: view,
		run: func(r *request) (*answer, error) {
			view, err := a.svc.ViewSession(r.Context(), r.in)
			return &answer{body: view}, err
		},
	})
	a.add(operation{
		method: http.MethodDelete, path: "/session", id: "sign-out", tag: tag, summary: "Sign out",
		reach: forUser, session: true, anyPassword: true, status: http.StatusNoContent,
		run: func(r *request) (*answer, error) {
			if err := a.svc.SignOut(r.Context(), r.in, a.clientOf(r)); err != nil {
				return nil, err
			}
			return (&answer{}).set("Set-Cookie", cookie(r, "").String()), nil
		},
	})
	a.add(operation{
		method: http.MethodPut, path: "/session/password", id: "change-own-password", tag: tag, summary: "Change one's own password",
		text:  "The other sessions of the user end.",
		reach: forUser, session: true, anyPassword: true, status: http.StatusNoContent,
		body: reflect.TypeFor[provisioning.PasswordChange](), errors: []int{http.StatusTooManyRequests},
		run: func(r *request) (*answer, error) {
			var c provisioning.PasswordChange
			if err := provisioning.Decode(r.raw, &c); err != nil {
				return nil, err
			}
			return nil, a.svc.ChangePassword(r.Context(), r.in, r.author(""), a.clientOf(r), c)
		},
	})
	entry := reflect.TypeFor[provisioning.SessionEntry]()
	a.add(operation{
		method: http.MethodGet, path: "/sessions", id: "list-own-sessions", tag: tag, summary: "List where one is signed in, newest first",
		reach: forUser, session: true, result: a.listOf(entry, tag), resultMedia: []string{"text/csv"},
		run: func(r *request) (*answer, error) {
			if err := onlyParams(r.Request); err != nil {
				return nil, err
			}
			page := provisioning.Page{Items: []any{}}
			for _, own := range a.svc.OwnSessions(r.in) {
				page.Items = append(page.Items, &own)
			}
			return listAnswer(r, tag, entry, page)
		},
	})
	a.add(operation{
		method: http.MethodDelete, path: "/sessions/{id}", id: "end-own-session", tag: tag, summary: "Sign out elsewhere",
		reach: forUser, session: true, status: http.StatusNoContent,
		run: func(r *request) (*answer, error) {
			id := r.PathValue("id")
			if err := a.svc.EndOwnSession(r.Context(), r.in, a.clientOf(r), id); err != nil {
				return nil, err
			}
			ans := &answer{}
			if id == r.in.Session.ID {
				ans.set("Set-Cookie", cookie(r, "").String())
			}
			return ans, nil
		},
	})
}

// SetUp says whether the exchange must be set up.
type SetUp struct {
	Needed bool `json:"needed"`
}

// addSetUp makes the first run.
func (a *API) addSetUp() {
	a.add(operation{
		method: http.MethodGet, path: "/setup", id: "get-setup", tag: "setup", summary: "Ask whether nobody can sign in yet",
		result: reflect.TypeFor[SetUp](),
		run:    func(*request) (*answer, error) { return ok200(SetUp{a.svc.SetUpNeeded()}) },
	})
	a.add(operation{
		method: http.MethodPost, path: "/setup", id: "set-up", tag: "setup",
		summary: "Make the first administrator, who is then signed in",
		text: "`key` is in the link that `strowger serve` prints as long as no administrator can sign in. " +
			"What is given of the default organization, and the administrator, are one revision.",
		body: reflect.TypeFor[provisioning.SetUpRequest](), result: reflect.TypeFor[provisioning.SessionView](),
		errors: []int{http.StatusForbidden, http.StatusUnprocessableEntity},
		run: func(r *request) (*answer, error) {
			var req provisioning.SetUpRequest
			if err := provisioning.Decode(r.raw, &req); err != nil {
				return nil, err
			}
			in, text, err := a.svc.SetUp(r.Context(), req, a.clientOf(r))
			if err != nil {
				return nil, err
			}
			return a.signedIn(r, in, text)
		},
	})
}

// signedIn answers a session that has begun.
func (a *API) signedIn(r *request, in *provisioning.SignedIn, text string) (*answer, error) {
	view, err := a.svc.ViewSession(r.Context(), in)
	if err != nil {
		return nil, err
	}
	return (&answer{body: view}).set("Set-Cookie", cookie(r, text).String()), nil
}

// endReplaced ends the session whose cookie a sign-in takes the place of: nobody
// could end it any more.
func (a *API) endReplaced(r *request, in *provisioning.SignedIn) {
	old, err := r.Cookie(cookieName)
	if err != nil {
		return
	}
	if was, ok := a.svc.AuthenticateSession(old.Value); ok && was.Session.ID != in.Session.ID {
		if err := a.svc.SignOut(r.Context(), was, a.clientOf(r)); err != nil {
			a.o.Log.Warn("a session that was replaced goes on", "err", err)
		}
	}
}

// cookie holds the text of a session; without one it is taken back.
func cookie(r *request, text string) *http.Cookie {
	c := &http.Cookie{
		Name: cookieName, Value: text, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: provisioning.OverTLS(r.Request), MaxAge: int(store.SessionAge.Seconds()),
	}
	if text == "" {
		c.MaxAge = -1
	}
	return c
}

// clientOf is where a person's request comes from.
func (a *API) clientOf(r *request) provisioning.Client {
	c := provisioning.Client{UserAgent: r.UserAgent(), Base: a.base(r), Origin: "http://" + r.Host}
	if provisioning.OverTLS(r.Request) {
		c.Origin = "https://" + r.Host
	}
	if source, _ := provisioning.RequestSource(r.Request); source.IsValid() {
		c.Address = source.String()
	}
	return c
}
