package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"strowger/provisioning"
	"strowger/store"
)

func (a *API) addRevisions() {
	revision := reflect.TypeFor[provisioning.RevisionView]()
	filters := []*huma.Param{limitParam, cursorParam,
		queryParam("by~", "Only change sets whose author has this in it, in any case.", text()),
		queryParam("summary~", "Only change sets whose summary has this in it, in any case.", text()),
		queryParam("path~", "Only change sets with a record whose path (collection/id) has this in it.", text()),
		queryParam("collection", "Only change sets with a record of this collection.", text()),
		queryParam("since", "Only change sets from this time on.", moment()),
		queryParam("until", "Only change sets up to this time.", moment()),
	}
	a.add(operation{
		method: http.MethodGet, path: "/revisions", id: "list-revisions", tag: "revisions", summary: "List change sets, newest first",
		text:  "Each with its first 20 changes; `change_count` says how many there are.",
		reach: forAdmin, params: filters, result: a.listOf(revision, "revisions"), resultMedia: []string{"text/csv"},
		run: func(r *request) (*answer, error) {
			q, err := provisioning.ParseQuery(r.URL.Query(), reservedParams...)
			if err != nil {
				return nil, err
			}
			q.All = wantsCSV(r.Request)
			page, err := a.svc.Revisions(r.Context(), r.org, q)
			if err != nil {
				return nil, err
			}
			return listAnswer(r, "revisions", revision, page)
		},
	})
	a.add(operation{
		method: http.MethodGet, path: "/revisions/{number}", id: "get-revision", tag: "revisions", summary: "Read a change set",
		text:  "With a thousand of its changes, from the one at `from`.",
		reach: forAdmin, params: []*huma.Param{queryParam("from", "How many changes to pass over.", whole(0, 1<<30))}, result: revision,
		run: func(r *request) (*answer, error) {
			n, err := revisionNumber(r)
			if err != nil {
				return nil, err
			}
			from := 0
			if v := r.URL.Query().Get("from"); v != "" {
				if from, err = strconv.Atoi(v); err != nil || from < 0 {
					return nil, invalid("from", "want a whole number")
				}
			}
			rev, err := a.svc.Revision(r.Context(), r.org, n, from)
			return &answer{body: rev}, err
		},
	})
	back := func(verb, summary, text string, do func(context.Context, string, uint64, store.Author, bool) (*provisioning.RevisionView, error)) {
		a.add(operation{
			method: http.MethodPost, path: "/revisions/{number}/" + verb, id: verb + "-revision", tag: "revisions", summary: summary,
			text:   "As a new change set. Passwords and the domain stay what they are now, tokens that were taken back stay so. " + text,
			params: []*huma.Param{idempotencyParam, queryParam("dry_run", "Answer what would change and save nothing.", flag())},
			reach:  forAdmin, result: revision,
			run: func(r *request) (*answer, error) {
				n, err := revisionNumber(r)
				if err != nil {
					return nil, err
				}
				try, err := flagParam(r.Request, "dry_run")
				if err != nil {
					return nil, err
				}
				rev, err := do(r.Context(), r.org, n, r.author(""), try)
				return &answer{body: rev}, err
			},
		})
	}
	back("restore", "Make the configuration what it was right after a change set", "All that came later is taken back too.", a.svc.RestoreRevision)
	back("undo", "Take back what one change set changed",
		"What came later stays; where that was about the same records, the answer is 409 and names them.", a.svc.UndoRevision)
}

func revisionNumber(r *request) (uint64, error) {
	n, err := strconv.ParseUint(r.PathValue("number"), 10, 64)
	if err != nil {
		return 0, notFound("revision")
	}
	return n, nil
}

// addWhole makes what is about a whole organization or the whole store.
func (a *API) addWhole() {
	a.add(operation{
		method: http.MethodPost, path: "/apply", id: "apply", tag: "configuration", summary: "Declare configuration",
		text: "Creates what is new and changes what differs, as one revision. The body, JSON or YAML, has the collections as keys; " +
			"every record has an id; an absent secret is kept. Of `tokens`, those that the caller's own reaches get another label " +
			"or expiry and are pruned; only a file that is applied on the machine itself makes new ones, by their hashes.",
		reach: forAdmin, maxBody: maxApply, result: reflect.TypeFor[provisioning.ApplyReport](),
		params: []*huma.Param{idempotencyParam,
			queryParam("prune", "Delete what the body does not have, in the collections that it names.", flag()),
			queryParam("dry_run", "Answer the difference and save nothing.", flag())},
		bodyMedia: map[string]*huma.MediaType{
			"application/json": {Schema: a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[store.Site](), true, "Site")},
			"application/yaml": {Schema: &huma.Schema{Type: huma.TypeString}},
		},
		run: a.apply,
	})
	a.add(operation{
		method: http.MethodGet, path: "/export", id: "export", tag: "configuration", summary: "Read an organization in the form of apply",
		text:  "Without secrets and without tokens.",
		reach: forAdmin, result: reflect.TypeFor[store.Site](),
		run: func(r *request) (*answer, error) {
			site, err := a.svc.Export(r.org)
			return &answer{body: site}, err
		},
	})
	a.add(operation{
		method: http.MethodGet, path: "/check", id: "check", tag: "configuration", summary: "Verify the store, the recordings and the sounds",
		reach: forOperator, result: reflect.TypeFor[provisioning.CheckReport](),
		run: func(r *request) (*answer, error) {
			report, err := a.svc.CheckAll(r.Context())
			return &answer{body: report}, err
		},
	})
	a.add(operation{
		method: http.MethodGet, path: "/backup", id: "backup", tag: "configuration", summary: "Read a consistent copy of the store",
		text:  "The database file. The key that seals passwords, secret.key, is not in it: keep it elsewhere.",
		reach: forOperator, resultMedia: []string{"application/octet-stream"}, errors: []int{http.StatusNotImplemented},
		run: func(r *request) (*answer, error) {
			if err := a.svc.CanBackup(); err != nil {
				return nil, err
			}
			ans := &answer{write: func(w http.ResponseWriter, hr *http.Request) error {
				// An error in the middle must not look like a whole copy: the
				// connection breaks instead.
				if err := a.svc.WriteBackup(hr.Context(), w); err != nil {
					a.broken(hr, err)
					panic(http.ErrAbortHandler)
				}
				return nil
			}}
			ans.set("Content-Type", "application/octet-stream")
			return ans.set("Content-Disposition", fmt.Sprintf(`attachment; filename="strowger-%s.db"`, a.o.Now().UTC().Format("20060102T150405Z"))), nil
		},
	})
}

func (a *API) apply(r *request) (*answer, error) {
	if err := onlyParams(r.Request, "prune", "dry_run"); err != nil {
		return nil, err
	}
	var o provisioning.ApplyOptions
	var err error
	if o.Prune, err = flagParam(r.Request, "prune"); err != nil {
		return nil, err
	}
	if o.DryRun, err = flagParam(r.Request, "dry_run"); err != nil {
		return nil, err
	}
	raw, err := readAll(r)
	if err != nil {
		return nil, err
	}
	report, err := a.svc.Apply(r.Context(), r.org, r.who, r.author(""), raw, o)
	return &answer{body: report}, err
}
