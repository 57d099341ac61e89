package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	ledgerLag   = 500 * time.Millisecond
	ladderWait  = 400 * time.Millisecond // for the last messages of a call that has ended
	ledgerQueue = 10_000                 // call records that wait while the disk takes none
	maxRoom     = 8 << 20                // bytes that are kept for the next commit
	sweepEvery  = 10 * time.Minute
)

// A writer is the write path of all that is not configuration.
type writer struct {
	st       *Store
	bindings *batcher[bindingChange]
	ledger   *batcher[entry]
	records  recordLocks  // of the ledger
	ends     sync.RWMutex // an organization's; after Store.mu

	record  []byte // of the log, re-used
	ops     []Op   // of a commit, re-used
	ladders []byte // of the calls of a commit, re-used
	logged  int64  // bytes of log since it was last folded
	foldMu  sync.Mutex
	folds   sync.WaitGroup
	failing atomic.Bool  // the last write failed
	readers atomic.Int32 // who wait to read all that is queued, as it is

	stop context.CancelFunc
	done chan struct{}
}

// An entry is something for the ledger's next commit: operations that someone
// waits for, or a call that has ended.
type entry struct {
	ops    []Op
	call   *Call
	trace  *Trace
	ladder *Ladder
	key    []byte // of the ladder, once the rest is written
}

func newWriter(st *Store) *writer {
	w := &writer{st: st, records: recordLocks{seed: maphash.MakeSeed()}, done: make(chan struct{})}
	w.bindings = newBatcher(bindingWindow, bindingLag, bindingQueue, w.writeBindings)
	w.ledger = newBatcher(0, ledgerLag, ledgerQueue, w.writeLedger)
	ctx, stop := context.WithCancel(context.Background())
	w.stop = stop
	go w.housekeep(ctx)
	return w
}

// housekeep sweeps, and folds the log when it has grown.
func (w *writer) housekeep(ctx context.Context) {
	defer close(w.done)
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	// What a crash left of the log goes where it belongs once the start is over.
	left := time.NewTimer(time.Minute)
	defer left.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-left.C:
			w.fold()
			continue
		case <-tick.C:
		}
		w.writeSeen()
		if _, err := w.st.Sweep(ctx); err != nil && ctx.Err() == nil {
			w.st.log.Warn("old ladders stay", "err", err)
		}
		if _, err := w.st.SweepOutbox(ctx); err != nil && ctx.Err() == nil {
			w.st.log.Warn("old deliveries stay in the outbox", "err", err)
		}
	}
}

// writeSeen writes who was seen where nothing else has been written since.
func (w *writer) writeSeen() {
	if w.st.seen.dirty() {
		w.ledger.wait(entry{}) // a failure is noted, and they stay
	}
}

func (w *writer) writeBindings(changes []bindingChange) error {
	w.record = appendChanges(w.record[:0], changes)
	err := w.st.backend.AppendLog(context.Background(), w.record)
	w.noteOutcome(err)
	if err != nil {
		return fmt.Errorf("%d bindings were not saved: %w", len(changes), err)
	}
	w.logged += int64(len(w.record))
	if cap(w.record) > 1<<20 {
		w.record = nil
	}
	if w.logged > foldAt {
		w.logged = 0
		w.folds.Go(w.fold)
	}
	return nil
}

// writeLedger commits entries. When that fails, those that someone waits for are
// theirs to repeat; calls stay in the queue. So do the ladders of calls that have
// only just ended.
func (w *writer) writeLedger(entries []entry) error {
	now := w.st.now()
	everything := w.readers.Load() > 0
	ops := w.ops[:0]
	var queued, late []entry
	var saved []*Ladder
	w.ladders = w.ladders[:0]
	for _, e := range entries {
		ops = append(ops, e.ops...)
		if e.call == nil {
			continue
		}
		queued = append(queued, e)
		if e.key == nil {
			ops = calls.appendPut(ops, e.call)
			var at uint64
			if e.ladder != nil {
				at = nanoseconds(now)
				e.key = ladderKey(at, e.call.Org, e.call.ID)
			}
			if e.trace != nil {
				ops = append(ops, traceOp(e.call, e.trace, at))
			}
		}
		switch {
		case e.ladder == nil:
		case !everything && now.Sub(e.call.EndedAt) < ladderWait:
			late = append(late, e)
		default:
			from := len(w.ladders)
			w.ladders = e.ladder.appendTo(w.ladders)
			ops = append(ops, Op{Bucket: BucketLadders, Key: e.key, Value: w.ladders[from:len(w.ladders):len(w.ladders)]})
			saved = append(saved, e.ladder)
		}
	}
	seen := w.st.seen.take()
	ops = w.st.seenOps(ops, seen)
	err := w.st.backend.Commit(context.Background(), ops)
	clear(ops)
	w.ops = ops[:0]
	w.noteOutcome(err)
	if err != nil {
		w.st.seen.keep(seen)
	}
	if err != nil && len(queued) > 0 {
		if lost := w.ledger.keep(queued); lost > 0 {
			w.st.log.Error("call records are lost: the disk has not taken any for long", "records", lost)
		}
		return err
	}
	for _, l := range saved {
		l.seal()
	}
	if len(late) > 0 {
		if lost := w.ledger.keep(late); lost > 0 {
			w.st.log.Error("ladders of calls are lost: too much waits for the disk", "ladders", lost)
		}
	}
	if cap(w.ladders) > maxRoom {
		w.ladders = nil
	}
	return err
}

