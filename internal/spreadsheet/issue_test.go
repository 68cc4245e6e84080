package spreadsheet

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every constant Code… is in Codes, and nothing else is.
func TestCodes_AreComplete(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "issue.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Code") {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			code, _ := strconv.Unquote(lit.Value)
			declared = append(declared, code)
		}
		return true
	})
	slices.Sort(declared)
	if got := Codes(); !slices.Equal(got, declared) {
		t.Errorf("Codes lists %q\ndeclared are %q", got, declared)
	}
	for _, code := range Codes() {
		if Args(code) == nil {
			t.Errorf("no arguments for %s", code)
		}
	}
	if Args("nothing.such") != nil {
		t.Error("arguments for an unknown code")
	}
}
