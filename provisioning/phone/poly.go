package phone

import (
	"fmt"

	"strowger/store"
)

// Poly: a master file that names the files that follow, and settings that are
// attributes.

func polyFile(d *store.Device, name string) func(*settings) []byte {
	switch {
	case asked(d, name, "MAC.cfg", "000000000000.cfg"):
		return func(c *settings) []byte {
			x := newXML()
			x.empty("APPLICATION", "APP_FILE_PATH", "", "CONFIG_FILES", c.mac+"-strowger.cfg", "MISC_FILES", "", "LOG_FILE_DIRECTORY", "")
			return x.Bytes()
		}
	case asked(d, name, "MAC-strowger.cfg"):
		return poly
	}
	return nil
}

var polyLanguages = map[string]string{"en": "English_United_States", "en-gb": "English_United_Kingdom", "de": "German_Germany", "fr": "French_France",
	"es": "Spanish_Spain", "it": "Italian_Italy", "pt": "Portuguese_Portugal", "pl": "Polish_Poland", "nl": "Dutch_Netherlands", "ru": "Russian_Russia"}

var polyCodecs = map[string]string{"PCMU": "G711_Mu", "PCMA": "G711_A", "G722": "G722", "G729": "G729_AB", "OPUS": "Opus", "ILBC": "iLBC.15_2kbps"}

func poly(c *settings) []byte {
	x := newXML()
	x.open("polycomConfig")
	transport := map[string]string{"udp": "UDPOnly", "tcp": "TCPOnly", "tls": "TLS"}[c.server.Transport]
	var reg []string
	for i, l := range c.lines {
		p := fmt.Sprintf("reg.%d.", i+1)
		reg = append(reg, p+"address", l.user+"@"+c.server.URIDomain(), p+"label", l.label, p+"displayName", l.name,
			p+"auth.userId", l.user, p+"auth.password", l.password, p+"server.1.address", c.server.Domain,
			p+"server.1.port", itoa(c.server.Port), p+"server.1.transport", transport, p+"server.1.expires", "3600")
		if c.server.Domain != c.server.Host {
			reg = append(reg, p+"outboundProxy.address", c.server.Host, p+"outboundProxy.port", itoa(c.server.Port), p+"outboundProxy.transport", transport)
		}
	}
	x.empty("reg", reg...)
	// The codecs are the phone's, not a line's: those of the first line that has any.
	for _, l := range c.lines {
		names := codecNames(l.codecs, polyCodecs)
		if len(names) == 0 {
			continue
		}
		var prefer []string
		for _, name := range []string{"G711_Mu", "G711_A", "G722", "G729_AB", "Opus", "iLBC.15_2kbps"} {
			prefer = append(prefer, "voice.codecPref."+name, itoa(indexOf(names, name)+1)) // 0: not at all
		}
		x.empty("voice", prefer...)
		break
	}
	var keys []string
	for i, k := range c.keys {
		p := fmt.Sprintf("attendant.resourceList.%d.", i+1)
		keys = append(keys, p+"address", k.number+"@"+c.server.URIDomain(), p+"label", k.label, p+"type", "normal")
	}
	x.empty("attendant", keys...)
	z := []string{"tcpIpApp.sntp.gmtOffset", itoa(int(c.zone.standard.Seconds())), "tcpIpApp.sntp.gmtOffset.overrideDHCP", "1",
		"tcpIpApp.sntp.daylightSavings.enable", onOff(c.zone.saving != 0)}
	if c.zone.saving != 0 {
		z = append(z, "tcpIpApp.sntp.daylightSavings.fixedDayEnable", "0")
		for _, side := range []struct {
			name string
			at   change
		}{{"start", c.zone.start}, {"stop", c.zone.end}} {
			p := "tcpIpApp.sntp.daylightSavings." + side.name + "."
			z = append(z, p+"month", itoa(int(side.at.month)), p+"date", itoa(1+7*(min(side.at.week, 4)-1)), p+"time", itoa(side.at.hour),
				p+"dayOfWeek", itoa(int(side.at.weekday)+1), p+"dayOfWeek.lastInMonth", onOff(side.at.week == 5))
		}
	}
	x.empty("tcpIpApp", z...)
	if name, ok := languageName(c.language, polyLanguages); ok {
		x.empty("lcl", "lcl.ml.lang", name)
	}
	x.empty("prov", "prov.polling.enabled", "1", "prov.polling.mode", "rel", "prov.polling.period", "86400")
	x.close("polycomConfig")
	return x.Bytes()
}
