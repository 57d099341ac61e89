package provisioning

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"strowger/routing"
	"strowger/store"
)

// A Write is one change of a draft: what a page would send to the record's own
// operation.
type Write struct {
	Collection string         `json:"collection"` // such as users, time_schedules
	Op         string         `json:"op" enum:"create,update,delete"`
	ID         string         `json:"id,omitempty"`
	IfMatch    string         `json:"if_match,omitempty"` // the ETag that the record must still have
	Value      map[string]any `json:"value,omitempty"`    // a new record, or a merge patch
}

// A DraftRequest is a change set that is nowhere yet, and the calls to try it on.
type DraftRequest struct {
	Writes  []Write   `json:"writes"`
	Summary string    `json:"summary,omitempty"` // for the revision
	Since   time.Time `json:"since,omitzero"`    // a day ago without it
	Until   time.Time `json:"until,omitzero"`    // now without it
}

// A DraftPreview says what a draft would change.
type DraftPreview struct {
	Changes     []store.Change `json:"changes"` // the first thousand
	ChangeCount int            `json:"change_count"`
	// CallsLooked is how many calls of the period were gone through again, the
	// newest ones; CallsDiffer how many of them would have gone elsewhere.
	CallsLooked int           `json:"calls_looked"`
	CallsDiffer int           `json:"calls_differ"`
	MoreCalls   bool          `json:"more_calls"` // the period has more calls than were looked at
	Calls       []DraftedCall `json:"calls"`      // the newest that differ
}

// A DraftedCall is a call that would have gone elsewhere.
type DraftedCall struct {
	ID        string    `json:"id"`
	StartedAt time.Time `json:"started_at"`
	From      string    `json:"from"`
	To        string    `json:"to"`
	Was       string    `json:"was"`   // what the present configuration does with it, in a sentence
	Would     string    `json:"would"` // what the draft does
}

const (
	mostWrites    = 1000
	mostReplayed  = 5000
	shownReplayed = 100
)

// notDrafted are collections whose new records have secrets that are shown once, or
// that are files.
var notDrafted = []string{"tokens", "app_devices", "devices", "audio_files"}

// A draft is the edit of some writes, and what it has come to once that was tried.
type draft struct {
	edit  func(*store.Edit) error
	names map[string]string // what the writes call the records, by their paths
	fresh []*made           // by the writes that create one; nil by others
}

// draft makes the edit of the writes.
func (s *Service) draft(req *DraftRequest) (*draft, error) {
	if len(req.Writes) == 0 || len(req.Writes) > mostWrites {
		return nil, invalid("writes", "want 1 to %d", mostWrites)
	}
	d := &draft{names: make(map[string]string), fresh: make([]*made, len(req.Writes))}
	var steps []func(*store.Edit) error
	for i, w := range req.Writes {
		at := fmt.Sprintf("writes[%d]", i)
		c, ok := FindCollection(w.Collection)
		if !ok || slices.Contains(notDrafted, w.Collection) {
			return nil, invalid(at+".collection", "%q cannot be drafted", w.Collection)
		}
		if w.Value == nil && w.Op != "delete" {
			return nil, invalid(at+".value", "missing")
		}
		var input any = w.Value
		if w.Op != "delete" {
			var err error
			if input, err = c.outside(s, w.Value); err != nil {
				return nil, within(at+".value", err)
			}
		}
		if w.Op == "delete" && w.Collection == users.name {
			return nil, invalid(at+".op", "a user is deleted by itself, which asks what is to become of all that goes with the user")
		}
		var step func(*store.Edit) (*made, error)
		switch w.Op {
		case "create":
			step = func(e *store.Edit) (*made, error) { return c.create(s, e, input) }
		case "update":
			step = func(e *store.Edit) (*made, error) { return c.change(s, e, w.ID, input, w.IfMatch) }
		case "delete":
			step = func(e *store.Edit) (*made, error) { return nil, c.remove(s, e, w.ID, w.IfMatch) }
		default:
			return nil, invalid(at+".op", "%q must be one of create, update, delete", w.Op)
		}
		steps = append(steps, func(e *store.Edit) error {
			m, err := step(e)
			if m != nil {
				maps.Copy(d.names, m.names(c, at+".value"))
			}
			if w.Op == "create" {
				d.fresh[i] = m
			}
			return within(at+".value", relative(err, c, m))
		})
	}
	d.edit = func(e *store.Edit) error {
		for _, step := range steps {
			if err := step(e); err != nil {
				return err
			}
		}
		return holdAdmin(e)
	}
	return d, nil
}

