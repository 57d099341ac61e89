package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"strowger/provisioning"
	"strowger/routing"
)

type routeCmd struct {
	From  string `required:"" placeholder:"F" help:"An extension, a SIP user name or a number; trunk:ID/+E164 for a caller from outside."`
	To    string `required:"" placeholder:"T" help:"What is dialled."`
	At    string `placeholder:"TIME" help:"When: 2006-01-02T15:04:05Z; now without it."`
	Draft string `placeholder:"FILE" help:"Configuration in the form of apply, laid over what is saved."`
	JSON  bool   `name:"json" help:"Print the answer as JSON."`
}

func (c *routeCmd) Run(g *Globals) error {
	body := map[string]any{"from": c.From, "to": c.To}
	if c.At != "" {
		at, err := parseTime(c.At)
		if err != nil {
			return usageError{err}
		}
		body["at"] = at.Format(time.RFC3339)
	}
	if c.Draft != "" {
		raw, err := g.readFile(c.Draft)
		if err != nil {
			return err
		}
		site, err := provisioning.ParseSite(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Draft, err)
		}
		body["draft"] = site
	}
	api, err := g.connect(false)
	if err != nil {
		return err
	}
	defer api.close()
	var raw json.RawMessage
	if err := api.call(g.ctx, http.MethodPost, "/routes/explain", nil, body, &raw); err != nil {
		return err
	}
	var why routing.Explanation
	if err := json.Unmarshal(raw, &why); err != nil {
		return err
	}
	if c.JSON {
		return g.printJSON(why)
	}
	fmt.Fprintf(g.stdout, "%s\n\n", printable(why.Sentence))
	fmt.Fprintf(g.stdout, "status %d\n", why.Status)
	if len(why.Targets) > 0 {
		t := g.table("STEP", "WHEN", "KIND", "TARGET", "SHOWN", "RINGS", "RECORDED")
		for _, x := range why.Targets {
			t.row(fmt.Sprint(x.Step), x.When, string(x.Kind), targetOf(x), shownTo(x), fmt.Sprintf("%d s", x.For), yesNo(x.Recorded))
		}
		if err := t.end(); err != nil {
			return err
		}
	}
	fmt.Fprintln(g.stdout, "\nwhy:")
	for _, d := range why.Trace {
		mark := "-"
		if d.Taken {
			mark = "+"
		}
		fmt.Fprintf(g.stdout, "%s %s: %s%s\n", mark, printable(d.Rule), printable(d.Why), inputsOf(d.Inputs))
	}
	return nil
}

func targetOf(x routing.Explained) string {
	for _, s := range []string{x.URI, x.Number, x.AOR, x.Action, x.ContactMethodID, x.UserID} {
		if s != "" {
			if len(x.TrunkIDs) > 0 {
				s += " by " + strings.Join(x.TrunkIDs, ", ")
			}
			return s
		}
	}
	return "-"
}

func shownTo(x routing.Explained) string {
	if x.Anonymous {
		return "anonymous"
	}
	return orDash(x.CallerID)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func inputsOf(inputs map[string]string) string {
	if len(inputs) == 0 {
		return ""
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		parts = append(parts, name+"="+printable(inputs[name]))
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// parseTime reads a time as people write it; without a zone it is this
// machine's.
func parseTime(s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("--at: %q; want a time like 2006-01-02T15:04:05Z", s)
}
