package db

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"time"

	"hocba/internal/audit"
	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/workflow"
)

// TrustedAuthority is a line of the trust list.
type TrustedAuthority struct {
	Key          string     `db:"fingerprint"` // of the row
	PEM          string     `db:"pem"`
	Intermediate bool       `db:"intermediate"`
	Trial        bool       `db:"trial"`
	Provider     string     `db:"provider"`
	Decision     string     `db:"decision"`
	From         time.Time  `db:"valid_from"`
	Until        *time.Time `db:"valid_to"` // first instant of no trust; nil: to its own end
	AddedBy      string     `db:"added_by"`
	EndDecision  string     `db:"end_decision"`
	EndedBy      string     `db:"ended_by"`

	Certificate *x509.Certificate `db:"-"`
}

const trustSelect = `SELECT t.fingerprint, t.pem, t.kind = 'intermediate' AS intermediate, t.trial, t.provider, t.decision, t.valid_from,
	  least(t.valid_to, e.effective_at) AS valid_to, coalesce(e.decision, '') AS end_decision`

// Trusted lists the trust list, those that count now before those that ended.
func (t *Tx) Trusted(ctx context.Context) ([]TrustedAuthority, error) {
	var rows []TrustedAuthority
	err := t.list(ctx, "list trusted authorities", &rows, trustSelect+`, coalesce(a.full_name, '') AS added_by, coalesce(b.full_name, '') AS ended_by
		FROM core.trust_root t LEFT JOIN core.trust_end e ON e.fingerprint = t.fingerprint
		LEFT JOIN core.account a ON a.id = t.account_id LEFT JOIN core.account b ON b.id = e.account_id
		ORDER BY least(t.valid_to, e.effective_at) <= $1 NULLS FIRST, t.trial, t.provider COLLATE core.vietnamese, t.kind, t.valid_from`, t.Now)
	if err != nil {
		return nil, err
	}
	return parsed(rows)
}

func parsed(rows []TrustedAuthority) ([]TrustedAuthority, error) {
	for i := range rows {
		list, err := signing.ReadPEM([]byte(rows[i].PEM))
		if err != nil {
			return nil, err
		}
		rows[i].Certificate = list[0]
	}
	return rows, nil
}

// NewTrust is an authority that is to be trusted.
type NewTrust struct {
	Certificate *x509.Certificate
	Provider    string // as people call it
	Decision    string // number and date of the paper it rests on
	Trial       bool
	From        time.Time
	Until       time.Time // zero: to the certificate's own end
}

// Trust adds an authority to the trust list: an anchor when it certifies
// itself, an intermediate otherwise. It fails with Conflict trust.known, with
// Invalid trust.period or trust.words, and with Forbidden trust.role for
// anybody but the Sở and the program itself.
func (t *Tx) Trust(ctx context.Context, n NewTrust) error {
	if t.Actor.Role != workflow.Authority && t.Actor.Kind != workflow.System {
		return fault.New(fault.Forbidden, "trust.role")
	}
	if n.Provider == "" || n.Decision == "" {
		return fault.New(fault.Invalid, "trust.words")
	}
	if n.From.IsZero() || !n.Until.IsZero() && !n.From.Before(n.Until) || !n.From.Before(n.Certificate.NotAfter) {
		return fault.New(fault.Invalid, "trust.period")
	}
	kind := "intermediate"
	if n.Certificate.CheckSignatureFrom(n.Certificate) == nil {
		kind = "anchor"
	}
	var until *time.Time
	if !n.Until.IsZero() {
		until = &n.Until
	}
	fingerprint := signing.FingerprintOf(n.Certificate)
	err := t.exec(ctx, "trust an authority", `INSERT INTO core.trust_root (fingerprint, pem, trial, valid_from, valid_to, kind, provider, decision, account_id, added_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, nullif($9, 0), $10)`, fingerprint, string(signing.EncodePEM(n.Certificate)), n.Trial, n.From, until,
		kind, n.Provider, n.Decision, t.Actor.AccountID, t.Now)
	if fault.Is(err, "db.duplicate") {
		return fault.Wrap(err, fault.Conflict, "trust.known")
	}
	if err != nil {
		return err
	}
	t.db.trusted.forget()
	return t.audited(ctx, "trust.add", "trust:"+fingerprint[:16], "kind", kind)
}

// EndTrust ends the trust in an authority from an instant on: what it certified
// and was signed before goes on to count. It fails with NotFound trust.unknown,
// Conflict trust.ended, Invalid trust.words, Forbidden trust.role.
func (t *Tx) EndTrust(ctx context.Context, key string, effective time.Time, decision string) error {
	if t.Actor.Role != workflow.Authority && t.Actor.Kind != workflow.System {
		return fault.New(fault.Forbidden, "trust.role")
	}
	if decision == "" {
		return fault.New(fault.Invalid, "trust.words")
	}
	var found string
	if err := t.get(ctx, "trust.unknown", &found, `SELECT fingerprint FROM core.trust_root WHERE fingerprint = $1`, key); err != nil {
		return err
	}
	err := t.exec(ctx, "end the trust in an authority", `INSERT INTO core.trust_end (fingerprint, effective_at, decision, account_id, at)
		VALUES ($1, $2, $3, nullif($4, 0), $5)`, key, effective, decision, t.Actor.AccountID, t.Now)
	if fault.Is(err, "db.duplicate") {
		return fault.Wrap(err, fault.Conflict, "trust.ended")
	}
	if err != nil {
		return err
	}
	t.db.trusted.forget()
	return t.audited(ctx, "trust.end", "trust:"+key[:16])
}

