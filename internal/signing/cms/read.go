package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1" // compares a certificate identifier of RFC 3161
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"time"

	"hocba/internal/fault"
)

// Signed is a SignedData that was read. Nothing in it is trusted before Verify.
type Signed struct {
	Type         asn1.ObjectIdentifier // of the content
	Content      []byte                // nil when it is detached
	Signer       *x509.Certificate
	Certificates []*x509.Certificate // beside the signer's
	Signature    []byte              // the value, which a time-stamp is over
	// SigningTime is the signed attribute of that name, zero when there is none.
	SigningTime time.Time

	hash       crypto.Hash
	rsa        bool
	signed     []byte // DER of the signed attributes as SET
	digest     []byte // message digest they name
	unsigned   []attribute
	identified [][]byte // certificate hashes of signingCertificateV2 (SHA-256), else of signingCertificate (SHA-1)
	identifier crypto.Hash
}

// Parse reads the DER of a ContentInfo. It fails with Invalid:
//
//	cms.structure    not the one shape: DER, SignedData, one signer, attributes
//	cms.algorithm    a digest, signature algorithm or key outside the white list
//	cms.certificate  the signer's certificate is missing or cannot be read
func Parse(der []byte) (*Signed, error) {
	if len(der) > MaxBytes {
		return nil, refuse("cms.structure", "too_large")
	}
	var outer contentInfo
	if err := exactly(der, &outer, "content_info"); err != nil {
		return nil, err
	}
	if !outer.Type.Equal(oidSignedData) {
		return nil, refuse("cms.structure", "content_type")
	}
	var data signedData
	if err := exactly(outer.Content.Bytes, &data, "signed_data"); err != nil {
		return nil, err
	}
	if len(data.Signers) != 1 {
		return nil, refuse("cms.structure", "signers")
	}
	s := &Signed{Type: data.Encapsulated.Type}
	if raw := data.Encapsulated.Content.Bytes; len(raw) > 0 {
		if err := one(raw, &s.Content, "content"); err != nil {
			return nil, err
		}
	}
	info := data.Signers[0]
	bySerial := info.Sid.Class == asn1.ClassUniversal
	if len(data.CRLs.FullBytes) > 0 || len(data.Digests) != 1 || !data.Digests[0].Algorithm.Equal(info.Digest.Algorithm) ||
		data.Version != 1 && data.Version != 3 || info.Version != map[bool]int{true: 1, false: 3}[bySerial] {
		return nil, refuse("cms.structure", "version")
	}
	if (data.Version == 3) != (!s.Type.Equal(OIDData) || !bySerial) {
		return nil, refuse("cms.structure", "version")
	}
	if err := s.readAlgorithms(info); err != nil {
		return nil, err
	}
	if err := s.readSigner(data.Certificates.Bytes, info.Sid); err != nil {
		return nil, err
	}
	s.Signature = info.Signature
	return s, s.readAttributes(info)
}

func (s *Signed) readAlgorithms(info signerInfo) error {
	for _, d := range digests {
		if d.oid.Equal(info.Digest.Algorithm) {
			s.hash = d.hash
		}
	}
	if s.hash == 0 {
		return refuse("cms.algorithm", "digest")
	}
	for _, a := range signatures {
		if a.oid.Equal(info.Algorithm.Algorithm) && (a.hash == 0 || a.hash == s.hash) {
			s.rsa = a.rsa
			return nil
		}
	}
	return refuse("cms.algorithm", "signature")
}

// readSigner finds the signer's certificate among those presented.
func (s *Signed) readSigner(raw []byte, sid asn1.RawValue) error {
	list, err := x509.ParseCertificates(raw)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "cms.certificate", "what", "parse")
	}
	if len(list) > maxCertificates {
		return refuse("cms.certificate", "count")
	}
	for _, c := range list {
		if s.Signer == nil && identifies(sid, c) {
			s.Signer = c
		}
	}
	if s.Signer == nil {
		return refuse("cms.certificate", "missing")
	}
	if !strong(s.Signer.PublicKey) {
		return refuse("cms.algorithm", "key")
	}
	if _, isRSA := s.Signer.PublicKey.(*rsa.PublicKey); isRSA != s.rsa {
		return refuse("cms.algorithm", "signature")
	}
	s.Certificates = others(list, s.Signer)
	return nil
}

