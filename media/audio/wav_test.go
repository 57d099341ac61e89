package audio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// memFile is a file in memory.
type memFile struct {
	b  []byte
	at int
}

func (m *memFile) Write(p []byte) (int, error) {
	if need := m.at + len(p); need > len(m.b) {
		m.b = append(m.b, make([]byte, need-len(m.b))...)
	}
	m.at += copy(m.b[m.at:], p)
	return len(p), nil
}

func (m *memFile) Seek(off int64, whence int) (int64, error) {
	m.at = int(off)
	if whence == io.SeekEnd {
		m.at += len(m.b)
	}
	return int64(m.at), nil
}

func readAllWAV(b []byte) (WAVFormat, []int16, error) {
	r, err := NewWAVReader(bytes.NewReader(b))
	if err != nil {
		return WAVFormat{}, nil, err
	}
	var all []int16
	buf := make([]int16, 1000*r.Format.Channels+r.Format.Channels/2)
	for {
		n, err := r.Read(buf)
		all = append(all, buf[:n]...)
		if errors.Is(err, io.EOF) {
			return r.Format, all, nil
		}
		if err != nil {
			return r.Format, all, err
		}
	}
}

func TestWAVRoundTrip(t *testing.T) {
	in := noise(20001)
	for _, f := range []WAVFormat{
		{TagPCM, 1, 8000, 16}, {TagPCM, 2, 8000, 16}, {TagPCM, 1, 48000, 16},
		{TagULaw, 1, 8000, 8}, {TagULaw, 2, 8000, 8}, {TagALaw, 1, 8000, 8}, {TagALaw, 2, 16000, 8},
	} {
		pcm := in[:len(in)/f.Channels*f.Channels]
		var m memFile
		w, err := NewWAVWriter(&m, f)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(pcm); i += 777 {
			if err := w.Write(pcm[i:min(i+777, len(pcm))]); err != nil {
				t.Fatal(err)
			}
		}
		cut := bytes.Clone(m.b) // as a crash leaves it
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if len(m.b)%2 != 0 || binary.LittleEndian.Uint32(m.b[4:]) != uint32(len(m.b)-8) {
			t.Errorf("%+v: %d bytes, the header says %d", f, len(m.b), binary.LittleEndian.Uint32(m.b[4:])+8)
		}
		want := pcm
		switch f.Tag {
		case TagULaw:
			want = DecodeULaw(nil, EncodeULaw(nil, pcm))
		case TagALaw:
			want = DecodeALaw(nil, EncodeALaw(nil, pcm))
		}
		got, all, err := readAllWAV(m.b)
		if err != nil || got != f || !slices.Equal(all, want) {
			t.Errorf("%+v came back as %+v with %d samples, %v", f, got, len(all), err)
		}
		if len(cut) > 100 {
			if _, all, err := readAllWAV(cut); err != nil || len(all) == 0 || !slices.Equal(all, want[:len(all)]) {
				t.Errorf("%+v cut off: %d samples, %v", f, len(all), err)
			}
		}
	}
}

