package provisioning

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"strowger/routing"
	"strowger/store"
)

// Dependencies lists what a delete of a record removes or changes beside it, who
// forwards calls to a number that goes, and what each of that means.
func (s *Service) Dependencies(ctx context.Context, org string, c Collection, id string) ([]Dependency, error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, err
	}
	record, ok := c.kept(sn, id)
	if !ok {
		return nil, refuse(404, "no such %s", noun(c))
	}
	l := loss{sn: sn, lost: make(map[string]bool), all: []Dependency{}}
	switch r := record.(type) {
	case *store.User:
		l.user(r)
		messages, err := s.messagesOf(ctx, org, id)
		if err != nil {
			return nil, err
		}
		if n := len(messages); n > 0 {
			label := fmt.Sprint(n, " messages")
			if n == 1 {
				label = "1 message"
			}
			l.add("voicemails", id, label, store.Say("stay in the company's inbox, where administrators alone hear them, unless somebody else gets them"))
			l.all[len(l.all)-1].Count = n
		}
	case *store.ContactMethod:
		l.line(r)
	case *store.Number:
		l.lost[r.E164] = true
		l.forwarders(nil)
	case *store.InternalNumber:
		l.lost[r.Number] = true
		l.forwarders(nil)
	case *store.CallFlow:
		l.owned(store.Owner{Kind: store.OwnerCallFlow, ID: id})
		l.forwarders([]string{"call_flows/" + id + "."})
	}
	return l.all, nil
}

// A loss gathers what a deletion does to other records.
type loss struct {
	sn   *store.Snapshot
	lost map[string]bool // numbers that nobody will have: E.164 and internal ones
	all  []Dependency
}

func (l *loss) add(collection, id, label string, consequence store.Words) {
	l.all = append(l.all, Dependency{Collection: collection, ID: id, Label: label, Consequence: consequence.String(), Words: consequence})
}

func (l *loss) user(u *store.User) {
	owners := []store.Owner{{Kind: store.OwnerUser, ID: u.ID}}
	lines := l.sn.LinesOf(u.ID)
	goes := []string{"users/" + u.ID + "."}
	for _, m := range lines {
		owners = append(owners, store.Owner{Kind: store.OwnerContactMethod, ID: m.ID})
		goes = append(goes, "contact_methods/"+m.ID+".")
		l.all = append(l.all, holder(l.sn, "contact_methods/"+m.ID, store.Say("is deleted; %s", lossOf(m))))
	}
	l.apps(u.ID)
	l.owned(owners...)
	l.forwarders(goes)
	l.devices(store.Say("loses the user's lines"), lines...)
	for _, f := range l.sn.CallFlows.All() {
		for _, n := range f.Nodes {
			switch name := cmp.Or(n.Name, n.ID); {
			case n.Settings["user_id"] == u.ID:
				l.add("call_flows", f.ID, f.Name, store.Say("its module %q hangs up instead", name))
			case slices.Contains(n.UserIDs(), u.ID):
				l.add("call_flows", f.ID, f.Name, store.Say("its module %q does not ring the user any more", name))
			}
		}
	}
	for _, t := range l.sn.Tokens.All() {
		switch {
		case t.UserID == u.ID:
			l.add("tokens", t.ID, t.Label, store.Say("is deleted; programs that use it are refused"))
		case t.CreatedBy == u.ID:
			l.add("tokens", t.ID, t.Label, store.Say("is deleted, for the user made it and may know it; programs that use it are refused"))
		}
	}
}

// lossOf says what goes with a contact method.
func lossOf(m *store.ContactMethod) store.Words {
	switch m.Kind {
	case store.KindApp, store.KindSIPAccount:
		loss := store.Say("its phones are signed out, live calls finish")
		if m.Kind == store.KindApp {
			loss = store.Say("the apps are signed out and need a new code, live calls finish")
		}
		if r := m.Recording; r.InboundInternal || r.InboundExternal || r.OutboundInternal || r.OutboundExternal || r.OnDemand {
			loss = store.Say("%s, its recording settings go; recordings stay", loss)
		}
		return loss
	case store.KindEmail:
		return store.Say("nothing is mailed there any more")
	}
	return store.Say("calls are not forwarded there any more")
}

