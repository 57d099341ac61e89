package store

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
)

// A Snapshot is one organization at one revision: immutable, and indexed for
// what a call asks. Take one for a decision and pass it down.
type Snapshot struct {
	Revision        uint64 // of the organization's last change
	Organization    *Organization
	Users           Table[User]
	ContactMethods  Table[ContactMethod]
	Numbers         Table[Number]
	InternalNumbers Table[InternalNumber]
	Trunks          Table[Trunk]
	Devices         Table[Device]
	AppDevices      Table[AppDevice]
	TimeSchedules   Table[TimeSchedule]
	AudioFiles      Table[AudioFile]
	DeliveryMethods Table[DeliveryMethod]
	FeatureCodes    Table[FeatureCode]
	CallFlows       Table[CallFlow]
	Tokens          Table[Token]
	Plans           Table[Plan]

	byLogin          Table[User]
	byUsername       Table[ContactMethod]
	byE164           Table[Number]
	byDigits         Table[InternalNumber]
	byMAC            Table[Device]
	byDeviceUsername Table[AppDevice]
	byCode           Table[FeatureCode]
	byTokenHash      Table[Token]
	trunkNames       Table[Trunk]
	scheduleNames    Table[TimeSchedule]
	audioNames       Table[AudioFile]
	deliveryNames    Table[DeliveryMethod]
	flowNames        Table[CallFlow]
	planNames        Table[Plan]
	linesOf          Table[[]*ContactMethod]
	appDevicesOf     Table[[]*AppDevice]
	refs             Table[reference] // "collection/id" 0 "collection/id" of who names it
	secrets          secretTables
}

// A reference is the field that names another record.
type reference struct{ field string }

// A Credential is what a digest user name proves: the line, and the device or
// user behind it.
type Credential struct {
	LineID    string
	DeviceID  string // of an app device, else empty
	UserID    string
	AOR       string
	HA1MD5    string
	HA1SHA256 string
	// MaxContacts is how many phones may register the line.
	MaxContacts int
}

// DefaultMaxContacts is how many phones may register a line that says nothing.
const DefaultMaxContacts = 10

// appAOR begins the user name under which an application line registers.
const appAOR = "app-"

// Line finds a contact method.
func (s *Snapshot) Line(id string) (*ContactMethod, bool) { return s.ContactMethods.Get(id) }

// AOR is the user name under which a line registers, empty for a contact
// method that is no line.
func (s *Snapshot) AOR(line *ContactMethod) string { return line.AOR() }

// AOR is the user name under which a line registers, empty for a contact
// method that is no line. The devices of an application line register it with
// a digest user name of their own.
func (m *ContactMethod) AOR() string {
	switch {
	case m.Kind == KindSIPAccount && m.SIPAccount != nil:
		return m.SIPAccount.Username
	case m.Kind == KindApp:
		return appAOR + m.ID
	}
	return ""
}

// IsLine says whether phones register for the contact method and call out on it.
func (m *ContactMethod) IsLine() bool { return m.Kind == KindApp || m.Kind == KindSIPAccount }

// LineByUsername finds a line by its AOR's user name.
func (s *Snapshot) LineByUsername(username string) (*ContactMethod, bool) {
	if line, ok := s.byUsername.Get(username); ok {
		return line, true
	}
	if id, ok := strings.CutPrefix(username, appAOR); ok {
		if line, ok := s.ContactMethods.Get(id); ok && line.Kind == KindApp {
			return line, true
		}
	}
	return nil, false
}

// Credential finds what a digest user name stands for: a SIP account's, or an
// app device's, which speaks for its user's application line.
func (s *Snapshot) Credential(username string) (Credential, bool) {
	if line, ok := s.byUsername.Get(username); ok {
		sec, _ := s.secrets.contactMethods.Get(line.ID)
		if sec == nil {
			return Credential{}, false
		}
		most := line.SIPAccount.MaxContacts
		if most <= 0 {
			most = DefaultMaxContacts
		}
		return Credential{
			LineID: line.ID, UserID: line.UserID, AOR: username,
			HA1MD5: sec.HA1MD5, HA1SHA256: sec.HA1SHA256, MaxContacts: most,
		}, true
	}
	device, ok := s.byDeviceUsername.Get(username)
	if !ok {
		return Credential{}, false
	}
	sec, ok := s.secrets.appDevices.Get(device.ID)
	if !ok {
		return Credential{}, false
	}
	if u, ok := s.Users.Get(device.UserID); !ok || !u.Features.App {
		return Credential{}, false // switched off; on again, the device goes on as before
	}
	for _, line := range s.LinesOf(device.UserID) {
		if line.Kind == KindApp {
			return Credential{
				LineID: line.ID, DeviceID: device.ID, UserID: device.UserID, AOR: line.AOR(),
				HA1MD5: sec.HA1MD5, HA1SHA256: sec.HA1SHA256, MaxContacts: DefaultMaxContacts,
			}, true
		}
	}
	return Credential{}, false // the application line was removed before its device
}

