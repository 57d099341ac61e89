package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"strowger/provisioning"
	"strowger/store"
)

// A Problem is an error as RFC 9457 writes it.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	// Words are the detail's, for another language. Where there are errors, theirs are
	// enough.
	Words store.Words `json:"words,omitzero"`
	// Field is the first field at fault: a path in the body, or the name of a
	// parameter.
	Field string `json:"field,omitempty"`
	// Need is what the request must bring to get on: code, organization, password, second_factor.
	Need         string                    `json:"need,omitempty"`
	Errors       []provisioning.FieldError `json:"errors,omitempty"`
	Dependencies []provisioning.Dependency `json:"dependencies,omitempty"`
}

// fail answers err as a problem.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := a.problem(r, err)
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="strowger"`)
	}
	var refusal *provisioning.Refusal
	switch {
	case errors.As(err, &refusal) && refusal.RetryAfter > 0:
		w.Header().Set("Retry-After", strconv.Itoa(int((refusal.RetryAfter+time.Second-1)/time.Second)))
	case p.Status == http.StatusServiceUnavailable || p.Status == http.StatusInsufficientStorage:
		w.Header().Set("Retry-After", "10")
	}
	writeProblem(w, p)
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	h := w.Header()
	h.Del("Content-Length")
	h.Del("ETag")
	h.Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p) // the client is gone if this fails
}

// problem is the one place where an error becomes an HTTP answer.
func (a *API) problem(r *http.Request, err error) *Problem {
	p := &Problem{Type: "about:blank", Status: http.StatusInternalServerError, Detail: err.Error()}
	say := func(w store.Words) { p.Detail, p.Words = w.String(), w }
	var (
		input    *provisioning.InputError
		refusal  *provisioning.Refusal
		rule     *store.ValidationError
		conflict *store.ConflictError
		large    *http.MaxBytesError
	)
	switch {
	case errors.As(err, &input):
		p.Status = http.StatusUnprocessableEntity
		if input.Malformed {
			p.Status = http.StatusBadRequest
		}
		p.Field, p.Errors = input.Fields[0].Field, input.Fields
	case errors.As(err, &refusal):
		p.Words = refusal.Detail
		p.Status, p.Field, p.Need, p.Dependencies = refusal.Status, refusal.Field, refusal.Need, refusal.Dependencies
		if refusal.Cause != nil {
			a.o.Log.Warn("refused", "method", r.Method, "path", r.URL.Path, "status", p.Status, "err", refusal.Cause)
		}
	case errors.As(err, &large):
		p.Status = http.StatusRequestEntityTooLarge
		say(store.Say("the body is too large"))
	case errors.Is(err, store.ErrFull):
		p.Status = http.StatusInsufficientStorage
		p.Words = store.Say("the disk is full, and nothing was saved")
	case errors.Is(err, store.ErrReadOnly):
		p.Status = http.StatusInsufficientStorage
		p.Words = store.Say("the exchange can only be read at this moment, and nothing was saved")
	case errors.As(err, &rule):
		p.Status = http.StatusUnprocessableEntity
		p.Field = rule.Field
		p.Errors = provisioning.FaultsOf(rule, func(_, field string) string { return field })
	case errors.As(err, &conflict):
		p.Status = http.StatusConflict
		p.Field = conflict.Field
		p.Errors = []provisioning.FieldError{provisioning.FaultOf(conflict.Field, conflict.Rule)}
	case errors.Is(err, store.ErrConflict):
		p.Status = http.StatusConflict
	case errors.Is(err, provisioning.ErrStale):
		p.Status = http.StatusPreconditionFailed
		p.Words = store.Words{Text: provisioning.ErrStale.Error()}
	case errors.Is(err, store.ErrNotFound), errors.Is(err, provisioning.ErrNoOrganization):
		p.Status = http.StatusNotFound
		p.Words = store.Say("it is not there any more")
	case errors.Is(err, provisioning.ErrNotRunning), errors.Is(err, store.ErrClosed):
		p.Status = http.StatusServiceUnavailable
		p.Words = store.Words{Text: provisioning.ErrNotRunning.Error()}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		p.Status = http.StatusServiceUnavailable
		say(store.Say("the request was given up"))
	default:
		a.o.Log.Error("a request failed", "method", r.Method, "path", r.URL.Path, "err", err)
		say(store.Say("something failed inside; the log says what"))
	}
	p.Title = http.StatusText(p.Status)
	return p
}

func refuse(status int, format string, args ...any) error {
	return &provisioning.Refusal{Status: status, Detail: store.Say(format, args...)}
}

func invalid(field, format string, args ...any) error {
	return &provisioning.InputError{Fields: []provisioning.FieldError{provisioning.Fault(field, format, args...)}}
}

// notFound is the answer for what is not there and for what is another
// organization's: the two must look alike.
func notFound(what string) error {
	return refuse(http.StatusNotFound, "no such %s", store.Words{Text: what})
}
