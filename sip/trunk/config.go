package trunk

import (
	"net/netip"

	"strowger/store"
)

// StoreConfiguration is the configuration that a store holds.
type StoreConfiguration struct{ Store *store.Store }

// Organizations lists all of them.
func (c StoreConfiguration) Organizations() []string { return c.Store.Directory().Organizations() }

// Trunks lists the trunks of one.
func (c StoreConfiguration) Trunks(org string) []*store.Trunk {
	s, ok := c.Store.Snapshot(org)
	if !ok {
		return nil
	}
	list := make([]*store.Trunk, 0, s.Trunks.Len())
	for _, t := range s.Trunks.All() {
		list = append(list, t)
	}
	return list
}

// Password opens a trunk's secret.
func (c StoreConfiguration) Password(org, trunkID string) (string, error) {
	s, ok := c.Store.Snapshot(org)
	if !ok {
		return "", nil
	}
	secret, ok := s.Secret("trunks", trunkID)
	if !ok || len(secret.Sealed) == 0 {
		return "", nil
	}
	return c.Store.OpenSecret(secret)
}

// ByAddress lists the trunks that a source may be.
func (c StoreConfiguration) ByAddress(ip netip.Addr) []store.TrunkRef {
	return c.Store.Directory().TrunksByAddress(ip)
}
