package provisioning

import (
	"errors"
	"strings"
	"time"

	"strowger/store"
)

// A FieldError is one mistake in what an administrator sent, and where it is.
type FieldError struct {
	Field  string      `json:"field"`
	Detail string      `json:"detail"`
	Words  store.Words `json:"words,omitzero"` // for another language
}

// Fault says what is wrong with a field.
func Fault(field, format string, args ...any) FieldError {
	return FaultOf(field, store.Say(format, args...))
}

// FaultOf does it in the words of who looked.
func FaultOf(field string, w store.Words) FieldError { return FieldError{field, w.String(), w} }

// FaultsOf are all mistakes of a record, where name says what its fields are called.
func FaultsOf(wrong *store.ValidationError, name func(record, field string) string) []FieldError {
	var all []FieldError
	for _, one := range wrong.All() {
		all = append(all, FaultOf(name(one.Record, one.Field), one.Rule))
	}
	return all
}

// An InputError says what is wrong with a body, a file or a parameter. It has
// at least one [FieldError].
type InputError struct {
	Fields []FieldError
	// Malformed: it could not even be read (HTTP 400 and not 422).
	Malformed bool
}

func (e *InputError) Error() string {
	all := make([]string, 0, len(e.Fields))
	for _, f := range e.Fields {
		if f.Field == "" {
			all = append(all, f.Detail)
			continue
		}
		all = append(all, f.Field+": "+f.Detail)
	}
	return strings.Join(all, "; ")
}

func invalid(field, format string, args ...any) error {
	return &InputError{Fields: []FieldError{Fault(field, format, args...)}}
}

func malformed(format string, args ...any) error {
	return &InputError{Fields: []FieldError{Fault("", format, args...)}, Malformed: true}
}

// A Refusal is an error with the words for whoever asked. Cause is for our log
// and never leaves the machine.
type Refusal struct {
	Status int // HTTP
	Detail store.Words
	Field  string // at fault, if one is
	// Need is what the request must bring to get on: a code, the organization, a
	// new password. Empty: nothing would help.
	Need string
	// RetryAfter is when it may be tried again; 0: nothing is said of it.
	RetryAfter time.Duration
	// Dependencies say what stands in the way, or what would go too.
	Dependencies []Dependency
	Cause        error
}

func (e *Refusal) Error() string { return e.Detail.String() }
func (e *Refusal) Unwrap() error { return e.Cause }

func refuse(status int, format string, args ...any) error {
	return &Refusal{Status: status, Detail: store.Say(format, args...)}
}

var (
	// ErrStale says that the record changed since the caller read it.
	ErrStale = errors.New("the record has changed since it was read")
	// ErrNoOrganization says that there is no such organization.
	ErrNoOrganization = errors.New("no such organization")
)

// A Dependency is something that refers to a record, and what a delete of that
// record means for it.
type Dependency struct {
	Collection  string      `json:"collection"`
	ID          string      `json:"id"`
	Label       string      `json:"label,omitempty"`
	UserID      string      `json:"user_id,omitempty"` // whose contact method it is
	Kind        string      `json:"kind,omitempty"`    // and of which kind
	Field       string      `json:"field,omitempty"`   // where it refers to the record
	Count       int         `json:"count,omitempty"`   // of what it is, if it is several
	Consequence string      `json:"consequence"`
	Words       store.Words `json:"words,omitzero"` // of the consequence, for another language
}

// same says whether another one is of the same place.
func (d Dependency) same(other Dependency) bool {
	return d.Collection == other.Collection && d.ID == other.ID && d.Field == other.Field
}
