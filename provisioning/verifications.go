package provisioning

import (
	"context"
	"errors"
	"net/http"

	"strowger/store"
)

// VerifyPath is that of a link which confirms an email address.
const VerifyPath = "/verify"

// The states of an email verification that are more than what is kept of it: the link
// is too old, or its mail was given up or never made.
const (
	VerificationExpired = "expired"
	VerificationFailed  = "failed"
)

// fewReaddressed new addresses are written to before who set them has the answer.
const fewReaddressed = 20

// A VerificationKey is that of a link.
type VerificationKey struct {
	Key string `json:"key" writeOnly:"true"`
}

// A Verification confirms an address.
type Verification struct {
	Key string `json:"key" writeOnly:"true"`
	// Password is the user's, where there is one.
	Password string `json:"password,omitempty" writeOnly:"true"`
}

// A ShownVerification is what a link confirms.
type ShownVerification struct {
	Email        string `json:"email"`
	Name         string `json:"name"`
	Organization string `json:"organization"`
	// PasswordWanted says that confirming it takes the user's password.
	PasswordWanted bool `json:"password_wanted"`
}

// verificationState is what a verification is by now, as invitationState.
func (s *Service) verificationState(org string, v *store.EmailVerification) string {
	switch {
	case v.State != store.EmailAsked:
		return v.State
	case !s.now().Before(v.ExpiresAt):
		return VerificationExpired
	case s.givenUp(org, v.DeliveryID):
		return VerificationFailed
	}
	return v.State
}

// readdress mails whom a change has given another address: the link that confirms the
// new one, a word to the one that was known before, and an invitation in place of one
// that went elsewhere. What fails is logged: the users' states say that nothing was
// sent, and an administrator can have it sent again. Of many it is done after the
// answer.
func (s *Service) readdress(ctx context.Context, org string, by store.Author, rev *store.Revision) {
	all := func(ctx context.Context) {
		for _, change := range rev.Readdressed {
			if err := s.readdressOne(ctx, org, by, change); err != nil {
				s.log.Warn("nothing was mailed to a new address", "org", org, "user", change.UserID, "err", err)
			}
		}
	}
	// Who asked may be gone by now; the addresses have changed.
	ctx = context.WithoutCancel(ctx)
	if len(rev.Readdressed) > fewReaddressed {
		go all(ctx)
		return
	}
	all(ctx)
}

