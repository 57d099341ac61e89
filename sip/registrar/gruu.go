package registrar

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"hash/maphash"
	"strings"

	"strowger/sip/transport"
)

// A GRUU names one phone rather than everyone of its line (RFC 5627). The
// public one is the AOR with the instance in "gr"; the temporary one hides the
// AOR: its user part is the AOR sealed, so nothing need be kept for it. It dies with
// the registration it came with (its Call-ID), and with the process.

const temporaryPrefix = "tgruu."

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

type sealer struct {
	aead cipher.AEAD
	seed maphash.Seed
}

func newSealer() sealer {
	var key [16]byte
	rand.Read(key[:])
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // 16 bytes are a key
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has the block size that GCM wants
	}
	return sealer{aead: aead, seed: maphash.MakeSeed()}
}

// domain is the host part of our GRUUs: the organization's own, else the
// address that the phone itself registers at.
func (r *Registrar) domain(org string, f transport.Flow) string {
	if d := r.o.Auth.o.Accounts.Domain(org); d != "" {
		return d
	}
	if r.o.Network == nil || !f.Valid() {
		return "invalid" // RFC 2606: until the phone comes back after a restart
	}
	return r.o.Network.Shown(f).String()
}

// publicGRUU is "" for a phone that named no instance.
func (r *Registrar) publicGRUU(k key, b *binding) string {
	if b.instance() == "" {
		return ""
	}
	return "sip:" + escapeUser(k.aor) + "@" + r.domain(k.org, b.flow) + ";gr=" + b.instance()
}

// escapeUser writes a user name as the user part of a URI may hold it.
func escapeUser(s string) string {
	const hexDigits = "0123456789ABCDEF"
	var b []byte
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_.!~*'()&=+$,;?/", c) >= 0 {
			if b != nil {
				b = append(b, c)
			}
			continue
		}
		if b == nil {
			b = append(b, s[:i]...)
		}
		b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
	}
	if b == nil {
		return s
	}
	return string(b)
}

// registration tells one life of a phone's registration from the next.
func (r *Registrar) registration(b *binding) uint64 {
	var h maphash.Hash
	h.SetSeed(r.sealer.seed)
	h.WriteString(b.instance())
	h.WriteByte(0)
	h.WriteString(b.callID)
	return h.Sum64()
}

func (r *Registrar) temporaryGRUU(k key, b *binding) string {
	nonce := make([]byte, r.sealer.aead.NonceSize(), 96)
	rand.Read(nonce)
	plain := binary.BigEndian.AppendUint64(nil, r.registration(b))
	plain = append(plain, k.aor...)
	sealed := r.sealer.aead.Seal(nonce, nonce, plain, []byte(k.org))
	return "sip:" + temporaryPrefix + base32Lower.EncodeToString(sealed) + "@" + r.domain(k.org, b.flow) + ";gr"
}

// openTemporary finds the AOR and the registration in the user part of a
// temporary GRUU.
func (r *Registrar) openTemporary(org, user string) (aor string, registration uint64, ok bool) {
	text, ok := strings.CutPrefix(strings.ToLower(user), temporaryPrefix)
	if !ok {
		return "", 0, false
	}
	raw, err := base32Lower.DecodeString(text)
	if n := r.sealer.aead.NonceSize(); err != nil || len(raw) < n+8 {
		return "", 0, false
	}
	n := r.sealer.aead.NonceSize()
	plain, err := r.sealer.aead.Open(nil, raw[:n], raw[n:], []byte(org))
	if err != nil || len(plain) < 8 {
		return "", 0, false
	}
	return string(plain[8:]), binary.BigEndian.Uint64(plain), true
}

// AORByGRUU is whose phone a GRUU names: the user part of a Request-URI that has
// the parameter "gr", and that parameter. A temporary one of another process or
// organization names nobody's.
func (r *Registrar) AORByGRUU(org, user, gr string) (aor string, ok bool) {
	if aor, _, ok = r.openTemporary(org, user); ok || gr == "" {
		return aor, ok
	}
	return unescape(user), true
}

// ContactByGRUU finds the phone behind a GRUU: the user part and the "gr"
// parameter of a Request-URI. An instance with several flows has them as
// Fallback.
func (r *Registrar) ContactByGRUU(org, user, gr string) []Contact {
	aor, ok := r.AORByGRUU(org, user, gr)
	if !ok {
		return nil
	}
	_, registration, temporary := r.openTemporary(org, user)
	return r.contacts(key{org, aor}, func(b *binding) bool {
		if temporary {
			return b.gruu && r.registration(b) == registration
		}
		return b.instance() == gr || b.instance() == unescape(gr)
	})
}
