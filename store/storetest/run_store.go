package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"strowger/store"
)

func encodeJSON(t testing.TB, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(v, "", " ")
	must(t, err)
	return string(data)
}

// reopen closes a store and opens it again on what open opens.
func reopen(t testing.TB, st *store.Store, open func() store.Backend) *store.Store {
	t.Helper()
	if st != nil {
		must(t, st.Close())
	}
	st, err := store.Open(context.Background(), open(), store.Options{Key: Key, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	return st
}

func configurationSurvives(t *testing.T, open func() store.Backend) {
	ctx := context.Background()
	st := reopen(t, nil, open)
	Apply(t, st, Site)
	before := dump(t, st, store.DefaultOrganization)
	st = reopen(t, st, open)
	if after := dump(t, st, store.DefaultOrganization); after != before {
		t.Fatalf("after reopening:\n%s\nwas:\n%s", after, before)
	}
	problems, err := st.Check(ctx)
	must(t, err)
	for _, p := range problems {
		t.Errorf("a sound store has a problem: %+v", p)
	}

	// The indexes and the directory are as good as those that grew.
	s, _ := st.Snapshot(store.DefaultOrganization)
	if n, ok := s.NumberByE164("+40210000003"); !ok || n.Owner.ID != "anna-desk" {
		t.Errorf("the number of anna-desk is %+v", n)
	}
	if n, ok := s.InternalNumberByDigits("101"); !ok || n.Owner.ID != "anna-app" {
		t.Errorf("101 is %+v, want anna's app line", n)
	}
	if got := s.Referrers("time_schedules", "office"); len(got) != 1 || got[0] != "users/anna.time_schedule_id" {
		t.Errorf("the schedule is named by %q", got)
	}
	if lines := s.LinesOf("ion"); len(lines) != 3 || lines[0].ID != "ion-desk" {
		t.Errorf("ion has %d contact methods", len(lines))
	}
	d := st.Directory()
	for what, ok := range map[string]bool{
		"domain":   has(d.ByDomain("PBX.example.com.")),
		"did":      has(d.ByDID("+40210000005")),
		"username": has(d.ByUsername("ion")),
		"app aor":  has(d.ByUsername("app-anna-app")),
		"device":   has(d.ByUsername("pixel-1")),
	} {
		if !ok {
			t.Errorf("the directory does not find the %s", what)
		}
	}
	if refs := d.TrunksByAddress(netip.MustParseAddr("198.51.100.7")); len(refs) != 1 || refs[0].TrunkID != "carrier" {
		t.Errorf("the carrier's address is that of %v", refs)
	}

	_, err = st.Update(ctx, store.DefaultOrganization, store.Author{Who: "test", Summary: "ion leaves"}, func(e *store.Edit) error {
		return errors.Join(e.Devices.Delete("phone"), e.CallFlows.Delete("menu"), e.Numbers.Delete("n4"), e.ContactMethods.Delete("ion-desk"),
			e.ContactMethods.Delete("ion-mobile"), e.ContactMethods.Delete("ion-mail"), e.Users.Delete("ion"))
	})
	must(t, err)
	st = reopen(t, st, open)
	defer st.Close()
	s, _ = st.Snapshot(store.DefaultOrganization)
	if _, ok := s.Users.Get("ion"); ok || s.ContactMethods.Len() != 2 {
		t.Error("ion is still there")
	}
	if _, ok := s.InternalNumberByDigits("202"); ok {
		t.Error("ion's internal number is still there")
	}
	// What it was comes back from its revision.
	revs, err := st.Revisions(ctx, store.DefaultOrganization, 0, 10)
	must(t, err)
	if len(revs) != 3 || revs[0].Summary != "ion leaves" || len(revs[0].Changes) != 8 {
		t.Fatalf("revisions: %s", encodeJSON(t, revs))
	}
	_, err = st.Update(ctx, store.DefaultOrganization, store.Author{Who: "test"}, st.Restoring(ctx, store.DefaultOrganization, revs[1].Revision))
	must(t, err)
	s, _ = st.Snapshot(store.DefaultOrganization)
	c, ok := s.Credential("ion")
	md5, _ := store.HA1("ion", "strowger", "ion's secret")
	if !ok || c.HA1MD5 != md5 {
		t.Errorf("ion's line came back without its secret: %+v", c)
	}
}

func has(_ string, ok bool) bool { return ok }

func binding(org, aor string, n int) store.Binding {
	at := time.Date(2026, 11, 22, 12, 0, n, 0, time.UTC)
	return store.Binding{
		Org: org, AOR: aor, ContactMethodID: "line", UserID: "user", Contact: fmt.Sprintf("sip:%s@192.0.2.1:5060", aor),
		Target: "192.0.2.1:5060", Transport: "udp", Local: "192.0.2.9:5060", Path: []string{}, Q: 1000, CallID: "c", CSeq: uint32(n),
		ExpiresAt: at.Add(time.Hour), UpdatedAt: at,
	}
}

// bindings are those that a start would load, "aor cseq" by AOR.
func bindings(t testing.TB, st *store.Store) map[string]uint32 {
	t.Helper()
	out := map[string]uint32{}
	must(t, st.LoadBindings(context.Background(), func(b *store.Binding) error {
		if _, twice := out[b.Org+" "+b.AOR]; twice {
			t.Errorf("%s is there twice", b.AOR)
		}
		out[b.Org+" "+b.AOR] = b.CSeq
		return nil
	}))
	return out
}

func bindingsSurvive(t *testing.T, open func() store.Backend) {
	ctx := context.Background()
	st := reopen(t, nil, open)
	a, b := binding("default", "a", 1), binding("default", "b", 1)
	must(t, st.SaveBindings(ctx, []store.Binding{a, b, binding("default", "c", 1), binding("nobody", "x", 1)}, nil))
	want := func(when string, want map[string]uint32) {
		t.Helper()
		if got := bindings(t, st); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%s: %v, want %v", when, got, want)
		}
	}
	want("at once", map[string]uint32{"default a": 1, "default b": 1, "default c": 1})
	must(t, st.SaveBindings(ctx, []store.Binding{binding("default", "a", 2)}, []store.BindingKey{b.Key()}))
	want("after a change", map[string]uint32{"default a": 2, "default c": 1})
	st = reopen(t, st, open) // folds the log
	want("after reopening", map[string]uint32{"default a": 2, "default c": 1})
	must(t, st.SaveBindings(ctx, []store.Binding{binding("default", "b", 3)}, []store.BindingKey{a.Key()}))
	st.SaveBindingsLater([]store.Binding{binding("default", "c", 9)})
	st = reopen(t, st, open)
	want("after a refresh and reopening", map[string]uint32{"default b": 3, "default c": 9})

	// A phone with an instance and a reg-id is one binding behind any contact.
	x, y := binding("default", "d", 1), binding("default", "d", 2)
	x.InstanceID, x.RegID = "<urn:uuid:1>", 1
	y.InstanceID, y.RegID, y.Contact = "<urn:uuid:1>", 1, "sip:d@192.0.2.77"
	must(t, st.SaveBindings(ctx, []store.Binding{x}, nil))
	must(t, st.SaveBindings(ctx, []store.Binding{y}, nil))
	want("with an instance", map[string]uint32{"default b": 3, "default c": 9, "default d": 2})
	var loaded store.Binding
	must(t, st.LoadBindings(ctx, func(b *store.Binding) error {
		if b.AOR == "d" {
			loaded = *b
		}
		return nil
	}))
	if encodeJSON(t, loaded) != encodeJSON(t, y) {
		t.Errorf("saved %+v, loaded %+v", y, loaded)
	}
	must(t, st.Close())
	if err := st.SaveBindings(ctx, []store.Binding{a}, nil); !errors.Is(err, store.ErrClosed) {
		t.Errorf("saving in a closed store: %v", err)
	}
}

func callsSurvive(t *testing.T, open func() store.Backend) {
	ctx := context.Background()
	st := reopen(t, nil, open)
	at := time.Now().UTC().Truncate(time.Second)
	for i := range 20 {
		c := &store.Call{ID: fmt.Sprintf("call-%02d", i*7%20), Org: "default", State: "ended", UserIDs: []string{}, Legs: []store.CallLeg{},
			RecordingIDs: []string{}, StartedAt: at.Add(time.Duration(i) * time.Second), Outcome: store.Outcome{Result: store.ResultAnswered}}
		var l store.Ladder
		l.Add(at, netip.MustParseAddrPort("192.0.2.7:5060"), false, []byte("INVITE sip:a@b SIP/2.0\r\n"+strings.Repeat("x", 500)))
		st.SaveCall(c, &store.Trace{Sentence: "it rings", Decisions: []store.Decision{{Rule: "internal", Taken: true}}}, &l)
	}
	page := func(before string, limit int) (ids []string) {
		t.Helper()
		list, err := st.Calls(ctx, "default", before, limit)
		must(t, err)
		for _, c := range list {
			ids = append(ids, c.ID)
		}
		return ids
	}
	first := page("", 3) // sees what is still queued
	want(t, "newest", first, []string{"call-13", "call-06", "call-19"})
	st = reopen(t, st, open)
	defer st.Close()
	want(t, "newest after reopening", page("", 3), first)
	want(t, "next page", page("call-19", 2), []string{"call-12", "call-05"})
	if all := page("", 100); len(all) != 20 {
		t.Errorf("%d calls", len(all))
	}
	tr, err := st.Trace(ctx, "default", "call-13")
	must(t, err)
	if tr.Sentence != "it rings" || len(tr.Decisions) != 1 || len(tr.Ladder) != 1 || tr.Ladder[0].Summary != "INVITE sip:a@b" || tr.Ladder[0].From != "192.0.2.7:5060" {
		t.Errorf("trace %+v", tr)
	}
	if _, err := st.Call(ctx, "default", "none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a call that there is not: %v", err)
	}
	if _, err := st.Call(ctx, "other", "call-13"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another organization's call: %v", err)
	}
}

