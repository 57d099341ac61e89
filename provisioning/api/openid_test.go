package api_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/provisioning"
	"strowger/store"
)

// A provider is one of OpenID Connect: discovery, tokens for codes, keys. It also
// is how the exchange goes out, whose own way is tested where it is.
type provider struct {
	provisioning.Sender
	*httptest.Server
	t   *testing.T
	key *rsa.PrivateKey

	mu    sync.Mutex
	codes map[string]url.Values // what each was asked for with
	// claims are those of the next token, over what they should be.
	claims object
	signer *rsa.PrivateKey // nil: key
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{t: t, key: key, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, status int, body object) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(body)
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		answer(w, 200, object{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
			"jwks_uri": p.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, r *http.Request) {
		answer(w, 200, object{"keys": []object{{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "k",
			"n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		asked, ok := p.codes[r.FormValue("code")]
		delete(p.codes, r.FormValue("code"))
		id, secret, _ := r.BasicAuth()
		proof := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if !ok || id != "strowger" || secret != "s3cret" || b64(proof[:]) != asked.Get("code_challenge") ||
			asked.Get("code_challenge_method") != "S256" || r.FormValue("redirect_uri") != asked.Get("redirect_uri") {
			answer(w, 400, object{"error": "invalid_grant"})
			return
		}
		claims := object{"iss": p.URL, "aud": "strowger", "sub": "account-1", "nonce": asked.Get("nonce"), "iat": time.Now().Unix(),
			"exp": time.Now().Add(time.Hour).Unix(), "email": "anna@example.com", "email_verified": true}
		maps.Copy(claims, p.claims)
		answer(w, 200, object{"access_token": "x", "token_type": "Bearer", "id_token": p.sign(claims)})
	})
	p.Server = httptest.NewTLSServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) Client(string) *http.Client { return p.Server.Client() }

func (p *provider) sign(claims object) string {
	head, _ := json.Marshal(object{"alg": "RS256", "kid": "k", "typ": "JWT"})
	body, _ := json.Marshal(claims)
	text := b64(head) + "." + b64(body)
	sum := sha256.Sum256([]byte(text))
	signer := p.key
	if p.signer != nil {
		signer = p.signer
	}
	signature, err := rsa.SignPKCS1v15(rand.Reader, signer, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Error(err)
	}
	return text + "." + b64(signature)
}

// says has the next tokens differ.
func (p *provider) says(claims object) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.claims = claims
}

// authorize is the provider's page on which somebody signs in: it answers where the
// browser is led back to, as a path.
func (p *provider) authorize(address string) string {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(address, p.URL+"/authorize?") {
		p.t.Fatalf("led to %q", address)
	}
	q := u.Query()
	if q.Get("client_id") != "strowger" || q.Get("response_type") != "code" || q.Get("scope") != "openid email" || q.Get("nonce") == "" || q.Get("state") == "" {
		p.t.Errorf("asked with %v", q)
	}
	code := "code-" + q.Get("state")
	p.mu.Lock()
	p.codes[code] = q
	p.mu.Unlock()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil {
		p.t.Fatal(err)
	}
	return back.Path + "?" + url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.URL}}.Encode()
}

// newOpenID is an exchange whose organization has a provider. Redirects are looked
// at, and not followed.
func newOpenID(t *testing.T) (*exchange, *provider) {
	t.Helper()
	x, p := newExchange(t), newProvider(t)
	x.sender = p
	x.restart()
	x.staff()
	x.do("PATCH", "/users/anna", object{"email": "Anna@example.com"}).want(200)
	x.openIDOn("default", p)
	x.server.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return x, p
}

func (x *exchange) openIDOn(org string, p *provider) {
	x.t.Helper()
	x.do("PATCH", "/organizations/"+org, object{"sign_in": object{"openid": object{
		"issuer": p.URL, "client_id": "strowger", "client_secret": "s3cret", "label": "Example ID"}}}).want(200)
}

// begin is a browser that is at the provider, and what leads it back.
func (x *exchange) begin(p *provider, org string) (*browser, string) {
	x.t.Helper()
	b := &browser{x: x}
	r := b.do("GET", "/session/openid/start?organization="+org, nil).want(303)
	if !strings.HasPrefix(r.header.Get("Set-Cookie"), "strowger_openid=") || !strings.Contains(r.header.Get("Set-Cookie"), "HttpOnly") {
		x.t.Errorf("the cookie is %q", r.header.Get("Set-Cookie"))
	}
	return b, p.authorize(r.header.Get("Location"))
}

// ends says where a browser lands.
func (b *browser) ends(back, want string) {
	b.x.t.Helper()
	r := b.do("GET", back, nil).want(303)
	if got := r.header.Get("Location"); got != want {
		b.x.t.Errorf("led to %q, want %q", got, want)
	}
	if signedIn := strings.Contains(strings.Join(r.header["Set-Cookie"], " "), "strowger_session="); signedIn != (want == "/") {
		b.x.t.Errorf("a session has begun: %v", signedIn)
	}
}

func refusal(reason, org string) string { return "/?openid=" + reason + "&organization=" + org }

func (x *exchange) lastAudit() object {
	x.t.Helper()
	return x.do("GET", "/audit", nil).want(200).items()[0]
}

// TestOpenID: a sign-in; from then on the account counts and not the address; the
// secret is never read again.
func TestOpenID(t *testing.T) {
	x, p := newOpenID(t)
	for _, path := range []string{"/organizations/default", "/organizations", "/export", "/revisions"} {
		if raw := string(x.do("GET", path, nil).want(200).raw); strings.Contains(raw, "s3cret") {
			t.Errorf("%s shows the secret: %s", path, raw)
		}
	}
	x.do("PATCH", "/organizations/default", object{"sign_in": object{"openid": object{"issuer": "https://evil.example"}}}).want(422, "sign_in.openid.client_secret")
	if all := (&browser{x: x}).do("GET", "/session/openid", nil).want(200).items(); len(all) != 1 || all[0]["label"] != "Example ID" || all[0]["organization"] != "default" {
		t.Errorf("the sign-in page has %v", all)
	}
	if got := x.do("POST", "/organizations/default/openid/test", nil).want(200).object(); got["ok"] != true {
		t.Errorf("the test says %v", got)
	}
	b, back := x.begin(p, "default")
	b.ends(back, "/")
	if s := b.do("GET", "/session", nil).want(200).object(); s["user_id"] != "anna" {
		t.Errorf("signed in as %v", s)
	}
	if e := x.lastAudit(); e["event"] != "signed_in" || e["user_id"] != "anna" || e["detail"] != "openid" {
		t.Errorf("the audit log has %v", e)
	}
	// Again with the same answer: not even for the same browser.
	b.ends(back, "/?openid=expired")
	// The account has another address now, which nobody has verified.
	p.says(object{"email": "elsewhere@example.com", "email_verified": false})
	b, back = x.begin(p, "default")
	b.ends(back, "/")
	// Another account with the address is not anna, until an administrator says so.
	p.says(object{"sub": "account-2"})
	b, back = x.begin(p, "default")
	b.ends(back, refusal("linked", "default"))
	if e := x.lastAudit(); e["event"] != "sign_in_failed" || e["user_id"] != "anna" || !strings.Contains(e["detail"].(string), "linked") {
		t.Errorf("the audit log has %v", e)
	}
	if link, _ := x.do("GET", "/users/anna/sign-in", nil).want(200).object()["openid"].(object); link["issuer"] == nil || link["since"] == nil {
		t.Errorf("the account is %v", link)
	}
	x.do("DELETE", "/users/nobody/openid", nil).want(404)
	x.do("DELETE", "/users/anna/openid", nil).want(204)
	if link := x.do("GET", "/users/anna/sign-in", nil).want(200).object()["openid"]; link != nil {
		t.Errorf("the account is still %v", link)
	}
	b, back = x.begin(p, "default")
	b.ends(back, "/")
}

// TestOpenIDRefused: what a provider says that is not good, and who is nobody here.
func TestOpenIDRefused(t *testing.T) {
	x, p := newOpenID(t)
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		claims object
		reason string
	}{
		"nonce":        {object{"nonce": "another"}, "invalid"},
		"audience":     {object{"aud": "another"}, "invalid"},
		"party":        {object{"aud": []string{"strowger", "another"}, "azp": "another"}, "invalid"},
		"issuer":       {object{"iss": "https://evil.example"}, "invalid"},
		"expired":      {object{"exp": time.Now().Add(-time.Minute).Unix()}, "invalid"},
		"not verified": {object{"email_verified": false}, "unverified"},
		"nothing said": {object{"email_verified": nil}, "unverified"},
		"nobody":       {object{"email": "nobody@example.com"}, "unknown"},
		"no email":     {object{"email": ""}, "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			p.says(c.claims)
			b, back := x.begin(p, "default")
			b.ends(back, refusal(c.reason, "default"))
			if e := x.lastAudit(); e["event"] != "sign_in_failed" || !strings.Contains(e["detail"].(string), c.reason) {
				t.Errorf("the audit log has %v", e)
			}
			b.do("GET", "/session", nil).want(401)
		})
	}
	p.says(nil)
	p.signer = stranger
	b, back := x.begin(p, "default")
	b.ends(back, refusal("invalid", "default"))
	p.signer = nil
	// In another browser, much later, from another provider, and declined.
	_, back = x.begin(p, "default")
	(&browser{x: x, cookie: "strowger_openid=guess"}).ends(back, "/?openid=expired")
	b, back = x.begin(p, "default")
	x.pass(provisioning.OpenIDLife)
	b.ends(back, "/?openid=expired")
	b, back = x.begin(p, "default")
	b.ends(strings.Replace(back, url.QueryEscape(p.URL), "https%3A%2F%2Fevil.example", 1), refusal("invalid", "default"))
	b, back = x.begin(p, "default")
	b.ends(strings.Replace(back, "code=", "error=access_denied&x=", 1), refusal("refused", "default"))
	// An address that was typed in, of who had another when the invitation was accepted.
	address := func(email string, state store.EmailVerification) {
		t.Helper()
		if _, err := x.store.Update(t.Context(), "default", store.Author{Who: "test"}, func(e *store.Edit) error {
			u, _ := e.Users.Get("anna")
			copied := *u
			copied.Email, copied.EmailVerification = email, &state
			return e.Users.Put(copied)
		}); err != nil {
			t.Fatal(err)
		}
	}
	address("before@example.com", store.EmailVerification{State: store.EmailUnasked})
	address("before@example.com", store.EmailVerification{State: store.EmailVerified, Verified: "before@example.com"})
	address("anna@example.com", store.EmailVerification{State: store.EmailUnasked})
	b, back = x.begin(p, "default")
	b.ends(back, refusal("unconfirmed", "default"))
	address("anna@example.com", store.EmailVerification{State: store.EmailVerified, Verified: "anna@example.com"})
	// Two of the address.
	x.do("PATCH", "/users/boss", object{"email": "anna@example.com"}).want(200)
	b, back = x.begin(p, "default")
	b.ends(back, refusal("ambiguous", "default"))
	// Down: before, and between.
	b, back = x.begin(p, "default")
	p.Close()
	b.ends(back, refusal("unavailable", "default"))
	b.ends("/session/openid/start?organization=default", refusal("unavailable", "default"))
	if got := x.do("POST", "/organizations/default/openid/test", nil).want(200).object(); got["ok"] != false || got["error"] == "" {
		t.Errorf("the test says %v", got)
	}
}

