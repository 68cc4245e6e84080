package db_test

import (
	"strings"
	"testing"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// deed is a commendation at any time of the year, for pupil n of the class.
func deed(c *dbtest.Cast, n int) db.NewCommendation {
	return db.NewCommendation{Enrolment: c.Roll[n].EnrolmentID, Line: "Khen thưởng đột xuất: cứu bạn",
		Citation: evaluation.Citation{Kind: evaluation.Special, Reason: "cứu bạn", Day: school.Date{Year: 2026, Month: 3, Day: 12}}}
}

func commend(t testing.TB, d *dbtest.Database, by workflow.Actor, n db.NewCommendation, class db.Class) error {
	t.Helper()
	return d.As(t.Context(), by, func(tx *db.Tx) error { return tx.WriteCommendation(t.Context(), dbtest.Year, class.ID, n) })
}

func commended(t testing.TB, d *dbtest.Database, c *dbtest.Cast, n int) []db.Commendation {
	t.Helper()
	var out []db.Commendation
	err := d.As(t.Context(), c.Principal, func(tx *db.Tx) error {
		class, err := tx.ClassCommendations(t.Context(), dbtest.Year, c.Class.ID)
		if err == nil {
			out = class.Rows[n].List
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// wordDecision is how a test's record speaks of a decision.
func wordDecision(c evaluation.Citation, number string, day school.Date) string {
	return strings.TrimSpace(c.Reason + " (số " + number + " ngày " + day.Vietnamese() + ")")
}

func decide(t testing.TB, d *dbtest.Database, by workflow.Actor, resign bool, list ...db.Commendation) (out db.Decided, err error) {
	t.Helper()
	act := db.Deciding{Number: "12/QĐ-THHP", Day: school.Date{Year: 2026, Month: 5, Day: 20}, Resign: resign, Word: wordDecision}
	for _, x := range list {
		act.Picks = append(act.Picks, db.PickedCommendation{ID: x.ID, Revision: x.Revision})
	}
	err = d.As(t.Context(), by, func(tx *db.Tx) (err error) {
		out, err = tx.DecideCommendations(t.Context(), dbtest.Year, act)
		return err
	})
	return out, err
}

func refusedBy(t testing.TB, what string, err error, code string) {
	t.Helper()
	if f := fault.As(err); err == nil || f.Code != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestWriteCommendation_SeveralStandInTheOrderOfTheBooklet(t *testing.T) {
	t.Parallel()
	d, chain := reviewing(t)
	c := chain.Cast
	d.Exec(`DELETE FROM school.entry_window`) // no window is needed
	letter := db.NewCommendation{Enrolment: c.Roll[0].EnrolmentID, Line: "Thư khen: giúp bạn",
		Citation: evaluation.Citation{Kind: evaluation.Letter, Reason: "giúp bạn", Day: school.Date{Year: 2026, Month: 1, Day: 5}}}
	for _, n := range []db.NewCommendation{letter, deed(c, 0)} {
		if err := commend(t, d, c.Huong, n, c.Class); err != nil {
			t.Fatal(err)
		}
	}
	got := recordOf(t, d, c, chain.Records[0]).Page.Commended
	want := []bundle.Commendation{{Award: bundle.Excellent}, {Award: bundle.Exceptional, Text: "Khen thưởng đột xuất: cứu bạn"},
		{Award: bundle.Letter, Text: "Thư khen: giúp bạn"}}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("the record says %v, want %v", got, want)
	}
	title := db.NewCommendation{Enrolment: c.Roll[0].EnrolmentID, Citation: evaluation.Citation{Kind: evaluation.Outstanding}}
	refusedBy(t, "a second title", commend(t, d, c.Huong, title, c.Class), "commendation.title_exists")
	if n := tally(t, d, `SELECT count(*) FROM school.review_history WHERE enrolment_id = $1 AND field IN ('award', 'commendation')`, c.Roll[0].EnrolmentID); n != 4 {
		t.Errorf("%d lines of history, want 4", n)
	}
	for _, who := range []workflow.Actor{c.Minh, c.Principal, c.Admin, c.OtherTeacher} {
		if err := commend(t, d, who, deed(c, 0), c.Class); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: %v, want not found", who.Name, err)
		}
	}
	refusedBy(t, "too long for the XML", commend(t, d, c.Huong, db.NewCommendation{Enrolment: c.Roll[1].EnrolmentID, Citation: deed(c, 1).Citation,
		Line: strings.Repeat("đ", 211)}, c.Class), "commendation.line")
}

func TestWriteCommendation_ClosesWithTheHomeroomSignature(t *testing.T) {
	t.Parallel()
	d, chain := reviewing(t)
	c := chain.Cast
	chain.Sign(t)
	refusedBy(t, "after signing", commend(t, d, c.Huong, deed(c, 0), c.Class), "record.part_signed")
	desk := jobs.Desk{DB: d.DB}
	err := desk.Act(t.Context(), c.Principal, chain.Records[0], func(r *record.Record, by record.By) (record.Change, error) {
		return r.Return(by, []string{record.PartOf(evaluation.RemarkQualities)}, "Ghi thêm khen thưởng")
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := commend(t, d, c.Huong, deed(c, 0), c.Class); err != nil {
		t.Fatal(err)
	}
	if r := recordOf(t, d, c, chain.Records[0]); r.Stage != workflow.PartSigned {
		t.Errorf("at %s: the homeroom signature did not fall with the page", r.Stage)
	}
	var slots string
	if err := d.Owner().QueryRow(`SELECT string_agg(s.slot, ',') FROM school.record_void v JOIN school.record_signature s ON s.id = v.signature_id`).
		Scan(&slots); err != nil || slots != "gvcn" {
		t.Errorf("fell: %q, %v", slots, err)
	}
}

func TestDecideCommendations_WritesTheNumberAndLocks(t *testing.T) {
	t.Parallel()
	d, chain := reviewing(t)
	c := chain.Cast
	if err := commend(t, d, c.Huong, deed(c, 0), c.Class); err != nil {
		t.Fatal(err)
	}
	list := commended(t, d, c, 0)
	for _, who := range []workflow.Actor{c.Deputy, c.Huong, c.Admin} {
		_, err := decide(t, d, who, false, list...)
		refusedBy(t, who.Name, err, "commendation.principal")
	}
	if n := awaiting(t, d, c); n != 9 {
		t.Errorf("%d wait, want eight titles and a deed", n)
	}
	out, err := decide(t, d, c.Principal, false, list...)
	if err != nil || out.Pupils != 1 || out.Without != 0 {
		t.Fatalf("decided %+v, %v", out, err)
	}
	if n := awaiting(t, d, c); n != 7 {
		t.Errorf("%d wait after the decision", n)
	}
	got := recordOf(t, d, c, chain.Records[0]).Page.Commended
	if got[0].Text != "(số 12/QĐ-THHP ngày 20/05/2026)" || got[1].Text != "cứu bạn (số 12/QĐ-THHP ngày 20/05/2026)" {
		t.Errorf("the record says %v", got)
	}
	_, err = decide(t, d, c.Principal, false, list...)
	refusedBy(t, "a second decision", err, "commendation.decided")
	reworded := deed(c, 0)
	reworded.ID, reworded.Revision = list[1].ID, list[1].Revision+1
	refusedBy(t, "the homeroom teacher rewords", commend(t, d, c.Huong, reworded, c.Class), "commendation.decided")
	err = d.As(t.Context(), c.Huong, func(tx *db.Tx) error {
		return tx.WithdrawCommendation(t.Context(), dbtest.Year, c.Class.ID, list[1].ID)
	})
	refusedBy(t, "the homeroom teacher withdraws", err, "commendation.decided")
	if _, err := d.AsPortal().Exec(`UPDATE school.commendation_decision SET number = 'x'`); err == nil {
		t.Error("the program may change a decision")
	}
}

func awaiting(t testing.TB, d *dbtest.Database, c *dbtest.Cast) (n int) {
	t.Helper()
	err := d.As(t.Context(), c.Principal, func(tx *db.Tx) (err error) {
		n, err = tx.WaitingCommendations(t.Context(), dbtest.Year)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDecideCommendations_RefusesWhatChangedAndWhatNoLongerFits(t *testing.T) {
	t.Parallel()
	d, chain := reviewing(t)
	c := chain.Cast
	if err := commend(t, d, c.Huong, deed(c, 0), c.Class); err != nil {
		t.Fatal(err)
	}
	before := commended(t, d, c, 0)
	reworded := deed(c, 0)
	reworded.ID, reworded.Revision = before[1].ID, before[1].Revision
	if err := commend(t, d, c.Huong, reworded, c.Class); err != nil {
		t.Fatal(err)
	}
	refusedBy(t, "an old page", commend(t, d, c.Huong, reworded, c.Class), "commendation.changed")
	_, err := decide(t, d, c.Principal, false, before...)
	refusedBy(t, "reworded since", err, "commendation.changed")
	eight := 8
	chain.Enter(c.Roll[0].EnrolmentID, "TOAN", evaluation.Entry{Level: "T", Mark: &eight}) // HTT now
	now := commended(t, d, c, 0)
	if now[0].Overall != evaluation.HTT {
		t.Errorf("the list says %s", now[0].Overall)
	}
	_, err = decide(t, d, c.Principal, false, now...)
	refusedBy(t, "the level fell", err, "commendation.unfit")
	if n := tally(t, d, `SELECT count(*) FROM school.commendation WHERE decision_id IS NOT NULL`); n != 0 {
		t.Errorf("%d decided of a decision that was refused", n)
	}
}

func TestDecideCommendations_LeavesSignedRecordsUnlessAsked(t *testing.T) {
	t.Parallel()
	d, chain := reviewing(t)
	c := chain.Cast
	chain.Approve(t)
	first, second := commended(t, d, c, 0), commended(t, d, c, 1)
	out, err := decide(t, d, c.Principal, false, first...)
	if err != nil || out.Without != 1 {
		t.Fatalf("decided %+v, %v", out, err)
	}
	if r := recordOf(t, d, c, chain.Records[0]); r.Stage != workflow.Approved || r.Page.Commended[0].Text != "" {
		t.Errorf("at %s, says %v", r.Stage, r.Page.Commended)
	}
	if got := commended(t, d, c, 0)[0]; got.Decision != "12/QĐ-THHP" {
		t.Errorf("the list says %q", got.Decision)
	}
	out, err = decide(t, d, c.Principal, true, second...)
	if err != nil || out.Without != 0 {
		t.Fatalf("decided %+v, %v", out, err)
	}
	if r := recordOf(t, d, c, chain.Records[1]); r.Stage != workflow.PartSigned || r.Page.Commended[0].Text == "" {
		t.Errorf("at %s, says %v: the teacher must sign the new page", r.Stage, r.Page.Commended)
	}
}

func TestStrikeCommendation_TakesItOutOfTheRecord(t *testing.T) {
	t.Parallel()
	d, chain := reviewing(t)
	c := chain.Cast
	strike := func(by workflow.Actor, x db.Commendation, reason string) error {
		return d.As(t.Context(), by, func(tx *db.Tx) error {
			return tx.StrikeCommendation(t.Context(), dbtest.Year, db.PickedCommendation{ID: x.ID, Revision: x.Revision}, reason)
		})
	}
	title := commended(t, d, c, 0)[0]
	refusedBy(t, "without a reason", strike(c.Principal, title, " "), "commendation.strike_reason")
	refusedBy(t, "by the homeroom teacher", strike(c.Huong, title, "x"), "commendation.principal")
	if err := strike(c.Principal, title, "Chờ xác minh"); err != nil {
		t.Fatal(err)
	}
	refusedBy(t, "twice", strike(c.Principal, title, "Chờ xác minh"), "commendation.gone")
	_, err := decide(t, d, c.Principal, false, title)
	refusedBy(t, "decided after that", err, "commendation.gone")
	if r := recordOf(t, d, c, chain.Records[0]); len(r.Page.Commended) != 0 {
		t.Errorf("the record says %v", r.Page.Commended)
	}
	if got := commended(t, d, c, 0); len(got) != 1 || !got[0].Struck || got[0].EndReason != "Chờ xác minh" || got[0].EndBy != c.Principal.Name {
		t.Errorf("the homeroom teacher sees %+v", got)
	}
	given := -1
	err = d.As(t.Context(), c.Huong, func(tx *db.Tx) (err error) {
		given, err = tx.AwardOutstanding(t.Context(), dbtest.Year, c.Class.ID)
		return err
	})
	if err != nil || given != 0 {
		t.Errorf("all at once gave %d titles back, %v", given, err)
	}
	again := db.NewCommendation{Enrolment: c.Roll[0].EnrolmentID, Citation: evaluation.Citation{Kind: evaluation.Outstanding}}
	if err := commend(t, d, c.Huong, again, c.Class); err != nil {
		t.Errorf("one by one: %v", err)
	}
	chain.Issue(t)
	refusedBy(t, "after the issue", strike(c.Principal, commended(t, d, c, 1)[0], "x"), "record.issued")
}

func TestCommendations_OfTheSchoolOnly(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	jobstest.New(t, d, c).Fill(t)
	for _, x := range []struct {
		who  workflow.Actor
		want int
	}{{c.Principal, 8}, {c.Deputy, 8}, {c.Admin, 8}, {c.OtherPrincipal, 0}} {
		err := d.As(t.Context(), x.who, func(tx *db.Tx) error {
			list, err := tx.Commendations(t.Context(), dbtest.Year, 0)
			if len(list) != x.want {
				t.Errorf("%s reads %d, want %d", x.who.Name, len(list), x.want)
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", x.who.Name, err)
		}
	}
	err := d.As(t.Context(), c.OtherPrincipal, func(tx *db.Tx) error {
		_, err := tx.Commendations(t.Context(), dbtest.Year, c.Class.ID)
		return err
	})
	refusedBy(t, "another school's class", err, "class.unknown")
}
