package db_test

import (
	"strings"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/certificate"
	"hocba/internal/fault"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/signing/revocation"
	"hocba/internal/workflow"
)

// TestCertificateGuard_BindsTheProgramItself writes past the rules of the
// domain, as a program with a fault would.
func TestCertificateGuard_BindsTheProgramItself(t *testing.T) {
	d := dbtest.New(t)
	chain := jobstest.New(t, d, dbtest.NewCast(t, d))
	cast := chain.Cast
	d.Exec(`DELETE FROM core.certificate_event WHERE certificate_id = (SELECT id FROM core.certificate WHERE fingerprint = $1)`, chain.Seal().Certificate.Fingerprint())
	id := kept(t, d, chain.Seal().Certificate.Fingerprint())
	note := func(actor workflow.Actor, kind certificate.Kind, change ...func(*certificate.Event)) error {
		return d.As(t.Context(), actor, func(tx *db.Tx) error {
			e := certificate.Event{Kind: kind, AccountID: actor.AccountID, Effective: tx.Now, At: tx.Now}
			for _, c := range change {
				c(&e)
			}
			return tx.NoteCertificate(t.Context(), id, e)
		})
	}
	refused := func(what string, err error) {
		t.Helper()
		if !fault.Is(err, "db.denied") {
			t.Errorf("%s: %v, want denied", what, err)
		}
	}
	written := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	refused("a teacher declares", note(cast.Huong, certificate.Declared))
	refused("another school's principal declares", note(cast.OtherPrincipal, certificate.Declared))
	refused("the Sở approves what nobody declared", note(cast.Authority, certificate.Approved))
	written("declare", note(cast.Admin, certificate.Declared))
	refused("declare twice", note(cast.Admin, certificate.Declared))
	refused("the administrator registers", note(cast.Admin, certificate.Registered))
	refused("a deputy registers", note(cast.Deputy, certificate.Registered))
	refused("the Sở approves before the registration", note(cast.Authority, certificate.Approved))
	refused("in somebody else's name", note(cast.Principal, certificate.Registered, func(e *certificate.Event) { e.AccountID = cast.Deputy.AccountID }))
	written("register", note(cast.Principal, certificate.Registered))
	refused("the principal approves", note(cast.Principal, certificate.Approved))
	refused("an approval dated back", note(cast.Authority, certificate.Approved, func(e *certificate.Event) { e.Effective = e.At.AddDate(0, -1, 0) }))
	written("approve", note(cast.Authority, certificate.Approved))
	refused("approve twice", note(cast.Authority, certificate.Approved))
	refused("a suspension before the approval", note(cast.Principal, certificate.Suspended, func(e *certificate.Event) { e.Effective = e.At.AddDate(-1, 0, 0) }))
	d.Clock.Advance(time.Hour)
	written("suspend", note(cast.Principal, certificate.Suspended))
	refused("the school resumes", note(cast.Principal, certificate.Resumed))
	written("the Sở resumes", note(cast.Authority, certificate.Resumed))
	d.Clock.Advance(time.Hour)
	written("end", note(cast.Principal, certificate.Ended))
	refused("resume what ended", note(cast.Authority, certificate.Resumed))
	if _, err := d.AsPortal().Exec(`UPDATE core.certificate_event SET kind = 'approved'`); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("an event was changed: %v", err)
	}
}

