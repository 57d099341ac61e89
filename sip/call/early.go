package call

import (
	"errors"
	"slices"

	"github.com/emiago/sipgo/sip"

	"strowger/media/sdp"
	"strowger/sip/dialog"
	"strowger/sip/transaction"
)

// Offers in early dialogs: in the PRACK of a reliable answer (RFC 3262 §5) and
// in an UPDATE (RFC 3311). They are possible once the INVITE's own offer has
// been answered reliably.

// A talk is one early dialog as far as offers go: the caller's, or one of a
// called side's.
type talk struct {
	l      *Leg
	dlg    *dialog.Dialog
	offers *dialog.Offers
	update bool // the peer may be sent an UPDATE now
}

// talkOf is the early dialog of a leg: e of a called side, the only one of the
// caller's.
func (l *Leg) talkOf(e *early) talk {
	if l.side == 'a' {
		return talk{l, l.dlg, &l.offers, l.settled && !l.unacked && l.allows.update}
	}
	return talk{l, e.dlg, &e.offers, e.answer != nil && e.update}
}

// counterpart is the early dialog at the other end of what the caller hears:
// the callee's for the caller, the caller's for that callee. Others have none.
func (c *Call) counterpart(t talk) (talk, bool) {
	b := c.early
	switch {
	case b == nil || b.voice == nil || b.state == legEnded || b.cancelled || c.origin != nil:
		return talk{}, false
	case t.l == c.a:
		return b.talkOf(b.voice), true
	case t.l == b && t.dlg == b.voice.dlg:
		return c.a.talkOf(nil), true
	}
	return talk{}, false
}

// A trade is an offer of an early dialog that waits for the other side. The
// caller gets no final answer meanwhile: it would overtake.
type trade struct {
	b     *Leg // of the two, the called one
	abort func()
}

// tradeOver lets go of a trade whose called side ended, or was not the one that
// answered: its peer may try again where the call is then.
func (c *Call) tradeOver(b *Leg) {
	if t := c.trade; t != nil && t.b == b {
		t.abort()
	}
}

var errEarly = errors.New("an offer that nobody at the other end can take up now")

// offeredEarly takes the offer in req, a PRACK or an UPDATE of an early dialog,
// and answers by accept, or refuses. done is called once, after either.
func (l *Leg) offeredEarly(tx *transaction.Server, req *sip.Request, t talk, accept func([]byte), done func()) {
	c := l.call
	refuse := func(r *dialog.Refusal) {
		l.refuseOffer(tx, r)
		done()
	}
	offer, err := sdp.Parse(req.Body())
	if err == nil {
		err = offer.Servable()
	}
	if err != nil {
		refuse(&dialog.Refusal{Status: 488, Phrase: "Not Acceptable Here", Cause: err})
		return
	}
	if refusal := t.offers.Receive(); refusal != nil {
		refuse(refusal)
		return
	}
	to, ok := c.counterpart(t)
	switch {
	case c.trade != nil, ok && to.l == c.a && c.a.unacked:
		t.offers.Close()
		refuse(&dialog.Refusal{Status: 491, Phrase: "Request Pending"})
	case ok && to.update && to.offers.Send():
		l.tradeOffer(tx, req, offer, t, to, accept, refuse, done)
	default:
		l.answerAlone(req, offer, t, accept, refuse, done)
	}
}

// tradeOffer carries the offer to the other early dialog by UPDATE, and the
// answer back.
func (l *Leg) tradeOffer(tx *transaction.Server, req *sip.Request, offer *sdp.Description, t, to talk, accept func([]byte), refuse func(*dialog.Refusal), done func()) {
	c, o := l.call, to.l
	before, version := o.local, o.origin.Version
	settled := false
	settle := func() {
		settled = true
		to.offers.Close()
		t.offers.Close()
		c.trade = nil
	}
	undo := func() {
		settle()
		o.local, o.origin.Version = before, version
	}
	body, err := o.show(offer)
	if err != nil {
		undo()
		refuse(&dialog.Refusal{Status: 503, Phrase: "No Media Ports", Cause: err})
		return
	}
	called := l
	if l == c.a {
		called = o
	}
	c.owe(tx)
	c.trade = &trade{b: called, abort: func() {
		undo()
		refuse(&dialog.Refusal{Status: 500, Phrase: "Offer Pending", RetryAfter: 1, Cause: errEarly})
	}}
	out := to.dlg.Request(sip.UPDATE)
	o.common(out)
	setBody(out, body)
	o.ask(o.hop(), to.dlg, out, func(res *sip.Response, err error) {
		if settled || err == nil && res.StatusCode < 200 {
			return
		}
		if err != nil || res.StatusCode >= 300 {
			undo()
			switch {
			case err == nil && (res.StatusCode == 491 || res.StatusCode == 500):
				refuse(&dialog.Refusal{Status: 491, Phrase: "Request Pending"})
			case err == nil && (res.StatusCode == 488 || res.StatusCode == 606):
				refuse(&dialog.Refusal{Status: 488, Phrase: "Not Acceptable Here"})
			default:
				// It does not do what it said that it allows; the media is ours.
				if t.offers.Receive() == nil {
					l.answerAlone(req, offer, t, accept, refuse, done)
				}
			}
			return
		}
		answer, err := sdp.Parse(res.Body())
		if err == nil {
			err = sdp.CheckAnswer(offer, answer)
		}
		if err == nil {
			_, err = l.ports(offer)
		}
		if err != nil {
			undo()
			refuse(&dialog.Refusal{Status: 488, Phrase: "Not Acceptable Here", Cause: err})
			return
		}
		settle()
		to.dlg.Refresh(res)
		l.renegotiated(offer, req.Body())
		o.renegotiated(answer, res.Body())
		back, err := l.show(answer)
		if err != nil {
			refuse(&dialog.Refusal{Status: 503, Phrase: "No Media Ports", Cause: err})
			return
		}
		bridge(c.a, called)
		accept(back)
		done()
	})
}

