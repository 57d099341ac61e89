package provisioning

import (
	"context"
	"errors"
	"net/http"
	"net/mail"
	"time"

	"strowger/store"
)

// Deliveries lists the outbox, newest first: what waits, what is done, and what
// was given up.
func (s *Service) Deliveries(ctx context.Context, org string, q Query) (Page, error) {
	switch state := store.JobState(q.Filters["state"]); state {
	case "", store.JobQueued, store.JobDone, store.JobDead:
	default:
		return Page{}, invalid("state", "want queued, done or dead")
	}
	return newest(q, nil,
		func(j *store.Job) string { return j.ID },
		func(j *store.Job, _ string) *store.Job { return j },
		func(j *store.Job) any { return j },
		func(before string, limit int) ([]*store.Job, error) {
			jobs, err := s.store.Jobs(ctx, org, before, limit)
			return jobs, asMissing(err, "delivery")
		})
}

// Delivery answers one.
func (s *Service) Delivery(ctx context.Context, org, id string) (*store.Job, error) {
	j, err := s.store.Job(ctx, org, id)
	return j, asMissing(err, "delivery")
}

// RetryDelivery has one tried at once, and from then on as if it were new.
func (s *Service) RetryDelivery(ctx context.Context, org, id string) (*store.Job, error) {
	j, err := s.store.ChangeJob(ctx, org, id, func(j *store.Job) error {
		if j.State == store.JobDone {
			return refuse(409, "the delivery is done; there is nothing to retry")
		}
		now := s.now().UTC()
		j.State, j.Attempts, j.Since, j.NextTry, j.EndedAt = store.JobQueued, 0, now, now, time.Time{}
		return nil
	})
	if err != nil {
		return nil, asMissing(err, "delivery")
	}
	return j, s.noteDelivery(ctx, j, store.DeliveryQueued, j.LastError)
}

// DiscardDelivery takes one out of the outbox. Of one that was not done the
// ledger says so.
func (s *Service) DiscardDelivery(ctx context.Context, org string, by store.Author, id string) error {
	j, err := s.store.Job(ctx, org, id)
	if err != nil {
		return asMissing(err, "delivery")
	}
	if err := s.store.DeleteJob(ctx, org, id); err != nil {
		return asMissing(err, "delivery")
	}
	if j.State == store.JobDone {
		return nil
	}
	s.log.Info("a delivery was discarded", "delivery", id, "kind", j.Kind, "what", j.What, "by", by.Who)
	return s.noteDelivery(ctx, j, store.DeliveryFailed, "discarded by "+by.Who)
}

// noteDelivery puts into the ledger what an administrator did. A capture that is
// gone has no line there.
func (s *Service) noteDelivery(ctx context.Context, j *store.Job, state store.DeliveryState, why string) error {
	if j.Kind == store.JobMail {
		return nil
	}
	err := s.store.NoteDelivery(ctx, j.Kind, j.Org, j.What, store.Delivery{
		DeliveryMethodID: j.DeliveryMethodID, State: state, Tries: j.Attempts, At: s.now().UTC(), Error: why,
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// A Sender goes out without the outbox, for somebody who waits. Its errors are for
// administrators.
type Sender interface {
	TryMethod(ctx context.Context, org, methodID string) (where string, err error)
	TryMail(ctx context.Context, org, to string) (where string, err error)
	// Client is for HTTP with servers that an organization's administrator names:
	// it goes where that organization's deliveries may.
	Client(org string) *http.Client
}

// A Trial is what came of a test.
type Trial struct {
	OK     bool   `json:"ok"`
	Where  string `json:"where,omitempty"` // what was sent is now
	Error  string `json:"error,omitempty"`
	TookMS int64  `json:"took_ms"`
}

// TryDeliveryMethod delivers something small now.
func (s *Service) TryDeliveryMethod(ctx context.Context, org, id string) (*Trial, error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, err
	}
	if _, ok := sn.DeliveryMethods.Get(id); !ok {
		return nil, deliveryMethods.missing()
	}
	return s.try(func() (string, error) { return s.send.TryMethod(ctx, org, id) })
}

func (s *Service) try(send func() (string, error)) (*Trial, error) {
	if s.send == nil {
		return nil, ErrNotRunning
	}
	began := time.Now()
	where, err := send()
	t := &Trial{OK: err == nil, Where: where, TookMS: time.Since(began).Milliseconds()}
	if err != nil {
		t.Error = err.Error()
	}
	return t, nil
}

// A MailTrial says whom a test is mailed to.
type MailTrial struct {
	To string `json:"to"`
}

// TryMail mails a few words now.
func (s *Service) TryMail(ctx context.Context, org string, m MailTrial) (*Trial, error) {
	if _, err := s.snapshot(org); err != nil {
		return nil, err
	}
	if a, err := mail.ParseAddress(m.To); err != nil || a.Address != m.To {
		return nil, invalid("to", "want an email address")
	}
	return s.try(func() (string, error) { return s.send.TryMail(ctx, org, m.To) })
}

// HasMail says whether an organization has a mail server: its own, or that of the
// default organization.
func (s *Service) HasMail(org string) bool {
	for _, id := range []string{org, s.store.Directory().Default()} {
		if sn, ok := s.store.Snapshot(id); ok && sn.Organization.Mail.Host != "" {
			return true
		}
	}
	return false
}

// Mail promises a mail: it is in the outbox when Mail returns, and sent from
// there. The same id is one mail, however often it is promised; an empty one is
// a mail of its own.
func (s *Service) Mail(ctx context.Context, org, id string, m store.Mail) (*store.Job, error) {
	if !s.HasMail(org) {
		return nil, refuse(409, "no mail server is set: do it in the organization's mail")
	}
	return s.store.QueueMail(ctx, org, id, m)
}