func TestWAVRaw(t *testing.T) {
	var m memFile
	w, err := NewWAVWriter(&m, WAVFormat{Tag: TagULaw, Channels: 1, Rate: 8000})
	if err != nil {
		t.Fatal(err)
	}
	code := EncodeULaw(nil, noise(50001))
	if err := errors.Join(w.WriteRaw(code), w.Close()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(m.b[58:58+len(code)], code) || len(m.b) != 58+50002 {
		t.Error("G.711 did not go through as it came")
	}
}

// chunk of a hand-made file.
func chunk(id string, size int, body []byte) []byte {
	b := append([]byte(id), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(b[4:], uint32(size))
	return append(b, body...)
}

func fmtChunk(tag, channels, rate, bits int, more ...byte) []byte {
	b := binary.LittleEndian.AppendUint16(nil, uint16(tag))
	b = binary.LittleEndian.AppendUint16(b, uint16(channels))
	b = binary.LittleEndian.AppendUint32(b, uint32(rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(rate*channels*bits/8))
	b = binary.LittleEndian.AppendUint16(b, uint16(channels*bits/8))
	b = binary.LittleEndian.AppendUint16(b, uint16(bits))
	b = append(b, more...)
	return chunk("fmt ", len(b), b)
}

func riff(chunks ...[]byte) []byte {
	b := []byte("RIFF\x00\x00\x00\x00WAVE")
	for _, c := range chunks {
		b = append(b, c...)
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

func TestWAVInTheField(t *testing.T) {
	pcm := []byte{1, 0, 2, 0, 3, 0}
	pcm1 := fmtChunk(1, 1, 8000, 16)
	guid := append([]byte{22, 0, 16, 0, 4, 0, 0, 0}, "\x01\x00\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"...)
	three := []int16{1, 2, 3}
	for _, c := range []struct {
		name string
		b    []byte
		want []int16
		err  bool
	}{
		{"plain", riff(pcm1, chunk("data", 6, pcm)), three, false},
		{"chunks before", riff(chunk("LIST", 4, []byte("INFO")), pcm1, chunk("fact", 4, make([]byte, 4)), chunk("data", 6, pcm)), three, false},
		{"chunks behind", riff(pcm1, chunk("data", 6, pcm), chunk("LIST", 4, []byte("INFO"))), three, false},
		{"odd chunk, padded", riff(pcm1, chunk("junk", 3, []byte("abc\x00")), chunk("data", 6, pcm)), three, false},
		{"odd chunk, not padded", riff(pcm1, chunk("junk", 3, []byte("abc")), chunk("data", 6, pcm)), three, false},
		{"size 0", riff(pcm1, chunk("data", 0, pcm)), three, false},
		{"size of a stream", riff(pcm1, chunk("data", math.MaxUint32, pcm)), three, false},
		{"size too large", riff(pcm1, chunk("data", 1000, pcm)), three, false},
		{"cut within a sample", riff(pcm1, chunk("data", 6, pcm[:5])), three[:2], false},
		{"odd size", riff(pcm1, chunk("data", 5, pcm)), three[:2], false},
		{"no samples", riff(pcm1, chunk("data", 0, nil)), nil, false},
		{"extensible", riff(fmtChunk(0xfffe, 1, 8000, 16, guid...), chunk("data", 6, pcm)), three, false},
		{"8 bit", riff(fmtChunk(1, 1, 8000, 8), chunk("data", 3, []byte{0, 128, 255})), []int16{-32768, 0, 32512}, false},
		{"24 bit", riff(fmtChunk(1, 1, 8000, 24), chunk("data", 6, []byte{9, 1, 0, 9, 0xff, 0xff})), []int16{1, -1}, false},
		{"A-law", riff(fmtChunk(6, 1, 8000, 8, 0, 0), chunk("data", 2, []byte{0xd5, 0x55})), []int16{8, -8}, false},
		{"empty", nil, nil, true},
		{"no RIFF", []byte("OggS and so on and on"), nil, true},
		{"RIFF of another kind", []byte("RIFF\x04\x00\x00\x00AVI "), nil, true},
		{"no data", riff(pcm1), nil, true},
		{"data first", riff(chunk("data", 6, pcm), pcm1), nil, true},
		{"short format", riff(chunk("fmt ", 8, make([]byte, 8)), chunk("data", 6, pcm)), nil, true},
		{"huge format", riff(chunk("fmt ", 1<<30, nil), chunk("data", 6, pcm)), nil, true},
		{"MP3 inside", riff(fmtChunk(0x55, 1, 8000, 16), chunk("data", 6, pcm)), nil, true},
		{"no channels", riff(fmtChunk(1, 0, 8000, 16), chunk("data", 6, pcm)), nil, true},
		{"no rate", riff(fmtChunk(1, 1, 0, 16), chunk("data", 6, pcm)), nil, true},
		{"12 bit", riff(fmtChunk(1, 1, 8000, 12), chunk("data", 6, pcm)), nil, true},
	} {
		_, got, err := readAllWAV(c.b)
		if (err != nil) != c.err || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
}

func TestWAVWriterRefuses(t *testing.T) {
	for _, f := range []WAVFormat{{}, {TagPCM, 1, 8000, 24}, {TagPCM, 0, 8000, 16}, {3, 1, 8000, 32}, {TagULaw, 1, 8000, 16}} {
		if _, err := NewWAVWriter(&memFile{}, f); err == nil {
			t.Errorf("%+v was taken", f)
		}
	}
	w, err := NewWAVWriter(&memFile{}, WAVFormat{Tag: TagPCM, Channels: 1, Rate: 8000})
	if err != nil {
		t.Fatal(err)
	}
	w.size = math.MaxUint32 - 2000
	if err := w.Write(make([]int16, 1000)); !errors.Is(err, ErrTooLong) {
		t.Errorf("past 4 GiB: %v", err)
	}
	// A real disk that refuses.
	f, err := os.Create(filepath.Join(t.TempDir(), "x"))
	if err != nil {
		t.Fatal(err)
	}
	w, err = NewWAVWriter(f, WAVFormat{Tag: TagPCM, Channels: 1, Rate: 8000})
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	if err := w.Write(make([]int16, 100_000)); err == nil {
		t.Error("written into a closed file")
	}
	if w.Close() == nil {
		t.Error("closed well all the same")
	}
}

func FuzzWAV(f *testing.F) {
	f.Add(riff(fmtChunk(1, 2, 8000, 16), chunk("LIST", 3, []byte("abc")), chunk("data", 8, make([]byte, 8))))
	f.Add(riff(fmtChunk(7, 1, 8000, 8, 0, 0), chunk("data", 0, make([]byte, 9))))
	f.Add(riff(fmtChunk(0xfffe, 1, 44100, 24, make([]byte, 24)...), chunk("data", 9, make([]byte, 9))))
	f.Fuzz(func(t *testing.T, b []byte) {
		format, pcm, err := readAllWAV(b)
		if err != nil {
			return
		}
		if format.check() != nil || len(pcm)%format.Channels != 0 || len(pcm) > len(b) {
			t.Fatalf("%+v with %d samples of %d bytes", format, len(pcm), len(b))
		}
		if format.Bits != 16 && format.Tag == TagPCM {
			return
		}
		var m memFile
		w, err := NewWAVWriter(&m, format)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Write(pcm), w.Close()); err != nil {
			t.Fatal(err)
		}
		if _, again, err := readAllWAV(m.b); err != nil || !slices.Equal(again, pcm) {
			t.Fatalf("%d samples came back as %d, %v", len(pcm), len(again), err)
		}
	})
}
