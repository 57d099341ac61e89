package api

import (
	"net/http"
	"reflect"

	"strowger/provisioning"
	"strowger/store"
)

func (a *API) addDeliveries() {
	job, tag := reflect.TypeFor[store.Job](), "deliveries"
	a.add(operation{
		method: http.MethodGet, path: "/deliveries", id: "list-deliveries", tag: tag, summary: "List the outbox, newest first",
		text: "`state=queued`: what waits to be sent, with the error of the last attempt; `state=dead`: what was given up after three days, " +
			"until it is retried or discarded; `state=done`: what was sent in the last 30 days.",
		reach: forAdmin, params: listParams(provisioning.FiltersOf[store.Job]()), result: a.listOf(job, tag), resultMedia: []string{"text/csv"},
		run: func(r *request) (*answer, error) {
			q, err := r.historyQuery()
			if err != nil {
				return nil, err
			}
			page, err := a.svc.Deliveries(r.Context(), r.org, q)
			if err != nil {
				return nil, err
			}
			return listAnswer(r, tag, job, page)
		},
	})
	a.add(operation{
		method: http.MethodGet, path: "/deliveries/{id}", id: "get-delivery", tag: tag, summary: "Read a delivery",
		reach: forAdmin, result: job,
		run: func(r *request) (*answer, error) {
			j, err := a.svc.Delivery(r.Context(), r.org, r.PathValue("id"))
			return &answer{body: j}, err
		},
	})
	a.add(operation{
		method: http.MethodPost, path: "/deliveries/{id}/retry", id: "retry-delivery", tag: tag, summary: "Try a delivery again now",
		reach: forAdmin, result: job,
		run: func(r *request) (*answer, error) {
			j, err := a.svc.RetryDelivery(r.Context(), r.org, r.PathValue("id"))
			return &answer{body: j}, err
		},
	})
	a.add(operation{
		method: http.MethodDelete, path: "/deliveries/{id}", id: "delete-delivery", tag: tag, summary: "Discard a delivery",
		text:  "It is not tried any more. The recording stays, and its `deliveries` say who discarded it.",
		reach: forAdmin, status: http.StatusNoContent,
		run: func(r *request) (*answer, error) {
			return nil, a.svc.DiscardDelivery(r.Context(), r.org, r.author(""), r.PathValue("id"))
		},
	})
	a.add(operation{
		method: http.MethodPost, path: "/delivery-methods/{id}/test", id: "test-delivery-method", tag: "delivery-methods",
		summary: "Try a delivery method now",
		text: "A second of silence is delivered as recordings are, named strowger-test.wav. What came of it is in the answer: " +
			"`ok`, and where it is now or the plain error.",
		reach: forAdmin, result: reflect.TypeFor[provisioning.Trial](), errors: []int{http.StatusServiceUnavailable},
		run: func(r *request) (*answer, error) {
			t, err := a.svc.TryDeliveryMethod(r.Context(), r.org, r.PathValue("id"))
			return &answer{body: t}, err
		},
	})
	a.add(operation{
		method: http.MethodPost, path: "/mail/test", id: "test-mail", tag: "organizations", summary: "Send a test mail now",
		text:  "By the organization's mail server, or that of the default organization. What came of it is in the answer.",
		reach: forAdmin, body: reflect.TypeFor[provisioning.MailTrial](), result: reflect.TypeFor[provisioning.Trial](),
		errors: []int{http.StatusServiceUnavailable},
		run: func(r *request) (*answer, error) {
			var m provisioning.MailTrial
			if err := provisioning.Decode(r.raw, &m); err != nil {
				return nil, err
			}
			t, err := a.svc.TryMail(r.Context(), r.org, m)
			return &answer{body: t}, err
		},
	})
}
