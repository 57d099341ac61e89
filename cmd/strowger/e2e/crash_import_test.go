package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// importedPeople are the users of a file: too many for one commit of the store.
const importedPeople = 5000

// An imported is a file of users on its way in, and out again.
type imported struct {
	tag      string // the last name of its users, and the name of the file
	id       string // of the upload; empty: not acknowledged
	begun    bool   // the import was asked for
	revision uint64 // of the import, once it is acknowledged
	undoing  bool   // that was asked for
	undone   bool   // and acknowledged
	dropping bool   // the upload was to be forgotten
	settled  bool   // it was looked at after a kill; what was found then stays
}

// bring imports users, a file at a time, and takes them back. Those of the first
// file stay until the next round.
func (r *round) bring(chance *rand.Rand) error {
	r.mu.Lock()
	left := r.imports[:len(r.imports):len(r.imports)]
	r.mu.Unlock()
	for _, f := range left {
		if f.revision != 0 && !f.undone {
			if err := r.takeBack(f); err != nil {
				return err
			}
		}
	}
	for i := 0; r.pause(time.Duration(chance.IntN(1000)) * time.Millisecond); i++ { // others save too
		f := &imported{tag: fmt.Sprintf("crowd-%d-%d", r.n, i)}
		r.mu.Lock()
		r.imports = append(r.imports, f)
		r.mu.Unlock()
		status, up, err := r.x.uploadUsers(f.tag)
		if err != nil {
			return errKilled
		}
		if status != http.StatusCreated || up.State != "ready" || up.RowCount != importedPeople {
			return fmt.Errorf("upload of %s: %d %+v", f.tag, status, up)
		}
		r.mu.Lock()
		f.id = up.ID
		r.mu.Unlock()
		if chance.IntN(2) == 0 {
			if up, err = r.x.runImport(f.id, true); err != nil {
				return err
			}
			if up.State != "checked" || up.Created != importedPeople {
				return fmt.Errorf("check of %s: %+v", f.tag, up)
			}
		}
		r.mu.Lock()
		f.begun = true
		r.mu.Unlock()
		r.did(didBegin)
		if up, err = r.x.runImport(f.id, false); err != nil {
			return err
		}
		if up.State != "done" || up.Created != importedPeople || up.Revision == 0 {
			return fmt.Errorf("import of %s: %+v", f.tag, up)
		}
		r.mu.Lock()
		f.revision = up.Revision
		r.mu.Unlock()
		r.did(didImport)
		if i == 0 {
			continue
		}
		if err := r.takeBack(f); err != nil {
			return err
		}
		r.mu.Lock()
		f.dropping = true
		r.mu.Unlock()
		if status, out, err := r.x.request(http.MethodDelete, "/imports/"+f.id, nil); err != nil {
			return errKilled
		} else if status != http.StatusNoContent {
			return fmt.Errorf("forget the upload of %s: %d %s", f.tag, status, out)
		}
	}
	return errKilled
}

// takeBack undoes an import.
func (r *round) takeBack(f *imported) error {
	r.mu.Lock()
	f.undoing = true
	r.mu.Unlock()
	status, out, err := r.x.request(http.MethodPost, fmt.Sprintf("/revisions/%d/undo", f.revision), nil)
	if err != nil {
		return errKilled
	}
	if status != http.StatusOK {
		return fmt.Errorf("undo of %s: %d %s", f.tag, status, out)
	}
	r.mu.Lock()
	f.undone = true
	r.mu.Unlock()
	r.did(didUndo)
	return nil
}

type importView struct {
	ID       string `json:"id"`
	FileName string `json:"file_name"`
	RowCount int    `json:"row_count"`
	State    string `json:"state"`
	Created  int    `json:"created"`
	Revision uint64 `json:"revision"`
	Report   bool   `json:"report"`
	Error    string `json:"error"`
}

// uploadUsers sends a file of users who have a last name.
func (x *exchange) uploadUsers(tag string) (status int, up importView, err error) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, _ := w.CreateFormFile("file", tag+".csv") // to memory: it cannot fail
	fmt.Fprintln(part, "first_name,last_name,email")
	for i := range importedPeople {
		fmt.Fprintf(part, "Kim%d,%s,kim%d@%s.example.com\n", i, tag, i, tag)
	}
	_ = w.Close()
	req, err := http.NewRequest(http.MethodPost, "http://"+x.http+"/api/v1/imports", &form)
	if err != nil {
		return 0, up, err
	}
	req.Header.Set("Authorization", "Bearer "+x.token)
	req.Header.Set("Content-Type", w.FormDataContentType())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, up, err
	}
	defer res.Body.Close()
	return res.StatusCode, up, json.NewDecoder(res.Body).Decode(&up)
}

