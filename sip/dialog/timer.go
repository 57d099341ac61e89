package dialog

import (
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Session timers, RFC 4028.
const (
	SessionInterval = 1800 * time.Second // what we ask for
	MinSession      = 90 * time.Second   // the least that the RFC allows, and that we take
)

// A Timer is what the two ends agreed on. Interval 0 means no timer.
type Timer struct {
	Interval time.Duration
	Ours     bool // we refresh; else the peer must
}

// RefreshAfter is when the refresher sends its refresh: at half the interval.
func (t Timer) RefreshAfter() time.Duration { return t.Interval / 2 }

// ExpireAfter is when the one who waits gives the session up: a little before
// the interval's end, so that the BYE is in time (RFC 4028 §10).
func (t Timer) ExpireAfter() time.Duration {
	return t.Interval - min(32*time.Second, t.Interval/3)
}

// AnswerTimer agrees on a timer as the one who answers req, an INVITE or an
// UPDATE. When the peer supports no timers we refresh by ourselves, so that a
// phone that vanished is found.
func AnswerTimer(req *sip.Request) (Timer, *Refusal) {
	supported := HasToken(req, "Supported", "timer") || HasToken(req, "Require", "timer")
	asked, refresher, ok := sessionExpires(req)
	if !ok {
		return Timer{Interval: SessionInterval, Ours: true}, nil
	}
	if asked < MinSession {
		if !supported {
			// A proxy asked for it on behalf of one that can't understand 422.
			return Timer{Interval: MinSession, Ours: true}, nil
		}
		return Timer{}, &Refusal{Status: 422, Phrase: "Session Interval Too Small", MinSE: int(MinSession / time.Second)}
	}
	if asked > SessionInterval && minSE(req) <= SessionInterval {
		asked = SessionInterval
	}
	return Timer{Interval: asked, Ours: !supported || refresher == "uas"}, nil
}

// TimerOf reads what the peer agreed to in res, its 2xx to a request of ours.
func TimerOf(res *sip.Response) Timer {
	interval, refresher, ok := sessionExpires(res)
	if !ok || interval < MinSession {
		// It knows no timers: refreshing is up to us.
		return Timer{Interval: SessionInterval, Ours: true}
	}
	return Timer{Interval: interval, Ours: refresher != "uas"}
}

// Write adds the headers of an answer that agrees to t.
func (t Timer) Write(res *sip.Response, peerSupports bool) {
	if t.Interval == 0 || !peerSupports {
		return
	}
	who := "uac"
	if t.Ours {
		who = "uas"
	}
	res.AppendHeader(sip.NewHeader("Session-Expires", seconds(t.Interval)+";refresher="+who))
	res.AppendHeader(sip.NewHeader("Require", "timer"))
}

// Ask adds the headers of a request of ours: the first INVITE, or a refresh,
// which keeps the roles as they are.
func (t Timer) Ask(req *sip.Request, minSE time.Duration) {
	v := seconds(t.Interval)
	if t.Ours {
		v += ";refresher=uac"
	}
	req.AppendHeader(sip.NewHeader("Session-Expires", v))
	req.AppendHeader(sip.NewHeader("Min-SE", seconds(max(minSE, MinSession))))
}

// MinSEOf is the interval that a 422 asks for.
func MinSEOf(res *sip.Response) time.Duration { return minSE(res) }

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

func minSE(m headered) time.Duration {
	for v := range fields(m, "Min-SE") {
		n, _, _ := strings.Cut(v, ";")
		return max(parseSeconds(n), MinSession)
	}
	return MinSession
}

func sessionExpires(m headered) (d time.Duration, refresher string, ok bool) {
	for _, name := range [...]string{"Session-Expires", "x"} { // and its compact form
		for v := range fields(m, name) {
			return parseExpires(v)
		}
	}
	return 0, "", false
}

func parseExpires(v string) (d time.Duration, refresher string, ok bool) {
	parts := strings.Split(v, ";")
	d = parseSeconds(parts[0])
	for _, p := range parts[1:] {
		if k, v, found := strings.Cut(strings.TrimSpace(p), "="); found && strings.EqualFold(strings.TrimSpace(k), "refresher") {
			refresher = strings.ToLower(strings.TrimSpace(v))
		}
	}
	return d, refresher, d > 0
}

func parseSeconds(s string) time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 || n > 1<<24 {
		return 0
	}
	return time.Duration(n) * time.Second
}

// HasToken says whether one of the comma lists under name holds token.
func HasToken(m headered, name, token string) bool {
	for list := range fields(m, name) {
		if ListHas(list, token) {
			return true
		}
	}
	return false
}

// ListHas says whether a comma list holds token, in any case.
func ListHas(list, token string) bool {
	for v := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(v), token) {
			return true
		}
	}
	return false
}
