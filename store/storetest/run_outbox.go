package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"strowger/store"
)

// outboxKeepsPromises: a capture is queued once for each of its methods, whoever
// asks how often; what became of it is in the ledger; nobody takes that back.
func outboxKeepsPromises(t *testing.T, open func() store.Backend) {
	ctx := context.Background()
	st := reopen(t, nil, open)
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	line := &store.CallRecording{ID: "r", Org: "default", CreatedAt: at, State: store.RecordingCaptured, Spool: "spool/r.rtp", Deliveries: []store.Delivery{
		{DeliveryMethodID: "disk", State: store.DeliveryWaiting}, {DeliveryMethodID: "nas", State: store.DeliveryWaiting}}}
	must(t, st.PutRecording(ctx, line))
	must(t, st.HandOver(ctx, store.JobRecording, "default", "r", ""))
	select {
	case <-st.Outbox():
	default:
		t.Error("nobody was woken")
	}
	st = reopen(t, st, open)
	must(t, st.HandOver(ctx, store.JobRecording, "default", "r", "")) // again, after a crash
	queued, err := st.Queued(ctx)
	must(t, err)
	if len(queued) != 2 || queued[0].Org != "default" {
		t.Fatalf("queued: %+v", queued)
	}
	// The recorder writes the line once more, with what it knows.
	line.State = store.RecordingDelivered
	must(t, st.PutRecording(ctx, line))
	if r, err := st.Recording(ctx, "default", "r"); err != nil || r.State != store.RecordingCaptured || r.Deliveries[0].State != store.DeliveryQueued {
		t.Fatalf("with two deliveries under way: %+v %v", r, err)
	}
	for i, q := range queued {
		must(t, st.NoteDelivery(ctx, store.JobRecording, "default", "r", store.Delivery{DeliveryMethodID: q.DeliveryMethodID, State: store.DeliveryDelivered, SHA256: "abc", Where: "there"}))
		j, err := st.ChangeJob(ctx, "default", q.ID, func(j *store.Job) error { j.State, j.EndedAt = store.JobDone, at; return nil })
		must(t, err)
		r, err := st.Recording(ctx, "default", "r")
		must(t, err)
		if want := []store.RecordingState{store.RecordingCaptured, store.RecordingDelivered}[i]; r.State != want || j.What != "r" {
			t.Errorf("after %d deliveries: %+v", i+1, r)
		}
	}
	must(t, st.PutRecording(ctx, line))
	if r, err := st.Recording(ctx, "default", "r"); err != nil || r.State != store.RecordingDelivered || r.Deliveries[1].Where != "there" {
		t.Errorf("the proof is gone: %+v %v", r, err)
	}
	if queued, err := st.Queued(ctx); err != nil || len(queued) != 0 {
		t.Errorf("still queued: %+v %v", queued, err)
	}
	wrong := errors.New("no")
	if _, err := st.ChangeJob(ctx, "default", queued[0].ID, func(j *store.Job) error { j.State = store.JobDead; return wrong }); err != wrong {
		t.Errorf("a refused change: %v", err)
	}
	if j, err := st.Job(ctx, "default", queued[0].ID); err != nil || j.State != store.JobDone {
		t.Errorf("a refused change was kept: %+v %v", j, err)
	}
	if _, err := st.Job(ctx, "acme", queued[0].ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another organization's job: %v", err)
	}
	must(t, st.DeleteJob(ctx, "default", queued[1].ID))
	all, err := st.Jobs(ctx, "default", "", 10)
	must(t, err)
	if len(all) != 1 {
		t.Errorf("%d jobs are left", len(all))
	}
	must(t, st.Close())
}

// mailIsSealed: what a mail says stands in no bucket, and one id is one mail.
func mailIsSealed(t *testing.T, open func() store.Backend) {
	ctx := context.Background()
	st := reopen(t, nil, open)
	m := store.Mail{To: []string{"anna@example.com"}, Subject: "Welcome", Text: "the code is 4711-verysecret",
		Attachments: []store.Attachment{{Name: "qr.png", Type: "image/png", ContentID: "qr", Data: []byte{1, 2, 3}}}}
	for range 2 {
		_, err := st.QueueMail(ctx, "default", "welcome", m)
		must(t, err)
	}
	for what, wrong := range map[string]store.Mail{
		"no recipient": {Subject: "x"},
		"too large":    {To: m.To, Attachments: []store.Attachment{{Data: make([]byte, store.MaxMail)}}},
	} {
		if _, err := st.QueueMail(ctx, "default", "", wrong); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := st.QueueMail(ctx, "nobody", "", m); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("mail of no organization: %v", err)
	}
	st = reopen(t, st, open)
	queued, err := st.Queued(ctx)
	must(t, err)
	if len(queued) != 1 || queued[0].DeliveryMethodID != "" {
		t.Fatalf("queued: %+v", queued)
	}
	j, err := st.Job(ctx, "default", "welcome")
	must(t, err)
	back, err := st.OpenMail(j)
	must(t, err)
	if fmt.Sprint(back) != fmt.Sprint(m) {
		t.Errorf("%+v", back)
	}
	must(t, st.Close())
	b := open()
	defer b.Close()
	for _, bucket := range store.Buckets {
		for _, kept := range contents(t, b, bucket, nil, nil) {
			if strings.Contains(kept, "verysecret") {
				t.Errorf("%s holds what the mail says", bucket)
			}
		}
	}
}

// doneIsSweptDeadStays: the outbox forgets what was done long ago.
func doneIsSweptDeadStays(t *testing.T, open func() store.Backend) {
	ctx := context.Background()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	st := Open(t, open(), store.Options{Now: func() time.Time { return now }})
	for _, id := range []string{"queued", "done", "dead"} {
		_, err := st.QueueMail(ctx, "default", id, store.Mail{To: []string{"a@example.com"}})
		must(t, err)
		_, err = st.ChangeJob(ctx, "default", id, func(j *store.Job) error { j.State = store.JobState(id); return nil })
		must(t, err)
	}
	if n, err := st.SweepOutbox(ctx); n != 0 || err != nil {
		t.Errorf("swept %d at once, %v", n, err)
	}
	now = now.Add(store.DoneAge + time.Second)
	if n, err := st.SweepOutbox(ctx); n != 1 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	if _, err := st.Job(ctx, "default", "done"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("what was done long ago: %v", err)
	}
	all, err := st.Jobs(ctx, "default", "", 10)
	must(t, err)
	if len(all) != 2 {
		t.Errorf("%d jobs are left", len(all))
	}
}