// TestOpenIDElsewhere: a provider signs in nobody of another organization.
func TestOpenIDElsewhere(t *testing.T) {
	x, p := newOpenID(t)
	x.do("POST", "/organizations", object{"id": "acme", "name": "Acme", "domain": "acme.example"}).want(201)
	b := &browser{x: x}
	b.ends("/session/openid/start?organization=acme", refusal("off", "acme"))
	x.openIDOn("acme", p)
	b, back := x.begin(p, "acme")
	b.ends(back, refusal("unknown", "acme"))
	x.do("POST", "/users?organization=acme", object{"id": "ann", "first_name": "Ann", "email": "anna@example.com"}).want(201)
	b, back = x.begin(p, "acme")
	b.ends(back, "/")
	if s := b.do("GET", "/session", nil).want(200).object(); s["user_id"] != "ann" || at(s, "organization.id") != "acme" {
		t.Errorf("signed in as %v", s)
	}
	// Of the sign-in page it has the part at its own domain, or when it is named.
	for path, want := range map[string]string{"/session/openid": "default", "/session/openid?organization=Acme": "acme", "/session/openid?organization=none": ""} {
		got := ""
		for _, o := range b.do("GET", path, nil).want(200).items() {
			got += o["organization"].(string)
		}
		if got != want {
			t.Errorf("%s has %q, want %q", path, got, want)
		}
	}
	if all := b.do("GET", "/session/openid", nil, header{"Host": "acme.example"}).want(200).items(); len(all) != 1 || all[0]["organization"] != "acme" {
		t.Errorf("at its domain there is %v", all)
	}
	// Somewhere else than it leads back to, it begins there.
	x.do("PATCH", "/organizations/acme", object{"web_address": "https://pbx.acme.example"}).want(200)
	r := (&browser{x: x}).do("GET", "/session/openid/start?organization=acme", nil).want(303)
	if got := r.header.Get("Location"); got != "https://pbx.acme.example/api/v1/session/openid/start?here=true&organization=acme" {
		t.Errorf("led to %q", got)
	}
}

