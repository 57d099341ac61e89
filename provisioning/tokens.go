package provisioning

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"strowger/store"
)

// These begin the text of every token of the API, and of an app, so that a leaked
// one is recognised.
const (
	tokenPrefix    = "sw_"
	appTokenPrefix = "swapp_"
)

// A Caller is who a token, a session or a local connection stands for.
type Caller struct {
	Role         store.TokenRole
	Organization string // the token's; an operator may name another
	UserID       string // whose own part is all that a caller of role user reaches
	Person       string // the user who acts, or who made the token; empty: nobody of the organization
	TokenID      string // empty without a token
	SessionID    string // empty without a session
	DeviceID     string // the app device's that asks for itself; empty: none
	Name         string // for revisions
	// Local: over admin.sock or within the process. Who can reach that has the
	// database itself.
	Local bool
}

// ranks order roles by how far they reach.
var ranks = map[store.TokenRole]int{store.TokenUser: 1, store.TokenAdmin: 2, store.TokenOperator: 3}

// Reaches says whether a caller may see, make, change and take away tokens of a
// role: none that reach further than its own.
func (c Caller) Reaches(role store.TokenRole) bool { return ranks[role] <= ranks[c.Role] }

// A TokenView is a token as the API shows it: never its hash, and its text
// only in the answer that created it.
type TokenView struct {
	store.Meta
	Label     string          `json:"label"`
	Role      store.TokenRole `json:"role"`
	UserID    string          `json:"user_id,omitempty"`
	Prefix    string          `json:"prefix" readOnly:"true"`
	ExpiresAt time.Time       `json:"expires_at,omitzero"`
	CreatedBy string          `json:"created_by,omitempty" readOnly:"true" doc:"The user who made it: it is good as long as that is an administrator, or for the user's own part. Empty: an operator."`
	Text      string          `json:"token,omitempty" readOnly:"true"`
}

func viewToken(_ *Service, _ string, _ *store.Snapshot, r *store.Token) any {
	return &TokenView{Meta: r.Meta, Label: r.Label, Role: r.Role, UserID: r.UserID, Prefix: r.Prefix, ExpiresAt: r.ExpiresAt, CreatedBy: r.CreatedBy}
}

// newToken gives the text of a new token, 256 random bits of it after a prefix.
func newToken(prefix string) string {
	raw := make([]byte, 32)
	rand.Read(raw) // never fails
	return prefix + base64.RawURLEncoding.EncodeToString(raw)
}

func hashToken(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Authenticate finds out whose token a text is. Looking a hash of the text up
// tells nothing by its time about tokens that exist.
func (s *Service) Authenticate(text string) (Caller, bool) {
	if !strings.HasPrefix(text, tokenPrefix) {
		return Caller{}, false
	}
	hash := hashToken(text)
	org, ok := s.store.Directory().ByTokenHash(hash)
	if !ok {
		return Caller{}, false
	}
	sn, ok := s.store.Snapshot(org)
	if !ok {
		return Caller{}, false
	}
	t, ok := sn.TokenByHash(hash)
	if !ok || !t.ExpiresAt.IsZero() && !s.now().Before(t.ExpiresAt) {
		return Caller{}, false
	}
	if !vouched(sn, t) {
		return Caller{}, false
	}
	c := Caller{Role: t.Role, Organization: org, UserID: t.UserID, Person: cmp.Or(t.CreatedBy, t.UserID), TokenID: t.ID, Name: "token " + t.ID}
	if t.Label != "" {
		c.Name = "token " + t.Label
	}
	if c.Role == store.TokenUser {
		if _, ok := sn.Users.Get(c.UserID); !ok {
			return Caller{}, false
		}
	}
	return c, true
}

// vouched says whether who made a token may still do what it does, for knows its text:
// an administrator who is none any more, or was deleted, keeps no way in.
func vouched(sn *store.Snapshot, t *store.Token) bool {
	if t.CreatedBy == "" || t.Role == store.TokenUser && t.UserID == t.CreatedBy {
		return true
	}
	maker, ok := sn.Users.Get(t.CreatedBy)
	return ok && maker.Role == roleAdmin
}

const fixedReach = "a token's reach cannot be changed; make another"

// prepareToken makes the token's text and keeps what recognises it.
func prepareToken(s *Service, _ *store.Edit, r, old *store.Token) (func(any), error) {
	if old != nil {
		if r.Role != old.Role || r.UserID != old.UserID {
			return nil, invalid("role", fixedReach)
		}
		r.Hash, r.Prefix = old.Hash, old.Prefix
		return nil, nil
	}
	switch r.Role {
	case store.TokenOperator, store.TokenAdmin:
		if r.UserID != "" {
			return nil, invalid("user_id", "only a token of role user has one")
		}
	case store.TokenUser:
		if r.UserID == "" {
			return nil, invalid("user_id", "a token of role user needs one")
		}
	default:
		return nil, invalid("role", "%q; want operator, admin or user", r.Role)
	}
	if !r.ExpiresAt.IsZero() && !s.now().Before(r.ExpiresAt) {
		return nil, invalid("expires_at", "is in the past")
	}
	text := newToken(tokenPrefix)
	r.Hash, r.Prefix = hashToken(text), text[:len(tokenPrefix)+6]
	return func(shown any) { shown.(*TokenView).Text = text }, nil
}

// holdTokens keeps a file for apply from doing to tokens what its sender may not.
// Over the network a token is made by POST /tokens, which makes up its text: who
// gave a hash could take over a token, and who could give a role could give more
// than its own. A file that is applied on the machine itself may declare tokens
// by their hashes. Tokens out of the sender's reach are as if they were not there
// and are not pruned.
func holdTokens(e *store.Edit, who Caller, site *store.Site) error {
	if site.Tokens == nil {
		return nil
	}
	named := make(map[string]bool, len(site.Tokens))
	for i, t := range site.Tokens {
		named[t.ID] = true
		field := func(name string) string { return fmt.Sprintf("tokens[%d].%s", i, name) }
		old, there := e.Tokens.Get(t.ID)
		switch {
		case t.Hash != "" && !who.Local:
			return &Refusal{Status: 403, Field: field("hash"),
				Detail: store.Say("%s: only a file that is applied on the machine itself may have one", field("hash"))}
		case there && who.Reaches(old.Role):
			if cmp.Or(t.Role, store.TokenAdmin) != old.Role || t.UserID != old.UserID {
				return invalid(field("role"), fixedReach)
			}
		case !who.Local:
			return invalid(field("id"), "no such token; POST /tokens makes one")
		}
	}
	for id, t := range e.Tokens.All() {
		if !named[id] && !who.Reaches(t.Role) {
			site.Tokens = append(site.Tokens, *t)
		}
	}
	return nil
}
