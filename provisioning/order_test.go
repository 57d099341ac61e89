package provisioning

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"strowger/store"
	"strowger/store/storetest"
)

// plainList is a page of users found by a look at each of them.
func plainList(sn *store.Snapshot, q Query) (ids []string, next string, err error) {
	fields := maps.Clone(q.Filters)
	name, byName := fields["full_name"]
	flow, byFlow := fields["call_flow_id"]
	delete(fields, "full_name")
	delete(fields, "call_flow_id")
	keep := q.Keep
	q.Filters = fields
	q.Keep = func(r any) bool {
		u := r.(*store.User)
		if name := folded(name); byName && !strings.Contains(folded(u.FirstName+" "+u.LastName), name) && !strings.Contains(folded(u.LastName+" "+u.FirstName), name) {
			return false
		}
		if byFlow {
			f, ok := sn.CallFlows.Get(flow)
			if !ok || !slices.ContainsFunc(f.Nodes, func(n store.FlowNode) bool { return n.Settings["user_id"] == u.ID }) {
				return false
			}
		}
		return keep == nil || keep(r)
	}
	filters, err := q.compile(reflect.TypeFor[store.User]())
	if err != nil {
		return nil, "", err
	}
	picked, more, err := pick(sn.Users.All(), users.order, q, filters)
	if err != nil {
		return nil, "", err
	}
	for _, p := range picked {
		ids = append(ids, p.id)
	}
	if more {
		next = picked[len(picked)-1].cursor()
	}
	return ids, next, nil
}

// TestOrderIsPlain: whatever is saved between lists, the kept order answers what
// a look at each record does, page by page, also for a snapshot that is older than
// the last.
func TestOrderIsPlain(t *testing.T) {
	st := storetest.Open(t, storetest.Memory(), store.Options{})
	word := rapid.SampledFrom([]string{"", "a", "A", "b", "ab", "B a", "İa", "ß", "É", "b,a", "aB", "ba"})
	id := rapid.SampledFrom(strings.Split("abcdefghijklmnop", ""))
	rapid.Check(t, func(t *rapid.T) {
		s := New(st, Options{})
		save := func(edit func(e *store.Edit) error) *store.Snapshot {
			if _, err := st.Update(t.Context(), store.DefaultOrganization, me, edit); err != nil {
				t.Fatal(err)
			}
			sn, _ := st.Snapshot(store.DefaultOrganization)
			return sn
		}
		clear := func(e *store.Edit) error {
			for _, f := range slices.Collect(maps.Keys(maps.Collect(e.CallFlows.All()))) {
				if err := e.CallFlows.Delete(f); err != nil {
					return err
				}
			}
			for _, u := range slices.Collect(maps.Keys(maps.Collect(e.Users.All()))) {
				if err := e.Users.Delete(u); err != nil {
					return err
				}
			}
			return nil
		}
		edit := func(e *store.Edit) error {
			for range rapid.IntRange(0, 12).Draw(t, "edits") {
				id := id.Draw(t, "id")
				if _, ok := e.Users.Get(id); ok && rapid.Bool().Draw(t, "delete") {
					if err := e.Users.Delete(id); err != nil {
						return err
					}
					continue
				}
				err := e.Users.Put(store.User{Meta: store.Meta{ID: id}, FirstName: "x" + word.Draw(t, "first"), LastName: word.Draw(t, "last"),
					Department: word.Draw(t, "department"), JobTitle: word.Draw(t, "title"), DoNotDisturb: rapid.Bool().Draw(t, "dnd")})
				if err != nil {
					return err
				}
			}
			return nil
		}
		check := func(sn *store.Snapshot, q Query) {
			for {
				want, wantNext, err := plainList(sn, q)
				if err != nil {
					t.Fatal(err)
				}
				page, err := users.list(s, store.DefaultOrganization, sn, q)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, r := range page.Items {
					got = append(got, IDOf(r))
				}
				if !slices.Equal(got, want) || page.NextCursor != wantNext {
					t.Fatalf("%+v: got %v and %q, want %v and %q", q, got, page.NextCursor, want, wantNext)
				}
				if q.Cursor = page.NextCursor; q.Cursor == "" || q.All {
					return
				}
			}
		}
		old := save(clear)
		for range rapid.IntRange(1, 4).Draw(t, "saves") {
			sn := save(edit)
			if sn.Users.Len() > 0 {
				sn = save(func(e *store.Edit) error {
					first := slices.Sorted(maps.Keys(maps.Collect(e.Users.All())))[0]
					if err := e.CallFlows.Put(store.CallFlow{Meta: store.Meta{ID: "flow"}, Name: "Flow", Entry: "a",
						Nodes: []store.FlowNode{{ID: "a", Type: "user", Settings: map[string]string{"user_id": first}}}}); err != nil {
						return err
					}
					return nil
				})
			}
			for range rapid.IntRange(1, 4).Draw(t, "lists") {
				q := Query{Limit: rapid.IntRange(1, 5).Draw(t, "limit"), All: rapid.Bool().Draw(t, "all"), Filters: map[string]string{}}
				for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"id", "last_name", "last_name~", "department", "department~", "job_title~",
					"do_not_disturb", "full_name", "call_flow_id", "routing.contact_method_ids"}), 0, 3, rapid.ID).Draw(t, "filters") {
					switch name {
					case "id":
						q.Filters[name] = id.Draw(t, "wanted")
					case "do_not_disturb":
						q.Filters[name] = fmt.Sprint(rapid.Bool().Draw(t, "wanted"))
					case "call_flow_id":
						q.Filters[name] = rapid.SampledFrom([]string{"flow", "none"}).Draw(t, "wanted")
					default:
						q.Filters[name] = word.Draw(t, "wanted")
					}
				}
				if rapid.Bool().Draw(t, "keep some") {
					q.Keep = func(r any) bool { return r.(*store.User).ID < "h" }
				}
				if rapid.Bool().Draw(t, "from a cursor") {
					q.Cursor = place{string(sortKey(nil, word.Draw(t, "cursor"), "x")), id.Draw(t, "cursor id")}.cursor()
				}
				if old != nil && rapid.IntRange(0, 3).Draw(t, "which") == 0 {
					check(old, q)
				}
				check(sn, q)
			}
			old = sn
			if sn.CallFlows.Len() > 0 { // so that the user may go
				save(func(e *store.Edit) error { return e.CallFlows.Delete("flow") })
			}
		}
	})
}

// TestPreparedLists: the first list after a start finds its order made, and what was
// saved since is in it.
func TestPreparedLists(t *testing.T) {
	st := storetest.Open(t, storetest.Memory(), store.Options{})
	put := func(id string) {
		t.Helper()
		if _, err := st.Update(t.Context(), store.DefaultOrganization, store.Author{Who: "test"}, func(e *store.Edit) error {
			return e.Users.Put(store.User{Meta: store.Meta{ID: id}, FirstName: id})
		}); err != nil {
			t.Fatal(err)
		}
	}
	put("zoe")
	s := New(st, Options{})
	s.PrepareLists(t.Context())
	sn, _ := st.Snapshot(store.DefaultOrganization)
	if o := users.ordered(s, store.DefaultOrganization); o.now.of != sn.Users {
		t.Error("the order of the users is not made")
	}
	put("anna")
	page, err := s.List(store.DefaultOrganization, users, Query{})
	if err != nil || len(page.Items) != 2 {
		t.Fatalf("%d users, %v", len(page.Items), err)
	}
}
