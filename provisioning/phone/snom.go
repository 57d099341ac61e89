package phone

import (
	"fmt"
	"strings"

	"strowger/store"
)

// Snom: settings by name, a line's with its number.

func snomFile(d *store.Device, name string) func(*settings) []byte {
	rest, isModel := strings.CutPrefix(name, "snom")
	if asked(d, name, "MAC.xml", "MAC.htm") || isModel && (strings.HasSuffix(rest, "-"+d.MAC+".htm") || strings.HasSuffix(rest, "-"+d.MAC+".xml")) {
		return snom
	}
	return nil
}

var snomLanguages = map[string]string{"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "it": "Italiano", "pt": "Português",
	"pl": "Polski", "nl": "Nederlands", "tr": "Türkçe"}

var snomCodecs = map[string]string{"PCMU": "pcmu", "PCMA": "pcma", "G722": "g722", "G729": "g729", "OPUS": "opus", "GSM": "gsm"}

func snom(c *settings) []byte {
	x := newXML()
	x.open("settings")
	x.open("phone-settings", "e", "2")
	for i, l := range c.lines {
		set := func(name, value string) { x.value(name, value, "idx", itoa(i+1), "perm", "R") }
		set("user_active", "on")
		set("user_realname", l.name)
		set("user_idle_text", l.label)
		set("user_name", l.user)
		set("user_pname", l.user)
		set("user_pass", l.password)
		set("user_host", c.server.URIDomain())
		set("user_outbound", c.server.HostPort()+";transport="+c.server.Transport)
		set("user_expiry", "3600")
		if names := codecNames(l.codecs, snomCodecs); len(names) > 0 {
			set("codec_priority_list", strings.Join(names, ",")+",telephone-event")
		}
	}
	x.value("utc_offset", fmt.Sprintf("%+d", int(c.zone.standard.Seconds())), "perm", "R")
	dst := ""
	if c.zone.saving != 0 {
		at := func(ch change) string {
			return fmt.Sprintf("%02d.%02d.%02d %02d:00:00", ch.month, ch.week, ch.monday(), ch.hour)
		}
		dst = fmt.Sprintf("%d %s %s", int(c.zone.saving.Seconds()), at(c.zone.start), at(c.zone.end))
	}
	x.value("dst", dst, "perm", "R")
	if name, ok := languageName(c.language, snomLanguages); ok {
		x.value("language", name, "perm", "R")
		x.value("web_language", name, "perm", "R")
	}
	x.value("dkey_directory", "url "+c.book, "perm", "R")
	x.value("settings_refresh_timer", "86400", "perm", "R")
	x.close("phone-settings")
	x.open("functionKeys", "e", "2")
	for i := range c.lines {
		x.value("fkey", "line", "idx", itoa(i), "context", itoa(i+1), "perm", "R")
	}
	for i, k := range c.keys {
		x.value("fkey", "blf sip:"+k.number+"@"+c.server.URIDomain(), "idx", itoa(len(c.lines)+i), "context", "active", "label", k.label, "perm", "R")
	}
	x.close("functionKeys")
	x.close("settings")
	return x.Bytes()
}
