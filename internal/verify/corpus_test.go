package verify_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/pades"
	"hocba/internal/signing/pades/padestest"
	"hocba/internal/signing/revocation"
	"hocba/internal/verify"
)

// The corpus is kept as files with a manifest for whoever writes other software
// of this kind: what must be refused, by which check. Its keys were thrown
// away when it was made. UPDATE_CORPUS=1 makes it anew.
const corpusFolder = "testdata/corpus"

// corpusNow is the time at which the corpus is judged.
var corpusNow = time.Date(2026, time.June, 10, 0, 0, 0, 0, time.UTC)

// entry is one file of the corpus as the manifest has it.
type entry struct {
	File        string        `json:"file"`
	Description string        `json:"description"`
	Verdict     verify.Status `json:"verdict"`
	Failures    []failure     `json:"failures,omitempty"`
	Record      string        `json:"record,omitempty"`      // of a paper: the file with the signed XML it shows
	Revocations string        `json:"revocations,omitempty"` // file with the revocation list to be asked
	raw         []byte
}

const corpusReadme = `# Files that every verifier of these records must judge alike

manifest.json lists each file with what it is, the verdict (ok, failed, unknown)
and, in the order of the report, every check that must not end well: its name,
the slot of the signature it is about, and the code of the failure. Judge with
roots.pem as the only trusted root and the time "now" of the manifest; nothing is
asked online. "record" names the signed XML that a paper shows; "revocations" the
list (CRL) of the issuing authority to be asked.

Everybody in the files is invented, and every certificate a trial: the keys were
thrown away. Files that are refused for their size are not kept: make one of more
than 4 MB (XML) or 16 MB (PDF).
`

type failure struct {
	Check string `json:"check"`
	Slot  string `json:"slot,omitempty"`
	Code  string `json:"code"`
}

func failuresOf(r verify.Report) []failure {
	var out []failure
	for _, c := range r.Checks {
		if c.Status == verify.Failed || c.Status == verify.Unknown {
			out = append(out, failure{c.Name, c.Slot, c.Code})
		}
	}
	return out
}

// exhibits makes every file of the corpus.
func exhibits(t *testing.T) []entry {
	t.Helper()
	c, _ := stage()
	good := issued(t, nil)
	words := wordsOf(t, good)
	var out []entry
	add := func(file, description string, raw []byte) {
		out = append(out, entry{File: file, Description: description, raw: raw})
	}
	paper := func(file, description string, raw []byte) {
		out = append(out, entry{File: file, Description: description, Record: "good-record.xml", raw: raw})
	}
	add("good-record.xml", "a record as it must be", good)
	add("good-record-stamped.xml", "a record whose six signatures have time-stamps", planned(t, stampedAll()))
	add("good-statement.xml", "a submission manifest", must(c.SignStatement(bundletest.Statement(bundle.Submission), bundletest.Plan{}))(t))
	add("good-receipt.xml", "a receipt", must(c.SignReceipt(bundletest.Receipt(bundle.ReceiptOfRecord), bundletest.Plan{}))(t))
	paper("good-paper.pdf", "a paper that shows good-record.xml", paperOf(t, good, words, nil))
	for _, f := range forgeries {
		if raw := f.forge(t, good); len(raw) < 200_000 { // larger ones are made by whoever tests
			add("bad-"+slug(f.name)+".xml", f.name, raw)
		}
	}
	for _, x := range signedWrongly(t) {
		x.File = "bad-" + slug(x.Description) + ".xml"
		out = append(out, x)
	}
	paper("bad-paper-raised-mark.pdf", "a paper that shows another mark than its record", paperOf(t, good, strings.Replace(words, "(TiếngAnh)T8", "(TiếngAnh)T9", 1), nil))
	paper("bad-paper-shadow-content.pdf", "shadow: the page's content replaced by a revision after the seal",
		padestest.Update(paperOf(t, good, words, nil), 4, "<< /Length 0 >>\nstream\n\nendstream", "1 0 R"))
	paper("bad-paper-shadow-catalogue.pdf", "shadow: another catalogue without the form, after the seal",
		padestest.Update(paperOf(t, good, words, nil), 20, "<< /Type /Catalog /Pages 2 0 R >>", "20 0 R"))
	paper("bad-paper-appended.pdf", "a comment after the seal", append(paperOf(t, good, words, nil), "% x\n"...))
	paper("bad-paper-changed.pdf", "one changed byte under the seal", edit(t, paperOf(t, good, words, nil), "50 700 Tm", "50 701 Tm"))
	sealed := paperOf(t, good, words, nil)
	paper("bad-paper-truncated.pdf", "a paper cut off", sealed[:len(sealed)-2000])
	paper("bad-paper-unsealed.pdf", "a paper without a seal", padestest.Plain(words))
	paper("bad-paper-school-seal.pdf", "a paper under a school's seal", paperOf(t, good, words, func(p *pades.Params) {
		p.Certificate, p.Key = c.Members[bundletest.School].Certificate, c.Members[bundletest.School].Key
	}))
	return out
}

