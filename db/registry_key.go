package db

import (
	"context"
	"database/sql"
	"errors"

	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/signing/software"
	"hocba/internal/workflow"
)

// registrar is who works in the registry: the program itself. Nobody else may
// add a row there.
var registrar = workflow.Actor{Kind: workflow.System}

// KeepReceiptKey stores the registry's receipt key, wrapped by
// registry.SealReceiptKey; the newest counts. The certificate must name the Sở,
// or no verifier would take a receipt: Invalid, registry.receipt_certificate.
func (d *DB) KeepReceiptKey(ctx context.Context, certificate *signing.Certificate, blob []byte) error {
	return d.Registry(ctx, registrar, func(tx *Tx) error {
		department, err := tx.department(ctx)
		if err != nil {
			return err
		}
		if !registry.Names(certificate.Leaf(), department.Name) {
			return fault.New(fault.Invalid, "registry.receipt_certificate", "department", department.Name)
		}
		return tx.exec(ctx, "keep the receipt key", `INSERT INTO registry.receipt_key (department, leaf, chain, key_blob, created_at)
			VALUES ($1, $2, $3, $4, $5)`, department.Code, certificate.Leaf().Raw, signing.EncodePEM(certificate.Intermediates()...), blob, tx.Now)
	})
}

// ReceiptKey opens the newest receipt key; Unavailable, registry.no_receipt_key,
// when the registry has none yet.
func (d *DB) ReceiptKey(ctx context.Context, secret *software.Secret) (*registry.ReceiptKey, error) {
	var row struct {
		Leaf  []byte `db:"leaf"`
		Chain []byte `db:"chain"`
		Blob  []byte `db:"key_blob"`
	}
	err := d.Registry(ctx, registrar, func(tx *Tx) error {
		err := tx.GetContext(ctx, &row, `SELECT leaf, chain, key_blob FROM registry.receipt_key ORDER BY id DESC LIMIT 1`)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.Unavailable, "registry.no_receipt_key")
		}
		return translate(err, "read the receipt key")
	})
	if err != nil {
		return nil, err
	}
	certificate, err := KeptCertificate{Leaf: row.Leaf, Chain: row.Chain}.Certificate()
	if err != nil {
		return nil, err
	}
	return registry.OpenReceiptKey(secret, certificate, row.Blob)
}

// department is the Sở whose registry this is.
func (t *Tx) department(ctx context.Context) (school.Unit, error) {
	var u school.Unit
	err := t.get(ctx, "unit.unknown", &u, `SELECT `+unitColumns+` FROM core.unit
		WHERE kind = 'so' AND valid_from <= $1 AND (valid_to IS NULL OR valid_to >= $1) ORDER BY id LIMIT 1`, school.DateOf(t.Now))
	return u, err
}
