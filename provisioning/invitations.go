package provisioning

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"net/netip"
	"strings"
	"time"

	"strowger/store"
)

// The states of an invitation. Sent means that the code has left the exchange: it
// is in the outbox or was mailed from there, and the administrator who asked has
// it. Failed means that the mail was given up; the code is good all the same.
const (
	InvitationNone     = store.InvitationNone
	InvitationSent     = store.InvitationSent
	InvitationAccepted = store.InvitationAccepted
	InvitationExpired  = "expired"
	InvitationFailed   = "failed"
)

// invitationLife is how long a code is good.
const invitationLife = 14 * 24 * time.Hour

// InvitePath begins the path of an invitation's link: its code follows.
const InvitePath = "/a/"

// AcrobitsFile ends the path at which Acrobits' apps fetch their account: it
// follows the code.
const AcrobitsFile = "/account.xml"

// An IssuedInvitation is what its sender is shown, once.
type IssuedInvitation struct {
	State     string    `json:"state"`
	Code      string    `json:"code"` // in groups of four, to be typed
	URL       string    `json:"url"`
	QRSVG     string    `json:"qr_svg"` // of the URL
	ExpiresAt time.Time `json:"expires_at"`
	// AcrobitsURL opens Groundwire and Acrobits Softphone, which take it as a QR code
	// too. They fetch over https only: without that there is none.
	AcrobitsURL   string `json:"acrobits_url,omitempty"`
	AcrobitsQRSVG string `json:"acrobits_qr_svg,omitempty"`
	// MailedTo is the address that it is on its way to; empty: without a mail server,
	// or with an address that nobody has confirmed, the administrator hands it on.
	MailedTo string `json:"mailed_to,omitempty"`
}

// codeAlphabet is Crockford's base32: no I, L, O or U.
const codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const codeLength = 12

func newCode() string {
	b := make([]byte, codeLength)
	rand.Read(b) // never fails
	for i := range b {
		b[i] = codeAlphabet[b[i]&31]
	}
	return string(b)
}

// groupCode writes a code as it is shown.
func groupCode(code string) string { return code[:4] + "-" + code[4:8] + "-" + code[8:] }

var typed = strings.NewReplacer("O", "0", "I", "1", "L", "1", "-", "", " ", "")

// parseCode reads a code as people type it: in any case, with O for 0 and I or L
// for 1, in groups or not.
func parseCode(text string) (string, bool) {
	if len(text) > 64 {
		return "", false
	}
	code := typed.Replace(strings.ToUpper(text))
	if len(code) != codeLength || strings.Trim(code, codeAlphabet) != "" {
		return "", false
	}
	return code, true
}

// invitationState is what an invitation is by now. What became of the mail the
// outbox knows; one that is not there was discarded, or never taken.
func (s *Service) invitationState(org string, inv store.Invitation) string {
	switch {
	case inv.State != InvitationSent:
		return inv.State
	case !s.now().Before(inv.ExpiresAt):
		return InvitationExpired
	case inv.DeliveryID != "" && s.givenUp(org, inv.DeliveryID):
		return InvitationFailed
	}
	return InvitationSent
}

// givenUp says that a mail will not arrive: the outbox has none of that id any more,
// or never had.
func (s *Service) givenUp(org, id string) bool {
	j, err := s.store.Job(context.Background(), org, id)
	return err != nil || j.State == store.JobDead
}

