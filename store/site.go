package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// A Site is a configuration in the form of `strowger apply`: the records of each
// collection that the file names, nil for one that it does not. A record is
// whole: a field that is not given gets its default, a secret that is not given
// stays, and so do numbers that a line, or an owner that a number, says nothing
// of.
type Site struct {
	Organizations   []Organization   `json:"organizations,omitzero"`
	Users           []User           `json:"users,omitzero"`
	ContactMethods  []ContactMethod  `json:"contact_methods,omitzero"`
	Numbers         []Number         `json:"numbers,omitzero"`
	InternalNumbers []InternalNumber `json:"internal_numbers,omitzero"`
	Trunks          []Trunk          `json:"trunks,omitzero"`
	Devices         []Device         `json:"devices,omitzero"`
	AppDevices      []AppDevice      `json:"app_devices,omitzero"`
	TimeSchedules   []TimeSchedule   `json:"time_schedules,omitzero"`
	AudioFiles      []AudioFile      `json:"audio_files,omitzero"`
	DeliveryMethods []DeliveryMethod `json:"delivery_methods,omitzero"`
	FeatureCodes    []FeatureCode    `json:"feature_codes,omitzero"`
	CallFlows       []CallFlow       `json:"call_flows,omitzero"`
	Tokens          []Token          `json:"tokens,omitzero"`
	Plans           []Plan           `json:"plans,omitzero"`
}

// ParseSite reads a site from JSON. A field that there is not is refused by its
// name.
func ParseSite(data []byte) (*Site, error) {
	site := new(Site)
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(site); err != nil {
		return nil, siteError(data, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("there is more after the end of the object: %w", ErrInvalid)
	}
	// User decodes itself, and so does not hear that unknown fields are refused.
	var strict struct {
		Users []json.RawMessage `json:"users"`
	}
	if err := json.Unmarshal(data, &strict); err != nil {
		return nil, siteError(data, err)
	}
	for _, raw := range strict.Users {
		u := json.NewDecoder(bytes.NewReader(raw))
		u.DisallowUnknownFields()
		if err := u.Decode(new(plainUser)); err != nil {
			return nil, siteError(data, err)
		}
	}
	return site, nil
}

// siteError says where in the text, in the words of the text.
func siteError(data []byte, err error) error {
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: %w: %w", line(data, syntax.Offset), err, ErrInvalid)
	case errors.As(err, &typ):
		return fmt.Errorf("line %d: %s: %s is not what belongs there: %w", line(data, typ.Offset), strings.ReplaceAll(typ.Field, ".Meta", ""), typ.Value, ErrInvalid)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return fmt.Errorf("there is no field %s: %w", name, ErrInvalid)
	}
	return fmt.Errorf("%w: %w", err, ErrInvalid)
}

func line(data []byte, offset int64) int {
	return 1 + bytes.Count(data[:min(offset, int64(len(data)))], []byte("\n"))
}

// ApplySite makes the configuration of an organization what a site says, as one
// revision: it creates what is new and changes what differs; with prune it also
// deletes what the collections that the site names do not have. With dryRun
// nothing is saved, and the Changes of the answer are what would be done.
func (st *Store) ApplySite(ctx context.Context, org string, by Author, site *Site, prune, dryRun bool) (Revision, error) {
	edit := st.Update
	if dryRun {
		edit = st.Try
	}
	return edit(ctx, org, by, func(e *Edit) error { return e.Apply(site, prune) })
}

// Overlay lays a site over a snapshot without saving anything: a draft. Secrets
// in it are ignored.
func Overlay(s *Snapshot, site *Site) (*Snapshot, error) {
	e := newEdit(s, s.Organization.UpdatedAt, nil)
	if err := e.Apply(site, false); err != nil {
		return nil, err
	}
	return e.check()
}

// Draft is an organization with nothing in it, saved nowhere: what Overlay makes
// a configuration from that never was in a store.
func Draft(o Organization) (*Snapshot, error) {
	if o.ID == "" {
		o.ID = DefaultOrganization
	}
	e := newEdit(&Snapshot{Organization: &Organization{Meta: Meta{ID: o.ID}}}, time.Time{}, nil)
	if err := e.Organization.Put(o); err != nil {
		return nil, err
	}
	return e.check()
}

