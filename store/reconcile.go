package store

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A number and who has it are one truth that is written from two sides: the
// fields of lines, users and the company, and the owner of the number's record.
// reconcile looks at what each side changed in an edit, finds the one owner that
// follows, and brings the other side into line. Where the two sides, or two
// owners, ask for different things, the edit is refused.

// A stake is what an edit asks for one number.
type stake struct {
	adds   []claim        // who names it and did not before
	drops  map[Owner]bool // who named it and no longer does
	stated *claim         // what the number's own record says, when that changed
	said   *Owner         // what it says, changed or not, when it was put
}

type claim struct {
	owner  Owner
	record string // where it is written, for the error
	field  string
}

type stakes map[string]*stake

func (s stakes) of(number string) *stake {
	st := s[number]
	if st == nil {
		st = &stake{drops: map[Owner]bool{}}
		s[number] = st
	}
	return st
}

// side notes what one owner's field was and is; a field that is a list ends in
// [].
func (s stakes) side(owner Owner, record, field string, was, is []string) {
	for i, n := range is {
		if !slices.Contains(was, n) {
			one := field
			if list, ok := strings.CutSuffix(field, "[]"); ok {
				one = at(list, i)
			}
			s.of(n).adds = append(s.of(n).adds, claim{owner, record, one})
		}
	}
	for _, n := range was {
		if !slices.Contains(is, n) {
			s.of(n).drops[owner] = true
		}
	}
}

func at(field string, i int) string { return field + "[" + strconv.Itoa(i) + "]" }

// result is the one owner of a number that had an owner before.
func (st *stake) result(number string, before Owner) (Owner, error) {
	if st.stated != nil {
		for _, add := range st.adds {
			if add.owner != st.stated.owner {
				return Owner{}, conflict(add, number, st.stated.owner)
			}
		}
		return st.stated.owner, nil
	}
	for i, add := range st.adds {
		if i > 0 && add.owner != st.adds[0].owner {
			return Owner{}, conflict(add, number, st.adds[0].owner)
		}
	}
	if len(st.adds) > 0 {
		add := st.adds[0]
		if before.Kind != OwnerNone && before != add.owner && !st.drops[before] {
			return Owner{}, conflict(add, number, before)
		}
		return add.owner, nil
	}
	if st.drops[before] {
		return Owner{Kind: OwnerNone}, nil
	}
	return before, nil
}

func conflict(c claim, number string, owner Owner) error {
	if owner.Kind == OwnerNone {
		return conflicting(c.record, c.field, Say("%s is made nobody's by its own record in the same change", number))
	}
	return conflicting(c.record, c.field, Say("%s is already that of %s", number, owner.words()), owner.path())
}

// path names an owner as the API does.
func (o Owner) path() string {
	switch o.Kind {
	case OwnerContactMethod:
		return inContactMethods + "/" + o.ID
	case OwnerUser:
		return inUsers + "/" + o.ID
	case OwnerCallFlow:
		return inCallFlows + "/" + o.ID
	case OwnerCompany:
		return "the company"
	}
	return "nobody"
}

// words name an owner in a sentence.
func (o Owner) words() Words {
	switch o.Kind {
	case OwnerContactMethod, OwnerUser, OwnerCallFlow:
		return List(o.path())
	case OwnerCompany:
		return Say("the company")
	}
	return Say("nobody")
}

var company = Owner{Kind: OwnerCompany}

// reconcile runs before the checks; it leaves to them what a record may not be.
func (e *Edit) reconcile() error {
	if err := e.givePlans(); err != nil {
		return err
	}
	e.keepLists()
	if err := e.spreadExtensions(); err != nil {
		return err
	}
	if err := e.reconcileNumbers(); err != nil {
		return err
	}
	if err := e.reconcileInternalNumbers(); err != nil {
		return err
	}
	e.deriveExtensions()
	return nil
}

