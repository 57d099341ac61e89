package sip_test

import (
	"fmt"
	"testing"
)

// Product rule "Reject scope", of phones that ring one after the other.
func TestRejectScopeOfASequence(t *testing.T) {
	for _, c := range []struct {
		scope  string
		status int
		ends   int // what the caller gets; 0: the next phone rings
	}{
		{"rfc", 486, 0},
		{"rfc", 600, 486},
		{"rfc", 603, 603},
		{"rfc", 480, 0},
		{"all", 486, 486},
		{"all", 600, 486},
		{"all", 603, 603},
		{"all", 480, 480},
		{"all", 503, 0}, // a phone that could not be reached rejects nothing
		{"branch", 486, 0},
		{"branch", 600, 0},
		{"branch", 603, 0},
		{"branch", 480, 0},
	} {
		t.Run(fmt.Sprint(c.scope, " ", c.status), func(t *testing.T) {
			inBubble(t, options{extra: `{
				"contact_methods":[{"id":"l4","user_id":"u2","kind":"sip_account","sip_account":{"username":"benno","password":"pw-of-benno"}}],
				"users":[{"id":"u2","first_name":"Ben","reject_scope":"` + c.scope + `","routing":{"mode":"sequence","contact_method_ids":["l2","l4"]}}],
				"internal_numbers":[{"number":"122","owner":{"kind":"user","id":"u2"}}]}`},
				func(t *testing.T, x *exchange) {
					anna, ben, benno := x.phone("anna"), x.phone("ben"), x.phone("benno")
					out := x.dial(anna, "122")
					rings(t, ben).Respond(c.status, "No", nil)
					if c.ends > 0 {
						final(t, out, c.ends)
						quiet(t, benno)
						return
					}
					rings(t, benno).Respond(200, "OK", answer(40010))
					final(t, out, 200)
					out.Bye()
				})
		})
	}
}