func (s *Service) readdressOne(ctx context.Context, org string, by store.Author, change store.AddressChange) error {
	for _, id := range change.Void {
		s.unsend(ctx, org, id)
	}
	sn, ok := s.store.Snapshot(org)
	if !ok || !s.HasMail(org) {
		return nil
	}
	u, ok := sn.Users.Get(change.UserID)
	if !ok {
		return nil
	}
	base := s.linkBase(ctx, sn.Organization)
	if base == "" {
		return errors.New("nobody has said what links begin with; set the organization's web_address")
	}
	var failed []error
	if u.UnverifiedEmail() {
		failed = append(failed, s.mailVerification(ctx, sn, u, base))
	}
	if change.Known != "" && store.Fold(change.Known) != store.Fold(u.Email) {
		w := wordsFor(u, sn.Organization)
		m, err := w.fill(u, sn.Organization, s.now(), letter{Subject: w.moved, Greeting: w.greeting, Lead: w.movedLead, Warning: w.movedWarning}).mail(change.Known)
		if err == nil {
			_, err = s.Mail(ctx, org, "", m)
		}
		failed = append(failed, err)
	}
	if change.Invited && !u.UnverifiedEmail() && invitable(sn, u) == nil {
		by.Summary = "invite a user at another address"
		_, err := s.Invite(ctx, org, by, u.ID, base)
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// mailVerification promises the mail, whose id the user has, with a link that is new.
func (s *Service) mailVerification(ctx context.Context, sn *store.Snapshot, u *store.User, base string) error {
	o, v := sn.Organization, u.Verification()
	key := newLinkKey(o.ID, u.ID)
	err := s.store.ChangeFactors(ctx, o.ID, u.ID, func(f *store.Factors) error {
		f.Email = store.EmailProof{Hash: proofHash(key.secret, u.Email), Until: v.ExpiresAt}
		return nil
	})
	if err != nil {
		return err
	}
	w := wordsFor(u, o)
	m, err := w.fill(u, o, v.ExpiresAt, letter{
		Subject: w.verify, Greeting: w.greeting, Lead: w.verifyLead, Action: w.confirm,
		URL: key.link(base, VerifyPath), Until: w.resetUntil, Warning: w.verifyIgnore,
	}).mail(u.Email)
	if err != nil {
		return err
	}
	_, err = s.Mail(ctx, o.ID, v.DeliveryID, m)
	return err
}

// proofHash is what is kept of a link. The address goes into it: when that changes, by
// whatever way, the link confirms nothing.
func proofHash(secret, email string) string {
	return store.CodeHash(secret + " " + store.Fold(email))
}

// SendVerification mails the link once more, and the one before is void.
func (s *Service) SendVerification(ctx context.Context, org string, by store.Author, userID, base string) (*MailedLink, error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, err
	}
	if _, ok := sn.Users.Get(userID); !ok {
		return nil, users.missing()
	}
	if !s.HasMail(org) {
		return nil, errNoMail
	}
	var to store.User
	var before string // the mail that has the void link
	by.Summary = "have an email address confirmed"
	_, err = s.store.Update(ctx, org, by, func(e *store.Edit) error {
		u, ok := e.Users.Get(userID)
		if !ok {
			return users.missing()
		}
		if !u.UnverifiedEmail() {
			return &Refusal{Status: http.StatusConflict, Field: "email", Detail: store.Say("email: there is no new address to confirm")}
		}
		v := u.Verification()
		to, before = *u, v.DeliveryID
		v.SentAt, v.ExpiresAt, v.DeliveryID = e.Now(), e.Now().Add(store.VerificationLife), store.NewID()
		to.EmailVerification = &v
		return e.Users.Put(to)
	})
	if err != nil {
		return nil, err
	}
	s.unsend(ctx, org, before)
	if err := s.mailVerification(ctx, sn, &to, base); err != nil {
		return nil, err
	}
	return &MailedLink{MailedTo: to.Email, ExpiresAt: to.Verification().ExpiresAt}, nil
}

// proves finds the user whose present address a key confirms.
func (s *Service) proves(ctx context.Context, text string) (*store.Snapshot, *store.User, error) {
	key, ok := parseLinkKey(text)
	if !ok {
		return nil, nil, errLink
	}
	sn, ok := s.store.Snapshot(key.org)
	if !ok {
		return nil, nil, errLink
	}
	u, ok := sn.Users.Get(key.userID)
	if !ok || !u.UnverifiedEmail() {
		return nil, nil, errLink
	}
	f, err := s.store.Factors(ctx, key.org, key.userID)
	if err != nil {
		return nil, nil, err
	}
	if f.Email.Hash == "" || f.Email.Hash != proofHash(key.secret, u.Email) || !s.now().Before(f.Email.Until) {
		return nil, nil, errLink
	}
	return sn, u, nil
}

// ShowVerification answers what a link would confirm, and uses nothing up: programs
// that look through mail open links too.
func (s *Service) ShowVerification(ctx context.Context, in VerificationKey) (*ShownVerification, error) {
	sn, u, err := s.proves(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	sec, _ := sn.Secret("users", u.ID)
	return &ShownVerification{Email: u.Email, Name: fullName(u), Organization: sn.Organization.Name, PasswordWanted: sec.Hash != ""}, nil
}

// VerifyEmail confirms an address with the key of a link, which is used up. A mail may
// have gone to somebody else, and who reads it could then choose the password: so
// confirming takes the password that there is.
func (s *Service) VerifyEmail(ctx context.Context, in Verification, from Client) error {
	sn, u, err := s.proves(ctx, in.Key)
	if err != nil {
		return err
	}
	org := sn.Organization.ID
	if sec, _ := sn.Secret("users", u.ID); sec.Hash != "" {
		if err := s.proveUser(ctx, org, u, from, "password", in.Password, "with the link to confirm an address"); err != nil {
			return err
		}
	}
	_, err = s.store.Update(ctx, org, store.Author{Who: personName(u), Summary: "confirm an email address"}, func(e *store.Edit) error {
		now, ok := e.Users.Get(u.ID)
		if !ok || !now.UnverifiedEmail() || now.Verification().DeliveryID != u.Verification().DeliveryID {
			return errLink // of two at once the second, or another address by now
		}
		confirmed := *now
		if store.Fold(now.Login) == store.Fold(now.Verification().Verified) {
			confirmed.Login = "" // that was the address before: the store fills it in from this one
		}
		confirmed.EmailVerification = &store.EmailVerification{State: store.EmailVerified, Verified: now.Email}
		return e.Users.Put(confirmed)
	})
	if err != nil {
		return err
	}
	err = s.store.ChangeFactors(ctx, org, u.ID, func(f *store.Factors) error {
		f.Email = store.EmailProof{}
		return nil
	})
	if err != nil { // it opens nothing any more: nothing is asked
		s.log.Warn("the key of a used link stays", "org", org, "user", u.ID, "err", err)
	}
	s.note(ctx, org, store.EmailConfirmed, u, from, u.Email)
	return nil
}
