package audio

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/hajimehoshi/go-mp3"
	"github.com/mewkiz/flac"
)

// ErrUnknownSound is what a file gets that is none of the forms that [Decode]
// reads.
var ErrUnknownSound = errors.New("not a sound file that is known here; WAV, MP3, FLAC, Ogg (Vorbis or Opus) and M4A are")

// decodeTimeout is how long a file may take to be read, whatever it is made to
// do to its decoder. Half an hour of sound takes a few seconds.
const decodeTimeout = time.Minute

// Decode reads a sound file in memory: WAV, MP3, FLAC, Ogg or M4A, told apart by
// what is in it and not by its name. It is mixed to one channel and at 16 kHz if
// it has that much to give, else at 8 kHz. Ogg and M4A are read by ffmpeg, in a
// process of its own; without one on the machine they get [ErrNoFFmpeg].
func Decode(ctx context.Context, raw []byte) (clip *Clip, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, decodeTimeout, errors.New("takes too long to read"))
	defer cancel()
	// A decoder that a file drives out of its bounds ends that file alone.
	defer func() {
		if p := recover(); p != nil {
			clip, err = nil, fmt.Errorf("damaged: %v", p)
		}
	}()
	switch form := formOf(raw); form {
	case "WAV":
		return readClip(ctx, bytes.NewReader(raw))
	case "MP3":
		// The decoder would read a file that can seek twice.
		d, err := mp3.NewDecoder(struct{ io.Reader }{bytes.NewReader(raw)})
		if err != nil {
			return nil, fmt.Errorf("MP3: %w", err)
		}
		return gather(ctx, &mixed{r: stereoBytes{d}, channels: 2}, d.SampleRate())
	case "FLAC":
		s, err := flac.New(bytes.NewReader(raw))
		if err != nil {
			return nil, fmt.Errorf("FLAC: %w", err)
		}
		return gather(ctx, &flacSource{s: s}, int(s.Info.SampleRate))
	case "Ogg", "M4A":
		return byFFmpeg(ctx, form, raw)
	}
	return nil, ErrUnknownSound
}

// formOf tells by its first bytes what a file is; empty: none that is known.
func formOf(raw []byte) string {
	switch {
	case bytes.HasPrefix(raw, []byte("RIFF")) && len(raw) >= 12 && string(raw[8:12]) == "WAVE":
		return "WAV"
	case bytes.HasPrefix(raw, []byte("OggS")):
		return "Ogg"
	case bytes.HasPrefix(raw, []byte("fLaC")):
		return "FLAC"
	case len(raw) > 8 && string(raw[4:8]) == "ftyp":
		return "M4A"
	case bytes.HasPrefix(raw, []byte("ID3")), len(raw) > 2 && raw[0] == 0xff && raw[1]&0xe6 == 0xe2: // layer III
		return "MP3"
	}
	return ""
}

// gather reads a source to its end.
func gather(ctx context.Context, src Source, rate int) (*Clip, error) {
	c := &Clip{Rate: Rate}
	if rate >= WideRate {
		c.Rate = WideRate
	}
	src = Resampled(src, rate, c.Rate)
	buf := make([]int16, 4096)
	for {
		n, err := src.ReadFrame(buf)
		c.PCM = append(c.PCM, buf[:n]...)
		if errors.Is(err, io.EOF) {
			return c, nil
		}
		if err != nil {
			return nil, err
		}
		if len(c.PCM) > maxClip {
			return nil, fmt.Errorf("longer than %v", time.Duration(maxClip/WideRate)*time.Second)
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
}

// mixed makes one channel of several.
type mixed struct {
	r interface {
		Read(pcm []int16) (int, error)
	} // whole samples, one channel after the other
	channels int
	buf      []int16
}

func (s *mixed) ReadFrame(pcm []int16) (int, error) {
	if need := len(pcm) * s.channels; cap(s.buf) < need {
		s.buf = make([]int16, need)
	}
	n, err := s.r.Read(s.buf[:len(pcm)*s.channels])
	for i := range n / s.channels {
		sum := 0
		for _, v := range s.buf[i*s.channels : (i+1)*s.channels] {
			sum += int(v)
		}
		pcm[i] = int16(sum / s.channels)
	}
	return n / s.channels, err
}

// stereoBytes reads 16-bit samples of two channels, the low byte first.
type stereoBytes struct{ r io.Reader }

func (s stereoBytes) Read(pcm []int16) (int, error) {
	b := make([]byte, 2*len(pcm))
	n, err := io.ReadFull(s.r, b)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF // cut short: what there is is played
	}
	n &^= 3
	for i := range n / 2 {
		pcm[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return n / 2, err
}

// flacSource mixes the channels of a FLAC stream.
type flacSource struct {
	s    *flac.Stream
	left []int16 // of the frame that was read last
}

func (f *flacSource) ReadFrame(pcm []int16) (int, error) {
	if len(f.left) == 0 {
		frame, err := f.s.ParseNext()
		if errors.Is(err, io.EOF) {
			return 0, io.EOF
		}
		if err != nil {
			return 0, fmt.Errorf("FLAC: %w", err)
		}
		if frame.SampleRate != 0 && frame.SampleRate != f.s.Info.SampleRate || len(frame.Subframes) == 0 {
			return 0, errors.New("FLAC: a frame does not fit its file")
		}
		shift := int(f.s.Info.BitsPerSample) - 16
		f.left = make([]int16, len(frame.Subframes[0].Samples))
		for i := range f.left {
			sum := 0
			for _, channel := range frame.Subframes {
				sum += int(channel.Samples[i])
			}
			sum /= len(frame.Subframes)
			if shift > 0 {
				sum >>= shift
			} else {
				sum <<= -shift
			}
			f.left[i] = int16(sum)
		}
	}
	n := copy(pcm, f.left)
	f.left = f.left[n:]
	return n, nil
}
