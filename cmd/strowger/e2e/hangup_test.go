package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// writePair puts a certificate with a serial number, and its key, where a daemon
// reads them. The files look as old as ever: nothing but SIGHUP tells of them.
func writePair(t *testing.T, cert, key string, serial int64) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		old := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		if err := os.Chtimes(file, old, old); err != nil {
			t.Fatal(err)
		}
	}
}

// serial is the number of the certificate that an address shows.
func serial(addr string) (int64, error) {
	c, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64(), nil
}

// hangUp sends SIGHUP and waits until the log has one more line about it.
func (x *exchange) hangUp(line string) {
	x.t.Helper()
	lines := func() int {
		log, _ := os.ReadFile(x.logFile())
		return strings.Count(string(log), line)
	}
	before := lines()
	if err := x.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		x.t.Fatalf("SIGHUP: %v", err)
	}
	eventually(x.t, 20*time.Second, "the log has a line about SIGHUP", func() error {
		if !x.running() {
			x.t.Fatalf("SIGHUP ended the exchange: %v", x.err)
		}
		if lines() == before {
			return errors.New("no new line: " + line)
		}
		return nil
	})
}

// TestHangUp: SIGHUP reads certificate and key again, keeps the old pair when the
// new one is no pair, and ends nothing.
func TestHangUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writePair(t, cert, key, 1)
	https := fmt.Sprintf("127.0.0.1:%d", freePort(t, "127.0.0.1"))
	x := newExchange(t, nil, "--https", https, "--tls-cert", cert, "--tls-key", key)
	want := func(number int64) {
		t.Helper()
		if got, err := serial(https); err != nil || got != number {
			t.Errorf("the certificate is number %d, %v; want %d", got, err, number)
		}
	}
	want(1)
	writePair(t, cert, key, 2)
	want(1)
	x.hangUp("SIGHUP: the certificate was read again")
	want(2)
	writePair(t, cert, filepath.Join(dir, "other.pem"), 3)
	x.hangUp("SIGHUP: the old certificate stays")
	want(2)
	writePair(t, cert, key, 4)
	x.hangUp("SIGHUP: the certificate was read again")
	want(4)
}

// TestHangUpWithoutTLS: it ends nothing there either.
func TestHangUpWithoutTLS(t *testing.T) {
	t.Parallel()
	x := newExchange(t, nil)
	x.hangUp("SIGHUP: without --https")
	x.api(http.MethodGet, "/me", nil, nil)
}

// Asked for a certificate is who comes over --https, of the authorities that --device-ca
// names; who has none is served. SIGHUP reads them again, and keeps them where the file
// has none or is gone.
func TestAsksForCertificates(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cas := filepath.Join(dir, "makers.pem")
	writePair(t, cas, filepath.Join(dir, "key.pem"), 1)
	https := fmt.Sprintf("127.0.0.1:%d", freePort(t, "127.0.0.1"))
	x := newExchange(t, nil, "--https", https, "--device-ca", cas)
	want := func(authorities int) {
		t.Helper()
		asked := 0
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true,
			GetClientCertificate: func(q *tls.CertificateRequestInfo) (*tls.Certificate, error) {
				asked += len(q.AcceptableCAs)
				return new(tls.Certificate), nil // none
			}}}}
		defer client.CloseIdleConnections()
		res, err := client.Get("https://" + https + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK || asked != authorities {
			t.Errorf("%d, asked for a certificate of %d authorities; want %d", res.StatusCode, asked, authorities)
		}
	}
	want(1)
	one, err := os.ReadFile(cas)
	if err != nil {
		t.Fatal(err)
	}
	writePair(t, cas, filepath.Join(dir, "key.pem"), 2)
	two, err := os.ReadFile(cas)
	if err != nil {
		t.Fatal(err)
	}
	write := func(data []byte) {
		t.Helper()
		if err := os.WriteFile(cas, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(append(one, two...))
	want(1)
	x.hangUp("SIGHUP: the phone makers' certificates were read again")
	want(2)
	write([]byte("no certificate"))
	x.hangUp("SIGHUP: the phone makers' old certificates stay")
	want(2)
	if err := os.Remove(cas); err != nil {
		t.Fatal(err)
	}
	x.hangUp("SIGHUP: the phone makers' old certificates stay")
	want(2)
	write(two)
	x.hangUp("SIGHUP: the phone makers' certificates were read again")
	want(1)
}
