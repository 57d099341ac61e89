package routing

import "strconv"

// A cause is why a line does not take a call. Of several, the first in this
// order counts; the first five are the branches of a [Ring].
type cause int

const (
	declined cause = iota
	busy
	noAnswer
	failed
	absent
	closed
	disturb // do not disturb
	causes
)

func (c cause) String() string {
	return [...]string{"declined", "busy", "no answer", "failed", "absent", "closed", "do not disturb"}[c]
}

// diversion is how a forward for that cause is named (RFC 5806 §5) and the
// status that stands for it in History-Info (RFC 4458 §4). A decline is shown
// to others as busy, a failure as absence: what went wrong with a phone is not
// for the next one to know.
func (c cause) diversion() (reason string, status int) {
	switch c {
	case declined, busy:
		return "user-busy", 486
	case noAnswer:
		return "no-answer", 408
	case closed:
		return "time-of-day", 480
	case disturb:
		return "do-not-disturb", 480
	}
	return "unavailable", 480
}

// refusals are the answers of a line whose action is to do nothing. RFC 3261
// §21.4.18 gives 480 to do-not-disturb as well.
var refusals = [causes]*Refuse{
	declined: {Status: 603, Phrase: "Decline", Cause: 21, Text: "Call rejected"},
	busy:     {Status: 486, Phrase: "Busy Here", Cause: 17, Text: "User busy"},
	noAnswer: {Status: 480, Phrase: unavailable, Cause: 19, Text: "No answer"},
	failed:   {Status: 480, Phrase: unavailable, Cause: 41, Text: "Temporary failure"},
	absent:   {Status: 480, Phrase: unavailable, Cause: 20, Text: "Subscriber absent"},
	closed:   {Status: 480, Phrase: unavailable, Cause: 20, Text: "Closed now"},
	disturb:  {Status: 480, Phrase: unavailable, Cause: 20, Text: "Do not disturb"},
}

const unavailable = "Temporarily Unavailable"

// What else can be wrong with a call.
var (
	// A carrier's failure is not the callee's: 503 tells the caller so.
	refuseCarrier   = &Refuse{Status: 503, Phrase: "Service Unavailable", Cause: 41, Text: "Temporary failure"}
	refuseUnknown   = &Refuse{Status: 404, Phrase: "Not Found", Cause: 1, Text: "Unallocated number"}
	refuseForeign   = &Refuse{Status: 403, Phrase: "Forbidden", Cause: 21, Text: "No calls to other domains"}
	refuseStranger  = &Refuse{Status: 403, Phrase: "Forbidden", Cause: 21, Text: "Call rejected"}
	refuseForbidden = &Refuse{Status: 403, Phrase: "Forbidden", Cause: 21, Text: "Outside calls are not allowed", Prompt: "not-allowed"}
	refuseNoRoute   = &Refuse{Status: 404, Phrase: "Not Found", Cause: 3, Text: "No route to destination"}
	refuseNoHelp    = &Refuse{Status: 503, Phrase: "Service Unavailable", Cause: 3, Text: "No route to destination"}
	refuseLoop      = &Refuse{Status: 482, Phrase: "Loop Detected", Cause: 25, Text: "Exchange routing error"}
	refuseHops      = &Refuse{Status: 480, Phrase: unavailable, Cause: 25, Text: "Too many diversions"}
	refuseFlow      = &Refuse{Status: 480, Phrase: unavailable, Cause: 20, Text: "Call flows are not in effect"}
)

func itoa(n int) string { return strconv.Itoa(n) }
