// Package sip owns the running exchange: it listens, finds out who sent a
// request, asks routing what to do and hands the call over. Calls themselves
// are package call's, bindings package registrar's, carriers package trunk's.
package sip

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"

	"strowger/media"
	"strowger/media/record"
	"strowger/routing"
	"strowger/sip/call"
	"strowger/sip/registrar"
	"strowger/sip/transaction"
	"strowger/sip/transport"
	"strowger/sip/trunk"
	"strowger/store"
)

// Options of a Server.
type Options struct {
	Store     *store.Store
	Listen    []string // URLs: udp://:5060
	Advertise netip.Addr
	RTPMin    int
	RTPMax    int
	DataDir   string
	Product   string // "strowger/1.0", of User-Agent and Server
	Log       *slog.Logger
	Metrics   prometheus.Registerer

	// These replace the real network, the DNS and the server's own media, in
	// tests.
	Network  transport.Options
	Resolver trunk.Resolver
	Relay    *media.Relay
}

// A Server is the exchange on the wire.
type Server struct {
	o        Options
	log      *slog.Logger
	net      *transport.Layer
	tx       *transaction.Layer
	accounts *registrar.StoreAccounts
	auth     *registrar.Authenticator
	reg      *registrar.Registrar
	trunks   *trunk.Carriers
	relay    *media.Relay
	recorder *record.Recorder
	calls    *call.Exchange
	metrics  *metrics
	resync   *resyncer

	addrs    []netip.AddrPort
	followed atomic.Uint64
	draining atomic.Bool
	watching sync.WaitGroup
	stop     context.CancelFunc
}

// Start brings the exchange up, in the order in which its parts need each
// other, and serves when it returns.
func Start(ctx context.Context, o Options) (*Server, error) {
	s := &Server{o: o, log: o.Log, metrics: newMetrics(o.Metrics)}
	var err error
	if s.relay = o.Relay; s.relay == nil {
		if s.relay, err = media.New(media.Options{PortMin: o.RTPMin, PortMax: o.RTPMax, Log: o.Log}); err != nil {
			return nil, fmt.Errorf("media: %w", err)
		}
	}
	s.calls = &call.Exchange{
		Store: o.Store, Relay: s.relay, Log: o.Log, DataDir: o.DataDir, Product: o.Product,
		Metrics: call.NewMetrics(o.Metrics),
	}
	ledger := call.NewLedger(o.Store)
	if s.recorder, err = record.NewRecorder(o.DataDir, ledger, record.Options{Log: o.Log, Deliver: ledger.Deliver}); err != nil {
		s.relay.Close()
		return nil, fmt.Errorf("recordings: %w", err)
	}
	s.calls.Recorder = s.recorder
	if err := s.recorder.Salvage(ctx); err != nil {
		s.log.Error("what a crash left of recordings could not be salvaged; it is tried again at the next start", "err", err)
	}

	ready := make(chan struct{})
	network := o.Network
	network.Gate = ready // a carrier that is not known yet would be challenged
	network.Log, network.Advertise, network.Dropped = o.Log, o.Advertise, s.metrics.drop
	network.OurTag = transaction.IsTag[[]byte]
	network.Exempt = func(a netip.Addr) bool { return s.trunks.IsCarrier(a) } // nobody is heard before there are trunks
	s.net = transport.New(network)
	s.accounts = registrar.NewStoreAccounts(o.Store, s.net.OurHost)
	s.auth = registrar.NewAuthenticator(registrar.AuthOptions{Accounts: s.accounts, Penalize: s.net.Penalize, Barred: s.net.Barred})
	s.reg = registrar.New(registrar.Options{
		Auth: s.auth, Network: s.net, Saved: o.Store, Log: o.Log, Counted: s.metrics.register,
	})
	s.tx = transaction.New(s.net, transaction.Options{
		Handler: s, Register: s.register, Unwanted: registrar.IsKeepAlive, Log: o.Log, Trace: s.calls.Trace, Dropped: s.metrics.drop, Count: s.metrics.message,
	})
	s.trunks = trunk.New(trunk.Options{
		Configuration: trunk.StoreConfiguration{Store: o.Store}, Transport: s.net, Transactions: s.tx, Log: o.Log, Product: o.Product,
		Resolver: o.Resolver,
	})
	s.calls.Transport, s.calls.Transactions, s.calls.Registrar, s.calls.Trunks = s.net, s.tx, s.reg, s.trunks
	s.net.OnClosed(s.reg.FlowClosed)
	s.metrics.collect(s)

	changes := o.Store.Watch() // before the first look, so that no change falls between
	s.resync = newResyncer(s)
	s.followed.Store(o.Store.Revision())
	// Before anybody can call: a phone whose binding is not there yet is absent.
	if err := s.reg.Load(func(f func(*store.Binding) error) error { return o.Store.LoadBindings(ctx, f) }); err != nil {
		changes.Close()
		s.Close()
		return nil, fmt.Errorf("saved registrations: %w", err)
	}
	for _, url := range o.Listen {
		addr, err := s.net.Listen(url)
		if err != nil {
			changes.Close()
			s.Close()
			return nil, fmt.Errorf("listen on %s: %w", url, err)
		}
		if ap, err := netip.ParseAddrPort(addr.String()); err == nil {
			s.addrs = append(s.addrs, ap)
		}
		s.log.Info("listening", "sip", url, "address", addr.String())
	}
	s.trunks.Sync() // a REGISTER wants a listener to leave from
	close(ready)

	watch, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.watching.Add(2)
	go s.follow(watch, changes)
	go func() {
		defer s.watching.Done()
		s.resync.run(watch)
	}()
	return s, nil
}

