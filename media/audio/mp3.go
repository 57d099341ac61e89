package audio

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// lame is LAME, compiled to WebAssembly: the file mp3.wasm of npm's
// wasm-media-encoders 0.7.0, unchanged. There is no kept encoder in Go.
//
//go:embed lame/mp3.wasm
var lame []byte

// encoder is compiled when it is first needed, once for everybody.
var encoder = sync.OnceValues(func() (e struct {
	wazero.Runtime
	module wazero.CompiledModule
}, err error) {
	ctx := context.Background()
	e.Runtime = wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCloseOnContextDone(true).WithMemoryLimitPages(64<<20/65536))
	nothing := func(context.Context, uint32) {}
	if _, err = e.NewHostModuleBuilder("env").NewFunctionBuilder().WithFunc(nothing).Export("emscripten_notify_memory_growth").Instantiate(ctx); err != nil {
		return e, err
	}
	leave := func(_ context.Context, code uint32) { panic(fmt.Sprintf("exit %d", code)) } // ends the call that made it
	if _, err = e.NewHostModuleBuilder("wasi_snapshot_preview1").NewFunctionBuilder().WithFunc(leave).Export("proc_exit").Instantiate(ctx); err != nil {
		return e, err
	}
	e.module, err = e.CompileModule(ctx, lame)
	return e, err
})

// mp3Rate is what MP3s are made at: below it there is only MPEG 2.5, which not
// every phone plays.
const mp3Rate = 16000

// EncodeMP3 writes the samples of r, of one or two channels, as MP3: 24 or 32
// kbit/s, which is plenty for speech. It takes some 16 MB while it works.
func EncodeMP3(ctx context.Context, out io.Writer, r *WAVReader) error {
	channels := r.Format.Channels
	bitrate := map[int]uint32{1: 24, 2: 32}[channels]
	if bitrate == 0 {
		return fmt.Errorf("MP3: %d channels: want 1 or 2", channels)
	}
	e, err := encoder()
	if err != nil {
		return fmt.Errorf("MP3: %w", err)
	}
	m, err := e.InstantiateModule(ctx, e.module, wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	if err != nil {
		return fmt.Errorf("MP3: %w", err)
	}
	defer m.Close(context.WithoutCancel(ctx))
	l := &lameCalls{ctx: ctx, m: m}

	// The parameters of all its encoders, then those of this one: a bit rate, no
	// quality for a variable one, the rate of what comes out.
	given := l.call("malloc", 20)
	for i, v := range []uint32{uint32(channels), uint32(r.Format.Rate), bitrate, math.Float32bits(-1), mp3Rate} {
		l.write(uint32(given)+4*uint32(i), v)
	}
	self := l.call("enc_init", given)
	if l.err == nil && self == 0 {
		return fmt.Errorf("MP3: %d samples a second are refused", r.Format.Rate)
	}
	w := bufio.NewWriter(out)
	frame := make([]int16, 4096*channels)
	for l.err == nil {
		n, readErr := r.Read(frame)
		n /= channels
		if n > 0 {
			planes := uint32(l.call("enc_get_pcm", self, uint64(n)))
			for c := range channels {
				plane := l.read(planes + 4*uint32(c))
				for i := range n {
					l.write(plane+4*uint32(i), math.Float32bits(float32(frame[i*channels+c])/32768))
				}
			}
			l.drain(w, self, l.call("enc_encode", self, uint64(n)))
		}
		if errors.Is(readErr, io.EOF) {
			l.drain(w, self, l.call("enc_flush", self))
			break
		}
		if readErr != nil {
			return readErr
		}
	}
	if l.err != nil {
		return fmt.Errorf("MP3: %w", l.err)
	}
	return w.Flush()
}

// lameCalls calls the encoder. After an error nothing more is done.
type lameCalls struct {
	ctx context.Context
	m   api.Module
	err error
}

func (l *lameCalls) call(name string, args ...uint64) uint64 {
	if l.err != nil {
		return 0
	}
	f := l.m.ExportedFunction(name)
	if f == nil {
		l.err = fmt.Errorf("there is no %s", name)
		return 0
	}
	out, err := f.Call(l.ctx, args...)
	if err != nil {
		l.err = err
		return 0
	}
	if len(out) == 0 {
		return 0
	}
	return out[0]
}

func (l *lameCalls) write(at, v uint32) {
	if l.err == nil && !l.m.Memory().WriteUint32Le(at, v) {
		l.err = errors.New("out of its memory")
	}
}

func (l *lameCalls) read(at uint32) uint32 {
	if l.err != nil {
		return 0
	}
	b, ok := l.m.Memory().Read(at, 4)
	if !ok {
		l.err = errors.New("out of its memory")
		return 0
	}
	return binary.LittleEndian.Uint32(b)
}

// drain writes what a call left to be fetched.
func (l *lameCalls) drain(w io.Writer, self, length uint64) {
	if l.err != nil {
		return
	}
	n := int32(length)
	if n < 0 {
		l.err = fmt.Errorf("error %d", n)
		return
	}
	at := l.call("enc_get_out_buf", self)
	if l.err != nil || n == 0 {
		return
	}
	b, ok := l.m.Memory().Read(uint32(at), uint32(n))
	if !ok {
		l.err = errors.New("out of its memory")
		return
	}
	_, l.err = w.Write(b)
}
