// Package api owns how provisioning looks over HTTP: paths, bodies, tokens,
// problems, OpenAPI. What a request does it leaves to provisioning.
package api

import (
	"log/slog"
	"net/http"

	"strowger/provisioning"
)

// Options of an [API].
type Options struct {
	Version string       // of the program, shown in the OpenAPI document
	Metrics http.Handler // answers /metrics; nil: 404
	Ready   func() error // what is missing for /readyz; nil: nothing
	Log     *slog.Logger // slog.Default() if nil
}

// An API answers requests for one service.
type API struct {
	svc *provisioning.Service
	o   Options
}

// New builds every operation once.
func New(svc *provisioning.Service, o Options) *API {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &API{svc: svc, o: o}
}

// Handler answers on the network, where every request must bring a token.
func (a *API) Handler() http.Handler { return http.NotFoundHandler() }

// Local answers on admin.sock and within the process: whoever can reach it is
// the operator. who is written in the revisions.
func (a *API) Local(who string) http.Handler { return http.NotFoundHandler() }

// Handler is New(svc, o).Handler().
func Handler(svc *provisioning.Service, o Options) http.Handler { return New(svc, o).Handler() }
