package provisioning

import (
	"context"
	"errors"
	"sync"
	"time"

	"strowger/store"
)

// maxFailedRows of an organization in an hour: who guesses cannot fill the log.
const maxFailedRows = 100

// failedRows counts the failures that were written in this hour.
type failedRows struct {
	mu   sync.Mutex
	hour int64 // since 1970
	rows map[string]int
}

// take says whether one more may be written, and whether it is the last.
func (f *failedRows) take(org string, now time.Time) (ok, last bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if hour := now.Unix() / 3600; hour != f.hour || f.rows == nil {
		f.hour, f.rows = hour, map[string]int{}
	}
	f.rows[org]++
	return f.rows[org] <= maxFailedRows, f.rows[org] == maxFailedRows
}

// note writes what somebody did at the door.
func (s *Service) note(ctx context.Context, org, event string, u *store.User, from Client, detail string) {
	e := &store.AccessEvent{
		Org: org, At: s.now(), Event: event,
		Source: from.Address, UserAgent: shorten(from.UserAgent, 200), Detail: detail,
	}
	if u != nil {
		e.UserID, e.Login = u.ID, u.Login
	}
	s.write(ctx, e)
}

// write puts an event into the audit log. Nobody is kept from signing in or out because
// it cannot be written: that is an alarm of its own.
func (s *Service) write(ctx context.Context, e *store.AccessEvent) {
	e.ID = store.NewID()
	// It happened, also when who asked has gone meanwhile.
	if err := s.store.PutAccessEvent(context.WithoutCancel(ctx), e); err != nil {
		s.log.Warn("an access event is not in the audit log", "event", e.Event, "user", e.UserID, "device", e.DeviceID, "source", e.Source, "err", err)
	}
}

// noteFailure writes that somebody did not get in as u; a login that nobody has is
// not kept, for people type their passwords there.
func (s *Service) noteFailure(ctx context.Context, org string, u *store.User, from Client, detail string) {
	ok, last := s.failed.take(org, s.now())
	if !ok {
		return
	}
	if last {
		detail += "; more of this hour are not listed"
	}
	s.note(ctx, org, store.SignInFailed, u, from, detail)
}

// AccessEvents lists who signed in and out, who tried to, and which phones fetched
// what, newest first.
func (s *Service) AccessEvents(ctx context.Context, org string, q Query) (Page, error) {
	same := func(e *store.AccessEvent, _ string) *store.AccessEvent { return e }
	page, err := newest(q, nil, func(e *store.AccessEvent) string { return e.ID }, same,
		func(e *store.AccessEvent) any { return e },
		func(before string, limit int) ([]*store.AccessEvent, error) {
			return s.store.AccessEvents(ctx, org, before, limit)
		})
	if errors.Is(err, store.ErrNotFound) {
		return Page{}, invalid("cursor", "not one that a list answered lately")
	}
	return page, err
}
