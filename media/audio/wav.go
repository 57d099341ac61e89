package audio

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// WAVFormat is what a WAV file holds.
type WAVFormat struct {
	Tag      int // TagPCM, TagALaw, TagULaw
	Channels int
	Rate     int
	Bits     int // of a sample as stored: 16 for PCM (8, 24 and 32 are read too), 8 for G.711
}

// Format tags (RFC 2361).
const (
	TagPCM        = 1
	TagALaw       = 6
	TagULaw       = 7
	tagExtensible = 0xfffe
)

// ErrNotWAV is what a file that is no RIFF WAVE gets.
var ErrNotWAV = errors.New("not a WAV file")

func (f WAVFormat) check() error {
	switch {
	case f.Tag != TagPCM && f.Tag != TagALaw && f.Tag != TagULaw:
		return fmt.Errorf("WAV: format tag %d: want 1 (PCM), 6 (A-law) or 7 (µ-law)", f.Tag)
	case f.Channels < 1 || f.Channels > 8:
		return fmt.Errorf("WAV: %d channels: want 1 to 8", f.Channels)
	case f.Rate < 4000 || f.Rate > 192000:
		return fmt.Errorf("WAV: %d samples a second: want 4000 to 192000", f.Rate)
	case f.Tag != TagPCM && f.Bits != 8:
		return fmt.Errorf("WAV: %d bits a sample: want 8 for G.711", f.Bits)
	case f.Bits != 8 && f.Bits != 16 && f.Bits != 24 && f.Bits != 32:
		return fmt.Errorf("WAV: %d bits a sample: want 8, 16, 24 or 32", f.Bits)
	}
	return nil
}

// A WAVReader reads the samples of a WAV file as a stream. It forgives what
// writers in the field get wrong: unknown chunks anywhere, odd sizes without
// padding before data, a data size of 0 or of all ones from a writer that never
// came back to its header, and an end before the promised size.
type WAVReader struct {
	Format WAVFormat
	r      *bufio.Reader
	left   int64 // bytes of data; negative: to the end of the file
	buf    []byte
}

// NewWAVReader reads up to the samples.
func NewWAVReader(r io.Reader) (*WAVReader, error) {
	w := &WAVReader{r: bufio.NewReaderSize(r, 16<<10)}
	var head [12]byte
	if _, err := io.ReadFull(w.r, head[:]); err != nil {
		return nil, notWAV(err)
	}
	if string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return nil, ErrNotWAV
	}
	for {
		id, size, err := w.chunk()
		if err != nil {
			return nil, notWAV(err)
		}
		switch id {
		case "fmt ":
			if err := w.format(size); err != nil {
				return nil, err
			}
		case "data":
			if w.Format.Tag == 0 {
				return nil, fmt.Errorf("%w: samples before their format", ErrNotWAV)
			}
			w.left = int64(size)
			if size == 0 || size >= math.MaxUint32-64 {
				w.left = -1
			}
			return w, nil
		default:
			if err := w.skip(int64(size)); err != nil {
				return nil, notWAV(err)
			}
		}
	}
}

func notWAV(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends before its samples", ErrNotWAV)
	}
	return fmt.Errorf("read WAV: %w", err)
}

func (w *WAVReader) chunk() (id string, size uint32, err error) {
	var h [8]byte
	if _, err := io.ReadFull(w.r, h[:]); err != nil {
		return "", 0, err
	}
	return string(h[:4]), binary.LittleEndian.Uint32(h[4:]), nil
}

// skip passes a chunk and its padding. Some writers leave the padding out: a
// chunk's name begins with a printable character, the padding is 0.
func (w *WAVReader) skip(size int64) error {
	if _, err := io.CopyN(io.Discard, w.r, size); err != nil {
		return err
	}
	if size%2 == 1 {
		if b, err := w.r.Peek(1); err == nil && b[0] == 0 {
			_, _ = w.r.Discard(1)
		}
	}
	return nil
}

func (w *WAVReader) format(size uint32) error {
	if size < 16 || size > 1<<16 {
		return fmt.Errorf("%w: format chunk of %d bytes", ErrNotWAV, size)
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(w.r, b); err != nil {
		return notWAV(err)
	}
	if size%2 == 1 {
		if p, err := w.r.Peek(1); err == nil && p[0] == 0 {
			_, _ = w.r.Discard(1)
		}
	}
	f := WAVFormat{
		Tag:      int(binary.LittleEndian.Uint16(b)),
		Channels: int(binary.LittleEndian.Uint16(b[2:])),
		Rate:     int(binary.LittleEndian.Uint32(b[4:])),
		Bits:     int(binary.LittleEndian.Uint16(b[14:])),
	}
	if f.Tag == tagExtensible && len(b) >= 26 {
		f.Tag = int(binary.LittleEndian.Uint16(b[24:])) // the GUID's first field
	}
	if f.Bits == 0 && f.Tag != TagPCM {
		f.Bits = 8
	}
	if err := f.check(); err != nil {
		return err
	}
	w.Format = f
	return nil
}

// Read fills pcm with interleaved samples, whole frames only, and says how many
// it wrote. io.EOF comes alone, after the last of them.
func (w *WAVReader) Read(pcm []int16) (int, error) {
	size := w.Format.Bits / 8
	frame := size * w.Format.Channels
	want := int64(len(pcm) / w.Format.Channels * frame)
	if want == 0 {
		return 0, io.ErrShortBuffer
	}
	if w.left >= 0 {
		want = min(want, w.left/int64(frame)*int64(frame))
	}
	if want == 0 {
		return 0, io.EOF
	}
	if int64(cap(w.buf)) < want {
		w.buf = make([]byte, want)
	}
	b := w.buf[:want]
	n, err := io.ReadFull(w.r, b)
	if w.left >= 0 {
		w.left -= int64(n)
	}
	b = b[:n/frame*frame]
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, fmt.Errorf("read WAV: %w", err)
	}
	if len(b) == 0 {
		return 0, io.EOF
	}
	switch {
	case w.Format.Tag == TagULaw:
		DecodeULaw(pcm[:0], b)
	case w.Format.Tag == TagALaw:
		DecodeALaw(pcm[:0], b)
	case size == 1: // unsigned
		for i, v := range b {
			pcm[i] = int16(int(v)-128) << 8
		}
	default: // the two upper bytes of little-endian samples
		for i := range len(b) / size {
			pcm[i] = int16(binary.LittleEndian.Uint16(b[(i+1)*size-2:]))
		}
	}
	return len(b) / size, nil
}

