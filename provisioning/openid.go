package provisioning

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"strowger/store"
)

const (
	// OpenIDPath begins the paths of what signs in with a provider; the callback is
	// what the provider must have as the redirect URI.
	OpenIDPath     = "/api/v1/session/openid"
	OpenIDCallback = OpenIDPath + "/callback"
	// OpenIDLife is how long somebody has at the provider, and after that for a code.
	OpenIDLife = 10 * time.Minute

	openIDTimeout = 20 * time.Second // of all requests of one step together
	maxOpenIDBody = 1 << 20          // of one answer
)

// Why a provider did not get somebody in, as the sign-in page is told: the page has
// the words.
const (
	openIDUnavailable = "unavailable" // the provider does not answer as one
	openIDRefused     = "refused"     // it does not vouch for anybody
	openIDExpired     = "expired"     // not begun in this browser, too long ago, or done already
	openIDInvalid     = "invalid"     // what it says does not prove who it is
	openIDUnverified  = "unverified"  // it has not verified the email
	openIDUnconfirmed = "unconfirmed" // the user whose email it is has not confirmed it here
	openIDUnknown     = "unknown"     // nobody here is that
	openIDAmbiguous   = "ambiguous"   // several are
	openIDLinked      = "linked"      // the user is another account of the provider
	openIDOff         = "off"         // the organization has no provider
	openIDNoAddress   = "address"     // nobody has said how browsers reach us
)

// An OpenIDError says why somebody was not signed in by a provider.
type OpenIDError struct {
	Organization string // that it was about, empty: nobody knows
	Reason       string
	Cause        error // for the audit log
}

func (e *OpenIDError) Error() string {
	if e.Cause == nil {
		return "OpenID Connect: " + e.Reason
	}
	return "OpenID Connect: " + e.Reason + ": " + e.Cause.Error()
}

func (e *OpenIDError) Unwrap() error { return e.Cause }

// An OpenIDButton is a provider on the sign-in page.
type OpenIDButton struct {
	Organization string `json:"organization"` // id
	Name         string `json:"name"`         // of the organization
	Label        string `json:"label"`        // empty: the page's own words
}

// An OpenIDCode is the second factor of somebody for whom a provider has vouched.
type OpenIDCode struct {
	Code string `json:"code" writeOnly:"true"`
}

// An openIDSignIn is under way.
type openIDSignIn struct {
	org       string
	settings  store.OpenIDProvider
	provider  *oidc.Provider
	oauth     oauth2.Config
	browser   string // hash of what its cookie holds
	nonce     string
	verifier  string // PKCE
	vouched   string // id of the user, once the provider has spoken and a code is due
	supported struct {
		Methods  []string `json:"token_endpoint_auth_methods_supported"`
		JWKS     string   `json:"jwks_uri"`
		UserInfo string   `json:"userinfo_endpoint"`
	}
}

// OpenIDButtons are the providers on the sign-in page: that of the organization
// that is named, by id or name, or that the host is of, or the operator's own. What
// an administrator sets of another organization is on nobody else's page.
func (s *Service) OpenIDButtons(named string, from Client) []OpenIDButton {
	out := []OpenIDButton{}
	org := s.store.Directory().Default()
	if named != "" {
		id, err := s.FindOrganization(named)
		if err != nil {
			return out
		}
		org = id
	} else if u, err := url.Parse(from.Origin); err == nil {
		if id, ok := s.store.Directory().ByDomain(u.Hostname()); ok {
			org = id
		}
	}
	if sn, ok := s.store.Snapshot(org); ok && sn.Organization.SignIn.OpenID.Issuer != "" {
		o := sn.Organization
		out = append(out, OpenIDButton{Organization: o.ID, Name: o.Name, Label: o.SignIn.OpenID.Label})
	}
	return out
}

