package record

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// chunkSize holds most of a second of a G.711 call's two sides.
	chunkSize = 16 << 10
	// maxChunks bounds what one spool keeps while the disk stands still: 512
	// KiB, some 25 s of a G.711 call.
	maxChunks = 32
)

// A chunk is a piece of a spool on its way to the disk.
type chunk struct {
	b    []byte // filled, of chunkSize
	done int    // of b, on disk
}

// A Spool is a capture that goes on: records are put into memory under a short
// lock and written by the flusher, so that no packet ever waits for the disk. It
// is for two media.Taps, its sides.
type Spool struct {
	path  string
	base  time.Time
	fl    *flusher
	own   bool // fl serves only this one
	sides [2]Side

	mu      sync.Mutex // guards what the packet path touches
	cur     *chunk
	queue   []*chunk // full ones, oldest first
	chunks  int      // in cur, queue and writing
	gap     uint32   // packets dropped since the last record
	paused  bool
	ended   bool
	dropped atomic.Uint64

	wmu     sync.Mutex // guards what the writer touches
	f       *os.File
	writing []*chunk
	closed  bool  // all is on disk and the file is closed
	failing error // of the last write, nil when it went well
	tries   int
	retry   time.Time
	dirty   bool // written since the last sync
}

// A Side is one party's tap: 0 the caller's, 1 the callee's. Its methods may be
// called from any goroutine and never wait for the disk.
type Side struct {
	spool *Spool
	i     int
}

// Create starts a spool at path, which must not exist. A Recorder's captures
// are started with Begin.
func Create(path string, h Header) (*Spool, error) {
	fl := newFlusher(nil)
	s, err := newSpool(path, h, fl)
	if err == nil {
		s.own = true
		s.wmu.Lock()
		err = s.write(true)
		s.wmu.Unlock()
	}
	if err != nil {
		fl.stop()
		return nil, fmt.Errorf("create spool: %w", err)
	}
	return s, nil
}

// newSpool has the header in memory; the file comes with the first write.
func newSpool(path string, h Header, fl *flusher) (*Spool, error) {
	if h.StartedAt.IsZero() {
		h.StartedAt = time.Now()
	}
	head, err := h.encode()
	if err != nil {
		return nil, err
	}
	s := &Spool{path: path, base: h.StartedAt, fl: fl, paused: h.Paused, queue: make([]*chunk, 0, maxChunks+1), writing: make([]*chunk, 0, maxChunks+1)}
	s.sides = [2]Side{{s, 0}, {s, 1}}
	s.cur, s.chunks = fl.take(true), 1
	s.cur.b = append(s.cur.b, head...)
	fl.add(s)
	return s, nil
}

// Side is a tap for one party. It may be moved between endpoints.
func (s *Spool) Side(i int) *Side { return &s.sides[i] }

// Packet appends one RTP packet that came at that time.
func (t *Side) Packet(at time.Time, rtp []byte) {
	if len(rtp) > maxPacket {
		t.spool.dropped.Add(1)
		return
	}
	t.spool.add(kindPacket, t.i, at, rtp)
}

// SetFormats says what the payload types of the packets that follow mean: after
// a re-INVITE, or when another phone takes the side over.
func (t *Side) SetFormats(formats []Format) {
	b, err := json.Marshal(formats)
	if err != nil || len(b) > maxRecord {
		return // strings and numbers marshal; a list as long as that came from no SDP
	}
	t.spool.add(kindFormats, t.i, time.Now(), b)
}

// Pause leaves out what comes until Resume; the time passes in silence. A
// recording that ends while it is paused ends where the pause began.
func (s *Spool) Pause(at time.Time) { s.add(kindPause, 0, at, nil) }

// Resume ends a pause.
func (s *Spool) Resume(at time.Time) { s.add(kindResume, 0, at, nil) }

// Dropped is how many packets were lost because the disk did not keep up.
func (s *Spool) Dropped() uint64 { return s.dropped.Load() }

