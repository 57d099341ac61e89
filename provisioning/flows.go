package provisioning

import (
	"iter"
	"slices"
	"strings"

	"strowger/routing"
	"strowger/store"
)

// A CallFlowView is a call flow as the API shows it.
type CallFlowView struct {
	store.CallFlow
	// Numbers, in E.164, and InternalNumbers lead into the flow.
	Numbers         []string `json:"numbers" readOnly:"true"`
	InternalNumbers []string `json:"internal_numbers" readOnly:"true"`
	// UserIDs are the users that the flow leads to, each once, in the order of its
	// nodes.
	UserIDs []string `json:"user_ids" readOnly:"true"`
}

func viewCallFlow(_ *Service, _ string, sn *store.Snapshot, r *store.CallFlow) any {
	v := &CallFlowView{CallFlow: *r, Numbers: []string{}, InternalNumbers: []string{}, UserIDs: []string{}}
	for _, path := range sn.Referrers("call_flows", r.ID) {
		path = strings.TrimSuffix(path, ".owner")
		if id, ok := strings.CutPrefix(path, "numbers/"); ok {
			if n, ok := sn.Numbers.Get(id); ok {
				v.Numbers = append(v.Numbers, n.E164)
			}
		}
		if id, ok := strings.CutPrefix(path, "internal_numbers/"); ok {
			if n, ok := sn.InternalNumbers.Get(id); ok {
				v.InternalNumbers = append(v.InternalNumbers, n.Number)
			}
		}
	}
	for _, n := range r.Nodes {
		for _, id := range n.UserIDs() {
			if !slices.Contains(v.UserIDs, id) {
				v.UserIDs = append(v.UserIDs, id)
			}
		}
	}
	slices.Sort(v.Numbers)
	slices.Sort(v.InternalNumbers)
	return v
}

// CallFlowDependencies lists what a delete of a call flow changes: the numbers that
// lead into it, and who forwards calls to one of those.
func (s *Service) CallFlowDependencies(org, id string) ([]Dependency, error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, err
	}
	if _, ok := sn.CallFlows.Get(id); !ok {
		return nil, callFlows.missing()
	}
	out := []Dependency{}
	owner := store.Owner{Kind: store.OwnerCallFlow, ID: id}
	led := make(map[string]bool)
	for _, n := range sn.Numbers.All() {
		if n.Owner == owner {
			led[n.E164] = true
			out = append(out, holder(sn, "numbers/"+n.ID+".owner", "belongs to nobody; calls to it are answered 404"))
		}
	}
	for _, n := range sn.InternalNumbers.All() {
		if n.Owner == owner {
			led[n.Number] = true
			out = append(out, holder(sn, "internal_numbers/"+n.ID+".owner", "is free to be given to somebody else"))
		}
	}
	return append(out, forwarders(sn, led, func(path string) bool {
		return strings.HasPrefix(path, "call_flows/"+id+".nodes.")
	})...), nil
}

// forwarders are the records that send calls on to numbers which nobody will have,
// but for those that go too, and what becomes of the calls.
func forwarders(sn *store.Snapshot, lost map[string]bool, goes func(path string) bool) (out []Dependency) {
	for path, dialled := range forwardings(sn) {
		if e164, _ := routing.Normalize(dialled, sn.Organization.Country); goes(path) || !lost[dialled] && !lost[e164] {
			continue
		}
		consequence := "forwards calls to " + dialled + ", which nobody answers any more"
		if strings.HasSuffix(path, ".main_destination") {
			consequence = "its main number leads to " + dialled + ": callers will hear that nobody is there"
			if n := sn.Organization.MainNumber; n != "" {
				consequence = "the main number " + n + " leads to " + dialled + ": its callers will hear that nobody is there"
			}
		} else if strings.HasSuffix(path, ".forward_to") {
			consequence = "forwards to " + dialled + " when unavailable, which nobody answers any more"
		}
		out = append(out, holder(sn, path, consequence))
	}
	return out
}

// forwardings are the numbers that records of an organization send calls on to, as
// they are dialled, by where they stand.
func forwardings(sn *store.Snapshot) iter.Seq2[string, string] {
	return func(yield func(path, dialled string) bool) {
		more := true
		at := func(path, dialled string) {
			more = more && (dialled == "" || yield(path, dialled))
		}
		at("organizations/"+sn.Organization.ID+".main_destination", sn.Organization.MainDestination)
		for _, u := range sn.Users.All() {
			at("users/"+u.ID+".forward.number", u.Forward.Number)
		}
		for _, m := range sn.ContactMethods.All() {
			at("contact_methods/"+m.ID+".inbound.when_unavailable.forward_to", m.Inbound.WhenUnavailable.ForwardTo)
			if m.PSTNForwarding != nil {
				at("contact_methods/"+m.ID+".pstn_forwarding.number", m.PSTNForwarding.Number)
			}
		}
		for _, f := range sn.CallFlows.All() {
			for _, n := range f.Nodes {
				if n.Type == "external" {
					at("call_flows/"+f.ID+".nodes."+n.ID+".settings.number", n.Settings["number"])
				}
			}
		}
	}
}

// prepareCallFlow shows the secrets of a new flow's nodes once.
func prepareCallFlow(_ *Service, _ *store.Edit, r, old *store.CallFlow) (func(any), error) {
	return onCreation(old, func(shown *CallFlowView) {
		for i := range min(len(shown.Nodes), len(r.Nodes)) {
			shown.Nodes[i].Settings = showSettings(shown.Nodes[i].Settings, r.Nodes[i].Settings)
		}
	}), nil
}