// keepLists gives a line that says nothing of its numbers those that it has. A
// new application line without any is remembered: it gets the lowest free one.
func (e *Edit) keepLists() {
	for _, id := range e.ContactMethods.ids() {
		line, ok := e.ContactMethods.Get(id)
		if !ok {
			continue
		}
		old, had := e.ContactMethods.base.Get(id)
		if line.Inbound.DIDNumbers == nil && had {
			e.ContactMethods.modify(id, func(m *ContactMethod) { m.Inbound.DIDNumbers = old.Inbound.DIDNumbers })
		}
		if line.Inbound.InternalNumbers == nil {
			if had {
				e.ContactMethods.modify(id, func(m *ContactMethod) { m.Inbound.InternalNumbers = old.Inbound.InternalNumbers })
			} else if line.Kind == KindApp {
				e.needExtension = append(e.needExtension, id)
			}
		}
	}
}

// reconcileNumbers is about DIDs: a line's did_numbers, a user's direct number, the
// company's main number, and call flows, which only the number's record knows.
func (e *Edit) reconcileNumbers() error {
	all := stakes{}
	for _, id := range e.ContactMethods.ids() {
		var was, is []string
		if old, ok := e.ContactMethods.base.Get(id); ok {
			was = old.Inbound.DIDNumbers
		}
		if line, ok := e.ContactMethods.Get(id); ok {
			is = line.Inbound.DIDNumbers
		}
		all.side(Owner{OwnerContactMethod, id}, inContactMethods+"/"+id, "inbound.did_numbers[]", was, is)
	}
	for _, id := range e.Users.ids() {
		var was, is []string
		if old, ok := e.Users.base.Get(id); ok {
			was = oneOrNone(old.DirectNumber)
		}
		if u, ok := e.Users.Get(id); ok {
			is = oneOrNone(u.DirectNumber)
		}
		all.side(Owner{OwnerUser, id}, inUsers+"/"+id, "direct_number", was, is)
	}
	all.side(company, inOrganizations+"/"+e.base.Organization.ID, "main_number",
		oneOrNone(e.base.Organization.MainNumber), oneOrNone(e.Organization.now.MainNumber))

	ids := map[string]string{} // of the records put in this edit, by number
	for _, id := range e.Numbers.ids() {
		n, ok := e.Numbers.Get(id)
		if !ok {
			continue
		}
		before := Owner{Kind: OwnerNone}
		if old, ok := e.Numbers.base.Get(id); ok {
			before = old.Owner
		}
		if n.Owner.Kind == "" {
			e.Numbers.modify(id, func(n *Number) { n.Owner = before })
		} else {
			said := n.Owner
			all.of(n.E164).said = &said
			if said != before {
				all.of(n.E164).stated = &claim{said, inNumbers + "/" + id, "owner"}
			}
		}
		ids[n.E164] = id
	}
	type move struct {
		number   string
		id       string
		from, to Owner
	}
	var moves []move
	for _, number := range slices.Sorted(maps.Keys(all)) {
		st := all[number]
		id, ok := ids[number]
		if !ok {
			held, found := e.base.NumberByE164(number)
			if !found {
				continue // checkContactMethod says so
			}
			id = held.ID
			if _, ok := e.Numbers.Get(id); !ok {
				continue // deleted in this edit
			}
		}
		before := Owner{Kind: OwnerNone}
		if old, ok := e.Numbers.base.Get(id); ok {
			before = old.Owner
		}
		after, err := st.result(number, before)
		if err != nil {
			return err
		}
		// A user or the company that says nothing has not let go of a number
		// whose own record, in the same edit, says that it is theirs.
		if after.Kind == OwnerNone && st.said != nil && *st.said == before && st.stated == nil && before.Kind != OwnerContactMethod && e.exists(before) {
			after = before
		}
		moves = append(moves, move{number, id, before, after})
	}
	for _, m := range moves {
		if m.from != m.to {
			e.release(m.from, m.number)
		}
	}
	for _, m := range moves {
		if n, _ := e.Numbers.Get(m.id); n.Owner != m.to {
			e.Numbers.modify(m.id, func(n *Number) { n.Owner = m.to })
		}
		e.take(m.to, m.number)
	}
	return nil
}

