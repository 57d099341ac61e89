package provisioning

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"strowger/store"
)

const (
	// resetLife is how long a link is good with which a password is chosen.
	resetLife = time.Hour
	// resetPause is how long after one link another is mailed, whoever asks at the
	// door: nobody's mailbox is filled, and the link before is good meanwhile.
	resetPause = 5 * time.Minute
	// Requests that a source has at once, and how long it waits for each more.
	resetBurst = 10
	resetEvery = 6 * time.Minute
	// maxResetting requests are looked at beside each other; what is more is dropped.
	maxResetting = 8
	// maxOwners are the accounts of one address that are mailed at once.
	maxOwners = 20
)

// ResetPath is that of such a link.
const ResetPath = "/reset"

// A ResetRequest is what somebody who forgot the password still knows.
type ResetRequest struct {
	Login string `json:"login"` // or the email address
}

// A PasswordReset chooses a password with the key of a link.
type PasswordReset struct {
	Key string `json:"key" writeOnly:"true"`
	New string `json:"new" writeOnly:"true"`
}

// RequestReset mails a link to whoever has a login or an email address, in each
// organization. Whether there is anybody shows in nothing: the answer comes
// before anybody looks.
func (s *Service) RequestReset(req ResetRequest, from Client) error {
	name := strings.TrimSpace(req.Login)
	if name == "" {
		return invalid("login", "missing")
	}
	if source, err := netip.ParseAddr(from.Address); err == nil && !from.loopback() && !s.resets.Take(source) {
		return &Refusal{Status: http.StatusTooManyRequests, Detail: store.Say("too many requests from here; try again later"), RetryAfter: resetEvery}
	}
	if len(name) > 254 {
		return nil
	}
	select {
	case s.resetting <- struct{}{}:
	default:
		s.log.Warn("a forgotten password was not looked at: there are too many", "source", from.Address)
		return nil
	}
	go func() {
		defer func() { <-s.resetting }()
		s.mailResets(name, from)
	}()
	return nil
}

func (s *Service) mailResets(name string, from Client) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	left := maxOwners
	for _, org := range s.store.Directory().Organizations() {
		sn, ok := s.store.Snapshot(org)
		if !ok || !s.HasMail(org) {
			continue
		}
		base := s.webAddress(sn.Organization, from.Base)
		for id, u := range sn.Users.All() {
			// Who has no password never signs in: an administrator changes that.
			if sec, _ := sn.Secret("users", id); sec.Hash == "" || store.Fold(u.Login) != store.Fold(name) && store.Fold(u.Email) != store.Fold(name) {
				continue
			}
			if base == "" {
				s.log.Warn("a link to choose a password was not mailed: nobody has said what it begins with; set the organization's web_address",
					"org", org, "asked_for", from.Base)
				break
			}
			if left--; left < 0 {
				return
			}
			_, err := s.mailReset(ctx, sn, u, base, resetPause)
			var refusal *Refusal
			switch {
			case errors.As(err, &refusal): // no valid address, or just mailed
			case err != nil:
				s.log.Warn("a link to choose a password was not mailed", "org", org, "user", id, "err", err)
			default:
				s.note(ctx, org, store.ResetMailed, u, from, "asked for at the door")
			}
		}
	}
}

// SendReset mails a user a link, as an administrator asks for.
func (s *Service) SendReset(ctx context.Context, org, userID string, from Client, by string) (*MailedLink, error) {
	sn, err := s.snapshot(org)
	if err != nil {
		return nil, err
	}
	u, ok := sn.Users.Get(userID)
	if !ok {
		return nil, users.missing()
	}
	sent, err := s.mailReset(ctx, sn, u, from.Base, 0)
	if err != nil {
		return nil, err
	}
	s.note(ctx, org, store.ResetMailed, u, from, by)
	return sent, nil
}

