package trunk

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transaction"
	"strowger/sip/transport"
	"strowger/store"
)

// A carrier is one trunk at work. Registration and health run on a shard and
// touch their fields only there; what others ask for has a lock.
type carrier struct {
	c     *Carriers
	ref   ref
	shard *transaction.Shard
	conf  atomic.Pointer[store.Trunk]
	calls atomic.Int32

	// On the shard.
	reg    registration
	health health
	left   bool

	mu       sync.Mutex
	password string
	realms   []string             // that challenged requests to the trunk's own host
	places   []netip.Addr         // where its name led last
	gone     bool                 // the carrier: it is nowhere any more
	bad      map[Target]time.Time // targets that did not answer
	alive    bool                 // by OPTIONS
	heard    bool                 // the target that was asked last answered
	bound    bool                 // registered
	why      string
	changed  time.Time
	wasUp    bool
}

func newCarrier(c *Carriers, r ref) *carrier {
	k := &carrier{c: c, ref: r, shard: c.o.Transactions.ShardOf(r.org + "/" + r.id), alive: true, wasUp: true, bad: make(map[Target]time.Time)}
	k.reg.k, k.health.k = k, k
	return k
}

// configure takes a new configuration over and says what follows from it on the
// shard; nil: nothing. What did not change goes on undisturbed.
func (k *carrier) configure(conf *store.Trunk, password string) (follow func()) {
	old := k.conf.Swap(conf)
	k.mu.Lock()
	oldPassword := k.password
	k.password = password
	k.mu.Unlock()
	if old == conf && oldPassword == password {
		return nil
	}
	return func() {
		elsewhere := old == nil || old.Host != conf.Host || old.Port != conf.Port || old.Transport != conf.Transport
		if elsewhere || old.Auth.Mode != conf.Auth.Mode || old.Auth.Username != conf.Auth.Username || oldPassword != password {
			k.mu.Lock()
			k.realms = nil
			k.heard = k.heard && !elsewhere
			k.mu.Unlock()
			k.reg.restart(old, oldPassword)
		}
		if elsewhere || old.OptionsPingS != conf.OptionsPingS {
			k.health.restart()
		}
		if elsewhere {
			k.targets(func([]Target, error) {}) // to know where it is before a call asks
		}
		k.report()
	}
}

// leave ends the carrier: done runs once it is unregistered, or can't be.
func (k *carrier) leave(done func()) {
	k.left = true
	k.health.stop()
	k.reg.leave(func() {
		k.mu.Lock()
		k.gone = true
		k.move(nil)
		k.mu.Unlock()
		done()
	})
}

func (k *carrier) secret() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.password
}

func proto(t *store.Trunk) transport.Proto {
	p, _ := transport.ParseProto(t.Transport)
	return p // 0: by DNS
}

// targets finds where to send, those that answered last first.
func (k *carrier) targets(done func([]Target, error)) { k.targetsOf(k.conf.Load(), done) }

func (k *carrier) targetsOf(conf *store.Trunk, done func([]Target, error)) {
	q := query{host: strings.ToLower(conf.Host), port: uint16(conf.Port), proto: proto(conf)}
	k.c.names.find(q, func(list []Target, err error) {
		if err != nil {
			done(nil, err)
			return
		}
		at := make([]netip.Addr, len(list))
		for i, t := range list {
			at[i] = t.Addr.Addr()
		}
		k.mu.Lock()
		if !k.gone {
			k.move(at)
		}
		now := time.Now()
		slices.SortStableFunc(list, func(a, b Target) int { return k.rank(a, now) - k.rank(b, now) })
		k.mu.Unlock()
		done(list, nil)
	})
}

// move notes where the carrier is now. The caller holds the lock.
func (k *carrier) move(to []netip.Addr) {
	if !slices.Equal(k.places, to) {
		k.c.where.move(k.places, to)
		k.places = to
	}
}

// badFor is how long a target that did not answer comes last.
const badFor = time.Minute

func (k *carrier) rank(t Target, now time.Time) int {
	if at, ok := k.bad[t]; ok && now.Sub(at) < badFor {
		return 1
	}
	return 0
}

// tried notes whether a target answered.
func (k *carrier) tried(t Target, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.heard = ok
	if ok {
		delete(k.bad, t)
		return
	}
	now := time.Now()
	for o, at := range k.bad {
		if now.Sub(at) >= badFor {
			delete(k.bad, o)
		}
	}
	k.bad[t] = now
}

func (k *carrier) isRegisteredAt(source netip.Addr) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.bound && slices.Contains(k.places, source)
}

// contactUser is the user part of our Contact at the carrier: the account, as
// most carriers expect.
func (k *carrier) contactUser() string {
	if u := k.conf.Load().Auth.Username; u != "" {
		return u
	}
	return k.ref.id
}

func (k *carrier) status() store.TrunkStatus {
	conf := k.conf.Load()
	k.mu.Lock()
	defer k.mu.Unlock()
	return store.TrunkStatus{
		ID: k.ref.id, Up: k.up(conf), State: k.state(conf), Registered: k.bound, Why: k.why, ChangedAt: k.changed, Calls: int(k.calls.Load()),
	}
}

