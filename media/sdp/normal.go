package sdp

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Limits of a body. They are far above what any phone sends, and keep a hostile
// one from costing more than its own bytes.
const (
	maxBody    = 64 << 10
	maxLines   = 2000
	maxMedia   = 32
	maxFormats = 128
)

// A SyntaxError names the line at fault.
type SyntaxError struct {
	Line   int // from 1
	Text   string
	Reason string
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return "sdp: " + e.Reason
	}
	return fmt.Sprintf("sdp: line %d %q: %s", e.Line, e.Text, e.Reason)
}

// A line of a body, without its end.
type line struct {
	n    int    // from 1; 0 for one that was missing
	text string // as written
	fits string // as pion reads it
}

func (l line) fault(err error) error {
	if len(l.text) > 80 {
		l.text = l.text[:80] + "…"
	}
	reason, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "sdp: "), " at pos ") // of what we made of the body
	return &SyntaxError{Line: l.n, Text: l.text, Reason: reason}
}

// order of the session's lines, which pion demands. Behind an m= line it takes
// any.
const order = "voscbta"

// normal appends to dst what pion is to read of a body: the lines that we use,
// in its order and with its words, and o=, s= and t= where they are missing.
func normal(dst []line, body string) ([]line, error) {
	rest := strings.TrimPrefix(body, "\ufeff")
	media, origin, connection := 0, false, -1
	for n := 1; rest != ""; n++ {
		l := line{n: n}
		l.text, rest, _ = strings.Cut(rest, "\n")
		if l.text = strings.TrimRight(l.text, "\r \t\x00"); l.text == "" {
			continue
		}
		var err error
		if l.fits, err = fit(l.text); err == nil && len(dst) == 0 && l.text[0] != 'v' {
			err = errors.New("want v=0 first")
		}
		if err != nil {
			return nil, l.fault(err)
		}
		switch {
		case l.fits == "":
			continue
		case len(dst) == maxLines:
			return nil, l.fault(fmt.Errorf("more than %d lines", maxLines))
		case l.text[0] == 'm':
			if media++; media > maxMedia {
				return nil, l.fault(fmt.Errorf("more than %d m= lines", maxMedia))
			}
		case media > 0:
		case l.text[0] == 'o':
			origin = true
		case l.text[0] == 'c' && connection >= 0:
			dst[connection] = l // the last one counts
			continue
		case l.text[0] == 'c':
			connection = len(dst)
		}
		dst = append(dst, l)
	}
	if len(dst) == 0 {
		return nil, &SyntaxError{Reason: "no v= line"}
	}
	session := slices.IndexFunc(dst, func(l line) bool { return l.fits[0] == 'm' })
	if session < 0 {
		session = len(dst)
	}
	dst = slices.Insert(dst, session, line{fits: "s=-"}, line{fits: "t=0 0"}) // of no meaning (RFC 3264 5)
	if !origin {
		dst = slices.Insert(dst, session, line{fits: "o=- 0 0 IN IP4 -"})
		session++
	}
	slices.SortStableFunc(dst[:session+2], func(a, b line) int {
		return strings.IndexByte(order, a.fits[0]) - strings.IndexByte(order, b.fits[0])
	})
	return dst, nil
}

// fit is a line as pion takes it, "" for one that is left out.
func fit(text string) (string, error) {
	if len(text) < 2 || text[1] != '=' {
		return "", errors.New("want a letter and =")
	}
	if strings.IndexByte(text, '\r') >= 0 || strings.IndexByte(text, 0) >= 0 {
		return "", errors.New("control character")
	}
	value := text[2:]
	switch text[0] {
	case 'a':
		return text, nil
	case 'v':
		if strings.TrimSpace(value) != "0" {
			return "", errors.New("unknown version")
		}
		return "v=0", nil
	case 'o':
		var room [6]string
		f := room[:]
		if n := fields(value, f); n != len(f) {
			return "", fmt.Errorf("want 6 fields, have %d", n)
		}
		_, badID := strconv.ParseUint(f[1], 10, 64)
		_, badVersion := strconv.ParseUint(f[2], 10, 64)
		if badID == nil && badVersion == nil && f[3] == "IN" && (f[4] == "IP4" || f[4] == "IP6") && value[0] == f[0][0] {
			return text, nil
		}
		// An ID that is no number, or has more digits than 64 bits hold, goes
		// into the user's name, where it still tells sessions apart.
		if badID != nil {
			f[0], f[1] = f[0]+";"+f[1], "0"
		}
		if badVersion != nil {
			f[2] = "0"
		}
		f[3], f[4] = "IN", "IP4" // the address tells its family
		return "o=" + strings.Join(f, " "), nil
	case 'c':
		var f [3]string
		if fields(value, f[:]) == len(f) {
			if f[0] == "IN" && (f[1] == "IP4" || f[1] == "IP6") && value[0] == 'I' {
				return text, nil
			}
			return "c=" + strings.ToUpper(f[0]) + " " + strings.ToUpper(f[1]) + " " + f[2], nil
		}
		return "", errors.New("want IN, IP4 or IP6, and an address")
	case 'b': // unknown ones are ignored (RFC 8866 5.8)
		kind, number, _ := strings.Cut(value, ":")
		_, err := strconv.ParseUint(number, 10, 64)
		if err != nil || !strings.HasPrefix(kind, "X-") && !slices.Contains([]string{"AS", "TIAS", "CT", "RS", "RR"}, kind) {
			return "", nil
		}
		return text, nil
	case 'm':
		return mediaLine(text)
	}
	return "", nil
}

// foreign is the protocol under which an m= line that pion does not know goes
// through it; the media and the protocol are then the first two formats.
const foreign = "UDP"

func mediaLine(text string) (string, error) {
	var begin [3]string
	if fields(text[2:], begin[:]) < len(begin) {
		return "", errors.New("want media, port, protocol and formats")
	}
	kind, proto := strings.ToLower(begin[0]), begin[2]
	if up := strings.ToUpper(proto); strings.Contains(up, "RTP/") {
		proto = up
	}
	known := false
	switch proto {
	case "RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF":
		known = kind == "audio" || kind == "video" || kind == "text"
	}
	if known && kind == begin[0] && proto == begin[2] && text[2] == kind[0] {
		return text, nil
	}
	f := strings.Fields(text[2:])
	if known {
		f[0], f[2] = kind, proto
	} else {
		f = slices.Concat([]string{"application", f[1], foreign, kind, proto}, f[3:])
	}
	return "m=" + strings.Join(f, " "), nil
}

// fields puts the first fields of s into f and answers how many s has.
func fields(s string, f []string) (n int) {
	for field := range strings.FieldsSeq(s) {
		if n < len(f) {
			f[n] = field
		}
		n++
	}
	return n
}

// join makes a body of lines.
func join(lines []line) string {
	size := 0
	for _, l := range lines {
		size += len(l.fits) + 2
	}
	var b strings.Builder
	b.Grow(size)
	for _, l := range lines {
		b.WriteString(l.fits)
		b.WriteString("\r\n")
	}
	return b.String()
}

// culprit is the error about the line that makes read fail, which pion does
// not name: the last of the shortest beginning that fails.
func culprit(lines []line) error {
	try := func(n int) error { return new(Description).read(join(lines[:n+1])) }
	i := sort.Search(len(lines)-1, func(n int) bool { return try(n) != nil })
	return lines[i].fault(try(i))
}