// Invite makes a code with which a user's app activates itself, and voids the one
// before. Where there is a mail server it is mailed, but not to an address that is not
// known to be the user's: who asks hands it on. base is what the link begins
// with, scheme and host.
func (s *Service) Invite(ctx context.Context, org string, by store.Author, id, base string) (*IssuedInvitation, error) {
	if _, err := s.snapshot(org); err != nil {
		return nil, err
	}
	if by.Summary == "" {
		by.Summary = "invite a user"
	}
	code := newCode()
	now := s.now().UTC().Truncate(time.Second)
	inv, err := shownInvitation(code, base, now.Add(invitationLife))
	if err != nil {
		return nil, err
	}
	var to store.User
	var before string // the mail that has the voided code
	_, err = s.store.Update(ctx, org, by, func(e *store.Edit) error {
		u, ok := e.Users.Get(id)
		if !ok {
			return users.missing()
		}
		if err := invitable(e.Base(), u); err != nil {
			return err
		}
		to, before = *u, u.Invitation.DeliveryID
		to.Invitation = store.Invitation{State: InvitationSent, SentAt: now, ExpiresAt: inv.ExpiresAt}
		if s.HasMail(org) && !u.UnverifiedEmail() {
			to.Invitation.DeliveryID = store.NewID()
		}
		to.InvitationCode = store.CodeHash(code)
		return e.Users.Put(to)
	})
	if err != nil {
		return nil, err
	}
	s.unsend(ctx, org, before)
	if to.Invitation.DeliveryID == "" {
		return inv, nil
	}
	inv.MailedTo = to.Email
	if err := s.mailInvitation(ctx, org, &to, inv); err != nil {
		s.log.Warn("an invitation was not taken for delivery", "org", org, "user", id, "err", err)
		inv.State = InvitationFailed
	}
	return inv, nil
}

// Welcome invites the user whom a record that was just made gave an application line,
// and says whether it did: where there is an address and a mail server, and no
// invitation yet. Files of many users invite nobody. A failure is logged: the record
// is there, and an administrator can invite.
func (s *Service) Welcome(ctx context.Context, org string, by store.Author, collection, id, base string) bool {
	sn, ok := s.store.Snapshot(org)
	if !ok || !s.HasMail(org) {
		return false
	}
	if collection == contactMethods.Name() {
		m, ok := sn.Line(id)
		if !ok || m.Kind != store.KindApp {
			return false
		}
		id = m.UserID
	} else if collection != users.Name() {
		return false
	}
	u, ok := sn.Users.Get(id)
	if !ok || u.Invitation.State != InvitationNone && u.Invitation.State != "" || invitable(sn, u) != nil {
		return false
	}
	by.Summary = "invite a new user"
	if _, err := s.Invite(ctx, org, by, id, base); err != nil {
		s.log.Warn("a new user was not invited", "org", org, "user", id, "err", err)
		return false
	}
	return true
}

// shownInvitation writes a code as links and pictures. base is what the links begin
// with, scheme and host.
func shownInvitation(code, base string, expires time.Time) (*IssuedInvitation, error) {
	inv := &IssuedInvitation{State: InvitationSent, Code: groupCode(code), URL: base + InvitePath + code, ExpiresAt: expires}
	if place, ok := strings.CutPrefix(inv.URL, "https://"); ok {
		inv.AcrobitsURL = "provlinkbs://" + place + AcrobitsFile
	}
	var err error
	if inv.QRSVG, err = qrSVG(inv.URL); err == nil && inv.AcrobitsURL != "" {
		inv.AcrobitsQRSVG, err = qrSVG(inv.AcrobitsURL)
	}
	if err != nil {
		return nil, fmt.Errorf("an invitation's QR code: %w", err)
	}
	return inv, nil
}

// unsend takes a mail out of the outbox that is of no use any more, unless it has
// left.
func (s *Service) unsend(ctx context.Context, org, id string) {
	if id == "" {
		return
	}
	if j, err := s.store.Job(ctx, org, id); err != nil || j.State == store.JobDone {
		return
	}
	if err := s.store.DeleteJob(ctx, org, id); err != nil && !errors.Is(err, store.ErrNotFound) {
		s.log.Warn("a mail that is void stays in the outbox", "org", org, "delivery", id, "err", err)
	}
}