// signedWrongly are records in which every byte is as it was signed, by the
// wrong person, key, time or over the wrong thing.
func signedWrongly(t *testing.T) []entry {
	t.Helper()
	c, _ := stage()
	var out []entry
	add := func(description string, raw []byte) { out = append(out, entry{Description: description, raw: raw}) }
	carriedFrom := func(change func(*bundle.Record)) []byte {
		other := bundletest.Record()
		change(&other)
		return carried(t, other)
	}
	add("a part of another pupil", carriedFrom(func(r *bundle.Record) {
		r.Content.Pupil.Code = "4800999999"
		for i := range r.Content.Subjects {
			r.Content.Subjects[i].Pupil = "4800999999"
		}
	}))
	add("a part of another year", carriedFrom(func(r *bundle.Record) { changeYear(r, "2024-2025") }))
	by := func(slot string, m bundletest.Member) bundletest.Plan {
		return bundletest.Plan{Signer: map[string]bundletest.Member{slot: m}}
	}
	at := func(slot string, when time.Time) bundletest.Plan {
		return bundletest.Plan{At: map[string]time.Time{slot: when}}
	}
	name := bundletest.Name(bundletest.Homeroom)
	add("a signer of an authority nobody trusts", planned(t, by("ky-gvcn", outsider(t, demo.Request{Kind: demo.Person, Name: name, PersonalNumber: "048190000001"}))))
	add("a colleague in the homeroom teacher's place", planned(t, by("ky-gvcn", c.Members[bundletest.Music])))
	add("the seal in the principal's place", planned(t, by("ky-cbql", c.Members[bundletest.School])))
	add("the principal in the seal's place", planned(t, by("ky-phathanh", c.Members[bundletest.Principal])))
	add("the seal of another organisation", planned(t, by("ky-phathanh", c.Members[bundletest.Department])))
	add("a claimed role that is not the slot's", planned(t, bundletest.Plan{Role: map[string]string{"ky-gvcn": "CBQL"}}))
	add("a certificate that had expired", planned(t, by("ky-gvcn", holderUntil(t, june(1, 12)))))
	add("a certificate that was not valid yet", planned(t, at("ky-gvbm-1", time.Date(2024, time.June, 1, 0, 0, 0, 0, time.UTC))))
	add("approved before the homeroom teacher signed", planned(t, at("ky-cbql", june(1, 3))))
	add("sealed on another day than it says", planned(t, at("ky-phathanh", june(6, 3))))
	add("signed in the future", planned(t, at("ky-phathanh", time.Date(2026, time.July, 1, 3, 0, 0, 0, time.UTC))))
	stamp := func(slot string, when time.Time) bundletest.Plan {
		return bundletest.Plan{Stamp: map[string]time.Time{slot: when}}
	}
	add("a seal dated back by two days", planned(t, stamp("ky-phathanh", june(7, 2))))
	add("signed after its time-stamp", planned(t, stamp("ky-gvcn", june(1, 0))))
	der := planned(t, bundletest.Plan{})
	add("an ECDSA value in DER", inDER(t, der, "ky-gvcn"))
	add("a weak algorithm", edit(t, der, "xmldsig-more#ecdsa-sha256", "xmldsig-more#ecdsa-sha1"))
	add("a weak digest", edit(t, der, "xmlenc#sha256", "xmldsig#sha1"))
	add("an overall level that the results do not give", issued(t, func(r *bundle.Record) { r.Content.Overall = "HTXS" }))
	add("a commendation that the level does not allow", issued(t, func(r *bundle.Record) { r.Content.Commended[0].Award = bundle.Excellent }))
	add("a subject without a result", issued(t, func(r *bundle.Record) { r.Content.Subjects = r.Content.Subjects[1:] }))
	out = append(out, entry{Description: "a certificate that had been revoked", raw: issued(t, nil), Revocations: "revoked.crl"})
	return out
}