func kept(t *testing.T, d *dbtest.Database, fingerprint string) (id int64) {
	t.Helper()
	if err := d.Owner().QueryRow(`SELECT id FROM core.certificate WHERE fingerprint = $1`, fingerprint).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// TestCertificate_NobodyHasTwoHats: the same person with the roles of all three
// acts still does one.
func TestCertificate_NobodyHasTwoHats(t *testing.T) {
	d := dbtest.New(t)
	chain := jobstest.New(t, d, dbtest.NewCast(t, d))
	cast := chain.Cast
	id := kept(t, d, chain.Seal().Certificate.Fingerprint())
	d.Exec(`DELETE FROM core.certificate_event WHERE certificate_id = $1`, id)
	d.Exec(`INSERT INTO core.account_role (account_id, unit_id, role, valid_from) VALUES ($1, $2, 'principal', '2025-01-01'), ($1, $3, 'authority', '2025-01-01')`,
		cast.Admin.AccountID, cast.School.ID, cast.Department.ID)
	as := func(role workflow.Role, unit int64) workflow.Actor {
		a := cast.Admin
		a.Role, a.UnitID = role, unit
		return a
	}
	act := func(a workflow.Actor, k certificate.Kind) error {
		return d.As(t.Context(), a, func(tx *db.Tx) error {
			return tx.NoteCertificate(t.Context(), id, certificate.Event{Kind: k, AccountID: a.AccountID, Effective: tx.Now, At: tx.Now})
		})
	}
	if err := act(cast.Admin, certificate.Declared); err != nil {
		t.Fatal(err)
	}
	if err := act(as(workflow.Principal, cast.School.ID), certificate.Registered); !fault.Is(err, "db.denied") {
		t.Errorf("one person declared and registered: %v", err)
	}
	if err := act(cast.Principal, certificate.Registered); err != nil {
		t.Fatal(err)
	}
	if err := act(as(workflow.Authority, cast.Department.ID), certificate.Approved); !fault.Is(err, "db.denied") {
		t.Errorf("one person declared and approved: %v", err)
	}
}

func TestCertificate_IsSeenInReachAlone(t *testing.T) {
	d := dbtest.New(t)
	chain := jobstest.New(t, d, dbtest.NewCast(t, d))
	cast := chain.Cast
	own, other := chain.Seal().Certificate.Fingerprint(), chain.OtherSeal().Certificate.Fingerprint()
	for _, test := range []struct {
		name  string
		actor workflow.Actor
		seal  string
		want  bool
	}{
		{"the school its own", cast.Principal, own, true}, {"the school another's", cast.Principal, other, false},
		{"the Sở", cast.Authority, other, true}, {"the commune above", cast.CommuneClerk, own, true},
	} {
		err := d.As(t.Context(), test.actor, func(tx *db.Tx) error {
			_, _, err := tx.Certificate(t.Context(), kept(t, d, test.seal))
			return err
		})
		if (err == nil) != test.want || err != nil && !fault.Is(err, "certificate.unknown") {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestKeepStatus_EndsWhatItsIssuerRevoked: nobody has to notice.
func TestKeepStatus_EndsWhatItsIssuerRevoked(t *testing.T) {
	d := dbtest.New(t)
	chain := jobstest.New(t, d, dbtest.NewCast(t, d))
	cast, fingerprint := chain.Cast, chain.Seal().Certificate.Fingerprint()
	usable := func() error {
		return d.As(t.Context(), cast.Principal, func(tx *db.Tx) error {
			_, err := tx.SealCertificate(t.Context(), cast.School.ID)
			return err
		})
	}
	keep := func(v revocation.Verdict) {
		t.Helper()
		v.Asked = d.Clock.Now()
		if err := d.KeepStatus(t.Context(), fingerprint, v); err != nil {
			t.Fatal(err)
		}
	}
	now := d.Clock.Now()
	keep(revocation.Verdict{Status: revocation.Good, Kind: revocation.OCSP, From: now, Until: now.Add(6 * time.Hour), Answer: []byte("x")})
	keep(revocation.Verdict{Status: revocation.Unknown, Why: revocation.Unreachable})
	err := d.As(t.Context(), cast.Principal, func(tx *db.Tx) error {
		v, err := tx.CertificateStatus(t.Context(), fingerprint)
		if v.Status != revocation.Good || string(v.Answer) != "x" {
			t.Errorf("a failed question made the answer that holds be forgotten: %+v", v)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := usable(); err != nil {
		t.Fatal(err)
	}
	keep(revocation.Verdict{Status: revocation.Revoked, Kind: revocation.CRL, At: now.Add(-time.Hour), Reason: 1, From: now, Until: now.Add(6 * time.Hour)})
	keep(revocation.Verdict{Status: revocation.Revoked, Kind: revocation.CRL, At: now.Add(-time.Hour), Reason: 1, From: now, Until: now.Add(6 * time.Hour)})
	if err := usable(); !fault.Is(err, "certificate.seal_not_approved") {
		t.Errorf("a revoked seal is usable: %v", err)
	}
	// Somebody plays the good answer of before again.
	keep(revocation.Verdict{Status: revocation.Good, Kind: revocation.OCSP, From: now, Until: now.Add(6 * time.Hour), Answer: []byte("x")})
	var status string
	if err := d.Owner().QueryRow(`SELECT status FROM core.certificate_status WHERE fingerprint = $1`, fingerprint).Scan(&status); err != nil || status != "revoked" {
		t.Errorf("after a good answer of before: %s, %v", status, err)
	}
	var n int
	if err := d.Owner().QueryRow(`SELECT count(*) FROM core.certificate_event WHERE kind = 'ended' AND reason = 'revoked'`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d ends, %v", n, err)
	}
}
