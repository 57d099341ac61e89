package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"
)

// An Author says who changes the configuration, and in short what.
type Author struct {
	Who     string
	Summary string
	// Session is the id of the one that its person changes their own password in:
	// it goes on where the others end.
	Session string
	// UserID is the user who acts, or who made the token that is acted with; empty:
	// nobody of the organization.
	UserID string
}

// A Revision is one change set. Its number is unique and ascending in the whole
// store.
type Revision struct {
	Revision uint64    `json:"revision"`
	Org      string    `json:"-"`
	At       time.Time `json:"at"`
	By       string    `json:"by"`
	Summary  string    `json:"summary"`
	Changes  []Change  `json:"changes"`
	// Count is how many changes there are: Changes may be the first of them.
	Count int `json:"-"`

	// Generated are the passwords that this change made up, for the one answer
	// that may show them. They are kept nowhere else.
	Generated []GeneratedSecret `json:"-"`
	// Readdressed are the users to whose new email address this change leads, for who
	// mails them.
	Readdressed []AddressChange `json:"-"`
}

// What a change did.
const (
	OpCreate = "create"
	OpUpdate = "update"
	OpDelete = "delete"
)

// A Change is one record before and after, without its secrets.
type Change struct {
	Path   string `json:"path"` // collection/id
	Op     string `json:"op"`
	Before State  `json:"before,omitzero"`
	After  State  `json:"after,omitzero"`
	Secret bool   `json:"secret,omitempty"` // a write-only field was set
}

func (rev *Revision) fields(c *codec) {
	c.uint(1, &rev.Revision)
	c.str(2, &rev.Org)
	c.time(3, &rev.At)
	c.str(4, &rev.By)
	c.str(5, &rev.Summary)
	list(c, 6, &rev.Changes, (*Change).fields)
	more := 0 // in parts of their own
	if !c.reading {
		more = rev.Count - len(rev.Changes)
	}
	if c.int(7, &more); c.reading {
		rev.Count = len(rev.Changes) + more
	}
}

func (ch *Change) fields(c *codec) {
	c.str(1, &ch.Path)
	c.str(2, &ch.Op)
	ch.Before.text(c, 3)
	ch.After.text(c, 4)
	c.bool(5, &ch.Secret)
	collection, _, _ := strings.Cut(ch.Path, "/")
	ch.Before.stored(c, 6, collection)
	ch.After.stored(c, 7, collection)
}

func revisionKey(org string, n uint64) []byte {
	return binary.BigEndian.AppendUint64(recordKey(org, ""), n)
}

var errStop = errors.New("enough")

// Revisions lists an organization's change sets, newest first, those before a
// number (0: from the newest). Each has its first changes.
func (st *Store) Revisions(ctx context.Context, org string, before uint64, limit int) ([]Revision, error) {
	var out []Revision
	err := st.EachRevision(ctx, org, before, func(r *Revision, _ iter.Seq[*Change]) bool {
		if len(out) == limit {
			return false
		}
		out = append(out, *r)
		return true
	})
	return out, err
}

// EachRevision goes through an organization's change sets, newest first, those
// before a number (0: from the newest), until f answers false. A revision comes
// with its first changes, and with a way to go through all, which may be those of
// a hundred thousand records, as long as f runs.
func (st *Store) EachRevision(ctx context.Context, org string, before uint64, f func(r *Revision, changes iter.Seq[*Change]) bool) error {
	if _, ok := st.Snapshot(org); !ok {
		return notFound("organizations", org)
	}
	if before == 0 {
		before = 1<<64 - 1
	}
	return st.eachRevision(ctx, org, 0, before, func(reader Reader, r *Revision) error {
		var broken error
		more := f(r, func(yield func(*Change) bool) {
			broken = r.each(reader, 0, func(ch *Change) error {
				if !yield(ch) {
					return errStop
				}
				return nil
			})
		})
		if broken != nil && !errors.Is(broken, errStop) {
			return broken
		}
		if !more {
			return errStop
		}
		return nil
	})
}

// RevisionByNumber finds one change set of an organization, with at most so many of
// its changes, from the one at an index.
func (st *Store) RevisionByNumber(ctx context.Context, org string, n uint64, from, most int) (*Revision, error) {
	var found *Revision
	err := st.eachRevision(ctx, org, n, n+1, func(reader Reader, r *Revision) error {
		found = r
		var shown []Change
		err := r.each(reader, from, func(ch *Change) error {
			if len(shown) == most {
				return errStop
			}
			shown = append(shown, *ch)
			return nil
		})
		if found.Changes = shown; errors.Is(err, errStop) {
			return nil
		}
		return err
	})
	if err == nil && found == nil {
		err = notFound("revisions", fmt.Sprint(n))
	}
	return found, err
}

// eachRevision goes backwards through those that are at least from and less
// than before.
func (st *Store) eachRevision(ctx context.Context, org string, from, before uint64, f func(Reader, *Revision) error) error {
	err := st.backend.View(ctx, func(r Reader) error {
		return r.RangeBack(BucketRevisions, revisionKey(org, from), revisionKey(org, before), func(key, value []byte) error {
			rev := new(Revision)
			if !decode(string(value), rev.fields) {
				return undecodable(BucketRevisions, key)
			}
			rev.Org = org
			return f(r, rev)
		})
	})
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

// each goes through the changes from the one at an index.
func (rev *Revision) each(r Reader, from int, f func(*Change) error) error {
	for i := from; i < len(rev.Changes); i++ {
		if err := f(&rev.Changes[i]); err != nil {
			return err
		}
	}
	if rev.Count <= max(from, len(rev.Changes)) {
		return nil
	}
	skip := max(from-len(rev.Changes), 0)
	first := partKey(rev.Org, rev.Revision, uint32(skip/partChanges))
	skip %= partChanges
	return r.Range(BucketChanges, first, partKey(rev.Org, rev.Revision+1, 0), func(key, value []byte) error {
		part, err := decodePart(key, value)
		if err != nil {
			return err
		}
		for i := skip; i < len(part); i++ {
			if err := f(&part[i]); err != nil {
				return err
			}
		}
		skip = 0
		return nil
	})
}

// eachBack goes through all of them, the last first.
func (rev *Revision) eachBack(r Reader, f func(*Change) error) error {
	back := func(part []Change) error {
		for i := len(part) - 1; i >= 0; i-- {
			if err := f(&part[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if rev.Count > len(rev.Changes) {
		err := r.RangeBack(BucketChanges, partKey(rev.Org, rev.Revision, 0), partKey(rev.Org, rev.Revision+1, 0), func(key, value []byte) error {
			part, err := decodePart(key, value)
			if err != nil {
				return err
			}
			return back(part)
		})
		if err != nil {
			return err
		}
	}
	return back(rev.Changes)
}

func decodePart(key, value []byte) (part []Change, err error) {
	if !decode(string(value), func(c *codec) { list(c, 1, &part, (*Change).fields) }) {
		return nil, undecodable(BucketChanges, key)
	}
	return part, nil
}
