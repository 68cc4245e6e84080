package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The rules of the house: which way imports go, who may use which library, how
// long a file and a function may be. They are argued in the README's map of
// rooms; a change of a rule changes this file in the same commit.

// mayImport names, for every package, the packages of this module that it may
// import, directly. "x/" stands for the package x and all below it. A package
// below a named one has its rules unless it has its own; a package without
// rules fails the test, so that a new room is put on the map.
var mayImport = map[string][]string{
	"internal/fault":      nil,
	"internal/password":   {"internal/fault"},
	"internal/school":     {"internal/fault"},
	"internal/audit":      {"internal/fault"},
	"internal/signing":    {"internal/fault", "internal/signing/"},
	"internal/evaluation": {"internal/fault", "internal/school"},

	"internal/spreadsheet": {"internal/fault", "internal/school"},
	"internal/profile":     {"internal/fault", "internal/school", "internal/spreadsheet"},
	"internal/gradesheet":  {"internal/school", "internal/evaluation", "internal/spreadsheet", "internal/remark"},
	"internal/staffsheet":  {"internal/school", "internal/evaluation", "internal/spreadsheet", "internal/gradesheet", "internal/workflow"},
	"internal/remark":      {"internal/fault", "internal/school", "internal/evaluation", "internal/paper/fonts"},
	"internal/bundle":      {"internal/fault", "internal/school", "internal/evaluation", "internal/signing/", "internal/bundle/"},
	"internal/workflow":    {"internal/fault", "internal/school"},
	"internal/certificate": {"internal/fault", "internal/school", "internal/workflow", "internal/signing/"},
	"internal/record": {"internal/fault", "internal/school", "internal/workflow", "internal/evaluation",
		"internal/bundle/", "internal/signing/", "internal/audit", "internal/record/"},
	"internal/evidence": {"internal/fault", "internal/signing/"},
	"internal/transfer": {"internal/fault"},
	"internal/verify": {"internal/fault", "internal/school", "internal/evaluation", "internal/bundle/", "internal/signing/",
		"internal/evidence", "internal/transfer", "internal/verify/"},
	"internal/registry": {"internal/fault", "internal/school", "internal/evaluation", "internal/bundle/", "internal/signing/",
		"internal/audit", "internal/evidence", "internal/transfer", "internal/verify", "internal/registry/"},
	"internal/paper": {"internal/fault", "internal/signing/", "internal/paper/"},

	"db":         append([]string{"db/"}, domain...),
	"db/cluster": {"internal/fault"},
	"static":     nil,
	"views":      append([]string{"views/", "static", "internal/paper/fonts"}, domain...),

	"internal/jobs":          append([]string{"db", "views/", "internal/paper/", "internal/jobs/"}, domain...),
	"internal/jobs/jobstest": append([]string{"db/", "internal/jobs"}, domain...),
	"handlers": append([]string{"db", "views/", "static", "internal/paper/", "internal/jobs/", "handlers/"},
		domain...),
	"internal/demo": append([]string{"db", "internal/jobs"}, domain...),
	"cmd":           append([]string{"db/", "views/", "static", "internal/paper/", "internal/jobs/", "internal/demo", "handlers/"}, domain...),
	"e2e":           append([]string{"db/", "views/", "static", "internal/paper/", "internal/jobs/", "handlers/", "e2e/"}, domain...),
}

// domain is everything that is neither HTTP nor HTML nor SQL nor paper.
var domain = []string{"internal/fault", "internal/password", "internal/school", "internal/audit", "internal/signing/",
	"internal/evaluation", "internal/spreadsheet", "internal/gradesheet", "internal/staffsheet", "internal/profile", "internal/remark", "internal/bundle/", "internal/workflow", "internal/record/",
	"internal/certificate", "internal/registry/", "internal/evidence", "internal/transfer", "internal/verify/"}

// onlyIn names the packages that may import a library; "x/" as above.
var onlyIn = map[string][]string{
	"github.com/jmoiron/sqlx":   {"db/"},
	"github.com/lib/pq":         {"db/"},
	"github.com/pressly/goose/": {"db/"},
	"github.com/labstack/echo/": {"handlers/"},
	"github.com/alexedwards/":   {"handlers/"},
	"github.com/go-rod/rod/":    {"internal/paper/", "e2e/"},
	"github.com/xuri/excelize/": {"internal/spreadsheet/"},
	"github.com/beevik/etree":   {"internal/signing/", "internal/bundle/", "internal/verify/"},
	"database/sql":              {"db/"},
	"os/exec":                   {"db/cluster", "internal/paper/", "e2e/"},
}

