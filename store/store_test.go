package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"strowger/store"
	"strowger/store/storetest"
)

var by = store.Author{Who: "test", Summary: "a change"}

func update(t testing.TB, st *store.Store, edit func(*store.Edit) error) store.Revision {
	t.Helper()
	rev, err := st.Update(context.Background(), store.DefaultOrganization, by, edit)
	if err != nil {
		t.Fatal(err)
	}
	return rev
}

func current(st *store.Store) *store.Snapshot {
	s, _ := st.Snapshot(store.DefaultOrganization)
	return s
}

// changed puts a changed copy of a contact method.
func changed(e *store.Edit, id string, change func(*store.ContactMethod)) error {
	line, ok := e.ContactMethods.Get(id)
	if !ok {
		return store.ErrNotFound
	}
	next := *line
	if line.SIPAccount != nil {
		account := *line.SIPAccount
		next.SIPAccount = &account
	}
	change(&next)
	return e.ContactMethods.Put(next)
}

func TestSecrets(t *testing.T) {
	st := storetest.New(t)
	site, _ := store.ParseSite([]byte(storetest.Site))
	rev, err := st.ApplySite(context.Background(), "default", by, site, false, false)
	if err != nil {
		t.Fatal(err)
	}
	if len(rev.Generated) != 0 {
		t.Errorf("passwords were made up for those that had one: %+v", rev.Generated)
	}
	proves := func(username, password string) {
		t.Helper()
		c, ok := current(st).Credential(username)
		md5, sha := store.HA1(username, "strowger", password)
		if !ok || c.HA1MD5 != md5 || c.HA1SHA256 != sha {
			t.Errorf("%s does not prove itself with %q: %v %+v", username, password, ok, c)
		}
	}
	opens := func(collection, id, want string) {
		t.Helper()
		sec, ok := current(st).Secret(collection, id)
		if !ok {
			t.Fatalf("%s/%s has no secret", collection, id)
		}
		got, err := st.OpenSecret(sec)
		if err != nil || got != want {
			t.Errorf("%s/%s opens to %q, %v", collection, id, got, err)
		}
	}
	proves("anna", "anna's secret")
	proves("pixel-1", "device secret")
	opens("contact_methods", "anna-desk", "anna's secret")
	opens("trunks", "carrier", "trunk secret")
	opens("users", "ion", "4711")
	if c, _ := current(st).Credential("pixel-1"); c.LineID != "anna-app" || c.DeviceID != "pixel" || c.UserID != "anna" || c.AOR != "app-anna-app" || c.MaxContacts != 10 {
		t.Errorf("the device's credential is %+v", c)
	}

	t.Run("another user name", func(t *testing.T) {
		update(t, st, func(e *store.Edit) error {
			return changed(e, "anna-desk", func(m *store.ContactMethod) { m.SIPAccount.Username = "anna2" })
		})
		proves("anna2", "anna's secret")
		if _, ok := current(st).Credential("anna"); ok {
			t.Error("the former user name still works")
		}
		if _, ok := st.Directory().ByUsername("anna"); ok {
			t.Error("the former user name is still in the directory")
		}
	})
	t.Run("another password", func(t *testing.T) {
		rev := update(t, st, func(e *store.Edit) error {
			return changed(e, "anna-desk", func(m *store.ContactMethod) { m.SIPAccount.Password = "new" })
		})
		proves("anna2", "new")
		if len(rev.Changes) != 1 || !rev.Changes[0].Secret || rev.Changes[0].Op != store.OpUpdate {
			t.Errorf("the revision does not show it: %+v", paths(rev))
		}
	})
	t.Run("generated", func(t *testing.T) {
		rev := update(t, st, func(e *store.Edit) error {
			return errors.Join(
				e.ContactMethods.Put(store.ContactMethod{Meta: store.Meta{ID: "x"}, UserID: "ion", Kind: store.KindSIPAccount}),
				e.AppDevices.Put(store.AppDevice{Meta: store.Meta{ID: "y"}, UserID: "anna"}))
		})
		if len(rev.Generated) != 2 {
			t.Fatalf("generated %+v", rev.Generated)
		}
		for _, g := range rev.Generated {
			if len(g.Password) < 20 {
				t.Errorf("%q is short", g.Password)
			}
			proves(g.Username, g.Password)
		}
		again := update(t, st, func(e *store.Edit) error {
			return changed(e, "x", func(m *store.ContactMethod) { m.Label = "desk" })
		})
		if len(again.Generated) != 0 {
			t.Error("it has one now")
		}
	})
	t.Run("web password", func(t *testing.T) {
		_, err := st.Update(context.Background(), "default", by, func(e *store.Edit) error {
			u, _ := e.Users.Get("anna")
			next := *u
			next.Password = "in the clear"
			return e.Users.Put(next)
		})
		if !errors.Is(err, store.ErrInvalid) {
			t.Errorf("a password in the clear gives %v", err)
		}
		update(t, st, func(e *store.Edit) error {
			u, _ := e.Users.Get("anna")
			next := *u
			next.Password, next.VoicemailPIN = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA", "123456"
			return e.Users.Put(next)
		})
		sec, _ := current(st).Secret("users", "anna")
		if !strings.HasPrefix(sec.Hash, "$argon2id$") {
			t.Errorf("hash %q", sec.Hash)
		}
		opens("users", "anna", "123456")
		update(t, st, func(e *store.Edit) error {
			u, _ := e.Users.Get("anna")
			next := *u
			next.VoicemailPIN = "99999"
			return e.Users.Put(next)
		})
		sec, _ = current(st).Secret("users", "anna")
		if sec.Hash == "" {
			t.Error("a new PIN took the password away")
		}
	})
	t.Run("nowhere in the clear", func(t *testing.T) {
		revs, err := st.Revisions(context.Background(), "default", 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		var backup bytes.Buffer
		if err := st.Backup(context.Background(), &backup); err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal(struct {
			R any
			S any
		}{revs, current(st).Export()})
		for _, secret := range []string{"anna's secret", "device secret", "trunk secret", "4711", "123456", "ha1", "sealed"} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%q is in the revisions or the export", secret)
			}
		}
		for _, secret := range []string{"anna's secret", "device secret", "trunk secret"} {
			if bytes.Contains(backup.Bytes(), []byte(secret)) {
				t.Errorf("%q is in the file", secret)
			}
		}
		if strings.Contains(string(text), "$argon2id$") {
			t.Error("a password's hash is in the revisions or the export")
		}
	})
}

