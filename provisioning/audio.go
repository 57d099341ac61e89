package provisioning

import (
	"bytes"
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

// audioDir is below the data directory; a file in it has the name of its id.
const audioDir = "audio"

// CreateAudioFile keeps a sound in the canonical form, WAV with 16-bit PCM in
// one channel at 8 or 16 kHz. The file is on disk before its record is. An empty
// id gets a new one, an empty name that of the file.
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
	clip, err := readSound(sound)
	if err != nil {
		return nil, "", err
	}
	file, sum, err := s.keepSound(org, id, clip)
	if err != nil {
		return nil, "", err
	}
	r := store.AudioFile{Meta: store.Meta{ID: id}, Name: name,
		DurationMS: int(clip.Duration().Milliseconds()), SHA256: sum}
	record, etag, err = s.save(ctx, org, by, audioFiles, "upload", func(e *store.Edit) (*made, error) {
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

// readSound reads a WAV file.
func readSound(r io.Reader) (*audio.Clip, error) {
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
	clip, err := audio.ReadClip(bytes.NewReader(raw))
	if errors.Is(err, audio.ErrNotWAV) {
		return nil, refuse(415, "file: %s; only WAV is taken", soundName(raw))
	}
	if err != nil {
		return nil, invalid("file", "%v", err)
	}
	if len(clip.PCM) == 0 {
		return nil, invalid("file", "holds no sound")
	}
	return clip, nil
}

// soundName guesses what a file is that is no WAV.
func soundName(raw []byte) string {
	switch {
	case bytes.HasPrefix(raw, []byte("ID3")), len(raw) > 1 && raw[0] == 0xff && raw[1]&0xe0 == 0xe0:
		return "MP3"
	case bytes.HasPrefix(raw, []byte("OggS")):
		return "Ogg"
	case bytes.HasPrefix(raw, []byte("fLaC")):
		return "FLAC"
	case len(raw) > 8 && bytes.Equal(raw[4:8], []byte("ftyp")):
		return "M4A"
	}
	return "not a sound file that is known here"
}

// keepSound writes a clip below audio/ so that it is whole or not there.
func (s *Service) keepSound(org, id string, clip *audio.Clip) (file, sum string, err error) {
	root, err := os.OpenRoot(s.data)
	if err != nil {
		return "", "", err
	}
	defer root.Close()
	if err := root.Mkdir(audioDir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", "", diskError(err)
	}
	file = store.AudioPath(org, id)
	if dir := filepath.Dir(file); dir != audioDir {
		if err := root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", "", diskError(err)
		}
	}
	tmp := file + ".new"
	f, err := root.Create(tmp)
	if err != nil {
		return "", "", diskError(err)
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
	if err = errors.Join(err, f.Close()); err == nil {
		err = root.Rename(tmp, file)
	}
	if err != nil {
		return "", "", diskError(errors.Join(err, root.Remove(tmp)))
	}
	return file, sum, nil
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
		return nil, &Refusal{Status: 410, Detail: "the sound itself is gone; upload it again", Cause: err}
	}
	if err != nil {
		return nil, err
	}
	return &Sound{File: f, Name: id + ".wav", SHA256: r.SHA256}, nil
}

// DeleteAudioFile takes a sound away that nothing plays any more: the record
// first, then the file, which nothing can name from then on.
func (s *Service) DeleteAudioFile(ctx context.Context, org string, by store.Author, id, ifMatch string) error {
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
