package store

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"
)

// An Edit is a change of one organization under way. Nothing of it is seen by
// anyone until Update has found it valid and has it on disk.
type Edit struct {
	Organization    OrganizationEditor
	Users           Editor[User]
	ContactMethods  Editor[ContactMethod]
	Numbers         Editor[Number]
	InternalNumbers Editor[InternalNumber]
	Trunks          Editor[Trunk]
	Devices         Editor[Device]
	AppDevices      Editor[AppDevice]
	TimeSchedules   Editor[TimeSchedule]
	AudioFiles      Editor[AudioFile]
	DeliveryMethods Editor[DeliveryMethod]
	FeatureCodes    Editor[FeatureCode]
	CallFlows       Editor[CallFlow]
	Tokens          Editor[Token]
	Plans           Editor[Plan]

	// Faults is how many mistakes are looked for before the edit is refused, with
	// all of them joined; 0: the first.
	Faults int
	// Progress, if set, is told now and then how much is done of what follows the
	// edit; an error that it answers ends that, and nothing is saved.
	Progress func(part float64) error
	// Shown is how many changes the answer to the edit has, at most; 0: all.
	Shown int

	faults    []error
	work      int // records to go through after the edit, each as often as that is done
	done      int
	base      *Snapshot
	now       time.Time
	by        string // the user who makes it; empty: nobody of the organization
	vault     *vault // nil: a draft, whose secrets nobody needs
	revive    func(collection, id string) (Secret, bool)
	ops       []Op // of what is kept beside the records
	save      *save
	generated []GeneratedSecret
	// readdressed are the users with another email address.
	readdressed []AddressChange

	logins        map[string]string   // lower case to user, put in this edit
	photos        map[string]string   // of users, put in this edit
	needExtension []string            // new application lines without an internal number
	lineIDs       map[string][]string // of touched lines, by user
}

// Base is the organization as it was before the edit.
func (e *Edit) Base() *Snapshot { return e.base }

// Now is the time that the edit's records get.
func (e *Edit) Now() time.Time { return e.now }

// An Editor changes one collection.
type Editor[T any] struct {
	edit    *Edit
	kind    *kind[T]
	base    Table[T]
	table   Table[T]
	touched map[string]secretInput // put or deleted
}

// Get finds a record as the edit has left it. To change it, Put a changed copy.
func (ed *Editor[T]) Get(id string) (*T, bool) { return ed.table.Get(id) }

// All goes through the records as the edit has left them, in ascending order
// of their ids. The edit may go on meanwhile.
func (ed *Editor[T]) All() iter.Seq2[string, *T] { return ed.table.All() }

// Len is how many records there are.
func (ed *Editor[T]) Len() int { return ed.table.Len() }

// Put creates or replaces a record. It gets an id when it has none (take one
// from NewID to know it), keeps its creation time, and gets the default of
// each field that is not given. A write-only field that is empty keeps its
// value. A list of numbers that is nil keeps its numbers; one that is empty
// gives them back.
func (ed *Editor[T]) Put(r T) error {
	m := ed.kind.meta(&r)
	if m.ID == "" {
		m.ID = ed.newID(&r)
	} else if !validID(m.ID) {
		return invalid(ed.kind.name+"/"+m.ID, "id", idRule)
	}
	if old, ok := ed.base.Get(m.ID); ok {
		m.CreatedAt = ed.kind.meta(old).CreatedAt
	} else if m.CreatedAt.IsZero() {
		m.CreatedAt = ed.edit.now
	}
	var in secretInput
	if ed.kind.secret != nil {
		in = ed.kind.secret.take(&r).over(ed.touched[m.ID])
	}
	ed.kind.fill(ed.edit, &r)
	ed.touched[m.ID] = in
	ed.table = ed.table.with(m.ID, &r)
	return nil
}

// newID is a random id, but for an internal number, which is its own.
func (ed *Editor[T]) newID(r *T) string {
	if n, ok := any(r).(*InternalNumber); ok && validID(n.Number) {
		if held, ok := ed.edit.base.InternalNumberByDigits(n.Number); ok {
			return held.ID
		}
		return n.Number
	}
	return NewID()
}

// Delete removes a record. Whether something still names it is looked at when
// the whole edit is known.
func (ed *Editor[T]) Delete(id string) error {
	if _, ok := ed.table.Get(id); !ok {
		return notFound(ed.kind.name, id)
	}
	ed.touched[id] = secretInput{}
	ed.table = ed.table.without(id)
	return nil
}

