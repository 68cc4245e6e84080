package db_test

import (
	"strings"
	"testing"

	"github.com/lib/pq"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// TestClassSummary_StaysInsideTheSchool: who has nothing to do with the class
// does not learn that it exists.
func TestClassSummary_StaysInsideTheSchool(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	for name, actor := range map[string]workflow.Actor{"another principal": c.OtherPrincipal, "another teacher": c.OtherTeacher, "the Sở": c.Authority} {
		err := d.As(t.Context(), actor, func(tx *db.Tx) error {
			_, err := tx.ClassSummary(t.Context(), dbtest.Year, c.Class.ID, school.YearEnd)
			return err
		})
		if !fault.Is(err, "class.unknown") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClassSummary_SummerReplacesWhatWasAssessedAgain(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	enter := func(period, item, level string, mark any) {
		d.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, mark, account_id, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, string(dbtest.Year), c.Roll[0].EnrolmentID, period, item, c.School.ID, level, mark,
			c.Huong.AccountID, d.Clock.Now())
	}
	enter("cn", "TOAN", "C", 3)
	enter("cn", "TIENG_VIET", "H", 6)
	enter("he", "TOAN", "H", nil)
	err := d.As(t.Context(), c.Principal, func(tx *db.Tx) error {
		got, err := tx.ClassSummary(t.Context(), dbtest.Year, c.Class.ID, school.YearEnd, school.Summer)
		if err != nil {
			return err
		}
		y := got.Rows[0].YearEnd(school.Summer)
		if e := y.Subjects[school.Toan]; e.Level != evaluation.H || e.Mark == nil || *e.Mark != 3 {
			t.Errorf("Toán after the summer: %+v", e)
		}
		if y.Subjects[school.TiengViet].Level != evaluation.H || len(got.Rows[0].Values(school.YearEnd)) != 2 {
			t.Errorf("the year-end: %+v", got.Rows[0].Values(school.YearEnd))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestClassSummary_CostDoesNotGrowWithTheProvince: with the year's entries of
// many other classes, the statements still go by index to the class's own.
func TestClassSummary_CostDoesNotGrowWithTheProvince(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	d.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, account_id, updated_at)
		SELECT $1, e, 'cn', i, $2, 'T', 1, now() FROM generate_series(100000, 104000) e, unnest(ARRAY['TOAN', 'TIENG_VIET', 'DAO_DUC', 'YEU_NUOC']) i`,
		string(dbtest.Year), c.School.ID)
	d.Exec(`INSERT INTO school.class (school_id, school_year, code, name, grades) SELECT $1, $2, 'X' || n, 'X' || n, '{4}' FROM generate_series(1, 300) n`,
		c.School.ID, string(dbtest.Year))
	d.Exec(`INSERT INTO school.enrolment (school_id, school_year, class_id, pupil_id, grade, from_date, to_date)
		SELECT k.school_id, $1, k.id, p.id, 4, '2025-09-05', '2025-09-05' FROM school.class k, school.pupil p WHERE k.code LIKE 'X%' AND p.school_id = k.school_id`, string(dbtest.Year))
	d.Exec(`ANALYZE school.entry`)
	d.Exec(`ANALYZE school.enrolment`)
	entries, err := db.SummaryEntriesQuery(dbtest.Year)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]int64, len(c.Roll))
	for i, r := range c.Roll {
		ids[i] = r.EnrolmentID
	}
	err = d.As(t.Context(), c.Principal, func(tx *db.Tx) error {
		for query, args := range map[string][]any{entries: {pq.Array(ids), pq.Array([]string{"cn"})},
			db.SummarySeatsQuery: {c.Class.ID, "2026-05-20", string(dbtest.Year)}, db.LeftQuery: {c.Class.ID, "2026-05-20"},
			db.ExemptionsQuery: {c.Class.ID, string(dbtest.Year), "2026-05-20"}} {
			var lines []string
			if err := tx.SelectContext(t.Context(), &lines, "EXPLAIN (COSTS OFF) "+query, args...); err != nil {
				return err
			}
			plan := strings.Join(lines, "\n")
			if strings.Contains(plan, "Seq Scan on entry") || strings.Contains(plan, "Seq Scan on enrolment") || strings.Contains(plan, "entry_2026") {
				t.Errorf("reads more than the class:\n%s", plan)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
