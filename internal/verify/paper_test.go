package verify_test

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/signing/cms"
	"hocba/internal/signing/pades"
	"hocba/internal/signing/pades/padestest"
	"hocba/internal/signing/revocation"
	"hocba/internal/verify"
)

// sealedAt is when papers of tests are sealed.
var sealedAt = time.Date(2026, time.June, 7, 3, 0, 0, 0, time.UTC)

func sealedClock() time.Time { return sealedAt }

// paperOf seals a paper that shows words, as the registry of the cast does.
func paperOf(t testing.TB, xml []byte, words string, change func(*pades.Params)) []byte {
	t.Helper()
	c, _ := stage()
	m := c.Members[bundletest.Department]
	p := pades.Params{Certificate: m.Certificate, Key: m.Key, Name: "Sở", Reason: "Bản giấy", Version: sha256.Sum256(xml), At: sealedAt}
	if change != nil {
		change(&p)
	}
	return must(pades.Seal(padestest.Plain(words), p))(t)
}

func wordsOf(t testing.TB, xml []byte) string {
	t.Helper()
	return verify.ShownWords(must(bundle.Open(xml))(t).Record)
}

func withVersion(xml []byte) verify.Options {
	o := options()
	o.Version = func(string) []byte { return xml }
	return o
}

func TestPDF_IsComparedWithTheRecordItShows(t *testing.T) {
	c, _ := stage()
	xml := issued(t, nil)
	words := wordsOf(t, xml)
	stamped := func(p *pades.Params) { stampedPaper(t, p) }
	for name, x := range map[string]struct {
		raw  []byte
		want string
	}{
		"a good paper":        {paperOf(t, xml, words, nil), ""},
		"with a time-stamp":   {paperOf(t, xml, words, stamped), ""},
		"a raised mark":       {paperOf(t, xml, strings.Replace(words, "(TiếngAnh)T8", "(TiếngAnh)T9", 1), nil), "paper_text  verify.paper_differs"},
		"another pupil":       {paperOf(t, xml, strings.Replace(words, "HồThịÁnhNguyệt", "HồThịÁnhHồng", 1), nil), "paper_text  verify.paper_differs"},
		"rows changed places": {paperOf(t, xml, swapped(words, "TiếngViệt", "Toán"), nil), "paper_text  verify.paper_differs"},
		"under a school's seal": {paperOf(t, xml, words, func(p *pades.Params) {
			p.Certificate, p.Key = c.Members[bundletest.School].Certificate, c.Members[bundletest.School].Key
		}), "signer seal verify.other_signer"},
		"under a person's key": {paperOf(t, xml, words, func(p *pades.Params) {
			p.Certificate, p.Key = c.Members[bundletest.Principal].Certificate, c.Members[bundletest.Principal].Key
		}), "signer seal verify.not_a_seal"},
		"dated back": {paperOf(t, xml, words, func(p *pades.Params) {
			stamped(p)
			p.At = sealedAt.AddDate(0, 0, -3)
		}), "time_stamp seal verify.dated_back"},
		"changed after the seal": {padestest.Update(paperOf(t, xml, words, nil), 4, "<< /Length 0 >>\nstream\n\nendstream", "1 0 R"), "paper_last  pdf.after_seal"},
		"no seal":                {padestest.Plain(words), "paper_seal  pdf.unsealed"},
		"no paper of ours":       {[]byte("%PDF-2.0 x"), "paper_form  pdf.structure"},
	} {
		report := verify.Any(x.raw, withVersion(xml))
		if got := failures(report); got != x.want || report.Valid != (x.want == "") {
			t.Errorf("%s: got %s, want %s", name, got, x.want)
		}
	}
	alone := verify.PDF(paperOf(t, xml, "anything", nil), options())
	if !alone.Valid {
		t.Errorf("without the record: %s", failures(alone))
	}
	// Without the record nobody says whose seal it must bear: not any will do.
	foreign := verify.PDF(paperOf(t, xml, "anything", func(p *pades.Params) {
		p.Certificate, p.Key = c.Members[bundletest.School].Certificate, c.Members[bundletest.School].Key
	}), options())
	if foreign.Verdict != verify.Unknown || notOK(foreign) != "signer seal verify.no_department" {
		t.Errorf("under a school's seal, without the record: %s %s", foreign.Verdict, notOK(foreign))
	}
	blind := verify.PDF(paperOf(t, xml, words, nil), verify.Options{})
	if blind.Verdict != verify.Unknown {
		t.Errorf("without a trust list: %s", blind.Verdict)
	}
}

// notOK tells the checks that did not end well, decided or not.
func notOK(r verify.Report) string {
	var out []string
	for _, c := range r.Checks {
		if c.Status == verify.Failed || c.Status == verify.Unknown {
			out = append(out, c.Name+" "+c.Slot+" "+c.Code)
		}
	}
	return strings.Join(out, ", ")
}

