package verify_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/verify"
	"hocba/internal/verify/verifytest"
)

// judged runs the command with --json and returns file and first failure of
// each report.
func judged(t *testing.T, stdin []byte, args ...string) (status int, lines []string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = verify.Command(append([]string{"--json"}, args...), verify.Streams{In: bytes.NewReader(stdin), Out: &stdout, Err: &stderr}, plainWords(), func() time.Time { return options().Now })
	var reports []struct {
		File string
		verify.Report
	}
	if err := json.Unmarshal(stdout.Bytes(), &reports); err != nil {
		t.Fatalf("%v\n%s%s", err, stdout.String(), stderr.String())
	}
	for _, r := range reports {
		line := filepath.Base(r.File) + " " + string(r.Verdict)
		if f := verifytest.OutcomeOf(r.Report).Failures; len(f) > 0 {
			line += " " + f[0].Code
		}
		lines = append(lines, line)
	}
	return status, lines
}

func TestCommand_TakesFoldersAndTheStandardInput(t *testing.T) {
	c, _ := stage()
	dir, good := t.TempDir(), issued(t, nil)
	roots := write(t, t.TempDir(), "roots.pem", c.CA.RootPEM())
	for _, sub := range []string{"b/c", ".git", "empty"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, "b/c/record.XML", good)
	write(t, dir, "a.xml", edit(t, good, "<PHIEN_BAN>1", "<PHIEN_BAN>2"))
	write(t, dir, "empty.pdf", nil)
	write(t, dir, "notes.txt", []byte("x"))
	write(t, dir, ".git/x.xml", []byte("x"))
	write(t, dir, ".hidden.xml", []byte("x"))
	for name, x := range map[string]struct {
		stdin []byte
		args  []string
		want  int
		lines string
	}{
		"a folder":                 {nil, []string{"--trust", roots, dir}, verify.ExitFailed, "a.xml failed sig.digest|record.XML ok|empty.pdf failed xml.empty"},
		"a folder without files":   {nil, []string{"--trust", roots, dir + "/empty"}, verify.ExitFailed, "empty failed verify.folder_empty"},
		"the standard input":       {good, []string{"--trust", roots, "-"}, verify.ExitOK, "- ok"},
		"nothing comes in":         {nil, []string{"--trust", roots, "-"}, verify.ExitFailed, "- failed xml.empty"},
		"no such file":             {nil, []string{dir + "/none.xml"}, verify.ExitFailed, "none.xml failed verify.unreadable"},
		"another type of file":     {nil, []string{dir + "/notes.txt"}, verify.ExitFailed, "notes.txt failed xml.encoding"},
		"nothing decided":          {nil, []string{dir + "/b"}, verify.ExitUnknown, "record.XML unknown verify.no_trust_list"},
		"as of before it happened": {nil, []string{"--trust", roots, "--at", "2026-06-01", dir + "/b"}, verify.ExitFailed, "record.XML failed verify.signed_in_future"},
		"as of an instant":         {nil, []string{"--trust", roots, "--at", "2026-06-10T08:00:00+07:00", dir + "/b"}, verify.ExitOK, "record.XML ok"},
	} {
		status, lines := judged(t, x.stdin, x.args...)
		if got := strings.Join(lines, "|"); status != x.want || got != x.lines {
			t.Errorf("%s: status %d, got %s, want %d %s", name, status, got, x.want, x.lines)
		}
	}
	if os.Getuid() != 0 { // root reads everything
		secret := write(t, dir, "secret.xml", good)
		if err := os.Chmod(secret, 0); err != nil {
			t.Fatal(err)
		}
		if status, lines := judged(t, nil, secret); status != verify.ExitFailed || lines[0] != "secret.xml failed verify.unreadable" {
			t.Errorf("an unreadable file: %d %v", status, lines)
		}
	}
}

