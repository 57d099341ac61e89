package call

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/media"
	"strowger/media/audio"
	"strowger/media/sdp"
	"strowger/routing"
	"strowger/sip/transaction"
	"strowger/store"
)

// spoken are the codecs in which the exchange itself speaks and listens.
var spoken = []string{"PCMU", "PCMA", "G722"}

// A service is the exchange itself at the other end: voicemail, an echo, a
// spoken refusal.
type service struct {
	call     *Call
	playback *media.Playback
	timers   []*transaction.Timer
	message  *message // voicemail
	stopped  bool
}

func (s *service) stop() {
	if s.stopped {
		return
	}
	s.stopped = true
	for _, t := range s.timers {
		t.Stop()
	}
	if s.playback != nil {
		s.playback.Stop()
	}
	if s.message != nil {
		s.message.callEnded()
	}
}

// after is a timer that ends with the service.
func (s *service) after(d time.Duration, f func()) {
	s.timers = append(s.timers, s.call.after(d, func() {
		if !s.stopped {
			f()
		}
	}))
}

// play lets the caller hear src, then goes on.
func (s *service) play(src audio.Source, then func()) {
	e := s.call.a.audio()
	if e == nil || src == nil {
		then()
		return
	}
	if s.playback != nil {
		s.playback.Stop()
	}
	var p *media.Playback
	p = e.Play(src, func(err error) {
		s.call.post(func() {
			if s.stopped || s.playback != p {
				return
			}
			s.playback = nil
			if err != nil && !errors.Is(err, media.ErrStopped) {
				s.call.logger().Warn("can't play to the caller", "err", err)
			}
			then()
		})
	})
	s.playback = p
}

// prompt is a built-in announcement in the organization's language.
func (c *Call) prompt(name string) audio.Source {
	src, _ := audio.Prompt(c.snap.Organization.Language, name)
	return src
}

// describe makes the body with which the exchange itself answers the caller.
// Without an offer it makes one.
func (c *Call) describe() ([]byte, error) {
	l := c.a
	if l.remote == nil {
		e, err := c.x.Relay.Open(l.bindAddr())
		if err != nil {
			return nil, err
		}
		l.media = []*media.Endpoint{e}
		c.x.Metrics.sessionOpened()
		return l.versioned(func(o sdp.Origin) []byte {
			return sdp.Offer(o, e.Port(), sdp.DefaultFormats(), sdp.SendRecv)
		}), nil
	}
	if c.origin != nil {
		return l.local, nil // it has been answered already
	}
	if l.first != nil {
		l.newDialog() // there the INVITE's offer counts, which is what is answered
	}
	if err := l.open(); err != nil {
		return nil, err
	}
	ports, err := l.ports(l.remote)
	if err != nil {
		return nil, err
	}
	shown := l.local
	var answerErr error
	body := l.versioned(func(o sdp.Origin) []byte {
		b, _, err := sdp.Answer(l.remote, o, ports, spoken, sdp.SendRecv)
		answerErr = err
		return b
	})
	if answerErr != nil {
		l.local = shown
		return nil, answerErr
	}
	if shown != nil && string(shown) != string(body) {
		l.newDialog()
	}
	c.early = nil
	return body, nil
}

// pickUp answers the caller as the exchange itself, and goes on once the
// caller has acknowledged it: what is played before would be lost.
func (c *Call) pickUp(then func()) {
	body, err := c.describe()
	if err != nil {
		status := 488
		if errors.Is(err, media.ErrNoPorts) {
			status = 503
		}
		c.logger().Warn("can't answer the caller", "err", err)
		c.refuse(status, phraseOf(status), reason{})
		return
	}
	c.service = &service{call: c}
	c.a.onAck = func(ack *sip.Request) {
		if c.a.remote == nil {
			c.a.offers.Close()
			answer, err := sdp.Parse(ack.Body())
			if err != nil {
				c.logger().Warn("an ACK without a usable answer", "err", err)
				c.hangUp("exchange", reason{q850: 47, text: "unusable session description"})
				return
			}
			c.a.heard(answer, ack.Body())
		}
		then()
	}
	c.answering = true
	c.answered = time.Now()
	c.record.AnsweredAt = c.answered
	c.recordAnswer(c.a)
	c.watchService()
	if c.origin != nil {
		c.origin.quiet()
		c.a.onAck = nil
		then()
		return
	}
	c.a.answer(body)
}

// watchService ends a call with the exchange itself whose caller has vanished.
// It asks by OPTIONS: a caller who only listens need not send.
func (c *Call) watchService() {
	c.service.after(watchEvery, func() {
		c.sampleQuality()
		l := c.a
		if e := l.audio(); e != nil && !l.held && e.Idle() >= silenceAsk && time.Since(c.answered) >= silenceAsk {
			if e.Idle() >= 60*time.Second {
				c.vanished(l, "no media for 60 s")
				return
			}
			c.probe(l)
		}
		c.watchService()
	})
}

