package store

import "time"

// What follows is not configuration: it has no revisions and its own write
// path (see architecture in the README).

// A Binding is one contact that a phone registered for an AOR (RFC 3261 §10).
type Binding struct {
	Org             string    `json:"org"`
	AOR             string    `json:"aor"` // the line's user name
	ContactMethodID string    `json:"contact_method_id"`
	UserID          string    `json:"user_id"`
	DeviceID        string    `json:"device_id,omitempty"` // app device, if one registered it
	Contact         string    `json:"contact"`             // the Contact URI as sent
	Params          string    `json:"params,omitempty"`    // its other header parameters, as sent
	Target          string    `json:"target"`              // host:port that requests are sent to
	Transport       string    `json:"transport"`           // udp tcp tls ws wss
	Local           string    `json:"local"`               // our listener's address
	FlowID          uint64    `json:"flow_id,omitempty"`   // of a stream; 0 for UDP
	Path            []string  `json:"path,omitempty"`      // RFC 3327
	InstanceID      string    `json:"instance_id,omitempty"`
	RegID           int       `json:"reg_id,omitempty"` // RFC 5626
	Q               int       `json:"q"`                // in thousandths, 1000 when absent
	UserAgent       string    `json:"user_agent,omitempty"`
	CallID          string    `json:"call_id"`
	CSeq            uint32    `json:"cseq"`
	GRUU            string    `json:"gruu,omitempty"` // public GRUU (RFC 5627)
	ExpiresAt       time.Time `json:"expires_at"`
	UpdatedAt       time.Time `json:"updated_at"`
}

// Direction of a call, as the organization sees it.
type Direction string

const (
	DirInternal Direction = "internal"
	DirInbound  Direction = "inbound"
	DirOutbound Direction = "outbound"
)

// Result of a call.
type Result string

const (
	ResultAnswered  Result = "answered"
	ResultBusy      Result = "busy"
	ResultNoAnswer  Result = "no_answer"
	ResultCancelled Result = "cancelled"
	ResultRefused   Result = "refused"
	ResultFailed    Result = "failed"
)

type Outcome struct {
	Result   Result `json:"result,omitempty"`
	Code     int    `json:"code,omitempty"` // SIP status the caller got
	Reason   string `json:"reason,omitempty"`
	HungUpBy string `json:"hung_up_by,omitempty"` // caller callee exchange
}

// Quality is what was measured of the media that one leg sent us. MOS is 0
// when nothing was measured: it is never a default.
type Quality struct {
	MOS       float64 `json:"mos,omitempty"`
	Loss      float64 `json:"loss"` // share of packets expected, 0 to 1
	JitterMS  float64 `json:"jitter_ms"`
	Packets   uint64  `json:"packets"`
	LastMS    int64   `json:"last_ms,omitempty"` // since the call's start, of the last packet
	RoundTrip float64 `json:"round_trip_ms,omitempty"`
}

type CallLeg struct {
	ID              string    `json:"id"`
	Side            string    `json:"side"` // a or b
	UserID          string    `json:"user_id,omitempty"`
	ContactMethodID string    `json:"contact_method_id,omitempty"`
	TrunkID         string    `json:"trunk_id,omitempty"`
	Peer            string    `json:"peer"` // number, user name or URI
	Target          string    `json:"target,omitempty"`
	State           string    `json:"state"` // calling ringing answered held ended
	Codec           string    `json:"codec,omitempty"`
	Code            int       `json:"code,omitempty"` // final SIP status
	SIPCallID       string    `json:"sip_call_id"`
	StartedAt       time.Time `json:"started_at"`
	AnsweredAt      time.Time `json:"answered_at,omitzero"`
	EndedAt         time.Time `json:"ended_at,omitzero"`
	Quality         *Quality  `json:"quality,omitempty"`
}

// Anonymous is what a record calls somebody whose number is not to be known.
const Anonymous = "anonymous"

// A Call is a call's record: kept while it lives for `strowger calls` and
// stored once it has ended.
type Call struct {
	ID           string    `json:"id"`
	Org          string    `json:"-"`
	Direction    Direction `json:"direction"`
	State        string    `json:"state"` // active ended
	From         string    `json:"from"`
	FromName     string    `json:"from_name,omitempty"`
	To           string    `json:"to"`
	UserIDs      []string  `json:"user_ids"`
	Legs         []CallLeg `json:"legs"`
	StartedAt    time.Time `json:"started_at"`
	AnsweredAt   time.Time `json:"answered_at,omitzero"`
	EndedAt      time.Time `json:"ended_at,omitzero"`
	Outcome      Outcome   `json:"outcome,omitzero"`
	RecordingIDs []string  `json:"recording_ids"`
	Revision     uint64    `json:"revision"` // of the configuration that routed it
	// Withheld: the caller wants to be unknown to the called side (RFC 3323).
	// Nothing of an outside caller is kept then; From and the rest name one of
	// our own, and only administrators and the caller may read them.
	Withheld     bool   `json:"withheld"`
	CallerUserID string `json:"-"` // who called; empty for somebody outside
}

