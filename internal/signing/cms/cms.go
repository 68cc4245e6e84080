// Package cms reads and writes the one shape of SignedData (RFC 5652) that the
// product needs: one signer, signed attributes, a certificate that the signed
// attributes name. Time-stamp tokens (RFC 3161) and seals on PDF (EN 319 122-1,
// 319 142-1) are such. It judges no certificate: chains are checked with
// signing.TrustList. It knows no PDF and no time-stamp.
//
// Reading is a white list over DER. What is not in it, two signers, BER, an
// algorithm older than SHA-256, a missing attribute, is refused by name.
package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	_ "crypto/sha256" // registers SHA-256
	_ "crypto/sha512" // registers SHA-384 and SHA-512
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"reflect"

	"hocba/internal/fault"
)

// Object identifiers of content and attributes.
var (
	OIDData      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	OIDTimeStamp = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14} // unsigned attribute: a time-stamp of the signature value

	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidSigningCert   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidSigningCertV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}

	oidRSA         = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidECDSASHA256 = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
)

// digests are the digest algorithms that count.
var digests = []struct {
	oid  asn1.ObjectIdentifier
	hash crypto.Hash
}{
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, crypto.SHA256},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}, crypto.SHA384},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, crypto.SHA512},
}

// signatures are the signature algorithms that count; those that name a digest
// must name the one of the signed attributes.
var signatures = []struct {
	oid  asn1.ObjectIdentifier
	rsa  bool
	hash crypto.Hash // 0: that of DigestAlgorithm
}{
	{oidRSA, true, 0},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, true, crypto.SHA256},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}, true, crypto.SHA384},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}, true, crypto.SHA512},
	{oidECDSASHA256, false, crypto.SHA256},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}, false, crypto.SHA384},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}, false, crypto.SHA512},
}

// MaxBytes bounds what Parse takes: a signature with a time-stamp has 8 KB.
const MaxBytes = 64 << 10

// maxCertificates bounds the certificates beside the signer's.
const maxCertificates = 16

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,optional,tag:0"`
}

type signedData struct {
	Version      int
	Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
	Encapsulated contentInfo
	Certificates asn1.RawValue `asn1:"optional,tag:0"`
	CRLs         asn1.RawValue `asn1:"optional,tag:1"`
	Signers      []signerInfo  `asn1:"set"`
}

type signerInfo struct {
	Version   int
	Sid       asn1.RawValue
	Digest    pkix.AlgorithmIdentifier
	Signed    asn1.RawValue `asn1:"optional,tag:0"`
	Algorithm pkix.AlgorithmIdentifier
	Signature []byte
	Unsigned  asn1.RawValue `asn1:"optional,tag:1"`
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial asn1.RawValue
}

// refuse makes the fault of a signature that is not accepted; what names the
// rule that was broken.
func refuse(code, what string) error { return fault.New(fault.Invalid, code, "what", what) }

// exactly decodes der into v and refuses what v does not hold: the standard
// library overlooks elements at the end of a sequence.
func exactly(der []byte, v any, what string) error {
	if err := one(der, v, what); err != nil {
		return err
	}
	again, err := asn1.Marshal(reflect.ValueOf(v).Elem().Interface())
	if err != nil || !bytes.Equal(again, der) {
		return refuse("cms.structure", what)
	}
	return nil
}

// one decodes der into v and refuses what follows it.
func one(der []byte, v any, what string) error {
	rest, err := asn1.Unmarshal(der, v)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "cms.structure", "what", what)
	}
	if len(rest) > 0 {
		return refuse("cms.structure", what)
	}
	return nil
}

// strong reports whether a key may have signed: RSA of 2048 to 8192 bits or a
// NIST curve from P-256 on.
func strong(pub crypto.PublicKey) bool {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		return k.N.BitLen() >= 2048 && k.N.BitLen() <= 8192 && k.E >= 3
	case *ecdsa.PublicKey:
		return k.Curve == elliptic.P256() || k.Curve == elliptic.P384() || k.Curve == elliptic.P521()
	}
	return false
}

// others returns the certificates but the signer's.
func others(all []*x509.Certificate, signer *x509.Certificate) []*x509.Certificate {
	var out []*x509.Certificate
	for _, c := range all {
		if !c.Equal(signer) {
			out = append(out, c)
		}
	}
	return out
}
