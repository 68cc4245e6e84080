package db

import (
	"context"
	"strconv"
	"time"

	"hocba/internal/certificate"
	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/workflow"
)

// CertificateRow is a certificate as lists show it.
type CertificateRow struct {
	ID          int64            `db:"id"`
	Fingerprint string           `db:"fingerprint"`
	Purpose     Purpose          `db:"purpose"`
	UnitID      int64            `db:"unit_id"` // of a seal; 0 otherwise
	UnitCode    string           `db:"unit_code"`
	AccountID   int64            `db:"account_id"` // of a person; 0 otherwise
	Holder      string           `db:"holder"`
	Leaf        []byte           `db:"leaf"`
	Chain       []byte           `db:"chain"`
	HasKey      bool             `db:"has_key"` // the trial store keeps the key
	NotBefore   time.Time        `db:"not_before"`
	NotAfter    time.Time        `db:"not_after"`
	Last        certificate.Kind `db:"last"`
	Since       *time.Time       `db:"since"` // when the last fact was written
	Status      string           `db:"status"`
	Why         string           `db:"why"`
}

// Stage returns how far the certificate has come.
func (c CertificateRow) Stage() certificate.Stage {
	if c.Last == "" {
		return certificate.Life{Purpose: c.Purpose}.Stage(time.Time{})
	}
	return certificate.StageAfter(c.Purpose, c.Last)
}

// Certificate reads the kept bytes.
func (c CertificateRow) Certificate() (*signing.Certificate, error) {
	return KeptCertificate{Leaf: c.Leaf, Chain: c.Chain}.Certificate()
}

// standingNow is the last fact in force at $1 of core.certificate_standing g; ”
// when nothing was written.
const standingNow = `core.standing(g.certificate_id, g.last, g.since, g.turns_at, $1)`

const certificateRow = `SELECT c.id, c.fingerprint, c.purpose, coalesce(c.unit_id, 0) AS unit_id, coalesce(u.code, '') AS unit_code,
	  coalesce(c.account_id, 0) AS account_id, coalesce(u.name, a.full_name) AS holder, c.leaf, c.chain, c.key_blob IS NOT NULL AS has_key,
	  c.not_before, c.not_after, ` + standingNow + ` AS last, g.since, coalesce(s.status, '') AS status, coalesce(s.why, '') AS why
	FROM core.certificate c JOIN core.certificate_standing g ON g.certificate_id = c.id LEFT JOIN core.unit u ON u.id = c.unit_id LEFT JOIN core.account a ON a.id = c.account_id
	LEFT JOIN core.certificate_status s ON s.fingerprint = c.fingerprint `

// Certificates lists a school's certificates: its seal's, then its people's by
// name, the newest of each first.
func (t *Tx) Certificates(ctx context.Context, unitID int64) ([]CertificateRow, error) {
	var out []CertificateRow
	err := t.list(ctx, "list a school's certificates", &out, certificateRow+`WHERE c.id IN (
		  SELECT o.id FROM core.certificate o WHERE o.unit_id = $2 AND o.purpose = 'seal'
		  UNION ALL SELECT o.id FROM core.account_role r JOIN core.certificate o ON o.account_id = r.account_id WHERE r.unit_id = $2)
		ORDER BY c.purpose DESC, a.full_name COLLATE core.vietnamese, c.account_id, c.id DESC LIMIT 1000`, t.Now, unitID)
	return out, err
}

// Certificate returns one certificate within the actor's reach with everything
// written about it; NotFound, certificate.unknown, for any other.
func (t *Tx) Certificate(ctx context.Context, id int64) (CertificateRow, certificate.Life, error) {
	var row CertificateRow
	err := t.get(ctx, "certificate.unknown", &row, certificateRow+`WHERE c.purpose <> 'receipt' AND c.id = $2`, t.Now, id)
	if err != nil {
		return row, certificate.Life{}, err
	}
	lives, err := t.lives(ctx, `c.id = $1`, id)
	if err != nil || len(lives) == 0 {
		return row, certificate.Life{}, err
	}
	life := lives[0].Life
	var names []struct {
		ID   int64  `db:"id"`
		Name string `db:"full_name"`
	}
	err = t.list(ctx, "name who wrote about a certificate", &names, `SELECT DISTINCT a.id, a.full_name FROM core.certificate_event e
		JOIN core.account a ON a.id = e.account_id WHERE e.certificate_id = $1`, id)
	for _, n := range names {
		for i := range life.Events {
			if life.Events[i].AccountID == n.ID {
				life.Events[i].Name = n.Name
			}
		}
	}
	return row, life, err
}

