package provisioning

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strowger/store"
)

func TestRetention(t *testing.T) {
	s, now := newService(t)
	ctx, org := t.Context(), store.DefaultOrganization
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	old, young := now.AddDate(0, 0, -31), now.AddDate(0, 0, -29)
	file := func(name string) string {
		must(os.MkdirAll(filepath.Join(s.data, "recordings"), 0o700))
		must(os.WriteFile(filepath.Join(s.data, "recordings", name), []byte("x"), 0o600))
		return "recordings/" + name
	}
	recording := func(id string, at time.Time, state store.RecordingState, deliveries ...store.Delivery) {
		must(s.store.PutRecording(ctx, &store.CallRecording{ID: id, Org: org, CreatedAt: at, State: state, File: file(id), Deliveries: deliveries}))
	}
	recording("old", old, store.RecordingDelivered)
	recording("young", young, store.RecordingDelivered)
	recording("under-way", old, store.RecordingCapturing)
	recording("waiting", old, store.RecordingCaptured, store.Delivery{DeliveryMethodID: "nas", State: store.DeliveryQueued})
	must(s.store.PutVoicemail(ctx, &store.Voicemail{ID: "message", Org: org, UserID: "anna", CreatedAt: old, State: store.RecordingCaptured, File: file("message")}))
	for id, at := range map[string]time.Time{"call-old": old, "call-young": young} {
		s.store.SaveCall(&store.Call{ID: id, Org: org, StartedAt: at, EndedAt: at.Add(time.Minute)}, &store.Trace{Sentence: "rings"}, nil)
	}
	kept := func() (ids []string) {
		t.Helper()
		for _, id := range []string{"old", "young", "under-way", "waiting"} {
			_, err := s.store.Recording(ctx, org, id)
			_, noFile := os.Stat(filepath.Join(s.data, "recordings", id))
			if errors.Is(err, store.ErrNotFound) != errors.Is(noFile, fs.ErrNotExist) {
				t.Errorf("recording %s: %v, its file: %v", id, err, noFile)
			}
			if err == nil {
				ids = append(ids, id)
			}
		}
		if _, err := s.store.Voicemail(ctx, org, "message"); err == nil {
			ids = append(ids, "message")
		}
		for _, id := range []string{"call-old", "call-young"} {
			if _, err := s.store.Call(ctx, org, id); err == nil {
				ids = append(ids, id)
			}
		}
		return ids
	}
	retain := func(patch, want string) {
		t.Helper()
		_, _, err := s.ChangeOrganization(ctx, Caller{Role: store.TokenOperator}, me, org, []byte(`{"retention": `+patch+`}`), "")
		must(err)
		if _, err := s.Retain(ctx); err != nil {
			t.Error(err)
		}
		if got := strings.Join(kept(), " "); got != want {
			t.Errorf("%s keeps %s, want %s", patch, got, want)
		}
	}
	retain(`{}`, "old young under-way waiting message call-old call-young") // off by default
	retain(`{"recording_days": 30}`, "young under-way waiting message call-old call-young")
	retain(`{"voicemail_days": 30}`, "young under-way waiting call-old call-young")
	retain(`{"call_days": 30}`, "young under-way waiting call-young")

	events, err := s.store.AccessEvents(ctx, org, "", 10)
	must(err)
	if len(events) != 3 {
		t.Fatalf("%d audit rows, want one for each kind: %+v", len(events), events)
	}
	for _, e := range events {
		if e.Event != store.RetentionPassed || !strings.Contains(e.Detail, "older than 30 days") || !strings.HasPrefix(e.Detail, "1 ") {
			t.Errorf("the audit log says %+v", e)
		}
	}
	if n, err := s.Retain(ctx); n != 0 || err != nil {
		t.Errorf("a second pass deletes %d more, %v", n, err)
	}
}

// What a crash cuts short after the audit row the next pass finishes, and the audit
// log has it once.
func TestRetentionCutShort(t *testing.T) {
	s, now := newService(t)
	ctx, org := t.Context(), store.DefaultOrganization
	_, _, err := s.ChangeOrganization(ctx, Caller{Role: store.TokenOperator}, me, org, []byte(`{"retention": {"recording_days": 1}}`), "")
	if err != nil {
		t.Fatal(err)
	}
	r := &store.CallRecording{ID: "half", Org: org, CreatedAt: now.AddDate(0, 0, -2), State: store.RecordingCaptured, File: "recordings/half.wav"}
	if err := s.store.PutRecording(ctx, r); err != nil {
		t.Fatal(err)
	}
	if err := s.store.PutAccessEvent(ctx, &store.AccessEvent{ID: "retention.recordings.half", Org: org, At: *now, Event: store.RetentionPassed}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Retain(ctx); n != 1 || err != nil {
		t.Errorf("deleted %d, %v", n, err)
	}
	if events, err := s.store.AccessEvents(ctx, org, "", 10); len(events) != 1 || err != nil {
		t.Errorf("%d audit rows, %v", len(events), err)
	}
	if files, err := s.store.Removals(ctx); len(files) != 0 || err != nil {
		t.Errorf("files go still: %v, %v", files, err)
	}
}

// A greeting that the company uses is not deleted under it.
func TestCompanyAudioIsNamed(t *testing.T) {
	s, _ := newService(t)
	if _, _, err := s.CreateAudioFile(t.Context(), store.DefaultOrganization, me, "music", "", strings.NewReader(string(tone(t, 1)))); err != nil {
		t.Fatal(err)
	}
	who := Caller{Role: store.TokenOperator}
	if _, _, err := s.ChangeOrganization(t.Context(), who, me, store.DefaultOrganization, []byte(`{"music_on_hold_audio_id": "music"}`), ""); err != nil {
		t.Fatal(err)
	}
	err := s.DeleteAudioFile(t.Context(), store.DefaultOrganization, me, "music", "")
	var refusal *Refusal
	if !errors.As(err, &refusal) || len(refusal.Dependencies) != 1 || refusal.Dependencies[0].Field != "music_on_hold_audio_id" {
		t.Errorf("the music on hold was deleted: %v", err)
	}
}
