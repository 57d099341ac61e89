package routing

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"strowger/store"
)

var weekdaysAll = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

func office() *store.TimeSchedule {
	return &store.TimeSchedule{
		TimeZone: "Europe/Bucharest",
		Ranges: []store.TimeRange{
			{Days: []string{"mon", "tue", "wed", "thu", "fri"}, From: "09:00", To: "12:30"},
			{Days: []string{"mon", "tue", "wed", "thu", "fri"}, From: "13:00", To: "18:00"},
			{Days: []string{"fri"}, From: "22:00", To: "02:00"},
		},
		Exceptions: []store.DateException{
			{Date: "2026-12-25"},
			{Date: "2026-12-24", Ranges: []store.DayRange{{From: "09:00", To: "12:00"}}},
			{Date: "2026-12-31", Ranges: []store.DayRange{{From: "20:00", To: "03:00"}}},
			{Date: "2026-12-19"}, // a Saturday after a Friday night
		},
	}
}

func TestOpen(t *testing.T) {
	tests := []struct {
		name, at string
		open     bool
		next     string // "" never
	}{
		{"a Monday morning", "2026-11-23T09:00:00+02:00", true, "2026-11-23T12:30:00+02:00"},
		{"the last second before", "2026-11-23T08:59:59+02:00", false, "2026-11-23T09:00:00+02:00"},
		{"the end is closed", "2026-11-23T12:30:00+02:00", false, "2026-11-23T13:00:00+02:00"},
		{"another zone's clock", "2026-11-23T16:30:00Z", false, "2026-11-24T09:00:00+02:00"},
		{"Friday night", "2026-11-27T23:00:00+02:00", true, "2026-11-28T02:00:00+02:00"},
		{"past midnight", "2026-11-28T01:59:00+02:00", true, "2026-11-28T02:00:00+02:00"},
		{"after it", "2026-11-28T02:00:00+02:00", false, "2026-11-30T09:00:00+02:00"},
		{"Sunday", "2026-11-29T12:00:00+02:00", false, "2026-11-30T09:00:00+02:00"},
		{"a short day", "2026-12-24T11:00:00+02:00", true, "2026-12-24T12:00:00+02:00"},
		{"a short day's afternoon", "2026-12-24T15:00:00+02:00", false, "2026-12-28T09:00:00+02:00"},
		{"a holiday", "2026-12-25T10:00:00+02:00", false, "2026-12-28T09:00:00+02:00"},
		{"a holiday's Friday night", "2026-12-25T23:00:00+02:00", false, "2026-12-28T09:00:00+02:00"},
		{"an exception cuts the night before it", "2026-12-19T01:00:00+02:00", false, "2026-12-21T09:00:00+02:00"},
		{"that night until midnight", "2026-12-18T23:59:00+02:00", true, "2026-12-19T00:00:00+02:00"},
		{"an exception passes midnight", "2027-01-01T02:59:00+02:00", true, "2027-01-01T03:00:00+02:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at := instant(t, tt.at)
			if got := Open(office(), "UTC", at); got != tt.open {
				t.Errorf("open %v, want %v", got, tt.open)
			}
			next, ok := NextChange(office(), "UTC", at)
			if !ok || !next.Equal(instant(t, tt.next)) {
				t.Errorf("next change %v %v, want %s", next, ok, tt.next)
			}
		})
	}
}

func TestOpenSpecialForms(t *testing.T) {
	noon := instant(t, "2026-11-23T12:00:00Z") // a Monday
	one := func(from, to string) *store.TimeSchedule {
		return &store.TimeSchedule{Ranges: []store.TimeRange{{Days: weekdaysAll, From: from, To: to}}}
	}
	tests := []struct {
		name  string
		s     *store.TimeSchedule
		zone  string
		open  bool
		never bool
	}{
		{"no range", &store.TimeSchedule{}, "", false, true},
		{"all day", one("00:00", "24:00"), "", true, true},
		{"around the clock", one("09:00", "09:00"), "", true, true},
		{"the organization's zone", one("21:00", "22:00"), "Asia/Tokyo", true, false},
		{"an unknown zone is the organization's", &store.TimeSchedule{TimeZone: "Mars/Base", Ranges: one("21:00", "22:00").Ranges}, "Asia/Tokyo", true, false},
		{"no zone anywhere is UTC", one("12:00", "12:01"), "", true, false},
		{"capital letters", &store.TimeSchedule{Ranges: []store.TimeRange{{Days: []string{"MON"}, From: "11:00", To: "13:00"}}}, "", true, false},
		{"a range that cannot be read", one("9:00", "25:00"), "", false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Open(tt.s, tt.zone, noon); got != tt.open {
				t.Errorf("open %v, want %v", got, tt.open)
			}
			if next, ok := NextChange(tt.s, tt.zone, noon); ok == tt.never {
				t.Errorf("next change %v %v", next, ok)
			}
		})
	}
}