// modify changes a record for a reason that lies in another record.
func (ed *Editor[T]) modify(id string, change func(*T)) {
	r, ok := ed.table.Get(id)
	if !ok {
		return
	}
	copied := *r
	change(&copied)
	if _, ok := ed.touched[id]; !ok {
		ed.touched[id] = secretInput{}
	}
	ed.table = ed.table.with(id, &copied)
}

// An OrganizationEditor changes the organization's own record.
type OrganizationEditor struct {
	edit    *Edit
	now     *Organization
	given   bool
	secrets [len(ownSecrets)]string // what is given of them
}

// Get is the record as the edit has left it.
func (ed *OrganizationEditor) Get() *Organization { return ed.now }

// Put replaces the record. Its id and realm cannot change.
func (ed *OrganizationEditor) Put(o Organization) error {
	old := ed.edit.base.Organization
	if o.ID != "" && o.ID != old.ID {
		return invalid(inOrganizations+"/"+o.ID, "id", "is not the organization being changed, %s", old.ID)
	}
	if o.Realm != "" && old.Realm != "" && o.Realm != old.Realm {
		return invalid(inOrganizations+"/"+old.ID, "realm", "is fixed at creation")
	}
	o.ID, o.CreatedAt = old.ID, old.CreatedAt
	if old.Realm != "" {
		o.Realm = old.Realm
	}
	for i, k := range ownSecrets {
		if text := k.text(&o); *text != "" {
			ed.secrets[i], *text = *text, ""
		}
	}
	fillOrganization(ed.edit, &o)
	ed.now, ed.given = &o, true
	return nil
}

// newEdit begins an edit of an organization.
func newEdit(base *Snapshot, now time.Time, v *vault) *Edit {
	e := &Edit{base: base, now: now.UTC().Truncate(time.Millisecond), vault: v, logins: map[string]string{}}
	e.Organization = OrganizationEditor{edit: e, now: base.Organization}
	begin(e, &e.Users, users)
	begin(e, &e.ContactMethods, contactMethods)
	begin(e, &e.Numbers, numbers)
	begin(e, &e.InternalNumbers, internalNumbers)
	begin(e, &e.Trunks, trunks)
	begin(e, &e.Devices, devices)
	begin(e, &e.AppDevices, appDevices)
	begin(e, &e.TimeSchedules, timeSchedules)
	begin(e, &e.AudioFiles, audioFiles)
	begin(e, &e.DeliveryMethods, deliveryMethods)
	begin(e, &e.FeatureCodes, featureCodes)
	begin(e, &e.CallFlows, callFlows)
	begin(e, &e.Tokens, tokens)
	begin(e, &e.Plans, plans)
	return e
}

func begin[T any](e *Edit, ed *Editor[T], k *kind[T]) {
	t := *k.table(e.base)
	*ed = Editor[T]{edit: e, kind: k, base: t, table: t, touched: map[string]secretInput{}}
}

// An editor is an Editor of any collection.
type editor interface {
	normalize() error
	leaveAll(*Snapshot)
	enterAll(*Snapshot) error
	checkDeleted(*Snapshot) error
	checkAll(*Snapshot) error
	record(next *Snapshot) error
	delete(id string) error
	verify(s *Snapshot, found func(error))
	putState(was State) error
	name() string
	size() int
}

func (e *Edit) editors() []editor {
	return []editor{
		&e.Users, &e.ContactMethods, &e.Numbers, &e.InternalNumbers, &e.Trunks, &e.Devices, &e.AppDevices,
		&e.TimeSchedules, &e.AudioFiles, &e.DeliveryMethods, &e.FeatureCodes, &e.CallFlows, &e.Tokens, &e.Plans,
	}
}

// check brings into line what follows from the edit, and checks it all. It answers the
// next snapshot, which is the base when nothing changed.
func (e *Edit) check() (*Snapshot, error) {
	e.readdress()
	if err := e.signOutApps(); err != nil {
		return nil, err
	}
	if err := e.reconcile(); err != nil {
		return nil, err
	}
	next := *e.base
	all := e.editors()
	e.work = 5 * e.size() // normalized, entered, checked, recorded, brought into place
	for _, ed := range all {
		if err := ed.normalize(); err != nil {
			return nil, err
		}
	}
	organizationChanged := e.normalizeOrganization(&next)
	if !organizationChanged && e.size() == 0 {
		return e.base, nil
	}
	for _, ed := range all {
		ed.leaveAll(&next)
	}
	for _, ed := range all {
		if err := ed.enterAll(&next); err != nil {
			return nil, err
		}
	}
	for _, ed := range all {
		if err := ed.checkDeleted(&next); err != nil {
			return nil, err
		}
	}
	if organizationChanged {
		c := &checker{edit: e, s: &next, path: "organizations/" + next.Organization.ID}
		if checkOrganization(c, next.Organization); c.err != nil {
			return nil, c.err
		}
	}
	for _, ed := range all {
		if err := ed.checkAll(&next); err != nil {
			return nil, err
		}
	}
	if len(e.faults) > 0 {
		return nil, errors.Join(e.faults...)
	}
	if err := e.checkSeats(&next); err != nil {
		return nil, err
	}
	if err := e.checkOnDemand(&next); err != nil {
		return nil, err
	}
	return &next, nil
}

