package audio

import (
	"embed"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The built-in announcements: spoken by prompts/make.sh from the catalogue
// prompts/LANGUAGE.txt, kept as µ-law at 8 kHz (NAME.ul) and as G.722 at 16 kHz
// (NAME.g722), both 64 kbit/s.
//
//go:embed prompts/*.txt prompts/*/*.ul prompts/*/*.g722
var promptFiles embed.FS

// Names of prompts that the exchange plays by itself.
const (
	PromptUnavailable  = "voicemail-greeting" // … please leave a message after the tone
	PromptSaved        = "message-saved"
	PromptTooShort     = "message-too-short"
	PromptGoodbye      = "goodbye"
	PromptNotAllowed   = "not-allowed"
	PromptNotInService = "not-in-service"
	PromptNotAvailable = "not-available"
	PromptCircuitsBusy = "circuits-busy"
	PromptEcho         = "echo-test"
	PromptCouldNot     = "could-not-be-completed"
)

// Languages that have a catalogue, sorted.
func Languages() []string {
	list, _ := promptFiles.ReadDir("prompts")
	var langs []string
	for _, e := range list {
		if name, ok := strings.CutSuffix(e.Name(), ".txt"); ok {
			langs = append(langs, name)
		}
	}
	return langs
}

// Prompts are the names in a language's catalogue, sorted.
func Prompts(lang string) []string {
	b, _ := promptFiles.ReadFile("prompts/" + lang + ".txt")
	var names []string
	for line := range strings.Lines(string(b)) {
		if name, _, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(line, "#") {
			names = append(names, strings.TrimSpace(name))
		}
	}
	slices.Sort(names)
	return names
}

// Prompt is a built-in announcement in lang ("en", "en-GB"), in English where
// lang has none.
func Prompt(lang, name string) (Source, bool) {
	base, _, _ := strings.Cut(strings.ToLower(lang), "-")
	for _, l := range []string{base, "en"} {
		if l == "" || path.Base(l) != l || path.Base(name) != name {
			continue
		}
		narrow, err := promptFiles.ReadFile("prompts/" + l + "/" + name + ".ul")
		if err != nil {
			continue
		}
		wide, _ := promptFiles.ReadFile("prompts/" + l + "/" + name + ".g722")
		return &promptSource{narrow: narrow, wide: wide}, true
	}
	return nil, false
}

// promptSource decodes as it goes: a prompt costs nothing until it is heard.
type promptSource struct{ narrow, wide []byte }

func (p *promptSource) ReadFrame(pcm []int16) (int, error) {
	n := min(len(pcm), len(p.narrow))
	DecodeULaw(pcm[:0], p.narrow[:n])
	if p.narrow = p.narrow[n:]; len(p.narrow) == 0 {
		return n, io.EOF
	}
	return n, nil
}

func (p *promptSource) Wide() Source {
	if p.wide == nil {
		return Resampled(&promptSource{narrow: p.narrow}, Rate, WideRate)
	}
	return &g722Source{code: p.wide, dec: NewG722Decoder()}
}

type g722Source struct {
	code []byte
	dec  *G722Decoder
	half []int16 // a sample left over from an odd read
}

func (g *g722Source) ReadFrame(pcm []int16) (int, error) {
	n := copy(pcm, g.half)
	g.half = g.half[n:]
	m := min((len(pcm)-n)/2, len(g.code))
	g.dec.Decode(pcm[n:n], g.code[:m])
	n, g.code = n+2*m, g.code[m:]
	if n < len(pcm) && len(g.code) > 0 {
		g.half = g.dec.Decode(g.half[:0], g.code[:1])
		g.code = g.code[1:]
		pcm[n] = g.half[0]
		n, g.half = n+1, g.half[1:]
	}
	if len(g.code) == 0 && len(g.half) == 0 {
		return n, io.EOF
	}
	return n, nil
}

// say strings prompts together, leaving out what the catalogue lacks.
func say(lang string, names ...string) Source {
	var parts []Source
	for _, n := range names {
		if s, ok := Prompt(lang, n); ok {
			parts = append(parts, s)
		}
	}
	return Sequence(parts...)
}

// SpokenDigits reads out the digits of s one by one.
func SpokenDigits(lang, s string) Source {
	var names []string
	for _, c := range s {
		if c >= '0' && c <= '9' {
			names = append(names, "number-"+string(c))
		}
	}
	return say(lang, names...)
}

// number is 0 to 59 in words.
func number(n int) []string {
	if n > 20 && n%10 != 0 {
		return []string{"number-" + strconv.Itoa(n/10*10), "number-" + strconv.Itoa(n%10)}
	}
	return []string{"number-" + strconv.Itoa(n)}
}

// SpokenTime says t's time of day, in t's zone: "the time is nine oh five a m".
func SpokenTime(lang string, t time.Time) Source {
	hour, minute := t.Hour(), t.Minute()
	names := append([]string{"the-time-is"}, number((hour+11)%12+1)...)
	switch {
	case minute == 0:
		names = append(names, "o-clock")
	case minute < 10:
		names = append(names, "oh")
		names = append(names, number(minute)...)
	default:
		names = append(names, number(minute)...)
	}
	if hour < 12 {
		names = append(names, "am")
	} else {
		names = append(names, "pm")
	}
	return say(lang, names...)
}