// up is what we know: a carrier that is neither asked nor registered with is
// believed to be there.
func (k *carrier) up(conf *store.Trunk) bool {
	if conf == nil {
		return false
	}
	if conf.Auth.Mode == store.TrunkByRegister && !k.bound {
		return false
	}
	return conf.OptionsPingS <= 0 || k.alive
}

// state is up without the belief.
func (k *carrier) state(conf *store.Trunk) string {
	switch {
	case !k.up(conf):
		return store.TrunkDown
	case k.bound || k.heard:
		return store.TrunkUp
	}
	return store.TrunkUnknown
}

func (k *carrier) set(change func()) {
	k.mu.Lock()
	change()
	k.mu.Unlock()
	k.report()
}

// report tells of a change of up.
func (k *carrier) report() {
	conf := k.conf.Load()
	k.mu.Lock()
	up, why := k.up(conf), k.why
	if up {
		k.why = ""
	}
	same := up == k.wasUp && !k.changed.IsZero()
	if !same {
		k.wasUp, k.changed = up, time.Now()
	}
	k.mu.Unlock()
	if same || k.left {
		return
	}
	if up {
		k.c.o.Log.Info("trunk is up", "org", k.ref.org, "trunk", k.ref.id)
	} else {
		k.c.o.Log.Warn("trunk is down", "org", k.ref.org, "trunk", k.ref.id, "why", why)
	}
	if k.c.o.OnChange != nil {
		k.c.o.OnChange(k.ref.org, k.ref.id, up)
	}
}

// request makes a request of our own to the carrier.
func (k *carrier) request(conf *store.Trunk, method sip.RequestMethod, f transport.Flow, to sip.Uri, callID string, cseq uint32, tag string) *sip.Request {
	req := sip.NewRequest(method, to)
	us := k.c.o.Transport.Shown(f)
	user := conf.Auth.Username
	if user == "" {
		user = k.ref.id
	}
	local := sip.Uri{Scheme: "sip", User: escape(user), Host: us.Addr().String(), Port: int(us.Port())}
	from := sip.FromHeader{Address: local, Params: sip.HeaderParams{{K: "tag", V: tag}}}
	toHeader := sip.ToHeader{Address: to}
	if method == sip.REGISTER {
		account := sip.Uri{Scheme: "sip", User: escape(user), Host: conf.Host}
		from.Address, toHeader.Address = account, account
	}
	id, max, length := sip.CallIDHeader(callID), sip.MaxForwardsHeader(70), sip.ContentLengthHeader(0)
	contact := sip.ContactHeader{Address: local}
	if p := f.Proto(); p != transport.UDP {
		contact.Address.UriParams = sip.HeaderParams{{K: "transport", V: p.String()}}
	}
	req.AppendHeader(&max)
	req.AppendHeader(&from)
	req.AppendHeader(&toHeader)
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: cseq, MethodName: method})
	req.AppendHeader(&contact)
	if k.c.o.Product != "" {
		req.AppendHeader(sip.NewHeader("User-Agent", k.c.o.Product))
	}
	req.AppendHeader(&length)
	return req
}

// remote is the carrier itself as a Request-URI.
func remote(conf *store.Trunk, p transport.Proto) sip.Uri {
	u := sip.Uri{Scheme: "sip", Host: conf.Host, Port: conf.Port}
	if p != transport.UDP {
		u.UriParams = sip.HeaderParams{{K: "transport", V: p.String()}}
	}
	return u
}

// escape writes what a user part may not hold as %-escapes (RFC 3261 §25.1).
func escape(s string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_.!~*'()&=+$,;?/", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteString("%" + string(digits[c>>4]) + string(digits[c&15]))
	}
	return b.String()
}

// walk tries the targets of conf in order until one takes over: try is called on
// the shard with a flow, and says by calling next that the next is due. last
// is called when there is none.
func (k *carrier) walk(conf *store.Trunk, try func(t Target, f transport.Flow, next func(error)), last func(error)) {
	k.targetsOf(conf, func(list []Target, err error) {
		k.shard.Post(func() { k.step(list, err, try, last) })
	})
}

func (k *carrier) step(list []Target, err error, try func(Target, transport.Flow, func(error)), last func(error)) {
	if len(list) == 0 {
		last(err)
		return
	}
	t := list[0]
	k.c.Flow(t, func(f transport.Flow, err error) {
		k.shard.Post(func() {
			next := func(err error) {
				k.tried(t, false)
				k.step(list[1:], err, try, last)
			}
			if err != nil {
				next(err)
				return
			}
			try(t, f, next)
		})
	})
}

// ask sends a request and calls on once, on the shard: with its final response,
// or with what went wrong.
func (k *carrier) ask(f transport.Flow, req *sip.Request, patience time.Duration, on func(*sip.Response, error)) {
	over := false
	var timer *transaction.Timer
	finish := func(res *sip.Response, err error) {
		if over {
			return
		}
		over = true
		if timer != nil {
			timer.Stop()
		}
		on(res, err)
	}
	tx := k.shard.Send(f, req, func(res *sip.Response, err error) {
		if err == nil && res.StatusCode < 200 {
			return
		}
		finish(res, err)
	})
	if over {
		return
	}
	timer = k.shard.After(patience, func() {
		if tx != nil {
			tx.Stop()
		}
		finish(nil, transaction.ErrTimeout)
	})
}