func identifies(sid asn1.RawValue, c *x509.Certificate) bool {
	if sid.Class == asn1.ClassContextSpecific && sid.Tag == 0 {
		return len(c.SubjectKeyId) > 0 && bytes.Equal(sid.Bytes, c.SubjectKeyId)
	}
	var id issuerAndSerial
	if one(sid.FullBytes, &id, "signer") != nil {
		return false
	}
	serial, err := asn1.Marshal(c.SerialNumber)
	return err == nil && bytes.Equal(id.Issuer.FullBytes, c.RawIssuer) && bytes.Equal(id.Serial.FullBytes, serial)
}

// attributes reads an implicitly tagged set of attributes, each type once.
func attributes(raw asn1.RawValue, what string) ([]attribute, []byte, error) {
	if len(raw.FullBytes) == 0 {
		return nil, nil, nil
	}
	der := bytes.Clone(raw.FullBytes)
	der[0] = asn1.TagSet | 0x20
	var list []attribute
	rest, err := asn1.UnmarshalWithParams(der, &list, "set")
	if err != nil || len(rest) > 0 {
		return nil, nil, fault.Wrap(err, fault.Invalid, "cms.structure", "what", what)
	}
	for i, a := range list {
		for _, b := range list[:i] {
			if a.Type.Equal(b.Type) {
				return nil, nil, refuse("cms.structure", what)
			}
		}
	}
	return list, der, nil
}

func (s *Signed) readAttributes(info signerInfo) (err error) {
	var list []attribute
	if list, s.signed, err = attributes(info.Signed, "signed_attributes"); err != nil {
		return err
	}
	if s.unsigned, _, err = attributes(info.Unsigned, "unsigned_attributes"); err != nil {
		return err
	}
	var contentType asn1.ObjectIdentifier
	if err := value(list, oidContentType, &contentType); err != nil || !contentType.Equal(s.Type) {
		return refuse("cms.structure", "content_type")
	}
	if err := value(list, oidMessageDigest, &s.digest); err != nil {
		return refuse("cms.structure", "message_digest")
	}
	if find(list, oidSigningTime) != nil {
		if err := value(list, oidSigningTime, &s.SigningTime); err != nil {
			return refuse("cms.structure", "signing_time")
		}
	}
	return s.readIdentifier(list)
}

// readIdentifier reads which certificate the signed attributes name. Without
// that, another certificate of the same key could be put in the signer's place.
func (s *Signed) readIdentifier(list []attribute) error {
	if find(list, oidSigningCertV2) != nil {
		var v2 struct {
			Certs []struct {
				Algorithm pkix.AlgorithmIdentifier `asn1:"optional"`
				Hash      []byte
				Issuer    asn1.RawValue `asn1:"optional"`
			}
			Policies asn1.RawValue `asn1:"optional"`
		}
		if err := value(list, oidSigningCertV2, &v2); err != nil || len(v2.Certs) == 0 {
			return refuse("cms.structure", "signing_certificate")
		}
		s.identifier = crypto.SHA256
		for _, c := range v2.Certs[1:] {
			if !c.Algorithm.Algorithm.Equal(v2.Certs[0].Algorithm.Algorithm) {
				return refuse("cms.algorithm", "signing_certificate")
			}
		}
		if a := v2.Certs[0].Algorithm.Algorithm; a != nil {
			s.identifier = 0
			for _, d := range digests {
				if d.oid.Equal(a) {
					s.identifier = d.hash
				}
			}
			if s.identifier == 0 {
				return refuse("cms.algorithm", "signing_certificate")
			}
		}
		for _, c := range v2.Certs {
			s.identified = append(s.identified, c.Hash)
		}
		return nil
	}
	var v1 struct {
		Certs []struct {
			Hash   []byte
			Issuer asn1.RawValue `asn1:"optional"`
		}
		Policies asn1.RawValue `asn1:"optional"`
	}
	if err := value(list, oidSigningCert, &v1); err != nil || len(v1.Certs) == 0 {
		return refuse("cms.structure", "signing_certificate")
	}
	s.identifier, s.identified = crypto.SHA1, [][]byte{v1.Certs[0].Hash}
	return nil
}

