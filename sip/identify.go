package sip

import (
	"slices"

	"github.com/emiago/sipgo/sip"

	"strowger/routing"
	"strowger/sip/transport"
	"strowger/store"
)

// A delivery is a call that a carrier brings: by which trunk of which
// organization, and for what number.
type delivery struct {
	org, trunkID string
	number       string // as the carrier dials it
	owned        bool   // by the organization
}

// carrier says which trunk a new call comes in by; false: by none, and whoever
// calls must prove to be one of our phones. Of several trunks with that source
// it is the first whose organization owns the number, for tenants share
// carriers; a number that nobody owns is the first one's to refuse.
func (s *Server) carrier(f transport.Flow, req *sip.Request, dialled string) (delivery, bool) {
	refs := s.trunks.Identify(f.Remote().Addr(), req.Recipient.User)
	if len(refs) == 0 {
		return delivery{}, false
	}
	var first, d delivery
	var number, country string // that owners are known of
	var owners []string
	for _, ref := range refs {
		snap, ok := s.o.Store.Snapshot(ref.Org)
		if !ok {
			continue
		}
		t, ok := snap.Trunks.Get(ref.TrunkID)
		if !ok {
			continue
		}
		d = delivery{org: ref.Org, trunkID: t.ID, number: dialled}
		if t.Auth.Username != "" && dialled == t.Auth.Username {
			// It calls the name that we registered; the number is in To.
			d.number = userOf(req.To().Address)
		}
		if in := routing.Country(snap.Organization, t); d.number != number || in != country {
			number, country = d.number, in
			owners = s.owners(owners[:0], number, country)
		}
		if d.owned = slices.Contains(owners, d.org); d.owned {
			break
		}
		if first.org == "" {
			first = d
		}
	}
	if !d.owned {
		d = first
	}
	return d, d.org != "" && !s.fromPhone(f, req, &d, refs)
}

// owners adds the organizations that digits from a carrier of country may call.
func (s *Server) owners(list []string, digits, country string) []string {
	dir := s.o.Store.Directory()
	for e164 := range routing.Dialled(digits, country) {
		if org, ok := dir.ByDID(e164); ok {
			list = append(list, org)
		}
	}
	return list
}

// fromPhone says whether a call from a carrier's address is a phone's all the
// same. Anyone who configures trunks may write down any address: an office of
// another tenant, say, whose calls are not to become the trunk's by it. And a
// gateway may well share its address with the phones of the office that it
// stands in.
//
// A carrier is never asked for a password, and a phone can't do without: so a
// call is a carrier's until something says that it is not. Credentials of ours
// do, always. So does From, where it names an account of another organization
// under that one's domain, or from where its phone is registered, port and all;
// an office that withholds its number has it in Contact. For a number of the
// trunk's own organization nothing weaker counts, the host of the Request-URI
// least: carriers of many tenants call one name of the exchange, which is the
// domain of one of them.
//
// What is for nobody's number would be refused as a carrier's, so that less is
// enough: any account in From, the trunk's own organization's too, or another
// organization's domain. That is how the phones beside a gateway get through,
// while all that a gateway brings for our numbers is taken without a password.
func (s *Server) fromPhone(f transport.Flow, req *sip.Request, d *delivery, refs []store.TrunkRef) bool {
	if s.auth.Claims(req) {
		return true
	}
	dir := s.o.Store.Directory()
	from := &req.From().Address
	host := req.Recipient.Host
	domain, ofDomain := dir.ByDomain(from.Host)
	if ofDomain {
		host = from.Host
	}
	if org, aor, ok := s.accounts.Named(host, unescape(from.User)); ok {
		if !d.owned || org != d.org && (ofDomain && domain == org || s.reg.RegisteredFrom(org, aor, f.Remote())) {
			return true
		}
	}
	if c := req.Contact(); c != nil {
		if org, aor, ok := s.accounts.Named(host, unescape(c.Address.User)); ok && (!d.owned || org != d.org) && s.reg.RegisteredFrom(org, aor, f.Remote()) {
			return true
		}
	}
	if d.owned {
		return false
	}
	elsewhere := func(host string) bool {
		org, ok := dir.ByDomain(host)
		return ok && !slices.ContainsFunc(refs, func(r store.TrunkRef) bool { return r.Org == org })
	}
	return elsewhere(from.Host) || elsewhere(req.Recipient.Host)
}