func (s *Spool) add(k kind, side int, at time.Time, payload []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ended:
		return
	case k == kindPacket && s.paused:
		return
	case k == kindPause:
		if s.paused {
			return
		}
		s.paused = true
	case k == kindResume:
		if !s.paused {
			return
		}
		s.paused = false
	case k == kindEnd:
		s.ended = true
	}
	t := max(0, int64(at.Sub(s.base)))
	if s.gap > 0 && s.room(2*recordHead+4+len(payload), k) {
		var n [4]byte
		binary.LittleEndian.PutUint32(n[:], s.gap)
		s.cur.b = appendRecord(s.cur.b, kindGap, side, t, n[:])
		s.gap = 0
	}
	if !s.room(recordHead+len(payload), k) {
		s.gap++
		s.dropped.Add(1)
		s.fl.dropped.Add(1)
		return
	}
	s.cur.b = appendRecord(s.cur.b, k, side, t, payload)
}

// room makes cur have room for n bytes. Only packets are refused for want of
// memory: the rest is little, and a spool without it would be read wrongly.
func (s *Spool) room(n int, k kind) bool {
	if s.cur != nil && len(s.cur.b)+n <= chunkSize {
		return true
	}
	must := k != kindPacket
	if s.chunks >= maxChunks && !must {
		return false
	}
	c := s.fl.take(must)
	if c == nil {
		return false
	}
	if s.cur != nil {
		s.queue = append(s.queue, s.cur)
		if len(s.queue) >= 3 {
			s.fl.wake()
		}
	}
	s.cur = c
	s.chunks++
	return true
}

// write puts on disk all that was added before. The caller holds wmu.
func (s *Spool) write(now bool) error {
	if s.closed {
		return nil
	}
	if s.failing != nil && !now && time.Now().Before(s.retry) {
		return s.failing
	}
	s.mu.Lock()
	s.writing = append(s.writing, s.queue...)
	s.queue = s.queue[:0]
	if s.cur != nil {
		s.writing = append(s.writing, s.cur)
		s.cur = nil
	}
	s.mu.Unlock()

	err := s.open()
	done := 0
	for _, c := range s.writing {
		if err != nil {
			break
		}
		var n int
		n, err = s.f.Write(c.b[c.done:])
		c.done += n // what went out of a write that failed must not go out again
		if err == nil {
			done++
			s.dirty = true
		}
	}
	s.fl.give(s.writing[:done])
	s.writing = s.writing[:copy(s.writing, s.writing[done:])]
	if done > 0 {
		s.mu.Lock()
		s.chunks -= done
		s.mu.Unlock()
	}
	if err != nil {
		s.tries++
		s.retry = time.Now().Add(backoff(s.tries, flushEvery, 5*time.Second))
		if s.failing == nil {
			s.fl.trouble(s.path, err)
		}
	} else {
		s.tries = 0
	}
	s.failing = err
	return err
}

func (s *Spool) open() error {
	if s.f != nil {
		return nil
	}
	f, err := os.OpenFile(s.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	s.f = f
	return nil
}

// Close ends the capture at that time and returns when all of it is on disk.
// After an error it may be called again; what was captured is still held.
func (s *Spool) Close(at time.Time) error {
	s.add(kindEnd, 0, at, nil)
	s.wmu.Lock()
	defer s.wmu.Unlock()
	if s.closed {
		return nil
	}
	if err := s.write(true); err != nil {
		return fmt.Errorf("close spool: %w", err)
	}
	if err := s.f.Sync(); err != nil {
		return fmt.Errorf("close spool: %w", err)
	}
	if err := s.f.Close(); err != nil {
		return fmt.Errorf("close spool: %w", err)
	}
	s.finish()
	return nil
}

// abandon drops what is not on disk yet and closes the file.
func (s *Spool) abandon() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.wmu.Lock()
	defer s.wmu.Unlock()
	if s.closed {
		return
	}
	if s.f != nil {
		_ = s.f.Close() // nobody will read it
	}
	s.mu.Lock()
	rest := append(s.writing, s.queue...)
	if s.cur != nil {
		rest = append(rest, s.cur)
	}
	s.cur, s.queue, s.chunks = nil, nil, 0
	s.mu.Unlock()
	s.writing = nil
	s.fl.give(rest)
	s.finish()
}

func (s *Spool) finish() {
	s.closed = true
	s.fl.remove(s)
	if s.own {
		go s.fl.stop() // the flusher may be waiting for this spool's lock
	}
}

// backoff doubles from first to most.
func backoff(tries int, first, most time.Duration) time.Duration {
	d := first
	for range tries - 1 {
		if d *= 2; d >= most {
			return most
		}
	}
	return d
}
