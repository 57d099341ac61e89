package api

import (
	"net/http"
	"reflect"

	"strowger/provisioning"
	"strowger/store"
)

func (a *API) addBilling() {
	event := reflect.TypeFor[store.BillingEvent]()
	a.add(operation{
		method: http.MethodGet, path: "/billing-events", id: "list-billing-events", tag: "plans",
		summary: "List who came to a plan or left it, newest first",
		text: "One for each user and change: `from` is empty for a new user, `to` for one who is gone, and both are the same where the plan's price changed. " +
			"They are kept for as long as the organization is there.",
		reach: forAdmin, params: append(listParams(provisioning.FiltersOf[store.BillingEvent]()),
			queryParam("since", "Only changes from this time on.", moment()),
			queryParam("until", "Only changes before this time.", moment())),
		result: a.listOf(event, "billing_events"), resultMedia: []string{"text/csv"},
		run: func(r *request) (*answer, error) {
			q, err := provisioning.ParseQuery(r.URL.Query(), reservedParams...)
			if err != nil {
				return nil, err
			}
			q.All = wantsCSV(r.Request)
			page, err := a.svc.BillingEvents(r.Context(), r.org, q)
			if err != nil {
				return nil, err
			}
			return listAnswer(r, "billing_events", event, page)
		},
	})
}
