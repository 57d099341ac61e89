package deliver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"strowger/media/audio"
	"strowger/store"
)

// A parcel is a capture on its way: the open file and what may be said of it.
type parcel struct {
	id     string // of the job: the same at each attempt
	name   string // with folders: YYYY/MM/DD/…, the same at each attempt
	file   *os.File
	size   int64
	sha256 string
	about  about
	test   bool // nothing was captured: an administrator tries a method
}

// about is what the outside learns of a capture. A caller who withholds the
// number is not named in it.
type about struct {
	Kind       store.JobKind   `json:"kind"`
	ID         string          `json:"id"`
	CallID     string          `json:"call_id"`
	UserIDs    []string        `json:"user_ids"`
	Direction  store.Direction `json:"direction"`
	From       string          `json:"from"`
	To         string          `json:"to"`
	CreatedAt  time.Time       `json:"created_at"`
	DurationMS int64           `json:"duration_ms"`
	Format     string          `json:"format"`
	SHA256     string          `json:"sha256"`
	Bytes      int64           `json:"bytes"`
}

// parcel opens what a job is to send. Its SHA-256 is of the bytes that are there
// now: what is not as it was captured is not sent as if it were.
func (e *Engine) parcel(ctx context.Context, j *store.Job) (*parcel, error) {
	a := about{Kind: j.Kind}
	var path string
	if j.Kind == store.JobVoicemail {
		v, err := e.st.Voicemail(ctx, j.Org, j.What)
		if err != nil {
			return nil, asGone(err)
		}
		path = v.File
		a.ID, a.CallID, a.UserIDs, a.Direction, a.From, a.To = v.ID, v.CallID, []string{v.UserID}, v.Direction, v.From, v.To
		a.CreatedAt, a.DurationMS, a.Format, a.SHA256, a.Bytes = v.CreatedAt, v.DurationMS, v.Format, v.SHA256, v.Bytes
	} else {
		r, err := e.st.Recording(ctx, j.Org, j.What)
		if err != nil {
			return nil, asGone(err)
		}
		path = r.File
		a.ID, a.CallID, a.UserIDs, a.Direction, a.From, a.To = r.ID, r.CallID, r.UserIDs, r.Direction, r.From, r.To
		a.CreatedAt, a.DurationMS, a.Format, a.SHA256, a.Bytes = r.CreatedAt, r.DurationMS, r.Format, r.SHA256, r.Bytes
		if r.Withheld {
			a.From = store.Anonymous
			a.UserIDs = without(r.UserIDs, r.CallerUserID)
		}
	}
	root, err := os.OpenRoot(e.data)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.Open(filepath.FromSlash(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, permanent("the file of the %s is gone", j.Kind)
	}
	if err != nil {
		return nil, err
	}
	p := &parcel{id: j.ID, name: a.name(), file: f, about: a}
	if err := p.weigh(); err != nil {
		f.Close()
		return nil, err
	}
	return p, nil
}

// weigh finds size and hash.
func (p *parcel) weigh() (err error) {
	h := sha256.New()
	if p.size, err = io.Copy(h, p.file); err != nil {
		return err
	}
	p.sha256 = hex.EncodeToString(h.Sum(nil))
	if p.about.SHA256 != "" && p.sha256 != p.about.SHA256 {
		return permanent("the file is not what was captured: its SHA-256 is %s, not %s", p.sha256, p.about.SHA256)
	}
	return p.rewind()
}

// toMP3 puts an MP3 in the place of what was captured. The ledger proves then that
// the MP3 was sent.
func (p *parcel) toMP3(ctx context.Context, e *Engine) error {
	r, err := audio.NewWAVReader(p.file)
	if err != nil {
		return permanent("%v", err)
	}
	f, err := e.nameless()
	if err != nil {
		return err
	}
	h := sha256.New()
	err = audio.EncodeMP3(ctx, io.MultiWriter(f, h), r)
	if err == nil {
		p.size, err = f.Seek(0, io.SeekCurrent)
	}
	if err != nil {
		return errors.Join(err, f.Close(), p.rewind())
	}
	p.file.Close() // it was only read
	p.file, p.sha256 = f, hex.EncodeToString(h.Sum(nil))
	p.name = strings.TrimSuffix(p.name, ".wav") + ".mp3"
	return p.rewind()
}

func (p *parcel) rewind() error {
	_, err := p.file.Seek(0, io.SeekStart)
	return err
}

// name is where it goes, below what a delivery method names.
func (a *about) name() string {
	at := a.CreatedAt.UTC()
	return at.Format("2006/01/02/") + fmt.Sprintf("%s_%s_%s_%s.wav", at.Format("150405"), inName(a.From), inName(a.To), inName(a.ID))
}

// inName makes any text a part of a file's name, everywhere.
func inName(s string) string {
	const longest = 64
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '+', r == '-', r == '.':
			return r
		}
		return '-'
	}, s)
	if s = strings.Trim(s, "."); s == "" {
		s = "-"
	}
	return s[:min(len(s), longest)]
}

func asGone(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return goneError{err}
	}
	return err
}

func without(users []string, id string) []string {
	out := []string{}
	for _, u := range users {
		if u != id {
			out = append(out, u)
		}
	}
	return out
}