func ledgerSurvives(t *testing.T, open func() store.Backend) {
	ctx := context.Background()
	st := reopen(t, nil, open)
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for i := range 1200 {
		must(t, st.PutRecording(ctx, &store.CallRecording{ID: fmt.Sprintf("r%04d", i), Org: "default", CreatedAt: at.Add(time.Duration(i) * time.Second),
			State: store.RecordingExpected, UserIDs: []string{}, Deliveries: []store.Delivery{}}))
		if i%100 != 0 {
			continue
		}
		must(t, st.PutVoicemail(ctx, &store.Voicemail{ID: fmt.Sprintf("v%04d", i), Org: "default", UserID: "anna", CreatedAt: at.Add(time.Duration(i) * time.Second)}))
	}
	st = reopen(t, st, open)
	defer st.Close()
	// What goes through all may write.
	n := 0
	must(t, st.AllRecordings(ctx, func(r *store.CallRecording) error {
		if n++; n%400 == 0 {
			r.State = store.RecordingDelivered
			return st.PutRecording(ctx, r)
		}
		return nil
	}))
	if n != 1200 {
		t.Errorf("went through %d recordings", n)
	}
	r, err := st.Recording(ctx, "default", "r0399")
	must(t, err)
	if r.State != store.RecordingDelivered || r.Org != "default" {
		t.Errorf("recording %+v", r)
	}
	// A record whose time changes is there once.
	r.CreatedAt = at.Add(-time.Hour)
	must(t, st.PutRecording(ctx, r))
	list, err := st.Recordings(ctx, "default", "r0001", 10)
	must(t, err)
	if len(list) != 2 || list[0].ID != "r0000" || list[1].ID != "r0399" {
		t.Errorf("before r0001 there are %s", encodeJSON(t, list))
	}
	must(t, st.DeleteRecording(ctx, "default", "r0399"))
	if err := st.DeleteRecording(ctx, "default", "r0399"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	filesGo(t, st, at)
	mail, err := st.Voicemails(ctx, "default", "", 100)
	must(t, err)
	if len(mail) != 12 || mail[0].ID != "v1100" {
		t.Errorf("%d voicemails, newest %s", len(mail), mail[0].ID)
	}
	must(t, st.DeleteVoicemail(ctx, "default", "v1100"))
	n = 0
	must(t, st.AllVoicemails(ctx, func(*store.Voicemail) error { n++; return nil }))
	if n != 11 {
		t.Errorf("%d voicemails are left", n)
	}
	if err := st.PutVoicemail(ctx, &store.Voicemail{ID: "v", Org: "nobody"}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a voicemail of no organization: %v", err)
	}
}

// filesGo deletes records with files: both are promised to go in one step, or
// nothing changes.
func filesGo(t *testing.T, st *store.Store, at time.Time) {
	ctx := context.Background()
	promised := func(wanted ...string) {
		t.Helper()
		files, err := st.Removals(ctx)
		must(t, err)
		want(t, "files that go", files, wanted)
	}
	must(t, st.PutRecording(ctx, &store.CallRecording{ID: "heard", Org: "default", CreatedAt: at, File: "recordings/heard.wav", Spool: "spool/heard.rtp"}))
	must(t, st.PutVoicemail(ctx, &store.Voicemail{ID: "heard", Org: "default", CreatedAt: at, File: "voicemail/heard.wav"}))
	refused := errors.New("refused")
	if files, err := st.DeleteRecordingAndFiles(ctx, "default", "heard", func(*store.CallRecording) error { return refused }); !errors.Is(err, refused) || files != nil {
		t.Errorf("a deletion that is refused: %v, %v", files, err)
	}
	_, err := st.Recording(ctx, "default", "heard")
	must(t, err)
	promised()
	files, err := st.DeleteRecordingAndFiles(ctx, "default", "heard", func(r *store.CallRecording) error {
		if r.ID != "heard" {
			t.Errorf("asked about %+v", r)
		}
		return nil
	})
	must(t, err)
	want(t, "files of the recording", files, []string{"spool/heard.rtp", "recordings/heard.wav"})
	_, err = st.DeleteVoicemailAndFiles(ctx, "default", "heard", func(*store.Voicemail) error { return nil })
	must(t, err)
	promised("recordings/heard.wav", "spool/heard.rtp", "voicemail/heard.wav")
	if _, err := st.DeleteVoicemailAndFiles(ctx, "default", "heard", func(*store.Voicemail) error { return nil }); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	must(t, st.Removed(files))
	promised("voicemail/heard.wav")
	must(t, st.Removed([]string{"voicemail/heard.wav"}))
	promised()
}

func organizationsComeAndGo(t *testing.T, open func() store.Backend) {
	ctx := context.Background()
	by := store.Author{Who: "test"}
	st := reopen(t, nil, open)
	_, err := st.CreateOrganization(ctx, by, store.Organization{Meta: store.Meta{ID: "acme"}, Domain: "acme.example", Realm: "acme"})
	must(t, err)
	site, err := store.ParseSite([]byte(`{"users": [{"id": "anna", "first_name": "Anna"}],
	 "contact_methods": [{"id": "l", "user_id": "anna", "kind": "sip_account", "sip_account": {"username": "anna", "password": "a password"}}],
	 "numbers": [{"id": "n", "e164": "+40310000001"}]}`))
	must(t, err)
	_, err = st.ApplySite(ctx, "acme", by, site, false, false)
	must(t, err)
	Apply(t, st, Site)
	must(t, st.SaveBindings(ctx, []store.Binding{binding("acme", "anna", 1)}, nil))
	must(t, st.PutVoicemail(ctx, &store.Voicemail{ID: "v", Org: "acme"}))

	st = reopen(t, st, open)
	d := st.Directory()
	if org, ok := d.ByUsername("anna"); ok {
		t.Errorf("anna is in two organizations, found in %s", org)
	}
	if org, _ := d.ByUsername("ion"); org != "default" {
		t.Errorf("ion is found in %q", org)
	}
	if org, _ := d.ByDomain("acme.example"); org != "acme" {
		t.Errorf("acme.example is %q", org)
	}
	s, _ := st.Snapshot("acme")
	c, _ := s.Credential("anna")
	if md5, _ := store.HA1("anna", "acme", "a password"); c.HA1MD5 != md5 {
		t.Error("HA1 is not that of the organization's realm")
	}
	taken := func(site string) {
		t.Helper()
		parsed, err := store.ParseSite([]byte(site))
		must(t, err)
		before := dump(t, st, "acme")
		if _, err := st.ApplySite(ctx, "acme", by, parsed, false, false); !errors.Is(err, store.ErrConflict) {
			t.Errorf("%s: %v", site, err)
		}
		if dump(t, st, "acme") != before {
			t.Errorf("%s: refused, and changed something", site)
		}
	}
	taken(`{"numbers": [{"id": "stolen", "e164": "+40210000005"}]}`)
	taken(`{"organizations": [{"id": "acme", "domain": "pbx.example.com"}]}`)
	if _, err := st.CreateOrganization(ctx, by, store.Organization{Meta: store.Meta{ID: "acme"}}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("made twice: %v", err)
	}
	if _, _, err := st.DeleteOrganization(ctx, by, "default"); !errors.Is(err, store.ErrConflict) {
		t.Errorf("the default organization: %v", err)
	}

	_, _, err = st.DeleteOrganization(ctx, by, "acme")
	must(t, err)
	for range 2 {
		d := st.Directory()
		if org, ok := d.ByUsername("anna"); !ok || org != "default" {
			t.Errorf("anna is now found in %q", org)
		}
		if _, ok := d.ByDID("+40310000001"); ok {
			t.Error("the number of a deleted organization is still found")
		}
		if _, ok := st.Snapshot("acme"); ok || len(d.Organizations()) != 1 {
			t.Error("the organization is still there")
		}
		if got := bindings(t, st); len(got) != 0 {
			t.Errorf("its bindings are still loaded: %v", got)
		}
		st = reopen(t, st, open)
	}
	defer st.Close()
	_, err = st.CreateOrganization(ctx, by, store.Organization{Meta: store.Meta{ID: "acme"}})
	must(t, err)
	if list, err := st.Voicemails(ctx, "acme", "", 10); err != nil || len(list) != 0 {
		t.Errorf("a new organization has the messages of an old one: %v %v", list, err)
	}
}
