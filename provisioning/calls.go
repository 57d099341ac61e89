package provisioning

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"strowger/routing"
	"strowger/store"
)

// A Registration is a binding as the API shows it.
type Registration struct {
	ID              string    `json:"id"` // of the AOR, the contact and the phone: the same after a refresh
	UserID          string    `json:"user_id"`
	ContactMethodID string    `json:"contact_method_id"`
	DeviceID        string    `json:"device_id,omitempty"`
	AOR             string    `json:"aor"`
	Contact         string    `json:"contact"`
	Source          string    `json:"source"`
	Transport       string    `json:"transport"`
	UserAgent       string    `json:"user_agent"`
	Q               int       `json:"q"`
	ExpiresAt       time.Time `json:"expires_at"`
	UpdatedAt       time.Time `json:"updated_at"`
}

var registrationSorts = fields[Registration]("aor", "contact", "source", "transport", "user_agent", "expires_at").
	with("user_id", byName(userTable, func(r *Registration) string { return r.UserID }))

// RegistrationSorts are what the registrations can be sorted by.
func RegistrationSorts() []string { return registrationSorts.names() }

// Registrations lists who is registered, from where and until when, by AOR.
func (s *Service) Registrations(ctx context.Context, org string, q Query) (Page, error) {
	filters, err := q.compile(reflect.TypeFor[Registration]())
	if err != nil {
		return Page{}, err
	}
	sn, err := s.snapshot(org)
	if err != nil {
		return Page{}, err
	}
	key, err := registrationSorts.keyOf(s, sn, q, func(b []byte, r *Registration) []byte { return append(b, r.AOR...) })
	if err != nil {
		return Page{}, err
	}
	var bindings []store.Binding
	if s.live != nil {
		bindings = s.live.Registrations(org)
	} else {
		err := s.store.LoadBindings(ctx, func(b *store.Binding) error {
			if b.Org == org && b.ExpiresAt.After(s.now()) {
				bindings = append(bindings, *b)
			}
			return nil
		})
		if err != nil {
			return Page{}, err
		}
	}
	all := func(yield func(string, *Registration) bool) {
		for i := range bindings {
			b := &bindings[i]
			r := &Registration{
				ID: registrationID(b), UserID: b.UserID, ContactMethodID: b.ContactMethodID, DeviceID: b.DeviceID, AOR: b.AOR,
				Contact: b.Contact, Source: b.Target, Transport: b.Transport, UserAgent: b.UserAgent, Q: b.Q,
				ExpiresAt: b.ExpiresAt, UpdatedAt: b.UpdatedAt,
			}
			if !yield(b.Contact+" "+b.InstanceID, r) {
				return
			}
		}
	}
	picked, more, err := pick(all, key, q, filters)
	if err != nil {
		return Page{}, err
	}
	page := Page{Items: make([]any, len(picked))}
	for i, p := range picked {
		page.Items[i] = p.record
	}
	if more {
		page.NextCursor = q.cursor(picked[len(picked)-1].place)
	}
	return page, nil
}

func registrationID(b *store.Binding) string {
	sum := sha256.Sum256([]byte(b.AOR + "\x00" + b.Contact + "\x00" + b.InstanceID + "\x00" + strconv.Itoa(b.RegID)))
	return hex.EncodeToString(sum[:12])
}

// Unregister takes a registration away; the phone may register again.
func (s *Service) Unregister(org, id string) error {
	if s.live == nil {
		return ErrNotRunning
	}
	for _, b := range s.live.Registrations(org) {
		if registrationID(&b) == id {
			return asMissing(s.live.Unregister(&b), "registration")
		}
	}
	return refuse(404, "no such registration")
}

// chunk is how many records are read from the history at once.
const chunk = 500

