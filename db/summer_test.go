package db_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

var summerPlan = evaluation.SummerPlan{Items: []evaluation.Item{toan}, Content: "Ôn phép chia có dư", Guide: "Cô Hương",
	From: school.Date{Year: 2026, Month: 5, Day: 18}, To: school.Date{Year: 2026, Month: 7, Day: 31}, Family: "Nhắc em học mỗi ngày 30 phút"}

// late is the cast at the year's end, the first pupil with a C in Toán.
func late(t *testing.T) (*dbtest.Database, *dbtest.Cast, *jobstest.Chain) {
	t.Helper()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	chain.Fill(t)
	three := 3
	chain.Enter(c.Roll[0].EnrolmentID, toan, evaluation.Entry{Level: "C", Mark: &three, Remark: "Em còn lúng túng."})
	d.Exec(`DELETE FROM school.commendation WHERE pupil_id = (SELECT pupil_id FROM school.enrolment WHERE id = $1)`, c.Roll[0].EnrolmentID)
	openWindow(d, c, school.Summer)
	return d, c, chain
}

func planSummer(t *testing.T, d *dbtest.Database, c *dbtest.Cast, by workflow.Actor, ch db.SummerPlanChange) (wrong map[evaluation.SummerField]*fault.Error, err error) {
	t.Helper()
	err = d.As(t.Context(), by, func(tx *db.Tx) (err error) {
		wrong, err = tx.PlanSummer(t.Context(), dbtest.Year, c.Class.ID, ch)
		return err
	})
	return wrong, err
}

func decideSummer(t *testing.T, d *dbtest.Database, by workflow.Actor, choices ...db.SummerChoice) (refused map[int64]db.SummerRefusal, err error) {
	t.Helper()
	err = d.As(t.Context(), by, func(tx *db.Tx) (err error) {
		refused, err = tx.DecideSummer(t.Context(), dbtest.Year, choices)
		return err
	})
	return refused, err
}

