package routing

import (
	"time"

	"strowger/store"
)

// Facts are all that [Decide] knows of a call beside the configuration. The
// server builds them from an authenticated INVITE, the simulator from a
// question.
type Facts struct {
	Now  time.Time
	Seed uint64 // chance, where a rule needs it

	// Who calls: exactly one of LineID (a contact method that proved itself)
	// and TrunkID (a carrier that proved itself) is set.
	LineID  string
	TrunkID string

	// To is what was dialled: the user part of the Request-URI, %-escapes
	// decoded, or the number of a tel: URI. ToHost is the Request-URI's host
	// when it is not one of ours, else empty.
	To     string
	ToHost string

	// GRUU is set where the Request-URI names one phone of a line. Only calls of
	// lines have it.
	GRUU GRUU

	// What the INVITE says of the caller, unchecked: [Decide] knows what to
	// believe.
	FromUser     string // user part of From, or its number
	FromName     string // display name of From
	Asserted     string // user part of P-Asserted-Identity
	AssertedName string
	Preferred    string // user part of P-Preferred-Identity
	Privacy      bool   // Privacy asks for id, user or header; or From is anonymous

	// What a call that was diverted before it came to us brings along:
	// Hops counts the entries of History-Info beyond the first and the sum of
	// the Diversion counters, whichever is more; Visited holds the numbers met,
	// without the one that the call is now for (the last entry of
	// History-Info, RFC 7044 §5); no more than Hops of them count.
	Hops    int
	Visited []string
}

// A GRUU names one phone of a line (RFC 5627). The zero value names none.
type GRUU struct {
	AOR      string // the line's user name
	User     string // as in the URI: the AOR, or what hides it in a temporary one
	Instance string // the value of "gr", empty in a temporary one
}

// A Plan is what [Decide] answers: a tree of steps in which every branch ends,
// and why it is so. Branches that go on alike share their steps, and plans
// share the steps of common endings: nobody changes one.
type Plan struct {
	Revision  uint64 // of the snapshot
	Direction store.Direction
	Emergency bool
	Caller    Party
	Called    Party
	Withheld  bool // the caller is not to be known to the called side; Caller names one of ours all the same
	First     Step // never nil
	Trace     []store.Decision
	// Sentence says in plain words what happens to the call; the simulator,
	// the CLI and a real call's trace show this one.
	Sentence string
}

// A Party is one end of a call as the configuration knows it.
type Party struct {
	UserID  string
	LineID  string
	TrunkID string
	Number  string // E.164 with "+", an internal number, or empty
	Name    string
}

// A Step is a node of a plan: *Ring, *Divert, *Voicemail, *Service or *Refuse.
type Step interface{ step() }

// Ring lets targets ring, all at once. One that answers takes the call; when
// all are final and none did, the first cause in the order declined, busy, no
// answer, failed, absent decides which branch goes on. None is nil.
type Ring struct {
	Targets []Target
	For     time.Duration // until no answer
	Scope   store.RejectScope

	Branches
	// Rejected goes on where a refusal ended not just its own branch (Scope):
	// what else of the user could still ring does not. Nil: as [Branches] do.
	Rejected *Branches
}

// Branches are how a call goes on, by the cause that counts.
type Branches struct {
	OnDeclined, OnBusy, OnNoAnswer, OnFailed, OnAbsent Step
}

func branches(by [5]Step) Branches {
	return Branches{by[declined], by[busy], by[noAnswer], by[failed], by[absent]}
}

// Steps are the branches in the order declined, busy, no answer, failed, absent.
func (b *Branches) Steps() [5]Step {
	return [5]Step{b.OnDeclined, b.OnBusy, b.OnNoAnswer, b.OnFailed, b.OnAbsent}
}

// Divert tells the caller that the call moves on (181) and adds a diversion to
// all that follows.
type Divert struct {
	By     Diversion
	Next   Step
	Silent bool // no 181: the caller's own organization routes on (main number, direct number)
}

// Voicemail answers the call, plays the greeting and takes a message.
type Voicemail struct {
	UserID     string
	LineID     string
	GreetingID string // an audio file; empty: the built-in greeting
}

// Service answers the call itself: action is one of the feature actions.
type Service struct {
	Action string
	Args   string
}

// Refuse ends the call. Where a carrier was the only target and answered for
// the callee (4xx, 6xx), its own answer says more and is passed on instead.
type Refuse struct {
	Status int    // SIP
	Phrase string // SIP reason phrase
	Cause  int    // Q.850, 0: none
	Text   string // of the Reason header
	Prompt string // spoken in a 183 of at most 5 s before; empty: none
}

func (*Ring) step()      {}
func (*Divert) step()    {}
func (*Voicemail) step() {}
func (*Service) step()   {}
func (*Refuse) step()    {}

// TargetKind says what a target is.
type TargetKind string

const (
	TargetLine  TargetKind = "line"  // every binding of a line, or one phone's
	TargetTrunk TargetKind = "trunk" // an external number, by the first trunk that takes it
	TargetURI   TargetKind = "uri"   // a SIP forwarding
)

// A Target is one thing to ring.
type Target struct {
	Kind   TargetKind
	UserID string // whose contact method it is, empty for a plain external call
	LineID string // contact method

	AOR    string       // TargetLine: its user name, the key of the registrar
	GRUU   GRUU         // TargetLine: of its phones only this one
	Number string       // TargetTrunk: E.164 with "+", or an emergency number as dialled
	Routes []TrunkRoute // TargetTrunk: in the order to try
	URI    URI          // TargetURI

	Shown      Identity    // to a line or a URI; a trunk's is in its route
	Diversions []Diversion // newest first, shown to lines and URIs
	Record     *Record     // nil: not recorded
	Announce   *Announce   // nil: none
	Codecs     []string    // empty: whatever is offered
	SRTP       store.SRTPPolicy
	Process30x bool // follow redirections (only a SIP forwarding may)
}

// URI is where a SIP forwarding goes.
type URI struct {
	User, Host string
	Port       int
	Transport  string
}

// A TrunkRoute is one carrier that can take a number, and what it is shown.
type TrunkRoute struct {
	TrunkID    string
	Shown      Identity
	Diversions []Diversion // newest first; not nil but empty where the carrier wants none
}

// An Identity is who the called side is told is calling.
type Identity struct {
	User        string // number or user name of From, and of Remote-Party-ID where Asserted is empty; empty when anonymous
	Name        string // display name of From
	Anonymous   bool   // From is anonymous@anonymous.invalid, with Privacy: id
	Asserted    string // P-Asserted-Identity, only to those who may know; empty: none
	RemoteParty bool   // Remote-Party-ID too
}

// A Diversion is one step that a call was turned aside at (RFC 5806, RFC 7044).
type Diversion struct {
	User   string // number or user name of who diverts
	Reason string // RFC 5806: user-busy no-answer unavailable unconditional do-not-disturb time-of-day unknown
	Status int    // SIP status that caused it, for History-Info's Reason; 302 when unconditional
	// Counter is how many diversions the entry stands for (RFC 5806 §5);
	// 0 is 1. More only where older ones came without a number to show.
	Counter int
}

// Record says that a capture is due once the target answers.
type Record struct {
	UserIDs           []string // for whom, caller first
	DeliveryMethodIDs []string
	Why               string
}

// Announce is played after the answer, before the bridge.
type Announce struct {
	AudioID string
	To      store.AnnouncementTo
}
