package dtmf

import "encoding/binary"

// digits are the events 0 to 15 of RFC 4733 3.2; 16 is a hook flash.
const digits = "0123456789*#ABCD!"

// An Event is one RFC 4733 payload.
type Event struct {
	Code     uint8
	End      bool
	Volume   uint8 // dBm0 without its sign
	Duration uint16
}

// EventLen is the length of a payload with one event.
const EventLen = 4

// ParseEvent reads the first event of a payload.
func ParseEvent(b []byte) (e Event, ok bool) {
	if len(b) < EventLen {
		return e, false
	}
	return Event{Code: b[0], End: b[1]&0x80 != 0, Volume: b[1] & 0x3f, Duration: binary.BigEndian.Uint16(b[2:])}, true
}

// Put writes e into the first four bytes of b.
func (e Event) Put(b []byte) {
	b[0], b[1] = e.Code, e.Volume&0x3f
	if e.End {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], e.Duration)
}

// Digit is the key that a code means, 0 for one that is no key.
func Digit(code uint8) byte {
	if int(code) < len(digits) {
		return digits[code]
	}
	return 0
}

// Code is the event of a key.
func Code(digit byte) (code uint8, ok bool) {
	if digit >= 'a' && digit <= 'd' {
		digit -= 'a' - 'A'
	}
	for i := range len(digits) {
		if digits[i] == digit {
			return uint8(i), true
		}
	}
	return 0, false
}

// A Press is one key pressed and let go.
type Press struct {
	Digit byte
	MS    int
}

// Events turns the packets of RFC 4733 events into presses: one each, however
// often its packets are repeated, and also when the packets of its end are lost.
// The zero Events is ready.
type Events struct {
	ts       uint32 // RTP timestamp of the event, or of its last segment
	before   uint32 // duration of earlier segments (RFC 4733 2.5.1.3)
	rate     uint32
	duration uint16
	code     uint8
	active   bool // a key is down
	known    bool // ts is valid
}

// Active reports whether a key is down: its end has not come yet.
func (e *Events) Active() bool { return e.active }

// Packet takes one payload. rate is the clock of the payload type. A press is
// returned when its end comes, or when the next one shows that it was lost.
func (e *Events) Packet(ts uint32, payload []byte, rate uint32) (p Press, ok bool) {
	ev, valid := ParseEvent(payload)
	if !valid || Digit(ev.Code) == 0 {
		return p, false
	}
	if e.known && ts != e.ts && int32(ts-e.ts) < 0 && ts-e.ts > -(uint32(10)*e.clock()) {
		return p, false // late: an event older than the last
	}
	if e.known && ts == e.ts {
		if !e.active || ev.Code != e.code {
			return p, false // the end again
		}
		e.duration = max(e.duration, ev.Duration)
		if ev.End {
			return e.finish()
		}
		return p, false
	}
	if e.active && ev.Code == e.code && ts-e.ts == uint32(e.duration) && e.duration > 0xf000 {
		// The next segment of a long press.
		e.before += uint32(e.duration)
		e.ts, e.duration = ts, ev.Duration
		if ev.End {
			return e.finish()
		}
		return p, false
	}
	lost, hadLost := p, false
	if e.active {
		lost, hadLost = e.finish()
	}
	*e = Events{active: true, known: true, ts: ts, code: ev.Code, duration: ev.Duration, rate: rate}
	if ev.End && !hadLost {
		return e.finish()
	}
	// With the end of both in one packet, the second is reported by its
	// repetition or by Expire.
	return lost, hadLost
}

// Expire ends a press whose end was lost, when its caller has waited enough.
func (e *Events) Expire() (Press, bool) {
	if !e.active {
		return Press{}, false
	}
	return e.finish()
}

func (e *Events) clock() uint32 {
	if e.rate == 0 {
		return 8000
	}
	return e.rate
}

func (e *Events) finish() (Press, bool) {
	e.active = false
	total := uint64(e.before) + uint64(e.duration)
	return Press{Digit: Digit(e.code), MS: int(total * 1000 / uint64(e.clock()))}, true
}