func (l *loss) line(m *store.ContactMethod) {
	if m.Kind == store.KindApp {
		l.apps(m.UserID)
	}
	l.owned(store.Owner{Kind: store.OwnerContactMethod, ID: m.ID})
	l.forwarders([]string{"contact_methods/" + m.ID + "."})
	l.devices(store.Say("loses the line"), m)
	rings := func(m *store.ContactMethod) bool { return m.Kind != store.KindEmail }
	left := slices.DeleteFunc(slices.Clone(l.sn.LinesOf(m.UserID)), func(other *store.ContactMethod) bool { return other.ID == m.ID })
	if rings(m) && !slices.ContainsFunc(left, rings) {
		l.all = append(l.all, holder(l.sn, "users/"+m.UserID, store.Say("has nothing left that calls could ring")))
	}
}

func (l *loss) apps(userID string) {
	for _, d := range l.sn.AppDevicesOf(userID) {
		l.add("app_devices", d.ID, d.Name, store.Say("is deleted; the app signs out and needs a new code"))
	}
}

// owned are the numbers of what goes.
func (l *loss) owned(owners ...store.Owner) {
	for _, n := range l.sn.Numbers.All() {
		if slices.Contains(owners, n.Owner) {
			l.lost[n.E164] = true
			l.all = append(l.all, holder(l.sn, "numbers/"+n.ID+".owner", store.Say("belongs to nobody; calls to it are answered as not in use")))
		}
	}
	for _, n := range l.sn.InternalNumbers.All() {
		if slices.Contains(owners, n.Owner) {
			l.lost[n.Number] = true
			l.all = append(l.all, holder(l.sn, "internal_numbers/"+n.ID+".owner", store.Say("is free to be given to somebody else")))
		}
	}
}

// devices are the desk phones that have one of the lines.
func (l *loss) devices(consequence store.Words, lines ...*store.ContactMethod) {
	goes := func(d store.DeviceLine) bool {
		return slices.ContainsFunc(lines, func(m *store.ContactMethod) bool { return m.ID == d.ContactMethodID })
	}
	for _, d := range l.sn.Devices.All() {
		if slices.ContainsFunc(d.Lines, goes) {
			l.add("devices", d.ID, deviceLabel(d), consequence)
		}
	}
}

// forwarders are the records that send calls on to a number which nobody will have,
// and what becomes of the calls; but for those below the paths that go too.
func (l *loss) forwarders(goes []string) {
	for f := range forwardings(l.sn) {
		path, dialled := f.path, f.dialled
		if slices.ContainsFunc(goes, func(gone string) bool { return strings.HasPrefix(path, gone) }) {
			continue
		}
		if e164, _ := routing.Normalize(dialled, l.sn.Organization.Country); !l.lost[dialled] && !l.lost[e164] {
			continue
		}
		consequence := store.Say("forwards calls to %s, which nobody answers any more", dialled)
		if strings.HasSuffix(path, ".main_destination") {
			consequence = store.Say("its main number leads to %s: callers will hear that nobody is there", dialled)
			if n := l.sn.Organization.MainNumber; n != "" {
				consequence = store.Say("the main number %s leads to %s: its callers will hear that nobody is there", n, dialled)
			}
		} else if strings.HasSuffix(path, ".forward_to") {
			consequence = store.Say("forwards to %s when unavailable, which nobody answers any more", dialled)
		}
		l.all = append(l.all, holder(l.sn, path, consequence))
	}
}

// A forwarding is a number that a record sends calls on to, as it is dialled, and
// where it stands.
type forwarding struct {
	path, dialled string
	on            bool // it is in use
}

// forwardings are all of an organization.
func forwardings(sn *store.Snapshot) iter.Seq[forwarding] {
	return func(yield func(forwarding) bool) {
		more := true
		at := func(path, dialled string, on bool) {
			more = more && (dialled == "" || yield(forwarding{path, dialled, on}))
		}
		at("organizations/"+sn.Organization.ID+".main_destination", sn.Organization.MainDestination, true)
		for _, u := range sn.Users.All() {
			at("users/"+u.ID+".forward.number", u.Forward.Number, u.Forward.Enabled)
		}
		for _, m := range sn.ContactMethods.All() {
			away := m.Inbound.WhenUnavailable
			at("contact_methods/"+m.ID+".inbound.when_unavailable.forward_to", away.ForwardTo, away.Action == store.UnavailableForward)
			if m.PSTNForwarding != nil {
				at("contact_methods/"+m.ID+".pstn_forwarding.number", m.PSTNForwarding.Number, true)
			}
		}
		for _, f := range sn.CallFlows.All() {
			for _, n := range f.Nodes {
				if n.Type == "external" {
					at("call_flows/"+f.ID+".nodes."+n.ID+".settings.number", n.Settings["number"], true)
				}
			}
		}
	}
}
