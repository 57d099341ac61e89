package sip

import (
	"context"
	"net/netip"

	"strowger/sip/registrar"
	"strowger/sip/transport"
	"strowger/store"
)

// accounts answers the registrar's questions from the configuration.
type accounts struct {
	st  *store.Store
	net *transport.Layer
}

// defaultRealm is what a request for nobody is challenged with.
const defaultRealm = "strowger"

// Find says whose request it is (contract, "SIP names"): a domain's; the
// default organization's, which answers for our addresses as well; else that
// of the one organization that has the user name.
func (a accounts) Find(host, username string) (org, realm string, ok bool) {
	d := a.st.Directory()
	org, ok = d.ByDomain(host)
	if !ok && username != "" {
		if a.net.OurHost(host) {
			org = d.Default()
			if snap, found := a.st.Snapshot(org); found {
				_, ok = snap.Credential(username)
			}
		}
		if !ok {
			org, ok = d.ByUsername(username)
		}
	}
	if !ok {
		if org, ok = d.Default(), a.net.OurHost(host); org == "" {
			return "", defaultRealm, false
		}
	}
	snap, found := a.st.Snapshot(org)
	if !found {
		return "", defaultRealm, false
	}
	return org, snap.Organization.Realm, ok
}

func (a accounts) Account(org, username string) (registrar.Account, bool) {
	snap, ok := a.st.Snapshot(org)
	if !ok {
		return registrar.Account{}, false
	}
	c, ok := snap.Credential(username)
	if !ok {
		return registrar.Account{}, false
	}
	return account(org, username, c), true
}

func account(org, username string, c store.Credential) registrar.Account {
	return registrar.Account{
		Org: org, Username: username, AOR: c.AOR, LineID: c.LineID, DeviceID: c.DeviceID, UserID: c.UserID,
		MaxContacts: c.MaxContacts, HA1MD5: c.HA1MD5, HA1SHA256: c.HA1SHA256,
	}
}

// Registered is the account behind a binding as it is now.
func (a accounts) Registered(org, lineID, deviceID string) (registrar.Account, bool) {
	snap, ok := a.st.Snapshot(org)
	if !ok {
		return registrar.Account{}, false
	}
	line, ok := snap.Line(lineID)
	if !ok {
		return registrar.Account{}, false
	}
	username := snap.AOR(line)
	if deviceID != "" {
		device, ok := snap.AppDevices.Get(deviceID)
		if !ok {
			return registrar.Account{}, false
		}
		username = device.Username
	}
	c, ok := snap.Credential(username)
	if !ok || c.LineID != lineID {
		return registrar.Account{}, false
	}
	return account(org, username, c), true
}

func (a accounts) Domain(org string) string {
	if snap, ok := a.st.Snapshot(org); ok {
		return snap.Organization.Domain
	}
	return ""
}

func (a accounts) Revision(org string) uint64 {
	if snap, ok := a.st.Snapshot(org); ok {
		return snap.Revision
	}
	return 0
}

// carriers answers package trunk's questions from the configuration.
type carriers struct{ st *store.Store }

func (c carriers) Organizations() []string { return c.st.Directory().Organizations() }

func (c carriers) Trunks(org string) []*store.Trunk {
	snap, ok := c.st.Snapshot(org)
	if !ok {
		return nil
	}
	var out []*store.Trunk
	for _, t := range snap.Trunks.All() {
		out = append(out, t)
	}
	return out
}

func (c carriers) Password(org, trunkID string) (string, error) {
	snap, ok := c.st.Snapshot(org)
	if !ok {
		return "", store.ErrNotFound
	}
	sec, ok := snap.Secret("trunks", trunkID)
	if !ok {
		return "", store.ErrNotFound
	}
	return c.st.OpenSecret(sec)
}

func (c carriers) ByAddress(ip netip.Addr) (org, trunkID string, ok bool) {
	return c.st.Directory().ByTrunkAddress(ip)
}

// loadBindings are the registrations of an earlier run.
func loadBindings(ctx context.Context, st *store.Store) ([]store.Binding, error) {
	var out []store.Binding
	err := st.LoadBindings(ctx, func(b *store.Binding) error {
		out = append(out, *b)
		return nil
	})
	return out, err
}
