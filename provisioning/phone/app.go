package phone

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"strowger/provisioning"
)

// invitation answers the link of an invitation: an app gets its account, which
// uses the code up; anybody else, such as a browser or a program that previews
// links, gets a page that says what to do, and may come again.
func (h *Handler) invitation(w http.ResponseWriter, r *http.Request, source netip.Addr, code string) {
	host, ok := provisioning.HostOf(r.Host)
	if !ok {
		deny(w)
		return
	}
	kind := wants(r)
	if plain, ok := strings.CutSuffix(code, provisioning.AcrobitsFile); ok {
		code = plain
		if kind = acrobitsXML; isBrowser(r) {
			kind = page
		}
	}
	if kind == page || r.Method != http.MethodGet {
		h.page(w, r, source, code)
		return
	}
	in := provisioning.ActivationRequest{Code: code, Name: "Linphone", AppVersion: short(r.UserAgent())}
	switch kind {
	case acrobitsXML:
		in.Name = acrobitsName(in.AppVersion)
	case ownJSON:
		in.Name = "App"
	}
	in.AppVersion = in.AppVersion[:min(len(in.AppVersion), 64)]
	done, err := h.svc.Activate(r.Context(), source, host, in)
	switch {
	case err != nil && kind == acrobitsXML:
		words := wordsIn(languagesOf(r)...)
		status, why := h.whyNot(w, words, err)
		if why == words.GoneHint {
			why = words.Gone + ". " + why
		}
		acrobitsError(w, status, why)
	case err != nil:
		h.refused(w, err)
	case kind == ownJSON:
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(done) // the app is gone if this fails
	case kind == acrobitsXML:
		w.Header().Set("Content-Type", "application/xml; charset=utf-8")
		w.Write(acrobits(done))
	default:
		w.Header().Set("Content-Type", "application/xml; charset=utf-8")
		w.Write(linphone(done))
	}
}

func (h *Handler) refused(w http.ResponseWriter, err error) {
	var refusal *provisioning.Refusal
	switch {
	case !errors.As(err, &refusal):
		h.o.Log.Error("an invitation failed", "err", err)
		http.Error(w, "something failed inside; the log says what", http.StatusInternalServerError)
	case refusal.Status == http.StatusTooManyRequests:
		w.Header().Set("Retry-After", seconds(refusal.RetryAfter))
		http.Error(w, refusal.Error(), refusal.Status)
	default:
		http.Error(w, refusal.Error(), refusal.Status)
	}
}

type answerKind int

const (
	page answerKind = iota
	linphoneXML
	acrobitsXML
	ownJSON
)

// wants says what to answer. A code is too good for whoever does not clearly ask
// for an account: previews of links in messengers come from programs of any name.
// Linphone's programs give their name, but those of its core alone, such as
// linphonec, call themselves Unknown when they ask, and say nothing of what they
// accept; browsers and previews always say one or the other. Of Acrobits' apps only
// Cloud Softphone's name is documented: they have an address of their own to ask at.
func wants(r *http.Request) answerKind {
	agent := strings.ToLower(r.UserAgent())
	switch {
	case isBrowser(r):
		return page
	case strings.Contains(agent, "linphone"), r.Header.Get("X-Linphone-Provisioning") != "":
		return linphoneXML
	case agent == "unknown" && r.Header.Get("Accept") == "":
		return linphoneXML
	case strings.HasPrefix(strings.TrimSpace(r.Header.Get("Accept")), "application/json"):
		return ownJSON
	}
	return page
}

func isBrowser(r *http.Request) bool {
	return strings.Contains(strings.ToLower(r.UserAgent()), "mozilla")
}

// linphone is an account in the form of Linphone's remote provisioning.
func linphone(a *provisioning.Activation) []byte {
	x := newXML()
	x.open("config", "xmlns", "http://www.linphone.org/xsds/lpconfig.xsd")
	section := func(name string, entries ...string) {
		x.open("section", "name", name)
		for i := 0; i+1 < len(entries); i += 2 {
			x.value("entry", entries[i+1], "name", entries[i], "overwrite", "true")
		}
		x.close("section")
	}
	s := a.SIP
	section("sip", "default_proxy", "0")
	section("proxy_0",
		"reg_proxy", "<sip:"+s.HostPort()+";transport="+s.Transport+">",
		"reg_route", "<sip:"+s.HostPort()+";transport="+s.Transport+";lr>",
		"reg_identity", `"`+strings.NewReplacer(`"`, "", `\`, "").Replace(a.Settings.DisplayName)+`" <sip:`+s.User+"@"+s.URIDomain()+">",
		"reg_expires", itoa(s.ExpiresS), "reg_sendregister", "1", "publish", "0")
	section("auth_info_0", "username", s.User, "userid", s.Username, "ha1", s.HA1, "realm", s.Realm, "domain", s.Domain, "algorithm", "MD5")
	x.close("config")
	return x.Bytes()
}
