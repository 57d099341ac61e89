package provisioning

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"strowger/routing"
	"strowger/store"
)

// Counts say how many ways to be reached a user has.
type Counts struct {
	AppDevices      int `json:"app_devices"`
	SIPAccounts     int `json:"sip_accounts"`
	PSTNForwardings int `json:"pstn_forwardings"`
	SIPForwardings  int `json:"sip_forwardings"`
}

// A UserView is a user as the API shows it.
type UserView struct {
	store.User
	Counts Counts `json:"counts" readOnly:"true"`
	// CallFlowIDs are the call flows with a node that leads to the user.
	CallFlowIDs []string `json:"call_flow_ids" readOnly:"true"`
	// LastSeen is the day, in UTC, of the newest registration, call or sign-in;
	// empty: none yet.
	LastSeen string `json:"last_seen" readOnly:"true"`
}

// A UserInput is a user as the API takes it. ApplicationLine, a contact method
// of kind app, is created in the same transaction; an empty object takes the
// lowest free number of the organization's extension range.
type UserInput struct {
	UserView
	ApplicationLine *store.ContactMethod `json:"application_line,omitempty"`
}

func viewUser(s *Service, org string, sn *store.Snapshot, r *store.User) any {
	v := &UserView{User: *r, CallFlowIDs: []string{}}
	for _, path := range sn.Referrers("users", r.ID) {
		if rest, ok := strings.CutPrefix(path, "call_flows/"); ok {
			id, _, _ := strings.Cut(rest, ".nodes[")
			v.CallFlowIDs = append(v.CallFlowIDs, id)
		}
	}
	if at, ok := s.store.LastSeen(org, r); ok {
		v.LastSeen = at.Format(time.DateOnly)
	}
	v.Invitation.State = s.invitationState(org, r.Invitation)
	verification := r.Verification()
	verification.State = s.verificationState(org, &verification)
	v.EmailVerification = &verification
	v.Counts.AppDevices = len(sn.AppDevicesOf(r.ID))
	for _, m := range sn.LinesOf(r.ID) {
		switch m.Kind {
		case store.KindSIPAccount:
			v.Counts.SIPAccounts++
		case store.KindPSTNForwarding:
			v.Counts.PSTNForwardings++
		case store.KindSIPForwarding:
			v.Counts.SIPForwardings++
		}
	}
	return v
}

// byFullName finds users by a part of their first and last name, in either
// order.
var byFullName = search[store.User]{texts: []func(*store.User) string{
	func(u *store.User) string { return u.FirstName + " " + u.LastName },
	func(u *store.User) string { return u.LastName + " " + u.FirstName },
}}

// notSeenSince finds the users who were last seen before a day. Who was never seen
// counts from the day that the user was made.
var notSeenSince = search[store.User]{each: func(s *Service, sn *store.Snapshot, want string) (func(*store.User) bool, error) {
	day, err := time.Parse(time.DateOnly, want)
	if err != nil {
		return nil, invalid("last_seen_before", "want a day such as 2026-03-01")
	}
	return func(u *store.User) bool {
		at, ok := s.store.LastSeen(sn.Organization.ID, u)
		if !ok {
			at = u.CreatedAt
		}
		return at.Before(day)
	}, nil
}}

// inCallFlow finds the users that a call flow leads to.
var inCallFlow = search[store.User]{among: func(sn *store.Snapshot, flow string) []string {
	users := make(map[string]bool)
	if f, ok := sn.CallFlows.Get(flow); ok {
		for _, n := range f.Nodes {
			for _, id := range n.UserIDs() {
				users[id] = true
			}
		}
	}
	return slices.Collect(maps.Keys(users))
}}

// hashPassword replaces a web password by its hash before the store is held:
// hashing takes some 20 ms, on purpose.
func hashPassword(_ *Service, input map[string]any) (map[string]any, error) {
	v, given := input["password"]
	if !given || v == nil || v == "" {
		return input, nil
	}
	password, ok := v.(string)
	if !ok {
		return input, nil // refused by its type later
	}
	if err := checkPassword("password", password); err != nil {
		return nil, err
	}
	out := maps.Clone(input)
	out["password"] = HashPassword(password)
	return out, nil
}

func checkPassword(field, password string) error {
	if n := len(password); n < minPassword || n > maxPassword {
		return invalid(field, "want %d to %d characters", minPassword, maxPassword)
	}
	return nil
}

// prepareUser lets a login that followed from the email address go on to, once the
// new one is known to be the user's, and keeps an organization from losing its last administrator.
func prepareUser(_ *Service, e *store.Edit, r, old *store.User) (func(any), error) {
	if number := r.Forward.Number; number != "" && (old == nil || number != old.Forward.Number) {
		if err := checkForward(e.Base(), number); err != nil {
			return nil, err
		}
	}
	if old == nil {
		return nil, nil
	}
	if old.Login == old.Email && r.Login == old.Login && !old.Joined() {
		r.Login = "" // the store fills it in from the address
	}
	if old.Role == roleAdmin && r.Role != roleAdmin {
		return nil, keepAnAdmin(e, old.ID)
	}
	return nil, nil
}

