package record

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Steps that failed are tried again after a second first, then less and less
// often.
const (
	retryFirst = time.Second
	retryMost  = time.Minute
)

// enqueue has a worker look at j soon.
func (r *Recorder) enqueue(j *job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if j.retryAt != nil {
		j.retryAt.Stop() // if it fired already, it finds itself replaced
		j.retryAt = nil
		r.waiting--
	}
	if !j.queued {
		j.queued = true
		if j.finish && !j.discard && j.spooled && !j.shut {
			r.closes = append(r.closes, j)
		} else {
			r.queue = append(r.queue, j)
		}
	}
	r.changed.Broadcast()
}

// run is a worker: it does step for each job of a queue.
func (r *Recorder) run(queue *[]*job, step func(*job) error) {
	for {
		r.mu.Lock()
		for len(*queue) == 0 && !r.stopped {
			r.changed.Wait()
		}
		if r.stopped {
			r.mu.Unlock()
			return
		}
		j := (*queue)[0]
		(*queue)[0] = nil
		*queue = (*queue)[1:]
		j.queued = false
		r.busy++
		r.mu.Unlock()

		err := step(j)
		var e Entry
		if err != nil { // else j may be in other hands, for as long as it renders
			j.mu.Lock()
			e = j.e
			j.mu.Unlock()
		}

		r.mu.Lock()
		r.busy--
		if err != nil {
			r.later(j, e, err)
		}
		r.changed.Broadcast()
		r.mu.Unlock()
	}
}

// later has j, whose entry is e, tried again. The caller holds r.mu.
func (r *Recorder) later(j *job, e Entry, err error) {
	j.tries++
	if r.ctx.Err() != nil {
		return
	}
	r.count.Trouble++
	if r.closing || j.queued {
		return // left for Salvage; or a newer wish is queued anyway
	}
	d := backoff(j.tries, retryFirst, retryMost)
	r.o.Log.Error("a recording does not get on; it is tried again", "recording", e.ID, "state", e.State, "err", err, "in", d)
	r.waiting++
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		r.mu.Lock()
		mine := j.retryAt == t
		if mine {
			j.retryAt = nil
			r.waiting--
		}
		r.mu.Unlock()
		if mine {
			r.enqueue(j)
		}
	})
	j.retryAt = t
}

// save writes j's entry to the ledger, and counts its state once it is there.
// The caller holds j.mu.
func (r *Recorder) save(ctx context.Context, j *job) error {
	if j.saved {
		return nil
	}
	if err := r.ledger.Put(ctx, j.e); err != nil {
		if !errors.Is(err, ErrGone) {
			r.mu.Lock()
			r.count.Trouble++
			r.mu.Unlock()
		}
		return fmt.Errorf("ledger: recording %s %s: %w", j.e.ID, j.e.State, err)
	}
	j.saved = true
	r.mu.Lock()
	j.tries = 0
	switch c := &r.count; j.e.State {
	case Expected:
		c.Expected++
	case Capturing:
		c.Capturing++
	case Captured:
		c.Captured++
	case Delivered:
		c.Delivered++
	case Failed:
		c.Failed++
	}
	r.mu.Unlock()
	if r.o.Changed != nil {
		r.o.Changed(j.e)
	}
	return nil
}

// drop forgets a job that is done with.
func (r *Recorder) drop(j *job) {
	r.mu.Lock()
	delete(r.jobs, j.e.ID)
	if j.active { // its call goes on
		j.active = false
		r.count.Active--
	}
	r.mu.Unlock()
}

// close makes a finished capture safe, before work does the rest.
func (r *Recorder) close(j *job) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := r.complete(j); err != nil {
		return err
	}
	r.enqueue(j)
	return nil
}

// complete has all of j's packets on disk. The caller holds j.mu.
func (r *Recorder) complete(j *job) error {
	if j.closed {
		return nil
	}
	r.mu.Lock()
	end := j.end
	r.mu.Unlock()
	if err := j.spool.Close(end); err != nil {
		return err
	}
	j.closed = true
	close(j.safe)
	r.mu.Lock()
	j.shut = true
	r.mu.Unlock()
	return nil
}

