// Package transaction owns SIP transactions and the shards that calls run on.
package transaction

import (
	"errors"
	"log/slog"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transport"
)

var (
	ErrTimeout   = errors.New("transaction: no final response in time")
	ErrTransport = errors.New("transaction: the message could not be sent")
	ErrEnded     = errors.New("transaction: already answered")
)

type EndReason uint8

const (
	EndDone EndReason = iota
	EndAcked
	EndNoAck
	EndTransport
)

type Fault struct {
	Status int // 0: drop
	Phrase string
	Header string
	Extra  []sip.Header // e.g. Unsupported, Accept
}

func (f *Fault) Error() string { return f.Phrase }

type Options struct {
	Handler    Handler
	Register   func(f transport.Flow, req *sip.Request) (handled bool)
	Shards     int
	T1, T2, T4 time.Duration
	Log        *slog.Logger
	// Shed, if set, is asked before a new call or registration is parsed; n > 0 answers 503 with Retry-After n.
	Shed func(h *transport.Head) (retryAfter int)
	// Trace, if set, sees every message of a transaction in and out, on its shard. data is valid until it returns.
	Trace func(f transport.Flow, out bool, callID string, data []byte)
	// Count, if set, counts methods in and responses out: status 0 for a request.
	Count func(out bool, method string, status int)
}

type Handler interface {
	Request(tx *Server, req *sip.Request)
	Ack(f transport.Flow, req *sip.Request)
	Stray(f transport.Flow, res *sip.Response)
}

type Layer struct{}
type Shard struct{}
type Timer struct{}
type Server struct{}
type Client struct{}

func Parse(data []byte, reliable bool) (sip.Message, *Fault) { return nil, nil }
func CheckRequest(req *sip.Request) *Fault                   { return nil }
func New(tp *transport.Layer, o Options) *Layer              { return &Layer{} }
func (l *Layer) ShardOf(callID string) *Shard                { return nil }
func (l *Layer) Shards() []*Shard                            { return nil }
func (l *Layer) Close()                                      {}

func (s *Shard) NewCallID() string                      { return "" }
func (s *Shard) Index() int                             { return 0 }
func (s *Shard) Post(f func())                          {}
func (s *Shard) After(d time.Duration, f func()) *Timer { return nil }
func (s *Shard) Send(f transport.Flow, req *sip.Request, on func(res *sip.Response, err error)) *Client {
	return nil
}
func (s *Shard) SendAck(f transport.Flow, ack *sip.Request) error { return nil }
func (t *Timer) Stop()                                            {}

func (tx *Server) Flow() transport.Flow                               { return transport.Flow{} }
func (tx *Server) Shard() *Shard                                      { return nil }
func (tx *Server) Request() *sip.Request                              { return nil }
func (tx *Server) Respond(res *sip.Response) error                    { return nil }
func (tx *Server) Reliable(res *sip.Response, onTimeout func()) error { return nil }
func (tx *Server) PRACKed()                                           {}
func (tx *Server) Acked()                                             {}
func (tx *Server) OnCancel(f func(cancel *sip.Request))               {}
func (tx *Server) OnEnd(f func(reason EndReason))                     {}

func (c *Client) Cancel(reason string)  {}
func (c *Client) Stop()                 {}
func (c *Client) Request() *sip.Request { return nil }
func (c *Client) Flow() transport.Flow  { return transport.Flow{} }

func NewResponse(req *sip.Request, status int, reason string, toTag string) *sip.Response { return nil }
func NewTag() string                                                                      { return "" }
func WireSize(msg sip.Message) int                                                        { return 0 }
func AppendMessage(dst []byte, msg sip.Message) []byte                                    { return dst }
