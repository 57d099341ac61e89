package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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

	// Generated are the passwords that this change made up, for the one answer
	// that may show them. They are kept nowhere else.
	Generated []GeneratedSecret `json:"-"`
}

// What a change did.
const (
	OpCreate = "create"
	OpUpdate = "update"
	OpDelete = "delete"
)

// A Change is one record before and after, without its secrets.
type Change struct {
	Path   string          `json:"path"` // collection/id
	Op     string          `json:"op"`
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
	Secret bool            `json:"secret,omitempty"` // a write-only field was set
}

func (r *Revision) fields(c *codec) {
	c.uint(1, &r.Revision)
	c.str(2, &r.Org)
	c.time(3, &r.At)
	c.str(4, &r.By)
	c.str(5, &r.Summary)
	list(c, 6, &r.Changes, (*Change).fields)
}

func (ch *Change) fields(c *codec) {
	c.str(1, &ch.Path)
	c.str(2, &ch.Op)
	c.blob(3, (*[]byte)(&ch.Before))
	c.blob(4, (*[]byte)(&ch.After))
	c.bool(5, &ch.Secret)
}

func revisionKey(org string, n uint64) []byte {
	return binary.BigEndian.AppendUint64(recordKey(org, ""), n)
}

var errStop = errors.New("enough")

// Revisions lists an organization's change sets, newest first, those before a
// number (0: from the newest).
func (st *Store) Revisions(ctx context.Context, org string, before uint64, limit int) ([]Revision, error) {
	var out []Revision
	err := st.EachRevision(ctx, org, before, func(r *Revision) bool {
		if len(out) == limit {
			return false
		}
		out = append(out, *r)
		return true
	})
	return out, err
}

// EachRevision goes through an organization's change sets, newest first, those
// before a number (0: from the newest), until f answers false. One may hold the
// changes of a hundred thousand records: f keeps what it needs.
func (st *Store) EachRevision(ctx context.Context, org string, before uint64, f func(*Revision) bool) error {
	if _, ok := st.Snapshot(org); !ok {
		return notFound("organizations", org)
	}
	if before == 0 {
		before = 1<<64 - 1
	}
	return st.eachRevision(ctx, org, 0, before, func(r *Revision) error {
		if !f(r) {
			return errStop
		}
		return nil
	})
}

// RevisionByNumber finds one change set of an organization.
func (st *Store) RevisionByNumber(ctx context.Context, org string, n uint64) (*Revision, error) {
	var found *Revision
	err := st.eachRevision(ctx, org, n, n+1, func(r *Revision) error {
		found = r
		return nil
	})
	if err == nil && found == nil {
		err = notFound("revisions", fmt.Sprint(n))
	}
	return found, err
}

