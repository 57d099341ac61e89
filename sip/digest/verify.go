package digest

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
)

// Fake HA1s take the place of an unknown user's, so that a check of nobody
// costs what a check of somebody costs. No password has them: they are not
// hashes of any known text.
const (
	FakeHA1MD5    = "5f1d7a84db00d2fce00b31a7fc73224f"
	FakeHA1SHA256 = "9e1c5d0be5a6c3d7fd0f4ae2f8b0f2d94bd6a9f1f7f0a8637d5c1c0f9f2fb9c3"
)

// HA1 is H(username:realm:password) in lower-case hexadecimal.
func HA1(a Algorithm, username, realm, password string) string {
	var sum [64]byte
	return string(hash(sum[:0], a, username, ":", realm, ":", password))
}

// Verify says whether c answers its nonce with the password behind the HA1s,
// in constant time. It does not look at the nonce itself: see [Nonces.Check].
// An empty HA1 verifies nothing.
func (c *Credentials) Verify(method, ha1MD5, ha1SHA256 string) bool {
	ha1, size := ha1MD5, 32
	switch c.Algorithm {
	case SHA256:
		ha1, size = ha1SHA256, 64
	case Unsupported:
		return false
	}
	if len(c.Response) != size || c.QOP != "" && c.QOP != "auth" {
		return false
	}
	var want, got [64]byte
	response(want[:0], c.Algorithm, ha1, method, c.URI, c.Nonce, c.ncText, c.CNonce, c.QOP)
	for i := range size {
		ch := c.Response[i]
		if 'A' <= ch && ch <= 'F' { // some clients answer in upper case
			ch += 'a' - 'A'
		}
		got[i] = ch
	}
	same := subtle.ConstantTimeCompare(want[:size], got[:size])
	return same&subtle.ConstantTimeEq(int32(len(ha1)), int32(size)) == 1
}

// response appends the digest itself (RFC 7616 §3.4.1).
func response(dst []byte, a Algorithm, ha1, method, uri, nonce, nc, cnonce, qop string) []byte {
	var mem [64]byte
	ha2 := hash(mem[:0], a, method, ":", uri)
	if qop == "" {
		return hash2(dst, a, ha2, ha1, ":", nonce, ":")
	}
	return hash2(dst, a, ha2, ha1, ":", nonce, ":", nc, ":", cnonce, ":", qop, ":")
}

func hash(dst []byte, a Algorithm, parts ...string) []byte { return hash2(dst, a, nil, parts...) }

// hash2 appends the hexadecimal hash of the parts and of tail after them.
func hash2(dst []byte, a Algorithm, tail []byte, parts ...string) []byte {
	var mem [512]byte // on the stack: what is longer pays an allocation
	b := mem[:0]
	for _, p := range parts {
		b = append(b, p...)
	}
	b = append(b, tail...)
	if a == SHA256 {
		sum := sha256.Sum256(b)
		return hex.AppendEncode(dst, sum[:])
	}
	sum := md5.Sum(b)
	return hex.AppendEncode(dst, sum[:])
}
