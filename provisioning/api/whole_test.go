package api_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strowger/provisioning"
	"strowger/store"
	"strowger/store/bolt"
)

func jsonText(v any) string {
	raw, _ := json.Marshal(v)
	return string(raw)
}

// wav is a tone of one second: tag 1 with 16 bits, or 7 (µ-law) with 8.
func wav(tag, channels, rate, bits int) []byte {
	var data bytes.Buffer
	for i := range rate * channels {
		if bits == 8 {
			data.WriteByte(byte(i))
			continue
		}
		binary.Write(&data, binary.LittleEndian, int16(i%1000*20))
	}
	var b bytes.Buffer
	b.WriteString("RIFF")
	binary.Write(&b, binary.LittleEndian, uint32(36+data.Len()))
	b.WriteString("WAVEfmt ")
	for _, v := range []any{uint32(16), uint16(tag), uint16(channels), uint32(rate), uint32(rate * channels * bits / 8), uint16(channels * bits / 8), uint16(bits)} {
		binary.Write(&b, binary.LittleEndian, v)
	}
	b.WriteString("data")
	binary.Write(&b, binary.LittleEndian, uint32(data.Len()))
	b.Write(data.Bytes())
	return b.Bytes()
}

// TestAudioFiles: every WAV comes out as 16-bit PCM in one channel; what is no
// sound is refused; what is played is not deleted.
func TestAudioFiles(t *testing.T) {
	x := newExchange(t)
	for _, c := range []struct {
		name string
		file []byte
		rate uint32
	}{
		{"mono 8k", wav(1, 1, 8000, 16), 8000},
		{"stereo 44.1k", wav(1, 2, 44100, 16), 16000},
		{"µ-law", wav(7, 1, 8000, 8), 8000},
	} {
		r := x.do("POST", "/audio-files", newForm(t, map[string]string{"name": c.name}, "x.wav", c.file)).want(201).object()
		if ms := r["duration_ms"].(float64); ms < 950 || ms > 1050 {
			t.Errorf("%s: %v ms", c.name, ms)
		}
		got := x.do("GET", "/audio-files/"+r["id"].(string)+"/audio", nil).want(200)
		if got.header.Get("Content-Type") != "audio/wav" {
			t.Errorf("%s: content type %q", c.name, got.header.Get("Content-Type"))
		}
		if f := got.raw; binary.LittleEndian.Uint16(f[20:]) != 1 || binary.LittleEndian.Uint16(f[22:]) != 1 ||
			binary.LittleEndian.Uint32(f[24:]) != c.rate || binary.LittleEndian.Uint16(f[34:]) != 16 {
			t.Errorf("%s: kept as % x", c.name, f[20:36])
		}
	}
	part := x.do("POST", "/audio-files", newForm(t, map[string]string{"id": "hello"}, "hello.wav", wav(1, 1, 8000, 16))).want(201)
	if part.object()["name"] != "hello.wav" {
		t.Errorf("named %v", part.object()["name"])
	}
	r := x.do("GET", "/audio-files/hello/audio", nil, header{"Range": "bytes=0-3"}).want(206)
	if string(r.raw) != "RIFF" || r.header.Get("Content-Range") == "" {
		t.Errorf("range: %q %v", r.raw, r.header)
	}
	x.do("GET", "/audio-files/hello/audio", nil, header{"If-None-Match": r.header.Get("ETag")}).want(304)
	for _, c := range []struct {
		file   []byte
		status int
		say    string
	}{
		{[]byte("ID3\x04 some mp3"), 422, "MP3"}, {[]byte("fLaC...."), 422, "FLAC"},
		{[]byte("hello"), 415, "not a sound file"}, {[]byte{}, 422, "empty"},
		{wav(1, 1, 8000, 16)[:44], 422, "no sound"},
	} {
		got := x.do("POST", "/audio-files", newForm(t, nil, "x", c.file)).want(c.status)
		if !strings.Contains(string(got.raw), c.say) {
			t.Errorf("%q is answered %s", c.file, got.raw)
		}
	}
	x.do("POST", "/audio-files", newForm(t, map[string]string{"id": "hello"}, "x.wav", wav(1, 1, 8000, 16))).want(409, "")
	x.do("POST", "/audio-files", newForm(t, map[string]string{"id": "../../x"}, "x.wav", wav(1, 1, 8000, 16))).want(422, "id")
	x.do("PATCH", "/audio-files/hello", map[string]any{"name": "Hello"}).want(200)

	x.people()
	x.do("PATCH", "/contact-methods/ion-line", map[string]any{"inbound": map[string]any{
		"when_unavailable": map[string]any{"action": "voicemail", "greeting_audio_id": "hello"}}}).want(200)
	refused := x.do("DELETE", "/audio-files/hello", nil).want(409, "")
	if !strings.Contains(string(refused.raw), "ion-line") {
		t.Errorf("the refusal does not say who plays it: %s", refused.raw)
	}
	x.do("PATCH", "/contact-methods/ion-line", map[string]any{"inbound": map[string]any{
		"when_unavailable": map[string]any{"greeting_audio_id": ""}}}).want(200)
	x.do("DELETE", "/audio-files/hello", nil).want(204)
	if _, err := os.Stat(filepath.Join(x.dir, "audio", "hello")); !os.IsNotExist(err) {
		t.Errorf("the file is still there: %v", err)
	}
}

