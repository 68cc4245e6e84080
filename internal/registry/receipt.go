package registry

import (
	"crypto"
	"crypto/x509"

	"github.com/google/uuid"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/software"
	"hocba/internal/signing/xades"
)

// Signer signs receipts, unattended.
type Signer interface {
	crypto.Signer
	Certificate() *signing.Certificate
}

// ReceiptKey is the registry's receipt key in the program's own store. It must
// sign at any hour without a person, so nobody's PIN protects it: it is sealed
// under the server secret alone, the 0600 file outside the database. Whoever
// has both the database and that file can sign receipts; that is the operator
// of the registry, who is trusted with it. A device or a remote service is
// another Signer.
type ReceiptKey struct {
	*software.Key
	certificate *signing.Certificate
}

// unattended stands where a person's PIN would. It is no secret.
var unattended = []byte("receipt key, no person's PIN")

// SealReceiptKey wraps a receipt key for the database.
func SealReceiptKey(secret *software.Secret, key crypto.Signer) ([]byte, error) {
	return software.Seal(software.KindSeal, unattended, secret, key)
}

// OpenReceiptKey opens a wrapped receipt key. It fails as software.Open does,
// and with Internal registry.receipt_key when the certificate is another key's.
func OpenReceiptKey(secret *software.Secret, certificate *signing.Certificate, blob []byte) (*ReceiptKey, error) {
	key, err := software.Open(unattended, secret, blob)
	if err != nil {
		return nil, err
	}
	public, ok := certificate.Leaf().PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(key.Public()) {
		key.Close()
		return nil, fault.New(fault.Internal, "registry.receipt_key")
	}
	return &ReceiptKey{key, certificate}, nil
}

// Certificate returns the certificate; its organisation is the Sở's name, or
// no verifier would take the receipts.
func (k *ReceiptKey) Certificate() *signing.Certificate { return k.certificate }

// Names reports whether a certificate's holder is called so: as common name or
// organisation.
func Names(c *x509.Certificate, name string) bool {
	for _, o := range append([]string{c.Subject.CommonName}, c.Subject.Organization...) {
		if o == name {
			return true
		}
	}
	return false
}

// sign numbers, signs and assembles a receipt.
func (o Office) sign(key Signer, r bundle.Receipt) ([]byte, error) {
	if err := InForce(key, o.Now); err != nil {
		return nil, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "registry.receipt_number")
	}
	r.ID, r.Department, r.Time = id.String(), o.Department, bundle.Instant(o.Now)
	r.Result = bundle.Accepted
	if len(r.Reasons) > 0 && len(r.Items) == 0 {
		r.Result = bundle.Refused
	}
	content, err := bundle.WriteReceipt(r)
	if err != nil {
		return nil, err
	}
	certificate := key.Certificate()
	signature, err := xades.Sign(xades.Params{ID: bundle.ReceiptSignatureID, References: bundle.StatementReferences(content),
		Certificate: certificate.Leaf(), Intermediates: certificate.Intermediates(), SigningTime: o.Now,
		Role: string(bundle.Registry)}, key)
	if err != nil {
		return nil, err
	}
	return bundle.AssembleReceipt(content, signature)
}

// RecordReceipt signs the answer to one record.
func (o Office) RecordReceipt(key Signer, p *Paper, a *Arrival, r Ruling) ([]byte, error) {
	return o.sign(key, bundle.Receipt{School: p.School, Of: bundle.ReceiptOfRecord, SHA256: a.SHA256, Statement: p.id(),
		Record: a.UUID(), Version: a.Number(), Reasons: r.Reasons()})
}

// Answered is what became of one record that arrived with a manifest.
type Answered struct {
	Arrival *Arrival
	Result  bundle.Result
	Final   bool // sending the same bytes again changes nothing
}

// Items lists what became of every record of a manifest, those that did not
// arrive and those that arrived unlisted with them, and the reasons that name
// the latter two. final: the same manifest with the same records would be
// answered the same for ever.
func Items(p *Paper, answers []Answered) (items []bundle.ReceiptItem, reasons []bundle.Reason, final bool) {
	final = true
	byRecord := make(map[string]Answered, len(answers))
	for _, a := range answers {
		final = final && a.Final
		if !a.Arrival.Unlisted() {
			// Sound bytes answer the line even when altered ones came beside them.
			if old, ok := byRecord[a.Arrival.UUID()]; !ok || old.Result != bundle.Accepted {
				byRecord[a.Arrival.UUID()] = a
			}
		}
	}
	for _, l := range p.Statement.Records {
		item := bundle.ReceiptItem{Record: l.Record, Version: l.Version, SHA256: l.SHA256, Result: bundle.Missing}
		if a, ok := byRecord[l.Record]; ok {
			item.Result = a.Result
		} else {
			final = false
			reasons = append(reasons, about(l.Record, reason("registry.missing", bundle.Resubmit, "pupil", l.Pupil)))
		}
		items = append(items, item)
	}
	for _, a := range answers {
		if !a.Arrival.Unlisted() {
			continue
		}
		final = false
		r := reason("registry.unlisted", bundle.Resubmit, "sha256", a.Arrival.SHA256)
		if a.Arrival.Record != nil {
			r.Record = a.Arrival.UUID()
			items = append(items, bundle.ReceiptItem{Record: a.Arrival.UUID(), Version: a.Arrival.Number(),
				SHA256: a.Arrival.SHA256, Result: bundle.Unlisted})
		}
		reasons = append(reasons, r)
	}
	return items, number(reasons), final
}

// ManifestReceipt signs the answer to a manifest that was read: it is
// accepted, and its items say what became of each record. A manifest that was
// refused itself has no items.
func (o Office) ManifestReceipt(key Signer, p *Paper, items []bundle.ReceiptItem, reasons []bundle.Reason) ([]byte, error) {
	return o.sign(key, bundle.Receipt{School: p.School, Of: bundle.ReceiptOfSubmission, SHA256: p.SHA256, Statement: p.id(),
		Items: items, Reasons: reasons})
}

// StatementReceipt signs the answer to a THU_HOI, a DE_NGHI_THU_HOI, a CHOT, or a manifest that
// is refused itself.
func (o Office) StatementReceipt(key Signer, p *Paper, reasons []bundle.Reason) ([]byte, error) {
	r := bundle.Receipt{School: p.School, Of: bundle.ReceiptOf(p.Kind), SHA256: p.SHA256, Statement: p.id(), Reasons: reasons}
	if (p.Kind == bundle.Recall || p.Kind == bundle.Request) && p.Statement != nil {
		r.Record, r.Version = p.Statement.About.Record, p.Statement.About.Version
	}
	return o.sign(key, r)
}
