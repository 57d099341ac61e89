package api_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"strowger/provisioning"
	"strowger/provisioning/api"
	"strowger/store"
	"strowger/store/storetest"
)

// manyUsers is an exchange with n users, as whoever asks its list.
func manyUsers(b *testing.B, n int) func(b *testing.B, query string) string {
	st := storetest.Open(b, storetest.Bolt(b, b.TempDir()+"/s.db"), store.Options{Key: []byte(strings.Repeat("k", 32))})
	site := &store.Site{TimeSchedules: []store.TimeSchedule{{Meta: store.Meta{ID: "day"}, Name: "Day"}}}
	for i := range n {
		u := store.User{Meta: store.Meta{ID: fmt.Sprintf("u%06d", i)}, FirstName: fmt.Sprint("Ion ", i%97), LastName: fmt.Sprintf("Nr%06d", (i*7919)%n),
			Email: fmt.Sprintf("u%d@example.com", i), JobTitle: "Engineer", Department: fmt.Sprint("Department ", i%50), CRMUserID: fmt.Sprint("CRM-", i)}
		if i%2 == 0 {
			u.TimeScheduleID = "day"
		}
		site.Users = append(site.Users, u)
		site.ContactMethods = append(site.ContactMethods, store.ContactMethod{Meta: store.Meta{ID: "l" + u.ID}, UserID: u.ID, Kind: store.KindApp,
			Inbound: store.Inbound{InternalNumbers: []string{fmt.Sprint(100_000 + (i*7907)%n)}}})
	}
	site.CallFlows = []store.CallFlow{{Meta: store.Meta{ID: "front"}, Name: "Front", Entry: "a", Nodes: []store.FlowNode{{ID: "a", Type: "user", Settings: map[string]string{"user_id": "u000077"}}}}}
	if _, err := st.ApplySite(b.Context(), store.DefaultOrganization, store.Author{}, site, false, false); err != nil {
		b.Fatal(err)
	}
	h := api.New(provisioning.New(st, provisioning.Options{Data: b.TempDir()}), api.Options{}).Local("a benchmark")
	return func(b *testing.B, query string) string {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/users?limit=50&"+query, nil))
		if w.Code != 200 {
			b.Fatal(w.Code, w.Body)
		}
		return w.Body.String()
	}
}

// BenchmarkUsers is a page of 50 of a large list, as the web application asks for
// it, through the handler: every filter that the page has, found at once, late and
// never. It may take 100 ms.
func BenchmarkUsers(b *testing.B) {
	for _, n := range []int{50_000, 100_000} {
		ask := manyUsers(b, n)
		_, cursor, _ := strings.Cut(ask(b, ""), `"next_cursor":"`)
		cursor, _, _ = strings.Cut(cursor, `"`)
		for _, q := range []struct{ name, query string }{
			{"first", ""}, {"next", "cursor=" + cursor},
			{"full_name", "full_name=nr0000"}, {"full_name-none", "full_name=" + url.QueryEscape("nobody at all")},
			{"job_title", "job_title~=engin"}, {"department", "department~=" + url.QueryEscape("ment 49")}, {"email-none", "email~=nobody"},
			{"schedule", "time_schedule_id=day"}, {"call_flow", "call_flow_id=front"}, {"crm", "crm_user_id=CRM-77"},
			{"all", "full_name=n&job_title~=e&department~=d&email~=u&time_schedule_id=day"},
		} {
			b.Run(fmt.Sprintf("%d/%s", n, q.name), func(b *testing.B) {
				for b.Loop() {
					ask(b, q.query)
				}
			})
		}
	}
}

// BenchmarkSortedUsers is the same of the list sorted by a column: by keys that are
// kept, and by what follows from other records and is found for each page. It may
// take 100 ms, too.
func BenchmarkSortedUsers(b *testing.B) {
	for _, n := range []int{50_000, 100_000} {
		ask := manyUsers(b, n)
		_, cursor, _ := strings.Cut(ask(b, "sort=-extension"), `"next_cursor":"`)
		cursor, _, _ = strings.Cut(cursor, `"`)
		for _, q := range []struct{ name, query string }{
			{"extension", "sort=extension"}, {"next", "sort=-extension&cursor=" + cursor}, {"backwards", "sort=-last_name"}, {"department", "sort=department"},
			{"schedule", "sort=-time_schedule_id"}, {"counts", "sort=-counts.sip_accounts"}, {"last_seen", "sort=last_seen"},
			{"filtered", "sort=-email&full_name=n&job_title~=e&department~=d&time_schedule_id=day"},
		} {
			b.Run(fmt.Sprintf("%d/%s", n, q.name), func(b *testing.B) {
				for b.Loop() {
					ask(b, q.query)
				}
			})
		}
	}
}
