package provisioning

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// A FieldError is one mistake in what an administrator sent, and where it is.
type FieldError struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
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
	return &InputError{Fields: []FieldError{{Field: field, Detail: fmt.Sprintf(format, args...)}}}
}

func malformed(format string, args ...any) error {
	return &InputError{Fields: []FieldError{{Detail: fmt.Sprintf(format, args...)}}, Malformed: true}
}

// A Refusal is an error with the words for whoever asked. Cause is for our log
// and never leaves the machine.
type Refusal struct {
	Status int // HTTP
	Detail string
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

func (e *Refusal) Error() string { return e.Detail }
func (e *Refusal) Unwrap() error { return e.Cause }

func refuse(status int, format string, args ...any) error {
	return &Refusal{Status: status, Detail: fmt.Sprintf(format, args...)}
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
	Collection  string `json:"collection"`
	ID          string `json:"id"`
	Label       string `json:"label,omitempty"`
	UserID      string `json:"user_id,omitempty"` // whose contact method it is
	Field       string `json:"field,omitempty"`   // where it refers to the record
	Consequence string `json:"consequence"`
}
