package phone

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"strowger/provisioning"
	"strowger/store"
)

// The settings of a phone, before they have a maker's form.
type settings struct {
	mac      string
	label    string
	server   provisioning.Registrar
	lines    []line
	keys     []key
	zone     zone
	language string // "en", "pt-BR"
	home     home
	book     string // address of the phone book
	company  string
}

// A home is where the phone's files are, as it reached them.
type home struct {
	place string // host, port and path, with "/" at the end
	tls   bool
}

func (h home) url() string {
	if h.tls {
		return "https://" + h.place
	}
	return "http://" + h.place
}

type line struct {
	label    string // on the phone's display
	name     string // that a called phone may show
	user     string
	password string
	codecs   []string // best first; empty: the phone's own choice
}

// A key is of a colleague: it shows whether that one is speaking, and calls.
type key struct{ label, number string }

// outbound is where to send what is for the domain, if that is another place.
func outbound(c *settings, place string) string {
	if c.server.Domain == c.server.Host {
		return ""
	}
	return place
}

// mostKeys is how many colleagues are on keys: about what a phone without an
// extension module has room for.
const mostKeys = 10

func (h *Handler) settings(sn *store.Snapshot, d *store.Device, host string) (*settings, error) {
	o := sn.Organization
	c := &settings{mac: d.MAC, label: cmp.Or(d.Label, o.Name), server: h.svc.RegistrarFor(o, host, "tls", "udp", "tcp"), language: o.Language, company: o.Name}
	zoneName := o.TimeZone
	mine := map[string]bool{}
	for i, l := range d.Lines {
		m, ok := sn.Line(l.ContactMethodID)
		if !ok || m.SIPAccount == nil {
			continue
		}
		sec, _ := sn.Secret("contact_methods", m.ID)
		password, err := h.svc.Store().OpenSecret(sec)
		if err != nil {
			return nil, fmt.Errorf("the password of line %s: %w", m.ID, err)
		}
		one := line{user: m.SIPAccount.Username, password: password, codecs: m.SIPAccount.Codecs}
		if u, ok := sn.Users.Get(m.UserID); ok {
			mine[u.ID] = true
			one.name = strings.TrimSpace(u.FirstName + " " + u.LastName)
			one.label = strings.TrimSpace(u.Extension + " " + one.name)
			if i == 0 { // the phone is where its first line's user sits
				c.language, zoneName = cmp.Or(u.Language, c.language), cmp.Or(u.TimeZone, zoneName)
			}
		}
		one.label = cmp.Or(m.Label, one.label, one.user)
		c.lines = append(c.lines, one)
	}
	if len(c.lines) > 0 {
		c.keys = colleagues(sn, mine)
	}
	var err error
	c.zone, err = zoneOf(zoneName, h.o.Now())
	return c, err
}

// colleagues are the first of the others by name that can be called.
func colleagues(sn *store.Snapshot, mine map[string]bool) []key {
	var users []*store.User
	byName := func(a, b *store.User) int {
		return cmp.Or(strings.Compare(a.LastName, b.LastName), strings.Compare(a.FirstName, b.FirstName), strings.Compare(a.ID, b.ID))
	}
	for id, u := range sn.Users.All() {
		if u.Extension == "" || mine[id] {
			continue
		}
		at, _ := slices.BinarySearchFunc(users, u, byName)
		if at < mostKeys {
			users = slices.Insert(users, at, u)
			users = users[:min(len(users), mostKeys)]
		}
	}
	var keys []key
	for _, u := range users {
		keys = append(keys, key{strings.TrimSpace(u.FirstName + " " + u.LastName), u.Extension})
	}
	return keys
}

// A zone is a time zone in numbers, as phones want it.
type zone struct {
	name     string
	standard time.Duration // east of Greenwich
	saving   time.Duration // what daylight saving adds; 0: there is none
	start    change
	end      change
	posix    string // TZ as in POSIX.1
}

// A change is when clocks are set: on a weekday of a month, the first to fourth
// or the last (5), at an hour of the time until then.
type change struct {
	month   time.Month
	week    int
	weekday time.Weekday
	hour    int
}

// zoneOf reads a zone's rule for a year out of the IANA data. A zone that sets its
// clocks more or less often than twice that year has none: phones know no other.
func zoneOf(name string, now time.Time) (zone, error) {
	loc, err := time.LoadLocation(name)
	if err != nil {
		return zone{}, fmt.Errorf("the time zone %q: %w", name, err)
	}
	year := now.In(loc).Year()
	at := func(t time.Time) time.Duration { _, s := t.In(loc).Zone(); return time.Duration(s) * time.Second }
	var changes []time.Time
	first := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	for day := first; day.Year() == year; day = day.AddDate(0, 0, 1) {
		next := day.AddDate(0, 0, 1)
		if at(day) == at(next) {
			continue
		}
		low, high := day, next
		for high.Sub(low) > time.Second {
			if mid := low.Add(high.Sub(low) / 2); at(mid) == at(low) {
				low = mid
			} else {
				high = mid
			}
		}
		changes = append(changes, high.Truncate(time.Second))
	}
	z := zone{name: name, standard: at(now)}
	if len(changes) == 2 && at(changes[1]) == at(first) {
		start, end := changes[0], changes[1]
		if at(start) < at(first) { // the southern half of the world
			start, end = end, start
		}
		z.standard, z.saving = at(end), at(start)-at(end)
		z.start, z.end = changeAt(start.Add(z.standard)), changeAt(end.Add(z.standard+z.saving))
	}
	z.posix = z.tz()
	return z, nil
}

// changeAt reads a change out of the local time until then.
func changeAt(local time.Time) change {
	c := change{month: local.Month(), week: (local.Day() + 6) / 7, weekday: local.Weekday(), hour: local.Hour()}
	if local.AddDate(0, 0, 7).Month() != c.month {
		c.week = 5
	}
	return c
}

// tz is the zone as POSIX writes it, with its offset for a name: what changes with
// politics is the name.
func (z *zone) tz() string {
	offset := func(d time.Duration) string {
		sign, h, m := parts(-d) // POSIX counts westwards
		text := strings.TrimPrefix(sign, "+") + itoa(h)
		if m != 0 {
			text += fmt.Sprintf(":%02d", m)
		}
		return text
	}
	if z.saving == 0 {
		return "STD" + offset(z.standard)
	}
	rule := func(c change) string { return fmt.Sprintf("M%d.%d.%d/%d", c.month, c.week, c.weekday, c.hour) }
	return "STD" + offset(z.standard) + "DST" + offset(z.standard+z.saving) + "," + rule(z.start) + "," + rule(z.end)
}

// monday counts a weekday from Monday, 1, to Sunday, 7.
func (c change) monday() int { return (int(c.weekday)+6)%7 + 1 }

// hours is a zone's offset such as +5:30.
func (z *zone) hours() string {
	sign, h, m := parts(z.standard)
	if m == 0 {
		return sign + itoa(h)
	}
	return fmt.Sprintf("%s%d:%02d", sign, h, m)
}

// parts takes an offset apart.
func parts(d time.Duration) (sign string, hours, minutes int) {
	sign = "+"
	if d < 0 {
		sign, d = "-", -d
	}
	return sign, int(d.Hours()), int(d.Minutes()) % 60
}
