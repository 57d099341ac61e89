package phone

import (
	"fmt"
	"strings"

	"strowger/store"
)

// Cisco SPA: a flat list of elements. Its languages are files of the firmware, so
// that only the locale is set.

func ciscoFile(d *store.Device, name string) func(*settings) []byte {
	model, isModel := strings.CutSuffix(name, ".cfg")
	if asked(d, name, "MAC.xml", "MAC.cfg", "spaMAC.xml", "spaMAC.cfg") || isModel && strings.HasPrefix(model, "spa") && len(model) < 12 {
		return cisco
	}
	return nil
}

var ciscoCodecs = map[string]string{"PCMU": "G711u", "PCMA": "G711a", "G722": "G722", "G729": "G729a"}

var ciscoLocales = map[string]string{"en": "en-US", "en-gb": "en-GB", "de": "de-DE", "fr": "fr-FR", "es": "es-ES", "it": "it-IT", "pt": "pt-PT", "pl": "pl-PL", "nl": "nl-NL"}

func cisco(c *settings) []byte {
	x := newXML()
	x.open("flat-profile")
	set := func(name, value string) { x.value(name, value, "ua", "na") }
	set("Station_Name", c.label)
	for i, l := range c.lines {
		n := fmt.Sprintf("_%d_", i+1)
		set("Line_Enable"+n, "Yes")
		set("Extension"+n, itoa(i+1))
		set("Short_Name"+n, l.label)
		set("Display_Name"+n, l.name)
		set("User_ID"+n, l.user)
		set("Password"+n, l.password)
		set("Use_Auth_ID"+n, "No")
		set("Proxy"+n, c.server.URIDomain()+":"+itoa(c.server.Port))
		set("Outbound_Proxy"+n, outbound(c, c.server.HostPort()))
		set("Use_Outbound_Proxy"+n, map[bool]string{true: "Yes", false: "No"}[c.server.Domain != c.server.Host])
		set("SIP_Transport"+n, strings.ToUpper(c.server.Transport))
		set("Register"+n, "Yes")
		set("Register_Expires"+n, "3600")
		for j, name := range codecNames(l.codecs, ciscoCodecs) {
			if j < 3 {
				set([]string{"Preferred_Codec", "Second_Preferred_Codec", "Third_Preferred_Codec"}[j]+n, name)
			}
		}
	}
	for i, k := range c.keys {
		n := fmt.Sprintf("_%d_", len(c.lines)+i+1)
		set("Extension"+n, "Disabled")
		set("Short_Name"+n, k.label)
		set("Extended_Function"+n, "fnc=blf+sd;sub="+k.number+"@$PROXY;ext="+k.number+"@$PROXY;nme="+ciscoName.Replace(k.label))
	}
	sign, hours, minutes := parts(c.zone.standard)
	set("Time_Zone", fmt.Sprintf("GMT%s%02d:%02d", sign, hours, minutes))
	set("Daylight_Saving_Time_Enable", map[bool]string{true: "Yes", false: "No"}[c.zone.saving != 0])
	if c.zone.saving != 0 {
		at := func(ch change) string {
			day := itoa(1 + 7*(ch.week-1))
			if ch.week == 5 {
				day = "-1"
			}
			return fmt.Sprintf("%d/%s/%d/%d:0:0", ch.month, day, ch.monday(), ch.hour)
		}
		m := int(c.zone.saving.Minutes())
		set("Daylight_Saving_Time_Rule", fmt.Sprintf("start=%s;end=%s;save=%d:%d:0", at(c.zone.start), at(c.zone.end), m/60, m%60))
	}
	if name, ok := languageName(c.language, ciscoLocales); ok {
		set("Locale", name)
	}
	set("XML_Directory_Service_Name", c.company)
	set("XML_Directory_Service_URL", c.book)
	set("Resync_Periodic", "86400")
	x.close("flat-profile")
	return x.Bytes()
}

// ciscoName takes out of a label what would begin another part of a key's
// function.
var ciscoName = strings.NewReplacer(";", " ", "=", " ", "@", " ", "$", " ", ",", " ", "+", " ")

// ciscoKeys are the words of the keys below a page of the phone book: dial, the page
// before, the next one, leave. There is room for about eight letters.
var ciscoKeys = map[string][4]string{
	"en": {"Dial", "Prev", "Next", "Exit"},
	"de": {"Wählen", "Zurück", "Weiter", "Ende"},
	"es": {"Llamar", "Anterior", "Más", "Salir"},
}

// ciscoBook is one page of a phone book: a phone takes no more than 32 entries at
// once. Keys that are named take the place of the phone's own, so that a book of one
// page names none.
func ciscoBook(b *book) []byte {
	x := newXML()
	x.open("CiscoIPPhoneDirectory")
	b.list(x)
	if b.pages > 1 {
		base, _, _ := strings.Cut(strings.ToLower(b.language), "-")
		words, ok := ciscoKeys[base]
		if !ok {
			words = ciscoKeys["en"]
		}
		key := func(position int, url string) {
			x.open("SoftKeyItem")
			x.value("Name", words[position-1])
			x.value("URL", url)
			x.value("Position", itoa(position))
			x.close("SoftKeyItem")
		}
		key(1, "SoftKey:Dial")
		if b.page > 1 {
			key(2, b.url+"?page="+itoa(b.page-1))
		}
		if b.page < b.pages {
			key(3, b.url+"?page="+itoa(b.page+1))
		}
		key(4, "SoftKey:Exit")
	}
	x.close("CiscoIPPhoneDirectory")
	return x.Bytes()
}
