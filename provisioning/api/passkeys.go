package api

import (
	"net/http"
	"reflect"

	"strowger/provisioning"
)

// addPasskeys makes what signs in without a password.
func (a *API) addPasskeys() {
	tag := "sessions"
	ceremony, response := reflect.TypeFor[provisioning.Ceremony](), reflect.TypeFor[provisioning.PasskeyAnswer]()
	key := reflect.TypeFor[provisioning.PasskeyView]()
	a.add(operation{
		method: http.MethodPost, path: "/session/passkeys/challenge", id: "begin-passkey", tag: tag, summary: "Begin to add a passkey",
		text:  "`public_key` goes to `navigator.credentials.create`, what comes of it to `POST /session/passkeys`, within five minutes.",
		reach: forUser, session: true, body: reflect.TypeFor[provisioning.PasswordProof](), result: ceremony, errors: []int{http.StatusTooManyRequests},
		run: func(r *request) (*answer, error) {
			var p provisioning.PasswordProof
			if err := provisioning.Decode(r.raw, &p); err != nil {
				return nil, err
			}
			c, err := a.svc.BeginPasskey(r.Context(), r.in, a.clientOf(r), p.Password)
			return &answer{body: c}, err
		},
	})
	a.add(operation{
		method: http.MethodPost, path: "/session/passkeys", id: "add-passkey", tag: tag, summary: "Add a passkey",
		reach: forUser, session: true, status: http.StatusCreated, body: response, result: key,
		run: func(r *request) (*answer, error) {
			var in provisioning.PasskeyAnswer
			if err := provisioning.Decode(r.raw, &in); err != nil {
				return nil, err
			}
			k, err := a.svc.AddPasskey(r.Context(), r.in, a.clientOf(r), in)
			return &answer{body: k}, err
		},
	})
	a.add(operation{
		method: http.MethodGet, path: "/session/passkeys", id: "list-passkeys", tag: tag, summary: "List one's own passkeys, oldest first",
		reach: forUser, session: true, result: a.listOf(key, "passkeys"), resultMedia: []string{"text/csv"},
		run: func(r *request) (*answer, error) {
			if err := onlyParams(r.Request); err != nil {
				return nil, err
			}
			all, err := a.svc.Passkeys(r.Context(), r.in)
			if err != nil {
				return nil, err
			}
			page := provisioning.Page{Items: []any{}}
			for _, k := range all {
				page.Items = append(page.Items, k)
			}
			return listAnswer(r, "passkeys", key, page)
		},
	})
	a.add(operation{
		method: http.MethodPatch, path: "/session/passkeys/{id}", id: "rename-passkey", tag: tag, summary: "Rename a passkey",
		reach: forUser, session: true, body: reflect.TypeFor[provisioning.PasskeyName](), result: key,
		run: func(r *request) (*answer, error) {
			var in provisioning.PasskeyName
			if err := provisioning.Decode(r.raw, &in); err != nil {
				return nil, err
			}
			k, err := a.svc.RenamePasskey(r.Context(), r.in, r.PathValue("id"), in.Name)
			return &answer{body: k}, err
		},
	})
	a.add(operation{
		method: http.MethodDelete, path: "/session/passkeys/{id}", id: "remove-passkey", tag: tag, summary: "Remove a passkey",
		reach: forUser, session: true, status: http.StatusNoContent,
		run: func(r *request) (*answer, error) {
			return nil, a.svc.RemovePasskey(r.Context(), r.in, a.clientOf(r), r.PathValue("id"))
		},
	})
	a.add(operation{
		method: http.MethodPost, path: "/session/passkey/challenge", id: "begin-passkey-sign-in", tag: tag, summary: "Begin to sign in with a passkey",
		text:   "`public_key` goes to `navigator.credentials.get`, what comes of it to `POST /session/passkey`, within five minutes.",
		result: ceremony, errors: []int{http.StatusConflict, http.StatusForbidden, http.StatusTooManyRequests},
		run: func(r *request) (*answer, error) {
			c, err := a.svc.BeginPasskeySignIn(a.clientOf(r))
			return &answer{body: c}, err
		},
	})
	a.add(operation{
		method: http.MethodPost, path: "/session/passkey", id: "sign-in-with-passkey", tag: tag, summary: "Sign in with a passkey",
		text: "Neither a login nor a code is asked for: the passkey is both. Sets the cookie of the session.",
		body: response, result: reflect.TypeFor[provisioning.SessionView](),
		errors: []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusTooManyRequests},
		run: func(r *request) (*answer, error) {
			var in provisioning.PasskeyAnswer
			if err := provisioning.Decode(r.raw, &in); err != nil {
				return nil, err
			}
			who, text, err := a.svc.PasskeySignIn(r.Context(), in, a.clientOf(r))
			if err != nil {
				return nil, err
			}
			a.endReplaced(r, who)
			return a.signedIn(r, who, text)
		},
	})
}
