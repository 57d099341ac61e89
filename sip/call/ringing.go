package call

import (
	"cmp"
	"time"

	"strowger/routing"
	"strowger/sip/registrar"
	"strowger/sip/transaction"
	"strowger/store"
)

// ringing is one Ring step under way.
type ringing struct {
	call     *Call
	step     *routing.Ring
	pending  int // branches and carriers' attempts without a final answer
	met      [causes]bool
	statuses [causes]int
	reasons  [causes]reason
	timer    *transaction.Timer
	timedOut bool
	ended    bool // no further branch starts
	rejected bool // since one refusal ended all
	done     bool
}

func (c *Call) startRinging(step *routing.Ring) {
	r := &ringing{call: c, step: step}
	c.ring = r
	r.pending = 1 // held while targets start, so that none ends the step early
	for i := range step.Targets {
		t := &step.Targets[i]
		switch t.Kind {
		case routing.TargetLine:
			c.ringLine(r, t)
		case routing.TargetTrunk:
			c.ringTrunk(r, t)
		case routing.TargetURI:
			c.ringURI(r, t)
		}
	}
	r.timer = c.after(cmp.Or(step.For, timerC), r.timeout)
	r.end()
}

// ringLine calls every phone that is registered for the line, or the one that the
// caller named.
func (c *Call) ringLine(r *ringing, t *routing.Target) {
	n := 0
	org := c.snap.Organization.ID
	var contacts []registrar.Contact
	if t.GRUU == (routing.GRUU{}) {
		contacts = c.x.Registrar.Contacts(org, t.AOR)
	} else {
		contacts = c.x.Registrar.ContactByGRUU(org, t.GRUU.User, t.GRUU.Instance)
	}
	for i := range contacts {
		first, rest, ok := waysTo(&contacts[i])
		if !ok {
			continue
		}
		n++
		c.call(&branch{
			ring: r, target: t, shown: t.Shown, divs: c.diversions(t.Diversions),
			dest: first, others: rest,
		})
	}
	if n == 0 {
		if t.GRUU != (routing.GRUU{}) {
			c.decided("registered", false, "the one phone that was called is not registered", nil)
		} else {
			c.noteAbsent(t)
		}
		r.note(absent, 480, reason{})
	}
}

// diversions are those that routing gave a target, else those met so far.
func (c *Call) diversions(given []routing.Diversion) []routing.Diversion {
	if given != nil {
		return given
	}
	return c.history
}

// timeout is the end of patience: every branch that still rings is cancelled.
func (r *ringing) timeout() {
	if r.done {
		return
	}
	r.timedOut = true
	r.note(noAnswer, 487, reason{})
	r.cancelAll(reason{q850: 19, text: "No answer"})
	r.end()
}

// cancelAll gives up every branch that still rings, and what has not begun to.
// None of them is waited for: a phone that is out of reach would keep the caller
// for another 32 s, and one that answers now is too late either way. Only the
// caller's own end is left to count.
func (r *ringing) cancelAll(why reason) {
	r.ended = true
	r.pending++ // so that the last one cancelled does not end the step
	for _, l := range r.call.legs {
		if l.branch != nil && l.branch.ring == r && l.state != legEnded && l.state != legAnswered {
			l.cancel(why)
			l.fail(487, reason{})
		}
	}
	r.pending = 1
}

// note keeps a cause without ending a branch.
func (r *ringing) note(c cause, status int, why reason) {
	if !r.met[c] || r.statuses[c] == 0 {
		r.statuses[c], r.reasons[c] = status, why
	}
	r.met[c] = true
}

// branchEnded is a branch's final answer.
func (r *ringing) branchEnded(c cause, status int, why reason) {
	if r.done {
		return
	}
	if r.ended && status == 487 {
		r.end() // cancelled by us: it says nothing of why
		return
	}
	r.note(c, status, why)
	if !r.ended && r.endsAll(status) {
		r.rejected = true
		r.cancelAll(elsewhereDeclined)
	}
	r.end()
}

// endsAll says whether a branch's refusal stops the others (product rule
// "Reject scope").
func (r *ringing) endsAll(status int) bool {
	switch r.step.Scope {
	case store.RejectBranch:
		return false
	case store.RejectAll:
		return rejects(status)
	}
	return status >= 600
}

var elsewhereDeclined = reason{sip: 603, text: "Declined elsewhere"}

// end counts one branch down; the last decides how the plan goes on.
func (r *ringing) end() {
	r.pending--
	if r.pending > 0 || r.done {
		return
	}
	r.stop()
	c := r.call
	if c.over || c.answering {
		return
	}
	c.ring = nil
	why := absent
	for k := declined; k < causes; k++ {
		if r.met[k] {
			why = k
			break
		}
	}
	on := &r.step.Branches
	if r.rejected && r.step.Rejected != nil {
		on = r.step.Rejected
		c.decided("reject_scope", true, "the refusal stops every other device", map[string]string{"scope": string(r.step.Scope)})
	}
	next := on.Steps()[why]
	c.decided("unavailable", true, why.String(), map[string]string{"status": itoa(r.statuses[why])})
	if refuse, ok := next.(*routing.Refuse); ok {
		if st := r.carrierStatus(why); st > 0 {
			// A carrier's own answer says more than ours would.
			c.refuse(st, phraseOf(st), firstReason(r.reasons[why], q850Of(st), reason{q850: refuse.Cause, text: refuse.Text}))
			return
		}
	}
	c.run(next)
}

// carrierStatus is the final answer of the carrier that was the step's only
// target, when it is one that the caller should have: 4xx and 6xx are the
// callee's.
func (r *ringing) carrierStatus(why cause) int {
	if len(r.step.Targets) != 1 || r.step.Targets[0].Kind != routing.TargetTrunk {
		return 0
	}
	st := r.statuses[why]
	if st >= 400 && st < 500 && st != 401 && st != 407 && st != 408 && st != 487 || st >= 600 {
		return st
	}
	return 0
}

func firstReason(rs ...reason) reason {
	for _, r := range rs {
		if r.String() != "" {
			return r
		}
	}
	return reason{}
}

// stop ends the step: whoever still rings has been taken care of.
func (r *ringing) stop() {
	r.done = true
	r.timer.Stop()
}

// phraseOf is the reason phrase of RFC 3261 for the answers that we relay.
func phraseOf(status int) string {
	if p, ok := phrases[status]; ok {
		return p
	}
	return "Call Failed"
}

var phrases = map[int]string{
	400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
	408: "Request Timeout", 410: "Gone", 415: "Unsupported Media Type", 480: "Temporarily Unavailable",
	481: "Call/Transaction Does Not Exist", 482: "Loop Detected", 483: "Too Many Hops", 484: "Address Incomplete",
	485: "Ambiguous", 486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 491: "Request Pending",
	493: "Undecipherable", 500: "Server Internal Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
	504: "Server Time-out", 600: "Busy Everywhere", 603: "Decline", 604: "Does Not Exist Anywhere", 606: "Not Acceptable",
	607: "Unwanted", 608: "Rejected",
}

// timerC ends branches that say nothing final for so long, where routing sets no
// limit of its own (RFC 3261 §16.6).
const timerC = 181 * time.Second
