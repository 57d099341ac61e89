package routing

import (
	"cmp"
	"slices"
	"strings"

	"strowger/store"
)

// A candidate is a trunk that takes a number.
type candidate struct {
	trunk  *store.Trunk
	prefix int // length of the prefix that matched, 0 for every number, -1 for none
}

// routes are the trunks that take an E.164 number, in the order to try: the
// longest prefix, then the lower priority, then the id.
func (d *decision) routes(e164 string, p path) []TrunkRoute {
	found := make([]candidate, 0, 4)
	for _, t := range d.s.Trunks.All() {
		n := longest(t.Prefixes, e164)
		if n < 0 {
			d.say("trunk", false, "no prefix of the trunk begins the number", "trunk", t.ID, "number", e164)
			continue
		}
		d.say("trunk", true, "the trunk takes the number", "trunk", t.ID, "prefix", e164[:n], "priority", itoa(t.Priority))
		found = append(found, candidate{t, n})
	}
	return d.order(found, p)
}

// emergencyRoutes are all trunks there are: first those with the number among
// their prefixes, then those that take every number, then the others.
func (d *decision) emergencyRoutes(number string) []TrunkRoute {
	found := make([]candidate, 0, 4)
	for _, t := range d.s.Trunks.All() {
		d.say("trunk", true, "every trunk is tried for an emergency", "trunk", t.ID, "priority", itoa(t.Priority))
		found = append(found, candidate{t, longest(t.Prefixes, number)})
	}
	return d.order(found, path{})
}

func (d *decision) order(found []candidate, p path) []TrunkRoute {
	if len(found) == 0 {
		return nil
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.prefix, a.prefix),
			cmp.Compare(a.trunk.Priority, b.trunk.Priority), strings.Compare(a.trunk.ID, b.trunk.ID))
	})
	routes := make([]TrunkRoute, len(found))
	for i, c := range found {
		d.trunkInClear(c.trunk)
		routes[i].TrunkID = c.trunk.ID
		routes[i].Shown, routes[i].Diversions = d.shownTo(c.trunk, &p)
	}
	return routes
}

// longest is the length of the longest prefix that begins the number, 0 where
// there are no prefixes and -1 where none does.
func longest(prefixes []string, number string) int {
	if len(prefixes) == 0 {
		return 0
	}
	n := -1
	for _, p := range prefixes {
		if len(p) > n && strings.HasPrefix(number, p) {
			n = len(p)
		}
	}
	return n
}
