package provisioning

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"strowger/store"
)

// A RevisionView is a change set as the API shows it.
type RevisionView struct {
	store.Revision
	// ChangeCount is how many changes there are; Changes may be the first ones.
	ChangeCount int `json:"change_count"`
	// SecretsStay: of an undo, that the revision also set passwords or other secrets,
	// which are as they are now: what they were before is not kept.
	SecretsStay bool `json:"secrets_stay,omitempty"`
}

// How many changes a list shows of each revision, and how many an answer about one.
const (
	listedChanges = 20
	shownChanges  = 1000
)

// RevisionFilters are what a list of revisions can be narrowed by.
var RevisionFilters = []string{"by~", "summary~", "path~", "collection", "since", "until"}

// Revisions lists an organization's change sets, newest first, each with its first
// changes.
func (s *Service) Revisions(ctx context.Context, org string, q Query) (Page, error) {
	if err := q.unsorted(); err != nil {
		return Page{}, err
	}
	keep, err := revisionFilter(q.Filters)
	if err != nil {
		return Page{}, err
	}
	var before uint64
	if q.Cursor != "" {
		if before, err = strconv.ParseUint(q.Cursor, 10, 64); err != nil || before == 0 {
			return Page{}, invalid("cursor", "not one that a list answered")
		}
	}
	page := Page{Items: []any{}}
	err = s.store.EachRevision(ctx, org, before, func(r *store.Revision, changes iter.Seq[*store.Change]) bool {
		if !keep(r, changes) {
			return true
		}
		if !q.All && len(page.Items) == q.limit() {
			page.NextCursor = strconv.FormatUint(before, 10)
			return false
		}
		page.Items, before = append(page.Items, shownRevision(r, listedChanges)), r.Revision
		return true
	})
	return page, err
}

// A revisionCondition is asked about a revision and all its changes.
type revisionCondition func(*store.Revision, iter.Seq[*store.Change]) bool

// revisionFilter makes one condition of the filters.
func revisionFilter(filters map[string]string) (revisionCondition, error) {
	var all, ofChanges []revisionCondition // the latter cost more
	var e InputError
	for name, want := range filters {
		at := func(early func(at, wanted time.Time) bool) revisionCondition {
			wanted, err := time.Parse(time.RFC3339, want)
			if err != nil {
				e.Fields = append(e.Fields, Fault(name, "want a time, such as 2006-01-02T15:04:05Z"))
			}
			return func(r *store.Revision, _ iter.Seq[*store.Change]) bool { return !early(r.At, wanted) }
		}
		part := func(text func(*store.Revision) string) revisionCondition {
			want := folded(want)
			return func(r *store.Revision, _ iter.Seq[*store.Change]) bool {
				return strings.Contains(folded(text(r)), want)
			}
		}
		paths := func(has func(path string) bool) revisionCondition {
			return func(_ *store.Revision, changes iter.Seq[*store.Change]) bool {
				for c := range changes {
					if has(c.Path) {
						return true
					}
				}
				return false
			}
		}
		switch name {
		case "by~":
			all = append(all, part(func(r *store.Revision) string { return r.By }))
		case "summary~":
			all = append(all, part(func(r *store.Revision) string { return r.Summary }))
		case "path~":
			ofChanges = append(ofChanges, paths(func(path string) bool { return strings.Contains(path, folded(want)) }))
		case "collection":
			ofChanges = append(ofChanges, paths(func(path string) bool { return strings.HasPrefix(path, want+"/") }))
		case "since":
			all = append(all, at(time.Time.Before))
		case "until":
			all = append(all, at(time.Time.After))
		default:
			e.Fields = append(e.Fields, Fault(name, "unknown filter"))
		}
	}
	if len(e.Fields) > 0 {
		return nil, &e
	}
	all = append(all, ofChanges...)
	return func(r *store.Revision, changes iter.Seq[*store.Change]) bool {
		return !slices.ContainsFunc(all, func(keep revisionCondition) bool { return !keep(r, changes) })
	}, nil
}

// shownRevision shows the first of the changes that it comes with.
func shownRevision(r *store.Revision, most int) *RevisionView {
	v := &RevisionView{Revision: *r, ChangeCount: r.Count}
	v.Generated = nil
	// Cloned, so that what is not shown is not kept.
	v.Changes = slices.Clone(r.Changes[:min(most, len(r.Changes))])
	if v.Changes == nil {
		v.Changes = []store.Change{}
	}
	return v
}

// Revision answers one, with a thousand of its changes from the one at an index.
func (s *Service) Revision(ctx context.Context, org string, n uint64, from int) (*RevisionView, error) {
	r, err := s.store.RevisionByNumber(ctx, org, n, from, shownChanges)
	if err != nil {
		return nil, asMissing(err, "revision")
	}
	return shownRevision(r, shownChanges), nil
}

// RestoreRevision makes the configuration what it was right after a revision,
// as a new one; with try it only answers what that would change.
func (s *Service) RestoreRevision(ctx context.Context, org string, n uint64, by store.Author, try bool) (*RevisionView, error) {
	by.Summary = "restore revision " + strconv.FormatUint(n, 10)
	return s.goBack(ctx, org, by, s.store.Restoring(ctx, org, n), try)
}

// UndoRevision takes back what one revision changed and leaves what came later; it
// is refused where that was about the same records.
func (s *Service) UndoRevision(ctx context.Context, org string, n uint64, by store.Author, try bool) (*RevisionView, error) {
	by.Summary = "undo revision " + strconv.FormatUint(n, 10)
	r, err := s.store.RevisionByNumber(ctx, org, n, 0, shownChanges)
	if err != nil {
		return nil, asMissing(err, "revision")
	}
	stay := slices.ContainsFunc(r.Changes, func(c store.Change) bool { return c.Secret && c.Op == store.OpUpdate })
	edit := s.store.Undoing(ctx, org, n)
	if stay && !try {
		would, err := s.goBack(ctx, org, by, edit, true)
		if err != nil {
			return nil, err
		}
		if would.ChangeCount == 0 {
			return nil, refuse(409, "revision %d only set passwords or other secrets: what they were before is not kept, so that it cannot be taken back; set new ones", n)
		}
	}
	v, err := s.goBack(ctx, org, by, edit, try)
	if v != nil {
		v.SecretsStay = stay
	}
	return v, err
}

func (s *Service) goBack(ctx context.Context, org string, by store.Author, edit func(*store.Edit) error, try bool) (*RevisionView, error) {
	save := s.store.Update
	if try {
		save = s.store.Try
	}
	r, err := save(ctx, org, by, func(e *store.Edit) error {
		e.Shown = shownChanges
		if err := edit(e); err != nil {
			return err
		}
		return holdAdmin(e)
	})
	var conflict *store.ConflictError
	switch {
	case errors.As(err, &conflict):
		sn, known := s.store.Snapshot(org)
		if !known {
			return nil, ErrNoOrganization
		}
		return nil, refusalOf(sn, conflict, store.Say("stands in the way"))
	case err != nil:
		return nil, asMissing(err, "revision")
	}
	if try {
		return shownRevision(&r, shownChanges), nil
	}
	if r.Count >= manyChanges {
		s.prepareUsers(org)
	}
	s.readdress(ctx, org, by, &r)
	return shownRevision(&r, shownChanges), nil
}
