package jobs_test

import (
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// events lists what the registry tells the cast's school, as kind by kind.
func events(t *testing.T, c *jobstest.Chain) map[registry.EventKind]int {
	t.Helper()
	list, err := c.Registrar().Events(t.Context(), c.Cast.School.Code, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[registry.EventKind]int{}
	last := int64(0)
	for _, e := range list {
		if e.ID <= last {
			t.Errorf("event %d after %d", e.ID, last)
		}
		last = e.ID
		out[e.Kind]++
	}
	return out
}

func refusal(t *testing.T, c *jobstest.Chain, statement int64) string {
	t.Helper()
	code := ""
	as(t, c, c.Cast.Principal, func(tx *db.Tx) error {
		st, err := tx.Statement(t.Context(), statement)
		if err != nil || st.Result == bundle.Accepted {
			return err
		}
		list, err := tx.StatementReasons(t.Context(), statement)
		if len(list) > 0 {
			code = list[0].Code
		}
		return err
	})
	return code
}

func TestRecall_OpensTheRecordAndTheNextVersionFollows(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Submit(t)
	s, id := c.Submission(), c.Records[3]
	// The Sở has not opened the time: refused, the record stays accepted.
	statement, err := s.Recall(t.Context(), c.Cast.Principal, id, "Nhập nhầm môn Toán.", c.Seal())
	if err != nil || refusal(t, c, statement) != "registry.time_not_open" || stages(t, c)[workflow.Accepted] != 8 {
		t.Fatalf("recall before the time: %v %v", err, stages(t, c))
	}
	c.OpenClosing(t)
	if _, err := s.Recall(t.Context(), c.Cast.Huong, id, "x", c.Seal()); err == nil {
		t.Error("a teacher recalled a record")
	}
	c.D.Clock.Advance(time.Minute)
	if statement, err = s.Recall(t.Context(), c.Cast.Principal, id, "Nhập nhầm môn Toán.", c.Seal()); err != nil || refusal(t, c, statement) != "" {
		t.Fatalf("recall: %v", err)
	}
	if got := stages(t, c); got[workflow.HomeroomSigned] != 1 || got[workflow.Accepted] != 7 {
		t.Errorf("stages %v", got)
	}
	if a, _, _ := progress(t, c); a != 7 {
		t.Errorf("%d accepted", a)
	}
	c.Reissue(t, id)
	if _, err := s.Send(t.Context(), c.Cast.Principal, c.June(), nil, c.Seal()); err != nil {
		t.Fatal(err)
	}
	if a, _, refused := progress(t, c); a != 8 || refused != 0 || stages(t, c)[workflow.Accepted] != 8 {
		t.Errorf("%d accepted, %d refused", a, refused)
	}
	if got := events(t, c); got[registry.EventRecalled] != 1 || got[registry.EventAccepted] != 9 || got[registry.EventReplaced] != 0 {
		t.Errorf("events %v", got)
	}
}

func TestReplace_EndsTheOldVersionWhenTheNewOneIsAccepted(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Submit(t)
	c.OpenClosing(t)
	s, id := c.Submission(), c.Records[0]
	if err := s.Replace(t.Context(), c.Cast.Principal, id, "Bổ sung nhận xét."); err != nil {
		t.Fatal(err)
	}
	if p, err := s.PlanClosing(t.Context(), c.Cast.Principal, c.June(), nil); err != nil || len(p.Blocked) != 1 ||
		p.Blocked[0].Fault.Code != "closing.replacing" || len(p.Listed) != 7 {
		t.Errorf("closing while a record is being replaced: %+v %v", p.Blocked, err)
	}
	c.Reissue(t, id)
	if got := events(t, c); got[registry.EventReplaced] != 0 {
		t.Errorf("replaced before the next was accepted: %v", got)
	}
	if _, err := s.Send(t.Context(), c.Cast.Principal, c.June(), nil, c.Seal()); err != nil {
		t.Fatal(err)
	}
	if got := events(t, c); got[registry.EventReplaced] != 1 {
		t.Errorf("events %v", got)
	}
	var live, first string
	row := c.D.Owner().QueryRow(`SELECT (SELECT string_agg(e.kind, ' ' ORDER BY e.id) FROM school.version_event e JOIN school.version v ON v.id = e.version_id
		  WHERE v.record_id = $1 AND v.phien_ban = 1),
		(SELECT string_agg(v.phien_ban::text, ' ') FROM registry.live_version l JOIN registry.version v ON v.id = l.version_id
		  JOIN school.record r ON r.record_uuid = l.record_uuid WHERE r.id = $1)`, id)
	if err := row.Scan(&first, &live); err != nil || live != "2" || first != "issued submitted accepted replacing replaced" {
		t.Errorf("live %s, first version %q: %v", live, first, err)
	}
	if a, _, _ := progress(t, c); a != 8 {
		t.Errorf("%d accepted", a)
	}
}

func TestClose_NeedsEveryPupilOrAReason(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Issue(t)
	c.OpenClosing(t)
	s := c.Submission()
	p, err := s.Preflight(t.Context(), c.Cast.Principal, c.June())
	if err != nil {
		t.Fatal(err)
	}
	var seven []int64
	for _, row := range p.Ready[1:] {
		seven = append(seven, row.VersionID)
	}
	if _, err := s.Send(t.Context(), c.Cast.Principal, c.June(), seven, c.Seal()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Close(t.Context(), c.Cast.Principal, c.June(), nil, c.Seal()); !fault.Is(err, "closing.blocked") {
		t.Fatalf("closed without a pupil: %v", err)
	}
	if _, err := s.Close(t.Context(), c.Cast.Admin, c.June(), nil, c.Seal()); !fault.Is(err, "record.role") {
		t.Errorf("the administrator closed: %v", err)
	}
	reasons := map[string]bundle.AbsenceReason{p.Ready[0].Pupil: bundle.PaperBook}
	id, err := s.Close(t.Context(), c.Cast.Principal, c.June(), reasons, c.Seal())
	if err != nil || refusal(t, c, id) != "" {
		t.Fatalf("close: %v %s", err, refusal(t, c, id))
	}
	if got := stages(t, c); got[workflow.Locked] != 7 || got[workflow.Issued] != 1 {
		t.Errorf("stages %v", got)
	}
	if a, l, _ := progress(t, c); a != 7 || l != 7 {
		t.Errorf("%d accepted, %d locked", a, l)
	}
	if _, err := s.Close(t.Context(), c.Cast.Principal, c.June(), reasons, c.Seal()); !fault.Is(err, "closing.already") {
		t.Errorf("closed twice: %v", err)
	}
	if _, err := s.Recall(t.Context(), c.Cast.Principal, c.Records[2], "x", c.Seal()); err == nil {
		t.Error("recalled what is locked")
	}
	// The eighth comes late: it is in force at once, nothing could change it.
	if _, err := s.Send(t.Context(), c.Cast.Principal, c.June(), nil, c.Seal()); err != nil {
		t.Fatal(err)
	}
	if got := stages(t, c); got[workflow.Locked] != 8 {
		t.Errorf("stages %v", got)
	}
}

func TestClosingTime_AtMidnightWhatIsLeftIsLockedByDate(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Submit(t)
	c.OpenClosing(t)
	s := c.Submission()
	if err := s.Replace(t.Context(), c.Cast.Principal, c.Records[0], "Sửa nhận xét."); err != nil {
		t.Fatal(err)
	}
	if !jobstest.Deadline.Equal(time.Date(2026, time.June, 30, 0, 0, 0, 0, school.Zone)) {
		t.Fatalf("the deadline is %v", jobstest.Deadline)
	}
	c.D.Clock.Set(jobstest.Deadline.Add(-time.Microsecond)) // 29/6 23:59:59.999999
	if left, err := c.Registrar().NotReady(t.Context(), dbtest.Year, school.TrackJune); err != nil || len(left) != 1 || left[0].Locked != 8 {
		t.Errorf("before midnight: %v %v", left, err)
	}
	if err := c.Registrar().LockDue(t.Context()); err != nil || events(t, c)[registry.EventLocked] != 0 {
		t.Fatalf("locked before midnight: %v", err)
	}
	c.D.Clock.Set(jobstest.Deadline) // 30/6 00:00
	if err := s.SyncEvents(t.Context(), c.Cast.School.ID); err != nil {
		t.Fatal(err)
	}
	if got := stages(t, c); got[workflow.Locked] != 8 {
		t.Errorf("stages %v", got)
	}
	if got := events(t, c); got[registry.EventLocked] != 8 {
		t.Errorf("events %v", got)
	}
	var at time.Time
	var by string
	row := c.D.Owner().QueryRow(`SELECT min(at), min(by_whom) FROM registry.version_event WHERE kind = 'locked'`)
	if err := row.Scan(&at, &by); err != nil || !at.Equal(jobstest.Deadline) || by != "date" {
		t.Errorf("locked at %v by %s: %v", at, by, err)
	}
	acts, err := c.Registrar().LockActs(t.Context(), dbtest.Year)
	if err != nil || len(acts) != 1 || !acts[0].ByDate || len(acts[0].Classes) != 1 || acts[0].Classes[0].Locked != 8 {
		t.Errorf("acts %+v: %v", acts, err)
	}
	id, err := s.Close(t.Context(), c.Cast.Principal, c.June(), nil, c.Seal())
	if err != nil || refusal(t, c, id) != "registry.time_over" {
		t.Errorf("closed at midnight: %v %s", err, refusal(t, c, id))
	}
	if err := c.Registrar().SetClosingTime(t.Context(), c.Cast.Authority, db.ClosingTimeChange{Year: dbtest.Year, Track: school.TrackJune,
		Opens: jobstest.Deadline, Ends: jobstest.Deadline.AddDate(0, 0, 5)}); !fault.Is(err, "closing.over") {
		t.Errorf("a time that is over was opened again: %v", err)
	}
}

func TestLockLeft_ByTheSoNamesWhoWasNotReady(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Submit(t)
	if _, err := c.Registrar().LockLeft(t.Context(), c.Cast.Authority, dbtest.Year, school.TrackJune); !fault.Is(err, "closing.not_open") {
		t.Errorf("locked what was never open: %v", err)
	}
	c.OpenClosing(t)
	if _, err := c.Registrar().LockLeft(t.Context(), c.Cast.Principal, dbtest.Year, school.TrackJune); !fault.Is(err, "closing.role") {
		t.Errorf("a principal locked the province: %v", err)
	}
	c.D.Clock.Advance(time.Hour)
	act, err := c.Registrar().LockLeft(t.Context(), c.Cast.Authority, dbtest.Year, school.TrackJune)
	if err != nil || len(act.Classes) != 1 || act.Classes[0].School != c.Cast.School.Code || act.Classes[0].Locked != 8 {
		t.Fatalf("act %+v: %v", act, err)
	}
	if err := c.Submission().SyncEvents(t.Context(), c.Cast.School.ID); err != nil || stages(t, c)[workflow.Locked] != 8 {
		t.Errorf("the school did not hear of it: %v %v", stages(t, c), err)
	}
	if w, err := c.Registrar().ClosingTime(t.Context(), dbtest.Year, school.TrackJune); err != nil || w.State(c.D.Clock.Now()) != registry.Over {
		t.Errorf("the time is not over: %+v %v", w, err)
	}
	if a, l, _ := progress(t, c); a != 8 || l != 8 {
		t.Errorf("%d accepted, %d locked", a, l)
	}
}