// A Decision is one rule that routing looked at.
type Decision struct {
	Rule   string            `json:"rule"`
	Taken  bool              `json:"taken"`
	Why    string            `json:"why"`
	Inputs map[string]string `json:"inputs,omitempty"`
}

// A LadderStep is one SIP message of a call, credentials removed.
type LadderStep struct {
	At      time.Time `json:"at"`
	From    string    `json:"from"`
	To      string    `json:"to"`
	Summary string    `json:"summary"`
	Message string    `json:"message"`
}

// A QualitySample is what was measured of a leg's media since the sample before.
type QualitySample struct {
	AtMS     int64   `json:"at_ms"` // since the call's start
	Loss     float64 `json:"loss"`  // share of packets expected, 0 to 1
	JitterMS float64 `json:"jitter_ms"`
	MOS      float64 `json:"mos,omitempty"` // 0: not measured
}

// A LegQuality is how well one leg was heard as the call went on.
type LegQuality struct {
	LegID   string          `json:"leg_id"`
	Samples []QualitySample `json:"samples"`
}

// A Trace is why a call went where it went, and how it sounded. Decisions and
// quality live as long as the call's record, the ladder for 24 hours.
type Trace struct {
	CallID    string       `json:"call_id"`
	Sentence  string       `json:"sentence"`
	Decisions []Decision   `json:"decisions"`
	Ladder    []LadderStep `json:"ladder"`
	Quality   []LegQuality `json:"quality"`
}

// RecordingState is a step of the ledger: each is written before the next
// begins.
type RecordingState string

const (
	RecordingExpected  RecordingState = "expected"  // a rule wants it; nothing captured yet
	RecordingCapturing RecordingState = "capturing" // packets go to the spool
	RecordingCaptured  RecordingState = "captured"  // rendered and hashed
	RecordingDelivered RecordingState = "delivered" // on disk and at every delivery method
	RecordingFailed    RecordingState = "failed"    // an alarm
)

// DeliveryState is how far a capture is on its way to a delivery method.
type DeliveryState string

const (
	DeliveryWaiting   DeliveryState = "waiting" // for the end of the capture
	DeliveryQueued    DeliveryState = "queued"  // in the outbox
	DeliveryDelivered DeliveryState = "delivered"
	DeliveryFailed    DeliveryState = "failed" // given up, until somebody retries
)

// A Delivery is one place a recording or a voicemail must reach, and the proof
// that it did.
type Delivery struct {
	DeliveryMethodID string        `json:"delivery_method_id"`
	State            DeliveryState `json:"state"`
	Tries            int           `json:"tries"`
	At               time.Time     `json:"at,omitzero"` // of the last try
	Error            string        `json:"error,omitempty"`
	SHA256           string        `json:"sha256,omitempty"` // of the bytes that were sent
	Where            string        `json:"where,omitempty"`  // they are now
}

// JobKind says what a job of the outbox sends.
type JobKind string

const (
	JobRecording JobKind = "recording"
	JobVoicemail JobKind = "voicemail"
	JobMail      JobKind = "mail"
)

// JobState is where a job of the outbox stands.
type JobState string

const (
	JobQueued JobState = "queued" // tried until it is done or dead
	JobDone   JobState = "done"
	JobDead   JobState = "dead" // given up: it is retried or discarded by hand
)

// A Job is one thing that the exchange has promised to send.
type Job struct {
	ID               string    `json:"id"`
	Org              string    `json:"-"`
	Kind             JobKind   `json:"kind"`
	What             string    `json:"what"`                         // the id of what is sent; of a mail, its subject
	DeliveryMethodID string    `json:"delivery_method_id,omitempty"` // empty: the mail server
	State            JobState  `json:"state"`
	Attempts         int       `json:"attempts"`
	CreatedAt        time.Time `json:"created_at"`
	Since            time.Time `json:"since"`             // tries are counted from here: creation, or the last retry by hand
	NextTry          time.Time `json:"next_try,omitzero"` // while it is queued
	EndedAt          time.Time `json:"ended_at,omitzero"`
	LastError        string    `json:"last_error,omitempty"`
	Where            string    `json:"where,omitempty"` // what was sent is now
	Sealed           []byte    `json:"-"`               // of a mail: what it says
}

// A QueuedJob is a job that waits to be sent.
type QueuedJob struct {
	Org, ID          string
	DeliveryMethodID string // empty: the mail server
	NextTry          time.Time
}

