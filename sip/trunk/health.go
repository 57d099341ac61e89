package trunk

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transaction"
	"strowger/sip/transport"
)

// health asks a carrier by OPTIONS whether it is there. It takes two failures
// to be down and two answers to be up again, so that one lost packet
// changes nothing; after a failure the next question comes soon.
type health struct {
	k     *carrier
	epoch int // of the configuration: answers to an older one do not count
	timer *transaction.Timer
	bad   int // failures in a row
	good  int // answers in a row
}

const (
	failuresToFall = 2
	answersToRise  = 2
	soon           = 5 * time.Second
	pingTimeout    = 4 * time.Second // without an answer is a failure
)

func (h *health) stop() {
	h.epoch++
	if h.timer != nil {
		h.timer.Stop()
		h.timer = nil
	}
}

func (h *health) restart() {
	h.stop()
	h.bad, h.good = 0, 0
	h.k.set(func() { h.k.alive = true })
	if h.k.left || h.k.conf.Load().OptionsPingS <= 0 {
		return
	}
	h.ping()
}

func (h *health) interval() time.Duration {
	every := time.Duration(h.k.conf.Load().OptionsPingS) * time.Second
	h.k.mu.Lock()
	settled := h.bad == 0 && h.k.alive
	h.k.mu.Unlock()
	if !settled {
		every = min(every, soon)
	}
	// Trunks that started together do not stay together.
	return every - time.Duration(rand.Int64N(int64(every)/10+1))
}

func (h *health) again() {
	epoch := h.epoch
	h.timer = h.k.shard.After(h.interval(), func() {
		if epoch == h.epoch {
			h.ping()
		}
	})
}

// ping asks the targets in order; one that answers is enough.
func (h *health) ping() {
	k, epoch := h.k, h.epoch
	conf := k.conf.Load()
	k.walk(conf, func(t Target, f transport.Flow, next func(error)) {
		if epoch != h.epoch {
			return
		}
		req := k.request(conf, sip.OPTIONS, f, remote(conf, t.Proto), k.shard.NewCallID(), 1, transaction.NewTag())
		k.ask(f, req, pingTimeout, func(res *sip.Response, err error) {
			switch {
			case epoch != h.epoch:
			case err != nil:
				next(err)
			case res.StatusCode == 408 || res.StatusCode == 503:
				next(fmt.Errorf("answered %d %s", res.StatusCode, res.Reason))
			default: // any other answer, a refusal too, is a sign of life
				k.tried(t, true)
				h.answered(nil)
			}
		})
	}, func(err error) {
		if epoch == h.epoch {
			h.answered(err)
		}
	})
}

func (h *health) answered(err error) {
	k := h.k
	if err == nil {
		h.bad = 0
		h.good++
		k.set(func() { k.alive = k.alive || h.good >= answersToRise })
	} else {
		h.good = 0
		h.bad++
		k.set(func() {
			if h.bad >= failuresToFall {
				k.alive, k.why = false, "OPTIONS: "+err.Error()
			}
		})
	}
	h.again()
}
