package phone

import (
	"net/http"
	"strings"

	"strowger/provisioning"
)

// Acrobits makes Groundwire, Acrobits Softphone and Cloud Softphone, which is also
// sold under others' names. They take an account in a form of their own, and show
// people what an error's message says; both are in Acrobits' documentation of
// external provisioning and of Account XML.

// acrobits is an account in the form of Acrobits' apps.
func acrobits(a *provisioning.Activation) []byte {
	s := a.SIP
	x := newXML()
	x.open("account")
	title := a.Settings.Organization // an account without a title is not taken
	if a.Settings.Extension != "" {
		title = a.Settings.Extension + " " + title
	}
	x.value("title", title)
	x.value("username", s.User)
	x.value("authUsername", s.Username)
	x.value("password", s.Password)
	x.value("userDisplayName", a.Settings.DisplayName)
	x.value("host", s.URIDomain())
	x.value("proxy", s.HostPort())
	x.value("transport", acrobitsTransport(s.Transport))
	x.value("expires", itoa(s.ExpiresS))
	x.close("account")
	return x.Bytes()
}

// acrobitsTransport asks for sip: addresses over TLS too: a plain "tls" is sips: to
// these apps, which an account here is not.
func acrobitsTransport(transport string) string {
	if transport == "tls" {
		return "tls+sip:"
	}
	return transport
}

// acrobitsError says why there is no account. The status is what fails the app, the
// message what it shows.
func acrobitsError(w http.ResponseWriter, status int, message string) {
	x := newXML()
	x.open("error")
	x.value("message", message)
	x.close("error")
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	w.WriteHeader(status)
	w.Write(x.Bytes())
}

// acrobitsName is what the app calls itself in its User-Agent, NAME/VERSION.
func acrobitsName(agent string) string {
	name, _, _ := strings.Cut(agent, "/")
	switch name = strings.TrimSpace(name); {
	case name == "CloudSoftphone":
		return "Cloud Softphone"
	case strings.HasPrefix(name, "Groundwire"), strings.HasPrefix(name, "Acrobits"):
		return name[:min(len(name), 64)]
	}
	return "Acrobits app"
}
