package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"strowger/provisioning"
	"strowger/store"
)

// eventTick is how often the running exchange is looked at, and how often a
// silent connection is shown to be alive.
const (
	eventTick  = time.Second
	eventAlive = 15
)

func (a *API) addEvents() {
	a.add(operation{
		method: http.MethodGet, path: "/events", id: "watch-events", tag: "events", summary: "Watch what happens",
		text: "Server-sent events. `configuration`: the number of a new revision. `call`: a call that began, changed or ended. " +
			"What happened before the connection is not told.",
		reach: forAdmin, resultMedia: []string{"text/event-stream"},
		run: func(r *request) (*answer, error) {
			if err := onlyParams(r.Request); err != nil {
				return nil, err
			}
			ans := &answer{write: func(w http.ResponseWriter, hr *http.Request) error { return a.events(w, hr, r) }}
			return ans.set("Content-Type", "text/event-stream"), nil
		},
	})
}

// events writes until the client goes away, or the session ends.
func (a *API) events(w http.ResponseWriter, hr *http.Request, r *request) error {
	ctx, org := hr.Context(), r.org
	out := http.NewResponseController(w)
	out.SetWriteDeadline(time.Time{}) // of the server, which is meant for answers that end
	send := func(event string, data any) error {
		raw, err := json.Marshal(data)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, raw)
		return errors.Join(err, out.Flush())
	}
	watcher := a.svc.Store().Watch()
	defer watcher.Close()
	tick := time.NewTicker(eventTick)
	defer tick.Stop()

	sn, ok := a.svc.Store().Snapshot(org)
	if !ok {
		return nil
	}
	seen := sn.Revision
	calls := callStates(a.svc, org)
	if _, err := io.WriteString(w, ": connected\n\n"); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-watcher.C():
			sn, ok := a.svc.Store().Snapshot(org)
			if !ok {
				return nil // the organization was deleted
			}
			if sn.Revision == seen {
				continue
			}
			seen = sn.Revision
			if err := send("configuration", map[string]uint64{"revision": seen}); err != nil {
				return err
			}
		case <-tick.C:
			if r.in != nil && !a.svc.GoesOn(r.in) {
				return nil
			}
			now := callStates(a.svc, org)
			for id, c := range now {
				if was, ok := calls[id]; !ok || stateOf(was) != stateOf(c) {
					if err := send("call", c); err != nil {
						return err
					}
				}
			}
			for id, was := range calls {
				if _, up := now[id]; up {
					continue
				}
				ended := was
				if c, err := a.svc.Call(ctx, org, id, ""); err == nil {
					ended = *c
				}
				ended.State = "ended"
				if err := send("call", ended); err != nil {
					return err
				}
			}
			calls = now
			if n%eventAlive == 0 {
				if _, err := io.WriteString(w, ": alive\n\n"); err != nil {
					return err
				}
				if err := out.Flush(); err != nil {
					return err
				}
			}
		}
	}
}

func callStates(svc *provisioning.Service, org string) map[string]store.Call {
	out := make(map[string]store.Call)
	for _, c := range svc.ActiveCalls(org) {
		out[c.ID] = c
	}
	return out
}

// stateOf is what of a call makes an event when it changes.
func stateOf(c store.Call) string {
	s := c.State
	if !c.AnsweredAt.IsZero() {
		s += " answered"
	}
	for _, l := range c.Legs {
		s += " " + l.ID + " " + l.State
	}
	return s
}
