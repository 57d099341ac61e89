package trunk

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transaction"
	"strowger/sip/transport"
	"strowger/store"
)

// registration keeps us registered with a carrier (RFC 3261 §10.2).
type registration struct {
	k      *carrier
	epoch  int // of the configuration: answers to an older one do not count
	timer  *transaction.Timer
	callID string // the same for all REGISTERs of one configuration
	cseq   uint32
	fails  int // in a row
	wanted int // seconds we ask for
	// What the carrier holds of us, and how to take it back.
	conf     *store.Trunk
	password string
	bound    bool
}

const (
	askFor       = 3600             // seconds
	firstRetry   = 5 * time.Second  // doubles with each failure
	lastRetry    = 5 * time.Minute  //
	refusedRetry = time.Minute      // after a 4xx or 6xx: nobody's patience is tried
	registerWait = 32 * time.Second // 64 × T1
	maxTries     = 4                // of one REGISTER: challenges, staleness, 423
)

func (r *registration) stop() {
	r.epoch++
	if r.timer != nil {
		r.timer.Stop()
		r.timer = nil
	}
}

// restart begins anew with a changed configuration, after taking back what
// the old one left with the carrier.
func (r *registration) restart(old *store.Trunk, oldPassword string) {
	k := r.k
	r.stop()
	begin := func() {
		conf := k.conf.Load()
		k.set(func() { k.bound = false })
		if k.left || conf.Auth.Mode != store.TrunkByRegister {
			return
		}
		r.callID, r.cseq, r.fails, r.wanted = k.shard.NewCallID(), 0, 0, askFor
		r.conf, r.password = conf, k.secret()
		r.register()
	}
	if !r.bound {
		begin()
		return
	}
	r.conf, r.password = old, oldPassword
	epoch := r.epoch
	r.remove(func() {
		if epoch == r.epoch {
			begin()
		}
	})
}

// leave unregisters for good.
func (r *registration) leave(done func()) {
	r.stop()
	if !r.bound {
		done()
		return
	}
	r.remove(done)
}

// remove takes our binding back. It tries once: what can't be taken back
// expires.
func (r *registration) remove(done func()) {
	r.bound = false
	r.k.set(func() { r.k.bound = false })
	finished := false
	finish := func(error) {
		if !finished {
			finished = true
			done()
		}
	}
	r.send(r.epoch, 0, func(*sip.Response, Target) { finish(nil) }, finish)
}

func (r *registration) register() {
	epoch := r.epoch
	r.send(epoch, r.wanted, func(res *sip.Response, t Target) {
		if epoch == r.epoch {
			r.answered(res, t)
		}
	}, func(err error) {
		if epoch == r.epoch {
			r.failed(err, 0)
		}
	})
}

// send puts one REGISTER through: to the first target that answers, with
// credentials when it asks for them.
func (r *registration) send(epoch, expires int, answered func(*sip.Response, Target), failed func(error)) {
	k, conf, password := r.k, r.conf, r.password
	tag := transaction.NewTag()
	k.walk(conf, func(t Target, f transport.Flow, next func(error)) {
		if epoch != r.epoch {
			failed(transaction.ErrEnded)
			return
		}
		var try func(n int, credentials sip.Header)
		try = func(n int, credentials sip.Header) {
			r.cseq++
			req := k.request(conf, sip.REGISTER, f, remote(conf, t.Proto), r.callID, r.cseq, tag)
			req.AppendHeader(sip.NewHeader("Expires", strconv.Itoa(expires)))
			if credentials != nil {
				req.AppendHeader(credentials)
			}
			k.ask(f, req, registerWait, func(res *sip.Response, err error) {
				switch {
				case err != nil:
					next(err)
				case res.StatusCode == 401 || res.StatusCode == 407:
					h, err := k.answer(conf, password, req, res)
					if err != nil || n >= maxTries {
						answered(res, t)
						return
					}
					try(n+1, h)
				case res.StatusCode == 423 && n < maxTries && expires > 0:
					least, ok := headerInt(res, "Min-Expires")
					if !ok || least <= expires || least > 7*24*3600 {
						answered(res, t)
						return
					}
					expires, r.wanted = least, least
					try(n+1, nil)
				case res.StatusCode >= 500 && res.StatusCode < 600 || res.StatusCode == 408:
					next(fmt.Errorf("answered %d %s", res.StatusCode, res.Reason))
				default:
					k.tried(t, true)
					answered(res, t)
				}
			})
		}
		try(1, nil)
	}, failed)
}

func (r *registration) answered(res *sip.Response, t Target) {
	if res.StatusCode < 200 || res.StatusCode > 299 {
		wait := refusedRetry
		if after, ok := headerInt(res, "Retry-After"); ok {
			wait = time.Duration(min(max(after, 5), 3600)) * time.Second
		}
		r.failed(fmt.Errorf("%d %s", res.StatusCode, res.Reason), wait)
		return
	}
	granted := r.granted(res)
	r.fails, r.bound = 0, true
	r.k.set(func() { r.k.bound, r.k.why = true, "" })
	// Somewhere from half to nine tenths of the time: trunks do not march in step,
	// and a lost REGISTER leaves time for another.
	share := 0.5 + 0.4*rand.Float64()
	r.later(time.Duration(share * float64(granted)))
}

// granted is the time that the carrier gave our Contact.
func (r *registration) granted(res *sip.Response) time.Duration {
	n := r.wanted
	if h, ok := headerInt(res, "Expires"); ok {
		n = h
	}
	for _, h := range res.Headers() {
		c, ok := h.(*sip.ContactHeader)
		if !ok || !strings.EqualFold(c.Address.User, escape(r.k.contactUser())) {
			continue
		}
		for _, p := range c.Params {
			if strings.EqualFold(p.K, "expires") {
				if v, err := strconv.Atoi(strings.TrimSpace(p.V)); err == nil {
					n = v
				}
			}
		}
	}
	return time.Duration(min(max(n, 10), 24*3600)) * time.Second
}

// failed waits longer with each failure. What the carrier last granted is not
// lost by it before its time, but we can't know that it is still there.
func (r *registration) failed(err error, wait time.Duration) {
	k := r.k
	r.fails++
	if wait == 0 {
		wait = min(firstRetry<<min(r.fails-1, 10), lastRetry)
	} else {
		wait = min(wait<<min(r.fails-1, 4), 4*lastRetry)
	}
	wait = wait/2 + time.Duration(rand.Int64N(int64(wait)/2+1))
	k.c.o.Log.Warn("not registered with the carrier", "org", k.ref.org, "trunk", k.ref.id, "err", err, "retry_in", wait.Round(time.Second))
	r.bound = false
	k.set(func() { k.bound, k.why = false, "REGISTER: "+err.Error() })
	r.later(wait)
}

func (r *registration) later(wait time.Duration) {
	epoch := r.epoch
	r.timer = r.k.shard.After(wait, func() {
		if epoch == r.epoch {
			r.register()
		}
	})
}

func headerInt(res *sip.Response, name string) (int, bool) {
	value, _ := transaction.Header(res, name)
	text, _, _ := strings.Cut(value, ";") // Retry-After may say more
	text, _, _ = strings.Cut(text, "(")
	n, err := strconv.Atoi(strings.TrimSpace(text))
	return n, err == nil && n >= 0
}
