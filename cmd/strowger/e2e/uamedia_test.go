package e2e

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"
)

// A uaMedia is a ua's side of one call's sound: it says a tone in µ-law, and
// keeps what it hears.
type uaMedia struct {
	conn *net.UDPConn
	done chan struct{}
	once sync.Once

	mu      sync.Mutex
	remote  netip.AddrPort
	tone    float64 // Hz; 0: silence is sent; < 0: nothing is sent
	digits  []byte  // keys to press, in order
	heard   []float64
	packets int
	foreign int // of another payload type
	lost    int
	lastSeq uint16
	ssrc    uint32    // last heard
	jumps   int       // of the sequence inside one SSRC: phones drop what comes after
	loudAt  time.Time // when anything but silence was last heard
}

func newMedia(ip netip.Addr) (*uaMedia, error) {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(ip, 0)))
	if err != nil {
		return nil, err
	}
	m := &uaMedia{conn: conn, done: make(chan struct{})}
	go m.listen()
	go m.talk()
	return m, nil
}

func (m *uaMedia) Close() {
	m.once.Do(func() {
		close(m.done)
		m.conn.Close()
	})
}

func (m *uaMedia) sdp(version int, direction string) string {
	at := m.conn.LocalAddr().(*net.UDPAddr).AddrPort()
	return fmt.Sprintf("v=0\r\no=e2e 4711 %d IN IP4 %[2]s\r\ns=-\r\nc=IN IP4 %[2]s\r\nt=0 0\r\nm=audio %d RTP/AVP 0 101\r\n"+
		"a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=%s\r\n",
		version, at.Addr(), at.Port(), direction)
}

// aim sends to where a description says.
func (m *uaMedia) aim(body string) {
	at, err := mediaOf(body)
	if err != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.remote = at
}

// Say changes the tone: 0 is silence, less than 0 sends nothing at all.
func (m *uaMedia) Say(tone float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tone = tone
}

// Press sends keys as RFC 4733 events, 100 ms each.
func (m *uaMedia) Press(keys string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.digits = append(m.digits, keys...)
}

// talk sends a packet every 20 ms. When the machine had no time for it, it makes
// up for that, so that its clock never runs slow.
func (m *uaMedia) talk() {
	t := talker{m: m, ssrc: rand.Uint32(), seq: uint16(rand.Uint32()), ts: rand.Uint32()}
	t.packet[0] = 0x80
	began, sent := time.Now(), 0
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-m.done:
			return
		case <-tick.C:
		}
		for due := int(time.Since(began) / (20 * time.Millisecond)); sent < due; sent++ {
			t.next()
		}
	}
}

const frame = 160 // samples of 20 ms

type talker struct {
	m          *uaMedia
	packet     [12 + frame]byte
	ssrc, ts   uint32
	seq        uint16
	phase      float64
	key        byte
	keyTS      uint32
	keyPackets int // still to be sent
}

func (t *talker) next() {
	m, packet := t.m, t.packet[:]
	m.mu.Lock()
	to, tone := m.remote, m.tone
	if t.keyPackets == 0 && len(m.digits) > 0 {
		t.key, m.digits, t.keyPackets, t.keyTS = m.digits[0], m.digits[1:], 8, t.ts
	}
	m.mu.Unlock()
	t.ts += frame
	if !to.IsValid() || tone < 0 && t.keyPackets == 0 {
		return
	}
	t.seq++
	binary.BigEndian.PutUint16(packet[2:], t.seq)
	binary.BigEndian.PutUint32(packet[8:], t.ssrc)
	if t.keyPackets > 0 { // five while it is held, three that it ended
		held := 9 - t.keyPackets
		end := byte(0)
		if held > 5 {
			held, end = 5, 0x80
		}
		packet[1] = 101
		if t.keyPackets == 8 {
			packet[1] |= 0x80
		}
		binary.BigEndian.PutUint32(packet[4:], t.keyTS)
		copy(packet[12:], []byte{eventOf(t.key), end | 10, byte(held * frame >> 8), byte(held * frame & 0xff)})
		_, _ = m.conn.WriteToUDPAddrPort(packet[:16], to)
		t.keyPackets--
		return
	}
	packet[1] = 0
	binary.BigEndian.PutUint32(packet[4:], t.ts)
	for i := range frame {
		packet[12+i] = toMuLaw(int16(8000 * math.Sin(t.phase)))
		t.phase += 2 * math.Pi * tone / 8000
	}
	t.phase = math.Mod(t.phase, 2*math.Pi)
	_, _ = m.conn.WriteToUDPAddrPort(packet, to)
}

func eventOf(key byte) byte {
	switch key {
	case '*':
		return 10
	case '#':
		return 11
	}
	return key - '0'
}

func (m *uaMedia) listen() {
	buf := make([]byte, 2048)
	for {
		n, _, err := m.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		if n < 12 || buf[0]>>6 != 2 {
			continue
		}
		seq, ssrc := binary.BigEndian.Uint16(buf[2:]), binary.BigEndian.Uint32(buf[8:])
		m.mu.Lock()
		if m.packets > 0 && ssrc == m.ssrc {
			switch gap := int16(seq - m.lastSeq); {
			case gap < -50 || gap > 500:
				m.jumps++
			case gap > 1:
				m.lost += int(gap) - 1
			}
		}
		m.ssrc = ssrc
		m.lastSeq = seq
		m.packets++
		if buf[1]&0x7f == 0 {
			for _, b := range buf[12:n] {
				m.heard = append(m.heard, float64(fromMuLaw(b))/32768)
			}
			if _, level := toneShare(m.heard[max(0, len(m.heard)-160):], 8000, 440); level > -50 {
				m.loudAt = time.Now()
			}
		} else {
			m.foreign++
		}
		m.mu.Unlock()
	}
}

// Hears tells whether the last 400 ms heard are a tone.
func (m *uaMedia) Hears(tone float64) error {
	const window = 3200
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.heard) < window {
		return fmt.Errorf("only %d samples heard, in %d packets", len(m.heard), m.packets)
	}
	return hearsTone(m.heard[len(m.heard)-window:], 8000, tone)
}

// Heard answers all that was heard so far.
func (m *uaMedia) Heard() []float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]float64(nil), m.heard...)
}

// forget begins to hear anew.
func (m *uaMedia) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.heard = nil
}

// steady checks that no stream jumped.
func (m *uaMedia) steady(t testing.TB) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.jumps > 0 {
		t.Errorf("the sequence numbers of one SSRC jumped %d times in %d packets", m.jumps, m.packets)
	}
}

func (m *uaMedia) Packets() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.packets
}

// mustHear waits until the tone can be heard.
func (m *uaMedia) mustHear(t testing.TB, tone float64) {
	t.Helper()
	eventually(t, 10*time.Second, fmt.Sprintf("a tone of %.0f Hz is heard", tone), func() error { return m.Hears(tone) })
}

// mustHearFor waits until the tone has been heard for so long in all.
func (m *uaMedia) mustHearFor(t testing.TB, tone, seconds float64) {
	t.Helper()
	eventually(t, 10*time.Second+time.Duration(seconds*float64(time.Second)), fmt.Sprintf("a tone of %.0f Hz is heard for %.1f s", tone, seconds), func() error {
		if got := toneSeconds(m.Heard(), 8000, tone); got < seconds {
			return fmt.Errorf("heard for %.1f s", got)
		}
		return nil
	})
}