// SealsPage is how many seals one page of the authority's list holds.
const SealsPage = 50

// SealFilter chooses of the seals below a unit.
type SealFilter struct {
	Stage certificate.Stage // "" all
	Query string            // part of a school's name or its code
	Page  int               // from 0
}

// kindsOf are the last facts behind a stage of a seal.
func kindsOf(s certificate.Stage) certificate.Kind {
	for _, k := range []certificate.Kind{certificate.Declared, certificate.Withdrawn, certificate.Registered, certificate.Approved,
		certificate.Refused, certificate.Suspended, certificate.Ended} {
		if certificate.StageAfter(certificate.Seal, k) == s {
			return k
		}
	}
	return ""
}

// Seals lists the seals of the schools below the actor's unit, those that
// waited longest first.
func (t *Tx) Seals(ctx context.Context, f SealFilter) ([]CertificateRow, error) {
	var out []CertificateRow
	err := t.list(ctx, "list seals in scope", &out, sealsSQL, t.Now, t.Actor.UnitID, kindsOf(f.Stage), f.Query, SealsPage+1, f.Page*SealsPage)
	return out, err
}

// The questions over a province. A test looks at their plans: what is wide is
// read of the seals on the page alone, and nothing of a seal's history.
const (
	sealOrder = standingNow + ` = 'registered' DESC, g.since NULLS LAST, g.certificate_id`
	sealsSQL  = certificateRow + `WHERE c.id IN (SELECT g.certificate_id FROM core.unit_scope o
		  JOIN core.certificate_standing g ON g.unit_id = o.descendant_id JOIN core.unit n ON n.id = g.unit_id
		  WHERE o.ancestor_id = $2 AND o.descendant_id <> $2
		    AND ($3 = '' OR coalesce(nullif(` + standingNow + `, ''), 'declared') = $3)
		    AND ($4 = '' OR n.code = upper($4) OR position(lower($4) IN lower(n.name)) > 0)
		  ORDER BY ` + sealOrder + ` LIMIT $5 OFFSET $6)
		ORDER BY ` + sealOrder

	countSealsSQL = `SELECT coalesce(nullif(` + standingNow + `, ''), 'declared') AS last, count(*) AS n
		FROM core.unit_scope o JOIN core.certificate_standing g ON g.unit_id = o.descendant_id
		WHERE o.ancestor_id = $2 AND o.descendant_id <> $2 GROUP BY 1`

	waitingSealsSQL = `SELECT count(DISTINCT c.unit_id) FROM core.unit_scope o
		JOIN core.certificate_standing g ON g.unit_id = o.descendant_id JOIN core.certificate c ON c.id = g.certificate_id
		WHERE o.ancestor_id = $2 AND (g.last = 'registered' OR g.turns_at IS NOT NULL) AND ` + standingNow + ` = 'registered' AND c.not_after > $1`
)

// CountSeals counts the seals below the actor's unit by their stage.
func (t *Tx) CountSeals(ctx context.Context) (map[certificate.Stage]int, error) {
	var rows []struct {
		Last certificate.Kind `db:"last"`
		N    int              `db:"n"`
	}
	err := t.list(ctx, "count seals by stage", &rows, countSealsSQL, t.Now, t.Actor.UnitID)
	out := map[certificate.Stage]int{}
	for _, r := range rows {
		out[certificate.StageAfter(certificate.Seal, r.Last)] += r.N
	}
	return out, err
}

// WaitingSeals counts the schools below a unit whose seal's certificate waits
// for the authority's approval.
func (t *Tx) WaitingSeals(ctx context.Context, unitID int64) (int, error) {
	var n int
	err := t.get(ctx, "certificate.unknown", &n, waitingSealsSQL, t.Now, unitID)
	return n, err
}

