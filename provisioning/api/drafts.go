package api

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"strowger/provisioning"
)

// addDrafts makes what tries a change set before it is saved.
func (a *API) addDrafts() {
	draft := reflect.TypeFor[provisioning.DraftRequest]()
	a.add(operation{
		method: http.MethodPost, path: "/drafts/preview", id: "preview-draft", tag: "revisions", summary: "Try a change set",
		text: "Answers which records it would change, and which calls of a period would have gone elsewhere: their records are put " +
			"to the routing again, with the configuration as it is and as it would be. Nothing is saved or kept.",
		reach: forAdmin, body: draft, result: reflect.TypeFor[provisioning.DraftPreview](),
		run: func(r *request) (*answer, error) {
			p, err := a.svc.PreviewDraft(r.Context(), r.org, r.author(""), r.raw)
			return &answer{body: p}, err
		},
	})
	a.add(operation{
		method: http.MethodPost, path: "/drafts/apply", id: "apply-draft", tag: "revisions", summary: "Save a change set, as one revision",
		reach: forAdmin, body: draft, result: reflect.TypeFor[provisioning.RevisionView](),
		params: []*huma.Param{idempotencyParam}, errors: []int{http.StatusPreconditionFailed},
		run: func(r *request) (*answer, error) {
			rev, err := a.svc.ApplyDraft(r.Context(), r.org, r.author(""), r.raw)
			return &answer{body: rev}, err
		},
	})
}
