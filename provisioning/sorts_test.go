package provisioning

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"strowger/store"
	"strowger/store/storetest"
)

// field says how users compare by a field, and which have none.
type field struct {
	none    func(*store.User) bool
	compare func(a, b *store.User) int
}

func textField(text func(*store.User) string) field {
	fold := func(u *store.User) string { return strings.ToLower(strings.TrimSpace(text(u))) }
	return field{func(u *store.User) bool { return fold(u) == "" }, func(a, b *store.User) int { return strings.Compare(fold(a), fold(b)) }}
}

// plainFields are those that the test knows by other means than the lists do.
func plainFields(sn *store.Snapshot) map[string]field {
	never := func(*store.User) bool { return false }
	return map[string]field{
		"first_name": textField(func(u *store.User) string { return u.FirstName }),
		"last_name":  textField(func(u *store.User) string { return u.LastName }),
		"department": textField(func(u *store.User) string { return u.Department }),
		"do_not_disturb": {never, func(a, b *store.User) int {
			return cmp.Compare(fmt.Sprint(a.DoNotDisturb), fmt.Sprint(b.DoNotDisturb))
		}},
		"created_at": {never, func(a, b *store.User) int { return a.CreatedAt.Compare(b.CreatedAt) }},
		"extension": {func(u *store.User) bool { return u.Extension == "" }, func(a, b *store.User) int {
			return cmp.Or(cmp.Compare(len(a.Extension), len(b.Extension)), strings.Compare(a.Extension, b.Extension))
		}},
		"time_schedule_id": textField(func(u *store.User) string {
			if s, ok := sn.TimeSchedules.Get(u.TimeScheduleID); ok {
				return s.Name
			}
			return ""
		}),
		"counts.sip_accounts": {never, func(a, b *store.User) int { return cmp.Compare(len(sn.LinesOf(a.ID)), len(sn.LinesOf(b.ID))) }},
	}
}

func listed(t interface {
	Helper()
	Fatal(...any)
}, s *Service, sn *store.Snapshot, q Query) (ids []string, next string) {
	t.Helper()
	page, err := users.list(s, store.DefaultOrganization, sn, q)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range page.Items {
		ids = append(ids, IDOf(r))
	}
	return ids, page.NextCursor
}

// TestSortedPages: whatever is saved in between, whatever is filtered and by
// whatever is sorted, the pages after each other are the whole sorted list: by the
// field, those without it last, and equals as the plain list has them.
func TestSortedPages(t *testing.T) {
	st := storetest.Open(t, storetest.Memory(), store.Options{Key: []byte(strings.Repeat("k", 32))})
	word := rapid.SampledFrom([]string{"", "a", "A", "b", "ab", "B a", "ß", "É", "b,a", "aB", "10", "9"})
	id := rapid.SampledFrom(strings.Split("abcdefghijklmnop", ""))
	if _, err := st.Update(t.Context(), store.DefaultOrganization, me, func(e *store.Edit) error {
		return errors.Join(e.TimeSchedules.Put(store.TimeSchedule{Meta: store.Meta{ID: "1"}, Name: "Night"}),
			e.TimeSchedules.Put(store.TimeSchedule{Meta: store.Meta{ID: "2"}, Name: "day"}))
	}); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := New(st, Options{})
		save := func(edit func(e *store.Edit) error) *store.Snapshot {
			if _, err := st.Update(t.Context(), store.DefaultOrganization, me, edit); err != nil {
				t.Fatal(err)
			}
			sn, _ := st.Snapshot(store.DefaultOrganization)
			return sn
		}
		remove := func(e *store.Edit, id string) error {
			for m, r := range maps.Collect(e.ContactMethods.All()) {
				if r.UserID == id {
					if err := e.ContactMethods.Delete(m); err != nil {
						return err
					}
				}
			}
			return e.Users.Delete(id)
		}
		save(func(e *store.Edit) error {
			for id := range maps.Collect(e.Users.All()) {
				if err := remove(e, id); err != nil {
					return err
				}
			}
			return nil
		})
		for range rapid.IntRange(1, 4).Draw(t, "saves") {
			sn := save(func(e *store.Edit) error {
				for range rapid.IntRange(0, 12).Draw(t, "edits") {
					id := id.Draw(t, "id")
					_, there := e.Users.Get(id)
					if there {
						if err := remove(e, id); err != nil {
							return err
						}
						if rapid.Bool().Draw(t, "delete") {
							continue
						}
					}
					u := store.User{Meta: store.Meta{ID: id, CreatedAt: time.Unix(int64(rapid.IntRange(1, 4).Draw(t, "made")), 0)},
						FirstName: "x" + word.Draw(t, "first"), LastName: word.Draw(t, "last"), Department: word.Draw(t, "department"),
						TimeScheduleID: rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "schedule"), DoNotDisturb: rapid.Bool().Draw(t, "dnd")}
					if err := e.Users.Put(u); err != nil {
						return err
					}
					if rapid.Bool().Draw(t, "line") {
						line := store.ContactMethod{Meta: store.Meta{ID: "line-" + id}, UserID: id, Kind: store.KindSIPAccount, SIPAccount: &store.SIPAccount{Username: "u" + id}}
						if rapid.Bool().Draw(t, "number") {
							line.Inbound.InternalNumbers = []string{fmt.Sprint(map[bool]int{true: 900, false: 10000}[id[0]%2 == 0] - int(id[0]))}
						}
						if err := e.ContactMethods.Put(line); err != nil {
							return err
						}
					}
				}
				return nil
			})
			fields := plainFields(sn)
			for range rapid.IntRange(1, 6).Draw(t, "lists") {
				q := Query{All: true, Filters: map[string]string{}}
				if rapid.Bool().Draw(t, "filtered") {
					q.Filters["full_name"] = word.Draw(t, "wanted")
				}
				if rapid.Bool().Draw(t, "more filtered") {
					q.Filters["do_not_disturb"] = fmt.Sprint(rapid.Bool().Draw(t, "wanted dnd"))
				}
				if rapid.Bool().Draw(t, "keep some") {
					q.Keep = func(r any) bool { return r.(*store.User).ID < "h" }
				}
				want, _ := listed(t, s, sn, q)
				name := rapid.SampledFrom(slices.Sorted(maps.Keys(fields))).Draw(t, "field")
				descending := rapid.Bool().Draw(t, "descending")
				slices.SortStableFunc(want, func(x, y string) int {
					a, _ := sn.Users.Get(x)
					b, _ := sn.Users.Get(y)
					f := fields[name]
					switch {
					case f.none(a) || f.none(b):
						return cmp.Compare(fmt.Sprint(f.none(a)), fmt.Sprint(f.none(b)))
					case descending:
						return f.compare(b, a)
					}
					return f.compare(a, b)
				})
				if q.Sort = name; descending {
					q.Sort = "-" + name
				}
				if whole, _ := listed(t, s, sn, q); !slices.Equal(whole, want) {
					t.Fatalf("all by %s: %v, want %v", q.Sort, whole, want)
				}
				q.All, q.Limit = false, rapid.IntRange(1, 5).Draw(t, "limit")
				var got []string
				for {
					page, next := listed(t, s, sn, q)
					if len(page) > q.Limit {
						t.Fatalf("%d items where %d were asked for", len(page), q.Limit)
					}
					got = append(got, page...)
					if q.Cursor = next; next == "" {
						break
					}
				}
				if !slices.Equal(got, want) {
					t.Fatalf("pages by %s: %v, want %v", q.Sort, got, want)
				}
			}
		}
	})
}

