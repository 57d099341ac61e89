package transaction

import (
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// Only what the exchange does may be required of it: whoever requires more must
// hear that it is missing, or takes a plain call for a replaced one.
func TestRequire(t *testing.T) {
	for _, c := range []struct {
		method, require, unsupported string
	}{
		{"INVITE", "100rel", ""},
		{"INVITE", "timer, 100rel", ""},
		{"INVITE", "replaces", "replaces"},
		{"INVITE", "timer, Replaces, teleportation", "Replaces, teleportation"},
		{"INVITE", "histinfo", "histinfo"},
		{"INVITE", "path", "path"},
		{"INVITE", "gruu", "gruu"},
		{"REFER", "norefersub", "norefersub"},
		{"REGISTER", "path, outbound, gruu", ""},
		{"REGISTER", "replaces", "replaces"},
		{"CANCEL", "replaces", ""}, // RFC 3261 §8.2.2.3
	} {
		text := strings.NewReplacer("INVITE sip", c.method+" sip", "1 INVITE", "1 "+c.method).Replace(with("Require: " + c.require))
		msg, fault := Parse([]byte(text), false)
		if fault != nil {
			t.Fatal(fault)
		}
		status, unsupported := 0, ""
		if fault := CheckRequest(msg.(*sip.Request)); fault != nil {
			status = fault.Status
			for _, h := range fault.Extra {
				unsupported = h.Name() + ": " + h.Value()
			}
		}
		if c.unsupported == "" && status != 0 || c.unsupported != "" && (status != 420 || unsupported != "Unsupported: "+c.unsupported) {
			t.Errorf("%s that requires %s: %d, %q", c.method, c.require, status, unsupported)
		}
	}
}