// record notes what a checked edit does.
func (e *Edit) record(next *Snapshot, s *save) error {
	e.save = s
	for _, op := range e.ops {
		if err := s.op(op); err != nil {
			return err
		}
	}
	if next.Organization != e.base.Organization {
		if err := e.recordOrganization(next); err != nil {
			return err
		}
	}
	for _, ed := range e.editors() {
		if err := ed.record(next); err != nil {
			return err
		}
	}
	if err := e.bill(next, &s.rev); err != nil {
		return err
	}
	s.rev.Generated, s.rev.Readdressed = e.generated, e.readdressed
	return nil
}

// fault notes a mistake, and answers the error that refuses the edit once there
// are enough.
func (e *Edit) fault(err error) error {
	if e.Faults == 0 {
		return err
	}
	if e.faults = append(e.faults, err); len(e.faults) >= e.Faults {
		return errors.Join(e.faults...)
	}
	return nil
}

// size is how many records the edit touches.
func (e *Edit) size() (n int) {
	for _, ed := range e.editors() {
		n += ed.size()
	}
	return n
}

// step tells of progress, each so many records.
func (e *Edit) step() error {
	const often = 1000
	if e.done++; e.Progress == nil || e.done%often != 0 {
		return nil
	}
	return e.Progress(min(1, float64(e.done)/float64(max(e.work, 1))))
}

func (ed *Editor[T]) name() string { return ed.kind.name }

func (ed *Editor[T]) size() int { return len(ed.touched) }

func (ed *Editor[T]) delete(id string) error { return ed.Delete(id) }

func (ed *Editor[T]) putState(was State) error {
	var r T
	if err := was.read(&r, func(c *codec) { ed.kind.fields(&r, c) }); err != nil {
		return err
	}
	m := ed.kind.meta(&r)
	m.ID = strings.Clone(m.ID) // which outlives the text that it was read from
	return ed.Put(r)
}

// ids are the touched records' in a fixed order.
func (ed *Editor[T]) ids() []string { return slices.Sorted(maps.Keys(ed.touched)) }

// normalize brings each touched record into the form that loading it would
// give, and forgets those that are as they were.
func (ed *Editor[T]) normalize() error {
	k := ed.kind
	ids := ed.ids()
	var room []T // as when they are loaded: records that stay lie beside each other
	var copied T
	for i, id := range ids {
		if err := ed.edit.step(); err != nil {
			return err
		}
		r, ok := ed.table.Get(id)
		old, had := ed.base.Get(id)
		if !ok {
			if !had {
				delete(ed.touched, id)
			}
			continue
		}
		copied = *r
		m := k.meta(&copied)
		m.CreatedAt = m.CreatedAt.UTC().Truncate(time.Millisecond)
		if had {
			if !k.moved(old, &copied) {
				ed.touched[id] = ed.news(id)
			}
			m.UpdatedAt = k.meta(old).UpdatedAt
			if bytes.Equal(k.encode(old), k.encode(&copied)) {
				ed.table = ed.table.with(id, old)
				if ed.touched[id] == (secretInput{}) {
					delete(ed.touched, id)
					continue
				}
			}
		}
		m.UpdatedAt = ed.edit.now
		if len(room) == 0 {
			room = make([]T, min(roomFor, len(ids)-i))
		}
		var stored *T
		stored, room = &room[0], room[1:]
		if !k.decode(stored, k.encode(&copied)) {
			return fmt.Errorf("%s/%s cannot be stored: %w", k.name, id, ErrInvalid)
		}
		ed.table = ed.table.with(id, stored)
	}
	return nil
}

func (k *kind[T]) encode(r *T) []byte {
	return encode(func(c *codec) { k.fields(r, c) })
}

func (k *kind[T]) decode(r *T, data []byte) bool {
	return decode(string(data), func(c *codec) { k.fields(r, c) })
}

// record is what encodes to data.
func (k *kind[T]) record(data []byte) (any, bool) {
	r := new(T)
	return r, k.decode(r, data)
}

