package provisioning

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"strowger/media/audio"
	"strowger/store"
)

// MaxAudio is the size of the largest sound file that is taken.
const MaxAudio = 20 << 20

// decodersAtOnce bounds what reading sound files takes: each holds its file and
// what is in it, together at most 80 MB.
const decodersAtOnce = 2

// audioDir is below the data directory; a file in it has the name of its id.
const audioDir = "audio"

// unfinished begins the name of a file below audio/ whose upload is under way.
// No id has it.
const unfinished = "~"

// CreateAudioFile keeps a sound, of any form that [audio.Decode] reads, in the canonical form, WAV with 16-bit PCM in
// one channel at 8 or 16 kHz. The file is on disk before its record is. An empty
// id gets a new one, an empty name that of the file. Of several uploads with one
// id the first is kept.
func (s *Service) CreateAudioFile(ctx context.Context, org string, by store.Author, id, name string, sound io.Reader) (record any, etag string, err error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, "", err
	}
	if id == "" {
		id = store.NewID()
	} else if _, taken := sn.AudioFiles.Get(id); taken {
		return nil, "", refuse(409, "id: there is an audio file %q already", id)
	} else if !plainName(id) {
		return nil, "", invalid("id", "want 1 to 64 of a-z, 0-9, '.', '_' and '-'")
	}
	clip, err := s.readSound(ctx, sound)
	if err != nil {
		return nil, "", err
	}
	root, err := os.OpenRoot(s.data)
	if err != nil {
		return nil, "", err
	}
	defer root.Close()
	written, sum, err := writeSound(root, clip)
	if err != nil {
		return nil, "", diskError(err)
	}
	defer root.Remove(written) // gone already if all went well
	// From here on the file that has the id's name is this upload's.
	s.sounds.Lock()
	defer s.sounds.Unlock()
	if sn, err = s.snapshot(org); err != nil {
		return nil, "", err
	}
	if _, taken := sn.AudioFiles.Get(id); taken {
		return nil, "", refuse(409, "id: there is an audio file %q already", id)
	}
	file := store.AudioPath(org, id)
	if err := placeSound(root, written, file); err != nil {
		return nil, "", diskError(err)
	}
	// It may have the name of one that was promised to go, of a deleted organization.
	if err := s.store.Removed([]string{filepath.ToSlash(file)}); err != nil {
		return nil, "", errors.Join(err, s.removeData(file))
	}
	r := store.AudioFile{Meta: store.Meta{ID: id}, Name: name,
		DurationMS: int(clip.Duration().Milliseconds()), SHA256: sum}
	record, etag, err = s.save(ctx, org, by, audioFiles, "upload "+audioFiles.One(), func(e *store.Edit) (*made, error) {
		if _, taken := e.AudioFiles.Get(id); taken {
			return nil, refuse(409, "id: there is an audio file %q already", id)
		}
		return &made{id: id}, e.AudioFiles.Put(r)
	})
	if err != nil {
		return nil, "", errors.Join(err, s.removeData(file))
	}
	return record, etag, nil
}

// plainName says whether an id can be a file's name.
func plainName(id string) bool {
	return len(id) <= 64 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789._-") == "" && strings.Trim(id, ".") != ""
}

// readSound reads a sound file. One that is slow to arrive does not hold up the
// reading of others.
func (s *Service) readSound(ctx context.Context, r io.Reader) (*audio.Clip, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxAudio+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > MaxAudio {
		return nil, refuse(413, "file: larger than 20 MB")
	}
	if len(raw) == 0 {
		return nil, invalid("file", "empty")
	}
	select {
	case s.decoding <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-s.decoding }()
	clip, err := audio.Decode(ctx, raw)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, audio.ErrUnknownSound), errors.Is(err, audio.ErrNoFFmpeg):
		return nil, &Refusal{Status: 415, Field: "file", Detail: store.Say("file: %s", store.Words{Text: err.Error()})}
	case err != nil && isDiskFull(err):
		return nil, diskError(err)
	case err != nil:
		return nil, invalid("file", "%v", err)
	case len(clip.PCM) == 0:
		return nil, invalid("file", "holds no sound")
	}
	return clip, nil
}

// writeSound brings a clip to disk below audio/, under a name that is only its
// own until it is placed.
func writeSound(root *os.Root, clip *audio.Clip) (name, sum string, err error) {
	if err := root.Mkdir(audioDir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", "", err
	}
	name = filepath.Join(audioDir, unfinished+store.NewID())
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", "", err
	}
	err = writeClip(f, clip)
	if err == nil {
		if _, err = f.Seek(0, io.SeekStart); err == nil {
			h := sha256.New()
			_, err = io.Copy(h, f)
			sum = hex.EncodeToString(h.Sum(nil))
		}
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", "", errors.Join(err, root.Remove(name))
	}
	return name, sum, nil
}

// placeSound gives a sound that was written its name, which lasts through a power
// cut.
func placeSound(root *os.Root, written, file string) error {
	dir := filepath.Dir(file)
	if err := root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := root.Rename(written, file); err != nil {
		return err
	}
	return syncDir(root, dir)
}

// clearSounds takes away what uploads that a crash cut short left.
func (s *Service) clearSounds() {
	root, err := os.OpenRoot(s.data)
	if err != nil {
		return // no sounds yet
	}
	defer root.Close()
	files, _ := fs.ReadDir(root.FS(), audioDir)
	for _, f := range files {
		if !strings.HasPrefix(f.Name(), unfinished) {
			continue
		}
		if err := root.Remove(filepath.Join(audioDir, f.Name())); err != nil {
			s.log.Warn("what is left of an upload stays on disk", "file", f.Name(), "err", err)
		}
	}
}

func writeClip(f *os.File, clip *audio.Clip) error {
	w, err := audio.NewWAVWriter(f, audio.WAVFormat{Tag: audio.TagPCM, Channels: 1, Rate: clip.Rate, Bits: 16})
	if err != nil {
		return err
	}
	return errors.Join(w.Write(clip.PCM), w.Close())
}

// OpenAudioFile opens a sound to be heard.
func (s *Service) OpenAudioFile(org, id string) (*Sound, error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, err
	}
	r, ok := sn.AudioFiles.Get(id)
	if !ok {
		return nil, audioFiles.missing()
	}
	f, err := s.openData(store.AudioPath(org, id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &Refusal{Status: 410, Detail: store.Say("the sound itself is gone; upload it again"), Cause: err}
	}
	if err != nil {
		return nil, err
	}
	return &Sound{File: f, Name: id + ".wav", SHA256: r.SHA256}, nil
}

// DeleteAudioFile takes a sound away that nothing plays any more: the record
// first, then the file, which nothing can name from then on.
func (s *Service) DeleteAudioFile(ctx context.Context, org string, by store.Author, id, ifMatch string) error {
	s.sounds.Lock() // the file could be a later upload's
	defer s.sounds.Unlock()
	if err := s.Delete(ctx, org, by, audioFiles, id, ifMatch); err != nil {
		return err
	}
	if err := s.removeData(store.AudioPath(org, id)); err != nil {
		s.log.Warn("a sound that was deleted is still on disk", "audio_file", id, "err", err)
	}
	return nil
}

// diskError makes a full disk the store's own error.
func diskError(err error) error {
	if isDiskFull(err) {
		return errors.Join(store.ErrFull, err)
	}
	return err
}
