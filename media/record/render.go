package record

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/pion/rtp"

	"strowger/media/audio"
)

// A Result is what a spool became.
type Result struct {
	Duration    time.Duration
	SHA256      string // hexadecimal, of exactly the file's bytes
	Bytes       int64
	Interrupted bool     // the spool has no end: whoever wrote it died
	Notes       []string // what could not be rendered, in words for people
	Packets     uint64   // read
	Late        uint64   // doubles, and packets that came too late to be put in order
	Dropped     uint64   // lost in capture because the disk did not keep up
	Damaged     int64    // bytes of the spool that could not be read, but for a torn end
	Sides       [2]Heard // the caller's and the callee's
}

// Heard is what became of one side's packets.
type Heard struct {
	Packets   uint64 // read
	Decoded   uint64 // became sound
	Undecoded uint64 // carried sound that we can't decode

	run, longest uint64 // of Undecoded, one after the other
}

func (h *Heard) decoded() { h.Decoded, h.run = h.Decoded+1, 0 }

func (h *Heard) undecoded() {
	h.Undecoded, h.run = h.Undecoded+1, h.run+1
	h.longest = max(h.longest, h.run)
}

// lacking is a second of a talk in one piece, in packets of 20 ms. A packet here
// and there that no decoder knows keeps a NAT open.
const lacking = 50

// Lacks says whether a substantial part of what that side said can't be heard.
func (h *Heard) Lacks() bool { return h.longest >= lacking || h.Undecoded > h.Decoded }

// maxLength of a recording: a WAV file of 8 kHz stereo holds 37 hours.
const maxLength = 36 * time.Hour

// maxStreams of one side that are followed at once.
const maxStreams = 4

// Render writes the spool as a WAV file, 16 bit PCM at 8 kHz: the caller left
// and the callee right, or both in one channel if the header says Mono. Time is
// true: loss, hold and silence last as long as they did. A spool that a crash
// cut off is rendered as far as it goes. The file appears at wavPath all at
// once, durable and hashed, or not at all. Memory does not grow with the spool.
func Render(ctx context.Context, spoolPath, wavPath string) (Result, error) {
	in, err := os.Open(spoolPath)
	if err != nil {
		return Result{}, fmt.Errorf("render: %w", err)
	}
	defer in.Close()
	spool, err := newSpoolReader(in)
	if err != nil {
		return Result{}, fmt.Errorf("render %s: %w", filepath.Base(spoolPath), err)
	}

	part := wavPath + ".part"
	out, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return Result{}, fmt.Errorf("render: %w", err)
	}
	res, err := renderTo(ctx, spool, out)
	if err == nil {
		err = out.Sync()
	}
	if err == nil {
		res.Bytes, res.SHA256, err = hash(out)
	}
	if e := out.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(part, wavPath)
	}
	if err != nil {
		_ = os.Remove(part)
		return Result{}, fmt.Errorf("render %s: %w", filepath.Base(spoolPath), err)
	}
	if err := syncDir(filepath.Dir(wavPath)); err != nil {
		return Result{}, fmt.Errorf("render %s: %w", filepath.Base(spoolPath), err)
	}
	return res, nil
}

// hash reads the file back: what is hashed is what is there.
func hash(f *os.File) (int64, string, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return 0, "", err
	}
	h := sha256.New()
	n, err := io.Copy(h, f)
	return n, hex.EncodeToString(h.Sum(nil)), err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// renderer draws one spool.
type renderer struct {
	res     Result
	out     *canvas
	sides   [2]sideState
	start   int64 // ns: where the recording begins on the spool's time line
	started bool
	paused  int64 // ns: since when; -1 when not
	now     int64 // ns: time of the newest record
	pcm     []int16
	in      rtp.Packet
}

type sideState struct {
	formats []Format
	codecs  [128]*codec // by payload type, of formats, as they are met
	streams []*stream
}

