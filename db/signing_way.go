package db

import (
	"context"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

// SigningWay is a way to sign that a unit has set up. The trial key store is
// none: it is there where a person has a key in it, and its ID is 0.
type SigningWay struct {
	ID        int64            `db:"id"`
	UnitID    int64            `db:"unit_id"`
	Kind      signing.Provider `db:"kind"`
	Label     string           `db:"label"`
	Params    JobArgs          `db:"params"`
	CreatedAt time.Time        `db:"created_at"`
	EndedAt   *time.Time       `db:"ended_at"`
	Bound     int              `db:"bound"` // certificates whose keys lie there
}

const wayColumns = `w.id, w.unit_id, w.kind, w.label, w.params, w.created_at, w.ended_at,
	(SELECT count(*) FROM core.certificate_key k WHERE k.way_id = w.id) AS bound`

// SigningWays lists the ways of the actor's unit that have not ended.
func (t *Tx) SigningWays(ctx context.Context) ([]SigningWay, error) {
	var out []SigningWay
	err := t.list(ctx, "list ways to sign", &out, `SELECT `+wayColumns+` FROM core.signing_way w
		WHERE w.unit_id = $1 AND w.ended_at IS NULL ORDER BY w.id`, t.Actor.UnitID)
	return out, err
}

// SigningWay returns a way of the actor's unit; NotFound, signing.way_unknown,
// for one that has ended or is another unit's.
func (t *Tx) SigningWay(ctx context.Context, id int64) (w SigningWay, err error) {
	err = t.get(ctx, "signing.way_unknown", &w, `SELECT `+wayColumns+` FROM core.signing_way w
		WHERE w.id = $1 AND w.unit_id = $2 AND w.ended_at IS NULL`, id, t.Actor.UnitID)
	return w, err
}

// AddSigningWay sets a way up in the actor's unit. It fails with Conflict
// signing.way_label when one of the same name is there.
func (t *Tx) AddSigningWay(ctx context.Context, w SigningWay) (int64, error) {
	params, err := jsonText(w.Params)
	if err != nil {
		return 0, err
	}
	var ids []int64
	err = t.list(ctx, "add a way to sign", &ids, `INSERT INTO core.signing_way (unit_id, kind, label, params, created_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (unit_id, label) WHERE ended_at IS NULL DO NOTHING RETURNING id`,
		t.Actor.UnitID, w.Kind, w.Label, params, t.Actor.AccountID, t.Now)
	if err == nil && len(ids) == 0 {
		err = fault.New(fault.Conflict, "signing.way_label", "label", w.Label)
	}
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// ChangeSigningWay gives a way of the actor's unit another name and other
// parameters; its kind stays. It fails with Conflict signing.way_label when
// another way has the name, NotFound signing.way_unknown.
func (t *Tx) ChangeSigningWay(ctx context.Context, w SigningWay) error {
	if _, err := t.SigningWay(ctx, w.ID); err != nil {
		return err
	}
	params, err := jsonText(w.Params)
	if err != nil {
		return err
	}
	var ids []int64
	err = t.list(ctx, "change a way to sign", &ids, `UPDATE core.signing_way w SET label = $2, params = $3, changed_by = $4, changed_at = $5
		WHERE w.id = $1 AND w.unit_id = $6 AND w.ended_at IS NULL
		  AND NOT EXISTS (SELECT 1 FROM core.signing_way o WHERE o.unit_id = $6 AND o.label = $2 AND o.ended_at IS NULL AND o.id <> w.id)
		RETURNING w.id`, w.ID, w.Label, params, t.Actor.AccountID, t.Now, t.Actor.UnitID)
	if err == nil && len(ids) == 0 {
		err = fault.New(fault.Conflict, "signing.way_label", "label", w.Label)
	}
	return err
}

// EndSigningWay takes a way of the actor's unit out of use. What was signed
// with it stays; who signed with it chooses another.
func (t *Tx) EndSigningWay(ctx context.Context, id int64) error {
	return t.exec(ctx, "end a way to sign", `UPDATE core.signing_way SET ended_at = $2 WHERE id = $1 AND unit_id = $3 AND ended_at IS NULL`,
		id, t.Now, t.Actor.UnitID)
}

// BindKey says that the key of a certificate lies with a way, under a name the
// way knows. It fails with Conflict signing.key_bound when the certificate has
// its key elsewhere.
func (t *Tx) BindKey(ctx context.Context, certificateID, wayID int64, ref string) error {
	var bound []int64
	err := t.list(ctx, "bind a key", &bound, `INSERT INTO core.certificate_key (certificate_id, way_id, key_ref, bound_by, at)
		SELECT c.id, $2, $3, $4, $5 FROM core.certificate c WHERE c.id = $1 AND c.key_blob IS NULL
		ON CONFLICT DO NOTHING RETURNING certificate_id`, certificateID, wayID, ref, t.Actor.AccountID, t.Now)
	if err == nil && len(bound) == 0 {
		return fault.New(fault.Conflict, "signing.key_bound")
	}
	return err
}

// OwnCertificate finds the acting person's certificate, or that of the unit's
// seal, that may be signed with now, by its fingerprint; ok is false when there
// is none.
func (t *Tx) OwnCertificate(ctx context.Context, purpose Purpose, fingerprint string) (c KeptCertificate, ok bool, err error) {
	var out []KeptCertificate
	err = t.list(ctx, "find an own certificate", &out, `SELECT `+certificateColumns+` FROM core.certificate c
		WHERE c.fingerprint = $1 AND c.purpose = $2 AND ($2 = 'person' AND c.account_id = $3 OR $2 = 'seal' AND c.unit_id = $4)
		  AND c.not_before <= $5 AND c.not_after > $5 AND core.certificate_in_use(c.id, c.purpose, $5)`,
		fingerprint, purpose, t.Actor.AccountID, t.Actor.UnitID, t.Now)
	if err != nil || len(out) == 0 {
		return KeptCertificate{}, false, err
	}
	return out[0], true, nil
}

// SigningChoice returns the way the acting person signs with in the unit worn,
// for a purpose; 0 is the trial key store. One that has ended is no choice.
func (t *Tx) SigningChoice(ctx context.Context, purpose Purpose) (int64, error) {
	var ids []int64
	err := t.list(ctx, "look a way to sign up", &ids, `SELECT w.id FROM core.signing_choice c JOIN core.signing_way w ON w.id = c.way_id
		WHERE c.account_id = $1 AND c.unit_id = $2 AND c.purpose = $3 AND w.ended_at IS NULL`, t.Actor.AccountID, t.Actor.UnitID, purpose)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return ids[0], nil
}

// ChooseSigning remembers the way the acting person signs with; 0 is the trial
// key store.
func (t *Tx) ChooseSigning(ctx context.Context, purpose Purpose, wayID int64) error {
	return t.exec(ctx, "choose a way to sign", `INSERT INTO core.signing_choice (account_id, unit_id, purpose, way_id, at)
		VALUES ($1, $2, $3, nullif($4, 0), $5)
		ON CONFLICT (account_id, unit_id, purpose) DO UPDATE SET way_id = excluded.way_id, at = excluded.at
		WHERE signing_choice.way_id IS DISTINCT FROM excluded.way_id`,
		t.Actor.AccountID, t.Actor.UnitID, purpose, wayID, t.Now)
}

// keyRef is the name of a certificate's key at its way.
func (t *Tx) keyRef(ctx context.Context, certificateID int64) (string, error) {
	var refs []string
	err := t.list(ctx, "find a key's name", &refs, `SELECT key_ref FROM core.certificate_key WHERE certificate_id = $1`, certificateID)
	if err != nil || len(refs) == 0 {
		return "", err
	}
	return refs[0], nil
}

// WayCertificate returns the certificate with which the acting person signs by
// a way (0: the trial key store), or sets the seal of the unit, and the name of
// its key there. It fails as SigningCertificate and SealCertificate do.
func (t *Tx) WayCertificate(ctx context.Context, purpose Purpose, wayID int64) (c KeptCertificate, ref string, err error) {
	if purpose == SealCertificate {
		c, err = t.sealCertificate(ctx, t.Actor.UnitID, wayID)
	} else {
		c, err = t.signingCertificate(ctx, t.Actor.AccountID, wayID)
	}
	if err != nil || wayID == 0 {
		return c, "", err
	}
	ref, err = t.keyRef(ctx, c.ID)
	return c, ref, err
}

// WaitingItems returns the items of a job of the acting person that are still
// to be done, at most n.
func (t *Tx) WaitingItems(ctx context.Context, jobID int64, n int) (items []JobItem, err error) {
	err = t.list(ctx, "find what waits", &items, `SELECT i.key, i.seq, i.state, i.code, i.args, i.at, '' AS pupil FROM core.job_item i
		JOIN core.job j ON j.id = i.job_id
		WHERE i.job_id = $1 AND j.account_id = $2 AND i.state = 'waiting' ORDER BY i.seq LIMIT $3`, jobID, t.Actor.AccountID, n)
	return items, err
}

// FinishOwnJob ends a job of the acting person that waits for its owner, when
// nothing of it is left to do.
func (t *Tx) FinishOwnJob(ctx context.Context, jobID int64) error {
	return t.exec(ctx, "finish a job", `UPDATE core.job j SET state = 'done', finished_at = $3
		WHERE id = $1 AND account_id = $2 AND state = 'waiting'
		  AND NOT EXISTS (SELECT 1 FROM core.job_item i WHERE i.job_id = j.id AND i.state = 'waiting')`, jobID, t.Actor.AccountID, t.Now)
}

// IntentRecord returns the record that an intent of the acting person is
// about; NotFound, record.intent_used, for any other.
func (t *Tx) IntentRecord(ctx context.Context, id IntentID) (recordID int64, err error) {
	err = t.get(ctx, "record.intent_used", &recordID, `SELECT record_id FROM school.signing_intent WHERE id = $1 AND account_id = $2`,
		id, t.Actor.AccountID)
	return recordID, err
}
