package provisioning

import (
	"context"
	"errors"

	"strowger/store"
)

// A PlanView is a plan as the API shows it.
type PlanView struct {
	store.Plan
	SeatsUsed int `json:"seats_used" readOnly:"true"`
}

func viewPlan(_ *Service, _ string, sn *store.Snapshot, r *store.Plan) any {
	return &PlanView{Plan: *r, SeatsUsed: sn.SeatsUsed()[r.ID]}
}

// BillingEvents lists who came to a plan or left it, newest first. The filters
// since and until narrow it to a time.
func (s *Service) BillingEvents(ctx context.Context, org string, q Query) (Page, error) {
	same := func(b *store.BillingEvent, _ string) *store.BillingEvent { return b }
	when, err := q.takeSpan()
	if err != nil {
		return Page{}, err
	}
	page, err := newest(q, func(b *store.BillingEvent) bool { return when.holds(b.At) }, func(b *store.BillingEvent) string { return b.ID }, same,
		func(b *store.BillingEvent) any { return b },
		func(before string, limit int) ([]*store.BillingEvent, error) {
			return s.store.BillingEvents(ctx, org, before, limit)
		})
	if errors.Is(err, store.ErrNotFound) {
		return Page{}, invalid("cursor", "not one that a list answered lately")
	}
	return page, err
}
