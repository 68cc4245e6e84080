package db

import (
	"context"
	"time"

	"hocba/internal/certificate"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/signing"
)

// Purpose says whose a certificate is.
type Purpose = certificate.Purpose

// The purposes.
const (
	PersonCertificate = certificate.Person
	SealCertificate   = certificate.Seal
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
		  key_blob, not_before, not_after, created_at, key_hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`, cert.Fingerprint(), account, unit, purpose,
		cert.Leaf().Raw, notNil(signing.EncodePEM(cert.Intermediates()...)), keyBlob, cert.NotBefore(), cert.NotAfter(), t.Now, cert.KeyHash())
	return id, translate(err, "keep a certificate")
}

// CertificateEvent adds a fact about a certificate without asking who may: for
// the seed and the program's own work, which leaves accountID 0. People go
// through ActOnCertificate.
func (t *Tx) CertificateEvent(ctx context.Context, certificateID int64, kind string, accountID int64, note string, effective time.Time) error {
	return t.exec(ctx, "note a certificate's fact", `INSERT INTO core.certificate_event
		(certificate_id, kind, account_id, note, effective_at, at) VALUES ($1, $2, nullif($3, 0), $4, $5, $6)`,
		certificateID, kind, accountID, note, effective, t.Now)
}

// anyWay stands for: wherever the key lies.
const anyWay = -1

// byWay keeps the certificates whose key lies with the way $3.
const byWay = ` AND ($3 = -1 OR $3 = coalesce((SELECT k.way_id FROM core.certificate_key k WHERE k.certificate_id = c.id), 0))`

// SigningCertificate returns the certificate with which a person signs now: one
// whose key the trial store holds before one whose key is elsewhere, then the
// newest. Without one it fails with Forbidden, certificate.none.
func (t *Tx) SigningCertificate(ctx context.Context, accountID int64) (KeptCertificate, error) {
	return t.signingCertificate(ctx, accountID, anyWay)
}

func (t *Tx) signingCertificate(ctx context.Context, accountID, wayID int64) (KeptCertificate, error) {
	return t.usable(ctx, PersonCertificate, accountID, wayID, "certificate.none")
}

// SealCertificate returns the certificate of a unit's seal that the authority
// approved and that counts now, chosen as SigningCertificate does. Without one
// it fails with Forbidden, certificate.seal_not_approved.
func (t *Tx) SealCertificate(ctx context.Context, unitID int64) (KeptCertificate, error) {
	return t.sealCertificate(ctx, unitID, anyWay)
}

func (t *Tx) sealCertificate(ctx context.Context, unitID, wayID int64) (KeptCertificate, error) {
	return t.usable(ctx, SealCertificate, unitID, wayID, "certificate.seal_not_approved")
}

func (t *Tx) usable(ctx context.Context, purpose Purpose, owner, wayID int64, none string) (KeptCertificate, error) {
	var out []KeptCertificate
	err := t.list(ctx, "find a certificate to sign with", &out, `SELECT `+certificateColumns+` FROM core.certificate c
		WHERE c.purpose = $4 AND ($4 = 'person' AND c.account_id = $1 OR $4 = 'seal' AND c.unit_id = $1)
		  AND c.not_before <= $2 AND c.not_after > $2 AND core.certificate_in_use(c.id, c.purpose, $2)`+byWay+`
		ORDER BY c.key_blob IS NOT NULL DESC, c.id DESC LIMIT 1`, owner, t.Now, wayID, purpose)
	if err != nil {
		return KeptCertificate{}, err
	}
	if len(out) == 0 {
		return KeptCertificate{}, fault.New(fault.Forbidden, none)
	}
	return out[0], nil
}

// SealApproval returns the time in which the approval of a seal of the actor's
// school holds: that which covers now, else the newest that began, else the
// first to come. It is zero when nobody approved it, or it is another unit's.
func (t *Tx) SealApproval(ctx context.Context, fingerprint string) (record.SealApproval, error) {
	lives, err := t.lives(ctx, `c.unit_id = $1 AND c.fingerprint = $2 AND c.purpose = 'seal'`, t.Actor.SchoolID, fingerprint)
	if err != nil || len(lives) == 0 {
		return record.SealApproval{}, err
	}
	var best record.SealApproval
	for _, i := range lives[0].Intervals() {
		if best.From.IsZero() || !i.From.After(t.Now) {
			best = record.SealApproval{From: i.From, Until: i.Until}
		}
	}
	return best, nil
}

// KeptLife is a certificate's facts with whose they are.
type KeptLife struct {
	certificate.Life
	ID          int64
	Fingerprint string
}

// lives loads the facts of certificates, by a condition over core.certificate c
// that the program wrote.
func (t *Tx) lives(ctx context.Context, where string, args ...any) ([]KeptLife, error) {
	var rows []struct {
		ID          int64            `db:"id"`
		Fingerprint string           `db:"fingerprint"`
		Purpose     Purpose          `db:"purpose"`
		Kind        certificate.Kind `db:"kind"`
		AccountID   int64            `db:"account_id"`
		Reason      string           `db:"reason"`
		Note        string           `db:"note"`
		Effective   *time.Time       `db:"effective_at"`
		At          *time.Time       `db:"at"`
	}
	err := t.list(ctx, "load what was written about certificates", &rows, `SELECT c.id, c.fingerprint, c.purpose, coalesce(e.kind, '') AS kind,
		  coalesce(e.account_id, 0) AS account_id, coalesce(e.reason, '') AS reason, coalesce(e.note, '') AS note, e.effective_at, e.at
		FROM core.certificate c LEFT JOIN core.certificate_event e ON e.certificate_id = c.id
		WHERE `+where+` ORDER BY c.id, e.id`, args...)
	var out []KeptLife
	for _, r := range rows {
		if len(out) == 0 || out[len(out)-1].ID != r.ID {
			out = append(out, KeptLife{ID: r.ID, Fingerprint: r.Fingerprint, Life: certificate.Life{Purpose: r.Purpose}})
		}
		if r.Kind != "" {
			l := &out[len(out)-1]
			l.Events = append(l.Events, certificate.Event{Kind: r.Kind, AccountID: r.AccountID, Reason: r.Reason, Note: r.Note,
				Effective: instant(r.Effective), At: instant(r.At)})
		}
	}
	return out, err
}