// ChangedAORs are the user names under which lines register, or did, of which
// anything that a registration rests on may differ between two snapshots of an
// organization: the line, its devices, a password, whether the user has the app.
// Either may be nil, for an organization that is not there.
func ChangedAORs(was, is *Snapshot) []string {
	if was == is {
		return nil
	}
	none := &Snapshot{}
	was, is = cmp.Or(was, none), cmp.Or(is, none)
	all := make(map[string]struct{})
	add := func(m *ContactMethod) {
		if m.IsLine() {
			all[m.AOR()] = struct{}{}
		}
	}
	line := func(id string) {
		for _, s := range []*Snapshot{was, is} {
			if m, ok := s.Line(id); ok {
				add(m)
				each(slices.Values(s.LinesOf(m.UserID)), add) // a device registers the first of its user's application lines
			}
		}
	}
	device := func(id string) {
		for _, s := range []*Snapshot{was, is} {
			if d, ok := s.AppDevices.Get(id); ok {
				each(slices.Values(s.LinesOf(d.UserID)), add)
			}
		}
	}
	user := func(id string) {
		before, had := was.Users.Get(id)
		after, has := is.Users.Get(id)
		if had && has && before.Features.App != after.Features.App {
			each(slices.Values(is.LinesOf(id)), add)
		}
	}
	each(is.Users.Changed(was.Users), user)
	each(is.ContactMethods.Changed(was.ContactMethods), line)
	each(is.secrets.contactMethods.Changed(was.secrets.contactMethods), line)
	each(is.AppDevices.Changed(was.AppDevices), device)
	each(is.secrets.appDevices.Changed(was.secrets.appDevices), device)
	return slices.Sorted(maps.Keys(all))
}

func each[T any](of iter.Seq[T], f func(T)) {
	for v := range of {
		f(v)
	}
}

// NumberByE164 finds a DID.
func (s *Snapshot) NumberByE164(e164 string) (*Number, bool) { return s.byE164.Get(e164) }

// InternalNumberByDigits finds an internal number.
func (s *Snapshot) InternalNumberByDigits(digits string) (*InternalNumber, bool) {
	return s.byDigits.Get(digits)
}

// LinesOf lists a user's contact methods, oldest first. Nobody may change the
// list.
func (s *Snapshot) LinesOf(userID string) []*ContactMethod { return members(s.linesOf, userID) }

// AppDevicesOf lists a user's app devices, oldest first. Nobody may change the
// list.
func (s *Snapshot) AppDevicesOf(userID string) []*AppDevice { return members(s.appDevicesOf, userID) }

func members[T any](t Table[[]*T], key string) []*T {
	if list, ok := t.Get(key); ok {
		return *list
	}
	return nil
}

// FeatureCode finds a feature code by what is dialled.
func (s *Snapshot) FeatureCode(code string) (*FeatureCode, bool) { return s.byCode.Get(code) }

// userOf is the user whose number it is that an owner has; empty: nobody's alone.
func (s *Snapshot) userOf(o Owner) string {
	switch o.Kind {
	case OwnerUser:
		return o.ID
	case OwnerContactMethod:
		if m, ok := s.Line(o.ID); ok {
			return m.UserID
		}
	}
	return ""
}

// UserByLogin finds a user by web login, in any case of letters.
func (s *Snapshot) UserByLogin(login string) (*User, bool) { return s.byLogin.Get(Fold(login)) }

// DeviceByMAC finds a desk phone by its address as stored: twelve lower-case
// hexadecimal digits.
func (s *Snapshot) DeviceByMAC(mac string) (*Device, bool) { return s.byMAC.Get(normalMAC(mac)) }

// TokenByHash finds an API token by the hexadecimal SHA-256 of its text.
func (s *Snapshot) TokenByHash(hash string) (*Token, bool) { return s.byTokenHash.Get(hash) }

// Secret is what is kept of a record's write-only fields.
func (s *Snapshot) Secret(collection, id string) (Secret, bool) {
	t := s.secrets.of(collection)
	if t == nil {
		return Secret{}, false
	}
	sec, ok := t.Get(id)
	if !ok {
		return Secret{}, false
	}
	return *sec, true
}

// Referrers lists the paths of the records that name a record, such as
// "users/anna.time_schedule_id" for ("time_schedules", "office").
func (s *Snapshot) Referrers(collection, id string) []string {
	prefix := collection + "/" + id + "\x00"
	var out []string
	for key, ref := range s.refs.From(prefix) {
		if !strings.HasPrefix(key, prefix) {
			break
		}
		out = append(out, key[len(prefix):]+"."+ref.field)
	}
	switch collection {
	case inUsers:
		for _, line := range s.LinesOf(id) {
			out = append(out, inContactMethods+"/"+line.ID+".user_id")
		}
		for _, device := range s.AppDevicesOf(id) {
			out = append(out, inAppDevices+"/"+device.ID+".user_id")
		}
	}
	return out
}

// ChangedDevices are the desk phones whose configuration may differ between two
// snapshots of an organization that was there before: the phone, its lines, their
// users and passwords, or what all phones are told of the organization. The names
// of colleagues on a phone's keys do not count: each save would concern every
// phone.
func ChangedDevices(was, is *Snapshot) []string {
	if was == is || was == nil || is == nil || is.Devices.Len() == 0 {
		return nil
	}
	a, b := was.Organization, is.Organization
	if a.Name != b.Name || a.Domain != b.Domain || a.TimeZone != b.TimeZone || a.Language != b.Language {
		all := make([]string, 0, is.Devices.Len())
		for id := range is.Devices.All() {
			all = append(all, id)
		}
		return all
	}
	found := make(map[string]struct{})
	device := func(id string) {
		if _, ok := is.Devices.Get(id); ok {
			found[id] = struct{}{}
		}
	}
	line := func(id string) {
		for _, path := range is.Referrers(inContactMethods, id) {
			if rest, ok := strings.CutPrefix(path, inDevices+"/"); ok {
				id, _, _ := strings.Cut(rest, ".lines[")
				device(id)
			}
		}
	}
	each(is.Devices.Changed(was.Devices), device)
	each(is.ContactMethods.Changed(was.ContactMethods), line)
	each(is.secrets.contactMethods.Changed(was.secrets.contactMethods), line)
	each(is.Users.Changed(was.Users), func(id string) {
		for _, m := range is.LinesOf(id) {
			line(m.ID)
		}
	})
	return slices.Sorted(maps.Keys(found))
}