func TestKeys(t *testing.T) {
	ctx := context.Background()
	backend := storetest.Memory()
	st := storetest.Open(t, backend, store.Options{})
	storetest.Apply(t, st, storetest.Site)
	sec, _ := current(st).Secret("contact_methods", "ion-desk")

	if _, err := store.Open(ctx, storetest.Memory(), store.Options{Key: []byte("short")}); err == nil {
		t.Error("a short key is taken")
	}
	other := storetest.Open(t, storetest.Reopened(backend), store.Options{Key: bytes.Repeat([]byte{8}, 32)})
	if _, err := other.OpenSecret(sec); !errors.Is(err, store.ErrNoKey) || !strings.Contains(err.Error(), "another secret.key") {
		t.Errorf("another key: %v", err)
	}
	none, err := store.Open(ctx, storetest.Reopened(backend), store.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer none.Close()
	if _, err := none.OpenSecret(sec); !errors.Is(err, store.ErrNoKey) {
		t.Errorf("no key: %v", err)
	}
	_, err = none.Update(ctx, "default", by, func(e *store.Edit) error {
		return changed(e, "ion-desk", func(m *store.ContactMethod) { m.SIPAccount.Password = "new" })
	})
	if !errors.Is(err, store.ErrNoKey) {
		t.Errorf("a new password without a key: %v", err)
	}
	damaged := sec
	damaged.Sealed = bytes.Clone(sec.Sealed)
	damaged.Sealed[len(damaged.Sealed)-1] ^= 1
	if _, err := st.OpenSecret(damaged); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("a damaged one: %v", err)
	}
}

