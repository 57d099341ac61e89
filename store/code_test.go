package store_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strowger/store"
	"strowger/store/storetest"
)

// A code is found by its hash until another takes its place, its record goes, or
// it is taken back; a restart and a restored revision change nothing of that.
func TestCodes(t *testing.T) {
	ctx, org, by := t.Context(), store.DefaultOrganization, store.Author{Who: "test"}
	path := filepath.Join(t.TempDir(), "strowger.db")
	st := storetest.Open(t, storetest.Bolt(t, path), store.Options{})
	storetest.Apply(t, st, storetest.Site)
	change := func(f func(e *store.Edit) error) store.Revision {
		t.Helper()
		rev, err := st.Update(ctx, org, by, f)
		if err != nil {
			t.Fatal(err)
		}
		return rev
	}
	code := func(text string) string { return text + strings.Repeat("0", 29) }
	token := func(code string) store.Revision {
		return change(func(e *store.Edit) error {
			d, _ := e.Devices.Get("phone")
			copied := *d
			copied.Token = code
			return e.Devices.Put(copied)
		})
	}
	opens := func(text string, want bool) {
		t.Helper()
		owner, ok := st.Directory().ByCode(store.CodeHash(code(text)))
		if ok != want || ok && owner != (store.CodeOwner{Org: org, Collection: "devices", ID: "phone"}) {
			t.Errorf("%s opens %+v, %v", text, owner, ok)
		}
	}
	first := token(code("one"))
	if len(first.Changes) != 1 || !first.Changes[0].Secret {
		t.Errorf("%+v", first.Changes)
	}
	opens("one", true)
	if again := token(code("one")); len(again.Changes) != 0 {
		t.Error("the same code is a change")
	}
	token(code("two"))
	opens("one", false)
	opens("two", true)
	token("") // kept
	opens("two", true)
	if _, err := st.Update(ctx, org, by, st.Restoring(ctx, org, first.Revision)); err != nil {
		t.Fatal(err)
	}
	opens("one", false)
	opens("two", true)

	if err := st.SaveFetch(org, "phone", store.Fetch{At: time.Unix(1, 0), File: "f"}); err != nil {
		t.Fatal(err)
	}
	if f, ok, err := st.Fetch(ctx, org, "phone"); err != nil || !ok || f.File != "f" {
		t.Errorf("%+v %v %v", f, ok, err)
	}
	deleted := change(func(e *store.Edit) error { return e.Devices.Delete("phone") })
	opens("two", false)
	if _, ok, err := st.Fetch(ctx, org, "phone"); ok || err != nil {
		t.Errorf("what a deleted phone fetched is still there: %v", err)
	}
	if err := st.SaveFetch(org, "phone", store.Fetch{}); err == nil {
		t.Error("a phone that is not there fetched")
	}
	if _, err := st.Update(ctx, org, by, st.Restoring(ctx, org, deleted.Revision-1)); err != nil {
		t.Fatal(err)
	}
	opens("two", true)
	s, _ := st.Snapshot(org)
	sec, _ := s.Secret("devices", "phone")
	if text, err := st.OpenSecret(sec); err != nil || text != code("two") {
		t.Errorf("the token reads %q, %v", text, err)
	}
	if _, err := st.Update(ctx, org, by, func(e *store.Edit) error {
		d, _ := e.Devices.Get("phone")
		copied := *d
		copied.Token = "short"
		return e.Devices.Put(copied)
	}); err == nil {
		t.Error("a token that can be guessed is taken")
	}
	token(code("three"))
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	st = storetest.Open(t, storetest.Bolt(t, path), store.Options{})
	opens("three", true)
	opens("two", false)
}