// invitable refuses to invite who has nothing to activate, may not, or has no
// address.
func invitable(sn *store.Snapshot, u *store.User) error {
	if a, err := mail.ParseAddress(u.Email); err != nil || a.Address != u.Email {
		return &Refusal{Status: http.StatusConflict, Field: "email", Detail: store.Say("email: an invitation needs a valid one, and the user has none")}
	}
	if !u.Features.App {
		return &Refusal{Status: http.StatusConflict, Field: "features.app", Detail: store.Say("features.app: the mobile app is switched off for the user")}
	}
	if _, ok := appLine(sn, u.ID); !ok {
		return refuse(http.StatusConflict, "the user has no application line; create a contact method of kind app first")
	}
	return nil
}

// appLine is the line that a user's app devices register.
func appLine(sn *store.Snapshot, userID string) (*store.ContactMethod, bool) {
	for _, m := range sn.LinesOf(userID) {
		if m.Kind == store.KindApp {
			return m, true
		}
	}
	return nil, false
}

// errCode is the one answer to every code that opens nothing: mistyped, used,
// voided, expired or never made.
var errCode = &Refusal{Status: http.StatusNotFound, Field: "code",
	Detail: store.Say("code: is not valid, was used already or is too old; ask your administrator for a new one")}

// Wrong codes that a source may try at once, and how long it waits for each more.
const (
	codeBurst = 10
	codeEvery = 30 * time.Second
)

// errManyCodes is the answer to who tried too many.
var errManyCodes = &Refusal{Status: http.StatusTooManyRequests, Field: "code", Detail: store.Say("code: too many wrong ones from here; try again later"), RetryAfter: codeEvery}

// invited finds the user whose invitation a code is. Who guesses is soon told
// nothing any more, right codes included.
func (s *Service) invited(source netip.Addr, text string) (store.CodeOwner, string, error) {
	if !s.wrongCodes.Left(source) {
		return store.CodeOwner{}, "", errManyCodes
	}
	if code, ok := parseCode(text); ok {
		hash := store.CodeHash(code)
		if owner, ok := s.store.Directory().ByCode(hash); ok && owner.Collection == "users" {
			if sn, ok := s.store.Snapshot(owner.Org); ok && s.opens(sn, owner.ID, hash) {
				return owner, hash, nil
			}
		}
	}
	s.wrongCodes.Take(source)
	return store.CodeOwner{}, "", errCode
}

// opens says whether a user's invitation is that of a hash and can be used.
func (s *Service) opens(sn *store.Snapshot, userID, hash string) bool {
	u, ok := sn.Users.Get(userID)
	sec, _ := sn.Secret("users", userID)
	if !ok || sec.Code != hash {
		return false
	}
	if _, ok := appLine(sn, userID); !ok || !u.Features.App {
		return false
	}
	state := s.invitationState(sn.Organization.ID, u.Invitation)
	return state == InvitationSent || state == InvitationFailed
}

// A ShownInvitation is what its page shows.
type ShownInvitation struct {
	IssuedInvitation
	Language string // en, de or es
	Until    string // ExpiresAt in that language, in the user's time zone
}

// ShowInvitation answers what a page about a code may show, and uses nothing up.
// languages are the browser's, the best first: they count where neither the user's
// nor the organization's is one that we have.
func (s *Service) ShowInvitation(source netip.Addr, code, base string, languages ...string) (*ShownInvitation, error) {
	owner, _, err := s.invited(source, code)
	if err != nil {
		return nil, err
	}
	sn, ok := s.store.Snapshot(owner.Org)
	if !ok {
		return nil, errCode
	}
	u, ok := sn.Users.Get(owner.ID)
	if !ok {
		return nil, errCode
	}
	plain, _ := parseCode(code)
	w := wordsFor(u, sn.Organization, languages...)
	inv, err := shownInvitation(plain, base, u.Invitation.ExpiresAt)
	if err != nil {
		return nil, err
	}
	return &ShownInvitation{IssuedInvitation: *inv, Language: w.language, Until: w.atOf(u, sn.Organization, u.Invitation.ExpiresAt)}, nil
}
