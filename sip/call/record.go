package call

import (
	"context"
	"log/slog"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/routing"
	"strowger/store"
)

// open begins the call's record and makes the call known.
func (c *Call) open(callID string) {
	now := time.Now()
	c.record = store.Call{
		ID: c.id, Org: c.snap.Organization.ID, Direction: c.plan.Direction, State: "active",
		From: c.callerName(), FromName: c.plan.Caller.Name, Withheld: c.plan.Withheld, CallerUserID: c.plan.Caller.UserID,
		To: c.facts.To, StartedAt: now, Revision: c.plan.Revision,
	}
	if c.record.Direction == "" {
		c.record.Direction, c.plan.Direction = store.DirInternal, store.DirInternal
	}
	for _, p := range []routing.Party{c.plan.Caller, c.plan.Called} {
		c.noteUser(p.UserID)
	}
	c.trace = append(c.trace, c.plan.Trace...)
	c.x.table.add(c, callID)
	c.x.Metrics.started(c)
	from := masked(c.record.From)
	if c.plan.Withheld {
		from = store.Anonymous // logs go further than records
	}
	c.say("call", "direction", string(c.plan.Direction), "from", from, "to", masked(c.record.To), "plan", c.plan.Sentence)
}

func (c *Call) noteUser(id string) {
	if id == "" {
		return
	}
	for _, u := range c.record.UserIDs {
		if u == id {
			return
		}
	}
	c.record.UserIDs = append(c.record.UserIDs, id)
}

// callerName is who calls, for the record. From counts where routing found no
// number in it, but never that of an outside caller: who withholds the number may
// have written it there, and anybody may write a colleague's name.
func (c *Call) callerName() string {
	switch {
	case c.plan.Caller.Number != "":
		return c.plan.Caller.Number
	case c.facts.FromUser != "" && c.plan.Caller.TrunkID == "" && !c.plan.Withheld:
		return c.facts.FromUser
	}
	return store.Anonymous
}

// masked hides all but the last digits of an external number in the log.
func masked(number string) string {
	if len(number) < 8 || number == store.Anonymous {
		return number
	}
	return number[:len(number)-6] + "****" + number[len(number)-2:]
}

// recordCaller adds the A leg's row.
func (c *Call) recordCaller(l *Leg, req *sip.Request) {
	c.record.Legs = append(c.record.Legs, store.CallLeg{
		ID: c.id + "-a", Side: "a", UserID: c.plan.Caller.UserID, ContactMethodID: c.plan.Caller.LineID, TrunkID: c.plan.Caller.TrunkID,
		Peer: c.record.From, Target: l.flow.Remote().String(), State: "calling",
		SIPCallID: req.CallID().Value(), StartedAt: c.record.StartedAt,
	})
}

// recordCallee adds a B leg's row.
func (c *Call) recordCallee(l *Leg) {
	t := l.branch.target
	peer := t.AOR
	switch t.Kind {
	case routing.TargetTrunk:
		peer = t.Number
	case routing.TargetURI:
		peer = t.URI.User + "@" + t.URI.Host
	}
	c.noteUser(t.UserID)
	c.record.Legs = append(c.record.Legs, store.CallLeg{
		ID: c.id + "-b" + itoa(len(c.legs)), Side: "b", UserID: t.UserID, ContactMethodID: t.LineID, TrunkID: l.trunk,
		Peer: peer, Target: l.flow.Remote().String(), State: "calling", StartedAt: time.Now(),
	})
}

// recordAnswer marks a leg as talking.
func (c *Call) recordAnswer(l *Leg) { c.recordAnswerAt(l, c.answered) }

func (c *Call) recordAnswerAt(l *Leg, at time.Time) {
	row := &c.record.Legs[l.row]
	if row.AnsweredAt.IsZero() {
		row.State, row.AnsweredAt, row.Code = "answered", at, 200
	}
}

// legEnded marks a leg as over.
func (c *Call) legEnded(l *Leg, status int) {
	if l.row >= len(c.record.Legs) {
		return
	}
	row := &c.record.Legs[l.row]
	row.State, row.EndedAt = "ended", time.Now()
	if status > 0 && row.Code == 0 {
		row.Code = status
	}
}

// measure takes what the leg's media measured into the record.
func (c *Call) measure(l *Leg) {
	e := l.audio()
	if e == nil || l.row >= len(c.record.Legs) {
		return
	}
	s := e.Stats()
	row := &c.record.Legs[l.row]
	row.Codec = s.Codec
	if s.Received == 0 {
		return
	}
	row.Quality = &store.Quality{
		MOS: s.MOS, Loss: s.LossShare, JitterMS: s.JitterMS, Packets: s.Received, RoundTrip: s.RoundTripMS,
	}
	if !s.LastPacket.IsZero() {
		row.Quality.LastMS = s.LastPacket.Sub(c.record.StartedAt).Milliseconds()
	}
	if s.MOS > 0 {
		c.x.Metrics.MOS.Observe(s.MOS)
	}
}

// decided adds what happened after routing to the call's trace.
func (c *Call) decided(rule string, taken bool, why string, inputs map[string]string) {
	c.trace = append(c.trace, store.Decision{Rule: rule, Taken: taken, Why: why, Inputs: inputs})
}

func (c *Call) noteAbsent(t *routing.Target) {
	c.decided("registered", false, t.AOR+" has no phone registered", nil)
}

// writeRecord closes the media and the record, and hands it to the store, whose
// it is from then on.
func (c *Call) writeRecord() {
	r := &c.record
	r.State, r.EndedAt = "ended", time.Now()
	if c.answered.IsZero() {
		r.Outcome = c.outcome
	} else {
		r.Outcome = c.resultAnswered()
	}
	if r.Outcome.HungUpBy == "" {
		r.Outcome.HungUpBy = c.hungUpBy
	}
	for _, l := range c.all() {
		l.ended(0)
		l.closeMedia()
	}
	c.x.Metrics.ended(c)
	trace := store.Trace{CallID: c.id, Sentence: c.plan.Sentence, Decisions: c.trace, Quality: c.quality()}
	c.x.Store.SaveCall(r, &trace, c.ladder)
	c.say("call ended", "result", string(r.Outcome.Result), "code", r.Outcome.Code, "by", r.Outcome.HungUpBy, "reason", r.Outcome.Reason)
}

// say logs a line of every call. It does not look up which line of code says so,
// which is half of the cost of slog's own functions and printed nowhere.
func (c *Call) say(msg string, args ...any) {
	ctx := context.Background()
	h := c.x.Log.Handler()
	if !h.Enabled(ctx, slog.LevelInfo) {
		return
	}
	r := slog.NewRecord(time.Now(), slog.LevelInfo, msg, 0)
	r.AddAttrs(slog.String("call", c.id))
	r.Add(args...)
	_ = h.Handle(ctx, r)
}

// logger is for what few calls have to say.
func (c *Call) logger() *slog.Logger { return c.x.Log.With("call", c.id) }
