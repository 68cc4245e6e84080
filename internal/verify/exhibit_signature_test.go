package verify_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/md5" // in files that must be refused for it
	"crypto/rand"
	"crypto/sha1" // likewise
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/signing/xades"
)

const (
	sealID        = bundle.SealSignatureID
	exclusive     = "http://www.w3.org/2001/10/xml-exc-c14n#"
	inclusive     = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
	sha256Digest  = "http://www.w3.org/2001/04/xmlenc#sha256"
	ecdsaSHA256   = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
	excTransform  = `<ds:Transform Algorithm="` + exclusive + `"></ds:Transform>`
	excMethod     = `<ds:CanonicalizationMethod Algorithm="` + exclusive + `"></ds:CanonicalizationMethod>`
	signedInfoTag = `<ds:SignedInfo xmlns:ds="` + xades.DSig + `">`
)

// reseal is a way to make the school's seal anew after something in it was
// changed, so that whoever does not look for just that takes it: the seal is
// the one signature that nobody countersigns. Digest of the properties and
// value are computed last.
type reseal struct {
	change func(signature string) string // of the whole ds:Signature
	info   func(canonical string) string // what is signed instead of the canonical SignedInfo
	sign   func(info []byte) []byte      // nil: by the school's key with SHA-256
	keep   bool                          // the old value stays
}

func (r reseal) file(t testing.TB, good []byte) []byte {
	t.Helper()
	start := bytes.LastIndex(good, []byte("<ds:Signature "))
	end := start + bytes.Index(good[start:], []byte("</ds:Signature>")) + len("</ds:Signature>")
	signature := string(good[start:end])
	if r.change != nil {
		if signature = r.change(signature); signature == string(good[start:end]) {
			t.Fatal("nothing was changed")
		}
	}
	whole := func() []byte { return []byte(string(good[:start]) + signature + string(good[end:])) }
	if strings.Contains(signature, "<xades:SignedProperties ") {
		properties := digestOf(t, whole(), sealID+"-xades", crypto.SHA256)
		signature = regexp.MustCompile(`(URI="#`+sealID+`-xades".*?<ds:DigestValue>)[^<]*`).ReplaceAllString(signature, "${1}"+properties)
	}
	doc := must(xades.Parse(whole()))(t)
	info := string(must(xades.Canonical(doc.ByID(sealID).ChildElements()[0]))(t))
	if r.info != nil {
		info = r.info(info)
	}
	if r.sign == nil {
		r.sign = func(info []byte) []byte { return schoolValue(t, crypto.SHA256, info) }
	}
	if !r.keep {
		value := base64.StdEncoding.EncodeToString(r.sign([]byte(info)))
		signature = regexp.MustCompile(`(<ds:SignatureValue Id="`+sealID+`-gt">)[^<]*`).ReplaceAllString(signature, "${1}"+value)
	}
	return whole()
}

