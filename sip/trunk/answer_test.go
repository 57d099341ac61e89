package trunk

import (
	"errors"
	"testing"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/digest"
	"strowger/store"
)

// Threat 5: our password is proven to the carrier, and to nobody else.
func TestAnswer(t *testing.T) {
	trunk := named("main", func(t *store.Trunk) {
		t.Auth = store.TrunkAuth{Mode: store.TrunkByDigest, Username: "account"}
	})
	inBubble(t, []*store.Trunk{trunk, named("open", nil)}, func(t *testing.T, x *exchange) {
		x.password("main", "pw")
		x.carriers.Sync()
		ask := func(uri string, status int, challenge string, more ...string) (sip.Header, error) {
			var to sip.Uri
			if err := sip.ParseUri(uri, &to); err != nil {
				t.Fatal(err)
			}
			req := sip.NewRequest(sip.INVITE, to)
			for _, m := range more {
				req.AppendHeader(sip.NewHeader("Proxy-Authorization", m))
			}
			res := sip.NewResponse(status, "")
			name := "WWW-Authenticate"
			if status == 407 {
				name = "Proxy-Authenticate"
			}
			res.AppendHeader(sip.NewHeader(name, challenge))
			return x.carriers.Answer("default", "main", req, res)
		}
		const challenge = `Digest realm="carrier", nonce="n", algorithm=SHA-256, qop="auth"`
		if _, err := ask("sip:+4930@203.0.113.66", 407, challenge); !errors.Is(err, ErrForeign) {
			t.Errorf("a stranger is answered: %v", err)
		}
		h, err := ask("sip:+4930@sip.carrier.example", 407, challenge)
		if err != nil || h.Name() != "Proxy-Authorization" {
			t.Fatalf("got %v, %v", h, err)
		}
		c, err := digest.Parse(h.Value())
		if err != nil || c.URI != "sip:+4930@sip.carrier.example" || !c.Verify("INVITE", "", digest.HA1(digest.SHA256, "account", "carrier", "pw")) {
			t.Errorf("%s: %v", h.Value(), err)
		}
		// Inside the dialog its Contact is another host, the realm the same.
		if h, err := ask("sip:gw@203.0.113.66:5080", 401, challenge); err != nil || h.Name() != "Authorization" {
			t.Errorf("in the dialog: %v, %v", h, err)
		}
		if _, err := ask("sip:gw@203.0.113.66:5080", 401, `Digest realm="thief", nonce="n"`); !errors.Is(err, ErrForeign) {
			t.Errorf("another realm is answered: %v", err)
		}
		if _, err := ask("sip:+4930@sip.carrier.example", 407, challenge, "Digest x"); !errors.Is(err, ErrRefused) {
			t.Errorf("refused credentials are sent again: %v", err)
		}
		if _, err := ask("sip:+4930@sip.carrier.example", 407, challenge+", stale=true", "Digest x"); err != nil {
			t.Errorf("stale: %v", err)
		}
		if _, err := ask("sip:+4930@sip.carrier.example", 407, `Basic realm="carrier"`); !errors.Is(err, digest.ErrNoChallenge) {
			t.Errorf("basic: %v", err)
		}
		if _, err := x.carriers.Answer("default", "open", sip.NewRequest(sip.INVITE, sip.Uri{Host: "sip.carrier.example"}), sip.NewResponse(407, "")); !errors.Is(err, ErrNoSecret) {
			t.Errorf("without a password: %v", err)
		}
		if _, err := x.carriers.Answer("default", "nobody", sip.NewRequest(sip.INVITE, sip.Uri{}), sip.NewResponse(407, "")); !errors.Is(err, ErrUnknown) {
			t.Errorf("nobody's: %v", err)
		}
	})
}