// renegotiated takes what a later offer or answer of an early dialog says. The
// INVITE's own is kept: another branch that answers has answered that.
func (l *Leg) renegotiated(d *sdp.Description, raw []byte) {
	if l.first == nil {
		l.first, l.firstRaw = l.remote, l.theirs
	}
	l.heard(d, raw)
}

// answerAlone answers an offer from our own media, where the other end can't
// be asked: as long as the codec in use there is among those offered, both
// still hear each other. The other end is told once the call is answered.
func (l *Leg) answerAlone(req *sip.Request, offer *sdp.Description, t talk, accept func([]byte), refuse func(*dialog.Refusal), done func()) {
	c := l.call
	can, inUse := l.usable(t)
	if inUse != "" && !slices.ContainsFunc(speech(offer), func(name string) bool { return sdp.Format{Name: name}.Is(inUse) }) {
		t.offers.Close()
		refuse(&dialog.Refusal{Status: 488, Phrase: "Not Acceptable Here", Cause: errEarly})
		return
	}
	ports, err := l.ports(offer)
	if err != nil {
		t.offers.Close()
		refuse(&dialog.Refusal{Status: 503, Phrase: "No Media Ports", Cause: err})
		return
	}
	body := l.versioned(func(o sdp.Origin) []byte {
		var b []byte
		if b, _, err = sdp.Answer(offer, o, ports, can, sdp.SendRecv); err != nil {
			return l.local
		}
		return b
	})
	t.offers.Close()
	if err != nil {
		refuse(&dialog.Refusal{Status: 488, Phrase: "Not Acceptable Here", Cause: err})
		return
	}
	l.renegotiated(offer, req.Body())
	l.untold = true
	if c.early != nil && (l == c.a || l == c.early) {
		bridge(c.a, c.early)
	}
	accept(body)
	done()
}

// usable are the codecs in which a leg may be answered without asking the other
// side, and the one that must be among them because it is spoken there.
func (l *Leg) usable(t talk) (can []string, inUse string) {
	c := l.call
	b := c.early
	switch {
	case l == c.a && (b == nil || b.remote == nil):
		return spoken, ""
	case l == c.a:
		can = speech(b.remote)
		if len(can) > 0 {
			inUse = can[0]
		}
		return can, inUse
	case l == b && c.a.settled && l.remote != nil:
		if heard := speech(l.remote); len(heard) > 0 {
			inUse = heard[0]
		}
	}
	return speech(c.offer()), inUse
}

// speech names the codecs of the first audio line that carry voice.
func speech(d *sdp.Description) []string {
	var names []string
	if i := d.Audio(); i >= 0 {
		for _, f := range d.Media[i].Formats {
			if f.Name != "" && !f.Is("telephone-event") && !f.Is("CN") {
				names = append(names, f.Name)
			}
		}
	}
	return names
}

// offer is what the caller's INVITE offered, whatever was agreed since in an
// early dialog; nil where it offered nothing.
func (c *Call) offer() *sdp.Description {
	if c.a.first != nil {
		return c.a.first
	}
	return c.a.remote
}

// tellOther lets each side know, by a re-INVITE, what the other changed while
// it could not be asked. The caller is told once its ACK is there.
func (c *Call) tellOther() {
	a, b := c.a, c.b
	if a.untold {
		a.untold = false
		a.propagate(b, a.remote)
	}
	if b.untold {
		b.untold = false
		a.onAck = func(*sip.Request) { b.propagate(a, b.remote) }
	}
}
