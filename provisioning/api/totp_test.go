package api_test

import (
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/skip2/go-qrcode"
)

// app is an authenticator app with the key.
func (x *exchange) app(secret string) string {
	x.t.Helper()
	code, err := totp.GenerateCode(secret, x.now())
	if err != nil {
		x.t.Fatal(err)
	}
	return code
}

// TestTOTP: a key, a code that proves it, sign-ins with codes and recovery codes,
// each once, and off again.
func TestTOTP(t *testing.T) {
	x := newExchange(t)
	x.stop()
	x.staff()
	b := x.browser("anna", "anna-password")
	b.do("PUT", "/session/totp", object{"code": "123456"}).want(409, "")
	lost := b.do("POST", "/session/totp", nil).want(200).object()
	key := b.do("POST", "/session/totp", nil).want(200).object()
	secret := key["secret"].(string)
	u, err := url.Parse(key["url"].(string))
	if err != nil || u.Scheme != "otpauth" || u.Query().Get("secret") != secret || !strings.Contains(u.Path, "anna") {
		t.Errorf("the URL is %v, %v", u, err)
	}
	wantQR(t, key["qr_svg"].(string), key["url"].(string))
	// Until a code came, none is asked for.
	x.browser("anna", "anna-password")
	b.do("PUT", "/session/totp", object{"code": ""}).want(422, "code")
	b.do("PUT", "/session/totp", object{"code": x.app(lost["secret"].(string))}).want(422, "code")
	if b.do("GET", "/session", nil).want(200).object()["totp"] != false {
		t.Error("on already")
	}
	code := x.app(secret)
	var codes struct {
		Codes []string `json:"recovery_codes"`
	}
	b.do("PUT", "/session/totp", object{"code": code}).want(200).into(&codes)
	if len(codes.Codes) != 10 {
		t.Fatalf("%v", codes)
	}
	b.do("PUT", "/session/totp", object{"code": code}).want(409, "")
	b.do("POST", "/session/totp", nil).want(409, "")
	if b.do("GET", "/session", nil).want(200).object()["totp"] != true {
		t.Error("off still")
	}
	x.restart()

	in := &browser{x: x}
	need := func(r *reply, want any) {
		t.Helper()
		r.want(401)
		if got := r.object()["need"]; got != want {
			t.Errorf("needs %v, want %v: %s", got, want, r.raw)
		}
	}
	need(in.signIn("anna", "wrong", object{"code": code}), nil)
	need(in.signIn("anna", "anna-password"), "code")
	need(in.signIn("anna", "anna-password", object{"code": code}), "code") // it was used to turn it on
	x.pass(time.Minute)
	code = x.app(secret)
	in.signIn("anna", "anna-password", object{"code": code[:3] + " " + code[3:]}).want(200)
	in = &browser{x: x}
	need(in.signIn("anna", "anna-password", object{"code": code}), "code") // used
	in.signIn("anna", "anna-password", object{"code": strings.ToUpper(codes.Codes[3])}).want(200)
	in = &browser{x: x}
	need(in.signIn("anna", "anna-password", object{"code": codes.Codes[3]}), "code")
	x.restart()
	need(in.signIn("anna", "anna-password", object{"code": codes.Codes[3]}), "code")
	in.signIn("anna", "anna-password", object{"code": codes.Codes[4]}).want(200)

	// Codes cannot be guessed from many places: whoever gets here knows the password.
	wrong, refused := 0, 0
	for i := range 20 {
		thief := &browser{x: x, from: fmt.Sprintf("203.0.113.%d", i)}
		switch r := thief.signIn("anna", "anna-password", object{"code": "000000"}); r.status {
		case 401:
			wrong++
		case 429:
			refused++
		}
	}
	if wrong > 10 || wrong+refused != 20 {
		t.Errorf("%d guesses, %d refused", wrong, refused)
	}

	// Nothing of it can be read on disk.
	raw := string(x.do("GET", "/backup", nil).want(200).raw)
	for _, s := range append([]string{secret, hex.EncodeToString([]byte(secret))}, codes.Codes...) {
		if strings.Contains(raw, s) || strings.Contains(raw, strings.ReplaceAll(s, "-", "")) {
			t.Errorf("the backup has %s", s)
		}
	}
	b.do("DELETE", "/session/totp", object{"password": "wrong"}).want(422, "password")
	b.do("DELETE", "/session/totp", object{}).want(422, "password")
	b.do("DELETE", "/session/totp", object{"password": "anna-password"}).want(204)
	x.browser("anna", "anna-password")
}

// TestTOTPReset: an administrator helps who has lost all, but not a stolen session
// of their own; and with the user goes the key.
func TestTOTPReset(t *testing.T) {
	x := newExchange(t)
	x.staff()
	on := func(b *browser) {
		t.Helper()
		secret := b.do("POST", "/session/totp", nil).want(200).object()["secret"].(string)
		b.do("PUT", "/session/totp", object{"code": x.app(secret)}).want(200)
	}
	anna, boss := x.browser("anna", "anna-password"), x.browser("boss", "boss-password")
	on(anna)
	on(boss)
	anna.do("DELETE", "/users/anna/totp", nil).want(403, "")
	boss.do("DELETE", "/users/boss/totp", nil).want(409, "")
	boss.do("DELETE", "/users/nobody/totp", nil).want(404, "")
	x.do("POST", "/organizations", object{"id": "acme", "name": "Acme"}).want(201)
	x.do("DELETE", "/users/anna/totp", nil, header{"token": x.newToken(object{"role": "admin"}, "acme")}).want(404, "")
	(&browser{x: x}).signIn("anna", "anna-password").want(401)
	boss.do("DELETE", "/users/anna/totp", nil).want(204)
	anna = x.browser("anna", "anna-password")
	on(anna)
	boss.do("DELETE", "/users/anna?confirm=true", nil).want(204)
	boss.do("POST", "/users", object{"id": "anna", "first_name": "Another", "login": "anna", "password": "anna-password"}).want(201)
	x.browser("anna", "anna-password")
}

var svgRun = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-\d+z`)

// wantQR reads an image back, module by module.
func wantQR(t *testing.T, svg, text string) {
	t.Helper()
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		t.Fatal(err)
	}
	want := code.Bitmap()
	dark := map[[2]int]bool{}
	for _, m := range svgRun.FindAllStringSubmatch(svg, -1) {
		var n [3]int
		for i := range n {
			n[i], _ = strconv.Atoi(m[i+1])
		}
		for x := range n[2] {
			dark[[2]int{n[0] + x, n[1]}] = true
		}
	}
	for y, row := range want {
		for x, is := range row {
			if dark[[2]int{x, y}] != is {
				t.Fatalf("module %d,%d of %s", x, y, svg)
			}
		}
	}
	if !strings.Contains(svg, fmt.Sprintf(`viewBox="0 0 %d %d"`, len(want), len(want))) {
		t.Error("the image has another size")
	}
}
