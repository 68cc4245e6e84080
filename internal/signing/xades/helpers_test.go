package xades

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"hocba/internal/fault"
)

var testTime = time.Date(2026, 5, 28, 7, 30, 15, 0, time.UTC)

// identity is a key and a certificate of the test authority.
type identity struct {
	key  crypto.Signer
	cert *x509.Certificate
}

// authority is one root for all tests of the package; its keys are random.
var authority = sync.OnceValue(func() identity {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Gốc thử"},
		NotBefore: testTime.AddDate(-1, 0, 0), NotAfter: testTime.AddDate(9, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return identity{key, cert}
})

func certify(tb testing.TB, name string, key crypto.Signer) identity {
	tb.Helper()
	root := authority()
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name, Organization: []string{"Trường Tiểu học Đông Ngạc"}},
		NotBefore: testTime.AddDate(-1, 0, 0), NotAfter: testTime.AddDate(2, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, root.cert, key.Public(), root.key)
	if err != nil {
		tb.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return identity{key, cert}
}

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func withRSA(tb testing.TB) identity { return certify(tb, "Nguyễn Thị Ánh", rsaKey()) }

func withP256(tb testing.TB) identity {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return certify(tb, "Trần Văn Dũng", key)
}

// testContent is a small document of the shape of a record: data with parts
// inside, signatures beside.
const testContent = `<DATA Id="data"><YEAR Id="year" NAM="2025-2026">` +
	`<PART Id="part-a" MON="TOAN"><MUC>T</MUC><NHAN_XET>Em học tốt &amp; chăm, 9 &lt; 10 &gt; 8 "ổn"</NHAN_XET></PART>` +
	`<PART Id="part-b" MON="AM_NHAC"><MUC>H</MUC><NHAN_XET>Hát hay` + "\n" + `múa đẹp</NHAN_XET></PART></YEAR></DATA>`

func frameOf(content string, signatures ...string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<ROOT xmlns="urn:hocba:test:1">` + content +
		`<SIGNATURES>` + strings.Join(signatures, "") + `</SIGNATURES></ROOT>`
}

func mustParse(tb testing.TB, raw string) *Document {
	tb.Helper()
	doc, err := Parse([]byte(raw))
	if err != nil {
		tb.Fatalf("parse: %v\n%s", err, raw)
	}
	return doc
}

// refs makes the references to ids, as they stand in doc.
func refs(tb testing.TB, doc *Document, ids ...string) []Reference {
	tb.Helper()
	var out []Reference
	for _, id := range ids {
		el := doc.ByID(id)
		if el == nil {
			tb.Fatalf("no element %q", id)
		}
		canonical, err := Canonical(el)
		if err != nil {
			tb.Fatal(err)
		}
		r := Reference{URI: "#" + id, Digest: sha256.Sum256(canonical)}
		if strings.HasSuffix(id, valueSuffix) {
			r.Type = Countersigned
		}
		out = append(out, r)
	}
	return out
}

// signed returns a document with one signature after another: by[i] covers
// the ids cover[i] and every earlier signature value named there.
func signed(tb testing.TB, signers []identity, cover [][]string) string {
	tb.Helper()
	var signatures []string
	for i, who := range signers {
		doc := mustParse(tb, frameOf(testContent, signatures...))
		raw, err := Sign(Params{
			ID: fmt.Sprintf("ky-%d", i+1), References: refs(tb, doc, cover[i]...),
			Certificate: who.cert, Intermediates: []*x509.Certificate{authority().cert},
			SigningTime: testTime, Role: "GVBM & tổ trưởng",
		}, who.key)
		if err != nil {
			tb.Fatalf("sign %d: %v", i+1, err)
		}
		signatures = append(signatures, string(raw))
	}
	return frameOf(testContent, signatures...)
}

func wantFault(t *testing.T, err error, code, what string) {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Code != code || what != "" && f.Args["what"] != what {
		t.Fatalf("got %v %v, want %s %s", err, argsOf(f), code, what)
	}
}

func argsOf(f *fault.Error) map[string]string {
	if f == nil {
		return nil
	}
	return f.Args
}