const roleAdmin = "admin"

// keepAnAdmin refuses to take the last administrator away.
func keepAnAdmin(e *store.Edit, leaving string) error {
	for id, u := range e.Users.All() {
		if u.Role == roleAdmin && id != leaving {
			return nil
		}
	}
	return refuse(409, "role: %s is the last administrator, and must stay one", leaving)
}

// holdAdmin keeps a file for apply from doing it.
func holdAdmin(e *store.Edit) error {
	for id, u := range e.Base().Users.All() {
		if u.Role != roleAdmin {
			continue
		}
		if now, ok := e.Users.Get(id); ok && now.Role == roleAdmin {
			return nil
		}
		return keepAnAdmin(e, id)
	}
	return nil
}

// freshUser has the usual features, as far as the plan includes them.
func freshUser(e *store.Edit, input map[string]any) store.User {
	u := store.NewUser()
	u.Plan, _ = input["plan"].(string)
	features, _ := input["features"].(map[string]any)
	withinPlan(e, &u, func(name string) bool { return features[name] != nil })
	u.Plan = ""
	return u
}

// withinPlan takes the usual features from a new user whose plan does not include
// them, unless named says that they were asked for.
func withinPlan(e *store.Edit, u *store.User, named func(feature string) bool) {
	if p, ok := e.Plans.Get(cmp.Or(u.Plan, store.DefaultPlan)); ok {
		u.Features.Within(p, named)
	}
}

// applicationLine takes a new user's application line out of an input and
// makes it once the user is there.
func applicationLine(s *Service, e *store.Edit, input map[string]any, fresh bool) (after func(*store.User) error, parts map[string]string, err error) {
	v, given := input["application_line"]
	if !given {
		return nil, nil, nil
	}
	delete(input, "application_line")
	if v == nil {
		return nil, nil, nil
	}
	if !fresh {
		return nil, nil, invalid("application_line", "only a new user's; change the contact method instead")
	}
	line, err := contactMethods.accept(v)
	if err != nil {
		return nil, nil, within("application_line", err)
	}
	if kind, ok := line["kind"]; ok && kind != string(store.KindApp) {
		return nil, nil, invalid("application_line.kind", "want app")
	}
	if id, _ := line["id"].(string); id == "" {
		line["id"] = store.NewID()
	} else if _, taken := e.ContactMethods.Get(id); taken {
		return nil, nil, refuse(409, "application_line.id: there is a contact method %q already", id)
	}
	id, _ := line["id"].(string)
	return func(u *store.User) error {
		// The line gets the user's extension, or the lowest free number: the
		// store sees to that.
		line["kind"], line["user_id"] = string(store.KindApp), u.ID
		_, err := contactMethods.put(s, e, line, nil)
		return within("application_line", err)
	}, map[string]string{contactMethods.name + "/" + id: "application_line"}, nil
}

// checkForward refuses to forward a user's calls to what is no telephone number, or is
// one of the organization's own: they would come back.
func checkForward(sn *store.Snapshot, number string) error {
	const field = "forward.number"
	e164, ok := routing.Normalize(number, routing.Country(sn.Organization, nil))
	if !ok {
		return invalid(field, "%q is not a telephone number", number)
	}
	if _, ours := sn.NumberByE164(e164); ours {
		return invalid(field, "%s is a number of the organization: want one outside", e164)
	}
	return nil
}

// CheckOwnForward refuses that who may not call outside on a line has it forward its
// calls there: what an administrator has set stays.
func (s *Service) CheckOwnForward(org string, line *store.ContactMethod, field, number string) error {
	sn, err := s.snapshot(org)
	if err != nil || number == "" || number == line.Inbound.WhenUnavailable.ForwardTo || line.Outbound.ExternalEnabled {
		return err
	}
	if routing.LeadsOutside(sn, number) {
		return invalid(field, "the line may not call outside: want a number inside, or ask your administrator")
	}
	return nil
}

// within puts a path before the fields of an error.
func within(path string, err error) error {
	in, ok := err.(*InputError)
	if !ok {
		return err
	}
	out := &InputError{Malformed: in.Malformed}
	for _, f := range in.Fields {
		out.Fields = append(out.Fields, FieldError{join(path, f.Field), f.Detail, f.Words})
	}
	return out
}

// prepareContactMethod shows a new SIP account's password once.
func prepareContactMethod(_ *Service, _ *store.Edit, r, old *store.ContactMethod) (func(any), error) {
	if r.SIPAccount == nil || r.SIPAccount.Password == "" {
		return nil, nil
	}
	password := r.SIPAccount.Password
	return onCreation(old, func(shown *store.ContactMethod) { showPassword(shown, password) }), nil
}

// userFields are the columns of a user's CSV form.
var userFields = columnsOf(reflect.TypeFor[store.User]())

// userTable spares the kinds of what users have a look at the kind of users itself.
func userTable(sn *store.Snapshot) store.Table[store.User] { return sn.Users }