// noteOutcome logs when saving begins to fail and when it works again.
func (w *writer) noteOutcome(err error) {
	switch {
	case err != nil && w.failing.CompareAndSwap(false, true):
		w.st.log.Error("nothing can be saved", "err", err)
	case err == nil && w.failing.CompareAndSwap(true, false):
		w.st.log.Info("saving works again")
	}
}

// Failing says whether the last write of what is not configuration failed: an
// alarm.
func (st *Store) Failing() bool { return st.writer.failing.Load() }

// flush brings what is queued to disk, for someone who is about to read it.
// When the disk takes nothing, what is on it can still be read.
func (w *writer) flush() {
	if !w.ledger.idle() {
		w.readers.Add(1)
		defer w.readers.Add(-1)
		w.ledger.wait()
	}
}

func (w *writer) fold() {
	w.foldMu.Lock()
	defer w.foldMu.Unlock()
	if err := w.st.fold(context.Background()); err != nil {
		w.st.log.Warn("the log of bindings stays as long as it is", "err", err)
	}
}

// close writes all that is queued, and folds the log.
func (w *writer) close() {
	w.stop()
	<-w.done
	w.writeSeen()
	w.readers.Add(1) // nobody reads any more, but nothing may wait either
	w.ledger.close()
	w.bindings.close()
	w.folds.Wait()
	w.fold()
}

// everythingOf are the operations that remove all of an organization but its
// revisions, with the promises that its files go, of which settled are those that
// nobody writes any more. Its ladders expire by themselves, and bindings in the log
// are not loaded without it.
func (st *Store) everythingOf(ctx context.Context, org string, now time.Time) (ops []Op, settled []string, err error) {
	st.writer.flush()
	since := binary.BigEndian.AppendUint64(nil, nanoseconds(now))
	ops = append(ops, Op{Bucket: BucketMeta, Key: metaGone(org), Value: since})
	err = st.backend.View(ctx, func(r Reader) error {
		for _, b := range Buckets {
			switch b {
			case BucketMeta, BucketOrganizations, BucketRevisions, BucketChanges, BucketAhead, BucketLadders:
				continue
			}
			err := r.Range(b, recordKey(org, ""), []byte(org+"\x01"), func(key, value []byte) error {
				ops = append(ops, Op{Bucket: b, Key: append([]byte(nil), key...)})
				files, done, err := filesOf(b, key, value)
				if err != nil { // it goes all the same
					st.log.Error("which files are those of a record that is deleted is not known; they stay", "organization", org, "err", err)
				}
				for _, file := range files {
					ops = append(ops, Op{Bucket: BucketRemovals, Key: []byte(file), Value: since})
				}
				if done {
					settled = append(settled, files...)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return ops, settled, err
}

// metaGone is when an organization was deleted, the last time that one of that id
// was.
func metaGone(org string) []byte { return []byte("gone/" + org) }

// outlived says whether what was made at a time has outlived its organization,
// though there be one of that id again. Of an organization that nobody has heard of
// it says that there is none: it may be in another copy of the store.
func (st *Store) outlived(r Reader, org string, at time.Time) error {
	gone, err := r.Get(BucketMeta, metaGone(org))
	if err != nil {
		return err
	}
	_, there := st.Snapshot(org)
	switch {
	case len(gone) == 8 && (!there || nanoseconds(at) < binary.BigEndian.Uint64(gone)):
		return fmt.Errorf("%w: %w", notFound(inOrganizations, org), ErrGone)
	case !there:
		return notFound(inOrganizations, org)
	}
	return nil
}

// Backup writes a consistent copy of the store, registrations included. Saves go
// on meanwhile.
func (st *Store) Backup(ctx context.Context, out io.Writer) error {
	b, ok := st.backend.(interface {
		Backup(context.Context, io.Writer) (int64, error)
	})
	if !ok {
		return errors.New("this store has no file to back up")
	}
	st.writer.flush()
	if !st.writer.bindings.idle() {
		st.writer.bindings.wait() // refreshes, which may lag
	}
	st.writer.fold()
	_, err := b.Backup(ctx, out)
	return err
}
