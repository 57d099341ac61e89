package routing

import "strowger/store"

// unavailable is what a line does at once with a call that it does not take.
func (d *decision) unavailable(a *arrival, c cause, p path) Step {
	switch d.action(a) {
	case store.UnavailableVoicemail:
		return d.voicemail(a)
	case store.UnavailableForward:
		return d.forward(a, c, p)
	}
	return refusals[c]
}

// after is what a line does when it has rung in vain, by cause.
func (d *decision) after(a *arrival, p path) (ends [5]Step) {
	switch d.action(a) {
	case store.UnavailableVoicemail:
		v := d.voicemail(a)
		return [5]Step{v, v, v, v, v}
	case store.UnavailableForward:
		// Causes that look alike to the next one share a branch; five by
		// five hops would make a plan of thousands of steps.
		unanswered := d.forward(a, noAnswer, p)
		d.quiet++
		taken, gone := d.forward(a, busy, p), d.forward(a, absent, p)
		d.quiet--
		ends = [5]Step{taken, taken, unanswered, gone, gone}
		// Where the forward leads nowhere, every cause keeps its own answer.
		for c, alike := range [5]cause{busy, busy, noAnswer, absent, absent} {
			if ends[c] == Step(refusals[alike]) {
				ends[c] = refusals[c]
			}
		}
		return ends
	}
	return [5]Step{refusals[declined], refusals[busy], refusals[noAnswer], refusals[failed], refusals[absent]}
}

// action is the when-unavailable of the line that counts, and what of it the
// user may have.
func (d *decision) action(a *arrival) store.UnavailableAction {
	if a.phone != (GRUU{}) {
		return store.UnavailableNone
	}
	if a.primary == nil {
		d.say("when_unavailable", true, "nothing to ring and no line to say what then", "user", idOf(a.user))
		return store.UnavailableNone
	}
	w := &a.primary.Inbound.WhenUnavailable
	switch w.Action {
	case store.UnavailableVoicemail:
		if a.user == nil || !a.user.Features.Voicemail {
			d.say("when_unavailable", false, "the user has no voicemail: the caller is refused", "contact_method", a.primary.ID, "action", string(w.Action))
			return store.UnavailableNone
		}
	case store.UnavailableForward:
		if w.ForwardTo == "" {
			d.say("when_unavailable", false, "the forward has no destination: the caller is refused", "contact_method", a.primary.ID, "action", string(w.Action))
			return store.UnavailableNone
		}
		d.say("when_unavailable", true, "the line's action", "contact_method", a.primary.ID, "action", string(w.Action), "forward_to", w.ForwardTo)
		return w.Action
	default:
		d.say("when_unavailable", true, "the line does nothing more: the caller is refused", "contact_method", a.primary.ID)
		return store.UnavailableNone
	}
	d.say("when_unavailable", true, "the line's action", "contact_method", a.primary.ID, "action", string(w.Action))
	return w.Action
}

func (d *decision) voicemail(a *arrival) Step {
	return &Voicemail{
		UserID: a.user.ID, LineID: a.primary.ID,
		GreetingID: a.primary.Inbound.WhenUnavailable.GreetingAudioID,
	}
}

// forward sends the call on to where the line says.
func (d *decision) forward(a *arrival, c cause, p path) Step {
	if p.hops+1 > maxHops {
		return d.tooFar(p.hops + 1)
	}
	reason, status := c.diversion()
	by := Diversion{User: a.called, Reason: reason, Status: status}
	q := p.goes(by, d.forwarderNumber(a.primary, a), a.place, place{store.OwnerContactMethod, a.primary.ID})
	q.forwarder = a.primary
	to := a.primary.Inbound.WhenUnavailable.ForwardTo
	d.say("forward", true, "the line sends the call on", "contact_method", a.primary.ID, "to", to, "reason", reason, "hop", itoa(q.hops))
	next := d.dial(to, q)
	if end, ok := next.(*Refuse); ok {
		switch end {
		case refuseLoop, refuseHops:
			return end
		case refuseUnknown, refuseNoRoute:
			// The caller dialled somebody who exists: a forward that leads
			// nowhere is the line being unavailable.
			d.say("forward", false, "the forward leads nowhere", "to", to)
			return refusals[c]
		}
		// What the next line answers at once, say because it is closed, is
		// still told to the caller as a forward.
	}
	return &Divert{By: by, Next: next}
}
