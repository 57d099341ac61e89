package audio

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// ErrNoFFmpeg is what Ogg and M4A get on a machine without ffmpeg. There is no
// kept library that reads Vorbis and AAC.
var ErrNoFFmpeg = errors.New("ffmpeg reads Ogg and M4A, and is not installed on this machine; install it, or take WAV, MP3 or FLAC")

// byFFmpeg has ffmpeg read a file: one that says what it is, has no name, names
// no other and reaches no network. It dies with its time, and with ours.
func byFFmpeg(ctx context.Context, form string, raw []byte) (*Clip, error) {
	program, err := exec.LookPath("ffmpeg")
	if err != nil {
		return nil, ErrNoFFmpeg
	}
	// M4A can only be read by one who can seek: a file that has lost its name is
	// gone whatever happens to us.
	f, err := os.CreateTemp("", "strowger-sound-*")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return nil, err
	}
	if _, err := f.Write(raw); err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	demuxer := map[string]string{"Ogg": "ogg", "M4A": "mov"}[form]
	cmd := exec.CommandContext(ctx, program, "-nostdin", "-v", "error", "-threads", "1", "-max_alloc", fmt.Sprint(64<<20),
		"-protocol_whitelist", "file,pipe", "-f", demuxer, "-i", "/dev/stdin",
		"-map", "0:a:0", "-vn", "-sn", "-dn", "-t", fmt.Sprint(maxClip/WideRate+1), "-ac", "1", "-ar", fmt.Sprint(WideRate), "-f", "s16le", "pipe:1")
	said := &head{most: 1 << 10}
	cmd.Stdin, cmd.Stderr, cmd.Env, cmd.WaitDelay = f, said, []string{"PATH=" + os.Getenv("PATH")}, time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("ffmpeg: %w", err)
	}
	if err := confine(cmd.Process.Pid); err != nil {
		cmd.Process.Kill()
		cmd.Wait()
		return nil, fmt.Errorf("ffmpeg: %w", err)
	}
	pcm, readErr := io.ReadAll(io.LimitReader(out, 2*maxClip+2))
	if len(pcm) > 2*maxClip {
		cmd.Process.Kill()
	}
	failed := cmd.Wait()
	switch {
	case len(pcm) > 2*maxClip:
		return nil, fmt.Errorf("longer than %v", time.Duration(maxClip/WideRate)*time.Second)
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case failed != nil && len(pcm) == 0, readErr != nil:
		// Of one that is only damaged in places, what could be read is kept.
		return nil, fmt.Errorf("%s: %s", form, cmp.Or(said.firstLine(), "ffmpeg cannot read it"))
	}
	c := &Clip{Rate: WideRate, PCM: make([]int16, len(pcm)/2)}
	for i := range c.PCM {
		c.PCM[i] = int16(binary.LittleEndian.Uint16(pcm[2*i:]))
	}
	return c, nil
}

// head keeps the first bytes that are written to it.
type head struct {
	bytes.Buffer
	most int
}

func (h *head) Write(p []byte) (int, error) {
	h.Buffer.Write(p[:min(len(p), h.most-h.Len())])
	return len(p), nil
}

// firstLine leaves out in brackets what names a place in memory.
func (h *head) firstLine() string {
	line, _, _ := strings.Cut(h.String(), "\n")
	if _, after, ok := strings.Cut(line, "] "); ok && strings.HasPrefix(line, "[") {
		line = after
	}
	return strings.ToValidUTF8(strings.TrimPrefix(line, "/dev/stdin: "), "")
}
