package sip

import (
	"maps"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// Requests are counted as they come in and responses as they go out; a method
// that a peer made up makes no label.
func TestMessagesAreCounted(t *testing.T) {
	r := prometheus.NewRegistry()
	m := newMetrics(r)
	for _, c := range []struct {
		out    bool
		method string
		status int
	}{
		{false, "INVITE", 0}, {false, "INVITE", 0}, {true, "INVITE", 180}, {true, "INVITE", 200}, {true, "INVITE", 200},
		{true, "INVITE", 0}, {false, "INVITE", 486}, // sent requests and received responses: not ours to count
		{false, "BYE", 0}, {false, "EVIL1", 0}, {false, "EVIL2", 0}, {true, "EVIL1", 501}, {true, "BYE", 999},
	} {
		m.message(c.out, c.method, c.status)
	}
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, series := range f.GetMetric() {
			name := f.GetName()
			for _, l := range series.GetLabel() {
				name += " " + l.GetValue()
			}
			got[name] = series.GetCounter().GetValue()
		}
	}
	const requests, responses = "strowger_sip_requests_total ", "strowger_sip_responses_total "
	want := map[string]float64{
		requests + "INVITE": 2, requests + "BYE": 1, requests + "other": 2,
		responses + "180 INVITE": 1, responses + "200 INVITE": 2, responses + "501 other": 1,
	}
	if !maps.Equal(got, want) {
		t.Errorf("counted %v\nwant %v", got, want)
	}
}
