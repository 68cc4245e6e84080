package jobs_test

import (
	"crypto"
	"io"
	"testing"
	"time"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/record"
	"hocba/internal/workflow"
)

// askAs has another person than the homeroom teacher ask, and waits for the end.
func (b *bench) askAs(r *jobs.Runner, who workflow.Actor, o jobs.Order) (db.Job, map[string]int) {
	b.t.Helper()
	job, err := r.Ask(b.t.Context(), who, o)
	if err != nil {
		b.t.Fatalf("ask for a job: %v", err)
	}
	return job, b.results(who, job.ID)
}

// results waits for a job and counts its items by state, the refused by code.
func (b *bench) results(who workflow.Actor, id int64) map[string]int {
	b.t.Helper()
	out := map[string]int{}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		over := false
		err := b.d.As(b.t.Context(), who, func(tx *db.Tx) error {
			job, err := tx.Job(b.t.Context(), id)
			if err != nil || job.State != db.JobDone {
				return err
			}
			over = true
			items, err := tx.JobItems(b.t.Context(), id)
			for _, it := range items {
				name := string(it.State)
				if it.State == db.ItemRefused {
					name += " " + it.Code
				}
				out[name]++
			}
			return err
		})
		if err != nil {
			b.t.Fatal(err)
		}
		if over {
			return out
		}
	}
	b.t.Fatal("the job is not over")
	return nil
}

func TestApprove_LeavesOutWhatWasNotOpened(t *testing.T) {
	b := newBench(t)
	b.chain.Fill(t)
	b.d.Exec(`UPDATE school.enrolment SET inclusive = true WHERE id = $1`, b.cast.Roll[2].EnrolmentID)
	b.chain.Sign(t)
	r := b.started(nil)
	o := b.order(jobs.Approve, jobstest.PersonPIN)
	_, got := b.askAs(r, b.cast.Principal, o)
	if got["done"] != 7 || got["refused record.not_opened"] != 1 {
		t.Fatalf("first batch: %v", got)
	}
	if err := b.chain.Desk.Open(t.Context(), b.cast.Principal, b.chain.Records[2]); err != nil {
		t.Fatal(err)
	}
	_, got = b.askAs(r, b.cast.Principal, o)
	if got["done"] != 1 || got["already"] != 7 {
		t.Errorf("second batch: %v", got)
	}
}

func TestApprove_ADeputyNeedsADelegation(t *testing.T) {
	b := newBench(t)
	b.chain.Sign(t)
	r := b.started(nil)
	_, got := b.askAs(r, b.cast.Deputy, b.order(jobs.Approve, jobstest.PersonPIN))
	if got["refused record.no_delegation"] != 8 {
		t.Errorf("without a delegation: %v", got)
	}
	b.d.Exec(`INSERT INTO school.delegation (school_id, account_id, decision_no, from_date, to_date, created_by, created_at)
		VALUES ($1, $2, '12/QĐ', '2026-01-01', '2026-12-31', $3, $4)`, b.cast.School.ID, b.cast.Deputy.AccountID,
		b.cast.Principal.AccountID, b.d.Clock.Now())
	// The Sở's switch of KT. HIỆU TRƯỞNG stands above the principal's decision.
	b.d.Exec(`UPDATE core.setting SET value = '{"production":false,"head_only":true}' WHERE name = 'signature_policy'`)
	_, got = b.askAs(r, b.cast.Deputy, b.order(jobs.Approve, jobstest.PersonPIN))
	if got["refused record.no_delegation"] != 8 {
		t.Errorf("where the Sở lets nobody sign for the head: %v", got)
	}
	b.d.Exec(`UPDATE core.setting SET value = '{"production":false}' WHERE name = 'signature_policy'`)
	_, got = b.askAs(r, b.cast.Deputy, b.order(jobs.Approve, jobstest.PersonPIN))
	if got["done"] != 8 {
		t.Errorf("under a delegation: %v", got)
	}
	var model string
	err := b.d.As(t.Context(), b.cast.Deputy, func(tx *db.Tx) error {
		rec, err := tx.Record(t.Context(), b.chain.Records[0], false)
		if err == nil {
			model = string(rec.Stage)
		}
		return err
	})
	if err != nil || model != string(workflow.Approved) {
		t.Errorf("stage %s: %v", model, err)
	}
}

