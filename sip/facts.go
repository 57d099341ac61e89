package sip

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/routing"
	"strowger/sip/transaction"
)

// factsOf reads what routing wants to know from an INVITE. It believes
// nothing: who may be believed is routing's decision.
func factsOf(req *sip.Request, now time.Time) routing.Facts {
	f := routing.Facts{Now: now, To: dialled(req.Recipient)}
	from := req.From()
	f.FromUser, f.FromName = userOf(from.Address), strings.Trim(from.DisplayName, `"`)
	if strings.EqualFold(from.Address.Host, "anonymous.invalid") || strings.EqualFold(f.FromUser, "anonymous") {
		f.Privacy = true
	}
	if name, user, ok := firstIdentity(req, "P-Asserted-Identity"); ok {
		f.Asserted, f.AssertedName = user, name
	}
	if _, user, ok := firstIdentity(req, "P-Preferred-Identity"); ok {
		f.Preferred = user
	}
	for list := range transaction.Values(req, "Privacy") {
		for v := range strings.SplitSeq(list, ";") {
			switch strings.ToLower(strings.TrimSpace(v)) {
			case "id", "user", "header", "full", "session":
				f.Privacy = true
			}
		}
	}
	f.Hops, f.Visited = diverted(req)
	return f
}

// dialled is the number or name that a Request-URI asks for.
func dialled(u sip.Uri) string {
	if strings.EqualFold(u.Scheme, "tel") {
		number, _, _ := strings.Cut(u.Raw(), ";")
		return unvisual(unescape(number))
	}
	return userOf(u)
}

// userOf is a URI's user part, %-escapes decoded, without parameters that tel
// URIs leave there (RFC 3261 §19.1.6).
func userOf(u sip.Uri) string {
	if strings.EqualFold(u.Scheme, "tel") {
		return dialled(u)
	}
	user, _, _ := strings.Cut(u.User, ";")
	user = unescape(user)
	if strings.HasPrefix(user, "+") {
		return unvisual(user)
	}
	return user
}

func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	if d, err := url.PathUnescape(s); err == nil {
		return d
	}
	return s
}

// unvisual drops the visual separators of RFC 3966.
func unvisual(s string) string {
	return strings.NewReplacer("-", "", ".", "", "(", "", ")", "", " ", "").Replace(s)
}

func firstIdentity(req *sip.Request, header string) (name, user string, ok bool) {
	for v := range transaction.Values(req, header) {
		name, uri, _ := nameAddr(v)
		var u sip.Uri
		if sip.ParseUri(uri, &u) == nil {
			return name, userOf(u), true
		}
	}
	return "", "", false
}

// nameAddr takes a name-addr or addr-spec apart: display name, URI, header
// parameters.
func nameAddr(s string) (name, uri, params string) {
	s = strings.TrimSpace(s)
	if i := strings.IndexByte(s, '<'); i >= 0 {
		if j := strings.IndexByte(s[i:], '>'); j > 0 {
			name = strings.Trim(strings.TrimSpace(s[:i]), `"`)
			return name, s[i+1 : i+j], s[i+j+1:]
		}
	}
	uri, params, _ = strings.Cut(s, ";")
	return "", uri, params
}

// diverted counts the hops that a call made before it came to us, and whom it
// met: the Diversion counters (RFC 5806) or the entries of History-Info
// (RFC 7044) beyond the first, whichever says more.
func diverted(req *sip.Request) (hops int, visited []string) {
	for v := range transaction.Values(req, "Diversion") {
		_, uri, params := nameAddr(v)
		n := 1
		for p := range strings.SplitSeq(params, ";") {
			if k, val, ok := strings.Cut(strings.TrimSpace(p), "="); ok && strings.EqualFold(k, "counter") {
				if c, err := strconv.Atoi(strings.TrimSpace(val)); err == nil && c > 0 && c < 1000 {
					n = c
				}
			}
		}
		hops += n
		visited = appendUser(visited, uri)
	}
	entries := 0
	for v := range transaction.Values(req, "History-Info") {
		_, uri, _ := nameAddr(v)
		entries++
		if len(visited) < 64 {
			visited = appendUser(visited, uri)
		}
	}
	// The last entry is where the call is going now: it has not been met yet.
	if entries > 0 {
		if to := dialled(req.Recipient); len(visited) > 0 && visited[len(visited)-1] == to {
			visited = visited[:len(visited)-1]
		}
	}
	return max(hops, entries-1), visited
}

func appendUser(to []string, uri string) []string {
	uri, _, _ = strings.Cut(uri, "?")
	var u sip.Uri
	if sip.ParseUri(uri, &u) != nil {
		return to
	}
	user := userOf(u)
	if user == "" {
		return to
	}
	return append(to, user)
}
