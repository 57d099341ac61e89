package api

import (
	"mime/multipart"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"strowger/provisioning"
	"strowger/store"
)

// Me is what a token or a session is good for.
type Me struct {
	Role         string                 `json:"role"`
	Organization string                 `json:"organization"`
	User         *provisioning.UserView `json:"user,omitempty"`
}

// addUsers makes what users have beyond other collections.
func (a *API) addUsers() {
	a.add(operation{
		method: http.MethodDelete, path: "/users/{id}", id: "delete-user", tag: "users", summary: "Delete a user",
		text:  "Without `confirm=true` the answer is 409 and lists what would go.",
		reach: forAdmin, status: http.StatusNoContent,
		params: []*huma.Param{ifMatchParam, queryParam("confirm", "Yes, with all that depends on the user.", flag()),
			queryParam("messages_to", "The id of the user who gets the messages; they are nobody's otherwise.", text())},
		errors: []int{http.StatusPreconditionFailed},
		run: func(r *request) (*answer, error) {
			confirm, err := flagParam(r.Request, "confirm")
			if err != nil {
				return nil, err
			}
			return nil, a.svc.DeleteUser(r.Context(), r.org, r.author(""), r.PathValue("id"), r.Header.Get("If-Match"), confirm, r.URL.Query().Get("messages_to"))
		},
	})
	a.add(operation{
		method: http.MethodPost, path: "/users/import", id: "import-users", tag: "users", summary: "Create users from a CSV file",
		text: "All rows or, when one is wrong, none; one revision. The report says what was done row by row. " +
			"A row that fails makes the answer 422 with the same report.",
		reach: forAdmin, maxBody: maxUpload, result: reflect.TypeFor[provisioning.ImportReport](),
		params: []*huma.Param{idempotencyParam},
		bodyMedia: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
			Type: huma.TypeObject, Required: []string{"file", "consent"},
			Properties: map[string]*huma.Schema{
				"file":             {Type: huma.TypeString, Format: "binary", Description: "CSV in UTF-8, at most 20 MB, with a header line."},
				"mapping":          {Type: huma.TypeString, Description: "JSON object of column to field."},
				"merge_duplicates": {Type: huma.TypeBoolean, Description: "Skip users that exist: same email, else same full name."},
				"consent":          {Type: huma.TypeBoolean, Description: "Must be true: the people in the file have agreed."},
				"dry_run":          {Type: huma.TypeBoolean, Description: "Report what would be done."},
			},
		}}},
		run: a.importUsers,
	})
	a.addOwn()
	a.addVerifications()
	a.addPhotos()
	a.addMeans()
	a.add(operation{
		method: http.MethodGet, path: "/me", id: "get-me", tag: "users", summary: "Read what the token or the session is good for",
		reach: forUser, result: reflect.TypeFor[Me](),
		run: func(r *request) (*answer, error) {
			me := Me{Role: string(r.who.Role), Organization: r.org}
			if id := r.self(); id != "" {
				users, _ := provisioning.FindCollection("users")
				record, _, err := a.svc.Get(r.org, users, id)
				if err != nil {
					return nil, err
				}
				me.User = record.(*provisioning.UserView)
			}
			return ok200(me)
		},
	})
}

func (a *API) importUsers(r *request) (*answer, error) {
	form, err := readForm(r, "file")
	if err != nil {
		return nil, err
	}
	defer form.close()
	var o provisioning.ImportOptions
	for name, to := range map[string]*bool{"merge_duplicates": &o.MergeDuplicates, "consent": &o.Consent, "dry_run": &o.DryRun} {
		if v, given := form.values[name]; given && v != "" {
			if *to, err = strconv.ParseBool(v); err != nil {
				return nil, invalid(name, "want true or false")
			}
		}
	}
	if o.Mapping, err = provisioning.ParseMapping(form.values["mapping"]); err != nil {
		return nil, err
	}
	if form.file == nil {
		return nil, invalid("file", "missing")
	}
	report, err := a.svc.ImportUsers(r.Context(), r.org, r.author(""), form.file, o)
	if err != nil {
		return nil, err
	}
	ans := &answer{body: report}
	if report.Failed > 0 && !o.DryRun {
		ans.status = http.StatusUnprocessableEntity
	}
	return ans, nil
}

// A form is a multipart body: its small values, and its one file.
type form struct {
	values   map[string]string
	file     multipart.File
	fileName string
	close    func()
}

// formFields are the parts that any form of ours may have.
var formFields = []string{"mapping", "merge_duplicates", "consent", "dry_run", "id", "name"}

