package registrar

import (
	"net/netip"
	"strings"
	"time"
	"unique"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transport"
	"strowger/store"
)

// A key names an address of record.
type key struct{ org, aor string }

// A record is what an address of record has: who it belongs to, and its
// bindings, oldest first.
type record struct {
	lineID, userID string
	bindings       []*binding
}

// A binding is kept for every phone, so it is small: what most phones send
// alike is shared, what few send is apart, and the target is the flow's
// address with another port. Times are monotonic, in nanoseconds since the
// registrar began, so that a jump of the wall clock ends nothing.
type binding struct {
	contact string
	callID  string
	params  unique.Handle[string]
	agent   unique.Handle[string]
	device  string // id of the app device
	extra   *extra // nil for most
	flow    transport.Flow
	expires int64
	updated int64
	granted uint32 // seconds, as agreed last
	secret  uint32 // fingerprint of the HA1 it was made with; 0: unknown
	cseq    uint32
	q       uint16
	port    uint16
	nat     bool
	gruu    bool
	stored  bool    // on disk, or on its way there
	saving  *commit // the last one, which a 200 waits for; nil: none ever
}

// extra is what only some phones have.
type extra struct {
	instance string
	regID    int
	path     []string
	// of a binding loaded from disk, until its first refresh: there is no flow
	remote netip.AddrPort
	local  string
}

func (b *binding) instance() string {
	if b.extra == nil {
		return ""
	}
	return b.extra.instance
}

func (b *binding) regID() int {
	if b.extra == nil {
		return 0
	}
	return b.extra.regID
}

func (b *binding) path() []string {
	if b.extra == nil {
		return nil
	}
	return b.extra.path
}

// source is where the phone registered from.
func (b *binding) source() netip.AddrPort {
	if !b.flow.Valid() && b.extra != nil {
		return b.extra.remote
	}
	return b.flow.Remote()
}

func (b *binding) target() netip.AddrPort {
	return netip.AddrPortFrom(b.source().Addr(), b.port)
}

func (b *binding) proto() transport.Proto {
	if !b.flow.Valid() {
		return transport.UDP // only those are loaded
	}
	return b.flow.Proto()
}

// lasting says whether a binding means anything to the next run: a stream
// does not outlive the process.
func (b *binding) lasting() bool { return b.proto() == transport.UDP }

func (b *binding) left(now int64) time.Duration { return time.Duration(b.expires - now) }

// is says whether w speaks of b: the same flow of the same phone (RFC 5626
// §6), else the same Contact (RFC 3261 §10.3). Two phones behind two NATs may
// well have the same private Contact: their instances tell them apart.
func (b *binding) is(w *wish) bool {
	if w.regID > 0 && w.instance != "" {
		return b.regID() == w.regID && b.instance() == w.instance
	}
	if b.regID() > 0 || b.instance() != "" && w.instance != "" && b.instance() != w.instance {
		return false
	}
	return sameURI(b.contact, w.uri)
}

// sameURI compares as RFC 3261 §19.1.4 does.
func sameURI(a, b string) bool {
	if a == b {
		return true
	}
	// A user name in other letters is another user: the common case of two
	// phones on one line ends here, before anything is parsed.
	if ua, _, ok := strings.Cut(a, "@"); ok {
		if ub, _, ok := strings.Cut(b, "@"); ok && !strings.Contains(ua+ub, "%") && len(ua) != len(ub) {
			return false
		}
	}
	var x, y sip.Uri
	if sip.ParseUri(a, &x) != nil || sip.ParseUri(b, &y) != nil {
		return false
	}
	if !strings.EqualFold(x.Scheme, y.Scheme) || unescape(x.User) != unescape(y.User) || x.Password != y.Password ||
		!strings.EqualFold(x.Host, y.Host) || x.Port != y.Port {
		return false
	}
	return sameParams(x.UriParams, y.UriParams) && sameParams(y.UriParams, x.UriParams)
}

// sameParams compares what a has with b. These five must be in both, any other
// may be in one.
func sameParams(a, b sip.HeaderParams) bool {
next:
	for _, p := range a {
		for _, o := range b {
			if sameName(p.K, o.K) {
				if !strings.EqualFold(p.V, o.V) {
					return false
				}
				continue next
			}
		}
		for _, must := range [...]string{"transport", "user", "ttl", "method", "maddr"} {
			if sameName(p.K, must) {
				return false
			}
		}
	}
	return true
}

// pending says whether an answer still waits for the disk.
func (b *binding) pending() bool { return b.saving != nil && !b.saving.done.Load() }

func (b *binding) key(k key) store.BindingKey {
	return keyOf(&store.Binding{Org: k.org, AOR: k.aor, Contact: b.contact, InstanceID: b.instance(), RegID: b.regID()})
}

// form is a binding as it is stored and shown.
func (r *Registrar) form(k key, rec *record, b *binding, now int64, wall time.Time) store.Binding {
	s := store.Binding{
		Org: k.org, AOR: k.aor, ContactMethodID: rec.lineID, UserID: rec.userID, DeviceID: b.device,
		Contact: b.contact, Params: b.params.Value(),
		Target: b.target().String(), Transport: b.proto().String(),
		FlowID: b.flow.ID(), Path: b.path(), InstanceID: b.instance(), RegID: b.regID(),
		Q: int(b.q), UserAgent: b.agent.Value(), CallID: b.callID, CSeq: b.cseq,
		ExpiresAt: wall.Add(b.left(now)), UpdatedAt: wall.Add(time.Duration(b.updated - now)),
	}
	if b.flow.Valid() {
		s.Local = b.flow.Local().String()
	} else if b.extra != nil {
		s.Local = b.extra.local
	}
	if b.nat {
		s.Target = b.source().String()
	}
	if b.gruu {
		s.GRUU = r.publicGRUU(k, b)
	}
	return s
}

// revive makes a binding of a stored one. What it can't be is said by ok: one
// that has expired, or whose stream died with the process that held it. A
// binding that was saved in what is now the future has lived through a wall
// clock set back: it gets its full time again rather than years.
func revive(s *store.Binding, now int64, wall time.Time) (b *binding, ok bool) {
	if s.Transport != transport.UDP.String() || s.FlowID != 0 {
		return nil, false
	}
	remote, err := netip.ParseAddrPort(s.Target)
	if err != nil {
		return nil, false
	}
	left := s.ExpiresAt.Sub(wall)
	if granted := s.ExpiresAt.Sub(s.UpdatedAt); s.UpdatedAt.After(wall) {
		left = granted
	}
	left = min(left, MaxExpires)
	if left <= 0 {
		return nil, false
	}
	b = &binding{
		contact: s.Contact, callID: s.CallID, params: unique.Make(s.Params), agent: unique.Make(s.UserAgent),
		device: s.DeviceID, expires: now + int64(left), updated: now - int64(max(wall.Sub(s.UpdatedAt), 0)),
		granted: uint32(left / time.Second), cseq: s.CSeq, q: uint16(s.Q), port: remote.Port(),
		gruu: s.GRUU != "", stored: true,
		extra: &extra{instance: s.InstanceID, regID: s.RegID, path: s.Path, remote: remote, local: s.Local},
	}
	var uri sip.Uri
	if sip.ParseUri(s.Contact, &uri) == nil {
		host, err := netip.ParseAddr(trimBrackets(uri.Host))
		b.nat = err != nil || host.Unmap() != remote.Addr().Unmap()
	}
	return b, true
}