// follow keeps registrar, carriers and desk phones in step with the configuration.
func (s *Server) follow(ctx context.Context, changes *store.Watcher) {
	defer s.watching.Done()
	defer changes.Close()
	for {
		select {
		case <-ctx.Done():
			return
		case <-changes.C():
			revision := s.o.Store.Revision()
			s.reg.Sync()
			s.trunks.Sync()
			s.resync.sync()
			s.followed.Store(revision)
		}
	}
}

// Drain refuses new calls and waits until the live ones are over, at most d;
// then it hangs up the rest.
func (s *Server) Drain(ctx context.Context, d time.Duration) {
	s.draining.Store(true)
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for s.calls.Count() > 0 {
		select {
		case <-ctx.Done():
			s.calls.HangUpAll()
			return
		case <-tick.C:
		}
	}
}

// Draining says whether new calls are refused.
func (s *Server) Draining() bool { return s.draining.Load() }

// unregisterWait is how long carriers have to confirm that we leave.
const unregisterWait = 700 * time.Millisecond

// Close ends everything in the reverse order of Start.
func (s *Server) Close() error {
	s.draining.Store(true)
	if s.stop != nil {
		s.stop()
		s.watching.Wait()
	}
	if s.calls.Transactions != nil {
		s.calls.HangUpAll()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var errs []error
	if s.trunks != nil {
		// A carrier that does not answer keeps our registration until it
		// expires; it does not keep us.
		bye, done := context.WithTimeout(ctx, unregisterWait)
		if err := s.trunks.Close(bye); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			errs = append(errs, err)
		}
		done()
	}
	s.calls.Wait(ctx)
	if s.recorder != nil {
		errs = append(errs, s.recorder.Close(ctx))
	}
	if s.tx != nil {
		s.tx.Close()
	}
	if s.net != nil {
		errs = append(errs, s.net.Close())
	}
	if s.reg != nil {
		s.reg.Close()
	}
	if s.relay != nil && s.relay != s.o.Relay {
		errs = append(errs, s.relay.Close())
	}
	return errors.Join(errs...)
}

// register takes every REGISTER, on the goroutine that read it. What no REGISTER
// may ask for (RFC 3261 §10.3: an address of record that is no SIP URI, an
// extension that we lack) is Request's to refuse, as in any other request.
func (s *Server) register(f transport.Flow, req *sip.Request) bool {
	if transaction.CheckRequest(req) != nil {
		return false
	}
	s.reg.Handle(f, req, func(_ int, msg []byte) {
		if err := f.Send(msg); err != nil {
			s.log.Debug("a registration's answer could not be sent", "to", f.Remote(), "err", err)
		}
	})
	return true
}

const allow = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO, REGISTER"

// Request takes a new server transaction, on the shard of its Call-ID.
func (s *Server) Request(tx *transaction.Server, req *sip.Request) {
	tag, inside := req.To().Params.Get("tag")
	if fault := transaction.CheckRequest(req); fault != nil {
		if inside && transaction.IsTag(tag) {
			s.answer(tx, fault.Status, fault.Phrase, fault.Extra...)
		} else {
			s.dismiss(tx, fault.Status, fault.Phrase, fault.Extra...)
		}
		return
	}
	if inside {
		if !s.calls.Request(tx, req) {
			s.dismiss(tx, 481, "Call/Transaction Does Not Exist")
		}
		return
	}
	switch req.Method {
	case sip.INVITE:
		s.invite(tx, req)
	case sip.OPTIONS:
		s.dismiss(tx, 200, "OK", sip.NewHeader("Allow", allow), sip.NewHeader("Accept", "application/sdp"), sip.NewHeader("Supported", "timer, 100rel, path, outbound, gruu"))
	case sip.BYE, sip.PRACK, sip.UPDATE, sip.INFO:
		s.dismiss(tx, 481, "Call/Transaction Does Not Exist")
	case sip.SUBSCRIBE:
		if _, known := s.account(tx, req); known {
			s.answer(tx, 489, "Bad Event", sip.NewHeader("Allow-Events", ""))
		}
	case sip.NOTIFY:
		s.dismiss(tx, 481, "Subscription Does Not Exist")
	case sip.MESSAGE, sip.REFER, sip.PUBLISH:
		if _, known := s.account(tx, req); known {
			s.answer(tx, 405, "Method Not Allowed", sip.NewHeader("Allow", allow))
		}
	default:
		s.dismiss(tx, 501, "Not Implemented", sip.NewHeader("Allow", allow))
	}
}

