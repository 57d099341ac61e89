package api

import (
	"net/http"
	"reflect"

	"strowger/provisioning"
)

// addResets makes what somebody does who forgot the password.
func (a *API) addResets() {
	tag := "sessions"
	a.add(operation{
		method: http.MethodPost, path: "/password-resets", id: "request-password-reset", tag: tag, summary: "Ask for a link to choose a new password",
		text: "`login` is that or an email address. The answer is the same whether or not there is anybody; who there is, in each organization, " +
			"gets a mail with a link that is good once, for an hour.",
		status: http.StatusAccepted, body: reflect.TypeFor[provisioning.ResetRequest](),
		errors: []int{http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusTooManyRequests},
		run: func(r *request) (*answer, error) {
			var req provisioning.ResetRequest
			if err := provisioning.Decode(r.raw, &req); err != nil {
				return nil, err
			}
			return nil, a.svc.RequestReset(req, a.clientOf(r))
		},
	})
	a.add(operation{
		method: http.MethodPut, path: "/password-resets", id: "reset-password", tag: tag, summary: "Choose a new password with the key of a link",
		text:   "The key is what stands after the # of the link. All sessions of the user end; phones stay registered; who has a second factor is asked for it at the next sign-in.",
		status: http.StatusNoContent, body: reflect.TypeFor[provisioning.PasswordReset](),
		errors: []int{http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity},
		run: func(r *request) (*answer, error) {
			var req provisioning.PasswordReset
			if err := provisioning.Decode(r.raw, &req); err != nil {
				return nil, err
			}
			return nil, a.svc.ResetPassword(r.Context(), req, a.clientOf(r))
		},
	})
	a.add(operation{
		method: http.MethodPost, path: "/users/{id}/password-reset", id: "send-password-reset", tag: "users", summary: "Mail a user a link to choose a new password",
		text:  "The password that there is stays good until then. 409 when the user has no valid email or has not confirmed it, or there is no mail server.",
		reach: forAdmin, result: reflect.TypeFor[provisioning.MailedLink](),
		run: func(r *request) (*answer, error) {
			sent, err := a.svc.SendReset(r.Context(), r.org, r.PathValue("id"), a.clientOf(r), "by "+r.who.Name)
			return &answer{body: sent}, err
		},
	})
}
