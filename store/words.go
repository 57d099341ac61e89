package store

import (
	"fmt"
	"strings"
)

// Words are a sentence for people: a format of package fmt, in English, and what
// fills it. String is the English; who speaks another language finds the format in
// the web application's catalogue.
type Words struct {
	Text string `json:"text"`
	Args []any  `json:"args,omitempty"` // strings, numbers and words
}

// Say makes words of a format, which is a literal, so that a test finds it, and of
// arguments for %s, %q, %d and %v.
func Say(format string, args ...any) Words {
	w := Words{Text: format}
	for _, arg := range args {
		switch arg.(type) {
		case Words, string, int, int64, uint32, uint64:
		default:
			arg = fmt.Sprint(arg)
		}
		w.Args = append(w.Args, arg)
	}
	return w
}

// List says some things one after another.
func List[T any](items ...T) Words {
	w := Words{Text: strings.TrimSuffix(strings.Repeat("%s, ", len(items)), ", ")}
	for _, item := range items {
		w.Args = append(w.Args, any(item))
	}
	return w
}

func (w Words) String() string { return fmt.Sprintf(w.Text, w.Args...) }

// IsZero says that there are no words.
func (w Words) IsZero() bool { return w.Text == "" }
