package xades

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"hocba/internal/signing"
)

// replace changes the first occurrence of old after the start of signature 2.
func replace(old, new string) func(*testing.T, string) string {
	return func(t *testing.T, raw string) string {
		t.Helper()
		at := strings.Index(raw, `Id="ky-2">`)
		if at < 0 || !strings.Contains(raw[at:], old) {
			t.Fatalf("nothing to replace: %q", old)
		}
		return raw[:at] + strings.Replace(raw[at:], old, new, 1)
	}
}

// swap replaces what the pattern matches after the start of signature 2.
func swap(pattern, new string) func(*testing.T, string) string {
	return func(t *testing.T, raw string) string {
		t.Helper()
		at := strings.Index(raw, `Id="ky-2">`)
		re := regexp.MustCompile(pattern)
		place := re.FindStringIndex(raw[at:])
		if place == nil {
			t.Fatalf("nothing matches %q", pattern)
		}
		return raw[:at+place[0]] + re.ReplaceAllString(raw[at+place[0]:at+place[1]], new) + raw[at+place[1]:]
	}
}

type refusal struct {
	name       string
	forge      func(*testing.T, string) string
	code, what string
}

const (
	otherDigest = `AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=`
	sha1URI     = "http://www.w3.org/2000/09/xmldsig#sha1"
	extra       = `<ds:Reference URI="#x%d"><ds:Transforms><ds:Transform Algorithm="` + excC14N + `"></ds:Transform></ds:Transforms>` +
		`<ds:DigestMethod Algorithm="` + digestURI + `"></ds:DigestMethod><ds:DigestValue>` + otherDigest + `</ds:DigestValue></ds:Reference>`
)

func manyReferences() string {
	var b strings.Builder
	for i := range MaxReferences {
		fmt.Fprintf(&b, extra, i)
	}
	return b.String()
}

