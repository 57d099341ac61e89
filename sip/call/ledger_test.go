package call

import (
	"context"
	"testing"

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
