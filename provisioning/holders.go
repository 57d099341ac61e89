package provisioning

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"strowger/store"
)

// holder is the record at a store path, "users/anna.time_schedule_id", by the name
// that people know it by.
func holder(sn *store.Snapshot, path, consequence string) Dependency {
	collection, rest, _ := strings.Cut(path, "/")
	d := Dependency{Collection: collection, ID: rest, Consequence: consequence}
	if collection == "organizations" {
		d.ID, d.Label = sn.Organization.ID, sn.Organization.Name
		d.Field = strings.TrimPrefix(rest, d.ID+".")
		return d
	}
	c, ok := FindCollection(collection)
	if !ok {
		return d
	}
	// An id may have dots of its own: the longest that there is.
	for id := rest; ; {
		if r, ok := c.kept(sn, id); ok {
			d.ID, d.Label = id, labelOf(r)
			if m, ok := r.(*store.ContactMethod); ok {
				d.UserID = m.UserID
			}
			d.Field = strings.TrimPrefix(rest[len(id):], ".")
			return d
		}
		dot := strings.LastIndexByte(id, '.')
		if dot < 0 {
			return d
		}
		id = id[:dot]
	}
}

// refusalOf says what stands against a change, and who, once each.
func refusalOf(sn *store.Snapshot, conflict *store.ConflictError, consequence string) *Refusal {
	r := &Refusal{Status: http.StatusConflict, Detail: spoken(sn, conflict.Error(), slices.Concat(conflict.Others, []string{conflict.Record}))}
	for _, path := range conflict.Others {
		if d := holder(sn, path, consequence); !slices.Contains(r.Dependencies, d) {
			r.Dependencies = append(r.Dependencies, d)
		}
	}
	return r
}

// spoken puts the names of records into a sentence of the store, which has their
// paths.
func spoken(sn *store.Snapshot, sentence string, paths []string) string {
	// The longest first: one may begin like another.
	slices.SortFunc(paths, func(a, b string) int { return len(b) - len(a) })
	for _, path := range paths {
		d := holder(sn, path, "")
		one := "organization"
		if c, ok := FindCollection(d.Collection); ok {
			one = c.One()
		}
		if d.Label == "" {
			continue
		}
		name := "the " + one + " " + d.Label
		if u, ok := sn.Users.Get(d.UserID); ok {
			name += " of " + fullName(u) // many have a "Desk"
		}
		sentence = strings.ReplaceAll(sentence, path, name)
	}
	return sentence
}

// named says a conflict by the names of the records in the way.
func named(sn *store.Snapshot, err error) error {
	var conflict *store.ConflictError
	if !errors.As(err, &conflict) {
		return err
	}
	said := *conflict
	said.Rule = spoken(sn, conflict.Rule, slices.Clone(conflict.Others))
	return &said
}

// labelOf is what people call a record; empty where it has no name.
func labelOf(record any) string {
	switch r := record.(type) {
	case *store.User:
		return fullName(r)
	case *store.ContactMethod:
		return lineLabel(r)
	case *store.Number:
		return r.E164
	case *store.InternalNumber:
		return r.Number
	case *store.Trunk:
		return r.Name
	case *store.Device:
		return deviceLabel(r)
	case *store.AppDevice:
		return r.Name
	case *store.TimeSchedule:
		return r.Name
	case *store.AudioFile:
		return r.Name
	case *store.DeliveryMethod:
		return r.Name
	case *store.FeatureCode:
		return r.Code
	case *store.CallFlow:
		return r.Name
	case *store.Plan:
		return r.Name
	case *store.Token:
		return r.Label
	}
	return ""
}
