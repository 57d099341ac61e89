package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"mime/multipart"
	"net/http"
	"testing"
	"time"
)

// recordingRecord is what the API says of a recording or of a voicemail.
type recordingRecord struct {
	ID          string    `json:"id"`
	CallID      string    `json:"call_id"`
	UserIDs     []string  `json:"user_ids"`
	UserID      string    `json:"user_id"`
	Direction   string    `json:"direction"`
	From        string    `json:"from"`
	To          string    `json:"to"`
	CreatedAt   time.Time `json:"created_at"`
	DurationMS  int64     `json:"duration_ms"`
	Format      string    `json:"format"`
	SHA256      string    `json:"sha256"`
	State       string    `json:"state"`
	Interrupted bool      `json:"interrupted"`
}

// captured waits until a collection ("/recordings", "/voicemails") holds n
// records and all of them can be heard. Newest first.
func (x *exchange) captured(t testing.TB, collection string, n int) []recordingRecord {
	t.Helper()
	var all []recordingRecord
	eventually(t, 20*time.Second, collection+" are captured", func() error {
		all = list[recordingRecord](x, collection)
		if len(all) != n {
			return fmt.Errorf("%d records, want %d", len(all), n)
		}
		for _, r := range all {
			if r.State != "captured" && r.State != "delivered" {
				return fmt.Errorf("%s is %s", r.ID, r.State)
			}
		}
		return nil
	})
	return all
}

