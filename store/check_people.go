package store

import (
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

func checkOrganization(c *checker, o *Organization) {
	s := c.s
	c.text("name", o.Name, 100)
	if o.Domain != "" && !validDomain(o.Domain) {
		c.bad("domain", "%q must be a domain name", o.Domain)
	}
	if o.Realm == "" || len(o.Realm) > 128 || strings.ContainsAny(o.Realm, "\"\\") {
		c.bad("realm", "must be 1 to 128 characters without quotes and backslashes")
	}
	c.text("realm", o.Realm, 128)
	c.country("country", o.Country)
	c.zone("time_zone", o.TimeZone)
	c.language("language", o.Language)
	if o.MainNumber != "" {
		if n, ok := c.did("main_number", o.MainNumber); ok && n.Owner != company {
			c.conflict("main_number", Say("%s is already that of %s", o.MainNumber, n.Owner.words()), n.Owner.path())
		}
	}
	c.dialled("main_destination", o.MainDestination)
	if _, _, ok := o.extensions(); !ok {
		c.bad("extension_range", "%q must be two numbers of 1 to 6 digits such as 101-9999, the lower first", o.ExtensionRange)
	}
	c.between("ring_timeout_s", o.RingTimeoutS, 1, 600)
	c.between("max_calls", o.MaxCalls, 0, 1_000_000)
	checkMailServer(c, &o.Mail)
	c.audio("voicemail.greeting_audio_id", o.Voicemail.GreetingAudioID)
	if o.Voicemail.Email != "" {
		c.email("voicemail.email", o.Voicemail.Email)
	}
	c.audio("music_on_hold_audio_id", o.MusicOnHoldAudioID)
	c.text("billing_contact.name", o.BillingContact.Name, 100)
	if o.BillingContact.Email != "" {
		c.email("billing_contact.email", o.BillingContact.Email)
	}
	c.telephone("billing_contact.phone", o.BillingContact.Phone)
	const tenYears = 3660
	c.between("retention.recording_days", o.Retention.RecordingDays, 0, tenYears)
	c.between("retention.voicemail_days", o.Retention.VoicemailDays, 0, tenYears)
	c.between("retention.call_days", o.Retention.CallDays, 0, tenYears)
	if u, err := url.Parse(o.WebAddress); o.WebAddress != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" ||
		(&url.URL{Scheme: u.Scheme, Host: u.Host}).String() != o.WebAddress) {
		c.bad("web_address", "%q must be like https://pbx.example.com, with nothing after the name but a port", o.WebAddress)
	}
	checkOpenID(c, &o.SignIn.OpenID)
	for i, text := range o.PrivateDestinations {
		if p, err := netip.ParsePrefix(text); err != nil || p != p.Masked() {
			c.bad(at("private_destinations", i), "%q must be a network like 192.168.7.0/24, or one address like 192.168.7.9/32", text)
		}
	}
	c.distinct("emergency_numbers", o.EmergencyNumbers)
	for i, e := range o.EmergencyNumbers {
		field := at("emergency_numbers", i)
		if !isDigits(e, 2, 6) {
			c.bad(field, "%q must be 2 to 6 digits", e)
		}
		if n, ok := s.InternalNumberByDigits(e); ok {
			c.bad(field, "%s is the internal number of %s", e, n.Owner.words())
		}
		if f, ok := s.FeatureCode(e); ok {
			c.bad(field, "%s is the code of %s", e, "feature_codes/"+f.ID)
		}
		if line, ok := s.byUsername.Get(e); ok {
			c.bad(field, "%s is the user name of %s", e, "contact_methods/"+line.ID)
		}
		if d, ok := s.byDeviceUsername.Get(e); ok {
			c.bad(field, "%s is the user name of %s", e, "app_devices/"+d.ID)
		}
	}
	c.ownEmergency(o)
}

