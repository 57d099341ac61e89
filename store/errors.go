package store

import (
	"errors"
	"fmt"
	"strings"
)

// What can be wrong, for errors.Is. The error that wraps one of these is a
// whole sentence.
var (
	ErrNotFound = errors.New("not found")
	ErrGone     = errors.New("deleted")         // whose it was has been deleted
	ErrConflict = errors.New("conflict")        // two owners, a name taken, a record still in use
	ErrInvalid  = errors.New("invalid")         // every *ValidationError
	ErrNewer    = errors.New("newer release")   // the file is of a newer release
	ErrLocked   = errors.New("in use")          // another process holds the file
	ErrDamaged  = errors.New("damaged")         // a checksum, the journal or the file's structure is wrong
	ErrFull     = errors.New("disk full")       // nothing was saved
	ErrReadOnly = errors.New("read-only")       // nothing was saved
	ErrClosed   = errors.New("store is closed") // nothing was saved
	ErrNoKey    = errors.New("no secret.key")   // a secret cannot be sealed or opened
)

// A ValidationError refuses a record. Field is where, with the record's path
// before it: "contact_methods/line-1.inbound.did_numbers[0]".
type ValidationError struct {
	Record string // "contact_methods/line-1"
	Field  string
	Rule   Words // what the field breaks
	// More is what else is wrong with the record, once for each field.
	More []*ValidationError
}

func (e *ValidationError) Error() string {
	said := make([]string, 0, 1+len(e.More))
	for _, one := range e.All() {
		said = append(said, sentence(one.Record, one.Field, one.Rule).String())
	}
	return strings.Join(said, "; ")
}

// All are the mistakes of a record: the error itself, and the rest.
func (e *ValidationError) All() []*ValidationError {
	return append([]*ValidationError{e}, e.More...)
}

// Is makes every one of them ErrInvalid.
func (e *ValidationError) Is(target error) bool { return target == ErrInvalid }

func invalid(record, field, format string, args ...any) error {
	return &ValidationError{Record: record, Field: record + "." + field, Rule: Say(format, args...)}
}

// A ConflictError refuses a change because of another record: a number with two
// owners, a name that is taken, something that is still used.
type ConflictError struct {
	Record string
	Field  string   // as in a ValidationError, or the record
	Rule   Words    // what stands against it
	Others []string // paths of the records in the way
}

func (e *ConflictError) Error() string { return e.Sentence().String() }

// Sentence says it with the record before it.
func (e *ConflictError) Sentence() Words { return sentence(e.Record, e.Field, e.Rule) }

// Is makes every one of them ErrConflict.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

func conflicting(record, field string, rule Words, others ...string) error {
	where := record
	if field != "" {
		where += "." + field
	}
	return &ConflictError{record, where, rule, others}
}

func sentence(record, field string, rule Words) Words {
	if rest := strings.TrimPrefix(field, record); rest != "" {
		return Say("%s: %s: %s", record, strings.TrimPrefix(rest, "."), rule)
	}
	return Say("%s: %s", record, rule)
}

func notFound(what, id string) error {
	return fmt.Errorf("%s/%s: %w", what, id, ErrNotFound)
}
