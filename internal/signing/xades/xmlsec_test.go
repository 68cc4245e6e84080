package xades

import (
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tool returns the path of an outside program; without it the test fails
// where everything must run, and is skipped on a laptop.
func tool(tb testing.TB, name string) string {
	tb.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			tb.Fatalf("%s is not installed", name)
		}
		tb.Skipf("%s is not installed", name)
	}
	return path
}

// xmlsec verifies the signature id of file with xmlsec1, which shares no code
// with us, and returns its output.
func xmlsec(t *testing.T, file, id string) (string, error) {
	t.Helper()
	root := filepath.Join(t.TempDir(), "root.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority().cert.Raw})
	if err := os.WriteFile(root, block, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--verify", "--trusted-pem", root, "--enabled-reference-uris", "same-doc",
		"--verification-time", testTime.Format("2006-01-02 15:04:05"), "--node-id", id}
	for _, element := range []string{DSig + ":Signature", DSig + ":SignatureValue", XAdES + ":SignedProperties",
		"urn:hocba:test:1:DATA", "urn:hocba:test:1:YEAR", "urn:hocba:test:1:PART"} {
		args = append(args, "--id-attr:Id", element)
	}
	out, err := exec.Command(tool(t, "xmlsec1"), append(args, file)...).CombinedOutput()
	return string(out), err
}

func TestSign_IsAcceptedByXMLSec(t *testing.T) {
	raw := signed(t, []identity{withP256(t), withRSA(t), withP256(t), withRSA(t)}, [][]string{
		{"part-a"}, {"part-b"}, {"year"}, {"data", "ky-1-gt", "ky-2-gt", "ky-3-gt"},
	})
	file := filepath.Join(t.TempDir(), "signed.xml")
	if err := os.WriteFile(file, []byte(raw), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ id, counts string }{
		{"ky-1", "2/2"}, {"ky-2", "2/2"}, {"ky-3", "2/2"}, {"ky-4", "5/5"},
	} {
		out, err := xmlsec(t, file, c.id)
		if err != nil || !strings.Contains(out, "SignedInfo References (ok/all): "+c.counts) {
			t.Errorf("%s: %v\n%s", c.id, err, out)
		}
	}
	doc := mustParse(t, raw)
	for _, id := range []string{"ky-1", "ky-2", "ky-3", "ky-4"} {
		if _, err := Verify(doc, doc.ByID(id)); err != nil {
			t.Errorf("our own verdict on %s: %v", id, err)
		}
	}
}

// A changed mark must fail for us and for xmlsec1 on the same signatures.
func TestVerify_AgreesWithXMLSecOnAChangedMark(t *testing.T) {
	raw := signed(t, []identity{withP256(t), withRSA(t), withP256(t)}, [][]string{
		{"part-a"}, {"part-b"}, {"data", "ky-1-gt", "ky-2-gt"},
	})
	forged := strings.Replace(raw, "<MUC>H</MUC>", "<MUC>T</MUC>", 1)
	file := filepath.Join(t.TempDir(), "forged.xml")
	if err := os.WriteFile(file, []byte(forged), 0o600); err != nil {
		t.Fatal(err)
	}
	doc := mustParse(t, forged)
	for id, valid := range map[string]bool{"ky-1": true, "ky-2": false, "ky-3": false} {
		_, ours := Verify(doc, doc.ByID(id))
		_, theirs := xmlsec(t, file, id)
		if (ours == nil) != valid || (theirs == nil) != valid {
			t.Errorf("%s: ours %v, xmlsec1 %v, want valid %v", id, ours, theirs, valid)
		}
		if !valid {
			wantFault(t, ours, "sig.digest", "content")
		}
	}
}
