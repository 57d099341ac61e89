package provisioning

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strowger/store"
	"strowger/store/bolt"
)

// newService is a service over a real store, with a clock of its own.
func newService(t testing.TB) (*Service, *time.Time) {
	t.Helper()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return reopened(t, t.TempDir(), &now), &now
}

// reopened is a service over a data directory as the last process left it.
func reopened(t testing.TB, dir string, now *time.Time) *Service {
	t.Helper()
	backend, err := bolt.Open(filepath.Join(dir, "strowger.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), backend, store.Options{Key: bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return New(st, Options{Data: dir, Now: func() time.Time { return *now }})
}

var me = store.Author{Who: "a test"}

func mustCreate(t testing.TB, s *Service, collection, raw string) any {
	t.Helper()
	c, _ := FindCollection(collection)
	r, _, err := s.Create(t.Context(), store.DefaultOrganization, me, c, []byte(raw))
	if err != nil {
		t.Fatalf("create %s: %v", raw, err)
	}
	return r
}

func TestTokenExpires(t *testing.T) {
	s, now := newService(t)
	v := mustCreate(t, s, "tokens", `{"role":"operator","expires_at":"2026-03-02T00:00:00Z"}`).(*TokenView)
	if c, ok := s.Authenticate(v.Text); !ok || c.Role != store.TokenOperator {
		t.Fatalf("%+v %v", c, ok)
	}
	for _, wrong := range []string{"", "sw_", v.Text[3:], v.Text + "x", strings.ToUpper(v.Text)} {
		if _, ok := s.Authenticate(wrong); ok {
			t.Errorf("%q is a token", wrong)
		}
	}
	*now = now.Add(12 * time.Hour)
	if _, ok := s.Authenticate(v.Text); ok {
		t.Error("the token outlived its end")
	}
}

func TestTokenEndsWithItsUser(t *testing.T) {
	s, _ := newService(t)
	mustCreate(t, s, "users", `{"id":"u","first_name":"U"}`)
	v := mustCreate(t, s, "tokens", `{"role":"user","user_id":"u"}`).(*TokenView)
	if c, ok := s.Authenticate(v.Text); !ok || c.UserID != "u" {
		t.Fatalf("%+v %v", c, ok)
	}
	if err := s.DeleteUser(t.Context(), store.DefaultOrganization, me, "u", "", true, ""); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Authenticate(v.Text); ok {
		t.Error("the token outlived its user")
	}
}

func TestPassword(t *testing.T) {
	hash := HashPassword("correct horse")
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %s", hash)
	}
	if hash == HashPassword("correct horse") {
		t.Error("two hashes of one password are the same")
	}
	if !CheckPassword(hash, "correct horse") || CheckPassword(hash, "correct horsf") || CheckPassword(hash, "") {
		t.Error("the hash does not tell passwords apart")
	}
	for _, bad := range []string{"", "x", "$argon2id$", "$argon2id$v=19$m=99999999,t=2,p=1$AAAA$AAAA", "$argon2id$v=19$m=0,t=0,p=0$AAAA$AAAA",
		"$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA", "$argon2id$v=18$m=19456,t=2,p=1$AAAA$AAAA", strings.Replace(hash, "$m=", "$n=", 1)} {
		if CheckPassword(bad, "correct horse") {
			t.Errorf("%q is a hash", bad)
		}
	}
}

// TestDecode: every mistake is named with its path.
func TestDecode(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{`{"first_name":"A"}`, ""},
		{`{"first_name":null,"routing":null,"created_at":"2026-01-01T00:00:00Z"}`, ""},
		{`{"first_name":1,"colour":"red","forward":{"enabled":"yes","to":1}}`,
			"colour: unknown field; first_name: want a string; forward.enabled: want true or false; forward.to: unknown field"},
		{`{"routing":{"contact_method_ids":["a",2],"ring_s":1.5}}`, "routing.contact_method_ids[1]: want a string; routing.ring_s: want a whole number"},
		{`{"routing":{"ring_s":99999999999999999999}}`, "routing.ring_s: want a whole number"},
		{`{"Email":"x"}`, "Email: unknown field"},
		{`{"created_at":"yesterday"}`, "created_at: want a time like 2006-01-02T15:04:05Z"},
		{`[]`, "want an object"},
		{"{\n\"a\": }", "not JSON: line 2: invalid character '}' looking for beginning of value"},
		{`{"first_name":"A"`, "not JSON: it ends too early"},
		{` `, "the body is empty"},
		{`{} {}`, "something follows the JSON value at byte 4"},
	} {
		var u store.User
		err := Decode([]byte(c.raw), &u)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.raw, got, c.want)
		}
		var in *InputError
		if err != nil && (!errors.As(err, &in) || in.Malformed != !strings.HasPrefix(c.raw, "{\"") && c.raw != "[]" && c.want != "want an object" && !strings.Contains(c.want, ": want") || len(in.Fields) == 0) {
			if !strings.HasPrefix(c.want, "not JSON") {
				t.Errorf("%s: %+v", c.raw, in)
			}
		}
	}
}

