package sip

import (
	"context"
	"errors"
	"sort"

	"strowger/store"
)

// What the administrator's side may ask of the running exchange
// (provisioning.Live).

// Registrations lists who is registered.
func (s *Server) Registrations(org string) []store.Binding { return s.reg.Registrations(org) }

// Unregister ends a registration. The phone hears nothing of it, and may register
// again.
func (s *Server) Unregister(b *store.Binding) error {
	if !s.reg.Remove(b) {
		return store.ErrNotFound
	}
	return nil
}

// ActiveCalls lists the live calls, newest first.
func (s *Server) ActiveCalls(org string) []store.Call {
	calls := s.calls.Active(org)
	sort.Slice(calls, func(i, j int) bool { return calls[i].StartedAt.After(calls[j].StartedAt) })
	return calls
}

// Trace is a live call's trace; an ended one's is in the store.
func (s *Server) Trace(org, callID string) (*store.Trace, bool) {
	return s.calls.LiveTrace(org, callID)
}

// HangUp ends a live call.
func (s *Server) HangUp(org, callID string) error {
	if !s.calls.HangUp(org, callID) {
		return store.ErrNotFound
	}
	return nil
}

// Dial rings a line and then calls for it.
func (s *Server) Dial(ctx context.Context, org, lineID, to string) (string, error) {
	if s.draining.Load() {
		return "", errors.New("the exchange is stopping")
	}
	snap, ok := s.o.Store.Snapshot(org)
	if !ok {
		return "", store.ErrNotFound
	}
	return s.calls.Dial(ctx, snap, lineID, to)
}

// TrunkStatus lists the carriers and whether they are up.
func (s *Server) TrunkStatus(org string) []store.TrunkStatus { return s.trunks.Status(org) }

// Bans lists the sources that are not listened to.
func (s *Server) Bans() []store.Ban {
	var out []store.Ban
	for _, b := range s.net.Bans() {
		out = append(out, store.Ban{Address: b.Prefix.String(), Reason: b.Reason, Until: b.Until})
	}
	return out
}