// refusals is every way a signature is refused, each on a document whose
// second signature covers part-b and the value of the first.
var refusals = []refusal{
	{"renamed", swap(`<ds:SignatureValue Id="ky-2-gt">`, `<ds:SignatureValue Id="ky-2-gtx">`), "sig.structure", "signature_value"},
	{"no Id", replace(`Id="ky-2">`, `>`), "sig.structure", "signature"},
	{"second Object", replace(`</ds:Object>`, `</ds:Object><ds:Object></ds:Object>`), "sig.structure", "signature"},
	{"second SignedInfo", replace(`<ds:SignatureValue`, `<ds:SignedInfo></ds:SignedInfo><ds:SignatureValue`), "sig.structure", "signature"},
	{"white space", replace(`<ds:SignedInfo>`, ` <ds:SignedInfo>`), "sig.structure", "signature"},
	{"attribute on SignedInfo", replace(`<ds:SignedInfo>`, `<ds:SignedInfo Id="si">`), "sig.structure", "signed_info"},
	{"no SignatureMethod", swap(`<ds:SignatureMethod.*?</ds:SignatureMethod>`, ``), "sig.structure", "signed_info"},
	{"value in two lines", swap(`(<ds:SignatureValue[^>]*>.{20})`, "$1\n"), "sig.structure", "signature_value"},
	{"value not base64", swap(`(<ds:SignatureValue[^>]*>).`, "$1!"), "sig.structure", "signature_value"},
	{"key value", replace(`<ds:X509Data>`, `<ds:KeyName>x</ds:KeyName><ds:X509Data>`), "sig.structure", "key_info"},
	{"no certificate", swap(`<ds:X509Certificate>.*</ds:X509Certificate>`, ``), "sig.structure", "key_info"},
	{"other X509 data", replace(`<ds:X509Certificate>`, `<ds:X509SKI>AAAA</ds:X509SKI><ds:X509Certificate>`), "sig.structure", "key_info"},
	{"reference with more", replace(`<ds:DigestMethod`, `<ds:X></ds:X><ds:DigestMethod`), "sig.structure", "reference"},
	{"digest of another length", swap(`<ds:DigestValue>[^<]*`, `<ds:DigestValue>AAAA`), "sig.structure", "digest_value"},
	{"digest with spare bits", swap(`(<ds:DigestValue>[^<]*).=<`, `${1}B=<`), "sig.structure", "digest_value"},

	{"inclusive c14n", replace(excC14N, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"), "sig.algorithm", "canonicalization"},
	{"c14n with comments", replace(excC14N, excC14N+"WithComments"), "sig.algorithm", "canonicalization"},
	{"prefix list", replace(`<ds:CanonicalizationMethod Algorithm="`+excC14N+`">`, `<ds:CanonicalizationMethod Algorithm="`+excC14N+`"><ec:InclusiveNamespaces xmlns:ec="`+excC14N+`" PrefixList="x"></ec:InclusiveNamespaces>`), "sig.algorithm", "canonicalization"},
	{"SHA-1 signature", swap(`http://www.w3.org/2001/04/xmldsig-more#\w+-sha256`, DSig+"rsa-sha1"), "sig.algorithm", "signature_method"},
	{"method of another key", swap(`xmldsig-more#\w+-sha256`, "xmldsig-more#hmac-sha256"), "sig.algorithm", "signature_method"},
	{"SHA-1 digest", replace(digestURI, sha1URI), "sig.algorithm", "digest_method"},
	{"SHA-1 of the certificate", swap(`<xades:CertDigest><ds:DigestMethod Algorithm="[^"]*"`, `<xades:CertDigest><ds:DigestMethod Algorithm="`+sha1URI+`"`), "sig.algorithm", "certificate_digest"},
	{"enveloped", replace(`<ds:Transform Algorithm="`+excC14N, `<ds:Transform Algorithm="`+DSig+`enveloped-signature`), "sig.algorithm", "transforms"},
	{"XPath", replace(`<ds:Transform Algorithm`, `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"></ds:Transform><ds:Transform Algorithm`), "sig.algorithm", "transforms"},
	{"no transform", swap(`<ds:Transform Algorithm.*?</ds:Transform>`, ``), "sig.algorithm", "transforms"},
	{"key on P-384", func(t *testing.T, raw string) string {
		key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return swap(`<ds:X509Certificate>[^<]*`, `<ds:X509Certificate>`+encode(certify(t, "P-384", key).cert.Raw))(t, raw)
	}, "sig.algorithm", "key"},

	{"whole document", replace(`URI="#part-b"`, `URI=""`), "sig.reference", "uri"},
	{"outside", replace(`URI="#part-b"`, `URI="http://x.vn/#part-b"`), "sig.reference", "uri"},
	{"XPointer", replace(`URI="#part-b"`, `URI="#xpointer(id('part-b'))"`), "sig.reference", "uri"},
	{"no URI", replace(` URI="#part-b"`, ``), "sig.reference", "uri"},
	{"nobody's Id", replace(`URI="#part-b"`, `URI="#part-c"`), "sig.reference", "unresolved"},
	{"twice", replace(`URI="#part-b"`, `URI="#ky-1-gt"`), "sig.reference", "duplicate"},
	{"too many", replace(`<ds:Reference`, manyReferences()+`<ds:Reference`), "sig.reference", "count"},
	{"own value", replace(`URI="#part-b"`, `URI="#ky-2-gt"`), "sig.reference", "target"},
	{"itself", replace(`URI="#part-b"`, `URI="#ky-2"`), "sig.reference", "target"},
	{"another signature whole", replace(`URI="#part-b"`, `URI="#ky-1"`), "sig.reference", "target"},
	{"another's properties", replace(`URI="#part-b"`, `URI="#ky-1-xades"`), "sig.reference", "target"},
	{"what holds it", func(t *testing.T, raw string) string {
		raw = strings.Replace(raw, `<SIGNATURES>`, `<SIGNATURES Id="all">`, 1)
		return replace(`URI="#part-b"`, `URI="#all"`)(t, raw)
	}, "sig.reference", "target"},
	{"unknown type", replace(` URI="#part-b"`, ` Type="`+DSig+`Manifest" URI="#part-b"`), "sig.reference", "type"},
	{"value as data", replace(` Type="`+Countersigned+`"`, ``), "sig.reference", "type"},
	{"countersigns a part", replace(` URI="#part-b"`, ` Type="`+Countersigned+`" URI="#part-b"`), "sig.reference", "type"},

	{"properties not referenced", replace(propsType, Countersigned), "sig.properties", "reference"},
	{"properties of another", replace(`URI="#ky-2-xades"`, `URI="#ky-1-xades"`), "sig.properties", "reference"},
	{"object of something else", replace(`<ds:Object>`, `<ds:Object MimeType="x">`), "sig.properties", "object"},
	{"unsigned properties", replace(`</xades:SignedProperties>`, `</xades:SignedProperties><xades:UnsignedProperties></xades:UnsignedProperties>`), "sig.properties", "unsigned_properties"},
	{"a second object", replace(`</xades:SignedProperties>`, `</xades:SignedProperties><xades:Other></xades:Other><xades:Other></xades:Other>`), "sig.properties", "qualifying_properties"},
	{"a time-stamp without a token", replace(`</xades:SignedProperties>`, `</xades:SignedProperties><xades:UnsignedProperties><xades:UnsignedSignatureProperties>`+
		`<xades:SignatureTimeStamp></xades:SignatureTimeStamp></xades:UnsignedSignatureProperties></xades:UnsignedProperties>`), "sig.properties", "time_stamp"},
	{"target of another", replace(`Target="#ky-2"`, `Target="#ky-1"`), "sig.properties", "target"},
	{"Id of properties", replace(`SignedProperties Id="ky-2-xades"`, `SignedProperties Id="ky-2-other"`), "sig.properties", "id"},
	{"empty properties", swap(`(<xades:SignedProperties[^>]*>).*(</xades:SignedProperties>)`, `$1$2`), "sig.properties", "signed_properties"},
	{"policy", replace(`<xades:SignerRoleV2>`, `<xades:SignaturePolicyIdentifier></xades:SignaturePolicyIdentifier><xades:SignerRoleV2>`), "sig.properties", "signed_signature_properties"},
	{"local time", swap(`<xades:SigningTime>[^<]*`, `<xades:SigningTime>2026-05-28T14:30:15+07:00`), "sig.properties", "signing_time"},
	{"fraction of a second", swap(`<xades:SigningTime>[^<]*`, `<xades:SigningTime>2026-05-28T07:30:15.5Z`), "sig.properties", "signing_time"},
	{"no such day", swap(`<xades:SigningTime>[^<]*`, `<xades:SigningTime>2026-02-30T07:30:15Z`), "sig.properties", "signing_time"},
	{"two certificates named", swap(`(<xades:Cert>.*</xades:Cert>)`, `$1$1`), "sig.properties", "signing_certificate"},
	{"two roles", swap(`(<xades:ClaimedRole>.*</xades:ClaimedRole>)`, `$1$1`), "sig.properties", "role"},
	{"empty role", swap(`(<xades:ClaimedRole>).*(</xades:ClaimedRole>)`, `$1$2`), "sig.properties", "role"},
	{"format of nothing", replace(`ObjectReference="#ky-2-r1"`, `ObjectReference="#ky-2-r9"`), "sig.properties", "data_object_format"},
	{"other format", replace(mimeType+`</xades:MimeType>`, `text/html</xades:MimeType>`), "sig.properties", "data_object_format"},

	{"not a certificate", swap(`<ds:X509Certificate>[^<]*`, `<ds:X509Certificate>AAAA`), "sig.certificate", "parse"},
	{"certificate twice", swap(`(<ds:X509Certificate>[^<]*</ds:X509Certificate>)`, `$1$1`), "sig.certificate", "duplicate"},
	{"digest of certificate", swap(`(<xades:CertDigest>.*<ds:DigestValue>)[^<]*`, `${1}`+otherDigest), "sig.certificate", "digest"},
	{"serial as text", swap(`<xades:IssuerSerialV2>[^<]*`, `<xades:IssuerSerialV2>CN=x, 17`), "sig.certificate", "issuer_serial"},
	{"serial of another", swap(`(<xades:IssuerSerialV2>.*)[A-Za-z0-9+/]{4}(=*</xades:IssuerSerialV2>)`, `${1}AAAA$2`), "sig.certificate", "issuer_serial"},

	{"changed mark", func(t *testing.T, raw string) string { return strings.Replace(raw, "<MUC>H", "<MUC>T", 1) }, "sig.digest", "content"},
	{"one space", func(t *testing.T, raw string) string { return strings.Replace(raw, "Hát hay", "Hát  hay", 1) }, "sig.digest", "content"},
	{"decomposed letters", func(t *testing.T, raw string) string { return strings.Replace(raw, "Hát", "Ha\u0301t", 1) }, "sig.digest", "content"},
	{"Id moved to another part", func(t *testing.T, raw string) string {
		raw = strings.Replace(raw, `Id="part-a"`, `Id="part-z"`, 1)
		raw = strings.Replace(raw, `Id="part-b"`, `Id="part-a"`, 1)
		return strings.Replace(raw, `Id="part-z"`, `Id="part-b"`, 1)
	}, "sig.digest", "content"},
	{"another namespace", func(t *testing.T, raw string) string { return strings.Replace(raw, "hocba:test:1", "hocba:test:2", 1) }, "sig.digest", "content"},
	{"value of the first changed", func(t *testing.T, raw string) string {
		at := strings.Index(raw, `Id="ky-1-gt">`) + len(`Id="ky-1-gt">`)
		return raw[:at] + strings.Map(func(r rune) rune {
			if r == 'A' {
				return 'B'
			}
			return 'A'
		}, raw[at:at+4]) + raw[at+4:]
	}, "sig.digest", "content"},
	{"changed time", replace("2026-05-28T07", "2026-05-28T08"), "sig.digest", "properties"},
	{"changed role", replace("GVBM", "CBQL"), "sig.digest", "properties"},

	{"changed digest", swap(`<ds:DigestValue>[^<]*`, `<ds:DigestValue>`+otherDigest), "sig.digest", "content"},
	{"reference added", replace(`<ds:Reference Type="`+propsType, `<ds:Reference URI="#year"><ds:Transforms><ds:Transform Algorithm="`+excC14N+`"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="`+digestURI+`"></ds:DigestMethod><ds:DigestValue>YEAR</ds:DigestValue></ds:Reference><ds:Reference Type="`+propsType), "sig.value", "value"},
	{"changed value", swap(`(<ds:SignatureValue[^>]*>)(.{20})....`, `$1${2}AAAA`), "sig.value", "value"},
}

func TestVerify_RefusesByName(t *testing.T) {
	for name, signers := range map[string][]identity{
		"RSA": {withRSA(t), withRSA(t)}, "P-256": {withP256(t), withP256(t)},
	} {
		raw := signed(t, signers, [][]string{{"part-a"}, {"part-b", "ky-1-gt"}})
		original := mustParse(t, raw)
		if _, err := Verify(original, original.ByID("ky-2")); err != nil {
			t.Fatalf("the original is refused: %v", err)
		}
		for _, c := range refusals {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				forged := c.forge(t, raw)
				if forged == raw {
					t.Fatal("nothing was forged")
				}
				if strings.Contains(forged, ">YEAR<") {
					year := refs(t, mustParse(t, raw), "year")[0].Digest
					forged = strings.Replace(forged, ">YEAR<", ">"+encode(year[:])+"<", 1)
				}
				doc := mustParse(t, forged)
				list := doc.Root().FindElements("//Signature")
				_, err := Verify(doc, list[len(list)-1])
				wantFault(t, err, c.code, c.what)
			})
		}
	}
}

