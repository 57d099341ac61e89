package api_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// An authenticator holds one passkey, as a phone or a security key does.
type authenticator struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	id     []byte
	handle string // of the user, as it was given
	count  uint32
	origin string
}

func newAuthenticator(t *testing.T, origin string) *authenticator {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 16)
	rand.Read(id)
	return &authenticator{t: t, key: key, id: id, origin: origin}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (a *authenticator) clientData(kind string, options object) []byte {
	raw, err := json.Marshal(object{"type": kind, "challenge": options["challenge"], "origin": a.origin, "crossOrigin": false})
	if err != nil {
		a.t.Fatal(err)
	}
	return raw
}

func (a *authenticator) data(rpID string, flags byte) []byte {
	sum := sha256.Sum256([]byte(rpID))
	a.count++
	return binary.BigEndian.AppendUint32(append(sum[:], flags), a.count)
}

// create is navigator.credentials.create.
func (a *authenticator) create(options object) object {
	a.t.Helper()
	public, err := a.key.PublicKey.ECDH()
	if err != nil {
		a.t.Fatal(err)
	}
	point := public.Bytes() // 4, x, y
	cose, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		a.t.Fatal(err)
	}
	data := append(a.data(at(options, "rp.id").(string), 0x45), make([]byte, 16)...)
	data = append(binary.BigEndian.AppendUint16(data, uint16(len(a.id))), a.id...)
	attested, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": append(data, cose...)})
	if err != nil {
		a.t.Fatal(err)
	}
	a.handle = at(options, "user.id").(string)
	return object{"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "clientExtensionResults": object{}, "response": object{
		"clientDataJSON": b64(a.clientData("webauthn.create", options)), "attestationObject": b64(attested), "transports": []string{"internal"}}}
}

// get is navigator.credentials.get.
func (a *authenticator) get(options object) object {
	a.t.Helper()
	client, data := a.clientData("webauthn.get", options), a.data(options["rpId"].(string), 0x05)
	clientSum := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), clientSum[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, sum[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return object{"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "clientExtensionResults": object{}, "response": object{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": a.handle}}
}

// named is a browser that shows a name, as passkeys want one.
func (x *exchange) named(host string) (b *browser, h header) {
	return &browser{x: x}, header{"Host": host}
}