// TestApply: the same file twice changes nothing the second time; what it
// exports applies to an empty store.
func TestApply(t *testing.T) {
	x := newExchange(t)
	yaml := `
users:
  - {id: anna, first_name: Anna, login: anna, password: correct horse, voicemail_pin: 0047}
contact_methods:
  - id: anna-line
    user_id: anna
    kind: sip_account
    sip_account: {username: anna, password: wave-4-more}
    inbound: {internal_numbers: [0101]}
trunks:
  - {id: t, host: 192.0.2.1, auth: {mode: digest, username: 12, password: abcdefgh}}
`
	var report provisioning.ApplyReport
	apply := func(body, query string) *reply {
		return x.do("POST", "/apply"+query, body, header{"Content-Type": "application/yaml"})
	}
	apply(yaml, "?dry_run=true").want(200).into(&report)
	if report.Created != 4 || report.Revision != 0 || len(x.do("GET", "/users", nil).items()) != 0 {
		t.Fatalf("dry run: %+v", report)
	}
	apply(yaml, "").want(200).into(&report)
	if report.Created != 4 || report.Revision == 0 {
		t.Fatalf("%+v", report)
	}
	report = provisioning.ApplyReport{}
	apply(yaml, "").want(200).into(&report)
	if len(report.Changes) != 0 || report.Revision != 0 {
		t.Errorf("applied twice: %+v", report)
	}
	if n := x.do("GET", "/internal-numbers", nil).items()[0]["number"]; n != "0101" {
		t.Errorf("0101 in YAML became %v", n)
	}
	apply("users: [{id: anna, first_name: Anna, surname: x}]", "").want(422, "users[0].surname")
	apply("users: [{first_name: Anna}]", "").want(422, "users[0].id")
	apply("users: [{id: a, first_name: A}, {id: a, first_name: B}]", "").want(422, "users[1].id")
	apply("people: []", "").want(422, "people")
	apply("users: [{id: a, first_name: A, role: emperor}]", "").want(422, "users/a.role")
	apply("a: &a [1]\nb: *a", "").want(400, "")
	apply("users: [", "").want(400, "")
	apply("", "").want(400, "")
	apply("users: []", "?prune=perhaps").want(422, "prune")
	apply("users: []", "?purge=true").want(422, "purge")

	// A file without secrets cannot make a carrier that must have one.
	x.do("PATCH", "/trunks/t", map[string]any{"auth": map[string]any{"mode": "address"}}).want(200)
	exported := x.do("GET", "/export", nil).want(200).raw
	y := newExchange(t)
	y.do("POST", "/apply", string(exported)).want(200)
	if a, b := withoutTimes(t, exported), withoutTimes(t, y.do("GET", "/export", nil).want(200).raw); a != b {
		t.Errorf("exported\n%s\nand after applying it\n%s", a, b)
	}
	apply("contact_methods: []\nusers: []", "?prune=true").want(200).into(&report)
	if report.Deleted < 2 || len(x.do("GET", "/users", nil).items()) != 0 || len(x.do("GET", "/trunks", nil).items()) != 1 {
		t.Errorf("pruned: %+v", report)
	}
}