// mailReset makes a link and promises its mail, unless one was made within pause.
// The link before is void.
func (s *Service) mailReset(ctx context.Context, sn *store.Snapshot, u *store.User, base string, pause time.Duration) (*MailedLink, error) {
	o := sn.Organization
	if a, err := mail.ParseAddress(u.Email); err != nil || a.Address != u.Email {
		return nil, &Refusal{Status: http.StatusConflict, Field: "email", Detail: store.Say("email: the user has no valid one")}
	}
	if u.UnverifiedEmail() {
		return nil, &Refusal{Status: http.StatusConflict, Field: "email", Detail: store.Say("email: the user has not confirmed the address yet; set a password instead")}
	}
	if u.Login == "" {
		return nil, &Refusal{Status: http.StatusConflict, Field: "login", Detail: store.Say("login: the user has none")}
	}
	if !s.HasMail(o.ID) {
		return nil, errNoMail
	}
	key := newLinkKey(o.ID, u.ID)
	sec, _ := sn.Secret("users", u.ID)
	until := s.now().UTC().Truncate(time.Second).Add(resetLife)
	err := s.store.ChangeFactors(ctx, o.ID, u.ID, func(f *store.Factors) error {
		if pause > 0 && f.Reset.Until.After(until.Add(-pause)) {
			return refuse(http.StatusConflict, "a link was mailed just now")
		}
		f.Reset = store.PasswordReset{Hash: resetHash(key.secret, sec.Hash, u.Email), Until: until}
		return nil
	})
	if err != nil {
		return nil, asMissing(err, "user")
	}
	w := wordsFor(u, o)
	m, err := w.fill(u, o, until, letter{
		Subject: w.reset, Greeting: w.greeting, Lead: w.resetLead, Action: w.choose,
		URL: key.link(base, ResetPath), Until: w.resetUntil, Warning: w.resetIgnore,
	}).mail(u.Email)
	if err != nil {
		return nil, err
	}
	if _, err := s.Mail(ctx, o.ID, "", m); err != nil {
		return nil, err
	}
	return &MailedLink{MailedTo: u.Email, ExpiresAt: until}, nil
}

// resetHash is what is kept of a link. The password that there is goes into it, and
// the address that it is mailed to: when either changes, by whatever way, the link
// opens nothing.
func resetHash(secret, password, email string) string {
	return store.CodeHash(secret + " " + password + " " + store.Fold(email))
}

// ResetPassword chooses a password with the key of a link, which is used up. All
// the user's sessions end; a second factor stays.
func (s *Service) ResetPassword(ctx context.Context, req PasswordReset, from Client) error {
	key, ok := parseLinkKey(req.Key)
	if !ok {
		return errLink
	}
	org, userID := key.org, key.userID
	sn, ok := s.store.Snapshot(org)
	if !ok {
		return errLink
	}
	opens := func(f *store.Factors) bool {
		sn, ok := s.store.Snapshot(org)
		if !ok {
			return false
		}
		u, there := sn.Users.Get(userID)
		sec, _ := sn.Secret("users", userID)
		return there && f.Reset.Hash != "" && f.Reset.Hash == resetHash(key.secret, sec.Hash, u.Email) && s.now().Before(f.Reset.Until)
	}
	if f, err := s.store.Factors(ctx, org, userID); err != nil || !opens(&f) {
		return errLink // before a hash is computed for whoever asks
	}
	if err := checkPassword("new", req.New); err != nil {
		return err
	}
	u, ok := sn.Users.Get(userID)
	if !ok {
		return errLink
	}
	hash := HashPassword(req.New)
	err := s.store.ChangeFactors(ctx, org, userID, func(f *store.Factors) error {
		if !opens(f) {
			return errLink
		}
		_, err := s.store.Update(ctx, org, store.Author{Who: personName(u), Summary: "choose a password with a mailed link"}, func(e *store.Edit) error {
			now, ok := e.Users.Get(userID)
			if !ok {
				return errLink
			}
			changed := *now
			changed.Password, changed.PasswordChangeRequired = hash, false
			return e.Users.Put(changed)
		})
		f.Reset = store.PasswordReset{}
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return errLink
	}
	if err != nil {
		return relativeTo(err, "users/"+userID)
	}
	s.note(ctx, org, store.PasswordChanged, u, from, "with a mailed link")
	return nil
}

// webAddress is what a link begins with that nobody signed in has asked for: the
// organization's own address, or else the one that was asked at if it is surely
// ours. Anybody may write anything into Host, and would be sent the links of
// others if that were believed.
func (s *Service) webAddress(o *store.Organization, asked string) string {
	if o.WebAddress != "" {
		return o.WebAddress
	}
	if sn, ok := s.store.Snapshot(s.store.Directory().Default()); ok && sn.Organization.WebAddress != "" {
		return sn.Organization.WebAddress
	}
	if u, err := url.Parse(asked); err == nil && s.ownHost(u.Hostname()) {
		return asked
	}
	return ""
}

// ownHost says whether a host is this exchange: this machine's name or address, or
// the name of an organization.
func (s *Service) ownHost(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.IsLoopback() {
			return true
		}
		all, _ := net.InterfaceAddrs()
		for _, a := range all {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Unmap() == addr.Unmap() {
				return true
			}
		}
		return false
	}
	if name, err := os.Hostname(); host == "localhost" || err == nil && strings.EqualFold(host, name) {
		return true
	}
	for _, org := range s.store.Directory().Organizations() {
		if sn, ok := s.store.Snapshot(org); ok {
			web, _ := url.Parse(sn.Organization.WebAddress)
			if strings.EqualFold(host, sn.Organization.Domain) || web != nil && strings.EqualFold(host, web.Hostname()) {
				return host != ""
			}
		}
	}
	return false
}
