package db_test

import (
	"testing"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

const pe = evaluation.Item(school.GiaoDucTheChat)

// declare changes one pupil's declarations as the page would.
func declare(t *testing.T, d *dbtest.Database, c *dbtest.Cast, by workflow.Actor, row db.RollRow, now db.Special) error {
	t.Helper()
	return d.As(t.Context(), by, func(tx *db.Tx) error {
		_, err := tx.DeclareSpecial(t.Context(), dbtest.Year, c.Class.ID, []db.SpecialChange{{Enrolment: row.EnrolmentID, Old: row.Special(), New: now}})
		return err
	})
}

func exempt(t *testing.T, d *dbtest.Database, c *dbtest.Cast, by workflow.Actor, row db.RollRow, s school.Subject, from school.Period) error {
	t.Helper()
	return d.As(t.Context(), by, func(tx *db.Tx) error {
		return tx.Exempt(t.Context(), dbtest.Year, c.Class.ID, db.NewExemption{Enrolment: row.EnrolmentID, Subject: s, From: from,
			Reason: "Sức khỏe", Decision: "12/QĐ ngày 10/09/2025"})
	})
}

func recordOf(t *testing.T, d *dbtest.Database, c *dbtest.Cast, id int64) *record.Record {
	t.Helper()
	var r *record.Record
	err := d.As(t.Context(), c.Principal, func(tx *db.Tx) (err error) {
		r, err = tx.Record(t.Context(), id, false)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestExempt_StandsInEveryPeriodAndCounts: written from the period on, counted
// as complete, ended again; nobody but the administrator, never over a result.
func TestExempt_StandsInEveryPeriodAndCounts(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	an := c.Roll[0]
	if err := exempt(t, d, c, c.Huong, an, school.GiaoDucTheChat, school.EndFirst); !fault.Is(err, "exemption.school") {
		t.Errorf("the homeroom teacher: %v", err)
	}
	if err := exempt(t, d, c, c.Minh, an, school.GiaoDucTheChat, school.EndFirst); !fault.Is(err, "class.unknown") {
		t.Errorf("a subject teacher: %v", err)
	}
	for _, s := range []school.Subject{school.TuNhienXaHoi, school.HoatDongTraiNghiem, "X"} {
		if err := exempt(t, d, c, c.Admin, an, s, school.EndFirst); !fault.Is(err, "exemption.subject") {
			t.Errorf("%s: %v", s, err)
		}
	}
	if err := exempt(t, d, c, c.Admin, an, school.GiaoDucTheChat, school.EndFirst); err != nil {
		t.Fatal(err)
	}
	if err := exempt(t, d, c, c.Admin, an, school.GiaoDucTheChat, school.EndFirst); !fault.Is(err, "exemption.exists") {
		t.Errorf("twice: %v", err)
	}
	var written string
	err := d.Owner().QueryRow(`SELECT string_agg(period, ' ' ORDER BY period) FROM school.entry WHERE enrolment_id = $1 AND item = $2 AND exempt`,
		an.EnrolmentID, string(pe)).Scan(&written)
	if err != nil || written != "ck1 cn gk2" {
		t.Errorf("Miễn stands in %q, %v", written, err)
	}
	rules := evaluation.ForYear(dbtest.Year)
	err = d.As(t.Context(), c.Huong, func(tx *db.Tx) error {
		g, err := tx.Gradebook(t.Context(), db.ClassPeriod{Year: dbtest.Year, ClassID: c.Class.ID, Period: school.YearEnd}, []evaluation.Item{pe})
		if err == nil && len(rules.ItemGaps(4, school.YearEnd, pe, g.Rows[0].Entries[pe])) != 0 {
			t.Error("an exempt subject is asked for")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = d.As(t.Context(), c.Admin, func(tx *db.Tx) error {
		return tx.EndExemption(t.Context(), dbtest.Year, c.Class.ID, an.PupilID, school.GiaoDucTheChat)
	})
	if err != nil {
		t.Fatal(err)
	}
	var left int
	if err := d.Owner().QueryRow(`SELECT count(*) FROM school.entry WHERE exempt`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d cells still exempt, %v", left, err)
	}
	openWindow(d, c, school.YearEnd)
	wantSaved(t, save(t, d, c.Huong, table(c, school.YearEnd), cell(an, pe, "level", "", "T"))[0], "T")
	if err := exempt(t, d, c, c.Admin, an, school.GiaoDucTheChat, school.EndFirst); !fault.Is(err, "exemption.has_result") {
		t.Errorf("over a result: %v", err)
	}
}

// TestExempt_GoesThroughSigningIntoTheXML and is closed by the signature.
func TestExempt_GoesThroughSigningIntoTheXML(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	chain.Fill(t)
	d.Exec(`DELETE FROM school.entry WHERE enrolment_id = $1 AND item = $2`, c.Roll[0].EnrolmentID, string(pe))
	if err := exempt(t, d, c, c.Admin, c.Roll[0], school.GiaoDucTheChat, school.YearEnd); err != nil {
		t.Fatal(err)
	}
	chain.Sign(t)
	model := recordOf(t, d, c, chain.Records[0]).Model()
	found := false
	for _, s := range model.Content.Subjects {
		if s.Subject == school.GiaoDucTheChat {
			found = s.Exempt && s.Level == ""
		}
	}
	if !found || model.Content.Overall != string(evaluation.HTXS) {
		t.Errorf("the signed content: %+v, %s", model.Content.Subjects, model.Content.Overall)
	}
	err := d.As(t.Context(), c.Admin, func(tx *db.Tx) error {
		return tx.EndExemption(t.Context(), dbtest.Year, c.Class.ID, c.Roll[0].PupilID, school.GiaoDucTheChat)
	})
	if !fault.Is(err, "record.part_signed") {
		t.Errorf("after the signature: %v", err)
	}
}

// TestDeclareSpecial_WhoMayAndWhenNot: the homeroom teacher declares, only the
// administrator takes a pupil out of evaluation, a stale page and a signed
// record are refused.
func TestDeclareSpecial_WhoMayAndWhenNot(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	an := c.Roll[0]
	if err := declare(t, d, c, c.Huong, an, db.Special{Inclusive: true, Plan: true}); err != nil {
		t.Fatal(err)
	}
	if err := declare(t, d, c, c.Admin, an, db.Special{NotAssessed: true}); !fault.Is(err, "special.stale") {
		t.Errorf("over another's declaration: %v", err)
	}
	if err := declare(t, d, c, c.Huong, c.Roll[1], db.Special{NotAssessed: true}); !fault.Is(err, "special.not_assessed") {
		t.Errorf("the homeroom teacher: %v", err)
	}
	for name, by := range map[string]workflow.Actor{"subject teacher": c.Minh, "another school": c.OtherTeacher, "another principal": c.OtherPrincipal} {
		if err := declare(t, d, c, by, c.Roll[1], db.Special{Inclusive: true}); !fault.Is(err, "class.unknown") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := declare(t, d, c, c.Admin, c.Roll[1], db.Special{Inclusive: true, NotAssessed: true}); err != nil {
		t.Fatal(err)
	}
	d.Exec(`UPDATE school.record SET stage = 'part_signed' WHERE pupil_id = $1`, c.Roll[2].PupilID)
	if err := declare(t, d, c, c.Huong, c.Roll[2], db.Special{Inclusive: true}); !fault.Is(err, "special.signed") {
		t.Errorf("a signed record: %v", err)
	}
}

// TestOptionalSubject_IsAskedForOfWhoTakesIt through counting, signing and XML,
// and of nobody else.
func TestOptionalSubject_IsAskedForOfWhoTakesIt(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	chain.Fill(t)
	an, tongue := c.Roll[0], evaluation.Item(school.TiengDanToc)
	if err := declare(t, d, c, c.Huong, an, db.Special{EthnicTongue: true}); err != nil {
		t.Fatal(err)
	}
	system := workflow.Actor{Kind: workflow.System, SchoolID: c.School.ID}
	err := d.As(t.Context(), system, func(tx *db.Tx) error {
		if err := tx.NameTongue(t.Context(), dbtest.Year, c.Class.ID, "Cơ-tu"); err != nil {
			return err
		}
		return tx.Assign(t.Context(), c.Class.ID, school.TiengDanToc, c.Minh.AccountID, school.Date{Year: 2025, Month: 9, Day: 5})
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.RecountClasses(t.Context()); err != nil {
		t.Fatal(err)
	}
	var entered int
	if err := d.Owner().QueryRow(`SELECT entered FROM school.class_progress WHERE class_id = $1`, c.Class.ID).Scan(&entered); err != nil || entered != 7 {
		t.Errorf("%d entered, want all but the one who takes the subject: %v", entered, err)
	}
	gaps := recordOf(t, d, c, chain.Records[0]).Gaps()
	if len(gaps) == 0 || gaps[len(gaps)-1].Part != "mon-TIENG_DAN_TOC" || !gaps[len(gaps)-1].Missing || gaps[len(gaps)-1].Teacher.Name != c.Minh.Name {
		t.Errorf("missing of who takes it: %+v", gaps)
	}
	for _, g := range recordOf(t, d, c, chain.Records[1]).Gaps() {
		if g.Part == "mon-TIENG_DAN_TOC" {
			t.Error("asked of a pupil who does not take it")
		}
	}
	chain.Enter(an.EnrolmentID, tongue, evaluation.Entry{Level: "T"})
	chain.Sign(t)
	model := recordOf(t, d, c, chain.Records[0]).Model()
	last := model.Content.Subjects[len(model.Content.Subjects)-1]
	if last.Subject != school.TiengDanToc || last.Level != "T" || last.Teacher.Name != c.Minh.Name || model.Content.Class.Ethnic != "Cơ-tu" {
		t.Errorf("signed: %+v, language %q", last, model.Content.Class.Ethnic)
	}
	if other := recordOf(t, d, c, chain.Records[1]).Model().Content; len(other.Subjects) != len(model.Content.Subjects)-1 || other.Class.Ethnic != "" {
		t.Errorf("who does not take it: %d parts, language %q", len(other.Subjects), other.Class.Ethnic)
	}
}

// TestNotAssessed_NothingIsAskedAndTheXMLSaysSo.
func TestNotAssessed_NothingIsAskedAndTheXMLSaysSo(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	chain.Fill(t)
	an := c.Roll[0]
	if err := declare(t, d, c, c.Admin, an, db.Special{Inclusive: true, Plan: true, NotAssessed: true}); err != nil {
		t.Fatal(err)
	}
	d.Exec(`DELETE FROM school.entry WHERE enrolment_id = $1`, an.EnrolmentID)
	d.Exec(`DELETE FROM school.commendation WHERE pupil_id = (SELECT pupil_id FROM school.enrolment WHERE id = $1)`, an.EnrolmentID)
	chain.Sign(t)
	content := recordOf(t, d, c, chain.Records[0]).Model().Content
	if !content.Pupil.NotAssessed || content.Overall != "" || !content.Subjects[0].Exempt || !content.Completed {
		t.Errorf("signed: %+v", content)
	}
}

// TestMultiGrade_EachPupilByTheOwnGrade through gaps, signing and XML.
func TestMultiGrade_EachPupilByTheOwnGrade(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	chain.Fill(t)
	an := c.Roll[0]
	d.Exec(`UPDATE school.class SET grades = '{3,4}' WHERE id = $1`, c.Class.ID)
	d.Exec(`UPDATE school.enrolment SET grade = 3 WHERE id = $1`, an.EnrolmentID)
	d.Exec(`DELETE FROM school.entry WHERE enrolment_id = $1 AND item IN ('LICH_SU_DIA_LI', 'KHOA_HOC', 'NL_KHOA_HOC')`, an.EnrolmentID)
	err := d.As(t.Context(), workflow.Actor{Kind: workflow.System, SchoolID: c.School.ID}, func(tx *db.Tx) error {
		return tx.Assign(t.Context(), c.Class.ID, school.TuNhienXaHoi, c.Huong.AccountID, school.Date{Year: 2025, Month: 9, Day: 5})
	})
	if err != nil {
		t.Fatal(err)
	}
	gaps := recordOf(t, d, c, chain.Records[0]).Gaps()
	missing := 0
	for _, g := range gaps {
		if g.Missing {
			missing++
			if g.Part != "mon-TU_NHIEN_XA_HOI" {
				t.Errorf("asked of grade 3: %+v", g)
			}
		}
	}
	if missing != 1 {
		t.Errorf("%d parts missing: %+v", missing, gaps)
	}
	chain.Enter(an.EnrolmentID, evaluation.Item(school.TuNhienXaHoi), evaluation.Entry{Level: "T"})
	chain.Sign(t)
	for i, want := range []struct {
		grade    int
		subjects int
	}{{3, 11}, {4, 12}} {
		content := recordOf(t, d, c, chain.Records[i]).Model().Content
		if content.Class.Grade != want.grade || len(content.Subjects) != want.subjects || content.Overall != string(evaluation.HTXS) {
			t.Errorf("record %d: grade %d, %d subjects, %s", i, content.Class.Grade, len(content.Subjects), content.Overall)
		}
	}
}

// TestHandOver_ValuesKeepTheirOrigin: who moves to another class brings values,
// lines and declarations along; what the new class writes is its own.
func TestHandOver_ValuesKeepTheirOrigin(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	an := c.Roll[0]
	openWindow(d, c, school.EndFirst)
	toan := evaluation.Item(school.Toan)
	save(t, d, c.Huong, table(c, school.EndFirst), cell(an, toan, "level", "", "T"), cell(an, pe, "level", "", "H"))
	if err := declare(t, d, c, c.Huong, an, db.Special{Inclusive: true, EthnicTongue: true}); err != nil {
		t.Fatal(err)
	}
	var class, seat int64
	err := d.As(t.Context(), workflow.Actor{Kind: workflow.System, SchoolID: c.School.ID}, func(tx *db.Tx) (err error) {
		day := school.DateOf(tx.Now)
		if class, err = tx.CreateClass(t.Context(), db.Class{Year: dbtest.Year, Code: "4B", Name: "4B", Grades: []int64{4}, BookKind: school.Digital}); err != nil {
			return err
		}
		if err = tx.AssignHomeroom(t.Context(), class, c.Minh.AccountID, day); err != nil {
			return err
		}
		if err = tx.Assign(t.Context(), class, school.Toan, c.Minh.AccountID, day); err != nil {
			return err
		}
		if _, err = tx.ExecContext(t.Context(), `UPDATE school.enrolment SET to_date = $2::date - 1, status = '08' WHERE id = $1`, an.EnrolmentID, day); err != nil {
			return err
		}
		seat, err = tx.Enrol(t.Context(), db.NewEnrolment{Year: dbtest.Year, ClassID: class, PupilID: an.PupilID, Grade: 4, Status: "06", From: day})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	at := db.ClassPeriod{Year: dbtest.Year, ClassID: class, Period: school.EndFirst}
	wantSaved(t, save(t, d, c.Minh, at, db.CellChange{CellRef: db.CellRef{Enrolment: seat, Item: toan, Field: "level"}, Old: "T", New: "H"})[0], "H")
	if got := told(t, d, c.Minh, at, seat, toan, "level"); got != " T→H ·  →T4A" {
		t.Errorf("history %q", got)
	}
	var origins, inclusive int
	err = d.Owner().QueryRow(`SELECT count(*) FILTER (WHERE n.origin = $2), count(*) FILTER (WHERE e.inclusive AND e.ethnic_language)
		FROM school.entry n JOIN school.enrolment e ON e.id = n.enrolment_id WHERE n.enrolment_id = $1`, seat, an.EnrolmentID).Scan(&origins, &inclusive)
	if err != nil || origins != 1 || inclusive != 2 {
		t.Errorf("%d values of the old class, %d with declarations: %v", origins, inclusive, err)
	}
	var kept string
	if err := d.Owner().QueryRow(`SELECT level FROM school.entry WHERE enrolment_id = $1 AND item = 'TOAN'`, an.EnrolmentID).Scan(&kept); err != nil || kept != "T" {
		t.Errorf("the old class holds %q, %v", kept, err)
	}
}

// TestHalves_EachTeacherSignsTheOwn: the two halves of Tin học và Công nghệ and
// of Nghệ thuật are parts of their own, each with its teacher.
func TestHalves_EachTeacherSignsTheOwn(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	err := d.As(t.Context(), workflow.Actor{Kind: workflow.System, SchoolID: c.School.ID}, func(tx *db.Tx) error {
		for _, h := range []struct {
			subject school.Subject
			teacher int64
		}{{school.CongNghe, c.Minh.AccountID}, {school.MiThuat, c.Huong.AccountID}} {
			if err := tx.Assign(t.Context(), c.Class.ID, h.subject, h.teacher, school.Date{Year: 2026, Month: 1, Day: 5}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	openWindow(d, c, school.YearEnd)
	wantCode(t, save(t, d, c.Huong, table(c, school.YearEnd), cell(c.Roll[0], evaluation.Item(school.CongNghe), "level", "", "T"))[0],
		fault.Forbidden, "cell.not_yours")
	wantSaved(t, save(t, d, c.Huong, table(c, school.YearEnd), cell(c.Roll[0], evaluation.Item(school.TinHoc), "level", "", "T"))[0], "T")
	chain := jobstest.New(t, d, c)
	chain.Sign(t)
	want := map[school.Subject]string{school.TinHoc: c.Huong.Name, school.CongNghe: c.Minh.Name, school.AmNhac: c.Minh.Name, school.MiThuat: c.Huong.Name}
	for _, part := range recordOf(t, d, c, chain.Records[0]).Model().Content.Subjects {
		if name, half := want[part.Subject]; half && part.Teacher.Name != name {
			t.Errorf("%s is signed by %s, want %s", part.Subject, part.Teacher.Name, name)
		}
	}
}

// TestSubstitute_SignsTheOwnPart: who stands in on the day of signing is the
// part's teacher in the XML.
func TestSubstitute_SignsTheOwnPart(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	if err := stand(t, d, c, db.Duty{Subjects: []school.Subject{school.Toan}, AccountID: c.Minh.AccountID, From: may(20), To: may(25), Decision: "7/QĐ"}); err != nil {
		t.Fatal(err)
	}
	chain := jobstest.New(t, d, c)
	chain.Sign(t)
	for _, part := range recordOf(t, d, c, chain.Records[0]).Model().Content.Subjects {
		if part.Subject == school.Toan && part.Teacher.Name != c.Minh.Name {
			t.Errorf("Toán is signed by %s", part.Teacher.Name)
		}
	}
}