func TestRevisions(t *testing.T) {
	st := storetest.New(t)
	ctx := context.Background()
	storetest.Apply(t, st, storetest.Site)
	first := current(st)
	before, _ := json.Marshal(first.Export())

	rename := func(name string) store.Revision {
		return update(t, st, func(e *store.Edit) error {
			u, _ := e.Users.Get("anna")
			next := *u
			next.FirstName = name
			return e.Users.Put(next)
		})
	}
	rev := rename("Ana")
	if rev.Revision != first.Revision+1 || rev.By != "test" || rev.Summary != "a change" || len(rev.Changes) != 1 {
		t.Fatalf("revision %+v", rev)
	}
	ch := rev.Changes[0]
	if ch.Path != "users/anna" || ch.Op != store.OpUpdate || !strings.Contains(string(ch.Before), `"first_name":"Anna"`) || !strings.Contains(string(ch.After), `"first_name":"Ana"`) {
		t.Errorf("change %s %s\n%s\n%s", ch.Op, ch.Path, ch.Before, ch.After)
	}
	if got := rename("Ana"); got.Revision != rev.Revision || len(got.Changes) != 0 || st.Revision() != rev.Revision {
		t.Errorf("changing nothing made revision %d", got.Revision)
	}
	rename("Anca")
	update(t, st, func(e *store.Edit) error {
		return errors.Join(e.AppDevices.Delete("pixel"), e.ContactMethods.Delete("anna-desk"), e.Trunks.Put(store.Trunk{Meta: store.Meta{ID: "second"}, Host: "h"}),
			changed(e, "ion-desk", func(m *store.ContactMethod) { m.SIPAccount.Password = "rotated" }))
	})
	list, err := st.Revisions(ctx, "default", 0, 2)
	if err != nil || len(list) != 2 || list[0].Revision != st.Revision() || list[1].Revision != st.Revision()-1 {
		t.Fatalf("newest two: %v %v", list, err)
	}
	list, err = st.Revisions(ctx, "default", list[1].Revision, 100)
	if err != nil || len(list) != 3 || list[0].Revision != rev.Revision {
		t.Errorf("before: %d %v", len(list), err)
	}

	restored, err := st.Restore(ctx, "default", first.Revision, store.Author{Who: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if restored.Summary != fmt.Sprintf("restore revision %d", first.Revision) || restored.Revision != st.Revision() {
		t.Errorf("restored as %+v", restored)
	}
	var was, is store.Site
	json.Unmarshal(before, &was)
	after, _ := json.Marshal(current(st).Export())
	json.Unmarshal(after, &is)
	forget := func(s *store.Site) string {
		for _, m := range metas(s) {
			m.UpdatedAt = time.Time{}
		}
		data, _ := json.Marshal(s)
		return string(data)
	}
	if a, b := forget(&was), forget(&is); a != b {
		t.Errorf("restored\n%s\nwas\n%s", b, a)
	}
	// The deleted come back with their secrets; what was changed for a reason
	// stays.
	for username, password := range map[string]string{"anna": "anna's secret", "pixel-1": "device secret", "ion": "rotated"} {
		c, _ := current(st).Credential(username)
		if md5, _ := store.HA1(username, "strowger", password); c.HA1MD5 != md5 {
			t.Errorf("%s does not prove itself with %q", username, password)
		}
	}
	if len(restored.Generated) != 0 {
		t.Errorf("made up %+v", restored.Generated)
	}
	if _, err := st.Restore(ctx, "default", 999, by); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a revision that there is not: %v", err)
	}
}

func metas(s *store.Site) (out []*store.Meta) {
	for i := range s.Organizations {
		out = append(out, &s.Organizations[i].Meta)
	}
	for i := range s.Users {
		out = append(out, &s.Users[i].Meta)
	}
	for i := range s.ContactMethods {
		out = append(out, &s.ContactMethods[i].Meta)
	}
	for i := range s.Numbers {
		out = append(out, &s.Numbers[i].Meta)
	}
	for i := range s.InternalNumbers {
		out = append(out, &s.InternalNumbers[i].Meta)
		s.InternalNumbers[i].CreatedAt = time.Time{}
	}
	for i := range s.Trunks {
		out = append(out, &s.Trunks[i].Meta)
	}
	for i := range s.AppDevices {
		out = append(out, &s.AppDevices[i].Meta)
	}
	return out
}

// A token that was taken back does not return with a restore.
func TestRestoreLeavesTokensAlone(t *testing.T) {
	st := storetest.New(t)
	hash := strings.Repeat("ab", 32)
	rev := update(t, st, func(e *store.Edit) error {
		return e.Tokens.Put(store.Token{Meta: store.Meta{ID: "t"}, Label: "script", Role: store.TokenOperator, Hash: hash})
	})
	if org, ok := st.Directory().ByTokenHash(hash); !ok || org != "default" {
		t.Error("the token is not found")
	}
	if strings.Contains(string(rev.Changes[0].After), hash) {
		t.Error("the revision shows the token's hash")
	}
	update(t, st, func(e *store.Edit) error { return e.Tokens.Delete("t") })
	if _, err := st.Restore(context.Background(), "default", rev.Revision, by); err != nil {
		t.Fatal(err)
	}
	if _, ok := current(st).TokenByHash(hash); ok {
		t.Error("the token is back")
	}
	if _, ok := st.Directory().ByTokenHash(hash); ok {
		t.Error("the token is still in the directory")
	}
}

// brittle fails the commits that it is told to.
type brittle struct {
	store.Backend
	fail error
}

func (b *brittle) Commit(ctx context.Context, ops []store.Op) error {
	if b.fail != nil {
		return b.fail
	}
	return b.Backend.Commit(ctx, ops)
}

func TestRefusedChangeChangesNothing(t *testing.T) {
	backend := &brittle{Backend: storetest.Memory()}
	st := storetest.Open(t, backend, store.Options{})
	storetest.Apply(t, st, storetest.Site)
	before, directory, revision := current(st), st.Directory(), st.Revision()
	w := st.Watch()
	defer w.Close()
	for what, edit := range map[string]func(*store.Edit) error{
		"its own error": func(e *store.Edit) error { e.Users.Delete("anna"); return store.ErrStale },
		"invalid":       func(e *store.Edit) error { return e.Users.Put(store.User{Meta: store.Meta{ID: "u"}}) },
		"conflict": func(e *store.Edit) error {
			e.Numbers.Put(store.Number{Meta: store.Meta{ID: "n9"}, E164: "+40210000009"})
			return e.Users.Delete("ion")
		},
		"disk full": func(e *store.Edit) error {
			backend.fail = store.ErrFull
			return e.Numbers.Put(store.Number{Meta: store.Meta{ID: "n9"}, E164: "+40210000009"})
		},
	} {
		if _, err := st.Update(context.Background(), "default", by, edit); err == nil {
			t.Errorf("%s: taken", what)
		}
		backend.fail = nil
		if current(st) != before || st.Directory() != directory || st.Revision() != revision {
			t.Errorf("%s: something changed", what)
		}
	}
	select {
	case <-w.C():
		t.Error("woken for nothing")
	default:
	}
	update(t, st, func(e *store.Edit) error {
		return e.Numbers.Put(store.Number{Meta: store.Meta{ID: "n9"}, E164: "+40210000009"})
	})
	if _, ok := st.Directory().ByDID("+40210000009"); !ok || st.Revision() != revision+1 {
		t.Error("after the refusals the same change does not work")
	}
	<-w.C()
}

// What a caller does to its record after Put changes nothing.
func TestRecordsAreNotShared(t *testing.T) {
	st := storetest.New(t)
	storetest.Apply(t, st, storetest.Site)
	ids := []string{"ion-desk"}
	account := &store.SIPAccount{Username: "fresh", Password: "p", Codecs: []string{"PCMU"}}
	update(t, st, func(e *store.Edit) error {
		u, _ := e.Users.Get("ion")
		next := *u
		next.Routing.ContactMethodIDs = ids
		return errors.Join(e.Users.Put(next), e.ContactMethods.Put(store.ContactMethod{Meta: store.Meta{ID: "z"}, UserID: "ion", Kind: store.KindSIPAccount, SIPAccount: account}))
	})
	ids[0], account.Codecs[0] = "spoilt", "spoilt"
	u, _ := current(st).Users.Get("ion")
	line, _ := current(st).Line("z")
	if u.Routing.ContactMethodIDs[0] != "ion-desk" || line.SIPAccount.Codecs[0] != "PCMU" {
		t.Error("a stored record shares memory with its caller")
	}
	if account.Password != "p" || line.SIPAccount.Password != "" {
		t.Error("the password is in the record, or was taken from the caller's")
	}
}

func TestDirectoryOfTrunks(t *testing.T) {
	st := storetest.New(t)
	ctx := context.Background()
	if _, err := st.CreateOrganization(ctx, by, store.Organization{Meta: store.Meta{ID: "acme"}}); err != nil {
		t.Fatal(err)
	}
	trunk := func(org, id string, addresses ...string) {
		t.Helper()
		if _, err := st.Update(ctx, org, by, func(e *store.Edit) error {
			return e.Trunks.Put(store.Trunk{Meta: store.Meta{ID: id}, Host: "h", Addresses: addresses})
		}); err != nil {
			t.Fatal(err)
		}
	}
	trunk("default", "wide", "10.0.0.0/8", "2001:db8::/32")
	trunk("default", "narrow", "10.1.0.0/16")
	trunk("acme", "host", "10.1.2.3")
	trunk("acme", "wide", "10.0.0.0/8")
	find := func(ip string) string {
		var out []string
		for _, r := range st.Directory().TrunksByAddress(netip.MustParseAddr(ip)) {
			out = append(out, r.Org+"/"+r.TrunkID)
		}
		return strings.Join(out, " ")
	}
	for ip, want := range map[string]string{
		"10.1.2.3": "acme/host", "::ffff:10.1.2.3": "acme/host", "10.1.9.9": "default/narrow", "10.9.9.9": "acme/wide default/wide",
		"2001:db8::5": "default/wide", "192.0.2.1": "",
	} {
		if got := find(ip); got != want {
			t.Errorf("%s: %s, want %s", ip, got, want)
		}
	}
	trunk("acme", "host", "10.1.2.4")
	if got := find("10.1.2.3"); got != "default/narrow" {
		t.Errorf("after the change: %s", got)
	}
	if _, err := st.DeleteOrganization(ctx, by, "acme"); err != nil {
		t.Fatal(err)
	}
	if got := find("10.9.9.9"); got != "default/wide" {
		t.Errorf("after the organization went: %s", got)
	}
	if _, err := st.DeleteOrganization(ctx, by, "acme"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
}

// Readers see whole revisions, ascending, while writers write.
func TestReadersSeeWholeRevisions(t *testing.T) {
	st := storetest.Open(t, storetest.Memory(), store.Options{})
	w := st.Watch()
	defer w.Close()
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			last := uint64(0)
			for {
				s := current(st)
				if s.Revision < last || s.Users.Len() != s.ContactMethods.Len() {
					t.Errorf("revision %d after %d, %d users with %d lines", s.Revision, last, s.Users.Len(), s.ContactMethods.Len())
					return
				}
				last = s.Revision
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	var writers sync.WaitGroup
	for i := range 4 {
		writers.Go(func() {
			for j := range 50 {
				id := fmt.Sprintf("u-%d-%d", i, j)
				rev := update(t, st, func(e *store.Edit) error {
					return errors.Join(e.Users.Put(store.User{Meta: store.Meta{ID: id}, FirstName: "U"}),
						e.ContactMethods.Put(store.ContactMethod{Meta: store.Meta{ID: id}, UserID: id, Kind: store.KindApp}))
				})
				if s := current(st); s.Revision < rev.Revision {
					t.Errorf("revision %d is not visible", rev.Revision)
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	if st.Revision() != 201 {
		t.Errorf("revision %d", st.Revision())
	}
	<-w.C()
}

// A call's ladder is kept for a day, its decisions longer; refreshes and calls
// are on disk within a second.
func TestTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		backend := storetest.Memory()
		st := storetest.Open(t, backend, store.Options{})
		seen := func() (calls int, bound int) {
			copied := storetest.Reopened(backend)
			other, err := store.Open(ctx, copied, store.Options{Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			list, err := other.Calls(ctx, "default", "", 10)
			if err != nil {
				t.Fatal(err)
			}
			other.LoadBindings(ctx, func(*store.Binding) error { bound++; return nil })
			return len(list), bound
		}
		st.SaveCall(&store.Call{ID: "c", Org: "default", StartedAt: time.Now()},
			&store.Trace{Sentence: "s", Decisions: []store.Decision{{Rule: "r"}}, Ladder: []store.LadderStep{{Summary: "INVITE"}}})
		st.SaveBindingsLater([]store.Binding{{Org: "default", AOR: "a", Contact: "sip:a@192.0.2.1"}})
		if calls, bound := seen(); calls != 0 || bound != 0 {
			t.Errorf("written at once: %d %d", calls, bound)
		}
		begun := time.Now()
		if err := st.SaveBindings(ctx, []store.Binding{{Org: "default", AOR: "b"}}, nil); err != nil || time.Since(begun) > 10*time.Millisecond {
			t.Errorf("a changed binding waited %v: %v", time.Since(begun), err)
		}
		time.Sleep(time.Second)
		if calls, bound := seen(); calls != 1 || bound != 2 {
			t.Errorf("after a second there are %d calls and %d bindings", calls, bound)
		}
		begun = time.Now()
		var group sync.WaitGroup
		for i := range 100 {
			group.Go(func() {
				time.Sleep(time.Duration(i) * 100 * time.Microsecond)
				begun := time.Now()
				if err := st.SaveBindings(ctx, []store.Binding{{Org: "default", AOR: fmt.Sprint(i)}}, nil); err != nil || time.Since(begun) > 10*time.Millisecond {
					t.Errorf("waited %v: %v", time.Since(begun), err)
				}
			})
		}
		group.Wait()

		time.Sleep(store.LadderAge - time.Minute)
		if tr, err := st.Trace(ctx, "default", "c"); err != nil || len(tr.Ladder) != 1 {
			t.Errorf("the ladder went early: %v", err)
		}
		time.Sleep(20 * time.Minute) // and it was swept
		if tr, err := st.Trace(ctx, "default", "c"); err != nil || len(tr.Ladder) != 0 || len(tr.Decisions) != 1 {
			t.Errorf("after a day: %+v %v", tr, err)
		}
		left := 0
		backend.View(ctx, func(r store.Reader) error {
			return r.Range(store.BucketLadders, nil, nil, func(_, _ []byte) error { left++; return nil })
		})
		if left != 0 {
			t.Error("the ladder was not removed")
		}
	})
}

// While the disk takes nothing calls wait in memory, and are written when it
// does again.
func TestCallsOutliveAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		backend := &brittle{Backend: storetest.Memory()}
		st := storetest.Open(t, backend, store.Options{})
		backend.fail = store.ErrFull
		for i := range 5 {
			st.SaveCall(&store.Call{ID: fmt.Sprint(i), Org: "default", StartedAt: time.Now()}, nil)
			time.Sleep(3 * time.Second)
		}
		if !st.Failing() {
			t.Error("no alarm")
		}
		if err := st.PutVoicemail(context.Background(), &store.Voicemail{ID: "v", Org: "default"}); !errors.Is(err, store.ErrFull) {
			t.Errorf("what was promised on disk: %v", err)
		}
		backend.fail = nil
		time.Sleep(2 * time.Second)
		list, err := st.Calls(context.Background(), "default", "", 10)
		if err != nil || len(list) != 5 || st.Failing() {
			t.Errorf("%d calls, failing %v, %v", len(list), st.Failing(), err)
		}
	})
}

// Any sequence of edits leaves a configuration that keeps every rule, whose
// indexes are those that a load would make.
func TestEditsKeepTheRules(t *testing.T) {
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 9))
		backend := storetest.Memory()
		st := storetest.Open(t, backend, store.Options{})
		storetest.Apply(t, st, storetest.Site)
		pick := func(prefix string, n int) string { return fmt.Sprintf("%s%d", prefix, r.IntN(n)) }
		taken := 0
		for range 300 {
			_, err := st.Update(context.Background(), "default", by, func(e *store.Edit) error {
				for range 1 + r.IntN(4) {
					randomEdit(e, r, pick)
				}
				return nil
			})
			if err == nil {
				taken++
			} else if !errors.Is(err, store.ErrInvalid) && !errors.Is(err, store.ErrConflict) {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		problems, err := st.Check(context.Background())
		if err != nil || len(problems) > 0 {
			t.Fatalf("seed %d after %d edits: %v %v", seed, taken, err, problems)
		}
		again := storetest.Open(t, storetest.Reopened(backend), store.Options{})
		if a, b := exported(t, current(st)), exported(t, current(again)); a != b {
			t.Fatalf("seed %d: loaded\n%s\nwas\n%s", seed, b, a)
		}
		if problems, err := again.Check(context.Background()); err != nil || len(problems) > 0 {
			t.Fatalf("seed %d loaded: %v %v", seed, err, problems)
		}
		for u := range 6 {
			name := fmt.Sprintf("n%d", u)
			a, okA := st.Directory().ByUsername(name)
			b, okB := again.Directory().ByUsername(name)
			if a != b || okA != okB {
				t.Errorf("seed %d: the directory finds %s in %q, after loading in %q", seed, name, a, b)
			}
		}
		if taken < 30 {
			t.Errorf("seed %d: only %d of 300 edits were taken", seed, taken)
		}
	}
}

func randomEdit(e *store.Edit, r *rand.Rand, pick func(string, int) string) {
	numbers := func() []string {
		if r.IntN(2) == 0 {
			return nil
		}
		return []string{fmt.Sprintf("+4021000000%d", r.IntN(9))}
	}
	switch r.IntN(10) {
	case 0, 1:
		u := store.User{Meta: store.Meta{ID: pick("u", 4)}, FirstName: "U"}
		if r.IntN(3) == 0 {
			u.Extension = pick("30", 9)
		}
		if r.IntN(3) == 0 {
			u.DirectNumber = fmt.Sprintf("+4021000000%d", r.IntN(9))
		}
		e.Users.Put(u)
	case 2, 3, 4:
		m := store.ContactMethod{Meta: store.Meta{ID: pick("l", 6)}, UserID: pick("u", 4), Kind: store.KindSIPAccount,
			SIPAccount: &store.SIPAccount{Username: pick("n", 6)}}
		m.Inbound.DIDNumbers = numbers()
		if r.IntN(2) == 0 {
			m.Inbound.InternalNumbers = []string{pick("30", 9)}
		}
		if r.IntN(4) == 0 {
			m.Kind, m.SIPAccount, m.ID = store.KindApp, nil, pick("a", 4)
		}
		e.ContactMethods.Put(m)
	case 5:
		e.Numbers.Put(store.Number{Meta: store.Meta{ID: pick("m", 4)}, E164: fmt.Sprintf("+4021000000%d", 5+r.IntN(4)),
			Owner: store.Owner{Kind: store.OwnerContactMethod, ID: pick("l", 6)}})
	case 6:
		e.ContactMethods.Delete(pick("l", 6))
	case 7:
		e.Users.Delete(pick("u", 4))
	case 8:
		e.InternalNumbers.Put(store.InternalNumber{Number: pick("30", 9), Owner: store.Owner{Kind: store.OwnerContactMethod, ID: pick("l", 6)}})
	case 9:
		e.Numbers.Delete(pick("m", 4))
	}
}
