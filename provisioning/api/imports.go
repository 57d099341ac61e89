package api

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"strowger/provisioning"
)

// ImportRun is how an uploaded file is imported.
type ImportRun struct {
	// Mapping is column to field; a column that is not named, or is mapped to
	// nothing, is left out.
	Mapping         map[string]string `json:"mapping"`
	MergeDuplicates bool              `json:"merge_duplicates"`
	Consent         bool              `json:"consent"`
	DryRun          bool              `json:"dry_run"`
}

// addImports makes the import of a file in steps: upload, try, import.
func (a *API) addImports() {
	one := reflect.TypeFor[provisioning.Import]()
	a.add(operation{
		method: http.MethodPost, path: "/imports", id: "upload-import", tag: "users", summary: "Upload a CSV file of users, to look at first",
		text: "Answers what is in it: the columns with the fields that they are likely to be, and the first rows. " +
			"A file that cannot be read is 422 and names the line. It is kept for an hour, also when the exchange restarts.",
		reach: forAdmin, maxBody: maxUpload, status: http.StatusCreated, result: one,
		bodyMedia: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
			Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{
				"file": {Type: huma.TypeString, Format: "binary", Description: "CSV in UTF-8, at most 20 MB, with a header line."},
			},
		}}},
		run: a.upload,
	})
	a.add(operation{
		method: http.MethodGet, path: "/imports/{id}", id: "get-import", tag: "users", summary: "Read how far an import is",
		text: "When the exchange stopped in the middle, it is `done` with the revision, or `interrupted`: nothing was imported then, and it can be run again. " +
			"Without `report` there is none to read.",
		reach: forAdmin, result: one,
		run: func(r *request) (*answer, error) {
			up, err := a.svc.Import(r.org, r.PathValue("id"))
			return &answer{body: up}, err
		},
	})
	a.add(operation{
		method: http.MethodPost, path: "/imports/{id}/run", id: "run-import", tag: "users", summary: "Import an uploaded file, or try to",
		text: "Answers when it is over; the import goes on when whoever asked has gone. All rows or, when one is wrong (`refused`), none; one revision. " +
			"With `dry_run` nothing is saved and the answer says what would be.",
		reach: forAdmin, body: reflect.TypeFor[ImportRun](), result: one,
		run: a.runImport,
	})
	a.add(operation{
		method: http.MethodPost, path: "/imports/{id}/cancel", id: "cancel-import", tag: "users", summary: "End an import that is under way",
		text:  "Nothing is saved then. An import that is saved already is undone as a revision.",
		reach: forAdmin, status: http.StatusNoContent,
		run: func(r *request) (*answer, error) { return nil, a.svc.CancelImport(r.org, r.PathValue("id")) },
	})
	a.add(operation{
		method: http.MethodGet, path: "/imports/{id}/report", id: "get-import-report", tag: "users", summary: "Read what was done with each row, as CSV",
		reach: forAdmin, resultMedia: []string{"text/csv"},
		run: func(r *request) (*answer, error) {
			f, err := a.svc.ImportReportFile(r.org, r.PathValue("id"))
			if err != nil {
				return nil, err
			}
			ans := &answer{write: func(w http.ResponseWriter, _ *http.Request) error {
				defer f.Close()
				_, err := io.Copy(w, f)
				return err
			}}
			ans.set("Content-Type", "text/csv; charset=utf-8")
			return ans.set("Content-Disposition", `attachment; filename="import-report.csv"`), nil
		},
	})
	a.add(operation{
		method: http.MethodDelete, path: "/imports/{id}", id: "drop-import", tag: "users", summary: "Forget an uploaded file",
		reach: forAdmin, status: http.StatusNoContent,
		run: func(r *request) (*answer, error) { return nil, a.svc.DropImport(r.org, r.PathValue("id")) },
	})
}

// upload reads the form part by part: the file goes to disk as it comes.
func (a *API) upload(r *request) (*answer, error) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return nil, refuse(http.StatusUnsupportedMediaType, "Content-Type: want multipart/form-data")
	}
	form, err := r.MultipartReader()
	if err != nil {
		return nil, brokenForm(err)
	}
	part, err := form.NextPart()
	if errors.Is(err, io.EOF) {
		return nil, invalid("file", "missing")
	}
	if err != nil {
		return nil, brokenForm(err)
	}
	defer part.Close()
	if part.FormName() != "file" || part.FileName() == "" {
		return nil, invalid("file", "want one file in the field file, and nothing else")
	}
	up, err := a.svc.Upload(r.org, part.FileName(), formReader{part})
	if err != nil {
		return nil, err
	}
	return (&answer{body: up}).set("Location", prefix+"/imports/"+up.ID), nil
}

// formReader says of a form that ended too early that it did.
type formReader struct{ part *multipart.Part }

func (f formReader) Read(p []byte) (int, error) {
	n, err := f.part.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = brokenForm(err)
	}
	return n, err
}

func brokenForm(err error) error {
	if asTooLarge(err) {
		return refuse(http.StatusRequestEntityTooLarge, "file: larger than 20 MB")
	}
	return &provisioning.InputError{Malformed: true, Fields: []provisioning.FieldError{
		provisioning.Fault("file", "the upload broke off before its end, and nothing of it was kept; send it again")}}
}

func (a *API) runImport(r *request) (*answer, error) {
	var in ImportRun
	if err := provisioning.Decode(r.raw, &in); err != nil {
		return nil, err
	}
	id := r.PathValue("id")
	up, err := a.svc.Import(r.org, id)
	if err != nil {
		return nil, err
	}
	o := provisioning.ImportOptions{Mapping: in.Mapping, MergeDuplicates: in.MergeDuplicates, Consent: in.Consent, DryRun: in.DryRun}
	if o.Mapping == nil {
		o.Mapping = make(map[string]string)
	}
	for _, c := range up.Columns {
		if _, named := o.Mapping[c.Name]; !named && c.Name != "" {
			o.Mapping[c.Name] = ""
			if in.Mapping == nil {
				o.Mapping[c.Name] = c.Field
			}
		}
	}
	return &answer{write: func(w http.ResponseWriter, hr *http.Request) error {
		http.NewResponseController(w).SetWriteDeadline(time.Time{}) // it may take longer than an answer has
		done, err := a.svc.RunImport(hr.Context(), r.org, id, r.author(""), o)
		if err != nil {
			a.fail(w, hr, err)
			return nil
		}
		a.reply(w, r, &answer{body: done})
		return nil
	}}, nil
}
