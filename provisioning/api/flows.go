package api

import (
	"net/http"
	"reflect"
)

// addFlows makes what call flows have beyond other collections.
func (a *API) addFlows() {
	a.add(operation{
		method: http.MethodGet, path: "/call-flows/{id}/dependencies", id: "list-call-flow-dependencies", tag: "call-flows",
		summary: "List what a delete of the call flow changes: numbers that lead into it, and who forwards calls to those",
		reach:   forAdmin, result: reflect.TypeFor[Dependencies](),
		run: func(r *request) (*answer, error) {
			deps, err := a.svc.CallFlowDependencies(r.org, r.PathValue("id"))
			return &answer{body: Dependencies{deps}}, err
		},
	})
}
