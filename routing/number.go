package routing

import (
	"iter"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"strowger/store"
)

// Normalize turns a number as somebody wrote or dialled it into E.164 with its
// "+": "+44 20 7946 0018" anywhere, "020 7946 0018" or "00 44 …" by the rules
// of country (ISO 3166-1 alpha-2). It refuses what cannot be a number there,
// such as a subscriber number without its area code. Whether the number is in
// use is for the carrier to say.
func Normalize(number, country string) (e164 string, ok bool) {
	digits, ok := plain(number)
	if !ok {
		return "", false
	}
	if digits[0] == '+' {
		if len(digits) < 7 || len(digits) > 16 || digits[1] == '0' {
			return "", false
		}
		if !strayZero(digits[1:]) {
			return digits, true
		}
	}
	n, err := phonenumbers.Parse(digits, country)
	if err != nil {
		if digits[0] == '+' {
			return digits, true
		}
		return "", false
	}
	if digits[0] != '+' {
		if phonenumbers.IsPossibleNumberWithReason(n) != phonenumbers.IS_POSSIBLE {
			return "", false
		}
		// In some countries four digits are a possible number. Nobody who
		// dials that few means a number that does not exist.
		if len(digits) <= 6 && !phonenumbers.IsValidNumber(n) {
			return "", false
		}
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

// Dialled are the E.164 numbers that digits from a carrier of country may mean,
// the likeliest first: as E.164, in the national form, or as E.164 without its
// "+", which many carriers send.
func Dialled(digits, country string) iter.Seq[string] {
	return func(yield func(string) bool) {
		digits, ok := plain(digits)
		if !ok || digits[0] == '+' && !yield(digits) {
			return
		}
		if e164, ok := Normalize(digits, country); ok && !yield(e164) {
			return
		}
		if digits[0] != '+' {
			yield("+" + digits)
		}
	}
}

// strayZero says whether a national "0" follows the country code, as in
// "+44 (0)20 …". Most countries drop it, Italy keeps it: the library knows.
func strayZero(digits string) bool {
	code := 0
	for i := range min(3, len(digits)-1) {
		code = code*10 + int(digits[i]-'0')
		if phonenumbers.GetRegionCodeForCountryCode(code) != phonenumbers.UNKNOWN_REGION {
			return digits[i+1] == '0'
		}
	}
	return false
}

// plain takes the signs out that people group digits with and refuses
// everything but digits after at most one "+". Without such signs it returns
// number itself.
func plain(number string) (string, bool) {
	digits, clean := 0, true
	for i := range len(number) {
		switch c := number[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '+' && digits == 0:
			if strings.IndexByte(number, '+') != i {
				return "", false
			}
			clean = clean && i == 0
		case c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/':
			clean = false
		default:
			return "", false
		}
	}
	if digits == 0 {
		return "", false
	}
	if clean {
		return number, true
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, number), true
}

// allDigits says whether s is digits and nothing else.
func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// emergency says whether the dialled digits call for help: one of the
// organization's own numbers, and 112 always.
func emergency(o *store.Organization, digits string) bool {
	return digits == "112" || o.IsEmergency(digits)
}

// Country is the one (ISO 3166-1 alpha-2) whose national numbers a party writes: the carrier's
// where it has one, else the organization's.
func Country(o *store.Organization, t *store.Trunk) string {
	switch {
	case t != nil && t.Country != "":
		return t.Country
	case o.Country != "":
		return o.Country
	}
	return "US"
}

// inExtensionRange says whether digits could be an internal number that is
// handed out automatically ("101-9999"): such a number, when nobody has it, is
// unknown and never somebody's telephone outside.
func inExtensionRange(extensionRange, digits string) bool {
	from, to, ok := strings.Cut(extensionRange, "-")
	from, to = strings.TrimSpace(from), strings.TrimSpace(to)
	if !ok || !allDigits(from) || !allDigits(to) || !allDigits(digits) {
		return false
	}
	// A leading zero is a national prefix, not an extension.
	return digits[0] != '0' && !shorter(digits, from) && !shorter(to, digits)
}

// shorter compares numbers by value; neither has leading zeros.
func shorter(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}
