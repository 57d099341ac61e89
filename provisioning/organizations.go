package provisioning

import (
	"context"
	"slices"

	"strowger/store"
)

var organizationSorts = fields[store.Organization]("name", "domain", "country", "time_zone", "language")

// OrganizationSorts are what the list of organizations can be sorted by.
func OrganizationSorts() []string { return organizationSorts.names() }

// Organizations lists the organizations that a caller may see, by name.
func (s *Service) Organizations(who Caller, q Query) (Page, error) {
	filters, err := q.compile(organizationType)
	if err != nil {
		return Page{}, err
	}
	key, err := organizationSorts.keyOf(s, nil, q, func(b []byte, o *store.Organization) []byte { return sortKey(b, o.Name) })
	if err != nil {
		return Page{}, err
	}
	all := func(yield func(string, *store.Organization) bool) {
		for _, id := range s.store.Directory().Organizations() {
			if who.Role != store.TokenOperator && id != who.Organization {
				continue
			}
			if sn, ok := s.store.Snapshot(id); ok && !yield(id, sn.Organization) {
				return
			}
		}
	}
	picked, more, err := pick(all, key, q, filters)
	if err != nil {
		return Page{}, err
	}
	page := Page{Items: make([]any, len(picked))}
	for i, p := range picked {
		filled := Filled(p.record)
		page.Items[i] = &filled
	}
	if more {
		page.NextCursor = q.cursor(picked[len(picked)-1].place)
	}
	return page, nil
}

// Organization answers one.
func (s *Service) Organization(who Caller, id string) (*store.Organization, string, error) {
	sn, ok := s.store.Snapshot(id)
	if !ok || who.Role != store.TokenOperator && id != who.Organization {
		return nil, "", refuse(404, "no such organization")
	}
	filled := Filled(sn.Organization)
	return &filled, ETag(sn.Organization), nil
}

// CreateOrganization makes a tenant.
func (s *Service) CreateOrganization(ctx context.Context, by store.Author, raw []byte) (*store.Organization, string, error) {
	var o store.Organization
	if err := Decode(raw, &o); err != nil {
		return nil, "", err
	}
	if o.ID == "" {
		o.ID = store.NewID()
	}
	if by.Summary == "" {
		by.Summary = "create organization"
	}
	if _, err := s.store.CreateOrganization(ctx, by, o); err != nil {
		return nil, "", relativeTo(err, "organizations/"+o.ID)
	}
	return s.Organization(Caller{Role: store.TokenOperator}, o.ID)
}

// ChangeOrganization lays a merge patch over an organization.
func (s *Service) ChangeOrganization(ctx context.Context, who Caller, by store.Author, id string, raw []byte, ifMatch string) (*store.Organization, string, error) {
	if _, _, err := s.Organization(who, id); err != nil {
		return nil, "", err
	}
	patch, err := parse(raw)
	if err != nil {
		return nil, "", err
	}
	m, ok := patch.(map[string]any)
	if !ok {
		return nil, "", invalid("", "want an object")
	}
	var e InputError
	if checkShape(m, organizationType, "", &e); len(e.Fields) > 0 {
		return nil, "", &e
	}
	if named, given := m["id"]; given && named != id {
		return nil, "", invalid("id", "cannot be changed")
	}
	if by.Summary == "" {
		by.Summary = "change organization"
	}
	_, err = s.store.Update(ctx, id, by, func(e *store.Edit) error {
		old := e.Organization.Get()
		if !matchesETag(ifMatch, func() string { return ETag(old) }) {
			return ErrStale
		}
		value, err := asValue(old)
		if err != nil {
			return err
		}
		var o store.Organization
		if err := decodeValue(merge(value, emptyLists(m, organizationType)), "", &o); err != nil {
			return err
		}
		o.Meta = old.Meta
		if err := e.Organization.Put(o); err != nil {
			return err
		}
		return holdOperators(e, who)
	})
	if err != nil {
		return nil, "", relativeTo(err, "organizations/"+id)
	}
	return s.Organization(who, id)
}

// holdOperators leaves to operators what reaches beyond an organization. Requests
// go by their domain, and one that nobody has goes to the default organization:
// who took the name or the address by which another's phones know the exchange
// would get their registrations and calls. And who may have things delivered to
// private networks reaches what the exchange reaches there.
func holdOperators(e *store.Edit, who Caller) error {
	now, was := e.Organization.Get(), e.Base().Organization
	switch {
	case who.Role == store.TokenOperator:
	case now.Domain != was.Domain:
		return onlyOperators("domain")
	case !slices.Equal(now.PrivateDestinations, was.PrivateDestinations):
		return onlyOperators("private_destinations")
	}
	return nil
}

func onlyOperators(field string) error {
	return &Refusal{Status: 403, Field: field, Detail: store.Say("%s: only an operator changes it", field)}
}

// DeleteOrganization takes a tenant away with everything that it has. What was
// delivered to a disk, below deliveries/, is the archive that somebody asked for: it
// stays, as what went to a server does.
func (s *Service) DeleteOrganization(ctx context.Context, by store.Author, id, ifMatch string, confirm bool) error {
	o, etag, err := s.Organization(Caller{Role: store.TokenOperator}, id)
	if err != nil {
		return err
	}
	if !matchesETag(ifMatch, func() string { return etag }) {
		return ErrStale
	}
	if !confirm {
		return refuse(409, "deleting organization %q removes all its users, numbers, registrations and calls, its recordings, messages and "+
			"audio files; what was delivered stays where it is, below deliveries/%s on the disk, too; repeat with ?confirm=true", o.Name, id)
	}
	if s.live != nil && len(s.live.ActiveCalls(id)) > 0 {
		return refuse(409, "the organization has calls that are up")
	}
	if by.Summary == "" {
		by.Summary = "delete organization"
	}
	files, err := s.deleteOrganization(ctx, by, id)
	if err != nil {
		return err
	}
	s.log.Info("an organization is deleted", "organization", id, "files", len(files))
	return nil
}

// deleteOrganization removes the records, and then the files, which the next start
// or the next hour does where this does not come to it.
func (s *Service) deleteOrganization(ctx context.Context, by store.Author, id string) (files []string, err error) {
	s.sounds.Lock() // the files could be later uploads'
	defer s.sounds.Unlock()
	if _, files, err = s.store.DeleteOrganization(ctx, by, id); err != nil {
		return nil, err
	}
	s.forgetOrders(id)
	// Whoever asked may have left: it is deleted all the same.
	if err := removeMany(context.WithoutCancel(ctx), s.store, s.data, s.log, files); err != nil {
		s.log.Error("files of an organization that was deleted are there still; it is tried again", "organization", id, "err", err)
	}
	return files, nil
}
