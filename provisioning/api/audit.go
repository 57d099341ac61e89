package api

import (
	"net/http"
	"reflect"

	"strowger/provisioning"
	"strowger/store"
)

func (a *API) addAudit() {
	event := reflect.TypeFor[store.AccessEvent]()
	a.add(operation{
		method: http.MethodGet, path: "/audit", id: "list-access-events", tag: "audit",
		summary: "List who signed in and out, who tried to, and which phones fetched what or were denied it, newest first",
		text: "`event` is `signed_in`, `sign_in_failed`, `signed_out`, `password_changed`, `password_reset_mailed`, `email_confirmed`, `totp_enabled`, `totp_disabled`, " +
			"`passkey_added`, `passkey_removed`, `openid_linked`, `openid_unlinked`, `phone_fetched`, `phone_denied` or `retention_passed`. " +
			"A phone's fetch has `device_id` and `file`: the same file to the same program and address is listed once a day, the same refusal once an hour. " +
			"Events are kept for a year. What people change is in the revisions.",
		reach: forAdmin, params: listParams(provisioning.FiltersOf[store.AccessEvent]()),
		result: a.listOf(event, "audit"), resultMedia: []string{"text/csv"},
		run: func(r *request) (*answer, error) {
			q, err := provisioning.ParseQuery(r.URL.Query(), reservedParams...)
			if err != nil {
				return nil, err
			}
			q.All = wantsCSV(r.Request)
			page, err := a.svc.AccessEvents(r.Context(), r.org, q)
			if err != nil {
				return nil, err
			}
			return listAnswer(r, "audit", event, page)
		},
	})
}
