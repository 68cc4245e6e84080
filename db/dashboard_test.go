package db_test

import (
	"slices"
	"testing"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// work is what the home page of a teacher asks.
type work struct {
	returned []db.ReturnedPart
	empty    []db.EmptyCells
	ready    []db.ReadyClass
	unsigned []db.UnsignedPart
}

func workOf(t *testing.T, d *dbtest.Database, who workflow.Actor, period school.Period) (w work) {
	t.Helper()
	err := d.As(t.Context(), who, func(tx *db.Tx) error {
		duties, err := tx.Duties(t.Context(), dbtest.Year)
		if err != nil {
			return err
		}
		if w.returned, err = tx.ReturnedParts(t.Context(), duties); err != nil {
			return err
		}
		if w.empty, err = tx.EmptyCells(t.Context(), duties, dbtest.Year, period); err != nil {
			return err
		}
		if w.ready, err = tx.ReadyToSign(t.Context(), duties, dbtest.Year, true); err != nil {
			return err
		}
		w.unsigned, err = tx.UnsignedParts(t.Context(), duties, dbtest.Year)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestTeachersWork_FollowsTheClass(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	n := len(c.Roll)

	w := workOf(t, d, c.Minh, school.YearEnd)
	if len(w.empty) != 2 || w.empty[0] != (db.EmptyCells{ClassID: c.Class.ID, ClassName: "4A", Item: "AM_NHAC", Cells: n, Pupils: n}) {
		t.Errorf("nothing written: %+v", w.empty)
	}
	w = workOf(t, d, c.Huong, school.EndFirst)
	cells := map[evaluation.Item]int{}
	for _, e := range w.empty {
		cells[e.Item] = e.Cells
	}
	if cells["TOAN"] != 2*n || cells["DAO_DUC"] != n || cells["NHAN_AI"] != n || cells["NX_PHAM_CHAT"] != 0 {
		t.Errorf("cells of a term's end: %v", cells)
	}
	if len(w.ready) != 1 || w.ready[0].Parts+w.ready[0].Page != 0 {
		t.Errorf("nothing written, yet ready: %+v", w.ready)
	}

	chain.Fill(t)
	w = workOf(t, d, c.Minh, school.YearEnd)
	if len(w.empty) != 0 || w.ready[0].Parts != n || w.ready[0].Page != 0 || len(w.unsigned) != 0 {
		t.Errorf("filled, Minh: %+v", w)
	}
	chain.SignParts(t)
	if w = workOf(t, d, c.Minh, school.YearEnd); w.ready[0].Parts != 0 {
		t.Errorf("signed, Minh: %+v", w.ready)
	}
	if w = workOf(t, d, c.Huong, school.YearEnd); w.ready[0].Page != n || w.ready[0].Parts != 0 || len(w.unsigned) != 0 {
		t.Errorf("signed, Hương: %+v", w)
	}
	d.Exec(`INSERT INTO school.record_void (signature_id, school_id, record_id, cause, at)
		SELECT id, school_id, record_id, 'withdrawn', now() FROM school.record_signature WHERE record_id = $1 AND signer_code = $2`,
		chain.Records[0], c.Minh.TeacherCode)
	w = workOf(t, d, c.Huong, school.YearEnd)
	want := db.UnsignedPart{ClassID: c.Class.ID, Item: "AM_NHAC", Teacher: c.Minh.Name, Pupils: 1}
	if w.ready[0].Page != n-1 || len(w.unsigned) != 2 || w.unsigned[0] != want {
		t.Errorf("one withdrawn: %+v %+v", w.ready, w.unsigned)
	}
	if w = workOf(t, d, c.OtherTeacher, school.YearEnd); slices.ContainsFunc(w.empty, func(e db.EmptyCells) bool { return e.ClassID == c.Class.ID }) {
		t.Error("a teacher of another school sees the class")
	}
}

func TestTeachersWork_ListsReturnedPartsUntilTheyAreAnswered(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	chain.Sign(t)
	id := chain.Records[2]
	err := d.As(t.Context(), c.Principal, func(tx *db.Tx) error {
		r, err := tx.Record(t.Context(), id, true)
		if err != nil {
			return err
		}
		by, err := chain.Desk.By(t.Context(), tx)
		if err != nil {
			return err
		}
		change, err := r.Return(by, []string{"mon-AM_NHAC", "thongtinhocba"}, "Nhận xét chưa khớp.")
		if err != nil {
			return err
		}
		return tx.ApplyRecord(t.Context(), change)
	})
	if err != nil {
		t.Fatal(err)
	}
	for who, part := range map[*workflow.Actor]string{&c.Minh: "mon-AM_NHAC", &c.Huong: "thongtinhocba"} {
		w := workOf(t, d, *who, school.YearEnd)
		if len(w.returned) != 1 || w.returned[0].Part != part || w.returned[0].Pupil != c.Roll[2].FullName || w.returned[0].Role != "principal" {
			t.Errorf("%s: %+v", who.Name, w.returned)
		}
	}
	d.Exec(`INSERT INTO school.record_return_answer (return_id, school_id, part, kind, note, account_id, at)
		SELECT id, school_id, 'mon-AM_NHAC', 'kept', 'Đúng rồi ạ', $1, now() FROM school.record_return`, c.Minh.AccountID)
	if w := workOf(t, d, c.Minh, school.YearEnd); len(w.returned) != 0 {
		t.Errorf("answered, yet asked again: %+v", w.returned)
	}
}

func TestOffice_CountsWhatIsMissing(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	d.Exec(`UPDATE school.teaching_assignment SET to_date = '2026-01-01' WHERE class_id = $1 AND subject = 'TOAN'`, c.Class.ID)
	err := d.As(t.Context(), c.Admin, func(tx *db.Tx) error {
		missing, err := tx.UnassignedSubjects(t.Context(), dbtest.Year)
		if err != nil || len(missing) != 1 || missing[0] != (db.Unassigned{ClassID: c.Class.ID, ClassName: "4A", Subject: school.Toan}) {
			t.Errorf("unassigned: %+v %v", missing, err)
		}
		pupils, err := tx.PupilsWithoutClass(t.Context(), dbtest.Year)
		if err != nil || pupils != 0 {
			t.Errorf("this year %d pupils without a class: %v", pupils, err)
		}
		pupils, err = tx.PupilsWithoutClass(t.Context(), dbtest.Year.Next())
		if err != nil || pupils != len(c.Roll) {
			t.Errorf("next year %d pupils without a class: %v", pupils, err)
		}
		list, err := tx.Uncertified(t.Context(), dbtest.Year)
		var names []string
		for _, a := range list {
			names = append(names, a.Name)
		}
		if err != nil || !slices.Equal(names, []string{c.Minh.Name, c.Principal.Name, c.Huong.Name}) {
			t.Errorf("uncertified: %q %v", names, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	jobstest.New(t, d, c)
	err = d.As(t.Context(), c.Admin, func(tx *db.Tx) error {
		list, err := tx.Uncertified(t.Context(), dbtest.Year)
		var names []string
		for _, a := range list {
			names = append(names, a.Name)
		}
		if len(names) != 0 {
			t.Errorf("everybody has a certificate, yet %q", names)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestDeadline_TheNewestDecisionAboveCounts(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	read := func() (out school.Deadline) {
		t.Helper()
		err := d.As(t.Context(), c.Principal, func(tx *db.Tx) error {
			var err error
			out, err = tx.Deadline(t.Context(), c.School.ID, school.SchoolSubmit, dbtest.Year, school.TrackJune)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	regulation := school.RegulationDeadline(school.SchoolSubmit, dbtest.Year, school.TrackJune)
	if got := read(); got != regulation {
		t.Errorf("without a decision: %+v", got)
	}
	d.Exec(`INSERT INTO core.deadline (unit_id, school_year, kind, track, due_at, decision_no, created_at)
		VALUES ($1, '2025-2026', 'school_submit', 1, '2026-06-26 17:00+07', '88/QĐ-SGDĐT', now())`, c.Department.ID)
	if got := read(); got.DecisionNo != "88/QĐ-SGDĐT" || school.DateOf(got.Due) != (school.Date{Year: 2026, Month: 6, Day: 26}) {
		t.Errorf("moved: %+v", got)
	}
}
