package db_test

import (
	"strings"
	"testing"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/jobs/jobstest"
)

// reasons are why the pupils of the school have no closed record, by enrolment;
// who has a closed one is not in it.
func reasons(t *testing.T, d *dbtest.Database, c *dbtest.Cast) map[int64]db.Unclosed {
	t.Helper()
	out := map[int64]db.Unclosed{}
	err := d.As(t.Context(), c.Principal, func(tx *db.Tx) error {
		list, err := tx.Unclosed(t.Context(), dbtest.Year)
		for _, u := range list {
			out[u.Enrolment] = u
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestUnclosed_TellsEveryReason walks the chain and every way aside: at each
// step the list says the first thing that is not done, and who can mend it.
func TestUnclosed_TellsEveryReason(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	told := map[db.UnclosedReason]bool{}
	want := func(what string, pupil int, reason db.UnclosedReason, who string) {
		t.Helper()
		u, open := reasons(t, d, c)[c.Roll[pupil].EnrolmentID]
		if !open || u.Reason != reason || who != "" && !strings.Contains(u.Who, who) {
			t.Errorf("%s: %q by %q, want %q by %q", what, u.Reason, u.Who, reason, who)
		}
		told[reason] = true
	}
	stage := func(pupil int, s string) {
		d.Exec(`UPDATE school.record SET stage = $2 WHERE pupil_id = $1`, c.Roll[pupil].PupilID, s)
	}
	chain := jobstest.New(t, d, c)
	want("nothing written", 0, db.UnclosedMissing, c.Minh.Name)
	chain.Fill(t)
	want("written", 1, db.UnclosedNotSigned, c.Minh.Name)
	d.Exec(`UPDATE school.review SET absent_excused = NULL WHERE enrolment_id = $1`, c.Roll[1].EnrolmentID)
	d.Exec(`INSERT INTO core.setting (unit_id, name, value, changed_at) VALUES ($1, 'teachers_sign', 'no', now())`, c.Department.ID)
	want("days of absence are missing", 1, db.UnclosedMissing, c.Huong.Name)
	d.Exec(`UPDATE school.review SET absent_excused = 0 WHERE enrolment_id = $1`, c.Roll[1].EnrolmentID)
	want("where subject teachers do not sign", 1, db.UnclosedHomeroom, c.Huong.Name)
	d.Exec(`DELETE FROM core.setting WHERE name = 'teachers_sign'`)

	// Pupil 0 does not complete the grade.
	d.Exec(`DELETE FROM school.commendation WHERE pupil_id = $1`, c.Roll[0].PupilID)
	three, six := 3, 6
	chain.Enter(c.Roll[0].EnrolmentID, toan, evaluation.Entry{Level: "C", Mark: &three, Remark: "Em còn lúng túng."})
	want("a low mark", 0, db.UnclosedNoPlan, c.Huong.Name)
	if wrong, err := planSummer(t, d, c, c.Huong, db.SummerPlanChange{Enrolment: c.Roll[0].EnrolmentID, Plan: summerPlan}); err != nil || len(wrong) > 0 {
		t.Fatal(wrong, err)
	}
	want("planned", 0, db.UnclosedNotAgain, c.Huong.Name)
	d.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, mark, account_id, updated_at)
		VALUES ($1, $2, 'he', 'TOAN', $3, 'H', $4, $5, $6)`, string(dbtest.Year), c.Roll[0].EnrolmentID, c.School.ID, six, c.Huong.AccountID, d.Clock.Now())
	want("assessed again", 0, db.UnclosedNoDecision, "")
	if refused, err := decideSummer(t, d, c.Principal, decision(c, evaluation.SummerCompleted)); err != nil || len(refused) > 0 {
		t.Fatal(refused, err)
	}
	want("decided", 0, db.UnclosedNotSigned, c.Minh.Name)

	chain.Sign(t)
	want("signed by all", 1, db.UnclosedNotApproved, "")
	stage(2, "returned")
	want("returned", 2, db.UnclosedReturned, "")
	stage(2, "approved")
	want("approved", 2, db.UnclosedNotIssued, "")
	stage(2, "issued")
	want("issued", 2, db.UnclosedNotSent, "")
	stage(2, "submitted")
	want("sent", 2, db.UnclosedUnderWay, "")
	stage(2, "refused")
	want("refused", 2, db.UnclosedRefused, "")
	stage(2, "accepted")
	want("accepted", 2, db.UnclosedNotClosed, "")
	stage(2, "locked")
	if u, open := reasons(t, d, c)[c.Roll[2].EnrolmentID]; open {
		t.Errorf("a closed record is on the list: %+v", u)
	}

	var fresh int64
	d.Exec(`INSERT INTO school.pupil (school_id, code, book_uuid, full_name, given_name, rest_name, folded_name, birth_date, sex, created_at, updated_at)
		VALUES ($1, '4900000099', gen_random_uuid(), 'Lê Mới', 'Mới', 'Lê', 'le moi', '2016-01-01', 'nu', now(), now())`, c.School.ID)
	if err := d.Owner().QueryRow(`INSERT INTO school.enrolment (school_id, school_year, class_id, pupil_id, grade, from_date)
		SELECT $1, $2, $3, id, 4, '2025-09-05' FROM school.pupil WHERE code = '4900000099' RETURNING id`, c.School.ID, string(dbtest.Year), c.Class.ID).
		Scan(&fresh); err != nil {
		t.Fatal(err)
	}
	c.Roll = append(c.Roll, db.RollRow{EnrolmentID: fresh})
	want("no record was begun", len(c.Roll)-1, db.UnclosedNoRecord, "")
	d.Exec(`UPDATE school.enrolment SET to_date = '2026-03-01', status = '08' WHERE id = $1`, c.Roll[3].EnrolmentID)
	want("left the school", 3, db.UnclosedMoved, "")
	d.Exec(`UPDATE school.class SET book_kind = 'paper', paper_reason = 'Chưa có mạng', paper_decision = '1/QĐ', paper_until = '2027-05-31' WHERE id = $1`, c.Class.ID)
	want("a class on paper", 1, db.UnclosedPaper, "")

	for _, reason := range db.UnclosedReasons {
		if !told[reason] {
			t.Errorf("no step of the chain tells %q", reason)
		}
	}
}

// TestUnclosed_ReadsTheOwnSchoolAlone looks at the plan beside a school of
// 3,000 pupils: no table with a row a pupil is read whole.
func TestUnclosed_ReadsTheOwnSchoolAlone(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	jobstest.New(t, d, c).Fill(t)
	for _, statement := range []string{
		`INSERT INTO school.pupil (school_id, code, book_uuid, full_name, given_name, rest_name, folded_name, birth_date, sex, created_at, updated_at)
		 SELECT $1, (8100000000 + i)::text, gen_random_uuid(), 'Lê ' || i, i::text, 'Lê', 'le ' || i, '2016-01-01', 'nu', now(), now() FROM generate_series(1, 3000) i`,
		`INSERT INTO school.enrolment (school_id, school_year, class_id, pupil_id, grade, from_date)
		 SELECT $1, '2025-2026', (SELECT id FROM school.class WHERE school_id = $1 LIMIT 1), id, 4, '2025-09-05' FROM school.pupil WHERE school_id = $1 AND code LIKE '81%'`,
		`INSERT INTO school.record (school_id, school_year, pupil_id, class_id, enrolment_id, record_uuid, created_at, changed_at)
		 SELECT school_id, school_year, pupil_id, class_id, id, gen_random_uuid(), now(), now() FROM school.enrolment WHERE school_id = $1
		 ON CONFLICT DO NOTHING`,
		`INSERT INTO school.review (school_year, enrolment_id, school_id, account_id, updated_at)
		 SELECT school_year, id, school_id, 1, now() FROM school.enrolment WHERE school_id = $1 ON CONFLICT DO NOTHING`,
		`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, account_id, updated_at)
		 SELECT school_year, id, 'cn', item, school_id, 'T', 1, now() FROM school.enrolment, unnest(ARRAY['TOAN', 'TIENG_VIET', 'DAO_DUC', 'YEU_NUOC', 'NHAN_AI', 'CHAM_CHI',
		   'TRUNG_THUC', 'TRACH_NHIEM', 'NL_NGON_NGU', 'NL_TINH_TOAN', 'NL_THAM_MI', 'NL_THE_CHAT']) item WHERE school_id = $1 ON CONFLICT DO NOTHING`,
	} {
		d.Exec(statement, c.OtherSchool.ID)
	}
	d.Exec(`ANALYZE`)
	err := d.As(t.Context(), c.Principal, func(tx *db.Tx) error {
		query, args, err := db.UnclosedQuery(t.Context(), tx, dbtest.Year)
		if err != nil {
			return err
		}
		var lines []string
		if err := tx.SelectContext(t.Context(), &lines, "EXPLAIN (COSTS OFF) "+query, args...); err != nil {
			return err
		}
		for _, line := range lines {
			_, read, whole := strings.Cut(line, "Seq Scan on ")
			for _, table := range []string{"enrolment", "record", "entry_2025", "review", "pupil"} {
				if name, _, _ := strings.Cut(read, " "); whole && name == table {
					t.Errorf("reads every row of %s:\n%s", table, strings.Join(lines, "\n"))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := reasons(t, d, c); len(got) != len(c.Roll) {
		t.Errorf("%d pupils on the list of a school of %d", len(got), len(c.Roll))
	}
}
