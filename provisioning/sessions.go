package provisioning

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"slices"
	"strings"
	"time"

	"strowger/store"
)

// maxNamesakes is how many users of one login, each of another organization, are
// tried with a password: each takes a hash.
const maxNamesakes = 8

// A SignInRequest is what a person signs in with.
type SignInRequest struct {
	Login    string `json:"login"`
	Password string `json:"password" writeOnly:"true"`
	// Organization, by id or name, tells two of them apart that have the login.
	Organization string `json:"organization,omitempty"`
	// Code is of the authenticator app, or a recovery code.
	Code string `json:"code,omitempty" writeOnly:"true"`
}

// A Client is where a request of a person comes from.
type Client struct {
	Address   string
	UserAgent string
	Base      string // what links begin with that lead it back to us, as it says
	Origin    string // what its browser shows: scheme and host
}

// A SignedIn is a session that a request belongs to.
type SignedIn struct {
	Session      *store.Session
	User         *store.User
	Organization *store.Organization
	CSRF         string
}

// A SessionView is a session as its own person sees it.
type SessionView struct {
	ID           string              `json:"id"`
	UserID       string              `json:"user_id"`
	FirstName    string              `json:"first_name"`
	LastName     string              `json:"last_name"`
	Login        string              `json:"login"`
	Role         string              `json:"role" enum:"user,admin"`
	Language     string              `json:"language"` // the user's own; empty: none
	Organization SessionOrganization `json:"organization"`
	// CSRFToken goes into X-CSRF-Token of what changes something.
	CSRFToken              string `json:"csrf_token"`
	PasswordChangeRequired bool   `json:"password_change_required"`
	TOTP                   bool   `json:"totp"` // a sign-in takes a code
	// SecondFactorRequired: the organization wants one of administrators, and there
	// is none yet. Until there is, nothing else can be done.
	SecondFactorRequired bool      `json:"second_factor_required"`
	ExpiresAt            time.Time `json:"expires_at"` // without another request
}

// A SessionOrganization is what a page must know of the organization.
type SessionOrganization struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Language string `json:"language"`
	TimeZone string `json:"time_zone"`
	Country  string `json:"country"`
}

// A SessionEntry is one of a person's sessions in the list of them.
type SessionEntry struct {
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"`
	ExpiresAt time.Time `json:"expires_at"`
	Source    string    `json:"source"` // address that signed in
	UserAgent string    `json:"user_agent"`
	Current   bool      `json:"current"` // the one that asks
}

// loopback says whether it is on this machine, or behind a proxy that does not say
// who comes to it.
func (c Client) loopback() bool {
	addr, err := netip.ParseAddr(c.Address)
	return err == nil && addr.IsLoopback()
}

// errWrongPassword is the answer to every pair of login and password that is not
// somebody's: it tells nothing of either.
var errWrongPassword = &Refusal{Status: 401, Detail: store.Say("The login or the password is wrong.")}