// startService answers the call with one of the exchange's own services.
func (c *Call) startService(s *routing.Service) {
	switch s.Action {
	case "echo":
		c.pickUp(func() {
			c.decided("service", true, "echo test", nil)
			c.service.play(c.prompt(audio.PromptEcho), func() {
				if e := c.a.audio(); e != nil {
					e.Echo()
				}
			})
		})
	default:
		c.decided("service", false, s.Action+" is not in effect yet", nil)
		c.refuse(501, "Not Implemented", reason{q850: 79, text: "Service not implemented"})
	}
}

// maxRefusal is how long a refusal may be spoken (product rule "Identity,
// outbound").
const maxRefusal = 5 * time.Second

// startRefusal ends the call, with a spoken reason before where one is given
// and the caller can hear it.
func (c *Call) startRefusal(s *routing.Refuse) {
	end := func() { c.refuse(s.Status, s.Phrase, reason{q850: s.Cause, text: s.Text}) }
	if s.Prompt == "" || c.a.remote == nil || c.a.finalSent {
		end()
		return
	}
	src := c.prompt(s.Prompt)
	body, err := c.describe()
	if src == nil || err != nil {
		end()
		return
	}
	c.service = &service{call: c}
	c.a.provisional(183, "Session Progress", body, false)
	c.service.after(maxRefusal, end)
	c.service.play(src, end)
}

// A message is a voicemail being taken.
type message struct {
	call    *Call
	step    *routing.Voicemail
	capture *capture
	taking  bool
	over    bool
}

// startVoicemail answers, plays the greeting and the tone, and takes a
// message.
func (c *Call) startVoicemail(step *routing.Voicemail) {
	c.decided("voicemail", true, "the call goes to voicemail", map[string]string{"user": step.UserID})
	c.pickUp(func() {
		m := &message{call: c, step: step}
		c.service.message = m
		if e := c.a.audio(); e != nil {
			e.OnDigit(func(digit byte, _ int) {
				if digit == '#' {
					c.post(m.finished)
				}
			})
		}
		var greeting audio.Source
		c.aside(func(context.Context) {
			if step.GreetingID == "" {
				return
			}
			var err error
			if greeting, err = audio.File(filepath.Join(c.x.DataDir, store.AudioPath(c.snap.Organization.ID, step.GreetingID))); err != nil {
				c.logger().Error("a greeting can't be played, the built-in one is", "audio", step.GreetingID, "err", err)
			}
		}, func() {
			if c.over {
				return
			}
			if greeting == nil {
				greeting = c.prompt(audio.PromptUnavailable)
			}
			parts := []audio.Source{audio.Silence(300 * time.Millisecond)}
			if greeting != nil {
				parts = append(parts, greeting)
			}
			c.service.play(audio.Sequence(parts...), m.listen)
		})
	})
}

// listen opens the capture and then gives the tone: a caller who speaks after
// the tone is on the record.
func (m *message) listen() {
	c := m.call
	m.capture = c.captureMessage(m.step, func(err error) {
		if c.over || m.over {
			return
		}
		if err != nil {
			c.logger().Error("no message can be taken", "err", err)
			c.service.play(c.prompt(audio.PromptCouldNot), func() { c.hangUp("exchange", reason{q850: 41, text: "no voicemail"}) })
			return
		}
		m.taking = true
		c.service.play(audio.Beep(), func() { m.watch() })
	})
}

// watch ends the message at its limits: length, silence.
func (m *message) watch() {
	c := m.call
	c.service.after(500*time.Millisecond, func() {
		if m.over {
			return
		}
		if why := m.capture.meter.Ended(time.Now()); why != "" {
			c.decided("voicemail", true, "message ended: "+string(why), nil)
			m.finished()
			return
		}
		m.watch()
	})
}

// finished is the end of a message while its caller is still there: it is
// confirmed once it is safe.
func (m *message) finished() {
	c := m.call
	if m.over || !m.taking {
		return
	}
	m.over = true
	bye := func() { c.hangUp("exchange", reason{q850: 16, text: "Normal call clearing"}) }
	if !m.capture.keep() {
		m.capture.discard()
		c.service.play(c.prompt(audio.PromptTooShort), bye)
		return
	}
	m.capture.finishSafely(func(err error) {
		if err != nil {
			// The disk is slow: nothing is promised, though nothing is lost either.
			c.logger().Error("a message is not yet on disk", "voicemail", m.capture.id, "err", err)
			bye()
			return
		}
		c.service.play(audio.Sequence(c.prompt(audio.PromptSaved), audio.Silence(200*time.Millisecond), c.prompt(audio.PromptGoodbye)), bye)
	})
}

// callEnded is the caller hanging up.
func (m *message) callEnded() {
	if m.over {
		return
	}
	m.over = true
	if m.capture == nil {
		return
	}
	if !m.taking || !m.capture.keep() {
		m.capture.discard()
		return
	}
	m.capture.finish()
}
