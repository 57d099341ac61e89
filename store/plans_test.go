package store_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"strowger/store"
	"strowger/store/storetest"
)

// refusedAt makes a change and wants it refused at a field.
func refusedAt(t *testing.T, st *store.Store, record, field string, edit func(*store.Edit) error) {
	t.Helper()
	before := st.Revision()
	_, err := st.Update(t.Context(), "default", store.Author{Who: "test"}, edit)
	var rule *store.ValidationError
	if !errors.As(err, &rule) || rule.Record != record || strings.TrimPrefix(rule.Field, record+".") != field {
		t.Fatalf("%v, want one at %s %s", err, record, field)
	}
	if st.Revision() != before {
		t.Fatal("a refused change made a revision")
	}
}

func changeUser(id string, change func(*store.User)) func(*store.Edit) error {
	return func(e *store.Edit) error {
		u, _ := e.Users.Get(id)
		changed := *u
		change(&changed)
		return e.Users.Put(changed)
	}
}

func changePlan(id string, change func(*store.Plan)) func(*store.Edit) error {
	return func(e *store.Edit) error {
		p, _ := e.Plans.Get(id)
		changed := *p
		change(&changed)
		return e.Plans.Put(changed)
	}
}

func TestPlans(t *testing.T) {
	st := storetest.Open(t, storetest.Memory(), store.Options{})
	s, _ := st.Snapshot("default")
	if s.Plans.Len() != 3 {
		t.Fatalf("%d plans are shipped", s.Plans.Len())
	}
	update(t, st, func(e *store.Edit) error {
		for _, e164 := range []string{"+40210000001", "+40210000002", "+40210000003"} {
			if err := e.Numbers.Put(store.Number{E164: e164}); err != nil {
				return err
			}
		}
		if err := e.Users.Put(store.User{Meta: store.Meta{ID: "ana"}, FirstName: "Ana", DirectNumber: "+40210000001"}); err != nil {
			return err
		}
		return e.ContactMethods.Put(store.ContactMethod{Meta: store.Meta{ID: "line"}, UserID: "ana", Kind: store.KindSIPAccount, SIPAccount: &store.SIPAccount{Username: "ana"}})
	})

	refusedAt(t, st, "users/ana", "features.web_calls", changeUser("ana", func(u *store.User) { u.Features.WebCalls = true }))
	refusedAt(t, st, "users/ana", "plan", changeUser("ana", func(u *store.User) { u.Plan = "gold" }))
	second := func(e *store.Edit) error {
		m, _ := e.ContactMethods.Get("line")
		changed := *m
		changed.Inbound.DIDNumbers = []string{"+40210000002"}
		return e.ContactMethods.Put(changed)
	}
	refusedAt(t, st, "contact_methods/line", "inbound.did_numbers", second)
	update(t, st, changeUser("ana", func(u *store.User) { u.Plan, u.Features.WebCalls = "plus", true }))
	update(t, st, second)
	refusedAt(t, st, "users/ana", "plan", changeUser("ana", func(u *store.User) { u.Plan = "basic" }))
	refusedAt(t, st, "users/ana", "plan", changeUser("ana", func(u *store.User) { u.Plan, u.Features.WebCalls = "basic", false })) // two numbers

	// A plan that includes less takes nothing from who has it.
	update(t, st, changePlan("plus", func(p *store.Plan) { p.Includes.WebCalls, p.Price = false, "9.90" }))
	update(t, st, changeUser("ana", func(u *store.User) { u.JobTitle = "Engineer" }))

	// Seats.
	update(t, st, changePlan("plus", func(p *store.Plan) { p.Seats = 1 }))
	refusedAt(t, st, "users/ben", "plan", func(e *store.Edit) error {
		return e.Users.Put(store.User{Meta: store.Meta{ID: "ben"}, FirstName: "Ben", Plan: "plus"})
	})
	update(t, st, changePlan("plus", func(p *store.Plan) { p.Seats = 2 }))
	update(t, st, func(e *store.Edit) error {
		return e.Users.Put(store.User{Meta: store.Meta{ID: "ben"}, FirstName: "Ben", Plan: "plus"})
	})
	refusedAt(t, st, "plans/plus", "seats", changePlan("plus", func(p *store.Plan) { p.Seats = 1 }))

	// No user is without a plan.
	var conflict *store.ConflictError
	_, err := st.Update(t.Context(), "default", store.Author{Who: "test"}, func(e *store.Edit) error { return e.Plans.Delete("plus") })
	if !errors.As(err, &conflict) || len(conflict.Others) != 2 || !strings.Contains(conflict.Others[0], "users/ana") {
		t.Fatalf("%v", err)
	}
	update(t, st, func(e *store.Edit) error { return e.Plans.Delete("pro") })
	for field, change := range map[string]func(*store.Plan){
		"price": func(p *store.Plan) { p.Price = "12,50" }, "currency": func(p *store.Plan) { p.Currency = "EURO" }, "seats": func(p *store.Plan) { p.Seats = -1 },
		"includes.direct_numbers": func(p *store.Plan) { p.Includes.DirectNumbers = -1 },
	} {
		refusedAt(t, st, "plans/plus", field, changePlan("plus", change))
	}
}