// Undoing what somebody changed of a user does not bring an invitation back.
func TestRestoreKeepsInvitation(t *testing.T) {
	ctx, org, by := t.Context(), store.DefaultOrganization, store.Author{Who: "test"}
	st := storetest.New(t)
	storetest.Apply(t, st, storetest.Site)
	set := func(state, code, job string) store.Revision {
		t.Helper()
		rev, err := st.Update(ctx, org, by, func(e *store.Edit) error {
			u, _ := e.Users.Get("anna")
			copied := *u
			copied.Invitation.State, copied.InvitationCode, copied.JobTitle = state, code, job
			return e.Users.Put(copied)
		})
		if err != nil {
			t.Fatal(err)
		}
		return rev
	}
	sent := set("sent", store.CodeHash("x"), "before")
	set("accepted", store.NoCode, "after")
	if _, err := st.Update(ctx, org, by, st.Restoring(ctx, org, sent.Revision)); err != nil {
		t.Fatal(err)
	}
	s, _ := st.Snapshot(org)
	u, _ := s.Users.Get("anna")
	_, opens := st.Directory().ByCode(store.CodeHash("x"))
	if u.JobTitle != "before" || u.Invitation.State != "accepted" || opens {
		t.Errorf("%+v, the code opens: %v", u, opens)
	}
}

// Who comes back has no invitation that was used, and has one that was not, with the
// address that is known.
func TestRestoredUserIsInvitedAnew(t *testing.T) {
	ctx, org, by := t.Context(), store.DefaultOrganization, store.Author{Who: "test"}
	for _, c := range []struct{ state, code, want string }{
		{"accepted", store.NoCode, "none"},
		{"sent", store.CodeHash("x"), "sent"},
		{"sent", store.NoCode, "none"},
	} {
		st := storetest.New(t)
		change := func(f func(e *store.Edit) error) store.Revision {
			t.Helper()
			rev, err := st.Update(ctx, org, by, f)
			if err != nil {
				t.Fatal(err)
			}
			return rev
		}
		change(func(e *store.Edit) error {
			if err := e.Users.Put(store.User{Meta: store.Meta{ID: "mia"}, FirstName: "Mia", Email: "mia@example.com", InvitationCode: c.code,
				Invitation: store.Invitation{State: c.state}, EmailVerification: &store.EmailVerification{State: store.EmailVerified, Verified: "mia@example.com"}}); err != nil {
				return err
			}
			return e.AppDevices.Put(store.AppDevice{Meta: store.Meta{ID: "phone"}, UserID: "mia", Username: "mia-1"})
		})
		gone := change(func(e *store.Edit) error { return errors.Join(e.AppDevices.Delete("phone"), e.Users.Delete("mia")) })
		change(st.Undoing(ctx, org, gone.Revision))
		s, _ := st.Snapshot(org)
		u, ok := s.Users.Get("mia")
		if !ok || u.Invitation.State != c.want || u.Verification().Verified != "mia@example.com" || s.AppDevices.Len() != 0 {
			t.Errorf("%s: %+v and %d app devices", c.state, u, s.AppDevices.Len())
		}
		if _, opens := st.Directory().ByCode(store.CodeHash("x")); opens != (c.want == "sent") {
			t.Errorf("%s: the code opens: %v", c.state, opens)
		}
	}
}

