package sip

import (
	"maps"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"strowger/media/record"
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

// Each way in which a recording may be less than the call was has its alarm.
func TestRecordingAlarms(t *testing.T) {
	r := prometheus.NewRegistry()
	newMetrics(r).recordings(func() record.Counters {
		return record.Counters{Missing: 1, Truncated: 2, Late: 3, Undecoded: 4, Interrupted: 5, DroppedPackets: 6, Trouble: 7}
	})
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			got[f.GetName()] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	want := map[string]float64{
		"strowger_recordings_missing": 1, "strowger_recordings_truncated": 2, "strowger_recordings_late": 3, "strowger_recordings_undecoded": 4,
		"strowger_recordings_interrupted_total": 5, "strowger_recording_dropped_packets_total": 6, "strowger_recording_failed_attempts_total": 7,
	}
	if !maps.Equal(got, want) {
		t.Errorf("told %v\nwant %v", got, want)
	}
}
