package provisioning

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"sync"

	"strowger/store"
)

// setUp is the first run, in which nobody can sign in yet. Only the hash of its
// key is kept, and nowhere but here: a new process makes another.
type setUp struct {
	mu     sync.Mutex
	key    [sha256.Size]byte
	hasKey bool

	revision uint64 // that needed was found at
	needed   bool
}

// A SetUpRequest makes the first administrator, and says what the default
// organization is.
type SetUpRequest struct {
	Key          string            `json:"key" writeOnly:"true"`
	Organization SetUpOrganization `json:"organization"`
	FirstName    string            `json:"first_name"`
	LastName     string            `json:"last_name"`
	Email        string            `json:"email"`
	Login        string            `json:"login"` // the email address without it
	Password     string            `json:"password" writeOnly:"true"`
}

// A SetUpOrganization is what the set-up asks of an organization; what is empty
// stays as it is.
type SetUpOrganization struct {
	Name     string `json:"name"`
	Country  string `json:"country"`
	TimeZone string `json:"time_zone"`
	Language string `json:"language"`
}

// SetUpNeeded says whether no organization has an administrator who can sign in.
func (s *Service) SetUpNeeded() bool {
	s.setUp.mu.Lock()
	defer s.setUp.mu.Unlock()
	return s.setUpNeeded()
}

func (s *Service) setUpNeeded() bool {
	revision := s.store.Revision()
	if s.setUp.revision == revision && revision != 0 {
		return s.setUp.needed
	}
	s.setUp.revision, s.setUp.needed = revision, true
	for _, org := range s.store.Directory().Organizations() {
		sn, ok := s.store.Snapshot(org)
		if !ok {
			continue
		}
		for id, u := range sn.Users.All() {
			if sec, _ := sn.Secret("users", id); u.Role == roleAdmin && sec.Hash != "" {
				s.setUp.needed = false
				return false
			}
		}
	}
	return true
}

// SetUpKey makes the key for the set-up, if one is needed; the key before is none
// any more.
func (s *Service) SetUpKey() (key string, needed bool) {
	s.setUp.mu.Lock()
	defer s.setUp.mu.Unlock()
	if !s.setUpNeeded() {
		return "", false
	}
	raw := make([]byte, 32)
	rand.Read(raw) // never fails
	key = base64.RawURLEncoding.EncodeToString(raw)
	s.setUp.key, s.setUp.hasKey = sha256.Sum256([]byte(key)), true
	return key, true
}

// SetUp does the set-up, as one revision, and signs the administrator in.
func (s *Service) SetUp(ctx context.Context, req SetUpRequest, from Client) (in *SignedIn, text string, err error) {
	s.setUp.mu.Lock() // one at a time: the key is good for one
	defer s.setUp.mu.Unlock()
	if !s.setUpNeeded() {
		return nil, "", refuse(409, "the exchange is set up; sign in")
	}
	sum := sha256.Sum256([]byte(req.Key))
	if !s.setUp.hasKey || subtle.ConstantTimeCompare(sum[:], s.setUp.key[:]) != 1 {
		return nil, "", &Refusal{Status: 403, Field: "key", Detail: store.Say("key: not the one that `strowger serve` has printed")}
	}
	org := s.store.Directory().Default()
	u := store.NewUser()
	u.ID, u.Role = store.NewID(), roleAdmin
	u.FirstName, u.LastName, u.Email = req.FirstName, req.LastName, req.Email
	u.Login = cmp.Or(strings.TrimSpace(req.Login), strings.TrimSpace(req.Email))
	if err := req.check(&u); err != nil {
		return nil, "", err
	}
	u.Password = HashPassword(req.Password)
	by := store.Author{Who: personName(&u), Summary: "set up"}
	_, err = s.store.Update(ctx, org, by, func(e *store.Edit) error {
		o := *e.Organization.Get()
		o.Name = cmp.Or(req.Organization.Name, o.Name)
		o.Country = cmp.Or(req.Organization.Country, o.Country)
		o.TimeZone = cmp.Or(req.Organization.TimeZone, o.TimeZone)
		o.Language = cmp.Or(req.Organization.Language, o.Language)
		o.WebAddress = cmp.Or(o.WebAddress, publicBase(from.Base))
		if err := e.Organization.Put(o); err != nil {
			return err
		}
		return e.Users.Put(u)
	})
	var rule *store.ValidationError
	if errors.As(err, &rule) && rule.Record == "organizations/"+org {
		return nil, "", within("organization", relativeTo(err, rule.Record))
	} else if err != nil {
		return nil, "", relativeTo(err, "users/"+u.ID)
	}
	s.setUp.hasKey = false
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, "", err
	}
	return s.beginSession(ctx, sn, &u, from, store.ByPassword)
}

// publicBase is where somebody with the key came to, if others reach it too.
func publicBase(base string) string {
	u, err := url.Parse(base)
	if err != nil || u.Hostname() == "localhost" {
		return ""
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil && addr.IsLoopback() {
		return ""
	}
	return base
}

// check names all that is missing at once.
func (req *SetUpRequest) check(u *store.User) error {
	var e InputError
	for _, f := range []struct{ name, value string }{{"first_name", strings.TrimSpace(u.FirstName)}, {"login", u.Login}, {"password", req.Password}} {
		if f.value == "" {
			e.Fields = append(e.Fields, Fault(f.name, "missing"))
		}
	}
	if len(e.Fields) > 0 {
		return &e
	}
	return checkPassword("password", req.Password)
}
