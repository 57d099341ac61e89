package e2e

import (
	"testing"
	"time"
)

// The scenarios are played against each other before they judge the exchange:
// what fails here is a mistake in them.
func TestScenarios(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ uac, uas string }{
		{"uac-answered", "uas-answers"},
		{"uac-left", "uas-leaves"},
		{"uac-refused", "uas-refuses"},
		{"uac-cancel", "uas-cancelled"},
		{"uac-hold", "uas-held"},
		{"uac-late-offer", "uas-answers"},
		{"uac-prack", "uas-prack"},
	} {
		t.Run(c.uac, func(t *testing.T) {
			t.Parallel()
			to := accountOf("102")
			callee := sipp(t, c.uas, part{account: to, Code: 486, Reason: "Busy Here", Ring: 50, Talk: 50})
			caller := sipp(t, c.uac, part{
				account: accountOf("101"), To: "102", Remote: callee.contact(),
				Want: 486, Talk: 50, Supported: "100rel",
			})
			caller.wait()
			callee.wait()
			callee.one("INVITE").wantHeader(t, "To", "102")
		})
	}
}

// TestUA plays our own phone against sipp, for the same reason.
func TestUA(t *testing.T) {
	t.Parallel()
	t.Run("calls", func(t *testing.T) {
		t.Parallel()
		callee := sipp(t, "uas-leaves", part{account: accountOf("102"), Ring: 50, Talk: 100})
		u := mustUA(t, &exchange{t: t, ip: "127.0.0.1", port: callee.part.Port}, accountOf("101"))
		c, err := u.Dial("102", "")
		if err != nil {
			t.Fatal(err)
		}
		c.mustAnswer(t)
		c.mustEnd(t, 5*time.Second)
		callee.wait()
	})
	t.Run("is called", func(t *testing.T) {
		t.Parallel()
		port := freePort(t, "127.0.0.1")
		u := mustUA(t, &exchange{t: t, ip: "127.0.0.1", port: port}, accountOf("102"))
		caller := sipp(t, "uac-hold", part{account: accountOf("101"), To: "102", Remote: u.local().String(), Port: port, Talk: 20})
		c, err := u.Accept(5 * time.Second)
		if err != nil {
			t.Fatal(err)
		}
		c.Ring()
		if err := c.Take(); err != nil {
			t.Fatal(err)
		}
		caller.wait()
		c.mustEnd(t, 5*time.Second)
		if n := len(c.saw("INVITE")); n != 2 {
			t.Errorf("%d re-INVITEs", n)
		}
	})
}
