package web

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var writeRefusals = flag.Bool("refusals", false, "write the list of what the exchange says")

// said are the functions that make a store.Words, by the folder of their package, and
// which of their arguments is the format.
var said = map[string]map[string]int{
	"store":             {"Say": 0, "invalid": 2, "bad": 1},
	"routing":           {"Say": 0, "refused": 0},
	"provisioning":      {"Say": 0, "invalid": 1, "malformed": 0, "refuse": 1, "Fault": 1, "fail": 1, "asMissing": 1, "sound": 0},
	"provisioning/api":  {"Say": 0, "invalid": 1, "refuse": 1, "Fault": 1, "notFound": 0},
	"media/audio":       {},
	"cmd/strowger/demo": {},
}

// TestRefusals: refusals.json has every format that a refusal is made of, and every
// form of a revision's summary; the tests of the web application want a translation of
// each. With -refusals it is written.
func TestRefusals(t *testing.T) {
	l := lister{t: t, Refusals: map[string]bool{}, Summaries: map[string]bool{}}
	for dir := range said {
		l.list(dir)
	}
	out := &bytes.Buffer{}
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(map[string][]string{
		"refusals": slices.Sorted(maps.Keys(l.Refusals)), "summaries": slices.Sorted(maps.Keys(l.Summaries)),
	}); err != nil {
		t.Fatal(err)
	}
	const file = "app/src/texts/refusals.json"
	if *writeRefusals {
		if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if kept, err := os.ReadFile(file); err != nil || !bytes.Equal(kept, out.Bytes()) {
		t.Errorf("%s is not what the exchange says (%v): run 'make web'", file, err)
	}
}

type lister struct {
	t                   *testing.T
	fset                *token.FileSet
	constants           map[string]string
	calls               map[string]int
	Refusals, Summaries map[string]bool
}

func (l *lister) list(dir string) {
	l.fset, l.constants, l.calls = token.NewFileSet(), map[string]string{}, said[dir]
	names, err := filepath.Glob(filepath.Join("../..", dir, "*.go"))
	if err != nil || len(names) == 0 {
		l.t.Fatal(dir, err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(l.fset, name, nil, 0)
		if err != nil {
			l.t.Fatal(err)
		}
		files = append(files, f)
		l.declarations(f)
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				l.call(n)
			case *ast.KeyValueExpr:
				switch name(n.Key) {
				case "one":
					l.refusal(n.Value)
				case "Summary":
					l.summary(n.Value)
				}
			case *ast.AssignStmt:
				if s, ok := n.Lhs[0].(*ast.SelectorExpr); ok && s.Sel.Name == "Summary" {
					l.summary(n.Rhs[0])
				}
			}
			return true
		})
	}
}

// declarations are the constants of a package, and its errors, whose words are said as
// they are.
func (l *lister) declarations(f *ast.File) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range g.Specs {
			v, ok := s.(*ast.ValueSpec)
			if !ok || len(v.Values) != 1 {
				continue
			}
			if text, ok := l.text(v.Values[0]); ok && g.Tok == token.CONST {
				l.constants[v.Names[0].Name] = text
			}
			if call, ok := v.Values[0].(*ast.CallExpr); ok && name(call.Fun) == "New" && strings.HasPrefix(v.Names[0].Name, "Err") && f.Name.Name != "store" {
				l.refusal(call.Args[0])
			}
		}
	}
}

func (l *lister) call(call *ast.CallExpr) {
	called := name(call.Fun)
	if called == "save" && len(call.Args) == 6 {
		l.summary(call.Args[4])
	}
	at, ok := l.calls[called]
	if !ok || len(call.Args) <= at {
		return
	}
	l.refusal(call.Args[at])
	format, ok := l.text(call.Args[at])
	verbs := strings.Count(strings.ReplaceAll(format, "%%", ""), "%")
	if given := len(call.Args) - at - 1; ok && call.Ellipsis == 0 && given < verbs {
		l.t.Errorf("%s: %q has %d arguments", l.fset.Position(call.Pos()), format, given)
	}
}

func (l *lister) refusal(e ast.Expr) {
	if text, ok := l.text(e); ok {
		if text != "%s" && text != "%v" {
			l.Refusals[text] = true
		}
		return
	}
	if call, ok := e.(*ast.CallExpr); ok && name(call.Fun) == "One" {
		return // of a collection, which is found where that is made
	}
	// A function that hands on what it is given calls it so.
	if n := name(e); n != "format" && n != "one" {
		l.t.Errorf("%s: the format must be a literal, so that it can be translated", l.fset.Position(e.Pos()))
	}
}

// summary takes what is put between literals for %s.
func (l *lister) summary(e ast.Expr) {
	var form func(e ast.Expr) string
	form = func(e ast.Expr) string {
		if b, ok := e.(*ast.BinaryExpr); ok {
			return form(b.X) + form(b.Y)
		}
		if text, ok := l.text(e); ok {
			return text
		}
		return "%s"
	}
	if text := form(e); text != "%s" && text != "" {
		l.Summaries[text] = true
	}
}

// text is a literal, or several put together, or a constant of the package.
func (l *lister) text(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			s, err := strconv.Unquote(e.Value)
			return s, err == nil
		}
	case *ast.BinaryExpr:
		a, ok := l.text(e.X)
		b, too := l.text(e.Y)
		return a + b, ok && too && e.Op == token.ADD
	case *ast.Ident:
		s, ok := l.constants[e.Name]
		return s, ok
	}
	return "", false
}

func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}
