package provisioning

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"strowger/store"
)

const (
	// ceremonyLife is how long a browser has to answer a challenge.
	ceremonyLife = 5 * time.Minute
	maxPasskeys  = 20 // of one user
	// Challenges that a source has at once, and how long it waits for each more.
	challengeBurst = 60
	challengeEvery = time.Second
)

// A PasskeyView is a passkey as its person sees it.
type PasskeyView struct {
	ID        string    `json:"id" readOnly:"true"`
	Name      string    `json:"name"`
	Host      string    `json:"host" readOnly:"true"` // where it signs in: the name that the browser showed
	CreatedAt time.Time `json:"created_at" readOnly:"true"`
	UsedAt    time.Time `json:"used_at,omitzero" readOnly:"true"`
}

// A Ceremony is a challenge for a browser's navigator.credentials.
type Ceremony struct {
	ID string `json:"id"`
	// PublicKey are the options as parseCreationOptionsFromJSON or
	// parseRequestOptionsFromJSON take them.
	PublicKey any `json:"public_key"`
}

// A PasskeyAnswer is what the browser makes of a Ceremony.
type PasskeyAnswer struct {
	ID         string         `json:"id"`             // of the Ceremony
	Name       string         `json:"name,omitempty"` // for a new passkey
	Credential map[string]any `json:"credential"`     // PublicKeyCredential.toJSON()
}

// A PasskeyName renames one.
type PasskeyName struct {
	Name string `json:"name"`
}

var (
	errCeremony = &Refusal{Status: http.StatusConflict, Detail: store.Say("it took too long, or was answered already; begin again")}
	errPasskey  = &Refusal{Status: http.StatusUnauthorized, Detail: store.Say("The passkey is not known here.")}
)

// A ceremony is under way.
type ceremony struct {
	webauthn.SessionData
	party     *webauthn.WebAuthn
	sessionID string // of a person who adds one; empty for a sign-in
}

// party is what browsers know us as: the host that this one shows, if it is ours.
// A passkey is for one host; what a browser would not sign for, nobody can ask of
// it through us.
func (s *Service) party(from Client) (*webauthn.WebAuthn, error) {
	u, err := url.Parse(from.Origin)
	if err != nil || !s.ownHost(u.Hostname()) {
		return nil, refuse(http.StatusConflict, "passkeys are for the exchange's own name; set the organization's web_address to how browsers reach it")
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return nil, refuse(http.StatusConflict, "browsers take passkeys for names only: open this page by the exchange's name")
	}
	return webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: "strowger", RPOrigins: []string{from.Origin},
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
		AttestationPreference: protocol.PreferNoAttestation,
	})
}

// A passkeyUser is a user as the library wants one.
type passkeyUser struct {
	org  string
	user *store.User
	keys []store.Passkey
}

// WebAuthnID tells browsers which account a passkey is of, and nothing about it.
func (u *passkeyUser) WebAuthnID() []byte { return userHandle(u.org, u.user.ID) }

func userHandle(org, id string) []byte {
	sum := sha256.Sum256([]byte("passkey " + org + " " + id))
	return sum[:]
}
func (u *passkeyUser) WebAuthnName() string        { return u.user.Login }
func (u *passkeyUser) WebAuthnDisplayName() string { return fullName(u.user) }

func (u *passkeyUser) WebAuthnCredentials() []webauthn.Credential {
	var out []webauthn.Credential
	for _, k := range u.keys {
		var c webauthn.Credential
		if json.Unmarshal(k.Credential, &c) == nil {
			out = append(out, c)
		}
	}
	return out
}

