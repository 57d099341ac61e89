package api_test

import (
	"strings"
	"testing"
	"time"

	"strowger/store"
)

// TestLastSeen: a registration, a call and a sign-in each say that a user is
// still there, and who is not is found.
func TestLastSeen(t *testing.T) {
	x := newExchange(t)
	x.staff() // boss and anna, with passwords
	for _, id := range []string{"phone", "caller", "never"} {
		x.do("POST", "/users", object{"id": id, "first_name": id}).want(201)
	}
	x.pass(100 * 24 * time.Hour)
	later := x.now().UTC()
	today, before := later.Format(time.DateOnly), later.AddDate(0, 0, -50).Format(time.DateOnly)
	x.browser("anna", "anna-password")
	b := store.Binding{Org: "default", AOR: "phone", UserID: "phone", Contact: "sip:phone@192.0.2.1", Path: []string{}, ExpiresAt: later.Add(time.Hour), UpdatedAt: later}
	if err := x.store.SaveBindings(t.Context(), []store.Binding{b}, nil); err != nil {
		t.Fatal(err)
	}
	x.store.SaveCall(&store.Call{ID: "c", Org: "default", State: "ended", CallerUserID: "caller", UserIDs: []string{"caller", "never"}, Legs: []store.CallLeg{}, RecordingIDs: []string{}, StartedAt: later, EndedAt: later}, nil, nil)
	check := func() {
		t.Helper()
		for id, want := range map[string]string{"anna": today, "phone": today, "caller": today, "never": ""} {
			if got := at(x.do("GET", "/users/"+id, nil).want(200).object(), "last_seen"); got != want {
				t.Errorf("%s was last seen %v, want %q", id, got, want)
			}
		}
		away := strings.Join(x.do("GET", "/users?last_seen_before="+before, nil).want(200).ids(), " ")
		if !strings.Contains(away, "never") || strings.Contains(away, "anna") || strings.Contains(away, "phone") || strings.Contains(away, "caller") {
			t.Errorf("away: %s", away)
		}
	}
	check()
	// Who was made lately is not away, though never seen.
	x.do("POST", "/users", object{"id": "new", "first_name": "New"}).want(201)
	if ids := x.do("GET", "/users?id=new&last_seen_before="+before, nil).want(200).ids(); len(ids) != 0 {
		t.Error("who is new is away")
	}
	x.do("GET", "/users?last_seen_before=yesterday", nil).want(422, "last_seen_before")
	x.do("PATCH", "/users/never", object{"last_seen": today}).want(200)
	x.restart()
	check()
	if csv := x.do("GET", "/users", nil, header{"Accept": "text/csv"}).want(200); !strings.Contains(string(csv.raw), "last_seen") || !strings.Contains(string(csv.raw), today) {
		t.Errorf("%s", csv.raw)
	}
}