func TestCommand_ReadsNoMoreThanAFileMayHave(t *testing.T) {
	if _, err := os.Stat("/dev/zero"); err != nil {
		t.Skip("no endless file here")
	}
	status, lines := judged(t, nil, "/dev/zero")
	if status != verify.ExitFailed || lines[0] != "zero failed xml.too_large" {
		t.Errorf("%d %v", status, lines)
	}
	var stdout bytes.Buffer
	verify.Command([]string{"--json", "/dev/zero"}, verify.Streams{Out: &stdout, Err: &stdout}, plainWords(), time.Now)
	if !strings.Contains(stdout.String(), `"sha256": ""`) {
		t.Errorf("the hash of a part passes for that of the file: %s", stdout.String())
	}
}

func TestCommand_HelpGoesToTheOutputAndMistakesToErrors(t *testing.T) {
	for args, want := range map[string]struct {
		status    int
		out, errs string
	}{
		"--help":                        {verify.ExitOK, "usage", ""},
		"-h":                            {verify.ExitOK, "usage", ""},
		"--schema":                      {verify.ExitOK, "hocba-verify/1", ""},
		"":                              {verify.ExitUsage, "", "usage"},
		"--json --html x.xml":           {verify.ExitUsage, "", "usage"},
		"--online --crl x.crl x.xml":    {verify.ExitUsage, "", "usage"},
		"--at yesterday x.xml":          {verify.ExitUsage, "", "yesterday"},
		"--what x.xml":                  {verify.ExitUsage, "", "-what"},
		"--crl command.go x.xml":        {verify.ExitUsage, "", "command.go: crl"},
		"--trust command.go x.xml":      {verify.ExitUsage, "", "command.go: trust"},
		"--trust no-such.pem some.file": {verify.ExitUsage, "", "no-such.pem: trust"},
	} {
		status, out, errs := command(t, strings.Fields(args)...)
		if status != want.status || !strings.Contains(out, want.out) || (want.out == "") != (out == "") || !strings.Contains(errs, want.errs) {
			t.Errorf("%q: %d\n%s\n%s", args, status, out, errs)
		}
	}
}

func TestCommand_SumsSeveralFilesUp(t *testing.T) {
	dir := t.TempDir()
	good := write(t, dir, "a.xml", issued(t, nil))
	if _, out, _ := command(t, good, dir+"/none.xml"); !strings.HasSuffix(out, "\n2 files · 1 failed · 1 unknown\n") {
		t.Errorf("%s", out)
	}
	if _, out, _ := command(t, good); strings.Contains(out, " files") {
		t.Errorf("%s", out)
	}
}