// BeginPasskey makes a challenge for a new passkey of a session's person, who
// proves the password: a session that was left open is no way to stay.
func (s *Service) BeginPasskey(ctx context.Context, in *SignedIn, from Client, password string) (*Ceremony, error) {
	party, err := s.party(from)
	if err != nil {
		return nil, err
	}
	if err := s.provePassword(ctx, in, from, "password", password); err != nil {
		return nil, err
	}
	f, err := s.store.Factors(ctx, in.Session.Org, in.User.ID)
	if err != nil {
		return nil, err
	}
	u := &passkeyUser{in.Session.Org, in.User, f.Passkeys}
	options, data, err := party.BeginRegistration(u, webauthn.WithExclusions(webauthn.Credentials(u.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return nil, err
	}
	id := s.ceremonies.put(s.now(), ceremonyLife, ceremony{SessionData: *data, party: party, sessionID: in.Session.ID})
	return &Ceremony{ID: id, PublicKey: options.Response}, nil
}

// AddPasskey keeps what a browser made.
func (s *Service) AddPasskey(ctx context.Context, in *SignedIn, from Client, a PasskeyAnswer) (*PasskeyView, error) {
	name, err := passkeyName(a.Name)
	if err != nil {
		return nil, err
	}
	c, ok := s.ceremonies.take(s.now(), a.ID)
	if !ok || c.sessionID != in.Session.ID {
		return nil, errCeremony
	}
	raw, err := json.Marshal(a.Credential)
	if err != nil {
		return nil, err
	}
	answer, err := protocol.ParseCredentialCreationResponseBytes(raw)
	if err != nil {
		return nil, invalid("credential", "is not what a browser makes of this challenge")
	}
	made, err := c.party.CreateCredential(&passkeyUser{org: in.Session.Org, user: in.User}, c.SessionData, answer)
	if err != nil {
		return nil, &Refusal{Status: http.StatusUnprocessableEntity, Field: "credential", Detail: store.Say("credential: the browser's answer does not prove the passkey"), Cause: err}
	}
	made.Attestation = webauthn.CredentialAttestation{} // nobody looks at it again
	kept := store.Passkey{ID: passkeyID(made.ID), Name: name, Host: c.party.Config.RPID, CreatedAt: s.now().UTC().Truncate(time.Second)}
	if kept.Credential, err = json.Marshal(made); err != nil {
		return nil, err
	}
	err = s.store.ChangeFactors(ctx, in.Session.Org, in.User.ID, func(f *store.Factors) error {
		if len(f.Passkeys) >= maxPasskeys {
			return refuse(http.StatusConflict, "there are %d passkeys; remove one first", maxPasskeys)
		}
		if slices.ContainsFunc(f.Passkeys, func(k store.Passkey) bool { return k.ID == kept.ID }) {
			return refuse(http.StatusConflict, "the passkey is there already")
		}
		f.Passkeys = append(f.Passkeys, kept)
		return nil
	})
	if err != nil {
		return nil, asMissing(err, "user")
	}
	s.note(ctx, in.Session.Org, store.PasskeyAdded, in.User, from, name)
	return viewPasskey(kept), nil
}

func passkeyID(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func viewPasskey(k store.Passkey) *PasskeyView {
	return &PasskeyView{ID: k.ID, Name: k.Name, Host: k.Host, CreatedAt: k.CreatedAt, UsedAt: k.UsedAt}
}

func passkeyName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || len(name) > 100 {
		return "", invalid("name", "want 1 to 100 characters")
	}
	return name, nil
}

// Passkeys lists those of a session's person.
func (s *Service) Passkeys(ctx context.Context, in *SignedIn) ([]*PasskeyView, error) {
	f, err := s.store.Factors(ctx, in.Session.Org, in.User.ID)
	out := []*PasskeyView{}
	for _, k := range f.Passkeys {
		out = append(out, viewPasskey(k))
	}
	return out, err
}

// RenamePasskey gives one another name.
func (s *Service) RenamePasskey(ctx context.Context, in *SignedIn, id, name string) (*PasskeyView, error) {
	name, err := passkeyName(name)
	if err != nil {
		return nil, err
	}
	var now *PasskeyView
	err = s.store.ChangeFactors(ctx, in.Session.Org, in.User.ID, func(f *store.Factors) error {
		i := slices.IndexFunc(f.Passkeys, func(k store.Passkey) bool { return k.ID == id })
		if i < 0 {
			return refuse(http.StatusNotFound, "no such passkey")
		}
		f.Passkeys[i].Name = name
		now = viewPasskey(f.Passkeys[i])
		return nil
	})
	return now, asMissing(err, "user")
}

// RemovePasskey has one sign nobody in any more.
func (s *Service) RemovePasskey(ctx context.Context, in *SignedIn, from Client, id string) error {
	return s.dropPasskey(ctx, in.Session.Org, in.User, from, id, "")
}

// dropPasskey does it; by follows the name in the audit log.
func (s *Service) dropPasskey(ctx context.Context, org string, u *store.User, from Client, id, by string) error {
	name := ""
	err := s.store.ChangeFactors(ctx, org, u.ID, func(f *store.Factors) error {
		i := slices.IndexFunc(f.Passkeys, func(k store.Passkey) bool { return k.ID == id })
		if i < 0 {
			return refuse(http.StatusNotFound, "no such passkey")
		}
		name = f.Passkeys[i].Name
		f.Passkeys = slices.Delete(f.Passkeys, i, i+1)
		return nil
	})
	if err == nil {
		s.note(ctx, org, store.PasskeyRemoved, u, from, name+by)
	}
	return asMissing(err, "user")
}

// BeginPasskeySignIn makes a challenge for whoever has a passkey here.
func (s *Service) BeginPasskeySignIn(from Client) (*Ceremony, error) {
	if source, err := netip.ParseAddr(from.Address); err == nil && !from.loopback() && !s.challenges.Take(source) {
		return nil, &Refusal{Status: http.StatusTooManyRequests, Detail: store.Say("too many requests from here; try again later"), RetryAfter: challengeEvery}
	}
	party, err := s.party(from)
	if err != nil {
		return nil, err
	}
	options, data, err := party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, err
	}
	return &Ceremony{ID: s.ceremonies.put(s.now(), ceremonyLife, ceremony{SessionData: *data, party: party}), PublicKey: options.Response}, nil
}

// PasskeySignIn begins a session of whoever a passkey is of. It is a second factor
// in itself: the device, and what unlocks it.
func (s *Service) PasskeySignIn(ctx context.Context, a PasskeyAnswer, from Client) (*SignedIn, string, error) {
	c, ok := s.ceremonies.take(s.now(), a.ID)
	if !ok || c.sessionID != "" {
		return nil, "", errCeremony
	}
	raw, err := json.Marshal(a.Credential)
	if err != nil {
		return nil, "", err
	}
	answer, err := protocol.ParseCredentialRequestResponseBytes(raw)
	if err != nil {
		return nil, "", invalid("credential", "is not what a browser makes of this challenge")
	}
	done, err := s.guesses.begin(from.Address, "passkey "+passkeyID(answer.RawID))
	if err != nil {
		return nil, "", err
	}
	defer done()
	sn, u := s.ofHandle(answer.Response.UserHandle)
	if u == nil {
		s.noteFailure(ctx, s.store.Directory().Default(), nil, from, "unknown passkey")
		return nil, "", errPasskey
	}
	org := sn.Organization.ID
	err = s.store.ChangeFactors(ctx, org, u.ID, func(f *store.Factors) error {
		owner := &passkeyUser{org, u, f.Passkeys}
		_, used, err := c.party.ValidatePasskeyLogin(func([]byte, []byte) (webauthn.User, error) { return owner, nil }, c.SessionData, answer)
		if err != nil {
			return &Refusal{Status: errPasskey.Status, Detail: errPasskey.Detail, Cause: err}
		}
		if used.Authenticator.CloneWarning {
			return &Refusal{Status: errPasskey.Status, Detail: store.Say("The passkey seems to have been copied: it counts backwards. Remove it, and add another."), Cause: errors.New("a passkey's counter went back")}
		}
		i := slices.IndexFunc(f.Passkeys, func(k store.Passkey) bool { return k.ID == passkeyID(used.ID) })
		f.Passkeys[i].UsedAt = s.now().UTC().Truncate(time.Second)
		f.Passkeys[i].Credential, err = json.Marshal(used)
		return err
	})
	if err != nil {
		var refusal *Refusal
		if errors.As(err, &refusal) {
			s.noteFailure(ctx, org, u, from, "passkey refused")
		}
		return nil, "", err
	}
	s.guesses.forgive(from.Address, "passkey "+passkeyID(answer.RawID))
	return s.beginSession(ctx, sn, u, from, store.ByPasskey)
}

// ofHandle finds whose a passkey says to be.
func (s *Service) ofHandle(handle []byte) (*store.Snapshot, *store.User) {
	for _, org := range s.store.Directory().Organizations() {
		sn, ok := s.store.Snapshot(org)
		if !ok {
			continue
		}
		for id, u := range sn.Users.All() {
			if subtle.ConstantTimeCompare(userHandle(org, id), handle) == 1 {
				return sn, u
			}
		}
	}
	return nil, nil
}
