package provisioning

import (
	"slices"

	"strowger/store"
)

// What a caller withheld is kept from the called side and from nobody else:
// an administrator answers for the organization's own users, to the police
// too, and the caller knows anyway. A reader, here, is the user of a token;
// none, the empty one, is an administrator or an operator.

// hidden says whether reader must not learn who called.
func hidden(withheld bool, caller, reader string) bool {
	return withheld && reader != "" && reader != caller
}

// callFor is a call as reader may see it. The call itself does not change.
func callFor(c *store.Call, reader string) *store.Call {
	if !hidden(c.Withheld, c.CallerUserID, reader) {
		return c
	}
	shown := *c
	shown.From, shown.FromName, shown.CallerUserID = store.Anonymous, "", ""
	shown.UserIDs = without(c.UserIDs, c.CallerUserID)
	shown.Legs = slices.Clone(c.Legs)
	for i := range shown.Legs {
		if l := &shown.Legs[i]; l.Side == "a" {
			// The address and the Call-ID are the phone's.
			l.UserID, l.ContactMethodID, l.Peer, l.Target, l.SIPCallID = "", "", store.Anonymous, "", ""
		}
	}
	return &shown
}

// recordingFor is the same for a recording.
func recordingFor(r *store.CallRecording, reader string) *store.CallRecording {
	if !hidden(r.Withheld, r.CallerUserID, reader) {
		return r
	}
	shown := *r
	shown.From, shown.CallerUserID = store.Anonymous, ""
	shown.UserIDs = without(r.UserIDs, r.CallerUserID)
	return &shown
}

// traceFor is the trace of a call as reader may see it. What rules looked at
// and the messages name the caller in many places, those that went to a trusted
// carrier too; which rules were taken does not.
func traceFor(t *store.Trace, c *store.Call, reader string) *store.Trace {
	if !hidden(c.Withheld, c.CallerUserID, reader) {
		return t
	}
	shown := *t
	shown.Ladder = nil
	shown.Decisions = slices.Clone(t.Decisions)
	for i := range shown.Decisions {
		shown.Decisions[i].Inputs = nil
	}
	shown.Decisions = append(shown.Decisions, store.Decision{
		Rule: "withheld", Taken: true,
		Why: "the caller wants to be unknown: what the rules looked at and the SIP messages are left out",
	})
	return &shown
}

func without(users []string, id string) []string {
	return slices.DeleteFunc(slices.Clone(users), func(u string) bool { return u == id })
}
