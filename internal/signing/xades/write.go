package xades

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"strconv"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

// The declarations that canonical SignedInfo and SignedProperties carry and
// that the stored bytes inherit from ds:Signature and QualifyingProperties.
const (
	declareDS    = ` xmlns:ds="` + DSig + `"`
	declareXAdES = ` xmlns:xades="` + XAdES + `"`
)

// algorithmURI returns the SignatureMethod of a.
func algorithmURI(a signing.Algorithm) string {
	if a == signing.RSASHA256 {
		return rsaURI
	}
	return ecdsaURI
}

func encode(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// referenceID returns the Id of the n-th data reference, from 1.
func referenceID(id string, n int) string { return id + "-r" + strconv.Itoa(n) }

// infoContent writes what stands inside ds:SignedInfo. It holds no namespace
// declaration, so that it is the same in the stored and the canonical form.
func infoContent(p Params, algorithm signing.Algorithm, properties [sha256.Size]byte) []byte {
	out := make([]byte, 0, 1024+512*len(p.References))
	out = append(out, `<ds:CanonicalizationMethod Algorithm="`+excC14N+`"></ds:CanonicalizationMethod>`...)
	out = append(out, `<ds:SignatureMethod Algorithm="`+algorithmURI(algorithm)+`"></ds:SignatureMethod>`...)
	for i, r := range p.References {
		out = appendReference(out, r, referenceID(p.ID, i+1))
	}
	own := Reference{URI: "#" + p.ID + propsSuffix, Type: propsType, Digest: properties}
	out = appendReference(out, own, "")
	return out
}

func appendReference(out []byte, r Reference, id string) []byte {
	out = append(out, "<ds:Reference"...)
	if id != "" {
		out = append(out, ` Id="`+id+`"`...)
	}
	if r.Type != "" {
		out = append(out, ` Type="`+r.Type+`"`...)
	}
	out = append(out, ` URI="`+r.URI+`"><ds:Transforms><ds:Transform Algorithm="`+excC14N+`"></ds:Transform></ds:Transforms>`...)
	out = append(out, `<ds:DigestMethod Algorithm="`+digestURI+`"></ds:DigestMethod><ds:DigestValue>`...)
	out = base64.StdEncoding.AppendEncode(out, r.Digest[:])
	return append(out, "</ds:DigestValue></ds:Reference>"...)
}

// properties writes xades:SignedProperties, in the canonical form (declared)
// or in the stored form, which inherits its namespaces.
func properties(p Params, issuerSerial []byte, declared bool) []byte {
	var ds, xa string
	if declared {
		ds, xa = declareDS, declareXAdES
	}
	sum := sha256.Sum256(p.Certificate.Raw)
	out := make([]byte, 0, 2048)
	out = append(out, `<xades:SignedProperties`+xa+` Id="`+p.ID+propsSuffix+`"><xades:SignedSignatureProperties>`...)
	out = append(out, `<xades:SigningTime>`+p.SigningTime.Format(timeLayout)+`</xades:SigningTime>`...)
	out = append(out, `<xades:SigningCertificateV2><xades:Cert><xades:CertDigest>`...)
	out = append(out, `<ds:DigestMethod`+ds+` Algorithm="`+digestURI+`"></ds:DigestMethod>`...)
	out = append(out, `<ds:DigestValue`+ds+`>`+encode(sum[:])+`</ds:DigestValue></xades:CertDigest>`...)
	out = append(out, `<xades:IssuerSerialV2>`+encode(issuerSerial)+`</xades:IssuerSerialV2></xades:Cert></xades:SigningCertificateV2>`...)
	out = append(out, `<xades:SignerRoleV2><xades:ClaimedRoles><xades:ClaimedRole>`...)
	out = appendText(out, p.Role)
	out = append(out, `</xades:ClaimedRole></xades:ClaimedRoles></xades:SignerRoleV2></xades:SignedSignatureProperties>`...)
	out = appendFormats(out, p)
	return append(out, `</xades:SignedProperties>`...)
}

// appendFormats writes one DataObjectFormat per data reference that is not a
// countersignature, as the baseline level demands (EN 319 132-1, 6.3), and
// after them what the signature means.
func appendFormats(out []byte, p Params) []byte {
	mark := len(out)
	out = append(out, `<xades:SignedDataObjectProperties>`...)
	empty := len(out)
	for i, r := range p.References {
		if r.Type == "" {
			out = append(out, `<xades:DataObjectFormat ObjectReference="#`+referenceID(p.ID, i+1)+`">`...)
			out = append(out, `<xades:MimeType>`+mimeType+`</xades:MimeType></xades:DataObjectFormat>`...)
		}
	}
	out = appendMeaning(out, p.Meaning)
	if len(out) == empty {
		return out[:mark]
	}
	return append(out, `</xades:SignedDataObjectProperties>`...)
}

// issuerSerial returns the DER of IssuerSerial (RFC 5035): the issuer as
// GeneralNames with one directoryName, and the serial number.
func issuerSerial(cert *x509.Certificate) ([]byte, error) {
	name := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: cert.RawIssuer}
	der, err := asn1.Marshal(struct {
		Issuer []asn1.RawValue
		Serial *big.Int
	}{[]asn1.RawValue{name}, cert.SerialNumber})
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "sig.certificate", "what", "issuer_serial")
	}
	return der, nil
}
