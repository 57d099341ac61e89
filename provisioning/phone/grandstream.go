package phone

import (
	"fmt"
	"strings"

	"strowger/store"
)

// Grandstream: settings by number, which every firmware knows; their names came
// later.

func grandstreamFile(d *store.Device, name string) func(*settings) []byte {
	if asked(d, name, "cfgMAC.xml") {
		return grandstream
	}
	return nil
}

// The numbers of an account's settings.
type grandstreamAccount struct {
	active, name, server, user, auth, password, display, proxy, transport, expires string
	codecs                                                                         []string
}

var grandstreamAccounts = []grandstreamAccount{
	{"P271", "P270", "P47", "P35", "P36", "P34", "P3", "P48", "P130", "P32", []string{"P57", "P58", "P59", "P60", "P61", "P62", "P46"}},
	{"P401", "P417", "P402", "P404", "P405", "P406", "P407", "P403", "P448", "P412", []string{"P451", "P452", "P453", "P454", "P455", "P456", "P457"}},
	{"P501", "P517", "P502", "P504", "P505", "P506", "P507", "P503", "P548", "P512", []string{"P551", "P552", "P553", "P554", "P555", "P556", "P557"}},
	{"P601", "P617", "P602", "P604", "P605", "P606", "P607", "P603", "P648", "P612", []string{"P651", "P652", "P653", "P654", "P655", "P656", "P657"}},
}

var grandstreamCodecs = map[string]string{"PCMU": "0", "PCMA": "8", "G722": "9", "G729": "18", "ILBC": "98", "OPUS": "123"}

var grandstreamLanguages = map[string]string{"en": "en", "de": "de", "fr": "fr", "es": "es", "it": "it", "pt": "pt", "pl": "pl", "nl": "nl", "ru": "ru", "tr": "tr"}

func grandstream(c *settings) []byte {
	x := newXML()
	x.open("gs_provision", "version", "1")
	x.value("mac", c.mac)
	x.open("config", "version", "1")
	for i, p := range grandstreamAccounts {
		if i >= len(c.lines) {
			x.value(p.active, "0")
			continue
		}
		l := c.lines[i]
		x.value(p.active, "1")
		x.value(p.name, l.label)
		x.value(p.server, c.server.URIDomain()+":"+itoa(c.server.Port))
		x.value(p.proxy, outbound(c, c.server.HostPort()))
		x.value(p.user, l.user)
		x.value(p.auth, l.user)
		x.value(p.password, l.password)
		x.value(p.display, l.name)
		x.value(p.transport, map[string]string{"udp": "0", "tcp": "1", "tls": "2"}[c.server.Transport])
		x.value(p.expires, "60") // minutes
		if names := codecNames(l.codecs, grandstreamCodecs); len(names) > 0 {
			for j, number := range p.codecs { // the last one fills what is left
				x.value(number, names[min(j, len(names)-1)])
			}
		}
	}
	for i, k := range c.keys[:min(len(c.keys), 7)] { // as many as have numbers of this kind
		x.value(fmt.Sprintf("P%d", 323+i), "1") // BLF
		x.value(fmt.Sprintf("P%d", 301+3*i), "0")
		x.value(fmt.Sprintf("P%d", 302+3*i), k.label)
		x.value(fmt.Sprintf("P%d", 303+3*i), k.number)
	}
	x.value("P64", "customize")
	x.value("P246", c.zone.posix)
	if name, ok := languageName(c.language, grandstreamLanguages); ok {
		x.value("P1362", name)
	}
	x.value("P330", map[bool]string{false: "2", true: "3"}[c.home.tls]) // the phone book by HTTP or HTTPS
	x.value("P331", strings.TrimSuffix(c.home.place, "/"))
	x.value("P332", "720") // minutes
	x.value("P194", "1")   // look again
	x.value("P193", "1440")
	x.close("config")
	x.close("gs_provision")
	return x.Bytes()
}