// work takes j as far as it will go.
func (r *Recorder) work(j *job) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	err := r.advance(j)
	if !errors.Is(err, ErrGone) {
		return err
	}
	r.mu.Lock()
	j.discard = true
	r.mu.Unlock()
	r.o.Log.Warn("a capture goes, for whose it was has been deleted", "recording", j.e.ID, "state", j.e.State)
	return r.discard(j)
}

// advance does what is next for j. Each step leaves its mark in j, so that the next
// try goes on where this one stopped. The caller holds j.mu.
func (r *Recorder) advance(j *job) error {
	r.mu.Lock()
	finish, discard, failure := j.finish, j.discard, j.failure
	r.mu.Unlock()

	if discard {
		return r.discard(j)
	}
	if j.e.State == Failed {
		return r.failed(j, nil)
	}
	if j.check {
		if !r.intact(&j.e) {
			if err := r.move(j.e.Spool, spoolOf(j.e.ID)); err != nil {
				return err
			}
			j.e.State, j.e.Spool, j.saved = Capturing, spoolOf(j.e.ID), false
		}
		j.check, j.closed = false, true
	}
	if !finish {
		return r.save(r.ctx, j)
	}
	if j.e.State == Expected {
		if failure == nil {
			failure = errors.New("it ended before its capture began")
		}
		return r.failed(j, failure)
	}
	if err := r.complete(j); err != nil {
		return err
	}
	if j.e.State == Capturing {
		if err := r.save(r.ctx, j); err != nil {
			return err
		}
		if err := r.render(j, failure); err != nil {
			if !transient(err) {
				return r.failed(j, err)
			}
			return err
		}
	}
	if j.e.State == Captured {
		if err := r.save(r.ctx, j); err != nil {
			return err
		}
		if err := r.settle(j); err != nil {
			return err
		}
		if !j.kept() {
			j.e.Spool = ""
		}
		if r.o.Deliver != nil {
			if err := r.o.Deliver(r.ctx, j.e); err != nil {
				return fmt.Errorf("deliver recording %s: %w", j.e.ID, err)
			}
		}
		j.e.State, j.saved = Delivered, false
	}
	if err := r.save(r.ctx, j); err != nil {
		return err
	}
	r.drop(j)
	return nil
}

// errNoSound is a recording without anything to hear, though there was something
// to be heard.
var errNoSound = errors.New("there is no sound in it")

// unheard is how long people may be connected without a single packet from
// either: no phone stays mute for longer without having said so.
const unheard = 5 * time.Second

// transient says whether trying again may help: everything but a spool that
// can't be read, or with nothing in it that can be decoded.
func transient(err error) bool {
	return !errors.Is(err, ErrNotSpool) && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errNoSound)
}

// kept says whether j's packets outlive it.
func (j *job) kept() bool { return strings.HasSuffix(j.e.Spool, keptExt) }

// settle does with the spool of a capture that is rendered what its entry says:
// it is kept or it goes.
func (r *Recorder) settle(j *job) error {
	if j.kept() {
		return r.move(spoolOf(j.e.ID), j.e.Spool)
	}
	return r.remove(j.e.Spool)
}

func (r *Recorder) render(j *job, failure error) error {
	spool, file := r.path(j.e.Spool), r.path(j.e.File)
	if _, err := os.Stat(spool); err != nil {
		return err
	}
	if err := r.mkdir(filepath.Dir(j.e.File)); err != nil {
		return err
	}
	began := time.Now()
	res, err := Render(r.ctx, spool, file)
	if err != nil {
		return err
	}
	notes := append(res.Notes, j.mute(&res)...)
	if failure != nil {
		notes = append(notes, failure.Error())
	}
	r.mu.Lock()
	late := j.late
	r.mu.Unlock()
	if late > 0 {
		notes = append(notes, fmt.Sprintf("the first %.1f s are missing: the disk was slow", late.Seconds()))
	}
	undecoded := res.Sides[0].Lacks() || res.Sides[1].Lacks()
	if undecoded {
		notes = append(notes, "the packets are kept")
	}
	j.e.DurationMS, j.e.Interrupted = res.Duration.Milliseconds(), res.Interrupted
	r.mu.Lock()
	if res.Interrupted {
		r.count.Interrupted++
	}
	if res.Dropped > 0 || res.Damaged > 0 || failure != nil {
		r.count.Truncated++
	}
	if undecoded {
		r.count.Undecoded++
	}
	r.mu.Unlock()
	if res.Packets == 0 && res.Duration > unheard || undecoded && res.Sides[0].Decoded+res.Sides[1].Decoded == 0 {
		// A file of silence would look like a recording.
		if err := r.remove(j.e.File); err != nil {
			return err
		}
		return fmt.Errorf("%w: %s", errNoSound, strings.Join(notes, "; "))
	}
	if undecoded {
		j.e.Spool = spoolOf(j.e.ID) + keptExt
		r.o.Log.Error("ALARM: part of a recording can't be decoded; its packets are kept", "recording", j.e.ID, "spool", j.e.Spool, "notes", notes)
	}
	j.e.SHA256, j.e.Bytes, j.e.Error = res.SHA256, res.Bytes, strings.Join(notes, "; ")
	j.e.State, j.saved = Captured, false
	r.o.Log.Info("recording rendered", "recording", j.e.ID, "seconds", res.Duration.Seconds(),
		"interrupted", res.Interrupted, "took", time.Since(began), "notes", j.e.Error)
	return nil
}

