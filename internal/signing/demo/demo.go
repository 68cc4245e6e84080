// Package demo is the certification authority of demonstrations. `hocba seed`
// uses it to give every person, every school and the registry of an invented
// province a certificate, so that the real chain can be played through.
//
// Its names are always the same and say that nothing it signs has legal value;
// every certificate carries the policies signing.PolicyTrial and
// signing.PolicySoftwareKey. Its keys are real random keys. It knows no
// accounts and no pupils.
package demo

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"io"
	"math/big"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

// The names of the authority.
const (
	RootName    = "CA trình diễn Học bạ số – không có giá trị pháp lý"
	IssuingName = "CA trình diễn Học bạ số – cấp phát – không có giá trị pháp lý"
	holderMark  = "Dữ liệu thử – không có giá trị pháp lý"
)

const (
	rootYears    = 30
	issuingYears = 20
)

// Kind says whom a certificate is for.
type Kind int

// The kinds of certificate.
const (
	Person  Kind = iota + 1 // a teacher or a principal
	Seal                    // a school or an authority
	Receipt                 // the registry, for its receipts
)

// Request asks for a certificate.
type Request struct {
	Kind           Kind
	Name           string // common name: the person, the school, the registry
	Organization   string // where the person works; may be empty
	PersonalNumber string // 12 digits, for a person
	TaxCode        string // for a seal and for the registry
	NotBefore      time.Time
	NotAfter       time.Time
	PublicKey      crypto.PublicKey
	OCSP, CRL      []string // addresses where the certificate can be asked about; none by default
	Device         bool     // the key is on a device: no policy of a software key
}

// CA is the authority: a root that signs one issuing authority, which signs
// everybody else.
type CA struct {
	entropy io.Reader
	root    *x509.Certificate
	issuing *x509.Certificate
	key     *ecdsa.PrivateKey // of the issuing authority; the root's is not kept
}

// New makes an authority that is valid from notBefore on. entropy feeds its
// keys and serial numbers; nil means the system's source. The root's private
// key is forgotten at once: nobody can add a second issuing authority.
func New(entropy io.Reader, notBefore time.Time) (*CA, error) {
	if entropy == nil {
		entropy = rand.Reader
	}
	ca := &CA{entropy: entropy}
	rootKey, err := generate(entropy, elliptic.P384())
	if err != nil {
		return nil, err
	}
	if ca.key, err = generate(entropy, elliptic.P256()); err != nil {
		return nil, err
	}
	root, err := ca.authority(RootName, notBefore, notBefore.AddDate(rootYears, 0, 0))
	if err != nil {
		return nil, err
	}
	root.MaxPathLen = 1
	if ca.root, err = create(entropy, root, root, rootKey.Public(), rootKey); err != nil {
		return nil, err
	}
	issuing, err := ca.authority(IssuingName, notBefore, notBefore.AddDate(issuingYears, 0, 0))
	if err != nil {
		return nil, err
	}
	issuing.MaxPathLenZero = true
	ca.issuing, err = create(entropy, issuing, ca.root, ca.key.Public(), rootKey)
	if err != nil {
		return nil, err
	}
	return ca, nil
}

// generate reads a private key from entropy. ecdsa.GenerateKey ignores its
// argument since Go 1.26, so a number is drawn until it is one in range.
func generate(entropy io.Reader, curve elliptic.Curve) (*ecdsa.PrivateKey, error) {
	raw := make([]byte, (curve.Params().BitSize+7)/8)
	defer clear(raw)
	for range 64 {
		if _, err := io.ReadFull(entropy, raw); err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, "demo.entropy")
		}
		if key, err := ecdsa.ParseRawPrivateKey(curve, raw); err == nil {
			return key, nil
		}
	}
	return nil, fault.New(fault.Unavailable, "demo.entropy")
}

func (ca *CA) serial() (*big.Int, error) {
	raw := make([]byte, 16)
	if _, err := io.ReadFull(ca.entropy, raw); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "demo.entropy")
	}
	raw[0] = raw[0]&0x7F | 0x40 // positive, always of one length
	return new(big.Int).SetBytes(raw), nil
}

func (ca *CA) authority(name string, from, until time.Time) (*x509.Certificate, error) {
	serial, err := ca.serial()
	if err != nil {
		return nil, err
	}
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{Country: []string{"VN"}, Organization: []string{holderMark}, CommonName: name},
		NotBefore:    from, NotAfter: until,
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		Policies: []x509.OID{signing.PolicyTrial, signing.PolicySoftwareKey},
	}, nil
}

