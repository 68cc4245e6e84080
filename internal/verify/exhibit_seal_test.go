package verify_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/verify"
	"hocba/internal/verify/verifytest"
)

// sealedOtherwise are records whose seal was made anew with something that must
// not be: the value is over the bytes as they are. want is everything the
// report must hold against it. Of lenient ones xmlsec1 takes the seal.
func sealedOtherwise(t testing.TB, good []byte) []exhibit {
	t.Helper()
	var out []exhibit
	add := func(description, want string, r reseal) *exhibit {
		x := newExhibit("record", description, r.file(t, good))
		x.want = "signature " + sealID + " " + want
		out = append(out, x)
		return &out[len(out)-1]
	}
	lenient := func(description, want string, r reseal) { add(description, want, r).Lenient = true }
	weakAlgorithms(t, good, lenient, add)
	otherCanonicalisations(lenient, add)
	otherReferences(t, good, lenient, add)
	otherCertificates(t, add)
	otherValues(t, add)
	return out
}

type adding func(description, want string, r reseal)

type addingOne func(description, want string, r reseal) *exhibit

func weakAlgorithms(t testing.TB, good []byte, lenient adding, add addingOne) {
	const more = "http://www.w3.org/2001/04/xmldsig-more#"
	lenient("a seal signed with SHA-1", "sig.algorithm what=signature_method", reseal{change: swap(ecdsaSHA256, more+"ecdsa-sha1"),
		sign: func(info []byte) []byte { return schoolValue(t, crypto.SHA1, info) }})
	lenient("a seal over a digest of SHA-1", "sig.algorithm what=digest_method",
		reseal{change: dataDigest(t, good, crypto.SHA1, "http://www.w3.org/2000/09/xmldsig#sha1")})
	add("a seal over a digest of MD5", "sig.algorithm what=digest_method", reseal{change: dataDigest(t, good, crypto.MD5, more+"md5")})
	weak := newWeakRSA(t)
	c, _ := stage()
	like := c.Members[bundletest.School].Certificate.Leaf()
	add("a seal of an RSA key of 1024 bits", "sig.algorithm what=key", reseal{sign: weak.sign,
		change: both(carrying(t, certified(t, like, &rsa.PublicKey{N: weak.n, E: 65537}, true)), swap(ecdsaSHA256, more+"rsa-sha256"))})
	public := must(x509.MarshalPKIXPublicKey(like.PublicKey))(t)
	add("a seal by HMAC, its key the public key", "sig.algorithm what=signature_method", reseal{change: swap(ecdsaSHA256, more+"hmac-sha256"),
		sign: func(info []byte) []byte { return hmacOf(public, info) }})
	add("a seal by HMAC, its key the certificate", "sig.algorithm what=signature_method", reseal{change: swap(ecdsaSHA256, more+"hmac-sha256"),
		sign: func(info []byte) []byte { return hmacOf(like.Raw, info) }})
}

func otherCanonicalisations(lenient adding, add addingOne) {
	const prefixes = `<ec:InclusiveNamespaces xmlns:ec="` + exclusive + `" PrefixList="ds"></ec:InclusiveNamespaces>`
	full := swap(signedInfoTag, `<ds:SignedInfo xmlns="`+bundle.Namespace+`" xmlns:ds="`+dsigNamespace+`">`)
	lenient("a seal in inclusive canonical form", "sig.algorithm what=canonicalization", reseal{change: swap(exclusive, inclusive), info: full})
	add("a seal in inclusive canonical form that says exclusive", "sig.value what=value", reseal{info: full})
	lenient("a seal in canonical form with comments", "sig.algorithm what=canonicalization", reseal{change: swap(exclusive, exclusive+"WithComments")})
	lenient("a seal with a list of inclusive prefixes", "sig.algorithm what=canonicalization",
		reseal{change: swap(excMethod, strings.Replace(excMethod, "></", ">"+prefixes+"</", 1))})
	lenient("a reference with a list of inclusive prefixes", "sig.algorithm what=transforms",
		reseal{change: swap(excTransform, strings.Replace(excTransform, "></", ">"+prefixes+"</", 1))})
	add("a seal over formatted bytes", "sig.value what=value", reseal{info: swap("><ds:SignatureMethod", ">\n  <ds:SignatureMethod")})
	const xpath = `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>`
	lenient("an XPath transform that takes everything", "sig.algorithm what=transforms",
		reseal{change: swap(excTransform, xpath+`true()</ds:XPath></ds:Transform>`+excTransform)})
	add("an XPath transform that takes the marks out", "sig.algorithm what=transforms",
		reseal{change: swap(excTransform, xpath+`not(ancestor-or-self::*[local-name()='DIEM_KTDK'])</ds:XPath></ds:Transform>`+excTransform)})
	add("an XSLT transform", "sig.algorithm what=transforms", reseal{change: swap(excTransform,
		`<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" `+
			`version="1.0"><xsl:template match="/"><x></x></xsl:template></xsl:stylesheet></ds:Transform>`+excTransform)})
	add("a base64 transform", "sig.algorithm what=transforms",
		reseal{change: swap(excTransform, `<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#base64"></ds:Transform>`)})
	lenient("an enveloped-signature transform", "sig.algorithm what=transforms",
		reseal{change: swap(excTransform, `<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform>`+excTransform)})
}

