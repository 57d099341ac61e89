package call

import "testing"

func TestRedact(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"INVITE sip:a SIP/2.0\r\nTo: b\r\n\r\nbody", "INVITE sip:a SIP/2.0\r\nTo: b\r\n\r\nbody"},
		{"BYE x SIP/2.0\r\nAuthorization: Digest secret\r\nTo: b\r\n\r\n", "BYE x SIP/2.0\r\nAuthorization: (removed)\r\nTo: b\r\n\r\n"},
		{"BYE x SIP/2.0\r\nPROXY-AUTHORIZATION : Digest secret,\r\n secret\r\n\tsecret\r\nTo: b\r\n c\r\n\r\n", "BYE x SIP/2.0\r\nPROXY-AUTHORIZATION : (removed)\r\nTo: b\r\n c\r\n\r\n"},
		{"BYE x SIP/2.0\nauthorization:secret\nauthorization:secret\n\nAuthorization: of a body\n", "BYE x SIP/2.0\nauthorization: (removed)\r\nauthorization: (removed)\r\n\nAuthorization: of a body\n"},
		{"BYE x SIP/2.0\r\nAuthorization: cut off", "BYE x SIP/2.0\r\nAuthorization: (removed)\r\n"},
		{"BYE x SIP/2.0\r\naUTHORIZATIOn: secret\r\nAccept: x\r\n\r\n", "BYE x SIP/2.0\r\naUTHORIZATIOn: (removed)\r\nAccept: x\r\n\r\n"},
		{"WWW-Authenticate: not uthorization:", "WWW-Authenticate: not uthorization:"},
	} {
		if got := string(redact([]byte(c.in))); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}
