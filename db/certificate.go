package db

import (
	"bytes"
	"context"
	"crypto/x509"
	"time"

	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/signing"
)

// Purpose says whose a certificate is.
type Purpose string

// The purposes.
const (
	PersonCertificate Purpose = "person"
	SealCertificate   Purpose = "seal"
)

// KeptCertificate is a certificate with, in the trial key store, its wrapped key.
type KeptCertificate struct {
	ID          int64     `db:"id"`
	Fingerprint string    `db:"fingerprint"`
	AccountID   *int64    `db:"account_id"`
	UnitID      *int64    `db:"unit_id"`
	Purpose     Purpose   `db:"purpose"`
	Leaf        []byte    `db:"leaf"`
	Chain       []byte    `db:"chain"` // PEM of the intermediates
	KeyBlob     []byte    `db:"key_blob"`
	NotBefore   time.Time `db:"not_before"`
	NotAfter    time.Time `db:"not_after"`
}

// Certificate reads the kept bytes.
func (k KeptCertificate) Certificate() (*signing.Certificate, error) {
	chain := [][]byte{k.Leaf}
	if len(k.Chain) > 0 {
		list, err := signing.ReadPEM(k.Chain)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			chain = append(chain, c.Raw)
		}
	}
	return signing.ParseCertificate(chain...)
}

const certificateColumns = `c.id, c.fingerprint, c.account_id, c.unit_id, c.purpose, c.leaf, c.chain,
	coalesce(c.key_blob, ''::bytea) AS key_blob, c.not_before, c.not_after`

// KeepCertificate stores a certificate of a person (accountID) or of a unit's
// seal (unitID), with the wrapped key of the trial key store, which may be nil.
func (t *Tx) KeepCertificate(ctx context.Context, purpose Purpose, owner int64, cert *signing.Certificate, keyBlob []byte) (int64, error) {
	var account, unit *int64
	if purpose == PersonCertificate {
		account = &owner
	} else {
		unit = &owner
	}
	var id int64
	err := t.GetContext(ctx, &id, `INSERT INTO core.certificate (fingerprint, account_id, unit_id, purpose, leaf, chain,
		  key_blob, not_before, not_after, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`, cert.Fingerprint(), account, unit, purpose,
		cert.Leaf().Raw, signing.EncodePEM(cert.Intermediates()...), keyBlob, cert.NotBefore(), cert.NotAfter(), t.Now)
	return id, translate(err, "keep a certificate")
}

// CertificateEvent adds a fact about a certificate: declared, registered,
// approved, refused, ended. The program itself leaves accountID 0.
func (t *Tx) CertificateEvent(ctx context.Context, certificateID int64, kind string, accountID int64, note string, effective time.Time) error {
	return t.exec(ctx, "note a certificate's fact", `INSERT INTO core.certificate_event
		(certificate_id, kind, account_id, note, effective_at, at) VALUES ($1, $2, nullif($3, 0), $4, $5, $6)`,
		certificateID, kind, accountID, note, effective, t.Now)
}

// anyWay stands for: wherever the key lies.
const anyWay = -1

// byWay keeps the certificates whose key lies with the way $3.
const byWay = ` AND ($3 = -1 OR $3 = coalesce((SELECT k.way_id FROM core.certificate_key k WHERE k.certificate_id = c.id), 0))`

// SigningCertificate returns the certificate with which a person signs now.
// Without one it fails with Forbidden, certificate.none.
func (t *Tx) SigningCertificate(ctx context.Context, accountID int64) (KeptCertificate, error) {
	return t.signingCertificate(ctx, accountID, anyWay)
}

func (t *Tx) signingCertificate(ctx context.Context, accountID, wayID int64) (KeptCertificate, error) {
	var out []KeptCertificate
	err := t.list(ctx, "find a person's certificate", &out, `SELECT `+certificateColumns+` FROM core.certificate c
		WHERE c.account_id = $1 AND c.purpose = 'person' AND c.not_before <= $2 AND c.not_after > $2
		  AND NOT EXISTS (SELECT 1 FROM core.certificate_event e WHERE e.certificate_id = c.id AND e.kind = 'ended' AND e.effective_at <= $2)`+
		byWay+` ORDER BY c.id DESC LIMIT 1`, accountID, t.Now, wayID)
	if err != nil {
		return KeptCertificate{}, err
	}
	if len(out) == 0 {
		return KeptCertificate{}, fault.New(fault.Forbidden, "certificate.none")
	}
	return out[0], nil
}

// SealCertificate returns the certificate of a unit's seal that was approved
// by the authority and holds now. Without one it fails with Forbidden,
// certificate.seal_not_approved.
func (t *Tx) SealCertificate(ctx context.Context, unitID int64) (KeptCertificate, error) {
	return t.sealCertificate(ctx, unitID, anyWay)
}

