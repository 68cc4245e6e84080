package registry

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"time"

	"hocba/internal/fault"
)

// userID is the attribute in which Vietnamese certificates carry a tax code.
var userID = asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}

// KeyRequest asks an authority for the certificate of the registry's key: a
// PKCS #10 request as PEM in the name of the Sở, with its tax code when the
// directory of units has it. An authority writes into the certificate what its
// own papers say; what comes back is checked when it is installed.
func KeyRequest(department, taxCode string, key crypto.Signer) ([]byte, error) {
	subject := pkix.Name{Country: []string{"VN"}, Organization: []string{department}, CommonName: department}
	if taxCode != "" {
		subject.ExtraNames = []pkix.AttributeTypeAndValue{{Type: userID, Value: "MST:" + taxCode}}
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: subject}, key)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "registry.receipt_request")
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}), nil
}

// InForce fails with Unavailable registry.receipt_key_over when the certificate
// of the registry's key does not cover the instant: what it signed then would
// convince nobody. Whoever sent something waits for its answer until another
// certificate is in use.
func InForce(key Signer, at time.Time) error {
	if c := key.Certificate(); at.Before(c.NotBefore()) || at.After(c.NotAfter()) {
		return fault.New(fault.Unavailable, "registry.receipt_key_over", "until", c.NotAfter().Format(time.DateOnly))
	}
	return nil
}
