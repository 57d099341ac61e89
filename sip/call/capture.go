package call

import (
	"context"
	"time"

	"strowger/media/record"
	"strowger/routing"
	"strowger/store"
)

// A capture is one recording or voicemail being taken: the ledger's entry and
// the spool that packets go to.
type capture struct {
	call  *Call
	id    string
	spool *record.Spool
	meter *record.Meter // voicemail
	ended bool
}

// captureWait is how long the caller's 200 waits for the ledger. A disk that
// is slower than that costs the first moments of the recording, never the
// call.
const captureWait = 500 * time.Millisecond

// whenCaptureReady goes on with the answer once the capture that routing wants
// for this leg stands ready, or at once when it wants none.
func (c *Call) whenCaptureReady(l *Leg, then func()) {
	want := l.branch.target.Record
	if want == nil {
		then()
		return
	}
	id := newID()
	cp := &capture{call: c, id: id}
	c.capture = cp
	c.record.RecordingIDs = append(c.record.RecordingIDs, id)
	c.decided("recording", true, want.Why, nil)
	gone := false
	goOn := func() {
		if !gone {
			gone = true
			then()
		}
	}
	meta := c.metaOf(want.UserIDs)
	meta.Delivery = want.DeliveryMethodIDs
	header := record.Header{ID: id, StartedAt: time.Now(), Sides: [2]record.SideInfo{{Formats: formats(c.a, l)}, {Formats: formats(l, c.a)}}, Meta: encodeMeta(meta)}
	cp.open(record.KindRecording, header, func(err error) {
		if err != nil {
			c.logger().Error("ALARM: a recording that is due can't be made", "recording", id, "err", err)
			c.x.Recorder.Fail(id, err)
			goOn()
			return
		}
		if gone && !c.answered.IsZero() {
			c.x.Recorder.Late(id, time.Since(c.answered))
			c.captureFormats() // the header is as old as the wait for it
		}
		if c.over || cp.ended {
			c.x.Recorder.Finish(id, time.Now())
			return
		}
		c.tap(l)
		goOn()
	})
	c.after(captureWait, func() {
		if !gone && !cp.ended {
			c.logger().Error("ALARM: a recorded call goes on before its capture has begun: the disk is slow", "recording", id)
		}
		goOn()
	})
}

// tap points both endpoints at the spool.
func (c *Call) tap(l *Leg) {
	cp := c.capture
	if cp == nil || cp.spool == nil {
		return
	}
	if e := c.a.audio(); e != nil {
		e.SetTap(cp.spool.Side(0))
	}
	if e := l.audio(); e != nil {
		e.SetTap(cp.spool.Side(1))
	}
}

// captureFormats tells the spool what payload types mean from now on.
func (c *Call) captureFormats() {
	if cp := c.capture; cp != nil && cp.spool != nil && c.b != nil {
		cp.spool.Side(0).SetFormats(formats(c.a, c.b))
		cp.spool.Side(1).SetFormats(formats(c.b, c.a))
	}
}

// open writes the ledger and makes the spool, aside, and goes on.
func (cp *capture) open(kind string, h record.Header, then func(error)) {
	c := cp.call
	entry := record.Entry{ID: cp.id, Kind: kind, Org: c.snap.Organization.ID, CreatedAt: h.StartedAt, Meta: h.Meta}
	var spool *record.Spool
	var err error
	c.aside(func(ctx context.Context) {
		if err = c.x.Recorder.Expect(ctx, entry); err == nil {
			spool, err = c.x.Recorder.Begin(ctx, cp.id, h)
		}
	}, func() {
		cp.spool = spool
		then(err)
	})
}

// captureMessage begins a voicemail.
func (c *Call) captureMessage(step *routing.Voicemail, then func(error)) *capture {
	cp := &capture{call: c, id: newID()}
	f := formats(c.a, nil)
	meta := c.metaOf([]string{step.UserID})
	meta.LineID = step.LineID
	if meta.Withheld {
		meta.From, meta.FromName, meta.CallerUserID = store.Anonymous, "", "" // the called user's to read, from the spool on
	}
	h := record.Header{
		ID: cp.id, StartedAt: time.Now(), Mono: true,
		Sides: [2]record.SideInfo{{Formats: f}},
		Meta:  encodeMeta(meta),
	}
	cp.open(record.KindVoicemail, h, func(err error) {
		switch {
		case err != nil:
		case cp.ended:
			c.x.Recorder.Discard(cp.id)
			return
		default:
			cp.meter = record.NewMeter(record.Limits{}, f, time.Now(), cp.spool.Side(0))
			if e := c.a.audio(); e != nil {
				e.SetTap(cp.meter)
			}
		}
		then(err)
	})
	return cp
}

// keep says whether a message is long enough.
func (cp *capture) keep() bool { return cp.meter != nil && cp.meter.Keep() }

// finish ends the capture; rendering follows by itself.
func (cp *capture) finish() {
	if cp.ended {
		return
	}
	cp.ended = true
	cp.untap()
	if cp.spool != nil {
		cp.call.x.Recorder.Finish(cp.id, time.Now())
	}
}

// discard drops what was captured.
func (cp *capture) discard() {
	if cp.ended {
		return
	}
	cp.ended = true
	cp.untap()
	if cp.spool != nil {
		cp.call.x.Recorder.Discard(cp.id)
	}
}

func (cp *capture) untap() {
	for _, l := range []*Leg{cp.call.a, cp.call.b} {
		if e := l.audio(); e != nil {
			e.SetTap(nil)
		}
	}
}

// finishSafely ends the capture and goes on once all of it is on disk, or it
// can't be said that it is.
func (cp *capture) finishSafely(then func(error)) {
	cp.finish()
	c := cp.call
	var err error
	c.aside(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		err = c.x.Recorder.Safe(ctx, cp.id)
	}, func() {
		if !c.over {
			then(err)
		}
	})
}

// formats are what packets of the leg's first audio line may mean: by the numbers
// that its peer gave, and else by those that the peer was shown, which are the
// other side's (RFC 3264 §5.1). other is nil where the exchange itself speaks.
func formats(l, other *Leg) []record.Format {
	var out []record.Format
	var known [256]bool
	for _, from := range []*Leg{l, other} {
		if from == nil || from.remote == nil {
			continue
		}
		i := from.remote.Audio()
		if i < 0 {
			continue
		}
		declared := known
		for _, f := range from.remote.Media[i].Formats {
			if !declared[f.PT] {
				out = append(out, record.Format(f))
				known[f.PT] = true
			}
		}
	}
	return out
}

// A captureMeta is what the ledger keeps of a capture for its record in the
// store.
type captureMeta struct {
	CallID       string          `json:"call_id"`
	UserIDs      []string        `json:"user_ids"`
	LineID       string          `json:"line_id,omitempty"`
	Direction    store.Direction `json:"direction"`
	From         string          `json:"from"`
	FromName     string          `json:"from_name,omitempty"`
	Withheld     bool            `json:"withheld,omitempty"`
	CallerUserID string          `json:"caller_user_id,omitempty"`
	To           string          `json:"to"`
	Delivery     []string        `json:"delivery_method_ids,omitempty"`
}

// metaOf begins what is kept of a capture for users.
func (c *Call) metaOf(users []string) captureMeta {
	r := &c.record
	return captureMeta{
		CallID: c.id, UserIDs: users, Direction: c.plan.Direction, From: r.From, FromName: r.FromName,
		Withheld: r.Withheld, CallerUserID: r.CallerUserID, To: r.To,
	}
}