// newest makes a page of a history, newest first: what fetch gives from a
// cursor on, as far as it passes the filters. Those see a record as the query's
// reader does: a filter by what is hidden would tell it. The cursor is the last
// item's id.
func newest[T any](q Query, keep func(*T) bool, id func(*T) string, read func(r *T, reader string) *T, show func(*T) any,
	fetch func(before string, limit int) ([]*T, error)) (Page, error) {
	if err := q.unsorted(); err != nil {
		return Page{}, err
	}
	filters, err := q.compile(reflect.TypeFor[T]())
	if err != nil {
		return Page{}, err
	}
	page := Page{Items: []any{}}
	before, limit, last := q.Cursor, q.limit(), ""
	for {
		batch, err := fetch(before, chunk)
		if err != nil {
			return Page{}, err
		}
		for _, r := range batch {
			if keep != nil && !keep(r) {
				continue
			}
			seen := read(r, q.Reader)
			if !matches(filters, reflect.ValueOf(seen).Elem()) {
				continue
			}
			if !q.All && len(page.Items) == limit {
				page.NextCursor = last
				return page, nil
			}
			page.Items = append(page.Items, show(seen))
			last = id(r)
		}
		if len(batch) < chunk {
			return page, nil
		}
		before = id(batch[len(batch)-1])
	}
}

// takeFilter takes a filter out of a query that is answered in another way.
func (q *Query) takeFilter(name string) (string, bool) {
	v, ok := q.Filters[name]
	delete(q.Filters, name)
	return v, ok
}

// A span is the time from since until, which is no part of it; a zero time is no
// limit.
type span struct{ since, until time.Time }

// takeSpan takes the filters since and until out of a query.
func (q *Query) takeSpan() (s span, err error) {
	for name, at := range map[string]*time.Time{"since": &s.since, "until": &s.until} {
		v, given := q.takeFilter(name)
		if !given {
			continue
		}
		if *at, err = time.Parse(time.RFC3339, v); err != nil {
			return s, invalid(name, "want a time such as 2026-03-01T08:00:00Z")
		}
	}
	return s, nil
}

func (s span) holds(t time.Time) bool {
	return (s.since.IsZero() || !t.Before(s.since)) && (s.until.IsZero() || t.Before(s.until))
}

// Calls lists calls newest first: those that are up, those that have ended, or
// first the one and then the other.
func (s *Service) Calls(ctx context.Context, org string, q Query) (Page, error) {
	state, _ := q.takeFilter("state")
	search, err := takeCallSearch(&q)
	if err != nil {
		return Page{}, err
	}
	keep := func(c *store.Call) bool { return search.finds(c, q.Reader) }
	id := func(c *store.Call) string { return c.ID }
	show := func(c *store.Call) any { filled := Filled(c); return &filled }
	live := func(before string, limit int) []*store.Call {
		var out []*store.Call
		if s.live == nil {
			return nil
		}
		calls := s.live.ActiveCalls(org)
		slices.SortFunc(calls, func(a, b store.Call) int {
			if c := b.StartedAt.Compare(a.StartedAt); c != 0 {
				return c
			}
			return strings.Compare(b.ID, a.ID)
		})
		found := before == ""
		for i := range calls {
			if found && len(out) < limit {
				out = append(out, &calls[i])
			}
			found = found || calls[i].ID == before
		}
		return out
	}
	ended := func(before string, limit int) ([]*store.Call, error) { return s.store.Calls(ctx, org, before, limit) }
	switch state {
	case "active":
		if s.live == nil {
			return Page{}, ErrNotRunning
		}
		return newest(q, keep, id, callFor, show, func(before string, limit int) ([]*store.Call, error) {
			return live(before, limit), nil
		})
	case "ended":
		return newest(q, keep, id, callFor, show, ended)
	case "":
		return newest(q, keep, id, callFor, show, func(before string, limit int) ([]*store.Call, error) {
			if before != "" && !s.isLive(org, before) {
				return ended(before, limit)
			}
			up := live(before, limit)
			if len(up) == limit {
				return up, nil
			}
			rest, err := ended("", limit-len(up))
			return append(up, rest...), err
		})
	}
	return Page{}, invalid("state", "want active or ended")
}