// Every refusal written in the verifier must have its test above.
func TestVerify_EveryRefusalIsTested(t *testing.T) {
	tested := map[string]bool{
		// in tests of their own: below, and in prepare_test.go
		"sig.structure foreign": true, "sig.structure canonical": true,
	}
	for _, c := range refusals {
		tested[c.code+" "+c.what] = true
	}
	pattern := regexp.MustCompile(`refuse\("(sig\.\w+)", "(\w+)"`)
	for _, file := range []string{"verify.go", "shape.go", "properties.go"} {
		source, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range pattern.FindAllStringSubmatch(string(source), -1) {
			if !tested[m[1]+" "+m[2]] {
				t.Errorf("%s: no test for %s %s", file, m[1], m[2])
			}
		}
	}
}

func TestVerify_RefusesWhatIsNotInTheDocument(t *testing.T) {
	raw := signed(t, []identity{withP256(t)}, [][]string{{"part-a"}})
	doc, other := mustParse(t, raw), mustParse(t, raw)
	for _, el := range []*etree.Element{nil, other.ByID("ky-1"), doc.ByID("ky-1").Copy()} {
		_, err := Verify(doc, el)
		wantFault(t, err, "sig.structure", "foreign")
	}
	_, err := Verify(nil, doc.ByID("ky-1"))
	wantFault(t, err, "sig.structure", "foreign")
	_, err = Verify(doc, doc.ByID("part-a"))
	wantFault(t, err, "sig.structure", "signature")
}