// ownEmergency refuses to take a country's own emergency number out of the list:
// whoever dials it in need would reach an extension, or nobody.
func (c *checker) ownEmergency(o *Organization) {
	old := c.edit.base.Organization
	for _, number := range EmergencyNumbers(o.Country) {
		was := old.Country != o.Country || slices.Contains(old.EmergencyNumbers, number)
		if was && !o.IsEmergency(number) {
			c.bad("emergency_numbers", "must have %s, which is an emergency number in the country %s", number, o.Country)
		}
	}
}

func checkOpenID(c *checker, p *OpenIDProvider) {
	c.text("sign_in.openid.label", p.Label, 60)
	if p.Issuer == "" {
		if p.ClientID != "" || c.edit.Organization.secrets[clientSecret] != "" {
			c.bad("sign_in.openid.issuer", "must be given with the client id and the secret")
		}
		return
	}
	if u, err := url.Parse(p.Issuer); err != nil || len(p.Issuer) > 500 || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		c.bad("sign_in.openid.issuer", "%q must be like https://id.example.com, as the provider gives it", p.Issuer)
	}
	if p.ClientID == "" || len(p.ClientID) > 500 {
		c.bad("sign_in.openid.client_id", "must be 1 to 500 characters")
	}
	if p.Match != OpenIDEmail && p.Match != OpenIDLogin {
		c.bad("sign_in.openid.match", "%q must be email or login", p.Match)
	}
}

func checkUser(c *checker, u *User) {
	s := c.s
	if u.FirstName == "" {
		c.bad("first_name", "must be given")
	}
	c.text("first_name", u.FirstName, 100)
	c.text("last_name", u.LastName, 100)
	c.text("job_title", u.JobTitle, 100)
	c.text("department", u.Department, 100)
	c.text("crm_user_id", u.CRMUserID, 200)
	c.text("plan", u.Plan, 64)
	checkEntitled(c, u)
	if u.Email != "" {
		c.email("email", u.Email)
	}
	c.text("login", u.Login, 254)
	if strings.ContainsAny(u.Login, " \t") {
		c.bad("login", "must not have spaces")
	}
	if u.Login == "" && c.edit.Users.touched[u.ID].password != "" {
		field := "email"
		if u.Email != "" {
			field = "login" // another user has the address as the login
		}
		c.bad(field, "must be given with a password: nobody signs in without an email or a login")
	}
	c.telephone("mobile_number", u.MobileNumber)
	c.zone("time_zone", u.TimeZone)
	c.language("language", u.Language)
	c.oneOf("role", u.Role, roles...)
	c.oneOf("invitation.state", u.Invitation.State, invitation...)
	c.oneOf("email_verification.state", u.Verification().State, EmailUnasked, EmailAsked, EmailVerified)
	c.schedule("time_schedule_id", u.TimeScheduleID)
	among(c, "reject_scope", u.RejectScope, RejectRFC, RejectAll, RejectBranch)
	among(c, "routing.mode", u.Routing.Mode, RouteFixed, RouteRingAll, RouteSequence, RouteSchedule)
	c.between("routing.ring_s", u.Routing.RingS, 0, 600)
	c.distinct("routing.contact_method_ids", u.Routing.ContactMethodIDs)
	for i, id := range u.Routing.ContactMethodIDs {
		field := at("routing.contact_method_ids", i)
		if !exists(c, field, s.ContactMethods, inContactMethods, id) {
			continue
		}
		if m, _ := s.Line(id); m.UserID != u.ID {
			c.bad(field, "%s is another user's", "contact_methods/"+id)
		} else if m.Kind == KindEmail {
			c.bad(field, "%s is an email address, which takes no calls", "contact_methods/"+id)
		}
	}
	if u.DirectNumber != "" {
		if n, ok := c.did("direct_number", u.DirectNumber); ok && n.Owner != (Owner{OwnerUser, u.ID}) {
			c.conflict("direct_number", Say("%s is already that of %s", u.DirectNumber, n.Owner.words()), n.Owner.path())
		}
	}
	c.dialled("forward.number", u.Forward.Number)
	if u.Forward.Enabled && u.Forward.Number == "" {
		c.bad("forward.number", "must be given while forwarding is enabled")
	}
}

