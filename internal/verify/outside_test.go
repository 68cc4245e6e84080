package verify_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/signing"
	"hocba/internal/signing/xades"
	"hocba/internal/transfer"
)

// program returns the path of an outside program; without it the test fails
// where everything must run, and is skipped on a laptop.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed", name)
		}
		t.Skipf("%s is not installed", name)
	}
	return path
}

func write(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// xmlsec verifies one signature of a file with xmlsec1, which shares no code
// with us, and returns its output.
func xmlsec(t *testing.T, file, id string) (string, error) {
	t.Helper()
	c, _ := stage()
	return xmlsecTrusting(t, c.CA.RootPEM(), file, id)
}

func xmlsecTrusting(t *testing.T, pem []byte, file, id string) (string, error) {
	t.Helper()
	root := write(t, t.TempDir(), "root.pem", pem)
	args := []string{"--verify", "--trusted-pem", root, "--enabled-reference-uris", "same-doc",
		"--verification-time", bundletest.At.Format("2006-01-02 15:04:05"), "--node-id", id}
	for _, element := range []string{xades.DSig + ":Signature", xades.DSig + ":SignatureValue", xades.XAdES + ":SignedProperties"} {
		args = append(args, "--id-attr:Id", element)
	}
	for _, element := range []string{"DU_LIEU_HOC_BA", "THONG_TIN_HOC_BA", "DIEM_TONG_KET", "THONG_TIN_PHAT_HANH", "NOI_DUNG_PHIEU"} {
		args = append(args, "--id-attr:Id", bundle.Namespace+":"+element)
	}
	out, err := exec.Command(program(t, "xmlsec1"), append(args, file)...).CombinedOutput()
	return string(out), err
}

func TestOutside_XMLSecAcceptsEverySignature(t *testing.T) {
	program(t, "xmlsec1")
	c, _ := stage()
	dir := t.TempDir()
	record := write(t, dir, "record.xml", issued(t, nil))
	stamped := write(t, dir, "stamped.xml", planned(t, stampedAll()))
	statement := write(t, dir, "nop.xml", must(c.SignStatement(bundletest.Statement(bundle.Submission), bundletest.Plan{}))(t))
	receipt := write(t, dir, "receipt.xml", must(c.SignReceipt(bundletest.Receipt(bundle.ReceiptOfRecord), bundletest.Plan{}))(t))
	manifest := write(t, dir, "danh-muc.xml", must(transfer.Read(goodTransfer(t)))(t)[0].Content)
	for _, s := range []struct{ file, id, references string }{
		{record, "ky-gvbm-1", "10/10"}, {record, "ky-gvbm-3", "2/2"}, {record, "ky-gvbm-11", "3/3"},
		{record, "ky-gvcn", "2/2"}, {record, "ky-cbql", "6/6"}, {record, "ky-phathanh", "8/8"},
		{stamped, "ky-gvbm-1", "10/10"}, {stamped, "ky-cbql", "6/6"}, {stamped, "ky-phathanh", "8/8"},
		{statement, "ky-phathanh", "2/2"}, {receipt, "ky-biennhan", "2/2"},
		{manifest, "ky-biennhan", "2/2"},
	} {
		out, err := xmlsec(t, s.file, s.id)
		if err != nil || !strings.Contains(out, "SignedInfo References (ok/all): "+s.references) {
			t.Errorf("%s %s: %v\n%s", filepath.Base(s.file), s.id, err, out)
		}
	}
}

func TestOutside_XMLSecAgreesWhichSignaturesAChangedMarkBreaks(t *testing.T) {
	program(t, "xmlsec1")
	forged := edit(t, issued(t, nil), "<DIEM_KTDK>8</DIEM_KTDK>", "<DIEM_KTDK>9</DIEM_KTDK>")
	file := write(t, t.TempDir(), "forged.xml", forged)
	for id, valid := range map[string]bool{
		"ky-gvbm-1": true, "ky-gvbm-3": false, "ky-gvbm-11": true, "ky-gvcn": false, "ky-cbql": false, "ky-phathanh": false,
	} {
		if _, err := xmlsec(t, file, id); (err == nil) != valid {
			t.Errorf("%s: xmlsec1 says %v", id, err)
		}
	}
}

func TestOutside_XMLLintAcceptsSignedFiles(t *testing.T) {
	lint := program(t, "xmllint")
	c, _ := stage()
	dir := t.TempDir()
	args := []string{"--noout", "--nonet", "--schema", write(t, dir, bundle.SchemaName, bundle.Schema), write(t, dir, "record.xml", issued(t, nil)),
		write(t, dir, "stamped.xml", planned(t, stampedAll()))}
	for _, k := range []bundle.StatementKind{bundle.Submission, bundle.Recall, bundle.Closing, bundle.Request} {
		args = append(args, write(t, dir, string(k)+".xml", must(c.SignStatement(bundletest.Statement(k), bundletest.Plan{}))(t)))
	}
	args = append(args, write(t, dir, "receipt.xml", must(c.SignReceipt(bundletest.Receipt(bundle.ReceiptOfSubmission), bundletest.Plan{}))(t)))
	out, err := exec.Command(lint, args...).CombinedOutput()
	if err != nil || bytes.Count(out, []byte(" validates")) != len(args)-4 {
		t.Errorf("%v\n%s", err, out)
	}
}

// Everything in a transfer file that is not ours alone to read: evidence and
// time-stamps for openssl, the manifest for xmllint, the archive for unzip.
func TestOutside_OthersReadATransferFile(t *testing.T) {
	openssl, lint := program(t, "openssl"), program(t, "xmllint")
	c, _ := stage()
	dir := t.TempDir()
	raw := goodTransfer(t)
	root := write(t, dir, "root.pem", c.CA.RootPEM())
	run := func(name string, args ...string) {
		t.Helper()
		if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
			t.Errorf("%s %v: %v\n%s", filepath.Base(name), args[:2], err, out)
		}
	}
	for _, f := range must(transfer.Read(raw))(t) {
		switch path := write(t, dir, strings.ReplaceAll(f.Name, "/", "-"), f.Content); {
		case strings.HasSuffix(f.Name, ".xml"):
			run(lint, "--noout", "--nonet", "--schema", write(t, dir, bundle.SchemaName, bundle.Schema), path)
		case strings.HasSuffix(f.Name, ".tst"):
			run(openssl, "ts", "-verify", "-data", strings.TrimSuffix(path, ".tst")+".json", "-token_in", "-in", path, "-CAfile", root, "-untrusted",
				write(t, dir, "untrusted.pem", signing.EncodePEM(c.Stamper.Certificate.Leaf(), c.CA.Issuing())))
		case strings.HasSuffix(f.Name, ".der"):
			run(openssl, "x509", "-inform", "DER", "-in", path, "-noout")
		}
	}
	if unzip, err := exec.LookPath("unzip"); err == nil {
		run(unzip, "-t", write(t, dir, "ho-so.zip", raw))
	}
}