// A page to keep must not ask the network for anything.
func TestCommand_ThePageNeedsNothingElse(t *testing.T) {
	dir := t.TempDir()
	raw := edit(t, issued(t, nil), "Hồ Thị Ánh", `Hồ &lt;script&gt;Thị Ánh`)
	_, out, _ := command(t, "--html", write(t, dir, "<b>.xml", raw))
	for _, bad := range []string{"<script", "src=", "href=", "url(", "http://", "https://", "@import", "<b>.xml"} {
		if strings.Contains(out, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	for _, want := range []string{`<meta charset="utf-8">`, `<meta name="viewport"`, "&lt;b&gt;.xml", "sig.digest uri=#thongtinhocba what=content", "</html>"} {
		if !strings.Contains(out, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

// Every kind of file, sound and not, prints what the schema says.
func TestCommand_JSONFollowsItsSchema(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(verify.ReportSchema, &schema); err != nil {
		t.Fatal(err)
	}
	corpus := verifytest.Open(t, corpusFolder)
	args := []string{"--json", "--trust", corpus.Path(corpus.Roots), "--crl", corpus.Path(corpus.Revocations), "no-such-file", corpusFolder}
	_, out, _ := command(t, args...)
	var reports any
	if err := json.Unmarshal([]byte(out), &reports); err != nil {
		t.Fatal(err)
	}
	if n := len(reports.([]any)); n < 200 {
		t.Errorf("only %d reports", n)
	}
	for _, fault := range unlike(schema, schema, reports, "") {
		t.Error(fault)
	}
	broken := map[string]any{"format": "hocba-verify/2", "file": 1.0, "valid": true, "verdict": "skipped", "unknown": 1}
	if faults := unlike(schema, schema, []any{broken}, ""); len(faults) < 5 {
		t.Errorf("the schema takes anything: %v", faults)
	}
}

// unlike compares a value with a schema, of JSON Schema as much as ours uses.
// A field that the schema does not name is a fault, too: it would not be
// promised to anybody.
func unlike(root, schema map[string]any, v any, path string) (faults []string) {
	if ref, ok := schema["$ref"].(string); ok {
		return unlike(root, root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any), v, path)
	}
	if want, ok := schema["const"]; ok && v != want {
		faults = append(faults, fmt.Sprintf("%s is %v", path, v))
	}
	if list, ok := schema["enum"].([]any); ok {
		found := false
		for _, want := range list {
			found = found || v == want
		}
		if !found {
			faults = append(faults, fmt.Sprintf("%s is %v", path, v))
		}
	}
	kinds := map[string]bool{"object": isA[map[string]any](v), "array": isA[[]any](v), "string": isA[string](v), "boolean": isA[bool](v)}
	if kind, ok := schema["type"].(string); ok && !kinds[kind] {
		return append(faults, fmt.Sprintf("%s is no %s: %v", path, kind, v))
	}
	if list, ok := v.([]any); ok {
		items, _ := schema["items"].(map[string]any)
		for i, item := range list {
			faults = append(faults, unlike(root, items, item, fmt.Sprintf("%s[%d]", path, i))...)
		}
	}
	if object, ok := v.(map[string]any); ok {
		faults = append(faults, unlikeObject(root, schema, object, path)...)
	}
	return faults
}

func isA[T any](v any) bool { _, ok := v.(T); return ok }

func unlikeObject(root, schema, object map[string]any, path string) (faults []string) {
	known := map[string]any{}
	required := []any{}
	for _, part := range append([]any{schema}, list(schema["allOf"])...) {
		p := part.(map[string]any)
		if ref, ok := p["$ref"].(string); ok {
			p = root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
		}
		properties, _ := p["properties"].(map[string]any)
		for k, s := range properties {
			known[k] = s
		}
		required = append(required, list(p["required"])...)
	}
	for _, k := range required {
		if _, ok := object[k.(string)]; !ok {
			faults = append(faults, fmt.Sprintf("%s lacks %s", path, k))
		}
	}
	if len(known) == 0 {
		return faults // an object of anything
	}
	for k, v := range object {
		s, ok := known[k].(map[string]any)
		if !ok {
			faults = append(faults, fmt.Sprintf("%s.%s is not in the schema", path, k))
			continue
		}
		faults = append(faults, unlike(root, s, v, path+"."+k)...)
	}
	return faults
}

func list(v any) []any { l, _ := v.([]any); return l }

// What is in memory does not grow with the number of files.
func TestCommand_KeepsOneFileAtATime(t *testing.T) {
	dir := t.TempDir()
	c, _ := stage()
	raw := must(c.SignStatement(bundletest.Statement(bundle.Submission), bundletest.Plan{}))(t)
	const files, blanks = 300, 200_000
	for i := range files {
		write(t, dir, fmt.Sprintf("%03d.xml", i), append(bytes.Clone(raw), bytes.Repeat([]byte(" "), blanks+i)...))
	}
	w := &weighing{at: files - 1}
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	verify.Command([]string{"--json", dir}, verify.Streams{Out: w, Err: w}, plainWords(), time.Now)
	if grown := int64(w.live) - int64(before.HeapAlloc); w.writes < files || grown > files*blanks/4 {
		t.Errorf("%d files of %d KB: %d KB in memory", w.writes, blanks>>10, grown>>10)
	}
}

// weighing notes what is in memory at one of its writes.
type weighing struct {
	writes, at int
	live       uint64
}

func (w *weighing) Write(b []byte) (int, error) {
	if w.writes++; w.writes == w.at {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.live = m.HeapAlloc
	}
	return len(b), nil
}
