package signing

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"hocba/internal/fault"
)

// MaxIntermediates bounds the certificates a signer may present beside their
// own, and with it the work of building a chain.
const MaxIntermediates = 4

// Certificate policies of the demonstration authority, under an arc made from
// a random UUID (ITU-T X.667), which nobody needs to register.
var (
	// PolicyTrial marks a certificate without legal value.
	PolicyTrial = mustOID("2.25.176358585146913639229439576192733136396.1")
	// PolicySoftwareKey marks a certificate whose key is kept in software.
	PolicySoftwareKey = mustOID("2.25.176358585146913639229439576192733136396.2")
)

func mustOID(s string) x509.OID {
	oid, err := x509.ParseOID(s)
	if err != nil {
		panic(err)
	}
	return oid
}

// Attributes of a subject in which Vietnamese authorities write "MST:…" (tax
// code of an organisation) and "CCCD:…" (number of an identity card).
var (
	oidUserID       = asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}
	oidSerialNumber = asn1.ObjectIdentifier{2, 5, 4, 5}
)

// Certificate is a signer's certificate with what it was presented with.
type Certificate struct {
	leaf          *x509.Certificate
	intermediates []*x509.Certificate
	fingerprint   [sha256.Size]byte
}

// NewCertificate joins a parsed certificate and its intermediates. It fails
// with Invalid cert.intermediates when there are more than MaxIntermediates.
func NewCertificate(leaf *x509.Certificate, intermediates ...*x509.Certificate) (*Certificate, error) {
	if leaf == nil {
		return nil, fault.New(fault.Invalid, "cert.parse")
	}
	if len(intermediates) > MaxIntermediates {
		return nil, fault.New(fault.Invalid, "cert.intermediates")
	}
	return &Certificate{leaf, intermediates, sha256.Sum256(leaf.Raw)}, nil
}

// ParseCertificate reads DER: the signer's certificate first, then the
// intermediates. It fails with Invalid cert.parse or cert.intermediates.
func ParseCertificate(chain ...[]byte) (*Certificate, error) {
	var list []*x509.Certificate
	for _, der := range chain {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "cert.parse")
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, fault.New(fault.Invalid, "cert.parse")
	}
	return NewCertificate(list[0], list[1:]...)
}

// ParseCertificatePEM is ParseCertificate for PEM, as authorities hand
// certificates out.
func ParseCertificatePEM(text []byte) (*Certificate, error) {
	list, err := ReadPEM(text)
	if err != nil {
		return nil, err
	}
	return NewCertificate(list[0], list[1:]...)
}

// ReadPEM reads one or more certificates. It fails with Invalid cert.parse on
// anything else, a private key above all.
func ReadPEM(text []byte) ([]*x509.Certificate, error) {
	var list []*x509.Certificate
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fault.New(fault.Invalid, "cert.parse", "block", block.Type)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "cert.parse")
		}
		list = append(list, c)
		text = rest
	}
	if len(list) == 0 {
		return nil, fault.New(fault.Invalid, "cert.parse")
	}
	return list, nil
}

// EncodePEM writes certificates as PEM.
func EncodePEM(list ...*x509.Certificate) []byte {
	var out []byte
	for _, c := range list {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return out
}

// Leaf returns the signer's certificate.
func (c *Certificate) Leaf() *x509.Certificate { return c.leaf }

// Intermediates returns what was presented beside it.
func (c *Certificate) Intermediates() []*x509.Certificate { return c.intermediates }

// ChainDER returns the DER of the signer's certificate and the intermediates,
// in the order ParseCertificate reads.
func (c *Certificate) ChainDER() [][]byte {
	out := [][]byte{c.leaf.Raw}
	for _, i := range c.intermediates {
		out = append(out, i.Raw)
	}
	return out
}

// Fingerprint returns the SHA-256 of the certificate in hex, its identity
// everywhere in the product.
func (c *Certificate) Fingerprint() string { return hex.EncodeToString(c.fingerprint[:]) }

// Name returns the common name of the holder.
func (c *Certificate) Name() string { return c.leaf.Subject.CommonName }

// Issuer returns the common name of the authority.
func (c *Certificate) Issuer() string { return c.leaf.Issuer.CommonName }

// NotBefore returns the first instant of validity.
func (c *Certificate) NotBefore() time.Time { return c.leaf.NotBefore }

// NotAfter returns the last instant of validity.
func (c *Certificate) NotAfter() time.Time { return c.leaf.NotAfter }

// Serial returns the certificate's number as its issuer prints it: hex, capitals.
func (c *Certificate) Serial() string { return fmt.Sprintf("%X", c.leaf.SerialNumber) }

// TaxCode returns the tax code of the organisation the certificate belongs to
// (10 digits, or 13 as 0123456789-001), or "" when it names none or several. A
// school's seal is known by it.
func (c *Certificate) TaxCode() string {
	return c.number("MST:", func(s string) bool {
		head, branch, split := strings.Cut(s, "-")
		return isDigits(head, 10) && (!split || isDigits(branch, 3))
	})
}

// PersonalNumber returns the number of the holder's identity card (12 digits),
// or "" when the certificate names none or several. It is a personal datum.
func (c *Certificate) PersonalNumber() string {
	return c.number("CCCD:", func(s string) bool { return isDigits(s, 12) })
}

// number finds the one number with this prefix in the subject.
func (c *Certificate) number(prefix string, sound func(string) bool) string {
	found := ""
	for _, a := range c.leaf.Subject.Names {
		if !a.Type.Equal(oidUserID) && !a.Type.Equal(oidSerialNumber) {
			continue
		}
		text, _ := a.Value.(string)
		if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
			continue
		}
		value := strings.TrimSpace(text[len(prefix):])
		if !sound(value) || found != "" && found != value {
			return ""
		}
		found = value
	}
	return found
}

func isDigits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}

// Trial reports whether the certificate says of itself that it has no legal
// value.
func (c *Certificate) Trial() bool { return hasPolicy(c.leaf, PolicyTrial) }

func hasPolicy(c *x509.Certificate, policy x509.OID) bool {
	for _, p := range c.Policies {
		if p.Equal(policy) {
			return true
		}
	}
	return false
}