// A line comes to another user with its numbers, as far as that user's plan goes; a
// user who is brought back has all that there was.
func TestPlansOfMovedAndRevived(t *testing.T) {
	st := storetest.Open(t, storetest.Memory(), store.Options{})
	update(t, st, func(e *store.Edit) error {
		dids := []string{"+40210000001", "+40210000002", "+40210000003"}
		for _, e164 := range dids {
			if err := e.Numbers.Put(store.Number{E164: e164}); err != nil {
				return err
			}
		}
		for id, plan := range map[string]string{"ana": "plus", "ben": "basic"} {
			if err := e.Users.Put(store.User{Meta: store.Meta{ID: id}, FirstName: id, Plan: plan, Features: store.Features{WebCalls: plan == "plus"}}); err != nil {
				return err
			}
		}
		return e.ContactMethods.Put(store.ContactMethod{Meta: store.Meta{ID: "line"}, UserID: "ana", Kind: store.KindSIPAccount,
			SIPAccount: &store.SIPAccount{Username: "ana"}, Inbound: store.Inbound{DIDNumbers: dids}})
	})
	refusedAt(t, st, "contact_methods/line", "user_id", func(e *store.Edit) error {
		return changed(e, "line", func(m *store.ContactMethod) { m.UserID = "ben" })
	})

	update(t, st, changePlan("plus", func(p *store.Plan) { p.Includes.WebCalls, p.Includes.DirectNumbers = false, 1 }))
	gone := update(t, st, func(e *store.Edit) error {
		if err := e.ContactMethods.Delete("line"); err != nil {
			return err
		}
		return e.Users.Delete("ana")
	})
	update(t, st, st.Undoing(t.Context(), "default", gone.Revision))
	s := current(st)
	line, ok := s.Line("line")
	if u, there := s.Users.Get("ana"); !ok || !there || len(line.Inbound.DIDNumbers) != 3 || !u.Features.WebCalls {
		t.Errorf("brought back: %+v %+v", u, line)
	}
}

func TestBillingEvents(t *testing.T) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	st := storetest.Open(t, storetest.Memory(), store.Options{Now: func() time.Time { at = at.Add(time.Hour); return at }})
	update(t, st, func(e *store.Edit) error {
		return e.Users.Put(store.User{Meta: store.Meta{ID: "ana"}, FirstName: "Ana", LastName: "Pop"})
	})
	update(t, st, changeUser("ana", func(u *store.User) { u.JobTitle = "Engineer" })) // not billed
	update(t, st, changePlan("plus", func(p *store.Plan) { p.Price = "9.90" }))       // nobody has it
	update(t, st, changeUser("ana", func(u *store.User) { u.Plan = "plus" }))
	update(t, st, changePlan("plus", func(p *store.Plan) { p.Price = "12.50" }))
	update(t, st, func(e *store.Edit) error { return e.Users.Delete("ana") })

	events, err := st.BillingEvents(t.Context(), "default", "", 10)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range events {
		if b.By != "test" || b.UserName != "Ana Pop" || b.Revision == 0 || b.At.IsZero() || b.Currency != "EUR" {
			t.Errorf("%+v", b)
		}
		got = append(got, b.From+" "+b.FromPrice+" > "+b.To+" "+b.ToPrice)
	}
	want := "plus 12.50 >  , plus 9.90 > plus 12.50, basic 0.00 > plus 9.90,   > basic 0.00"
	if strings.Join(got, ", ") != want {
		t.Errorf("%q, want %q", strings.Join(got, ", "), want)
	}
	if _, err := st.Update(t.Context(), "default", store.Author{}, func(e *store.Edit) error {
		return e.Users.Put(store.User{FirstName: "Eve", Plan: "gold"})
	}); err == nil {
		t.Fatal("a plan that is not there")
	}
	if again, _ := st.BillingEvents(t.Context(), "default", events[0].ID, 10); len(again) != 3 {
		t.Errorf("%d older than the newest", len(again))
	}
}

// TestPlanGatesFeatures: whatever a feature is, only a plan that includes it lets a user
// have it, and who has it keeps it when the plan includes it no longer.
func TestPlanGatesFeatures(t *testing.T) {
	for i, f := range reflect.VisibleFields(reflect.TypeFor[store.Features]()) {
		name := f.Tag.Get("json")
		t.Run(name, func(t *testing.T) {
			st := storetest.Open(t, storetest.Memory(), store.Options{})
			includes := func(included bool) func(*store.Edit) error {
				return func(e *store.Edit) error {
					p := store.Plan{Meta: store.Meta{ID: "own"}, Name: "Own"}
					reflect.ValueOf(&p.Includes.Features).Elem().Field(i).SetBool(included)
					return e.Plans.Put(p)
				}
			}
			has := func(id string) func(*store.Edit) error {
				return func(e *store.Edit) error {
					u := store.User{Meta: store.Meta{ID: id}, FirstName: id, Plan: "own"}
					reflect.ValueOf(&u.Features).Elem().Field(i).SetBool(true)
					return e.Users.Put(u)
				}
			}
			update(t, st, includes(false))
			refusedAt(t, st, "users/ana", "features."+name, has("ana"))
			update(t, st, includes(true))
			update(t, st, has("ana"))
			update(t, st, includes(false))
			refusedAt(t, st, "users/ben", "features."+name, has("ben"))
			s, _ := st.Snapshot("default")
			if u, _ := s.Users.Get("ana"); !reflect.ValueOf(u.Features).Field(i).Bool() {
				t.Error("who had it has it no longer")
			}
		})
	}
}
