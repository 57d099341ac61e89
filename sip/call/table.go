package call

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"errors"
	mathrand "math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transaction"
	"strowger/store"
)

// A table finds calls and legs. Each shard has a part that only it touches.
type table struct {
	shards sync.Map // *transaction.Shard to *shardTable
	asides sync.WaitGroup
	live   atomic.Int64
	orgs   sync.Map // organization to *atomic.Int64, its live calls
}

type shardTable struct {
	legs          map[string]*Leg // by our tag
	calls         map[string]*Call
	conversations map[string]conversation // by the Call-ID of each leg

	fading, faded []past // conversations over since the last look, and since that before

	first   *store.Ladder // the INVITE that came in last, if it started no call yet
	firstID string
}

// A past is what is left of an ended call.
type past struct {
	callIDs []string
	ladder  *store.Ladder
}

func (t *table) of(s *transaction.Shard) *shardTable {
	if v, ok := t.shards.Load(s); ok {
		return v.(*shardTable)
	}
	v, _ := t.shards.LoadOrStore(s, &shardTable{legs: map[string]*Leg{}, calls: map[string]*Call{}, conversations: map[string]conversation{}})
	return v.(*shardTable)
}

// calls counts the live calls of an organization.
func (t *table) calls(org string) *atomic.Int64 {
	if v, ok := t.orgs.Load(org); ok {
		return v.(*atomic.Int64)
	}
	v, _ := t.orgs.LoadOrStore(org, new(atomic.Int64))
	return v.(*atomic.Int64)
}

// add makes a call known, with the INVITE that started it first in its ladder.
func (t *table) add(c *Call, callID string) {
	st := t.of(c.shard)
	st.calls[c.id] = c
	t.live.Add(1)
	if st.first != nil && st.firstID == callID {
		c.ladder, st.first, st.firstID = st.first, nil, ""
	} else {
		c.ladder = new(store.Ladder)
	}
	t.addCallID(c, callID)
}

// addCallID lets the messages of one more leg into the call's ladder.
func (t *table) addCallID(c *Call, callID string) {
	st := t.of(c.shard)
	if talk, taken := st.conversations[callID]; !taken || talk.over {
		st.conversations[callID] = conversation{ladder: c.ladder}
		c.callIDs = append(c.callIDs, callID)
	}
}

func (t *table) addTag(s *transaction.Shard, tag string, l *Leg) { t.of(s).legs[tag] = l }

// remove forgets a call and its legs. Its conversations end a little later.
func (t *table) remove(c *Call) {
	st := t.of(c.shard)
	if _, known := st.calls[c.id]; known {
		delete(st.calls, c.id)
		t.live.Add(-1)
	}
	for _, l := range c.all() {
		for _, tag := range l.tags {
			delete(st.legs, tag)
		}
	}
	if len(c.callIDs) > 0 {
		st.linger(c.shard, c.callIDs, c.ladder) // what outlives the call: not the call itself
	}
}

// linger keeps the conversations of a call for lastWords, and at most twice as
// long: one timer serves all the calls that end meanwhile.
func (st *shardTable) linger(s *transaction.Shard, callIDs []string, ladder *store.Ladder) {
	for _, id := range callIDs {
		st.conversations[id] = conversation{ladder, true}
	}
	if len(st.fading)+len(st.faded) == 0 {
		s.After(lastWords, func() { st.fade(s) })
	}
	st.fading = append(st.fading, past{callIDs, ladder})
}

func (st *shardTable) fade(s *transaction.Shard) {
	for _, p := range st.faded {
		for _, id := range p.callIDs {
			if st.conversations[id].ladder == p.ladder {
				delete(st.conversations, id)
			}
		}
	}
	st.fading, st.faded = nil, st.fading
	if len(st.faded) > 0 {
		s.After(lastWords, func() { st.fade(s) })
	}
}

// leg finds the leg of a request inside a dialog: by our tag, and then it must
// be that dialog.
func (t *table) leg(s *transaction.Shard, req *sip.Request) *Leg {
	tag, _ := req.To().Params.Get("tag")
	l := t.of(s).legs[tag]
	if l == nil || l.dlg == nil || l.dlg.CallID != req.CallID().Value() {
		return nil
	}
	if from := req.From().Params.GetOr("tag", ""); from != l.dlg.RemoteTag && l.earlyTag(from) == nil {
		return nil
	}
	return l
}

func (l *Leg) earlyTag(tag string) *early {
	for _, e := range l.earlies {
		if e.dlg.RemoteTag == tag {
			return e
		}
	}
	return nil
}

// earlyFrom is the early dialog of a called side that req belongs to, nil once
// one is confirmed.
func (l *Leg) earlyFrom(req *sip.Request) *early {
	if l.state == legAnswered {
		return nil
	}
	return l.earlyTag(req.From().Params.GetOr("tag", ""))
}

// Request takes a request that carries a To-tag. It reports false when no call
// of ours has that dialog.
func (x *Exchange) Request(tx *transaction.Server, req *sip.Request) bool {
	l := x.table.leg(tx.Shard(), req)
	if l == nil {
		return false
	}
	l.call.protect(func() { l.received(tx, req) })
	return true
}

// Ack takes the ACK of a 2xx of ours.
func (x *Exchange) Ack(req *sip.Request) {
	s := x.Transactions.ShardOf(req.CallID().Value())
	if l := x.table.leg(s, req); l != nil && !l.call.over {
		l.call.protect(func() { l.ack(req) })
	}
}

// each runs f on every shard with its part of the table, and waits.
func (x *Exchange) each(f func(*shardTable)) {
	var wg sync.WaitGroup
	for _, s := range x.Transactions.Shards() {
		wg.Add(1)
		s.Post(func() {
			defer wg.Done()
			f(x.table.of(s))
		})
	}
	wg.Wait()
}

// newID names a call: 80 random bits, lower case.
func newID() string {
	var b [10]byte
	rand.Read(b[:])
	return strings.ToLower(base32.HexEncoding.EncodeToString(b[:]))
}

// newTag is unguessable: it is what finds a leg.
func newTag() string { return transaction.NewTag() }

func newSDPID() uint64 {
	var b [8]byte
	rand.Read(b[:])
	return binary.BigEndian.Uint64(b[:]) >> 2 // some phones read o= as signed
}

func randomMS(upTo int) time.Duration {
	return time.Duration(mathrand.IntN(upTo/10)) * 10 * time.Millisecond // steps of 10 ms, RFC 3261 §14.1
}

func dialogSeconds(n int) time.Duration { return time.Duration(n) * time.Second }

func atoi(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return 0
	}
	return n
}

// squeeze makes one space of any run of them.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func isTransport(err error) bool { return errors.Is(err, transaction.ErrTransport) }

func phraseFor(res *sip.Response, fallback string) string {
	if p := clean(res.Reason); p != "" {
		return p
	}
	return fallback
}

func parseURI(s string) (sip.Uri, error) {
	var u sip.Uri
	err := sip.ParseUri(s, &u)
	return u, err
}
