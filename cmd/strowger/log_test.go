package main

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

type sink struct {
	bytes.Buffer
	writes int
	err    error
}

func (s *sink) Write(b []byte) (int, error) {
	s.writes++
	if s.err != nil {
		return 0, s.err
	}
	return s.Buffer.Write(b)
}

// Lines wait for others, never longer than logDelay, never beyond a warning,
// and in order.
func TestLogLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &sink{}
		log, w := (&ServeCmd{LogLevel: "info", LogFormat: "text"}).logger(out)
		log = log.With("call", "x")
		log.Debug("unseen")
		log.Info("one")
		log.Info("two")
		w.mu.Lock() // the timer's write comes after what is read here
		if out.writes != 0 {
			t.Fatalf("written at once: %s", out)
		}
		w.mu.Unlock()
		time.Sleep(logDelay)
		synctest.Wait()
		if out.writes != 1 || strings.Count(out.String(), "\n") != 2 {
			t.Fatalf("after %v, %d writes: %s", logDelay, out.writes, out)
		}
		log.Info("three")
		log.Warn("four")
		if s := out.String(); out.writes != 2 || !strings.Contains(s, "three") || strings.Index(s, "four") < strings.Index(s, "three") {
			t.Fatalf("a warning waits: %s", s)
		}
		out.err = errors.New("disk full")
		log.Error("lost")
		out.err = nil
		log.Info("five")
		w.Flush()
		if s := out.String(); !strings.Contains(s, "five") || strings.Contains(s, "lost") {
			t.Fatalf("after a failed write: %s", s)
		}
		before := out.writes
		for range 2 {
			log.Info(strings.Repeat("x", logRoom/2))
		}
		if out.writes != before+1 {
			t.Fatalf("%d writes for more than the room", out.writes-before)
		}
		w.Flush()
	})
}

func TestLogLevel(t *testing.T) {
	out := &sink{}
	log, w := (&ServeCmd{LogLevel: "error", LogFormat: "json"}).logger(out)
	log.WithGroup("g").Warn("unseen")
	log.WithGroup("g").Error("seen", slog.Int("n", 1))
	w.Flush()
	if s := out.String(); strings.Contains(s, "unseen") || !strings.Contains(s, `"g":{"n":1}`) {
		t.Error(s)
	}
}
