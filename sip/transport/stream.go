package transport

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	maxMessage   = 64 << 10         // header and body of one message on a stream
	maxQueue     = 64 << 10         // bytes waiting for a slow peer
	writeTimeout = 20 * time.Second // for the peer to take what is queued
	idleRefresh  = time.Minute      // how exactly idleness is measured
	lingerTime   = 2 * time.Second  // for the peer to read why it is hung up on
	lingerBytes  = 1 << 20
)

var (
	crlf     = []byte("\r\n")
	crlfcrlf = []byte("\r\n\r\n")
)

// A stream is one connection. Its reader is one goroutine that holds a buffer
// only while a message is under way; writing needs no goroutine unless the peer
// is slow.
type stream struct {
	l      *Layer
	c      net.Conn
	rc     syscall.RawConn // nil when c is no plain socket
	p      Proto
	ident  uint64
	lo, re netip.AddrPort
	shown  uint16 // the listening port that Via and Contact name
	dialed bool
	spoke  bool // a message came: it no longer counts as fresh (reader only)

	dead atomic.Bool

	mu      sync.Mutex
	queue   []byte
	flying  int  // bytes that the goroutine has taken and not yet written
	writing bool // a goroutine is busy with what was queued
	ending  bool // close once the queue is empty
}

func (s *stream) proto() Proto          { return s.p }
func (s *stream) local() netip.AddrPort { return s.lo }
func (s *stream) id() uint64            { return s.ident }
func (s *stream) alive() bool           { return !s.dead.Load() }
func (s *stream) flow() Flow            { return Flow{s, s.re} }

// send writes what the socket takes at once and queues the rest.
func (s *stream) send(_ netip.AddrPort, b []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead.Load() || s.ending {
		return ErrClosed
	}
	if !s.writing && s.rc != nil {
		n, err := writeNow(s.rc, b)
		if err != nil {
			s.closeLocked()
			return ErrClosed
		}
		if b = b[n:]; len(b) == 0 {
			return nil
		}
	}
	if held := s.flying + len(s.queue); held > 0 && held+len(b) > maxQueue {
		s.l.drop("slow_stream")
		s.closeLocked()
		return ErrFull
	}
	s.queue = append(s.queue, b...)
	if !s.writing {
		s.writing = true
		s.l.wg.Add(1)
		go s.drain()
	}
	return nil
}

// drain writes the queue and ends when it is empty.
func (s *stream) drain() {
	defer s.l.wg.Done()
	var spare []byte
	for {
		s.mu.Lock()
		s.flying = 0
		if len(s.queue) == 0 || s.dead.Load() {
			s.writing, s.queue = false, nil
			if s.ending {
				s.closeLocked()
			}
			s.mu.Unlock()
			return
		}
		b := s.queue
		s.queue, s.flying = spare[:0], len(b)
		s.mu.Unlock()

		_ = s.c.SetWriteDeadline(time.Now().Add(writeTimeout))
		_, err := s.c.Write(b)
		spare = b
		if err != nil {
			if errors.Is(err, syscall.ETIMEDOUT) || isTimeout(err) {
				s.l.drop("slow_stream")
			}
			s.close()
		}
	}
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

func (s *stream) hangup() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ending = true
	if !s.writing {
		s.closeLocked()
	}
}

func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeLocked()
}

// closeLocked ends the connection; the reader notices and tells the layer.
func (s *stream) closeLocked() {
	if s.dead.Swap(true) {
		return
	}
	s.queue = nil
	s.c.Close()
}

// buffers come in three sizes, since nearly every message fits the first.
var buffers = [3]sync.Pool{
	{New: func() any { return new([4 << 10]byte) }},
	{New: func() any { return new([16 << 10]byte) }},
	{New: func() any { return new([maxMessage]byte) }},
}

func getBuffer(size int) []byte {
	switch {
	case size <= 4<<10:
		return buffers[0].Get().(*[4 << 10]byte)[:]
	case size <= 16<<10:
		return buffers[1].Get().(*[16 << 10]byte)[:]
	}
	return buffers[2].Get().(*[maxMessage]byte)[:]
}

func putBuffer(b []byte) {
	switch cap(b) {
	case 4 << 10:
		buffers[0].Put((*[4 << 10]byte)(b[:4<<10]))
	case 16 << 10:
		buffers[1].Put((*[16 << 10]byte)(b[:16<<10]))
	case maxMessage:
		buffers[2].Put((*[maxMessage]byte)(b[:maxMessage]))
	}
}

// framer is the state of reading one stream.
type framer struct {
	s     *stream
	buf   []byte // nil while idle
	have  int    // bytes in buf
	scan  int    // where the search for the end of the header goes on
	need  int    // length of the message under way, once its header is known
	crlfs int    // CRLFs since the last message or pong
	until time.Time
	begun bool // the deadline is that of a message under way
	head  Head
}

