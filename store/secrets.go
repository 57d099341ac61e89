package store

import (
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// keyIDSize is how many bytes of the key's SHA-256 begin a sealed secret, so
// that one sealed under another key is told from a damaged one.
const keyIDSize = 4

// A vault seals passwords and other secrets under secret.key.
type vault struct {
	id   [keyIDSize]byte
	aead cipher.AEAD // nil: no key
}

func newVault(key []byte) (*vault, error) {
	if len(key) == 0 {
		return &vault{}, nil
	}
	if len(key) != 32 {
		return nil, fmt.Errorf("secret.key: want 32 bytes, have %d", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	v := &vault{aead: aead}
	sum := sha256.Sum256(key)
	copy(v.id[:], sum[:])
	return v, nil
}

func (v *vault) seal(password string) ([]byte, error) {
	if v.aead == nil {
		return nil, fmt.Errorf("a password cannot be sealed: %w", ErrNoKey)
	}
	out := make([]byte, keyIDSize+v.aead.NonceSize(), keyIDSize+v.aead.NonceSize()+len(password)+v.aead.Overhead())
	copy(out, v.id[:])
	nonce := out[keyIDSize:]
	rand.Read(nonce)
	return v.aead.Seal(out, nonce, []byte(password), v.id[:]), nil
}

func (v *vault) open(sealed []byte) (string, error) {
	if v.aead == nil {
		return "", fmt.Errorf("a password cannot be opened: %w", ErrNoKey)
	}
	n := v.aead.NonceSize()
	if len(sealed) < keyIDSize+n {
		return "", fmt.Errorf("a sealed password is too short: %w", ErrDamaged)
	}
	if [keyIDSize]byte(sealed) != v.id {
		return "", fmt.Errorf("a password was sealed under another secret.key: %w", ErrNoKey)
	}
	plain, err := v.aead.Open(nil, sealed[keyIDSize:keyIDSize+n], sealed[keyIDSize+n:], v.id[:])
	if err != nil {
		return "", fmt.Errorf("a sealed password does not open: %w", ErrDamaged)
	}
	return string(plain), nil
}

// HA1 is what digest authentication knows of a password (RFC 7616 §3.4.2), in
// hexadecimal, for MD5 and for SHA-256.
func HA1(username, realm, password string) (md5Hex, sha256Hex string) {
	a1 := []byte(username + ":" + realm + ":" + password)
	m, s := md5.Sum(a1), sha256.Sum256(a1)
	return hex.EncodeToString(m[:]), hex.EncodeToString(s[:])
}

// GeneratePassword makes a password of 120 random bits, in letters and digits
// that nobody takes for one another.
func GeneratePassword() string { return randomText(24, "abcdefghijkmnpqrstuvwxyz23456789") }

// NewID makes an id for a record.
func NewID() string { return randomText(20, "0123456789abcdefghijklmnopqrstuv") }

// randomText picks from an alphabet of 32.
func randomText(n int, alphabet string) string {
	b := make([]byte, n)
	rand.Read(b)
	for i := range b {
		b[i] = alphabet[b[i]&31]
	}
	return string(b)
}

// secretTables hold the secrets of one organization, by record id.
type secretTables struct {
	organizations, users, contactMethods, trunks, devices, appDevices, deliveryMethods, callFlows Table[Secret]
}

func (t *secretTables) of(collection string) *Table[Secret] {
	switch collection {
	case inOrganizations:
		return &t.organizations // ownSecrets
	case "users":
		return &t.users
	case "contact_methods":
		return &t.contactMethods
	case "trunks":
		return &t.trunks
	case "devices":
		return &t.devices
	case "app_devices":
		return &t.appDevices
	case "delivery_methods":
		return &t.deliveryMethods
	case "call_flows":
		return &t.callFlows
	}
	return nil
}

// A secretKind is what a collection does with its write-only fields.
type secretKind[T any] struct {
	// take answers the write-only fields and empties them.
	take func(*T) secretInput
	// digest answers the digest user name, empty for none: such a record always
	// has a password.
	digest func(*T) string
	// goesTo is where a secret is sent, or proven by an answer that can be guessed
	// at; nil: it stays here.
	goesTo func(*T) string
	// lacks answers a secret that is made because the record needs one and has none,
	// empty for none, and the input with it; nil: only passwords are made.
	lacks func(r *T, held string, in secretInput) (made string, with secretInput)
	// kept is the first write-only field of what is held of which an edit says
	// nothing; empty: it says all anew.
	kept func(held string, in secretInput) (field string)
	// apply puts the input into a secret.
	apply func(v *vault, path string, sec *Secret, in secretInput) error
}

type secretInput struct{ password, pin, settings, code string }

// over lays what is given later over what an edit has already.
func (in secretInput) over(was secretInput) secretInput {
	if in.password == "" {
		in.password = was.password
	}
	if in.pin == "" {
		in.pin = was.pin
	}
	if in.code == "" {
		in.code = was.code
	}
	if was.settings != "" {
		all := parseSettings(was.settings)
		maps.Copy(all, parseSettings(in.settings)) // also those that are to be taken away
		in.settings = settingsText(all)
	}
	return in
}

// A GeneratedSecret is a password, or what a webhook signs with, that the store made up
// because a record needed one and had none.
type GeneratedSecret struct {
	Collection string
	ID         string
	Username   string
	Password   string
}

var (
	userSecret = &secretKind[User]{
		take: func(u *User) secretInput {
			in := secretInput{password: u.Password, pin: u.VoicemailPIN, code: u.InvitationCode}
			u.Password, u.VoicemailPIN, u.InvitationCode = "", "", ""
			return in
		},
		apply: func(v *vault, path string, sec *Secret, in secretInput) (err error) {
			if in.password != "" {
				if !strings.HasPrefix(in.password, "$argon2id$") {
					return invalid(path, "password", "must be an argon2id hash when it reaches the store")
				}
				sec.Hash = in.password
			}
			if in.pin != "" {
				if len(in.pin) < 4 || len(in.pin) > 12 || strings.Trim(in.pin, "0123456789") != "" {
					return invalid(path, "voicemail_pin", "must be 4 to 12 digits")
				}
				sec.Sealed, err = v.seal(in.pin)
			}
			return cmp.Or(err, keepCode(path, "invitation", sec, in.code))
		},
	}
	deviceSecret = &secretKind[Device]{
		take: func(d *Device) secretInput {
			in := secretInput{password: d.Token}
			d.Token = ""
			return in
		},
		apply: func(v *vault, path string, sec *Secret, in secretInput) (err error) {
			if len(in.password) < 16 || len(in.password) > 128 || strings.Trim(in.password, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
				return invalid(path, "token", "must be 16 to 128 lower-case letters and digits")
			}
			sec.Code = CodeHash(in.password)
			sec.Sealed, err = v.seal(in.password)
			return err
		},
	}
	lineSecret = &secretKind[ContactMethod]{
		take: func(m *ContactMethod) secretInput {
			if m.SIPAccount == nil || m.SIPAccount.Password == "" {
				return secretInput{}
			}
			account := *m.SIPAccount // the caller's copy keeps its password
			in := secretInput{password: account.Password}
			account.Password = ""
			m.SIPAccount = &account
			return in
		},
		digest: lineUsername,
		apply:  sealPassword,
	}
	appDeviceSecret = &secretKind[AppDevice]{
		take: func(d *AppDevice) secretInput {
			in := secretInput{password: d.Password, code: d.TokenCode}
			d.Password, d.TokenCode = "", ""
			return in
		},
		digest: func(d *AppDevice) string { return d.Username },
		apply: func(v *vault, path string, sec *Secret, in secretInput) (err error) {
			if in.password != "" {
				err = sealPassword(v, path, sec, in)
			}
			return cmp.Or(err, keepCode(path, "token", sec, in.code))
		},
	}
	trunkSecret = &secretKind[Trunk]{
		take: func(t *Trunk) secretInput {
			in := secretInput{password: t.Auth.Password}
			t.Auth.Password = ""
			return in
		},
		goesTo: func(t *Trunk) string { return t.Host },
		kept: func(_ string, in secretInput) string {
			if in.password == "" {
				return "auth.password"
			}
			return ""
		},
		apply: sealPassword,
	}
	deliverySecret = &secretKind[DeliveryMethod]{
		take: func(d *DeliveryMethod) secretInput {
			secrets := map[string]string{}
			d.Settings = takeSettings(d.Settings, "", secrets)
			return secretInput{settings: settingsText(secrets)}
		},
		lacks:  signed,
		goesTo: destinationOf,
		kept: func(held string, in secretInput) string {
			given := parseSettings(in.settings)
			for _, name := range slices.Sorted(maps.Keys(parseSettings(held))) {
				if _, ok := given[name]; !ok {
					return "settings." + name
				}
			}
			return ""
		},
		apply: sealSettings,
	}
	// The settings of other nodes than webhooks name keys to press, and no
	// secrets.
	flowSecret = &secretKind[CallFlow]{
		take: func(f *CallFlow) secretInput {
			secrets := map[string]string{}
			f.Nodes = slices.Clone(f.Nodes)
			for i := range f.Nodes {
				if n := &f.Nodes[i]; n.Type == "webhook" {
					n.Settings = takeSettings(n.Settings, n.ID+"/", secrets)
				}
			}
			return secretInput{settings: settingsText(secrets)}
		},
		apply: sealSettings,
	}
)

// NoCode takes a code away.
const NoCode = "-"

// CodeHash is what is kept of a code that opens something without a sign-in: an
// invitation, the address of a phone's configuration, an app's token. Such codes
// are random and long, so that a plain SHA-256 gives nothing away.
func CodeHash(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}

func keepCode(path, field string, sec *Secret, code string) error {
	switch {
	case code == "":
	case code == NoCode:
		sec.Code = ""
	case len(code) != 64 || strings.Trim(code, "0123456789abcdef") != "":
		return invalid(path, field, "must be a SHA-256 in 64 lower-case hexadecimal digits")
	default:
		sec.Code = code
	}
	return nil
}

func sealPassword(v *vault, path string, sec *Secret, in secretInput) (err error) {
	if strings.ContainsAny(in.password, "\r\n\x00") || len(in.password) > 128 {
		return invalid(path, "password", "must be at most 128 characters on one line")
	}
	sec.Sealed, err = v.seal(in.password)
	return err
}
