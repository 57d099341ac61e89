package record

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/pion/opus"

	"strowger/media/audio"
)

// A decoder turns one stream's payloads into 8 kHz samples. It may keep state
// from packet to packet.
type decoder interface {
	decode(dst []int16, payload []byte) ([]int16, error)
	delay() int // samples by which the sound comes out later than it went in
}

// codec is what a payload type turned out to be.
type codec struct {
	name  string // lower case
	rate  int    // RTP clock
	chans int
	known bool // it can be decoded
	quiet bool // it carries no sound: events, comfort noise
}

// static payload types (RFC 3551, table 4), for peers whose SDP leaves the
// rtpmap out.
var static = map[uint8]Format{
	0:  {Name: "PCMU", Rate: 8000},
	3:  {Name: "GSM", Rate: 8000},
	4:  {Name: "G723", Rate: 8000},
	8:  {Name: "PCMA", Rate: 8000},
	9:  {Name: "G722", Rate: 8000},
	10: {Name: "L16", Rate: 44100, Channels: 2},
	11: {Name: "L16", Rate: 44100, Channels: 1},
	13: {Name: "CN", Rate: 8000},
	15: {Name: "G728", Rate: 8000},
	18: {Name: "G729", Rate: 8000},
}

func codecFor(pt uint8, formats []Format) *codec {
	f, ok := static[pt], false
	for _, o := range formats {
		if o.PT == pt {
			f, ok = o, true
		}
	}
	if !ok && f.Name == "" {
		f = Format{Name: fmt.Sprintf("payload type %d", pt)}
	}
	c := &codec{name: strings.ToLower(f.Name), rate: f.Rate, chans: max(1, f.Channels)}
	if c.rate < 4000 || c.rate > 192000 {
		c.rate = 8000
	}
	switch c.name {
	case "pcmu", "pcma":
		c.known = c.rate == 8000 || c.rate == 16000
	case "g722":
		c.known, c.rate = true, 8000 // RFC 3551, 4.5.2, whatever the SDP says
	case "opus":
		c.known, c.rate = true, 48000 // RFC 7587, 4.1
	case "l16":
		_, err := audio.NewResampler(c.rate, audio.Rate)
		c.known = err == nil && c.chans <= 8
	case "telephone-event", "cn":
		c.quiet = true
	}
	return c
}

func (c *codec) decoder() (decoder, error) {
	switch c.name {
	case "pcmu", "pcma":
		d := &g711{law: audio.DecodeULaw}
		if c.name == "pcma" {
			d.law = audio.DecodeALaw
		}
		var err error
		if c.rate != audio.Rate {
			d.down, err = audio.NewResampler(c.rate, audio.Rate)
		}
		return d, err
	case "g722":
		r, err := audio.NewResampler(audio.WideRate, audio.Rate)
		return &g722{dec: audio.NewG722Decoder(), down: r}, err
	case "opus":
		d, err := opus.NewDecoderWithOutput(audio.Rate, 1)
		return &opusDecoder{dec: d, out: make([]int16, audio.Rate*120/1000)}, err
	case "l16":
		r, err := audio.NewResampler(c.rate, audio.Rate)
		return &linear{chans: c.chans, down: r}, err
	}
	return nil, fmt.Errorf("no decoder for %s", c.name)
}

type g711 struct {
	law  func([]int16, []byte) []int16
	down *audio.Resampler // nil at 8 kHz
	buf  []int16
}

func (d *g711) decode(dst []int16, payload []byte) ([]int16, error) {
	if d.down == nil {
		return d.law(dst, payload), nil
	}
	d.buf = d.law(d.buf[:0], payload)
	return d.down.Resample(dst, d.buf), nil
}

func (d *g711) delay() int {
	if d.down == nil {
		return 0
	}
	return d.down.Delay()
}

type g722 struct {
	dec  *audio.G722Decoder
	down *audio.Resampler
	buf  []int16
}

func (d *g722) decode(dst []int16, payload []byte) ([]int16, error) {
	d.buf = d.dec.Decode(d.buf[:0], payload)
	return d.down.Resample(dst, d.buf), nil
}

// delay: the mirror filters of encoder and decoder hold 22 samples of 16 kHz.
func (d *g722) delay() int { return 11 + d.down.Delay() }

type linear struct {
	chans int
	down  *audio.Resampler
	buf   []int16
}

func (d *linear) decode(dst []int16, payload []byte) ([]int16, error) {
	d.buf = d.buf[:0]
	for frame := 2 * d.chans; len(payload) >= frame; payload = payload[frame:] {
		sum := 0
		for i := range d.chans {
			sum += int(int16(binary.BigEndian.Uint16(payload[2*i:])))
		}
		d.buf = append(d.buf, int16(sum/d.chans))
	}
	return d.down.Resample(dst, d.buf), nil
}

func (d *linear) delay() int { return d.down.Delay() }

type opusDecoder struct {
	dec opus.Decoder
	out []int16
}

// decode guards against a panic within the library: what a phone sends must
// not end the exchange.
func (d *opusDecoder) decode(dst []int16, payload []byte) (pcm []int16, err error) {
	pcm = dst
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("opus: %v", r)
			if n, e := opus.NewDecoderWithOutput(audio.Rate, 1); e == nil {
				d.dec = n
			}
		}
	}()
	if len(payload) == 0 {
		return dst, nil
	}
	n, err := d.dec.DecodeToInt16(payload, d.out)
	if err != nil {
		return dst, fmt.Errorf("opus: %w", err)
	}
	return append(dst, d.out[:n]...), nil
}

// delay: an encoder's look-ahead, as RFC 7587 does not tell it; libopus has
// 6.5 ms.
func (d *opusDecoder) delay() int { return 52 }
