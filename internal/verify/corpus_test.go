package verify_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/registry"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/revocation"
	"hocba/internal/verify"
	"hocba/internal/verify/verifytest"
)

// The corpus is kept as files with a manifest for whoever writes other software
// of this kind: what must be refused, by which check. Its keys were thrown
// away when it was made. UPDATE_CORPUS=1 makes it anew.
const corpusFolder = "testdata/corpus"

// corpusNow is the time at which the corpus is judged.
var corpusNow = time.Date(2026, time.June, 10, 0, 0, 0, 0, time.UTC)

// corpusOptions judge an entry as the manifest says.
func corpusOptions(e verifytest.Entry, trust *signing.TrustList, load func(name string) []byte) verify.Options {
	list := load("revoked.crl")
	o := verify.Options{Trust: trust, Now: corpusNow, Revocations: func(path []*x509.Certificate) revocation.Verdict {
		return revocation.ReadCRL(list, path[0], path[1], corpusNow)
	}}
	if e.Record != "" {
		o.Version = func(string) []byte { return load(e.Record) }
	}
	return o
}

// The corpus is what would be made now, and what would be made now is judged as
// its makers say by hand.
func TestCorpus_IsWhatWouldBeMadeNow(t *testing.T) {
	_, trust := stage()
	made := exhibits(t)
	files := map[string][]byte{"revoked.crl": revokedList(t)}
	for i := range made {
		if x := &made[i]; x.Made != nil {
			x.raw = x.Made.File(files[x.Made.From])
		}
		files[made[i].File] = made[i].raw
	}
	names := map[string]bool{}
	for i := range made {
		x := &made[i]
		report := verify.Any(x.raw, corpusOptions(x.Entry, trust, func(name string) []byte { return files[name] }))
		wantFailures(t, x.File, report, x.want)
		x.Outcome = verifytest.OutcomeOf(report)
		if names[x.File] {
			t.Errorf("two files %s", x.File)
		}
		names[x.File] = true
	}
	if os.Getenv("UPDATE_CORPUS") != "" && !t.Failed() {
		keepCorpus(t, made, files)
	}
	kept := verifytest.Open(t, corpusFolder)
	judged := 0
	for _, e := range kept.Files {
		i := slices.IndexFunc(made, func(x exhibit) bool { return x.File == e.File })
		if i < 0 {
			t.Errorf("%s would not be made now; UPDATE_CORPUS=1 makes the corpus anew", e.File)
			continue
		}
		judged++
		for _, w := range verifytest.Ways {
			if got, want := made[i].Expected(w).String(), e.Expected(w).String(); got != want {
				t.Errorf("%s, %s: the manifest has\n%s\nnow it would be\n%s", e.File, w, want, got)
			}
		}
	}
	if judged != len(made) {
		t.Errorf("%d of %d files are kept", judged, len(made))
	}
}

// The manifest names every file, and every file is there.
func TestCorpus_ManifestAndFilesAgree(t *testing.T) {
	c := verifytest.Open(t, corpusFolder)
	want := map[string]bool{verifytest.ManifestName: true, "README.md": true, c.Roots: true, c.Revocations: true, c.Registry.Seal: true}
	bad := 0
	for _, e := range c.Files {
		if e.Made == nil {
			want[e.File] = true
		}
		want[verifytest.SubmissionOf(e.File)] = true
		if e.Verdict == string(verify.Failed) {
			bad++
		}
		for w, o := range e.Ways {
			if o.Why == "" || !slices.Contains(verifytest.Ways, w) {
				t.Errorf("%s: %q says otherwise without a reason", e.File, w)
			}
		}
		if e.Description == "" || e.Kind == "" || e.Verdict == "" || (e.Verdict == string(verify.OK)) != (len(e.Failures) == 0) {
			t.Errorf("%+v", e)
		}
	}
	got := map[string]bool{}
	err := filepath.WalkDir(corpusFolder, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(corpusFolder, path)
			got[filepath.ToSlash(name)] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range want {
		if !got[name] {
			t.Errorf("%s is named and not there", name)
		}
	}
	for name := range got {
		if !want[name] {
			t.Errorf("%s is there and not named", name)
		}
	}
	if bad < 60 {
		t.Errorf("only %d bad files", bad)
	}
}

func TestCorpus_TheEngineSaysWhatTheManifestSays(t *testing.T) {
	c := verifytest.Open(t, corpusFolder)
	trust := c.Trust(t)
	for _, e := range c.Files {
		raw := c.File(t, e)
		begin := time.Now()
		report := verify.Any(raw, corpusOptions(e, trust, func(name string) []byte { return c.Read(t, name) }))
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s took %v", e.File, took)
		}
		if got, want := verifytest.OutcomeOf(report), e.Outcome; got.String() != want.String() {
			t.Errorf("%s: got\n%s\nwant\n%s", e.File, got, want)
		}
	}
}

// revokedList is the authority's list with one certificate of the homeroom
// teacher on it, from before she signed.
func revokedList(t *testing.T) []byte {
	t.Helper()
	c, _ := stage()
	responder := demo.NewResponder(c.CA, func() time.Time { return corpusNow })
	responder.Withdraw(demo.Withdrawal{Serial: withdrawn(t).Certificate.Leaf().SerialNumber, At: june(1, 0), Reason: 1})
	w := httptest.NewRecorder()
	responder.ServeHTTP(w, httptest.NewRequest("GET", "/crl", nil))
	return w.Body.Bytes()
}