// csrfToken belongs to a session's text, and does not tell it.
func csrfToken(text string) string {
	sum := sha256.Sum256([]byte("csrf " + text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Caller is who the session's person is.
func (in *SignedIn) Caller() Caller {
	c := Caller{Role: store.TokenUser, Organization: in.Session.Org, SessionID: in.Session.ID, Person: in.User.ID, Name: personName(in.User)}
	if in.User.Role == roleAdmin {
		c.Role = store.TokenAdmin
	} else {
		c.UserID = in.User.ID
	}
	return c
}

// personName is a person in revisions.
func personName(u *store.User) string {
	name := strings.TrimSpace(u.FirstName + " " + u.LastName)
	if u.Login == "" || u.Login == name {
		return name
	}
	return name + " (" + u.Login + ")"
}

// ViewSession shows a session to its person.
func (s *Service) ViewSession(ctx context.Context, in *SignedIn) (*SessionView, error) {
	u, o := in.User, in.Organization
	enabled, err := s.totpEnabled(ctx, o.ID, u.ID)
	if err != nil {
		return nil, err
	}
	lacking, err := s.LacksSecondFactor(ctx, in)
	if err != nil {
		return nil, err
	}
	return &SessionView{
		ID: in.Session.ID, UserID: u.ID, FirstName: u.FirstName, LastName: u.LastName, Login: u.Login, Role: u.Role, Language: u.Language,
		Organization: SessionOrganization{ID: o.ID, Name: o.Name, Language: o.Language, TimeZone: o.TimeZone, Country: o.Country},
		CSRFToken:    in.CSRF, PasswordChangeRequired: in.PasswordChangeRequired(), TOTP: enabled, SecondFactorRequired: lacking, ExpiresAt: in.Session.ExpiresAt(),
	}, nil
}

// AuthenticateSession finds the session that a cookie's text is of. As with
// tokens, a hash is looked up.
func (s *Service) AuthenticateSession(text string) (*SignedIn, bool) {
	session, ok := s.store.SessionByHash(hashToken(text))
	if !ok {
		return nil, false
	}
	return s.signedIn(session, text)
}

func (s *Service) signedIn(session *store.Session, text string) (*SignedIn, bool) {
	sn, ok := s.store.Snapshot(session.Org)
	if !ok {
		return nil, false
	}
	u, ok := sn.Users.Get(session.UserID)
	if !ok {
		return nil, false
	}
	return &SignedIn{Session: session, User: u, Organization: sn.Organization, CSRF: csrfToken(text)}, true
}

// PasswordChangeRequired says whether the person must choose another password
// first. Whom a provider vouches for may never have had one.
func (in *SignedIn) PasswordChangeRequired() bool {
	return in.User.PasswordChangeRequired && in.Session.By != store.ByOpenID
}

// LacksSecondFactor says whether the organization wants a second factor of the
// session's person, and there was none. A passkey is one in itself, where it is
// what the session began with; beside a password that goes without, it is none.
func (s *Service) LacksSecondFactor(ctx context.Context, in *SignedIn) (bool, error) {
	rules := in.Organization.SignIn
	switch {
	case !rules.SecondFactorForAdmins, in.User.Role != roleAdmin, in.Session.By == store.ByPasskey,
		in.Session.By == store.ByOpenID && rules.OpenID.Issuer != "" && rules.OpenID.TrustSecondFactor:
		return false, nil
	}
	enabled, err := s.totpEnabled(ctx, in.Session.Org, in.User.ID)
	return !enabled, err
}

// SignIn begins a session of whoever has the login and the password. text is what
// the browser has to send from then on; nobody keeps it here.
func (s *Service) SignIn(ctx context.Context, req SignInRequest, from Client) (in *SignedIn, text string, err error) {
	req.Login = strings.TrimSpace(req.Login)
	var e InputError
	for _, f := range []struct{ name, value string }{{"login", req.Login}, {"password", req.Password}} {
		if f.value == "" {
			e.Fields = append(e.Fields, Fault(f.name, "missing"))
		}
	}
	if len(e.Fields) > 0 {
		return nil, "", &e
	}
	done, err := s.guesses.begin(from.Address, req.Login)
	if err != nil {
		return nil, "", err
	}
	defer done()
	p, err := s.findPerson(ctx, req, from)
	if err != nil {
		return nil, "", err
	}
	if err := s.proveSecondFactor(ctx, p.sn.Organization.ID, p.user, from, req.Code); err != nil {
		return nil, "", err
	}
	s.guesses.forgive(from.Address, req.Login)
	return s.beginSession(ctx, p.sn, p.user, from, store.ByPassword)
}

// A person is a user as an organization has them at a moment.
type person struct {
	sn   *store.Snapshot
	user *store.User
	hash string // of the password
}

// findPerson finds the one user whose login and password these are. Whether there
// is a user of that login does not show in how long it takes.
func (s *Service) findPerson(ctx context.Context, req SignInRequest, from Client) (person, error) {
	organizations := s.store.Directory().Organizations()
	home := s.store.Directory().Default() // whose the failures of nobody are
	if req.Organization != "" {
		organizations = nil
		if id, err := s.FindOrganization(req.Organization); err == nil {
			organizations, home = []string{id}, id
		}
	}
	named := s.namesakes(organizations, req.Login)
	if len(named) > maxNamesakes {
		CheckPassword(nobodys(), req.Password)
		return person{}, errNamesakes
	}
	if len(named) == 0 {
		CheckPassword(nobodys(), req.Password)
		s.noteFailure(ctx, home, nil, from, "unknown login")
		return person{}, errWrongPassword
	}
	var proven []person
	for _, p := range named {
		if CheckPassword(p.hash, req.Password) {
			proven = append(proven, p)
		}
	}
	switch len(proven) {
	case 0:
		for _, p := range named {
			s.noteFailure(ctx, p.sn.Organization.ID, p.user, from, "wrong password")
		}
		return person{}, errWrongPassword
	case 1:
		return proven[0], nil
	}
	return person{}, errNamesakes
}

// namesakes are the users of some organizations who can sign in with a login.
func (s *Service) namesakes(organizations []string, login string) (named []person) {
	for _, org := range organizations {
		sn, ok := s.store.Snapshot(org)
		if !ok {
			continue
		}
		if u, ok := sn.UserByLogin(login); ok {
			if sec, _ := sn.Secret("users", u.ID); sec.Hash != "" {
				named = append(named, person{sn, u, sec.Hash})
			}
		}
	}
	return named
}

var errNamesakes = &Refusal{Status: 409, Need: "organization", Field: "organization",
	Detail: store.Say("organization: more than one has this login; say which")}

// beginSession signs a user in who has proven to be the one in sn.
func (s *Service) beginSession(ctx context.Context, sn *store.Snapshot, u *store.User, from Client, by store.SignInMethod) (*SignedIn, string, error) {
	text := randomToken()
	session := store.Session{
		ID: store.NewID(), Org: sn.Organization.ID, UserID: u.ID, Hash: hashToken(text), CreatedAt: s.now(),
		Source: from.Address, UserAgent: shorten(from.UserAgent, 200), By: by,
	}
	if err := s.store.SignIn(ctx, sn, session); err != nil {
		return nil, "", err
	}
	in, ok := s.AuthenticateSession(text)
	if !ok {
		return nil, "", errWrongPassword // it was changed this moment
	}
	s.note(ctx, session.Org, store.SignedIn, u, from, string(by))
	return in, text, nil
}

// randomToken is 256 random bits, for what a browser holds.
func randomToken() string {
	raw := make([]byte, 32)
	rand.Read(raw) // never fails
	return base64.RawURLEncoding.EncodeToString(raw)
}

// shorten keeps a text that somebody else chose within bounds.
func shorten(s string, most int) string {
	if len(s) > most {
		s = s[:most]
	}
	return strings.ToValidUTF8(s, "")
}

// SignOut ends the session.
func (s *Service) SignOut(ctx context.Context, in *SignedIn, from Client) error {
	s.note(ctx, in.Session.Org, store.SignedOut, in.User, from, "")
	return s.store.EndSession(ctx, in.Session)
}

// GoesOn says whether a session has not ended since, without using it.
func (s *Service) GoesOn(in *SignedIn) bool {
	return slices.ContainsFunc(s.store.Sessions(in.Session.Org, in.Session.UserID), func(own *store.Session) bool {
		return own.ID == in.Session.ID
	})
}

// OwnSessions lists the sessions of a session's person, newest first.
func (s *Service) OwnSessions(in *SignedIn) []SessionEntry {
	out := []SessionEntry{}
	for _, own := range s.store.Sessions(in.Session.Org, in.Session.UserID) {
		out = append(out, SessionEntry{
			ID: own.ID, CreatedAt: own.CreatedAt, SeenAt: own.SeenAt, ExpiresAt: own.ExpiresAt(),
			Source: own.Source, UserAgent: own.UserAgent, Current: own.ID == in.Session.ID,
		})
	}
	return out
}

// EndOwnSession ends one of the sessions of a session's person.
func (s *Service) EndOwnSession(ctx context.Context, in *SignedIn, from Client, id string) error {
	for _, own := range s.store.Sessions(in.Session.Org, in.Session.UserID) {
		if own.ID == id {
			s.note(ctx, own.Org, store.SignedOut, in.User, from, "the session of "+own.Source)
			return s.store.EndSession(ctx, own)
		}
	}
	return refuse(404, "no such session")
}

// A PasswordChange is a person's change of their own password.
type PasswordChange struct {
	Current string `json:"current" writeOnly:"true"`
	New     string `json:"new" writeOnly:"true"`
}

// ChangePassword gives a session's person another password. Their other sessions
// end.
func (s *Service) ChangePassword(ctx context.Context, in *SignedIn, by store.Author, from Client, c PasswordChange) error {
	if err := s.provePassword(ctx, in, from, "current", c.Current); err != nil {
		return err
	}
	if err := checkPassword("new", c.New); err != nil {
		return err
	}
	if c.New == c.Current {
		return invalid("new", "is the present password")
	}
	hash := HashPassword(c.New)
	by.Summary = "change own password"
	_, err := s.store.Update(ctx, in.Session.Org, by, func(e *store.Edit) error {
		u, ok := e.Users.Get(in.User.ID)
		if !ok {
			return users.missing()
		}
		changed := *u
		changed.Password, changed.PasswordChangeRequired = hash, false
		return e.Users.Put(changed)
	})
	if err != nil {
		return relativeTo(err, "users/"+in.User.ID)
	}
	s.note(ctx, in.Session.Org, store.PasswordChanged, in.User, from, "")
	return nil
}

// provePassword asks a person who is signed in once more for the password: a
// session that was left open, or stolen, is not the person.
func (s *Service) provePassword(ctx context.Context, in *SignedIn, from Client, field, password string) error {
	return s.proveUser(ctx, in.Session.Org, in.User, from, field, password, "in a session")
}

// proveUser asks for the password of a user for whom something else speaks already.
// where says what, for the audit.
func (s *Service) proveUser(ctx context.Context, org string, u *store.User, from Client, field, password, where string) error {
	if password == "" {
		return invalid(field, "missing")
	}
	sn, err := s.snapshot(org)
	if err != nil {
		return err
	}
	sec, _ := sn.Secret("users", u.ID)
	done, err := s.guesses.begin(from.Address, u.Login)
	if err != nil {
		return err
	}
	defer done()
	if !CheckPassword(sec.Hash, password) {
		s.noteFailure(ctx, org, u, from, "wrong password, "+where)
		return invalid(field, "is not the present password")
	}
	s.guesses.forgive(from.Address, u.Login)
	return nil
}