func (x *exchange) runImport(id string, dryRun bool) (up importView, err error) {
	status, out, err := x.request(http.MethodPost, "/imports/"+id+"/run", record{"consent": true, "dry_run": dryRun})
	if err != nil {
		return up, errKilled
	}
	if status != http.StatusOK {
		return up, fmt.Errorf("run of import %s: %d %s", id, status, out)
	}
	return up, json.Unmarshal(out, &up)
}

// wantImports finds each import there whole, with one revision, or not at all, and
// the exchange saying so. One that was cut short is run to its end. In users are the
// last names of all users, counted.
func (p *promises) wantImports(t testing.TB, users map[string]int) {
	t.Helper()
	for _, f := range p.imports {
		n := users[f.tag]
		if f.settled {
			if f.undoing && !f.undone { // asked for in this round, and not answered
				f.undone = n == 0
			}
			if want := f.people(); n != want {
				t.Errorf("%s has %d users, it had %d", f.tag, n, want)
			}
			continue
		}
		type revision struct {
			Revision uint64 `json:"revision"`
			Count    int    `json:"change_count"`
		}
		made := list[revision](p.x, "/revisions?summary~="+f.tag+".csv")
		if n != 0 && n != importedPeople || len(made) > 1 || len(made) == 1 && made[0].Count != importedPeople || len(made) == 0 && n != 0 {
			t.Errorf("%s has %d users and the revisions %+v", f.tag, n, made)
			continue
		}
		if f.revision != 0 && (len(made) == 0 || made[0].Revision != f.revision) {
			t.Errorf("%s was imported as revision %d, there is %+v", f.tag, f.revision, made)
			continue
		}
		if len(made) == 1 {
			f.revision = made[0].Revision
		}
		if f.undoing { // answered or not
			if f.undone && n != 0 {
				t.Errorf("%s was taken back, and has %d users", f.tag, n)
			}
			f.undone = n == 0
		}
		if n != f.people() {
			t.Errorf("%s has %d users: %+v", f.tag, n, *f)
		}
		switch {
		case f.dropping:
			if status, out, err := p.x.request(http.MethodDelete, "/imports/"+f.id, nil); err != nil || status != http.StatusNoContent && status != http.StatusNotFound {
				t.Errorf("forget the upload of %s: %d %s, %v", f.tag, status, out, err)
			}
		case f.id != "":
			p.wantTold(t, f)
		}
		f.settled = true
	}
	// Uploads that were not answered are there too, or nothing of them is.
	dir := filepath.Join(p.x.data(), "imports")
	left, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, file := range left {
		id, note := strings.CutSuffix(file.Name(), ".json")
		if !note {
			continue
		}
		var up importView
		p.x.api(http.MethodGet, "/imports/"+id, nil, &up)
		if up.State != "ready" || up.RowCount != importedPeople {
			t.Errorf("an upload that was not acknowledged: %+v", up)
		}
		p.x.api(http.MethodDelete, "/imports/"+id, nil, nil)
	}
	if left, err = os.ReadDir(dir); err == nil && len(left) > 0 {
		t.Errorf("%v is of no import", left)
	}
}

// people are how many users an import that is looked at has left.
func (f *imported) people() int {
	if f.revision != 0 && !f.undone {
		return importedPeople
	}
	return 0
}

// wantTold asks what became of an import, and runs it if it was cut short.
func (p *promises) wantTold(t testing.TB, f *imported) {
	t.Helper()
	var up importView
	p.x.api(http.MethodGet, "/imports/"+f.id, nil, &up)
	p.told[up.State]++
	switch {
	case up.RowCount != importedPeople || up.FileName != f.tag+".csv":
		t.Errorf("the upload of %s: %+v", f.tag, up)
	case f.revision != 0:
		if up.State != "done" || up.Revision != f.revision || up.Created != importedPeople {
			t.Errorf("%s was imported as revision %d, it says %+v", f.tag, f.revision, up)
		}
		if status, out, err := p.x.request(http.MethodPost, "/imports/"+f.id+"/run", record{"consent": true}); err != nil || status != http.StatusConflict {
			t.Errorf("%s may be imported again: %d %s, %v", f.tag, status, out, err)
		}
	case up.State == "interrupted" && strings.Contains(up.Error, "the exchange stopped"), up.State == "ready", up.State == "checked":
		if up.Revision != 0 || !f.begun && up.State == "interrupted" && !strings.Contains(up.Error, "check") {
			t.Errorf("%s was not imported, it says %+v", f.tag, up)
		}
		done, err := p.x.runImport(f.id, false)
		if err != nil || done.State != "done" || done.Created != importedPeople || done.Error != "" {
			t.Errorf("%s, run again after %s: %+v, %v", f.tag, up.State, done, err)
		}
		f.revision = done.Revision
	default:
		t.Errorf("%s was not imported, it says %+v", f.tag, up)
	}
	p.x.api(http.MethodDelete, "/imports/"+f.id, nil, nil)
}
