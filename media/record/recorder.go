package record

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Options of a Recorder; the zero value will do.
type Options struct {
	Workers int // renders at once; 1 if 0. They run only when calls leave them time
	Log     *slog.Logger
	Now     func() time.Time // for Entry.CreatedAt
	// Deliver takes a captured entry to its delivery methods, or queues it
	// there durably; the same entry may come again after a crash. An error but
	// ErrGone is tried again later. nil: the data directory is the only destination.
	Deliver func(ctx context.Context, e Entry) error
	// Changed is told each entry once its state is in the ledger. It must not
	// block.
	Changed func(e Entry)
}

// A Recorder takes captures from expected to delivered. Each step is in the
// ledger before the next one begins. When the disk or the ledger fails, calls
// go on: what was captured waits in memory up to a bound, and every step is
// tried again until it succeeds.
type Recorder struct {
	dir     string
	ledger  Ledger
	o       Options
	fl      *flusher
	ctx     context.Context // of the workers' ledger calls and renders
	cancel  context.CancelFunc
	workers sync.WaitGroup

	mu      sync.Mutex
	changed *sync.Cond // any of the below
	jobs    map[string]*job
	closes  []*job // spools to be made safe: nobody who waits for that waits for rendering
	queue   []*job // all other work
	busy    int    // jobs in a worker's hands
	waiting int    // jobs whose retry is due later
	closing bool
	stopped bool
	count   Counters
}

// A job is an entry that is not done with.
type job struct {
	safe chan struct{} // closed when the whole spool is on disk

	// Guarded by Recorder.mu: what is wanted of the job.
	end     time.Time
	finish  bool
	discard bool
	failure error
	late    time.Duration
	queued  bool
	spooled bool // a capture was begun
	shut    bool // and its spool is complete
	active  bool // counted in Counters.Active
	tries   int  // that failed one after the other
	retryAt *time.Timer

	mu     sync.Mutex // guards the rest: held by whoever works on it
	e      Entry
	saved  bool // e is in the ledger as it stands
	spool  *Spool
	closed bool // the spool is complete, or as complete as a crash left it
	check  bool // a captured entry from before a crash: look at its file first
}

