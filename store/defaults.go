package store

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// What an organization is that says nothing.
const (
	DefaultRealm          = "strowger"
	DefaultCountry        = "US"
	DefaultTimeZone       = "UTC"
	DefaultLanguage       = "en"
	DefaultExtensionRange = "101-9999"
	DefaultRingTimeoutS   = 25
	DefaultPlan           = "basic"
)

// What a field may be that names one of a few things.
var (
	roles      = []string{"user", "admin"}
	invitation = []string{InvitationNone, InvitationSent, InvitationAccepted, "expired", "failed"}
)

func fillOrganization(e *Edit, o *Organization) {
	old := e.base.Organization
	o.Name = cmp.Or(strings.TrimSpace(o.Name), o.ID)
	o.Domain = lower(strings.TrimSuffix(strings.TrimSpace(o.Domain), "."))
	o.Realm = cmp.Or(o.Realm, DefaultRealm)
	o.Country = strings.ToUpper(cmp.Or(o.Country, DefaultCountry))
	o.TimeZone = cmp.Or(o.TimeZone, DefaultTimeZone)
	o.Language = cmp.Or(o.Language, DefaultLanguage)
	o.ExtensionRange = cmp.Or(o.ExtensionRange, DefaultExtensionRange)
	o.RingTimeoutS = cmp.Or(o.RingTimeoutS, DefaultRingTimeoutS)
	o.Mail.Host, o.Mail.From = lower(strings.TrimSpace(o.Mail.Host)), strings.TrimSpace(o.Mail.From)
	if o.Mail.Host != "" {
		o.Mail.TLS = cmp.Or(o.Mail.TLS, MailSTARTTLS)
	}
	p := &o.SignIn.OpenID
	p.Issuer, p.ClientID, p.Label = strings.TrimSpace(p.Issuer), strings.TrimSpace(p.ClientID), strings.TrimSpace(p.Label)
	if p.Issuer != "" {
		p.Match = cmp.Or(p.Match, OpenIDEmail)
	}
	o.EmergencyNumbers = emergencyOf(o, old)
}

// emergencyOf are the emergency numbers of an organization that was old: those of
// the country where none are given, and 112 always. When the country changes and
// nothing is said of the list, the new country's take the place of the old one's.
func emergencyOf(o, old *Organization) []string {
	given := o.EmergencyNumbers
	if len(given) == 0 {
		return EmergencyNumbers(o.Country)
	}
	if old.Country != "" && old.Country != o.Country {
		before := EmergencyNumbers(old.Country)
		if slices.Equal(given, old.EmergencyNumbers) || slices.Equal(given, before) {
			list := EmergencyNumbers(o.Country)
			for _, number := range given {
				if !slices.Contains(before, number) && !slices.Contains(list, number) {
					list = append(list, number)
				}
			}
			return list
		}
	}
	if !slices.Contains(given, alwaysEmergency) {
		return append(slices.Clone(given), alwaysEmergency)
	}
	return given
}

func fillUser(e *Edit, u *User) {
	u.FirstName, u.LastName = strings.TrimSpace(u.FirstName), strings.TrimSpace(u.LastName)
	u.Email = strings.TrimSpace(u.Email)
	u.Forward.Number = unpunctuated(u.Forward.Number)
	u.Role = cmp.Or(u.Role, "user")
	u.Plan = cmp.Or(u.Plan, DefaultPlan)
	e.leaveOut(u)
	u.RejectScope = cmp.Or(u.RejectScope, RejectRFC)
	u.Routing.Mode = cmp.Or(u.Routing.Mode, RouteFixed)
	u.Invitation.State = cmp.Or(u.Invitation.State, InvitationNone)
	u.Photo = e.photoOf(u.ID)
	u.Login = strings.TrimSpace(u.Login)
	if u.Login == "" && u.Email != "" {
		// Two people may share a mailbox; a login is one person's.
		if other, ok := e.base.UserByLogin(u.Email); (!ok || other.ID == u.ID) && !e.loginTaken(u.Email, u.ID) {
			u.Login = u.Email
		}
	}
	if u.Login != "" {
		e.logins[Fold(u.Login)] = u.ID
	}
}

// loginTaken says whether this edit has given a login to another user.
func (e *Edit) loginTaken(login, but string) bool {
	id, ok := e.logins[Fold(login)]
	return ok && id != but
}

// unpunctuated is a telephone number as it is dialled, of one as people write it:
// "+49 (0)170 123-4567". What is none stays as it is, and the name of a record too.
func unpunctuated(text string) string {
	text = strings.TrimSpace(text)
	digits := text
	if strings.HasPrefix(digits, "+") {
		digits = strings.Replace(digits, "(0)", "", 1) // the national 0, which nobody dials after a country code
	}
	digits = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \u00a0\u202f-‐‑–./()", r) {
			return -1
		}
		return r
	}, digits)
	if !isDigits(strings.TrimPrefix(digits, "+"), 7, 15) {
		return text
	}
	return digits
}

func fillContactMethod(e *Edit, m *ContactMethod) {
	in, out := &m.Inbound, &m.Outbound
	in.WhenUnavailable.ForwardTo = unpunctuated(in.WhenUnavailable.ForwardTo)
	if m.PSTNForwarding != nil {
		forwarding := *m.PSTNForwarding
		forwarding.Number = unpunctuated(forwarding.Number)
		m.PSTNForwarding = &forwarding
	}
	in.WhenUnavailable.Action = cmp.Or(in.WhenUnavailable.Action, UnavailableNone)
	out.AnnouncementTo = cmp.Or(out.AnnouncementTo, AnnounceCallee)
	switch m.Kind {
	case KindSIPAccount:
		account := SIPAccount{}
		if m.SIPAccount != nil {
			account = *m.SIPAccount
		}
		account.Username = cmp.Or(account.Username, m.ID)
		account.SRTP = cmp.Or(account.SRTP, SRTPOff)
		m.SIPAccount = &account
	case KindSIPForwarding:
		if m.SIPForwarding != nil {
			forwarding := *m.SIPForwarding
			forwarding.Transport = cmp.Or(lower(forwarding.Transport), "udp")
			forwarding.Domain = lower(forwarding.Domain)
			m.SIPForwarding = &forwarding
		}
	}
}

