package audio

import (
	"errors"
	"io"
	"time"
)

var errStub = errors.New("audio: not built yet")

type G722Encoder struct{ _ int }

func NewG722Encoder() *G722Encoder { return &G722Encoder{} }

// Encode appends 16 kHz samples as G.722 (64 kbit/s) to dst; 320 samples make 160 bytes.
func (e *G722Encoder) Encode(dst []byte, pcm []int16) []byte { return dst }

type G722Decoder struct{ _ int }

func NewG722Decoder() *G722Decoder { return &G722Decoder{} }

// Decode appends the 16 kHz samples of b to dst.
func (d *G722Decoder) Decode(dst []int16, b []byte) []int16 { return dst }

// A Resampler changes the rate of a stream: 8, 16, 48 kHz.
type Resampler struct{ _ int }

func NewResampler(from, to int) (*Resampler, error)            { return &Resampler{}, nil }
func (r *Resampler) Resample(dst []int16, pcm []int16) []int16 { return dst }

// Resampled is s, which plays at from, at to.
func Resampled(s Source, from, to int) Source { return s }

// WAVFormat is what a WAV file holds.
type WAVFormat struct {
	Tag      int // 1 PCM, 6 A-law, 7 µ-law
	Channels int
	Rate     int
	Bits     int
}

type WAVReader struct{ Format WAVFormat }

func NewWAVReader(r io.Reader) (*WAVReader, error)       { return nil, errStub }
func (r *WAVReader) Read(pcm []int16) (n int, err error) { return 0, errStub } // interleaved samples

type WAVWriter struct{ _ int }

func NewWAVWriter(w io.WriteSeeker, f WAVFormat) (*WAVWriter, error) { return nil, errStub }
func (w *WAVWriter) Write(pcm []int16) error                         { return errStub }
func (w *WAVWriter) Close() error                                    { return errStub }

// File plays a WAV file, loaded whole and shared by its listeners.
func File(path string) (Source, error) { return nil, errStub }

// LoadWAV reads a WAV file into memory, mixed to mono.
func LoadWAV(path string) (*Clip, error) { return nil, errStub }

// Sine is a pure tone at dB below full scale (say -12); without end if d is negative.
func Sine(hz float64, db float64, d time.Duration) Source { return Silence(d) }

// Beep is the voicemail tone.
func Beep() Source { return Silence(time.Second / 2) }

// Ringback, Busy and Congestion are a country's (ISO 3166 two letters) supervisory tones, without end.
func Ringback(country string) Source   { return Silence(-1) }
func Busy(country string) Source       { return Silence(-1) }
func Congestion(country string) Source { return Silence(-1) }

// Names of prompts.
const (
	PromptUnavailable  = "voicemail-greeting" // the person you are calling is not available …
	PromptSaved        = "message-saved"
	PromptTooShort     = "message-too-short"
	PromptGoodbye      = "goodbye"
	PromptNotAllowed   = "not-allowed"
	PromptNotInService = "not-in-service"
	PromptNotAvailable = "not-available"
	PromptCircuitsBusy = "circuits-busy"
	PromptEcho         = "echo-test"
	PromptCouldNot     = "call-could-not-be-completed"
)

// Prompt is a built-in announcement; English when lang has none.
func Prompt(lang, name string) (Source, bool) { return nil, false }

// Prompts are the names in a language's catalogue, sorted.
func Prompts(lang string) []string { return nil }

// SpokenTime says t's time of day.
func SpokenTime(lang string, t time.Time) Source { return Silence(0) }

// ToneLevel is the level of hz in pcm, in dB relative to a full-scale sine; -120 at least.
func ToneLevel(pcm []int16, rate int, hz float64) float64 { return -120 }
