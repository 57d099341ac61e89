package phone

import (
	"bytes"
	"encoding/xml"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"strowger/provisioning"
	"strowger/store"
)

// hostile are texts that end a value in one format or another.
func hostile() *rapid.Generator[string] {
	bad := rapid.SampledFrom([]string{"\n", "\r\n", "\"", "'", "<", ">", "&", "#", "=", ";", "</settings>", "]]>", "-->", "&amp;", "\x00", "\x1b", "\u2028",
		"\naccount.1.password = x", "\" reg.2.auth.password=\"x", "%NULL%", "$PROXY", "\xff", "\uffff", " ", "é", "a"})
	return rapid.Map(rapid.SliceOfN(rapid.OneOf(bad, rapid.String()), 0, 6), func(parts []string) string { return strings.Join(parts, "") })
}

func plain(string) string { return "x" }

// some are settings with texts as text gives them: what is in them that people and
// other systems choose.
func some(text func(name string) string) *settings {
	z, _ := zoneOf("Europe/Berlin", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	c := &settings{mac: "001565123456", label: text("label"), zone: z, language: text("language"),
		server: provisioning.Registrar{Domain: "acme.example", Host: "pbx.acme.example", Port: 5060, Transport: "udp"}}
	for _, n := range []string{"1", "2"} {
		c.lines = append(c.lines, line{label: text("label" + n), name: text("name" + n), user: text("user" + n), password: text("password" + n), codecs: []string{text("codec" + n)}})
		c.keys = append(c.keys, key{text("key" + n), "10" + n})
	}
	return c
}

// skeleton is a file's elements, attributes and names without the values, and the
// values on their own.
func skeleton(t interface{ Fatalf(string, ...any) }, vendor string, file []byte) (shape string, values []string) {
	if vendor == "yealink" {
		var names []string
		for l := range strings.Lines(string(file)) {
			name, value, ok := strings.Cut(strings.TrimSuffix(l, "\n"), " = ")
			if !ok && !strings.HasPrefix(l, "#!version:") {
				t.Fatalf("a line that is no setting: %q", l)
			}
			names, values = append(names, name), append(values, value)
		}
		return strings.Join(names, "\n"), values
	}
	var names []string
	d := xml.NewDecoder(bytes.NewReader(file))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return strings.Join(names, "\n"), values
		}
		if err != nil {
			t.Fatalf("%s: %v\n%s", vendor, err, file)
		}
		switch v := token.(type) {
		case xml.StartElement:
			names = append(names, v.Name.Local)
			for _, a := range v.Attr {
				names, values = append(names, "@"+a.Name.Local), append(values, a.Value)
			}
		case xml.EndElement:
			names = append(names, "/"+v.Name.Local)
		case xml.CharData:
			if s := strings.TrimSpace(string(v)); s != "" {
				values = append(values, s)
			}
		case xml.Comment, xml.Directive:
			t.Fatalf("%s: a comment or a directive", vendor)
		}
	}
}

// No value is more than a value: whatever people call themselves, a file has the
// settings that it has with plain texts, and each text arrives as one line.
func TestNoValueBreaksOut(t *testing.T) {
	files := map[string]func(*settings) []byte{"yealink": yealink, "grandstream": grandstream, "snom": snom, "poly": poly, "cisco": cisco, "fanvil": fanvil}
	if len(files) != len(store.DeviceVendors) || len(makers) != len(files) {
		t.Fatal("a maker is not tested")
	}
	for _, vendor := range slices.Sorted(maps.Keys(files)) {
		t.Run(vendor, rapid.MakeCheck(func(t *rapid.T) {
			given := map[string]string{}
			c := some(func(name string) string {
				if name == "language" || strings.HasPrefix(name, "codec") { // what they are not decides which settings there are
					return "x"
				}
				given[name] = hostile().Draw(t, name)
				return given[name]
			})
			want, _ := skeleton(t, vendor, files[vendor](some(plain)))
			got, values := skeleton(t, vendor, files[vendor](c))
			if got != want {
				t.Fatalf("the file has other settings:\n%s", files[vendor](c))
			}
			for _, name := range []string{"password1", "password2"} {
				if text := clean(given[name]); text != "" && !slices.Contains(values, text) {
					t.Fatalf("%s %q does not arrive", name, text)
				}
			}
		}))
	}
}

// A label adds nothing to a Cisco key's function.
func TestCiscoKeyFunction(t *testing.T) {
	c := some(plain)
	c.keys = []key{{"Eve;fnc=sd;ext=900@evil", "102"}}
	if got := string(cisco(c)); !strings.Contains(got, ">fnc=blf+sd;sub=102@$PROXY;ext=102@$PROXY;nme=Eve fnc sd ext 900 evil<") {
		t.Error(got)
	}
}

func TestZones(t *testing.T) {
	for name, want := range map[string]string{
		"Europe/Berlin":       "STD-1DST-2,M3.5.0/2,M10.5.0/3",
		"America/New_York":    "STD5DST4,M3.2.0/2,M11.1.0/2",
		"Australia/Sydney":    "STD-10DST-11,M10.1.0/2,M4.1.0/3",
		"Asia/Kolkata":        "STD-5:30",
		"America/Sao_Paulo":   "STD3",
		"UTC":                 "STD0",
		"Australia/Lord_Howe": "STD-10:30DST-11,M10.1.0/2,M4.1.0/2",
	} {
		for _, month := range []time.Month{1, 7} {
			z, err := zoneOf(name, time.Date(2026, month, 15, 12, 0, 0, 0, time.UTC))
			if err != nil {
				t.Fatal(err)
			}
			if z.posix != want {
				t.Errorf("%s in month %d: %s, want %s", name, month, z.posix, want)
			}
		}
	}
	if _, err := zoneOf("Mars/Olympus", time.Now()); err == nil {
		t.Error("a zone that is none")
	}
}

func TestAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"Yealink SIP-T54W 96.86.0.70 00:15:65:12:34:56":    "001565123456",
		"cfg000b82123456.xml":                              "000b82123456",
		"snomD785-000413123456.htm":                        "000413123456",
		"(SN:64167F123456)":                                "64167f123456",
		"Cisco/SPA504G-7.6.2g (58BC27123456)(CCQ12345678)": "58bc27123456",
		"000000000000.cfg":                                 "",
		"y000000000000.boot":                               "",
		"0015651234567.cfg":                                "",
		"a 001565123456 000413123456":                      "001565123456 000413123456",
	} {
		if got := strings.Join(addresses(text), " "); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}
