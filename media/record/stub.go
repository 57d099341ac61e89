// Package record owns captured media: the spool that packets are appended to
// while a call lasts, its rendering into a WAV file, and the ledger that proves
// none is missing. It leaves to package media where packets come from, and to
// its caller who is recorded and where the ledger is stored.
package record

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"
)

var errStub = errors.New("record: not built yet")

// Format has the fields of media.Format, so that record.Format(f) converts one.
type Format struct {
	PT       uint8
	Name     string
	Rate     int // RTP clock
	Channels int
	Fmtp     string
}

type SideInfo struct{ Formats []Format }

// Header opens a spool.
type Header struct {
	ID        string
	StartedAt time.Time // with its monotonic reading; the time line's zero
	Sides     [2]SideInfo
	Mono      bool // both sides in one channel: voicemail
	Paused    bool // capture begins with the first Resume
	Meta      json.RawMessage
}

// A Spool is being captured.
type Spool struct{ sides [2]Side }

func Create(path string, h Header) (*Spool, error) { return nil, errStub }

// Side is 0 for the caller, 1 for the callee.
func (s *Spool) Side(i int) *Side { return &s.sides[i] }

func (s *Spool) Pause(at time.Time)       {}
func (s *Spool) Resume(at time.Time)      {}
func (s *Spool) Close(at time.Time) error { return errStub }

// A Side is a media.Tap.
type Side struct{ _ int }

func (s *Side) Packet(at time.Time, rtp []byte) {}

// SetFormats says what the payload types of the packets that follow mean.
func (s *Side) SetFormats(f []Format) {}

type Result struct {
	Duration    time.Duration
	SHA256      string // hexadecimal, of exactly the file's bytes
	Bytes       int64
	Interrupted bool     // the spool has no end record: a crash
	Notes       []string // what could not be rendered, for people
	Packets     uint64
	Dropped     uint64
}

func Render(ctx context.Context, spoolPath, wavPath string) (Result, error) {
	return Result{}, errStub
}

// States of an Entry.
const (
	Expected  = "expected"
	Capturing = "capturing"
	Captured  = "captured"
	Delivered = "delivered"
	Failed    = "failed"
)

// Kinds of an Entry.
const (
	KindRecording = "recording"
	KindVoicemail = "voicemail"
)

// An Entry is one capture's line of the ledger.
type Entry struct {
	ID          string // unique in the exchange; [A-Za-z0-9._-], 1 to 64
	Kind        string
	State       string
	Spool       string // below the data directory
	File        string // below the data directory
	SHA256      string
	Error       string
	Bytes       int64
	DurationMS  int64
	Interrupted bool
	CreatedAt   time.Time
	Org         string
	Meta        json.RawMessage // the caller's, kept as it is
}

// Ledger is where entries are kept. Each call returns when it is on disk.
type Ledger interface {
	Put(ctx context.Context, e Entry) error
	Unfinished(ctx context.Context) ([]Entry, error) // neither delivered nor failed
	Delete(ctx context.Context, e Entry) error       // a discarded capture; absent is no error
}

type Options struct {
	Workers int // renders at once; 1 if 0
	Log     *slog.Logger
	Now     func() time.Time
	// Deliver takes a captured entry to its delivery methods; nil: the disk is
	// the only one. An error is tried again later.
	Deliver func(ctx context.Context, e Entry) error
	// Changed is told each entry after its state is on disk. It must not block.
	Changed func(e Entry)
}

type Recorder struct{ _ int }

func NewRecorder(dir string, l Ledger, o Options) (*Recorder, error) { return nil, errStub }

// Expect writes that a capture is owed. Blocks for the ledger: not on a call's loop.
func (r *Recorder) Expect(ctx context.Context, e Entry) error { return errStub }

// Begin starts a capture. Blocks for the ledger: not on a call's loop.
func (r *Recorder) Begin(ctx context.Context, id string, h Header) (*Spool, error) {
	return nil, errStub
}

// Finish ends the capture and queues its rendering; it does not block.
func (r *Recorder) Finish(id string, at time.Time) {}

// Discard drops a capture with its entry: a voicemail too short to keep, an
// expected recording whose call was never answered. It does not block.
func (r *Recorder) Discard(id string) {}

// Fail says that an expected capture can't be had: an alarm. It does not block.
func (r *Recorder) Fail(id string, err error) {}

// Salvage renders what a crash left. Call it once, before the first Expect.
func (r *Recorder) Salvage(ctx context.Context) error { return errStub }

// Close ends open captures and waits for renders until ctx is done.
func (r *Recorder) Close(ctx context.Context) error { return errStub }

// Counters for metrics.
type Counters struct {
	Expected, Capturing, Captured, Delivered, Failed uint64 // entries that reached the state
	Active                                           int    // being captured now
	Queue                                            int    // waiting for or under rendering and delivery
	Missing                                          uint64 // alarm: expected, and not to be had whole
	Interrupted                                      uint64
	DroppedPackets                                   uint64 // the disk did not keep up
	Trouble                                          uint64 // writes that failed and are tried again
}

func (r *Recorder) Counters() Counters { return Counters{} }

// Limits end a voicemail message.
type Limits struct {
	Max     time.Duration // 3 min if 0
	Min     time.Duration // shorter is not kept; 1 s if 0
	Silence time.Duration // ends it; 5 s if 0
	Level   float64       // dB of full scale below which it is silence; -45 if 0
}

// A Meter is a Tap that measures how long somebody spoke. Chain it before a Side.
type Meter struct{ _ int }

// Reason a message ended.
type Reason string

const (
	StillGoing Reason = ""
	TooLong    Reason = "max_length"
	WentSilent Reason = "silence"
)

type Tap interface {
	Packet(at time.Time, rtp []byte)
}

func NewMeter(l Limits, formats []Format, started time.Time, next Tap) *Meter { return &Meter{} }
func (m *Meter) Packet(at time.Time, rtp []byte)                              {}
func (m *Meter) SetFormats(f []Format)                                        {}

// Ended says at now whether the message is over, and why. Ask each 500 ms.
func (m *Meter) Ended(now time.Time) Reason { return StillGoing }

// Keep says whether what was heard is long enough to keep.
func (m *Meter) Keep(now time.Time) bool { return true }
