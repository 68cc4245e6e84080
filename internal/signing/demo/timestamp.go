package demo

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

// TimeStamperName is the name of the demonstration's time-stamping authority.
const TimeStamperName = "Dấu thời gian trình diễn Học bạ số – không có giá trị pháp lý"

// IssueTimeStamper makes the certificate of a time-stamping authority: its
// extended key usage is critical and names that purpose alone (RFC 3161, 2.3).
// It fails as Issue does.
func (ca *CA) IssueTimeStamper(public crypto.PublicKey, from, until time.Time) (*signing.Certificate, error) {
	if !from.Before(until) || from.Before(ca.issuing.NotBefore) || until.After(ca.issuing.NotAfter) {
		return nil, fault.New(fault.Invalid, "demo.request", "what", "validity")
	}
	if !signing.ServiceKey(public) {
		return nil, fault.New(fault.Invalid, "key.weak")
	}
	serial, err := ca.serial()
	if err != nil {
		return nil, err
	}
	purpose, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "demo.certificate")
	}
	leaf, err := create(ca.entropy, &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{Country: []string{"VN"}, OrganizationalUnit: []string{holderMark}, CommonName: TimeStamperName},
		NotBefore:    from, NotAfter: until, BasicConstraintsValid: true,
		KeyUsage:        x509.KeyUsageDigitalSignature,
		Policies:        []x509.OID{signing.PolicyTrial, signing.PolicySoftwareKey},
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: purpose}},
	}, ca.issuing, public, ca.key)
	if err != nil {
		return nil, err
	}
	return signing.NewCertificate(leaf, ca.issuing)
}