// holderUntil is the homeroom teacher with a certificate that ends early.
func holderUntil(t *testing.T, until time.Time) bundletest.Member {
	t.Helper()
	c, _ := stage()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	return bundletest.Member{Key: key, Certificate: must(c.CA.Issue(demo.Request{Kind: demo.Person, Name: bundletest.Name(bundletest.Homeroom),
		PersonalNumber: "048190000001", PublicKey: key.Public(), NotBefore: c.CA.Issuing().NotBefore, NotAfter: until}))(t)}
}

// inDER writes a signature's value as DER, as crypto libraries do and XML-DSig
// does not.
func inDER(t *testing.T, raw []byte, slot string) []byte {
	t.Helper()
	m := regexp.MustCompile(`Id="` + slot + `-gt">([^<]*)<`).FindSubmatch(raw)
	value := must(base64.StdEncoding.DecodeString(string(m[1])))(t)
	der := must(asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(value[:32]), new(big.Int).SetBytes(value[32:])}))(t)
	return bytes.Replace(raw, m[1], []byte(base64.StdEncoding.EncodeToString(der)), 1)
}

func slug(s string) string {
	words := strings.FieldsFunc(school.Fold(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return strings.Join(words, "-")
}

// corpusOptions judge an entry as the manifest says.
func corpusOptions(t *testing.T, e entry, trust *signing.TrustList, load func(name string) []byte) verify.Options {
	t.Helper()
	o := verify.Options{Trust: trust, Now: corpusNow}
	if e.Record != "" {
		o.Version = func(string) []byte { return load(e.Record) }
	}
	if e.Revocations != "" {
		list := load(e.Revocations)
		o.Revocations = func(path []*x509.Certificate) revocation.Verdict {
			return revocation.ReadCRL(list, path[0], path[1], corpusNow)
		}
	}
	return o
}

func TestCorpus_EveryFileIsJudgedAsTheManifestSays(t *testing.T) {
	_, trust := stage()
	made := exhibits(t)
	files := map[string][]byte{"revoked.crl": revokedList(t, made)}
	for _, e := range made {
		files[e.File] = e.raw
	}
	for i := range made {
		e := &made[i]
		report := verify.Any(e.raw, corpusOptions(t, *e, trust, func(name string) []byte { return files[name] }))
		e.Verdict, e.Failures = report.Verdict, failuresOf(report)
		if strings.HasPrefix(e.File, "good-") != report.Valid {
			t.Errorf("%s: %s %v", e.File, report.Verdict, e.Failures)
		}
	}
	if os.Getenv("UPDATE_CORPUS") != "" {
		keepCorpus(t, made, files)
	}
	kept := readManifest(t)
	roots := must(verify.ReadTrust(load(t, "roots.pem")))(t)
	bad := 0
	for i, e := range kept {
		if i >= len(made) || e.File != made[i].File || e.Verdict != made[i].Verdict || !slices.Equal(e.Failures, made[i].Failures) {
			t.Errorf("%s: the manifest is not what would be made now; UPDATE_CORPUS=1 makes it anew", e.File)
			continue
		}
		report := verify.Any(load(t, e.File), corpusOptions(t, e, roots, func(name string) []byte { return load(t, name) }))
		if report.Verdict != e.Verdict || !slices.Equal(failuresOf(report), e.Failures) {
			t.Errorf("%s: %s %v, want %s %v", e.File, report.Verdict, failuresOf(report), e.Verdict, e.Failures)
		}
		if e.Verdict == verify.Failed {
			bad++
		}
	}
	if len(kept) != len(made) || bad < 60 {
		t.Errorf("%d files, %d of them bad, %d would be made now", len(kept), bad, len(made))
	}
}

// revokedList is the authority's list with the homeroom teacher's certificate
// on it, from before she signed.
func revokedList(t *testing.T, made []entry) []byte {
	t.Helper()
	c, _ := stage()
	responder := demo.NewResponder(c.CA, func() time.Time { return corpusNow })
	responder.Withdraw(demo.Withdrawal{Serial: c.Members[bundletest.Homeroom].Certificate.Leaf().SerialNumber, At: june(1, 0), Reason: 1})
	w := httptest.NewRecorder()
	responder.ServeHTTP(w, httptest.NewRequest("GET", "/crl", nil))
	return w.Body.Bytes()
}

func keepCorpus(t *testing.T, made []entry, files map[string][]byte) {
	t.Helper()
	c, _ := stage()
	if err := os.RemoveAll(corpusFolder); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(corpusFolder, 0o755); err != nil {
		t.Fatal(err)
	}
	manifest := must(json.MarshalIndent(map[string]any{"now": corpusNow, "roots": "roots.pem", "files": made}, "", "  "))(t)
	files["manifest.json"], files["roots.pem"] = append(manifest, '\n'), c.CA.RootPEM()
	files["README.md"] = []byte(corpusReadme)
	for name, raw := range files {
		if err := os.WriteFile(filepath.Join(corpusFolder, name), raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func load(t *testing.T, name string) []byte {
	t.Helper()
	return must(os.ReadFile(filepath.Join(corpusFolder, name)))(t)
}

func readManifest(t *testing.T) []entry {
	t.Helper()
	var m struct{ Files []entry }
	if err := json.Unmarshal(load(t, "manifest.json"), &m); err != nil {
		t.Fatal(err)
	}
	return m.Files
}

// The same failures through the command.
func TestCorpus_TheCommandSaysTheSame(t *testing.T) {
	for _, e := range readManifest(t) {
		if e.Revocations != "" {
			continue // needs an authority that answers
		}
		args := []string{"--json", "--trust", filepath.Join(corpusFolder, "roots.pem"), filepath.Join(corpusFolder, e.File)}
		if e.Record != "" {
			args = append(args, filepath.Join(corpusFolder, e.Record))
		}
		status, out, errs := command(t, args...)
		var reports []verify.Report
		if err := json.Unmarshal([]byte(out), &reports); err != nil {
			t.Fatalf("%s: %v %s", e.File, err, errs)
		}
		if got := failuresOf(reports[0]); !slices.Equal(got, e.Failures) || (status == verify.ExitOK) != (e.Verdict == verify.OK) {
			t.Errorf("%s: status %d, %v, want %v", e.File, status, got, e.Failures)
		}
	}
}

// The same failures as reasons of the registry's refusal.
func TestCorpus_TheIntakeRefusesForTheSame(t *testing.T) {
	roots := must(verify.ReadTrust(load(t, "roots.pem")))(t)
	good := must(bundle.Open(load(t, "good-record.xml")))(t)
	seal := verify.File(load(t, "good-record.xml"), verify.Options{}).Signers[5].Certificate
	office := registry.Office{Department: good.Record.General.Department, Trust: roots, Now: corpusNow}
	sender := registry.Sender{Code: bundletest.School, Known: true, Seals: []registry.SealApproval{{Fingerprint: seal, From: june(1, 0).AddDate(-1, 0, 0)}}}
	for _, e := range readManifest(t) {
		if !strings.HasSuffix(e.File, ".xml") || strings.Contains(e.File, "statement") || strings.Contains(e.File, "receipt") || e.Revocations != "" {
			continue
		}
		raw := load(t, e.File)
		st := bundletest.Statement(bundle.Submission)
		st.Class = bundle.Unit{Code: good.Record.Content.Class.Code, Name: good.Record.Content.Class.Name}
		st.Records = []bundle.Listed{{Record: bundletest.RecordID, Pupil: bundletest.Pupil, Version: 1, SHA256: verify.SHA256(raw)}}
		paper := &registry.Paper{Kind: bundle.Submission, School: bundletest.School, Statement: &st}
		ruling := registry.Decide(office.Examine(paper, sender, raw), registry.Facts{}, corpusNow)
		reasons := map[string]bool{}
		for _, r := range ruling.Reasons() {
			reasons[r.Code] = true
		}
		for _, f := range e.Failures {
			if !reasons[f.Code] && f.Check != verify.Signer && f.Check != verify.Revocation {
				t.Errorf("%s: the intake does not name %s: %v", e.File, f.Code, reasons)
			}
		}
		if e.Verdict == verify.Failed && len(reasons) == 0 {
			t.Errorf("%s was accepted", e.File)
		}
	}
	// A seal that nobody approved is refused at the intake alone.
	sender.Seals = nil
	st := bundletest.Statement(bundle.Submission)
	paper := &registry.Paper{Kind: bundle.Submission, School: bundletest.School, Statement: &st}
	st.Records[0].SHA256 = verify.SHA256(load(t, "good-record.xml"))
	ruling := registry.Decide(office.Examine(paper, sender, load(t, "good-record.xml")), registry.Facts{}, corpusNow)
	if got := fmt.Sprint(ruling.Reasons()); !strings.Contains(got, "registry.seal_not_approved") {
		t.Error(got)
	}
}
