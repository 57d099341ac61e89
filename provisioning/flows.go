package provisioning

import (
	"slices"
	"strings"

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

// prepareCallFlow shows the secrets of a new flow's nodes once.
func prepareCallFlow(_ *Service, _ *store.Edit, r, old *store.CallFlow) (func(any), error) {
	return onCreation(old, func(shown *CallFlowView) {
		for i := range min(len(shown.Nodes), len(r.Nodes)) {
			shown.Nodes[i].Settings = showSettings(shown.Nodes[i].Settings, r.Nodes[i].Settings)
		}
	}), nil
}
