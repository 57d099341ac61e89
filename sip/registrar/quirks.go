package registrar

import (
	"strings"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/digest"
	"strowger/sip/transaction"
)

// A quirk is a phone that needs special treatment.
type quirk struct {
	agent   string // how its User-Agent begins
	md5Only bool
	why     string
}

// quirks are the phones known to need some. A row names what proves it.
var quirks = []quirk{
	{"baresip v0.", true, "gives up with ENOSYS on any challenge that is not MD5, in whatever order they come"},
	{"baresip v1.", true, "the same; seen with 1.0.0 as Debian 12 has it, and in the end-to-end tests"},
}

// algorithms are offered in this order. A phone that knows RFC 8760 takes the
// topmost that it supports; one that does not often reads the topmost and
// nothing else (sipp does), so MD5 stands first and both kinds can register.
var algorithms = [...]digest.Algorithm{digest.MD5, digest.SHA256}

// algorithmsFor are those that the sender of req can be asked for. Whoever
// strips SHA-256 by changing the User-Agent on the way could strip the
// challenge itself as well.
func algorithmsFor(req *sip.Request) []digest.Algorithm {
	if agent, ok := transaction.Header(req, "User-Agent"); ok {
		for i := range quirks {
			if q := &quirks[i]; q.md5Only && strings.HasPrefix(agent, q.agent) {
				return algorithms[:1]
			}
		}
	}
	return algorithms[:]
}