func (s *stream) read() {
	defer s.l.wg.Done()
	f := &framer{s: s}
	f.deadline(s.l.o.Handshake)
	for {
		err := f.fill()
		if err == nil {
			err = f.frames()
		}
		if err != nil {
			switch {
			case errors.Is(err, errDone), errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
			case isTimeout(err) && f.begun:
				s.l.drop("slow_message")
			}
			break
		}
		switch {
		case f.have > 0 && !f.begun:
			// The whole message must be here in time, however slowly it drips.
			f.begun = true
			f.deadline(s.l.o.Handshake)
		case f.have == 0 && s.spoke && (f.begun || time.Until(f.until) < s.l.o.Idle-idleRefresh):
			f.begun = false
			f.deadline(s.l.o.Idle)
		}
	}
	if f.buf != nil {
		putBuffer(f.buf)
	}
	s.mu.Lock()
	if !s.ending || !s.writing { // else the last answer is still on its way
		s.closeLocked()
	}
	s.mu.Unlock()
	s.l.ended(s)
}

var errDone = errors.New("transport: stream is done")

func (f *framer) deadline(d time.Duration) {
	f.until = time.Now().Add(d)
	_ = f.s.c.SetReadDeadline(f.until)
}

// fill reads once, taking a buffer only when there is something to read.
func (f *framer) fill() error {
	if f.s.rc != nil {
		return f.fillRaw()
	}
	if f.buf == nil {
		f.buf = getBuffer(0)
	}
	n, err := f.s.c.Read(f.buf[f.have:])
	f.have += n
	if n > 0 {
		return nil
	}
	return err
}

// frames delivers every whole message in the buffer.
func (f *framer) frames() error {
	at := 0
	for {
		for f.have-at >= 2 && f.buf[at] == '\r' && f.buf[at+1] == '\n' {
			at += 2
			// RFC 5626 §3.5.1: a double CRLF is a ping, a single one its answer.
			if f.crlfs++; f.crlfs == 2 {
				f.crlfs = 0
				if err := f.s.send(f.s.re, crlf); err != nil {
					return err
				}
			}
		}
		rest := f.buf[at:f.have]
		if len(rest) == 0 || (len(rest) == 1 && rest[0] == '\r') {
			break
		}
		f.crlfs = 0
		if f.need == 0 {
			i := bytes.Index(rest[f.scan:], crlfcrlf)
			if i < 0 {
				f.scan = max(0, len(rest)-3)
				if len(rest) >= maxMessage {
					return f.refuse(rest, badTooLarge)
				}
				break
			}
			body := f.scan + i + 4
			if !Look(rest[:body], &f.head) {
				f.s.l.drop("not_sip")
				f.s.l.Penalize(f.s.re.Addr(), Malformed)
				return errDone
			}
			switch {
			case f.head.Body == 0 || f.head.Bad == badLength || f.head.Bad == badLineEnd:
				return f.refuse(rest[:body], f.head.Bad)
			case f.head.ContentLength < 0:
				return f.refuse(rest[:body], badNoLength)
			case body+f.head.ContentLength > maxMessage:
				return f.refuse(rest[:body], badTooLarge)
			}
			f.need = body + f.head.ContentLength
		}
		if len(rest) < f.need {
			break
		}
		msg := rest[:f.need]
		at, f.need, f.scan = at+f.need, 0, 0
		if f.begun { // its deadline is not that of the next
			f.begun, f.until = false, time.Time{}
		}
		Look(msg, &f.head) // again: the buffer may have moved since
		f.s.first()
		f.s.l.deliver(f.s.flow(), &f.head, msg)
		if f.s.dead.Load() {
			return errDone
		}
	}
	return f.settle(at)
}

// settle keeps what is left over from at on, in a buffer that can hold the
// message under way, or gives the buffer back.
func (f *framer) settle(at int) error {
	f.have = copy(f.buf, f.buf[at:f.have])
	if f.have == 0 {
		if f.s.rc != nil {
			putBuffer(f.buf)
			f.buf = nil
		}
		return nil
	}
	want := max(f.need, f.have+1)
	if want > maxMessage {
		want = maxMessage
	}
	if want > len(f.buf) {
		bigger := getBuffer(want)
		copy(bigger, f.buf[:f.have])
		putBuffer(f.buf)
		f.buf = bigger
	}
	return nil
}

// refuse hands a message that can't be framed to be answered, and ends the
// stream: where the next one begins is unknown (RFC 3261 §18.3).
func (f *framer) refuse(part []byte, why string) error {
	if !Look(part, &f.head) {
		return errDone
	}
	f.head.Bad = why
	f.s.l.deliver(f.s.flow(), &f.head, part)
	f.s.linger()
	return errDone
}

// linger lets the peer read our last answer: closing a socket with unread bytes
// would reset the connection and throw the answer away.
func (s *stream) linger() {
	s.mu.Lock()
	s.ending = true
	half, ok := s.c.(interface{ CloseWrite() error })
	if s.dead.Load() || s.writing || !ok {
		s.mu.Unlock()
		return
	}
	_ = half.CloseWrite()
	s.mu.Unlock()
	_ = s.c.SetReadDeadline(time.Now().Add(lingerTime))
	_, _ = io.CopyN(io.Discard, s.c, lingerBytes)
}

func (s *stream) first() {
	if !s.spoke {
		s.spoke = true
		if !s.dialed {
			s.l.notFresh(s)
		}
	}
}