// TestOpenIDSecondFactor: the provider stands in for the password alone, unless it
// is trusted with both.
func TestOpenIDSecondFactor(t *testing.T) {
	x, p := newOpenID(t)
	x.stop()
	codes := x.codesOn("anna", "anna-password")
	b, back := x.begin(p, "default")
	b.ends(back, "/?openid=code")
	b.do("GET", "/session", nil).want(401)
	b.do("POST", "/session/openid", object{"code": ""}).want(401)
	b.do("POST", "/session/openid", object{"code": "000000"}).want(401, "code")
	(&browser{x: x}).do("POST", "/session/openid", object{"code": codes[0]}).want(409)
	b.do("POST", "/session/openid", object{"code": codes[0]}).want(200)
	// It was for one session.
	x.do("PATCH", "/organizations/default", object{"sign_in": object{"openid": object{"trust_second_factor": true}}}).want(200)
	b, back = x.begin(p, "default")
	b.ends(back, "/")
	b.do("GET", "/session", nil).want(200)
}

// codesOn has a user's sign-ins take a code, and answers recovery codes.
func (x *exchange) codesOn(login, password string) []string {
	x.t.Helper()
	b := x.browser(login, password)
	key := b.do("POST", "/session/totp", nil).want(200).object()
	var codes struct {
		Codes []string `json:"recovery_codes"`
	}
	b.do("PUT", "/session/totp", object{"code": x.app(key["secret"].(string))}).want(200).into(&codes)
	return codes.Codes
}

