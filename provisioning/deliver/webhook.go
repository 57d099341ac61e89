package deliver

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// An event is what a webhook is sent, in the form of Standard Webhooks.
type event struct {
	Type      string    `json:"type"` // recording.captured, voicemail.captured, or test
	Timestamp time.Time `json:"timestamp"`
	Data      eventData `json:"data"`
}

type eventData struct {
	about
	// AudioURL is where it is heard, with a token of the API; Audio the WAV itself
	// in base64, which comes last.
	AudioURL string `json:"audio_url,omitempty"`
	Audio    string `json:"audio,omitempty"`
}

// toWebhook posts an event. Its id is the same at each attempt, so that whoever
// listens takes it once; its signature covers id, time and body.
func toWebhook(ctx context.Context, e *Engine, m *method, p *parcel) (string, error) {
	key, err := signingKey(m.settings["secret"])
	if err != nil {
		return "", err
	}
	now := e.now()
	body, size, err := p.event(m, now)
	if err != nil {
		return "", err
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	sign := hmac.New(sha256.New, key)
	fmt.Fprintf(sign, "%s.%s.", p.id, stamp)
	if err := p.rewind(); err != nil {
		return "", err
	}
	if _, err := io.Copy(sign, body()); err != nil {
		return "", err
	}
	if err := p.rewind(); err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.settings["url"], io.NopCloser(body()))
	if err != nil {
		return "", permanent("%v", err)
	}
	r.ContentLength = size
	for name, value := range m.settings {
		if name, ok := strings.CutPrefix(name, "header."); ok {
			r.Header.Set(name, value)
		}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "strowger")
	r.Header.Set("webhook-id", p.id)
	r.Header.Set("webhook-timestamp", stamp)
	r.Header.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(sign.Sum(nil)))
	answer, err := e.Client(m.org).Do(r)
	if err != nil {
		return "", err
	}
	return r.URL.Scheme + "://" + r.URL.Host + r.URL.Path, refused("post the event", answer)
}

// event is the body, which may be read again once the file is rewound, and its
// size. The audio is encoded as it is read.
func (p *parcel) event(m *method, now time.Time) (body func() io.Reader, size int64, err error) {
	kind := string(p.about.Kind)
	e := event{Type: kind + ".captured", Timestamp: now.UTC(), Data: eventData{about: p.about}}
	const here = "AUDIO" // stands for it: the last text of an event
	switch {
	case p.test:
		e.Type = "test"
	case m.settings["content"] == "audio":
		e.Data.Audio = here
	default:
		e.Data.AudioURL = strings.TrimSuffix(m.settings["base_url"], "/") + "/api/v1/" + kind + "s/" + p.about.ID + "/audio"
	}
	text, err := json.Marshal(e)
	if err != nil {
		return nil, 0, err
	}
	i := bytes.LastIndex(text, []byte(here))
	if e.Data.Audio == "" || i < 0 {
		return func() io.Reader { return bytes.NewReader(text) }, int64(len(text)), nil
	}
	before, after := text[:i], text[i+len(here):]
	size = int64(len(before)+len(after)) + int64(base64.StdEncoding.EncodedLen(int(p.size)))
	return func() io.Reader {
		return io.MultiReader(bytes.NewReader(before), &base64Reader{from: p.file}, bytes.NewReader(after))
	}, size, nil
}

// signingKey reads a secret: whsec_ and base64, as Standard Webhooks writes it, or
// any other text, which is taken as it is.
func signingKey(secret string) ([]byte, error) {
	if secret == "" {
		return nil, permanent("settings.secret is missing: events are signed with it")
	}
	if text, ok := strings.CutPrefix(secret, "whsec_"); ok {
		key, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, permanent("settings.secret: what follows whsec_ is no base64")
		}
		return key, nil
	}
	return []byte(secret), nil
}

// A base64Reader reads what it encodes.
type base64Reader struct {
	from io.Reader
	raw  [3 << 10]byte
	text [4 << 10]byte
	left []byte
	end  bool
}

func (r *base64Reader) Read(b []byte) (int, error) {
	if len(r.left) == 0 {
		if r.end {
			return 0, io.EOF
		}
		n, err := io.ReadFull(r.from, r.raw[:])
		if err != nil {
			if err != io.EOF && err != io.ErrUnexpectedEOF {
				return 0, err
			}
			r.end = true
		}
		base64.StdEncoding.Encode(r.text[:], r.raw[:n])
		if r.left = r.text[:base64.StdEncoding.EncodedLen(n)]; n == 0 {
			return 0, io.EOF
		}
	}
	n := copy(b, r.left)
	r.left = r.left[n:]
	return n, nil
}
