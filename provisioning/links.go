package provisioning

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"strowger/store"
)

// A linkKey is what a mailed link proves: that who has it reads a user's mail. It
// stands after the # of the link, which browsers send to nobody.
type linkKey struct{ org, userID, secret string }

func newLinkKey(org, userID string) linkKey {
	raw := make([]byte, 32)
	rand.Read(raw) // never fails
	return linkKey{org, userID, base64.RawURLEncoding.EncodeToString(raw)}
}

// link is the whole link. base is scheme and host, path that of its page.
func (k linkKey) link(base, path string) string {
	return base + path + "#" + k.org + "~" + k.userID + "~" + k.secret
}

func parseLinkKey(text string) (linkKey, bool) {
	parts := strings.Split(text, "~")
	if len(parts) != 3 {
		return linkKey{}, false
	}
	return linkKey{parts[0], parts[1], parts[2]}, true
}

// errLink is the one answer to every key that opens nothing.
var errLink = &Refusal{Status: http.StatusNotFound, Field: "key",
	Detail: store.Say("key: the link is not valid, was used already or is too old; ask for a new one")}

// errNoMail is the answer to who wants something mailed and cannot have it.
var errNoMail = refuse(http.StatusConflict, "no mail server is set: do it in the organization's mail")

// A MailedLink is what an administrator learns who had one sent: not the link.
type MailedLink struct {
	MailedTo  string    `json:"mailed_to"`
	ExpiresAt time.Time `json:"expires_at"`
}

type reachedKey struct{}

// ReachedAt tells what is done with a context at which address, scheme and host, who
// asks for it has reached us: what is mailed because of it leads there.
func ReachedAt(ctx context.Context, base string) context.Context {
	return context.WithValue(ctx, reachedKey{}, base)
}

// linkBase is what links begin with that are mailed because of a change; empty: nobody
// has said.
func (s *Service) linkBase(ctx context.Context, o *store.Organization) string {
	if base, _ := ctx.Value(reachedKey{}).(string); base != "" {
		return base
	}
	return s.webAddress(o, "")
}
