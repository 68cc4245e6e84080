package db_test

import (
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// approvalChain is class 4A with the first pupils marked: the first one
// inclusive, the second with a level C, the third to sixth with one remark.
func approvalChain(t *testing.T) (*dbtest.Database, *jobstest.Chain) {
	t.Helper()
	d := dbtest.New(t)
	chain := jobstest.New(t, d, dbtest.NewCast(t, d))
	chain.Fill(t)
	roll := chain.Cast.Roll
	d.Exec(`UPDATE school.enrolment SET inclusive = true WHERE id = $1`, roll[0].EnrolmentID)
	d.Exec(`UPDATE school.entry SET level = 'C' WHERE enrolment_id = $1 AND period = 'cn' AND item = 'AM_NHAC'`, roll[1].EnrolmentID)
	d.Exec(`DELETE FROM school.commendation WHERE pupil_id = (SELECT pupil_id FROM school.enrolment WHERE id = $1)`, roll[1].EnrolmentID)
	d.Exec(`UPDATE school.review SET completed = false, promoted = false, track = 2, reassessed_on = '2026-05-19' WHERE enrolment_id = $1`, roll[1].EnrolmentID)
	for _, p := range roll[2:6] {
		d.Exec(`UPDATE school.entry SET remark = 'Em biết giúp bạn, giữ lời hứa, mạnh dạn nhận lỗi và sửa lỗi trước lớp.' WHERE enrolment_id = $1 AND item = 'DAO_DUC'`, p.EnrolmentID)
	}
	return d, chain
}

func asPrincipal[T any](t *testing.T, d *dbtest.Database, c *jobstest.Chain, ask func(tx *db.Tx) (T, error)) T {
	t.Helper()
	var out T
	err := d.As(t.Context(), c.Cast.Principal, func(tx *db.Tx) error {
		var err error
		out, err = ask(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestApprovalQueue_SaysWhoIsWaitedFor(t *testing.T) {
	d, chain := approvalChain(t)
	d.Clock.Advance(time.Minute)
	if err := chain.Desk.SignParts(t.Context(), chain.Cast.Huong, chain.Records[0], chain.Pen(chain.Cast.Huong)); err != nil {
		t.Fatal(err)
	}
	blockers := asPrincipal(t, d, chain, func(tx *db.Tx) ([]db.Blocker, error) { return tx.ApprovalBlockers(t.Context(), dbtest.Year) })
	got := map[string]int{}
	for _, b := range blockers {
		got[b.Teacher] = b.Records
		if b.Account == chain.Cast.Minh.AccountID && len(b.Subjects) != len(dbtest.MinhSubjects) {
			t.Errorf("Minh's subjects: %v", b.Subjects)
		}
	}
	if got[chain.Cast.Minh.Name] != 8 || got[chain.Cast.Huong.Name] != 7 || got[""] != 8 || len(got) != 3 {
		t.Errorf("blockers %v", got)
	}
	if err := chain.Desk.SignParts(t.Context(), chain.Cast.Minh, chain.Records[0], chain.Pen(chain.Cast.Minh)); err != nil {
		t.Fatal(err)
	}
	queue := asPrincipal(t, d, chain, func(tx *db.Tx) ([]db.ApprovalClass, error) { return tx.ApprovalQueue(t.Context(), dbtest.Year) })
	if len(queue) != 1 || queue[0].OnRoll != 8 || queue[0].Before != 8 || queue[0].Waiting != 0 || queue[0].Homeroom != chain.Cast.Huong.Name {
		t.Errorf("queue %+v", queue)
	}
	for _, b := range asPrincipal(t, d, chain, func(tx *db.Tx) ([]db.Blocker, error) { return tx.ApprovalBlockers(t.Context(), dbtest.Year) }) {
		if b.Account == 0 && b.Records != 7 {
			t.Errorf("one record waits for the homeroom teacher alone: %+v", b)
		}
	}
}

func TestApprovalFlags_SayWhy(t *testing.T) {
	d, chain := approvalChain(t)
	chain.Sign(t)
	rows := asPrincipal(t, d, chain, func(tx *db.Tx) ([]db.ApprovalRow, error) { return tx.ApprovalRows(t.Context(), chain.Cast.Class.ID) })
	want := []db.ApprovalFlags{{Inclusive: true}, {Low: true}, {Same: 3}, {Same: 3}, {Same: 3}, {Same: 3}, {}, {}}
	for i, r := range rows {
		if r.Flags != want[i] || r.Stage != workflow.HomeroomSigned {
			t.Errorf("%s: %+v, want %+v", r.Name, r.Flags, want[i])
		}
	}
	// The guard of the domain knows the same flags, but for shared remarks.
	approve := func(i int) error {
		return chain.Desk.Approve(t.Context(), chain.Cast.Principal, chain.Records[i], chain.Pen(chain.Cast.Principal))
	}
	for i := range 2 {
		if err := approve(i); !fault.Is(err, "record.not_opened") {
			t.Errorf("approve flagged %d unopened: %v", i, err)
		}
	}
	if err := approve(2); err != nil {
		t.Errorf("approve one with a shared remark: %v", err)
	}
	asPrincipal(t, d, chain, func(tx *db.Tx) (any, error) {
		return nil, tx.Opened(t.Context(), chain.Records[1], rows[1].Revision)
	})
	if err := approve(1); err != nil {
		t.Errorf("approve after opening: %v", err)
	}
}

func TestValueChanges_SinceTheReturn(t *testing.T) {
	d, chain := approvalChain(t)
	chain.Sign(t)
	id, enrolment := chain.Records[7], chain.Cast.Roll[7].EnrolmentID
	change := func(item, field, from, to string) {
		d.Clock.Advance(time.Minute)
		d.Exec(`INSERT INTO school.entry_history (school_year, school_id, enrolment_id, period, item, field, old_value, new_value, account_id, at)
			VALUES ($1, $2, $3, 'cn', $4, $5, $6, $7, $8, $9)`, string(dbtest.Year), chain.Cast.School.ID, enrolment, item, field, from, to,
			chain.Cast.Minh.AccountID, d.Clock.Now())
	}
	change("TOAN", "mark", "6", "9") // before anybody looked
	d.Clock.Advance(time.Minute)
	err := chain.Desk.Act(t.Context(), chain.Cast.Principal, id, func(r *record.Record, by record.By) (record.Change, error) {
		return r.Return(by, []string{bundle.SubjectID(school.AmNhac)}, "Xem lại")
	})
	if err != nil {
		t.Fatal(err)
	}
	change("AM_NHAC", "level", "T", "C")
	change("AM_NHAC", "level", "C", "H")
	change("MI_THUAT", "remark", "a", "b")
	change("MI_THUAT", "remark", "b", "a")
	got := asPrincipal(t, d, chain, func(tx *db.Tx) ([]db.ValueChange, error) { return tx.ValueChanges(t.Context(), id) })
	if len(got) != 1 || got[0].Item != "AM_NHAC" || got[0].Old != "T" || got[0].New != "H" || got[0].By != chain.Cast.Minh.Name {
		t.Errorf("changes %+v", got)
	}
	d.Exec(`UPDATE school.record SET stage = 'homeroom_signed' WHERE id = $1`, id)
	flags := asPrincipal(t, d, chain, func(tx *db.Tx) (map[int64]db.ApprovalFlags, error) { return tx.ApprovalFlags(t.Context(), []int64{id}) })
	if f := flags[id]; !f.Returned || f.Changed || !f.MustOpen() {
		t.Errorf("flags %+v", f)
	}
}

func TestDelegation_LetsADeputySign(t *testing.T) {
	d, chain := approvalChain(t)
	today := school.DateOf(d.Clock.Now())
	try := func(deputy int64, no string, from, to school.Date) error {
		return d.As(t.Context(), chain.Cast.Principal, func(tx *db.Tx) error {
			return tx.CreateDelegation(t.Context(), db.Delegation{AccountID: deputy, DecisionNo: no, From: from, To: to})
		})
	}
	id := chain.Cast.Deputy.AccountID
	for code, err := range map[string]error{
		"delegation.deputy":   try(chain.Cast.Huong.AccountID, "12/QĐ", today, today),
		"delegation.decision": try(id, "  ", today, today),
		"delegation.dates":    try(id, "12/QĐ", today, school.Date{Year: 2020, Month: 1, Day: 1}),
	} {
		if !fault.Is(err, code) {
			t.Errorf("%v, want %s", err, code)
		}
	}
	delegated := func() bool {
		return asPrincipal(t, d, chain, func(tx *db.Tx) (bool, error) { return tx.Delegated(t.Context(), id) })
	}
	if delegated() {
		t.Error("delegated before any decision")
	}
	if err := try(id, "12/QĐ-THHP", today, today); err != nil {
		t.Fatal(err)
	}
	if !delegated() {
		t.Error("not delegated on the day")
	}
	d.Clock.Advance(24 * time.Hour)
	if delegated() {
		t.Error("delegated after the last day")
	}
	list := asPrincipal(t, d, chain, func(tx *db.Tx) ([]db.Delegation, error) { return tx.Delegations(t.Context()) })
	if len(list) != 1 || list[0].Name != chain.Cast.Deputy.Name {
		t.Errorf("%+v", list)
	}
}

func TestIssuance_ListsWhatIsApprovedAndTheSeal(t *testing.T) {
	d, chain := approvalChain(t)
	chain.Sign(t)
	d.Clock.Advance(time.Minute)
	if err := chain.Desk.Approve(t.Context(), chain.Cast.Principal, chain.Records[7], chain.Pen(chain.Cast.Principal)); err != nil {
		t.Fatal(err)
	}
	rows := asPrincipal(t, d, chain, func(tx *db.Tx) ([]db.IssuanceRow, error) { return tx.Issuable(t.Context(), dbtest.Year, db.AnyClass) })
	if len(rows) != 1 || rows[0].RecordID != chain.Records[7] || rows[0].Next != 1 || rows[0].ApprovedBy != chain.Cast.Principal.Name {
		t.Errorf("%+v", rows)
	}
	seal := func() db.SealState {
		return asPrincipal(t, d, chain, func(tx *db.Tx) (db.SealState, error) { return tx.SealState(t.Context(), chain.Cast.School.ID) })
	}
	if s := seal(); !s.Usable(d.Clock.Now()) || len(s.KeyBlob) != 0 {
		t.Errorf("%+v", s)
	}
	if err := chain.Desk.Issue(t.Context(), chain.Cast.Principal, chain.Records[7], jobstest.Place, chain.Seal()); err != nil {
		t.Fatal(err)
	}
	d.Exec(`INSERT INTO core.certificate_event (certificate_id, kind, effective_at, at) VALUES ($1, 'ended', $2, $2)`, seal().ID, d.Clock.Now())
	if s := seal(); s.Usable(d.Clock.Now()) {
		t.Errorf("an ended seal is usable: %+v", s)
	}
	xml := asPrincipal(t, d, chain, func(tx *db.Tx) ([]byte, error) { return tx.VersionXML(t.Context(), chain.Records[7], 1) })
	if _, err := bundle.Open(xml); err != nil {
		t.Error(err)
	}
	err := d.As(t.Context(), chain.Cast.OtherPrincipal, func(tx *db.Tx) error {
		_, err := tx.VersionXML(t.Context(), chain.Records[7], 1)
		return err
	})
	if !fault.Is(err, "record.no_version") {
		t.Errorf("another school reads the version: %v", err)
	}
	events := asPrincipal(t, d, chain, func(tx *db.Tx) ([]db.VersionEvent, error) { return tx.VersionEvents(t.Context(), chain.Records[7]) })
	if len(events) != 1 || events[0].Kind != record.StandIssued || events[0].By != chain.Cast.Principal.Name {
		t.Errorf("%+v", events)
	}
}