// NewRecorder works below dir, the data directory.
func NewRecorder(dir string, l Ledger, o Options) (*Recorder, error) {
	if o.Workers <= 0 {
		o.Workers = 1
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := os.MkdirAll(filepath.Join(dir, spoolDir), 0o700); err != nil && !transient(err) {
		return nil, fmt.Errorf("recorder: %w", err)
	}
	r := &Recorder{dir: dir, ledger: l, o: o, fl: newFlusher(o.Log), jobs: map[string]*job{}}
	r.changed = sync.NewCond(&r.mu)
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.workers.Go(func() { r.run(&r.closes, r.close) })
	for range o.Workers {
		r.workers.Go(func() {
			lowPriority()
			r.run(&r.queue, r.work)
		})
	}
	return r, nil
}

const (
	spoolDir = "spool"
	spoolExt = ".rtp"

	// A spool that did not become all of a recording is kept under another name,
	// so that nothing takes it for work to be done: as long as its line of the
	// ledger, which names it.
	keptExt    = ".kept"
	damagedExt = ".damaged"
)

var errClosing = errors.New("recorder: closing")

func spoolOf(id string) string { return spoolDir + "/" + id + spoolExt }

func newJob(e Entry) *job { return &job{e: e, safe: make(chan struct{})} }

// place fills in where e's files are.
func place(e *Entry) {
	e.Spool = spoolOf(e.ID)
	if e.Kind == KindVoicemail {
		e.File = "voicemail/" + e.ID + ".wav"
	} else {
		e.File = "recordings/" + e.CreatedAt.UTC().Format("2006/01/02") + "/" + e.ID + ".wav"
	}
}

func (r *Recorder) path(rel string) string { return filepath.Join(r.dir, filepath.FromSlash(rel)) }

// Expect writes that a capture is owed, and returns when that is on disk. It
// waits for the ledger: not for a call's loop. A ledger that fails is no error
// here: it is counted, told in the log and tried again, and the capture may
// begin all the same.
func (r *Recorder) Expect(ctx context.Context, e Entry) error {
	if err := checkID(e.ID); err != nil {
		return err
	}
	if e.Kind == "" {
		e.Kind = KindRecording
	}
	if e.CreatedAt.IsZero() {
		e.CreatedAt = r.o.Now()
	}
	e.State = Expected
	place(&e)
	j := newJob(e)
	r.mu.Lock()
	switch {
	case r.closing:
		r.mu.Unlock()
		return errClosing
	case r.jobs[e.ID] != nil:
		r.mu.Unlock()
		return fmt.Errorf("recording %s is expected already", e.ID)
	}
	r.jobs[e.ID] = j
	r.mu.Unlock()

	j.mu.Lock()
	defer j.mu.Unlock()
	if err := r.save(ctx, j); err != nil {
		r.o.Log.Error("a recording is expected, and the ledger does not know yet", "recording", e.ID, "err", err)
		r.enqueue(j)
	}
	return nil
}

// Begin starts an expected capture: its sides can be tapped at once. It waits
// for the ledger and the disk: not for a call's loop. Trouble with either is no
// error: it is counted and tried again while packets come.
func (r *Recorder) Begin(ctx context.Context, id string, h Header) (*Spool, error) {
	r.mu.Lock()
	j := r.jobs[id]
	if r.closing || j == nil {
		defer r.mu.Unlock()
		if r.closing {
			return nil, errClosing
		}
		return nil, fmt.Errorf("recording %s is not expected", id)
	}
	r.mu.Unlock()

	j.mu.Lock()
	defer j.mu.Unlock()
	if j.e.State != Expected {
		return nil, fmt.Errorf("recording %s: begin: it is %s", id, j.e.State)
	}
	h.ID, h.Kind, h.Org, h.File = j.e.ID, j.e.Kind, j.e.Org, j.e.File
	if h.Meta == nil {
		h.Meta = j.e.Meta
	}
	s, err := newSpool(r.path(j.e.Spool), h, r.fl)
	if err != nil {
		return nil, fmt.Errorf("recording %s: %w", id, err)
	}
	// The spool comes before its mark in the ledger: with the mark and without a
	// spool something is lost.
	s.wmu.Lock()
	_ = os.MkdirAll(filepath.Dir(s.path), 0o700) // write says what is wrong
	_ = s.write(true)                            // counted, and tried again
	s.wmu.Unlock()
	j.e.State, j.saved, j.spool = Capturing, false, s
	if r.save(ctx, j) != nil {
		r.enqueue(j)
	}

	r.mu.Lock()
	j.active, j.spooled = true, true
	r.count.Active++
	r.mu.Unlock()
	return s, nil
}

// Late says that the call went on without the capture for that long: an alarm,
// and a note in the ledger. It does not block.
func (r *Recorder) Late(id string, by time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count.Late++
	if j := r.jobs[id]; j != nil {
		j.late = by
	}
}

// Finish ends the capture at that time and queues its rendering. It does not
// block.
func (r *Recorder) Finish(id string, at time.Time) {
	r.want(id, func(j *job) {
		if !j.finish {
			j.finish, j.end = true, at
		}
	})
}

// Fail says that an expected capture can't be had: an alarm. What was captured
// so far is kept. It does not block.
func (r *Recorder) Fail(id string, err error) {
	r.want(id, func(j *job) {
		if !j.finish {
			j.finish, j.end = true, time.Now()
		}
		j.failure = err
	})
}

// Discard drops a capture and its entry: a voicemail too short to keep, an
// expected recording whose call was never answered. It does not block.
func (r *Recorder) Discard(id string) {
	r.want(id, func(j *job) { j.discard = true })
}

func (r *Recorder) want(id string, set func(*job)) {
	r.mu.Lock()
	j := r.jobs[id]
	if j != nil {
		set(j)
		if j.active {
			j.active = false
			r.count.Active--
		}
	}
	r.mu.Unlock()
	if j != nil {
		r.enqueue(j)
	}
}

// Safe returns when a finished capture can't be lost any more: all its packets
// are on disk. A caller who hears that the message was saved may rely on it.
func (r *Recorder) Safe(ctx context.Context, id string) error {
	r.mu.Lock()
	j := r.jobs[id]
	r.mu.Unlock()
	if j == nil {
		return nil // done with: delivered long ago
	}
	select {
	case <-j.safe:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Counters since the start.
func (r *Recorder) Counters() Counters {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.count
	c.Queue = r.pending()
	c.DroppedPackets = r.fl.dropped.Load()
	c.Trouble += r.fl.errors.Load()
	return c
}

// pending is how many captures wait. The caller holds r.mu.
func (r *Recorder) pending() int { return len(r.closes) + len(r.queue) + r.busy + r.waiting }

// Wait returns when nothing waits for rendering, delivery or the ledger.
func (r *Recorder) Wait(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.changed.Broadcast()
	})
	defer stop()
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.pending() > 0 {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("recorder: %d captures not done: %w", r.pending(), err)
		}
		r.changed.Wait()
	}
	return nil
}

// Close ends the captures that go on and waits for what is queued until ctx is
// done. What remains stays in the ledger and is salvaged at the next start.
func (r *Recorder) Close(ctx context.Context) error {
	r.mu.Lock()
	if r.closing {
		r.mu.Unlock()
		return errClosing
	}
	r.closing = true
	var live []string
	var retry []*job
	for id, j := range r.jobs {
		if j.active {
			live = append(live, id)
		} else if j.retryAt != nil {
			retry = append(retry, j)
		}
	}
	r.mu.Unlock()
	now := time.Now()
	for _, id := range live {
		r.Finish(id, now)
	}
	for _, j := range retry {
		r.enqueue(j) // one last time
	}
	err := r.Wait(ctx)
	r.cancel()
	r.mu.Lock()
	r.stopped = true
	var left []*job
	for _, j := range r.jobs {
		left = append(left, j)
	}
	r.changed.Broadcast()
	r.mu.Unlock()
	r.workers.Wait()
	for _, j := range left {
		j.mu.Lock()
		if j.spool != nil {
			j.spool.abandon()
		}
		j.mu.Unlock()
	}
	r.fl.stop()
	return err
}
