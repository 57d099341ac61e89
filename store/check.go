package store

import (
	"net/mail"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// A checker refuses a record of the snapshot that an edit would make. It keeps the
// first thing that is wrong with each field, or the first conflict.
type checker struct {
	edit *Edit
	s    *Snapshot
	path string // collection/id
	err  error
}

// bad names the field and the rule it breaks.
func (c *checker) bad(field, format string, args ...any) {
	c.wrong(field, Say(format, args...))
}

// wrong does it in the words of who looked.
func (c *checker) wrong(field string, rule Words) {
	one := &ValidationError{Record: c.path, Field: c.path + "." + field, Rule: rule}
	first, ok := c.err.(*ValidationError)
	switch {
	case c.err == nil:
		c.err = one
	case ok && !slices.ContainsFunc(first.All(), func(e *ValidationError) bool { return e.Field == one.Field }):
		first.More = append(first.More, one)
	}
}

func (c *checker) conflict(field string, rule Words, others ...string) {
	if c.err == nil {
		c.err = conflicting(c.path, field, rule, others...)
	}
}

func (c *checker) oneOf(field, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.bad(field, "%q must be one of %s", value, strings.Join(allowed, ", "))
	}
}

// oneOf for a named string type.
func among[S ~string](c *checker, field string, value S, allowed ...S) {
	if !slices.Contains(allowed, value) {
		names := make([]string, len(allowed))
		for i, a := range allowed {
			names[i] = string(a)
		}
		c.bad(field, "%q must be one of %s", string(value), strings.Join(names, ", "))
	}
}

func (c *checker) between(field string, value, least, most int) {
	if value < least || value > most {
		c.bad(field, "%d must be %d to %d", value, least, most)
	}
}

// text is one line for people.
func (c *checker) text(field, value string, most int) {
	if utf8.RuneCountInString(value) > most {
		c.bad(field, "must be at most %d characters", most)
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0xfffd }) {
		c.bad(field, "must be one line of printable text")
	}
}

func exists[T any](c *checker, field string, t Table[T], collection, id string) bool {
	if id == "" {
		return false
	}
	_, ok := t.Get(id)
	if !ok {
		c.bad(field, "%s is not there", collection+"/"+id)
	}
	return ok
}

func (c *checker) schedule(field, id string) {
	exists(c, field, c.s.TimeSchedules, inTimeSchedules, id)
}

func (c *checker) audio(field, id string) {
	exists(c, field, c.s.AudioFiles, inAudioFiles, id)
}

func (c *checker) zone(field, name string) {
	if name != "" && !validZone(name) {
		c.bad(field, "%q is no IANA time zone", name)
	}
}

var zones sync.Map // name to bool: loading one reads a file

func validZone(name string) bool {
	if known, ok := zones.Load(name); ok {
		return known.(bool)
	}
	_, err := time.LoadLocation(name)
	ok := err == nil && name != "Local"
	zones.Store(name, ok)
	return ok
}

func (c *checker) country(field, code string) {
	if !KnownCountry(code) {
		if len(code) == 2 && strings.Trim(strings.ToUpper(code), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
			c.bad(field, "no country whose numbers are known has the code %s (ISO 3166-1)", code)
		}
		c.bad(field, "%q must be a country in two letters (ISO 3166-1), such as US or DE", code)
	}
}

func (c *checker) language(field, tag string) {
	base, region, _ := strings.Cut(lower(tag), "-")
	if tag != "" && (len(tag) > 16 || !slices.Contains(Languages, base) || strings.Trim(region, "abcdefghijklmnopqrstuvwxyz0123456789-") != "") {
		c.bad(field, "%q must be one of the languages %s, or one with its region such as pt-BR", tag, strings.Join(Languages, ", "))
	}
}

func (c *checker) email(field, address string) {
	a, err := mail.ParseAddress(address)
	if err != nil || a.Address != address || len(address) > 254 {
		c.bad(field, "%q must be an email address", address)
	}
}

// host is a domain name or an IP address.
func (c *checker) host(field, host string) {
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return
	}
	if !validDomain(host) {
		c.bad(field, "%q must be a domain name or an IP address", host)
	}
}

func validDomain(name string) bool {
	if len(name) < 1 || len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if len(label) < 1 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

// dialled is something that a user could dial.
func (c *checker) dialled(field, s string) {
	if len(s) > 64 || strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`"<>\;,`, r)
	}) {
		c.bad(field, "%q must be what a user could dial", s)
	}
}

// username is a digest user name and the user part of an AOR.
func (c *checker) username(field, name string) {
	switch {
	case len(name) < 1 || len(name) > 64 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+~-") != "":
		c.bad(field, "%q must be 1 to 64 letters, digits, '.', '_', '+', '~' and '-'", name)
	case strings.HasPrefix(name, appAOR):
		c.bad(field, "%q must not begin with %s: such names are those of application lines", name, appAOR)
	case c.s.Organization.IsEmergency(name):
		c.bad(field, "%s is an emergency number", name)
	}
}

// ValidE164 says whether a text is a number in E.164 with its "+".
func ValidE164(s string) bool {
	return len(s) >= 3 && s[0] == '+' && s[1] != '0' && isDigits(s[1:], 2, 15)
}

// telephone is a number as people write it, or none.
func (c *checker) telephone(field, s string) {
	if len(s) > 32 || strings.Trim(s, "+0123456789 ()-./") != "" {
		c.bad(field, "%q must be a telephone number", s)
	}
}

func (c *checker) e164(field, s string) {
	if !ValidE164(s) {
		c.bad(field, "%q must be E.164: \"+\" and 2 to 15 digits", s)
	}
}

// did is a number of the organization.
func (c *checker) did(field, s string) (*Number, bool) {
	n, ok := c.s.NumberByE164(s)
	if !ok {
		c.bad(field, "%s is not in /numbers", s)
	}
	return n, ok
}

func (c *checker) fixed(field, was, is string) {
	if was != is {
		c.bad(field, "is %s and cannot become %s: it is fixed at creation", was, is)
	}
}

func (c *checker) distinct(field string, list []string) {
	seen := make(map[string]bool, len(list))
	for i, s := range list {
		if seen[s] {
			c.bad(at(field, i), "%s is there twice", s)
		}
		seen[s] = true
	}
}

func (c *checker) codecs(field string, list []string) {
	c.distinct(field, list)
	for i, name := range list {
		if len(name) < 1 || len(name) > 32 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./") != "" {
			c.bad(at(field, i), "%q must be the name of a codec such as PCMU", name)
		}
	}
}
