package db

import (
	"context"
	"crypto/sha256"
	"encoding/asn1"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"hocba/internal/fault"
	"hocba/internal/signing/timestamp"
	"hocba/internal/signing/xades"
)

// TimeStamping is the Sở's setting: who stamps signatures, and what happens to
// an issue while nobody answers. The zero value stamps nothing.
type TimeStamping struct {
	URL    string // of the authority, RFC 3161 over HTTP
	Policy string // object identifier asked for; "" any
	// GoOn issues without time-stamps while the authority does not answer;
	// otherwise the issue waits.
	GoOn bool
}

// On reports whether signatures are stamped.
func (s TimeStamping) On() bool { return s.URL != "" }

// OID returns the policy, nil for any. It fails with Invalid stamp.policy.
func (s TimeStamping) OID() (asn1.ObjectIdentifier, error) {
	if s.Policy == "" {
		return nil, nil
	}
	var oid asn1.ObjectIdentifier
	for _, part := range strings.Split(s.Policy, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return nil, fault.New(fault.Invalid, "stamp.policy", "policy", s.Policy)
		}
		oid = append(oid, n)
	}
	if _, err := asn1.Marshal(oid); err != nil {
		return nil, fault.New(fault.Invalid, "stamp.policy", "policy", s.Policy)
	}
	return oid, nil
}

// TimeStamping returns the Sở's setting.
func (t *Tx) TimeStamping(ctx context.Context) (TimeStamping, error) {
	var rows []struct {
		Name  string `db:"name"`
		Value string `db:"value"`
	}
	err := t.list(ctx, "read who stamps", &rows, `SELECT s.name, s.value FROM core.setting s JOIN core.unit u ON u.id = s.unit_id
		WHERE u.kind = 'so' AND s.name IN ('tsa_url', 'tsa_policy', 'tsa_outage')`)
	var out TimeStamping
	for _, r := range rows {
		switch r.Name {
		case "tsa_url":
			out.URL = r.Value
		case "tsa_policy":
			out.Policy = r.Value
		case "tsa_outage":
			out.GoOn = r.Value == "go_on"
		}
	}
	return out, err
}

// SetTimeStamping changes the acting Sở's setting. It fails with Invalid
// stamp.url or stamp.policy.
func (t *Tx) SetTimeStamping(ctx context.Context, s TimeStamping) error {
	if s.On() {
		if err := timestamp.CheckURL(s.URL); err != nil {
			return err
		}
	}
	if _, err := s.OID(); err != nil {
		return err
	}
	outage := "wait"
	if s.GoOn {
		outage = "go_on"
	}
	for name, value := range map[string]string{"tsa_url": s.URL, "tsa_policy": s.Policy, "tsa_outage": outage} {
		err := t.exec(ctx, "set who stamps", `INSERT INTO core.setting (unit_id, name, value, changed_by, changed_at)
			VALUES ($1, $2, $3, nullif($4, 0), $5) ON CONFLICT (unit_id, name) DO UPDATE SET value = excluded.value,
			  changed_by = excluded.changed_by, changed_at = excluded.changed_at`, t.Actor.UnitID, name, value, t.Actor.AccountID, t.Now)
		if err != nil {
			return err
		}
	}
	state := "off"
	if s.On() {
		state = "on"
	}
	return t.note(ctx, "time_stamping_set", "unit:"+strconv.FormatInt(t.Actor.UnitID, 10), "state", state, "outage", outage)
}

// DueStamp is a signature that waits for its time-stamp.
type DueStamp struct {
	SignatureID int64  `db:"signature_id"`
	SchoolID    int64  `db:"school_id"`
	Tries       int    `db:"tries"`
	Signature   []byte `db:"signature"`
}

// dueStamp notes that a new signature waits, where signatures are stamped. The
// seal's is stamped before the version is put together.
func (t *Tx) dueStamp(ctx context.Context, signatureID, schoolID int64) error {
	return t.exec(ctx, "note that a signature waits for its time-stamp", `INSERT INTO school.stamp_due (signature_id, school_id, next_at)
		SELECT $1, $2, $3 FROM core.setting s JOIN core.unit u ON u.id = s.unit_id
		WHERE u.kind = 'so' AND s.name = 'tsa_url' AND s.value <> '' LIMIT 1`, signatureID, schoolID, t.Now)
}

// stampLease is how long a signature is left to who took it for stamping.
const stampLease = 2 * time.Minute

