package phone_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"strowger/provisioning"
	"strowger/provisioning/phone"
	"strowger/store"
)

// An authority signs certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

var made = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC) // as the exchange's clock has it

func newAuthority(t *testing.T, name string, by *authority) *authority {
	t.Helper()
	a := &authority{t: t}
	a.cert, a.key = sign(t, &x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, by)
	return a
}

func sign(t *testing.T, c *x509.Certificate, by *authority) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c.SerialNumber, _ = rand.Int(rand.Reader, big.NewInt(1<<62))
	if c.NotAfter.IsZero() {
		c.NotAfter = made.AddDate(10, 0, 0)
	}
	c.NotBefore = made.AddDate(-2, 0, 0)
	parent, signer := c, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// phone makes a phone's certificate, with those between it and the root.
func (a *authority) phone(c x509.Certificate, between ...*authority) *tls.Certificate {
	a.t.Helper()
	c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	cert, key := sign(a.t, &c, a)
	out := &tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
	for _, b := range between {
		out.Certificate = append(out.Certificate, b.cert.Raw)
	}
	return out
}

// Over the real TLS of a listener that asks for certificates, a phone that is held
// to its own is given nothing without it, and everybody else comes as before.
func TestPhoneCertificates(t *testing.T) {
	root, other := newAuthority(t, "Acme Phones Root CA", nil), newAuthority(t, "Somebody's CA", nil)
	issuing := newAuthority(t, "Acme Phones Issuing CA", root)
	cas, err := provisioning.ParseDeviceCAs(root.pem())
	if err != nil {
		t.Fatal(err)
	}
	x := newExchange(t, phone.Options{}, func(o *provisioning.Options) { o.DeviceCAs = cas })
	any := httptest.NewTLSServer(nil) // for its certificate
	any.Close()
	server := httptest.NewUnstartedServer(x.api.Handler())
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: any.TLS.Certificates}
	cas.Ask(server.TLS)
	server.StartTLS()
	defer server.Close()

	const mac = "58bc27123456"
	path := x.device("desk", mac, "cisco")
	named := func(name string) x509.Certificate { return x509.Certificate{Subject: pkix.Name{CommonName: name}} }
	good := issuing.phone(named(mac), issuing)
	expired := named(mac)
	expired.NotAfter = made.Add(-time.Hour)

	get := func(certificate *tls.Certificate, tlsVersion uint16, file string) (int, string) {
		t.Helper()
		x.now.Add(int64(time.Hour)) // the same refusal is in the log once an hour
		transport := server.Client().Transport.(*http.Transport).Clone()
		transport.TLSClientConfig.MaxVersion = tlsVersion
		if certificate != nil {
			// As phones do, whatever authorities are asked for.
			transport.TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return certificate, nil }
		}
		defer transport.CloseIdleConnections()
		r, _ := http.NewRequest("GET", server.URL+path+file, nil)
		r.Header.Set("User-Agent", "Cisco/SPA504G-7.6.2g (58BC27123456)(CCQ12345678)")
		res, err := (&http.Client{Transport: transport}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	denials := func() (all []store.AccessEvent) {
		t.Helper()
		var list struct{ Items []store.AccessEvent }
		x.local("GET", "/audit?event=phone_denied", "", 200, &list)
		return list.Items
	}
	wanted := 0
	for _, c := range []struct {
		who         string
		certificate *tls.Certificate
		why         string // as the audit log has it; empty: it is given its file
	}{
		{"its own", good, ""},
		{"with separators, among words", root.phone(named("SEP58-BC-27-12-34-56")), ""},
		{"in the name of a host", root.phone(x509.Certificate{Subject: pkix.Name{CommonName: "phone"}, DNSNames: []string{"58BC27123456.phones.example"}}), ""},
		{"as Cisco SPA has it", root.phone(x509.Certificate{Subject: pkix.Name{OrganizationalUnit: []string{"SPA-504G"}, Locality: []string{"88012BA01234"}, Province: []string{mac}}}), ""},
		{"none", nil, "no certificate was shown"},
		{"another phone's", issuing.phone(named("58bc27123457"), issuing), "another phone's: CN=58bc27123457"},
		{"a longer one", root.phone(named("0058bc27123456ff")), "another phone's"},
		{"that of all phones of the make", root.phone(named("Acme generic")), "another phone's"},
		{"a stranger's", other.phone(named(mac)), "unknown authority"},
		{"without what is between", issuing.phone(named(mac)), "unknown authority"},
		{"an expired one", root.phone(expired), "expired"},
	} {
		for version, name := range map[uint16]string{tls.VersionTLS12: "1.2", tls.VersionTLS13: "1.3"} {
			x.local("PATCH", "/devices/desk", `{"require_certificate": false}`, 200, nil)
			if status, _ := get(c.certificate, version, mac+".xml"); status != 200 {
				t.Errorf("%s: a phone that needs none is refused: %d", c.who, status)
			}
			x.local("PATCH", "/devices/desk", `{"require_certificate": true}`, 200, nil)
			for _, file := range []string{mac + ".xml", mac + "-phonebook.xml"} {
				status, body := get(c.certificate, version, file)
				if c.why == "" {
					if status != 200 {
						t.Errorf("%s, TLS %s, %s: %d", c.who, name, file, status)
					}
					continue
				}
				wanted++
				all := denials()
				if status != 404 || body != "not found\n" || len(all) != wanted {
					t.Fatalf("%s, TLS %s, %s: %d %q, %d denials of %d", c.who, name, file, status, body, len(all), wanted)
				}
				if e := all[0]; !strings.HasPrefix(e.Detail, "devices/desk (58bc27123456): ") || !strings.Contains(e.Detail, c.why) || e.Source != "127.0.0.1" || !strings.HasPrefix(e.UserAgent, "Cisco/") {
					t.Errorf("%s: in the log %+v", c.who, e)
				}
			}
		}
	}
	x.now.Add(int64(time.Hour))
	// The listener without the question, as a reverse proxy's is.
	if a := x.get(path+mac+".xml", "58bc27123456"); a.status != 404 || !strings.Contains(denials()[0].Detail, "no certificate was shown") {
		t.Errorf("%d %+v", a.status, denials()[0])
	}
	x.now.Add(int64(time.Hour))
	r := httptest.NewRequest("GET", path+mac+".xml", nil)
	r.RemoteAddr = "127.0.0.1:1"
	w := httptest.NewRecorder()
	if x.api.Handler().ServeHTTP(w, r); w.Code != 404 || !strings.Contains(denials()[0].Detail, "reverse proxy") {
		t.Errorf("%d %+v", w.Code, denials()[0])
	}
	var how provisioning.DeviceCertificates
	if x.local("GET", "/devices/certificates", "", 200, &how); !how.Asked || len(how.Authorities) != 1 || how.Authorities[0] != "CN=Acme Phones Root CA" {
		t.Errorf("%+v", how)
	}

	// Other authorities take their place at once, on connections that stand, too; what
	// is no file of certificates changes nothing.
	standing := server.Client().Transport.(*http.Transport).Clone()
	defer standing.CloseIdleConnections()
	var asked [][]byte
	standing.TLSClientConfig.GetClientCertificate = func(q *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		asked = q.AcceptableCAs
		return good, nil
	}
	again := func(want int) {
		t.Helper()
		res, err := (&http.Client{Transport: standing}).Get(server.URL + path + mac + ".xml")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != want {
			t.Errorf("%d, %v; want %d", res.StatusCode, err, want)
		}
	}
	again(200)
	if err := cas.Replace([]byte("no certificate")); err == nil {
		t.Error("what is no certificate takes their place")
	}
	again(200)
	if err := cas.Replace(other.pem()); err != nil {
		t.Fatal(err)
	}
	asked = nil
	again(404)
	if asked != nil {
		t.Error("it was another connection")
	}
	standing.CloseIdleConnections()
	again(404)
	if len(asked) != 1 || !bytes.Equal(asked[0], other.cert.RawSubject) {
		t.Errorf("asked for a certificate of %q", asked)
	}
	if status, _ := get(other.phone(named(mac)), tls.VersionTLS13, mac+".xml"); status != 200 {
		t.Errorf("a phone of the other's: %d", status)
	}
	if x.local("GET", "/devices/certificates", "", 200, &how); len(how.Authorities) != 1 || how.Authorities[0] != "CN=Somebody's CA" {
		t.Errorf("%+v", how)
	}
}

