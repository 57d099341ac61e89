package call

import (
	"cmp"
	"net/netip"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"strowger/routing"
	"strowger/sip/dialog"
)

const anonymousHost = "anonymous.invalid"

// parties are From and To of a branch's INVITE. The caller's own From is never
// copied: routing said who is shown.
func (l *Leg) parties() (local, remote dialog.Party) {
	b := l.branch
	host := l.ourHost()
	if b.shown.Anonymous || b.shown.User == "" {
		local.Name, local.URI = "Anonymous", sip.Uri{Scheme: "sip", User: "anonymous", Host: anonymousHost}
	} else {
		local.Name, local.URI = quotable(b.shown.Name), sip.Uri{Scheme: "sip", User: escapeUser(b.shown.User), Host: host}
	}
	remote.URI = sip.Uri{Scheme: "sip", User: b.dest.uri.User, Host: host}
	switch b.target.Kind {
	case routing.TargetLine:
		remote.URI.User = escapeUser(b.target.AOR)
	case routing.TargetTrunk:
		remote.URI.User, remote.URI.Host = escapeUser(b.target.Number), b.dest.uri.Host
	case routing.TargetURI:
		remote.URI.Host = b.dest.uri.Host
	}
	return local, remote
}

// ourHost is the host in From: our domain towards phones, what a carrier knows
// us by towards carriers, else the address that the peer sees.
func (l *Leg) ourHost() string {
	if t := l.call.carrierOf(l); t != nil {
		if t.Auth.Username != "" && t.Host != "" {
			return t.Host
		}
	} else if d := l.call.snap.Organization.Domain; d != "" {
		return d
	}
	return hostOf(l.call.x.Transport.Shown(l.flow).Addr())
}

func hostOf(a netip.Addr) string {
	if a.Is6() && !a.Is4In6() {
		return "[" + a.String() + "]"
	}
	return a.Unmap().String()
}

// identify adds what else the callee may know of the caller and of the way the
// call took. All of it is built here; nothing is copied from the caller.
func (l *Leg) identify(req *sip.Request) {
	b := l.branch
	host := l.ourHost()
	name := quotable(b.shown.Name)
	if b.shown.Anonymous {
		req.AppendHeader(sip.NewHeader("Privacy", "id"))
	}
	if b.shown.Asserted != "" {
		v := "<sip:" + escapeUser(b.shown.Asserted) + "@" + host + ">"
		if name != "" && !b.shown.Anonymous {
			v = `"` + name + `" ` + v
		}
		req.AppendHeader(sip.NewHeader("P-Asserted-Identity", v))
	}
	if known := cmp.Or(b.shown.Asserted, b.shown.User); b.shown.RemoteParty && known != "" {
		v, privacy := "<sip:"+escapeUser(known)+"@"+host+">", "off"
		if b.shown.Anonymous {
			privacy = "full"
		} else if name != "" {
			v = `"` + name + `" ` + v
		}
		req.AppendHeader(sip.NewHeader("Remote-Party-ID", v+";party=calling;screen=yes;privacy="+privacy))
	}
	for _, d := range b.divs {
		req.AppendHeader(sip.NewHeader("Diversion",
			"<sip:"+escapeUser(d.User)+"@"+host+">;reason="+d.Reason+";counter="+strconv.Itoa(max(1, d.Counter))))
	}
	if h := history(b.divs, host, l.dlgTarget()); h != "" {
		req.AppendHeader(sip.NewHeader("History-Info", h))
	}
}

// dlgTarget is the user that the INVITE is for.
func (l *Leg) dlgTarget() string {
	switch l.branch.target.Kind {
	case routing.TargetTrunk:
		return l.branch.target.Number
	case routing.TargetLine:
		return l.branch.target.AOR
	}
	return l.branch.dest.uri.User
}

// history writes the diversions as History-Info (RFC 7044): oldest first, each
// with the reason why it was left, and the target last.
func history(divs []routing.Diversion, host, target string) string {
	if len(divs) == 0 {
		return ""
	}
	var sb strings.Builder
	index := "1"
	for i := len(divs) - 1; i >= 0; i-- {
		d := divs[i]
		sb.WriteString("<sip:" + escapeUser(d.User) + "@" + host)
		if d.Status > 0 {
			sb.WriteString("?Reason=SIP%3Bcause%3D" + strconv.Itoa(d.Status))
		}
		sb.WriteString(">;index=" + index)
		if index != "1" {
			sb.WriteString(";mp=" + strings.TrimSuffix(index, ".1"))
		}
		sb.WriteString(", ")
		index += ".1"
	}
	sb.WriteString("<sip:" + escapeUser(target) + "@" + host + ">;index=" + index + ";mp=" + strings.TrimSuffix(index, ".1"))
	return sb.String()
}

// quotable makes a display name that stays inside its quotes.
func quotable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r == 0x7f:
			return -1
		case r == '"' || r == '\\':
			return '\''
		}
		return r
	}, s)
}

// escapeUser writes a user part with the characters escaped that may not stand
// there (RFC 3261 §25.1).
func escapeUser(s string) string {
	const ok = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()&=+$,;?/"
	if strings.Trim(s, ok) == "" {
		return s
	}
	var sb strings.Builder
	for i := range len(s) {
		if strings.IndexByte(ok, s[i]) >= 0 {
			sb.WriteByte(s[i])
		} else {
			sb.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(s[i])|0x100, 16)[1:]))
		}
	}
	return sb.String()
}
