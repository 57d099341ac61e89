package sip

import (
	"context"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/registrar"
	"strowger/sip/transaction"
	"strowger/sip/transport"
	"strowger/store"
)

// A change of one record is often followed by another; phones are asked to fetch
// their configuration once, this long after the first.
const resyncDelay = 2 * time.Second

// resyncEvery keeps a change that concerns 10,000 phones from bringing them all to
// our web server at once: they are asked one after the other, 20 a second.
const resyncEvery = 50 * time.Millisecond

// checkSync is the event by which each make is asked to fetch its configuration,
// without a restart where the make lets us say so.
var checkSync = map[string]string{
	"yealink":     "check-sync;reboot=false",
	"snom":        "check-sync;reboot=false",
	"fanvil":      "check-sync;reboot=false",
	"grandstream": "check-sync",
	"poly":        "check-sync",
	"cisco":       "resync",
}

// A phoneID names a desk phone.
type phoneID struct{ org, id string }

// A resyncer asks desk phones to fetch their configuration when it has changed.
type resyncer struct {
	s *Server

	seen map[string]*store.Snapshot // by organization; only follow has it

	mu     sync.Mutex
	queue  []duePhone
	queued map[phoneID]bool
	wake   chan struct{} // one slot
}

type duePhone struct {
	phoneID
	at time.Time
}

func newResyncer(s *Server) *resyncer {
	return &resyncer{s: s, seen: snapshotsOf(s.o.Store), queued: map[phoneID]bool{}, wake: make(chan struct{}, 1)}
}

func snapshotsOf(st *store.Store) map[string]*store.Snapshot {
	all := map[string]*store.Snapshot{}
	for _, org := range st.Directory().Organizations() {
		if s, ok := st.Snapshot(org); ok {
			all[org] = s
		}
	}
	return all
}

// sync queues the phones whose configuration is another than at the call before.
func (r *resyncer) sync() {
	was, is := r.seen, snapshotsOf(r.s.o.Store)
	r.seen = is
	at := time.Now().Add(resyncDelay)
	r.mu.Lock()
	defer r.mu.Unlock()
	for org, s := range is {
		for _, id := range store.ChangedDevices(was[org], s) {
			if p := (phoneID{org, id}); !r.queued[p] {
				r.queued[p] = true
				r.queue = append(r.queue, duePhone{p, at})
			}
		}
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// run asks the phones of the queue, in its order, until ctx ends.
func (r *resyncer) run(ctx context.Context) {
	for {
		wait := time.Hour
		r.mu.Lock()
		if len(r.queue) > 0 {
			next := r.queue[0]
			if wait = time.Until(next.at); wait <= 0 {
				r.queue = r.queue[1:]
				delete(r.queued, next.phoneID)
				r.mu.Unlock()
				if _, err := r.s.Resync(next.org, next.id); err != nil {
					r.s.log.Debug("a phone is not asked to fetch its configuration", "org", next.org, "device", next.id, "err", err)
				}
				r.mu.Lock()
				wait = resyncEvery
			}
		}
		r.mu.Unlock()
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-r.wake:
			if wait == resyncEvery { // one came, but the pace stays
				select {
				case <-timer.C:
				case <-ctx.Done():
				}
			}
		}
		timer.Stop()
	}
}

// Resync asks a desk phone, wherever its lines are registered, to fetch its
// configuration now, and answers how many registrations were asked.
func (s *Server) Resync(org, deviceID string) (asked int, err error) {
	snap, ok := s.o.Store.Snapshot(org)
	if !ok {
		return 0, store.ErrNotFound
	}
	d, ok := snap.Devices.Get(deviceID)
	if !ok {
		return 0, store.ErrNotFound
	}
	told := map[string]bool{} // a phone with two lines is one phone
	for _, l := range d.Lines {
		m, ok := snap.Line(l.ContactMethodID)
		if !ok {
			continue
		}
		aor := snap.AOR(m)
		for _, c := range s.reg.Contacts(org, aor) {
			if place := c.Flow.Remote().String() + " " + c.InstanceID; c.DeviceID == "" && !told[place] {
				told[place] = true
				s.checkSync(snap, aor, checkSync[d.Vendor], c)
				asked++
			}
		}
	}
	return asked, nil
}

// checkSync sends one NOTIFY, which belongs to no subscription: that is how phones
// have been asked since before RFC 6665, and what they answer to.
func (s *Server) checkSync(snap *store.Snapshot, aor, event string, c registrar.Contact) {
	req, err := s.notify(snap, aor, event, c)
	if err != nil {
		s.log.Debug("a phone has a Contact that cannot be asked", "contact", c.URI, "err", err)
		return
	}
	shard := s.tx.ShardOf(string(*req.CallID()))
	shard.Post(func() {
		shard.Send(c.Flow, req, func(res *sip.Response, err error) {
			if err != nil {
				s.log.Info("a phone does not answer that it should fetch its configuration", "contact", c.URI, "err", err)
			} else if res.StatusCode >= 300 {
				s.log.Info("a phone refuses to fetch its configuration", "contact", c.URI, "status", res.StatusCode, "user_agent", c.UserAgent)
			}
		})
	})
}

func (s *Server) notify(snap *store.Snapshot, aor, event string, c registrar.Contact) (*sip.Request, error) {
	var to sip.Uri
	if err := sip.ParseUri(c.URI, &to); err != nil {
		return nil, err
	}
	shown := s.net.Shown(c.Flow)
	us := sip.Uri{Scheme: "sip", Host: shown.Addr().String(), Port: int(shown.Port())}
	host := snap.Organization.Domain
	if host == "" {
		host = us.Host
	}
	contact := sip.ContactHeader{Address: us}
	if p := c.Flow.Proto(); p != transport.UDP {
		contact.Address.UriParams = sip.HeaderParams{{K: "transport", V: p.String()}}
	}
	req := sip.NewRequest(sip.NOTIFY, to)
	for _, hop := range c.Path {
		req.AppendHeader(sip.NewHeader("Route", hop))
	}
	id, hops, length := sip.CallIDHeader(s.tx.ShardOf("").NewCallID()), sip.MaxForwardsHeader(70), sip.ContentLengthHeader(0)
	req.AppendHeader(&hops)
	req.AppendHeader(&sip.FromHeader{Address: sip.Uri{Scheme: "sip", Host: host}, Params: sip.HeaderParams{{K: "tag", V: transaction.NewTag()}}})
	req.AppendHeader(&sip.ToHeader{Address: sip.Uri{Scheme: "sip", User: aor, Host: host}})
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: 1, MethodName: sip.NOTIFY})
	req.AppendHeader(&contact)
	req.AppendHeader(sip.NewHeader("Event", event))
	req.AppendHeader(sip.NewHeader("Subscription-State", "terminated"))
	req.AppendHeader(sip.NewHeader("User-Agent", s.o.Product))
	req.AppendHeader(&length)
	return req, nil
}
