// Package media owns the packets of calls: port pairs, the event loops that
// relay RTP and RTCP between endpoints, latching, statistics and playback. It
// knows nothing of users, routing or SIP; whoever signals tells it where a
// packet may come from and where it goes.
package media

import (
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"strowger/media/sdp"
)

// Options are what a Relay is started with.
type Options struct {
	// PortMin and PortMax bound the ports, both included. Zero means 16384 to 32767.
	PortMin, PortMax int
	// Loops is the number of event loops; zero chooses by the number of cores.
	Loops int
	Log   *slog.Logger
	// Now is the wall clock that dates packets for a Tap; nil means time.Now.
	// Intervals are always monotonic.
	Now func() time.Time
}

// Errors of Relay.Open.
var (
	ErrNoPorts = errors.New("media: no free port pair")
	ErrClosed  = errors.New("media: relay closed")
)

// Errors that end a Playback.
var (
	ErrNoCodec = errors.New("media: no codec that can be played is shared with the remote side")
	ErrStopped = errors.New("media: playback stopped")
)

// Format is one payload type of an m= line.
type Format = sdp.Format

// Remote is the other end of an Endpoint, as signalling describes it.
type Remote struct {
	RTP  netip.AddrPort
	RTCP netip.AddrPort // zero: RTP's port + 1
	Mux  bool           // RTCP travels on the RTP port (RFC 5761)
	// Signalling is where the SIP messages of this leg come from: any port of
	// it is believed for the first packet. Zero: nobody but RTP itself is.
	Signalling netip.Addr
	Formats    []Format
	EventPT    uint8 // telephone-event's payload type; 0 none
	// Muted: they are sendonly or inactive. Nothing is sent to them and their
	// silence does not count.
	Muted bool
}

// A Source is what is played: 8 kHz mono, 160 samples a frame. io.EOF ends it.
// ReadFrame runs on an event loop and must not wait. For G.722 the 16 kHz form
// is asked for through audio.Wide.
type Source interface {
	ReadFrame(pcm []int16) (n int, err error)
}

// A Tap sees packets as they were received, before they are forwarded. Packet
// runs on an event loop: it must not wait, and not keep or change rtp.
type Tap interface {
	Packet(at time.Time, rtp []byte)
}

// Counters are totals since the relay started.
type Counters struct {
	Received, Sent   uint64 // RTP packets heard from and sent to endpoints
	Lost             uint64 // by sequence number, of endpoints closed and open
	RTCPReceived     uint64
	RTCPSent         uint64
	Refused          uint64 // from a source that is not the leg's, or not RTP
	SendErrors       uint64
	EndpointsOpen    int
	PairsFree        int
	PairsBound       int // pairs whose sockets exist, open or resting
	PlaybacksRunning int
}

// Stats is what one endpoint measured of the stream it hears.
type Stats struct {
	Codec       string
	Received    uint64
	Lost        uint64
	LossShare   float64 // 0 to 1
	JitterMS    float64 // RFC 3550 6.4.1, smoothed
	RoundTripMS float64 // from RTCP; 0 when not measured
	MOS         float64 // E-model; 0 when nothing was measured
	LastPacket  time.Time
	Sent        uint64
	SSRC        uint32
	// RemoteLossShare and RemoteJitterMS are what the remote side reported
	// in its last RTCP receiver report.
	RemoteLossShare, RemoteJitterMS float64
}
