package trunk

import (
	"context"
	"net/netip"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"strowger/store"
)

// A post runs what else waits for its shard, and that may ask the carriers
// something: an INVITE whose carrier it is, a call that ends for its circuit.
func TestPostingHoldsNoLock(t *testing.T) {
	inBubble(t, []*store.Trunk{registering("main")}, func(t *testing.T, x *exchange) {
		x.dns.hosts["sip.carrier.example"] = addrs("203.0.113.10")
		p := x.provider("udp://203.0.113.10:5060")
		defer p.Close()
		us := netip.MustParseAddr("192.0.2.1")
		var asked atomic.Int32
		x.net.Sniff(func(from, _ netip.AddrPort, _ []byte) {
			if from.Addr() != us {
				return
			}
			// It is the trunk's shard that sends, so that this comes right after.
			x.tx.ShardOf("default/main").Post(func() {
				// Not Lock: the test would stand still instead of failing.
				if !x.carriers.mu.TryLock() {
					t.Error("an INVITE would wait for ever")
					return
				}
				x.carriers.mu.Unlock()
				asked.Add(1)
			})
		})
		for _, step := range []struct {
			what string
			do   func()
		}{
			{"a new trunk", x.carriers.Sync},
			{"a change", func() { x.change("main", func(t *store.Trunk) { t.Auth.Username = "other" }) }},
			{"a removal", func() {
				x.conf.mu.Lock()
				x.conf.trunks = nil
				x.conf.mu.Unlock()
				x.carriers.Sync()
			}},
			{"another trunk", func() {
				x.conf.mu.Lock()
				x.conf.trunks = []*store.Trunk{registering("main")}
				x.conf.mu.Unlock()
				x.carriers.Sync()
			}},
			{"the end", func() {
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				if err := x.carriers.Close(ctx); err != nil {
					t.Error(err)
				}
			}},
		} {
			before := asked.Load()
			step.do()
			time.Sleep(10 * time.Second)
			synctest.Wait()
			if asked.Load() == before {
				t.Errorf("%s sent nothing: nothing was tried", step.what)
			}
		}
	})
}

// hesitant is a configuration that another look overtakes.
type hesitant struct {
	*settings
	meanwhile func()
}

func (h *hesitant) Password(org, id string) (string, error) {
	if f := h.meanwhile; f != nil {
		h.meanwhile = nil
		f()
	}
	return h.settings.Password(org, id)
}

// Of two Syncs at once, the one that looked last has the last word.
func TestSyncsKeepTheirOrder(t *testing.T) {
	inBubble(t, []*store.Trunk{named("main", nil)}, func(t *testing.T, x *exchange) {
		overtaken := make(chan struct{})
		x.carriers.o.Configuration = &hesitant{x.conf, func() {
			go func() {
				x.change("main", func(t *store.Trunk) { t.MaxCalls = 7 })
				close(overtaken)
			}()
			for range 10000 { // in which the other comes to its end, if it may
				runtime.Gosched()
			}
		}}
		x.carriers.Sync()
		<-overtaken
		if n := x.carriers.find("default", "main").conf.Load().MaxCalls; n != 7 {
			t.Errorf("an older configuration came last: max_calls %d", n)
		}
	})
}
