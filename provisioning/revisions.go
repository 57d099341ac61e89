package provisioning

import (
	"context"
	"reflect"
	"strconv"

	"strowger/store"
)

var noFilters = reflect.TypeFor[struct{}]()

// Revisions lists an organization's change sets, newest first.
func (s *Service) Revisions(ctx context.Context, org string, q Query) (Page, error) {
	if _, err := q.compile(noFilters); err != nil {
		return Page{}, err
	}
	var before uint64
	if q.Cursor != "" {
		var err error
		if before, err = strconv.ParseUint(q.Cursor, 10, 64); err != nil || before == 0 {
			return Page{}, invalid("cursor", "not one that a list answered")
		}
	}
	page := Page{Items: []any{}}
	for {
		limit := q.limit()
		if q.All {
			limit = chunk
		}
		revs, err := s.store.Revisions(ctx, org, before, limit+1)
		if err != nil {
			return Page{}, err
		}
		more := len(revs) > limit
		if more {
			revs = revs[:limit]
		}
		for i := range revs {
			page.Items = append(page.Items, shownRevision(&revs[i]))
			before = revs[i].Revision
		}
		if !more {
			return page, nil
		}
		if !q.All {
			page.NextCursor = strconv.FormatUint(before, 10)
			return page, nil
		}
	}
}

func shownRevision(r *store.Revision) *store.Revision {
	filled := Filled(r)
	filled.Generated = nil
	return &filled
}

// Revision answers one.
func (s *Service) Revision(ctx context.Context, org string, n uint64) (*store.Revision, error) {
	r, err := s.store.RevisionByNumber(ctx, org, n)
	if err != nil {
		return nil, asMissing(err, "revision")
	}
	return shownRevision(r), nil
}

// RestoreRevision makes the configuration what it was right after a revision,
// as a new one.
func (s *Service) RestoreRevision(ctx context.Context, org string, n uint64, by store.Author) (*store.Revision, error) {
	if by.Summary == "" {
		by.Summary = "restore revision " + strconv.FormatUint(n, 10)
	}
	r, err := s.store.Restore(ctx, org, n, by)
	if err != nil {
		return nil, asMissing(err, "revision")
	}
	return shownRevision(&r), nil
}
