package store

import (
	"context"
	"encoding/binary"
	"errors"
	"time"
)

// How long and how many access events of an organization are kept.
const (
	AccessAge       = 365 * 24 * time.Hour
	maxAccessEvents = 100_000
)

// What an access event is of.
const (
	SignedIn        = "signed_in"
	SignInFailed    = "sign_in_failed"
	SignedOut       = "signed_out"
	PasswordChanged = "password_changed"
	ResetMailed     = "password_reset_mailed"
	EmailConfirmed  = "email_confirmed" // the link that was mailed to a new address was followed
	TOTPEnabled     = "totp_enabled"
	TOTPDisabled    = "totp_disabled"
	PasskeyAdded    = "passkey_added"
	PasskeyRemoved  = "passkey_removed"
	OpenIDLinked    = "openid_linked"    // a provider's account is that user from now on
	OpenIDUnlinked  = "openid_unlinked"  // and is not any more
	PhoneFetched    = "phone_fetched"    // a desk phone was given a file of its configuration
	PhoneDenied     = "phone_denied"     // it was not, though the address was its own: Detail says why
	RetentionPassed = "retention_passed" // what was kept of calls is deleted: Detail says what
)

// An AccessEvent is one thing that happened at the door, or that the exchange did by
// itself. What people change once they are in is in the revisions.
type AccessEvent struct {
	ID        string    `json:"id"`
	Org       string    `json:"-"`
	At        time.Time `json:"at"`
	Event     string    `json:"event"`
	UserID    string    `json:"user_id"` // empty: of no user here
	Login     string    `json:"login"`
	Source    string    `json:"source"` // address
	UserAgent string    `json:"user_agent"`
	Detail    string    `json:"detail"`
	DeviceID  string    `json:"device_id"` // of the desk phone; empty: of none
	File      string    `json:"file"`      // that it asked for
}

func (e *AccessEvent) fields(c *codec) {
	c.str(1, &e.ID)
	c.time(2, &e.At)
	c.str(3, &e.Event)
	c.str(4, &e.UserID)
	c.str(5, &e.Login)
	c.str(6, &e.Source)
	c.str(7, &e.UserAgent)
	c.str(8, &e.Detail)
	c.str(9, &e.DeviceID)
	c.str(10, &e.File)
}

var accessEvents = &dated[AccessEvent]{
	records: BucketAccess, ids: BucketAccessIDs,
	id:     func(e *AccessEvent) (string, string) { return e.Org, e.ID },
	at:     func(e *AccessEvent) time.Time { return e.At },
	setOrg: func(e *AccessEvent, org string) { e.Org = org },
	fields: (*AccessEvent).fields,
}

// PutAccessEvent writes one. It is on disk when it returns.
func (st *Store) PutAccessEvent(ctx context.Context, e *AccessEvent) error {
	return accessEvents.save(ctx, st, e, nil)
}

// AccessEvents lists them, newest first: those older than the one with the id
// before, or the newest.
func (st *Store) AccessEvents(ctx context.Context, org, before string, limit int) ([]*AccessEvent, error) {
	return accessEvents.list(ctx, st, org, before, limit)
}

func (st *Store) sweepAccessEvents(ctx context.Context) (removed int, err error) {
	for _, org := range st.Directory().Organizations() {
		n, err := accessEvents.sweep(ctx, st, org, st.now().Add(-AccessAge), maxAccessEvents)
		if removed += n; err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// sweep removes an organization's records that are older than a time, and of the
// rest the oldest beyond the most that are kept.
func (d *dated[T]) sweep(ctx context.Context, st *Store, org string, before time.Time, most int) (removed int, err error) {
	from := recordKey(org, "")
	to := datedKey(org, nanoseconds(before), "")
	kept := 0
	err = st.backend.View(ctx, func(r Reader) error {
		return r.RangeBack(d.records, to, datedKey(org, 1<<64-1, ""), func(key, _ []byte) error {
			if kept++; kept == most {
				to = append([]byte(nil), key...)
				return errStop
			}
			return nil
		})
	})
	if err != nil && !errors.Is(err, errStop) {
		return 0, err
	}
	const chunk = 500
	for {
		var ops []Op
		err := st.backend.View(ctx, func(r Reader) error {
			return r.Range(d.records, from, to, func(key, _ []byte) error {
				if len(ops) == 2*chunk {
					return errStop
				}
				id := key[len(from)+binary.Size(uint64(0)):]
				ops = append(ops, Op{Bucket: d.records, Key: append([]byte(nil), key...)}, Op{Bucket: d.ids, Key: recordKey(org, string(id))})
				return nil
			})
		})
		if err != nil && !errors.Is(err, errStop) {
			return removed, err
		}
		if len(ops) == 0 {
			return removed, nil
		}
		if err := st.backend.Commit(ctx, ops); err != nil {
			return removed, err
		}
		removed += len(ops) / 2
	}
}
