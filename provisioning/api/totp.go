package api

import (
	"net/http"
	"reflect"

	"strowger/provisioning"
)

// addTOTP makes what turns codes of an authenticator app on and off.
func (a *API) addTOTP() {
	tag := "sessions"
	a.add(operation{
		method: http.MethodPost, path: "/session/totp", id: "begin-totp", tag: tag, summary: "Get a key for an authenticator app",
		text:  "Nothing changes until a code of it is put. The key is in this answer alone.",
		reach: forUser, session: true, result: reflect.TypeFor[provisioning.TOTPKey](),
		run: func(r *request) (*answer, error) {
			key, err := a.svc.BeginTOTP(r.Context(), r.in)
			return &answer{body: key}, err
		},
	})
	a.add(operation{
		method: http.MethodPut, path: "/session/totp", id: "enable-totp", tag: tag, summary: "Have sign-ins take a code",
		text:  "Answers ten recovery codes, each good for one sign-in. They are in this answer alone.",
		reach: forUser, session: true, body: reflect.TypeFor[provisioning.TOTPCode](), result: reflect.TypeFor[provisioning.RecoveryCodes](),
		run: func(r *request) (*answer, error) {
			var c provisioning.TOTPCode
			if err := provisioning.Decode(r.raw, &c); err != nil {
				return nil, err
			}
			codes, err := a.svc.EnableTOTP(r.Context(), r.in, a.clientOf(r), c.Code)
			return &answer{body: codes}, err
		},
	})
	a.add(operation{
		method: http.MethodDelete, path: "/session/totp", id: "disable-totp", tag: tag, summary: "Have sign-ins take no code any more",
		reach: forUser, session: true, status: http.StatusNoContent, body: reflect.TypeFor[provisioning.PasswordProof](),
		errors: []int{http.StatusTooManyRequests},
		run: func(r *request) (*answer, error) {
			var p provisioning.PasswordProof
			if err := provisioning.Decode(r.raw, &p); err != nil {
				return nil, err
			}
			return nil, a.svc.DisableTOTP(r.Context(), r.in, a.clientOf(r), p.Password)
		},
	})
	a.add(operation{
		method: http.MethodDelete, path: "/users/{id}/totp", id: "reset-user-totp", tag: "users",
		summary: "Have a user's sign-ins take no code any more",
		text:    "For somebody who has lost the authenticator app and the recovery codes.",
		reach:   forAdmin, status: http.StatusNoContent,
		run: func(r *request) (*answer, error) {
			return nil, a.svc.ResetTOTP(r.Context(), r.org, r.PathValue("id"), r.in, a.clientOf(r), "by "+r.who.Name)
		},
	})
}
