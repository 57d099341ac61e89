package store

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A user's extension is no field of its own: it is the first internal number of
// the user's application line, else of the oldest line that has one. Writing the
// field writes that.

// linesNow lists a user's contact methods as the edit has left them, oldest
// first.
func (e *Edit) linesNow(userID string) []*ContactMethod {
	if e.lineIDs == nil {
		e.lineIDs = map[string][]string{}
		for id := range e.ContactMethods.touched {
			if line, ok := e.ContactMethods.Get(id); ok {
				e.lineIDs[line.UserID] = append(e.lineIDs[line.UserID], id)
			}
		}
	}
	var out []*ContactMethod
	for _, old := range e.base.LinesOf(userID) {
		if _, touched := e.ContactMethods.touched[old.ID]; touched && slices.Contains(e.lineIDs[userID], old.ID) {
			continue
		}
		if line, ok := e.ContactMethods.Get(old.ID); ok && line.UserID == userID {
			out = append(out, line)
		}
	}
	for _, id := range e.lineIDs[userID] {
		if line, ok := e.ContactMethods.Get(id); ok && line.UserID == userID {
			out = append(out, line)
		}
	}
	slices.SortFunc(out, func(a, b *ContactMethod) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return out
}

// leadLine is the line that carries a user's extension, or would.
func leadLine(lines []*ContactMethod) *ContactMethod {
	for _, line := range lines {
		if line.Kind == KindApp {
			return line
		}
	}
	var first *ContactMethod
	for _, line := range lines {
		if !line.IsLine() {
			continue
		}
		if len(line.Inbound.InternalNumbers) > 0 {
			return line
		}
		if first == nil {
			first = line
		}
	}
	return first
}

// extensionOf is the extension that lines, oldest first, give their user.
func extensionOf(lines []*ContactMethod) string {
	for _, line := range lines {
		if line.Kind == KindApp && len(line.Inbound.InternalNumbers) > 0 {
			return line.Inbound.InternalNumbers[0]
		}
	}
	for _, line := range lines {
		if line.IsLine() && len(line.Inbound.InternalNumbers) > 0 {
			return line.Inbound.InternalNumbers[0]
		}
	}
	return ""
}

// spreadExtensions carries an extension that was written to a user over to the
// user's line.
func (e *Edit) spreadExtensions() error {
	for _, id := range e.Users.ids() {
		u, ok := e.Users.Get(id)
		if !ok || u.Extension == "" {
			continue
		}
		old, had := e.Users.base.Get(id)
		if had && old.Extension == u.Extension {
			continue
		}
		record := inUsers + "/" + id
		if !isDigits(u.Extension, 1, 6) {
			return invalid(record, "extension", "must be 1 to 6 digits")
		}
		lines := e.linesNow(id)
		if extensionOf(lines) == u.Extension {
			continue
		}
		lead := leadLine(lines)
		if lead == nil {
			return invalid(record, "extension", "the user has no line that could carry it")
		}
		// A line that was given other numbers in the same edit disagrees.
		if was, ok := e.ContactMethods.base.Get(lead.ID); len(lead.Inbound.InternalNumbers) > 0 &&
			(!ok || !slices.Equal(was.Inbound.InternalNumbers, lead.Inbound.InternalNumbers)) {
			other := inContactMethods + "/" + lead.ID
			return conflicting(record, "extension", Say("%s is not the first internal number of %s", u.Extension, other), other)
		}
		e.needExtension = slices.DeleteFunc(e.needExtension, func(line string) bool { return line == lead.ID })
		e.ContactMethods.modify(lead.ID, func(m *ContactMethod) {
			list := less(m.Inbound.InternalNumbers, u.Extension)
			if len(list) > 0 && len(list) == len(m.Inbound.InternalNumbers) {
				list = list[1:] // the former extension goes
			}
			m.Inbound.InternalNumbers = append([]string{u.Extension}, list...)
		})
	}
	return nil
}

// assignExtensions gives each new application line that named no internal number
// the lowest one that is free. owners are the numbers that the edit has moved.
func (e *Edit) assignExtensions(owners map[string]Owner) error {
	org := e.Organization.now
	low, high, ok := org.extensions()
	if !ok {
		return nil // checkOrganization says so
	}
	codes := map[string]bool{}
	if len(e.needExtension) > 0 {
		for _, f := range e.FeatureCodes.All() {
			codes[f.Code] = true
		}
	}
	next := low
	for _, id := range e.needExtension {
		if _, ok := e.ContactMethods.Get(id); !ok {
			continue
		}
		for ; next <= high; next++ {
			digits := strconv.Itoa(next)
			owner, moved := owners[digits]
			if !moved {
				if held, ok := e.base.InternalNumberByDigits(digits); ok {
					owner = held.Owner
				}
			}
			if (owner.Kind == "" || owner.Kind == OwnerNone) && !codes[digits] && !org.IsEmergency(digits) {
				break
			}
		}
		if next > high {
			return conflicting(inContactMethods+"/"+id, "inbound.internal_numbers",
				Say("no number of the extension range %s is free", org.ExtensionRange))
		}
		e.giveInternalNumber("", strconv.Itoa(next), Owner{Kind: OwnerNone}, Owner{OwnerContactMethod, id})
		next++
	}
	return nil
}

// deriveExtensions brings the field of every user that the edit touched, itself
// or through a line, up to date.
func (e *Edit) deriveExtensions() {
	e.lineIDs = nil // settling touched more lines
	affected := map[string]bool{}
	for id := range e.Users.touched {
		affected[id] = true
	}
	for id := range e.ContactMethods.touched {
		if old, ok := e.ContactMethods.base.Get(id); ok {
			affected[old.UserID] = true
		}
		if line, ok := e.ContactMethods.Get(id); ok {
			affected[line.UserID] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(affected)) {
		u, ok := e.Users.Get(id)
		if !ok {
			continue
		}
		if ext := extensionOf(e.linesNow(id)); ext != u.Extension {
			e.Users.modify(id, func(u *User) { u.Extension = ext })
		}
	}
}
