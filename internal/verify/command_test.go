package verify_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"hocba/internal/verify"
)

// plainWords answers with the codes themselves, so that tests read no language.
func plainWords() verify.Words {
	same := func(s string) string { return s }
	return verify.Words{Usage: "usage", Check: same, Status: same, Verdict: same, Note: same, Ask: same,
		Message: func(code string, _ map[string]string) string { return code },
		Signer: func(s verify.Signatory) []string {
			out := []string{"signer " + string(s.Role) + " " + s.Name, "certificate " + s.Serial}
			if s.Meaning != nil {
				out = append(out, "meaning "+s.Meaning.ID+" "+s.Meaning.Text)
			}
			return out
		},
		Heading: func(kind string, _ map[string]string) string { return kind }}
}

func command(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	clock := func() time.Time { return options().Now }
	status = verify.Command(args, verify.Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr}, plainWords(), clock)
	return status, stdout.String(), stderr.String()
}

func TestCommand_ExitStatuses(t *testing.T) {
	c, _ := stage()
	dir := t.TempDir()
	good := issued(t, nil)
	roots := write(t, dir, "roots.pem", c.CA.RootPEM())
	file := write(t, dir, "good.xml", good)
	forged := write(t, dir, "forged.xml", edit(t, good, "<PHIEN_BAN>1", "<PHIEN_BAN>2"))
	for name, x := range map[string]struct {
		args []string
		want int
		out  string
	}{
		"good":               {[]string{"--trust", roots, file}, verify.ExitOK, "good.xml: ok"},
		"no trust list":      {[]string{file}, verify.ExitUnknown, "[unknown] chain: verify.no_trust_list"},
		"forged":             {[]string{"--trust", roots, file, forged}, verify.ExitFailed, "[failed] signature: sig.digest"},
		"no such file":       {[]string{dir + "/none.xml"}, verify.ExitFailed, "verify.unreadable"},
		"a folder":           {[]string{dir}, verify.ExitFailed, "forged.xml: failed"},
		"no file":            {nil, verify.ExitUsage, ""},
		"unknown flag":       {[]string{"--what"}, verify.ExitUsage, ""},
		"roots are no roots": {[]string{"--trust", file, file}, verify.ExitUsage, ""},
	} {
		status, out, _ := command(t, x.args...)
		if status != x.want || !strings.Contains(out, x.out) {
			t.Errorf("%s: status %d, want %d\n%s", name, status, x.want, out)
		}
	}
}

func TestCommand_JSONHoldsEveryCheck(t *testing.T) {
	c, _ := stage()
	dir := t.TempDir()
	roots, file := write(t, dir, "roots.pem", c.CA.RootPEM()), write(t, dir, "good.xml", issued(t, nil))
	status, out, _ := command(t, "--json", "--trust", roots, file)
	var reports []struct {
		File, SHA256, Verdict string
		Valid, Trial          bool
		Checks                []verify.Check
		Signers               []verify.Signatory
	}
	if err := json.Unmarshal([]byte(out), &reports); err != nil || status != verify.ExitOK {
		t.Fatalf("%v, status %d\n%s", err, status, out)
	}
	r := reports[0]
	if r.File != file || len(r.SHA256) != 64 || !r.Valid || r.Verdict != "ok" || !r.Trial || len(r.Checks) != 51 || len(r.Signers) != 6 {
		t.Errorf("%+v", r)
	}
}
