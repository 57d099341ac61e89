package api

import (
	"net/http"
	"reflect"

	"strowger/provisioning"
)

// addVerifications makes what confirms a user's new email address.
func (a *API) addVerifications() {
	tag := "users"
	a.add(operation{
		method: http.MethodPost, path: "/users/{id}/email-verification", id: "send-email-verification", tag: tag,
		summary: "Mail a user once more the link to confirm a new email address",
		text: "The first goes by itself to the new address of a user who has accepted an invitation, whoever sets it. Until it is confirmed, nothing goes there that opens the account. " +
			"The link is good for 14 days; the one before is void. 409 when there is no new address to confirm, or no mail server.",
		reach: forAdmin, result: reflect.TypeFor[provisioning.MailedLink](),
		run: func(r *request) (*answer, error) {
			sent, err := a.svc.SendVerification(r.Context(), r.org, r.author(""), r.PathValue("id"), a.base(r))
			return &answer{body: sent}, err
		},
	})
	a.add(operation{
		method: http.MethodPost, path: "/email-verifications", id: "read-email-verification", tag: tag,
		summary: "Read what the key of a link would confirm", text: "Needs no token and uses nothing up. The key is what stands after the # of the link.",
		body: reflect.TypeFor[provisioning.VerificationKey](), result: reflect.TypeFor[provisioning.ShownVerification](),
		errors: []int{http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity},
		run: func(r *request) (*answer, error) {
			var in provisioning.VerificationKey
			if err := provisioning.Decode(r.raw, &in); err != nil {
				return nil, err
			}
			shown, err := a.svc.ShowVerification(r.Context(), in)
			return &answer{body: shown}, err
		},
	})
	a.add(operation{
		method: http.MethodPut, path: "/email-verifications", id: "verify-email", tag: tag, summary: "Confirm an email address with the key of a link",
		text:   "Needs no token. Takes the user's password too where there is one: the mail may have gone to somebody else.",
		status: http.StatusNoContent, body: reflect.TypeFor[provisioning.Verification](),
		errors: []int{http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusTooManyRequests},
		run: func(r *request) (*answer, error) {
			var in provisioning.Verification
			if err := provisioning.Decode(r.raw, &in); err != nil {
				return nil, err
			}
			return nil, a.svc.VerifyEmail(r.Context(), in, a.clientOf(r))
		},
	})
}