func oneOrNone(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func (e *Edit) exists(o Owner) bool {
	switch o.Kind {
	case OwnerUser:
		_, ok := e.Users.Get(o.ID)
		return ok
	case OwnerContactMethod:
		_, ok := e.ContactMethods.Get(o.ID)
		return ok
	case OwnerCallFlow:
		_, ok := e.CallFlows.Get(o.ID)
		return ok
	}
	return o.Kind == OwnerCompany
}

// release takes a DID out of its former owner's field.
func (e *Edit) release(o Owner, number string) {
	switch o.Kind {
	case OwnerContactMethod:
		if line, ok := e.ContactMethods.Get(o.ID); ok && slices.Contains(line.Inbound.DIDNumbers, number) {
			e.ContactMethods.modify(o.ID, func(m *ContactMethod) { m.Inbound.DIDNumbers = less(m.Inbound.DIDNumbers, number) })
		}
	case OwnerUser:
		if u, ok := e.Users.Get(o.ID); ok && u.DirectNumber == number {
			e.Users.modify(o.ID, func(u *User) { u.DirectNumber = "" })
		}
	case OwnerCompany:
		if e.Organization.now.MainNumber == number {
			e.Organization.modify(func(o *Organization) { o.MainNumber = "" })
		}
	}
}

// take puts a DID into its owner's field. Where another stands there,
// checkNumber refuses.
func (e *Edit) take(o Owner, number string) {
	switch o.Kind {
	case OwnerContactMethod:
		if line, ok := e.ContactMethods.Get(o.ID); ok && !slices.Contains(line.Inbound.DIDNumbers, number) {
			e.ContactMethods.modify(o.ID, func(m *ContactMethod) { m.Inbound.DIDNumbers = more(m.Inbound.DIDNumbers, number) })
		}
	case OwnerUser:
		if u, ok := e.Users.Get(o.ID); ok && u.DirectNumber == "" {
			e.Users.modify(o.ID, func(u *User) { u.DirectNumber = number })
		}
	case OwnerCompany:
		if e.Organization.now.MainNumber == "" {
			e.Organization.modify(func(o *Organization) { o.MainNumber = number })
		}
	}
}

func (ed *OrganizationEditor) modify(change func(*Organization)) {
	o := *ed.now
	change(&o)
	ed.now = &o
}

func less(list []string, s string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(e string) bool { return e == s })
}

func more(list []string, s string) []string { return append(slices.Clone(list), s) }

