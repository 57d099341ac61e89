package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"strowger/store"
)

// Run is what every backend must pass. open opens what one test keeps: called
// again, after the backend was closed, it opens the same.
func Run(t *testing.T, begin func(t testing.TB) (open func() store.Backend)) {
	for _, c := range []struct {
		name string
		test func(*testing.T, func() store.Backend)
	}{
		{"CommitIsAllOrNothing", commitIsAllOrNothing},
		{"RangesAreOrdered", rangesAreOrdered},
		{"ViewsAreConsistent", viewsAreConsistent},
		{"LogHasParts", logHasParts},
		{"ClosedIsSaid", closedIsSaid},
		{"ConfigurationSurvives", configurationSurvives},
		{"BindingsSurvive", bindingsSurvive},
		{"CallsSurvive", callsSurvive},
		{"SeenSurvives", seenSurvives},
		{"LedgerSurvives", ledgerSurvives},
		{"OrganizationsComeAndGo", organizationsComeAndGo},
		{"OrganizationsGoWhole", organizationsGoWhole},
		{"LargeOrganizationsGo", largeOrganizationsGo},
		{"LargeSavesAreWhole", largeSavesAreWhole},
		{"LargeSavesShow", largeSavesShow},
		{"LargeSavesSurviveADisk", largeSavesSurviveADisk},
		{"OutboxKeepsPromises", outboxKeepsPromises},
		{"MailIsSealed", mailIsSealed},
		{"DoneIsSweptDeadStays", doneIsSweptDeadStays},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, begin(t)) })
	}
}

func put(b store.Bucket, key, value string) store.Op {
	return store.Op{Bucket: b, Key: []byte(key), Value: []byte(value)}
}

func del(b store.Bucket, key string) store.Op { return store.Op{Bucket: b, Key: []byte(key)} }