func withoutTimes(t *testing.T, raw []byte) string {
	t.Helper()
	var v map[string][]map[string]any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	for _, list := range v {
		for _, r := range list {
			delete(r, "created_at")
			delete(r, "updated_at")
		}
	}
	return jsonText(v)
}

// TestExplain: the plan, over what is saved and over a draft.
func TestExplain(t *testing.T) {
	x := newExchange(t)
	x.people()
	why := x.do("POST", "/routes/explain", map[string]any{"from": "anna-app", "to": "102"})
	if why.status == 422 {
		why = x.do("POST", "/routes/explain", map[string]any{"from": "101", "to": "102"})
	}
	got := why.want(200).object()
	if got["status"] != 200.0 || got["sentence"] == "" || len(got["targets"].([]any)) == 0 || len(got["trace"].([]any)) == 0 {
		t.Errorf("%s", why.raw)
	}
	draft := map[string]any{"users": []any{map[string]any{"id": "ion", "first_name": "Ion", "do_not_disturb": true}}}
	other := x.do("POST", "/routes/explain", map[string]any{"from": "101", "to": "102", "draft": draft, "at": "2026-03-01T12:00:00Z"}).want(200).object()
	if other["sentence"] == got["sentence"] {
		t.Errorf("the draft changes nothing: %v", other["sentence"])
	}
	if x.do("GET", "/users/ion", nil).object()["do_not_disturb"] != false {
		t.Error("the draft was saved")
	}
	x.do("POST", "/routes/explain", map[string]any{"to": "102"}).want(422, "from")
	x.do("POST", "/routes/explain", map[string]any{"from": "101"}).want(422, "to")
	x.do("POST", "/routes/explain", map[string]any{"from": "999999", "to": "102"}).want(422, "from")
	x.do("POST", "/routes/explain", map[string]any{"from": "101", "to": "102", "at": "noon"}).want(422, "at")
	x.do("POST", "/routes/explain", map[string]any{"from": "101", "to": "102", "draft": map[string]any{"users": []any{map[string]any{"id": "x", "nick": 1}}}}).want(422, "draft.users[0].nick")
}

