package store

import "context"

// A SecondFactor is what a user proves to have besides knowing the password. Like
// sessions it is no configuration; it goes with its user.
type SecondFactor struct {
	Secret   string   // of TOTP (RFC 6238), in base32; empty: there is none. Sealed on disk
	Enabled  bool     // a code has proven that the user has it
	LastStep int64    // time step of the last code that was taken
	Recovery []string // SHA-256 of each recovery code that is left, in hexadecimal

	sealed []byte
}

func (f *SecondFactor) fields(c *codec) {
	c.blob(1, &f.sealed)
	c.bool(2, &f.Enabled)
	c.int64(3, &f.LastStep)
	c.strs(4, &f.Recovery)
}

// SecondFactor finds a user's; its Secret is empty when there is none.
func (st *Store) SecondFactor(ctx context.Context, org, userID string) (f SecondFactor, err error) {
	key := recordKey(org, userID)
	err = st.backend.View(ctx, func(r Reader) error {
		value, err := r.Get(BucketSecondFactors, key)
		if err != nil || value == nil {
			return err
		}
		if !decode(string(value), f.fields) {
			return undecodable(BucketSecondFactors, key)
		}
		f.Secret, err = st.vault.open(f.sealed)
		return err
	})
	if err != nil {
		return SecondFactor{}, err
	}
	return f, nil
}

// ChangeSecondFactor writes what change makes of a user's, one at a time, and is
// done when that is on disk. An empty Secret takes it away; after an error of
// change it is as it was.
func (st *Store) ChangeSecondFactor(ctx context.Context, org, userID string, change func(*SecondFactor) error) error {
	sn, ok := st.Snapshot(org)
	if !ok {
		return notFound(inOrganizations, org)
	}
	if _, ok := sn.Users.Get(userID); !ok {
		return notFound(inUsers, userID)
	}
	defer st.writer.records.lock(BucketSecondFactors, org, userID)()
	f, err := st.SecondFactor(ctx, org, userID)
	if err != nil {
		return err
	}
	if err := change(&f); err != nil {
		return err
	}
	op := Op{Bucket: BucketSecondFactors, Key: recordKey(org, userID)}
	if f.Secret != "" {
		if f.sealed, err = st.vault.seal(f.Secret); err != nil {
			return err
		}
		op.Value = encode(f.fields)
	}
	return st.writer.ledger.wait(entry{ops: []Op{op}})
}
