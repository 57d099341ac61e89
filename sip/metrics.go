package sip

import (
	"strconv"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"strowger/media/record"
	"strowger/sip/transport"
)

// metrics are what the exchange counts beside its calls; the names are the
// contract's.
type metrics struct {
	r         prometheus.Registerer
	registers *prometheus.CounterVec
	requests  *prometheus.CounterVec
	responses *prometheus.CounterVec
	dropped   *prometheus.CounterVec
	messages  map[string]*byStatus // of requests and responses, by method
}

// byStatus finds counters without the look-up by labels, which is dear for what
// happens with every message. That of requests is at 0.
type byStatus [700]atomic.Pointer[prometheus.Counter]

// otherMethod counts methods that nobody knows: peers must not be able to make
// labels.
const otherMethod = "other"

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		r:         r,
		registers: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "strowger_register_requests_total", Help: "REGISTER requests by how they ended."}, []string{"result"}),
		requests:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "strowger_sip_requests_total", Help: "SIP requests received."}, []string{"method"}),
		responses: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "strowger_sip_responses_total", Help: "SIP responses sent."}, []string{"method", "code"}),
		dropped:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "strowger_sip_dropped_total", Help: "Messages thrown away unread."}, []string{"reason"}),
	}
	r.MustRegister(m.registers, m.requests, m.responses, m.dropped)
	m.messages = make(map[string]*byStatus)
	for _, method := range []string{"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "INFO", "UPDATE", "PRACK", "SUBSCRIBE", "NOTIFY", "MESSAGE", "REFER", "PUBLISH", otherMethod} {
		m.messages[method] = new(byStatus)
	}
	return m
}

func (m *metrics) register(result string) { m.registers.WithLabelValues(result).Inc() }

func (m *metrics) drop(reason string) { m.dropped.WithLabelValues(reason).Inc() }

// message counts requests that came in and responses that went out.
func (m *metrics) message(out bool, method string, status int) {
	if out == (status == 0) || status >= len(byStatus{}) {
		return
	}
	counters, known := m.messages[method]
	if !known {
		method = otherMethod
		counters = m.messages[method]
	}
	c := counters[status].Load()
	if c == nil {
		of := m.requests.WithLabelValues
		labels := []string{method}
		if status > 0 {
			of, labels = m.responses.WithLabelValues, append(labels, strconv.Itoa(status))
		}
		made := of(labels...)
		c = &made
		counters[status].Store(c)
	}
	(*c).Inc()
}

// collect adds what is read when somebody asks.
func (m *metrics) collect(s *Server) {
	gauge := func(name, help string, f func() float64, labels prometheus.Labels) {
		m.r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "strowger_" + name, Help: help, ConstLabels: labels}, f))
	}
	counter := func(name, help string, f func() float64, labels prometheus.Labels) {
		m.r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "strowger_" + name, Help: help, ConstLabels: labels}, f))
	}
	for _, p := range []transport.Proto{transport.UDP, transport.TCP, transport.TLS, transport.WS, transport.WSS} {
		gauge("registrations", "Phones registered.", func() float64 { return float64(s.reg.Bound()[p.String()]) }, prometheus.Labels{"transport": p.String()})
	}
	gauge("bans_active", "Sources that are not listened to.", func() float64 { return float64(len(s.net.Bans())) }, nil)
	gauge("store_revision", "The newest revision of the configuration.", func() float64 { return float64(s.o.Store.Revision()) }, nil)
	counter("rtp_packets_total", "RTP packets relayed.", func() float64 { return float64(s.relay.Counters().Received) }, prometheus.Labels{"direction": "in"})
	counter("rtp_packets_total", "RTP packets relayed.", func() float64 { return float64(s.relay.Counters().Sent) }, prometheus.Labels{"direction": "out"})
	counter("rtp_lost_packets_total", "RTP packets that never came, by sequence number.", func() float64 { return float64(s.relay.Counters().Lost) }, nil)
	gauge("rtp_ports_bound", "Port pairs whose sockets exist, in use or resting.", func() float64 { return float64(s.relay.Counters().PairsBound) }, nil)

	for state, f := range map[string]func(record.Counters) uint64{
		"expected": func(c record.Counters) uint64 { return c.Expected }, "capturing": func(c record.Counters) uint64 { return c.Capturing },
		"captured": func(c record.Counters) uint64 { return c.Captured }, "delivered": func(c record.Counters) uint64 { return c.Delivered },
		"failed": func(c record.Counters) uint64 { return c.Failed },
	} {
		counter("recordings_total", "Recordings and voicemails by the step of the ledger they reached.", func() float64 { return float64(f(s.recorder.Counters())) }, prometheus.Labels{"state": state})
	}
	m.recordings(s.recorder.Counters)
	gauge("recording_queue", "Captures that wait for rendering or the ledger.", func() float64 { return float64(s.recorder.Counters().Queue) }, nil)
	m.r.MustRegister(trunkUp{s, prometheus.NewDesc("strowger_trunk_up", "1 while a trunk takes calls.", []string{"trunk"}, nil)})
}

// recordings adds what an operator is alarmed by.
func (m *metrics) recordings(counters func() record.Counters) {
	for name, alarm := range map[string]struct {
		help string
		of   func(record.Counters) uint64
	}{
		"missing":   {"recordings that were due and can't be had.", func(c record.Counters) uint64 { return c.Missing }},
		"truncated": {"recordings that lost packets on their way to the disk.", func(c record.Counters) uint64 { return c.Truncated }},
		"late":      {"recordings that began after their call did, because the disk was slow.", func(c record.Counters) uint64 { return c.Late }},
		"undecoded": {"recordings with sound that could not be decoded; its packets are kept.", func(c record.Counters) uint64 { return c.Undecoded }},
	} {
		m.r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "strowger_recordings_" + name, Help: "ALARM when above 0: " + alarm.help},
			func() float64 { return float64(alarm.of(counters())) }))
	}
	for name, count := range map[string]struct {
		help string
		of   func(record.Counters) uint64
	}{
		"recordings_interrupted_total":    {"Recordings that a crash cut off, and that are saved as far as they went.", func(c record.Counters) uint64 { return c.Interrupted }},
		"recording_dropped_packets_total": {"ALARM when it grows: packets that were not recorded because the disk did not keep up.", func(c record.Counters) uint64 { return c.DroppedPackets }},
		"recording_failed_attempts_total": {"ALARM when it grows: writes, ledger entries and deliveries that failed and are tried again.", func(c record.Counters) uint64 { return c.Trouble }},
	} {
		m.r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "strowger_" + name, Help: count.help},
			func() float64 { return float64(count.of(counters())) }))
	}
}

// trunkUp reports each trunk by its id.
type trunkUp struct {
	s    *Server
	desc *prometheus.Desc
}

func (t trunkUp) Describe(ch chan<- *prometheus.Desc) { ch <- t.desc }

func (t trunkUp) Collect(ch chan<- prometheus.Metric) {
	d := t.s.o.Store.Directory()
	for _, org := range d.Organizations() {
		for _, status := range t.s.trunks.Status(org) {
			up := 0.0
			if status.Up {
				up = 1
			}
			name := status.ID
			if org != d.Default() {
				name = org + "/" + status.ID
			}
			ch <- prometheus.MustNewConstMetric(t.desc, prometheus.GaugeValue, up, name)
		}
	}
}
