// Package audio owns sound as samples: the codecs that the exchange itself
// must speak (G.711, G.722), WAV files, resampling, tones and the built-in
// prompts. It knows nothing of packets, calls or users: package media paces
// its sources on the wire, package media/record renders with its decoders.
package audio

import (
	"errors"
	"io"
	"time"
)

const (
	Rate         = 8000      // samples a second of every Source unless it says otherwise
	WideRate     = 16000     // of what Wide returns
	FrameSamples = Rate / 50 // 20 ms
)

// A Source is sound that is played once, from its start. ReadFrame fills pcm
// (8 kHz mono, linear 16 bit) and says how many samples it wrote; fewer than
// asked only together with an error. The end is io.EOF, possibly with the last
// samples. A Source belongs to one listener: it is not safe for two at once.
type Source interface {
	ReadFrame(pcm []int16) (n int, err error)
}

// A Wider is a Source that was made at 16 kHz or more. Wide returns the same
// sound from its start at 16 kHz.
type Wider interface{ Wide() Source }

// Wide is s at 16 kHz, for G.722: s's own wide form if it has one, else s
// resampled. s itself must not be read after that.
func Wide(s Source) Source {
	if w, ok := s.(Wider); ok {
		return w.Wide()
	}
	return Resampled(s, Rate, WideRate)
}

// A Clip is sound in memory, shared by all who play it and never changed.
type Clip struct {
	Rate int // samples a second
	PCM  []int16
}

// Duration is how long c plays.
func (c *Clip) Duration() time.Duration {
	if c == nil || c.Rate <= 0 {
		return 0
	}
	return time.Duration(len(c.PCM)) * time.Second / time.Duration(c.Rate)
}

// Source plays c from its start.
func (c *Clip) Source() Source { return &clipSource{clip: c} }

type clipSource struct {
	clip *Clip
	at   int
	down Source // when the clip's rate is not 8 kHz
}

func (s *clipSource) ReadFrame(pcm []int16) (int, error) {
	if s.clip.Rate != Rate {
		if s.down == nil {
			s.down = Resampled(&rawClip{clip: s.clip}, s.clip.Rate, Rate)
		}
		return s.down.ReadFrame(pcm)
	}
	n := copy(pcm, s.clip.PCM[s.at:])
	s.at += n
	if s.at == len(s.clip.PCM) {
		return n, io.EOF
	}
	return n, nil
}

func (s *clipSource) Wide() Source {
	if s.clip.Rate == WideRate {
		return &rawClip{clip: s.clip}
	}
	return Resampled(&rawClip{clip: s.clip}, s.clip.Rate, WideRate)
}

// rawClip plays a clip at the clip's own rate.
type rawClip struct {
	clip *Clip
	at   int
}

func (s *rawClip) ReadFrame(pcm []int16) (int, error) {
	n := copy(pcm, s.clip.PCM[s.at:])
	s.at += n
	if s.at == len(s.clip.PCM) {
		return n, io.EOF
	}
	return n, nil
}

// PCM plays 8 kHz samples, which must not change while it plays.
func PCM(pcm []int16) Source { return (&Clip{Rate: Rate, PCM: pcm}).Source() }

// Silence is d of nothing; without end if d is negative.
func Silence(d time.Duration) Source { return &silence{rate: Rate, left: samples(d, Rate), d: d} }

type silence struct {
	rate int
	left int64 // negative: without end
	d    time.Duration
}

func (s *silence) ReadFrame(pcm []int16) (int, error) {
	n := len(pcm)
	if s.left >= 0 {
		n = int(min(int64(n), s.left))
		s.left -= int64(n)
	}
	clear(pcm[:n])
	if s.left == 0 {
		return n, io.EOF
	}
	return n, nil
}

func (s *silence) Wide() Source {
	return &silence{rate: WideRate, left: samples(s.d, WideRate), d: s.d}
}

// samples in d at a rate; -1 for a negative d, which means without end.
func samples(d time.Duration, rate int) int64 {
	if d < 0 {
		return -1
	}
	return int64(d/time.Second)*int64(rate) + int64(d%time.Second)*int64(rate)/int64(time.Second)
}

// Sequence plays its parts one after the other without a gap: a greeting, then
// the beep. A part that fails ends it with that error.
func Sequence(parts ...Source) Source { return &sequence{parts: parts} }

type sequence struct{ parts []Source }

func (s *sequence) ReadFrame(pcm []int16) (int, error) {
	n, idle := 0, 0
	for n < len(pcm) && len(s.parts) > 0 {
		m, err := s.parts[0].ReadFrame(pcm[n:])
		n += m
		switch {
		case errors.Is(err, io.EOF):
			s.parts = s.parts[1:]
			idle = 0
		case err != nil:
			return n, err
		case m == 0:
			if idle++; idle > 100 {
				return n, io.ErrNoProgress
			}
		}
	}
	if len(s.parts) == 0 {
		return n, io.EOF
	}
	return n, nil
}

func (s *sequence) Wide() Source {
	wide := make([]Source, len(s.parts))
	for i, p := range s.parts {
		wide[i] = Wide(p)
	}
	return &sequence{parts: wide}
}

// Repeat plays what again returns, anew each time, until it is stopped.
func Repeat(again func() Source) Source { return &repeat{again: again} }

type repeat struct {
	again func() Source
	cur   Source
	wide  bool
}

func (s *repeat) ReadFrame(pcm []int16) (int, error) {
	n, empty := 0, 0
	for n < len(pcm) {
		if s.cur == nil {
			if s.cur = s.again(); s.wide {
				s.cur = Wide(s.cur)
			}
		}
		m, err := s.cur.ReadFrame(pcm[n:])
		n += m
		if errors.Is(err, io.EOF) {
			s.cur = nil
			err = nil
		}
		if err != nil {
			return n, err
		}
		if m > 0 {
			empty = 0
		} else if empty++; empty > 100 {
			return n, io.ErrNoProgress // an empty sound repeated
		}
	}
	return n, nil
}

func (s *repeat) Wide() Source { return &repeat{again: s.again, wide: true} }

// ReadAll is everything that s plays. It is for sounds known to end.
func ReadAll(s Source) ([]int16, error) {
	var all []int16
	buf := make([]int16, 4*FrameSamples)
	for {
		n, err := s.ReadFrame(buf)
		all = append(all, buf[:n]...)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
	}
}
