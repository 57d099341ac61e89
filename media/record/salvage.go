package record

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Salvage takes up what a crash, or a Close that ran out of time, left: spools
// are rendered as far as they go and marked interrupted if they have no end; a
// capture whose spool is gone is failed, an alarm; what was expected and never
// had one is dropped; a spool that the ledger knows nothing of gets its line
// again. Call it once, before the first
// Expect. It returns when all is queued: rendering goes on behind it.
func (r *Recorder) Salvage(ctx context.Context) error {
	entries, err := r.ledger.Unfinished(ctx)
	if err != nil {
		return fmt.Errorf("salvage: ledger: %w", err)
	}
	for _, e := range entries {
		r.take(e)
	}
	files, err := os.ReadDir(filepath.Join(r.dir, spoolDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("salvage: %w", err)
	}
	for _, f := range files {
		if id, ok := strings.CutSuffix(f.Name(), spoolExt); ok && f.Type().IsRegular() {
			r.orphan(id)
		}
	}
	return nil
}

// take queues an entry of the ledger that is neither delivered nor failed.
func (r *Recorder) take(e Entry) {
	if err := checkID(e.ID); err != nil {
		r.o.Log.Error("salvage: an entry of the ledger is left alone", "err", err)
		return
	}
	if e.Kind == "" {
		e.Kind = KindRecording
	}
	// The paths that the entry names are for people; ours follow from its ID, so
	// that a damaged entry leads nowhere else.
	file, kept := e.File, e.State == Captured && strings.HasSuffix(e.Spool, keptExt)
	place(&e)
	if kept {
		e.Spool += keptExt
	}
	if file != "" && filepath.IsLocal(filepath.FromSlash(file)) {
		e.File = file
	}
	j := newJob(e)
	j.saved, j.finish = true, true
	switch e.State {
	case Expected:
		// The parties go on once the spool stands: where there is none, nobody
		// has said anything yet.
		if r.has(e.Spool) {
			j.e.State, j.saved, j.closed = Capturing, false, true
		} else {
			j.discard = true
			r.o.Log.Info("salvage: the exchange stopped before a capture began", "recording", e.ID)
		}
	case Capturing:
		j.closed = true
	case Captured:
		j.check = true
	default:
		return // done with
	}
	if !j.discard {
		close(j.safe)
	}
	r.adopt(j)
}

// orphan queues a spool that no entry speaks of.
func (r *Recorder) orphan(id string) {
	r.mu.Lock()
	known := r.jobs[id] != nil
	r.mu.Unlock()
	rel := spoolOf(id)
	if known || checkID(id) != nil {
		return
	}
	f, err := os.Open(r.path(rel))
	if err != nil {
		r.o.Log.Error("salvage: a spool without an entry can't be read", "spool", rel, "err", err)
		return
	}
	defer f.Close()
	h, err := newSpoolReader(f)
	if err != nil || h.ID != id {
		r.mu.Lock()
		r.count.Missing++
		r.mu.Unlock()
		_ = os.Rename(r.path(rel), r.path(rel)+damagedExt) // it stays where it is if that fails
		r.o.Log.Error("salvage: a spool without an entry is damaged", "spool", rel, "err", err)
		return
	}
	e := Entry{ID: h.ID, Kind: h.Kind, Org: h.Org, State: Capturing, CreatedAt: h.StartedAt, Meta: h.Meta}
	if e.Kind == "" {
		e.Kind = KindRecording
	}
	place(&e)
	if h.File != "" && filepath.IsLocal(filepath.FromSlash(h.File)) {
		e.File = h.File
	}
	if r.has(e.File) {
		// Rendered and durable: only the spool's removal was lost. Delivering it
		// again would be once too often.
		r.o.Log.Info("salvage: a spool outlived its recording", "spool", rel)
		if err := r.remove(rel); err != nil {
			r.o.Log.Error("salvage", "err", err)
		}
		return
	}
	r.o.Log.Warn("salvage: a spool without an entry is taken up again", "recording", id)
	j := newJob(e)
	j.finish, j.closed = true, true
	close(j.safe)
	r.adopt(j)
}

func (r *Recorder) adopt(j *job) {
	r.mu.Lock()
	known := r.jobs[j.e.ID] != nil
	if !known {
		r.jobs[j.e.ID] = j
	}
	r.mu.Unlock()
	if !known {
		r.enqueue(j)
	}
}

func (r *Recorder) has(rel string) bool {
	_, err := os.Stat(r.path(rel))
	return err == nil
}

// intact says whether a captured entry's file is what the ledger says.
func (r *Recorder) intact(e *Entry) bool {
	f, err := os.Open(r.path(e.File))
	if err != nil {
		return false
	}
	defer f.Close()
	n, sum, err := hash(f)
	return err == nil && n == e.Bytes && sum == e.SHA256
}