func summerOf(t *testing.T, d *dbtest.Database, c *dbtest.Cast, by workflow.Actor) []db.SummerPupil {
	t.Helper()
	var out db.SummerClass
	err := d.As(t.Context(), by, func(tx *db.Tx) (err error) {
		out, err = tx.SummerClass(t.Context(), dbtest.Year, c.Class.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Pupils
}

func decision(c *dbtest.Cast, o evaluation.SummerOutcome) db.SummerChoice {
	return db.SummerChoice{Enrolment: c.Roll[0].EnrolmentID, Text: "Đã rèn luyện trong hè.", SummerDecision: evaluation.SummerDecision{
		Outcome: o, Number: "12/QĐ-TH", Date: school.Date{Year: 2026, Month: 5, Day: 20}}}
}

// summerLeft is what the summer still asks the homeroom teacher and the others for.
func summerLeft(t *testing.T, d *dbtest.Database, c *dbtest.Cast) string {
	t.Helper()
	var lines []string
	for _, who := range []workflow.Actor{c.Huong, c.Minh} {
		err := d.As(t.Context(), who, func(tx *db.Tx) error {
			duties, err := tx.Duties(t.Context(), dbtest.Year)
			if err != nil {
				return err
			}
			left, err := tx.EmptyCells(t.Context(), duties, dbtest.Year, school.Summer)
			for _, e := range left {
				lines = append(lines, fmt.Sprintf("%s: %d cells of %d", e.Item, e.Cells, e.Pupils))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return strings.Join(lines, ", ")
}

func TestPlanSummer_PutsAPupilOnTrackTwoUntilTheDecision(t *testing.T) {
	t.Parallel()
	d, c, _ := late(t)
	an := c.Roll[0].EnrolmentID
	if got := summerOf(t, d, c, c.Huong); len(got) != 1 || got[0].EnrolmentID != an || !slices.Equal(got[0].Items, []evaluation.Item{toan}) || got[0].Plan != nil {
		t.Fatalf("the summer is about %+v", got)
	}
	for name, by := range map[string]workflow.Actor{"a subject teacher": c.Minh, "another school": c.OtherTeacher, "the principal": c.Principal} {
		if _, err := planSummer(t, d, c, by, db.SummerPlanChange{Enrolment: an, Plan: summerPlan}); !fault.Is(err, "class.unknown") {
			t.Errorf("%s plans: %v", name, err)
		}
	}
	if _, err := planSummer(t, d, c, c.Huong, db.SummerPlanChange{Enrolment: c.Roll[1].EnrolmentID, Plan: summerPlan}); !fault.Is(err, "summer.not_needed") {
		t.Errorf("a plan for who completed the grade: %v", err)
	}
	bad := summerPlan
	bad.Items, bad.To = []evaluation.Item{"TU_NHIEN_XA_HOI"}, school.Date{Year: 2026, Month: 5, Day: 1}
	wrong, err := planSummer(t, d, c, c.Huong, db.SummerPlanChange{Enrolment: an, Plan: bad})
	if err != nil || wrong[evaluation.SummerItems] == nil || wrong[evaluation.SummerTo] == nil {
		t.Errorf("a wrong plan: %v, %v", wrong, err)
	}
	if wrong, err = planSummer(t, d, c, c.Huong, db.SummerPlanChange{Enrolment: an, Plan: summerPlan}); err != nil || len(wrong) > 0 {
		t.Fatalf("plan: %v, %v", wrong, err)
	}
	got := summerOf(t, d, c, c.Principal)
	if len(got) != 1 || got[0].Plan == nil || got[0].Track() != school.TrackAugust || got[0].Review[evaluation.ReviewCompleted] != "" || len(got[0].Missing) != 1 {
		t.Fatalf("after the plan: %+v", got)
	}
	if _, err := planSummer(t, d, c, c.Huong, db.SummerPlanChange{Enrolment: an, Plan: summerPlan}); !fault.Is(err, "summer.stale") {
		t.Errorf("a plan over another: %v", err)
	}
	if left := summerLeft(t, d, c); left != "TOAN: 2 cells of 1" {
		t.Errorf("left in the summer: %s", left)
	}
	wantSaved(t, save(t, d, c.Huong, table(c, school.Summer), cell(c.Roll[0], toan, "level", "", "H"))[0], "H")
	if left := summerLeft(t, d, c); left != "TOAN: 1 cells of 1" {
		t.Errorf("after the level: %s", left)
	}
	wantSaved(t, save(t, d, c.Huong, table(c, school.Summer), cell(c.Roll[0], toan, "mark", "", "6"))[0], "6")
	more := summerPlan
	more.Items = []evaluation.Item{evaluation.Item(school.KhoaHoc)}
	if _, err := planSummer(t, d, c, c.Huong, db.SummerPlanChange{Enrolment: an, Seen: got[0].Plan.ID, Plan: more}); !fault.Is(err, "summer.item_assessed") {
		t.Errorf("an assessed item left out: %v", err)
	}
	if refused, err := decideSummer(t, d, c.Principal, decision(c, evaluation.SummerCompleted)); err != nil || len(refused) > 0 {
		t.Fatalf("decide: %v, %v", refused, err)
	}
	if _, err := planSummer(t, d, c, c.Huong, db.SummerPlanChange{Enrolment: an, Seen: got[0].Plan.ID, Plan: summerPlan}); !fault.Is(err, "summer.decided") {
		t.Errorf("a plan after the decision: %v", err)
	}
	r := recordOf(t, d, c, recordIDOf(t, d, an))
	if p := r.Page; p.Completed == nil || !*p.Completed || p.Reassessment == nil || p.Reassessment.Date.Day != 20 || p.Reassessment.Text == "" {
		t.Errorf("the page says %+v", p)
	}
	if e := r.Parts[1].Entry; e.Remark != "Em còn lúng túng." {
		t.Errorf("the year-end's remark, which nobody wrote again, is %q", e.Remark)
	}
}

func recordIDOf(t *testing.T, d *dbtest.Database, enrolment int64) (id int64) {
	t.Helper()
	if err := d.Owner().QueryRow(`SELECT id FROM school.record WHERE enrolment_id = $1`, enrolment).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestDecideSummer_IsThePrincipalsAndFitsTheLevel(t *testing.T) {
	t.Parallel()
	d, c, _ := late(t)
	an := c.Roll[0].EnrolmentID
	if refused, err := decideSummer(t, d, c.Principal, decision(c, evaluation.SummerKeptDown)); err != nil || refused[an].Whole == nil || refused[an].Whole.Code != "summer.pupil" {
		t.Errorf("a decision about who is on track 1: %v, %v", refused, err)
	}
	if _, err := planSummer(t, d, c, c.Huong, db.SummerPlanChange{Enrolment: an, Plan: summerPlan}); err != nil {
		t.Fatal(err)
	}
	for name, by := range map[string]workflow.Actor{"the homeroom teacher": c.Huong, "the deputy": c.Deputy, "the administrator": c.Admin} {
		if _, err := decideSummer(t, d, by, decision(c, evaluation.SummerKeptDown)); !fault.Is(err, "record.role") {
			t.Errorf("%s decides: %v", name, err)
		}
	}
	if refused, _ := decideSummer(t, d, c.OtherPrincipal, decision(c, evaluation.SummerKeptDown)); refused[an].Whole == nil {
		t.Error("another school's principal decides")
	}
	wantField := func(ch db.SummerChoice, field evaluation.SummerField, code string) {
		t.Helper()
		refused, err := decideSummer(t, d, c.Principal, ch)
		if f := refused[an].Fields[field]; err != nil || f == nil || f.Code != code {
			t.Errorf("got %+v, %v, want %s at %s", refused[an], err, code, field)
		}
	}
	wantField(decision(c, evaluation.SummerCompleted), evaluation.SummerResult, "summer.outcome_level")
	wantField(decision(c, evaluation.SummerKeptDown), evaluation.SummerNote, "summer.not_reassessed")
	nothing := decision(c, "")
	nothing.Number, nothing.Date = " ", school.Date{Year: 2026, Month: 5, Day: 30} // tomorrow and later
	wantField(nothing, evaluation.SummerResult, "summer.outcome")
	wantField(nothing, evaluation.SummerNumber, "summer.number")
	wantField(nothing, evaluation.SummerDate, "summer.day")
	absent := decision(c, evaluation.SummerKeptDown)
	absent.Note = "Em nghỉ ốm dài ngày, không dự đánh giá bổ sung."
	if refused, err := decideSummer(t, d, c.Principal, absent); err != nil || len(refused) > 0 {
		t.Fatalf("kept down without a re-assessment, with a reason: %v, %v", refused, err)
	}
	if refused, _ := decideSummer(t, d, c.Principal, absent); refused[an].Whole == nil || refused[an].Whole.Code != "summer.decided_already" {
		t.Errorf("a second decision over one not seen: %+v", refused)
	}
	if _, err := d.AsPortal().Exec(`UPDATE school.summer_decision SET outcome = 'completed'`); err == nil {
		t.Error("a decision was changed")
	}
}

func TestDecideSummer_AgainVoidsWhatCoversThePage(t *testing.T) {
	t.Parallel()
	d, c, chain := late(t)
	an := c.Roll[0].EnrolmentID
	if _, err := planSummer(t, d, c, c.Huong, db.SummerPlanChange{Enrolment: an, Plan: summerPlan}); err != nil {
		t.Fatal(err)
	}
	wantSaved(t, save(t, d, c.Huong, table(c, school.Summer), cell(c.Roll[0], toan, "level", "", "C"))[0], "C")
	wantSaved(t, save(t, d, c.Huong, table(c, school.Summer), cell(c.Roll[0], toan, "mark", "", "4"))[0], "4")
	if refused, err := decideSummer(t, d, c.Principal, decision(c, evaluation.SummerKeptDown)); err != nil || len(refused) > 0 {
		t.Fatal(refused, err)
	}
	chain.Sign(t)
	id := recordIDOf(t, d, an)
	if r := recordOf(t, d, c, id); r.Stage != workflow.HomeroomSigned {
		t.Fatalf("signed, the record is %s", r.Stage)
	}
	again := decision(c, evaluation.SummerMovedUp)
	again.Number, again.Seen = "15/QĐ-TH", summerOf(t, d, c, c.Principal)[0].Decision.ID
	if refused, err := decideSummer(t, d, c.Principal, again); err != nil || len(refused) > 0 {
		t.Fatal(refused, err)
	}
	r := recordOf(t, d, c, id)
	var live, rows int
	for _, s := range r.Signatures {
		if r.Live(s) {
			live++
		}
	}
	if r.Stage != workflow.PartSigned || live != 2 {
		t.Errorf("after a new decision the record is %s with %d live signatures, want the two teachers'", r.Stage, live)
	}
	if err := d.Owner().QueryRow(`SELECT count(*) FROM school.summer_decision WHERE enrolment_id = $1`, an).Scan(&rows); err != nil || rows != 2 {
		t.Errorf("%d decisions kept, %v", rows, err)
	}
	if err := chain.Desk.SignHomeroom(t.Context(), c.Huong, id, "", chain.Pen(c.Huong)); err != nil {
		t.Fatalf("sign after a new decision: %v", err)
	}
	if m := recordOf(t, d, c, id).Model(); m.Content.Completed || !m.Content.Promoted || m.Content.Reassessment == nil {
		t.Errorf("the record says completed %v, promoted %v", m.Content.Completed, m.Content.Promoted)
	}
}
