package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"strowger/provisioning"
	"strowger/store"
)

type callsCmd struct {
	List  callsListCmd  `cmd:"" default:"withargs" help:"Live calls (the default)."`
	Trace callsTraceCmd `cmd:"" help:"The SIP ladder and every decision of a call."`
}

type callsListCmd struct {
	JSON bool `name:"json" help:"Print the calls as JSON."`
}

func (c *callsListCmd) Run(g *Globals) error {
	api, err := g.connect(false)
	if err != nil {
		return err
	}
	defer api.close()
	calls, err := list[store.Call](g.ctx, api, "/calls", url.Values{"state": {"active"}})
	if err != nil {
		return err
	}
	if c.JSON {
		return g.printJSON(calls)
	}
	t := g.table("ID", "DIRECTION", "FROM", "TO", "STATE", "FOR", "LEGS")
	for _, call := range calls {
		state, since := "calling", call.StartedAt
		if !call.AnsweredAt.IsZero() {
			state, since = "answered", call.AnsweredAt
		}
		t.row(call.ID, string(call.Direction), call.From, call.To, state,
			max(0, time.Since(since)).Round(time.Second).String(), fmt.Sprint(len(call.Legs)))
	}
	return t.end()
}

type callsTraceCmd struct {
	ID   string `arg:"" help:"The call's id."`
	JSON bool   `name:"json" help:"Print the trace as JSON."`
	Full bool   `help:"Print whole SIP messages."`
}

func (c *callsTraceCmd) Run(g *Globals) error {
	api, err := g.connect(false)
	if err != nil {
		return err
	}
	defer api.close()
	var trace store.Trace
	if err := api.call(g.ctx, http.MethodGet, "/calls/"+url.PathEscape(c.ID)+"/trace", nil, nil, &trace); err != nil {
		return err
	}
	if c.JSON {
		return g.printJSON(trace)
	}
	fmt.Fprintf(g.stdout, "%s\n\n", printable(trace.Sentence))
	for _, d := range trace.Decisions {
		mark := "-"
		if d.Taken {
			mark = "+"
		}
		fmt.Fprintf(g.stdout, "%s %s: %s%s\n", mark, printable(d.Rule), printable(d.Why), inputsOf(d.Inputs))
	}
	if len(trace.Ladder) == 0 {
		fmt.Fprintln(g.stdout, "\nno SIP messages are kept of this call")
		return nil
	}
	fmt.Fprintln(g.stdout)
	c.ladder(g, trace.Ladder)
	return nil
}

// ladder prints an arrow for each message between columns, one for each
// address, in the order that they are met.
func (c *callsTraceCmd) ladder(g *Globals, steps []store.LadderStep) {
	var who []string
	column := make(map[string]int)
	place := func(address string) int {
		if _, ok := column[address]; !ok {
			column[address] = len(who)
			who = append(who, address)
		}
		return column[address]
	}
	for _, s := range steps {
		place(s.From)
		place(s.To)
	}
	width := 26
	if len(who) <= 3 {
		width = 32 // a caller, the exchange and a callee fill 80 columns
	}
	var head strings.Builder
	for _, w := range who {
		fmt.Fprintf(&head, "%-*s", width, printable(w))
	}
	fmt.Fprintf(g.stdout, "%-14s%s\n", "", strings.TrimRight(head.String(), " "))
	for _, s := range steps {
		from, to := place(s.From), place(s.To)
		line := []rune(strings.Repeat("|"+strings.Repeat(" ", width-1), len(who)))
		low, high := min(from, to)*width, max(from, to)*width
		for i := low + 1; i < high; i++ {
			line[i] = '-'
		}
		if high > low {
			label := []rune(" " + printable(s.Summary) + " ")
			if room := high - low - 4; len(label) > room && room > 0 {
				label = label[:room]
			}
			copy(line[low+3:], label)
			if to > from {
				line[high-1] = '>'
			} else {
				line[low+1] = '<'
			}
		}
		text := strings.TrimRight(string(line[:(len(who)-1)*width+1]), " ")
		if from == to {
			text += " " + printable(s.Summary)
		}
		fmt.Fprintf(g.stdout, "%-14s%s\n", s.At.Local().Format("15:04:05.000"), text)
		if c.Full {
			fmt.Fprintf(g.stdout, "\n%s\n\n", printableLines(s.Message))
		}
	}
}

type registrationsCmd struct {
	JSON bool `name:"json" help:"Print the registrations as JSON."`
}

func (c *registrationsCmd) Run(g *Globals) error {
	api, err := g.connect(false)
	if err != nil {
		return err
	}
	defer api.close()
	regs, err := list[provisioning.Registration](g.ctx, api, "/registrations", nil)
	if err != nil {
		return err
	}
	if c.JSON {
		return g.printJSON(regs)
	}
	t := g.table("AOR", "USER", "SOURCE", "TRANSPORT", "EXPIRES", "AGENT", "CONTACT")
	for _, r := range regs {
		t.row(r.AOR, r.UserID, r.Source, r.Transport, clock(r.ExpiresAt), orDash(r.UserAgent), r.Contact)
	}
	return t.end()
}
