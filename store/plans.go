package store

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Plan is what a user may have, and what that costs.
type Plan struct {
	Meta
	Name     string       `json:"name"`
	Price    string       `json:"price"`    // of a seat and a month, a decimal such as "12.50"
	Currency string       `json:"currency"` // ISO 4217
	Seats    int          `json:"seats"`    // users who may have it; 0: no limit
	Includes PlanIncludes `json:"includes"`
}

// PlanIncludes is what the users of a plan may have.
type PlanIncludes struct {
	Features
	ConferenceRoom bool `json:"conference_room"`
	DirectNumbers  int  `json:"direct_numbers"` // DIDs of a user and the user's lines; 0: no limit
}

func (p *Plan) fields(c *codec) {
	p.Meta.fields(c)
	c.str(4, &p.Name)
	c.str(5, &p.Price)
	c.str(6, &p.Currency)
	c.int(7, &p.Seats)
	c.sub(8, p.Includes.fields)
}

func (i *PlanIncludes) fields(c *codec) {
	c.sub(1, i.Features.fields)
	c.bool(2, &i.ConferenceRoom)
	c.int(3, &i.DirectNumbers)
}

func fillPlan(_ *Edit, p *Plan) {
	p.Name = strings.TrimSpace(p.Name)
	if p.Name == "" {
		p.Name = p.ID
	}
	if p.Price = strings.TrimSpace(p.Price); p.Price == "" {
		p.Price = "0.00"
	}
	if p.Currency = strings.ToUpper(strings.TrimSpace(p.Currency)); p.Currency == "" {
		p.Currency = "EUR"
	}
}

func checkPlan(c *checker, p *Plan) {
	c.text("name", p.Name, 64)
	units, cents, point := strings.Cut(p.Price, ".")
	if !isDigits(units, 1, 7) || point && !isDigits(cents, 1, 2) {
		c.bad("price", "%q must be an amount such as 12.50", p.Price)
	}
	if len(p.Currency) != 3 || strings.Trim(p.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		c.bad("currency", "%q must be three letters (ISO 4217)", p.Currency)
	}
	c.between("seats", p.Seats, 0, 1_000_000)
	c.between("includes.direct_numbers", p.Includes.DirectNumbers, 0, 1000)
}

// shippedPlans are those of a new organization: a beginning, to be edited.
func shippedPlans() []Plan {
	basic := PlanIncludes{Features: Features{App: true, Voicemail: true, MultipleCallerIDs: true}, DirectNumbers: 1}
	plus := basic
	plus.WebCalls, plus.FixedMobile, plus.Hotdesking, plus.ConferenceRoom, plus.DirectNumbers = true, true, true, true, 3
	pro := plus
	pro.OperatorConsole, pro.DirectNumbers = true, 0
	return []Plan{
		{Meta: Meta{ID: DefaultPlan}, Name: "Basic", Includes: basic},
		{Meta: Meta{ID: "plus"}, Name: "Plus", Includes: plus},
		{Meta: Meta{ID: "pro"}, Name: "Pro", Includes: pro},
	}
}

// ShippedPlans is what gives an organization the shipped plans, for a file from
// before there were any.
func ShippedPlans(org string, at time.Time) []Op {
	var ops []Op
	for _, p := range shippedPlans() {
		fillPlan(nil, &p)
		p.CreatedAt, p.UpdatedAt = at, at
		ops = append(ops, Op{Bucket: BucketPlans, Key: recordKey(org, p.ID), Value: encode(p.fields)})
	}
	return ops
}

// givePlans gives a new organization its plans.
func (e *Edit) givePlans() error {
	if e.base.Organization.Realm != "" || e.Plans.Len() > 0 {
		return nil
	}
	for _, p := range shippedPlans() {
		if err := e.Plans.Put(p); err != nil {
			return err
		}
	}
	return nil
}

// each goes through the features by their names.
func (f *Features) each(yield func(name string, on *bool)) {
	yield("app", &f.App)
	yield("web_calls", &f.WebCalls)
	yield("operator_console", &f.OperatorConsole)
	yield("voicemail", &f.Voicemail)
	yield("fixed_mobile", &f.FixedMobile)
	yield("hotdesking", &f.Hotdesking)
	yield("multiple_caller_ids", &f.MultipleCallerIDs)
}

func (f *Features) has(name string) (has bool) {
	f.each(func(n string, on *bool) { has = has || n == name && *on })
	return has
}

// Within switches off what a plan does not include, but for what named says was
// asked for: that is to be refused.
func (f *Features) Within(p *Plan, named func(feature string) bool) {
	f.each(func(name string, on *bool) { *on = *on && (p.Includes.has(name) || named(name)) })
}

