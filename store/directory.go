package store

import (
	"iter"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// DefaultOrganization is the id of the organization that a fresh store has.
const DefaultOrganization = "default"

// A Directory finds the organization that something belongs to. It is
// immutable; a change of one organization makes a new one that shares the rest.
type Directory struct {
	organizations Table[string]
	domains       Table[string] // to organization
	dids          Table[string]
	tokens        Table[string]
	codes         Table[CodeOwner]
	usernames     Table[[]string] // a name may be in several organizations
	trunks        trunkAddresses
}

// A TrunkRef names a trunk of an organization.
type TrunkRef struct {
	Org     string
	TrunkID string
}

// trunkAddresses are replaced as a whole: carriers are few.
type trunkAddresses struct {
	byPrefix map[netip.Prefix][]TrunkRef
	lengths4 []int // in use, longest first
	lengths6 []int
}

// Default is the organization that also answers for our own addresses: the
// first one, unless one is called "default".
func (d *Directory) Default() string {
	if _, ok := d.organizations.Get(DefaultOrganization); ok {
		return DefaultOrganization
	}
	for id := range d.organizations.All() {
		return id
	}
	return ""
}

// Organizations lists the organizations' ids.
func (d *Directory) Organizations() []string {
	out := make([]string, 0, d.organizations.Len())
	for id := range d.organizations.All() {
		out = append(out, id)
	}
	return out
}

// ByDomain finds the organization that a domain is, in any case of letters.
func (d *Directory) ByDomain(host string) (org string, ok bool) {
	return deref(d.domains.Get(lower(strings.TrimSuffix(host, "."))))
}

// ByDID finds the organization that has a number.
func (d *Directory) ByDID(e164 string) (org string, ok bool) { return deref(d.dids.Get(e164)) }

// ByTokenHash finds the organization that an API token was made in.
func (d *Directory) ByTokenHash(hash string) (org string, ok bool) {
	return deref(d.tokens.Get(hash))
}

// A CodeOwner is the record that a code opens: a user's invitation, the
// configuration of a desk phone, or what an app may know and change.
type CodeOwner struct {
	Org        string
	Collection string // users, devices or app_devices
	ID         string
}

// ByCode finds what a code opens by its CodeHash. Looking a hash up tells nothing
// by its time about codes that exist.
func (d *Directory) ByCode(hash string) (CodeOwner, bool) {
	owner, ok := d.codes.Get(hash)
	if !ok {
		return CodeOwner{}, false
	}
	return *owner, true
}

// ByUsername finds the one organization that has a digest user name or an AOR.
// It answers false when two have it.
func (d *Directory) ByUsername(username string) (org string, ok bool) {
	orgs, ok := d.usernames.Get(username)
	if !ok || len(*orgs) != 1 {
		return "", false
	}
	return (*orgs)[0], true
}

// TrunksByAddress lists every trunk that a source address is of, those with the
// longest prefix first. Several organizations may use one carrier, or claim that
// they do: the number that is called says whose call it is. Nobody may change
// the list.
func (d *Directory) TrunksByAddress(ip netip.Addr) []TrunkRef {
	ip = ip.Unmap().WithZone("")
	lengths := d.trunks.lengths6
	if ip.Is4() {
		lengths = d.trunks.lengths4
	}
	var all []TrunkRef
	for _, bits := range lengths {
		p, err := ip.Prefix(bits)
		if err != nil {
			continue
		}
		if refs := d.trunks.byPrefix[p]; all == nil {
			all = refs[:len(refs):len(refs)]
		} else {
			all = append(all, refs...)
		}
	}
	return all
}

func deref(s *string, ok bool) (string, bool) {
	if !ok {
		return "", false
	}
	return *s, true
}

// replace is the directory after an organization changed from old to next;
// either may be nil. It looks only at what differs.
func (d *Directory) replace(old, next *Snapshot) (*Directory, error) {
	n := *d
	var org string
	if next != nil {
		org = next.Organization.ID
		n.organizations = n.organizations.with(org, &org)
	} else {
		org = old.Organization.ID
		n.organizations = n.organizations.without(org)
	}
	if err := n.replaceDomain(org, old, next); err != nil {
		return nil, err
	}
	var a, b Snapshot
	if old != nil {
		a = *old
	}
	if next != nil {
		b = *next
	}
	err := differences(a.byE164, b.byE164, func(e164 string, had, has *Number) error {
		if has == nil {
			n.dids = n.dids.without(e164)
			return nil
		}
		if other, ok := n.dids.Get(e164); ok && *other != org {
			return conflicting(inNumbers+"/"+has.ID, "e164", Say("%s is already a number of another organization", e164))
		}
		n.dids = n.dids.with(e164, &org)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = differences(a.byTokenHash, b.byTokenHash, func(hash string, had, has *Token) error {
		if has == nil {
			n.tokens = n.tokens.without(hash)
			return nil
		}
		if other, ok := n.tokens.Get(hash); ok && *other != org {
			return conflicting(inTokens+"/"+has.ID, "hash", Say("is already that of a token of another organization"))
		}
		n.tokens = n.tokens.with(hash, &org)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, collection := range coded {
		differences(*a.secrets.of(collection), *b.secrets.of(collection), func(id string, had, has *Secret) error {
			if had != nil && had.Code != "" {
				n.codes = n.codes.without(had.Code)
			}
			if has != nil && has.Code != "" {
				n.codes = n.codes.with(has.Code, &CodeOwner{org, collection, id})
			}
			return nil
		})
	}
	alone := []string{org} // shared by all names that only this organization has
	rename := func(name string, has bool) {
		var orgs []string
		if held, ok := n.usernames.Get(name); ok {
			orgs = *held
		}
		i, found := slices.BinarySearch(orgs, org)
		switch {
		case has && len(orgs) == 0:
			n.usernames = n.usernames.with(name, &alone)
		case has && !found:
			more := inserted(orgs, i, org)
			n.usernames = n.usernames.with(name, &more)
		case !has && found && len(orgs) == 1:
			n.usernames = n.usernames.without(name)
		case !has && found:
			less := removed(orgs, i)
			n.usernames = n.usernames.with(name, &less)
		}
	}
	differences(a.byUsername, b.byUsername, func(name string, _, _ *ContactMethod) error {
		rename(name, b.hasUsername(name))
		return nil
	})
	differences(a.byDeviceUsername, b.byDeviceUsername, func(name string, _, _ *AppDevice) error {
		rename(name, b.hasUsername(name))
		return nil
	})
	differences(a.ContactMethods, b.ContactMethods, func(id string, _, _ *ContactMethod) error {
		rename(appAOR+id, b.hasUsername(appAOR+id))
		return nil
	})
	if a.Trunks.root != b.Trunks.root {
		n.trunks = n.trunks.replace(org, b.Trunks)
	}
	return &n, nil
}

// coded are the collections whose records have codes.
var coded = []string{inUsers, inDevices, inAppDevices}

// hasUsername says whether a name is a digest user name or an AOR here.
func (s *Snapshot) hasUsername(name string) bool {
	if _, ok := s.LineByUsername(name); ok {
		return true
	}
	_, ok := s.byDeviceUsername.Get(name)
	return ok
}

// newDirectory makes the directory of all organizations at once.
func newDirectory(all []*Snapshot) *Directory {
	d := &Directory{}
	var organizations, domains, dids, tokens []keyed[string]
	var codes []keyed[CodeOwner]
	var usernames []keyed[[]string]
	for _, s := range all {
		org := s.Organization.ID
		alone := []string{org}
		organizations = append(organizations, keyed[string]{org, &org})
		if s.Organization.Domain != "" {
			domains = append(domains, keyed[string]{s.Organization.Domain, &org})
		}
		for e164 := range s.byE164.All() {
			dids = append(dids, keyed[string]{e164, &org})
		}
		for hash := range s.byTokenHash.All() {
			tokens = append(tokens, keyed[string]{hash, &org})
		}
		for _, collection := range coded {
			for id, sec := range s.secrets.of(collection).All() {
				if sec.Code != "" {
					codes = append(codes, keyed[CodeOwner]{sec.Code, &CodeOwner{org, collection, id}})
				}
			}
		}
		for name := range s.byUsername.All() {
			usernames = append(usernames, keyed[[]string]{name, &alone})
		}
		for name := range s.byDeviceUsername.All() {
			usernames = append(usernames, keyed[[]string]{name, &alone})
		}
		for id, line := range s.ContactMethods.All() {
			if line.Kind == KindApp {
				usernames = append(usernames, keyed[[]string]{appAOR + id, &alone})
			}
		}
		d.trunks = d.trunks.replace(org, s.Trunks)
	}
	d.organizations, d.domains, d.dids, d.tokens = bulk(organizations), bulk(domains), bulk(dids), bulk(tokens)
	d.usernames, d.codes = bulkMerged(usernames), bulk(codes)
	return d
}

// bulkMerged is bulk for keys that several organizations may have.
func bulkMerged(entries []keyed[[]string]) Table[[]string] {
	slices.SortStableFunc(entries, func(a, b keyed[[]string]) int { return strings.Compare(a.key, b.key) })
	merged := entries[:0]
	for _, e := range entries {
		if last := len(merged) - 1; last >= 0 && merged[last].key == e.key {
			both := slices.Concat(*merged[last].v, *e.v)
			slices.Sort(both)
			both = slices.Compact(both)
			merged[last].v = &both
			continue
		}
		merged = append(merged, e)
	}
	return bulk(merged)
}

func (d *Directory) replaceDomain(org string, old, next *Snapshot) error {
	var was, is string
	if old != nil {
		was = old.Organization.Domain
	}
	if next != nil {
		is = next.Organization.Domain
	}
	if was == is {
		return nil
	}
	if was != "" {
		d.domains = d.domains.without(was)
	}
	if is != "" {
		if _, ok := d.domains.Get(is); ok {
			return conflicting(inOrganizations+"/"+org, "domain", Say("%s is already the domain of another organization", is))
		}
		d.domains = d.domains.with(is, &org)
	}
	return nil
}

func (t trunkAddresses) replace(org string, all Table[Trunk]) trunkAddresses {
	next := trunkAddresses{byPrefix: map[netip.Prefix][]TrunkRef{}}
	for p, refs := range t.byPrefix {
		refs = slices.DeleteFunc(slices.Clone(refs), func(r TrunkRef) bool { return r.Org == org })
		if len(refs) > 0 {
			next.byPrefix[p] = refs
		}
	}
	for id, trunk := range all.All() {
		for _, text := range trunk.Addresses {
			if p, ok := parsePrefix(text); ok {
				next.byPrefix[p] = append(next.byPrefix[p], TrunkRef{org, id})
			}
		}
	}
	lengths := map[bool]map[int]bool{false: {}, true: {}}
	for p, refs := range next.byPrefix {
		slices.SortFunc(refs, func(a, b TrunkRef) int {
			return strings.Compare(a.Org+"\x00"+a.TrunkID, b.Org+"\x00"+b.TrunkID)
		})
		lengths[p.Addr().Is4()][p.Bits()] = true
	}
	next.lengths4, next.lengths6 = downwards(maps.Keys(lengths[true])), downwards(maps.Keys(lengths[false]))
	return next
}

func downwards(seq iter.Seq[int]) []int {
	out := slices.Sorted(seq)
	slices.Reverse(out)
	return out
}

// parsePrefix reads an address or a CIDR prefix.
func parsePrefix(text string) (netip.Prefix, bool) {
	if ip, err := netip.ParseAddr(text); err == nil {
		ip = ip.Unmap()
		return netip.PrefixFrom(ip.WithZone(""), ip.BitLen()), ip.Zone() == ""
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, false
	}
	return p.Masked(), true
}
