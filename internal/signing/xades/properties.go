package xades

import (
	"bytes"
	"crypto/sha256"
	"time"

	"github.com/beevik/etree"
)

// readObject reads ds:Object with the qualifying properties and checks what
// they say against the signature they stand in.
func (s *signature) readObject(el *etree.Element) error {
	object, ok := children(el, XAdES, "QualifyingProperties")
	if !ok || !attributes(el) {
		return s.refuse("sig.properties", "object")
	}
	qualifying := object[0]
	list, ok := elements(qualifying)
	if !ok || len(list) < 1 || len(list) > 2 || !is(list[0], XAdES, "SignedProperties") || !attributes(qualifying, "Target") {
		return s.refuse("sig.properties", "qualifying_properties")
	}
	if qualifying.SelectAttrValue("Target", "") != "#"+s.id {
		return s.refuse("sig.properties", "target")
	}
	if len(list) == 2 {
		if err := s.readUnsigned(list[1]); err != nil {
			return err
		}
	}
	s.props = list[0]
	if !attributes(s.props, "Id") || s.props.SelectAttrValue("Id", "") != s.id+propsSuffix {
		return s.refuse("sig.properties", "id")
	}
	parts, ok := elements(s.props)
	if !ok || len(parts) < 1 || len(parts) > 2 || !is(parts[0], XAdES, "SignedSignatureProperties") {
		return s.refuse("sig.properties", "signed_properties")
	}
	if err := s.readSignatureProperties(parts[0]); err != nil {
		return err
	}
	if len(parts) == 2 {
		return s.readFormats(parts[1])
	}
	return nil
}

func (s *signature) readSignatureProperties(el *etree.Element) error {
	list, ok := children(el, XAdES, "SigningTime", "SigningCertificateV2", "SignerRoleV2")
	if !ok || !attributes(el) {
		return s.refuse("sig.properties", "signed_signature_properties")
	}
	text, ok := content(list[0])
	at, err := time.Parse(timeLayout, text)
	if !ok || err != nil || at.Format(timeLayout) != text || !attributes(list[0]) {
		return s.refuse("sig.properties", "signing_time")
	}
	s.time = at
	if err := s.readCertificate(list[1]); err != nil {
		return err
	}
	roles, ok := children(list[2], XAdES, "ClaimedRoles")
	if !ok || !attributes(list[2]) || !attributes(roles[0]) {
		return s.refuse("sig.properties", "role")
	}
	role, ok := children(roles[0], XAdES, "ClaimedRole")
	if !ok || !attributes(role[0]) {
		return s.refuse("sig.properties", "role")
	}
	if s.role, ok = content(role[0]); !ok || !isRole(s.role) {
		return s.refuse("sig.properties", "role")
	}
	return nil
}

// readCertificate checks that SigningCertificateV2 names the certificate in
// KeyInfo: by its hash, and by issuer and serial number.
func (s *signature) readCertificate(el *etree.Element) error {
	certs, ok := children(el, XAdES, "Cert")
	if !ok || !attributes(el) || !attributes(certs[0]) {
		return s.refuse("sig.properties", "signing_certificate")
	}
	list, ok := children(certs[0], XAdES, "CertDigest", "IssuerSerialV2")
	if !ok || !attributes(list[0]) || !attributes(list[1]) {
		return s.refuse("sig.properties", "signing_certificate")
	}
	digest, ok := children(list[0], DSig, "DigestMethod", "DigestValue")
	if !ok || !attributes(digest[1]) {
		return s.refuse("sig.properties", "signing_certificate")
	}
	if uri, ok := algorithm(digest[0]); !ok || uri != digestURI {
		return s.refuse("sig.algorithm", "certificate_digest")
	}
	if sum, ok := decodeDigest(digest[1]); !ok || sum != sha256.Sum256(s.leaf.Raw) {
		return s.refuse("sig.certificate", "digest")
	}
	want, err := issuerSerial(s.leaf)
	if err != nil {
		return err
	}
	if got, ok := decode(list[1]); !ok || !bytes.Equal(got, want) {
		return s.refuse("sig.certificate", "issuer_serial")
	}
	return nil
}

// readFormats reads SignedDataObjectProperties: each DataObjectFormat names
// one data reference of this signature, in their order; after them may stand
// what the signature means, once.
func (s *signature) readFormats(el *etree.Element) error {
	list, ok := elements(el)
	if !ok || len(list) == 0 || !is(el, XAdES, "SignedDataObjectProperties") || !attributes(el) {
		return s.refuse("sig.properties", "data_object_format")
	}
	if last := len(list) - 1; is(list[last], XAdES, "CommitmentTypeIndication") {
		if err := s.readMeaning(list[last]); err != nil {
			return err
		}
		list = list[:last]
	}
	next := 0
	for _, f := range list {
		mime, ok := children(f, XAdES, "MimeType")
		if !ok || !is(f, XAdES, "DataObjectFormat") || !attributes(f, "ObjectReference") || !attributes(mime[0]) {
			return s.refuse("sig.properties", "data_object_format")
		}
		if text, ok := content(mime[0]); !ok || text != mimeType {
			return s.refuse("sig.properties", "data_object_format")
		}
		target := f.SelectAttrValue("ObjectReference", "")
		for next < len(s.referenceIDs) && (s.referenceIDs[next] == "" || "#"+s.referenceIDs[next] != target) {
			next++
		}
		if next == len(s.referenceIDs) {
			return s.refuse("sig.properties", "data_object_format")
		}
		next++
	}
	return nil
}
