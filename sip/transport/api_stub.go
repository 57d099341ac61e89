package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
)

var errStub = errors.New("transport: not built yet")

type Layer struct{}

// Head is the first look.
type Head struct {
	Method                                     []byte
	Status                                     int
	CallID, CSeqMethod, Branch, FromTag, ToTag []byte
	CSeq                                       uint32
}

func New(o Options) *Layer                                { return &Layer{} }
func (l *Layer) Serve(h Handler)                          {}
func (l *Layer) Listen(url string) (net.Addr, error)      { return nil, errStub }
func (l *Layer) UDPTo(remote netip.AddrPort) (Flow, bool) { return Flow{}, false }
func (l *Layer) Dial(ctx context.Context, p Proto, remote netip.AddrPort) (Flow, error) {
	return Flow{}, errStub
}

// StreamTo finds a live stream to exactly that address, dialled or accepted.
func (l *Layer) StreamTo(p Proto, remote netip.AddrPort) (Flow, bool) { return Flow{}, false }
func (l *Layer) FlowByID(id uint64) (Flow, bool)                      { return Flow{}, false }
func (l *Layer) Shown(f Flow) netip.AddrPort                          { return netip.AddrPort{} }
func (l *Layer) ShownIP(remote netip.Addr) netip.Addr                 { return netip.Addr{} }
func (l *Layer) IsLocal(remote netip.Addr) bool                       { return false }
func (l *Layer) OurHost(host string) bool                             { return false }
func (l *Layer) OnClosed(f func(Flow))                                {}
func (l *Layer) Penalize(addr netip.Addr, reason string) bool         { return true }
func (l *Layer) Bans() []Ban                                          { return nil }
func (l *Layer) Unban(addr netip.Addr) bool                           { return false }
func (l *Layer) Close() error                                         { return nil }
