package main

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// logDelay is how long a line that nobody has to act on may wait for others: a
// write of its own for each is a twentieth of what a call costs.
const logDelay = 100 * time.Millisecond

func (c *ServeCmd) logger(w io.Writer) (*slog.Logger, *logWriter) {
	var level slog.Level
	level.UnmarshalText([]byte(c.LogLevel)) // one of the four that kong lets through
	o := &slog.HandlerOptions{Level: level}
	lw := newLogWriter(w)
	var h slog.Handler = slog.NewTextHandler(lw, o)
	if c.LogFormat == "json" {
		h = slog.NewJSONHandler(lw, o)
	}
	return slog.New(prompt{h, lw}), lw
}

// A logWriter collects lines for logDelay, or until there are logRoom bytes.
type logWriter struct {
	mu    sync.Mutex
	out   io.Writer
	lines []byte
	timer *time.Timer
}

const logRoom = 64 << 10 // bytes

func newLogWriter(w io.Writer) *logWriter {
	lw := &logWriter{out: w}
	lw.timer = time.AfterFunc(time.Hour, lw.Flush)
	lw.timer.Stop()
	return lw
}

func (w *logWriter) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.lines) == 0 {
		w.timer.Reset(logDelay)
	}
	if w.lines = append(w.lines, line...); len(w.lines) >= logRoom {
		w.flush()
	}
	return len(line), nil
}

// Flush writes what waits.
func (w *logWriter) Flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flush()
}

func (w *logWriter) flush() {
	if len(w.lines) > 0 {
		_, _ = w.out.Write(w.lines) // a log that can't be written stops nothing
		w.lines = w.lines[:0]
	}
}

// prompt writes warnings and errors at once.
type prompt struct {
	slog.Handler
	w *logWriter
}

func (p prompt) Handle(ctx context.Context, r slog.Record) error {
	err := p.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		p.w.Flush()
	}
	return err
}

func (p prompt) WithAttrs(a []slog.Attr) slog.Handler { return prompt{p.Handler.WithAttrs(a), p.w} }
func (p prompt) WithGroup(name string) slog.Handler   { return prompt{p.Handler.WithGroup(name), p.w} }
