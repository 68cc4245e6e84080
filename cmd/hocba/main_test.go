package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hocba/internal/fault"
	"hocba/views/words"
)

// try runs the program and returns its exit status and what it printed.
func try(t *testing.T, env map[string]string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	return tryUntil(t.Context(), env, args...)
}

func tryUntil(ctx context.Context, env map[string]string, args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	p := &program{stdout: &out, stderr: &err, env: func(name string) string { return env[name] }}
	status = p.run(ctx, args)
	return status, out.String(), err.String()
}

func TestHelp_NamesEveryCommandAndFlagInWords(t *testing.T) {
	status, out, _ := try(t, nil, "--help")
	if status != exitOK {
		t.Errorf("status %d", status)
	}
	for _, c := range commands {
		if !strings.Contains(out, "  "+c.name+" ") || words.Command(c.name) == "–" {
			t.Errorf("help does not explain %q", c.name)
		}
		if c.raw != nil {
			continue
		}
		status, one, _ := try(t, nil, append(strings.Fields(c.name), "--help")...)
		if status != exitOK || !strings.Contains(one, words.Command(c.name)) {
			t.Errorf("%s --help: status %d, said %q", c.name, status, one)
		}
		if strings.Contains(one, "–\n") || strings.Contains(one, "\t– ") {
			t.Errorf("%s --help has a flag without words:\n%s", c.name, one)
		}
	}
}

func TestRun_SaysWhatIsWrongWithTheCommandLine(t *testing.T) {
	for _, test := range []struct {
		args []string
		env  map[string]string
		code string
		in   []string
	}{
		{args: []string{"fly"}, code: "command.unknown", in: []string{"name", "fly"}},
		{args: []string{"serve", "--port", "1"}, code: "command.flag_unknown", in: []string{"name", "--port", "command", "serve"}},
		{args: []string{"serve", "--listen"}, code: "command.flag_missing", in: []string{"name", "listen"}},
		{args: []string{"serve", "now"}, code: "command.operands", in: []string{"command", "serve", "operands", ""}},
		{args: []string{"evaluate"}, code: "command.operands", in: []string{"command", "evaluate", "operands", "FILE"}},
	} {
		f := fault.New(fault.Invalid, test.code, test.in...)
		status, out, said := try(t, test.env, test.args...)
		if want := words.Message(f.Code, f.Args) + "\n"; status != exitUsage || said != want || out != "" {
			t.Errorf("%q: status %d, said %q, want %q", test.args, status, said, want)
		}
	}
	if status, _, said := try(t, nil); status != exitUsage || !strings.Contains(said, "serve") {
		t.Errorf("no command: status %d, said %q", status, said)
	}
}

func TestFlags_CommandLineWinsOverEnvironmentOverDefault(t *testing.T) {
	env := map[string]string{"HOCBA_BASE_URL": "from-env", "HOCBA_LISTEN": "from-env", "HOCBA_COUNT": "7", "HOCBA_LOUD": "true"}
	f := newFlags("test", func(name string) string { return env[name] })
	base, listen, data := f.text("base-url", "default"), f.text("listen", "default"), f.text("data", "default")
	count, loud := f.number("count", 1), f.toggle("loud")
	operands, err := f.parse([]string{"one", "--listen", "from-line", "two", "--", "--three"})
	if err != nil {
		t.Fatal(err)
	}
	if *base != "from-env" || *listen != "from-line" || *data != "default" || *count != 7 || !*loud {
		t.Errorf("got %q %q %q %d %v", *base, *listen, *data, *count, *loud)
	}
	if got := strings.Join(operands, " "); got != "one two --three" {
		t.Errorf("operands %q", got)
	}
}

func TestFlags_RefuseAValueByName(t *testing.T) {
	for _, test := range []struct {
		env  map[string]string
		args []string
	}{
		{args: []string{"--count", "many"}},
		{args: []string{"x", "--count=many"}},
		{env: map[string]string{"HOCBA_COUNT": "many"}},
	} {
		f := newFlags("test", func(name string) string { return test.env[name] })
		f.number("count", 1)
		_, err := f.parse(test.args)
		if got := fault.As(err); got == nil || got.Code != "command.flag_value" || got.Args["name"] != "count" || got.Args["value"] != "many" {
			t.Errorf("%v %v: got %v", test.env, test.args, err)
		}
	}
}

func TestEvaluate_AnswersEveryLine(t *testing.T) {
	cases := filepath.Join("..", "..", "internal", "evaluation", "testdata", "consolidation.jsonl")
	raw, err := os.ReadFile(cases)
	if err != nil {
		t.Fatal(err)
	}
	status, out, said := try(t, nil, "evaluate", cases)
	if status != exitOK || strings.Count(out, "\n") != bytes.Count(raw, []byte("\n")) {
		t.Errorf("status %d, %d answers, said %q", status, strings.Count(out, "\n"), said)
	}
	if status, _, said := try(t, nil, "evaluate", "no-such-file"); status != exitFailed || !strings.Contains(said, "no-such-file") {
		t.Errorf("a file that is not there: status %d, said %q", status, said)
	}
}

func TestSchema_PrintsTheXSD(t *testing.T) {
	status, out, _ := try(t, nil, "schema")
	if status != exitOK {
		t.Errorf("status %d", status)
	}
	var root struct{ XMLName xml.Name }
	if err := xml.Unmarshal([]byte(out), &root); err != nil || root.XMLName.Local != "schema" {
		t.Errorf("no XSD: %v", err)
	}
}

func TestVersion_NamesProgramAndSchemas(t *testing.T) {
	status, out, _ := try(t, nil, "version")
	if status != exitOK || !strings.HasPrefix(out, "hocba ") || !strings.Contains(out, "hoc-ba-tieu-hoc-1.xsd") {
		t.Errorf("status %d, said %q", status, out)
	}
}

func TestVerify_FailsOnWhatIsNoRecord(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.xml")
	if err := os.WriteFile(file, []byte("<x/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, out, _ := try(t, nil, "verify", file); status != exitFailed || !strings.Contains(out, file) {
		t.Errorf("status %d, said %q", status, out)
	}
}
