package registrar

import (
	"context"
	"net/netip"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"strowger/sip/digest"
	"strowger/store"
	"strowger/store/bolt"
)

// opened is the real store on the real file.
func opened(t *testing.T, path string) *store.Store {
	t.Helper()
	backend, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(context.Background(), backend, store.Options{Key: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func edit(t *testing.T, st *store.Store, org string, f func(*store.Edit) error) {
	t.Helper()
	if _, err := st.Update(context.Background(), org, store.Author{Who: "test"}, f); err != nil {
		t.Fatal(err)
	}
}

func meta(id string) store.Meta { return store.Meta{ID: id} }

// account makes a user with a SIP account and, below it, an app with a device.
func accountIn(t *testing.T, st *store.Store, org, name, password string) {
	t.Helper()
	edit(t, st, org, func(e *store.Edit) error {
		if err := e.Users.Put(store.User{Meta: meta(name), FirstName: name, Features: store.Features{App: true}}); err != nil {
			return err
		}
		if err := e.ContactMethods.Put(store.ContactMethod{Meta: meta("line-" + name), UserID: name, Kind: store.KindSIPAccount,
			SIPAccount: &store.SIPAccount{Username: name, Password: password}}); err != nil {
			return err
		}
		if err := e.ContactMethods.Put(store.ContactMethod{Meta: meta("app-of-" + name), UserID: name, Kind: store.KindApp}); err != nil {
			return err
		}
		return e.AppDevices.Put(store.AppDevice{Meta: meta("device-" + name), UserID: name, Username: "dev-" + name, Password: password})
	})
}

// The registrar on the real store: what a 200 promised is there after a
// restart, and what the configuration no longer has is not.
func TestRestartWithStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "strowger.db")
	st := opened(t, path)
	org := st.Directory().Default()
	for _, name := range []string{"anna", "ion"} {
		accountIn(t, st, org, name, "secret-1")
	}
	cseq := 0 // of one phone, which did not restart
	run := func(st *store.Store) (*Registrar, func(name, username, password string) int) {
		fl := newFleet(t, 0)
		accounts := NewStoreAccounts(st, func(host string) bool { return host == "192.0.2.1" })
		auth := NewAuthenticator(AuthOptions{Accounts: accounts})
		r := New(Options{Auth: auth, Network: fl.tp, Saved: st})
		flow, _ := fl.tp.UDPTo(netip.MustParseAddrPort("198.51.100.7:5060"))
		return r, func(aor, username, password string) int {
			cseq++
			ch, _ := digest.ParseChallenge(string(digest.AppendChallenge(nil, digest.SHA256, "strowger", auth.nonces.Append(nil, flow.Remote().Addr()), false)))
			req := register(t, "192.0.2.1", aor, "198.51.100.7:5060", cseq, ch.Answer("REGISTER", "sip:192.0.2.1", username, password, 1))
			got := make(chan int, 1)
			r.Handle(flow, req, func(status int, _ []byte) { got <- status })
			return <-got
		}
	}
	r, ask := run(st)
	for _, test := range []struct {
		aor, username, password string
		want                    int
	}{
		{"anna", "anna", "secret-1", 200}, {"ion", "ion", "secret-1", 200}, {"app-app-of-anna", "dev-anna", "secret-1", 200},
		{"anna", "anna", "wrong", 401}, {"ion", "anna", "secret-1", 403}, {"dev-anna", "dev-anna", "secret-1", 403}, {"nobody", "nobody", "secret-1", 401},
		{"app-app-of-ion", "dev-anna", "secret-1", 403},
	} {
		if got := ask(test.aor, test.username, test.password); got != test.want {
			t.Errorf("%+v: got %d", test, got)
		}
	}
	if n := len(r.Registrations(org)); n != 3 {
		t.Fatalf("%d bindings", n)
	}
	r.Close()
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}

	st = opened(t, path)
	sn, _ := st.Snapshot(org)
	for _, name := range []string{"anna", "ion"} {
		u, _ := sn.Users.Get(name)
		if at, ok := st.LastSeen(org, u); !ok || time.Since(at) > 49*time.Hour {
			t.Errorf("%s, who registered, was last seen %v, %v", name, at, ok)
		}
	}
	edit(t, st, org, func(e *store.Edit) error { return e.ContactMethods.Delete("line-ion") })
	load := func(r *Registrar) {
		if err := r.Load(func(f func(*store.Binding) error) error { return st.LoadBindings(context.Background(), f) }); err != nil {
			t.Fatal(err)
		}
	}
	r, ask = run(st)
	load(r)
	list := r.Contacts(org, "anna")
	if len(list) != 1 || list[0].URI != "sip:anna@198.51.100.7:5060" || list[0].Flow.Remote().String() != "198.51.100.7:5060" || len(r.Registrations(org)) != 2 {
		t.Fatalf("after the restart: %+v", r.Registrations(org))
	}
	if got := ask("anna", "anna", "secret-1"); got != 200 {
		t.Errorf("a refresh after the restart: %d", got)
	}
	// What happens to the configuration now ends bindings at once.
	watch := st.Watch()
	defer watch.Close()
	edit(t, st, org, func(e *store.Edit) error { return e.AppDevices.Delete("device-anna") })
	<-watch.C()
	r.Sync()
	if n := len(r.Registrations(org)); n != 1 {
		t.Errorf("%d bindings without the device", n)
	}
	edit(t, st, org, func(e *store.Edit) error {
		line, _ := e.ContactMethods.Get("line-anna")
		next, account := *line, *line.SIPAccount
		account.Password, next.SIPAccount = "secret-2", &account
		return e.ContactMethods.Put(next)
	})
	r.Sync()
	if n := len(r.Registrations(org)); n != 0 {
		t.Errorf("%d bindings made with a password that is void", n)
	}
	r.Close()
	st.Close()

	st = opened(t, path)
	defer st.Close()
	r, _ = run(st)
	defer r.Close()
	load(r)
	if n := len(r.Registrations(org)); n != 0 {
		t.Errorf("%d bindings came back", n)
	}
}

