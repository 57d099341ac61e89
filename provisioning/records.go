package provisioning

import (
	"context"
	"errors"
	"iter"
	"strings"

	"strowger/store"
)

// FindOrganization gives the id of the organization that is named by its id or
// its name; an empty name is the default one. Names are the organizations' own to
// choose: one that two have finds neither.
func (s *Service) FindOrganization(named string) (string, error) {
	d := s.store.Directory()
	if named == "" {
		return d.Default(), nil
	}
	if _, ok := s.store.Snapshot(named); ok {
		return named, nil
	}
	found := ""
	for _, id := range d.Organizations() {
		sn, ok := s.store.Snapshot(id)
		if !ok || !strings.EqualFold(sn.Organization.Name, named) {
			continue
		}
		if found != "" {
			return "", refuse(409, "organization: %s and %s are both called %q; say which by its id", found, id, named)
		}
		found = id
	}
	if found == "" {
		return "", ErrNoOrganization
	}
	return found, nil
}

// snapshot gives an organization as it is now.
func (s *Service) snapshot(org string) (*store.Snapshot, error) {
	sn, ok := s.store.Snapshot(org)
	if !ok {
		return nil, ErrNoOrganization
	}
	return sn, nil
}

// FindCollection finds one by its name.
func FindCollection(name string) (Collection, bool) {
	for _, c := range collections {
		if c.Name() == name {
			return c, true
		}
	}
	return nil, false
}

// List answers one page of a collection.
func (s *Service) List(org string, c Collection, q Query) (Page, error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return Page{}, err
	}
	return c.list(s, org, sn, q)
}

// Get answers one record and the tag of its content.
func (s *Service) Get(org string, c Collection, id string) (record any, etag string, err error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, "", err
	}
	record, etag, ok := c.get(s, org, sn, id)
	if !ok {
		return nil, "", refuse(404, "no such %s", noun(c))
	}
	return record, etag, nil
}

// Stored gives a record as it is kept, to look at.
func (s *Service) Stored(org string, c Collection, id string) (record any, ok bool) {
	sn, found := s.store.Snapshot(org)
	if !found {
		return nil, false
	}
	return c.kept(sn, id)
}

// Create puts a new record, given as the JSON text that the API takes, in one
// transaction with all that comes with it. New secrets are in the answer, this
// once.
func (s *Service) Create(ctx context.Context, org string, by store.Author, c Collection, raw []byte) (record any, etag string, err error) {
	input, err := parse(raw)
	if err == nil {
		input, err = c.outside(s, input)
	}
	if err != nil {
		return nil, "", err
	}
	return s.save(ctx, org, by, c, "create "+c.One(), func(e *store.Edit) (*made, error) { return c.create(s, e, input) })
}

// Change lays a JSON merge patch over a record. ifMatch may hold the tags that
// the record must have.
func (s *Service) Change(ctx context.Context, org string, by store.Author, c Collection, id string, raw []byte, ifMatch string) (record any, etag string, err error) {
	patch, err := parse(raw)
	if err == nil {
		patch, err = c.outside(s, patch)
	}
	if err != nil {
		return nil, "", err
	}
	return s.save(ctx, org, by, c, "change "+c.One(), func(e *store.Edit) (*made, error) { return c.change(s, e, id, patch, ifMatch) })
}

func (s *Service) save(ctx context.Context, org string, by store.Author, c Collection, summary string, edit func(*store.Edit) (*made, error)) (any, string, error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, "", err
	}
	var m *made
	if by.Summary == "" {
		by.Summary = summary
	}
	rev, err := s.store.Update(ctx, org, by, func(e *store.Edit) (err error) {
		m, err = edit(e)
		return err
	})
	if err != nil {
		return nil, "", relative(named(sn, err), c, m)
	}
	s.readdress(ctx, org, by, &rev)
	record, etag, err := s.Get(org, c, m.id)
	if err != nil {
		return nil, "", err
	}
	if m.reveal != nil {
		m.reveal(record)
	}
	for _, g := range rev.Generated {
		if g.Collection == c.Name() && g.ID == m.id {
			showPassword(record, g.Password)
		}
	}
	return record, etag, nil
}

// showPassword puts a password that was made up into the one answer that shows
// it.
func showPassword(record any, password string) {
	switch r := record.(type) {
	case *store.ContactMethod:
		if r.SIPAccount != nil {
			r.SIPAccount.Password = password
		}
	case *store.AppDevice:
		r.Password = password
	case *store.DeliveryMethod:
		r.Settings = showSettings(r.Settings, map[string]string{"secret": password})
	}
}

// relative names the fields of a refused record as its sender did, without the
// record's own path before them.
func relative(err error, c Collection, m *made) error {
	if m == nil {
		return err
	}
	return renamed(err, m.names(c, ""))
}

// names are what an input calls the record that it made and those that came with it,
// by their paths. at is what it calls the record itself.
func (m *made) names(c Collection, at string) map[string]string {
	out := map[string]string{c.Name() + "/" + m.id: at}
	for path, part := range m.parts {
		out[path] = join(at, part)
	}
	return out
}

// relativeTo names the fields of the record at a path without that; what is wrong
// elsewhere keeps its own path.
func relativeTo(err error, path string) error { return renamed(err, map[string]string{path: ""}) }

// renamed names the fields of records, by their paths, as an input has them.
func renamed(err error, names map[string]string) error {
	field := func(record, field string) string {
		name, ok := names[record]
		if !ok {
			return field
		}
		rest := strings.TrimLeft(strings.TrimPrefix(field, record), ".")
		if rest == "" {
			return name
		}
		return join(name, rest)
	}
	var rule *store.ValidationError
	if errors.As(err, &rule) {
		return &InputError{Fields: FaultsOf(rule, field)}
	}
	var conflict *store.ConflictError
	if errors.As(err, &conflict) {
		r := &Refusal{Status: 409, Field: field(conflict.Record, conflict.Field), Detail: conflict.Rule}
		if r.Field != "" {
			r.Detail = store.Say("%s: %s", r.Field, r.Detail)
		}
		return r
	}
	return err
}

// Delete takes a record away with all that cannot be without it. Where
// something else still needs it, the answer names that.
func (s *Service) Delete(ctx context.Context, org string, by store.Author, c Collection, id, ifMatch string) error {
	return s.remove(ctx, s.store.Update, org, by, c, id, ifMatch)
}

// saving is Store.Update or Store.Try.
type saving func(context.Context, string, store.Author, func(*store.Edit) error) (store.Revision, error)

func (s *Service) remove(ctx context.Context, save saving, org string, by store.Author, c Collection, id, ifMatch string) error {
	sn, err := s.snapshot(org)
	if err != nil {
		return err
	}
	if by.Summary == "" {
		by.Summary = "delete " + c.One()
	}
	_, err = save(ctx, org, by, func(e *store.Edit) error { return c.remove(s, e, id, ifMatch) })
	var conflict *store.ConflictError
	if errors.As(err, &conflict) {
		return refusalOf(sn, conflict, store.Say("names it, and must let go of it first"))
	}
	return err
}

func splitHeader(value string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for part := range strings.SplitSeq(value, ",") {
			if part = strings.TrimSpace(part); part != "" && !yield(part) {
				return
			}
		}
	}
}
