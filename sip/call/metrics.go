package call

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"strowger/store"
)

// Metrics are what calls count; the names are the contract's.
type Metrics struct {
	Active   *prometheus.GaugeVec
	Total    *prometheus.CounterVec
	Setup    prometheus.Histogram
	Duration prometheus.Histogram
	MOS      prometheus.Histogram
	Sessions *prometheus.GaugeVec
	Panics   prometheus.Counter

	active   map[store.Direction]prometheus.Gauge // of Active: looking labels up costs more than counting
	sessions prometheus.Gauge                     // of Sessions
}

// NewMetrics makes and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		Active:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "strowger_calls_active", Help: "Calls that are ringing or talking."}, []string{"direction"}),
		Total:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "strowger_calls_total", Help: "Calls that have ended."}, []string{"direction", "outcome"}),
		Setup:    prometheus.NewHistogram(prometheus.HistogramOpts{Name: "strowger_call_setup_seconds", Help: "From INVITE in to the first INVITE out.", Buckets: []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5}}),
		Duration: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "strowger_call_duration_seconds", Help: "From answer to end.", Buckets: []float64{1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200}}),
		MOS:      prometheus.NewHistogram(prometheus.HistogramOpts{Name: "strowger_call_mos", Help: "Mean opinion score of each leg, by the E-model from what was measured.", Buckets: []float64{1, 1.5, 2, 2.5, 3, 3.5, 3.8, 4, 4.2, 4.4}}),
		Sessions: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "strowger_rtp_sessions_active", Help: "Media streams that are anchored here."}, []string{"path"}),
		Panics:   prometheus.NewCounter(prometheus.CounterOpts{Name: "strowger_call_panics_total", Help: "Calls that were ended by a fault of ours."}),
	}
	m.active = make(map[store.Direction]prometheus.Gauge)
	for _, d := range []store.Direction{store.DirInternal, store.DirInbound, store.DirOutbound} {
		m.active[d] = m.Active.WithLabelValues(string(d))
	}
	m.sessions = m.Sessions.WithLabelValues("user")
	r.MustRegister(m.Active, m.Total, m.Setup, m.Duration, m.MOS, m.Sessions, m.Panics)
	return m
}

func (m *Metrics) started(c *Call) { m.active[c.plan.Direction].Inc() }

func (m *Metrics) ended(c *Call) {
	m.active[c.plan.Direction].Dec()
	m.Total.WithLabelValues(string(c.plan.Direction), string(c.record.Outcome.Result)).Inc()
	if !c.answered.IsZero() {
		m.Duration.Observe(time.Since(c.answered).Seconds())
	}
}

func (m *Metrics) setup(received time.Time) {
	if !received.IsZero() {
		m.Setup.Observe(time.Since(received).Seconds())
	}
}

func (m *Metrics) sessionOpened() { m.sessions.Inc() }
func (m *Metrics) sessionClosed() { m.sessions.Dec() }
