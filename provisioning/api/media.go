package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"strowger/provisioning"
	"strowger/store"
)

// VoicemailChange is what of a voicemail can be changed; what is absent stays.
type VoicemailChange struct {
	Read *bool `json:"read,omitempty"`
	// UserID hands the message to somebody else, who has not heard it.
	UserID string `json:"user_id,omitempty"`
}

func (a *API) addMedia() {
	recording, voicemail := reflect.TypeFor[store.CallRecording](), reflect.TypeFor[store.Voicemail]()
	a.addHistory("/recordings", "recordings", "recording", recording, provisioning.FiltersOf[store.CallRecording](),
		func(r *request, q provisioning.Query) (provisioning.Page, error) {
			return a.svc.Recordings(r.Context(), r.org, q)
		},
		func(r *request) (any, error) { return a.ownRecording(r) },
		func(r *request) (*provisioning.Sound, error) {
			if _, err := a.ownRecording(r); err != nil {
				return nil, err
			}
			return a.svc.RecordingAudio(r.Context(), r.org, r.PathValue("id"))
		},
		forAdmin, a.svc.DeleteRecording)
	a.addHistory("/voicemails", "voicemails", "voicemail", voicemail, provisioning.FiltersOf[store.Voicemail](),
		func(r *request, q provisioning.Query) (provisioning.Page, error) {
			return a.svc.Voicemails(r.Context(), r.org, q)
		},
		func(r *request) (any, error) { return a.ownVoicemail(r) },
		func(r *request) (*provisioning.Sound, error) {
			if _, err := a.ownVoicemail(r); err != nil {
				return nil, err
			}
			return a.svc.VoicemailAudio(r.Context(), r.org, r.PathValue("id"))
		},
		forUser, a.svc.DeleteVoicemail)
	a.add(operation{
		method: http.MethodPatch, path: "/voicemails/{id}", id: "change-voicemail", tag: "voicemails", summary: "Mark a voicemail read or unread, or hand it to somebody else",
		reach: forUser, body: reflect.TypeFor[VoicemailChange](), result: voicemail,
		run: func(r *request) (*answer, error) {
			var c VoicemailChange
			if err := provisioning.Decode(r.raw, &c); err != nil {
				return nil, err
			}
			if _, err := a.ownVoicemail(r); err != nil {
				return nil, err
			}
			v, err := a.svc.ChangeVoicemail(r.Context(), r.org, r.PathValue("id"), c.Read, c.UserID)
			return &answer{body: v}, err
		},
	})
}

func (a *API) ownRecording(r *request) (*store.CallRecording, error) {
	c, err := a.svc.Recording(r.Context(), r.org, r.PathValue("id"), r.who.UserID)
	if err == nil && !r.own(c.UserIDs...) {
		err = notFound("recording")
	}
	return c, err
}

func (a *API) ownVoicemail(r *request) (*store.Voicemail, error) {
	v, err := a.svc.Voicemail(r.Context(), r.org, r.PathValue("id"))
	if err == nil && !r.own(v.UserID) {
		err = notFound("voicemail")
	}
	return v, err
}

// addHistory makes the operations of records that have sound.
func (a *API) addHistory(path, tag, one string, record reflect.Type, filters []string,
	list func(*request, provisioning.Query) (provisioning.Page, error), get func(*request) (any, error),
	sound func(*request) (*provisioning.Sound, error),
	mayDelete reach, remove func(ctx context.Context, org, id string) error) {
	if !contains(filters, "user_id") {
		filters = append(filters, "user_id")
	}
	a.add(operation{
		method: http.MethodGet, path: path, id: "list-" + tag, tag: tag, summary: "List " + tag + ", newest first",
		reach: forUser, params: listParams(filters), result: a.listOf(record, tag), resultMedia: []string{"text/csv"},
		run: func(r *request) (*answer, error) {
			q, err := r.historyQuery()
			if err != nil {
				return nil, err
			}
			page, err := list(r, q)
			if err != nil {
				return nil, err
			}
			return listAnswer(r, tag, record, page)
		},
	})
	a.add(operation{
		method: http.MethodGet, path: path + "/{id}", id: "get-" + one, tag: tag, summary: "Read a " + one,
		reach: forUser, result: record,
		run: func(r *request) (*answer, error) {
			v, err := get(r)
			return &answer{body: v}, err
		},
	})
	a.add(operation{
		method: http.MethodGet, path: path + "/{id}/audio", id: "get-" + one + "-audio", tag: tag, summary: "Hear a " + one,
		text:  "WAV; ranges are answered.",
		reach: forUser, resultMedia: []string{"audio/wav"}, errors: []int{http.StatusConflict, http.StatusGone},
		run: func(r *request) (*answer, error) {
			s, err := sound(r)
			if err != nil {
				return nil, err
			}
			return soundAnswer(s), nil
		},
	})
	a.add(operation{
		method: http.MethodDelete, path: path + "/{id}", id: "delete-" + one, tag: tag, summary: "Delete a " + one,
		reach: mayDelete, status: http.StatusNoContent,
		run: func(r *request) (*answer, error) {
			if _, err := get(r); err != nil {
				return nil, err
			}
			return nil, remove(r.Context(), r.org, r.PathValue("id"))
		},
	})
}

