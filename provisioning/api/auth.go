package api

import (
	"context"
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
func (a *API) authenticate(r *http.Request, need reach) (provisioning.Caller, error) {
	var who provisioning.Caller
	if name, ok := r.Context().Value(localKey{}).(string); ok {
		who = provisioning.Caller{Role: store.TokenOperator, Name: name, Local: true}
	} else {
		scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if text == "" || !strings.EqualFold(scheme, "Bearer") {
			return who, refuse(http.StatusUnauthorized, "Authorization: want Bearer and a token")
		}
		found, ok := a.svc.Authenticate(strings.TrimSpace(text))
		if !ok {
			return who, refuse(http.StatusUnauthorized, "Authorization: the token is not valid")
		}
		who = found
	}
	if reachOf(who.Role) < need {
		return who, refuse(http.StatusForbidden, "the token's role, "+string(who.Role)+", does not reach this")
	}
	return who, nil
}

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
	return store.Author{Who: r.who.Name, Summary: summary}
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
