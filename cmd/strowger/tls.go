package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// A keyPair is a certificate and its key on disk. Files that change are read
// again; connections that stand stay.
type keyPair struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	checked time.Time
	changed time.Time
	failing bool // the files could not be read when they were last looked at
	pair    *tls.Certificate
}

// openKeyPair reads the given certificate, or one that is made and kept below dir.
func openKeyPair(certFile, keyFile, dir string, log *slog.Logger) (*keyPair, error) {
	if (certFile == "") != (keyFile == "") {
		return nil, errors.New("--tls-cert and --tls-key go together")
	}
	if certFile == "" {
		certFile, keyFile = filepath.Join(dir, "self.crt"), filepath.Join(dir, "self.key")
		if err := selfSigned(dir, certFile, keyFile); err != nil {
			return nil, err
		}
	}
	k := &keyPair{certFile: certFile, keyFile: keyFile, log: log}
	if err := k.read(); err != nil {
		return nil, err
	}
	return k, nil
}

func (k *keyPair) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: k.get}
}

// get answers the newest pair that could be read, and looks at the file at most
// once a second.
func (k *keyPair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if time.Since(k.checked) < time.Second {
		return k.pair, nil
	}
	k.checked = time.Now()
	if info, err := os.Stat(k.certFile); err == nil && info.ModTime().Equal(k.changed) {
		return k.pair, nil
	}
	was := k.failing
	if err := k.read(); err != nil && !was { // half written, perhaps: the log need not say it every second
		k.log.Warn("the changed certificate cannot be used, the old one stays", "err", err)
	}
	return k.pair, nil
}

// reread reads the files whether they look changed or not. After an error the
// pair is the old one.
func (k *keyPair) reread() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.read()
}

// read is called with mu held, or before anyone else has k.
func (k *keyPair) read() error {
	info, err := os.Stat(k.certFile)
	if err == nil {
		var pair tls.Certificate
		if pair, err = tls.LoadX509KeyPair(k.certFile, k.keyFile); err == nil {
			k.pair, k.changed = &pair, info.ModTime()
		}
	}
	if k.failing = err != nil; k.failing {
		return fmt.Errorf("certificate: %w", err)
	}
	return nil
}

// selfSigned makes a certificate for ten years, once.
func selfSigned(dir, certFile, keyFile string) error {
	if _, err := os.Stat(certFile); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return err
	}
	host, _ := os.Hostname()
	names := []string{"localhost"}
	if host != "" {
		names = append(names, host)
	}
	t := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "strowger"}, DNSNames: names,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		NotBefore:   time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(10, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600); err != nil {
		return err
	}
	return os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644)
}