func TestVerify_SaysWhatIsCovered(t *testing.T) {
	who := withRSA(t)
	raw := signed(t, []identity{withP256(t), who}, [][]string{{"part-b"}, {"data", "ky-1-gt"}})
	doc := mustParse(t, raw)
	v, err := Verify(doc, doc.ByID("ky-2"))
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Covered) != 2 || v.Covered[0] != doc.ByID("data") || v.Covered[1] != doc.ByID("ky-1-gt") {
		t.Errorf("covered %v", v.Covered)
	}
	if v.ID != "ky-2" || v.Role != "GVBM & tổ trưởng" || !v.SigningTime.Equal(testTime) || !v.Leaf.Equal(who.cert) ||
		len(v.Intermediates) != 1 || v.SignatureValue != doc.ByID("ky-2-gt") || v.References[1].Type != Countersigned {
		t.Errorf("%+v", v)
	}
}

// Signature wrapping: the signed part is moved aside and a forged one stands in
// its place. The signature still verifies; that what it covers is not what
// stands in the place is what the caller sees by the pointer.
func TestVerify_WrappingIsSeenByThePointer(t *testing.T) {
	raw := signed(t, []identity{withP256(t)}, [][]string{{"part-b"}})
	at := strings.Index(raw, `<PART Id="part-b"`)
	end := at + strings.Index(raw[at:], `</PART>`) + len(`</PART>`)
	original := raw[at:end]
	forgedPart := strings.Replace(strings.Replace(original, ` Id="part-b"`, "", 1), "<MUC>H", "<MUC>T", 1)
	forged := strings.Replace(raw, original, forgedPart, 1)
	forged = strings.Replace(forged, `<SIGNATURES>`, `<HIDE>`+original+`</HIDE><SIGNATURES>`, 1)
	doc := mustParse(t, forged)
	v, err := Verify(doc, doc.ByID("ky-1"))
	if err != nil {
		t.Fatal(err)
	}
	read := doc.Root().FindElement("./DATA/YEAR/PART[@MON='AM_NHAC']")
	if read == nil || v.Covered[0] == read {
		t.Fatal("the forged part passes for the signed one")
	}
	doubled := strings.Replace(forged, forgedPart, strings.Replace(forgedPart, "<PART", `<PART Id="part-b"`, 1), 1)
	_, err = Parse([]byte(doubled))
	wantFault(t, err, "xml.id_duplicate", "")
}