// What a registration rests on is looked at again when it changed, and only
// then.
func TestChangedAORs(t *testing.T) {
	st := opened(t, filepath.Join(t.TempDir(), "strowger.db"))
	defer st.Close()
	if _, err := st.CreateOrganization(t.Context(), store.Author{Who: "test"}, store.Organization{Meta: meta("red"), Name: "Red"}); err != nil {
		t.Fatal(err)
	}
	main := st.Directory().Default()
	for _, name := range []string{"anna", "bela", "carol"} {
		accountIn(t, st, main, name, "secret-1")
	}
	accountIn(t, st, "red", "rosa", "secret-1")
	a := NewStoreAccounts(st, nil)
	line := func(name string, f func(*store.SIPAccount)) func(e *store.Edit) error {
		return func(e *store.Edit) error {
			old, _ := e.ContactMethods.Get("line-" + name)
			next, account := *old, *old.SIPAccount
			f(&account)
			next.SIPAccount = &account
			return e.ContactMethods.Put(next)
		}
	}
	for _, test := range []struct {
		what string
		org  string
		edit func(e *store.Edit) error
		want []string
	}{
		{"a user's name", main, func(e *store.Edit) error {
			old, _ := e.Users.Get("anna")
			next := *old
			next.LastName = "Ionescu"
			return e.Users.Put(next)
		}, nil},
		{"whether a user has the app", main, func(e *store.Edit) error {
			old, _ := e.Users.Get("anna")
			next := *old
			next.Features.App = false
			return e.Users.Put(next)
		}, []string{"anna", "app-app-of-anna"}},
		{"a line's password", main, line("anna", func(a *store.SIPAccount) { a.Password = "secret-2" }), []string{"anna", "app-app-of-anna"}},
		{"a line's name", main, line("bela", func(a *store.SIPAccount) { a.Username = "adalbert" }), []string{"adalbert", "app-app-of-bela", "bela"}},
		{"a device's password", main, func(e *store.Edit) error {
			old, _ := e.AppDevices.Get("device-carol")
			next := *old
			next.Password = "secret-2"
			return e.AppDevices.Put(next)
		}, []string{"app-app-of-carol", "carol"}},
		{"a device", main, func(e *store.Edit) error { return e.AppDevices.Delete("device-carol") }, []string{"app-app-of-carol", "carol"}},
		{"a line", "red", func(e *store.Edit) error { return e.ContactMethods.Delete("line-rosa") }, []string{"app-app-of-rosa", "rosa"}},
		{"the organization", "red", func(e *store.Edit) error {
			next := *e.Organization.Get()
			next.Name = "Rot"
			return e.Organization.Put(next)
		}, nil},
	} {
		edit(t, st, test.org, test.edit)
		var got []string
		a.Changed(func(org, aor string) {
			if org != test.org {
				t.Errorf("%s: %s of %s", test.what, aor, org)
			}
			got = append(got, aor)
		})
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.what, got, test.want)
		}
	}
	if _, _, err := st.DeleteOrganization(t.Context(), store.Author{Who: "test"}, "red"); err != nil {
		t.Fatal(err)
	}
	var gone []string
	a.Changed(func(org, aor string) { gone = append(gone, org+" "+aor) })
	if !slices.Equal(gone, []string{"red app-app-of-rosa"}) {
		t.Errorf("an organization that is gone: %v", gone)
	}
}