func find(list []attribute, oid asn1.ObjectIdentifier) *attribute {
	for i := range list {
		if list[i].Type.Equal(oid) {
			return &list[i]
		}
	}
	return nil
}

// value decodes the one value of an attribute.
func value(list []attribute, oid asn1.ObjectIdentifier, v any) error {
	a := find(list, oid)
	if a == nil || len(a.Values) != 1 {
		return refuse("cms.structure", oid.String())
	}
	return one(a.Values[0].FullBytes, v, oid.String())
}

// ByOldIdentifier reports whether the certificate is named by a SHA-1 alone,
// as RFC 3161 allows and a seal must not.
func (s *Signed) ByOldIdentifier() bool { return s.identifier == crypto.SHA1 }

// Unsigned returns the DER of the value of an unsigned attribute, nil when it
// is not there.
func (s *Signed) Unsigned(oid asn1.ObjectIdentifier) []byte {
	a := find(s.unsigned, oid)
	if a == nil || len(a.Values) != 1 {
		return nil
	}
	return a.Values[0].FullBytes
}

// HasUnsigned reports whether there are unsigned attributes.
func (s *Signed) HasUnsigned() bool { return len(s.unsigned) > 0 }

// Verify checks the signature over content; for one that carries its content
// that is Content. It fails with Invalid cms.digest (the content is another),
// cms.value (the value is not the certificate's) or cms.certificate (the signed
// attributes name another certificate).
func (s *Signed) Verify(content []byte) error {
	h := s.hash.New()
	h.Write(content)
	if subtle.ConstantTimeCompare(h.Sum(nil), s.digest) != 1 {
		return refuse("cms.digest", "content")
	}
	if !s.names(s.Signer) {
		return refuse("cms.certificate", "other")
	}
	h = s.hash.New()
	h.Write(s.signed)
	sum := h.Sum(nil)
	ok := false
	switch k := s.Signer.PublicKey.(type) {
	case *rsa.PublicKey:
		ok = rsa.VerifyPKCS1v15(k, s.hash, sum, s.Signature) == nil
	case *ecdsa.PublicKey:
		ok = ecdsa.VerifyASN1(k, sum, s.Signature)
	}
	if !ok {
		return refuse("cms.value", "value")
	}
	return nil
}

// NamesAll reports whether the signed attributes name every certificate that
// came with the signature: then none can be exchanged.
func (s *Signed) NamesAll() bool {
	if len(s.identified) != 1+len(s.Certificates) {
		return false
	}
	for i, c := range s.Certificates {
		if subtle.ConstantTimeCompare(s.sum(c), s.identified[i+1]) != 1 {
			return false
		}
	}
	return true
}

func (s *Signed) names(c *x509.Certificate) bool {
	return subtle.ConstantTimeCompare(s.sum(c), s.identified[0]) == 1
}

// sum is a certificate's hash as the signed attributes write it.
func (s *Signed) sum(c *x509.Certificate) []byte {
	var sum []byte
	switch s.identifier {
	case crypto.SHA1:
		v := sha1.Sum(c.Raw) // an identifier, not a proof: the chain is checked beside it
		sum = v[:]
	case crypto.SHA256:
		v := sha256.Sum256(c.Raw)
		sum = v[:]
	default:
		h := s.identifier.New()
		h.Write(c.Raw)
		sum = h.Sum(nil)
	}
	return sum
}