// reconcileInternalNumbers is about internal numbers: a line's internal_numbers and
// the records, which come and go by themselves.
func (e *Edit) reconcileInternalNumbers() error {
	all := stakes{}
	for _, id := range e.ContactMethods.ids() {
		var was, is []string
		if old, ok := e.ContactMethods.base.Get(id); ok {
			was = old.Inbound.InternalNumbers
		}
		if line, ok := e.ContactMethods.Get(id); ok {
			is = line.Inbound.InternalNumbers
		}
		all.side(Owner{OwnerContactMethod, id}, inContactMethods+"/"+id, "inbound.internal_numbers[]", was, is)
	}
	// A record's digits are looked up among those put in this edit, then before.
	ids := map[string]string{}
	nobody := Owner{Kind: OwnerNone}
	for _, id := range e.InternalNumbers.ids() {
		if _, ok := e.InternalNumbers.Get(id); ok {
			continue
		}
		// Deleting the record is saying that nobody has the number.
		if old, had := e.InternalNumbers.base.Get(id); had {
			all.of(old.Number).stated = &claim{nobody, inInternalNumbers + "/" + id, "owner"}
		}
	}
	for _, id := range e.InternalNumbers.ids() {
		n, ok := e.InternalNumbers.Get(id)
		if !ok {
			continue
		}
		before := nobody
		old, had := e.InternalNumbers.base.Get(id)
		if had {
			before = old.Owner
		}
		digits, owner := n.Number, n.Owner
		if digits == "" {
			if digits = id; had {
				digits = old.Number
			}
		}
		st := all.of(digits)
		if owner.Kind == "" {
			owner = before
		} else if owner != before {
			st.stated = &claim{owner, inInternalNumbers + "/" + id, "owner"}
		}
		e.InternalNumbers.modify(id, func(n *InternalNumber) { n.Number, n.Owner = digits, owner })
		ids[digits] = id
	}
	for _, user := range e.Users.ids() {
		if _, ok := e.Users.Get(user); !ok {
			e.dropsOfDeleted(all, Owner{OwnerUser, user})
		}
	}
	owners := map[string]Owner{} // what this edit makes of each number it speaks of
	for _, digits := range slices.Sorted(maps.Keys(all)) {
		id, ok := ids[digits]
		before := nobody
		held, found := e.base.InternalNumberByDigits(digits)
		if found {
			before = held.Owner
			if !ok {
				id = held.ID
			}
		}
		after, err := all[digits].result(digits, before)
		if err != nil {
			return err
		}
		if after == nobody && ok && !found {
			return invalid(inInternalNumbers+"/"+id, "owner", "must be given: an internal number is there only while something has it")
		}
		e.giveInternalNumber(id, digits, before, after)
		owners[digits] = after
	}
	return e.assignExtensions(owners)
}

// dropsOfDeleted finds the internal numbers of a user who is deleted. A user has
// no field for them, so the records are looked through; deleting is rare.
func (e *Edit) dropsOfDeleted(all stakes, owner Owner) {
	for _, n := range e.base.InternalNumbers.All() {
		if n.Owner == owner {
			all.of(n.Number).drops[owner] = true
		}
	}
}

// giveInternalNumber brings both sides to the one owner.
func (e *Edit) giveInternalNumber(id, digits string, before, after Owner) {
	if before != after && before.Kind == OwnerContactMethod {
		if line, ok := e.ContactMethods.Get(before.ID); ok && slices.Contains(line.Inbound.InternalNumbers, digits) {
			e.ContactMethods.modify(before.ID, func(m *ContactMethod) { m.Inbound.InternalNumbers = less(m.Inbound.InternalNumbers, digits) })
		}
	}
	if after.Kind == OwnerNone {
		if _, ok := e.InternalNumbers.Get(id); ok {
			e.InternalNumbers.Delete(id)
		}
		return
	}
	if n, ok := e.InternalNumbers.Get(id); ok {
		if n.Owner != after {
			e.InternalNumbers.modify(id, func(n *InternalNumber) { n.Owner = after })
		}
	} else {
		id = digits
		if _, taken := e.InternalNumbers.Get(id); taken || !validID(id) {
			id = NewID()
		}
		n := InternalNumber{Meta: Meta{ID: id, CreatedAt: e.now}, Number: digits, Owner: after}
		if old, ok := e.InternalNumbers.base.Get(id); ok {
			n.CreatedAt = old.CreatedAt
		}
		e.InternalNumbers.touched[id] = secretInput{}
		e.InternalNumbers.table = e.InternalNumbers.table.with(id, &n)
	}
	if after.Kind == OwnerContactMethod {
		if line, ok := e.ContactMethods.Get(after.ID); ok && !slices.Contains(line.Inbound.InternalNumbers, digits) {
			e.ContactMethods.modify(after.ID, func(m *ContactMethod) { m.Inbound.InternalNumbers = more(m.Inbound.InternalNumbers, digits) })
		}
	}
}
