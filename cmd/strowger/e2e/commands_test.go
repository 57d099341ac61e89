package e2e

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCommands does an administrator's day from the shell, beside the running
// exchange and on its stopped store.
func TestCommands(t *testing.T) {
	t.Parallel()
	s := newSite()
	a, _ := s.phone("101")
	b, _ := s.phone("102")
	x := newExchange(t, s)

	if out := x.run("version"); !strings.Contains(out, "strowger") && strings.TrimSpace(out) == "" {
		t.Errorf("version printed %q", out)
	}
	status := func(err error) int {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return exit.ExitCode()
		}
		return 0
	}
	if _, err := x.try("", "serve", "--no-such-flag"); status(err) != 2 {
		t.Errorf("a wrong flag: %v, want status 2", err)
	}
	if _, err := x.try(`{"users":[{"id":"x","shoe_size":44}]}`, "apply", "-"); status(err) != 1 || !strings.Contains(err.Error(), "shoe_size") {
		t.Errorf("an unknown field: %v, want status 1 and its name", err)
	}
	if _, err := x.try(`{"users":[{"id":"x"}]}`, "apply", "-"); status(err) != 1 || !strings.Contains(err.Error(), "first_name") {
		t.Errorf("a user without a name: %v, want status 1 and the field", err)
	}

	// What is exported can be applied again, and changes nothing.
	exported := x.run("export", "config")
	if !strings.Contains(exported, a.LineID) || strings.Contains(exported, a.Password) {
		t.Errorf("exported:\n%s", exported)
	}
	before := x.sum("strowger_store_revision")
	if _, err := x.try(exported, "apply", "-"); err != nil {
		t.Error(err)
	}
	if after := x.sum("strowger_store_revision"); after != before {
		t.Errorf("applying what is there made revision %v of %v", after, before)
	}
	// A dry run changes nothing, a real one does, at once and for calls.
	more := newSite()
	c, _ := more.phone("103")
	if _, err := x.try(more.json(t), "apply", "--dry-run", "-"); err != nil {
		t.Error(err)
	}
	if code, _, err := x.request(http.MethodGet, "/users/"+c.UserID, nil); err != nil || code != http.StatusNotFound {
		t.Errorf("a dry run made a user: %d %v", code, err)
	}
	x.apply(more)
	mustUA(t, x, c).mustRegister(t)

	// CSV in and out.
	file := filepath.Join(x.dir, "users.csv")
	if err := os.WriteFile(file, []byte("Given,Family,E-mail\nZoë,Zimmer,zoe@example.com\n=cmd(),Doe,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	mapping := "Given=first_name,Family=last_name,E-mail=email"
	x.run("import", "users", file, "--map", mapping)
	csv := x.run("export", "users")
	if !strings.Contains(csv, "Zoë") || !strings.Contains(csv, "zoe@example.com") || strings.Contains(csv, ",=cmd()") || strings.HasPrefix(csv, "=") {
		t.Errorf("exported:\n%s", csv)
	}

	// A backup of the running exchange, restored into a stopped store.
	backup := filepath.Join(x.dir, "backup")
	x.run("backup", backup)
	x.api(http.MethodDelete, "/users/"+b.UserID+"?confirm=true", nil, nil)
	x.stop()
	x.run("check")
	x.run("restore", backup)
	x.run("check")
	x.start()
	var user struct {
		FirstName string `json:"first_name"`
	}
	x.api(http.MethodGet, "/users/"+b.UserID, nil, &user)
	if user.FirstName != "Phone" {
		t.Errorf("restored %+v", user)
	}
	mustUA(t, x, b).mustRegister(t)

	// Tokens reach as far as they say; one that was taken back not at all.
	token := lastWord(x.run("token", "create", "--role", "user", "--user", a.UserID))
	asUser := x.as(t)
	asUser.token = token
	if code, out, err := asUser.request(http.MethodGet, "/users", nil); err != nil || code == http.StatusOK && strings.Contains(string(out), b.UserID) {
		t.Errorf("a user's token shows others: %d %s %v", code, out, err)
	}
	if code, _, err := asUser.request(http.MethodGet, "/users/"+b.UserID, nil); err != nil || code != http.StatusNotFound && code != http.StatusForbidden {
		t.Errorf("a user's token reads another user: %d %v", code, err)
	}
	if code, _, err := asUser.request(http.MethodPost, "/users", record{"first_name": "Mallory"}); err != nil || code != http.StatusForbidden {
		t.Errorf("a user's token makes users: %d %v", code, err)
	}
	asUser.token = "nonsense"
	if code, _, err := asUser.request(http.MethodGet, "/users", nil); err != nil || code != http.StatusUnauthorized {
		t.Errorf("a wrong token lists users: %d %v", code, err)
	}
	var me json.RawMessage
	asUser.token = token
	asUser.api(http.MethodGet, "/me", nil, &me)

	out := x.run("api", "GET", "/users/"+a.UserID)
	if !json.Valid([]byte(out)) || !strings.Contains(out, a.UserID) {
		t.Errorf("strowger api GET printed\n%s", out)
	}
}