// contents are a bucket's, as "key=value" upwards.
func contents(t testing.TB, b store.Backend, bucket store.Bucket, from, to []byte) []string {
	t.Helper()
	var out []string
	err := b.View(context.Background(), func(r store.Reader) error {
		return r.Range(bucket, from, to, func(k, v []byte) error {
			out = append(out, string(k)+"="+string(v))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func want(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s: got %q, want %q", what, got, want)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func commitIsAllOrNothing(t *testing.T, open func() store.Backend) {
	ctx := context.Background()
	b := open()
	must(t, b.Commit(ctx, []store.Op{
		put(store.BucketUsers, "a", "1"), put(store.BucketUsers, "b", "2"), del(store.BucketUsers, "a"),
		put(store.BucketUsers, "b", "3"), del(store.BucketUsers, "never"), put(store.BucketUsers, "c", ""),
		put(store.BucketNumbers, "a", "4"),
	}))
	want(t, "users", contents(t, b, store.BucketUsers, nil, nil), []string{"b=3", "c="})
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := b.Commit(cancelled, []store.Op{put(store.BucketUsers, "x", "1")}); !errors.Is(err, context.Canceled) {
		t.Fatalf("a cancelled commit gives %v", err)
	}
	must(t, b.Close())
	b = open()
	defer b.Close()
	want(t, "users after reopening", contents(t, b, store.BucketUsers, nil, nil), []string{"b=3", "c="})
	want(t, "numbers after reopening", contents(t, b, store.BucketNumbers, nil, nil), []string{"a=4"})
	must(t, b.Check(ctx, func(p store.Problem) { t.Errorf("a sound store has a problem: %+v", p) }))
}

func rangesAreOrdered(t *testing.T, open func() store.Backend) {
	b := open()
	defer b.Close()
	var ops []store.Op
	for i := range 500 {
		ops = append(ops, put(store.BucketCalls, fmt.Sprintf("k%03d", i*7%500), "v"))
	}
	must(t, b.Commit(context.Background(), ops))
	for _, c := range []struct {
		from, to    string
		first, last string
		n           int
	}{
		{"", "", "k000", "k499", 500},
		{"k100", "", "k100", "k499", 400},
		{"", "k100", "k000", "k099", 100},
		{"k1005", "k103", "k101", "k102", 2},
		{"k2", "k2", "", "", 0},
		{"x", "", "", "", 0},
		{"", "a", "", "", 0},
		{"", "zzz", "k000", "k499", 500},
	} {
		var up, down []string
		bound := func(s string) []byte {
			if s == "" {
				return nil
			}
			return []byte(s)
		}
		must(t, b.View(context.Background(), func(r store.Reader) error {
			collect := func(list *[]string) func(k, v []byte) error {
				return func(k, v []byte) error { *list = append(*list, string(k)); return nil }
			}
			if err := r.Range(store.BucketCalls, bound(c.from), bound(c.to), collect(&up)); err != nil {
				return err
			}
			return r.RangeBack(store.BucketCalls, bound(c.from), bound(c.to), collect(&down))
		}))
		slices.Reverse(down)
		want(t, fmt.Sprintf("%q to %q downwards", c.from, c.to), down, up)
		if len(up) != c.n || c.n > 0 && (up[0] != c.first || up[c.n-1] != c.last) {
			t.Errorf("%q to %q: %d keys %v", c.from, c.to, len(up), up)
		}
	}
	stop := errors.New("stop")
	err := b.View(context.Background(), func(r store.Reader) error {
		return r.Range(store.BucketCalls, nil, nil, func(k, v []byte) error { return stop })
	})
	if !errors.Is(err, stop) {
		t.Errorf("an error of the callback becomes %v", err)
	}
}

func viewsAreConsistent(t *testing.T, open func() store.Backend) {
	ctx := context.Background()
	b := open()
	defer b.Close()
	must(t, b.Commit(ctx, []store.Op{put(store.BucketUsers, "a", "1")}))
	must(t, b.View(ctx, func(r store.Reader) error {
		must(t, b.Commit(ctx, []store.Op{put(store.BucketUsers, "a", "2"), put(store.BucketUsers, "b", "2")}))
		value, err := r.Get(store.BucketUsers, []byte("a"))
		must(t, err)
		none, err := r.Get(store.BucketUsers, []byte("b"))
		must(t, err)
		if string(value) != "1" || none != nil {
			t.Errorf("a view sees %q and %q of a later commit", value, none)
		}
		return nil
	}))
	want(t, "after", contents(t, b, store.BucketUsers, nil, nil), []string{"a=2", "b=2"})
}

func logHasParts(t *testing.T, open func() store.Backend) {
	ctx := context.Background()
	read := func(b store.Backend, to uint64) (out []string) {
		must(t, b.ReadLog(ctx, to, func(r []byte) error { out = append(out, string(r)); return nil }))
		return out
	}
	b := open()
	want(t, "an empty log", read(b, 0), nil)
	must(t, b.AppendLog(ctx, []byte("one")))
	must(t, b.AppendLog(ctx, []byte("two")))
	must(t, b.Close())
	b = open()
	must(t, b.AppendLog(ctx, []byte("three")))
	want(t, "after reopening", read(b, 0), []string{"one", "two", "three"})
	part, size, err := b.CutLog(ctx)
	must(t, err)
	if size == 0 {
		t.Error("a log with three records has no size")
	}
	must(t, b.AppendLog(ctx, []byte("four")))
	want(t, "up to the cut", read(b, part), []string{"one", "two", "three"})
	must(t, b.DropLog(ctx, part))
	want(t, "after the drop", read(b, 0), []string{"four"})
	must(t, b.Close())
	b = open()
	defer b.Close()
	want(t, "after the drop and reopening", read(b, 0), []string{"four"})
}

func closedIsSaid(t *testing.T, open func() store.Backend) {
	ctx := context.Background()
	b := open()
	must(t, b.Close())
	must(t, b.Close())
	for what, err := range map[string]error{
		"View":      b.View(ctx, func(store.Reader) error { return nil }),
		"Commit":    b.Commit(ctx, []store.Op{put(store.BucketUsers, "a", "1")}),
		"AppendLog": b.AppendLog(ctx, []byte("x")),
	} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s on a closed backend: %v", what, err)
		}
	}
}

// Site is a small exchange in the form of `strowger apply`: two people with
// lines of several kinds, a trunk, numbers of every owner, and one of each other
// record.
const Site = `{
 "organizations": [{"id": "default", "name": "Example", "domain": "pbx.example.com", "country": "RO", "main_number": "+40210000001", "main_destination": "101"}],
 "time_schedules": [{"id": "office", "time_zone": "Europe/Bucharest",
   "ranges": [{"days": ["mon","tue","wed","thu","fri"], "from": "08:00", "to": "18:00"}],
   "exceptions": [{"date": "2026-12-25", "ranges": []}]}],
 "audio_files": [{"id": "hello", "duration_ms": 1200}],
 "delivery_methods": [{"id": "disk", "kind": "disk", "settings": {"path": "copies"}}],
 "users": [
  {"id": "anna", "first_name": "Anna", "last_name": "Pop", "plan": "plus", "email": "anna@example.com", "time_schedule_id": "office", "direct_number": "+40210000002"},
  {"id": "ion", "first_name": "Ion", "voicemail_pin": "4711", "routing": {"mode": "ring_all", "contact_method_ids": ["ion-desk", "ion-mobile"]}}],
 "contact_methods": [
  {"id": "anna-app", "user_id": "anna", "kind": "app"},
  {"id": "anna-desk", "user_id": "anna", "kind": "sip_account", "inbound": {"internal_numbers": ["201"], "did_numbers": ["+40210000003"],
    "when_unavailable": {"action": "voicemail", "greeting_audio_id": "hello"}},
    "outbound": {"external_enabled": true, "caller_ids": ["+40210000003"]}, "recording": {"inbound_external": true, "delivery_method_ids": ["disk"]},
    "sip_account": {"username": "anna", "password": "anna's secret"}},
  {"id": "ion-desk", "user_id": "ion", "kind": "sip_account", "inbound": {"internal_numbers": ["202"]}, "sip_account": {"username": "ion", "password": "ion's secret"}},
  {"id": "ion-mobile", "user_id": "ion", "kind": "pstn_forwarding", "pstn_forwarding": {"number": "+40722000000", "press_1": true}},
  {"id": "ion-mail", "user_id": "ion", "kind": "email", "email": {"address": "ion@example.com"}}],
 "trunks": [{"id": "carrier", "host": "sip.carrier.example", "auth": {"mode": "register", "username": "acme", "password": "trunk secret"},
   "addresses": ["198.51.100.0/24", "2001:db8::1"], "prefixes": ["+40"]}],
 "numbers": [
  {"id": "n1", "e164": "+40210000001", "trunk_id": "carrier"},
  {"id": "n2", "e164": "+40210000002", "trunk_id": "carrier"},
  {"id": "n3", "e164": "+40210000003", "trunk_id": "carrier"},
  {"id": "n4", "e164": "+40210000004", "owner": {"kind": "call_flow", "id": "menu"}},
  {"id": "n5", "e164": "+40210000005"}],
 "devices": [{"id": "phone", "mac": "00:15:65:AA:BB:CC", "vendor": "Yealink", "lines": [{"contact_method_id": "ion-desk"}]}],
 "app_devices": [{"id": "pixel", "user_id": "anna", "os": "android", "username": "pixel-1", "password": "device secret"}],
 "feature_codes": [{"id": "dnd", "code": "*78", "action": "dnd_on"}],
 "call_flows": [{"id": "menu", "entry": "m", "nodes": [
   {"id": "m", "type": "menu", "exits": {"1": "u", "timeout": "bye"}},
   {"id": "u", "type": "user", "settings": {"user_id": "ion"}}, {"id": "bye", "type": "hang_up"}]}]
}`

// dump is all that an organization is, for comparing.
func dump(t testing.TB, st *store.Store, org string) string {
	t.Helper()
	s, ok := st.Snapshot(org)
	if !ok {
		return "no organization " + org
	}
	var b strings.Builder
	fmt.Fprintf(&b, "revision %d\n%s", s.Revision, encodeJSON(t, s.Export()))
	for _, name := range []string{"anna", "ion", "pixel-1"} {
		c, ok := s.Credential(name)
		fmt.Fprintf(&b, "\n%s %v %+v", name, ok, c)
	}
	return b.String()
}
