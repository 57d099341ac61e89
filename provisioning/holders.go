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
func holder(sn *store.Snapshot, path string, consequence store.Words) Dependency {
	collection, rest, _ := strings.Cut(path, "/")
	d := Dependency{Collection: collection, ID: rest, Consequence: consequence.String(), Words: consequence}
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
				d.UserID, d.Kind = m.UserID, string(m.Kind)
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
func refusalOf(sn *store.Snapshot, conflict *store.ConflictError, consequence store.Words) *Refusal {
	r := &Refusal{Status: http.StatusConflict, Detail: spoken(sn, conflict.Sentence())}
	for _, path := range conflict.Others {
		if d := holder(sn, path, consequence); !slices.ContainsFunc(r.Dependencies, d.same) {
			r.Dependencies = append(r.Dependencies, d)
		}
	}
	return r
}

// spoken puts the names of records into a sentence of the store, which has their
// paths.
func spoken(sn *store.Snapshot, sentence store.Words) store.Words {
	sentence.Args = slices.Clone(sentence.Args)
	for i, arg := range sentence.Args {
		switch arg := arg.(type) {
		case store.Words:
			sentence.Args[i] = spoken(sn, arg)
		case string:
			sentence.Args[i] = called(sn, arg)
		}
	}
	return sentence
}

// called is the record at a path by its name, if it has one, and anything else as it
// is.
func called(sn *store.Snapshot, path string) any {
	if !strings.Contains(path, "/") {
		return path
	}
	d := holder(sn, path, store.Words{})
	if d.Label == "" {
		return path
	}
	one := store.Say("organization")
	if c, ok := FindCollection(d.Collection); ok {
		one = noun(c)
	}
	if u, ok := sn.Users.Get(d.UserID); ok {
		if d.Label == unnamedApp {
			return store.Say("the application line of %s", fullName(u))
		}
		return store.Say("the %s %s of %s", one, d.Label, fullName(u)) // many have a "Desk"
	}
	return store.Say("the %s %s", one, d.Label)
}

// named says what a rule or a conflict is about by the names of the records.
func named(sn *store.Snapshot, err error) error {
	var rule *store.ValidationError
	var conflict *store.ConflictError
	switch {
	case errors.As(err, &rule):
		said := *rule
		said.Rule, said.More = spoken(sn, rule.Rule), nil
		for _, one := range rule.More {
			other := *one
			other.Rule = spoken(sn, one.Rule)
			said.More = append(said.More, &other)
		}
		return &said
	case errors.As(err, &conflict):
		said := *conflict
		said.Rule = spoken(sn, conflict.Rule)
		return &said
	}
	return err
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

// unnamedApp is what an application line without a label is called: its address is one
// that nobody has chosen or seen.
const unnamedApp = "application line"

// lineLabel is what people call a contact method.
func lineLabel(m *store.ContactMethod) string {
	switch aor := m.AOR(); {
	case m.Label != "":
		return m.Label
	case m.Kind == store.KindApp:
		return unnamedApp
	case aor != "":
		return aor
	}
	return string(m.Kind)
}

func deviceLabel(d *store.Device) string {
	if d.Label != "" {
		return d.Label
	}
	return d.MAC
}