func (ed *Editor[T]) leaveAll(next *Snapshot) {
	for id := range ed.touched {
		if old, ok := ed.base.Get(id); ok {
			ed.kind.leave(next, old)
		}
	}
	*ed.kind.table(next) = ed.table
}

func (ed *Editor[T]) enterAll(next *Snapshot) error {
	for _, id := range ed.ids() {
		if err := ed.edit.step(); err != nil {
			return err
		}
		if r, ok := ed.table.Get(id); ok {
			if err := ed.kind.enter(next, r); err != nil {
				if err = ed.edit.fault(err); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// checkDeleted refuses to delete what is still named.
func (ed *Editor[T]) checkDeleted(next *Snapshot) error {
	for _, id := range ed.ids() {
		if _, ok := ed.table.Get(id); ok {
			continue
		}
		if old, had := ed.base.Get(id); had {
			if err := stillNamed(next, ed.kind, old); err != nil {
				return err
			}
		}
	}
	return nil
}

func (ed *Editor[T]) checkAll(next *Snapshot) error {
	for _, id := range ed.ids() {
		if err := ed.edit.step(); err != nil {
			return err
		}
		path := ed.kind.name + "/" + id
		r, ok := ed.table.Get(id)
		if !ok {
			continue
		}
		c := &checker{edit: ed.edit, s: next, path: path}
		ed.kind.check(c, r)
		if c.err == nil {
			continue
		}
		if err := ed.edit.fault(c.err); err != nil {
			return err
		}
	}
	return nil
}

// record notes each change: for the revision, for the disk, and the secrets.
func (ed *Editor[T]) record(next *Snapshot) error {
	e, k := ed.edit, ed.kind
	org := next.Organization.ID
	for _, id := range ed.ids() {
		if err := e.step(); err != nil {
			return err
		}
		path := k.name + "/" + id
		r, ok := ed.table.Get(id)
		old, had := ed.base.Get(id)
		change := Change{Path: path}
		if had {
			change.Before = k.state(old, k.encode(old))
		}
		if !ok {
			change.Op = OpDelete
			if err := e.save.op(Op{Bucket: k.bucket, Key: recordKey(org, id)}); err != nil {
				return err
			}
			if err := e.dropSecret(next, k.name, id); err != nil {
				return err
			}
			for _, state := range k.states {
				if err := e.save.op(Op{Bucket: state, Key: recordKey(org, id)}); err != nil {
					return err
				}
			}
			e.save.change(change)
			continue
		}
		change.Op = OpUpdate
		if !had {
			change.Op = OpCreate
		}
		stored := k.encode(r)
		change.After = k.state(r, stored)
		if err := e.save.op(Op{Bucket: k.bucket, Key: recordKey(org, id), Value: stored}); err != nil {
			return err
		}
		if k.secret != nil {
			changed, err := ed.keepSecret(next, id, old, r)
			if err != nil {
				return err
			}
			change.Secret = changed
		}
		e.save.change(change)
	}
	return nil
}

func (e *Edit) normalizeOrganization(next *Snapshot) (changed bool) {
	if e.Organization.now == e.base.Organization {
		return false
	}
	o := *e.Organization.now
	o.UpdatedAt = e.base.Organization.UpdatedAt
	fresh := e.newOwnSecrets()
	if bytes.Equal(encode(e.base.Organization.fields), encode(o.fields)) && !fresh {
		return false
	}
	o.UpdatedAt = e.now
	stored := new(Organization)
	decode(string(encode(o.fields)), stored.fields)
	next.Organization = stored
	return true
}

func (e *Edit) recordOrganization(next *Snapshot) (err error) {
	stored := encode(next.Organization.fields)
	change := Change{Path: inOrganizations + "/" + next.Organization.ID, Op: OpUpdate, After: State{inOrganizations, stored}}
	if e.base.Organization.CreatedAt.IsZero() {
		change.Op = OpCreate
	} else {
		change.Before = State{inOrganizations, encode(e.base.Organization.fields)}
	}
	if change.Secret, err = e.keepOwnSecrets(next); err != nil {
		return err
	}
	e.save.change(change)
	return e.save.op(Op{Bucket: BucketOrganizations, Key: []byte(next.Organization.ID), Value: stored})
}

func recordKey(org, id string) []byte {
	key := make([]byte, 0, len(org)+1+len(id))
	key = append(key, org...)
	key = append(key, 0)
	return append(key, id...)
}

const idRule = "must be 1 to 64 of a-z, 0-9, '.', '_' and '-'"

func validID(id string) bool {
	if len(id) < 1 || len(id) > 64 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}
