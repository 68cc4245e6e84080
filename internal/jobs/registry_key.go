package jobs

import (
	"context"
	"crypto/x509"

	"hocba/db"
	"hocba/internal/certificate"
	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/signing"
	"hocba/internal/signing/revocation"
	"hocba/internal/signing/software"
	"hocba/internal/workflow"
)

// RegistryKeys renews the key under which the registry signs receipts and
// papers, for its operator: ask an authority, install what it answers. A
// running program goes over to an installed key by itself; what the former key
// signed stays as it is.
type RegistryKeys struct {
	DB     *db.DB
	Secret *software.Secret
	Issuer *revocation.Checker // nil: nobody is asked about the certificate
}

// Request makes a key, keeps it sealed and returns the PKCS #10 request for its
// certificate, as PEM. The key in use stays in use.
func (k RegistryKeys) Request(ctx context.Context, algorithm signing.Algorithm) ([]byte, error) {
	department, err := k.DB.Department(ctx)
	if err != nil {
		return nil, err
	}
	var taxCode string
	err = k.DB.As(ctx, workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error {
		taxCode, err = tx.TaxCode(ctx, department.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	key, err := software.Generate(algorithm)
	if err != nil {
		return nil, err
	}
	info, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "registry.receipt_request")
	}
	blob, err := registry.SealReceiptKey(k.Secret, key)
	if err != nil {
		return nil, err
	}
	request, err := registry.KeyRequest(department.Name, taxCode, key)
	if err != nil {
		return nil, err
	}
	return request, k.DB.KeepKeyRequest(ctx, info, blob)
}

// Install takes the certificate of a requested key, with its chain, into use.
// It makes the checks that every seal's certificate goes through, but asks for
// no device: the registry signs at any hour without a person. It fails with
// Conflict certificate.check_failed, with the checks, when one of them failed,
// and as certificate.Read and db.InstallReceiptKey do.
func (k RegistryKeys) Install(ctx context.Context, file []byte) (*signing.Certificate, []certificate.Check, error) {
	cert, err := certificate.Read(file)
	if err != nil {
		return nil, nil, err
	}
	department, err := k.DB.Department(ctx)
	if err != nil {
		return nil, nil, err
	}
	desk := CertificateDesk{DB: k.DB, Issuer: k.Issuer}
	s := subject{certificate: cert, purpose: certificate.Seal, unit: department.ID, holder: department.Name, unattended: true,
		status: desk.Ask(ctx, cert)}
	checks, err := desk.examine(ctx, workflow.Actor{Kind: workflow.System}, s)
	if err != nil {
		return nil, nil, err
	}
	if err := certificate.Stands(checks, certificate.Declared, false); err != nil {
		return nil, checks, err
	}
	return cert, checks, k.DB.InstallReceiptKey(ctx, cert)
}
