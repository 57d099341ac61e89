// Package phone owns what desk phones and apps fetch over HTTP: each maker's
// configuration files, and the pages and files behind an invitation's link. Who
// may have what, and what an invitation does, it leaves to provisioning.
package phone

import (
	"log/slog"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"time"

	"strowger/provisioning"
	"strowger/store"
)

// Options of a [Handler].
type Options struct {
	// Plain lets configurations go out unencrypted to other machines too. Whoever
	// reads along has the phones' passwords.
	Plain bool
	Log   *slog.Logger     // slog.Default() if nil
	Now   func() time.Time // time.Now if nil
}

// A Handler answers below provisioning.PhonePath and provisioning.InvitePath.
type Handler struct {
	svc   *provisioning.Service
	o     Options
	wrong *provisioning.Limit // tokens that open nothing
	files *provisioning.Limit // files that were given out
}

// New makes the handler for one service.
func New(svc *provisioning.Service, o Options) *Handler {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Handler{svc: svc, o: o,
		wrong: provisioning.NewLimit(30, 10*time.Second, o.Now),
		// A whole office behind one address fetches at once, some files a phone.
		files: provisioning.NewLimit(3000, 200*time.Millisecond, o.Now)}
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	source, private := provisioning.RequestSource(r)
	open := private || h.o.Plain
	code, invited := strings.CutPrefix(r.URL.Path, provisioning.InvitePath)
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead, invited && !open:
		deny(w)
	case invited:
		h.invitation(w, r, source, code)
	default:
		h.configuration(w, r, source, open)
	}
}

// deny is the answer to everything that is not to be had, whatever the reason.
func deny(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	w.Write([]byte("not found\n"))
}

// configuration gives a phone a file of its configuration, if the token is the
// phone's, and the hardware address that it says is too; and its certificate, where
// that is required.
func (h *Handler) configuration(w http.ResponseWriter, r *http.Request, source netip.Addr, open bool) {
	token, file := path.Split(strings.TrimPrefix(path.Clean(r.URL.Path), provisioning.PhonePath))
	sn, device, ok := h.device(source, strings.TrimSuffix(token, "/"))
	if !ok {
		deny(w)
		return
	}
	body, contentType, why := h.answer(r, source, sn, device, token, file, open)
	if why != "" || r.Method == http.MethodGet && !isBook(device, file) {
		f := store.Fetch{At: h.o.Now().UTC(), File: short(file), Address: source.String(), UserAgent: short(r.UserAgent())}
		h.svc.NoteFetch(r.Context(), sn.Organization.ID, device, f, why)
	}
	if why != "" {
		deny(w)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Write(body) // the phone is gone if this fails
}

// answer is the file that a phone asks for at its own address, or why it is not given.
func (h *Handler) answer(r *http.Request, source netip.Addr, sn *store.Snapshot, d *store.Device, token, file string, open bool) (body []byte, contentType, why string) {
	if !open {
		return nil, "", "it came without TLS"
	}
	if d.Disabled {
		return nil, "", "the phone is disabled"
	}
	if why := h.svc.Uncertified(r.TLS, d); why != "" {
		return nil, "", why
	}
	if !h.files.Left(source) {
		return nil, "", "its address has fetched too much"
	}
	if body, contentType, why = h.render(r, sn, d, token, file); why == "" {
		h.files.Take(source)
	}
	return body, contentType, why
}

// device finds the phone that a token is of. Who tries tokens is soon told nothing
// any more, right ones included.
func (h *Handler) device(source netip.Addr, token string) (*store.Snapshot, *store.Device, bool) {
	if !h.wrong.Left(source) {
		return nil, nil, false
	}
	owner, ok := h.svc.Store().Directory().ByCode(store.CodeHash(token))
	if ok && owner.Collection == "devices" {
		if sn, ok := h.svc.Store().Snapshot(owner.Org); ok {
			if d, ok := sn.Devices.Get(owner.ID); ok {
				return sn, d, true
			}
		}
	}
	h.wrong.Take(source)
	return nil, nil, false
}

// isBook says whether a file is the device's phone book.
func isBook(d *store.Device, file string) bool {
	return asked(d, strings.ToLower(file), makers[d.Vendor].book.file)
}

// render makes a file that one of the device's make would ask for, or says why not.
func (h *Handler) render(r *http.Request, sn *store.Snapshot, d *store.Device, token, file string) (body []byte, contentType, why string) {
	const failed = "it cannot be written: see the log"
	v, known := makers[d.Vendor]
	host, named := provisioning.HostOf(r.Host)
	switch {
	case !known:
		return nil, "", "no phone of " + d.Vendor + " is known"
	case !named:
		return nil, "", "it asks for no host"
	case !isPhone(d.MAC, file, r.UserAgent()):
		return nil, "", "it says another hardware address, or none"
	}
	at := home{r.Host + provisioning.PhonePath + token, provisioning.OverTLS(r)}
	bookURL := at.url() + strings.ReplaceAll(v.book.file, "MAC", d.MAC)
	if isBook(d, file) {
		b, err := h.book(sn)
		if err != nil {
			h.o.Log.Error("a phone book cannot be written", "org", sn.Organization.ID, "device", d.ID, "err", err)
			return nil, "", failed
		}
		if b.url = bookURL; v.book.perPage > 0 && !b.turn(r.URL.Query().Get("page"), v.book.perPage) {
			return nil, "", "the phone book has no such page"
		}
		return v.book.write(b), xmlType, ""
	}
	write := v.file(d, strings.ToLower(file))
	if write == nil {
		return nil, "", "no phone of " + d.Vendor + " has such a file"
	}
	c, err := h.settings(sn, d, host)
	if err != nil {
		h.o.Log.Error("a phone's configuration cannot be written", "org", sn.Organization.ID, "device", d.ID, "err", err)
		return nil, "", failed
	}
	c.home, c.book = at, bookURL
	return write(c), v.contentType, ""
}

// isPhone says whether a hardware address is in the name of the file or in the
// User-Agent, and no other one is in either.
func isPhone(mac, file, agent string) bool {
	said := append(addresses(file), addresses(agent)...)
	for _, a := range said {
		if a != mac {
			return false
		}
	}
	return len(said) > 0
}

// addresses are the hardware addresses in a text, in twelve lower-case digits. The
// file names that all phones of a make ask for have one that is nobody's.
func addresses(text string) []string {
	var found []string
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && r != ':'
	}) {
		plain := strings.ReplaceAll(word, ":", "")
		for _, prefix := range []string{"", "cfg", "spa", "sn", "mac"} { // cfg000b82…, SN:64167f…
			if mac, ok := strings.CutPrefix(plain, prefix); ok && len(mac) == 12 && strings.Trim(mac, "0123456789abcdef") == "" && mac != "000000000000" {
				found = append(found, mac)
				break
			}
		}
	}
	return found
}

// short is as much of what a client sent as is kept of it.
func short(text string) string {
	const most = 200
	if len(text) > most {
		text = text[:most]
	}
	return clean(text)
}