// An app's token is found by its hash as long as the app device is there, whatever
// else changes, and comes and goes with the device's password.
func TestAppToken(t *testing.T) {
	ctx, org, by := t.Context(), store.DefaultOrganization, store.Author{Who: "test"}
	path := filepath.Join(t.TempDir(), "strowger.db")
	st := storetest.Open(t, storetest.Bolt(t, path), store.Options{})
	storetest.Apply(t, st, storetest.Site)
	change := func(f func(e *store.Edit) error) store.Revision {
		t.Helper()
		rev, err := st.Update(ctx, org, by, f)
		if err != nil {
			t.Fatal(err)
		}
		return rev
	}
	put := func(f func(d *store.AppDevice)) func(e *store.Edit) error {
		return func(e *store.Edit) error {
			d, _ := e.AppDevices.Get("pixel")
			copied := *d
			f(&copied)
			return e.AppDevices.Put(copied)
		}
	}
	holds := func(token string, want bool) {
		t.Helper()
		owner, ok := st.Directory().ByCode(store.CodeHash(token))
		if ok != want || ok && owner != (store.CodeOwner{Org: org, Collection: "app_devices", ID: "pixel"}) {
			t.Errorf("%s is that of %+v, %v", token, owner, ok)
		}
		s, _ := st.Snapshot(org)
		if d, _ := s.AppDevices.Get("pixel"); d != nil && (d.TokenCode != "" || d.Password != "") {
			t.Errorf("the record shows %+v", d)
		}
	}
	proves := func(password string) {
		t.Helper()
		s, _ := st.Snapshot(org)
		c, ok := s.Credential("pixel-1")
		md5, sha := store.HA1("pixel-1", s.Organization.Realm, password)
		sec, _ := s.Secret("app_devices", "pixel")
		if text, err := st.OpenSecret(sec); !ok || c.HA1MD5 != md5 || c.HA1SHA256 != sha || text != password || err != nil {
			t.Errorf("the device proves itself with %q, not %q: %+v, %v", text, password, c, err)
		}
	}

	first := change(put(func(d *store.AppDevice) { d.TokenCode = store.CodeHash("one") }))
	if len(first.Changes) != 1 || !first.Changes[0].Secret || strings.Contains(text(t, first.Changes[0].After), store.CodeHash("one")) {
		t.Errorf("%+v", first.Changes)
	}
	holds("one", true)
	proves("device secret") // a token alone changes nothing of it
	if again := change(put(func(d *store.AppDevice) { d.TokenCode = store.CodeHash("one") })); len(again.Changes) != 0 {
		t.Error("the same token is a change")
	}
	change(put(func(d *store.AppDevice) { d.Name, d.Password = "Pixel 9", "another secret" }))
	holds("one", true)
	proves("another secret")
	for _, wrong := range []string{"one", strings.ToUpper(store.CodeHash("two"))} {
		_, err := st.Update(ctx, org, by, put(func(d *store.AppDevice) { d.TokenCode = wrong }))
		if rule := (*store.ValidationError)(nil); !errors.As(err, &rule) || rule.Field != "app_devices/pixel.token" {
			t.Errorf("%q is taken for a hash: %v", wrong, err)
		}
	}
	change(put(func(d *store.AppDevice) { d.TokenCode = store.CodeHash("two") }))
	holds("one", false)
	holds("two", true)

	// The name of one that is there goes back, and its secrets stay.
	change(st.Restoring(ctx, org, first.Revision))
	s, _ := st.Snapshot(org)
	if d, _ := s.AppDevices.Get("pixel"); d.Name == "Pixel 9" {
		t.Error("the name is not undone")
	}
	holds("two", true)
	proves("another secret")

	// One that was removed stays so.
	deleted := change(func(e *store.Edit) error { return e.AppDevices.Delete("pixel") })
	for _, back := range []func(*store.Edit) error{st.Undoing(ctx, org, deleted.Revision), st.Restoring(ctx, org, first.Revision)} {
		change(back)
		holds("two", false)
		s, _ := st.Snapshot(org)
		if _, ok := s.AppDevices.Get("pixel"); ok {
			t.Error("the app device is there again")
		}
		if _, ok := s.Credential("pixel-1"); ok {
			t.Error("the app device registers again")
		}
	}
	// One that only has the id of another that was removed is not that one.
	change(func(e *store.Edit) error {
		return e.AppDevices.Put(store.AppDevice{Meta: store.Meta{ID: "pixel"}, UserID: "anna", Username: "pixel-1"})
	})
	holds("two", false)
	change(put(func(d *store.AppDevice) { d.TokenCode = store.CodeHash("three") }))
	change(put(func(d *store.AppDevice) { d.TokenCode = store.NoCode }))
	holds("three", false)
	change(put(func(d *store.AppDevice) { d.TokenCode = store.CodeHash("four") }))

	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	st = storetest.Open(t, storetest.Bolt(t, path), store.Options{})
	holds("four", true)
	holds("three", false)
}
