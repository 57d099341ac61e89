package routing

import (
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"strowger/store"
)

func TestNormalize(t *testing.T) {
	tests := []struct {
		number, country, want string // want "" is refused
	}{
		{"+40213456789", "US", "+40213456789"},
		{"+40 (21) 345-67.89", "US", "+40213456789"},
		{"+44 (0)20 7946 0018", "US", "+442079460018"},
		{"+390612345678", "US", "+390612345678"}, // Italy keeps its zero
		{"+15550001111", "RO", "+15550001111"},
		{"+99912345678", "US", "+99912345678"}, // no such country: the carrier may say so
		{"0213456789", "RO", "+40213456789"},
		{"0040213456789", "RO", "+40213456789"},
		{"01140213456789", "US", "+40213456789"},
		{"5550001111", "US", "+15550001111"},
		{"15550001111", "US", "+15550001111"},
		{"555 000 1111", "US", "+15550001111"},
		{"40213456789", "RO", "+40213456789"},
		{"0123456", "IT", "+390123456"},
		{"2025550123", "", ""}, // a national number of no country
		{"5551234", "US", ""},  // without its area code
		{"411", "US", ""},
		{"1234", "DE", ""}, // possible there by its length alone
		{"199", "RO", ""},
		{"anna", "US", ""},
		{"1800FLOWERS", "US", ""},
		{"+", "US", ""},
		{"", "US", ""},
		{"+0213456789", "US", ""},
		{"++40213456789", "US", ""},
		{"40+213456789", "US", ""},
		{"+1234567890123456", "US", ""}, // 16 digits
		{"+12345", "US", ""},
		{"*43", "US", ""},
		{"١٢٣٤٥٦٧", "US", ""},
	}
	for _, tt := range tests {
		got, ok := Normalize(tt.number, tt.country)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("Normalize(%q, %q) = %q, %v; want %q", tt.number, tt.country, got, ok, tt.want)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"+40213456789", "0213456789", "+44 (0)20 7946 0018", "anna", "", "+", "00", "+0", "1-800"} {
		f.Add(s, "RO")
		f.Add(s, "US")
	}
	f.Fuzz(func(t *testing.T, number, country string) {
		e164, ok := Normalize(number, country)
		if !ok {
			if e164 != "" {
				t.Fatalf("refused with %q", e164)
			}
			return
		}
		if e164[0] != '+' || !allDigits(e164[1:]) || len(e164) > 18 || e164[1] == '0' {
			t.Fatalf("Normalize(%q, %q) = %q is no E.164", number, country, e164)
		}
		if again, ok := Normalize(e164, country); !ok || !strings.HasPrefix(again, "+") {
			t.Fatalf("%q is not taken back: %q %v", e164, again, ok)
		}
	})
}

func TestEmergencyNumbers(t *testing.T) {
	tests := []struct {
		own    []string
		digits string
		want   bool
	}{
		{[]string{"112", "961"}, "961", true},
		{[]string{"961"}, "112", true}, // always
		{[]string{"911"}, "999", false},
		{[]string{"911"}, "+1911", false},
		{nil, "101", false},
	}
	for _, tt := range tests {
		if got := emergency(&store.Organization{EmergencyNumbers: tt.own}, tt.digits); got != tt.want {
			t.Errorf("%v: emergency(%s) = %v", tt.own, tt.digits, got)
		}
	}
}

func TestInExtensionRange(t *testing.T) {
	for digits, want := range map[string]bool{
		"100": false, "101": true, "999": true, "1000": true, "9999": true, "10000": false,
		"0101": false, "99": false, "": false, "1a1": false,
	} {
		if got := inExtensionRange("101-9999", digits); got != want {
			t.Errorf("%q: %v, want %v", digits, got, want)
		}
	}
	if inExtensionRange("", "101") || inExtensionRange("abc-def", "101") {
		t.Error("a range that cannot be read has no numbers")
	}
}

// Every country that an organization can have is one whose numbers are read, and
// the other way round.
func TestKnownCountries(t *testing.T) {
	read := phonenumbers.GetSupportedRegions()
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if code := string([]rune{a, b}); store.KnownCountry(code) != read[code] {
				t.Errorf("%s is known: %v, read: %v", code, store.KnownCountry(code), read[code])
			}
		}
	}
}
