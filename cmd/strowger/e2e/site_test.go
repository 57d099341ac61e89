package e2e

import (
	"encoding/json"
	"strings"
	"testing"
)

// record is a record as `strowger apply` takes it.
type record map[string]any

// with sets a field, named by its path.
func (r record) with(path string, value any) record {
	at := r
	for {
		name, rest, more := strings.Cut(path, ".")
		if !more {
			at[name] = value
			return r
		}
		inner, ok := at[name].(record)
		if !ok {
			inner = record{}
			at[name] = inner
		}
		at, path = inner, rest
	}
}

// A site is what an exchange is told before it serves.
type site struct {
	collections map[string][]record
}

func newSite() *site { return &site{collections: map[string][]record{}} }

func (s *site) add(collection string, r record) record {
	s.collections[collection] = append(s.collections[collection], r)
	return r
}

func (s *site) json(t testing.TB) string {
	t.Helper()
	b, err := json.MarshalIndent(s.collections, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// An account is what a phone is set up with.
type account struct {
	Ext      string // internal number
	User     string // of the address that it registers; empty: the Username
	Username string
	Password string
	UserID   string
	LineID   string
}

func accountOf(ext string) account {
	return account{
		Ext: ext, Username: "phone" + ext, Password: "secret-" + ext,
		UserID: "user-" + ext, LineID: "line-" + ext,
	}
}

// phone adds a user with one line that has an internal number. What it answers
// is the line's record, to say more with.
func (s *site) phone(ext string) (account, record) {
	a := accountOf(ext)
	s.add("users", record{"id": a.UserID, "first_name": "Phone", "last_name": ext})
	line := s.add("contact_methods", record{"id": a.LineID, "user_id": a.UserID, "kind": "sip_account"}).
		with("sip_account.username", a.Username).
		with("sip_account.password", a.Password).
		with("inbound.internal_numbers", []string{ext})
	return a, line
}

// number adds a DID.
func (s *site) number(e164, trunk string) {
	s.add("numbers", record{"id": "n" + strings.TrimPrefix(e164, "+"), "e164": e164, "trunk_id": trunk})
}

// trunk adds a carrier at ip:port that is known by its address.
func (s *site) trunk(id, ip string, port int) record {
	return s.add("trunks", record{
		"id": id, "name": id, "host": ip, "port": port, "transport": "udp",
		"addresses": []string{ip}, "trusted_identity": true,
	}).with("auth.mode", "address")
}
