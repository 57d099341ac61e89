package provisioning

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"strowger/store"
)

// A Registrar is where a phone or an app registers: what its addresses end in,
// and where that is to be found.
type Registrar struct {
	Domain    string `json:"domain"` // of sip:user@domain
	Host      string `json:"host"`   // a name or an address; an IPv6 one without brackets
	Port      int    `json:"port"`
	Transport string `json:"transport"` // udp, tcp or tls
}

// HostPort is where it is to be found, an IPv6 address in brackets.
func (r Registrar) HostPort() string { return bracketed(r.Host) + ":" + strconv.Itoa(r.Port) }

// URIDomain is Domain as a SIP URI has it.
func (r Registrar) URIDomain() string { return bracketed(r.Domain) }

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// parseListen reads listeners such as udp://:5060, and leaves out those that are
// for browsers or make no sense: the server itself refuses the latter.
func parseListen(listen []string) []Registrar {
	var all []Registrar
	for _, text := range listen {
		u, err := url.Parse(text)
		if err != nil || !slices.Contains([]string{"udp", "tcp", "tls"}, u.Scheme) {
			continue
		}
		r := Registrar{Transport: u.Scheme, Port: 5060}
		if u.Scheme == "tls" {
			r.Port = 5061
		}
		if port, err := strconv.Atoi(u.Port()); err == nil && port > 0 {
			r.Port = port
		}
		all = append(all, r)
	}
	if len(all) == 0 {
		all = []Registrar{{Transport: "udp", Port: 5060}}
	}
	return all
}

// RegistrarFor is where those register who reached us at a host: it is one that
// they can reach. Of the transports that we listen on it takes the first of
// those preferred.
func (s *Service) RegistrarFor(o *store.Organization, host string, preferred ...string) Registrar {
	best := s.registrars[0]
	rank := func(r Registrar) int {
		if i := slices.Index(preferred, r.Transport); i >= 0 {
			return i
		}
		return len(preferred)
	}
	for _, r := range s.registrars[1:] {
		if rank(r) < rank(best) {
			best = r
		}
	}
	best.Host, best.Domain = host, host
	if o.Domain != "" {
		best.Domain = o.Domain
	}
	return best
}

// HostOf takes the host out of a request's Host header. It answers false for
// what is neither a name nor an address: the header is whatever a client sends.
func HostOf(header string) (string, bool) {
	u := url.URL{Host: header}
	host := u.Hostname()
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.WithZone("").String(), true
	}
	if host == "" || len(host) > 253 || strings.ContainsFunc(host, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '-'
	}) {
		return "", false
	}
	return strings.ToLower(host), true
}
