package audio

import (
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestResampler(t *testing.T) {
	for _, c := range []struct{ from, to int }{
		{8000, 16000}, {16000, 8000}, {8000, 48000}, {48000, 8000}, {16000, 48000}, {48000, 16000},
		{44100, 8000}, {22050, 16000}, {11025, 8000}, {24000, 16000},
	} {
		for _, hz := range []float64{100, 440, 1000, 3000, 3400} {
			in := tone(hz, c.from, 10000, c.from)
			out, err := ReadAll(Resampled(&rawClip{clip: &Clip{Rate: c.from, PCM: in}}, c.from, c.to))
			if err != nil {
				t.Fatal(err)
			}
			if len(out) != c.to {
				t.Fatalf("%v: a second became %d samples", c, len(out))
			}
			mid := out[c.to/10 : c.to*9/10]
			if l := ToneLevel(mid, c.to, hz) - DB(10000.0/32768); math.Abs(l) > 0.5 {
				t.Errorf("%v: %v Hz changed by %.2f dB", c, hz, l)
			}
			// In place, and nothing besides: against the tone at the new rate.
			want := tone(hz, c.to, 10000, c.to)
			for i := c.to / 10; i < c.to*9/10; i++ {
				if d := math.Abs(float64(out[i]) - float64(want[i])); d > 800 {
					t.Fatalf("%v: %v Hz: sample %d is %d, want %d", c, hz, i, out[i], want[i])
				}
			}
		}
	}
	// What the new rate can't hold is gone, not folded back.
	for _, hz := range []float64{4600, 5000, 6500, 7900} {
		out, _ := ReadAll(Resampled(&rawClip{clip: &Clip{Rate: WideRate, PCM: tone(hz, WideRate, 20000, WideRate)}}, WideRate, Rate))
		if l := Level(out[800:7200]); l > -60 {
			t.Errorf("%v Hz leaves %.1f dB at 8 kHz", hz, l)
		}
	}
	for _, c := range [][2]int{{0, 8000}, {8000, 0}, {8000, 1 << 30}, {44101, 8000}} {
		if _, err := NewResampler(c[0], c[1]); err == nil {
			t.Errorf("%v was taken", c)
		}
		if _, err := ReadAll(Resampled(Silence(time.Second), c[0], c[1])); err == nil {
			t.Errorf("%v was played", c)
		}
	}
}

func TestResamplerInPieces(t *testing.T) {
	in := tone(700, 48000, 9000, 48000)
	a, _ := NewResampler(48000, 8000)
	b, _ := NewResampler(48000, 8000)
	want := a.Resample(nil, in)
	var got []int16
	for i, n := 0, 1; i < len(in); i, n = i+n, n%331+1 {
		got = b.Resample(got, in[i:min(i+n, len(in))])
	}
	if !slices.Equal(want, got) || len(want) != 8000 {
		t.Errorf("%d and %d samples, or others", len(want), len(got))
	}
	if n := testing.AllocsPerRun(10, func() { got = a.Resample(got[:0], in[:960]) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// readOdd reads s in pieces of ever other sizes.
func readOdd(t *testing.T, s Source, most int) []int16 {
	t.Helper()
	var all []int16
	for i := 0; len(all) < most; i++ {
		buf := make([]int16, 1+i*37%200)
		n, err := s.ReadFrame(buf)
		if n < len(buf) && err == nil {
			t.Fatalf("%d of %d samples without an error", n, len(buf))
		}
		all = append(all, buf[:n]...)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestSources(t *testing.T) {
	prompt := func() Source { s, _ := Prompt("en", PromptGoodbye); return s }
	goodbye, err := ReadAll(prompt())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		source func() Source
		want   int // samples at 8 kHz
	}{
		{"pcm", func() Source { return PCM(tone(440, Rate, 9000, 1234)) }, 1234},
		{"empty", func() Source { return PCM(nil) }, 0},
		{"wide clip", func() Source { return (&Clip{Rate: WideRate, PCM: tone(440, WideRate, 9000, 3200)}).Source() }, 1600},
		{"odd clip", func() Source { return (&Clip{Rate: 48000, PCM: tone(440, 48000, 9000, 4800)}).Source() }, 800},
		{"silence", func() Source { return Silence(1250 * time.Millisecond) }, 10000},
		{"nothing", func() Source { return Silence(0) }, 0},
		{"sine", func() Source { return Sine(440, -12, time.Second) }, 8000},
		{"beep", Beep, 3200},
		{"prompt", prompt, len(goodbye)},
		{"sequence", func() Source { return Sequence(Silence(100*time.Millisecond), prompt(), Silence(0), Beep()) }, 800 + len(goodbye) + 3200},
		{"empty sequence", func() Source { return Sequence() }, 0},
	} {
		whole, err := ReadAll(c.source())
		if err != nil || len(whole) != c.want {
			t.Errorf("%s: %d samples, %v; want %d", c.name, len(whole), err, c.want)
		}
		if got := readOdd(t, c.source(), 1<<20); !slices.Equal(got, whole) {
			t.Errorf("%s: depends on how it is read", c.name)
		}
		wide := readOdd(t, Wide(c.source()), 1<<20)
		if d := len(wide) - 2*c.want; d < -400 || d > 400 {
			t.Errorf("%s: %d samples at 16 kHz for %d at 8", c.name, len(wide), c.want)
		}
	}
}

func TestEndless(t *testing.T) {
	for name, s := range map[string]Source{
		"silence": Silence(-1),
		"sine":    Sine(440, -12, -1),
		"ring":    Ringback("DE"),
		"busy":    Busy("US"),
		"repeat":  Repeat(Beep),
		"wide":    Wide(Repeat(Beep)),
	} {
		if got := readOdd(t, s, 100_000); len(got) < 100_000 {
			t.Errorf("%s ends after %d", name, len(got))
		}
	}
	if _, err := Repeat(func() Source { return Silence(0) }).ReadFrame(make([]int16, 10)); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("nothing, repeated: %v", err)
	}
	if _, err := Sequence(failed{io.ErrClosedPipe}, Beep()).ReadFrame(make([]int16, 10)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a part that fails: %v", err)
	}
}

func TestSupervisoryTones(t *testing.T) {
	read := func(s Source, n int) []int16 {
		buf := make([]int16, n)
		if m, err := s.ReadFrame(buf); m != n || err != nil {
			t.Fatal(m, err)
		}
		return buf
	}
	for _, c := range []struct {
		name    string
		source  Source
		on, off int // ms
		hz      []float64
	}{
		{"ring US", Ringback("US"), 2000, 4000, []float64{440, 480}},
		{"ring GB", Ringback("gb"), 400, 200, []float64{400, 450}},
		{"ring DE", Ringback("DE"), 1000, 4000, []float64{425}},
		{"ring RO", Ringback("RO"), 1000, 4000, []float64{425}},
		{"ring nowhere", Ringback(""), 1000, 4000, []float64{425}},
		{"busy US", Busy("US"), 500, 500, []float64{480, 620}},
		{"busy FR", Busy("FR"), 500, 500, []float64{440}},
		{"congestion US", Congestion("US"), 250, 250, []float64{480, 620}},
		{"congestion GB", Congestion("GB"), 400, 350, []float64{400}},
	} {
		on, off := read(c.source, c.on*8), read(c.source, c.off*8)
		for _, hz := range c.hz {
			if l := ToneLevel(on, Rate, hz); math.Abs(l-toneDB) > 1.5 {
				t.Errorf("%s: %v Hz at %.1f dB", c.name, hz, l)
			}
		}
		if Level(off) != -120 {
			t.Errorf("%s: the pause is at %.1f dB", c.name, Level(off))
		}
		if again := read(c.source, 80*8); Level(again) < -30 {
			t.Errorf("%s does not come again", c.name)
		}
	}
}

func TestToneLevel(t *testing.T) {
	for _, hz := range []float64{440, 1004, 3100} {
		pcm := tone(hz, Rate, 16384, 1600)
		if l := ToneLevel(pcm, Rate, hz); math.Abs(l+6) > 0.1 {
			t.Errorf("%v Hz at half of full scale: %.2f dB", hz, l)
		}
		if l := ToneLevel(pcm, Rate, hz+200); l > -60 {
			t.Errorf("%v Hz is heard 200 Hz beside: %.1f dB", hz, l)
		}
		if l := Level(pcm); math.Abs(l+6) > 0.1 {
			t.Errorf("level %.2f dB", l)
		}
	}
	if ToneLevel(nil, Rate, 440) != -120 || Level(nil) != -120 || ToneLevel(make([]int16, 800), Rate, 440) != -120 {
		t.Error("silence is heard")
	}
}

// Each entry of each catalogue has its sound at both rates, as loud and as long
// as speech is, and no sound is without an entry.
func TestPrompts(t *testing.T) {
	if !slices.Contains(Languages(), "en") {
		t.Fatalf("languages %v", Languages())
	}
	total := 0
	for _, lang := range Languages() {
		names := Prompts(lang)
		for _, name := range names {
			s, ok := Prompt(lang, name)
			if !ok {
				t.Errorf("%s/%s has no sound: run prompts/make.sh", lang, name)
				continue
			}
			p := s.(*promptSource)
			if p.wide == nil {
				t.Errorf("%s/%s has no sound at 16 kHz: run prompts/make.sh", lang, name)
			}
			total += len(p.narrow) + len(p.wide)
			wide, _ := ReadAll(Wide(s))
			narrow, _ := ReadAll(s)
			for rate, pcm := range map[int][]int16{Rate: narrow, WideRate: wide} {
				if l := Level(pcm); l < -30 || l > -8 {
					t.Errorf("%s/%s at %d: %.1f dB", lang, name, rate, l)
				}
				if d := time.Duration(len(pcm)) * time.Second / time.Duration(rate); d < 150*time.Millisecond || d > 10*time.Second {
					t.Errorf("%s/%s at %d: %v long", lang, name, rate, d)
				}
			}
		}
		files, err := promptFiles.ReadDir("prompts/" + lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if base := strings.TrimSuffix(f.Name(), filepath.Ext(f.Name())); !slices.Contains(names, base) {
				t.Errorf("%s/%s is not in the catalogue", lang, f.Name())
			}
		}
	}
	if total > 1_500_000 {
		t.Errorf("%d bytes of prompts", total)
	}
	for _, name := range []string{PromptUnavailable, PromptSaved, PromptTooShort, PromptGoodbye, PromptNotAllowed,
		PromptNotInService, PromptNotAvailable, PromptCircuitsBusy, PromptEcho, PromptCouldNot} {
		for _, lang := range []string{"en", "en-GB", "xx", ""} {
			if _, ok := Prompt(lang, name); !ok {
				t.Errorf("%q in %q is missing", name, lang)
			}
		}
	}
	for _, name := range []string{"", "none", "../en/goodbye", "en/goodbye"} {
		if _, ok := Prompt("en", name); ok {
			t.Errorf("%q is a prompt", name)
		}
		if _, ok := Prompt("../prompts/en", name); ok {
			t.Errorf("%q is a prompt", name)
		}
	}
}

func TestSpokenTime(t *testing.T) {
	words := func(names ...string) []int16 {
		var all []int16
		for _, n := range names {
			s, ok := Prompt("en", n)
			if !ok {
				t.Fatalf("no prompt %q", n)
			}
			pcm, _ := ReadAll(s)
			all = append(all, pcm...)
		}
		return all
	}
	for clock, want := range map[string]string{
		"00:00": "the-time-is number-12 o-clock am",
		"09:05": "the-time-is number-9 oh number-5 am",
		"12:10": "the-time-is number-12 number-10 pm",
		"13:47": "the-time-is number-1 number-40 number-7 pm",
		"23:20": "the-time-is number-11 number-20 pm",
	} {
		at, err := time.Parse("15:04", clock)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ReadAll(SpokenTime("en", at))
		if err != nil || !slices.Equal(got, words(strings.Fields(want)...)) {
			t.Errorf("%s is not said as %q (%v)", clock, want, err)
		}
	}
	for minute := range 24 * 60 { // every minute has all its words
		for _, n := range number(minute % 60) {
			if _, ok := Prompt("en", n); !ok {
				t.Fatalf("no prompt %q", n)
			}
		}
	}
	got, _ := ReadAll(SpokenDigits("en", "+40 7"))
	if !slices.Equal(got, words("number-4", "number-0", "number-7")) {
		t.Error("digits are said wrongly")
	}
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.wav")
	write := func(f WAVFormat, pcm []int16) {
		t.Helper()
		out, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		w, err := NewWAVWriter(out, f)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Write(pcm), w.Close()); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		f    WAVFormat
		rate int
	}{
		{WAVFormat{Tag: TagPCM, Channels: 1, Rate: 8000}, 8000},
		{WAVFormat{Tag: TagULaw, Channels: 1, Rate: 8000}, 8000},
		{WAVFormat{Tag: TagPCM, Channels: 1, Rate: 44100}, 16000},
		{WAVFormat{Tag: TagALaw, Channels: 1, Rate: 16000}, 16000},
	} {
		write(c.f, tone(1000, c.f.Rate, 16384, c.f.Rate/2))
		s, err := File(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.(*clipSource).clip.Rate; got != c.rate {
			t.Errorf("%+v is kept at %d", c.f, got)
		}
		wide, _ := ReadAll(Wide(s))
		s, _ = File(path)
		pcm, err := ReadAll(s)
		if err != nil || len(pcm) != 4000 || len(wide) != 8000 {
			t.Errorf("%+v: %d and %d samples, %v", c.f, len(pcm), len(wide), err)
		}
		if l := ToneLevel(pcm, Rate, 1000); math.Abs(l+6) > 0.5 {
			t.Errorf("%+v: the tone is at %.1f dB", c.f, l)
		}
	}
	a, _ := File(path)
	b, _ := File(path)
	if a.(*clipSource).clip != b.(*clipSource).clip {
		t.Error("the same file was read twice")
	}
	if _, err := File(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte("ID3 this is no WAV file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := File(path); !errors.Is(err, ErrNotWAV) || !strings.Contains(err.Error(), path) {
		t.Error(err)
	}
}