// A signature of other software that uses other prefixes and leaves out what
// may be left out is taken all the same: names count by their namespace.
func TestVerify_DoesNotDependOnPrefixes(t *testing.T) {
	who := withP256(t)
	raw := signed(t, []identity{who}, [][]string{{"part-b"}})
	raw = strings.NewReplacer("<ds:", "<x:", "</ds:", "</x:", "xmlns:ds=", "xmlns:x=", ` Id="ky-1-r1"`, "").Replace(raw)
	raw = regexp.MustCompile(`<xades:SignedDataObjectProperties>.*</xades:SignedDataObjectProperties>`).ReplaceAllString(raw, "")
	properties := refs(t, mustParse(t, raw), "ky-1-xades")[0].Digest
	raw = regexp.MustCompile(`(Type="[^"]*SignedProperties".*?<x:DigestValue>)[^<]*`).ReplaceAllString(raw, "${1}"+encode(properties[:]))
	info, err := Canonical(mustParse(t, raw).ByID("ky-1").ChildElements()[0])
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(info)
	der, err := who.key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	value, err := signing.ECDSASHA256.Normalise(who.key.Public(), digest, der)
	if err != nil {
		t.Fatal(err)
	}
	raw = regexp.MustCompile(`(Id="ky-1-gt">)[^<]*`).ReplaceAllString(raw, "${1}"+encode(value))
	doc := mustParse(t, raw)
	v, err := Verify(doc, doc.ByID("ky-1"))
	if err != nil || v.Covered[0] != doc.ByID("part-b") {
		t.Fatal(err)
	}
}

// FuzzVerify: whatever is done to a signed document, a signature that still
// verifies covers exactly the bytes that were signed.
func FuzzVerify(f *testing.F) {
	raw := signed(f, []identity{withP256(f), withP256(f)}, [][]string{{"part-a"}, {"part-b", "ky-1-gt"}})
	original := mustParse(f, raw)
	var want [][]byte
	for _, id := range []string{"part-b", "ky-1-gt"} {
		canonical, err := Canonical(original.ByID(id))
		if err != nil {
			f.Fatal(err)
		}
		want = append(want, canonical)
	}
	f.Add(uint16(200), uint16(1), []byte("x"))
	f.Add(uint16(700), uint16(0), []byte(`<PART Id="part-b"></PART>`))
	f.Add(uint16(0), uint16(38), []byte(" "))
	f.Fuzz(func(t *testing.T, at, cut uint16, put []byte) {
		from := min(int(at), len(raw))
		to := min(from+int(cut), len(raw))
		doc, err := Parse([]byte(raw[:from] + string(put) + raw[to:]))
		if err != nil {
			return
		}
		v, err := Verify(doc, doc.ByID("ky-2"))
		if err != nil {
			return
		}
		for i, el := range v.Covered {
			if canonical, err := Canonical(el); err != nil || string(canonical) != string(want[i]) {
				t.Fatalf("%v: %q passes for %q", err, canonical, want[i])
			}
		}
	})
}
