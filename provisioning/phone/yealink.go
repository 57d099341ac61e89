package phone

import (
	"bytes"
	"fmt"

	"strowger/store"
)

// Yealink: a boot file that says which files follow, and one of lines that are a
// name, "=" and a value. A line ends a value and nothing else does.

func yealinkFile(d *store.Device, name string) func(*settings) []byte {
	switch {
	case asked(d, name, "MAC.boot"):
		return func(c *settings) []byte {
			return []byte("#!version:1.0.0.1\n## The files of this phone, in their order.\ninclude:config \"" + c.mac + ".cfg\"\noverwrite_mode = 1\n")
		}
	case asked(d, name, "MAC.cfg"):
		return yealink
	}
	return nil
}

var yealinkLanguages = map[string]string{"en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian",
	"pt": "Portuguese", "pl": "Polish", "nl": "Dutch", "ru": "Russian", "tr": "Turkish"}

var yealinkCodecs = map[string]string{"PCMU": "pcmu", "PCMA": "pcma", "G722": "g722", "G729": "g729", "OPUS": "opus", "ILBC": "ilbc"}

func yealink(c *settings) []byte {
	var b bytes.Buffer
	b.WriteString("#!version:1.0.0.1\n") // must be the first line
	set := func(name, value string) { fmt.Fprintf(&b, "%s = %s\n", name, clean(value)) }
	for i, l := range c.lines {
		p := fmt.Sprintf("account.%d.", i+1)
		set(p+"enable", "1")
		set(p+"label", l.label)
		set(p+"display_name", l.name)
		set(p+"user_name", l.user)
		set(p+"auth_name", l.user)
		set(p+"password", l.password)
		set(p+"sip_server.1.address", c.server.Domain)
		set(p+"sip_server.1.port", itoa(c.server.Port))
		set(p+"sip_server.1.transport_type", map[string]string{"udp": "0", "tcp": "1", "tls": "2"}[c.server.Transport])
		set(p+"sip_server.1.expires", "3600")
		set(p+"outbound_proxy_enable", onOff(c.server.Domain != c.server.Host))
		if c.server.Domain != c.server.Host {
			set(p+"outbound_proxy.1.address", c.server.Host)
			set(p+"outbound_proxy.1.port", itoa(c.server.Port))
		}
		if names := codecNames(l.codecs, yealinkCodecs); len(names) > 0 {
			for _, name := range []string{"pcmu", "pcma", "g722", "g729", "opus", "ilbc"} {
				at := indexOf(names, name)
				set(p+"codec."+name+".enable", onOff(at >= 0))
				if at >= 0 {
					set(p+"codec."+name+".priority", itoa(at+1))
				}
			}
		}
	}
	for i := range c.lines {
		set(fmt.Sprintf("linekey.%d.type", i+1), "15") // a line
		set(fmt.Sprintf("linekey.%d.line", i+1), itoa(i+1))
	}
	for i, k := range c.keys {
		p := fmt.Sprintf("linekey.%d.", len(c.lines)+i+1)
		set(p+"type", "16") // BLF
		set(p+"line", "1")
		set(p+"value", k.number)
		set(p+"label", k.label)
	}
	set("local_time.time_zone", c.zone.hours())
	set("local_time.summer_time", onOff(c.zone.saving != 0))
	if c.zone.saving != 0 {
		week := func(ch change) string { return fmt.Sprintf("%d/%d/%d/%d", ch.month, ch.week, ch.monday(), ch.hour) }
		set("local_time.dst_time_type", "1")
		set("local_time.start_time", week(c.zone.start))
		set("local_time.end_time", week(c.zone.end))
		set("local_time.offset_time", itoa(int(c.zone.saving.Minutes())))
	}
	if name, ok := languageName(c.language, yealinkLanguages); ok {
		set("lang.gui", name)
	}
	set("features.remote_phonebook.enable", "1")
	set("remote_phonebook.data.1.url", c.book)
	set("remote_phonebook.data.1.name", c.company)
	set("static.auto_provision.repeat.enable", "1")
	set("static.auto_provision.repeat.minutes", "1440")
	return b.Bytes()
}