func renderTo(ctx context.Context, spool *spoolReader, w io.WriteSeeker) (Result, error) {
	chans := 2
	if spool.Mono {
		chans = 1
	}
	wav, err := audio.NewWAVWriter(w, audio.WAVFormat{Tag: audio.TagPCM, Channels: chans, Rate: audio.Rate})
	if err != nil {
		return Result{}, err
	}
	r := &renderer{out: newCanvas(wav, chans), started: !spool.Paused, paused: -1}
	r.res.Interrupted = true
	for i := range r.sides {
		r.sides[i].formats = spool.Sides[i].Formats
	}
	if err := r.read(ctx, spool); err != nil {
		return Result{}, err
	}
	if r.res.Damaged = spool.skipped - spool.tail; r.res.Damaged > 0 {
		r.note(fmt.Sprintf("%d bytes of the capture are damaged", r.res.Damaged))
	}
	if r.res.Dropped > 0 {
		r.note(fmt.Sprintf("%d packets were lost because the disk did not keep up", r.res.Dropped))
	}

	// The end: what is still held back, and then silence up to the end record.
	for i := range r.sides {
		for _, s := range r.sides[i].streams {
			r.drain(s, i)
		}
	}
	end := r.frame(r.now)
	if !r.started {
		end = 0
	} else if r.paused >= 0 {
		end = r.frame(r.paused)
	} else if r.res.Interrupted {
		end = max(end, r.out.top)
	}
	if err := r.out.flush(max(end, r.out.base)); err != nil {
		return Result{}, err
	}
	if err := wav.Close(); err != nil {
		return Result{}, err
	}
	r.res.Duration = time.Duration(wav.Bytes()/int64(2*chans)) * time.Second / audio.Rate
	return r.res, nil
}

func (r *renderer) note(s string) {
	for _, n := range r.res.Notes {
		if n == s {
			return
		}
	}
	if len(r.res.Notes) < 16 {
		r.res.Notes = append(r.res.Notes, s)
	}
}

// frame is the recording's frame at a time of the spool.
func (r *renderer) frame(at int64) int64 { return max(0, floorDiv(at-r.start+tick/2, tick)) }

func (r *renderer) read(ctx context.Context, spool *spoolReader) error {
	var rec record
	for i := 0; ; i++ {
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		err := spool.next(&rec)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if rec.at > int64(maxLength) {
			r.note(fmt.Sprintf("it is cut off after %v", maxLength))
			return nil
		}
		r.now = max(r.now, rec.at)
		switch rec.kind {
		case kindPacket:
			r.res.Packets++
			r.res.Sides[rec.side].Packets++
			r.packet(&r.sides[rec.side], rec.side, rec)
		case kindFormats:
			if f, err := decodeFormats(rec.data); err == nil {
				r.sides[rec.side].formats = f
				r.sides[rec.side].codecs = [128]*codec{}
			}
		case kindPause:
			r.paused = rec.at
		case kindResume:
			r.paused = -1
			if !r.started {
				r.started, r.start = true, rec.at
			}
		case kindGap:
			if len(rec.data) == 4 {
				r.res.Dropped += uint64(binary.LittleEndian.Uint32(rec.data))
			}
		case kindEnd:
			r.res.Interrupted = false
			return nil
		}
		if err := r.advance(); err != nil {
			return err
		}
	}
}

// packet gives a packet to its stream.
func (r *renderer) packet(side *sideState, i int, rec record) {
	p := &r.in
	if !parseRTP(p, rec.data) {
		return
	}
	c := side.codecs[p.PayloadType]
	if c == nil {
		c = codecFor(p.PayloadType, side.formats)
		side.codecs[p.PayloadType] = c
	}
	var s *stream
	for _, o := range side.streams {
		if o.ssrc == p.SSRC {
			s = o
		}
	}
	if s != nil && !s.fits(p, c) {
		r.drain(s, i)
		*s = stream{ssrc: p.SSRC, clock: c.rate}
	}
	if s == nil {
		if len(side.streams) == maxStreams {
			oldest := 0
			for k, o := range side.streams {
				if o.last < side.streams[oldest].last {
					oldest = k
				}
			}
			r.drain(side.streams[oldest], i)
			side.streams = append(side.streams[:oldest], side.streams[oldest+1:]...)
		}
		s = &stream{ssrc: p.SSRC, clock: c.rate}
		side.streams = append(side.streams, s)
	}
	if !s.push(p, rec.at, c) {
		r.res.Late++
	}
	if len(s.buf) > maxHeld {
		s.render(r, i)
	}
}

// advance renders what waited long enough and writes what is settled.
func (r *renderer) advance() error {
	for i := range r.sides {
		for _, s := range r.sides[i].streams {
			for len(s.buf) > 0 && s.buf[0].at+window <= r.now {
				s.render(r, i)
			}
		}
	}
	if !r.started {
		return nil
	}
	if upTo := r.frame(r.now) - canvasLag; upTo-r.out.base > audio.Rate/2 {
		return r.out.flush(upTo)
	}
	return nil
}

func (r *renderer) drain(s *stream, side int) {
	for len(s.buf) > 0 {
		s.render(r, side)
	}
}
