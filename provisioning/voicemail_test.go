package provisioning

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"strowger/store"
)

// TestMarkWhileRecording: marking a message heard in the moment in which the
// recorder has delivered it, or somebody deletes it, loses neither.
func TestMarkWhileRecording(t *testing.T) {
	s, _ := newService(t)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range 200 {
		v := store.Voicemail{ID: fmt.Sprintf("v%d", i), Org: store.DefaultOrganization, UserID: "anna",
			State: store.RecordingCapturing, CreatedAt: time.Now()}
		must(s.store.PutVoicemail(ctx, &v))
		var both sync.WaitGroup
		both.Go(func() {
			heard := true
			_, err := s.ChangeVoicemail(ctx, v.Org, v.ID, &heard, "")
			if refused := (*Refusal)(nil); err != nil && !(i%2 == 1 && errors.As(err, &refused) && refused.Status == 404) {
				t.Error(err)
			}
		})
		both.Go(func() {
			var err error
			if i%2 == 1 {
				err = s.store.DeleteVoicemail(ctx, v.Org, v.ID)
			} else {
				v.State, v.File = store.RecordingDelivered, "voicemail/a.wav"
				err = s.store.PutVoicemail(ctx, &v)
			}
			if err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		got, err := s.store.Voicemail(ctx, v.Org, v.ID)
		if i%2 == 1 {
			if !errors.Is(err, store.ErrNotFound) {
				t.Fatalf("the message that was deleted is there: %+v, %v", got, err)
			}
			continue
		}
		if must(err); got.State != store.RecordingDelivered || got.File == "" || !got.Read {
			t.Fatalf("the message is %s in the file %q, read %v", got.State, got.File, got.Read)
		}
	}
}