// PreviewDraft says which records a draft would change, and which calls of a period
// would have gone elsewhere: the records of calls are put to [routing.Decide] again,
// with the configuration as it is and as it would be. Nothing is saved.
func (s *Service) PreviewDraft(ctx context.Context, org string, by store.Author, raw []byte) (*DraftPreview, error) {
	var req DraftRequest
	if err := Decode(raw, &req); err != nil {
		return nil, err
	}
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, err
	}
	d, err := s.draft(&req)
	if err != nil {
		return nil, err
	}
	if req.Until.IsZero() {
		req.Until = s.now()
	}
	if req.Since.IsZero() {
		req.Since = req.Until.Add(-24 * time.Hour)
	}
	if req.Until.Before(req.Since) {
		return nil, invalid("until", "is before since")
	}
	rev, is, would, err := s.store.Preview(ctx, org, by, d.edit)
	if err != nil {
		return nil, renamed(named(sn, err), d.names)
	}
	shown := shownRevision(&rev, shownChanges)
	p := &DraftPreview{Changes: shown.Changes, ChangeCount: shown.ChangeCount, Calls: []DraftedCall{}}
	return p, s.replay(ctx, org, &req, is, would, p)
}

// replay goes through the calls of the period, newest first.
func (s *Service) replay(ctx context.Context, org string, req *DraftRequest, is, would *store.Snapshot, p *DraftPreview) error {
	for before := ""; ; {
		calls, err := s.store.Calls(ctx, org, before, chunk)
		if err != nil {
			return err
		}
		for _, c := range calls {
			switch {
			case c.StartedAt.After(req.Until):
				continue
			case c.StartedAt.Before(req.Since):
				return nil
			case p.CallsLooked == mostReplayed:
				p.MoreCalls = true
				return nil
			}
			p.CallsLooked++
			d, differs := routing.Replay(is, would, c)
			if !differs {
				continue
			}
			if p.CallsDiffer++; len(p.Calls) < shownReplayed {
				p.Calls = append(p.Calls, DraftedCall{c.ID, c.StartedAt, c.From, c.To, d.Was, d.Would})
			}
		}
		if len(calls) < chunk {
			return nil
		}
		before = calls[len(calls)-1].ID
	}
}

// ApplyDraft saves a draft, as one revision.
func (s *Service) ApplyDraft(ctx context.Context, org string, by store.Author, raw []byte) (*RevisionView, error) {
	var req DraftRequest
	if err := Decode(raw, &req); err != nil {
		return nil, err
	}
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, err
	}
	d, err := s.draft(&req)
	if err != nil {
		return nil, err
	}
	if by.Summary = shorten(req.Summary, 200); by.Summary == "" {
		by.Summary = "apply a draft"
	}
	rev, err := s.store.Update(ctx, org, by, d.edit)
	if err != nil {
		return nil, renamed(named(sn, err), d.names)
	}
	s.readdress(ctx, org, by, &rev)
	if base := s.linkBase(ctx, sn.Organization); base != "" {
		for i, m := range d.fresh {
			if m != nil {
				s.Welcome(ctx, org, by, req.Writes[i].Collection, m.id, base)
			}
		}
	}
	return shownRevision(&rev, shownChanges), nil
}
