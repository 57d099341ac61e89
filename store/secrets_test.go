package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"strowger/store"
	"strowger/store/storetest"
)

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
			return changed(e, "anna-desk", func(m *store.ContactMethod) { m.SIPAccount.Password = "new secret" })
		})
		proves("anna2", "new secret")
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
		return changed(e, "ion-desk", func(m *store.ContactMethod) { m.SIPAccount.Password = "new secret" })
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
	anna, ana := text(t, ch.Before), text(t, ch.After)
	if ch.Path != "users/anna" || ch.Op != store.OpUpdate || !strings.Contains(anna, `"first_name":"Anna"`) || !strings.Contains(ana, `"first_name":"Ana"`) {
		t.Errorf("change %s %s\n%s\n%s", ch.Op, ch.Path, anna, ana)
	}
	if got := rename("Ana"); got.Revision != rev.Revision || len(got.Changes) != 0 || st.Revision() != rev.Revision {
		t.Errorf("changing nothing made revision %d", got.Revision)
	}
	rename("Anca")
	update(t, st, func(e *store.Edit) error {
		return errors.Join(e.AppDevices.Delete("pixel"), e.ContactMethods.Delete("anna-desk"), e.Trunks.Put(store.Trunk{Meta: store.Meta{ID: "second"}, Host: "h"}),
			changed(e, "ion-desk", func(m *store.ContactMethod) { m.SIPAccount.Password = "was rotated" }))
	})
	list, err := st.Revisions(ctx, "default", 0, 2)
	if err != nil || len(list) != 2 || list[0].Revision != st.Revision() || list[1].Revision != st.Revision()-1 {
		t.Fatalf("newest two: %v %v", list, err)
	}
	list, err = st.Revisions(ctx, "default", list[1].Revision, 100)
	if err != nil || len(list) != 3 || list[0].Revision != rev.Revision {
		t.Errorf("before: %d %v", len(list), err)
	}

	restored, err := st.Update(ctx, "default", store.Author{Who: "test"}, st.Restoring(ctx, "default", first.Revision))
	if err != nil {
		t.Fatal(err)
	}
	if restored.Revision != st.Revision() {
		t.Errorf("restored as %+v", restored)
	}
	var was, is store.Site
	json.Unmarshal(before, &was)
	after, _ := json.Marshal(current(st).Export())
	json.Unmarshal(after, &is)
	was.AppDevices = []store.AppDevice{} // who removed an app has it stay out
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
	for username, password := range map[string]string{"anna": "anna's secret", "ion": "was rotated"} {
		c, _ := current(st).Credential(username)
		if md5, _ := store.HA1(username, "strowger", password); c.HA1MD5 != md5 {
			t.Errorf("%s does not prove itself with %q", username, password)
		}
	}
	if _, ok := current(st).Credential("pixel-1"); ok {
		t.Error("the app that was removed is let in again")
	}
	if len(restored.Generated) != 0 {
		t.Errorf("made up %+v", restored.Generated)
	}
	if _, err := st.Update(ctx, "default", by, st.Restoring(ctx, "default", 999)); !errors.Is(err, store.ErrNotFound) {
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
	if strings.Contains(text(t, rev.Changes[0].After), hash) {
		t.Error("the revision shows the token's hash")
	}
	update(t, st, func(e *store.Edit) error { return e.Tokens.Delete("t") })
	if _, err := st.Update(context.Background(), "default", by, st.Restoring(context.Background(), "default", rev.Revision)); err != nil {
		t.Fatal(err)
	}
	if _, ok := current(st).TokenByHash(hash); ok {
		t.Error("the token is back")
	}
	if _, ok := st.Directory().ByTokenHash(hash); ok {
		t.Error("the token is still in the directory")
	}
}

// text is a state in JSON.
func text(t *testing.T, s store.State) string {
	t.Helper()
	data, err := s.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