// A revoked seal is found out on a paper, too.
func TestPDF_AsksAboutTheSeal(t *testing.T) {
	xml := issued(t, nil)
	o := withVersion(xml)
	for status, want := range map[revocation.Status]verify.Status{revocation.Good: verify.OK, revocation.Unknown: verify.Unknown, revocation.Revoked: verify.Failed} {
		asked := 0
		o.Revocations = func([]*x509.Certificate) revocation.Verdict {
			asked++
			return revocation.Verdict{Status: status, At: sealedAt.AddDate(0, 0, -1)}
		}
		if report := verify.PDF(paperOf(t, xml, wordsOf(t, xml), nil), o); report.Verdict != want || asked != 1 {
			t.Errorf("%s: %s, asked %d times", status, report.Verdict, asked)
		}
	}
}

// swapped exchanges the rows of two subjects.
func swapped(words, a, b string) string {
	i, j := strings.Index(words, a), strings.Index(words, b)
	end := j + strings.Index(words[j:], ".") + 1
	return words[:i] + words[j:end] + words[i:j] + words[end:]
}

// Files named together help one another.
func TestCommand_PaperAndReceiptWithTheirRecord(t *testing.T) {
	c, _ := stage()
	dir, xml := t.TempDir(), issued(t, nil)
	receipt := bundletest.Receipt(bundle.ReceiptOfRecord)
	sum := sha256.Sum256(xml)
	receipt.SHA256 = hex.EncodeToString(sum[:])
	files := []string{"--trust", write(t, dir, "roots.pem", c.CA.RootPEM()), write(t, dir, "hocba.xml", xml),
		write(t, dir, "giay.pdf", paperOf(t, xml, wordsOf(t, xml), nil)),
		write(t, dir, "biennhan.xml", must(c.SignReceipt(receipt, bundletest.Plan{}))(t))}
	status, out, _ := command(t, files...)
	if status != verify.ExitOK || !strings.Contains(out, "[ok] paper_text") {
		t.Errorf("status %d\n%s", status, out)
	}
	wrong := write(t, dir, "sai.pdf", paperOf(t, xml, "không đúng", nil))
	if status, out, _ = command(t, append(files, wrong)...); status != verify.ExitFailed || !strings.Contains(out, "verify.paper_differs") {
		t.Errorf("status %d\n%s", status, out)
	}
	status, out, _ = command(t, append([]string{"--html"}, append(files, wrong)...)...)
	if status != verify.ExitFailed || !strings.HasPrefix(out, "<!DOCTYPE html>") || !strings.Contains(out, "Hồ Thị") && !strings.Contains(out, "record") {
		t.Errorf("html: status %d\n%s", status, out[:min(len(out), 400)])
	}
	status, out, _ = command(t, append([]string{"--json"}, wrong, files[2])...)
	var reports []verify.Report
	if err := json.Unmarshal([]byte(out), &reports); err != nil || len(reports) != 2 || reports[0].Paper == nil {
		t.Errorf("json: %v, status %d", err, status)
	}
}

// Anybody with the seal of an organisation can write a receipt in its own name:
// it proves no time.
func TestReceiptOf_BelievesADepartmentAlone(t *testing.T) {
	c, _ := stage()
	receipt := bundletest.Receipt(bundle.ReceiptOfRecord)
	receipt.Result, receipt.Reasons = bundle.Accepted, nil
	if verify.ReceiptOf(must(c.SignReceipt(receipt, bundletest.Plan{}))(t), options()) == nil {
		t.Error("the receipt of the Sở is not believed")
	}
	forger := *c
	forger.Members = maps.Clone(c.Members)
	forger.Members[bundletest.Department] = c.Members[bundletest.School]
	receipt.Department.Name = c.Members[bundletest.School].Certificate.Name()
	raw := must(forger.SignReceipt(receipt, bundletest.Plan{}))(t)
	if got := notOK(verify.File(raw, options())); got != "signer ky-biennhan verify.no_department" {
		t.Errorf("a school's receipt: %s", got)
	}
	if verify.ReceiptOf(raw, options()) != nil {
		t.Error("a school's receipt is believed")
	}
}

func TestReadTrust_TakesASignedBundleAndNoForgedOne(t *testing.T) {
	c, trust := stage()
	m := c.Members[bundletest.Department]
	file := must(verify.NewTrustBundle("Sở", sealedAt, trust.Anchors()).Sign(func(content []byte) ([]byte, error) {
		return cms.Sign(cms.Params{Type: cms.OIDData, Content: content, Detached: true, Certificate: m.Certificate, Key: m.Key})
	}))(t)
	dir := t.TempDir()
	good, record := write(t, dir, "trust.json", file), write(t, dir, "hocba.xml", issued(t, nil))
	if status, out, errs := command(t, "--trust", good, record); status != verify.ExitOK {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
	i := strings.Index(string(file), `"bundle": "`) + len(`"bundle": "`) + 40
	file[i] ^= 1
	if status, _, _ := command(t, "--trust", write(t, dir, "forged.json", file), record); status != verify.ExitUsage {
		t.Errorf("a forged bundle: status %d", status)
	}
	if err := os.Remove(good); err != nil {
		t.Fatal(err)
	}
}

func FuzzPDF(f *testing.F) {
	xml := issued(f, nil)
	good := paperOf(f, xml, wordsOf(f, xml), nil)
	f.Add(good)
	f.Add(padestest.Update(good, 4, "<< >>", "1 0 R"))
	o := withVersion(xml)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if report := verify.PDF(raw, o); report.Valid && string(raw) != string(good) {
			t.Errorf("accepted %d bytes", len(raw))
		}
	})
}