// Apply does to the edit what Store.ApplySite does.
func (e *Edit) Apply(site *Site, prune bool) error {
	for _, o := range site.Organizations {
		if err := e.Organization.Put(o); err != nil {
			return err
		}
	}
	for _, apply := range []func() error{
		func() error { return applyAll(&e.TimeSchedules, site.TimeSchedules, prune) },
		func() error { return applyAll(&e.AudioFiles, site.AudioFiles, prune) },
		func() error { return applyAll(&e.DeliveryMethods, site.DeliveryMethods, prune) },
		func() error { return applyAll(&e.Plans, site.Plans, prune) },
		func() error { return applyAll(&e.Users, e.asInvited(site.Users), prune) },
		func() error { return applyAll(&e.ContactMethods, site.ContactMethods, prune) },
		func() error { return applyAll(&e.Trunks, site.Trunks, prune) },
		func() error { return applyAll(&e.Numbers, site.Numbers, prune) },
		func() error { return applyInternalNumbers(e, site.InternalNumbers, prune) },
		func() error { return applyAll(&e.Devices, site.Devices, prune) },
		func() error { return applyAll(&e.AppDevices, site.AppDevices, prune) },
		func() error { return applyAll(&e.FeatureCodes, site.FeatureCodes, prune) },
		func() error { return applyAll(&e.CallFlows, site.CallFlows, prune) },
		func() error { return applyTokens(e, site.Tokens, prune) },
	} {
		if err := apply(); err != nil {
			return err
		}
	}
	return nil
}

// asInvited are the users of a file with the invitations that they have by now, and
// with the address that is known to be theirs: what a file says of them is of the day
// that it was written.
func (e *Edit) asInvited(users []User) []User {
	users = slices.Clone(users) // nil stays nil: the file says nothing of users
	for i := range users {
		if now, ok := e.Users.Get(users[i].ID); ok {
			users[i].Invitation, users[i].EmailVerification = now.Invitation, now.EmailVerification
		}
	}
	return users
}

func applyAll[T any](ed *Editor[T], records []T, prune bool) error {
	if records == nil {
		return nil
	}
	named := make(map[string]bool, len(records))
	for i, r := range records {
		id := ed.kind.meta(&r).ID
		if id == "" {
			return invalid(at(ed.kind.name, i), "id", "must be given")
		}
		if named[id] {
			return invalid(ed.kind.name+"/"+id, "id", "is there twice")
		}
		named[id] = true
		if err := ed.Put(r); err != nil {
			return err
		}
	}
	if !prune {
		return nil
	}
	for id := range ed.base.All() {
		if !named[id] {
			if err := ed.Delete(id); err != nil {
				return err
			}
		}
	}
	return nil
}

// applyInternalNumbers leaves it to the lines which numbers go, for the records
// of those that lines name come by themselves: pruned is only what others have.
func applyInternalNumbers(e *Edit, records []InternalNumber, prune bool) error {
	records = slices.Clone(records)
	for i := range records {
		if records[i].ID == "" {
			records[i].ID = records[i].Number
		}
	}
	if err := applyAll(&e.InternalNumbers, records, false); err != nil || !prune || records == nil {
		return err
	}
	for id, n := range e.InternalNumbers.base.All() {
		named := slices.ContainsFunc(records, func(r InternalNumber) bool { return r.ID == id })
		if !named && n.Owner.Kind != OwnerContactMethod {
			if err := e.InternalNumbers.Delete(id); err != nil {
				return err
			}
		}
	}
	return nil
}

// applyTokens keeps what recognises a token that is there already: no answer has
// its hash, so that a file seldom does.
func applyTokens(e *Edit, records []Token, prune bool) error {
	records = slices.Clone(records)
	for i := range records {
		if old, ok := e.Tokens.Get(records[i].ID); ok && records[i].Hash == "" {
			records[i].Hash, records[i].Prefix = old.Hash, old.Prefix
		}
	}
	return applyAll(&e.Tokens, records, prune)
}

// Export is an organization in the form that Apply takes, without its secrets.
// Every collection is named.
func (s *Snapshot) Export() *Site {
	site := &Site{
		Organizations:   []Organization{*s.Organization},
		Users:           records(s.Users),
		ContactMethods:  records(s.ContactMethods),
		Numbers:         records(s.Numbers),
		InternalNumbers: records(s.InternalNumbers),
		Trunks:          records(s.Trunks),
		Devices:         records(s.Devices),
		AppDevices:      records(s.AppDevices),
		TimeSchedules:   records(s.TimeSchedules),
		AudioFiles:      records(s.AudioFiles),
		DeliveryMethods: records(s.DeliveryMethods),
		FeatureCodes:    records(s.FeatureCodes),
		CallFlows:       records(s.CallFlows),
		Tokens:          records(s.Tokens),
		Plans:           records(s.Plans),
	}
	for i := range site.Tokens {
		site.Tokens[i].Hash = ""
	}
	return site
}

func records[T any](t Table[T]) []T {
	out := make([]T, 0, t.Len())
	for _, r := range t.All() {
		out = append(out, *r)
	}
	return out
}