// TestCalls: those that are up and those that have ended.
func TestCalls(t *testing.T) {
	x := newExchange(t)
	x.people()
	at := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	for i := range 5 {
		x.store.SaveCall(&store.Call{ID: fmt.Sprintf("old-%d", i), Org: "default", State: "ended", Direction: store.DirInternal,
			From: "101", To: "102", UserIDs: []string{[]string{"anna", "ion"}[i%2]}, StartedAt: at.Add(time.Duration(i) * time.Minute),
			EndedAt: at.Add(time.Duration(i)*time.Minute + time.Second), Outcome: store.Outcome{Result: store.ResultAnswered}},
			&store.Trace{CallID: fmt.Sprintf("old-%d", i), Sentence: "rings"}, nil)
	}
	x.live.set(store.Call{ID: "up", Org: "default", State: "active", From: "101", To: "102", UserIDs: []string{"anna"}, StartedAt: at.Add(time.Hour)},
		store.Call{ID: "elsewhere", Org: "acme", State: "active"})
	x.wait(func() bool { return len(x.do("GET", "/calls?state=ended", nil).want(200).ids()) == 5 })
	for query, want := range map[string]string{
		"?state=active":                    "up",
		"?state=ended":                     "old-4 old-3 old-2 old-1 old-0",
		"":                                 "up old-4 old-3 old-2 old-1 old-0",
		"?state=ended&user_id=ion":         "old-3 old-1",
		"?outcome.result=answered&limit=2": "old-4 old-3",
		"?direction=inbound":               "",
		"?state=ended&number=10":           "old-4 old-3 old-2 old-1 old-0",
		"?number=103":                      "",
		"?state=ended&missed=true":         "",
		"?since=2026-05-01T10:03:00Z":      "up old-4 old-3",
		"?since=2026-05-01T10:01:00Z&until=2026-05-01T12:03:00%2B02:00": "old-2 old-1",
	} {
		if got := strings.Join(x.do("GET", "/calls"+query, nil).want(200).ids(), " "); got != want {
			t.Errorf("GET /calls%s: %q, want %q", query, got, want)
		}
	}
	var all []string
	for cursor := ""; ; {
		r := x.do("GET", "/calls?limit=2&cursor="+cursor, nil).want(200)
		all = append(all, r.ids()...)
		if cursor, _ = r.object()["next_cursor"].(string); cursor == "" {
			break
		}
	}
	if got := strings.Join(all, " "); got != "up old-4 old-3 old-2 old-1 old-0" {
		t.Errorf("page by page: %s", got)
	}
	x.do("GET", "/calls?state=sleeping", nil).want(422, "state")
	x.do("GET", "/calls?since=yesterday", nil).want(422, "since")
	x.do("GET", "/calls?missed=perhaps", nil).want(422, "missed")
	x.do("GET", "/calls?colour=red", nil).want(422, "colour")
	x.do("GET", "/calls/up", nil).want(200)
	x.do("GET", "/calls/old-1", nil).want(200)
	x.do("GET", "/calls/elsewhere", nil).want(404, "")
	if s := x.do("GET", "/calls/old-1/trace", nil).want(200).object()["sentence"]; s != "rings" {
		t.Errorf("sentence %v", s)
	}
	x.do("GET", "/calls/up/trace", nil).want(200)
	x.do("GET", "/calls/none/trace", nil).want(404, "")
	x.do("DELETE", "/calls/up", nil).want(204)
	x.do("DELETE", "/calls/old-1", nil).want(409, "")
	x.do("DELETE", "/calls/none", nil).want(404, "")
	if len(x.live.hungUp) != 1 {
		t.Errorf("hung up %v", x.live.hungUp)
	}
	for _, from := range []string{"101", "ion", "ion-line", "anna"} {
		x.do("POST", "/calls", map[string]any{"from": from, "to": "102"}).want(201)
	}
	x.do("POST", "/calls", map[string]any{"from": "nobody", "to": "102"}).want(422, "from")
	x.do("POST", "/calls", map[string]any{"from": "101"}).want(422, "to")
	if got := strings.Join(x.live.dialled, ", "); got != "default anna-app 102, default ion-line 102, default ion-line 102, default anna-app 102" {
		t.Errorf("dialled %s", got)
	}
	if got := x.do("GET", "/bans", nil).want(200).items(); len(got) != 1 || got[0]["address"] != "192.0.2.9" {
		t.Errorf("bans %v", got)
	}
	if tr := x.do("GET", "/trunks/carrier", nil).want(200).object(); tr["up"] != true || tr["registered"] != true {
		t.Errorf("trunk %v", tr)
	}
}

// TestMissedCalls: what somebody called a user for in vain, and not what the user
// tried; a number that is withheld cannot be searched for by the called side.
func TestMissedCalls(t *testing.T) {
	x := newExchange(t)
	x.people()
	at := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	put := func(id string, c store.Call) {
		at = at.Add(time.Minute)
		c.ID, c.Org, c.State, c.StartedAt, c.EndedAt = id, "default", "ended", at, at
		x.store.SaveCall(&c, nil, nil)
	}
	both := []string{"anna", "ion"}
	put("in", store.Call{Direction: store.DirInbound, From: "+40745550100", To: "102", UserIDs: []string{"ion"}, Outcome: store.Outcome{Result: store.ResultCancelled}})
	put("tried", store.Call{Direction: store.DirOutbound, From: "102", To: "+40745550100", UserIDs: []string{"ion"}, CallerUserID: "ion", Outcome: store.Outcome{Result: store.ResultBusy}})
	put("talked", store.Call{Direction: store.DirInternal, From: "101", To: "102", UserIDs: both, CallerUserID: "anna", Outcome: store.Outcome{Result: store.ResultAnswered}})
	put("hidden", store.Call{Direction: store.DirInternal, From: "101", To: "102", UserIDs: both, CallerUserID: "anna", Withheld: true, Outcome: store.Outcome{Result: store.ResultNoAnswer}})
	x.wait(func() bool { return len(x.do("GET", "/calls", nil).want(200).ids()) == 4 })
	ion := header{"token": x.newToken(map[string]any{"role": "user", "user_id": "ion"}, "")}
	anna := header{"token": x.newToken(map[string]any{"role": "user", "user_id": "anna"}, "")}
	for _, c := range []struct {
		query, want string
		who         header
	}{
		{"?missed=true", "hidden in", ion},
		{"?missed=true", "", anna},
		{"?number=101", "talked", ion},
		{"?number=101", "hidden talked", anna},
		{"?number=0745", "tried in", ion},
	} {
		if got := strings.Join(x.do("GET", "/calls"+c.query, nil, c.who).want(200).ids(), " "); got != c.want {
			t.Errorf("GET /calls%s: %q, want %q", c.query, got, c.want)
		}
	}
}

