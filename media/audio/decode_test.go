package audio

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// forms are half a second of 440 Hz in two channels at 44.1 kHz, as ffmpeg writes
// it in each form.
var forms = []string{"tone.mp3", "tone.flac", "tone.m4a", "tone.opus.ogg", "tone.vorbis.ogg"}

func needsFFmpeg(name string) bool {
	return strings.HasSuffix(name, ".ogg") || strings.HasSuffix(name, ".m4a")
}

func readForm(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestDecode(t *testing.T) {
	_, missing := exec.LookPath("ffmpeg")
	for _, name := range forms {
		t.Run(name, func(t *testing.T) {
			if needsFFmpeg(name) && missing != nil {
				t.Skip(missing)
			}
			clip, err := Decode(t.Context(), readForm(t, name))
			if err != nil {
				t.Fatal(err)
			}
			if clip.Rate != WideRate || clip.Duration() < 480*time.Millisecond || clip.Duration() > 650*time.Millisecond {
				t.Errorf("%v at %d Hz, want 0.5 s at 16 kHz", clip.Duration(), clip.Rate)
			}
			middle := clip.PCM[len(clip.PCM)/4 : len(clip.PCM)*3/4]
			if in, all := ToneLevel(middle, clip.Rate, 440), Level(middle); DB(in) < DB(all)-1 {
				t.Errorf("440 Hz has %.1f dB of %.1f dB", DB(in), DB(all))
			}
		})
	}
}

// Without ffmpeg what needs it says so, and what does not goes on.
func TestDecodeWithoutFFmpeg(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, name := range forms {
		_, err := Decode(t.Context(), readForm(t, name))
		if needsFFmpeg(name) != errors.Is(err, ErrNoFFmpeg) || !needsFFmpeg(name) && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A file that is cut short, or is something else than it says, is played in part or
// refused, and leaves nothing behind.
func TestDecodeDamaged(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	for _, name := range forms {
		whole := readForm(t, name)
		for _, raw := range [][]byte{whole[:len(whole)/2], whole[:40], append(bytes.Clone(whole[:16]), bytes.Repeat([]byte{0xff}, 4096)...)} {
			if clip, err := Decode(t.Context(), raw); err == nil && clip.Duration() > time.Second {
				t.Errorf("%s: %v of sound came from a damaged file", name, clip.Duration())
			}
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	for what, raw := range map[string]string{
		"a playlist": "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "a list for concat": "ffconcat version 1.0\nfile /etc/passwd\n",
		"a picture": "\x89PNG\r\n\x1a\n", "a page": "<script>alert(1)</script>", "a letter": "x",
	} {
		if _, err := Decode(t.Context(), []byte(raw)); !errors.Is(err, ErrUnknownSound) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestDecodeEndsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, name := range forms {
		if _, err := Decode(ctx, readForm(t, name)); err == nil {
			t.Errorf("%s was read for nobody", name)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"tone.mp3", "tone.flac"} {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if form := formOf(raw); form == "Ogg" || form == "M4A" {
			t.Skip("another process")
		}
		clip, err := Decode(t.Context(), raw)
		if (clip == nil) == (err == nil) {
			t.Errorf("%v and %v", clip, err)
		}
	})
}