// ownCertificate limits core.certificate c to those of the actor's school ($2).
const ownCertificate = `c.id IN (SELECT o.id FROM core.certificate o WHERE o.unit_id = $2 AND o.purpose = 'seal'
	UNION ALL SELECT o.id FROM core.account_role r JOIN core.certificate o ON o.account_id = r.account_id WHERE r.unit_id = $2
	  AND r.valid_from <= ($1 AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AND coalesce(r.valid_to, 'infinity') >= ($1 AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)`

// DeclaredCertificates counts what waits for the principal of the actor's school.
func (t *Tx) DeclaredCertificates(ctx context.Context) (int, error) {
	var n int
	err := t.GetContext(ctx, &n, `SELECT count(*) FROM core.certificate c JOIN core.certificate_standing g ON g.certificate_id = c.id
		WHERE `+ownCertificate+` AND `+standingNow+` = 'declared'`, t.Now, t.Actor.SchoolID)
	return n, translate(err, "count declared certificates")
}

// ExpiringCertificates names whose certificate of the actor's school ends
// before an instant without another one in use that lasts longer, the first to
// end on top.
func (t *Tx) ExpiringCertificates(ctx context.Context, before time.Time) ([]string, error) {
	var names []string
	err := t.list(ctx, "list certificates that end", &names, `SELECT coalesce(u.name, a.full_name) FROM core.certificate c
		JOIN core.certificate_standing g ON g.certificate_id = c.id LEFT JOIN core.unit u ON u.id = c.unit_id LEFT JOIN core.account a ON a.id = c.account_id
		WHERE `+ownCertificate+` AND `+endsUnrenewed+` ORDER BY c.not_after, 1`, t.Now, t.Actor.SchoolID, before)
	return names, err
}

// DecidesCertificates reports whether the actor is of the tier that decides on
// seals today, as it does on revocations.
func (t *Tx) DecidesCertificates(ctx context.Context) (bool, error) {
	tier, err := t.DecidingTier(ctx)
	return t.Actor.Role == workflow.Authority && tier == registry.ByDepartment || t.Actor.Role == workflow.MiddleAuthority && tier == registry.ByMiddle, err
}

// CertificateHolder names whose a certificate is to be: the actor's school, or
// one of its people today. It fails with Invalid certificate.owner for others.
func (t *Tx) CertificateHolder(ctx context.Context, purpose Purpose, owner int64) (string, error) {
	var names []string
	err := t.list(ctx, "find a certificate's holder", &names, `SELECT u.name FROM core.unit u WHERE $1 = 'seal' AND u.id = $2 AND u.id = $3
		UNION ALL SELECT a.full_name FROM core.account a WHERE $1 = 'person' AND a.id = $2 AND EXISTS (SELECT 1 FROM core.account_role r
		  WHERE r.account_id = a.id AND r.unit_id = $3 AND r.valid_from <= $4 AND coalesce(r.valid_to, 'infinity') >= $4)`,
		purpose, owner, t.Actor.SchoolID, school.DateOf(t.Now))
	if err != nil {
		return "", err
	}
	if len(names) == 0 {
		return "", fault.New(fault.Invalid, "certificate.owner")
	}
	return names[0], nil
}

// DeclareCertificate writes that the actor declares a certificate for the
// actor's own school or one of its people. It fails with Forbidden
// certificate.role, and with Conflict certificate.declared_already when the
// holder has it and nobody refused it.
func (t *Tx) DeclareCertificate(ctx context.Context, purpose Purpose, owner int64, cert *signing.Certificate) (int64, error) {
	var found []int64
	err := t.list(ctx, "look for a declared certificate", &found, `SELECT c.id FROM core.certificate c WHERE c.fingerprint = $1 AND c.purpose = $2
		AND ($2 = 'seal' AND c.unit_id = $3 OR $2 = 'person' AND c.account_id = $3)`, cert.Fingerprint(), purpose, owner)
	if err != nil {
		return 0, err
	}
	if len(found) > 0 {
		_, life, err := t.Certificate(ctx, found[0])
		if err != nil {
			return 0, err
		}
		event, err := life.Decide(t.Actor, certificate.Act{Kind: certificate.Declared}, false, t.Now)
		if fault.Is(err, "certificate.stage") {
			return 0, fault.Wrap(err, fault.Conflict, "certificate.declared_already")
		}
		if err != nil {
			return 0, err
		}
		return found[0], t.NoteCertificate(ctx, found[0], event)
	}
	if t.Actor.Role != workflow.SchoolAdmin {
		return 0, fault.New(fault.Forbidden, "certificate.role")
	}
	id, err := t.KeepCertificate(ctx, purpose, owner, cert, nil)
	if fault.Is(err, "db.duplicate") {
		return 0, fault.Wrap(err, fault.Conflict, "certificate.declared_already")
	}
	if err != nil {
		return 0, err
	}
	return id, t.NoteCertificate(ctx, id, certificate.Event{Kind: certificate.Declared, AccountID: t.Actor.AccountID, Effective: t.Now, At: t.Now})
}

