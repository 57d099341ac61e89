package store

import (
	"errors"
	"fmt"
)

// What can be wrong, for errors.Is. The error that wraps one of these is a
// whole sentence.
var (
	ErrNotFound = errors.New("not found")
	ErrConflict = errors.New("conflict")          // two owners, a name taken, a record still in use
	ErrInvalid  = errors.New("invalid")           // every *ValidationError
	ErrNewer    = errors.New("newer release")     // the file is of a newer release
	ErrLocked   = errors.New("in use")            // another process holds the file
	ErrDamaged  = errors.New("damaged")           // a checksum, the journal or the file's structure is wrong
	ErrFull     = errors.New("disk full")         // nothing was saved
	ErrReadOnly = errors.New("read-only")         // nothing was saved
	ErrClosed   = errors.New("store is closed")   // nothing was saved
	ErrNoKey    = errors.New("no secret.key")     // a secret cannot be sealed or opened
	ErrStale    = errors.New("changed meanwhile") // for callers that compare revisions
)

// A ValidationError refuses a record: Field is where, such as
// "contact_methods/line-1.inbound.did_numbers[0]", Rule what it breaks.
type ValidationError struct {
	Field string
	Rule  string
}

func (e *ValidationError) Error() string { return e.Field + ": " + e.Rule }

func (e *ValidationError) Is(target error) bool { return target == ErrInvalid }

// A ConflictError refuses a change because of another record: Field is where,
// Rule what stands against it, Others the paths of the records in the way.
type ConflictError struct {
	Field  string
	Rule   string
	Others []string
}

func (e *ConflictError) Error() string { return e.Field + ": " + e.Rule }

func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

func notFound(what, id string) error {
	return fmt.Errorf("%s/%s: %w", what, id, ErrNotFound)
}
