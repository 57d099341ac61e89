package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"strowger/store"
	"strowger/store/storetest"
)

// Any sequence of edits leaves a configuration that keeps every rule, whose
// indexes are those that a load would make.
func TestEditsKeepTheRules(t *testing.T) {
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 9))
		backend := storetest.Memory()
		st := storetest.Open(t, backend, store.Options{})
		storetest.Apply(t, st, storetest.Site)
		pick := func(prefix string, n int) string { return fmt.Sprintf("%s%d", prefix, r.IntN(n)) }
		taken := 0
		for range 300 {
			_, err := st.Update(context.Background(), "default", by, func(e *store.Edit) error {
				for range 1 + r.IntN(4) {
					randomEdit(e, r, pick)
				}
				return nil
			})
			if err == nil {
				taken++
			} else if !errors.Is(err, store.ErrInvalid) && !errors.Is(err, store.ErrConflict) {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		problems, err := st.Check(context.Background())
		if err != nil || len(problems) > 0 {
			t.Fatalf("seed %d after %d edits: %v %v", seed, taken, err, problems)
		}
		again := storetest.Open(t, storetest.Reopened(backend), store.Options{})
		if a, b := exported(t, current(st)), exported(t, current(again)); a != b {
			t.Fatalf("seed %d: loaded\n%s\nwas\n%s", seed, b, a)
		}
		if problems, err := again.Check(context.Background()); err != nil || len(problems) > 0 {
			t.Fatalf("seed %d loaded: %v %v", seed, err, problems)
		}
		for u := range 6 {
			name := fmt.Sprintf("n%d", u)
			a, okA := st.Directory().ByUsername(name)
			b, okB := again.Directory().ByUsername(name)
			if a != b || okA != okB {
				t.Errorf("seed %d: the directory finds %s in %q, after loading in %q", seed, name, a, b)
			}
		}
		if taken < 30 {
			t.Errorf("seed %d: only %d of 300 edits were taken", seed, taken)
		}
	}
}

func randomEdit(e *store.Edit, r *rand.Rand, pick func(string, int) string) {
	numbers := func() []string {
		if r.IntN(2) == 0 {
			return nil
		}
		return []string{fmt.Sprintf("+4021000000%d", r.IntN(9))}
	}
	switch r.IntN(10) {
	case 0, 1:
		u := store.User{Meta: store.Meta{ID: pick("u", 4)}, FirstName: "U"}
		if r.IntN(3) == 0 {
			u.Extension = pick("30", 9)
		}
		if r.IntN(3) == 0 {
			u.DirectNumber = fmt.Sprintf("+4021000000%d", r.IntN(9))
		}
		e.Users.Put(u)
	case 2, 3, 4:
		m := store.ContactMethod{Meta: store.Meta{ID: pick("l", 6)}, UserID: pick("u", 4), Kind: store.KindSIPAccount,
			SIPAccount: &store.SIPAccount{Username: pick("n", 6)}}
		m.Inbound.DIDNumbers = numbers()
		if r.IntN(2) == 0 {
			m.Inbound.InternalNumbers = []string{pick("30", 9)}
		}
		if r.IntN(4) == 0 {
			m.Kind, m.SIPAccount, m.ID = store.KindApp, nil, pick("a", 4)
		}
		e.ContactMethods.Put(m)
	case 5:
		e.Numbers.Put(store.Number{Meta: store.Meta{ID: pick("m", 4)}, E164: fmt.Sprintf("+4021000000%d", 5+r.IntN(4)),
			Owner: store.Owner{Kind: store.OwnerContactMethod, ID: pick("l", 6)}})
	case 6:
		e.ContactMethods.Delete(pick("l", 6))
	case 7:
		e.Users.Delete(pick("u", 4))
	case 8:
		e.InternalNumbers.Put(store.InternalNumber{Number: pick("30", 9), Owner: store.Owner{Kind: store.OwnerContactMethod, ID: pick("l", 6)}})
	case 9:
		e.Numbers.Delete(pick("m", 4))
	}
}