func (t *Tx) sealCertificate(ctx context.Context, unitID, wayID int64) (KeptCertificate, error) {
	var out []KeptCertificate
	err := t.list(ctx, "find a unit's seal", &out, `SELECT `+certificateColumns+` FROM core.certificate c
		WHERE c.unit_id = $1 AND c.purpose = 'seal' AND c.not_before <= $2 AND c.not_after > $2
		  AND EXISTS (SELECT 1 FROM core.certificate_event e WHERE e.certificate_id = c.id AND e.kind = 'approved' AND e.effective_at <= $2)
		  AND NOT EXISTS (SELECT 1 FROM core.certificate_event e WHERE e.certificate_id = c.id AND e.kind IN ('ended', 'refused') AND e.effective_at <= $2)`+
		byWay+` ORDER BY c.id DESC LIMIT 1`, unitID, t.Now, wayID)
	if err != nil {
		return KeptCertificate{}, err
	}
	if len(out) == 0 {
		return KeptCertificate{}, fault.New(fault.Forbidden, "certificate.seal_not_approved")
	}
	return out[0], nil
}

// SealApproval returns the time in which the approval of a seal of the actor's
// school holds: from the first approval to the first end or refusal. It is zero
// when nobody approved it, or it is another unit's.
func (t *Tx) SealApproval(ctx context.Context, fingerprint string) (record.SealApproval, error) {
	var rows []struct {
		From  *time.Time `db:"approved_at"`
		Until *time.Time `db:"ended_at"`
	}
	err := t.list(ctx, "look a seal's approval up", &rows, `SELECT min(e.effective_at) FILTER (WHERE e.kind = 'approved') AS approved_at,
		  min(e.effective_at) FILTER (WHERE e.kind IN ('ended', 'refused')) AS ended_at
		FROM core.certificate c JOIN core.certificate_event e ON e.certificate_id = c.id
		WHERE c.unit_id = $1 AND c.fingerprint = $2 AND c.purpose = 'seal' GROUP BY c.id`, t.Actor.SchoolID, fingerprint)
	if err != nil || len(rows) == 0 {
		return record.SealApproval{}, err
	}
	return record.SealApproval{From: instant(rows[0].From), Until: instant(rows[0].Until)}, nil
}

// ApprovedSeal reports to the registry whether a seal's certificate was
// approved for the unit of this code at an instant. It reads core through the
// registry's own role.
func (t *Tx) ApprovedSeal(ctx context.Context, unitCode, fingerprint string, at time.Time) (bool, error) {
	var ok bool
	err := t.GetContext(ctx, &ok, `SELECT EXISTS (SELECT 1 FROM core.certificate c JOIN core.unit u ON u.id = c.unit_id
		WHERE u.code = $1 AND c.fingerprint = $2 AND c.purpose = 'seal'
		  AND EXISTS (SELECT 1 FROM core.certificate_event e WHERE e.certificate_id = c.id AND e.kind = 'approved' AND e.effective_at <= $3)
		  AND NOT EXISTS (SELECT 1 FROM core.certificate_event e WHERE e.certificate_id = c.id AND e.kind = 'ended' AND e.effective_at <= $3))`,
		unitCode, fingerprint, at)
	return ok, translate(err, "look an approved seal up")
}

// TrustList returns the roots that this database trusts, and the intermediate
// certificates that came with its own certificates.
func (d *DB) TrustList(ctx context.Context) (*signing.TrustList, error) {
	var rows []struct {
		PEM       string     `db:"pem"`
		Trial     bool       `db:"trial"`
		ValidFrom time.Time  `db:"valid_from"`
		ValidTo   *time.Time `db:"valid_to"`
	}
	err := d.registry.SelectContext(ctx, &rows, `SELECT pem, trial, valid_from, valid_to FROM core.trust_root ORDER BY fingerprint`)
	if err != nil {
		return nil, translate(err, "read the trusted roots")
	}
	var anchors []signing.Anchor
	for _, r := range rows {
		list, err := signing.ReadPEM([]byte(r.PEM))
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			a := signing.Anchor{Certificate: c, Trial: r.Trial, From: r.ValidFrom}
			if r.ValidTo != nil {
				a.Until = *r.ValidTo
			}
			anchors = append(anchors, a)
		}
	}
	intermediates, err := d.intermediates(ctx)
	if err != nil {
		return nil, err
	}
	return signing.NewTrustList(anchors, intermediates)
}

func (d *DB) intermediates(ctx context.Context) ([]*x509.Certificate, error) {
	var texts [][]byte
	err := d.registry.SelectContext(ctx, &texts, `SELECT DISTINCT chain FROM core.certificate WHERE chain <> ''`)
	if err != nil {
		return nil, translate(err, "read the intermediate certificates")
	}
	var out []*x509.Certificate
	for _, text := range texts {
		list, err := signing.ReadPEM(text)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			if !containsCertificate(out, c) {
				out = append(out, c)
			}
		}
	}
	return out, nil
}

func containsCertificate(list []*x509.Certificate, c *x509.Certificate) bool {
	for _, o := range list {
		if bytes.Equal(o.Raw, c.Raw) {
			return true
		}
	}
	return false
}
