package call

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transaction"
	"strowger/store"
)

// A reason is what a Reason header says (RFC 3326): why a request was sent.
// raw, when set, came from the other side and is passed on as it is.
type reason struct {
	q850 int
	sip  int
	text string
	raw  string
}

func (r reason) String() string {
	switch {
	case r.raw != "":
		return r.raw
	case r.q850 > 0:
		return fmt.Sprintf("Q.850;cause=%d;text=%q", r.q850, r.text)
	case r.sip > 0:
		return fmt.Sprintf("SIP;cause=%d;text=%q", r.sip, r.text)
	}
	return ""
}

// elsewhere goes with the CANCEL of the branches that did not win.
var elsewhere = reason{sip: 200, text: "Call completed elsewhere"}

// reasonOf is the Reason that m carries, to be passed on.
func reasonOf(m sip.Message) reason {
	var all []string
	for v := range transaction.Values(m, "Reason") {
		if v = clean(v); v != "" {
			all = append(all, v)
		}
	}
	return reason{raw: strings.Join(all, ", ")}
}

// clean drops what could end a header line.
func clean(s string) string {
	if !strings.ContainsAny(s, "\r\n\x00") {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' || r == 0 {
			return -1
		}
		return r
	}, s)
}

// A cause is why a branch did not take the call, in the order in which they
// count when several met (product rule "Unavailable").
type cause uint8

const (
	declined cause = iota
	busy
	noAnswer
	failed
	absent
	causes
)

func (c cause) String() string {
	return [...]string{"declined", "busy", "no answer", "failure", "absent"}[c]
}

// causeOf sorts a final answer of a branch.
func causeOf(status int) cause {
	switch {
	case status == 486 || status == 600:
		return busy
	case status == 603 || status == 607 || status == 608:
		return declined
	case status == 480 || status == 404 || status == 410 || status == 430 || status == 604:
		return absent
	case status == 487:
		return noAnswer
	}
	return failed
}

// rejects says whether a final answer is a person's or a phone's refusal, as
// opposed to a branch that could not be reached.
func rejects(status int) bool {
	return status == 486 || status == 480 || status == 403 || status >= 600
}

// resultOf sorts a final answer to the caller for the call's record.
func resultOf(status int) store.Result {
	switch {
	case status < 300:
		return store.ResultAnswered
	case status == 486 || status == 600:
		return store.ResultBusy
	case status == 480 || status == 408:
		return store.ResultNoAnswer
	case status == 487:
		return store.ResultCancelled
	case status >= 500 && status < 600:
		return store.ResultFailed
	}
	return store.ResultRefused
}

// q850Of is the usual Q.850 cause of a SIP status (RFC 6432, RFC 3398 §8.2.6.1).
func q850Of(status int) reason {
	switch status {
	case 486, 600:
		return reason{q850: 17, text: "User busy"}
	case 603:
		return reason{q850: 21, text: "Call rejected"}
	case 480:
		return reason{q850: 20, text: "Subscriber absent"}
	case 404, 604:
		return reason{q850: 1, text: "Unallocated number"}
	case 408:
		return reason{q850: 19, text: "No answer"}
	case 484:
		return reason{q850: 28, text: "Invalid number format"}
	}
	return reason{}
}

func itoa(n int) string { return strconv.Itoa(n) }