// eachRevision goes backwards through those that are at least from and less
// than before.
func (st *Store) eachRevision(ctx context.Context, org string, from, before uint64, f func(*Revision) error) error {
	err := st.backend.View(ctx, func(r Reader) error {
		return r.RangeBack(BucketRevisions, revisionKey(org, from), revisionKey(org, before), func(key, value []byte) error {
			rev := new(Revision)
			if !decode(string(value), rev.fields) {
				return fmt.Errorf("revisions/%q does not decode: %w", key, ErrDamaged)
			}
			return f(rev)
		})
	})
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

// Restoring gives the edit that brings the configuration of an organization back
// to what it was right after revision n. A record that was deleted since comes
// back with its secret; one that is still there keeps the secret that it has now,
// so that a password which was changed for a reason stays changed. Tokens are left
// alone: one that was taken back must not return. So is the organization's domain,
// which may lead elsewhere by now, and of the networks that deliveries may go to.
func (st *Store) Restoring(ctx context.Context, org string, n uint64) func(*Edit) error {
	return func(e *Edit) error {
		if _, err := st.RevisionByNumber(ctx, org, n); err != nil {
			return err
		}
		was := map[string]json.RawMessage{}
		var order []string
		err := st.eachRevision(ctx, org, n+1, 1<<64-1, func(r *Revision) error {
			for i := len(r.Changes) - 1; i >= 0; i-- {
				ch := r.Changes[i]
				if _, ok := was[ch.Path]; !ok {
					order = append(order, ch.Path)
				}
				was[ch.Path] = ch.Before
			}
			return nil
		})
		if err != nil {
			return err
		}
		return st.undo(ctx, org, e, order, func(path string) json.RawMessage { return was[path] })
	}
}

// Undoing gives the edit that takes back what revision n changed, and leaves what
// was changed later. It is refused, with the paths of the records, where a later
// change was to the same ones.
func (st *Store) Undoing(ctx context.Context, org string, n uint64) func(*Edit) error {
	return func(e *Edit) error {
		rev, err := st.RevisionByNumber(ctx, org, n)
		if err != nil {
			return err
		}
		before := make(map[string]json.RawMessage, len(rev.Changes))
		order := make([]string, 0, len(rev.Changes))
		for i := len(rev.Changes) - 1; i >= 0; i-- {
			ch := rev.Changes[i]
			order, before[ch.Path] = append(order, ch.Path), ch.Before
		}
		var later []string
		err = st.eachRevision(ctx, org, n+1, 1<<64-1, func(r *Revision) error {
			for _, ch := range r.Changes {
				if _, ours := before[ch.Path]; ours && !slices.Contains(later, ch.Path) {
					later = append(later, ch.Path)
				}
				if len(later) == mostLater {
					return errStop
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if len(later) > 0 {
			return conflicting(fmt.Sprint("revisions/", n), "", "cannot be undone by itself: what it changed was changed again later", later...)
		}
		return st.undo(ctx, org, e, order, func(path string) json.RawMessage { return before[path] })
	}
}

// mostLater is how many records a refused undo names.
const mostLater = 20

// undo gives records their former states; nil is none.
func (st *Store) undo(ctx context.Context, org string, e *Edit, paths []string, before func(path string) json.RawMessage) error {
	e.revive = func(collection, id string) (sec Secret, ok bool) {
		err := st.backend.View(ctx, func(r Reader) error {
			data, err := r.Get(BucketOldSecrets, recordKey(org, collection+"/"+id))
			if err == nil && data != nil {
				ok = decode(string(data), sec.fields)
			}
			return err
		})
		return sec, ok && err == nil
	}
	for _, path := range paths {
		if err := e.undo(path, before(path)); err != nil {
			return fmt.Errorf("restore %s: %w", path, err)
		}
	}
	return nil
}

// undo gives a record its former state; nil is none.
func (e *Edit) undo(path string, before json.RawMessage) error {
	collection, id, _ := strings.Cut(path, "/")
	switch collection {
	case inTokens:
		return nil
	case "organizations":
		if before == nil {
			return nil
		}
		var o Organization
		if err := json.Unmarshal(before, &o); err != nil {
			return err
		}
		o.Domain = e.Organization.Get().Domain
		o.PrivateDestinations = e.Organization.Get().PrivateDestinations
		return e.Organization.Put(o)
	case inUsers:
		return e.undoUser(id, before)
	}
	return e.undoRecord(collection, id, before)
}

// undoUser leaves the invitation as it is: one that was used or voided must not
// look as if it still stood.
func (e *Edit) undoUser(id string, before json.RawMessage) error {
	now, there := e.Users.Get(id)
	if before == nil || !there {
		return e.undoRecord(inUsers, id, before)
	}
	var u User
	if err := json.Unmarshal(before, &u); err != nil {
		return err
	}
	u.Invitation = now.Invitation
	return e.Users.Put(u)
}

func (e *Edit) undoRecord(collection, id string, before json.RawMessage) error {
	for _, ed := range e.editors() {
		if ed.name() != collection {
			continue
		}
		if before != nil {
			return ed.putJSON(before)
		}
		if err := ed.delete(id); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		return nil
	}
	return fmt.Errorf("unknown collection %s: %w", collection, ErrDamaged)
}
