package deliver

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"strowger/media/audio"
	"strowger/store"
)

// tryTimeout is how long an administrator waits for a test.
const tryTimeout = time.Minute

// TryMethod delivers a second of silence now, as recordings are delivered, and
// answers where it is. It is called strowger-test.wav; the next test takes its
// place.
func (e *Engine) TryMethod(ctx context.Context, org, id string) (where string, err error) {
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	m, err := e.method(org, id)
	if err != nil {
		return "", errors.New(plain(err))
	}
	now := e.now().UTC().Truncate(time.Second)
	p := &parcel{id: store.NewID(), name: "strowger-test.wav", test: true, about: about{
		Kind: store.JobRecording, ID: "test", UserIDs: []string{}, Direction: store.DirInternal, From: "test", To: "test", CreatedAt: now, DurationMS: 1000, Format: "wav",
	}}
	if p.file, err = e.silence(); err != nil {
		return "", err
	}
	defer func() { p.file.Close() }()
	if err := p.weigh(); err != nil {
		return "", err
	}
	p.about.SHA256, p.about.Bytes = p.sha256, p.size
	if where, err = m.deliver(ctx, e, p); err != nil {
		return "", errors.New(plain(err))
	}
	return where, nil
}

// nameless is an open file for a while, which is gone whatever happens to us.
func (e *Engine) nameless() (*os.File, error) {
	spool := filepath.Join(e.data, "spool")
	if err := os.MkdirAll(spool, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(spool, "deliver-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// silence is a second of it.
func (e *Engine) silence() (f *os.File, err error) {
	if f, err = e.nameless(); err != nil {
		return nil, err
	}
	w, failed := audio.NewWAVWriter(f, audio.WAVFormat{Tag: audio.TagPCM, Channels: 1, Rate: 8000})
	if failed == nil {
		failed = w.Write(make([]int16, 8000))
	}
	if failed == nil {
		failed = w.Close()
	}
	if _, back := f.Seek(0, 0); failed == nil {
		failed = back
	}
	if err = errors.Join(err, failed); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// TryMail sends a mail now.
func (e *Engine) TryMail(ctx context.Context, org, to string) (where string, err error) {
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	s, err := e.mailServer(org)
	if err != nil {
		return "", err
	}
	m, err := s.message(store.NewID(), e.now(), []string{to}, "A test by strowger", "Mail works.\n")
	if err == nil {
		err = e.sendMail(ctx, s, m)
	}
	if err != nil {
		return "", errors.New(plain(err))
	}
	return s.where([]string{to}), nil
}