// Contract, "SIP names".
func TestFindOrganization(t *testing.T) {
	st := opened(t, filepath.Join(t.TempDir(), "strowger.db"))
	defer st.Close()
	ctx := context.Background()
	for _, o := range []store.Organization{{Meta: meta("red"), Name: "Red", Domain: "red.example"}, {Meta: meta("blue"), Name: "Blue", Domain: "blue.example", Realm: "azure"}} {
		if _, err := st.CreateOrganization(ctx, store.Author{Who: "test"}, o); err != nil {
			t.Fatal(err)
		}
	}
	main := st.Directory().Default()
	accountIn(t, st, main, "anna", "secret-1")
	accountIn(t, st, "red", "anna", "secret-1")
	accountIn(t, st, "red", "rosa", "secret-1")
	accountIn(t, st, "blue", "bela", "secret-1")
	a := NewStoreAccounts(st, func(host string) bool { return host == "192.0.2.1" || host == "2001:db8::1" })
	for _, test := range []struct {
		host, user, org, realm string
		ok                     bool
	}{
		{"red.example", "anna", "red", "strowger", true},
		{"RED.example", "nobody", "red", "strowger", true},
		{"blue.example", "anna", "blue", "azure", true},
		{"192.0.2.1", "anna", main, "strowger", true},
		{"[2001:db8::1]", "anna", main, "strowger", true},
		{"192.0.2.1", "rosa", "red", "strowger", true}, // the default organization has none of that name
		{"elsewhere.example", "bela", "blue", "azure", true},
		{"elsewhere.example", "dev-bela", "blue", "azure", true},
		{"elsewhere.example", "app-app-of-bela", "blue", "azure", true},
		{"elsewhere.example", "anna", "", "", false}, // two have one
		{"elsewhere.example", "nobody", "", "", false},
	} {
		org, realm, ok := a.Find(test.host, test.user)
		if ok != test.ok || org != test.org || test.ok && realm != test.realm {
			t.Errorf("%s at %s: %q %q %v", test.user, test.host, org, realm, ok)
		}
		if again, r, _ := a.Find(test.host, test.user); again != org || r != realm {
			t.Errorf("%s at %s: another answer the second time", test.user, test.host)
		}
	}
	// Nobody is challenged with any of the realms that somebody may have.
	realms := map[string]bool{}
	for i := range 64 {
		_, realm, _ := a.Find("elsewhere.example", string(rune('a'+i)))
		realms[realm] = true
	}
	if len(realms) != 2 {
		t.Errorf("realms %v", realms)
	}
	if a.Domain("red") != "red.example" {
		t.Error("domain")
	}
}
