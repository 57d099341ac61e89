package e2e

import "testing"

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
