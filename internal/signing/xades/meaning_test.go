package xades

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var testMeaning = Meaning{ID: "urn:oid:2.25.79495688591109037066317009241137834216.1.1",
	Text: `Tôi chịu trách nhiệm về nội dung "này" & mọi điều < > trong đó.`}

func signedWith(t *testing.T, m *Meaning) string {
	t.Helper()
	who := withP256(t)
	raw, err := Sign(Params{ID: "ky-1", References: refs(t, mustParse(t, frameOf(testContent)), "part-a"), Certificate: who.cert,
		Intermediates: []*x509.Certificate{authority().cert}, SigningTime: testTime, Role: "GVBM", Meaning: m}, who.key)
	if err != nil {
		t.Fatal(err)
	}
	return frameOf(testContent, string(raw))
}

func TestVerify_TellsWhatTheSignerRead(t *testing.T) {
	for _, m := range []*Meaning{nil, &testMeaning} {
		doc := mustParse(t, signedWith(t, m))
		v, err := Verify(doc, doc.ByID("ky-1"))
		if err != nil {
			t.Fatal(err)
		}
		if (v.Meaning == nil) != (m == nil) || m != nil && *v.Meaning != *m {
			t.Errorf("read %+v, signed %+v", v.Meaning, m)
		}
	}
}

func TestVerify_RefusesAnotherMeaning(t *testing.T) {
	raw := signedWith(t, &testMeaning)
	indication := raw[strings.Index(raw, "<xades:CommitmentTypeIndication>") : strings.Index(raw, "</xades:CommitmentTypeIndication>")+
		len("</xades:CommitmentTypeIndication>")]
	for name, c := range map[string]struct{ from, to, code, what string }{
		"other words":  {"Tôi chịu", "Tôi không chịu", "sig.digest", "properties"},
		"taken out":    {indication, "", "sig.digest", "properties"},
		"twice":        {indication, indication + indication, "sig.properties", "data_object_format"},
		"of one part":  {"<xades:AllSignedDataObjects></xades:AllSignedDataObjects>", "<xades:ObjectReference>#ky-1-r1</xades:ObjectReference>", "sig.properties", "meaning"},
		"no identity":  {testMeaning.ID, "urn:oid:9", "sig.properties", "meaning"},
		"no qualifier": {` Qualifier="OIDAsURN"`, "", "sig.properties", "meaning"},
	} {
		forged := strings.Replace(raw, c.from, c.to, 1)
		if forged == raw {
			t.Fatalf("%s: nothing changed", name)
		}
		doc := mustParse(t, forged)
		_, err := Verify(doc, doc.ByID("ky-1"))
		wantFault(t, err, c.code, c.what)
	}
}

func TestPrepare_RefusesAMeaningThatIsNoLine(t *testing.T) {
	who := withP256(t)
	for _, m := range []Meaning{{"urn:oid:2.25.1", ""}, {"2.25.1", "Có."}, {"urn:oid:2.25.1", "Hai\ndòng."}, {"urn:oid:2.25.1", " Có."},
		{"urn:oid:2.25.1", "To\u0302i"}} {
		_, err := Prepare(Params{ID: "ky-1", References: []Reference{{URI: "#a"}}, Certificate: who.cert, SigningTime: testTime, Role: "GVBM", Meaning: &m})
		wantFault(t, err, "sig.params", "meaning")
	}
}

func TestSign_WithAMeaningIsAcceptedByXMLSec(t *testing.T) {
	file := filepath.Join(t.TempDir(), "signed.xml")
	if err := os.WriteFile(file, []byte(signedWith(t, &testMeaning)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := xmlsec(t, file, "ky-1"); err != nil || !strings.Contains(out, "SignedInfo References (ok/all): 2/2") {
		t.Errorf("%v\n%s", err, out)
	}
}
