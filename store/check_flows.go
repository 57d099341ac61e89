package store

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A flowType is what a node of one type may have.
type flowType struct {
	settings map[string]flowSetting
	exits    []string // beside digits for a menu and any name for a webhook
}

// A flowSetting checks the value of one setting, which is not empty.
type flowSetting func(c *checker, field, value string)

var flowTypes = map[string]flowType{
	"user":         {map[string]flowSetting{"user_id": flowUser}, []string{"unavailable"}},
	"external":     {map[string]flowSetting{"number": (*checker).dialled, "ring_s": flowNumber(5, 600)}, []string{"failed"}},
	"time_router":  {map[string]flowSetting{"time_schedule_id": (*checker).schedule}, []string{"open", "closed"}},
	"menu":         {map[string]flowSetting{"audio_file_id": (*checker).audio, "timeout_s": flowNumber(1, 60), "attempts": flowNumber(1, 10)}, []string{"timeout", "invalid"}},
	"ring_group":   {map[string]flowSetting{"user_ids": flowUsers, "order": flowOrder, "ring_s": flowNumber(5, 600)}, []string{"no_answer"}},
	"queue":        {map[string]flowSetting{"user_ids": flowUsers, "order": flowOrder, "audio_file_id": (*checker).audio, "ring_s": flowNumber(5, 600), "timeout_s": flowNumber(10, 7200), "max_callers": flowNumber(1, 1000)}, []string{"timeout", "full", "empty"}},
	"directory":    {map[string]flowSetting{"audio_file_id": (*checker).audio}, []string{"not_found"}},
	"announcement": {map[string]flowSetting{"audio_file_id": (*checker).audio}, []string{"next"}},
	"voicemail":    {map[string]flowSetting{"user_id": flowUser, "audio_file_id": (*checker).audio}, nil},
	"set_caller":   {map[string]flowSetting{"name": flowText, "number": (*checker).dialled}, []string{"next"}},
	"webhook":      {map[string]flowSetting{"url": flowURL}, []string{"failed"}},
	"hang_up":      {nil, nil},
}

// checkCallFlow refuses what can never be right. A flow that is not finished, with
// settings and exits that lead nowhere yet, can be saved.
func checkCallFlow(c *checker, f *CallFlow) {
	c.text("name", f.Name, 100)
	ids := map[string]bool{}
	for i, n := range f.Nodes {
		if !validID(n.ID) {
			c.bad(at("nodes", i)+".id", "%q must be 1 to 64 of a-z, 0-9, '.', '_' and '-'", n.ID)
		}
		if ids[n.ID] {
			c.bad(at("nodes", i)+".id", "%s is there twice", n.ID)
		}
		ids[n.ID] = true
	}
	if len(f.Nodes) == 0 {
		c.bad("nodes", "must have a node")
	}
	if most := 500; len(f.Nodes) > most {
		c.bad("nodes", "%d must be at most %d", len(f.Nodes), most)
	}
	if !ids[f.Entry] {
		c.bad("entry", "%q is no node of the flow", f.Entry)
	}
	for i, n := range f.Nodes {
		c.flowNode(at("nodes", i), &n, ids)
	}
}

func (c *checker) flowNode(field string, n *FlowNode, ids map[string]bool) {
	c.text(field+".name", n.Name, 100)
	typ, ok := flowTypes[n.Type]
	if !ok {
		c.oneOf(field+".type", n.Type, slices.Sorted(maps.Keys(flowTypes))...)
	}
	for _, name := range slices.Sorted(maps.Keys(n.Exits)) {
		switch {
		case n.Type == "webhook" && name != "" && len(name) <= 64:
		case n.Type == "menu" && len(name) == 1 && strings.Contains("0123456789*#", name):
		case !slices.Contains(typ.exits, name):
			c.bad(field+".exits", "a node of type %s has no exit %q", n.Type, name)
		}
		if !ids[n.Exits[name]] {
			c.bad(field+".exits."+name, "%q is no node of the flow", n.Exits[name])
		}
	}
	c.noPasswordInURL(field+".settings", n.Settings)
	for _, name := range slices.Sorted(maps.Keys(n.Settings)) {
		check, ok := typ.settings[name]
		switch value := n.Settings[name]; {
		case !ok:
			c.bad(field+".settings."+name, "a node of type %s has no such setting", n.Type)
		case value != "":
			check(c, field+".settings."+name, value)
		}
	}
}

func flowUser(c *checker, field, id string) { exists(c, field, c.s.Users, inUsers, id) }

func flowUsers(c *checker, field, value string) {
	list := strings.Split(value, ",")
	if most := 100; len(list) > most {
		c.bad(field, "%d users must be at most %d", len(list), most)
	}
	c.distinct(field, list)
	for _, id := range list {
		if id == "" {
			c.bad(field, "must be ids of users, separated by commas")
		}
		flowUser(c, field, id)
	}
}

func flowOrder(c *checker, field, value string) { c.oneOf(field, value, "all", "in_turn") }

func flowText(c *checker, field, value string) { c.text(field, value, 100) }

func flowURL(c *checker, field, value string) {
	if u, err := url.Parse(value); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || len(value) > 2048 {
		c.bad(field, "%q must be an address such as https://crm.example.com/calls", value)
	}
}

func flowNumber(least, most int) flowSetting {
	return func(c *checker, field, value string) {
		n, err := strconv.Atoi(value)
		if err != nil {
			c.bad(field, "%q must be a number", value)
		}
		c.between(field, n, least, most)
	}
}

// UserIDs are the users that a node leads to.
func (n *FlowNode) UserIDs() []string {
	var out []string
	if id := n.Settings["user_id"]; id != "" {
		out = append(out, id)
	}
	if ids := n.Settings["user_ids"]; ids != "" {
		out = append(out, strings.Split(ids, ",")...)
	}
	return out
}