// digestOf is the digest of an element of a file, in base64.
func digestOf(t testing.TB, raw []byte, id string, hash crypto.Hash) string {
	t.Helper()
	h := hash.New()
	h.Write(must(xades.Canonical(must(xades.Parse(raw))(t).ByID(id)))(t))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// schoolValue signs with the school's key as XML-DSig writes it.
func schoolValue(t testing.TB, hash crypto.Hash, info []byte) []byte {
	t.Helper()
	c, _ := stage()
	h := hash.New()
	h.Write(info)
	r, s, err := ecdsa.Sign(rand.Reader, c.Members[bundletest.School].Key.(*ecdsa.PrivateKey), h.Sum(nil))
	if err != nil {
		t.Fatal(err)
	}
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
}

// swapped replaces the first place of a signature.
func swap(from, to string) func(string) string {
	return func(s string) string { return strings.Replace(s, from, to, 1) }
}

func both(list ...func(string) string) func(string) string {
	return func(s string) string {
		for _, f := range list {
			s = f(s)
		}
		return s
	}
}

func match(pattern, to string) func(string) string {
	return func(s string) string { return regexp.MustCompile(pattern).ReplaceAllString(s, to) }
}

// reference is one more ds:Reference before the others.
func reference(attributes, transforms, method, digest string) func(string) string {
	return swap("<ds:Reference ", `<ds:Reference `+attributes+`><ds:Transforms>`+transforms+`</ds:Transforms><ds:DigestMethod Algorithm="`+method+
		`"></ds:DigestMethod><ds:DigestValue>`+digest+`</ds:DigestValue></ds:Reference><ds:Reference `)
}

// dataDigest writes the digest of #data with another method.
func dataDigest(t testing.TB, good []byte, hash crypto.Hash, method string) func(string) string {
	return match(`(URI="#data"><ds:Transforms>.*?</ds:Transforms><ds:DigestMethod Algorithm=")[^"]*("></ds:DigestMethod><ds:DigestValue>)[^<]*`,
		"${1}"+method+"${2}"+digestOf(t, good, "data", hash))
}

// carrying puts a certificate into the seal in the place of its own: into
// KeyInfo, and into the signed properties by hash and by issuer and serial.
func carrying(t testing.TB, certificate *x509.Certificate) func(string) string {
	sum := sha256.Sum256(certificate.Raw)
	return both(onlyKeyInfo(certificate),
		match(`(<xades:CertDigest>.*?<ds:DigestValue>)[^<]*`, "${1}"+base64.StdEncoding.EncodeToString(sum[:])),
		match(`(<xades:IssuerSerialV2>)[^<]*`, "${1}"+issuerSerial(t, certificate)))
}

// onlyKeyInfo puts it into KeyInfo alone.
func onlyKeyInfo(certificate *x509.Certificate) func(string) string {
	place := regexp.MustCompile(`<ds:X509Certificate>[^<]*`)
	return func(s string) string {
		at := place.FindStringIndex(s)
		return s[:at[0]] + `<ds:X509Certificate>` + base64.StdEncoding.EncodeToString(certificate.Raw) + s[at[1]:]
	}
}

// issuerSerial is IssuerSerialV2 in base64.
func issuerSerial(t testing.TB, c *x509.Certificate) string {
	name := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: c.RawIssuer}
	der := must(asn1.Marshal(struct {
		Issuer []asn1.RawValue
		Serial *big.Int
	}{[]asn1.RawValue{name}, c.SerialNumber}))(t)
	return base64.StdEncoding.EncodeToString(der)
}

// certified makes a certificate as the issuing authority would, but for any key
// and serial number; a nil authority is a rogue one of the same name.
func certified(t testing.TB, like *x509.Certificate, public crypto.PublicKey, ours bool) *x509.Certificate {
	t.Helper()
	c, _ := stage()
	issuing := c.CA.Issuing()
	var key crypto.Signer = authorityKey(t)
	if !ours {
		rogue := p256(t)
		template := *issuing
		template.PublicKey, template.SignatureAlgorithm = nil, 0
		key, issuing = rogue, must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, &template, &template, rogue.Public(), rogue))(t)))(t)
	}
	template := &x509.Certificate{SerialNumber: like.SerialNumber, NotBefore: like.NotBefore, NotAfter: like.NotAfter, KeyUsage: like.KeyUsage,
		Policies: like.Policies, BasicConstraintsValid: true, Subject: pkix.Name{ExtraNames: like.Subject.Names}}
	return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, template, issuing, public, key))(t)))(t)
}

func authorityKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	c, _ := stage()
	rest := must(c.CA.MarshalPEM())(t)
	for {
		block, after := pem.Decode(rest)
		if block == nil {
			t.Fatal("the authority has no key")
		}
		if block.Type == "PRIVATE KEY" {
			return must(x509.ParsePKCS8PrivateKey(block.Bytes))(t).(*ecdsa.PrivateKey)
		}
		rest = after
	}
}

// weakRSA is a key of 1024 bits, which no library makes or uses any more.
type weakRSA struct{ n, d *big.Int }

func newWeakRSA(t testing.TB) weakRSA {
	t.Helper()
	one, e := big.NewInt(1), big.NewInt(65537)
	for {
		p, q := must(rand.Prime(rand.Reader, 512))(t), must(rand.Prime(rand.Reader, 512))(t)
		n := new(big.Int).Mul(p, q)
		d := new(big.Int).ModInverse(e, new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)))
		if d != nil && n.BitLen() == 1024 {
			return weakRSA{n, d}
		}
	}
}

// sign is PKCS #1 v1.5 with SHA-256.
func (k weakRSA) sign(info []byte) []byte {
	sum := sha256.Sum256(info)
	prefix := []byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}
	tail := append(append([]byte{0}, prefix...), sum[:]...)
	em := append([]byte{0, 1}, bytes.Repeat([]byte{0xFF}, 128-2-len(tail))...)
	m := new(big.Int).SetBytes(append(em, tail...))
	return m.Exp(m, k.d, k.n).FillBytes(make([]byte, 128))
}

func hmacOf(key, info []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(info)
	return h.Sum(nil)
}

var _ = []crypto.Hash{crypto.MD5, crypto.SHA1} // registered by the imports
var _, _ = md5.New, sha1.New