// keepCorpus writes the corpus.
func keepCorpus(t *testing.T, made []exhibit, files map[string][]byte) {
	t.Helper()
	c, _ := stage()
	seal := c.Members[bundletest.School].Certificate
	m := verifytest.Manifest{Format: verifytest.Format, Now: corpusNow, Roots: "roots.pem", Revocations: "revoked.crl",
		Registry: verifytest.Registry{Department: bundletest.Department, School: bundletest.School, SchoolName: seal.Name(), Seal: "seal.pem", Approved: seal.NotBefore()}}
	out := map[string][]byte{"roots.pem": c.CA.RootPEM(), "revoked.crl": files["revoked.crl"], "seal.pem": signing.EncodePEM(seal.Leaf(), c.CA.Issuing())}
	for _, x := range made {
		m.Files = append(m.Files, x.Entry)
		if x.Made == nil {
			out[x.File] = x.raw
		}
		out[verifytest.SubmissionOf(x.File)] = submissionOf(t, x.raw)
	}
	var old verifytest.Manifest
	if raw, err := os.ReadFile(filepath.Join(corpusFolder, verifytest.ManifestName)); err == nil && json.Unmarshal(raw, &old) == nil {
		for _, e := range old.Files {
			_ = os.Remove(filepath.Join(corpusFolder, e.File))
		}
	}
	if err := os.RemoveAll(filepath.Join(corpusFolder, verifytest.SubmissionsName)); err != nil {
		t.Fatal(err)
	}
	var manifest bytes.Buffer
	e := json.NewEncoder(&manifest)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		t.Fatal(err)
	}
	out[verifytest.ManifestName] = manifest.Bytes()
	if err := os.MkdirAll(filepath.Join(corpusFolder, verifytest.SubmissionsName), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(out)) {
		if err := os.WriteFile(filepath.Join(corpusFolder, name), out[name], 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// submissionOf is the school's sealed manifest that lists exactly these bytes,
// by what they say of themselves where they open.
func submissionOf(t *testing.T, raw []byte) []byte {
	t.Helper()
	c, _ := stage()
	st := bundletest.Statement(bundle.Submission)
	st.Class = bundle.Unit{Code: "4A", Name: "Lớp 4A"}
	st.Records = []bundle.Listed{{Record: bundletest.RecordID, Pupil: bundletest.Pupil, Version: 1, SHA256: verify.SHA256(raw)}}
	if d, err := bundle.Open(raw); err == nil && d.Record != nil {
		st.Records[0].Version = d.Record.General.Version
	}
	return must(c.SignStatement(st, bundletest.Plan{}))(t)
}

// The same verdict and failures through the command.
func TestCorpus_TheCommandSaysTheSame(t *testing.T) {
	c := verifytest.Open(t, corpusFolder)
	for _, e := range c.Files {
		path := c.Path(e.File)
		if e.Made != nil {
			path = write(t, t.TempDir(), e.File, c.File(t, e))
		}
		args := []string{"--json", "--trust", c.Path(c.Roots), "--crl", c.Path(c.Revocations), path}
		if e.Record != "" {
			args = append(args, c.Path(e.Record))
		}
		status, out, errs := command(t, args...)
		var reports []verify.Report
		if err := json.Unmarshal([]byte(out), &reports); err != nil {
			t.Fatalf("%s: %v %s", e.File, err, errs)
		}
		got, want := verifytest.OutcomeOf(reports[0]), e.Expected(verifytest.Command)
		exit := map[string]int{string(verify.OK): verify.ExitOK, string(verify.Failed): verify.ExitFailed, string(verify.Unknown): verify.ExitUnknown}[want.Verdict]
		if got.String() != want.String() || status != exit {
			t.Errorf("%s: status %d\n%s\nwant %d\n%s", e.File, status, got, exit, want)
		}
	}
}

// The same as reasons of the registry's refusal, as a registry decides that
// holds nothing yet. db has the test of one that stores.
func TestCorpus_TheIntakeRulesTheSame(t *testing.T) {
	c := verifytest.Open(t, corpusFolder)
	list := c.Read(t, c.Revocations)
	office := registry.Office{Department: bundle.Unit{Code: c.Registry.Department}, Trust: c.Trust(t), Now: c.Now,
		Status: func(_ *signing.Certificate, chain *signing.Chain) revocation.Verdict {
			return revocation.ReadCRL(list, chain.Path[0], chain.Path[1], c.Now)
		}}
	sender := registry.Sender{Code: c.Registry.School, Known: true, Seals: []registry.SealApproval{
		{Fingerprint: c.SealCertificate(t).Fingerprint(), From: c.Registry.Approved}}}
	for _, e := range c.Files {
		paper := office.Read(bundle.Submission, sender, c.Submission(t, e))
		if paper.Refused() {
			t.Fatalf("%s: the submission is refused: %v", e.File, paper.Reasons)
		}
		ruling := registry.Decide(office.Examine(paper, sender, c.File(t, e)), registry.Facts{}, c.Now)
		got, want := verifytest.RulingOf(ruling.Accepted(), ruling.Reasons()), e.Expected(verifytest.Intake)
		if got.String() != want.String() {
			t.Errorf("%s: got\n%s\nwant\n%s", e.File, got, want)
		}
	}
}

// Whoever trusts what a signature says of itself takes these: their values and
// digests hold for xmlsec1, which shares no code with us.
func TestCorpus_LenientVerifiersTakeTheLenientOnes(t *testing.T) {
	program(t, "xmlsec1")
	c := verifytest.Open(t, corpusFolder)
	n := 0
	for _, e := range c.Files {
		if !e.Lenient {
			continue
		}
		n++
		root := must(os.ReadFile(c.Path(c.Roots)))(t)
		if out, err := xmlsecTrusting(t, root, c.Path(e.File), sealID); err != nil || !strings.Contains(out, "SignedInfo References (ok/all)") {
			t.Errorf("%s: %v\n%s", e.File, err, out)
		}
	}
	if n < 8 {
		t.Errorf("%d lenient files", n)
	}
}
