package store

import (
	"context"
	"errors"
	"time"
)

// Factors are what a user signs in with besides the password, or instead of it.
// Like sessions they are no configuration; they go with their user.
type Factors struct {
	TOTP     TOTP
	Reset    PasswordReset
	Passkeys []Passkey // oldest first
	OpenID   OpenIDAccount
	Email    EmailProof
}

// An OpenIDAccount is the one at the organization's provider that a user is. No
// subject: there is none yet.
type OpenIDAccount struct {
	Issuer  string
	Subject string
	Since   time.Time
}

func (a *OpenIDAccount) fields(c *codec) {
	c.str(1, &a.Issuer)
	c.str(2, &a.Subject)
	c.time(3, &a.Since)
}

// A TOTP is the secret of an authenticator app.
type TOTP struct {
	Secret   string   // RFC 6238, in base32; empty: there is none. Sealed on disk
	Enabled  bool     // a code has proven that the user has it
	LastStep int64    // time step of the last code that was taken
	Recovery []string // SHA-256 of each recovery code that is left, in hexadecimal

	sealed []byte
}

// A PasswordReset is a link that was mailed with which a user chooses a password.
type PasswordReset struct {
	Hash  string    // CodeHash of what the link proves; empty: there is none
	Until time.Time // it is good before
}

// An EmailProof is the link that was mailed to a user's new address.
type EmailProof struct {
	Hash  string    // CodeHash of what the link proves; empty: there is none
	Until time.Time // it is good before
}

// A Passkey signs a user in without a password (WebAuthn). There is nothing
// secret in what is kept of it.
type Passkey struct {
	ID         string // of the credential, in base64url
	Name       string
	Host       string // that the browser made it for
	Credential []byte // JSON: its public key, its counter and what else checks it
	CreatedAt  time.Time
	UsedAt     time.Time
}

func (k *Passkey) fields(c *codec) {
	c.str(1, &k.ID)
	c.str(2, &k.Name)
	c.str(3, &k.Host)
	c.blob(4, &k.Credential)
	c.time(5, &k.CreatedAt)
	c.time(6, &k.UsedAt)
}

// The numbers of TOTP are the record's own: it was alone there first.
func (f *Factors) fields(c *codec) {
	c.blob(1, &f.TOTP.sealed)
	c.bool(2, &f.TOTP.Enabled)
	c.int64(3, &f.TOTP.LastStep)
	c.strs(4, &f.TOTP.Recovery)
	c.str(5, &f.Reset.Hash)
	c.time(6, &f.Reset.Until)
	list(c, 7, &f.Passkeys, (*Passkey).fields)
	c.sub(8, f.OpenID.fields)
	c.str(9, &f.Email.Hash)
	c.time(10, &f.Email.Until)
}

// UserByOpenID finds the user of an organization who is an account at a provider.
func (st *Store) UserByOpenID(ctx context.Context, org, issuer, subject string) (userID string, err error) {
	from := recordKey(org, "")
	err = st.backend.View(ctx, func(r Reader) error {
		return r.Range(BucketSecondFactors, from, []byte(org+"\x01"), func(key, value []byte) error {
			var f Factors
			if !decode(string(value), f.fields) {
				return undecodable(BucketSecondFactors, key)
			}
			if f.OpenID.Issuer == issuer && f.OpenID.Subject == subject {
				userID = string(key[len(from):])
				return errStop
			}
			return nil
		})
	})
	if errors.Is(err, errStop) {
		err = nil
	}
	return userID, err
}

// Factors finds a user's; who has none has empty ones.
func (st *Store) Factors(ctx context.Context, org, userID string) (f Factors, err error) {
	key := recordKey(org, userID)
	err = st.backend.View(ctx, func(r Reader) error {
		value, err := r.Get(BucketSecondFactors, key)
		if err != nil || value == nil {
			return err
		}
		if !decode(string(value), f.fields) {
			return undecodable(BucketSecondFactors, key)
		}
		if len(f.TOTP.sealed) > 0 {
			f.TOTP.Secret, err = st.vault.open(f.TOTP.sealed)
		}
		return err
	})
	if err != nil {
		return Factors{}, err
	}
	return f, nil
}

// ChangeFactors writes what change makes of a user's, one at a time, and is done
// when that is on disk; after an error of change they are as they were.
func (st *Store) ChangeFactors(ctx context.Context, org, userID string, change func(*Factors) error) error {
	sn, ok := st.Snapshot(org)
	if !ok {
		return notFound(inOrganizations, org)
	}
	if _, ok := sn.Users.Get(userID); !ok {
		return notFound(inUsers, userID)
	}
	defer st.writer.records.lock(BucketSecondFactors, org, userID)()
	f, err := st.Factors(ctx, org, userID)
	if err != nil {
		return err
	}
	if err := change(&f); err != nil {
		return err
	}
	if f.TOTP.sealed = nil; f.TOTP.Secret != "" {
		if f.TOTP.sealed, err = st.vault.seal(f.TOTP.Secret); err != nil {
			return err
		}
	}
	op := Op{Bucket: BucketSecondFactors, Key: recordKey(org, userID)}
	if value := encode(f.fields); len(value) > 0 {
		op.Value = value
	}
	return st.writer.ledger.wait(entry{ops: []Op{op}})
}
