package record

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// seekBuffer is a file in memory.
type seekBuffer struct {
	b  []byte
	at int
}

func (s *seekBuffer) Write(p []byte) (int, error) {
	if need := s.at + len(p); need > len(s.b) {
		s.b = append(s.b, make([]byte, need-len(s.b))...)
	}
	s.at += copy(s.b[s.at:], p)
	return len(p), nil
}

func (s *seekBuffer) Seek(off int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
		s.at = int(off)
	case io.SeekEnd:
		s.at = len(s.b) + int(off)
	default:
		s.at += int(off)
	}
	return int64(s.at), nil
}

// Any bytes are read without harm, and what is read ends.
func FuzzSpool(f *testing.F) {
	path := filepath.Join(f.TempDir(), "x.rtp")
	base := time.Now()
	s, err := Create(path, Header{StartedAt: base, Sides: both})
	if err != nil {
		f.Fatal(err)
	}
	p := &phone{ssrc: 1}
	for i := range 4 { // short, so that the fuzzer can make it shorter soon
		s.Side(i&1).Packet(base.Add(time.Duration(i)*20*time.Millisecond), p.ulawTone(440, i)[:40])
	}
	s.Pause(base.Add(time.Second))
	s.Resume(base.Add(2 * time.Second))
	s.Side(1).SetFormats([]Format{pcma})
	if err := s.Close(base.Add(3 * time.Second)); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		spool, err := newSpoolReader(bytes.NewReader(b))
		if err != nil {
			return
		}
		var rec record
		total := int64(0)
		for spool.next(&rec) == nil {
			total += int64(recordHead + len(rec.data))
		}
		if total+spool.skipped > int64(len(b)) || spool.tail > spool.skipped {
			t.Fatalf("%d bytes read and %d skipped of %d", total, spool.skipped, len(b))
		}
	})
}

// Any packets at any times are rendered without harm, to the length that the
// end says.
func FuzzRender(f *testing.F) {
	var seed []byte
	p := &phone{ssrc: 1}
	for i := range 6 {
		b := p.ulawTone(440, i)[:40]
		seed = append(seed, byte(i%2), 20, byte(len(b)))
		seed = append(seed, b...)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, b []byte) {
		head, err := Header{Sides: [2]SideInfo{{Formats: []Format{pcmu, g722F, {PT: 111, Name: "opus", Rate: 48000}}}, {Formats: []Format{{PT: 96, Name: "L16", Rate: 11025, Channels: 2}}}}}.encode()
		if err != nil {
			t.Fatal(err)
		}
		buf := append(make([]byte, 0, 64+len(head)+20*len(b)), head...)
		at := int64(0)
		for len(b) >= 3 {
			n := min(int(b[2]), len(b)-3)
			if b[0]&0x40 != 0 {
				at += int64(b[1]) * 1e9
			}
			at += int64(b[1]) * 1e6
			if at > 30e9 {
				break
			}
			k := kindPacket
			if b[0]&0x3e == 2 {
				k = kind(1 + b[0]>>1%5)
			}
			if len(buf)+recordHead+n > cap(buf) {
				break
			}
			buf = appendRecord(buf, k, int(b[0]&1), at, b[3:3+n])
			b = b[3+n:]
		}
		spool, err := newSpoolReader(bytes.NewReader(buf))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := renderTo(context.Background(), spool, &seekBuffer{}); err != nil {
			t.Fatal(err)
		}
	})
}