func create(entropy io.Reader, template, parent *x509.Certificate, public crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	if template != parent { // names the key of the parent; the root needs none
		template.AuthorityKeyId = parent.SubjectKeyId
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "key.algorithm")
	}
	sum := sha256.Sum256(der)
	template.SubjectKeyId = sum[:20]
	raw, err := x509.CreateCertificate(entropy, template, parent, public, key)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "demo.certificate")
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "demo.certificate")
	}
	return cert, nil
}

// Issue makes a certificate, with the issuing authority beside it. It fails
// with Invalid demo.request (argument what: kind, name, number, validity),
// key.weak or key.algorithm.
func (ca *CA) Issue(r Request) (*signing.Certificate, error) {
	if what := r.fault(ca); what != "" {
		return nil, fault.New(fault.Invalid, "demo.request", "what", what)
	}
	if _, err := signing.KeyAlgorithm(r.PublicKey); err != nil {
		return nil, err
	}
	serial, err := ca.serial()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      r.subject(),
		NotBefore:    r.NotBefore, NotAfter: r.NotAfter,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		Policies:              []x509.OID{signing.PolicyTrial, signing.PolicySoftwareKey},
		OCSPServer:            r.OCSP, CRLDistributionPoints: r.CRL,
	}
	if r.Device {
		template.Policies = template.Policies[:1]
	}
	leaf, err := create(ca.entropy, template, ca.issuing, r.PublicKey, ca.key)
	if err != nil {
		return nil, err
	}
	return signing.NewCertificate(leaf, ca.issuing)
}

// fault names what is wrong with a request, or "".
func (r Request) fault(ca *CA) string {
	switch {
	case r.Kind < Person || r.Kind > Receipt:
		return "kind"
	case r.Name == "":
		return "name"
	case r.Kind == Person && r.PersonalNumber == "", r.Kind != Person && r.TaxCode == "":
		return "number"
	case !r.NotBefore.Before(r.NotAfter) || r.NotBefore.Before(ca.issuing.NotBefore) || r.NotAfter.After(ca.issuing.NotAfter):
		return "validity"
	}
	return ""
}

// subject writes the name as Vietnamese authorities do: UID=CCCD:… for a
// person, UID=MST:… for an organisation.
func (r Request) subject() pkix.Name {
	number := "CCCD:" + r.PersonalNumber
	if r.Kind != Person {
		number = "MST:" + r.TaxCode
	}
	name := pkix.Name{
		Country:            []string{"VN"},
		OrganizationalUnit: []string{holderMark},
		CommonName:         r.Name,
		ExtraNames:         []pkix.AttributeTypeAndValue{{Type: oidUserID, Value: number}},
	}
	if r.Organization != "" {
		name.Organization = []string{r.Organization}
	}
	return name
}

var oidUserID = asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}

// Anchor returns the root for a trust list, marked as a trial.
func (ca *CA) Anchor() signing.Anchor { return signing.Anchor{Certificate: ca.root, Trial: true} }

// RootPEM returns the root certificate, for outside verifiers.
func (ca *CA) RootPEM() []byte { return signing.EncodePEM(ca.root) }

// Issuing returns the certificate of the issuing authority.
func (ca *CA) Issuing() *x509.Certificate { return ca.issuing }

const keyBlock = "PRIVATE KEY"

// MarshalPEM returns everything Load needs: root, issuing authority, and its
// private key. The caller keeps it in a file only the program can read.
func (ca *CA) MarshalPEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(ca.key)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "demo.certificate")
	}
	return append(signing.EncodePEM(ca.root, ca.issuing), pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der})...), nil
}

// Load reads what MarshalPEM wrote; entropy as in New. It fails with Invalid
// demo.authority when it is anything else.
func Load(text []byte, entropy io.Reader) (*CA, error) {
	if entropy == nil {
		entropy = rand.Reader
	}
	var ders [3][]byte
	for i, kind := range []string{"CERTIFICATE", "CERTIFICATE", keyBlock} {
		block, rest := pem.Decode(text)
		if block == nil || block.Type != kind {
			return nil, fault.New(fault.Invalid, "demo.authority")
		}
		ders[i], text = block.Bytes, rest
	}
	ca := &CA{entropy: entropy}
	var err error
	if ca.root, err = x509.ParseCertificate(ders[0]); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "demo.authority")
	}
	if ca.issuing, err = x509.ParseCertificate(ders[1]); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "demo.authority")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(ders[2])
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "demo.authority")
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || !key.PublicKey.Equal(ca.issuing.PublicKey) || ca.issuing.CheckSignatureFrom(ca.root) != nil ||
		ca.root.Subject.CommonName != RootName {
		return nil, fault.New(fault.Invalid, "demo.authority")
	}
	ca.key = key
	return ca, nil
}