// audio fetches and reads what was captured, and checks that it is what the
// record promises.
func (x *exchange) audio(t testing.TB, collection string, r recordingRecord) sound {
	t.Helper()
	status, b, err := x.request(http.MethodGet, collection+"/"+r.ID+"/audio", nil)
	if err != nil || status != http.StatusOK {
		t.Fatalf("%s/%s/audio: %d %v", collection, r.ID, status, err)
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != r.SHA256 {
		t.Errorf("the audio's SHA-256 is %x, the record says %s", sum, r.SHA256)
	}
	if r.Format != "wav" {
		t.Errorf("format %q", r.Format)
	}
	s, err := readWAV(b)
	if err != nil {
		t.Fatal(err)
	}
	if s.rate != 8000 || len(s.channels) == 0 {
		t.Fatalf("%d channels at %d Hz", len(s.channels), s.rate)
	}
	if d := math.Abs(float64(r.DurationMS)/1000 - s.seconds()); d > 0.05 {
		t.Errorf("the record says %d ms, the audio lasts %.2f s", r.DurationMS, s.seconds())
	}
	return s
}

// wantTones checks who says what in a recording.
func (s sound) wantTones(t testing.TB, seconds float64, tones ...float64) {
	t.Helper()
	if len(s.channels) != len(tones) {
		t.Fatalf("%d channels, want %d", len(s.channels), len(tones))
	}
	for i, tone := range tones {
		if got := toneSeconds(s.channels[i], s.rate, tone); got < seconds {
			t.Errorf("channel %d has %.0f Hz for %.1f of %.1f s, want %.1f", i, tone, got, s.seconds(), seconds)
		}
	}
}

func TestRecording(t *testing.T) {
	t.Parallel()
	s := newSite()
	a, _ := s.phone("101")
	b, line := s.phone("102")
	line.with("recording.inbound_internal", true)
	x := newExchange(t, s)
	from, to := mustUA(t, x, a).mustRegister(t), mustUA(t, x, b).mustRegister(t)

	caller, callee := connect(t, from, to, "102")
	answered := time.Now()
	caller.media.Say(500)
	callee.media.Say(700)
	callee.media.mustHearFor(t, 500, 1.5)
	caller.media.mustHearFor(t, 700, 1.5)
	// A silence of which nothing is sent must be as long in the recording.
	quiet := time.Now()
	caller.media.Say(-1)
	callee.media.mustHearFor(t, 500, 1.5)
	caller.media.mustHearFor(t, 700, 3)
	caller.media.Say(900)
	silence := time.Since(quiet).Seconds()
	callee.media.mustHearFor(t, 900, 1)
	caller.media.steady(t)
	callee.media.steady(t)
	if out := x.run("calls"); len(out) == 0 {
		t.Error("strowger calls says nothing of a live call")
	}
	caller.mustHangUp(t)
	callee.mustEnd(t, 5*time.Second)
	lasted := time.Since(answered).Seconds()

	r := x.captured(t, "/recordings", 1)[0]
	if len(r.UserIDs) != 1 || r.UserIDs[0] != b.UserID || r.Direction != "internal" || r.Interrupted || r.From != "101" || r.To != "102" {
		t.Errorf("recording %+v", r)
	}
	heard := x.audio(t, "/recordings", r)
	heard.wantTones(t, 1.3, 500, 700)
	heard.wantTones(t, 0.8, 900, 700)
	if d := heard.seconds() - lasted; d < -0.7 || d > 0.3 {
		t.Errorf("the recording lasts %.2f s of a call of %.2f s", heard.seconds(), lasted)
	}
	// Between the end of 500 Hz and the begin of 900 Hz on the left.
	last500, first900 := 0, 0
	for i := 0; i+800 <= len(heard.channels[0]); i += 800 {
		if hearsTone(heard.channels[0][i:i+800], 8000, 500) == nil {
			last500 = i + 800
		}
		if first900 == 0 && hearsTone(heard.channels[0][i:i+800], 8000, 900) == nil {
			first900 = i
		}
	}
	if gap := float64(first900-last500) / 8000; math.Abs(gap-silence) > 0.4 {
		t.Errorf("a silence of %.2f s lasts %.2f s in the recording", silence, gap)
	}
	var call callRecord
	x.api(http.MethodGet, "/calls/"+r.CallID, nil, &call)
	if len(call.RecordingIDs) != 1 || call.RecordingIDs[0] != r.ID {
		t.Errorf("the call's recordings are %q, not %s", call.RecordingIDs, r.ID)
	}
	if n := len(list[recordingRecord](x, "/recordings?user_id="+a.UserID)); n != 0 {
		t.Errorf("%d recordings are %s's, who asked for none", n, a.UserID)
	}

	// The other way round nobody asked for a recording.
	back, there := connect(t, to, from, "101")
	back.media.Say(500)
	there.media.mustHear(t, 500)
	back.mustHangUp(t)
	there.mustEnd(t, 5*time.Second)
	x.idle()
	x.captured(t, "/recordings", 1)
}

// TestRecordingHeld holds a recorded call: the recording keeps true time.
func TestRecordingHeld(t *testing.T) {
	t.Parallel()
	s := newSite()
	a, line := s.phone("101")
	b, _ := s.phone("102")
	line.with("recording.outbound_internal", true)
	x := newExchange(t, s)
	from, to := mustUA(t, x, a).mustRegister(t), mustUA(t, x, b).mustRegister(t)
	caller, callee := connect(t, from, to, "102")
	answered := time.Now()
	caller.media.Say(500)
	callee.media.Say(700)
	callee.media.mustHearFor(t, 500, 1)
	res, err := caller.Request("INVITE", "", caller.media.sdp(2, "sendonly"))
	if err != nil || res.status() != 200 {
		t.Fatalf("hold: %v %s", err, res.text)
	}
	caller.media.Say(-1)
	before := callee.media.Packets()
	held := time.NewTimer(1500 * time.Millisecond)
	<-held.C
	res, err = caller.Request("INVITE", "", caller.media.sdp(3, "sendrecv"))
	if err != nil || res.status() != 200 {
		t.Fatalf("resume: %v %s", err, res.text)
	}
	caller.media.Say(900)
	callee.media.mustHearFor(t, 900, 1)
	if callee.media.Packets() == before {
		t.Error("no packet after the hold")
	}
	caller.mustHangUp(t)
	callee.mustEnd(t, 5*time.Second)
	lasted := time.Since(answered).Seconds()
	r := x.captured(t, "/recordings", 1)[0]
	heard := x.audio(t, "/recordings", r)
	heard.wantTones(t, 0.8, 900, 700)
	if d := heard.seconds() - lasted; d < -0.7 || d > 0.3 {
		t.Errorf("the recording lasts %.2f s of a call of %.2f s", heard.seconds(), lasted)
	}
	x.idle()
}

// withVoicemail lets a phone's user take messages.
func (s *site) withVoicemail(line record) {
	line.with("inbound.when_unavailable.action", "voicemail")
	for _, u := range s.collections["users"] {
		if u["id"] == line["user_id"] {
			u["features"] = record{"voicemail": true}
		}
	}
}

// leaveMessage calls, listens to the greeting and its tone, and says a tone.
// The call is left open.
func leaveMessage(t testing.TB, from *ua, to string, tone, seconds float64) *uaCall {
	t.Helper()
	c, err := from.Dial(to, "")
	if err != nil {
		t.Fatal(err)
	}
	c.mustAnswer(t)
	// The greeting is over when there was sound and then none for a second.
	eventually(t, 40*time.Second, "the greeting ends", func() error {
		heard := c.media.Heard()
		if _, level := toneShare(heard, 8000, 440); level < -50 {
			return fmt.Errorf("only silence yet, in %d packets", c.media.Packets())
		}
		c.media.mu.Lock()
		since := time.Since(c.media.loudAt)
		c.media.mu.Unlock()
		if since < time.Second {
			return fmt.Errorf("sound %v ago", since)
		}
		return nil
	})
	c.media.Say(tone)
	said := time.NewTimer(time.Duration(seconds * float64(time.Second)))
	<-said.C
	return c
}

func TestVoicemail(t *testing.T) {
	t.Parallel()
	s := newSite()
	a, _ := s.phone("101")
	b, line := s.phone("102")
	s.withVoicemail(line)
	x := newExchange(t, s)
	from := mustUA(t, x, a).mustRegister(t)
	c := leaveMessage(t, from, "102", 600, 3)
	c.media.steady(t)
	c.mustHangUp(t)
	r := x.captured(t, "/voicemails?user_id="+b.UserID, 1)[0]
	if r.UserID != b.UserID || r.From != "101" || r.Interrupted {
		t.Errorf("voicemail %+v", r)
	}
	heard := x.audio(t, "/voicemails", r)
	heard.wantTones(t, 2.5, 600)
	if heard.seconds() > 8 {
		t.Errorf("the message lasts %.1f s", heard.seconds())
	}
	if greeting := toneSeconds(heard.channels[0], 8000, 600); heard.seconds()-greeting > 3 {
		t.Errorf("%.1f s of the message are not the message", heard.seconds()-greeting)
	}
	x.idle()
	x.api(http.MethodDelete, "/voicemails/"+r.ID, nil, nil)
	if n := len(list[recordingRecord](x, "/voicemails")); n != 0 {
		t.Errorf("%d voicemails after the only one was deleted", n)
	}
}

// greet uploads a tone and makes it a line's greeting.
func (x *exchange) greet(t testing.TB, a account, tone, seconds float64) {
	t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	if err := w.WriteField("name", "greeting"); err != nil {
		t.Fatal(err)
	}
	part, err := w.CreateFormFile("file", "greeting.wav")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(toneWAV(8000, tone, seconds)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, "http://"+x.http+"/api/v1/audio-files", &form)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	var file struct {
		ID         string `json:"id"`
		DurationMS int    `json:"duration_ms"`
	}
	x.do(req, &file)
	if file.ID == "" || math.Abs(float64(file.DurationMS)-1000*seconds) > 100 {
		t.Fatalf("uploaded as %+v", file)
	}
	x.api(http.MethodPatch, "/contact-methods/"+a.LineID,
		record{}.with("inbound.when_unavailable.greeting_audio_id", file.ID), nil)
}

// TestOwnGreeting uploads a greeting and hears it.
func TestOwnGreeting(t *testing.T) {
	t.Parallel()
	s := newSite()
	a, _ := s.phone("101")
	_, line := s.phone("102")
	s.withVoicemail(line)
	x := newExchange(t, s)

	x.greet(t, accountOf("102"), 1000, 1.5)
	c, err := mustUA(t, x, a).mustRegister(t).Dial("102", "")
	if err != nil {
		t.Fatal(err)
	}
	c.mustAnswer(t)
	c.media.mustHearFor(t, 1000, 1.2)
	c.mustHangUp(t)
	x.idle()
}
