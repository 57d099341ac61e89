package digest

import "hash/crc32"

// AppendChallenge appends the value of a WWW-Authenticate or
// Proxy-Authenticate header. A challenge goes out once for each algorithm,
// the strongest first (RFC 8760 §2.4), and all of one response may share a
// nonce.
func AppendChallenge(dst []byte, a Algorithm, realm string, nonce []byte, stale bool) []byte {
	dst = append(dst, `Digest realm="`...)
	dst = appendQuoted(dst, realm)
	dst = append(dst, `",nonce="`...)
	dst = append(dst, nonce...)
	dst = append(dst, `",opaque="`...)
	dst = appendOpaque(dst, realm)
	dst = append(dst, `",algorithm=`...)
	dst = append(dst, a.String()...)
	if stale {
		dst = append(dst, `,stale=true`...)
	}
	return append(dst, `,qop="auth"`...)
}

// appendOpaque names the realm: it tells one organization's challenge from
// another's when two have realms that look alike to a phone.
func appendOpaque(dst []byte, realm string) []byte {
	const digits = "0123456789abcdef"
	sum := crc32.ChecksumIEEE([]byte(realm))
	for shift := 28; shift >= 0; shift -= 4 {
		dst = append(dst, digits[sum>>shift&15])
	}
	return dst
}

func appendQuoted(dst []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\r', '\n': // no header ends inside a value
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