func TestApprove_KeepsWhetherEachWasOpened(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.chain.Sign(t)
	if err := b.chain.Desk.Open(t.Context(), b.cast.Principal, b.chain.Records[2]); err != nil {
		t.Fatal(err)
	}
	b.askAs(b.started(nil), b.cast.Principal, b.order(jobs.Approve, jobstest.PersonPIN))
	err := b.d.As(t.Context(), b.cast.Principal, func(tx *db.Tx) error {
		list, err := tx.Records(t.Context(), b.chain.Records, false)
		for i, rec := range list {
			for _, s := range rec.LiveSignatures() {
				switch {
				case s.Slot != record.ApprovalSlot && s.Opened != nil:
					t.Errorf("signature %s of record %d says something of an opening", s.Slot, i)
				case s.Slot == record.ApprovalSlot && (s.Opened == nil || *s.Opened != (rec.ID == b.chain.Records[2])):
					t.Errorf("approval of record %d: opened %v", i, s.Opened)
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var opened, not int
	err = b.d.Owner().QueryRow(`SELECT count(*) FILTER (WHERE detail->>'opened' = 'true'), count(*) FILTER (WHERE detail->>'opened' = 'false')
		FROM core.audit_event WHERE act = 'approve'`).Scan(&opened, &not)
	if err != nil || opened != 1 || not != 7 {
		t.Errorf("the log says %d opened, %d not: %v", opened, not, err)
	}
}

// The delegation under which a deputy prepared a signature may end, or be put
// out of force by the Sở, before the value comes back from a token or telephone.
func TestApprove_AsksForTheDelegationAgainWhenTheSignatureCompletes(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Sign(t)
	c.D.Exec(`INSERT INTO school.delegation (school_id, account_id, decision_no, from_date, to_date, created_by, created_at)
		VALUES ($1, $2, '12/QĐ', '2026-01-01', '2026-05-20', $3, $4)`, c.Cast.School.ID, c.Cast.Deputy.AccountID,
		c.Cast.Principal.AccountID, c.D.Clock.Now())
	for i, meanwhile := range []func(){
		func() {
			c.D.Exec(`UPDATE core.setting SET value = '{"production":false,"head_only":true}' WHERE name = 'signature_policy'`)
		},
		func() { c.D.Exec(`UPDATE school.delegation SET to_date = '2026-05-19'`) },
	} {
		pen := c.Pen(c.Cast.Deputy)
		pen.Key = signingWhile{pen.Key, meanwhile}
		if err := c.Desk.Approve(t.Context(), c.Cast.Deputy, c.Records[i], pen); !fault.Is(err, "record.no_delegation") {
			t.Errorf("case %d: approved under what had ended: %v", i, err)
		}
		c.D.Exec(`UPDATE core.setting SET value = '{"production":false}' WHERE name = 'signature_policy'`)
	}
	c.D.Exec(`UPDATE school.delegation SET to_date = '2026-05-20'`)
	if err := c.Desk.Approve(t.Context(), c.Cast.Deputy, c.Records[0], c.Pen(c.Cast.Deputy)); err != nil {
		t.Errorf("on the last day of the decision: %v", err)
	}
	if got := stages(t, c); got[workflow.Approved] != 1 || got[workflow.HomeroomSigned] != 7 {
		t.Errorf("stages %v", got)
	}
}

func TestIssue_TwoClicksMakeOneVersion(t *testing.T) {
	b := newBench(t)
	b.chain.Approve(t)
	b.d.Clock.Advance(time.Minute)
	r := b.started(nil)
	o := b.order(jobs.Issue, jobstest.SealPIN)
	o.Params = map[string]string{jobs.ParamPlace: jobstest.Place}
	first, err := r.Ask(t.Context(), b.cast.Principal, o)
	if err != nil {
		t.Fatal(err)
	}
	second, again := b.askAs(r, b.cast.Principal, o)
	if got := b.results(b.cast.Principal, first.ID); got["done"] != 8 {
		t.Errorf("first: %v", got)
	}
	if second.ID != first.ID && again["already"] != 8 {
		t.Errorf("second: %v", again)
	}
	err = b.d.As(t.Context(), b.cast.Principal, func(tx *db.Tx) error {
		list, err := tx.Records(t.Context(), b.chain.Records, false)
		for _, rec := range list {
			if v := rec.Last(); v == nil || v.Number != 1 || len(rec.Versions) != 1 || v.Standing != record.StandIssued {
				t.Errorf("record %d: %+v", rec.ID, rec.Versions)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSit_OpensTheKeyForOneSitting(t *testing.T) {
	b := newBench(t)
	r := b.runner(nil)
	me := b.cast.Principal
	if _, err := r.Sitting(t.Context(), me, "a"); !fault.Is(err, "key.locked") {
		t.Errorf("nobody sat down: %v", err)
	}
	if _, err := r.Sit(t.Context(), me, "a", "000000"); err == nil {
		t.Error("a wrong PIN opened the key")
	}
	until, err := r.Sit(t.Context(), me, "a", jobstest.PersonPIN)
	if err != nil || !until.After(b.d.Clock.Now()) {
		t.Fatal(until, err)
	}
	pen, err := r.Sitting(t.Context(), me, "a")
	if err != nil || pen.Certificate == nil {
		t.Fatal(err)
	}
	if _, err := r.Sitting(t.Context(), b.cast.Deputy, "a"); !fault.Is(err, "certificate.changed") {
		t.Errorf("another person sits at the key: %v", err)
	}
	b.d.Clock.Advance(16 * time.Minute)
	if _, err := r.Sitting(t.Context(), me, "a"); !fault.Is(err, "key.locked") {
		t.Errorf("after its time: %v", err)
	}
	if _, err := r.Sit(t.Context(), me, "a", jobstest.PersonPIN); err != nil {
		t.Fatal(err)
	}
	r.Rise("a")
	if _, ok := r.SittingUntil("a"); ok {
		t.Error("open after rising")
	}
}

// signingWhile does something between the preparing of a signature and its value.
type signingWhile struct {
	crypto.Signer
	meanwhile func()
}

func (s signingWhile) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	s.meanwhile()
	return s.Signer.Sign(random, digest, opts)
}

func TestIssue_AsksForTheSealsApprovalOfEachRecord(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Approve(t)
	desk, principal, seal := c.Desk, c.Cast.Principal, c.Seal()
	note := func(kind string, at time.Time) {
		c.D.Exec(`INSERT INTO core.certificate_event (certificate_id, kind, note, effective_at, at)
			SELECT id, $2, '', $3, $4 FROM core.certificate WHERE fingerprint = $1`, seal.Certificate.Fingerprint(), kind, at, c.D.Clock.Now())
	}
	if err := desk.Issue(t.Context(), principal, c.Records[0], jobstest.Place, c.OtherSeal()); !fault.Is(err, "record.seal_not_approved") {
		t.Errorf("issued with the seal of another school: %v", err)
	}
	if err := desk.Issue(t.Context(), principal, c.Records[0], jobstest.Place, seal); err != nil {
		t.Fatal(err)
	}
	// The approval ends while the second record is being signed.
	late := seal
	late.Key = signingWhile{seal.Key, func() { note("ended", c.D.Clock.Now()) }}
	if err := desk.Issue(t.Context(), principal, c.Records[1], jobstest.Place, late); !fault.Is(err, "record.seal_ended") {
		t.Errorf("issued after the approval had ended: %v", err)
	}
	if got := stages(t, c); got[workflow.Issued] != 1 || got[workflow.Approved] != 7 {
		t.Errorf("stages %v", got)
	}
	if err := desk.Issue(t.Context(), principal, c.Records[2], jobstest.Place, seal); !fault.Is(err, "record.seal_ended") {
		t.Errorf("issued with an ended seal: %v", err)
	}
	c.D.Exec(`DELETE FROM core.certificate_event e USING core.certificate c WHERE c.id = e.certificate_id AND c.fingerprint = $1
		AND e.kind IN ('approved', 'ended')`, seal.Certificate.Fingerprint())
	if err := desk.Issue(t.Context(), principal, c.Records[2], jobstest.Place, seal); !fault.Is(err, "record.seal_not_approved") {
		t.Errorf("issued with a seal nobody approved: %v", err)
	}
	note("approved", c.D.Clock.Now().Add(time.Hour))
	if err := desk.Issue(t.Context(), principal, c.Records[2], jobstest.Place, seal); !fault.Is(err, "record.seal_not_yet") {
		t.Errorf("issued before the approval holds: %v", err)
	}
	c.D.Clock.Advance(time.Hour)
	if err := desk.Issue(t.Context(), principal, c.Records[2], jobstest.Place, seal); err != nil {
		t.Errorf("issued on the day of the approval: %v", err)
	}
}