// ActOnCertificate writes an act of the actor about a certificate, after the
// rules of certificate.Life were asked. With the approval of a seal the
// authority confirms the school's tax code.
func (t *Tx) ActOnCertificate(ctx context.Context, id int64, act certificate.Act) error {
	if err := t.exec(ctx, "wait for a certificate's turn", `SELECT pg_advisory_xact_lock(hashtextextended('certificate:' || $1::bigint, 0))`, id); err != nil {
		return err
	}
	row, life, err := t.Certificate(ctx, id)
	if err != nil {
		return err
	}
	decides, err := t.DecidesCertificates(ctx)
	if err != nil {
		return err
	}
	event, err := life.Decide(t.Actor, act, decides, t.Now)
	if err != nil {
		return err
	}
	if err := t.NoteCertificate(ctx, id, event); err != nil || act.Kind != certificate.Approved {
		return err
	}
	cert, err := row.Certificate()
	if err != nil {
		return err
	}
	return t.ConfirmTaxCode(ctx, row.UnitID, cert.TaxCode())
}

// ConfirmTaxCode keeps the tax code of a unit that has none yet, as confirmed by
// the acting person or by the program: certificates of the unit are compared
// with it from then on.
func (t *Tx) ConfirmTaxCode(ctx context.Context, unitID int64, code string) error {
	return t.exec(ctx, "confirm a tax code", `INSERT INTO core.tax_code (unit_id, code, account_id, at)
		SELECT $1, $2, nullif($3, 0), $4 WHERE NOT EXISTS (SELECT 1 FROM core.tax_code WHERE unit_id = $1)`, unitID, code, t.Actor.AccountID, t.Now)
}

// NoteCertificate writes an event about a certificate as it was decided, and
// with it the audit trail.
func (t *Tx) NoteCertificate(ctx context.Context, id int64, e certificate.Event) error {
	err := t.exec(ctx, "note a certificate's fact", `INSERT INTO core.certificate_event (certificate_id, kind, account_id, reason, note, effective_at, at)
		VALUES ($1, $2, nullif($3, 0), $4, $5, $6, $7)`, id, e.Kind, e.AccountID, e.Reason, e.Note, e.Effective, e.At)
	if err != nil {
		return err
	}
	return t.audited(ctx, "certificate."+string(e.Kind), "certificate:"+strconv.FormatInt(id, 10), "reason", e.Reason)
}

// TaxCode returns a unit's tax code as the authority confirmed it, "" before.
func (t *Tx) TaxCode(ctx context.Context, unitID int64) (string, error) {
	var list []string
	err := t.list(ctx, "read a tax code", &list, `SELECT code FROM core.tax_code WHERE unit_id = $1 ORDER BY id DESC LIMIT 1`, unitID)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0], nil
}

// CertificateElsewhere reports whether anybody but the holder uses a
// certificate or its key, in the whole database: the one question whose answer
// lies behind the wall between units.
func (d *DB) CertificateElsewhere(ctx context.Context, cert *signing.Certificate, unitID, accountID int64) (bool, error) {
	var yes bool
	err := d.registry.GetContext(ctx, &yes, `SELECT EXISTS (SELECT 1 FROM core.certificate c WHERE (c.fingerprint = $1 OR c.key_hash = $2)
		AND (coalesce(c.unit_id, 0), coalesce(c.account_id, 0)) <> ($3, $4)
		AND coalesce(core.certificate_stage(c.id, $5), 'registered') NOT IN ('refused', 'withdrawn'))`,
		cert.Fingerprint(), cert.KeyHash(), unitID, accountID, d.Now())
	return yes, translate(err, "see whether a certificate is used elsewhere")
}