// BeginOpenID makes the address of a provider's page that a browser goes to, and
// what its cookie holds meanwhile. Without a cookie it is our own address, at the
// name that the provider sends browsers back to: the cookie must be of that name.
// here begins all the same.
func (s *Service) BeginOpenID(ctx context.Context, named string, here bool, from Client) (address, browser string, err error) {
	if source, err := netip.ParseAddr(from.Address); err == nil && !from.loopback() && !s.challenges.Take(source) {
		return "", "", &Refusal{Status: http.StatusTooManyRequests, Detail: store.Say("too many requests from here; try again later"), RetryAfter: challengeEvery}
	}
	org, err := s.FindOrganization(named)
	if err != nil {
		return "", "", &OpenIDError{Reason: openIDOff}
	}
	sn, err := s.snapshot(org)
	if err != nil {
		return "", "", err
	}
	o := sn.Organization
	if o.SignIn.OpenID.Issuer == "" {
		return "", "", &OpenIDError{Organization: org, Reason: openIDOff}
	}
	base := s.webAddress(o, from.Base)
	if base == "" {
		return "", "", &OpenIDError{Organization: org, Reason: openIDNoAddress}
	}
	if !here && !sameHost(from.Origin, base) {
		return base + OpenIDPath + "/start?" + url.Values{"organization": {org}, "here": {"true"}}.Encode(), "", nil
	}
	ctx, cancel := context.WithTimeout(ctx, openIDTimeout)
	defer cancel()
	in, err := s.discover(ctx, sn)
	if err != nil {
		fault := &OpenIDError{Organization: org, Reason: openIDUnavailable, Cause: err}
		s.noteFailure(ctx, org, nil, from, shorten(fault.Error(), 300))
		return "", "", fault
	}
	browser, in.nonce, in.verifier = randomToken(), randomToken(), oauth2.GenerateVerifier()
	in.browser = hashToken(browser)
	in.oauth.RedirectURL = base + OpenIDCallback
	state := s.openIDs.put(s.now(), OpenIDLife, *in)
	return in.oauth.AuthCodeURL(state, oidc.Nonce(in.nonce), oauth2.S256ChallengeOption(in.verifier)), browser, nil
}

func sameHost(one, other string) bool {
	a, err := url.Parse(one)
	b, failed := url.Parse(other)
	return err == nil && failed == nil && strings.EqualFold(a.Host, b.Host)
}

// openIDClient asks a provider for an organization, from where its deliveries go
// out: its administrator chooses the address.
func (s *Service) openIDClient(ctx context.Context, org string) (context.Context, error) {
	if s.send == nil {
		return nil, ErrNotRunning
	}
	c := *s.send.Client(org)
	c.Transport = boundedBodies{c.Transport}
	return oidc.ClientContext(ctx, &c), nil
}

// boundedBodies ends answers that are too long for what they should be.
type boundedBodies struct{ http.RoundTripper }

func (b boundedBodies) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(res.Body, maxOpenIDBody), res.Body}
	return res, nil
}

// discover reads what an organization's provider says of itself.
func (s *Service) discover(ctx context.Context, sn *store.Snapshot) (*openIDSignIn, error) {
	org := sn.Organization.ID
	in := &openIDSignIn{org: org, settings: sn.Organization.SignIn.OpenID}
	ctx, err := s.openIDClient(ctx, org)
	if err != nil {
		return nil, err
	}
	if in.provider, err = oidc.NewProvider(ctx, in.settings.Issuer); err != nil {
		return nil, err
	}
	if err := in.provider.Claims(&in.supported); err != nil {
		return nil, err
	}
	in.oauth = oauth2.Config{ClientID: in.settings.ClientID, Endpoint: in.provider.Endpoint(), Scopes: []string{oidc.ScopeOpenID, "email"}}
	for _, at := range []string{in.oauth.Endpoint.AuthURL, in.oauth.Endpoint.TokenURL, in.supported.JWKS, cmp.Or(in.supported.UserInfo, in.settings.Issuer)} {
		if u, err := url.Parse(at); err != nil || u.Scheme != "https" || u.Host == "" {
			return nil, fmt.Errorf("its discovery document has %q where an https address belongs", shorten(at, 100))
		}
	}
	if sec, ok := sn.Secret("organizations", org+store.OpenIDSecret); ok {
		if in.oauth.ClientSecret, err = s.store.OpenSecret(sec); err != nil {
			return nil, err
		}
	}
	in.oauth.Endpoint.AuthStyle = oauth2.AuthStyleInHeader // what counts where nothing is said
	if m := in.supported.Methods; in.oauth.ClientSecret == "" || len(m) > 0 && !slices.Contains(m, "client_secret_basic") {
		in.oauth.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return in, nil
}

// TryOpenID says whether an organization's provider answers as one, for its
// administrator.
func (s *Service) TryOpenID(ctx context.Context, who Caller, org string) (*Trial, error) {
	if _, _, err := s.Organization(who, org); err != nil {
		return nil, err
	}
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, err
	}
	if sn.Organization.SignIn.OpenID.Issuer == "" {
		return nil, refuse(http.StatusConflict, "no provider is set")
	}
	ctx, cancel := context.WithTimeout(ctx, openIDTimeout)
	defer cancel()
	return s.try(func() (string, error) {
		in, err := s.discover(ctx, sn)
		if err != nil {
			return "", err
		}
		return in.oauth.Endpoint.AuthURL, nil
	})
}

