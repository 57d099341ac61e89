package audio

import (
	"bytes"
	"context"
	"testing"
	"time"
)

// What is encoded is decoded again, by another's decoder, as the same tone of the
// same length, at a fraction of the size.
func TestEncodeMP3(t *testing.T) {
	for _, f := range []WAVFormat{{TagPCM, 1, 8000, 16}, {TagPCM, 2, 8000, 16}, {TagULaw, 2, 8000, 8}, {TagPCM, 1, 16000, 16}} {
		file := new(memFile)
		w, err := NewWAVWriter(file, f)
		if err != nil {
			t.Fatal(err)
		}
		pcm := make([]int16, 0, 2*f.Rate*f.Channels)
		for _, v := range tone(440, f.Rate, 8000, 2*f.Rate) {
			for range f.Channels {
				pcm = append(pcm, v)
			}
		}
		if err := w.Write(pcm); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := NewWAVReader(bytes.NewReader(file.b))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := EncodeMP3(t.Context(), &out, r); err != nil {
			t.Fatal(err)
		}
		if out.Len() > 9000 {
			t.Errorf("%+v: two seconds take %d bytes", f, out.Len())
		}
		clip, err := Decode(t.Context(), out.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if clip.Duration() < 2*time.Second || clip.Duration() > 2300*time.Millisecond {
			t.Errorf("%+v: %v came back", f, clip.Duration())
		}
		middle := clip.PCM[len(clip.PCM)/4 : len(clip.PCM)*3/4]
		if in, all := ToneLevel(middle, clip.Rate, 440), Level(middle); DB(in) < DB(all)-1 {
			t.Errorf("%+v: 440 Hz has %.1f dB of %.1f dB", f, DB(in), DB(all))
		}
	}
}

func TestEncodeMP3EndsWithItsCaller(t *testing.T) {
	file := new(memFile)
	w, err := NewWAVWriter(file, WAVFormat{TagPCM, 1, 8000, 16})
	if err == nil {
		err = w.Write(make([]int16, 80000))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewWAVReader(bytes.NewReader(file.b))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := EncodeMP3(ctx, new(bytes.Buffer), r); err == nil {
		t.Error("somebody who is gone got an MP3")
	}
}