// ErrTooLong is a WAV file that would pass the format's 4 GiB.
var ErrTooLong = errors.New("WAV: more than 4 GiB")

// A WAVWriter writes a WAV file as a stream; Close goes back to put the sizes
// into the header. Until then the header says that the samples go on to the
// end of the file, so that what a crash leaves can be played.
type WAVWriter struct {
	w    io.WriteSeeker
	f    WAVFormat
	buf  []byte
	size int64 // of the samples, in bytes
	head int
	err  error
}

// NewWAVWriter writes the header for PCM 16 or G.711.
func NewWAVWriter(w io.WriteSeeker, f WAVFormat) (*WAVWriter, error) {
	if f.Bits == 0 {
		f.Bits = 8
		if f.Tag == TagPCM {
			f.Bits = 16
		}
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	if f.Tag == TagPCM && f.Bits != 16 {
		return nil, fmt.Errorf("WAV: %d bits a sample: only 16 are written", f.Bits)
	}
	x := &WAVWriter{w: w, f: f, buf: make([]byte, 0, 32<<10)}
	x.buf = append(x.buf, x.header(math.MaxUint32, math.MaxUint32)...)
	x.head = len(x.buf)
	return x, nil
}

// header with the RIFF chunk's and the samples' sizes. G.711 files carry the
// longer format chunk and the number of frames in a fact chunk, as the format
// wants of everything but PCM.
func (x *WAVWriter) header(riff, data uint32) []byte {
	le := binary.LittleEndian
	frame := x.f.Channels * x.f.Bits / 8
	b := append([]byte(nil), "RIFF"...)
	b = le.AppendUint32(b, riff)
	b = append(b, "WAVEfmt "...)
	n := uint32(16)
	if x.f.Tag != TagPCM {
		n = 18
	}
	b = le.AppendUint32(b, n)
	b = le.AppendUint16(b, uint16(x.f.Tag))
	b = le.AppendUint16(b, uint16(x.f.Channels))
	b = le.AppendUint32(b, uint32(x.f.Rate))
	b = le.AppendUint32(b, uint32(x.f.Rate*frame))
	b = le.AppendUint16(b, uint16(frame))
	b = le.AppendUint16(b, uint16(x.f.Bits))
	if x.f.Tag != TagPCM {
		b = le.AppendUint16(b, 0)
		b = append(b, "fact"...)
		b = le.AppendUint32(b, 4)
		b = le.AppendUint32(b, data/uint32(frame))
	}
	b = append(b, "data"...)
	return le.AppendUint32(b, data)
}

// Write adds interleaved samples, encoded as the file's format wants.
func (x *WAVWriter) Write(pcm []int16) error {
	for len(pcm) > 0 && x.err == nil {
		part := pcm[:min(len(pcm), 4096)]
		pcm = pcm[len(part):]
		before := len(x.buf)
		switch x.f.Tag {
		case TagULaw:
			x.buf = EncodeULaw(x.buf, part)
		case TagALaw:
			x.buf = EncodeALaw(x.buf, part)
		default:
			for _, v := range part {
				x.buf = append(x.buf, byte(v), byte(v>>8))
			}
		}
		x.added(len(x.buf) - before)
	}
	return x.err
}

// WriteRaw adds samples that are already in the file's format: G.711 as it
// came.
func (x *WAVWriter) WriteRaw(b []byte) error {
	for len(b) > 0 && x.err == nil {
		part := b[:min(len(b), 16<<10)]
		b = b[len(part):]
		x.buf = append(x.buf, part...)
		x.added(len(part))
	}
	return x.err
}

func (x *WAVWriter) added(n int) {
	if x.size += int64(n); x.size > math.MaxUint32-1024 {
		x.err = ErrTooLong
		return
	}
	if len(x.buf) >= 16<<10 {
		x.flush()
	}
}

func (x *WAVWriter) flush() {
	if x.err == nil && len(x.buf) > 0 {
		_, x.err = x.w.Write(x.buf)
	}
	x.buf = x.buf[:0]
}

// Bytes is how long the samples are so far.
func (x *WAVWriter) Bytes() int64 { return x.size }

// Close writes what is left and the true sizes. It does not close the file.
func (x *WAVWriter) Close() error {
	pad := x.size % 2
	if pad == 1 {
		x.buf = append(x.buf, 0)
	}
	x.flush()
	if x.err != nil {
		return x.err
	}
	if _, x.err = x.w.Seek(0, io.SeekStart); x.err != nil {
		return x.err
	}
	riff := int64(x.head) - 8 + x.size + pad
	if _, x.err = x.w.Write(x.header(uint32(riff), uint32(x.size))); x.err != nil {
		return x.err
	}
	_, x.err = x.w.Seek(0, io.SeekEnd)
	return x.err
}
