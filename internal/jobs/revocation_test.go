package jobs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/record"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

var grounds = jobs.Grounds{Reason: "Điểm Toán cuối năm ghi nhầm 10, bài kiểm tra là 9.", Evidence: "Biên bản số 12/BB-TH ngày 21/05/2026."}

// waiting is the one request of the class that waits, as the Sở sees it.
func waiting(t *testing.T, c *jobstest.Chain, actor workflow.Actor) (out db.RevocationRequest) {
	t.Helper()
	err := c.D.Registry(t.Context(), actor, func(tx *db.Tx) error {
		list, err := tx.RevocationRequests(t.Context(), dbtest.Year)
		n, oldest, counted := tx.WaitingRevocations(t.Context())
		if err != nil || counted != nil || len(list) == 0 || list[0].Decision != "" || n != 1 || !oldest.Equal(list[0].At) {
			t.Fatalf("requests %+v, %d wait: %v %v", list, n, err, counted)
		}
		out = list[0]
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// state loads a record as the principal.
func state(t *testing.T, c *jobstest.Chain, id int64) (r *record.Record) {
	t.Helper()
	as(t, c, c.Cast.Principal, func(tx *db.Tx) error {
		var err error
		r, err = tx.Record(t.Context(), id, false)
		return err
	})
	return r
}

// lookUp asks for a version's code as a stranger.
func lookUp(t *testing.T, c *jobstest.Chain, code bundle.Code) db.LookedUp {
	t.Helper()
	v, found, err := c.D.LookUp(t.Context(), workflow.Actor{Kind: workflow.Public}, code)
	if err != nil || !found {
		t.Fatalf("look %s up: %v %v", code, found, err)
	}
	return v
}

// TestRevocation_FromTheLockToTheNextVersionInForce is row 15 end to end: lock,
// request, approval, the school hears of it, a cell is changed, everybody it
// covers signs again, version 2 is issued, accepted and locked at once.
func TestRevocation_FromTheLockToTheNextVersionInForce(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Close(t)
	s, id, principal := c.Submission(), c.Records[3], c.Cast.Principal
	statement, err := s.AskRevocation(t.Context(), principal, id, grounds, c.Seal())
	if err != nil || refusal(t, c, statement) != "" {
		t.Fatalf("ask: %v %s", err, refusal(t, c, statement))
	}
	if r := state(t, c, id); r.Stage != workflow.Locked || r.OpenRevocation() == nil {
		t.Fatalf("at %s, %+v", r.Stage, r.Revocations)
	}
	q := waiting(t, c, c.Cast.Authority)
	if q.School != c.Cast.School.Code || q.Version != 1 || q.Reason != grounds.Reason || q.Evidence != grounds.Evidence ||
		q.Sender != principal.Name || q.Locked.IsZero() {
		t.Errorf("the Sở reads %+v", q)
	}

	c.D.Clock.Advance(time.Hour)
	decided := c.D.Clock.Now()
	for click := range 2 { // the second changes nothing
		school, err := c.Registrar().DecideRevocation(t.Context(), c.Cast.Authority, q.ID, registry.Granted, "Đồng ý, theo biên bản.")
		if err != nil || school != c.Cast.School.Code {
			t.Fatalf("click %d: %s %v", click+1, school, err)
		}
	}
	if got := events(t, c); got[registry.EventRevoked] != 1 || got[registry.EventLocked] != 8 {
		t.Errorf("events %v", got)
	}
	if a, l, _ := progress(t, c); a != 7 || l != 7 {
		t.Errorf("%d accepted, %d locked", a, l)
	}
	first := state(t, c, id).Versions[0]
	if got := lookUp(t, c, first.Code).Standing; !got.Revoked.Equal(decided) || got.Current != 0 {
		t.Errorf("the old code answers %+v", got)
	}
	for range 2 { // applied once
		if err := s.SyncEvents(t.Context(), c.Cast.School.ID); err != nil {
			t.Fatal(err)
		}
	}
	r := state(t, c, id)
	if r.Stage != workflow.HomeroomSigned || r.Versions[0].Standing != record.StandRevoked {
		t.Fatalf("at %s, version %s", r.Stage, r.Versions[0].Standing)
	}
	if d := r.Revocations[0]; d.Decision != record.Granted || d.Note != "Đồng ý, theo biên bản." || !d.Decided.Equal(decided) {
		t.Errorf("the school keeps %+v", d)
	}

	mend(t, c, id, 3)
	c.Reissue(t, id)
	if _, err := s.Send(t.Context(), principal, c.June(), nil, c.Seal()); err != nil {
		t.Fatal(err)
	}
	r = state(t, c, id)
	if r.Stage != workflow.Locked || len(r.Versions) != 2 || r.Versions[1].Standing != record.StandLocked || r.Versions[0].Standing != record.StandRevoked {
		t.Fatalf("at %s, versions %+v", r.Stage, r.Versions)
	}
	if a, l, _ := progress(t, c); a != 8 || l != 8 {
		t.Errorf("%d accepted, %d locked", a, l)
	}
	old, next := lookUp(t, c, first.Code).Standing, lookUp(t, c, r.Versions[1].Code).Standing
	if !old.Revoked.Equal(decided) || old.Current != 2 || old.CurrentSince.IsZero() || next.Locked.IsZero() || !next.Revoked.IsZero() {
		t.Errorf("the old code answers %+v, the new one %+v", old, next)
	}
}

// mend returns Toán to its teacher, who writes 9 instead of 10, and has
// everybody sign again whose signature covered it.
func mend(t *testing.T, c *jobstest.Chain, id int64, seat int) {
	t.Helper()
	ctx, huong := t.Context(), c.Cast.Huong
	c.D.Exec(`INSERT INTO school.entry_window (school_id, school_year, period, opens_at, closes_at, created_at)
		VALUES ($1, $2, 'cn', $3, $4, $3)`, c.Cast.School.ID, string(dbtest.Year), c.D.Clock.Now().Add(-time.Hour), c.D.Clock.Now().AddDate(0, 1, 0))
	err := c.Desk.Act(ctx, c.Cast.Principal, id, func(r *record.Record, by record.By) (record.Change, error) {
		return r.Return(by, []string{bundle.SubjectID(school.Toan)}, "Ghi lại điểm theo bài kiểm tra.")
	})
	if err != nil {
		t.Fatal(err)
	}
	as(t, c, huong, func(tx *db.Tx) error {
		got, err := tx.SaveCells(ctx, db.ClassPeriod{Year: dbtest.Year, ClassID: c.Cast.Class.ID, Period: school.YearEnd}, []db.CellChange{{
			CellRef: db.CellRef{Enrolment: c.Cast.Roll[seat].EnrolmentID, Item: evaluation.Item(school.Toan), Field: evaluation.FieldMark}, Old: "10", New: "9"}})
		if err == nil && got[0].Fault != nil {
			err = got[0].Fault
		}
		return err
	})
	if r := state(t, c, id); r.Stage != workflow.PartSigned {
		t.Fatalf("after the change at %s", r.Stage)
	}
	if err := c.Desk.SignParts(ctx, huong, id, c.Pen(huong)); err != nil {
		t.Fatal(err)
	}
	if err := c.Desk.SignHomeroom(ctx, huong, id, "", c.Pen(huong)); err != nil {
		t.Fatal(err)
	}
}

func TestRevocation_DeclinedStaysInForceAndMayBeAskedAgain(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Close(t)
	s, id := c.Submission(), c.Records[0]
	for round, decision := range []registry.Decision{registry.Declined, registry.Declined, registry.Granted} {
		if _, err := s.AskRevocation(t.Context(), c.Cast.Principal, id, grounds, c.Seal()); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if _, err := s.AskRevocation(t.Context(), c.Cast.Principal, id, grounds, c.Seal()); !fault.Is(err, "record.revocation_open") {
			t.Errorf("asked while a request waits: %v", err)
		}
		q := waiting(t, c, c.Cast.Authority)
		if _, err := c.Registrar().DecideRevocation(t.Context(), c.Cast.Authority, q.ID, decision, "Lần này."); err != nil {
			t.Fatal(err)
		}
		if decision == registry.Declined {
			_, err := c.Registrar().DecideRevocation(t.Context(), c.Cast.Authority, q.ID, registry.Granted, "Nghĩ lại.")
			if !fault.Is(err, "revocation.decided") {
				t.Errorf("decided twice: %v", err)
			}
		}
		if err := s.SyncEvents(t.Context(), c.Cast.School.ID); err != nil {
			t.Fatal(err)
		}
		r := state(t, c, id)
		if last := r.Revocations[round]; len(r.Revocations) != round+1 || string(last.Decision) != string(decision) || last.Note != "Lần này." {
			t.Errorf("round %d: %+v", round, r.Revocations)
		}
		if got := lookUp(t, c, r.Versions[0].Code).Standing; decision == registry.Declined && (r.Stage != workflow.Locked || !got.Revoked.IsZero() || got.Locked.IsZero()) {
			t.Errorf("round %d: at %s, the code answers %+v", round, r.Stage, got)
		}
		c.D.Clock.Advance(time.Hour)
	}
	if got := events(t, c); got[registry.EventDeclined] != 2 || got[registry.EventRevoked] != 1 {
		t.Errorf("events %v", got)
	}
	if got := stages(t, c); got[workflow.Locked] != 7 || got[workflow.HomeroomSigned] != 1 {
		t.Errorf("stages %v", got)
	}
}

func TestAskRevocation_IsRefusedByName(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Submit(t)
	s, id := c.Submission(), c.Records[0]
	ask := func(actor workflow.Actor, why jobs.Grounds) error {
		_, err := s.AskRevocation(t.Context(), actor, id, why, c.Seal())
		return err
	}
	if err := ask(c.Cast.Principal, grounds); !fault.Is(err, "record.stage") {
		t.Errorf("before the lock: %v", err)
	}
	c.Close(t)
	for code, err := range map[string]error{
		"record.role":             ask(c.Cast.Huong, grounds),
		"record.reason_missing":   ask(c.Cast.Principal, jobs.Grounds{Reason: " ", Evidence: "x"}),
		"record.evidence_missing": ask(c.Cast.Principal, jobs.Grounds{Reason: "x"}),
		"record.unknown":          ask(c.Cast.OtherPrincipal, grounds),
	} {
		if !fault.Is(err, code) {
			t.Errorf("%v, want %s", err, code)
		}
	}
	if got := count(t, c, `SELECT count(*) FROM school.statement WHERE kind = 'DE_NGHI_THU_HOI'`); got != 0 {
		t.Errorf("%d statements of refused requests", got)
	}
	// A seal of another school: the registry does not take the request, nothing waits.
	statement, err := s.AskRevocation(t.Context(), c.Cast.Principal, id, grounds, c.OtherSeal())
	if err != nil || refusal(t, c, statement) == "" {
		t.Errorf("taken with the seal of another school: %v", err)
	}
	if r := state(t, c, id); r.OpenRevocation() != nil || count(t, c, `SELECT count(*) FROM registry.revocation_request`) != 0 {
		t.Error("a request waits that the registry did not take")
	}
}

func count(t *testing.T, c *jobstest.Chain, query string) (n int) {
	t.Helper()
	if err := c.D.Owner().QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// lost takes requests in and loses the answer.
type lost struct{ registry.Client }

func (l lost) AskRevocation(ctx context.Context, school string, statement []byte) (registry.Answer, error) {
	if _, err := l.Client.AskRevocation(ctx, school, statement); err != nil {
		return registry.Answer{}, err
	}
	return registry.Answer{}, errors.New("connection reset")
}

func TestAskRevocation_ALostAnswerIsFetchedBeforeTheDecision(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Close(t)
	s, id := c.Submission(), c.Records[0]
	broken := jobs.Submission{DB: c.D.DB, Registry: lost{c.Registrar()}}
	statement, err := broken.AskRevocation(t.Context(), c.Cast.Principal, id, grounds, c.Seal())
	if err == nil || statement == 0 {
		t.Fatalf("statement %d: %v", statement, err)
	}
	again, err := broken.AskRevocation(t.Context(), c.Cast.Principal, id, grounds, c.Seal())
	if err == nil || again != statement {
		t.Errorf("asked again: statement %d, was %d: %v", again, statement, err)
	}
	q := waiting(t, c, c.Cast.Authority)
	if _, err := c.Registrar().DecideRevocation(t.Context(), c.Cast.Authority, q.ID, registry.Granted, "Đồng ý."); err != nil {
		t.Fatal(err)
	}
	if err := s.SyncEvents(t.Context(), c.Cast.School.ID); err != nil || state(t, c, id).Stage != workflow.Locked {
		t.Fatalf("the decision was taken before the request: %v", err)
	}
	if err := s.Resume(t.Context(), c.Cast.School.ID); err != nil {
		t.Fatal(err)
	}
	if r := state(t, c, id); r.Stage != workflow.HomeroomSigned || len(r.Revocations) != 1 || r.Revocations[0].Decision != record.Granted {
		t.Errorf("at %s, %+v", r.Stage, r.Revocations)
	}
}

func TestDecideRevocation_IsTheConfiguredTiers(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Close(t)
	if _, err := c.Submission().AskRevocation(t.Context(), c.Cast.Principal, c.Records[0], grounds, c.Seal()); err != nil {
		t.Fatal(err)
	}
	id := waiting(t, c, c.Cast.CommuneClerk).ID
	decide := func(actor workflow.Actor) error {
		_, err := c.Registrar().DecideRevocation(t.Context(), actor, id, registry.Declined, "Chưa đủ căn cứ.")
		return err
	}
	elsewhere := c.Cast.Authority
	elsewhere.UnitID = c.Cast.OtherSchool.ID
	for code, actor := range map[string]workflow.Actor{"record.not_deciding_tier": c.Cast.CommuneClerk, "record.role": c.Cast.Principal,
		"revocation.unknown": elsewhere} {
		if err := decide(actor); !fault.Is(err, code) {
			t.Errorf("%s: %v, want %s", actor.Role, err, code)
		}
	}
	c.D.Exec(`INSERT INTO core.setting (unit_id, name, value, changed_at) VALUES ($1, 'deciding_tier', 'middle', now())`, c.Cast.Department.ID)
	if err := decide(c.Cast.Authority); !fault.Is(err, "record.not_deciding_tier") {
		t.Errorf("the Sở decided for the tier below: %v", err)
	}
	if err := decide(c.Cast.CommuneClerk); err != nil {
		t.Errorf("the tier below: %v", err)
	}
}