// audited writes an audit event of the actor.
func (t *Tx) audited(ctx context.Context, act, object string, detail ...string) error {
	who := audit.Who{AccountID: t.Actor.AccountID, UnitID: t.Actor.UnitID, Role: string(t.Actor.Role), RequestID: t.Actor.RequestID}
	if who.Role == "" {
		who.Role = string(t.Actor.Kind)
	}
	e, err := audit.New(who, t.Now, act, object, detail...)
	if err != nil {
		return err
	}
	return t.Audit(ctx, e)
}

// TrustList returns the authorities that this database trusts, each from its
// day to its day, and the intermediate certificates that came with certificates
// somebody has let pass.
func (d *DB) TrustList(ctx context.Context) (*signing.TrustList, error) {
	var rows []TrustedAuthority
	err := d.registry.SelectContext(ctx, &rows, trustSelect+`, '' AS added_by, '' AS ended_by
		FROM core.trust_root t LEFT JOIN core.trust_end e ON e.fingerprint = t.fingerprint ORDER BY t.fingerprint`)
	if err != nil {
		return nil, translate(err, "read the trusted roots")
	}
	if rows, err = parsed(rows); err != nil {
		return nil, err
	}
	intermediates, err := d.intermediates(ctx)
	if err != nil {
		return nil, err
	}
	var anchors []signing.Anchor
	for _, r := range rows {
		if r.Intermediate {
			if r.Until == nil {
				intermediates = append(intermediates, r.Certificate)
			}
			continue
		}
		a := signing.Anchor{Certificate: r.Certificate, Trial: r.Trial, From: r.From}
		if r.Until != nil {
			a.Until = *r.Until
		}
		anchors = append(anchors, a)
	}
	return signing.NewTrustList(anchors, intermediates)
}

// intermediates are those of certificates in use or that were: what anybody
// uploads does not enter everybody's chains.
func (d *DB) intermediates(ctx context.Context) ([]*x509.Certificate, error) {
	var texts [][]byte
	err := d.registry.SelectContext(ctx, &texts, `SELECT DISTINCT c.chain FROM core.certificate c WHERE c.chain <> '' AND (
		  NOT EXISTS (SELECT 1 FROM core.certificate_event e WHERE e.certificate_id = c.id)
		  OR EXISTS (SELECT 1 FROM core.certificate_event e WHERE e.certificate_id = c.id
		    AND (e.kind = 'approved' OR e.kind = 'registered' AND c.purpose = 'person')))`)
	if err != nil {
		return nil, translate(err, "read the intermediate certificates")
	}
	var out []*x509.Certificate
	seen := map[string]bool{}
	for _, text := range texts {
		list, err := signing.ReadPEM(text)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			if f := signing.FingerprintOf(c); !seen[f] && signing.IsAuthority(c) {
				seen[f] = true
				out = append(out, c)
			}
		}
	}
	return out, nil
}

// signaturePolicy is the name of the Sở's setting that holds signing.Policy.
const signaturePolicy = "signature_policy"

// SignaturePolicy returns what the Sở demands of certificates. Without a
// setting a demonstration is on trial and everybody else in production.
func (t *Tx) SignaturePolicy(ctx context.Context) (signing.Policy, error) {
	department, err := t.department(ctx)
	if err != nil {
		return signing.Policy{}, err
	}
	text, err := t.Setting(ctx, department.ID, signaturePolicy)
	if err != nil {
		return signing.Policy{}, err
	}
	if text != "" {
		var p signing.Policy
		return p, translate(json.Unmarshal([]byte(text), &p), "read the policy of signatures")
	}
	var demo bool
	err = t.GetContext(ctx, &demo, `SELECT coalesce(bool_or(demo), false) FROM core.installation`)
	return signing.Policy{Production: !demo}, translate(err, "see whether this is a demonstration")
}

// SetSignaturePolicy stores the Sở's demands.
func (t *Tx) SetSignaturePolicy(ctx context.Context, p signing.Policy) error {
	if t.Actor.Role != workflow.Authority {
		return fault.New(fault.Forbidden, "trust.role")
	}
	text, err := json.Marshal(p)
	if err != nil {
		return translate(err, "write the policy of signatures")
	}
	err = t.exec(ctx, "store the policy of signatures", `INSERT INTO core.setting (unit_id, name, value, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (unit_id, name) DO UPDATE SET value = excluded.value, changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
		t.Actor.UnitID, signaturePolicy, string(text), t.Actor.AccountID, t.Now)
	if err != nil {
		return err
	}
	mode := "trial"
	if p.Production {
		mode = "production"
	}
	return t.audited(ctx, "signature_policy.set", "unit:"+t.Actor.UnitCode, "mode", mode, "revocation", string(p.Demands()))
}
