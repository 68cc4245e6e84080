package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/workflow"
)

// registrar is who works in the registry: the program itself. Nobody else may
// add a row there.
var registrar = workflow.Actor{Kind: workflow.System}

// KeepReceiptKey stores the registry's receipt key, wrapped by
// registry.SealReceiptKey; the newest counts. The certificate must name the Sở,
// or no verifier would take a receipt: Invalid, registry.receipt_certificate.
func (d *DB) KeepReceiptKey(ctx context.Context, certificate *signing.Certificate, blob []byte) error {
	return d.Registry(ctx, registrar, func(tx *Tx) error { return tx.keepReceiptKey(ctx, certificate, blob, nil) })
}

// KeepReceiptDevice takes a key in a device into use. It fails as
// InstallReceiptKey does.
func (d *DB) KeepReceiptDevice(ctx context.Context, certificate *signing.Certificate, at registry.Device) error {
	where, err := json.Marshal(at)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "registry.receipt_key")
	}
	return d.Registry(ctx, registrar, func(tx *Tx) error {
		if err := tx.newReceiptCertificate(ctx, certificate); err != nil {
			return err
		}
		return tx.keepReceiptKey(ctx, certificate, nil, where)
	})
}

// newReceiptCertificate refuses the certificate that is in use.
func (t *Tx) newReceiptCertificate(ctx context.Context, certificate *signing.Certificate) error {
	var leaf []byte
	err := t.GetContext(ctx, &leaf, `SELECT leaf FROM registry.receipt_key ORDER BY id DESC LIMIT 1`)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return translate(err, "read the receipt key")
	}
	if string(leaf) == string(certificate.Leaf().Raw) {
		return fault.New(fault.Conflict, "registry.receipt_installed")
	}
	return nil
}

func (t *Tx) keepReceiptKey(ctx context.Context, certificate *signing.Certificate, blob, device []byte) error {
	department, err := t.department(ctx)
	if err != nil {
		return err
	}
	if !registry.Names(certificate.Leaf(), department.Name) {
		return fault.New(fault.Invalid, "registry.receipt_certificate", "department", department.Name)
	}
	return t.exec(ctx, "keep the receipt key", `INSERT INTO registry.receipt_key (department, leaf, chain, key_blob, device, created_at)
		VALUES ($1, $2, $3, $4, $5::jsonb, $6)`, department.Code, certificate.Leaf().Raw, signing.EncodePEM(certificate.Intermediates()...), blob, device, t.Now)
}

// KeepKeyRequest stores a key for which the registry asks a certificate,
// wrapped by registry.SealReceiptKey. info is its subject public key info.
func (d *DB) KeepKeyRequest(ctx context.Context, info, blob []byte) error {
	sum := sha256.Sum256(info)
	return d.Registry(ctx, registrar, func(tx *Tx) error {
		department, err := tx.department(ctx)
		if err != nil {
			return err
		}
		return tx.exec(ctx, "keep a requested key", `INSERT INTO registry.key_request (department, public_sha256, key_blob, requested_at)
			VALUES ($1, $2, $3, $4)`, department.Code, sum[:], blob, tx.Now)
	})
}

// InstallReceiptKey takes the key that was requested for this certificate into
// use. It fails as KeepReceiptKey does, with NotFound
// registry.receipt_no_request for a certificate of another key, and with
// Conflict registry.receipt_installed for one that is in use already.
func (d *DB) InstallReceiptKey(ctx context.Context, certificate *signing.Certificate) error {
	sum := sha256.Sum256(certificate.Leaf().RawSubjectPublicKeyInfo)
	return d.Registry(ctx, registrar, func(tx *Tx) error {
		var blob []byte
		err := tx.GetContext(ctx, &blob, `SELECT key_blob FROM registry.key_request WHERE public_sha256 = $1`, sum[:])
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "registry.receipt_no_request")
		}
		if err != nil {
			return translate(err, "find the requested key")
		}
		if err := tx.newReceiptCertificate(ctx, certificate); err != nil {
			return err
		}
		return tx.keepReceiptKey(ctx, certificate, blob, nil)
	})
}

// receiptKeyRow is a receipt key as it is kept.
type receiptKeyRow struct {
	ID     int64     `db:"id"`
	Leaf   []byte    `db:"leaf"`
	Chain  []byte    `db:"chain"`
	Blob   []byte    `db:"key_blob"`
	Device []byte    `db:"device"`
	At     time.Time `db:"created_at"`
}

// ReceiptKey opens the newest receipt key; Unavailable, registry.no_receipt_key,
// when the registry has none yet. It fails as registry.Keys.Open does.
func (d *DB) ReceiptKey(ctx context.Context, keys registry.Keys) (registry.Signer, error) {
	var row receiptKeyRow
	err := d.Registry(ctx, registrar, func(tx *Tx) error {
		err := tx.GetContext(ctx, &row, `SELECT id, leaf, chain, key_blob, device, created_at FROM registry.receipt_key ORDER BY id DESC LIMIT 1`)
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
	var at *registry.Device
	if row.Device != nil {
		at = new(registry.Device)
		if err := json.Unmarshal(row.Device, at); err != nil {
			return nil, fault.Wrap(err, fault.Internal, "registry.receipt_key")
		}
	}
	return keys.Open(certificate, row.Blob, at)
}

// ReceiptCertificate is a certificate under which the registry signs or signed
// its receipts and papers.
type ReceiptCertificate struct {
	Certificate *signing.Certificate
	OnDevice    bool
	Since       time.Time
}

// ReceiptCertificates lists them, the one in use first. Anybody in the program
// may know them: they stand in every receipt.
func (d *DB) ReceiptCertificates(ctx context.Context) (out []ReceiptCertificate, err error) {
	var rows []receiptKeyRow
	err = d.Registry(ctx, registrar, func(tx *Tx) error {
		return tx.list(ctx, "list the receipt certificates", &rows, `SELECT id, leaf, ''::bytea AS chain, ''::bytea AS key_blob, device, created_at
			FROM registry.receipt_key ORDER BY id DESC`)
	})
	for _, r := range rows {
		certificate, parseErr := signing.ParseCertificate(r.Leaf)
		if parseErr != nil {
			return nil, parseErr
		}
		out = append(out, ReceiptCertificate{Certificate: certificate, OnDevice: r.Device != nil, Since: r.At})
	}
	return out, err
}

// ReceiptKeySerial tells which receipt key is the newest; 0: there is none. A
// program that holds another one opened it before the last change.
func (d *DB) ReceiptKeySerial(ctx context.Context) (id int64, err error) {
	err = d.Registry(ctx, registrar, func(tx *Tx) error {
		return tx.get(ctx, "registry.no_receipt_key", &id, `SELECT coalesce(max(id), 0) FROM registry.receipt_key`)
	})
	return id, err
}

// Department is the Sở whose registry this is.
func (d *DB) Department(ctx context.Context) (u school.Unit, err error) {
	err = d.Registry(ctx, registrar, func(tx *Tx) error {
		u, err = tx.department(ctx)
		return err
	})
	return u, err
}

// department is the Sở whose registry this is.
func (t *Tx) department(ctx context.Context) (school.Unit, error) {
	var u school.Unit
	err := t.get(ctx, "unit.unknown", &u, `SELECT `+unitColumns+` FROM core.unit
		WHERE kind = 'so' AND valid_from <= $1 AND (valid_to IS NULL OR valid_to >= $1) ORDER BY id LIMIT 1`, school.DateOf(t.Now))
	return u, err
}
