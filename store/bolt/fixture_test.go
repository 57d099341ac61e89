package bolt_test

import (
	"context"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"strowger/store"
	"strowger/store/bolt"
	"strowger/store/storetest"
)

var write = flag.String("write-fixture", "", "the `name` of a new file in testdata/stores, of the present format: one for each that is released")

const stores = "../../testdata/stores"

// fixture makes a store with something of everything.
func fixture(t *testing.T, path string) {
	ctx := context.Background()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	b, err := bolt.Open(filepath.Join(t.TempDir(), "strowger.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	st := storetest.Open(t, b, store.Options{Now: func() time.Time { return at }})
	storetest.Apply(t, st, storetest.Site)
	by := store.Author{Who: "fixture", Summary: "of every kind"}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = st.CreateOrganization(ctx, by, store.Organization{Meta: store.Meta{ID: "acme"}, Domain: "acme.example", Realm: "acme"})
	must(err)
	_, err = st.Update(ctx, "default", by, func(e *store.Edit) error { return e.AppDevices.Delete("pixel") })
	must(err)
	must(st.SaveBindings(ctx, []store.Binding{{Org: "default", AOR: "anna", ContactMethodID: "anna-desk", UserID: "anna",
		Contact: "sip:anna@192.0.2.1", Target: "192.0.2.1:5060", Transport: "udp", Q: 1000, CallID: "c", CSeq: 7, ExpiresAt: at, UpdatedAt: at}}, nil))
	var l store.Ladder
	l.Add(at, netip.MustParseAddrPort("192.0.2.1:5060"), false, []byte("INVITE sip:202@example.com SIP/2.0\r\n"))
	st.SaveCall(&store.Call{ID: "call", Org: "default", Direction: store.DirInternal, State: "ended", From: "101", To: "202", UserIDs: []string{"anna"},
		StartedAt: at, AnsweredAt: at, EndedAt: at, Outcome: store.Outcome{Result: store.ResultAnswered, Code: 200},
		Legs: []store.CallLeg{{ID: "a", Side: "a", Peer: "anna", StartedAt: at, Quality: &store.Quality{MOS: 4.3, Packets: 500}}}},
		&store.Trace{Sentence: "Anna rings Ion.", Decisions: []store.Decision{{Rule: "internal number", Taken: true, Inputs: map[string]string{"to": "202"}}}}, &l)
	must(st.PutRecording(ctx, &store.CallRecording{ID: "rec", Org: "default", CallID: "call", CreatedAt: at, State: store.RecordingDelivered,
		Deliveries: []store.Delivery{{DeliveryMethodID: "disk", State: "delivered", Tries: 1, At: at}}}))
	must(st.PutVoicemail(ctx, &store.Voicemail{ID: "vm", Org: "default", UserID: "anna", CreatedAt: at, DurationMS: 4000}))
	f, err := os.Create(path)
	must(err)
	must(st.Backup(ctx, f))
	must(f.Close())
}

// Every format that was ever released still opens, and has all that was in it.
func TestReleasedFormats(t *testing.T) {
	if *write != "" {
		path := filepath.Join(stores, *write)
		if _, err := os.Stat(path); err == nil {
			t.Fatalf("%s is there: a released file is never changed", path)
		}
		fixture(t, path)
	}
	files, err := filepath.Glob(filepath.Join(stores, "*.db"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			ctx := context.Background()
			path := filepath.Join(t.TempDir(), "strowger.db")
			if err := bolt.Restore(ctx, path, file); err != nil {
				t.Fatal(err)
			}
			st := storetest.Open(t, storetest.Bolt(t, path), store.Options{})
			problems, err := st.Check(ctx)
			if err != nil || len(problems) > 0 {
				t.Fatalf("%v %v", problems, err)
			}
			s, ok := st.Snapshot("default")
			if !ok || s.Users.Len() != 2 || s.ContactMethods.Len() != 5 || s.Numbers.Len() != 5 || s.CallFlows.Len() != 1 || s.TimeSchedules.Len() != 1 {
				t.Fatalf("%d users, %d contact methods", s.Users.Len(), s.ContactMethods.Len())
			}
			if u, _ := s.Users.Get("anna"); u.FirstName != "Anna" || u.Extension != "101" || u.DirectNumber != "+40210000002" {
				t.Errorf("%+v", u)
			}
			c, _ := s.Credential("anna")
			if md5, _ := store.HA1("anna", "strowger", "anna's secret"); c.HA1MD5 != md5 {
				t.Error("anna cannot prove herself")
			}
			sec, _ := s.Secret("trunks", "carrier")
			if password, err := st.OpenSecret(sec); err != nil || password != "trunk secret" {
				t.Errorf("the trunk's password is %q, %v", password, err)
			}
			if org, _ := st.Directory().ByDomain("acme.example"); org != "acme" {
				t.Error("acme is not found")
			}
			bound := 0
			if err := st.LoadBindings(ctx, func(b *store.Binding) error {
				bound++
				if b.AOR != "anna" || b.CSeq != 7 || b.Target != "192.0.2.1:5060" {
					t.Errorf("%+v", b)
				}
				return nil
			}); err != nil || bound != 1 {
				t.Errorf("%d bindings, %v", bound, err)
			}
			call, err := st.Call(ctx, "default", "call")
			if err != nil || call.Outcome.Result != store.ResultAnswered || call.Legs[0].Quality.MOS != 4.3 {
				t.Errorf("%+v %v", call, err)
			}
			if tr, err := st.Trace(ctx, "default", "call"); err != nil || tr.Sentence != "Anna rings Ion." || tr.Decisions[0].Inputs["to"] != "202" {
				t.Errorf("%+v %v", tr, err)
			}
			if r, err := st.Recording(ctx, "default", "rec"); err != nil || r.Deliveries[0].State != "delivered" {
				t.Errorf("%+v %v", r, err)
			}
			if v, err := st.Voicemail(ctx, "default", "vm"); err != nil || v.DurationMS != 4000 {
				t.Errorf("%+v %v", v, err)
			}
			revs, err := st.Revisions(ctx, "default", 0, 10)
			if err != nil || len(revs) != 3 || revs[0].By != "fixture" {
				t.Fatalf("%d revisions, %v", len(revs), err)
			}
			if _, err := st.Update(ctx, "default", store.Author{Who: "test"}, st.Restoring(ctx, "default", revs[1].Revision)); err != nil {
				t.Fatal(err)
			}
			s, _ = st.Snapshot("default")
			if _, ok := s.AppDevices.Get("pixel"); ok {
				t.Error("the app device that was removed came back")
			}
		})
	}
}
