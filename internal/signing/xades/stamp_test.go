package xades

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hocba/internal/signing/demo"
	"hocba/internal/signing/timestamp"
)

// stamper is a time-stamping authority of its own demonstration.
func stamper(tb testing.TB) *timestamp.Authority {
	tb.Helper()
	from := testTime.AddDate(-1, 0, 0)
	ca, err := demo.New(nil, from)
	if err != nil {
		tb.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	c, err := ca.IssueTimeStamper(key.Public(), from, from.AddDate(5, 0, 0))
	if err != nil {
		tb.Fatal(err)
	}
	return &timestamp.Authority{Certificate: c, Key: key, Now: func() time.Time { return testTime }}
}

// alone returns the bytes of the signature id of a document as they stand in it.
func alone(raw, id string) string {
	start := strings.Index(raw, `<ds:Signature xmlns:ds="`+DSig+`" Id="`+id+`">`)
	end := start + strings.Index(raw[start:], "</ds:Signature>") + len("</ds:Signature>")
	return raw[start:end]
}

// stamped puts a time-stamp into each named signature of a document.
func stamped(tb testing.TB, raw string, ids ...string) string {
	tb.Helper()
	tsa := stamper(tb)
	for _, id := range ids {
		plain := alone(raw, id)
		imprint, err := StampImprint([]byte(plain))
		if err != nil {
			tb.Fatal(err)
		}
		token, err := tsa.Stamp(imprint)
		if err != nil {
			tb.Fatal(err)
		}
		with, err := WithStamp([]byte(plain), token)
		if err != nil {
			tb.Fatal(err)
		}
		raw = strings.Replace(raw, plain, string(with), 1)
	}
	return raw
}

func TestWithStamp_KeepsEverySignatureValidForUsAndXMLSec(t *testing.T) {
	raw := signed(t, []identity{withP256(t), withRSA(t), withP256(t)}, [][]string{{"part-a"}, {"year"}, {"data", "ky-1-gt", "ky-2-gt"}})
	raw = stamped(t, raw, "ky-1", "ky-2", "ky-3")
	file := filepath.Join(t.TempDir(), "stamped.xml")
	if err := os.WriteFile(file, []byte(raw), 0o600); err != nil {
		t.Fatal(err)
	}
	doc := mustParse(t, raw)
	for _, id := range []string{"ky-1", "ky-2", "ky-3"} {
		v, err := Verify(doc, doc.ByID(id))
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		token, err := timestamp.Parse(v.Stamp)
		if err != nil || token.Imprint != v.StampImprint || !token.Time.Equal(testTime) {
			t.Errorf("%s: token %+v: %v", id, token, err)
		}
		if out, err := xmlsec(t, file, id); err != nil {
			t.Errorf("%s: %v\n%s", id, err, out)
		}
		whole, err := Canonical(doc.ByID(id))
		if err != nil || string(whole) != alone(raw, id) {
			t.Errorf("%s: the bytes are not canonical: %v", id, err)
		}
	}
}

func TestWithStamp_RefusesWhatIsNotForThisSignature(t *testing.T) {
	raw := signed(t, []identity{withP256(t), withP256(t)}, [][]string{{"part-a"}, {"part-b"}})
	first, second := []byte(alone(raw, "ky-1")), []byte(alone(raw, "ky-2"))
	imprint, err := StampImprint(first)
	if err != nil {
		t.Fatal(err)
	}
	token, err := stamper(t).Stamp(imprint)
	if err != nil {
		t.Fatal(err)
	}
	_, err = WithStamp(second, token)
	wantFault(t, err, "stamp.imprint", "imprint")
	once, err := WithStamp(first, token)
	if err != nil || !Stamped(once) || Stamped(first) {
		t.Fatal(err)
	}
	_, err = WithStamp(once, token)
	wantFault(t, err, "sig.structure", "")
	_, err = WithStamp(append(bytes.Clone(first), ' '), token)
	wantFault(t, err, "sig.structure", "canonical")
	_, err = WithStamp(first, token[:len(token)/2])
	wantFault(t, err, "cms.structure", "")
	if sum := sha256.Sum256(first); sum == imprint {
		t.Error("the imprint must be of the value alone")
	}
}

func TestVerify_RefusesOtherUnsignedProperties(t *testing.T) {
	raw := stamped(t, signed(t, []identity{withP256(t)}, [][]string{{"data"}}), "ky-1")
	for from, to := range map[string]string{
		"<xades:SignatureTimeStamp>":           `<xades:SignatureTimeStamp Id="x">`,
		"<xades:UnsignedProperties>":           `<xades:UnsignedProperties><xades:UnsignedDataObjectProperties></xades:UnsignedDataObjectProperties>`,
		"</xades:SignatureTimeStamp>":          "</xades:SignatureTimeStamp><xades:SignatureTimeStamp></xades:SignatureTimeStamp>",
		"<xades:EncapsulatedTimeStamp>":        `<xades:EncapsulatedTimeStamp Encoding="http://uri.etsi.org/01903/v1.2.2#DER">`,
		"<xades:EncapsulatedTimeStamp>M":       "<xades:EncapsulatedTimeStamp> M",
		"</xades:UnsignedSignatureProperties>": "<xades:ArchiveTimeStamp></xades:ArchiveTimeStamp></xades:UnsignedSignatureProperties>",
	} {
		if !strings.Contains(raw, from) {
			t.Fatalf("%s is not there", from)
		}
		doc := mustParse(t, strings.Replace(raw, from, to, 1))
		if _, err := Verify(doc, doc.ByID("ky-1")); err == nil {
			t.Errorf("accepted with %s", to)
		}
	}
}
