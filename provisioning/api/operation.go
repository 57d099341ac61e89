package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"strowger/provisioning"
	"strowger/store"
)

// reach says who may use an operation.
type reach int

const (
	forOpen     reach = iota // anybody, without a token
	forUser                  // and up: a user token sees its user's own part only
	forAdmin                 // and up: one organization
	forOperator              // every organization
)

// role is the least that a token must have.
func (r reach) role() string {
	return map[reach]string{forUser: "user", forAdmin: "admin", forOperator: "operator"}[r]
}

// Limits of bodies, in bytes.
const (
	maxJSON   = 1 << 20
	maxApply  = 64 << 20
	maxUpload = provisioning.MaxImport + 1<<20 // a file of 20 MB and the form around it
)

// An operation is one method of one path: what the OpenAPI document says of it
// and what answers it.
type operation struct {
	method, path string // below /api/v1
	id, summary  string
	tag          string
	text         string // more than the summary
	reach        reach
	session      bool // for a person who is signed in, not for tokens
	app          bool // for an app that was activated, with its own token, and nobody else
	anyPassword  bool // also for one who must first choose a new password
	params       []*huma.Param
	body         reflect.Type // of a JSON body, nil: none
	bodyOptional bool
	bodyMedia    map[string]*huma.MediaType // instead of body
	maxBody      int64                      // maxJSON if 0
	status       int                        // of success, 200 if 0
	result       reflect.Type               // of the JSON answer, nil: none
	resultMedia  []string                   // other content types that it answers
	errors       []int                      // beyond the usual
	run          func(*request) (*answer, error)
}

// A request is an authenticated request for one operation.
type request struct {
	*http.Request
	op  *operation
	who provisioning.Caller
	in  *provisioning.SignedIn // nil without a session
	org string                 // the organization it is about
	raw []byte                 // of a JSON body
}

// An answer is what an operation gives back.
type answer struct {
	status int // the operation's if 0
	header http.Header
	body   any                                                // as JSON, nil: none
	write  func(w http.ResponseWriter, r *http.Request) error // instead of body
}

func ok200(body any) (*answer, error) { return &answer{body: body}, nil }

func (a *answer) set(name, value string) *answer {
	if a.header == nil {
		a.header = make(http.Header)
	}
	a.header.Set(name, value)
	return a
}

// add makes an operation part of the document and of the mux.
func (a *API) add(o operation) {
	if o.status == 0 {
		o.status = http.StatusOK
	}
	if o.maxBody == 0 {
		o.maxBody = maxJSON
	}
	op := a.document(&o)
	a.huma.OpenAPI().AddOperation(op)
	a.huma.Adapter().Handle(op, func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		a.serve(&o, w, r)
	})
}

// document says to OpenAPI what o is.
func (a *API) document(o *operation) *huma.Operation {
	schemas := a.huma.OpenAPI().Components.Schemas
	op := &huma.Operation{
		Method:      o.method,
		Path:        prefix + o.path,
		OperationID: o.id,
		Summary:     o.summary,
		Description: o.text,
		Tags:        []string{o.tag},
		Responses:   make(map[string]*huma.Response),
	}
	switch {
	case o.reach == forOpen:
		op.Security = []map[string][]string{{}}
	case o.app:
		op.Security = []map[string][]string{{"app": {}}}
	case o.session:
		op.Security = []map[string][]string{{"session": {}}}
	default:
		op.Security = []map[string][]string{{"token": {o.reach.role()}}, {"session": {}}}
		op.Parameters = append(op.Parameters, organizationParam)
	}
	op.Parameters = append(op.Parameters, pathParams(o.path)...)
	op.Parameters = append(op.Parameters, o.params...)

	media := o.bodyMedia
	if o.body != nil {
		schema := schemas.Schema(o.body, true, o.id+"-body")
		media = map[string]*huma.MediaType{"application/json": {Schema: schema}}
		if o.method == http.MethodPatch {
			media["application/merge-patch+json"] = &huma.MediaType{Schema: schema}
		}
	}
	if media != nil {
		op.RequestBody = &huma.RequestBody{Required: !o.bodyOptional, Content: media}
	}

	good := &huma.Response{Description: http.StatusText(o.status), Content: make(map[string]*huma.MediaType)}
	if o.result != nil {
		good.Content["application/json"] = &huma.MediaType{Schema: schemas.Schema(o.result, true, o.id+"-answer")}
	}
	for _, t := range o.resultMedia {
		good.Content[t] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	}
	op.Responses[strconv.Itoa(o.status)] = good
	problem := map[string]*huma.MediaType{
		"application/problem+json": {Schema: schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")},
	}
	for _, status := range o.errorStatuses() {
		op.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status), Content: problem}
	}
	op.Responses["default"] = &huma.Response{Description: "What went wrong", Content: problem}
	return op
}