// An OpenIDAnswer is what a provider has a browser bring.
type OpenIDAnswer struct {
	State, Code, Issuer, Error, Description string
	Browser                                 string // what our cookie holds
}

// FinishOpenID takes a provider's answer and begins a session. pending is set
// instead where the user's code is due: FinishOpenIDCode takes it, with the same
// cookie.
func (s *Service) FinishOpenID(ctx context.Context, a OpenIDAnswer, from Client) (in *SignedIn, text, pending string, err error) {
	f, ok := s.openIDs.take(s.now(), a.State)
	if !ok || f.vouched != "" || !f.begunBy(a.Browser) {
		return nil, "", "", &OpenIDError{Reason: openIDExpired}
	}
	refused := func(u *store.User, reason string, cause error) error {
		e := &OpenIDError{Organization: f.org, Reason: reason, Cause: cause}
		s.noteFailure(ctx, f.org, u, from, shorten(e.Error(), 300))
		return e
	}
	sn, err := s.snapshot(f.org)
	if err != nil || sn.Organization.SignIn.OpenID.Issuer != f.settings.Issuer || sn.Organization.SignIn.OpenID.ClientID != f.settings.ClientID {
		return nil, "", "", refused(nil, openIDExpired, errors.New("the provider was changed meanwhile"))
	}
	switch {
	case a.Issuer != "" && a.Issuer != f.settings.Issuer: // RFC 9207
		return nil, "", "", refused(nil, openIDInvalid, errors.New("the answer is of another provider"))
	case a.Error != "":
		return nil, "", "", refused(nil, openIDRefused, fmt.Errorf("%s: %s", shorten(a.Error, 60), shorten(a.Description, 200)))
	case a.Code == "":
		return nil, "", "", refused(nil, openIDInvalid, errors.New("the answer has no code"))
	}
	ctx, cancel := context.WithTimeout(ctx, openIDTimeout)
	defer cancel()
	who, reason, err := s.redeem(ctx, &f, a.Code)
	if err != nil {
		return nil, "", "", refused(nil, reason, err)
	}
	u, reason, err := s.openIDUser(ctx, sn, who, from)
	if err != nil {
		return nil, "", "", err
	}
	if reason != "" {
		return nil, "", "", refused(u, reason, fmt.Errorf("as %s", shorten(cmp.Or(who.email, who.subject), 100)))
	}
	if !sn.Organization.SignIn.OpenID.TrustSecondFactor {
		due, err := s.totpEnabled(ctx, f.org, u.ID)
		if err != nil {
			return nil, "", "", err
		}
		if due {
			f.vouched = u.ID
			return nil, "", s.openIDs.put(s.now(), OpenIDLife, f), nil
		}
	}
	in, text, err = s.beginSession(ctx, sn, u, from, store.ByOpenID)
	return in, text, "", err
}

func (f *openIDSignIn) begunBy(browser string) bool {
	return subtle.ConstantTimeCompare([]byte(hashToken(browser)), []byte(f.browser)) == 1
}

// FinishOpenIDCode begins the session of somebody for whom the provider has
// vouched, with a code of the authenticator app or a recovery code. What was
// pending stays so after a wrong one.
func (s *Service) FinishOpenIDCode(ctx context.Context, pending, browser, code string, from Client) (*SignedIn, string, error) {
	f, ok := s.openIDs.look(s.now(), pending)
	sn, known := s.store.Snapshot(f.org)
	if !ok || !known || f.vouched == "" || !f.begunBy(browser) {
		return nil, "", errCeremony
	}
	u, ok := sn.Users.Get(f.vouched)
	if !ok || sn.Organization.SignIn.OpenID.Issuer != f.settings.Issuer {
		return nil, "", errCeremony
	}
	if err := s.proveSecondFactor(ctx, f.org, u, from, code); err != nil {
		return nil, "", err
	}
	if _, ok := s.openIDs.take(s.now(), pending); !ok {
		return nil, "", errCeremony
	}
	return s.beginSession(ctx, sn, u, from, store.ByOpenID)
}

// An openIDPerson is whom a provider vouches for.
type openIDPerson struct {
	issuer, subject string
	email           string
	verified        bool
}