// A callSearch is what of the history is wanted beyond the fields of a call.
type callSearch struct {
	user   string // one of the call's; empty: anybody's
	missed bool   // not answered, by the user or by anybody who was called
	number string // a part of what either end is called; empty: any
	span
}

func takeCallSearch(q *Query) (callSearch, error) {
	var c callSearch
	c.user, _ = q.takeFilter("user_id")
	number, _ := q.takeFilter("number")
	c.number = folded(number)
	if v, given := q.takeFilter("missed"); given {
		var err error
		if c.missed, err = strconv.ParseBool(v); err != nil {
			return c, invalid("missed", "want true or false")
		}
	}
	when, err := q.takeSpan()
	c.span = when
	return c, err
}

// finds says whether a call is wanted, of what reader may know of it.
func (c *callSearch) finds(call *store.Call, reader string) bool {
	if c.user != "" && !slices.Contains(call.UserIDs, c.user) {
		return false
	}
	if !c.holds(call.StartedAt) {
		return false
	}
	if c.missed && (call.State != "ended" || call.Outcome.Result == store.ResultAnswered ||
		call.Direction == store.DirOutbound || c.user != "" && call.CallerUserID == c.user) {
		return false
	}
	if c.number == "" {
		return true
	}
	seen := callFor(call, reader)
	return strings.Contains(folded(seen.From), c.number) || strings.Contains(folded(seen.FromName), c.number) || strings.Contains(folded(seen.To), c.number)
}

func (s *Service) isLive(org, id string) bool {
	if s.live == nil {
		return false
	}
	return slices.ContainsFunc(s.live.ActiveCalls(org), func(c store.Call) bool { return c.ID == id })
}

// ActiveCalls lists the calls that are up, in no order.
func (s *Service) ActiveCalls(org string) []store.Call {
	if s.live == nil {
		return nil
	}
	out := s.live.ActiveCalls(org)
	for i := range out {
		out[i] = Filled(&out[i])
	}
	return out
}

// Call answers one call, up or ended, as reader, a user, may see it; an empty
// reader is an administrator.
func (s *Service) Call(ctx context.Context, org, id, reader string) (*store.Call, error) {
	c, err := s.call(ctx, org, id)
	if err != nil {
		return nil, err
	}
	filled := Filled(callFor(c, reader))
	return &filled, nil
}

func (s *Service) call(ctx context.Context, org, id string) (*store.Call, error) {
	if s.live != nil {
		for _, c := range s.live.ActiveCalls(org) {
			if c.ID == id {
				return &c, nil
			}
		}
	}
	c, err := s.store.Call(ctx, org, id)
	if err != nil {
		return nil, asMissing(err, "call")
	}
	return c, nil
}

// asMissing says what is not there without the store's own words.
func asMissing(err error, one string) error {
	if errors.Is(err, store.ErrNotFound) {
		return refuse(404, "no such %s", store.Words{Text: one})
	}
	return err
}

// Trace answers why a call went where it went, as reader may know it.
func (s *Service) Trace(ctx context.Context, org, id, reader string) (*store.Trace, error) {
	t, err := s.trace(ctx, org, id)
	if err != nil {
		return nil, err
	}
	if reader != "" {
		c, err := s.call(ctx, org, id)
		if err != nil {
			return nil, err
		}
		t = traceFor(t, c, reader)
	}
	filled := Filled(t)
	return &filled, nil
}

func (s *Service) trace(ctx context.Context, org, id string) (*store.Trace, error) {
	if s.live != nil {
		if t, ok := s.live.Trace(org, id); ok {
			return t, nil
		}
	}
	t, err := s.store.Trace(ctx, org, id)
	if err != nil {
		return nil, asMissing(err, "call")
	}
	return t, nil
}

