package api

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"strowger/provisioning"
	"strowger/store"
)

// A List is a page of a collection.
type List[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor,omitempty"`
}

// Dependencies are what a delete removes or changes.
type Dependencies struct {
	Items []provisioning.Dependency `json:"items"`
}

// rules are what a collection's operations differ in.
type rules struct {
	path                   string
	article                string // "a" or "an"
	reach                  reach  // to change
	read                   reach
	text                   string
	create, change, remove bool
	// dependencies says what can be listed before a record is deleted; empty: nothing.
	dependencies string
}

var collectionRules = []struct {
	name string
	rules
}{
	{"users", rules{path: "/users", article: "a", read: forUser, reach: forAdmin, dependencies: "removes, and what each removal means", create: true, change: true,
		text: "A person. `application_line`, a contact method of kind `app`, is created in the same transaction."}},
	{"contact_methods", rules{path: "/contact-methods", article: "a", read: forUser, reach: forAdmin, dependencies: "removes or changes: its numbers, apps and desk phones, and who forwards calls to its numbers", create: true, change: true, remove: true}},
	{"numbers", rules{path: "/numbers", article: "a", read: forAdmin, reach: forAdmin, dependencies: "means to who forwards calls to it", create: true, change: true, remove: true}},
	{"internal_numbers", rules{path: "/internal-numbers", article: "an", read: forAdmin, reach: forAdmin, dependencies: "means to who forwards calls to it", create: true, change: true, remove: true}},
	{"trunks", rules{path: "/trunks", article: "a", read: forAdmin, reach: forAdmin, create: true, change: true, remove: true}},
	{"devices", rules{path: "/devices", article: "a", read: forAdmin, reach: forAdmin, create: true, change: true, remove: true,
		text: "A desk phone. `provisioning_url`, where it is to fetch its configuration, is in the answer, this once."}},
	{"app_devices", rules{path: "/app-devices", article: "an", read: forAdmin, reach: forAdmin, create: true, change: true, remove: true}},
	{"time_schedules", rules{path: "/time-schedules", article: "a", read: forAdmin, reach: forAdmin, create: true, change: true, remove: true}},
	{"audio_files", rules{path: "/audio-files", article: "an", read: forAdmin, reach: forAdmin, change: true}},
	{"delivery_methods", rules{path: "/delivery-methods", article: "a", read: forAdmin, reach: forAdmin, create: true, change: true, remove: true,
		text: "Settings whose names speak of a password, secret, key, token or header are write-only: kept when absent, taken away by an empty text. " +
			"By kind: `disk`: path, below deliveries/ORGANIZATION in the data directory. `email`: to, subject, max_mb (MB, 15). " +
			"`sftp`: host, port, username, path, password or private_key with passphrase, host_key (a key or its SHA256 fingerprint; without it the first that is met is believed from then on). " +
			"`s3`: endpoint, bucket, region, prefix, path_style, access_key_id, secret_access_key, session_token. " +
			"`webdav`: url, username, password. " +
			"`webhook`: url, secret (`whsec_` and 24 to 64 bytes in base64, generated if absent; events are signed with it as Standard Webhooks says), content (link or audio), base_url of the link, header.NAME."}},
	{"feature_codes", rules{path: "/feature-codes", article: "a", read: forAdmin, reach: forAdmin, create: true, change: true, remove: true}},
	{"call_flows", rules{path: "/call-flows", article: "a", read: forAdmin, reach: forAdmin, dependencies: "changes: numbers that lead into it, and who forwards calls to those", create: true, change: true, remove: true}},
	{"plans", rules{path: "/plans", article: "a", read: forAdmin, reach: forAdmin, create: true, change: true, remove: true,
		text: "`includes` is what its users may have: a change that would give a user more is refused. `seats` is how many users may have it, 0 for any number."}},
	{"tokens", rules{path: "/tokens", article: "a", read: forAdmin, reach: forAdmin, create: true, change: true, remove: true,
		text: "The token's text is in the answer, this once."}},
}

// addCollections makes the operations that every collection has.
func (a *API) addCollections() {
	for _, r := range collectionRules {
		c, ok := provisioning.FindCollection(r.name)
		if !ok {
			panic("no collection " + r.name)
		}
		a.addCollection(c, r.rules)
	}
}

