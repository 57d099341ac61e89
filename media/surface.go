package media

import (
	"net/netip"
	"time"
)

type Relay struct{}
type Endpoint struct{}
type Playback struct{}

func New(o Options) (*Relay, error)                             { return &Relay{}, nil }
func (r *Relay) Open(local netip.Addr) (*Endpoint, error)       { return &Endpoint{}, nil }
func (r *Relay) Counters() Counters                             { return Counters{} }
func (r *Relay) Close() error                                   { return nil }
func (e *Endpoint) Port() int                                   { return 0 }
func (e *Endpoint) SetRemote(Remote)                            {}
func Bridge(a, b *Endpoint)                                     {}
func (e *Endpoint) Unbridge()                                   {}
func (e *Endpoint) Echo()                                       {}
func (e *Endpoint) Play(src Source, done func(error)) *Playback { return &Playback{} }
func (p *Playback) Stop()                                       {}
func (e *Endpoint) SetTap(Tap)                                  {}
func (e *Endpoint) OnDigit(func(digit byte, ms int))            {}
func (e *Endpoint) HoldDigits(bool)                             {}
func (e *Endpoint) SendDigit(digit byte, ms int)                {}
func (e *Endpoint) Idle() time.Duration                         { return 0 }
func (e *Endpoint) LastPacket() time.Time                       { return time.Time{} }
func (e *Endpoint) Stats() Stats                                { return Stats{} }
func (e *Endpoint) Close()                                      {}