// HangUp ends a call that is up.
func (s *Service) HangUp(ctx context.Context, org, id string) error {
	if s.live == nil {
		return ErrNotRunning
	}
	if !s.isLive(org, id) {
		if _, err := s.call(ctx, org, id); err != nil {
			return err
		}
		return refuse(409, "the call has ended")
	}
	return asMissing(s.live.HangUp(org, id), "call")
}

// Dial rings a line and, once it is answered, calls a number as its user would.
// from is the id or the SIP user name of a line, or its internal number, or a
// user's id.
func (s *Service) Dial(ctx context.Context, org, from, to string) (callID string, err error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(to) == "" {
		return "", invalid("to", "missing")
	}
	line, ok := FindLine(sn, from)
	if !ok {
		return "", invalid("from", "no line has the number, the user name or the id %q", from)
	}
	if s.live == nil {
		return "", ErrNotRunning
	}
	return s.live.Dial(ctx, org, line.ID, to)
}

// FindLine finds a line by its id, SIP user name or internal number, or the
// first line of a user.
func FindLine(sn *store.Snapshot, named string) (*store.ContactMethod, bool) {
	if named == "" {
		return nil, false
	}
	if m, ok := sn.Line(named); ok && m.IsLine() {
		return m, true
	}
	if n, ok := sn.InternalNumberByDigits(named); ok {
		switch n.Owner.Kind {
		case store.OwnerContactMethod:
			if m, ok := sn.Line(n.Owner.ID); ok && m.IsLine() {
				return m, true
			}
		case store.OwnerUser:
			return firstLine(sn, n.Owner.ID)
		}
	}
	if m, ok := sn.LineByUsername(named); ok {
		return m, true
	}
	return firstLine(sn, named)
}

func firstLine(sn *store.Snapshot, userID string) (*store.ContactMethod, bool) {
	for _, m := range sn.LinesOf(userID) {
		if m.IsLine() {
			return m, true
		}
	}
	return nil, false
}

// Bans lists the sources whose packets are dropped.
func (s *Service) Bans() []store.Ban {
	out := []store.Ban{}
	if s.live != nil {
		out = append(out, s.live.Bans()...)
	}
	slices.SortFunc(out, func(a, b store.Ban) int { return strings.Compare(a.Address, b.Address) })
	return out
}

// A Question is what routes are explained for.
type Question struct {
	From string `json:"from"`
	To   string `json:"to"`
	// At is when the call would come; now without it.
	At time.Time `json:"at,omitzero"`
	// Draft is laid over what is saved, in the form of `strowger apply`.
	Draft *store.Site `json:"draft,omitempty"`
}

// Explain says why and where a call would go, by the function that routes real
// ones.
func (s *Service) Explain(org string, raw []byte) (*routing.Explanation, error) {
	var q Question
	if err := Decode(raw, &q); err != nil {
		return nil, err
	}
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, err
	}
	if q.From == "" {
		return nil, invalid("from", "missing")
	}
	if q.To == "" {
		return nil, invalid("to", "missing")
	}
	if q.At.IsZero() {
		q.At = s.now()
	}
	if q.Draft != nil {
		if err := wantIDs(q.Draft); err != nil {
			return nil, within("draft", err)
		}
		for i := range q.Draft.Users {
			q.Draft.Users[i].Password = "" // nobody signs in to a draft
		}
		if sn, err = store.Overlay(sn, q.Draft); err != nil {
			return nil, draftError(err)
		}
	}
	why, err := routing.Explain(sn, q.From, q.To, q.At)
	if err != nil {
		return nil, relativeTo(err, "")
	}
	filled := Filled(&why)
	return &filled, nil
}

// draftError says that it is the draft that is wrong.
func draftError(err error) error {
	var rule *store.ValidationError
	if errors.As(err, &rule) {
		return &InputError{Fields: FaultsOf(rule, func(_, field string) string { return "draft." + field })}
	}
	return err
}