// leaveOut takes from a user what nobody named and the plan does not include. What the
// user has already stays, as long as the plan does.
func (e *Edit) leaveOut(u *User) {
	unnamed := u.unnamed
	u.unnamed = Features{}
	p, ok := e.Plans.Get(u.Plan)
	if !ok || unnamed == (Features{}) {
		return
	}
	old, had := e.Users.base.Get(u.ID)
	stays := had && old.Plan == u.Plan
	u.Features.Within(p, func(name string) bool { return !unnamed.has(name) || stays && old.Features.has(name) })
}

// checkEntitled refuses what a change would give a user beyond the plan. What a
// user has already stays: a plan that includes less from now on takes nothing from
// anybody, and nothing from who was deleted and is brought back.
func checkEntitled(c *checker, u *User) {
	old, had := c.edit.Users.base.Get(u.ID)
	if !had && c.edit.revive != nil {
		exists(c, "plan", c.s.Plans, inPlans, u.Plan)
		return
	}
	moved := !had || old.Plan != u.Plan
	if moved && !exists(c, "plan", c.s.Plans, inPlans, u.Plan) {
		return
	}
	p, ok := c.s.Plans.Get(u.Plan)
	if !ok {
		return
	}
	u.Features.each(func(name string, on *bool) {
		switch {
		case !*on || p.Includes.has(name):
		case !had || !old.Features.has(name):
			c.bad("features."+name, "is not part of the plan %s", p.Name)
		case moved:
			c.bad("plan", "%s does not include %s, which the user has: switch it off first", p.Name, strings.ReplaceAll(name, "_", " "))
		}
	})
	most := p.Includes.DirectNumbers
	if most == 0 {
		return
	}
	if n := c.s.didsOf(u); n > most {
		if had && moved {
			c.bad("plan", "%s includes %s, and the user has %d", p.Name, directNumbers(most), n)
		} else if u.DirectNumber != "" && (!had || old.DirectNumber == "") {
			c.bad("direct_number", "the plan %s includes %s, and this is number %d", p.Name, directNumbers(most), n)
		}
	}
}

// checkEntitledLine does it for the numbers of a line, which may be new to it or come
// to another user with it.
func checkEntitledLine(c *checker, m *ContactMethod) {
	old, had := c.edit.ContactMethods.base.Get(m.ID)
	moved := had && old.UserID != m.UserID
	switch {
	case len(m.Inbound.DIDNumbers) == 0, !had && c.edit.revive != nil:
		return
	case had && !moved && len(old.Inbound.DIDNumbers) >= len(m.Inbound.DIDNumbers):
		return
	}
	u, ok := c.s.Users.Get(m.UserID)
	if !ok {
		return
	}
	p, ok := c.s.Plans.Get(u.Plan)
	if !ok || p.Includes.DirectNumbers == 0 {
		return
	}
	if n := c.s.didsOf(u); n > p.Includes.DirectNumbers && moved {
		c.bad("user_id", "the plan %s of the user includes %s, and with this line's there would be %d", p.Name, directNumbers(p.Includes.DirectNumbers), n)
	} else if n > p.Includes.DirectNumbers {
		c.bad("inbound.did_numbers", "the plan %s of the user includes %s, and these would make %d", p.Name, directNumbers(p.Includes.DirectNumbers), n)
	}
}

func directNumbers(n int) Words {
	if n == 1 {
		return Say("1 direct number")
	}
	return Say("%d direct numbers", n)
}

// didsOf counts the DIDs of a user and the user's lines.
func (s *Snapshot) didsOf(u *User) int {
	n := 0
	if u.DirectNumber != "" {
		n++
	}
	for _, m := range s.LinesOf(u.ID) {
		n += len(m.Inbound.DIDNumbers)
	}
	return n
}

// SeatsUsed counts the users of each plan. It goes through all users.
func (s *Snapshot) SeatsUsed() map[string]int {
	used := map[string]int{}
	for _, u := range s.Users.All() {
		used[u.Plan]++
	}
	return used
}

