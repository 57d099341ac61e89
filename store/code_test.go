package store_test

import (
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
