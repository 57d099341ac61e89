package phone_test

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"strowger/provisioning/phone"
	"strowger/store/storetest"
)

// A Cisco phone takes 32 entries at once: it pages through a book of a hundred by its
// keys, and finds everybody once.
func TestCiscoPages(t *testing.T) {
	x := newExchange(t, phone.Options{})
	var users, lines []string
	for n := range 97 { // and the three of the office
		users = append(users, fmt.Sprintf(`{"id": "u%d", "first_name": "N%02d", "last_name": "Many"}`, n, n))
		lines = append(lines, fmt.Sprintf(`{"id": "l%d", "user_id": "u%d", "kind": "sip_account", "sip_account": {"username": "u%d", "password": "a long password"}, "inbound": {"internal_numbers": ["%d"]}}`, n, n, n, 200+n))
	}
	storetest.Apply(t, x.store, `{"users": [`+strings.Join(users, ",")+`], "contact_methods": [`+strings.Join(lines, ",")+`]}`)
	const mac, agent = "58bc27123456", "Cisco/SPA504G-7.6.2g (58BC27123456)(CCQ12345678)"
	path := x.device("desk", mac, "cisco")
	x.local("PATCH", "/organizations/default", `{"language": "en-GB"}`, 200, nil)

	type page struct {
		Entries []struct{ Name, Telephone string } `xml:"DirectoryEntry"`
		Keys    []struct {
			Name, URL string
			Position  int
		} `xml:"SoftKeyItem"`
	}
	seen := map[string]bool{}
	var back []string // the addresses so far
	at := path + mac + "-phonebook.xml"
	for at != "" {
		a := x.get(at, agent)
		var p page
		if err := xml.Unmarshal([]byte(a.body), &p); err != nil || a.status != 200 {
			t.Fatalf("%s: %d %s", at, a.status, a.body)
		}
		if len(p.Entries) == 0 || len(p.Entries) > 32 {
			t.Errorf("%s has %d entries", at, len(p.Entries))
		}
		for _, e := range p.Entries {
			if seen[e.Telephone] {
				t.Errorf("%s %s is there twice", e.Name, e.Telephone)
			}
			seen[e.Telephone] = true
		}
		keys := map[string]string{}
		for i, k := range p.Keys {
			if i > 0 && k.Position <= p.Keys[i-1].Position || k.Position > 4 {
				t.Errorf("%s: %+v", at, p.Keys)
			}
			keys[k.Name] = strings.TrimPrefix(k.URL, "https://pbx.acme.example")
		}
		if keys["Dial"] != "SoftKey:Dial" || keys["Exit"] != "SoftKey:Exit" {
			t.Errorf("%s: %v", at, keys)
		}
		before := ""
		if len(back) > 0 {
			before = fmt.Sprintf("%s%s-phonebook.xml?page=%d", path, mac, len(back))
		}
		if keys["Prev"] != before {
			t.Errorf("%s goes back to %q, not %q", at, keys["Prev"], before)
		}
		back = append(back, at)
		at = keys["Next"]
	}
	if len(seen) != 100 || len(back) != 4 {
		t.Errorf("%d entries on %d pages", len(seen), len(back))
	}
	if first := x.get(path+mac+"-phonebook.xml?page=1", agent); first.body != x.get(back[0], agent).body {
		t.Errorf("the first page is not page 1: %s", first.body)
	}
	for _, none := range []string{"0", "5", "-1", "x", "99999999999999999999"} {
		if a := x.get(path+mac+"-phonebook.xml?page="+none, agent); a.status != 404 {
			t.Errorf("page %s: %d", none, a.status)
		}
	}
	x.local("PATCH", "/organizations/default", `{"language": "de"}`, 200, nil)
	if a := x.get(back[0], agent); !strings.Contains(a.body, "<Name>Weiter</Name>") {
		t.Errorf("in German: %s", a.body)
	}
	// Other makes take it whole.
	other := x.device("other", "001565123456", "yealink")
	if a := x.get(other+"001565123456-phonebook.xml", "Yealink SIP-T54W 96.86.0.70 00:15:65:12:34:56"); strings.Count(a.body, "<DirectoryEntry>") != 100 {
		t.Errorf("Yealink: %d %s", a.status, a.body)
	}
}
