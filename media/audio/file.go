package audio

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// maxClip is the longest sound held in memory: half an hour at 16 kHz.
const maxClip = 30 * 60 * WideRate

// LoadWAV reads a WAV file into memory, mixed to one channel and at 16 kHz if it
// has that much to give, else at 8 kHz.
func LoadWAV(path string) (*Clip, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c, err := ReadClip(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// ReadClip is LoadWAV from a stream.
func ReadClip(r io.Reader) (*Clip, error) { return readClip(context.Background(), r) }

func readClip(ctx context.Context, r io.Reader) (*Clip, error) {
	w, err := NewWAVReader(r)
	if err != nil {
		return nil, err
	}
	return gather(ctx, &mixed{r: w, channels: w.Format.Channels}, w.Format.Rate)
}

// clips are the files played of late, shared by all who hear them.
var clips clipCache

type clipCache struct {
	mu   sync.Mutex
	m    map[string]cached
	size int // samples
	tick uint64
}

type cached struct {
	clip  *Clip
	mtime time.Time
	bytes int64
	used  uint64
}

// cacheSamples bounds the cache to 32 MiB.
const cacheSamples = 16 << 20

// File plays a WAV file. The file is read whole, once for all its listeners
// until it changes, so that no packet waits for a disk. Call it where waiting
// is allowed.
func File(path string) (Source, error) {
	c, err := clips.load(path)
	if err != nil {
		return nil, err
	}
	return c.Source(), nil
}

func (cc *clipCache) load(path string) (*Clip, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	cc.mu.Lock()
	if e, ok := cc.m[path]; ok && e.mtime.Equal(st.ModTime()) && e.bytes == st.Size() {
		cc.tick++
		e.used = cc.tick
		cc.m[path] = e
		cc.mu.Unlock()
		return e.clip, nil
	}
	cc.mu.Unlock()

	clip, err := LoadWAV(path)
	if err != nil {
		return nil, err
	}
	cc.mu.Lock()
	defer cc.mu.Unlock()
	if cc.m == nil {
		cc.m = map[string]cached{}
	}
	if old, ok := cc.m[path]; ok {
		cc.size -= len(old.clip.PCM)
	}
	cc.tick++
	cc.m[path] = cached{clip, st.ModTime(), st.Size(), cc.tick}
	cc.size += len(clip.PCM)
	for cc.size > cacheSamples && len(cc.m) > 1 {
		oldest, at := "", cc.tick
		for p, e := range cc.m {
			if e.used < at {
				oldest, at = p, e.used
			}
		}
		if oldest == "" {
			break
		}
		cc.size -= len(cc.m[oldest].clip.PCM)
		delete(cc.m, oldest)
	}
	return clip, nil
}