// An open exception months away is the next change of a schedule that is
// otherwise always closed.
func TestNextChangeFarAway(t *testing.T) {
	s := &store.TimeSchedule{
		TimeZone:   "America/New_York",
		Exceptions: []store.DateException{{Date: "2027-07-04", Ranges: []store.DayRange{{From: "10:00", To: "12:00"}}}},
	}
	next, ok := NextChange(s, "", instant(t, "2026-11-23T12:00:00Z"))
	if want := instant(t, "2027-07-04T10:00:00-04:00"); !ok || !next.Equal(want) {
		t.Errorf("next change %v %v, want %v", next, ok, want)
	}
}

func TestOpenOnTheNightsOfTheClock(t *testing.T) {
	night := &store.TimeSchedule{
		TimeZone: "America/New_York",
		Ranges:   []store.TimeRange{{Days: []string{"sun"}, From: "01:30", To: "02:30"}},
	}
	tests := []struct {
		at   string
		open bool
		next string
	}{
		// Forward on 2027-03-14: 02:00 EST is 03:00 EDT, 02:30 does not come.
		{"2027-03-14T01:29:00-05:00", false, "2027-03-14T01:30:00-05:00"},
		{"2027-03-14T01:45:00-05:00", true, "2027-03-14T03:00:00-04:00"},
		{"2027-03-14T03:00:00-04:00", false, "2027-03-21T01:30:00-04:00"},
		// Back on 2026-11-01: 01:30 comes twice.
		{"2026-11-01T01:00:00-04:00", false, "2026-11-01T01:30:00-04:00"},
		{"2026-11-01T01:45:00-04:00", true, "2026-11-01T01:00:00-05:00"},
		{"2026-11-01T01:10:00-05:00", false, "2026-11-01T01:30:00-05:00"},
		{"2026-11-01T01:45:00-05:00", true, "2026-11-01T02:30:00-05:00"},
	}
	for _, tt := range tests {
		t.Run(tt.at, func(t *testing.T) {
			at := instant(t, tt.at)
			if got := Open(night, "", at); got != tt.open {
				t.Errorf("open %v, want %v", got, tt.open)
			}
			if next, ok := NextChange(night, "", at); !ok || !next.Equal(instant(t, tt.next)) {
				t.Errorf("next change %v, want %s", next, tt.next)
			}
		})
	}
}

// Between now and the next change nothing changes, and there it does.
func TestNextChangeProperty(t *testing.T) {
	clockGen := rapid.Custom(func(t *rapid.T) string {
		return time.Date(0, 1, 1, 0, rapid.IntRange(0, 95).Draw(t, "quarter")*15, 0, 0, time.UTC).Format("15:04")
	})
	zones := []string{"UTC", "Europe/Bucharest", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo"}
	rapid.Check(t, func(t *rapid.T) {
		s := &store.TimeSchedule{TimeZone: rapid.SampledFrom(zones).Draw(t, "zone")}
		for range rapid.IntRange(0, 4).Draw(t, "ranges") {
			s.Ranges = append(s.Ranges, store.TimeRange{
				Days: rapid.SliceOf(rapid.SampledFrom(weekdaysAll)).Draw(t, "days"),
				From: clockGen.Draw(t, "from"), To: clockGen.Draw(t, "to"),
			})
		}
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 366*24*4).Draw(t, "at")) * 15 * time.Minute)
		for range rapid.IntRange(0, 2).Draw(t, "exceptions") {
			x := store.DateException{Date: start.AddDate(0, 0, rapid.IntRange(-1, 9).Draw(t, "day")).Format(time.DateOnly)}
			for range rapid.IntRange(0, 2).Draw(t, "special") {
				x.Ranges = append(x.Ranges, store.DayRange{From: clockGen.Draw(t, "from"), To: clockGen.Draw(t, "to")})
			}
			s.Exceptions = append(s.Exceptions, x)
		}
		now := Open(s, "", start)
		next, ok := NextChange(s, "", start)
		end := start.Add(8 * 24 * time.Hour)
		if ok && next.Before(end) {
			if Open(s, "", next) == now {
				t.Fatalf("nothing changes at %v", next)
			}
			end = next
		}
		for at := start; at.Before(end); at = at.Add(5 * time.Minute) {
			if Open(s, "", at) != now {
				t.Fatalf("changed at %v, before %v", at, end)
			}
		}
	})
}

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