func otherReferences(t testing.TB, good []byte, lenient adding, add addingOne) {
	nothing := strings.Repeat("A", 43) + "="
	data := digestOf(t, good, "data", crypto.SHA256)
	with := func(attributes string) reseal {
		return reseal{change: reference(attributes, excTransform, sha256Digest, nothing)}
	}
	add("a reference to another host", "sig.reference what=uri", with(`URI="http://example.org/hoc-ba.xml"`))
	add("a reference to a file", "sig.reference what=uri", with(`URI="file:///etc/passwd"`))
	add("a reference to the whole document", "sig.reference what=uri", with(`URI=""`))
	add("a reference without an address", "sig.reference what=uri", with(`Id="x"`))
	add("a reference to nothing", "sig.reference uri=#khong-co what=unresolved", with(`URI="#khong-co"`))
	add("a reference to the seal itself", "sig.reference uri=#ky-phathanh what=target", with(`URI="#ky-phathanh"`))
	add("a reference to a whole signature", "sig.reference uri=#ky-gvcn what=target", with(`URI="#ky-gvcn"`))
	lenient("a reference by XPointer", "sig.reference what=uri", reseal{change: swap(`URI="#data"`, `URI="#xpointer(id('data'))"`)})
	lenient("the same reference twice", "sig.reference what=duplicate", reseal{change: reference(`URI="#data"`, excTransform, sha256Digest, data)})
	add("a reference to a manifest", "sig.reference what=type", with(`Type="http://www.w3.org/2000/09/xmldsig#Manifest" URI="#data"`))
	add("a thousand references", "sig.reference what=count", reseal{change: func(s string) string {
		one := reference(`URI="#data"`, excTransform, sha256Digest, data)
		for range 1000 {
			s = one(s)
		}
		return s
	}})
}

func otherCertificates(t testing.TB, add addingOne) {
	c, _ := stage()
	seal := c.Members[bundletest.School].Certificate.Leaf()
	other := c.Members[bundletest.Department].Certificate.Leaf()
	add("the signed properties name another certificate", "sig.certificate what=digest", reseal{change: both(carrying(t, other), onlyKeyInfo(seal))})
	add("the signed properties name another serial number", "sig.certificate what=issuer_serial",
		reseal{change: match(`(<xades:IssuerSerialV2>)[^<]*`, "${1}"+issuerSerial(t, other))})
	add("the certificate exchanged for one with the same name and serial number", "sig.certificate what=digest",
		reseal{change: onlyKeyInfo(certified(t, seal, seal.PublicKey, true)), keep: true})
	thief := p256(t)
	rogue := certified(t, seal, thief.Public(), false)
	add("another key's certificate with the same name and serial number", "sig.certificate what=digest", reseal{change: onlyKeyInfo(rogue),
		sign: func(info []byte) []byte { return valueOf(t, thief, info) }})
	add("the certificate of another key beside the true value", "sig.value what=value", reseal{change: carrying(t, other), keep: true})
	add("a bare key beside the certificate", "sig.structure what=key_info", reseal{change: swap("<ds:KeyInfo>",
		"<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>")})
	add("a key that lies elsewhere", "sig.structure what=key_info", reseal{change: swap("<ds:KeyInfo>",
		`<ds:KeyInfo><ds:RetrievalMethod URI="http://example.org/key"></ds:RetrievalMethod>`)})
	x := add("a rogue authority of the same name, every name and number the same", "", reseal{change: both(carrying(t, rogue),
		match(`(<ds:X509Certificate>[^<]*</ds:X509Certificate>)<ds:X509Certificate>[^<]*</ds:X509Certificate>`, "${1}")),
		sign: func(info []byte) []byte { return valueOf(t, thief, info) }})
	x.want = "chain " + sealID + " cert.untrusted"
	*x = x.at(verifytest.Intake, verifytest.Refused, "the registry knows beside that the certificate is not the approved one",
		verifytest.Failure{Code: "registry.seal_not_approved", Place: map[string]string{"slot": sealID}},
		verifytest.Failure{Code: "cert.untrusted", Place: map[string]string{"slot": sealID}}).
		at(verifytest.Upload, string(verify.Failed), "the page knows the approvals of its own schools",
			verifytest.Failure{Check: verify.Signer, Slot: sealID, Code: "verify.seal_not_approved"},
			verifytest.Failure{Check: verify.Chain, Slot: sealID, Code: "cert.untrusted"})
}

func otherValues(t testing.TB, add addingOne) {
	value := `(<ds:SignatureValue Id="` + sealID + `-gt">)[^<]*`
	add("a value without length", "sig.structure what=signature_value", reseal{keep: true, change: match(value, "${1}")})
	zero := base64.StdEncoding.EncodeToString(make([]byte, 64))
	add("a value of zeros", "sig.value what=value", reseal{keep: true, change: match(value, "${1}"+zero)})
	add("a value with garbage in its base64", "sig.structure what=signature_value", reseal{keep: true, change: match(`(Id="`+sealID+`-gt">....)`, "${1}!?")})
	add("a value broken into lines", "sig.structure what=signature_value", reseal{keep: true, change: match(`(Id="`+sealID+`-gt">.{40})`, "${1}\n")})
	add("a value without its padding", "sig.structure what=signature_value", reseal{keep: true, change: swap("==</ds:SignatureValue>", "</ds:SignatureValue>")})
	add("a value with something behind it", "sig.value what=value", reseal{sign: func(info []byte) []byte { return append(schoolValue(t, crypto.SHA256, info), 0, 0) }})
	add("no seal's properties", "sig.properties what=object", reseal{keep: true, change: match(`<xades:QualifyingProperties.*</xades:QualifyingProperties>`, "")})
}
