package routing

import (
	"slices"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // schedules work on a machine without zone files

	"strowger/store"
)

// Open says whether the schedule is open at t. Its clock is the wall clock of
// its zone, or of fallbackZone where it names none. A range belongs to the day
// it starts on and, where it ends at or before its start, goes on past
// midnight. An exception decides the whole of its date, the small hours that a
// weekly range of the day before would reach into included.
//
// On the night that the clocks go back, what is open from 01:00 to 02:00 is so
// twice; on the night that they go forward, an hour that does not exist is
// never open.
func Open(s *store.TimeSchedule, fallbackZone string, t time.Time) bool {
	return openAt(s, t.In(zone(s, fallbackZone)))
}

// NextChange says when the schedule opens or closes next after t. It is false
// for one that never does.
func NextChange(s *store.TimeSchedule, fallbackZone string, t time.Time) (time.Time, bool) {
	t = t.In(zone(s, fallbackZone))
	now := openAt(s, t)
	for _, at := range boundaries(s, t) {
		if openAt(s, at) != now {
			return at, true
		}
	}
	return time.Time{}, false
}

func openAt(s *store.TimeSchedule, t time.Time) bool {
	minute := t.Hour()*60 + t.Minute()
	day := date{t.Year(), t.Month(), t.Day()}
	if special, ok := exception(s, day); ok {
		return within(special, minute)
	}
	weekday := t.Weekday()
	before := day.add(-1)
	special, ok := exception(s, before)
	if ok && after(special, minute) {
		return true
	}
	for i := range s.Ranges {
		from, to, good := clocks(s.Ranges[i].From, s.Ranges[i].To)
		if !good {
			continue
		}
		if onDay(s.Ranges[i].Days, weekday) && minute >= from && (minute < to || to <= from) {
			return true
		}
		if !ok && to <= from && minute < to && onDay(s.Ranges[i].Days, (weekday+6)%7) {
			return true
		}
	}
	return false
}

// within says whether one of the ranges that start today covers the minute.
func within(ranges []store.DayRange, minute int) bool {
	for _, r := range ranges {
		from, to, ok := clocks(r.From, r.To)
		if ok && minute >= from && (minute < to || to <= from) {
			return true
		}
	}
	return false
}

// after says whether one of yesterday's ranges still covers the minute.
func after(ranges []store.DayRange, minute int) bool {
	for _, r := range ranges {
		from, to, ok := clocks(r.From, r.To)
		if ok && to <= from && minute < to {
			return true
		}
	}
	return false
}

// exception gathers the ranges of every exception of that date.
func exception(s *store.TimeSchedule, day date) (ranges []store.DayRange, ok bool) {
	for i := range s.Exceptions {
		d, good := parseDate(s.Exceptions[i].Date)
		if !good || d != day {
			continue
		}
		if !ok {
			ranges, ok = s.Exceptions[i].Ranges, true
			continue
		}
		ranges = append(ranges[:len(ranges):len(ranges)], s.Exceptions[i].Ranges...)
	}
	return ranges, ok
}

// boundaries are the instants after t, in order, at which the schedule may
// change: the ends of its ranges, midnights and changes of the clock, over the
// coming week and around every exception to come.
func boundaries(s *store.TimeSchedule, t time.Time) []time.Time {
	today := date{t.Year(), t.Month(), t.Day()}
	days := map[date]bool{}
	for i := -1; i <= 8; i++ {
		days[today.add(i)] = true
	}
	for i := range s.Exceptions {
		if d, ok := parseDate(s.Exceptions[i].Date); ok && !d.before(today) {
			days[d.add(-1)], days[d], days[d.add(1)] = true, true, true
		}
	}
	minutes := map[int]bool{0: true}
	add := func(from, to string) {
		if f, t, ok := clocks(from, to); ok {
			minutes[f], minutes[t] = true, true
		}
	}
	for _, r := range s.Ranges {
		add(r.From, r.To)
	}
	for _, x := range s.Exceptions {
		for _, r := range x.Ranges {
			add(r.From, r.To)
		}
	}
	var all []time.Time
	keep := func(at time.Time) {
		if at.After(t) {
			all = append(all, at)
		}
	}
	for d := range days {
		// A wall-clock time near a change of the clock names two instants
		// or none. Both offsets are tried; one that is wrong is no boundary
		// and finds the schedule as it was.
		noon := time.Date(d.year, d.month, d.day, 12, 0, 0, 0, t.Location())
		start, end := noon.ZoneBounds()
		_, off := noon.Zone()
		offsets := []int{off}
		for _, edge := range []time.Time{start, end} {
			if edge.IsZero() || edge.Sub(noon).Abs() > 36*time.Hour {
				continue
			}
			keep(edge)
			_, other := edge.Add(-time.Second).Zone()
			if other == off {
				_, other = edge.Zone()
			}
			offsets = append(offsets, other)
		}
		for m := range minutes {
			wall := time.Date(d.year, d.month, d.day, 0, m, 0, 0, time.UTC)
			for _, o := range offsets {
				keep(wall.Add(-time.Duration(o) * time.Second).In(t.Location()))
			}
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// clocks reads a range's two ends as minutes since midnight.
func clocks(from, to string) (f, t int, ok bool) {
	f, ok1 := clock(from)
	t, ok2 := clock(to)
	return f, t, ok1 && ok2
}

// clock reads HH:MM, 24:00 included.
func clock(s string) (minutes int, ok bool) {
	if len(s) != 5 || s[2] != ':' || !allDigits(s[:2]) || !allDigits(s[3:]) {
		return 0, false
	}
	h, m := int(s[0]-'0')*10+int(s[1]-'0'), int(s[3]-'0')*10+int(s[4]-'0')
	return h*60 + m, h*60+m <= 24*60 && m < 60
}

var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func onDay(days []string, d time.Weekday) bool {
	for _, name := range days {
		if strings.EqualFold(name, weekdays[d]) {
			return true
		}
	}
	return false
}

// A date is a day of the calendar, without a zone.
type date struct {
	year  int
	month time.Month
	day   int
}

func (d date) add(days int) date {
	y, m, n := time.Date(d.year, d.month, d.day+days, 0, 0, 0, 0, time.UTC).Date()
	return date{y, m, n}
}

func (d date) before(o date) bool {
	return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC).
		Before(time.Date(o.year, o.month, o.day, 0, 0, 0, 0, time.UTC))
}

// parseDate reads YYYY-MM-DD without the cost of [time.Parse]: every call to a
// line with exceptions comes by here.
func parseDate(s string) (date, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' || !allDigits(s[:4]) || !allDigits(s[5:7]) || !allDigits(s[8:]) {
		return date{}, false
	}
	n := func(s string) (v int) {
		for i := range len(s) {
			v = v*10 + int(s[i]-'0')
		}
		return v
	}
	return date{n(s[:4]), time.Month(n(s[5:7])), n(s[8:])}, true
}

// zones keeps what was loaded: reading one out of the archive costs more than
// a whole decision. There are some 600 names, so it cannot grow without end.
var zones sync.Map // name → *time.Location

func zone(s *store.TimeSchedule, fallback string) *time.Location {
	for _, name := range [...]string{s.TimeZone, fallback} {
		if name == "" {
			continue
		}
		if l, ok := zones.Load(name); ok {
			return l.(*time.Location)
		}
		if l, err := time.LoadLocation(name); err == nil {
			zones.Store(name, l)
			return l
		}
	}
	return time.UTC
}