// mute says who sent nothing: a phone on hold all the time, one-way audio.
func (j *job) mute(res *Result) []string {
	switch {
	case res.Duration <= time.Second:
		return nil
	case res.Packets == 0:
		return []string{"no audio came"}
	case j.e.Kind == KindVoicemail: // has one side
		return nil
	case res.Sides[0].Packets == 0:
		return []string{"no audio came from the caller"}
	case res.Sides[1].Packets == 0:
		return []string{"no audio came from the callee"}
	}
	return nil
}

// failed ends j as an alarm. What there is of its packets is kept.
func (r *Recorder) failed(j *job, why error) error {
	if j.spool != nil {
		j.spool.abandon()
	}
	first := j.e.State != Failed
	if first {
		j.e.State, j.saved, j.e.Error = Failed, false, why.Error()
		switch spool := spoolOf(j.e.ID); {
		case !r.has(spool):
			j.e.Spool = ""
		case errors.Is(why, ErrNotSpool): // beyond our reading, but perhaps not beyond an expert's
			j.e.Spool = spool + damagedExt
		default:
			j.e.Spool = spool + keptExt
		}
	}
	err := r.save(r.ctx, j)
	if first && !errors.Is(err, ErrGone) {
		r.mu.Lock()
		r.count.Missing++
		r.mu.Unlock()
		r.o.Log.Error("a recording that was expected can't be had", "recording", j.e.ID, "err", why)
	}
	if err != nil {
		return err
	}
	if err := r.move(spoolOf(j.e.ID), j.e.Spool); err != nil {
		return err
	}
	r.drop(j)
	return nil
}

func (r *Recorder) discard(j *job) error {
	if j.spool != nil {
		j.spool.abandon()
	}
	if err := r.ledger.Delete(r.ctx, j.e); err != nil {
		return fmt.Errorf("ledger: discard recording %s: %w", j.e.ID, err)
	}
	if err := r.remove(spoolOf(j.e.ID)); err != nil {
		return err
	}
	if err := os.Remove(r.path(j.e.File)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !j.closed {
		j.closed = true
		close(j.safe)
	}
	r.drop(j)
	return nil
}

// remove takes a spool away for good: after a power cut it must not come back
// and be delivered twice.
func (r *Recorder) remove(rel string) error {
	if rel == "" {
		return nil
	}
	path := r.path(rel)
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// move gives a spool another name within its folder, durably. One that is not
// there was moved before.
func (r *Recorder) move(from, to string) error {
	if from == to || from == "" || to == "" {
		return nil
	}
	err := os.Rename(r.path(from), r.path(to))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(r.path(to)))
}

// mkdir makes the folders of a path below the data directory, durably.
func (r *Recorder) mkdir(rel string) error {
	at := r.dir
	for _, name := range strings.Split(filepath.ToSlash(rel), "/") {
		parent := at
		at = filepath.Join(at, name)
		err := os.Mkdir(at, 0o700)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err == nil {
			err = syncDir(parent)
		}
		if err != nil {
			return fmt.Errorf("make %s: %w", rel, unlessGone(err))
		}
	}
	return nil
}

// unlessGone keeps a data directory that is not there (not mounted yet) from
// being taken for a spool that is not there.
func unlessGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New(err.Error())
	}
	return err
}