// Ack takes the ACK of a 2xx.
func (s *Server) Ack(_ transport.Flow, req *sip.Request) { s.calls.Ack(req) }

// Stray takes a response that nobody waits for.
func (s *Server) Stray(f transport.Flow, res *sip.Response) { s.calls.Stray(f, res) }

// answer is the final answer to somebody that we know, kept for as long as it may
// have to be repeated.
func (s *Server) answer(tx *transaction.Server, status int, phrase string, headers ...sip.Header) {
	s.sent(tx, status, tx.Respond(s.response(tx, status, phrase, headers)))
}

// dismiss is the final answer to anybody.
func (s *Server) dismiss(tx *transaction.Server, status int, phrase string, headers ...sip.Header) {
	s.sent(tx, status, tx.Dismiss(s.response(tx, status, phrase, headers)))
}

func (s *Server) response(tx *transaction.Server, status int, phrase string, headers []sip.Header) *sip.Response {
	res := transaction.NewResponse(tx.Request(), status, phrase, tx.Tag())
	for _, h := range headers {
		res.AppendHeader(h)
	}
	res.AppendHeader(sip.NewHeader("Server", s.o.Product))
	return res
}

func (s *Server) sent(tx *transaction.Server, status int, err error) {
	if err != nil {
		s.log.Debug("an answer could not be sent", "status", status, "to", tx.Flow().Remote(), "err", err)
	}
}

// account is whose request it is; if nobody's, the challenge has gone out.
func (s *Server) account(tx *transaction.Server, req *sip.Request) (registrar.Account, bool) {
	account, refusal := s.auth.Authenticate(tx.Flow(), req, tx.Tag)
	if refusal != nil {
		s.sent(tx, refusal.StatusCode, tx.Dismiss(refusal))
		return account, false
	}
	return account, true
}

// invite is a new call: whose is it, and where does it go.
func (s *Server) invite(tx *transaction.Server, req *sip.Request) {
	received := time.Now()
	if s.draining.Load() {
		s.dismiss(tx, 503, "Service Unavailable", sip.NewHeader("Retry-After", "10"))
		return
	}
	facts := factsOf(req, received)
	var org string
	if c, ok := s.carrier(tx.Flow(), req, facts.To); ok {
		org, facts.TrunkID, facts.To = c.org, c.trunkID, c.number
	} else {
		account, known := s.account(tx, req)
		if !known {
			return
		}
		org, facts.LineID = account.Org, account.LineID
	}
	snap, ok := s.o.Store.Snapshot(org)
	if !ok {
		s.answer(tx, 404, "Not Found")
		return
	}
	if host := req.Recipient.Host; !s.ours(snap, host) {
		facts.ToHost = host
	} else if gr, one := req.Recipient.UriParams.Get("gr"); one && facts.LineID != "" {
		user := req.Recipient.User
		if aor, ok := s.reg.AORByGRUU(org, user, gr); ok {
			facts.GRUU = routing.GRUU{AOR: aor, User: user, Instance: gr}
		}
	}
	s.calls.Start(call.Incoming{
		Tx: tx, Req: req, Snapshot: snap, Facts: facts, Plan: routing.Decide(snap, facts), Received: received,
	})
}

// ours says whether a Request-URI's host means this exchange.
func (s *Server) ours(snap *store.Snapshot, host string) bool {
	return host == "" || strings.EqualFold(host, snap.Organization.Domain) || s.net.OurHost(host)
}

// Listening are the addresses of the listeners, in the order of Options.Listen.
func (s *Server) Listening() []netip.AddrPort { return s.addrs }

// Followed is the revision that the registrar and the carriers have caught up
// with. Routing reads the newest at once; they follow within moments.
func (s *Server) Followed() uint64 { return s.followed.Load() }