func checkAppDevice(c *checker, d *AppDevice) {
	if d.UserID == "" {
		c.bad("user_id", "must be given")
	}
	exists(c, "user_id", c.s.Users, inUsers, d.UserID)
	c.text("os", d.OS, 64)
	c.text("app_version", d.AppVersion, 64)
	c.text("name", d.Name, 100)
	c.username("username", d.Username)
	if line, ok := c.s.byUsername.Get(d.Username); ok {
		c.conflict("username", Say("%s is already that of %s", d.Username, "contact_methods/"+line.ID), "contact_methods/"+line.ID)
	}
	if old, ok := c.edit.AppDevices.base.Get(d.ID); ok {
		c.fixed("user_id", old.UserID, d.UserID)
	}
}

func checkDevice(c *checker, d *Device) {
	if len(d.MAC) != 12 || strings.Trim(d.MAC, "0123456789abcdef") != "" {
		c.bad("mac", "%q must be a hardware address of 12 hexadecimal digits", d.MAC)
	} else if d.MAC == "000000000000" || strings.Contains("13579bdf", d.MAC[1:2]) {
		c.bad("mac", "%s is nobody's or a group's and no phone's hardware address", d.MAC)
	}
	// A file may hold a spelling from before there was one.
	c.oneOf("vendor", lower(d.Vendor), DeviceVendors...)
	c.text("model", d.Model, 64)
	c.text("label", d.Label, 100)
	seen := map[string]bool{}
	for i, line := range d.Lines {
		field := at("lines", i) + ".contact_method_id"
		if line.ContactMethodID == "" {
			c.bad(field, "must be given")
		}
		if exists(c, field, c.s.ContactMethods, inContactMethods, line.ContactMethodID) {
			if m, _ := c.s.Line(line.ContactMethodID); m.Kind != KindSIPAccount {
				c.bad(field, "%s is no SIP account", "contact_methods/"+m.ID)
			}
		}
		if seen[line.ContactMethodID] {
			c.bad(field, "%s is there twice", "contact_methods/"+line.ContactMethodID)
		}
		seen[line.ContactMethodID] = true
	}
}

func checkToken(c *checker, t *Token) {
	c.text("label", t.Label, 100)
	among(c, "role", t.Role, TokenOperator, TokenAdmin, TokenUser)
	if t.Role == TokenUser && t.UserID == "" {
		c.bad("user_id", "must be given for a user's token")
	}
	if t.Role != TokenUser && t.UserID != "" {
		c.bad("user_id", "is only for a user's token")
	}
	exists(c, "user_id", c.s.Users, inUsers, t.UserID)
	if len(t.Hash) != 64 || strings.Trim(t.Hash, "0123456789abcdef") != "" {
		c.bad("hash", "must be a SHA-256 in 64 lower-case hexadecimal digits")
	}
	c.text("prefix", t.Prefix, 32)
}

func checkMailServer(c *checker, m *MailServer) {
	if m.Host == "" {
		if *m != (MailServer{}) {
			c.bad("mail.host", "must be given with the other settings of the mail server")
		}
		return
	}
	if rule := host(m.Host); !rule.IsZero() {
		c.wrong("mail.host", rule)
	}
	c.between("mail.port", m.Port, 0, 65535)
	among(c, "mail.tls", m.TLS, MailSTARTTLS, MailTLS, MailPlain)
	if m.Username == "" && c.edit != nil && c.edit.Organization.secrets[mailPassword] != "" {
		c.bad("mail.username", "must be given with a password")
	}
	if m.Username != "" && m.TLS == MailPlain {
		c.bad("mail.tls", "must be starttls or tls with a username: the password would be sent in the clear")
	}
	c.text("mail.username", m.Username, 200)
	if a, err := mail.ParseAddress(m.From); err != nil || strings.ContainsAny(m.From, "\r\n") || !strings.Contains(a.Address, "@") {
		c.bad("mail.from", "must be an email address, which mail comes from")
	}
}