// TakeDueStamps takes at most n signatures that wait and leases them to the
// caller. Those voided since are struck off.
func (t *Tx) TakeDueStamps(ctx context.Context, n int) ([]DueStamp, error) {
	err := t.exec(ctx, "strike voided signatures off", `DELETE FROM school.stamp_due d
		WHERE d.next_at <= $1 AND EXISTS (SELECT 1 FROM school.record_void v WHERE v.signature_id = d.signature_id)`, t.Now)
	if err != nil {
		return nil, err
	}
	var out []DueStamp
	err = t.list(ctx, "take signatures that wait for time-stamps", &out, `WITH taken AS (
		  UPDATE school.stamp_due SET next_at = $2, tries = tries + 1 WHERE signature_id IN (
		    SELECT signature_id FROM school.stamp_due WHERE next_at <= $1 ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED)
		  RETURNING signature_id, school_id, tries)
		SELECT k.signature_id, k.school_id, k.tries, s.signature FROM taken k JOIN school.record_signature s ON s.id = k.signature_id
		ORDER BY k.signature_id`, t.Now, t.Now.Add(stampLease), n)
	return out, err
}

// PutStampOff notes why a signature was not stamped, and when to try again.
func (t *Tx) PutStampOff(ctx context.Context, signatureID int64, next time.Time, code string) error {
	return t.exec(ctx, "put a time-stamp off", `UPDATE school.stamp_due SET next_at = $2, fault = $3 WHERE signature_id = $1`,
		signatureID, next, code)
}

// KeepStamp keeps the time-stamp of a signature; the first one stays.
func (t *Tx) KeepStamp(ctx context.Context, signatureID, schoolID int64, token *timestamp.Token) error {
	err := t.exec(ctx, "keep a time-stamp", `INSERT INTO school.signature_stamp (signature_id, school_id, token, stamped_at, kept_at)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (signature_id) DO NOTHING`, signatureID, schoolID, token.Raw, token.Time, t.Now)
	if err != nil {
		return err
	}
	return t.exec(ctx, "strike a stamped signature off", `DELETE FROM school.stamp_due WHERE signature_id = $1`, signatureID)
}

// Stamps returns the time-stamps kept for signatures, by what they are over.
func (t *Tx) Stamps(ctx context.Context, signatureIDs []int64) (map[[sha256.Size]byte][]byte, error) {
	var rows []struct {
		Token     []byte `db:"token"`
		Signature []byte `db:"signature"`
	}
	err := t.list(ctx, "read time-stamps", &rows, `SELECT k.token, s.signature FROM school.signature_stamp k
		JOIN school.record_signature s ON s.id = k.signature_id WHERE k.signature_id = ANY($1)`, pq.Array(signatureIDs))
	if err != nil {
		return nil, err
	}
	out := make(map[[sha256.Size]byte][]byte, len(rows))
	for _, r := range rows {
		imprint, err := xades.StampImprint(r.Signature)
		if err != nil {
			return nil, err
		}
		out[imprint] = r.Token
	}
	return out, nil
}

// MostStampsCounted bounds what StampState counts: a number above it says only
// that there are more.
const MostStampsCounted = 10_000

// StampState says how far the stamping has come, for who set it up.
type StampState struct {
	Kept   int        `db:"kept"`   // at most MostStampsCounted+1
	Due    int        `db:"due"`    // at most MostStampsCounted+1
	Fault  string     `db:"fault"`  // of the newest failure among those that wait
	Oldest *time.Time `db:"oldest"` // signing time of the oldest that waits
}

// stampStateSQL has no count that grows with the years: a test looks at its plan.
const stampStateSQL = `SELECT (SELECT count(*) FROM (SELECT 1 FROM school.signature_stamp LIMIT $1 + 1) k) AS kept,
	(SELECT count(*) FROM (SELECT 1 FROM school.stamp_due LIMIT $1 + 1) k) AS due,
	coalesce((SELECT fault FROM school.stamp_due WHERE fault <> '' ORDER BY next_at DESC LIMIT 1), '') AS fault,
	(SELECT s.signed_at FROM school.record_signature s WHERE s.id = (SELECT min(signature_id) FROM school.stamp_due)) AS oldest`

// StampState looks over the whole province.
func (d *DB) StampState(ctx context.Context) (s StampState, err error) {
	err = d.As(ctx, systemActor, func(tx *Tx) error {
		return tx.get(ctx, "stamp.state", &s, stampStateSQL, MostStampsCounted)
	})
	return s, err
}