// Ceilings in lines.
const (
	maxFile     = 500
	maxTempl    = 300
	maxFunction = 100
	maxParams   = 5
)

const root = "../.."

type pkg struct {
	ImportPath string
	Imports    []string
}

// packages lists the module's packages with what they import outside of tests.
func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = root
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, said.String())
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// within reports whether a package is pattern, or below it if pattern ends
// with a slash.
func within(path, pattern string) bool {
	if parent, below := strings.CutSuffix(pattern, "/"); below {
		return path == parent || strings.HasPrefix(path, pattern)
	}
	return path == pattern
}

func anyWithin(path string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return within(path, pattern) })
}

// rulesFor finds the rules of a package: its own or its nearest parent's.
func rulesFor(path string) ([]string, bool) {
	for {
		if rules, ok := mayImport[path]; ok {
			return rules, true
		}
		cut := strings.LastIndex(path, "/")
		if cut < 0 {
			return nil, false
		}
		path = path[:cut]
	}
}

func TestHouse_ImportsGoOneWay(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		path := strings.TrimPrefix(p.ImportPath, "hocba/")
		rules, ok := rulesFor(path)
		if !ok {
			t.Errorf("%s is not on the map of rooms", path)
		}
		for _, imported := range p.Imports {
			inside, ours := strings.CutPrefix(imported, "hocba/")
			if ours && !anyWithin(inside, rules) {
				t.Errorf("%s must not import %s", path, inside)
			}
			for library, users := range onlyIn {
				if within(imported, library) && !anyWithin(path, users) {
					t.Errorf("%s must not import %s: only %s may", path, imported, strings.Join(users, ", "))
				}
			}
		}
	}
}

func TestHouse_EveryPackageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{}
	eachFile(t, ".go", func(path string, source []byte) {
		if strings.HasSuffix(path, "_test.go") || generated(source) {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Error(err)
			return
		}
		dir := filepath.Dir(path)
		documented[dir] = documented[dir] || file.Doc != nil
	})
	for dir, ok := range documented {
		if !ok {
			t.Errorf("package %s has no doc comment", dir)
		}
	}
}

func TestHouse_FilesAndFunctionsStayShort(t *testing.T) {
	t.Parallel()
	eachFile(t, ".templ", func(path string, source []byte) { checkLines(t, path, source, maxTempl) })
	eachFile(t, ".go", func(path string, source []byte) {
		if generated(source) {
			return
		}
		checkLines(t, path, source, maxFile)
		checkFunctions(t, path, source)
	})
}

func checkLines(t *testing.T, path string, source []byte, ceiling int) {
	t.Helper()
	if lines := bytes.Count(source, []byte("\n")); lines > ceiling {
		t.Errorf("%s has %d lines, at most %d: split it by what it does", path, lines, ceiling)
	}
}

func checkFunctions(t *testing.T, path string, source []byte) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, source, parser.SkipObjectResolution)
	if err != nil {
		t.Error(err)
		return
	}
	for _, declared := range file.Decls {
		function, ok := declared.(*ast.FuncDecl)
		if !ok {
			continue
		}
		lines := files.Position(function.End()).Line - files.Position(function.Pos()).Line + 1
		if lines > maxFunction {
			t.Errorf("%s: %s has %d lines, at most %d", path, function.Name.Name, lines, maxFunction)
		}
		if n := parameters(function); n > maxParams && !strings.HasSuffix(path, "_test.go") {
			t.Errorf("%s: %s takes %d parameters, at most %d", path, function.Name.Name, n, maxParams)
		}
	}
}

// parameters counts what a caller must think of: the context that comes first
// says nothing about the act.
func parameters(f *ast.FuncDecl) int {
	n := f.Type.Params.NumFields()
	if n == 0 {
		return 0
	}
	first, ok := f.Type.Params.List[0].Type.(*ast.SelectorExpr)
	if ok && first.Sel.Name == "Context" {
		n--
	}
	return n
}

func generated(source []byte) bool {
	head, _, _ := bytes.Cut(source, []byte("\npackage "))
	return bytes.Contains(head, []byte("DO NOT EDIT"))
}

// eachFile calls visit with every file of the tree that has the ending, by its
// path from the root.
func eachFile(t *testing.T, ending string, visit func(path string, source []byte)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "var" || name == "testdata") {
			return fs.SkipDir
		}
		if entry.IsDir() || filepath.Ext(name) != ending {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		visit(relative, source)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
