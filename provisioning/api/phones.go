package api

import (
	"net"
	"net/http"
	"os"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"strowger/provisioning"
)

// addPhones makes what desk phones and app devices have beyond other collections.
func (a *API) addPhones() {
	device := reflect.TypeFor[provisioning.DeviceView]()
	redirect := reflect.TypeFor[provisioning.Redirect]()
	a.add(operation{
		method: http.MethodPost, path: "/devices/{id}/rotate", id: "rotate-device", tag: "devices",
		summary: "Give a desk phone a new address for its configuration",
		text:    "`provisioning_url` is in the answer, this once. The address that the phone had is gone at once.",
		reach:   forAdmin, result: device, params: []*huma.Param{idempotencyParam},
		run: func(r *request) (*answer, error) {
			d, err := a.svc.RotateDevice(r.Context(), r.org, r.author(""), r.PathValue("id"))
			if err != nil {
				return nil, err
			}
			a.absolute(r, d)
			return ok200(d)
		},
	})
	a.add(operation{
		method: http.MethodPost, path: "/devices/{id}/resync", id: "resync-device", tag: "devices",
		summary: "Ask a desk phone to fetch its configuration now",
		text:    "It is asked by SIP, where its lines are registered, and 409 where none is. A phone whose configuration changes is asked without this.",
		reach:   forAdmin, result: reflect.TypeFor[provisioning.Resync](), errors: []int{http.StatusServiceUnavailable},
		run: func(r *request) (*answer, error) {
			done, err := a.svc.ResyncDevice(r.org, r.PathValue("id"))
			return &answer{body: done}, err
		},
	})
	a.add(operation{
		method: http.MethodGet, path: "/devices/redirects", id: "list-device-redirects", tag: "devices",
		summary: "List desk phones with their addresses, for the makers' redirection services",
		text:    "Who has a phone's address gets the passwords of its lines: the list is as secret as they are. Disabled phones are not in it.",
		reach:   forAdmin, result: a.listOf(redirect, "redirects"), resultMedia: []string{"text/csv"},
		params: []*huma.Param{queryParam("vendor", "Only phones of this maker.", text())},
		run: func(r *request) (*answer, error) {
			if err := onlyParams(r.Request, "vendor"); err != nil {
				return nil, err
			}
			all, err := a.svc.Redirects(r.org, r.URL.Query().Get("vendor"), a.base(r))
			if err != nil {
				return nil, err
			}
			page := provisioning.Page{Items: make([]any, len(all))}
			for i := range all {
				page.Items[i] = &all[i]
			}
			return listAnswer(r, "redirects", redirect, page)
		},
	})
	a.add(operation{
		method: http.MethodGet, path: "/devices/certificates", id: "get-device-certificates", tag: "devices",
		summary: "Tell whether desk phones can be held to their makers' certificates",
		text:    "Where `asked` is false, `require_certificate` of a device is refused: the server is to be started with `--device-ca`. Behind a reverse proxy no certificate arrives.",
		reach:   forAdmin, result: reflect.TypeFor[provisioning.DeviceCertificates](),
		run: func(*request) (*answer, error) { return ok200(a.svc.DeviceCertificates()) },
	})
	a.add(operation{
		method: http.MethodPost, path: "/users/{id}/invitation", id: "invite-user", tag: "users",
		summary: "Invite a user to activate an app, or invite again",
		text:    "The code is good for 14 days and one device; one that was sent before is void. 409 when the user has no valid email, no application line, or the mobile app switched off.",
		reach:   forAdmin, result: reflect.TypeFor[provisioning.IssuedInvitation](), params: []*huma.Param{idempotencyParam},
		run: func(r *request) (*answer, error) {
			inv, err := a.svc.Invite(r.Context(), r.org, r.author(""), r.PathValue("id"), a.base(r))
			return &answer{body: inv}, err
		},
	})
	a.add(operation{
		method: http.MethodPost, path: "/app-devices/activate", id: "activate-app-device", tag: "app-devices",
		summary: "Activate an app with the code of an invitation",
		text:    "Needs no token. The code is used up; the credentials are in the answer, this once. With its `token` the app reads and changes `/app-devices/self`.",
		reach:   forOpen, status: http.StatusCreated, errors: []int{http.StatusNotFound, http.StatusTooManyRequests, http.StatusUnprocessableEntity},
		body: reflect.TypeFor[provisioning.ActivationRequest](), result: reflect.TypeFor[provisioning.Activation](),
		run: func(r *request) (*answer, error) {
			var in provisioning.ActivationRequest
			if err := provisioning.Decode(r.raw, &in); err != nil {
				return nil, err
			}
			host, ok := provisioning.HostOf(r.Host)
			if !ok {
				return nil, invalid("Host", "want a name or an address")
			}
			source, _ := provisioning.RequestSource(r.Request)
			done, err := a.svc.Activate(r.Context(), source, host, in)
			return &answer{body: done}, err
		},
	})
}

// base is what links begin with that lead back to us: as the caller reached us,
// but over TLS wherever there is that.
func (a *API) base(r *request) string {
	host := r.Host
	if r.who.Local {
		// A socket has no name that phones could use.
		if sn, ok := a.svc.Store().Snapshot(r.org); ok && sn.Organization.Domain != "" {
			host = sn.Organization.Domain
		} else if host, _ = os.Hostname(); host == "" {
			host = "localhost"
		}
		if _, port, err := net.SplitHostPort(a.o.HTTP); err == nil && a.o.HTTPS == "" {
			host = net.JoinHostPort(host, port)
		}
	}
	if provisioning.OverTLS(r.Request) {
		return "https://" + host
	}
	_, port, err := net.SplitHostPort(a.o.HTTPS)
	if err != nil {
		return "http://" + host
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	if port != "443" {
		return "https://" + net.JoinHostPort(host, port)
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return "https://" + host
}

// absolute completes the address of a new phone's configuration.
func (a *API) absolute(r *request, record any) {
	if d, ok := record.(*provisioning.DeviceView); ok && d.ProvisioningURL != "" {
		d.ProvisioningURL = a.base(r) + d.ProvisioningURL
	}
}
