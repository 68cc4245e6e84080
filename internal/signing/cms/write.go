package cms

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

// Params says what is signed and by whom.
type Params struct {
	Type        asn1.ObjectIdentifier // of the content
	Content     []byte                // what is signed
	Detached    bool                  // the content stays outside
	Certificate *signing.Certificate
	Key         crypto.Signer
	// Stamp, when set, is given the signature value and returns the DER of a
	// time-stamp token over it, which becomes an unsigned attribute.
	Stamp func(value []byte) ([]byte, error)
}

type signingCertificateV2 struct {
	Certs []essCertIDv2
}

// essCertIDv2 leaves the algorithm out: its default is SHA-256.
type essCertIDv2 struct {
	Hash   []byte
	Issuer issuerSerial
}

type issuerSerial struct {
	Issuer []asn1.RawValue
	Serial *big.Int
}

// Sign returns the DER of a ContentInfo with one signer over SHA-256. It puts
// no signing time in: for PDF the baseline takes it from the file, and what
// proves a time is the time-stamp. It fails with Invalid cms.algorithm for a
// key outside signing.KeyAlgorithm, and as Key and Stamp do.
func Sign(p Params) ([]byte, error) {
	algorithm, err := signing.KeyAlgorithm(p.Certificate.Leaf().PublicKey)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "cms.algorithm", "what", "key")
	}
	signed, err := signedAttributes(p)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(signed)
	signature, err := p.Key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "sig.signer")
	}
	info := signerInfo{Version: 1, Signature: signature, Digest: pkix.AlgorithmIdentifier{Algorithm: digests[0].oid},
		Algorithm: pkix.AlgorithmIdentifier{Algorithm: oidECDSASHA256}}
	if algorithm == signing.RSASHA256 {
		info.Algorithm = pkix.AlgorithmIdentifier{Algorithm: oidRSA, Parameters: asn1.NullRawValue}
	}
	leaf := p.Certificate.Leaf()
	sid, err := asn1.Marshal(struct {
		Issuer asn1.RawValue
		Serial *big.Int
	}{asn1.RawValue{FullBytes: leaf.RawIssuer}, leaf.SerialNumber})
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "cms.structure", "what", "signer")
	}
	info.Sid = asn1.RawValue{FullBytes: sid}
	implicit := bytes.Clone(signed)
	implicit[0] = 0xA0
	info.Signed = asn1.RawValue{FullBytes: implicit}
	if p.Stamp != nil {
		token, err := p.Stamp(signature)
		if err != nil {
			return nil, err
		}
		if info.Unsigned, err = unsignedAttribute(token); err != nil {
			return nil, err
		}
	}
	return p.assemble(info)
}

// signedAttributes returns the DER of the set that is signed.
func signedAttributes(p Params) ([]byte, error) {
	sum := sha256.Sum256(p.Content)
	var named signingCertificateV2
	for _, c := range append([]*x509.Certificate{p.Certificate.Leaf()}, p.Certificate.Intermediates()...) {
		hash := sha256.Sum256(c.Raw)
		issuer := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: c.RawIssuer}
		named.Certs = append(named.Certs, essCertIDv2{hash[:], issuerSerial{[]asn1.RawValue{issuer}, c.SerialNumber}})
	}
	var set []asn1.RawValue
	for _, a := range []struct {
		oid   asn1.ObjectIdentifier
		value any
	}{
		{oidContentType, p.Type},
		{oidMessageDigest, sum[:]},
		{oidSigningCertV2, named},
	} {
		der, err := asn1.Marshal(a.value)
		if err == nil {
			der, err = asn1.Marshal(attribute{a.oid, []asn1.RawValue{{FullBytes: der}}})
		}
		if err != nil {
			return nil, fault.Wrap(err, fault.Internal, "cms.structure", "what", "signed_attributes")
		}
		set = append(set, asn1.RawValue{FullBytes: der})
	}
	// DER sorts the elements of a set.
	slices.SortFunc(set, func(a, b asn1.RawValue) int { return bytes.Compare(a.FullBytes, b.FullBytes) })
	return asn1.MarshalWithParams(set, "set")
}

func unsignedAttribute(token []byte) (asn1.RawValue, error) {
	der, err := asn1.MarshalWithParams([]attribute{{OIDTimeStamp, []asn1.RawValue{{FullBytes: token}}}}, "set")
	if err != nil {
		return asn1.RawValue{}, fault.Wrap(err, fault.Internal, "cms.structure", "what", "unsigned_attributes")
	}
	der[0] = 0xA1
	return asn1.RawValue{FullBytes: der}, nil
}

func (p Params) assemble(info signerInfo) ([]byte, error) {
	data := signedData{Version: 1, Digests: []pkix.AlgorithmIdentifier{{Algorithm: digests[0].oid}},
		Encapsulated: contentInfo{Type: p.Type}, Signers: []signerInfo{info}}
	if !p.Type.Equal(OIDData) {
		data.Version = 3
	}
	if !p.Detached {
		octets, err := asn1.Marshal(p.Content)
		if err != nil {
			return nil, fault.Wrap(err, fault.Internal, "cms.structure", "what", "content")
		}
		data.Encapsulated.Content = explicit(octets)
	}
	var certificates []byte
	for _, c := range append([]*x509.Certificate{p.Certificate.Leaf()}, p.Certificate.Intermediates()...) {
		certificates = append(certificates, c.Raw...)
	}
	data.Certificates = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: certificates}
	inner, err := asn1.Marshal(data)
	if err == nil {
		inner, err = asn1.Marshal(contentInfo{Type: oidSignedData, Content: explicit(inner)})
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "cms.structure", "what", "signed_data")
	}
	return inner, nil
}

// explicit wraps DER in [0].
func explicit(der []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: der}
}