// A Mail is a message to people. Text is always there; HTML may say the same
// more nicely.
type Mail struct {
	To          []string     `json:"to"`
	Subject     string       `json:"subject"`
	Text        string       `json:"text"`
	HTML        string       `json:"html,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
}

// An Attachment is a file in a mail. With a ContentID it is an image within the
// HTML, which names it as cid:ContentID.
type Attachment struct {
	Name      string `json:"name"`
	Type      string `json:"type"` // a media type
	ContentID string `json:"content_id,omitempty"`
	Data      []byte `json:"data"`
}

// A CallRecording is one capture and its line of the ledger.
type CallRecording struct {
	ID          string         `json:"id"`
	Org         string         `json:"-"`
	CallID      string         `json:"call_id"`
	UserIDs     []string       `json:"user_ids"`
	Direction   Direction      `json:"direction"`
	From        string         `json:"from"`
	To          string         `json:"to"`
	CreatedAt   time.Time      `json:"created_at"`
	DurationMS  int64          `json:"duration_ms"`
	Format      string         `json:"format"` // wav
	SHA256      string         `json:"sha256"`
	Bytes       int64          `json:"bytes"`
	State       RecordingState `json:"state"`
	Error       string         `json:"error,omitempty"`
	Interrupted bool           `json:"interrupted"`
	Deliveries  []Delivery     `json:"deliveries"`
	Spool       string         `json:"spool,omitempty"` // below spool/
	File        string         `json:"file,omitempty"`  // below the data directory

	Withheld     bool   `json:"withheld"` // as in the call's record
	CallerUserID string `json:"-"`
}

// A Voicemail is one message. It is the called user's: a caller who withholds
// the number is not named in it.
type Voicemail struct {
	ID              string         `json:"id"`
	Org             string         `json:"-"`
	CallID          string         `json:"call_id"`
	UserID          string         `json:"user_id"`
	ContactMethodID string         `json:"contact_method_id"`
	Direction       Direction      `json:"direction"`
	From            string         `json:"from"`
	FromName        string         `json:"from_name,omitempty"`
	To              string         `json:"to"`
	CreatedAt       time.Time      `json:"created_at"`
	DurationMS      int64          `json:"duration_ms"`
	Format          string         `json:"format"`
	SHA256          string         `json:"sha256"`
	Bytes           int64          `json:"bytes"`
	State           RecordingState `json:"state"`
	Error           string         `json:"error,omitempty"`
	Interrupted     bool           `json:"interrupted"`
	Read            bool           `json:"read"`
	Deliveries      []Delivery     `json:"deliveries"`
	Spool           string         `json:"spool,omitempty"`
	File            string         `json:"file,omitempty"`
}

// A Session is a person who is signed in on the web. It is immutable once it is
// stored.
type Session struct {
	ID        string
	Org       string
	UserID    string
	Hash      string    // SHA-256 of the text that the browser sends, in hexadecimal
	CreatedAt time.Time // of the sign-in
	SeenAt    time.Time // of the last request, to the minute
	Source    string    // address that signed in
	UserAgent string
	By        SignInMethod

	standing string // of the user at the sign-in
}

// A SignInMethod is what a session began with.
type SignInMethod string

const (
	ByPassword SignInMethod = ""
	ByPasskey  SignInMethod = "passkey"
	ByOpenID   SignInMethod = "openid"
)

// What is known of a trunk.
const (
	TrunkUp      = "up"      // it answered, or we are registered there
	TrunkDown    = "down"    // it does not answer, or takes no registration
	TrunkUnknown = "unknown" // it is not asked, or has not answered yet: the next call will tell
)

// TrunkStatus is a trunk's health as last seen.
type TrunkStatus struct {
	ID         string    `json:"id"`
	Up         bool      `json:"up"` // calls go there: it is not known to be down
	State      string    `json:"state"`
	Registered bool      `json:"registered"`
	Why        string    `json:"why,omitempty"`
	ChangedAt  time.Time `json:"changed_at,omitzero"`
	Calls      int       `json:"calls"`
}

// A Ban is a source whose packets are dropped at the first look.
type Ban struct {
	Address string    `json:"address"` // an IPv4 address or an IPv6 /64
	Reason  string    `json:"reason"`
	Until   time.Time `json:"until"`
}

// A Fetch is the last time that a desk phone was given a file of its
// configuration.
type Fetch struct {
	At        time.Time `json:"at"`
	File      string    `json:"file"`
	Address   string    `json:"address"` // the source's, without its port
	UserAgent string    `json:"user_agent"`
}

// BindingKey names one stored binding.
type BindingKey struct {
	Org, AOR, Contact, InstanceID string
	RegID                         int
}