// redeem has the provider say who it was: for the code, in a token that it signed
// for us, for this sign-in, and that is good now.
func (s *Service) redeem(ctx context.Context, f *openIDSignIn, code string) (who openIDPerson, reason string, err error) {
	if ctx, err = s.openIDClient(ctx, f.org); err != nil {
		return who, openIDUnavailable, err
	}
	tokens, err := f.oauth.Exchange(ctx, code, oauth2.VerifierOption(f.verifier))
	var answered *oauth2.RetrieveError
	switch {
	case errors.As(err, &answered) && answered.ErrorCode != "":
		return who, openIDInvalid, fmt.Errorf("it does not take the code: %s", cmp.Or(answered.ErrorDescription, answered.ErrorCode))
	case err != nil:
		return who, openIDUnavailable, err
	}
	raw, _ := tokens.Extra("id_token").(string)
	if raw == "" {
		return who, openIDInvalid, errors.New("it sent no ID token")
	}
	token, err := f.provider.VerifierContext(ctx, &oidc.Config{ClientID: f.oauth.ClientID, Now: s.now}).Verify(ctx, raw)
	if err != nil {
		return who, openIDInvalid, err
	}
	var claims struct {
		Email    string  `json:"email"`
		Verified anyBool `json:"email_verified"`
		Party    string  `json:"azp"`
	}
	if err := token.Claims(&claims); err != nil {
		return who, openIDInvalid, err
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(f.nonce)) != 1:
		return who, openIDInvalid, errors.New("the token is of another sign-in: the nonce differs")
	case token.Subject == "" || len(token.Subject) > 255:
		return who, openIDInvalid, errors.New("the token has no subject")
	case claims.Party != "" && claims.Party != f.oauth.ClientID || claims.Party == "" && len(token.Audience) > 1:
		return who, openIDInvalid, errors.New("the token was issued to another client: azp")
	}
	who = openIDPerson{f.settings.Issuer, token.Subject, claims.Email, bool(claims.Verified)}
	if who.email != "" || f.supported.UserInfo == "" {
		return who, "", nil
	}
	info, err := f.provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	switch {
	case err != nil:
		return who, openIDUnavailable, err
	case info.Subject != who.subject:
		return who, openIDInvalid, errors.New("its user info is of somebody else")
	}
	who.email, who.verified = info.Email, info.EmailVerified
	return who, "", nil
}

// An anyBool is true, or "true" as some providers have it.
type anyBool bool

func (b *anyBool) UnmarshalJSON(raw []byte) error {
	*b = anyBool(strings.Trim(string(raw), `"`) == "true")
	return nil
}

// openIDUser finds the user of an organization for whom its provider vouches: by
// the account, or else by the verified email, and then that account is the user's.
func (s *Service) openIDUser(ctx context.Context, sn *store.Snapshot, who openIDPerson, from Client) (u *store.User, reason string, err error) {
	org := sn.Organization.ID
	id, err := s.store.UserByOpenID(ctx, org, who.issuer, who.subject)
	if err != nil {
		return nil, "", err
	}
	if u, ok := sn.Users.Get(id); ok {
		return u, "", nil
	}
	switch {
	case who.email == "":
		return nil, openIDUnknown, nil
	case !who.verified:
		return nil, openIDUnverified, nil
	}
	if sn.Organization.SignIn.OpenID.Match == store.OpenIDLogin {
		u, _ = sn.UserByLogin(who.email)
	} else {
		for _, other := range sn.Users.All() {
			if store.Fold(other.Email) != store.Fold(who.email) {
				continue
			}
			if u != nil {
				return nil, openIDAmbiguous, nil
			}
			u = other
		}
	}
	switch {
	case u == nil:
		return nil, openIDUnknown, nil
	case u.UnverifiedEmail() && store.Fold(u.Email) == store.Fold(who.email):
		return nil, openIDUnconfirmed, nil // an address that was typed in is nobody's yet
	}
	account := store.OpenIDAccount{Issuer: who.issuer, Subject: who.subject, Since: s.now().UTC().Truncate(time.Second)}
	err = s.store.ChangeFactors(ctx, org, u.ID, func(f *store.Factors) error {
		if f.OpenID.Subject != "" && f.OpenID.Issuer == who.issuer && f.OpenID.Subject != who.subject {
			reason = openIDLinked
			return nil
		}
		f.OpenID = account
		return nil
	})
	if err == nil && reason == "" {
		s.note(ctx, org, store.OpenIDLinked, u, from, who.email)
	}
	return u, reason, err
}

// UnlinkOpenID has a user be found by the email again, at the next sign-in: the
// account at the provider is another.
func (s *Service) UnlinkOpenID(ctx context.Context, org, userID string, from Client, by string) error {
	had := false
	err := s.store.ChangeFactors(ctx, org, userID, func(f *store.Factors) error {
		had = f.OpenID.Subject != ""
		f.OpenID = store.OpenIDAccount{}
		return nil
	})
	if err != nil {
		return asMissing(err, "user")
	}
	if sn, ok := s.store.Snapshot(org); ok && had {
		u, _ := sn.Users.Get(userID)
		s.note(ctx, org, store.OpenIDUnlinked, u, from, by)
	}
	return nil
}
