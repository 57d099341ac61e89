package provisioning

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"strowger/store"
)

// DeviceCAs are the authorities whose certificates desk phones have from their
// makers. They may be replaced while phones come.
type DeviceCAs struct{ current atomic.Pointer[authorities] }

type authorities struct {
	pool  *x509.CertPool
	names []string
}

// ParseDeviceCAs reads a file of certificates, PEM one after the other.
func ParseDeviceCAs(data []byte) (*DeviceCAs, error) {
	c := new(DeviceCAs)
	if err := c.Replace(data); err != nil {
		return nil, err
	}
	return c, nil
}

// Replace puts those of a file in place of what is there, which stays where the file
// is none of certificates. It holds for connections that stand, too.
func (c *DeviceCAs) Replace(data []byte) error {
	next, err := parseAuthorities(data)
	if err != nil {
		return err
	}
	c.current.Store(next)
	return nil
}

func parseAuthorities(data []byte) (*authorities, error) {
	c := &authorities{pool: x509.NewCertPool()}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("a %s is in it; want certificates only", strings.ToLower(block.Type))
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", len(c.names)+1, err)
		}
		c.pool.AddCert(cert)
		c.names = append(c.names, cert.Subject.String())
	}
	if len(c.names) == 0 {
		return nil, errors.New("no PEM certificate is in it")
	}
	return c, nil
}

// Ask has a TLS server ask for a certificate of one of the authorities. Who has none,
// or shows another, is let in all the same: browsers come to the same address. All else
// of the server's configuration is to be set before.
func (c *DeviceCAs) Ask(t *tls.Config) {
	t.ClientAuth = tls.RequestClientCert
	base := t.Clone()
	t.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		now := base.Clone()
		now.ClientCAs = c.current.Load().pool
		return now, nil
	}
}

// verify says why a certificate is not believed. The server has seen already that
// who showed it has its key.
func (c *DeviceCAs) verify(shown []*x509.Certificate, now time.Time) error {
	between := x509.NewCertPool()
	for _, cert := range shown[1:] {
		between.AddCert(cert)
	}
	_, err := shown[0].Verify(x509.VerifyOptions{Roots: c.current.Load().pool, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	return err
}

// isOf says whether a certificate is that of a hardware address. Makers write it into
// the common name, alone or among other words; Cisco, for the SPA phones, into the
// state.
func isOf(cert *x509.Certificate, mac string) bool {
	said := slices.Concat([]string{cert.Subject.CommonName}, cert.Subject.Province, cert.DNSNames)
	for _, u := range cert.URIs {
		said = append(said, u.String())
	}
	return slices.ContainsFunc(said, func(text string) bool { return hasAddress(text, mac) })
}

// hardwareAddress finds what may be one: longer runs are found whole, and are none.
var hardwareAddress = regexp.MustCompile(`[0-9a-f]{12,}|[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5,}`)

var noSeparators = strings.NewReplacer(":", "", "-", "")

// hasAddress says whether a hardware address, in twelve lower-case digits, is in a
// text, in one piece or with separators.
func hasAddress(text, mac string) bool {
	return slices.ContainsFunc(hardwareAddress.FindAllString(strings.ToLower(text), -1), func(found string) bool { return noSeparators.Replace(found) == mac })
}

// Uncertified says why a connection is not that of a desk phone which may have its
// configuration over no other; empty: it is.
func (s *Service) Uncertified(connection *tls.ConnectionState, d *store.Device) string {
	switch {
	case !d.RequireCertificate:
		return ""
	case s.deviceCAs == nil:
		return "the server knows no maker's certificates (--device-ca)"
	case connection == nil:
		return "no certificate: it did not come by the exchange's own TLS, but through a reverse proxy or without"
	case len(connection.PeerCertificates) == 0:
		return "no certificate was shown"
	}
	if err := s.deviceCAs.verify(connection.PeerCertificates, s.now()); err != nil {
		return "the certificate is not believed: " + err.Error()
	}
	if cert := connection.PeerCertificates[0]; !isOf(cert, d.MAC) {
		return fmt.Sprintf("the certificate is another phone's: %s", cert.Subject)
	}
	return ""
}

// DeviceCertificates tells whether a phone can be held to its maker's certificate.
type DeviceCertificates struct {
	Asked       bool     `json:"asked"`       // who comes over --https is asked for one
	Authorities []string `json:"authorities"` // whose are believed
}

// DeviceCertificates tells it of this server.
func (s *Service) DeviceCertificates() DeviceCertificates {
	if s.deviceCAs == nil {
		return DeviceCertificates{Authorities: []string{}}
	}
	return DeviceCertificates{Asked: true, Authorities: s.deviceCAs.current.Load().names}
}