func (o *operation) errorStatuses() []int {
	all := append([]int(nil), o.errors...)
	if o.reach != forOpen {
		all = append(all, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity)
	}
	if o.body != nil || o.bodyMedia != nil {
		all = append(all, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if o.changes() {
		all = append(all, http.StatusConflict, http.StatusInsufficientStorage)
	}
	return all
}

// changes says whether the operation may write.
func (o *operation) changes() bool { return o.method != http.MethodGet }

// serve answers one request: who, which organization, the body, the work, the
// answer.
func (a *API) serve(o *operation, w http.ResponseWriter, hr *http.Request) {
	r := &request{Request: hr, op: o}
	if err := a.prepare(w, r); err != nil {
		a.fail(w, hr, err)
		return
	}
	if key := hr.Header.Get("Idempotency-Key"); key != "" && o.method == http.MethodPost && o.reach != forOpen {
		a.once.serve(key, w, r, a.run)
		return
	}
	a.run(w, r)
}

// run does what the operation is for and answers.
func (a *API) run(w http.ResponseWriter, r *request) {
	ans, err := r.op.run(r)
	if err != nil {
		a.fail(w, r.Request, err)
		return
	}
	a.reply(w, r, ans)
}

// prepare does what comes before the operation itself.
func (a *API) prepare(w http.ResponseWriter, r *request) (err error) {
	o := r.op
	if o.reach == forOpen {
		if err = a.sameOrigin(r.Request); err != nil {
			return err
		}
	} else {
		if err = a.authenticate(r); err != nil {
			return err
		}
		if r.org, err = a.organization(r.Request, r.who); err != nil {
			return err
		}
		if o.changes() {
			r.Request = r.WithContext(provisioning.ReachedAt(r.Context(), a.base(r)))
		}
	}
	if o.body == nil && o.bodyMedia == nil {
		return nil
	}
	r.Body = http.MaxBytesReader(w, r.Body, o.maxBody)
	if o.bodyMedia != nil {
		return nil // the operation reads it
	}
	if r.raw, err = io.ReadAll(r.Body); err != nil {
		return err
	}
	if len(bytes.TrimSpace(r.raw)) == 0 && o.bodyOptional {
		r.raw = nil
		return nil
	}
	return wantJSON(r.Request)
}

// readAll reads a body that is not JSON alone.
func readAll(r *request) ([]byte, error) { return io.ReadAll(r.Body) }

// wantJSON refuses a body that says it is something else.
func wantJSON(r *http.Request) error {
	t := r.Header.Get("Content-Type")
	if t == "" {
		return nil
	}
	t, _, err := mime.ParseMediaType(t)
	if err != nil || t != "application/json" && !(r.Method == http.MethodPatch && t == "application/merge-patch+json") {
		return &provisioning.Refusal{Status: http.StatusUnsupportedMediaType,
			Detail: store.Say("Content-Type: want application/json")}
	}
	return nil
}

func (a *API) reply(w http.ResponseWriter, r *request, ans *answer) {
	if ans == nil {
		ans = &answer{}
	}
	for name, values := range ans.header {
		w.Header()[name] = values
	}
	if ans.write != nil {
		if err := ans.write(w, r.Request); err != nil {
			a.broken(r.Request, err)
		}
		return
	}
	status := ans.status
	if status == 0 {
		status = r.op.status
	}
	if ans.body == nil {
		w.WriteHeader(status)
		return
	}
	raw, err := json.Marshal(ans.body)
	if err != nil {
		a.fail(w, r.Request, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)+1))
	w.WriteHeader(status)
	w.Write(append(raw, '\n')) // the client is gone if this fails
}

// broken logs an answer that could not be finished; its status is already
// out.
func (a *API) broken(r *http.Request, err error) {
	if r.Context().Err() != nil || errors.Is(err, io.ErrClosedPipe) {
		return // the client went away
	}
	a.o.Log.Warn("an answer broke off", "method", r.Method, "path", r.URL.Path, "err", err)
}
