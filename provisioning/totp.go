package provisioning

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"strowger/store"
)

// recoveryCodes is how many a user gets, for when the phone is lost.
const recoveryCodes = 10

// Codes as every authenticator app makes them; one step early or late is fine.
var totpOptions = totp.ValidateOpts{Period: 30, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// A TOTPKey is what an authenticator app is given, this once.
type TOTPKey struct {
	Secret string `json:"secret"` // base32
	URL    string `json:"url"`    // otpauth:
	QRSVG  string `json:"qr_svg"` // the URL as an image
}

// A TOTPCode proves that an authenticator app has the key.
type TOTPCode struct {
	Code string `json:"code"`
}

// A PasswordProof is a person's password once more.
type PasswordProof struct {
	Password string `json:"password" writeOnly:"true"`
}

// RecoveryCodes stand in for the app, each once. They are shown this once.
type RecoveryCodes struct {
	Codes []string `json:"recovery_codes"`
}

var errEnabled = &Refusal{Status: 409, Detail: store.Say("codes are asked for already; turn that off first")}

// BeginTOTP makes a key for a session's person. Nothing is asked for until a code
// has proven that it arrived.
func (s *Service) BeginTOTP(ctx context.Context, in *SignedIn) (*TOTPKey, error) {
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: "strowger", AccountName: in.User.Login, Period: totpOptions.Period,
		Digits: totpOptions.Digits, Algorithm: totpOptions.Algorithm,
	})
	if err != nil {
		return nil, err
	}
	svg, err := qrSVG(key.URL())
	if err != nil {
		return nil, err
	}
	err = s.store.ChangeFactors(ctx, in.Session.Org, in.User.ID, func(f *store.Factors) error {
		if f.TOTP.Enabled {
			return errEnabled
		}
		f.TOTP = store.TOTP{Secret: key.Secret()}
		return nil
	})
	if err != nil {
		return nil, asMissing(err, "user")
	}
	return &TOTPKey{Secret: key.Secret(), URL: key.URL(), QRSVG: svg}, nil
}

// EnableTOTP has codes asked for from the next sign-in on.
func (s *Service) EnableTOTP(ctx context.Context, in *SignedIn, from Client, code string) (*RecoveryCodes, error) {
	out := &RecoveryCodes{}
	err := s.store.ChangeFactors(ctx, in.Session.Org, in.User.ID, func(all *store.Factors) error {
		f := &all.TOTP
		switch {
		case f.Enabled:
			return errEnabled
		case f.Secret == "":
			return refuse(409, "there is no key yet; ask for one first")
		case code == "":
			return invalid("code", "missing")
		case !takeCode(f, plainCode(code), s.now()):
			return invalid("code", "is not what the app shows now")
		}
		f.Enabled = true
		for range recoveryCodes {
			plain := store.GeneratePassword()[:16]
			f.Recovery = append(f.Recovery, hashRecovery(plain))
			out.Codes = append(out.Codes, plain[:4]+"-"+plain[4:8]+"-"+plain[8:12]+"-"+plain[12:])
		}
		return nil
	})
	if err != nil {
		return nil, asMissing(err, "user")
	}
	s.note(ctx, in.Session.Org, store.TOTPEnabled, in.User, from, "")
	return out, nil
}

// DisableTOTP has no codes asked for any more.
func (s *Service) DisableTOTP(ctx context.Context, in *SignedIn, from Client, password string) error {
	if err := s.provePassword(ctx, in, from, "password", password); err != nil {
		return err
	}
	return s.dropTOTP(ctx, in.Session.Org, in.User.ID, from, "")
}

// ResetTOTP does it for a user who has neither the app nor a recovery code. in is
// the administrator's session, if it is one: for oneself it takes the password.
func (s *Service) ResetTOTP(ctx context.Context, org, userID string, in *SignedIn, from Client, by string) error {
	if in != nil && in.User.ID == userID && in.Session.Org == org {
		return refuse(409, "for oneself it takes the password: DELETE /session/totp")
	}
	return s.dropTOTP(ctx, org, userID, from, by)
}

func (s *Service) dropTOTP(ctx context.Context, org, userID string, from Client, by string) error {
	had := false
	err := s.store.ChangeFactors(ctx, org, userID, func(f *store.Factors) error {
		had = f.TOTP.Enabled
		f.TOTP = store.TOTP{}
		return nil
	})
	if err != nil {
		return asMissing(err, "user")
	}
	if sn, ok := s.store.Snapshot(org); ok && had {
		u, _ := sn.Users.Get(userID)
		s.note(ctx, org, store.TOTPDisabled, u, from, by)
	}
	return nil
}

// totpEnabled says whether a user's sign-in takes a code.
func (s *Service) totpEnabled(ctx context.Context, org, userID string) (bool, error) {
	f, err := s.store.Factors(ctx, org, userID)
	return f.TOTP.Enabled, err
}

var errWrongCode = errors.New("wrong code")

// proveSecondFactor asks whoever has proven a user's password for a code, if the
// user has that turned on. Wrong codes are counted by user: only who knows the
// password gets as far.
func (s *Service) proveSecondFactor(ctx context.Context, org string, u *store.User, from Client, code string) error {
	enabled, err := s.totpEnabled(ctx, org, u.ID)
	if err != nil || !enabled {
		return err
	}
	if code = plainCode(code); code == "" {
		return &Refusal{Status: 401, Need: "code", Detail: store.Say("The code of the authenticator app is missing.")}
	}
	site := codeGuesser(org, u.ID)
	done, err := s.guesses.admit(map[guesser]int{site: freeCodeGuesses})
	if err != nil {
		return err
	}
	defer done()
	err = s.store.ChangeFactors(ctx, org, u.ID, func(all *store.Factors) error {
		if f := &all.TOTP; !f.Enabled || takeCode(f, code, s.now()) || takeRecovery(f, code) {
			return nil
		}
		return errWrongCode
	})
	switch {
	case errors.Is(err, errWrongCode):
		s.noteFailure(ctx, org, u, from, "wrong code")
		return &Refusal{Status: 401, Need: "code", Field: "code", Detail: store.Say("The code is wrong, or was used already.")}
	case err != nil:
		return err
	}
	s.guesses.forget(site)
	return nil
}

// plainCode is a code without what people put between its parts.
func plainCode(code string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(shorten(code, 64)))
}

// takeCode says whether a code is one of now and later than the last one that was
// taken: whoever saw it being typed has no use for it.
func takeCode(f *store.TOTP, code string, now time.Time) bool {
	period := time.Duration(totpOptions.Period) * time.Second
	last := f.LastStep
	if last > now.Add(period).Unix()/int64(totpOptions.Period) {
		last = 0 // the clock was put back: time alone must not lock anybody out
	}
	for _, at := range []time.Time{now, now.Add(-period), now.Add(period)} {
		step := at.Unix() / int64(totpOptions.Period)
		want, err := totp.GenerateCodeCustom(f.Secret, at, totpOptions)
		if err == nil && step > last && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			f.LastStep = step
			return true
		}
	}
	return false
}

func takeRecovery(f *store.TOTP, code string) bool {
	i := slices.Index(f.Recovery, hashRecovery(code))
	if i < 0 {
		return false
	}
	f.Recovery = slices.Delete(f.Recovery, i, i+1)
	return true
}

func hashRecovery(plain string) string {
	sum := sha256.Sum256([]byte("recovery " + plain))
	return hex.EncodeToString(sum[:])
}
