package store_test

import (
	"context"
	"testing"
	"time"

	"strowger/store"
	"strowger/store/storetest"
)

// A session that begins while the password changes is none: it stands on the one
// that was proven.
func TestSignInWithAnOldPassword(t *testing.T) {
	ctx := context.Background()
	st := storetest.Open(t, storetest.Memory(), store.Options{})
	storetest.Apply(t, st, storetest.Site)
	password := func(hash string, by store.Author) {
		t.Helper()
		if _, err := st.Update(ctx, "default", by, func(e *store.Edit) error {
			u, _ := e.Users.Get("anna")
			changed := *u
			changed.Password = "$argon2id$" + hash
			return e.Users.Put(changed)
		}); err != nil {
			t.Fatal(err)
		}
	}
	password("one", store.Author{})
	sn, _ := st.Snapshot("default")
	begin := func(id string) {
		t.Helper()
		if err := st.SignIn(ctx, sn, store.Session{ID: id, UserID: "anna", Hash: "hash of " + id, CreatedAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	begin("first")
	begin("second")
	password("two", store.Author{Session: "first"})
	begin("late")
	for id, want := range map[string]bool{"first": true, "second": false, "late": false} {
		if _, ok := st.SessionByHash("hash of " + id); ok != want {
			t.Errorf("%s goes on: %v, want %v", id, ok, want)
		}
	}
	// Another person's change keeps none.
	password("three", store.Author{Session: "boss"})
	if own := st.Sessions("default", "anna"); len(own) != 0 {
		t.Errorf("%d sessions go on", len(own))
	}
	if err := st.SignIn(ctx, sn, store.Session{ID: "x", UserID: "nobody"}); err == nil {
		t.Error("nobody signed in")
	}
}
