package main

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"hocba/internal/verify"
	"hocba/internal/verify/verifytest"
)

const corpusFolder = "../../internal/verify/testdata/corpus"

// built is the program as people carry it away.
func built(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hocba-verify")
	cmd := exec.Command("go", "build", "-ldflags", "-s -w", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOTOOLCHAIN=local", "GOOS=", "GOARCH=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// run starts it far from our files, with an empty environment.
func run(t *testing.T, program string, stdin []byte, args ...string) (status int, out, errs string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = t.TempDir(), []string{}, bytes.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

func TestProgram_IsOneStaticFile(t *testing.T) {
	program := built(t)
	f, err := elf.Open(program)
	if err != nil {
		t.Skip("not a system with ELF files")
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Error("it needs libraries of the system")
		}
	}
	if info, err := os.Stat(program); err != nil || info.Size() > 15<<20 {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
}

// The whole corpus at once through the program that people have.
func TestProgram_JudgesTheCorpus(t *testing.T) {
	program := built(t)
	folder, err := filepath.Abs(corpusFolder)
	if err != nil {
		t.Fatal(err)
	}
	corpus := verifytest.Open(t, folder)
	common := []string{"--json", "--trust", corpus.Path(corpus.Roots), "--crl", corpus.Path(corpus.Revocations), "--at", corpus.Now.Format("2006-01-02T15:04:05Z07:00")}
	status, out, errs := run(t, program, nil, append(common, folder)...)
	var reports []struct {
		Format, File string
		verify.Report
	}
	if err := json.Unmarshal([]byte(out), &reports); err != nil || status != verify.ExitFailed {
		t.Fatalf("status %d, %v\n%s", status, err, errs)
	}
	said := map[string]verifytest.Outcome{}
	for _, r := range reports {
		if r.Format != verify.ReportFormat {
			t.Errorf("%s: format %s", r.File, r.Format)
		}
		said[filepath.Base(r.File)] = verifytest.OutcomeOf(r.Report)
	}
	judged := 0
	for _, e := range corpus.Files {
		got, ok := said[e.File]
		if !ok {
			continue // not kept, or of no kind that a folder is searched for
		}
		judged++
		if want := e.Expected(verifytest.Command); got.String() != want.String() {
			t.Errorf("%s: got\n%s\nwant\n%s", e.File, got, want)
		}
	}
	if judged < 200 {
		t.Errorf("%d files were judged", judged)
	}
	good := corpus.Read(t, "good-record.xml")
	for name, c := range map[string]struct {
		stdin  []byte
		args   []string
		status int
		says   string
	}{
		"help":                {nil, []string{"--help"}, verify.ExitOK, "Mã thoát"},
		"nothing":             {nil, nil, verify.ExitUsage, "Mã thoát"},
		"the standard input":  {good, append(common, "-"), verify.ExitOK, `"verdict": "ok"`},
		"without a list":      {good, []string{"-"}, verify.ExitUnknown, "Chưa"},
		"a file that is gone": {nil, []string{"/none"}, verify.ExitFailed, "/none"},
		"a page":              {good, []string{"--html", "-"}, verify.ExitUnknown, "<!DOCTYPE html>"},
		"the schema":          {nil, []string{"--schema"}, verify.ExitOK, `"$defs"`},
	} {
		status, out, errs := run(t, program, c.stdin, c.args...)
		if status != c.status || !strings.Contains(out+errs, c.says) {
			t.Errorf("%s: status %d, want %d\n%s%s", name, status, c.status, out, errs)
		}
	}
}
