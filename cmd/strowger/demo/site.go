// Package demo owns what `serve --demo` adds to an empty store: two users, an
// echo number, and a carrier of its own on loopback that can be called and
// calls in. It is an ordinary configuration and an ordinary SIP peer; nothing
// in the exchange knows that it is a demo.
package demo

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"strowger/store"
)

// The demo's numbers.
const (
	didAnna  = "+12025550101"
	didBen   = "+12025550102"
	didMain  = "+12025550100"
	NumTone  = "+12025550142" // the carrier answers with a steady tone
	NumBack  = "+12025550143" // the carrier calls 101 back
	NumBusy  = "+12025550144" // the carrier's callee is busy
	echoCode = "*43"
)

const trunkID = "demo-carrier"

// A Site is the demo's configuration as it is in the store.
type Site struct {
	st    *store.Store
	lines []line
	ours  bool // the store was empty and is the demo's

	password string // of the web login, if it was made now
}

// webLogin is Anna's, who is the demo's administrator.
const webLogin = "anna"

type line struct{ name, number, did, username, password string }

// Prepare puts the demo's users into an empty store. A store that has users
// already is left as it is; the demo then only shows what it finds of its own. hash
// gives what a web password is kept as.
func Prepare(ctx context.Context, st *store.Store, hash func(password string) string) (*Site, error) {
	org := st.Directory().Default()
	snap, ok := st.Snapshot(org)
	if !ok {
		return nil, fmt.Errorf("there is no default organization")
	}
	s := &Site{st: st}
	if snap.Users.Len() == 0 && snap.Trunks.Len() == 0 {
		s.password = store.GeneratePassword()
		hashed := hash(s.password)
		by := store.Author{Who: "demo", Summary: "the demo's users, numbers and carrier"}
		if _, err := st.Update(ctx, org, by, func(e *store.Edit) error { return edit(e, hashed) }); err != nil {
			return nil, err
		}
		snap, _ = st.Snapshot(org)
	}
	if _, s.ours = snap.Trunks.Get(trunkID); !s.ours {
		return s, nil
	}
	for _, l := range []line{{name: "Anna", number: "101", did: didAnna}, {name: "Ben", number: "102", did: didBen}} {
		m, ok := snap.Line("demo-line-" + l.number)
		if !ok {
			continue
		}
		l.username = snap.AOR(m)
		if sec, ok := snap.Secret("contact_methods", m.ID); ok {
			l.password, _ = st.OpenSecret(sec)
		}
		s.lines = append(s.lines, l)
	}
	return s, nil
}

func edit(e *store.Edit, hashed string) error {
	var err error
	do := func(step error) {
		if err == nil {
			err = step
		}
	}
	do(e.Trunks.Put(store.Trunk{
		Meta: store.Meta{ID: trunkID}, Name: "Demo carrier", Host: carrierHost, Port: carrierPort, Transport: "udp",
		Auth: store.TrunkAuth{Mode: store.TrunkByAddress}, Addresses: []string{carrierHost + "/32"}, TrustedIdentity: true, OptionsPingS: 30,
	}))
	for _, n := range []string{didMain, didAnna, didBen} {
		do(e.Numbers.Put(store.Number{Meta: store.Meta{ID: "demo-" + n[1:]}, E164: n, TrunkID: trunkID}))
	}
	for _, u := range []struct{ first, last, number, did string }{{"Anna", "Ash", "101", didAnna}, {"Ben", "Birch", "102", didBen}} {
		id := "demo-user-" + u.number
		person := store.User{Meta: store.Meta{ID: id}, FirstName: u.first, LastName: u.last, Features: store.Features{Voicemail: true, App: true, MultipleCallerIDs: true}}
		if u.first == "Anna" {
			person.Login, person.Password, person.Role = webLogin, hashed, "admin"
		}
		do(e.Users.Put(person))
		do(e.ContactMethods.Put(store.ContactMethod{
			Meta: store.Meta{ID: "demo-line-" + u.number}, UserID: id, Kind: store.KindSIPAccount, Label: "Phone",
			Inbound: store.Inbound{
				DIDNumbers: []string{u.did}, InternalNumbers: []string{u.number},
				WhenUnavailable: store.WhenUnavailable{Action: store.UnavailableVoicemail},
			},
			Outbound:   store.Outbound{ExternalEnabled: true, CallerIDs: []string{u.did}},
			Recording:  store.Recording{OutboundExternal: true, InboundExternal: true},
			SIPAccount: &store.SIPAccount{Username: u.number},
		}))
	}
	for code, action := range map[string]string{echoCode: "echo", "*97": "voicemail", "*78": "dnd_on", "*79": "dnd_off"} {
		do(e.FeatureCodes.Put(store.FeatureCode{Meta: store.Meta{ID: "demo-" + strings.TrimPrefix(code, "*")}, Code: code, Action: action}))
	}
	if err != nil {
		return err
	}
	o := *e.Organization.Get()
	o.Name, o.MainNumber, o.MainDestination = "Demo company", didMain, "101"
	return e.Organization.Put(o)
}

// HowTo is what `serve --demo` prints.
func (s *Site) HowTo(listen []string, http string, carrier bool) string {
	if !s.ours {
		return "\nThis store has users of its own, so the demo added nothing to it. Use another --data directory to see the demo.\n\n"
	}
	var b strings.Builder
	server := "127.0.0.1"
	port := "5060"
	for _, l := range listen {
		if u, err := url.Parse(l); err == nil && u.Scheme == "udp" {
			if h := u.Hostname(); h != "" {
				if a, err := netip.ParseAddr(h); err == nil && !a.IsUnspecified() {
					server = h
				}
			}
			if p := u.Port(); p != "" {
				port = p
			}
			break
		}
	}
	if port != "5060" {
		server = net.JoinHostPort(server, port)
	}
	fmt.Fprintf(&b, "\n  strowger is running. Register a softphone (or two) with:\n\n")
	fmt.Fprintf(&b, "    %-6s %-8s %-10s %-28s %s\n", "who", "number", "user name", "password", "server")
	for _, l := range s.lines {
		fmt.Fprintf(&b, "    %-6s %-8s %-10s %-28s %s\n", l.name, l.number, l.username, l.password, server)
	}
	fmt.Fprintf(&b, "\n  From another machine, the server is this machine's address.\n\n  Then dial\n\n")
	row := func(what, does string) { fmt.Fprintf(&b, "    %-16s %s\n", what, does) }
	row("101, 102", "each other; nobody there: leave a voicemail")
	row(echoCode, "an echo: you hear yourself")
	if carrier {
		row(NumTone, "out through the demo carrier: a steady tone (this call is recorded)")
		row(NumBack, "the carrier calls "+didAnna+" (101) back after 2 s: a call from outside")
		row(NumBusy, "the carrier says that the number is busy")
	}
	fmt.Fprintf(&b, "\n  See what happened:  strowger api GET /calls    strowger calls trace ID    strowger route --from 101 --to %s\n", NumTone)
	password := "the password that the first start printed"
	if s.password != "" {
		password = "password " + s.password
	}
	fmt.Fprintf(&b, "  Sign in:            http://%s/    login %s    %s\n", http, webLogin, password)
	fmt.Fprintf(&b, "  API and metrics:    http://%s/api/docs    http://%s/metrics    (token: strowger token create)\n\n", http, http)
	return b.String()
}
