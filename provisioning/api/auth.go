package api

import (
	"context"
	"crypto/subtle"
	"net/http"
	"strings"

	"strowger/provisioning"
	"strowger/store"
)

type localKey struct{}

// withLocal marks a request that came over admin.sock or from within the
// process: the file's mode has let it in, and it is the operator's.
func withLocal(r *http.Request, who string) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), localKey{}, who))
}

// authenticate finds out who asks, and refuses who may not.
func (a *API) authenticate(r *request) error {
	if r.op.app {
		return a.authenticateApp(r)
	}
	switch name, local := r.Context().Value(localKey{}).(string); {
	case local:
		r.who = provisioning.Caller{Role: store.TokenOperator, Name: name, Local: true}
	case r.Header.Get("Authorization") != "":
		text, err := bearer(r.Request)
		if err != nil {
			return err
		}
		found, ok := a.svc.Authenticate(text)
		if !ok {
			return provisioning.ErrToken
		}
		r.who = found
	default:
		if err := a.authenticateSession(r); err != nil {
			return err
		}
	}
	if r.op.session && r.in == nil {
		return refuse(http.StatusUnauthorized, "this is for a person who is signed in")
	}
	if reachOf(r.who.Role) < r.op.reach {
		return refuse(http.StatusForbidden, "the role %s does not reach this", r.who.Role)
	}
	return nil
}

// bearer is the token that a request brings.
func bearer(r *http.Request) (string, error) {
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if text == "" || !strings.EqualFold(scheme, "Bearer") {
		return "", refuse(http.StatusUnauthorized, "Authorization: want Bearer and a token")
	}
	return strings.TrimSpace(text), nil
}

// authenticateApp takes the token of an app, and of nobody else: also who reaches
// everything is no app.
func (a *API) authenticateApp(r *request) error {
	if r.Header.Get("Authorization") == "" {
		return refuse(http.StatusUnauthorized, "this is for an app that was activated, with the token that it was given then")
	}
	text, err := bearer(r.Request)
	if err == nil {
		r.who, err = a.svc.AuthenticateApp(text)
	}
	return err
}

// authenticateSession takes the cookie of a session. A browser sends it whoever
// makes it ask: what changes something must also prove that it is our own page
// that does.
func (a *API) authenticateSession(r *request) error {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return refuse(http.StatusUnauthorized, "nobody is signed in, and there is no Authorization with Bearer and a token")
	}
	in, ok := a.svc.AuthenticateSession(cookie.Value)
	if !ok {
		return refuse(http.StatusUnauthorized, "the session has ended; sign in again")
	}
	r.in, r.who = in, in.Caller()
	if safe(r.Method) {
		return a.currentPassword(r)
	}
	if err := a.sameOrigin(r.Request); err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("X-CSRF-Token")), []byte(in.CSRF)) != 1 {
		return &provisioning.Refusal{Status: http.StatusForbidden, Field: "X-CSRF-Token",
			Detail: store.Say("X-CSRF-Token: want the csrf_token of the session")}
	}
	return a.currentPassword(r)
}

// currentPassword leaves nothing but a new password to whoever must choose one.
func (a *API) currentPassword(r *request) error {
	if r.in.PasswordChangeRequired() && !r.op.anyPassword {
		return &provisioning.Refusal{Status: http.StatusForbidden, Need: "password", Detail: store.Say("choose a new password first")}
	}
	return a.secondFactor(r)
}

// secondFactor leaves nothing but their own sign-in to administrators who must
// still set up a second factor.
func (a *API) secondFactor(r *request) error {
	if r.op.session {
		return nil
	}
	lacking, err := a.svc.LacksSecondFactor(r.Context(), r.in)
	if lacking {
		return &provisioning.Refusal{Status: http.StatusForbidden, Need: "second_factor", Detail: store.Say("set up a second factor first")}
	}
	return err
}

// sameOrigin refuses what a page of another site makes a browser send.
func (a *API) sameOrigin(r *http.Request) error {
	if a.cross.Check(r) != nil {
		return refuse(http.StatusForbidden, "the request comes from another site")
	}
	return nil
}

func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

func reachOf(role store.TokenRole) reach {
	switch role {
	case store.TokenOperator:
		return forOperator
	case store.TokenAdmin:
		return forAdmin
	case store.TokenUser:
		return forUser
	}
	return forOpen
}

// organization finds the one that a request is about: a token's own, or the
// one an operator names.
func (a *API) organization(r *http.Request, who provisioning.Caller) (string, error) {
	named := r.URL.Query().Get("organization")
	if named == "" {
		named = r.Header.Get("X-Organization")
	}
	if who.Role != store.TokenOperator {
		own, ok := a.svc.Store().Snapshot(who.Organization)
		if !ok || named != "" && named != who.Organization && !strings.EqualFold(named, own.Organization.Name) {
			return "", provisioning.ErrNoOrganization
		}
		return who.Organization, nil
	}
	return a.svc.FindOrganization(named)
}

// author is who a revision names.
func (r *request) author(summary string) store.Author {
	return store.Author{Who: r.who.Name, Summary: summary, Session: r.who.SessionID, UserID: r.who.Person}
}

// own says whether a caller may see what belongs to these users.
func (r *request) own(userIDs ...string) bool {
	if r.who.Role != store.TokenUser {
		return true
	}
	for _, id := range userIDs {
		if id == r.who.UserID {
			return true
		}
	}
	return false
}
