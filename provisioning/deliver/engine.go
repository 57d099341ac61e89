// Package deliver owns the sending of what the outbox promises: captures to
// their delivery methods, and mail. What stands in the outbox it leaves to
// store, and who may look into it to provisioning.
package deliver

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"strowger/store"
)

const (
	// atOnce is how many jobs go to one destination side by side. Destinations do
	// not wait for each other: one that is dead holds up its own jobs alone.
	atOnce = 2
	// longest is how long one attempt may take; one that stalls ends much sooner.
	longest = time.Hour
	// alertAfter is the failed attempt of a job with which administrators are told.
	alertAfter = 3
	// lookAgain is when the queue is looked at though nothing says so.
	lookAgain = time.Minute
)

// Options of an [Engine].
type Options struct {
	Store *store.Store
	Data  string           // the data directory
	Now   func() time.Time // time.Now if nil
	Log   *slog.Logger     // slog.Default() if nil
	Roots *x509.CertPool   // who may vouch for servers; the system's if nil
	// Metrics takes strowger_delivery_queue; nil: nobody looks.
	Metrics prometheus.Registerer
}

// An Engine sends what is due, beside everything else, until it is closed. What
// a crash or Close interrupts is sent again: every destination takes the same
// name, or the same id, twice.
type Engine struct {
	st    *store.Store
	data  string
	now   func() time.Time
	log   *slog.Logger
	roots *x509.CertPool

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	freed  chan struct{} // one slot: a destination has room again
	queued atomic.Int64

	mu   sync.Mutex
	busy map[destination]int
	held map[jobKey]time.Time // under way, or not to be tried before
}

// A destination is a delivery method of an organization; without one, its mail
// server.
type destination struct{ org, method string }

type jobKey struct{ org, id string }

// Start begins to send. Whoever starts an engine closes it before the store.
func Start(o Options) *Engine {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	e := &Engine{
		st: o.Store, data: o.Data, now: o.Now, log: o.Log, roots: o.Roots, freed: make(chan struct{}, 1),
		busy: map[destination]int{}, held: map[jobKey]time.Time{},
	}
	if o.Metrics != nil {
		o.Metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "strowger_delivery_queue", Help: "Recordings, voicemails and mails that wait to be sent.",
		}, func() float64 { return float64(e.Queue()) }))
	}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.work.Go(e.run)
	return e
}

// Close ends attempts that are under way, and waits for that.
func (e *Engine) Close() {
	e.cancel()
	e.work.Wait()
}

// Queue is how many jobs wait to be sent.
func (e *Engine) Queue() int { return int(e.queued.Load()) }