// TestSecondFactorForAdmins: an administrator without one can do nothing but set
// one up; users and tokens are not concerned.
func TestSecondFactorForAdmins(t *testing.T) {
	x := newExchange(t)
	x.staff()
	b, a := x.browser("boss", "boss-password"), x.browser("anna", "anna-password")
	token := header{"token": x.newToken(object{"role": "admin"}, "")}
	b.do("GET", "/users", nil).want(200)
	b.do("PATCH", "/organizations/default", object{"sign_in": object{"second_factor_for_admins": true}}).want(200)
	for _, r := range []*reply{b.do("GET", "/users", nil), b.do("POST", "/users", object{"first_name": "New"}),
		b.do("PATCH", "/organizations/default", object{"sign_in": object{"second_factor_for_admins": false}})} {
		if r.want(403).object()["need"] != "second_factor" {
			t.Errorf("%s", r.raw)
		}
	}
	if s := b.do("GET", "/session", nil).want(200).object(); s["second_factor_required"] != true {
		t.Errorf("the session is %v", s)
	}
	a.do("GET", "/users", nil).want(200)
	x.do("GET", "/users", nil, token).want(200)
	key := b.do("POST", "/session/totp", nil).want(200).object()
	b.do("GET", "/users", nil).want(403)
	b.do("PUT", "/session/totp", object{"code": x.app(key["secret"].(string))}).want(200)
	b.do("GET", "/users", nil).want(200)
	if s := b.do("GET", "/session", nil).want(200).object(); s["second_factor_required"] != false {
		t.Errorf("the session is %v", s)
	}
}