// Where the server knows no authority, a phone that is held to a certificate gets
// nothing: it does not become open by how the server was started.
func TestNoAuthorities(t *testing.T) {
	x := newExchange(t, phone.Options{})
	path := x.device("desk", "001565123456", "yealink")
	var how provisioning.DeviceCertificates
	if x.local("GET", "/devices/certificates", "", 200, &how); how.Asked || how.Authorities == nil {
		t.Errorf("%+v", how)
	}
	x.local("PATCH", "/devices/desk", `{"require_certificate": true}`, 200, nil) // as on a stopped store
	if a := x.get(path+"001565123456.cfg", agent); a.status != 404 {
		t.Errorf("%d", a.status)
	}
	var list struct{ Items []store.AccessEvent }
	if x.local("GET", "/audit", "", 200, &list); len(list.Items) != 1 || list.Items[0].Event != store.PhoneDenied || !strings.Contains(list.Items[0].Detail, "--device-ca") {
		t.Errorf("%+v", list.Items)
	}
}

func TestParseDeviceCAs(t *testing.T) {
	ca := newAuthority(t, "CA", nil).pem()
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":   {nil, "no PEM certificate"},
		"der":       {[]byte("0\x82\x01"), "no PEM certificate"},
		"a key":     {append(bytes.Clone(ca), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"...), "private key"},
		"a bad one": {append(bytes.Clone(ca), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"...), "certificate 2"},
		"one":       {ca, ""},
		"two":       {bytes.Repeat(ca, 2), ""},
	} {
		_, err := provisioning.ParseDeviceCAs(c.data)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