func readForm(r *request, fileField string) (*form, error) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return nil, refuse(http.StatusUnsupportedMediaType, "Content-Type: want multipart/form-data")
	}
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		if asTooLarge(err) {
			return nil, refuse(http.StatusRequestEntityTooLarge, "%s: larger than 20 MB", fileField)
		}
		return nil, &provisioning.InputError{Malformed: true,
			Fields: []provisioning.FieldError{provisioning.Fault("", "the form cannot be read: %v", err)}}
	}
	f := &form{values: make(map[string]string), close: func() { r.MultipartForm.RemoveAll() }}
	var e provisioning.InputError
	for name, v := range r.MultipartForm.Value {
		if !contains(formFields, name) {
			e.Fields = append(e.Fields, provisioning.Fault(name, "unknown field"))
			continue
		}
		f.values[name] = v[0]
	}
	for name, headers := range r.MultipartForm.File {
		if name != fileField || len(headers) != 1 {
			e.Fields = append(e.Fields, provisioning.Fault(name, "want one file in the field %s", fileField))
			continue
		}
		file, err := headers[0].Open()
		if err != nil {
			f.close()
			return nil, err
		}
		f.file, f.fileName = file, headers[0].Filename
		remove := f.close
		f.close = func() { file.Close(); remove() }
	}
	if len(e.Fields) > 0 {
		f.close()
		return nil, &e
	}
	return f, nil
}

// addOrganizations makes the tenants' operations.
func (a *API) addOrganizations() {
	tag := "organizations"
	one := reflect.TypeFor[store.Organization]()
	a.add(operation{
		method: http.MethodGet, path: "/organizations", id: "list-organizations", tag: tag, summary: "List organizations",
		reach: forAdmin, params: listParams(provisioning.FiltersOf[store.Organization](), provisioning.OrganizationSorts()...), result: a.listOf(one, tag), resultMedia: []string{"text/csv"},
		run: func(r *request) (*answer, error) {
			q, err := provisioning.ParseQuery(r.URL.Query(), reservedParams...)
			if err != nil {
				return nil, err
			}
			q.All = wantsCSV(r.Request)
			page, err := a.svc.Organizations(r.who, q)
			if err != nil {
				return nil, err
			}
			return listAnswer(r, tag, one, page)
		},
	})
	a.add(operation{
		method: http.MethodGet, path: "/organizations/{id}", id: "get-organization", tag: tag, summary: "Read an organization",
		reach: forAdmin, result: one,
		run: func(r *request) (*answer, error) {
			o, etag, err := a.svc.Organization(r.who, r.PathValue("id"))
			if err != nil {
				return nil, err
			}
			if notModified(r.Request, etag) {
				return (&answer{status: http.StatusNotModified}).set("ETag", etag), nil
			}
			return (&answer{body: o}).set("ETag", etag), nil
		},
	})
	a.add(operation{
		method: http.MethodPost, path: "/organizations", id: "create-organization", tag: tag, summary: "Create an organization",
		text:  "The realm is fixed from then on: every stored password depends on it.",
		reach: forOperator, params: []*huma.Param{idempotencyParam}, status: http.StatusCreated, body: one, result: one,
		run: func(r *request) (*answer, error) {
			o, etag, err := a.svc.CreateOrganization(r.Context(), r.author(""), r.raw)
			if err != nil {
				return nil, err
			}
			return (&answer{body: o}).set("ETag", etag).set("Location", prefix+"/organizations/"+o.ID), nil
		},
	})
	a.add(operation{
		method: http.MethodPatch, path: "/organizations/{id}", id: "change-organization", tag: tag, summary: "Change an organization",
		text:  "A JSON merge patch (RFC 7396): what is not named does not change. Only an operator changes the domain.",
		reach: forAdmin, params: []*huma.Param{ifMatchParam}, body: one, result: one, errors: []int{http.StatusPreconditionFailed},
		run: func(r *request) (*answer, error) {
			o, etag, err := a.svc.ChangeOrganization(r.Context(), r.who, r.author(""), r.PathValue("id"), r.raw, r.Header.Get("If-Match"))
			if err != nil {
				return nil, err
			}
			return (&answer{body: o}).set("ETag", etag), nil
		},
	})
	a.add(operation{
		method: http.MethodDelete, path: "/organizations/{id}", id: "delete-organization", tag: tag, summary: "Delete an organization with all it has",
		text: "Its users, numbers, registrations and calls go, and its recordings, messages and audio files with their files. What was delivered stays where it is, " +
			"below `deliveries/ID` in the data directory, too: that is its archive, and the operator's to remove. Without `confirm=true` the answer is 409 and says so; " +
			"so it is while calls are up.",
		reach: forOperator, status: http.StatusNoContent, errors: []int{http.StatusPreconditionFailed},
		params: []*huma.Param{ifMatchParam, queryParam("confirm", "Yes, with everything.", flag())},
		run: func(r *request) (*answer, error) {
			confirm, err := flagParam(r.Request, "confirm")
			if err != nil {
				return nil, err
			}
			return nil, a.svc.DeleteOrganization(r.Context(), r.author(""), r.PathValue("id"), r.Header.Get("If-Match"), confirm)
		},
	})
}
