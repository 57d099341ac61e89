package store_test

import (
	"errors"
	"testing"

	"strowger/store"
	"strowger/store/storetest"
)

// Recording on demand needs a code that records, and keeps the last one.
func TestOnDemandNeedsACode(t *testing.T) {
	ctx, org, by := t.Context(), store.DefaultOrganization, store.Author{Who: "test"}
	st := storetest.New(t)
	storetest.Apply(t, st, storetest.Site)
	update := func(edit func(e *store.Edit) error) error {
		_, err := st.Update(ctx, org, by, edit)
		return err
	}
	switched := func(on bool) func(e *store.Edit) error {
		return func(e *store.Edit) error {
			m, _ := e.ContactMethods.Get("anna-desk")
			copied := *m
			copied.Recording.OnDemand = on
			return e.ContactMethods.Put(copied)
		}
	}
	code := func(id, action string) func(e *store.Edit) error {
		return func(e *store.Edit) error {
			return e.FeatureCodes.Put(store.FeatureCode{Meta: store.Meta{ID: id}, Code: "*9" + id, Action: action})
		}
	}
	without := func(id string) func(e *store.Edit) error {
		return func(e *store.Edit) error { return e.FeatureCodes.Delete(id) }
	}
	for _, f := range []func(e *store.Edit) error{without("record"), code("1", "record_pause")} {
		if err := update(f); err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Fatal(err)
		}
	}
	var rule *store.ValidationError
	if err := update(switched(true)); !errors.As(err, &rule) || rule.Field != "contact_methods/anna-desk.recording.on_demand" {
		t.Errorf("without a code: %v", err)
	}
	if err := update(code("2", "record_toggle")); err != nil {
		t.Fatal(err)
	}
	if err := update(switched(true)); err != nil {
		t.Errorf("with a code: %v", err)
	}
	for _, f := range []func(e *store.Edit) error{without("2"), code("2", "record_pause")} {
		var conflict *store.ConflictError
		if err := update(f); !errors.As(err, &conflict) || len(conflict.Others) != 1 || conflict.Others[0] != "contact_methods/anna-desk.recording.on_demand" {
			t.Errorf("without the last code: %v", err)
		}
	}
	for _, f := range []func(e *store.Edit) error{code("3", "record_toggle"), without("2"), switched(false), without("3")} {
		if err := update(f); err != nil {
			t.Errorf("%v", err)
		}
	}
}