// TestSortedMeanwhile: a cursor stays good when the record that it was answered with
// has gone, or has got another value.
func TestSortedMeanwhile(t *testing.T) {
	st := storetest.Open(t, storetest.Memory(), store.Options{})
	s := New(st, Options{})
	save := func(edit func(e *store.Edit) error) *store.Snapshot {
		t.Helper()
		if _, err := st.Update(t.Context(), store.DefaultOrganization, me, edit); err != nil {
			t.Fatal(err)
		}
		sn, _ := st.Snapshot(store.DefaultOrganization)
		return sn
	}
	sn := save(func(e *store.Edit) error {
		for i, department := range strings.Split("one two three four five", " ") {
			if err := e.Users.Put(store.User{Meta: store.Meta{ID: fmt.Sprint(i)}, FirstName: "x", LastName: fmt.Sprint(i), Department: department}); err != nil {
				return err
			}
		}
		return nil
	})
	q := Query{Limit: 2, Sort: "-department"} // two, three, one, four, five
	_, q.Cursor = listed(t, s, sn, q)
	sn = save(func(e *store.Edit) error { return e.Users.Delete("2") })
	if got, _ := listed(t, s, sn, q); !slices.Equal(got, []string{"0", "3"}) {
		t.Errorf("after one that is gone: %v", got)
	}
	sn = save(func(e *store.Edit) error {
		u, _ := e.Users.Get("4")
		moved := *u
		moved.Department = "zero"
		return e.Users.Put(moved)
	})
	if got, next := listed(t, s, sn, q); !slices.Equal(got, []string{"0", "3"}) || next != "" {
		t.Errorf("after one that moved before: %v, %q", got, next)
	}
}

// TestKeptSorts: the keys of few fields are kept with an order, and no longer than
// somebody asks for them.
func TestKeptSorts(t *testing.T) {
	st := storetest.Open(t, storetest.Memory(), store.Options{})
	s := New(st, Options{})
	save := func() *store.Snapshot {
		t.Helper()
		if _, err := st.Update(t.Context(), store.DefaultOrganization, me, func(e *store.Edit) error {
			return e.Users.Put(store.User{Meta: store.Meta{ID: store.NewID()}, FirstName: "x"})
		}); err != nil {
			t.Fatal(err)
		}
		sn, _ := st.Snapshot(store.DefaultOrganization)
		return sn
	}
	kept := func() (out []string) {
		for _, k := range users.ordered(s, store.DefaultOrganization).now.sorts {
			out = append(out, k.field)
		}
		return out
	}
	sn := save()
	for _, sort := range []string{"email", "first_name", "last_name", "-email", "department", "job_title", "last_seen"} {
		listed(t, s, sn, Query{Sort: sort})
	}
	if got := kept(); !slices.Equal(got, []string{"job_title", "department", "email", "last_name"}) {
		t.Errorf("kept %v", got)
	}
	listed(t, s, save(), Query{Sort: "-email"})
	if got := kept(); len(got) != mostSorts || got[0] != "email" {
		t.Errorf("kept through a change: %v", got)
	}
	listed(t, s, save(), Query{})
	if got := kept(); !slices.Equal(got, []string{"email"}) {
		t.Errorf("kept through another change: %v", got)
	}
	listed(t, s, save(), Query{})
	if got := kept(); len(got) != 0 {
		t.Errorf("kept though nobody asked: %v", got)
	}
}
