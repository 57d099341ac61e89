package call

import (
	"context"
	"errors"
	"testing"
	"time"

	"strowger/media/record"
	"strowger/store"
	"strowger/store/storetest"
)

// What a crash left unfinished is finished as what it was: a caller who
// withheld the number has not shown it since.
func TestLedgerKeepsWithheld(t *testing.T) {
	ctx := context.Background()
	st := storetest.New(t)
	l := NewLedger(st)
	meta := encodeMeta(captureMeta{CallID: "c", UserIDs: []string{"u2"}, From: "101", Withheld: true, CallerUserID: "u1", To: "102"})
	if err := l.Put(ctx, record.Entry{ID: "r", Org: store.DefaultOrganization, State: record.Capturing, Meta: meta}); err != nil {
		t.Fatal(err)
	}
	open, err := l.Unfinished(ctx)
	if err != nil || len(open) != 1 {
		t.Fatalf("unfinished: %+v %v", open, err)
	}
	open[0].State, open[0].Interrupted = record.Delivered, true
	if err := l.Put(ctx, open[0]); err != nil {
		t.Fatal(err)
	}
	r, err := st.Recording(ctx, store.DefaultOrganization, "r")
	if err != nil || !r.Withheld || r.CallerUserID != "u1" || r.From != "101" || !r.Interrupted {
		t.Errorf("%+v %v", r, err)
	}
}

// A capture whose organization or record was deleted is nobody's: the recorder hears
// so, and to drop what is not there is no error.
func TestLedgerOfTheDeleted(t *testing.T) {
	ctx := context.Background()
	st := storetest.New(t)
	by := store.Author{Who: "test"}
	if _, err := st.CreateOrganization(ctx, by, store.Organization{Meta: store.Meta{ID: "acme"}, Name: "Acme"}); err != nil {
		t.Fatal(err)
	}
	l := NewLedger(st)
	for _, kind := range []string{record.KindRecording, record.KindVoicemail} {
		e := record.Entry{ID: "mine", Kind: kind, Org: "acme", State: record.Capturing, CreatedAt: time.Now()}
		if err := l.Put(ctx, e); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := l.Delete(ctx, e); err != nil {
				t.Errorf("%s: delete: %v", kind, err)
			}
		}
		if err := l.Deliver(ctx, e); !errors.Is(err, record.ErrGone) {
			t.Errorf("%s: deliver what was deleted: %v", kind, err)
		}
	}
	if _, _, err := st.DeleteOrganization(ctx, by, "acme"); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{record.KindRecording, record.KindVoicemail} {
		e := record.Entry{ID: "late", Kind: kind, Org: "acme", State: record.Captured, CreatedAt: time.Now()}
		if err := l.Put(ctx, e); !errors.Is(err, record.ErrGone) {
			t.Errorf("%s: put: %v", kind, err)
		}
		if e.Org = "unheard"; errors.Is(l.Put(ctx, e), record.ErrGone) {
			t.Errorf("%s: of an organization that nobody has heard of, it may be had yet", kind)
		}
	}
}
