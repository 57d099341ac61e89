package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Restoring gives the edit that brings the configuration of an organization back
// to what it was right after revision n. A record that was deleted since comes
// back with its secret; one that is still there keeps the secret that it has now,
// so that a password which was changed for a reason stays changed. Tokens are left
// alone: one that was taken back must not return. Nor does an app device that was
// removed, and a user who comes back needs a new invitation. So is the organization's
// domain, which may lead elsewhere by now, and of the networks that deliveries may go
// to.
func (st *Store) Restoring(ctx context.Context, org string, n uint64) func(*Edit) error {
	return func(e *Edit) error {
		if _, err := st.RevisionByNumber(ctx, org, n, 0, 0); err != nil {
			return err
		}
		was := map[string]State{}
		var order []string
		err := st.eachRevision(ctx, org, n+1, 1<<64-1, func(r Reader, rev *Revision) error {
			return rev.eachBack(r, func(ch *Change) error {
				path := strings.Clone(ch.Path) // not the part that it shares
				if _, ok := was[path]; !ok {
					order = append(order, path)
				}
				was[path] = ch.Before
				return nil
			})
		})
		if err != nil {
			return err
		}
		e.revive = st.reviving(ctx, org)
		for _, path := range order {
			if err := e.undo(path, was[path]); err != nil {
				return err
			}
		}
		e.uninvite()
		return nil
	}
}

// Undoing gives the edit that takes back what revision n changed, and leaves what
// was changed later. It is refused, with the paths of the records, where a later
// change was to the same ones.
func (st *Store) Undoing(ctx context.Context, org string, n uint64) func(*Edit) error {
	return func(e *Edit) error {
		later, err := st.changedSince(ctx, org, n)
		if err != nil {
			return err
		}
		e.revive = st.reviving(ctx, org)
		var twice []string
		found := false
		err = st.eachRevision(ctx, org, n, n+1, func(r Reader, rev *Revision) error {
			found = true
			return rev.eachBack(r, func(ch *Change) error {
				if later[ch.Path] {
					if twice = append(twice, ch.Path); len(twice) == mostLater {
						return errStop
					}
				}
				if len(twice) > 0 {
					return nil
				}
				return e.undo(ch.Path, ch.Before)
			})
		})
		switch {
		case err != nil:
			return err
		case !found:
			return notFound("revisions", fmt.Sprint(n))
		case len(twice) > 0:
			return conflicting(fmt.Sprint("revisions/", n), "", Say("cannot be undone by itself: what it changed was changed again later"), twice...)
		}
		e.uninvite()
		return nil
	}
}

// mostLater is how many records a refused undo names.
const mostLater = 20

// changedSince are the paths of all records that revisions after n changed.
func (st *Store) changedSince(ctx context.Context, org string, n uint64) (map[string]bool, error) {
	paths := map[string]bool{}
	err := st.eachRevision(ctx, org, n+1, 1<<64-1, func(r Reader, rev *Revision) error {
		return rev.each(r, 0, func(ch *Change) error {
			paths[strings.Clone(ch.Path)] = true // not the part that it shares
			return nil
		})
	})
	return paths, err
}

// reviving finds the secret of a record that was deleted.
func (st *Store) reviving(ctx context.Context, org string) func(collection, id string) (Secret, bool) {
	return func(collection, id string) (sec Secret, ok bool) {
		err := st.backend.View(ctx, func(r Reader) error {
			data, err := r.Get(BucketOldSecrets, recordKey(org, collection+"/"+id))
			if err == nil && data != nil {
				ok = decode(string(data), sec.fields)
			}
			return err
		})
		return sec, ok && err == nil
	}
}

// undo gives a record its former state; the zero State is none.
func (e *Edit) undo(path string, before State) error {
	if err := e.undoPath(path, before); err != nil {
		return fmt.Errorf("restore %s: %w", path, err)
	}
	return nil
}

func (e *Edit) undoPath(path string, before State) error {
	collection, id, _ := strings.Cut(path, "/")
	id = strings.Clone(id) // a path shares the text of many changes
	switch collection {
	case inTokens:
		return nil
	case inOrganizations:
		if before.none() {
			return nil
		}
		var o Organization
		if err := before.read(&o, o.fields); err != nil {
			return err
		}
		o.Domain = e.Organization.Get().Domain
		o.PrivateDestinations = e.Organization.Get().PrivateDestinations
		return e.Organization.Put(o)
	case inUsers:
		return e.undoUser(id, before)
	case inAppDevices:
		return e.undoAppDevice(id, before)
	}
	return e.undoRecord(collection, id, before)
}

// undoUser leaves the invitation as it is, and which address is known to be the
// user's: a link that was used or voided must not look as if it still stood.
func (e *Edit) undoUser(id string, before State) error {
	now, there := e.Users.Get(id)
	if before.none() || !there {
		return e.undoRecord(inUsers, id, before)
	}
	var u User
	if err := before.read(&u, u.fields); err != nil {
		return err
	}
	u.Invitation, u.EmailVerification = now.Invitation, now.EmailVerification
	return e.Users.Put(u)
}

// uninvite has the users who come back without an invitation, but for one that was
// sent and not used: the apps that they had stay signed out.
func (e *Edit) uninvite() {
	for id := range e.Users.touched {
		if _, was := e.Users.base.Get(id); was {
			continue
		}
		u, is := e.Users.Get(id)
		if !is || u.Invitation.State == InvitationNone {
			continue
		}
		if u.Invitation.State == InvitationSent {
			if sec, _ := e.revive(inUsers, id); sec.Code != "" {
				continue
			}
		}
		e.Users.modify(id, func(u *User) { u.Invitation = Invitation{State: InvitationNone} })
	}
}

// undoAppDevice does not bring one back that was removed: whoever has the telephone
// would be let in again. One that is there stays its user's.
func (e *Edit) undoAppDevice(id string, before State) error {
	now, there := e.AppDevices.Get(id)
	switch {
	case !there:
		return nil
	case before.none():
		return e.AppDevices.Delete(id)
	}
	var d AppDevice
	if err := before.read(&d, d.fields); err != nil {
		return err
	}
	d.UserID, d.Username = now.UserID, now.Username
	return e.AppDevices.Put(d)
}

func (e *Edit) undoRecord(collection, id string, before State) error {
	for _, ed := range e.editors() {
		if ed.name() != collection {
			continue
		}
		if !before.none() {
			return ed.putState(before)
		}
		if err := ed.delete(id); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		return nil
	}
	return fmt.Errorf("unknown collection %s: %w", collection, ErrDamaged)
}
