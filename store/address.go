package store

import (
	"maps"
	"slices"
	"time"
)

// The states of an email verification as they are kept.
const (
	EmailUnasked  = "none"     // the invitation was never accepted, or no address is set since
	EmailAsked    = "sent"     // the address is not known to be the user's
	EmailVerified = "verified" // whoever has the user's link, and password, gets mail there
)

// VerificationLife is how long the link of a verification is good.
const VerificationLife = 14 * 24 * time.Hour

// An EmailVerification says whether a user's email address is known to be the user's.
// Until an invitation was accepted nothing is asked; that address counts as verified,
// and each other one that is set later must be.
type EmailVerification struct {
	State     string    `json:"state" enum:"none,sent,verified,expired,failed"`
	SentAt    time.Time `json:"sent_at,omitzero"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	// DeliveryID is the mail with the link in the outbox. Where that has none of this
	// id, none was sent.
	DeliveryID string `json:"delivery_id,omitempty"`
	// Verified is the address that was last known to be the user's.
	Verified string `json:"verified,omitempty"`
}

// An AddressChange is another email address of a user, of which people are yet to hear.
type AddressChange struct {
	UserID string
	Known  string // the address that was known to be the user's before; may be empty
	// Invited says that an invitation was on its way to the address before. It is void.
	Invited bool
	Void    []string // mails to the address before, by their ids in the outbox
}

// Verification is how it stands with a user's address.
func (u *User) Verification() EmailVerification {
	if u.EmailVerification == nil {
		return EmailVerification{State: EmailUnasked}
	}
	return *u.EmailVerification
}

// UnverifiedEmail says that a user's address is not known to be the user's: nothing
// goes there that opens an account.
func (u *User) UnverifiedEmail() bool { return u.Verification().State == EmailAsked }

// knownEmail is the address that is known to be the user's, if one ever was.
func (u *User) knownEmail() string {
	known := u.Verification().Verified
	if known == "" && u.Invitation.State == InvitationAccepted {
		return u.Email
	}
	return known
}

// Joined says that a user has accepted an invitation: another address is to be
// verified.
func (u *User) Joined() bool {
	return u.knownEmail() != "" || u.Invitation.State == InvitationAccepted
}

// readdress has the new addresses of those who have accepted an invitation verified,
// and voids invitations that were sent to another address than the user has now. It
// looks at what the whole edit changes: by whatever way, an address is not known to
// be the user's because it was typed in.
func (e *Edit) readdress() {
	for _, id := range slices.Sorted(maps.Keys(e.Users.touched)) {
		old, was := e.Users.base.Get(id)
		now, is := e.Users.Get(id)
		if !was || !is || Fold(old.Email) == Fold(now.Email) {
			continue
		}
		known := old.knownEmail()
		v := &EmailVerification{State: EmailUnasked, Verified: known}
		joined := old.Joined()
		switch {
		case !joined:
			v = nil
		case now.Email == "":
		case Fold(now.Email) == Fold(known):
			v.State = EmailVerified
		default:
			v.State, v.SentAt, v.ExpiresAt, v.DeliveryID = EmailAsked, e.now, e.now.Add(VerificationLife), NewID()
		}
		invited := now.Invitation.State == InvitationSent
		var void []string
		for _, id := range []string{old.Verification().DeliveryID, now.Invitation.DeliveryID} {
			if id != "" {
				void = append(void, id)
			}
		}
		e.Users.modify(id, func(u *User) {
			u.EmailVerification = v
			if !invited {
				return
			}
			if u.Invitation = (Invitation{State: InvitationNone}); joined {
				u.Invitation.State = InvitationAccepted // one before it was
			}
		})
		if invited {
			e.Users.touched[id] = secretInput{code: NoCode}.over(e.Users.touched[id])
		}
		e.readdressed = append(e.readdressed, AddressChange{UserID: id, Known: known, Invited: invited, Void: void})
	}
}