// checkSeats looks at the plans as a whole, once for an edit: whether there are
// seats for who comes, and whether a plan that goes has users.
func (e *Edit) checkSeats(next *Snapshot) error {
	came := map[string]string{} // plan to the first user who comes to it
	for _, id := range e.Users.ids() {
		u, ok := e.Users.Get(id)
		if !ok {
			continue
		}
		if old, had := e.Users.base.Get(id); had && old.Plan == u.Plan {
			continue
		}
		if p, ok := next.Plans.Get(u.Plan); ok && p.Seats > 0 && came[u.Plan] == "" {
			came[u.Plan] = id
		}
	}
	if len(came) == 0 && len(e.Plans.touched) == 0 {
		return nil
	}
	used := next.SeatsUsed()
	for _, id := range e.Plans.ids() {
		p, ok := e.Plans.Get(id)
		if !ok && used[id] > 0 {
			var others []string
			for user, u := range next.Users.All() {
				if u.Plan == id {
					others = append(others, inUsers+"/"+user+".plan")
				}
			}
			return conflicting(inPlans+"/"+id, "", Say("is still the plan of %d users: give them another one first", used[id]), others...)
		}
		if ok && p.Seats > 0 && used[id] > p.Seats && came[id] == "" {
			return invalid(inPlans+"/"+id, "seats", "%d users have the plan", used[id])
		}
	}
	for _, id := range slices.Sorted(maps.Keys(came)) {
		if p, _ := next.Plans.Get(id); used[id] > p.Seats {
			return invalid(inUsers+"/"+came[id], "plan", "the %d seats of the plan %s are taken", p.Seats, p.Name)
		}
	}
	return nil
}

// A BillingEvent is one user's coming to a plan or leaving it, for the next
// statement. It is written with the change itself and kept for ever.
type BillingEvent struct {
	ID        string    `json:"id"`
	Org       string    `json:"-"`
	At        time.Time `json:"at"`
	By        string    `json:"by"`
	Revision  uint64    `json:"revision"`
	UserID    string    `json:"user_id"`
	UserName  string    `json:"user_name"` // as it was: users go
	From      string    `json:"from"`      // plan; empty: the user is new
	To        string    `json:"to"`        // plan; empty: the user is gone
	FromPrice string    `json:"from_price"`
	ToPrice   string    `json:"to_price"`
	Currency  string    `json:"currency"`
}

func (b *BillingEvent) fields(c *codec) {
	c.str(1, &b.ID)
	c.time(2, &b.At)
	c.str(3, &b.By)
	c.uint(4, &b.Revision)
	c.str(5, &b.UserID)
	c.str(6, &b.UserName)
	c.str(7, &b.From)
	c.str(8, &b.To)
	c.str(9, &b.FromPrice)
	c.str(10, &b.ToPrice)
	c.str(11, &b.Currency)
}

var billingEvents = &dated[BillingEvent]{
	records: BucketBilling, ids: BucketBillingIDs,
	id:     func(b *BillingEvent) (string, string) { return b.Org, b.ID },
	at:     func(b *BillingEvent) time.Time { return b.At },
	setOrg: func(b *BillingEvent, org string) { b.Org = org },
	fields: (*BillingEvent).fields,
}

// bill notes each change of a user's plan, and what a seat costs where a plan
// changes its price.
func (e *Edit) bill(next *Snapshot, rev *Revision) error {
	price := func(s *Snapshot, plan string) (price, currency string) {
		if p, ok := s.Plans.Get(plan); ok {
			return p.Price, p.Currency
		}
		return "", ""
	}
	repriced := map[string]bool{}
	for id := range e.Plans.touched {
		was, had := e.Plans.base.Get(id)
		is, has := next.Plans.Get(id)
		repriced[id] = had && has && (was.Price != is.Price || was.Currency != is.Currency)
	}
	var room [2]Op
	one := func(old, u *User) error {
		b := BillingEvent{ID: NewID(), Org: rev.Org, At: rev.At, By: rev.By, Revision: rev.Revision}
		if old != nil {
			b.UserID, b.UserName, b.From = old.ID, strings.TrimSpace(old.FirstName+" "+old.LastName), old.Plan
			b.FromPrice, b.Currency = price(e.base, old.Plan)
		}
		if u != nil {
			b.UserID, b.UserName, b.To = u.ID, strings.TrimSpace(u.FirstName+" "+u.LastName), u.Plan
			b.ToPrice, b.Currency = price(next, u.Plan)
		}
		if b.From == b.To && !repriced[b.To] {
			return nil
		}
		for _, op := range billingEvents.appendPut(room[:0], &b) {
			if err := e.save.op(op); err != nil {
				return err
			}
		}
		return nil
	}
	for _, id := range e.Users.ids() {
		old, _ := e.Users.base.Get(id)
		u, _ := next.Users.Get(id)
		if err := one(old, u); err != nil {
			return err
		}
	}
	if !slices.Contains(slices.Collect(maps.Values(repriced)), true) {
		return nil
	}
	for id, u := range next.Users.All() {
		if _, done := e.Users.touched[id]; !done && repriced[u.Plan] {
			if err := one(u, u); err != nil {
				return err
			}
		}
	}
	return nil
}

// BillingEvents lists them, newest first: those older than the one with the id
// before, or the newest.
func (st *Store) BillingEvents(ctx context.Context, org, before string, limit int) ([]*BillingEvent, error) {
	return billingEvents.list(ctx, st, org, before, limit)
}
