package store

import (
	"context"
	"fmt"
	"slices"
)

// Check reads the whole store and reports what is wrong with it: what the
// backend finds, then whether every record still keeps the rules that it was
// saved under and whether what is listed is there.
func (st *Store) Check(ctx context.Context) ([]Problem, error) {
	var problems []Problem
	report := func(p Problem) { problems = append(problems, p) }
	st.writer.flush()
	if err := st.backend.Check(ctx, report); err != nil {
		return problems, err
	}
	for _, org := range st.Directory().Organizations() {
		s, ok := st.Snapshot(org)
		if !ok {
			continue
		}
		s.verify(report)
	}
	for _, check := range []func(context.Context, *Store, func(Problem)) error{
		calls.verify, recordings.verify, voicemails.verify, accessEvents.verify, billingEvents.verify,
	} {
		if err := check(ctx, st, report); err != nil {
			return problems, err
		}
	}
	return problems, ctx.Err()
}

// verify looks at every record with the rules of an edit that changes nothing.
func (s *Snapshot) verify(report func(Problem)) {
	e := newEdit(s, s.Organization.UpdatedAt, nil)
	found := func(err error) {
		if err != nil {
			report(Problem{Where: s.Organization.ID, What: err.Error()})
		}
	}
	c := &checker{edit: e, s: s, path: inOrganizations + "/" + s.Organization.ID}
	checkOrganization(c, s.Organization)
	found(c.err)
	for _, ed := range e.editors() {
		ed.verify(s, found)
	}
	for id, line := range s.ContactMethods.All() {
		if _, ok := s.secrets.contactMethods.Get(id); !ok && line.Kind == KindSIPAccount {
			report(Problem{Where: s.Organization.ID, What: inContactMethods + "/" + id + " has no password"})
		}
	}
	for id := range s.AppDevices.All() {
		if _, ok := s.secrets.appDevices.Get(id); !ok {
			report(Problem{Where: s.Organization.ID, What: inAppDevices + "/" + id + " has no password"})
		}
	}
}

func (ed *Editor[T]) verify(s *Snapshot, found func(error)) {
	for id, r := range ed.table.All() {
		c := &checker{edit: ed.edit, s: s, path: ed.kind.name + "/" + id}
		ed.kind.check(c, r)
		found(c.err)
		for _, u := range ed.kind.uniques {
			if key := u.key(r); key != "" {
				if held, _ := u.table(s).Get(key); held != r {
					found(conflicting(c.path, u.field, Say("%s is that of two records", key)))
				}
			}
		}
		for _, g := range ed.kind.groups {
			if !slices.Contains(members(*g.table(s), g.key(r)), r) {
				found(fmt.Errorf("%s is not listed with its user", c.path))
			}
		}
	}
}

// verify compares a collection's two buckets.
func (d *dated[T]) verify(ctx context.Context, st *Store, report func(Problem)) error {
	records, ids := 0, 0
	err := st.viewPlaced(ctx, func(r Reader) error {
		err := r.Range(d.records, []byte{}, nil, func(key, value []byte) error {
			records++
			one, err := d.decode(key, value)
			if err != nil {
				report(Problem{Where: string(d.records), What: err.Error()})
				return nil
			}
			org, id := d.id(one)
			if ns, ok, err := d.find(r, org, id); err != nil {
				return err
			} else if !ok || ns != nanoseconds(d.at(one)) {
				report(Problem{Where: string(d.records), What: id + " is not found by its id"})
			}
			return nil
		})
		if err != nil {
			return err
		}
		return r.Range(d.ids, []byte{}, nil, func(_, _ []byte) error { ids++; return nil })
	})
	if err == nil && ids > records {
		report(Problem{Where: string(d.ids), What: fmt.Sprintf("%d ids have no record", ids-records)})
	}
	return err
}