// wait asks again until something that is written later is there.
func (x *exchange) wait(done func() bool) {
	x.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			x.t.Fatal("it never came")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestRegistrations by AOR, with filters.
func TestRegistrations(t *testing.T) {
	x := newExchange(t)
	for i, aor := range []string{"ion", "anna", "anna"} {
		x.live.bindings = append(x.live.bindings, store.Binding{Org: "default", AOR: aor, UserID: aor, Contact: fmt.Sprintf("sip:%s@192.0.2.%d", aor, i),
			Target: "192.0.2.1:5060", Transport: "udp", ExpiresAt: time.Now().Add(time.Hour)})
	}
	x.live.bindings = append(x.live.bindings, store.Binding{Org: "acme", AOR: "wile"})
	got := x.do("GET", "/registrations", nil).want(200).items()
	if len(got) != 3 || got[0]["aor"] != "anna" || got[2]["aor"] != "ion" || got[0]["source"] != "192.0.2.1:5060" {
		t.Errorf("%v", got)
	}
	if got := x.do("GET", "/registrations?user_id=ion", nil).want(200).items(); len(got) != 1 {
		t.Errorf("%v", got)
	}
	x.do("GET", "/registrations?call_id=x", nil).want(422, "call_id")
	id := x.do("GET", "/registrations?user_id=ion", nil).want(200).items()[0]["id"].(string)
	x.do("DELETE", "/registrations/"+id, nil, header{"token": x.newToken(map[string]any{"role": "admin"}, "")}).want(204)
	x.do("DELETE", "/registrations/"+id, nil).want(404, "")
	if got := x.do("GET", "/registrations", nil).want(200).items(); len(got) != 2 || got[0]["aor"] != "anna" {
		t.Errorf("%v", got)
	}
}

// TestRecordings and voicemails: listed, heard in ranges, deleted.
func TestRecordings(t *testing.T) {
	x := newExchange(t)
	x.people()
	sound := wav(1, 2, 8000, 16)
	for _, dir := range []string{"recordings", "voicemail"} {
		if err := os.MkdirAll(filepath.Join(x.dir, dir), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(x.dir, dir, "a.wav"), sound, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	now := time.Now().UTC().Truncate(time.Millisecond)
	put(x.store.PutRecording(ctx, &store.CallRecording{ID: "a", Org: "default", CallID: "c", UserIDs: []string{"anna"}, State: store.RecordingDelivered,
		CreatedAt: now, Format: "wav", SHA256: "ab", File: "recordings/a.wav"}))
	put(x.store.PutRecording(ctx, &store.CallRecording{ID: "b", Org: "default", UserIDs: []string{"ion"}, State: store.RecordingCapturing, CreatedAt: now.Add(time.Second), Spool: "spool/b"}))
	put(x.store.PutRecording(ctx, &store.CallRecording{ID: "evil", Org: "default", State: store.RecordingCaptured, CreatedAt: now.Add(2 * time.Second), File: "../../etc/passwd"}))
	put(x.store.PutRecording(ctx, &store.CallRecording{ID: "lost", Org: "default", State: store.RecordingCaptured, CreatedAt: now.Add(3 * time.Second), File: "recordings/none.wav"}))
	put(x.store.PutVoicemail(ctx, &store.Voicemail{ID: "v", Org: "default", UserID: "anna", State: store.RecordingCaptured, CreatedAt: now, File: "voicemail/a.wav"}))

	if got := strings.Join(x.do("GET", "/recordings", nil).want(200).ids(), " "); got != "lost evil b a" {
		t.Errorf("recordings %s", got)
	}
	if got := x.do("GET", "/recordings?user_id=anna", nil).want(200); len(got.items()) != 1 || bytes.Contains(got.raw, []byte("a.wav")) {
		t.Errorf("of anna: %s", got.raw)
	}
	heard := x.do("GET", "/recordings/a/audio", nil).want(200)
	if !bytes.Equal(heard.raw, sound) || heard.header.Get("ETag") != `"ab"` {
		t.Errorf("heard %d bytes, ETag %s", len(heard.raw), heard.header.Get("ETag"))
	}
	if r := x.do("GET", "/recordings/a/audio", nil, header{"Range": "bytes=4-7"}).want(206); !bytes.Equal(r.raw, sound[4:8]) {
		t.Errorf("range: %q", r.raw)
	}
	x.do("GET", "/recordings/a/audio", nil, header{"Range": "bytes=99999999-"}).want(416)
	x.do("GET", "/recordings/b/audio", nil).want(409, "")
	x.do("GET", "/recordings/lost/audio", nil).want(410, "")
	if r := x.do("GET", "/recordings/evil/audio", nil); r.status < 400 || bytes.Contains(r.raw, []byte("root:")) {
		t.Errorf("out of the data directory: %d %s", r.status, r.raw)
	}
	x.do("GET", "/recordings/none", nil).want(404, "")
	x.do("DELETE", "/recordings/b", nil).want(409, "")
	x.do("DELETE", "/recordings/a", nil).want(204)
	x.do("GET", "/recordings/a", nil).want(404, "")

	anna := header{"token": x.newToken(map[string]any{"role": "user", "user_id": "anna"}, "")}
	ion := header{"token": x.newToken(map[string]any{"role": "user", "user_id": "ion"}, "")}
	x.do("GET", "/voicemails/v/audio", nil, ion).want(404, "")
	x.do("DELETE", "/voicemails/v", nil, ion).want(404, "")
	x.do("GET", "/voicemails/v/audio", nil, anna).want(200)
	if v := x.do("PATCH", "/voicemails/v", map[string]any{"read": true}, anna).want(200).object(); v["read"] != true {
		t.Errorf("%v", v)
	}
	x.do("PATCH", "/voicemails/v", map[string]any{"from": "x"}).want(422, "from")
	x.do("DELETE", "/voicemails/v", nil, anna).want(204)
	if _, err := os.Stat(filepath.Join(x.dir, "voicemail", "a.wav")); !os.IsNotExist(err) {
		t.Errorf("the message's file: %v", err)
	}
	check := x.do("GET", "/check", nil).want(200)
	for _, id := range []string{"evil", "lost"} {
		if !bytes.Contains(check.raw, []byte("recordings/"+id)) {
			t.Errorf("check does not find %s: %s", id, check.raw)
		}
	}
}

// TestBackup: the copy is a store with the same records.
func TestBackup(t *testing.T) {
	x := newExchange(t)
	x.people()
	r := x.do("GET", "/backup", nil).want(200)
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(path, r.raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := bolt.Verify(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	backend, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), backend, store.Options{Key: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	sn, _ := st.Snapshot("default")
	if _, ok := sn.Users.Get("anna"); !ok {
		t.Error("the copy has no anna")
	}
}

// TestEvents: a new revision, and a call that comes and goes.
func TestEvents(t *testing.T) {
	x := newExchange(t)
	req, err := http.NewRequestWithContext(t.Context(), "GET", x.server.URL+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+x.token)
	res, err := x.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("content type %q", got)
	}
	lines := bufio.NewScanner(res.Body)
	next := func(want string) string {
		t.Helper()
		for lines.Scan() {
			if event, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				if event != want {
					t.Fatalf("event %s, want %s", event, want)
				}
				lines.Scan()
				return strings.TrimPrefix(lines.Text(), "data: ")
			}
		}
		t.Fatalf("the stream ended before %s: %v", want, lines.Err())
		return ""
	}
	lines.Scan() // it is watching from here on
	x.do("POST", "/users", map[string]any{"first_name": "U"}).want(201)
	if data := next("configuration"); !strings.Contains(data, `"revision":`) {
		t.Errorf("%s", data)
	}
	x.live.set(store.Call{ID: "c", Org: "default", State: "active", StartedAt: time.Now()})
	if data := next("call"); !strings.Contains(data, `"state":"active"`) {
		t.Errorf("%s", data)
	}
	x.live.set()
	if data := next("call"); !strings.Contains(data, `"state":"ended"`) {
		t.Errorf("%s", data)
	}
}
