package api

import (
	"net/http"
	"reflect"

	"strowger/provisioning"
)

// addMeans makes what helps users who have lost what they sign in with. The second
// factor and the provider's account are taken away beside the sessions' own
// operations.
func (a *API) addMeans() {
	a.add(operation{
		method: http.MethodGet, path: "/users/{id}/sign-in", id: "get-user-sign-in", tag: "users",
		summary: "Read what a user can sign in with",
		text: "For somebody who has lost a key or a telephone: `DELETE /users/{id}/totp`, `/users/{id}/passkeys/{passkey}` and `/users/{id}/openid` take them away, " +
			"and `POST /users/{id}/password-reset` mails a link.",
		reach: forAdmin, result: reflect.TypeFor[provisioning.SignInMeans](),
		run: func(r *request) (*answer, error) {
			if err := onlyParams(r.Request); err != nil {
				return nil, err
			}
			m, err := a.svc.SignInMeans(r.Context(), r.org, r.PathValue("id"))
			return &answer{body: m}, err
		},
	})
	a.add(operation{
		method: http.MethodDelete, path: "/users/{id}/passkeys/{passkey}", id: "remove-user-passkey", tag: "users",
		summary: "Remove a passkey of a user", text: "It signs nobody in any more; sessions go on.",
		reach: forAdmin, status: http.StatusNoContent,
		run: func(r *request) (*answer, error) {
			return nil, a.svc.RemoveUserPasskey(r.Context(), r.org, r.PathValue("id"), r.PathValue("passkey"), a.clientOf(r), "by "+r.who.Name)
		},
	})
}
