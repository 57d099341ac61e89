package provisioning

import (
	"context"
	"time"

	"strowger/store"
)

// SignInMeans are what a user can sign in with, for whoever helps somebody who has
// lost one of them: nothing in here signs anybody in.
type SignInMeans struct {
	Password      bool           `json:"password"`
	TOTP          bool           `json:"totp"`           // codes of an authenticator app are asked for
	RecoveryCodes int            `json:"recovery_codes"` // that are left
	Passkeys      []*PasskeyView `json:"passkeys"`       // oldest first
	OpenID        *OpenIDLink    `json:"openid,omitempty"`
}

// An OpenIDLink is the account at a provider that a user is.
type OpenIDLink struct {
	Issuer string    `json:"issuer"`
	Since  time.Time `json:"since"`
}

// SignInMeans tells those of a user.
func (s *Service) SignInMeans(ctx context.Context, org, userID string) (*SignInMeans, error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, err
	}
	if _, ok := sn.Users.Get(userID); !ok {
		return nil, users.missing()
	}
	f, err := s.store.Factors(ctx, org, userID)
	if err != nil {
		return nil, err
	}
	sec, _ := sn.Secret("users", userID)
	m := &SignInMeans{Password: sec.Hash != "", TOTP: f.TOTP.Enabled, Passkeys: []*PasskeyView{}}
	if f.TOTP.Enabled {
		m.RecoveryCodes = len(f.TOTP.Recovery)
	}
	for _, k := range f.Passkeys {
		m.Passkeys = append(m.Passkeys, viewPasskey(k))
	}
	if f.OpenID != (store.OpenIDAccount{}) {
		m.OpenID = &OpenIDLink{Issuer: f.OpenID.Issuer, Since: f.OpenID.Since}
	}
	return m, nil
}

// RemoveUserPasskey has a passkey of a user sign nobody in any more, as an
// administrator asks for.
func (s *Service) RemoveUserPasskey(ctx context.Context, org, userID, id string, from Client, by string) error {
	sn, err := s.snapshot(org)
	if err != nil {
		return err
	}
	u, ok := sn.Users.Get(userID)
	if !ok {
		return users.missing()
	}
	return s.dropPasskey(ctx, org, u, from, id, ", "+by)
}