func (e *Engine) run() {
	for {
		timer := time.NewTimer(e.dispatch())
		select {
		case <-e.ctx.Done():
			timer.Stop()
			return
		case <-e.st.Outbox():
		case <-e.freed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// dispatch has what is due sent, and answers when to look again.
func (e *Engine) dispatch() time.Duration {
	all, err := e.st.Queued(e.ctx)
	if err != nil {
		if e.ctx.Err() == nil {
			e.log.Error("the outbox cannot be read", "err", err)
		}
		return lookAgain
	}
	e.queued.Store(int64(len(all)))
	now, wait := e.now(), lookAgain
	due := map[destination][]store.QueuedJob{}
	e.mu.Lock()
	defer e.mu.Unlock()
	maps.DeleteFunc(e.held, func(_ jobKey, until time.Time) bool { return now.After(until) })
	for _, q := range all {
		at := q.NextTry
		if held := e.held[jobKey{q.Org, q.ID}]; held.After(at) {
			at = held
		}
		if left := at.Sub(now); left > 0 {
			wait = min(wait, left)
			continue
		}
		d := destination{q.Org, q.DeliveryMethodID}
		due[d] = append(due[d], q)
	}
	for d, list := range due {
		slices.SortFunc(list, func(a, b store.QueuedJob) int {
			return cmp.Or(a.NextTry.Compare(b.NextTry), cmp.Compare(a.ID, b.ID))
		})
		shared := make(chan store.QueuedJob, len(list))
		for _, q := range list {
			shared <- q
		}
		close(shared)
		for range min(atOnce-e.busy[d], len(list)) {
			e.busy[d]++
			e.work.Go(func() { e.drain(d, shared) })
		}
	}
	return wait
}

// drain is a worker: it sends jobs of one destination until none is left.
func (e *Engine) drain(d destination, jobs <-chan store.QueuedJob) {
	for q := range jobs {
		if key := (jobKey{q.Org, q.ID}); e.ctx.Err() == nil && e.claim(key) {
			e.release(key, e.send(q))
		}
	}
	e.mu.Lock()
	if e.busy[d]--; e.busy[d] == 0 {
		delete(e.busy, d)
	}
	e.mu.Unlock()
	select {
	case e.freed <- struct{}{}:
	default:
	}
}

// claim says that a job is now this worker's alone.
func (e *Engine) claim(key jobKey) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.now().Before(e.held[key]) {
		return false
	}
	e.held[key] = e.now().Add(2 * longest)
	return true
}

// release lets go of a job, that is not to be tried for a while.
func (e *Engine) release(key jobKey, pause time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if pause == 0 {
		delete(e.held, key)
	} else {
		e.held[key] = e.now().Add(pause)
	}
}

// send makes one attempt at a job, if it is still due. It answers how long to
// leave a job alone whose outcome could not be saved.
func (e *Engine) send(q store.QueuedJob) (pause time.Duration) {
	j, err := e.st.Job(e.ctx, q.Org, q.ID)
	if errors.Is(err, store.ErrNotFound) {
		return lookAgain
	}
	if err != nil {
		e.log.Error("a job of the outbox cannot be read", "delivery", q.ID, "err", err)
		return lookAgain
	}
	if j.State != store.JobQueued || j.NextTry.After(e.now()) {
		return 0 // the list that it came from is old
	}
	ctx, cancel := context.WithTimeout(e.ctx, longest)
	defer cancel()
	sent, err := e.attempt(ctx, j)
	if err != nil && e.ctx.Err() != nil {
		return 0 // the exchange stops: the attempt does not count
	}
	if err := e.settle(j, sent, err); err != nil && !errors.Is(err, store.ErrNotFound) {
		e.log.Error("what became of a delivery could not be saved; it is sent again", "delivery", j.ID, "err", err)
		return lookAgain
	}
	return 0
}

// A receipt says what was sent, and where it is now.
type receipt struct{ where, sha256 string }

func (e *Engine) attempt(ctx context.Context, j *store.Job) (receipt, error) {
	if j.Kind == store.JobMail {
		return e.mail(ctx, j)
	}
	m, err := e.method(j.Org, j.DeliveryMethodID)
	if err != nil {
		return receipt{}, err
	}
	p, err := e.parcel(ctx, j)
	if err != nil {
		return receipt{}, err
	}
	defer func() { p.file.Close() }() // which may be another one by then
	where, err := m.deliver(ctx, e, p)
	return receipt{where, p.sha256}, err
}

// settle writes down what became of an attempt: first the proof in the ledger,
// then the job. Between the two a crash means a second attempt, not a lost one.
func (e *Engine) settle(j *store.Job, sent receipt, failure error) error {
	ctx := context.WithoutCancel(e.ctx)
	now := e.now().UTC()
	next := *j
	next.Attempts++
	next.LastError, next.Where, next.NextTry = "", sent.where, time.Time{}
	line := store.Delivery{DeliveryMethodID: j.DeliveryMethodID, Tries: next.Attempts, At: now}
	var gone goneError
	switch {
	case errors.As(failure, &gone):
		// Nobody wants it any more.
		e.log.Info("a delivery is dropped", "delivery", j.ID, "kind", j.Kind, "what", j.What, "why", failure)
		return e.st.DeleteJob(ctx, j.Org, j.ID)
	case failure == nil:
		next.State, next.EndedAt = store.JobDone, now
		line.State, line.Where, line.SHA256 = store.DeliveryDelivered, sent.where, sent.sha256
		e.log.Info("delivered", "delivery", j.ID, "kind", j.Kind, "what", j.What, "method", j.DeliveryMethodID, "where", sent.where, "attempts", next.Attempts)
	default:
		next.LastError = plain(failure)
		line.State, line.Error = store.DeliveryQueued, next.LastError
		next.NextTry = now.Add(backoff(next.Attempts))
		if isPermanent(failure) || next.NextTry.Sub(j.Since) > giveUp {
			next.State, next.EndedAt, next.NextTry = store.JobDead, now, time.Time{}
			line.State = store.DeliveryFailed
		}
		e.log.Warn("a delivery failed", "delivery", j.ID, "kind", j.Kind, "what", j.What, "method", j.DeliveryMethodID,
			"attempts", next.Attempts, "state", next.State, "next", next.NextTry, "err", next.LastError)
	}
	if j.Kind != store.JobMail {
		if next.State == store.JobDead || next.Attempts == alertAfter && failure != nil {
			e.alert(ctx, j, next.LastError)
		}
		if err := e.st.NoteDelivery(ctx, j.Kind, j.Org, j.What, line); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	_, err := e.st.ChangeJob(ctx, j.Org, j.ID, func(kept *store.Job) error {
		*kept = next
		return nil
	})
	return err
}
