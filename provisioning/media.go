package provisioning

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"strowger/store"
)

// Recordings lists captures, newest first. user_id finds those made for a user.
func (s *Service) Recordings(ctx context.Context, org string, q Query) (Page, error) {
	user, byUser := q.takeFilter("user_id")
	return newest(q,
		func(r *store.CallRecording) bool { return !byUser || slices.Contains(r.UserIDs, user) },
		func(r *store.CallRecording) string { return r.ID },
		recordingFor,
		func(r *store.CallRecording) any { return shownRecording(r) },
		func(before string, limit int) ([]*store.CallRecording, error) {
			return s.store.Recordings(ctx, org, before, limit)
		})
}

// Recording answers one, as reader may see it.
func (s *Service) Recording(ctx context.Context, org, id, reader string) (*store.CallRecording, error) {
	r, err := s.store.Recording(ctx, org, id)
	if err != nil {
		return nil, asMissing(err, "recording")
	}
	return shownRecording(recordingFor(r, reader)), nil
}

// shownRecording leaves out where files lie: that is nobody's business outside.
func shownRecording(r *store.CallRecording) *store.CallRecording {
	filled := Filled(r)
	filled.Spool, filled.File = "", ""
	return &filled
}

// Voicemails lists messages, newest first.
func (s *Service) Voicemails(ctx context.Context, org string, q Query) (Page, error) {
	return newest(q, nil,
		func(v *store.Voicemail) string { return v.ID },
		func(v *store.Voicemail, _ string) *store.Voicemail { return v },
		func(v *store.Voicemail) any { return shownVoicemail(v) },
		func(before string, limit int) ([]*store.Voicemail, error) {
			return s.store.Voicemails(ctx, org, before, limit)
		})
}

// Voicemail answers one.
func (s *Service) Voicemail(ctx context.Context, org, id string) (*store.Voicemail, error) {
	v, err := s.store.Voicemail(ctx, org, id)
	if err != nil {
		return nil, asMissing(err, "voicemail")
	}
	return shownVoicemail(v), nil
}

func shownVoicemail(v *store.Voicemail) *store.Voicemail {
	filled := Filled(v)
	filled.Spool, filled.File = "", ""
	return &filled
}

// ChangeVoicemail notes whether a message was heard, unless read is nil, and
// hands it to userID, unless that is empty or has it: to whom it is new.
func (s *Service) ChangeVoicemail(ctx context.Context, org, id string, read *bool, userID string) (*store.Voicemail, error) {
	if userID != "" {
		sn, err := s.snapshot(org)
		if err != nil {
			return nil, err
		}
		if _, ok := sn.Users.Get(userID); !ok {
			return nil, invalid("user_id", "there is no user %q", userID)
		}
	}
	v, err := s.store.ChangeVoicemail(ctx, org, id, func(v *store.Voicemail) {
		if userID != "" && userID != v.UserID {
			v.UserID, v.Read = userID, false
		}
		if read != nil {
			v.Read = *read
		}
	})
	if err != nil {
		return nil, asMissing(err, "voicemail")
	}
	return shownVoicemail(v), nil
}

// A Sound is an open WAV file. Whoever gets it closes it.
type Sound struct {
	*os.File
	Name   string
	SHA256 string
}

// RecordingAudio opens what was captured.
func (s *Service) RecordingAudio(ctx context.Context, org, id string) (*Sound, error) {
	r, err := s.store.Recording(ctx, org, id)
	if err != nil {
		return nil, asMissing(err, "recording")
	}
	return s.sound("recording", r.ID, r.State, r.File, r.SHA256)
}

// VoicemailAudio opens a message.
func (s *Service) VoicemailAudio(ctx context.Context, org, id string) (*Sound, error) {
	v, err := s.store.Voicemail(ctx, org, id)
	if err != nil {
		return nil, asMissing(err, "voicemail")
	}
	return s.sound("voicemail", v.ID, v.State, v.File, v.SHA256)
}

func (s *Service) sound(one, id string, state store.RecordingState, file, sum string) (*Sound, error) {
	if file == "" || state != store.RecordingCaptured && state != store.RecordingDelivered {
		return nil, refuse(409, "the %s is %s; there is nothing to hear yet", store.Words{Text: one}, state)
	}
	f, err := s.openData(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &Refusal{Status: 410, Detail: store.Say("the file of the %s is gone", store.Words{Text: one}), Cause: err}
	}
	if err != nil {
		return nil, err
	}
	return &Sound{File: f, Name: id + ".wav", SHA256: sum}, nil
}

// openData opens a file below the data directory, and nothing outside of it
// whatever its name or a link says.
func (s *Service) openData(name string) (*os.File, error) {
	root, err := os.OpenRoot(s.data)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Open(filepath.FromSlash(name))
}

// removeData deletes one.
func (s *Service) removeData(name string) error {
	root, err := os.OpenRoot(s.data)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.Remove(filepath.FromSlash(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// DeleteRecording takes a finished capture away, and its files: with its line of
// the ledger goes the promise that they do, which the next start keeps should this
// one not come to it.
func (s *Service) DeleteRecording(ctx context.Context, org, id string) error {
	files, err := s.deleteRecording(ctx, org, id)
	if err != nil {
		return err
	}
	return removeFiles(s.store, s.data, s.log, files)
}

func (s *Service) deleteRecording(ctx context.Context, org, id string) (files []string, err error) {
	files, err = s.store.DeleteRecordingAndFiles(ctx, org, id, func(r *store.CallRecording) error {
		if r.State == store.RecordingExpected || r.State == store.RecordingCapturing {
			return refuse(409, "the recording is still being made")
		}
		return nil
	})
	return files, asMissing(err, "recording")
}

// DeleteVoicemail takes a message away, and its files.
func (s *Service) DeleteVoicemail(ctx context.Context, org, id string) error {
	files, err := s.deleteVoicemail(ctx, org, id)
	if err != nil {
		return err
	}
	return removeFiles(s.store, s.data, s.log, files)
}

func (s *Service) deleteVoicemail(ctx context.Context, org, id string) (files []string, err error) {
	files, err = s.store.DeleteVoicemailAndFiles(ctx, org, id, func(v *store.Voicemail) error {
		if v.State == store.RecordingExpected || v.State == store.RecordingCapturing {
			return refuse(409, "the message is still being taken")
		}
		return nil
	})
	return files, asMissing(err, "voicemail")
}

var _ io.ReadSeekCloser = (*Sound)(nil)