// fillNumber leaves an owner that is not given empty: reconcile keeps the present
// one.
func fillNumber(e *Edit, n *Number) {
	n.E164 = unpunctuated(n.E164)
	if n.Owner.Kind == OwnerNone {
		n.Owner.ID = ""
	}
}

func fillInternalNumber(e *Edit, n *InternalNumber) {
	if n.Owner.Kind == OwnerNone {
		n.Owner.ID = ""
	}
}

func fillTrunk(e *Edit, t *Trunk) {
	t.Host = lower(strings.TrimSpace(t.Host))
	if t.Name = strings.TrimSpace(t.Name); t.Name == "" {
		t.Name = cmp.Or(t.Host, t.ID)
		for id, other := range e.Trunks.All() {
			if id != t.ID && Fold(other.Name) == t.Name {
				t.Name = t.ID // several trunks may lead to one host
			}
		}
	}
	t.Transport = cmp.Or(lower(t.Transport), "udp")
	t.Auth.Mode = cmp.Or(t.Auth.Mode, TrunkByAddress)
	t.Country = strings.ToUpper(t.Country)
	t.ForwardedIdentity = cmp.Or(t.ForwardedIdentity, ForwardDiversion)
	t.SRTP = cmp.Or(t.SRTP, SRTPOff)
	addresses := slices.Clone(t.Addresses)
	for i, text := range addresses {
		if p, ok := parsePrefix(strings.TrimSpace(text)); ok {
			if addresses[i] = p.String(); p.IsSingleIP() {
				addresses[i] = p.Addr().String()
			}
		}
	}
	t.Addresses = addresses
}

func fillDevice(e *Edit, d *Device) {
	d.MAC = normalMAC(d.MAC)
	d.Vendor = lower(strings.TrimSpace(d.Vendor))
	d.Model, d.Label = strings.TrimSpace(d.Model), strings.TrimSpace(d.Label)
}

// normalMAC takes the separators out of a hardware address.
func normalMAC(mac string) string {
	return lower(strings.NewReplacer(":", "", "-", "", ".", "", " ", "").Replace(mac))
}

func fillAppDevice(e *Edit, d *AppDevice) {
	if d.Username == "" {
		if old, ok := e.base.AppDevices.Get(d.ID); ok {
			d.Username = old.Username
		} else {
			d.Username = "dev-" + NewID()
		}
	}
}

func fillTimeSchedule(e *Edit, s *TimeSchedule) { s.Name = cmp.Or(strings.TrimSpace(s.Name), s.ID) }

func fillAudioFile(e *Edit, a *AudioFile) { a.Name = cmp.Or(strings.TrimSpace(a.Name), a.ID) }

func fillDeliveryMethod(e *Edit, d *DeliveryMethod) { d.Name = cmp.Or(strings.TrimSpace(d.Name), d.ID) }

func fillFeatureCode(e *Edit, f *FeatureCode) {}

func fillCallFlow(e *Edit, f *CallFlow) { f.Name = cmp.Or(strings.TrimSpace(f.Name), f.ID) }

// fillToken keeps who made a token. Of a new one it is who makes the edit.
func fillToken(e *Edit, t *Token) {
	t.Role = cmp.Or(t.Role, TokenAdmin)
	if old, ok := e.Tokens.base.Get(t.ID); ok {
		t.CreatedBy = old.CreatedBy
	} else {
		t.CreatedBy = cmp.Or(e.by, t.CreatedBy)
	}
}

// extensions reads an extension range such as "101-9999".
func (o *Organization) extensions() (low, high int, ok bool) {
	a, b, found := strings.Cut(o.ExtensionRange, "-")
	if !found || !isDigits(a, 1, 6) || !isDigits(b, 1, 6) || a[0] == '0' {
		return 0, 0, false
	}
	low, _ = strconv.Atoi(a)
	high, _ = strconv.Atoi(b)
	return low, high, low <= high
}

func isDigits(s string, least, most int) bool {
	return len(s) >= least && len(s) <= most && strings.Trim(s, "0123456789") == ""
}

func lower(s string) string { return strings.ToLower(s) }

// plainUser is a User without the method below.
type plainUser User

// NewUser is a user of whom nothing was said yet: one with the usual features, an
// app and voicemail.
func NewUser() User { return User{Features: Features{App: true, Voicemail: true}} }

// UnmarshalJSON lays what was said over a NewUser, and keeps in mind which of the
// usual features were not named.
func (u *User) UnmarshalJSON(data []byte) error {
	p := plainUser(NewUser())
	if err := json.Unmarshal(data, &p); err != nil {
		return err
	}
	var said struct {
		Features map[string]json.RawMessage `json:"features"`
	}
	if err := json.Unmarshal(data, &said); err != nil {
		return err
	}
	*u = User(p)
	u.unnamed = NewUser().Features
	u.unnamed.each(func(name string, on *bool) {
		value, named := said.Features[name]
		*on = *on && (!named || string(value) == "null")
	})
	return nil
}
