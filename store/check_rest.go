package store

import (
	"maps"
	"slices"
	"strings"
	"time"
)

func checkTrunk(c *checker, t *Trunk) {
	c.text("name", t.Name, 100)
	if t.Host == "" {
		c.bad("host", "must be given")
	} else {
		c.host("host", t.Host)
	}
	c.between("port", t.Port, 0, 65535)
	c.oneOf("transport", t.Transport, "udp", "tcp", "tls")
	among(c, "auth.mode", t.Auth.Mode, TrunkByAddress, TrunkByDigest, TrunkByRegister)
	c.text("auth.username", t.Auth.Username, 128)
	if t.Auth.Mode != TrunkByAddress {
		if t.Auth.Username == "" {
			c.bad("auth.username", "must be given for the mode %s", t.Auth.Mode)
		}
		if _, ok := c.s.secrets.trunks.Get(t.ID); !ok && c.edit.vault != nil && c.edit.Trunks.touched[t.ID].password == "" && c.edit.revive == nil {
			c.bad("auth.password", "must be given for the mode %s", t.Auth.Mode)
		}
	}
	for i, text := range t.Addresses {
		field := at("addresses", i)
		p, ok := parsePrefix(text)
		switch {
		case !ok:
			c.bad(field, "%q must be an IP address or a CIDR prefix", text)
		case p.Bits() == 0:
			c.bad(field, "%s would trust every caller in the world", text)
		}
	}
	c.distinct("addresses", t.Addresses)
	if t.Country != "" {
		c.country("country", t.Country)
	}
	among(c, "forwarded_identity", t.ForwardedIdentity, ForwardOriginal, ForwardForwarder, ForwardDiversion)
	c.distinct("prefixes", t.Prefixes)
	for i, p := range t.Prefixes {
		if len(p) < 1 || p[0] != '+' || !isDigits(p[1:], 0, 15) {
			c.bad(at("prefixes", i), "%q must be the beginning of an E.164 number, with its \"+\"", p)
		}
	}
	c.between("priority", t.Priority, 0, 1_000_000)
	c.between("max_calls", t.MaxCalls, 0, 1_000_000)
	c.between("options_ping_s", t.OptionsPingS, 0, 86_400)
	c.distinct("identity_headers", t.IdentityHeaders)
	for i, h := range t.IdentityHeaders {
		c.oneOf(at("identity_headers", i), h, "remote_party_id")
	}
	among(c, "srtp", t.SRTP, SRTPOff, SRTPPreferred, SRTPRequired)
}

var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

func checkTimeSchedule(c *checker, s *TimeSchedule) {
	c.text("name", s.Name, 100)
	c.zone("time_zone", s.TimeZone)
	for i, r := range s.Ranges {
		field := at("ranges", i)
		if len(r.Days) == 0 {
			c.bad(field+".days", "must name a day")
		}
		c.distinct(field+".days", r.Days)
		for j, day := range r.Days {
			c.oneOf(at(field+".days", j), day, weekdays...)
		}
		c.clock(field, r.From, r.To)
	}
	dates := map[string]bool{}
	for i, e := range s.Exceptions {
		field := at("exceptions", i)
		if _, err := time.Parse(time.DateOnly, e.Date); err != nil {
			c.bad(field+".date", "%q must be a date such as 2026-12-25", e.Date)
		}
		if dates[e.Date] {
			c.bad(field+".date", "%s is there twice", e.Date)
		}
		dates[e.Date] = true
		for j, r := range e.Ranges {
			c.clock(at(field+".ranges", j), r.From, r.To)
		}
	}
}

// clock: an end before its start passes midnight; a range from a time to itself
// could mean nothing or all day, so it is refused.
func (c *checker) clock(field, from, to string) {
	if !validClock(from) {
		c.bad(field+".from", "%q must be a time of day such as 08:30", from)
	}
	if !validClock(to) && to != "24:00" {
		c.bad(field+".to", "%q must be a time of day such as 17:00, at most 24:00", to)
	}
	if from == to {
		c.bad(field+".to", "is the same as from; all day is 00:00 to 24:00")
	}
}

func validClock(s string) bool {
	return len(s) == 5 && s[2] == ':' && isDigits(s[:2], 2, 2) && isDigits(s[3:], 2, 2) && s[:2] < "24" && s[3:] < "60"
}

func checkAudioFile(c *checker, a *AudioFile) {
	c.text("name", a.Name, 200)
	if a.DurationMS < 0 {
		c.bad("duration_ms", "must not be negative")
	}
	if a.SHA256 != "" && (len(a.SHA256) != 64 || strings.Trim(a.SHA256, "0123456789abcdef") != "") {
		c.bad("sha256", "must be 64 lower-case hexadecimal digits")
	}
}

func checkDeliveryMethod(c *checker, d *DeliveryMethod) {
	c.text("name", d.Name, 100)
	c.oneOf("kind", d.Kind, "disk", "email", "sftp", "s3", "webdav", "webhook")
	c.noPasswordInURL("settings", d.Settings)
	for _, k := range slices.Sorted(maps.Keys(d.Settings)) {
		if k == "" || len(k) > 64 || len(d.Settings[k]) > 8192 {
			c.bad("settings", "%q must be a name of 1 to 64 characters with a value of at most 8 KB", k)
		}
	}
	checkDeliverySettings(c, d)
}

// FeatureActions are what a feature code can do.
var FeatureActions = []string{
	actionRecord, "record_pause", "dnd_on", "dnd_off", "dnd_toggle", "forward_set", "forward_clear", "call_back",
	"anonymous", "caller_id", "pickup", "pickup_group", "park", "retrieve", "voicemail", "hotdesk_login",
	"hotdesk_logout", "conference", "echo", "transfer_blind", "transfer_attended",
}

func checkFeatureCode(c *checker, f *FeatureCode) {
	if len(f.Code) < 1 || len(f.Code) > 8 || strings.Trim(f.Code, "*#0123456789") != "" {
		c.bad("code", "%q must be 1 to 8 of '*', '#' and digits", f.Code)
	}
	if c.s.Organization.IsEmergency(f.Code) {
		c.bad("code", "%s is an emergency number", f.Code)
	}
	if n, ok := c.s.InternalNumberByDigits(f.Code); ok {
		c.bad("code", "%s is the internal number of %s", f.Code, n.Owner.words())
	}
	c.oneOf("action", f.Action, FeatureActions...)
}
