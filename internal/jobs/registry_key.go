package jobs

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"strings"

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
	Device *registry.DeviceDoor
}

// Signer opens the key in use. It fails as db.ReceiptKey does.
func (k RegistryKeys) Signer(ctx context.Context) (registry.Signer, error) {
	return k.DB.ReceiptKey(ctx, registry.Keys{Secret: k.Secret, Device: k.Device})
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
// It fails with Conflict certificate.check_failed, with the checks, when one of
// them failed, and as certificate.Read and db.InstallReceiptKey do.
func (k RegistryKeys) Install(ctx context.Context, file []byte) (*signing.Certificate, []certificate.Check, error) {
	cert, err := certificate.Read(file)
	if err != nil {
		return nil, nil, err
	}
	checks, err := k.examine(ctx, cert)
	if err != nil {
		return nil, checks, err
	}
	return cert, checks, k.DB.InstallReceiptKey(ctx, cert)
}

// UseDevice takes a key in a device at this server into use: the one with this
// id, or the only one whose certificate names the Sở. The device signs once
// before anything is kept. It fails as Install does, and with Unavailable
// registry.no_device, NotFound registry.device_no_certificate, Conflict
// registry.device_many (Args keys), and the codes of a PIN.
func (k RegistryKeys) UseDevice(ctx context.Context, token, id string) (*signing.Certificate, []certificate.Check, error) {
	if k.Device == nil {
		return nil, nil, fault.New(fault.Unavailable, "registry.no_device", "token", token)
	}
	found, err := k.find(ctx, token, id)
	if err != nil {
		return nil, nil, err
	}
	checks, err := k.examine(ctx, found.Certificate)
	if err != nil {
		return nil, checks, err
	}
	at := registry.Device{Token: token, Key: found.Ref}
	key, err := registry.NewDeviceKey(*k.Device, at, found.Certificate)
	if err != nil {
		return nil, checks, err
	}
	defer key.Close()
	probe := sha256.Sum256([]byte(token))
	if _, err := key.Sign(rand.Reader, probe[:], crypto.SHA256); err != nil {
		return nil, checks, err
	}
	return found.Certificate, checks, k.DB.KeepReceiptDevice(ctx, found.Certificate, at)
}

// find looks through a device for the key of the Sở.
func (k RegistryKeys) find(ctx context.Context, token, id string) (out signing.Credential, err error) {
	department, err := k.DB.Department(ctx)
	if err != nil {
		return out, err
	}
	pin, err := k.Device.PIN()
	if err != nil {
		return out, err
	}
	list, err := k.Device.Opener.Credentials(ctx, signing.Access{Params: map[string]string{"token": token}, PIN: pin})
	if err != nil {
		return out, err
	}
	var ids []string
	for _, c := range list {
		if registry.Names(c.Certificate.Leaf(), department.Name) && (id == "" || id == c.Ref) {
			ids, out = append(ids, c.Ref), c
		}
	}
	switch len(ids) {
	case 0:
		return out, fault.New(fault.NotFound, "registry.device_no_certificate", "token", token, "department", department.Name)
	case 1:
		return out, nil
	}
	return out, fault.New(fault.Conflict, "registry.device_many", "keys", strings.Join(ids, ", "))
}

// examine makes the checks of a seal's certificate, but for those of the Sở's
// demand of a device: a registry's key may be kept either way.
func (k RegistryKeys) examine(ctx context.Context, cert *signing.Certificate) ([]certificate.Check, error) {
	department, err := k.DB.Department(ctx)
	if err != nil {
		return nil, err
	}
	desk := CertificateDesk{DB: k.DB, Issuer: k.Issuer}
	s := subject{certificate: cert, purpose: certificate.Seal, unit: department.ID, holder: department.Name, unattended: true,
		status: desk.Ask(ctx, cert)}
	checks, err := desk.examine(ctx, workflow.Actor{Kind: workflow.System}, s)
	if err != nil {
		return nil, err
	}
	return checks, certificate.Stands(checks, certificate.Declared, false)
}
