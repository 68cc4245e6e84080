// Package verifytest reads the corpus: files that every way into the house
// must judge alike (the command, the upload page, the registry's intake), with
// what each must say. It makes nothing; the tests of package verify do.
package verifytest

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/signing"
	"hocba/internal/verify"
)

// Format is the version of the manifest's layout.
const Format = "hocba-corpus/2"

// ManifestName and SubmissionsName are where a corpus keeps its manifest and
// the submissions that bring its files to a registry.
const (
	ManifestName    = "manifest.json"
	SubmissionsName = "submissions"
)

// Way is how a file reaches somebody who judges it.
type Way string

// The ways. A Verdict of the first two is ok, failed, unknown or too_large, of
// Intake accepted or refused.
const (
	Command Way = "command" // hocba verify, hocba-verify
	Upload  Way = "upload"  // the page on which anybody checks a file
	Intake  Way = "intake"  // the registry, the file sent in a record's place
)

// Ways lists the ways.
var Ways = []Way{Command, Upload, Intake}

// The verdicts that verify.Status does not have.
const (
	TooLarge = "too_large" // not even read
	Accepted = "accepted"
	Refused  = "refused"
)

// The kinds of file.
const (
	Record    = "record"
	Statement = "statement"
	Receipt   = "receipt"
	Paper     = "paper"
	Transfer  = "transfer"
	Other     = "other"
)

// Manifest says what is in the corpus and how it is judged.
type Manifest struct {
	Format      string    `json:"format"`
	Now         time.Time `json:"now"`         // the time at which everything is judged
	Roots       string    `json:"roots"`       // PEM of the one root that is trusted
	Revocations string    `json:"revocations"` // DER of the issuing authority's revocation list
	Registry    Registry  `json:"registry"`
	Files       []Entry   `json:"files"`
}

// Registry is what the registry of the intake knows beside roots and list: one
// school with one approved seal, and no record yet.
type Registry struct {
	Department string    `json:"department"` // code of the Sở
	School     string    `json:"school"`     // code of the school that sends
	SchoolName string    `json:"school_name"`
	Seal       string    `json:"seal"`     // PEM of the approved certificate, its issuer behind it
	Approved   time.Time `json:"approved"` // since when
}

// Entry is one file.
type Entry struct {
	File        string `json:"file"`
	Kind        string `json:"kind"`
	Description string `json:"description"`
	Made        *Made  `json:"made,omitempty"`   // not kept: how to make it
	Record      string `json:"record,omitempty"` // of a paper: the file with the signed XML that it shows
	// Lenient names the check that xmlsec1 does not make: it takes the
	// signatures of the file as they are.
	Lenient bool `json:"lenient,omitempty"`
	Outcome
	// Ways holds what a way says otherwise, with the reason in Why.
	Ways map[Way]Outcome `json:"ways,omitempty"`
}

// Outcome is a verdict with everything that did not end well, in the order of
// the report.
type Outcome struct {
	Verdict  string    `json:"verdict"`
	Failures []Failure `json:"failures,omitempty"`
	Why      string    `json:"why,omitempty"`
}

// Failure is one check that did not end well. At the intake a reason names no
// check.
type Failure struct {
	Check string            `json:"check,omitempty"`
	Slot  string            `json:"slot,omitempty"` // Id of the signature it is about
	Code  string            `json:"code"`
	Place map[string]string `json:"place,omitempty"` // where: path, name, part, uri, id, slot, what
}

// Made is the recipe of a file that is too large to be kept: Insert, Times
// times, before the first Before in the file From; an empty Before is its end.
type Made struct {
	From   string `json:"from"`
	Before string `json:"before,omitempty"`
	Insert string `json:"insert"`
	Times  int    `json:"times"`
}

// File makes the file from the bytes of From.
func (m *Made) File(from []byte) []byte {
	at := len(from)
	if m.Before != "" {
		at = max(bytes.Index(from, []byte(m.Before)), 0)
	}
	return slices.Concat(from[:at], bytes.Repeat([]byte(m.Insert), m.Times), from[at:])
}

// FailureOf is a check of a report as the manifest has it.
func FailureOf(c verify.Check) Failure {
	f := Failure{Check: c.Name, Slot: c.Slot, Code: c.Code, Place: c.Place()}
	if len(f.Place) == 0 {
		f.Place = nil
	}
	return f
}