// soundAnswer sends a sound, or the range of it that is asked for.
func soundAnswer(s *provisioning.Sound) *answer {
	a := &answer{write: func(w http.ResponseWriter, r *http.Request) error {
		defer s.Close()
		var modified time.Time
		if info, err := s.Stat(); err == nil {
			modified = info.ModTime()
		}
		http.ServeContent(w, r, s.Name, modified, s)
		return nil
	}}
	a.set("Content-Type", "audio/wav")
	if s.SHA256 != "" {
		a.set("ETag", `"`+s.SHA256+`"`)
	}
	return a.set("Content-Disposition", `inline; filename="`+s.Name+`"`)
}

func (a *API) addAudio() {
	tag := "audio-files"
	a.add(operation{
		method: http.MethodPost, path: "/audio-files", id: "create-audio-file", tag: tag, summary: "Upload an audio file",
		text: "WAV (PCM or G.711), MP3, FLAC, Ogg (Vorbis or Opus) or M4A, at most half an hour; what it is is told by its content. " +
			"It is kept as WAV, 16-bit PCM, one channel, 8 or 16 kHz. Ogg and M4A need ffmpeg on the exchange's machine, and get 415 without.",
		reach: forAdmin, params: []*huma.Param{idempotencyParam}, maxBody: maxUpload, status: http.StatusCreated,
		result: reflect.TypeFor[store.AudioFile](),
		bodyMedia: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
			Type: huma.TypeObject, Required: []string{"file"},
			Properties: map[string]*huma.Schema{
				"file": {Type: huma.TypeString, Format: "binary", Description: "At most 20 MB."},
				"name": {Type: huma.TypeString, Description: "The file's own name without it."},
				"id":   {Type: huma.TypeString},
			},
		}}},
		run: func(r *request) (*answer, error) {
			form, err := readForm(r, "file")
			if err != nil {
				return nil, err
			}
			defer form.close()
			if form.file == nil {
				return nil, invalid("file", "missing")
			}
			name := form.values["name"]
			if name == "" {
				name = form.fileName
			}
			record, etag, err := a.svc.CreateAudioFile(r.Context(), r.org, r.author(""), form.values["id"], name, form.file)
			if err != nil {
				return nil, err
			}
			return (&answer{body: record}).set("ETag", etag).set("Location", prefix+"/audio-files/"+provisioning.IDOf(record)), nil
		},
	})
	a.add(operation{
		method: http.MethodGet, path: "/audio-files/{id}/audio", id: "get-audio-file-audio", tag: tag, summary: "Hear an audio file",
		text:  "WAV; ranges are answered.",
		reach: forAdmin, resultMedia: []string{"audio/wav"}, errors: []int{http.StatusGone},
		run: func(r *request) (*answer, error) {
			s, err := a.svc.OpenAudioFile(r.org, r.PathValue("id"))
			if err != nil {
				return nil, err
			}
			return soundAnswer(s), nil
		},
	})
	a.add(operation{
		method: http.MethodDelete, path: "/audio-files/{id}", id: "delete-audio-file", tag: tag, summary: "Delete an audio file",
		reach: forAdmin, params: []*huma.Param{ifMatchParam}, status: http.StatusNoContent, errors: []int{http.StatusPreconditionFailed},
		run: func(r *request) (*answer, error) {
			return nil, a.svc.DeleteAudioFile(r.Context(), r.org, r.author(""), r.PathValue("id"), r.Header.Get("If-Match"))
		},
	})
}

func asTooLarge(err error) bool {
	var large *http.MaxBytesError
	return errors.As(err, &large)
}
