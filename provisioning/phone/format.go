package phone

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"strowger/store"
)

// A maker is how one make of phones wants its configuration.
type maker struct {
	contentType string
	// file gives what writes the file of a name in lower case, nil for one that
	// such a phone does not ask for.
	file func(d *store.Device, name string) func(*settings) []byte
	book bookForm
}

const xmlType = "text/xml; charset=utf-8"

var makers = map[string]maker{
	"yealink":     {"text/plain; charset=utf-8", yealinkFile, bookForm{file: "MAC-phonebook.xml", write: listBook("YealinkIPPhoneDirectory")}},
	"grandstream": {xmlType, grandstreamFile, bookForm{file: "phonebook.xml", write: grandstreamBook}}, // a name that it appends itself
	"snom":        {xmlType, snomFile, bookForm{file: "MAC-phonebook.xml", write: listBook("SnomIPPhoneDirectory")}},
	"poly":        {xmlType, polyFile, bookForm{file: "MAC-directory.xml", write: polyBook}}, // asked for without being told
	"cisco":       {xmlType, ciscoFile, bookForm{"MAC-phonebook.xml", ciscoBook, 32}},
	"fanvil":      {xmlType, fanvilFile, bookForm{file: "MAC-phonebook.xml", write: listBook("FanvilIPPhoneDirectory")}},
}

// clean makes a value one line of text that XML can hold.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029:
			return ' '
		case r == utf8.RuneError || r == 0xfffe || r == 0xffff:
			return '?'
		}
		return r
	}, s))
}

// quoted has the five names that every XML parser in a phone knows, and no
// character numbers, which some do not.
var quoted = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")

func escape(s string) string { return quoted.Replace(clean(s)) }

// An xmlFile is written element by element, so that no value can be anything
// else. Names are ours and need no escape.
type xmlFile struct {
	bytes.Buffer
	depth int
}

func newXML() *xmlFile {
	x := &xmlFile{}
	x.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	return x
}

// open begins an element with attributes, name and value in turn.
func (x *xmlFile) open(name string, attributes ...string) {
	x.start(name, attributes)
	x.WriteString(">\n")
	x.depth++
}

func (x *xmlFile) close(name string) {
	x.depth--
	x.indent()
	x.WriteString("</" + name + ">\n")
}

// value is an element that holds one.
func (x *xmlFile) value(name, value string, attributes ...string) {
	x.start(name, attributes)
	x.WriteString(">" + escape(value) + "</" + name + ">\n")
}

// empty is an element that is all attributes, each on a line of its own.
func (x *xmlFile) empty(name string, attributes ...string) {
	x.indent()
	x.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		x.WriteString("\n")
		x.depth++
		x.indent()
		x.depth--
		x.WriteString(attributes[i] + `="` + escape(attributes[i+1]) + `"`)
	}
	x.WriteString("/>\n")
}

func (x *xmlFile) start(name string, attributes []string) {
	x.indent()
	x.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		x.WriteString(" " + attributes[i] + `="` + escape(attributes[i+1]) + `"`)
	}
}

func (x *xmlFile) indent() { x.WriteString(strings.Repeat("  ", x.depth)) }

// codecNames writes those of a line's codecs that a make has a name for; the rest
// its phones lack.
func codecNames(codecs []string, names map[string]string) []string {
	var out []string
	for _, codec := range codecs {
		if name, ok := names[strings.ToUpper(codec)]; ok {
			out = append(out, name)
		}
	}
	return out
}

// languageName finds a make's name for a language tag, the whole tag first.
func languageName(tag string, names map[string]string) (string, bool) {
	tag = strings.ToLower(tag)
	if name, ok := names[tag]; ok {
		return name, true
	}
	base, _, _ := strings.Cut(tag, "-")
	name, ok := names[base]
	return name, ok
}

// indexOf finds a text in any case of letters; -1: it is not there.
func indexOf(list []string, s string) int {
	for i, x := range list {
		if strings.EqualFold(x, s) {
			return i
		}
	}
	return -1
}

func onOff(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func itoa(n int) string { return strconv.Itoa(n) }

// asked says whether a file's name is one of those with the phone's address in
// the place of MAC.
func asked(d *store.Device, name string, names ...string) bool {
	for _, n := range names {
		if strings.ReplaceAll(n, "MAC", d.MAC) == name {
			return true
		}
	}
	return false
}
