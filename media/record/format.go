// Package record owns captured media: the spool that packets are appended to
// while a call lasts, its rendering into a WAV file, and the ledger's walk that
// proves none is missing. It leaves to package media where packets come from,
// and to its caller who is recorded and where the ledger is stored.
package record

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"
)

// A spool file is a header and then records, appended and never changed:
//
//	header:  magic (8), length of the JSON (4), CRC-32C of it (4), the JSON
//	record:  0xA5, kind | side<<7, length (2), time (8), CRC-32C (4), payload
//
// little-endian; the time is in nanoseconds since the header's StartedAt, by
// the monotonic clock; the checksum covers all of the record but itself. Any
// prefix of a spool is a spool: what a crash cut off costs its last record, and
// behind a damaged stretch reading goes on at the next record that is whole.
const (
	magic      = "strowsp1"
	fileHead   = 16
	recordHead = 16
	recordMark = 0xA5
	maxPacket  = 2048                   // larger ones are no RTP that we would forward
	maxRecord  = chunkSize - recordHead // of a payload
)

type kind uint8

const (
	kindPacket  kind = 1 + iota // an RTP packet as it came
	kindFormats                 // JSON: what payload types mean from here on
	kindPause
	kindResume
	kindGap // 4 bytes: packets that were dropped before this because the disk did not keep up
	kindEnd
	kindLast = kindEnd
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A Format is one payload type's meaning. It has the fields of media.Format.
type Format struct {
	PT       uint8  `json:"pt"`
	Name     string `json:"name"` // as in SDP: PCMU, G722, opus
	Rate     int    `json:"rate"` // of the RTP clock
	Channels int    `json:"channels,omitempty"`
	Fmtp     string `json:"fmtp,omitempty"`
}

// SideInfo is what one side's packets are as the capture begins.
type SideInfo struct {
	Formats []Format `json:"formats,omitempty"`
}

// A Header opens a spool: all that rendering needs, and what Salvage needs to
// give an orphan its line in the ledger again.
type Header struct {
	ID        string          `json:"id"`
	Kind      string          `json:"kind,omitempty"` // filled by Recorder.Begin
	Org       string          `json:"org,omitempty"`  // filled by Recorder.Begin
	File      string          `json:"file,omitempty"` // filled by Recorder.Begin
	StartedAt time.Time       `json:"started_at"`     // zero of the time line; with its monotonic reading. Now, if zero
	Sides     [2]SideInfo     `json:"sides"`
	Mono      bool            `json:"mono,omitempty"`   // both sides in one channel: voicemail
	Paused    bool            `json:"paused,omitempty"` // the recording begins with the first Resume
	Meta      json.RawMessage `json:"meta,omitempty"`   // the caller's
}

func (h Header) encode() ([]byte, error) {
	js, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("spool header: %w", err)
	}
	if len(js) > chunkSize-fileHead {
		return nil, fmt.Errorf("spool header: %d bytes, of at most %d", len(js), chunkSize-fileHead)
	}
	b := append(make([]byte, 0, fileHead+len(js)), magic...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(js)))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(js, castagnoli))
	return append(b, js...), nil
}

// appendRecord adds a record to b, which has room for it.
func appendRecord(b []byte, k kind, side int, at int64, payload []byte) []byte {
	n := len(b)
	b = b[:n+recordHead]
	h := b[n:]
	h[0] = recordMark
	h[1] = byte(k) | byte(side)<<7
	binary.LittleEndian.PutUint16(h[2:], uint16(len(payload)))
	binary.LittleEndian.PutUint64(h[4:], uint64(at))
	b = append(b, payload...)
	sum := crc32.Update(crc32.Checksum(h[:12], castagnoli), castagnoli, payload)
	binary.LittleEndian.PutUint32(h[12:], sum)
	return b
}

// An entry of a spool as it is read; data is valid until the next one.
type record struct {
	kind kind
	side int
	at   int64 // ns
	data []byte
}

// ErrNotSpool is a file whose header can't be read: nothing in it can be.
var ErrNotSpool = errors.New("not a spool, or its header is damaged")

// spoolReader reads records in the order in which they were captured.
type spoolReader struct {
	Header
	r       *bufio.Reader
	used    int   // bytes of the record that next returned last
	skipped int64 // bytes that belong to no whole record
	tail    int64 // of those, the ones behind the last whole record
}

func newSpoolReader(r io.Reader) (*spoolReader, error) {
	s := &spoolReader{r: bufio.NewReaderSize(r, 4*chunkSize)}
	head, err := s.r.Peek(fileHead)
	if err != nil {
		return nil, headerErr(err)
	}
	n := int(binary.LittleEndian.Uint32(head[8:]))
	if string(head[:8]) != magic || n > chunkSize-fileHead {
		return nil, ErrNotSpool
	}
	sum := binary.LittleEndian.Uint32(head[12:])
	all, err := s.r.Peek(fileHead + n)
	if err != nil {
		return nil, headerErr(err)
	}
	if crc32.Checksum(all[fileHead:], castagnoli) != sum {
		return nil, ErrNotSpool
	}
	if err := json.Unmarshal(all[fileHead:], &s.Header); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNotSpool, err)
	}
	s.used = fileHead + n
	return s, nil
}

func headerErr(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: it ends within the header", ErrNotSpool)
	}
	return fmt.Errorf("read spool: %w", err)
}

// next reads the next whole record; io.EOF at the end.
func (s *spoolReader) next(rec *record) error {
	for {
		_, _ = s.r.Discard(s.used) // what was peeked is there
		s.used = 0
		head, err := s.r.Peek(recordHead)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				return fmt.Errorf("read spool: %w", err)
			}
			s.skipped += int64(len(head))
			s.tail += int64(len(head))
			s.used = len(head)
			return io.EOF
		}
		k, n := kind(head[1]&0x7f), int(binary.LittleEndian.Uint16(head[2:]))
		if head[0] == recordMark && k >= kindPacket && k <= kindLast && n <= maxRecord {
			all, err := s.r.Peek(recordHead + n)
			if err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("read spool: %w", err)
			}
			if err == nil {
				sum := crc32.Update(crc32.Checksum(all[:12], castagnoli), castagnoli, all[recordHead:])
				if sum == binary.LittleEndian.Uint32(all[12:]) {
					*rec = record{k, int(all[1] >> 7), int64(binary.LittleEndian.Uint64(all[4:])), all[recordHead:]}
					s.used = recordHead + n
					s.tail = 0
					return nil
				}
			}
		}
		s.used = 1
		s.skipped++
		s.tail++
	}
}

func decodeFormats(b []byte) (f []Format, err error) {
	err = json.Unmarshal(b, &f)
	return f, err
}
