package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"hocba/internal/fault"
	"hocba/internal/school"
)

const unitColumns = `id, code, name, kind, parent_id, levels, commune, province, valid_from, valid_to`

// Installation says what kind of database this is.
type Installation struct {
	Demo      bool      `db:"demo"`
	Seed      *int64    `db:"seed"`
	Offset    float64   `db:"clock_offset"` // seconds by which business time runs ahead
	CreatedAt time.Time `db:"created_at"`
}

// Installation returns the database's own facts; ok is false in a new one.
func (d *DB) Installation(ctx context.Context) (i Installation, ok bool, err error) {
	err = d.portal.GetContext(ctx, &i, `SELECT demo, seed, extract(epoch FROM clock_offset)::float8 AS clock_offset, created_at FROM core.installation`)
	if errors.Is(err, sql.ErrNoRows) {
		return Installation{}, false, nil
	}
	return i, err == nil, translate(err, "read the installation")
}

// ClockOffset is how far a demonstration's business time runs ahead of the wall's.
func (i Installation) ClockOffset() time.Duration {
	return time.Duration(i.Offset * float64(time.Second))
}

// Unit returns a unit by its number.
func (d *DB) Unit(ctx context.Context, id int64) (school.Unit, error) {
	var u school.Unit
	err := d.portal.GetContext(ctx, &u, `SELECT `+unitColumns+` FROM core.unit WHERE id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return u, fault.New(fault.NotFound, "unit.unknown")
	}
	return u, translate(err, "read a unit")
}

// UnitByCode returns the unit that bears the code on a day.
func (d *DB) UnitByCode(ctx context.Context, code string, day school.Date) (school.Unit, error) {
	var u school.Unit
	err := d.portal.GetContext(ctx, &u, `SELECT `+unitColumns+` FROM core.unit
		WHERE code = $1 AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2)`, code, day)
	if errors.Is(err, sql.ErrNoRows) {
		return u, fault.New(fault.NotFound, "unit.unknown", "code", code)
	}
	return u, translate(err, "find a unit")
}

// unitPath is the unit $1 and those above it, from the top down.
const unitPath = `WITH RECURSIVE up AS (
	  SELECT u.*, 0 AS height FROM core.unit u WHERE u.id = $1
	  UNION ALL SELECT p.*, up.height + 1 FROM core.unit p JOIN up ON p.id = up.parent_id)
	SELECT ` + unitColumns + ` FROM up ORDER BY height DESC`

// UnitPath returns the unit and those above it, from the top down.
func (d *DB) UnitPath(ctx context.Context, id int64) ([]school.Unit, error) {
	var path []school.Unit
	err := d.portal.SelectContext(ctx, &path, unitPath, id)
	return path, translate(err, "read the path of a unit")
}

// UnitPath is DB.UnitPath inside the transaction: who holds one connection must
// not wait for a second, or a full pool waits for itself.
func (t *Tx) UnitPath(ctx context.Context, id int64) ([]school.Unit, error) {
	var path []school.Unit
	err := t.list(ctx, "read the path of a unit", &path, unitPath, id)
	return path, err
}

// CreateUnit adds a unit below its parent.
func (t *Tx) CreateUnit(ctx context.Context, u school.Unit) (int64, error) {
	var id int64
	err := t.GetContext(ctx, &id, `INSERT INTO core.unit (code, name, kind, parent_id, levels, commune, province, valid_from, valid_to)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`, u.Code, u.Name, u.Kind, u.ParentID, u.Levels,
		u.Commune, u.Province, u.ValidFrom, u.ValidTo)
	return id, translate(err, "create a unit")
}

// DepartmentName returns the name of the province's Sở; "" in an empty database.
func (d *DB) DepartmentName(ctx context.Context) (string, error) {
	var name string
	err := d.portal.GetContext(ctx, &name, `SELECT name FROM core.unit WHERE kind = 'so' ORDER BY id LIMIT 1`)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return name, translate(err, "name the department")
}
