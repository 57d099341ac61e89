// Package api owns how provisioning looks over HTTP: paths, bodies, tokens,
// problems, OpenAPI. What a request does it leaves to provisioning.
package api

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"strowger/provisioning"
	"strowger/store"
)

// prefix begins the path of every operation.
const prefix = "/api/v1"

// Options of an [API].
type Options struct {
	Version string           // of the program, shown in the OpenAPI document
	Metrics http.Handler     // answers /metrics; nil: 404
	Phones  http.Handler     // answers /p/ and /a/, where phones and apps get their configuration; nil: 404
	HTTP    string           // the address of the listener without TLS, for links; empty: none
	HTTPS   string           // that of the one with TLS
	Ready   func() error     // what is missing for /readyz; nil: nothing
	Web     http.Handler     // answers the pages, outside /api; nil: 404
	Log     *slog.Logger     // slog.Default() if nil
	Now     func() time.Time // time.Now if nil
}

// An API answers requests for one service.
type API struct {
	svc  *provisioning.Service
	o    Options
	mux  *http.ServeMux
	huma huma.API
	once *once
	// cross refuses what another site makes a browser send.
	cross *http.CrossOriginProtection

	docs struct {
		sync.Once
		openapi, page []byte
	}
}

// New builds every operation once.
func New(svc *provisioning.Service, o Options) *API {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	a := &API{svc: svc, o: o, mux: http.NewServeMux(), once: newOnce(o.Now), cross: http.NewCrossOriginProtection()}
	config := huma.Config{OpenAPI: &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{Title: "strowger", Version: o.Version,
			Description: "Everything that can be done to the exchange. Ids are opaque; a client may choose one on creation. " +
				"Secrets are write-only: they are answered once, on creation. " +
				"Lists are by name or number and, where they have the parameter, by what `sort` says; those that are newest first are always so.",
			License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}},
		Servers: []*huma.Server{{URL: "/", Description: "The exchange that has the document."}},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"token": {Type: "http", Scheme: "bearer", Description: "What `strowger token create` prints."},
				"app":   {Type: "http", Scheme: "bearer", Description: "What `POST /app-devices/activate` answers as `token`."},
				"session": {Type: "apiKey", In: "cookie", Name: cookieName,
					Description: "What `POST /session` sets. A request that changes something also has `X-CSRF-Token`."},
			},
		},
	}}
	config.FieldsOptionalByDefault = true
	config.Components.Schemas.RegisterTypeAlias(reflect.TypeFor[store.State](), reflect.TypeFor[json.RawMessage]())
	a.huma = huma.NewAPI(config, humago.NewAdapter(a.mux, ""))

	a.addSessions()
	a.addTOTP()
	a.addPasskeys()
	a.addOpenID()
	a.addResets()
	a.addSetUp()
	a.addAudit()
	a.addBilling()
	a.addDirectory()
	a.addCollections()
	a.addUsers()
	a.addImports()
	a.addOrganizations()
	a.addPhones()
	a.addApps()
	a.addAudio()
	a.addCalls()
	a.addMedia()
	a.addDeliveries()
	a.addRoutes()
	a.addRevisions()
	a.addDrafts()
	a.addWhole()
	a.addEvents()

	a.mux.HandleFunc("GET /api/openapi.json", a.serveOpenAPI)
	a.mux.HandleFunc("GET /api/docs", a.serveDocs)
	a.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") })
	a.mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if o.Ready != nil {
			if err := o.Ready(); err != nil {
				plain(w, http.StatusServiceUnavailable, err.Error())
				return
			}
		}
		plain(w, http.StatusOK, "ok")
	})
	if o.Metrics != nil {
		a.mux.Handle("GET /metrics", o.Metrics)
	}
	return a
}

// schemaName is the library's, but for a name that two of our packages have.
func schemaName(t reflect.Type, hint string) string {
	if t == reflect.TypeFor[store.Problem]() {
		return "CheckProblem"
	}
	return huma.DefaultSchemaNamer(t, hint)
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}

// Handler answers on the network, where every request must bring a token or the
// cookie of a session.
func (a *API) Handler() http.Handler { return http.HandlerFunc(a.handle) }

// Local answers on admin.sock and within the process: whoever can reach it is
// the operator, and who is what the revisions call them.
func (a *API) Local(who string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.handle(w, withLocal(r, who)) })
}

// handle goes around everything: headers, what no operation answers, panics.
func (a *API) handle(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if p == http.ErrAbortHandler {
			panic(p)
		}
		a.o.Log.Error("a request panicked", "method", r.Method, "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
		writeProblem(w, problemOf(http.StatusInternalServerError, "", "something failed inside; the log says what"))
	}()
	if a.o.Phones != nil && (strings.HasPrefix(r.URL.Path, provisioning.PhonePath) || strings.HasPrefix(r.URL.Path, provisioning.InvitePath)) {
		a.o.Phones.ServeHTTP(w, r) // not by the mux, which answers some paths itself
		return
	}
	handler, pattern := a.mux.Handler(r)
	if pattern == "" {
		if a.o.Web != nil && isPage(r) {
			a.o.Web.ServeHTTP(w, r)
			return
		}
		a.nothing(w, r)
		return
	}
	_ = handler
	a.mux.ServeHTTP(w, r) // sets the path's values, which Handler does not
}

// isPage says whether a request that no operation answers may be for the web
// application. What is wrong below /api is a problem in JSON, whoever asks.
func isPage(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.Path != "/api" && !strings.HasPrefix(r.URL.Path, "/api/")
}

// nothing answers a path or a method that no operation has.
func (a *API) nothing(w http.ResponseWriter, r *http.Request) {
	var allow []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := *r
		other.Method = m
		if _, pattern := a.mux.Handler(&other); strings.HasPrefix(pattern, m+" ") {
			allow = append(allow, m)
		}
	}
	if len(allow) == 0 {
		writeProblem(w, problemOf(http.StatusNotFound, "", "there is nothing at "+r.URL.Path))
		return
	}
	w.Header().Set("Allow", strings.Join(allow, ", "))
	writeProblem(w, problemOf(http.StatusMethodNotAllowed, "", r.Method+" is not for "+r.URL.Path))
}
