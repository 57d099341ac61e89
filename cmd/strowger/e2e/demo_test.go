package e2e

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// printed is what `serve --demo` tells whoever started it.
type printed struct {
	phones   map[string]account // by number
	echo     string
	tone     string // the carrier's number that sounds
	callBack string // the carrier's number that calls 101
	busy     string
}

var phoneRow = regexp.MustCompile(`(?m)^\s+\S+\s+(10[12])\s+(\S+)\s+(\S+)\s+(\S+)\s*$`)

func (x *exchange) howTo(t testing.TB) printed {
	t.Helper()
	p := printed{phones: map[string]account{}}
	eventually(t, 5*time.Second, "the demo prints what to do", func() error {
		b, err := os.ReadFile(x.logFile())
		if err != nil {
			return err
		}
		for _, m := range phoneRow.FindAllStringSubmatch(string(b), -1) {
			if m[4] != x.sip() {
				return fmt.Errorf("phone %s is told the server %s, not %s", m[1], m[4], x.sip())
			}
			p.phones[m[1]] = account{Ext: m[1], Username: m[2], Password: m[3], LineID: "demo-line-" + m[1], UserID: "demo-user-" + m[1]}
		}
		for line := range strings.Lines(string(b)) {
			f := strings.Fields(line)
			if len(f) < 3 || strings.Contains(f[0], "=") { // a line of the log
				continue
			}
			switch {
			case strings.Contains(line, "echo"):
				p.echo = f[0]
			case strings.Contains(line, "steady tone"):
				p.tone = f[0]
			case strings.Contains(line, "back after"):
				p.callBack = f[0]
			case strings.Contains(line, "busy"):
				p.busy = f[0]
			}
		}
		if len(p.phones) != 2 || p.echo == "" || p.tone == "" || p.callBack == "" || p.busy == "" {
			return errors.New("incomplete: " + fmt.Sprintf("%+v", p))
		}
		return nil
	})
	return p
}

// TestDemo does what `serve --demo` suggests, with the credentials that it
// prints: baresip and sipp call each other, the echo, and the carrier, which
// calls back.
func TestDemo(t *testing.T) {
	t.Parallel()
	x := prepare(t, "--demo")
	x.start()
	x.token = lastWord(x.run("token", "create"))
	how := x.howTo(t)
	const toneOfCarrier = 440
	one := x.softphone(t, how.phones["101"], 500).registered()
	two := x.softphone(t, how.phones["102"], 700).registered()

	talk(t, one, two, "sip:102@"+x.sip())
	talk(t, two, one, "sip:101@"+x.sip())

	mark, calls := one.mark(), one.calls()
	one.do("dial", "sip:"+how.echo+"@"+x.sip())
	one.wait(mark, "CALL_ESTABLISHED")
	one.mustHear(calls, 500, 1.5)
	one.do("hangup", "")
	one.wait(mark, "CALL_CLOSED")

	// Out through the carrier, heard both ways in the recording.
	mark, calls = one.mark(), one.calls()
	one.do("dial", "sip:"+how.tone+"@"+x.sip())
	one.wait(mark, "CALL_ESTABLISHED")
	one.mustHear(calls, toneOfCarrier, 1.5)
	one.do("hangup", "")
	one.wait(mark, "CALL_CLOSED")
	out := x.captured(t, "/recordings", 1)[0]
	x.audio(t, "/recordings", out).wantTones(t, 1, 500, toneOfCarrier)

	// And in: the carrier says busy and calls 101, who answers by itself.
	mark, calls = one.mark(), one.calls()
	one.do("dial", "sip:"+how.callBack+"@"+x.sip())
	one.wait(mark, "CALL_CLOSED")
	mark = one.mark()
	one.wait(mark, "CALL_ESTABLISHED")
	one.mustHear(calls, toneOfCarrier, 1.5)
	one.do("hangup", "")
	one.wait(mark, "CALL_CLOSED")
	in := x.captured(t, "/recordings", 2)[0]
	x.audio(t, "/recordings", in).wantTones(t, 1, toneOfCarrier, 500)

	// sipp with the same credentials: to its colleague, to the echo, outside.
	for _, to := range []string{"101", how.echo, how.tone} {
		p := x.phonePart(how.phones["102"], strings.ReplaceAll(to, "#", "%23"))
		p.Talk = 200
		sipp(t, "uac-answered", p).wait()
	}
	p := x.phonePart(how.phones["102"], how.busy)
	p.Want = 486
	sipp(t, "uac-refused", p).wait()
	x.idle()
}