func (a *API) addCollection(c provisioning.Collection, r rules) {
	tag := strings.ReplaceAll(c.Name(), "_", "-")
	one := strings.ReplaceAll(c.One(), " ", "-")
	many := strings.ReplaceAll(tag, "-", " ")
	an := r.article + " " + c.One()
	a.add(operation{
		method: http.MethodGet, path: r.path, id: "list-" + tag, tag: tag, summary: "List " + many,
		reach: r.read, params: listParams(provisioning.FilterNames(c), provisioning.SortNames(c)...),
		result: a.listOf(c.Answer(), c.Name()), resultMedia: []string{"text/csv"},
		run: func(req *request) (*answer, error) { return a.list(req, c) },
	})
	a.add(operation{
		method: http.MethodGet, path: r.path + "/{id}", id: "get-" + one, tag: tag, summary: "Read " + an,
		reach: r.read, result: c.Answer(),
		run: func(req *request) (*answer, error) { return a.get(req, c) },
	})
	if r.dependencies != "" {
		a.add(operation{
			method: http.MethodGet, path: r.path + "/{id}/dependencies", id: "list-" + one + "-dependencies", tag: tag,
			summary: "List what a delete of the " + c.One() + " " + r.dependencies,
			reach:   r.reach, result: reflect.TypeFor[Dependencies](),
			run: func(req *request) (*answer, error) {
				deps, err := a.svc.Dependencies(req.Context(), req.org, c, req.PathValue("id"))
				return &answer{body: Dependencies{deps}}, err
			},
		})
	}
	if r.create {
		a.add(operation{
			method: http.MethodPost, path: r.path, id: "create-" + one, tag: tag, summary: "Create " + an, text: r.text,
			reach: r.reach, params: []*huma.Param{idempotencyParam}, status: http.StatusCreated, body: c.Input(), result: c.Answer(),
			run: func(req *request) (*answer, error) { return a.create(req, c, r.path) },
		})
	}
	if r.change {
		a.add(operation{
			method: http.MethodPatch, path: r.path + "/{id}", id: "change-" + one, tag: tag, summary: "Change " + an,
			text:  "A JSON merge patch (RFC 7396): what is not named does not change.",
			reach: r.reach, params: []*huma.Param{ifMatchParam}, body: c.Input(), result: c.Answer(),
			errors: []int{http.StatusPreconditionFailed},
			run:    func(req *request) (*answer, error) { return a.change(req, c) },
		})
	}
	if r.remove {
		a.add(operation{
			method: http.MethodDelete, path: r.path + "/{id}", id: "delete-" + one, tag: tag, summary: "Delete " + an,
			reach: r.reach, params: []*huma.Param{ifMatchParam}, status: http.StatusNoContent,
			errors: []int{http.StatusPreconditionFailed},
			run:    func(req *request) (*answer, error) { return a.remove(req, c) },
		})
	}
}

// listOf documents a list answer of a type that is only known by reflection.
func (a *API) listOf(item reflect.Type, name string) reflect.Type {
	return reflect.StructOf([]reflect.StructField{
		{Name: "Items", Type: reflect.SliceOf(item), Tag: `json:"items"`},
		{Name: "NextCursor", Type: reflect.TypeFor[string](), Tag: `json:"next_cursor,omitempty"`},
	})
}

func (a *API) list(r *request, c provisioning.Collection) (*answer, error) {
	q, err := provisioning.ParseQuery(r.URL.Query(), reservedParams...)
	if err != nil {
		return nil, err
	}
	q.Keep = r.mayRead
	q.All = wantsCSV(r.Request)
	page, err := a.svc.List(r.org, c, q)
	if err != nil {
		return nil, err
	}
	return listAnswer(r, c.Name(), c.Answer(), page)
}

func (a *API) get(r *request, c provisioning.Collection) (*answer, error) {
	if err := a.readable(r, c); err != nil {
		return nil, err
	}
	record, etag, err := a.svc.Get(r.org, c, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if !c.Live() && notModified(r.Request, etag) {
		return (&answer{status: http.StatusNotModified}).set("ETag", etag), nil
	}
	return (&answer{body: record}).set("ETag", etag), nil
}

// mayRead says whether a caller may see a record of its organization: a user
// the user's own, and nobody but operators their tokens.
func (r *request) mayRead(record any) bool {
	switch v := record.(type) {
	case *store.User:
		return r.own(v.ID)
	case *store.ContactMethod:
		return r.own(v.UserID)
	case *store.Token:
		return r.who.Reaches(v.Role)
	}
	return r.own()
}

// readable refuses, as if it were not there, a record that the caller may not
// see.
func (a *API) readable(r *request, c provisioning.Collection) error {
	record, ok := a.svc.Stored(r.org, c, r.PathValue("id"))
	if !ok || !r.mayRead(record) {
		return notFound(c.One())
	}
	return nil
}

func (a *API) create(r *request, c provisioning.Collection, path string) (*answer, error) {
	if c.Name() == "tokens" {
		if err := a.checkTokenReach(r); err != nil {
			return nil, err
		}
	}
	record, etag, err := a.svc.Create(r.Context(), r.org, r.author(""), c, r.raw)
	if err != nil {
		return nil, err
	}
	id := provisioning.IDOf(record)
	if a.svc.Welcome(r.Context(), r.org, r.author(""), c.Name(), id, a.base(r)) && c.Name() == "users" {
		if invited, changed, err := a.svc.Get(r.org, c, id); err == nil {
			record, etag = invited, changed
		}
	}
	a.absolute(r, record)
	return (&answer{body: record}).set("ETag", etag).set("Location", prefix+path+"/"+id), nil
}

// checkTokenReach keeps a caller from making a token that reaches further than
// its own.
func (a *API) checkTokenReach(r *request) error {
	var t provisioning.TokenView
	if err := provisioning.Decode(r.raw, &t); err != nil {
		return err
	}
	if !r.who.Reaches(t.Role) {
		return refuse(http.StatusForbidden, "role: a token of role %s cannot make one of role %s", r.who.Role, t.Role)
	}
	return nil
}

func (a *API) change(r *request, c provisioning.Collection) (*answer, error) {
	if err := a.readable(r, c); err != nil {
		return nil, err
	}
	record, etag, err := a.svc.Change(r.Context(), r.org, r.author(""), c, r.PathValue("id"), r.raw, r.Header.Get("If-Match"))
	if err != nil {
		return nil, err
	}
	return (&answer{body: record}).set("ETag", etag), nil
}

func (a *API) remove(r *request, c provisioning.Collection) (*answer, error) {
	if err := a.readable(r, c); err != nil {
		return nil, err
	}
	err := a.svc.Delete(r.Context(), r.org, r.author(""), c, r.PathValue("id"), r.Header.Get("If-Match"))
	return nil, err
}
