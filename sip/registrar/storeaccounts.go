package registrar

import (
	"hash/maphash"
	"sync"

	"strowger/store"
)

// StoreAccounts are the accounts of a store, by the contract's "SIP names".
type StoreAccounts struct {
	st      *store.Store
	ourHost func(host string) bool
	seed    maphash.Seed

	seen struct {
		sync.Mutex
		snapshots map[string]*store.Snapshot // by organization
	}
}

// NewStoreAccounts reads accounts from st. ourHost knows the addresses that we
// listen at or advertise: the default organization answers for them.
func NewStoreAccounts(st *store.Store, ourHost func(host string) bool) *StoreAccounts {
	a := &StoreAccounts{st: st, ourHost: ourHost, seed: maphash.MakeSeed()}
	a.seen.snapshots = a.snapshots()
	return a
}

// Find is the organization that a request for host is meant for.
func (a *StoreAccounts) Find(host, username string) (org, realm string, ok bool) {
	d := a.st.Directory()
	host = trimBrackets(host)
	if org, ok = d.ByDomain(host); ok {
		return org, a.realm(org), true
	}
	// The default organization answers for our addresses, but for a name that
	// only another has they say as little as an unknown host.
	if a.ourHost != nil && a.ourHost(host) {
		if s, found := a.st.Snapshot(d.Default()); found && has(s, username) {
			return d.Default(), a.realm(d.Default()), true
		}
	}
	if org, ok = d.ByUsername(username); ok {
		return org, a.realm(org), true
	}
	return "", a.realm(a.anyone(d, username)), false
}

// Named is the address of record that somebody at host goes by who says no more
// than a digest user name or an AOR, in the organization that would ask for the
// password.
func (a *StoreAccounts) Named(host, username string) (org, aor string, ok bool) {
	org, _, ok = a.Find(host, username)
	if !ok {
		return "", "", false
	}
	s, ok := a.st.Snapshot(org)
	if !ok {
		return "", "", false
	}
	if c, ok := s.Credential(username); ok {
		return org, c.AOR, true
	}
	line, ok := s.LineByUsername(username)
	if !ok {
		return "", "", false
	}
	return org, line.AOR(), true
}

// has says whether a name is a digest user name or an AOR.
func has(s *store.Snapshot, username string) bool {
	if _, ok := s.Credential(username); ok {
		return true
	}
	_, ok := s.LineByUsername(username)
	return ok
}

// anyone picks the organization whose realm a user name is challenged with
// that nobody has: always the same for a name, so that the realm does not tell
// which names exist.
func (a *StoreAccounts) anyone(d *store.Directory, username string) string {
	if d.Default() == "" {
		return ""
	}
	all := d.Organizations()
	if len(all) == 1 {
		return all[0]
	}
	return all[maphash.String(a.seed, username)%uint64(len(all))]
}

func (a *StoreAccounts) realm(org string) string {
	if s, ok := a.st.Snapshot(org); ok && s.Organization.Realm != "" {
		return s.Organization.Realm
	}
	return "strowger"
}

// Account finds a credential by its digest user name.
func (a *StoreAccounts) Account(org, username string) (Account, bool) {
	s, ok := a.st.Snapshot(org)
	if !ok {
		return Account{}, false
	}
	return account(s, username)
}

func account(s *store.Snapshot, username string) (Account, bool) {
	c, ok := s.Credential(username)
	if !ok {
		return Account{}, false
	}
	acc := Account{
		Org: s.Organization.ID, Username: username, AOR: c.AOR, LineID: c.LineID, DeviceID: c.DeviceID,
		UserID: c.UserID, MaxContacts: c.MaxContacts, HA1MD5: c.HA1MD5, HA1SHA256: c.HA1SHA256,
	}
	// The record's own string, not the part of a message that was asked with:
	// a binding keeps it.
	if line, ok := s.Line(c.LineID); ok && c.DeviceID == "" {
		acc.AOR = line.AOR()
	}
	return acc, true
}

// Registered is the account that a binding was made with, as it is now.
func (a *StoreAccounts) Registered(org, lineID, deviceID string) (Account, bool) {
	s, ok := a.st.Snapshot(org)
	if !ok {
		return Account{}, false
	}
	line, ok := s.Line(lineID)
	if !ok || !line.IsLine() {
		return Account{}, false
	}
	if deviceID == "" {
		return account(s, line.AOR())
	}
	device, ok := s.AppDevices.Get(deviceID)
	if !ok {
		return Account{}, false
	}
	acc, ok := account(s, device.Username)
	return acc, ok && acc.LineID == lineID
}

// Domain is the organization's own.
func (a *StoreAccounts) Domain(org string) string {
	if s, ok := a.st.Snapshot(org); ok {
		return s.Organization.Domain
	}
	return ""
}

// Changed goes through the AORs of whose accounts anything may be another than
// at the call before, or since NewStoreAccounts.
func (a *StoreAccounts) Changed(f func(org, aor string)) {
	a.seen.Lock()
	defer a.seen.Unlock()
	was, is := a.seen.snapshots, a.snapshots()
	a.seen.snapshots = is
	for org, s := range is {
		for _, aor := range store.ChangedAORs(was[org], s) {
			f(org, aor)
		}
	}
	for org, s := range was {
		if is[org] == nil {
			for _, aor := range store.ChangedAORs(s, nil) {
				f(org, aor)
			}
		}
	}
}

func (a *StoreAccounts) snapshots() map[string]*store.Snapshot {
	all := make(map[string]*store.Snapshot)
	for _, org := range a.st.Directory().Organizations() {
		if s, ok := a.st.Snapshot(org); ok {
			all[org] = s
		}
	}
	return all
}
