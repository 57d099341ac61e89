package record

import (
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// flushEvery: kill -9 loses what is younger than this, and the time a write
	// takes; a second is promised.
	flushEvery = 400 * time.Millisecond
	// syncEvery: a power cut loses what is younger than this and flushEvery; two
	// seconds are promised.
	syncEvery = time.Second
	// poolChunks bounds what all spools of a flusher hold together: 64 MiB.
	poolChunks = 4096
	// spareChunks are kept for re-use.
	spareChunks = 256
)

// A flusher writes spools to the disk: one goroutine for all of a Recorder's,
// and another that makes what was written survive a power cut, so that a slow
// sync holds up no write.
type flusher struct {
	log     *slog.Logger
	dropped atomic.Uint64
	errors  atomic.Uint64

	mu     sync.Mutex
	spools map[*Spool]struct{}
	free   []*chunk
	out    int // chunks in use

	files []*os.File // sync's own, kept for its next round

	kick chan struct{}
	quit chan struct{}
	once sync.Once
	wg   sync.WaitGroup
}

func newFlusher(log *slog.Logger) *flusher {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	f := &flusher{
		log:    log,
		spools: map[*Spool]struct{}{},
		kick:   make(chan struct{}, 1),
		quit:   make(chan struct{}),
	}
	f.wg.Go(func() { f.run(flushEvery, f.kick, f.flush) })
	f.wg.Go(func() { f.run(syncEvery, nil, f.sync) })
	return f
}

// stop ends the goroutines; the spools are closed by then.
func (f *flusher) stop() {
	f.once.Do(func() { close(f.quit) })
	f.wg.Wait()
}

func (f *flusher) run(every time.Duration, kick <-chan struct{}, work func(list []*Spool) []*Spool) {
	t := time.NewTicker(every)
	defer t.Stop()
	var list []*Spool // kept, to be filled anew each time
	for {
		select {
		case <-f.quit:
			return
		case <-t.C:
		case <-kick:
		}
		list = work(list[:0])
		clear(list)
	}
}

func (f *flusher) wake() {
	select {
	case f.kick <- struct{}{}:
	default:
	}
}

func (f *flusher) live(list []*Spool) []*Spool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.spools {
		list = append(list, s)
	}
	return list
}

func (f *flusher) flush(list []*Spool) []*Spool {
	list = f.live(list)
	for _, s := range list {
		s.mu.Lock()
		empty := s.cur == nil && len(s.queue) == 0
		s.mu.Unlock()
		// Who holds the lock is closing the spool, and writes all of it; waiting
		// for that one's sync would keep the others in memory.
		if !s.wmu.TryLock() {
			continue
		}
		if !empty || len(s.writing) > 0 {
			_ = s.write(false) // counted and told by trouble, tried again by the next round
		}
		s.wmu.Unlock()
	}
	return list
}

// sync makes what was written durable: file by file while they are few, else
// the file system at once, which costs one journal commit instead of many.
func (f *flusher) sync(list []*Spool) []*Spool {
	list = f.live(list)
	files := f.files[:0]
	for _, s := range list {
		if !s.wmu.TryLock() {
			continue // being closed, which syncs
		}
		if s.dirty && !s.closed {
			s.dirty = false
			files = append(files, s.f)
		}
		s.wmu.Unlock()
	}
	// Outside of the locks: a write must not wait for a sync. A file that Close
	// closes meanwhile has been synced by it.
	if len(files) <= 4 || !syncFS(files[0]) {
		for _, file := range files {
			_ = syncData(file)
		}
	}
	clear(files)
	f.files = files
	return list
}

func (f *flusher) add(s *Spool) {
	f.mu.Lock()
	f.spools[s] = struct{}{}
	f.mu.Unlock()
}

func (f *flusher) remove(s *Spool) {
	f.mu.Lock()
	delete(f.spools, s)
	f.mu.Unlock()
}

// take returns an empty chunk; nil when all are in use, unless it must.
func (f *flusher) take(must bool) *chunk {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.out >= poolChunks && !must {
		return nil
	}
	f.out++
	if n := len(f.free); n > 0 {
		c := f.free[n-1]
		f.free = f.free[:n-1]
		return c
	}
	return &chunk{b: make([]byte, 0, chunkSize)}
}

func (f *flusher) give(list []*chunk) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.out -= len(list)
	for _, c := range list {
		c.b, c.done = c.b[:0], 0
		if len(f.free) < spareChunks {
			f.free = append(f.free, c)
		}
	}
}

func (f *flusher) trouble(path string, err error) {
	f.errors.Add(1)
	f.log.Error("a recording can't be written; what comes is kept in memory and tried again",
		"spool", filepath.Base(path), "err", err)
}
