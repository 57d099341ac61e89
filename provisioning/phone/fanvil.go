package phone

import (
	"strings"

	"strowger/store"
)

// Fanvil: nested elements.

func fanvilFile(d *store.Device, name string) func(*settings) []byte {
	// The file of a model is asked for first, and then that of the phone.
	if asked(d, name, "MAC.cfg", "MAC.xml") || strings.HasPrefix(name, "f0") && strings.HasSuffix(name, ".cfg") {
		return fanvil
	}
	return nil
}

var fanvilCodecs = map[string]string{"PCMU": "PCMU", "PCMA": "PCMA", "G722": "G722", "G729": "G729", "ILBC": "iLBC", "OPUS": "opus"}

var fanvilLanguages = map[string]string{"en": "en", "de": "de", "fr": "fr", "es": "es", "it": "it", "pt": "pt", "pl": "pl", "nl": "nl", "ru": "ru", "tr": "tr"}

func fanvil(c *settings) []byte {
	x := newXML()
	x.open("sysConf")
	x.value("Version", "2.0000000000")
	x.open("phone")
	if name, ok := languageName(c.language, fanvilLanguages); ok {
		x.open("display")
		x.value("DefaultLanguage", name)
		x.close("display")
	}
	x.open("date")
	x.value("EnableSNTP", "1")
	x.value("TimeZone", itoa(int(c.zone.standard.Minutes())/15)) // quarters of an hour
	x.value("TimeZoneName", "UTC"+c.zone.hours())
	if c.zone.saving == 0 {
		x.value("EnableDST", "0")
	} else {
		x.value("EnableDST", "2")
		x.value("DSTFixedType", "2")
		x.value("DSTMinOffset", itoa(int(c.zone.saving.Minutes())))
		for _, side := range []struct {
			name string
			at   change
		}{{"Start", c.zone.start}, {"End", c.zone.end}} {
			x.value("DST"+side.name+"Mon", itoa(int(side.at.month)))
			x.value("DST"+side.name+"Week", itoa(side.at.week))
			x.value("DST"+side.name+"Wday", itoa(int(side.at.weekday)))
			x.value("DST"+side.name+"Hour", itoa(side.at.hour))
		}
	}
	x.close("date")
	x.open("xmlContact", "index", "1")
	x.value("Name", c.company)
	x.value("Addr", c.book)
	x.close("xmlContact")
	x.close("phone")
	x.open("sip")
	for i, l := range c.lines {
		x.open("line", "index", itoa(i+1))
		x.value("PhoneNumber", l.user)
		x.value("DisplayName", l.name)
		x.value("SipName", l.label)
		x.value("RegisterAddr", c.server.Domain)
		x.value("RegisterPort", itoa(c.server.Port))
		x.value("RegisterUser", l.user)
		x.value("RegisterPswd", l.password)
		x.value("RegisterTTL", "3600")
		x.value("EnableReg", "1")
		x.value("ProxyAddr", outbound(c, c.server.Host))
		x.value("ProxyPort", itoa(c.server.Port))
		x.value("ProxyUser", outbound(c, l.user))
		x.value("ProxyPswd", outbound(c, l.password))
		x.value("Transport", map[string]string{"udp": "0", "tcp": "1", "tls": "3"}[c.server.Transport])
		if names := codecNames(l.codecs, fanvilCodecs); len(names) > 0 {
			x.value("VoiceCodecMap", strings.Join(names, ","))
		}
		x.close("line")
	}
	x.close("sip")
	x.open("dsskey")
	x.open("internal", "index", "1")
	for i := range c.lines {
		fanvilKey(x, i+1, "2", "SIP"+itoa(i+1), "")
	}
	for i, k := range c.keys {
		fanvilKey(x, len(c.lines)+i+1, "1", k.number+"@1/ba", k.label) // BLF on line 1
	}
	x.close("internal")
	x.close("dsskey")
	x.close("sysConf")
	return x.Bytes()
}

func fanvilKey(x *xmlFile, n int, kind, value, title string) {
	x.open("Fkey", "index", itoa(n))
	x.value("Type", kind)
	x.value("Value", value)
	x.value("Title", title)
	x.close("Fkey")
}
