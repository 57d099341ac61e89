package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"strowger/store"
)

// TestLadder: an arrow for each message, between the columns of its ends.
func TestLadder(t *testing.T) {
	var out bytes.Buffer
	g := &Globals{stdout: &out}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local)
	(&callsTraceCmd{}).ladder(g, []store.LadderStep{
		{At: at, From: "192.0.2.1:5060", To: "strowger", Summary: "INVITE sip:102"},
		{At: at.Add(time.Millisecond), From: "strowger", To: "192.0.2.1:5060", Summary: "100 Trying"},
		{At: at.Add(2 * time.Millisecond), From: "strowger", To: "192.0.2.2:5060", Summary: "INVITE sip:ion\x1b[2J"},
	})
	want := []string{
		"              192.0.2.1:5060                  strowger                        192.0.2.2:5060",
		"03:04:05.000  |-- INVITE sip:102 ------------>|                               |",
		"03:04:05.001  |<- 100 Trying -----------------|                               |",
		"03:04:05.002  |                               |-- INVITE sip:ion?[2J -------->|",
	}
	for i, line := range want {
		// How long the shafts are is the width's business.
		got, _ := out.ReadString('\n')
		if strings.ReplaceAll(strings.TrimRight(got, "\n"), "-", "") != strings.ReplaceAll(line, "-", "") {
			t.Errorf("line %d is %q, want %q", i, got, line)
		}
		if n := len([]rune(got)) - 1; i > 0 && n != len("03:04:05.000  ")+2*32+1 {
			t.Errorf("line %d has %d characters: %q", i, n, got)
		}
	}
}

func TestDifferences(t *testing.T) {
	got := differences([]byte(`{"a":1,"updated_at":"x","forward":{"enabled":false,"number":""},"list":null}`),
		[]byte(`{"a":1,"updated_at":"y","forward":{"enabled":true,"number":""},"list":[],"new":"n"}`))
	if text := strings.Join(got, "; "); text != `forward.enabled: false -> true; new: none -> "n"` {
		t.Error(text)
	}
}
