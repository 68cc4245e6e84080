package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"strconv"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/signing/cms"
	"hocba/internal/verify"
)

// HeldPupil is what the registry holds of one pupil for a transfer file.
type HeldPupil struct {
	School   bundle.Unit // of the newest live version: it manages the records
	Versions []LookedUp  // the live ones, in the order of the years
}

// LivePupil returns the live versions of a pupil (MA_HOC_SINH), over all years
// and schools; none is NotFound, transfer.nothing.
func (d *DB) LivePupil(ctx context.Context, pupil string) (out HeldPupil, err error) {
	err = d.Registry(ctx, registrar, func(tx *Tx) error {
		var rows []lookUpRow
		err := tx.list(ctx, "list a pupil's live versions", &rows, lookUpColumns+`WHERE v.id IN (SELECT l.version_id FROM registry.live_version l
			JOIN registry.binding b ON b.record_uuid = l.record_uuid WHERE b.pupil_code = $1) GROUP BY v.id ORDER BY v.school_year, v.id`, pupil)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return fault.New(fault.NotFound, "transfer.nothing")
		}
		for _, r := range rows {
			out.Versions = append(out.Versions, r.version())
		}
		out.School, err = tx.schoolOf(ctx, rows[len(rows)-1].ID)
		return err
	})
	return out, err
}

// schoolOf is the school of a version, by its name of today.
func (t *Tx) schoolOf(ctx context.Context, versionID int64) (bundle.Unit, error) {
	var row struct {
		Code string `db:"code"`
		Name string `db:"name"`
	}
	err := t.get(ctx, "record.unknown", &row, `SELECT v.school_code AS code, coalesce((SELECT u.name FROM core.unit u WHERE u.code = v.school_code LIMIT 1), v.school_code) AS name
		FROM registry.version v WHERE v.id = $1`, versionID)
	return bundle.Unit{Code: row.Code, Name: row.Name}, err
}

// HeldVersion returns a version with all that is kept beside it.
func (d *DB) HeldVersion(ctx context.Context, v LookedUp) (registry.HeldVersion, error) {
	out := registry.HeldVersion{State: stateOf(v), Accepted: v.Standing.Accepted}
	var err error
	if out.Record, out.Receipt, err = d.VersionFiles(ctx, registrar, v.ID); err != nil {
		return out, err
	}
	kept, err := d.EvidenceOf(ctx, v.ID)
	if err != nil {
		return out, err
	}
	out.Links, out.Parts = kept.Links, kept.Parts
	err = d.Registry(ctx, registrar, func(tx *Tx) error {
		err := tx.GetContext(ctx, &out.Paper, `SELECT pdf FROM registry.paper WHERE sha256 = $1 AND form_version LIKE '%+seal'
			ORDER BY rendered_at, form_version LIMIT 1`, v.SHA256[:])
		if errors.Is(err, sql.ErrNoRows) {
			return nil // not printed yet
		}
		return translate(err, "read a sealed paper")
	})
	return out, err
}

func stateOf(v LookedUp) bundle.VersionState {
	switch s := v.Standing; {
	case !s.Revoked.IsZero():
		return bundle.StateRevoked
	case !s.Recalled.IsZero():
		return bundle.StateRecalled
	case !s.Replaced.IsZero():
		return bundle.StateReplaced
	case !s.Locked.IsZero():
		return bundle.StateLocked
	}
	return bundle.StateAccepted
}

// VersionHeld returns the accepted version with this SHA-256 (hex) and its
// school; NotFound, record.unknown, when the registry holds none.
func (d *DB) VersionHeld(ctx context.Context, sum string) (v LookedUp, school bundle.Unit, err error) {
	v, _, found, err := d.LookUpBytes(ctx, registrar, sum)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "record.unknown")
	}
	if err == nil {
		err = d.Registry(ctx, registrar, func(tx *Tx) error {
			school, err = tx.schoolOf(ctx, v.ID)
			return err
		})
	}
	return v, school, err
}

// Pack makes a transfer file with the registry's key. It fails as
// registry.Office.Pack and registry.InForce do.
func (g *Registrar) Pack(ctx context.Context, d registry.Dossier, stamp registry.Stamper) ([]byte, error) {
	if err := registry.InForce(g.key, g.db.Now()); err != nil {
		return nil, err
	}
	var office registry.Office
	err := g.in(ctx, func(tx *Tx) error {
		department, err := tx.department(ctx)
		office = registry.Office{Department: bundle.Unit{Code: department.Code, Name: department.Name}, Now: tx.Now}
		if err == nil {
			err = tx.SoundClock(ctx)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return office.Pack(g.key, d, stamp)
}

// SignTrust signs the list of whom the registry trusts.
func (g *Registrar) SignTrust(b verify.TrustBundle) ([]byte, error) {
	return b.Sign(func(content []byte) ([]byte, error) {
		return cms.Sign(cms.Params{Type: cms.OIDData, Content: content, Detached: true, Certificate: g.key.Certificate(), Key: g.key})
	})
}

// MadeTransfer is a transfer file that was handed out.
type MadeTransfer struct {
	Manifest  *bundle.Transfer
	Signed    []byte // the manifest as it was signed
	File      []byte
	AccountID int64 // 0: a command
}

// KeepTransfer notes that a transfer file was made.
func (d *DB) KeepTransfer(ctx context.Context, m MadeTransfer) error {
	sum := sha256.Sum256(m.File)
	return d.Registry(ctx, registrar, func(tx *Tx) error {
		return tx.exec(ctx, "note a transfer file", `INSERT INTO registry.transfer_file (id, purpose, school_code, pupil_code, manifest, sha256, account_id, at)
			VALUES ($1, $2, $3, $4, $5, $6, nullif($7, 0), $8)`, m.Manifest.ID, m.Manifest.Purpose, m.Manifest.School.Code, m.Manifest.Pupil.Code,
			m.Signed, sum[:], m.AccountID, tx.Now)
	})
}

// NoteTransferFile puts into the audit trail that a transfer file of a pupil
// or the evidence of a record was taken, by its number. object is "pupil:id" or
// "record:id".
func (t *Tx) NoteTransferFile(ctx context.Context, object string, m *bundle.Transfer) error {
	return t.note(ctx, "transfer_file_made", object, "file", m.ID, "purpose", string(m.Purpose), "versions", strconv.Itoa(len(m.Versions)))
}

// SumHex is the hash of a version as documents write it.
func (v LookedUp) SumHex() string { return hex.EncodeToString(v.SHA256[:]) }
