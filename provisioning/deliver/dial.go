package deliver

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

const (
	dialTimeout   = 15 * time.Second
	stallTimeout  = 30 * time.Second // a connection that does nothing for so long is given up
	answerTimeout = time.Minute      // after all was sent
)

// Where a delivery goes an organization's administrator chooses, who is not
// everywhere the exchange's operator: what the exchange can reach, the
// administrator could then reach too. So deliveries go to public addresses, and
// to those private ones that an operator allows the organization. It is the
// address that counts which a name led to, when it is dialled.

// notPublic are the ranges that are nobody's on the internet, or that lead to
// other ranges (IANA special-purpose registries).
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

func public(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(a) })
}

// reachable refuses an address that an organization's deliveries must not go to.
func (e *Engine) reachable(org string, a netip.Addr) error {
	a = a.Unmap().WithZone("")
	if public(a) {
		return nil
	}
	if sn, ok := e.st.Snapshot(org); ok {
		for _, text := range sn.Organization.PrivateDestinations {
			if p, err := netip.ParsePrefix(text); err == nil && p.Contains(a) {
				return nil
			}
		}
	}
	return fmt.Errorf("%s is no public address: an operator may allow it in the organization's private_destinations", a)
}

// dial connects for an organization. The connection lives as long as it moves.
func (e *Engine) dial(ctx context.Context, org, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout, Control: func(_, resolved string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(resolved)
		if err != nil {
			return err
		}
		return e.reachable(org, at.Addr())
	}}
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &movingConn{Conn: c, stall: stallTimeout}, nil
}

// A movingConn fails a read or a write that does nothing for too long.
type movingConn struct {
	net.Conn
	stall time.Duration
}

func (c *movingConn) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.stall)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func (c *movingConn) Write(b []byte) (int, error) {
	// What writes is alive, though there may be nothing to read all the while.
	if err := c.SetDeadline(time.Now().Add(c.stall)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// transport is for HTTP, for one attempt: it keeps no connection, knows no proxy,
// and so goes only where dial lets it.
func (e *Engine) transport(org string) *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := e.dial(ctx, org, network, address)
			if m, ok := c.(*movingConn); ok {
				m.stall = answerTimeout + stallTimeout // it reads while the server thinks
			}
			return c, err
		},
		TLSClientConfig:     &tls.Config{RootCAs: e.roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: dialTimeout, ResponseHeaderTimeout: answerTimeout,
		DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10,
	}
}

// Client asks servers for an organization. It follows no redirects: the address
// is the one that was configured.
func (e *Engine) Client(org string) *http.Client {
	return &http.Client{
		Transport:     e.transport(org),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