// A passkey signs in without a login, a password and a code; several are kept, by
// name; what is removed, replayed, for another host or copied opens nothing.
func TestPasskeys(t *testing.T) {
	x := newExchange(t)
	x.staff()
	host := "localhost:" + x.server.URL[strings.LastIndex(x.server.URL, ":")+1:]
	b, h := x.named(host)
	b.do("POST", "/session", object{"login": "anna", "password": "anna-password"}, h).want(200)
	begin := func() object {
		t.Helper()
		return b.do("POST", "/session/passkeys/challenge", object{"password": "anna-password"}, h).want(200).object()
	}
	b.do("POST", "/session/passkeys/challenge", object{"password": "wrong"}, h).want(422, "password")
	b.do("POST", "/session/passkeys/challenge", object{"password": "anna-password"}).want(409, "") // by an address
	b.do("POST", "/session/passkeys/challenge", object{"password": "anna-password"}, header{"Host": "evil.example"}).want(409, "")
	phone := newAuthenticator(t, "http://"+host)
	c := begin()
	made := phone.create(c["public_key"].(object))
	add := func(c object, name string, credential object) *reply {
		return b.do("POST", "/session/passkeys", object{"id": c["id"], "name": name, "credential": credential}, h)
	}
	add(c, " ", made).want(422, "name")
	added := add(c, " My  phone ", made).want(201).object()
	if added["name"] != "My phone" || added["host"] != "localhost" {
		t.Errorf("%v", added)
	}
	add(c, "again", made).want(409, "") // the challenge was answered
	c = begin()
	if left := c["public_key"].(object)["excludeCredentials"].([]any); len(left) != 1 {
		t.Errorf("the browser is not told of what it has: %v", left)
	}
	wrong := newAuthenticator(t, "http://evil.example")
	add(c, "elsewhere", wrong.create(c["public_key"].(object))).want(422, "credential")
	c = begin()
	add(c, "key", newAuthenticator(t, "http://"+host).create(c["public_key"].(object))).want(201)
	list := b.do("GET", "/session/passkeys", nil).want(200).items()
	if len(list) != 2 || list[0]["name"] != "My phone" {
		t.Fatalf("%v", list)
	}
	b.do("PATCH", "/session/passkeys/"+list[1]["id"].(string), object{"name": "Security key"}).want(200)
	b.do("PATCH", "/session/passkeys/"+list[1]["id"].(string), object{"name": ""}).want(422, "name")
	b.do("PATCH", "/session/passkeys/nothing", object{"name": "x"}).want(404, "")

	// In, though a code would be asked for with the password.
	secret := b.do("POST", "/session/totp", nil).want(200).object()["secret"].(string)
	b.do("PUT", "/session/totp", object{"code": x.app(secret)}).want(200)
	door, _ := x.named(host)
	challenge := func() object {
		t.Helper()
		return door.do("POST", "/session/passkey/challenge", nil, h).want(200).object()
	}
	c = challenge()
	credential := phone.get(c["public_key"].(object))
	in := door.do("POST", "/session/passkey", object{"id": c["id"], "credential": credential}, h).want(200).object()
	if in["user_id"] != "anna" {
		t.Errorf("signed in %v", in)
	}
	door.do("GET", "/session", nil).want(200)
	stranger, _ := x.named(host)
	enter := func(c, credential object) *reply {
		return stranger.do("POST", "/session/passkey", object{"id": c["id"], "credential": credential}, h)
	}
	enter(c, credential).want(409, "")           // answered already
	enter(challenge(), credential).want(401, "") // of another challenge
	c = challenge()
	x.pass(6 * time.Minute)
	enter(c, phone.get(c["public_key"].(object))).want(409, "")
	c = challenge()
	unknown := newAuthenticator(t, "http://"+host)
	unknown.handle = phone.handle
	enter(c, unknown.get(c["public_key"].(object))).want(401, "")
	phone.count = 0
	c = challenge()
	enter(c, phone.get(c["public_key"].(object))).want(401, "") // a copy counts from where it was made
	phone.count = 100
	c = challenge()
	enter(c, phone.get(c["public_key"].(object))).want(200)

	// Nobody else's, and gone when it is removed.
	other := x.browser("boss", "boss-password")
	other.do("DELETE", "/session/passkeys/"+list[0]["id"].(string), nil).want(404, "")
	b.do("DELETE", "/session/passkeys/"+list[0]["id"].(string), nil).want(204)
	c = challenge()
	enter(c, phone.get(c["public_key"].(object))).want(401, "")

	// An administrator sees what anna signs in with, but not by what, and helps.
	means := x.do("GET", "/users/anna/sign-in", nil).want(200)
	var m struct {
		Password, TOTP bool
		RecoveryCodes  int `json:"recovery_codes"`
		Passkeys       []object
		OpenID         any
	}
	if means.into(&m); !m.Password || !m.TOTP || m.RecoveryCodes != 10 || len(m.Passkeys) != 1 || m.Passkeys[0]["name"] != "Security key" || m.OpenID != nil {
		t.Errorf("anna signs in with %s", means.raw)
	}
	if strings.Contains(string(means.raw), secret) || strings.Contains(string(means.raw), "credential") {
		t.Errorf("a secret is in %s", means.raw)
	}
	key := "/users/anna/passkeys/" + list[1]["id"].(string)
	x.do("POST", "/organizations", object{"id": "acme", "name": "Acme"}).want(201)
	coyote := header{"token": x.newToken(object{"role": "admin"}, "acme")}
	for _, c := range []struct {
		who    header
		status int
	}{{coyote, 404}, {header{"token": x.newToken(object{"role": "user", "user_id": "anna"}, "")}, 403}} {
		x.do("GET", "/users/anna/sign-in", nil, c.who).want(c.status, "")
		x.do("DELETE", key, nil, c.who).want(c.status, "")
	}
	x.do("DELETE", "/users/boss/passkeys/"+list[1]["id"].(string), nil).want(404, "")
	x.do("DELETE", key, nil).want(204)
	x.do("DELETE", key, nil).want(404, "")
	x.do("DELETE", "/users/anna/totp", nil).want(204)
	if e := x.do("GET", "/audit?event=passkey_removed", nil).want(200).items(); len(e) != 2 || e[0]["detail"] != "Security key, by token test" || e[0]["user_id"] != "anna" {
		t.Errorf("the audit log has %v", e)
	}
	means = x.do("GET", "/users/anna/sign-in", nil).want(200)
	if means.into(&m); m.TOTP || m.RecoveryCodes != 0 || len(m.Passkeys) != 0 {
		t.Errorf("afterwards she signs in with %s", means.raw)
	}
	events := x.do("GET", "/audit?event=passkey_added", nil).want(200).items()
	if len(events) != 2 || events[1]["detail"] != "My phone" {
		t.Errorf("%v", events)
	}
}