// OutcomeOf is a report as the manifest has it.
func OutcomeOf(r verify.Report) Outcome {
	o := Outcome{Verdict: string(r.Verdict)}
	for _, c := range r.Checks {
		if c.Status == verify.Failed || c.Status == verify.Unknown {
			o.Failures = append(o.Failures, FailureOf(c))
		}
	}
	return o
}

// RulingOf is the registry's answer as the manifest has it.
func RulingOf(accepted bool, reasons []bundle.Reason) Outcome {
	o := Outcome{Verdict: Refused}
	if accepted {
		o.Verdict = Accepted
	}
	for _, r := range reasons {
		args := map[string]string{}
		for _, a := range r.Args {
			args[a.Name] = a.Value
		}
		o.Failures = append(o.Failures, FailureOf(verify.Check{Code: r.Code, Args: args}))
	}
	return o
}

// Reference is the one line that names the failure: that of verify.Check.
func (f Failure) Reference() string {
	return verify.Check{Name: f.Check, Slot: f.Slot, Code: f.Code, Args: f.Place}.Reference()
}

// atIntake is the failure as a receipt tells it: without the check, the slot
// among the arguments.
func (f Failure) atIntake() Failure {
	out := Failure{Code: f.Code, Place: maps.Clone(f.Place)}
	if f.Slot != "" && out.Place["slot"] == "" {
		if out.Place == nil {
			out.Place = map[string]string{}
		}
		out.Place["slot"] = f.Slot
	}
	return out
}

// String is the outcome in lines, to be compared.
func (o Outcome) String() string {
	lines := []string{o.Verdict}
	for _, f := range o.Failures {
		lines = append(lines, f.Reference())
	}
	return strings.Join(lines, "\n")
}

// Expected is what a way must say about a file.
func (e *Entry) Expected(w Way) Outcome {
	if o, ok := e.Ways[w]; ok {
		return o
	}
	if w != Intake {
		return e.Outcome
	}
	out := Outcome{Verdict: Refused}
	if e.Verdict == string(verify.OK) {
		out.Verdict = Accepted
	}
	for _, f := range e.Failures {
		out.Failures = append(out.Failures, f.atIntake())
	}
	return out
}

// Corpus is a corpus on disk.
type Corpus struct {
	Manifest
	folder string
}

// Open reads the manifest of the corpus in a folder.
func Open(t testing.TB, folder string) *Corpus {
	t.Helper()
	c := &Corpus{folder: folder}
	d := json.NewDecoder(bytes.NewReader(c.Read(t, ManifestName)))
	d.DisallowUnknownFields()
	if err := d.Decode(&c.Manifest); err != nil {
		t.Fatalf("%s: %v", ManifestName, err)
	}
	if c.Format != Format {
		t.Fatalf("a corpus of format %q, want %q", c.Format, Format)
	}
	return c
}

// Read reads a file of the corpus.
func (c *Corpus) Read(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(c.Path(name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Path is where a file of the corpus lies.
func (c *Corpus) Path(name string) string { return filepath.Join(c.folder, name) }

// File returns the bytes of an entry, made when they are not kept.
func (c *Corpus) File(t testing.TB, e Entry) []byte {
	t.Helper()
	if e.Made != nil {
		return e.Made.File(c.Read(t, e.Made.From))
	}
	return c.Read(t, e.File)
}

// Submission returns the sealed manifest that brings an entry to a registry.
func (c *Corpus) Submission(t testing.TB, e Entry) []byte {
	t.Helper()
	return c.Read(t, SubmissionOf(e.File))
}

// SubmissionOf is where the submission of a file lies.
func SubmissionOf(file string) string { return SubmissionsName + "/" + file + ".nop.xml" }

// Trust is the trust list of the corpus.
func (c *Corpus) Trust(t testing.TB) *signing.TrustList {
	t.Helper()
	trust, err := verify.ReadTrust(c.Read(t, c.Roots))
	if err != nil {
		t.Fatal(err)
	}
	return trust
}

// SealCertificate is the one approved seal.
func (c *Corpus) SealCertificate(t testing.TB) *signing.Certificate {
	t.Helper()
	list, err := signing.ReadPEM(c.Read(t, c.Registry.Seal))
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := signing.NewCertificate(list[0], list[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}
