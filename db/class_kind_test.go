package db_test

import (
	"testing"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/school"
)

func changeKind(t *testing.T, d *dbtest.Database, c *dbtest.Cast, kind school.ClassKind) error {
	t.Helper()
	return d.As(t.Context(), c.Admin, func(tx *db.Tx) error {
		class, err := tx.Class(t.Context(), dbtest.Year, c.Class.ID)
		if err != nil {
			return err
		}
		return tx.ChangeKind(t.Context(), class, kind)
	})
}

func TestChangeKind_RefusesMarksAndSignatures(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	nine := 9
	science := evaluation.Item(school.KhoaHoc)
	chain.Enter(c.Roll[0].EnrolmentID, science, evaluation.Entry{Level: "T", Mark: &nine})
	err := changeKind(t, d, c, school.DisabilityClass)
	if f := fault.As(err); f == nil || f.Code != "class.kind_marks" || f.Args["parts"] != "mon-KHOA_HOC" {
		t.Errorf("with a mark in Khoa học: %v", err)
	}
	chain.Enter(c.Roll[0].EnrolmentID, science, evaluation.Entry{Level: "T"})
	if err := changeKind(t, d, c, "mixed"); fault.CodeOf(err) != "class.kind" {
		t.Errorf("a kind that is none: %v", err)
	}
	if err := changeKind(t, d, c, school.DisabilityClass); err != nil {
		t.Fatal(err)
	}
	if err := changeKind(t, d, c, school.RegularClass); err != nil {
		t.Fatal(err)
	}
	chain.SignParts(t)
	if err := changeKind(t, d, c, school.DisabilityClass); fault.CodeOf(err) != "class.kind_signed" {
		t.Errorf("with signatures: %v", err)
	}
}

// TestDisabilityClass_AsksForTwoSubjects: the gradebook takes marks in Toán and
// Tiếng Việt alone, and the counts call a pupil complete without the others.
func TestDisabilityClass_AsksForTwoSubjects(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	if err := changeKind(t, d, c, school.DisabilityClass); err != nil {
		t.Fatal(err)
	}
	openWindow(d, c, school.YearEnd)
	an := c.Roll[0]
	math, science := evaluation.Item(school.Toan), evaluation.Item(school.KhoaHoc)
	got := save(t, d, c.Huong, table(c, school.YearEnd), cell(an, math, "mark", "", "8"), cell(an, science, "mark", "", "8"),
		cell(an, science, "level", "", "H"))
	wantSaved(t, got[0], "8")
	wantCode(t, got[1], fault.Invalid, "cell.mark_not_allowed")
	wantSaved(t, got[2], "H")

	c.Class.Kind = school.DisabilityClass
	chain := jobstest.New(t, d, c)
	chain.Fill(t) // what the rules of the class demand, no more
	var counts []db.ClassCounts
	count := func() {
		t.Helper()
		if _, err := d.RecountClasses(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := d.As(t.Context(), c.Huong, func(tx *db.Tx) (err error) {
			counts, err = tx.ClassProgress(t.Context(), []int64{c.Class.ID})
			return err
		}); err != nil || len(counts) != 1 {
			t.Fatalf("%v %v", counts, err)
		}
	}
	if count(); counts[0].Entered != len(c.Roll) {
		t.Errorf("%d of %d pupils are complete", counts[0].Entered, len(c.Roll))
	}
	err := d.As(t.Context(), c.Admin, func(tx *db.Tx) error {
		open, err := tx.UnassignedSubjects(t.Context(), dbtest.Year)
		if len(open) > 0 {
			t.Errorf("asks for teachers of %+v", open)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// A subject that is begun is asked for whole.
	d.Exec(`UPDATE school.entry SET level = '', remark = 'Em chăm.' WHERE enrolment_id = $1 AND item = 'KHOA_HOC'`, an.EnrolmentID)
	d.Exec(`INSERT INTO school.class_dirty (class_id, school_id, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, c.Class.ID, c.School.ID, d.Clock.Now())
	if count(); counts[0].Entered != len(c.Roll)-1 {
		t.Errorf("%d of %d pupils are complete, one has a remark without a level", counts[0].Entered, len(c.Roll))
	}
}

// TestHandOver_LeavesTestsBehindThatTheKindDoesNotKnow: a pupil who comes into
// a class for pupils with disabilities brings levels and remarks; the marks of
// other subjects stay where they were written.
func TestHandOver_LeavesTestsBehindThatTheKindDoesNotKnow(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	chain.Fill(t)
	var seat int64
	err := d.As(t.Context(), c.Admin, func(tx *db.Tx) error {
		class, err := tx.AddClass(t.Context(), db.Class{Year: dbtest.Year, Name: "4K", Grades: []int64{4}, Kind: school.DisabilityClass})
		if err != nil {
			return err
		}
		d.Exec(`UPDATE school.enrolment SET to_date = from_date WHERE id = $1`, c.Roll[0].EnrolmentID)
		seat, err = tx.Enrol(t.Context(), db.NewEnrolment{Year: dbtest.Year, ClassID: class, PupilID: c.Roll[0].PupilID, Grade: 4, Status: "06",
			From: school.DateOf(d.Clock.Now())})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var marks, levels, before int
	err = d.Owner().QueryRow(`SELECT count(mark) FILTER (WHERE enrolment_id = $1), count(*) FILTER (WHERE enrolment_id = $1 AND item = 'KHOA_HOC' AND level = 'T'),
		count(mark) FILTER (WHERE enrolment_id = $2 AND item = 'KHOA_HOC') FROM school.entry`, seat, c.Roll[0].EnrolmentID).Scan(&marks, &levels, &before)
	if err != nil || marks != 2 || levels != 1 || before != 1 {
		t.Errorf("%d marks, %d level of Khoa học, %d mark in the former class: %v", marks, levels, before, err)
	}
}
