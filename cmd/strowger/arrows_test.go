package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "strowger/"

// mayImport is every arrow between our packages. A trailing /* stands for each
// package below, without the folder itself. A package that is not here, or an
// arrow that is not, fails: argue for it in the commit that adds it.
var mayImport = map[string]string{
	"cmd/strowger":      "cmd/strowger/demo store store/* routing sip sip/* media media/* provisioning provisioning/*",
	"cmd/strowger/demo": "store sip/siptest sip/transport media media/*", // an ordinary peer of the exchange

	"store":           "", // the standard library and nothing else
	"store/*":         "store",
	"store/storetest": "store store/bolt", // tests ask it for a store that is open and empty
	"routing":         "store",

	"media":        "media/*",
	"media/sdp":    "", // pure
	"media/dtmf":   "",
	"media/audio":  "",
	"media/record": "media/audio media/dtmf",
	"media/kernel": "",

	// The server starts, counts and drains the recorder; calls alone give it
	// anything to record.
	"sip":             "sip/* routing store media media/record",
	"sip/transport":   "",
	"sip/transaction": "sip/transport",
	"sip/dialog":      "", // pure
	"sip/digest":      "",
	"sip/registrar":   "sip/transport sip/transaction sip/dialog sip/digest store",
	"sip/trunk":       "sip/transport sip/transaction sip/dialog sip/digest store",
	"sip/presence":    "sip/transport sip/transaction sip/dialog sip/digest store",
	"sip/call":        "sip/* routing store media media/*",
	"sip/siptest":     "sip/*",

	"provisioning":     "routing store media/audio",
	"provisioning/*":   "provisioning routing store media/audio",
	"provisioning/web": "", // files; what the pages do they do over the API
}

// onlyBelow names the folders that may know a library. sipgo's types stop at
// sip (and the demo's carrier, which is a peer), the database is one backend's business, and the exchange's media stand
// on pion in one place.
var onlyBelow = map[string]string{
	"github.com/emiago/sipgo":         "sip cmd/strowger/demo",
	"go.etcd.io/bbolt":                "store/bolt",
	"github.com/pion":                 "media",
	"github.com/danielgtaylor/huma":   "provisioning",
	"github.com/alecthomas/kong":      "cmd",
	"github.com/coreos/go-systemd":    "cmd",
	"github.com/hajimehoshi/go-mp3":   "media/audio",
	"github.com/mewkiz/flac":          "media/audio",
	"github.com/tetratelabs/wazero":   "media/audio",
	"github.com/nyaruka/phonenumbers": "routing provisioning",
	"github.com/minio/minio-go":       "provisioning/deliver",
	"github.com/pkg/sftp":             "provisioning/deliver",
	"github.com/pquerna/otp":          "provisioning",
	"github.com/go-webauthn/webauthn": "provisioning",
	"github.com/coreos/go-oidc":       "provisioning",
	"golang.org/x/oauth2":             "provisioning",
	"github.com/skip2/go-qrcode":      "provisioning",
	"github.com/wneessen/go-mail":     "provisioning/deliver",
}

// topLevel is the whole top level of packages.
var topLevel = []string{"cmd", "store", "routing", "sip", "media", "provisioning", "testdata"}

type listed struct {
	ImportPath string
	Imports    []string
	CgoFiles   []string
	GoFiles    []string
}

func listPackages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,CgoFiles,GoFiles", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	var pkgs []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		pkgs = append(pkgs, p)
	}
}

// rule finds a package's line of the table: its own, else its folder's /*.
func rule(pkg string) (string, bool) {
	if allowed, ok := mayImport[pkg]; ok {
		return allowed, true
	}
	if i := strings.LastIndexByte(pkg, '/'); i >= 0 {
		allowed, ok := mayImport[pkg[:i]+"/*"]
		return allowed, ok
	}
	return "", false
}

func allows(allowed, pkg string) bool {
	return slices.ContainsFunc(strings.Fields(allowed), func(pattern string) bool {
		folder, below := strings.CutSuffix(pattern, "/*")
		if below {
			return strings.HasPrefix(pkg, folder+"/")
		}
		return pkg == pattern
	})
}

func TestArrows(t *testing.T) {
	for _, p := range listPackages(t) {
		pkg, ours := strings.CutPrefix(p.ImportPath, module)
		if !ours || len(p.GoFiles) == 0 { // tests alone point where they like
			continue
		}
		if top, _, _ := strings.Cut(pkg, "/"); !slices.Contains(topLevel, top) {
			t.Errorf("%s: the top level is %s and no more", pkg, strings.Join(topLevel, ", "))
		}
		if len(p.CgoFiles) > 0 {
			t.Errorf("%s: %v use cgo, which nothing that is shipped may", pkg, p.CgoFiles)
		}
		allowed, known := rule(pkg)
		if !known {
			t.Errorf("%s: no line in mayImport says what it may import", pkg)
			continue
		}
		for _, imported := range p.Imports {
			if to, ours := strings.CutPrefix(imported, module); ours {
				if !allows(allowed, to) {
					t.Errorf("%s imports %s, but may only import: %s", pkg, to, allowed)
				}
				continue
			}
			if pkg == "store" && strings.Contains(strings.Split(imported, "/")[0], ".") {
				t.Errorf("store imports %s, but stands on the standard library alone", imported)
			}
			for library, folders := range onlyBelow {
				if !strings.HasPrefix(imported, library) {
					continue
				}
				if !slices.ContainsFunc(strings.Fields(folders), func(f string) bool { return pkg == f || strings.HasPrefix(pkg, f+"/") }) {
					t.Errorf("%s imports %s, which stays below %s", pkg, imported, folders)
				}
			}
		}
	}
}

func TestArrowsTable(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"store", "routing", false},
		{"store/bolt", "store", true},
		{"store/bolt", "store/storetest", false},
		{"routing", "store", true},
		{"routing", "store/bolt", false},
		{"media", "media/sdp", true},
		{"media/sdp", "media", false},
		{"media/record", "media", false},
		{"sip", "provisioning", false},
		{"provisioning", "sip", false},
		{"provisioning/api", "provisioning", true},
		{"provisioning/api", "sip", false},
		{"provisioning/web", "provisioning", false},
		{"cmd/strowger", "provisioning/web", true},
		{"sip/call", "media/record", true},
		{"sip/registrar", "sip/call", false},
		{"sip/transaction", "sip/dialog", false},
		{"cmd/strowger", "sip", true},
		{"cmd/strowger/demo", "sip", false},
		{"sip", "media/record", true},
		{"sip", "media/audio", false},
	} {
		allowed, ok := rule(c.from)
		if !ok {
			t.Errorf("no line for %s", c.from)
		} else if got := allows(allowed, c.to); got != c.want {
			t.Errorf("%s → %s: allowed %v, want %v", c.from, c.to, got, c.want)
		}
	}
}
