package certificate

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"strings"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

// MaxFile is how large an uploaded certificate with its chain may be, in bytes.
const MaxFile = 64 << 10

// Read reads an uploaded file: one signer's certificate, and beside it the
// authorities between it and the root, as PEM or DER, in any order. A root in
// the file is left out: who is trusted is not the uploader's to say. It fails
// with Invalid:
//
//	certificate.file_large    more than MaxFile
//	certificate.private_key   the file holds a private key; nothing of it is kept
//	certificate.file          no certificate can be read
//	certificate.file_signers  not exactly one signer's certificate
//	certificate.file_chain    more authorities than a chain has, or a weak one
func Read(file []byte) (*signing.Certificate, error) {
	if len(file) > MaxFile {
		return nil, fault.New(fault.Invalid, "certificate.file_large")
	}
	list, err := parse(file)
	if err != nil {
		return nil, err
	}
	var leaf *x509.Certificate
	var chain []*x509.Certificate
	for _, c := range list {
		switch {
		case !c.IsCA && leaf == nil:
			leaf = c
		case !c.IsCA && !leaf.Equal(c):
			return nil, fault.New(fault.Invalid, "certificate.file_signers")
		case c.IsCA && !bytes.Equal(c.RawIssuer, c.RawSubject):
			if !signing.IsAuthority(c) {
				return nil, fault.New(fault.Invalid, "certificate.file_chain")
			}
			chain = append(chain, c)
		}
	}
	if leaf == nil {
		return nil, fault.New(fault.Invalid, "certificate.file_signers")
	}
	cert, err := signing.NewCertificate(leaf, chain...)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "certificate.file_chain")
	}
	return cert, nil
}

// ReadAuthorities reads a file of authorities' certificates for the trust list,
// as PEM or DER. It fails with Invalid certificate.file_large,
// certificate.private_key, certificate.file or certificate.not_authority.
func ReadAuthorities(file []byte) ([]*x509.Certificate, error) {
	if len(file) > MaxFile {
		return nil, fault.New(fault.Invalid, "certificate.file_large")
	}
	list, err := parse(file)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		if !signing.IsAuthority(c) {
			return nil, fault.New(fault.Invalid, "certificate.not_authority", "name", c.Subject.CommonName)
		}
	}
	return list, nil
}

func parse(file []byte) ([]*x509.Certificate, error) {
	if bytes.Contains(file, []byte("-----BEGIN")) {
		return parsePEM(file)
	}
	list, err := x509.ParseCertificates(file)
	if err == nil && len(list) > 0 {
		return list, nil
	}
	if holdsKey(file) {
		return nil, fault.New(fault.Invalid, "certificate.private_key")
	}
	return nil, fault.Wrap(err, fault.Invalid, "certificate.file")
}

func parsePEM(text []byte) (list []*x509.Certificate, err error) {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		switch {
		case strings.Contains(block.Type, "KEY"):
			return nil, fault.New(fault.Invalid, "certificate.private_key")
		case block.Type != "CERTIFICATE":
			return nil, fault.New(fault.Invalid, "certificate.file")
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "certificate.file")
		}
		list, text = append(list, c), rest
	}
	if len(list) == 0 {
		return nil, fault.New(fault.Invalid, "certificate.file")
	}
	return list, nil
}

// holdsKey recognises the ways in which keys are handed about: PKCS #8, #1,
// SEC 1, and PKCS #12, whose version is 3.
func holdsKey(der []byte) bool {
	if _, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return true
	}
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return true
	}
	if _, err := x509.ParseECPrivateKey(der); err == nil {
		return true
	}
	var outer, version asn1.RawValue
	if _, err := asn1.Unmarshal(der, &outer); err != nil || outer.Tag != asn1.TagSequence {
		return false
	}
	_, err := asn1.Unmarshal(outer.Bytes, &version)
	return err == nil && version.Tag == asn1.TagInteger && bytes.Equal(version.Bytes, []byte{3})
}