// TestMerge is the table of RFC 7396 Appendix A.
func TestMerge(t *testing.T) {
	for _, c := range []struct{ target, patch, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `null`, `null`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"a":1,"e":null}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		target, _ := parse([]byte(c.target))
		patch, _ := parse([]byte(c.patch))
		got, err := asJSON(merge(target, patch))
		if err != nil || got != c.want {
			t.Errorf("%s + %s = %s (%v), want %s", c.target, c.patch, got, err, c.want)
		}
	}
}

// TestFilled: an answer holds no null, and the record itself is not touched.
func TestFilled(t *testing.T) {
	r := &store.TimeSchedule{Exceptions: []store.DateException{{Date: "2026-01-01"}}}
	got := Filled(r)
	text, err := asJSON(got)
	if err != nil || strings.Contains(text, "null") {
		t.Errorf("%s %v", text, err)
	}
	if r.Ranges != nil || r.Exceptions[0].Ranges != nil {
		t.Error("the record was changed")
	}
	line := &store.ContactMethod{SIPAccount: &store.SIPAccount{}}
	if Filled(line); line.SIPAccount.Codecs != nil {
		t.Error("the block was changed")
	}
	if ETag(&store.TimeSchedule{}) != ETag(&store.TimeSchedule{Ranges: []store.TimeRange{}}) {
		t.Error("nil and empty have two tags")
	}
}

// BenchmarkList50000 is a page of a large list, in the middle of it, and one of
// those that a search finds.
func BenchmarkList50000(b *testing.B) {
	s, _ := newService(b)
	site := &store.Site{}
	for i := range 50_000 {
		site.Users = append(site.Users, store.User{Meta: store.Meta{ID: fmt.Sprintf("u%05d", i)}, FirstName: "Ion", LastName: fmt.Sprintf("Nr%05d", (i*7919)%50_000),
			Email: fmt.Sprintf("u%d@example.com", i), JobTitle: "Engineer", Department: fmt.Sprint("Department ", i%50)})
	}
	if _, err := s.store.ApplySite(b.Context(), store.DefaultOrganization, me, site, false, false); err != nil {
		b.Fatal(err)
	}
	cursor := place{string(sortKey(nil, "Nr25000", "Ion")), ""}.cursor()
	for name, q := range map[string]Query{"page": {Cursor: cursor}, "search": {Filters: map[string]string{"full_name": "7", "email~": "example"}}} {
		list := func(b *testing.B, s *Service) {
			page, err := s.List(store.DefaultOrganization, users, q)
			if err != nil || len(page.Items) != DefaultLimit {
				b.Fatal(err, len(page.Items))
			}
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				list(b, s)
			}
		})
		b.Run(name+"-after-start", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				list(b, New(s.store, Options{}))
			}
		})
		for _, changes := range []int{1, 10_000} {
			b.Run(fmt.Sprintf("%s-after-save-of-%d", name, changes), func(b *testing.B) {
				var round int
				for b.Loop() {
					b.StopTimer()
					round++
					_, err := s.store.Update(b.Context(), store.DefaultOrganization, me, func(e *store.Edit) error {
						for i := range changes {
							u, _ := e.Users.Get(fmt.Sprintf("u%05d", i))
							changed := *u
							changed.FirstName = fmt.Sprint("Ion ", round)
							if err := e.Users.Put(changed); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
					list(b, s)
				}
			})
		}
	}
}
