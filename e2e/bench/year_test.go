package bench

import (
	"fmt"
	"testing"

	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/views"

	"github.com/lib/pq"
)

// measureYear shows the same grid over two databases at once: in one the school
// year holds ten times the rows of the other. The page reads one class, so it
// should hardly notice.
func measureYear(r *run) {
	classes := 12
	if !measuring {
		classes = 1
	}
	var took [2]samples
	var rows [2]int
	var ask [2]func(int)
	for i, n := range []int{classes, 10 * classes} {
		s := newSite(r, r.pupils)
		s.fillSubjects(r)
		rows[i] = s.fillYear(r, n)
		ask[i] = s.asking(r, s.signIn(r), views.AllSubjectsURL(dbtest.Year, s.Class.ID, school.YearEnd), &took[i])
	}
	inTurns(r.rounds, ask[0], ask[1])
	r.add(line{what: fmt.Sprintf("grid page, year of %s entries, p50", thousands(fmt.Sprint(rows[1]))), got: ms(took[1].p50()),
		beside: fmt.Sprintf("the same page, %s entries", thousands(fmt.Sprint(rows[0]))), base: ms(took[0].p50()), asked: []limit{ratioAtMost(1.2)}})
}

// fillYear adds classes of 35 pupils to the school, each pupil with a record and
// with every value of four periods written once, and returns how many entries
// the year has then.
func (s *site) fillYear(t testing.TB, classes int) int {
	t.Helper()
	var items []string
	for _, it := range evaluation.ForYear(dbtest.Year).Items(4) {
		items = append(items, string(it))
	}
	year := string(dbtest.Year)
	s.db.Exec(`INSERT INTO school.class (school_id, school_year, code, name, grades)
		SELECT $1, $2, 'B' || n, 'B' || n, '{4}' FROM generate_series(1, $3::int) AS n`, s.School.ID, year, classes)
	s.db.Exec(`INSERT INTO school.pupil (school_id, code, book_uuid, full_name, given_name, rest_name, folded_name, birth_date, sex, created_at, updated_at)
		SELECT $1, '99' || lpad(n::text, 8, '0'), gen_random_uuid(), 'Lê Văn B' || n, 'B' || n, 'Lê Văn', 'le van b' || n, '2016-03-01', 'nam', $3, $3
		FROM generate_series(1, $2::int) AS n`, s.School.ID, 35*classes, dbtest.Start)
	s.db.Exec(`INSERT INTO school.enrolment (school_id, school_year, class_id, pupil_id, grade, from_date)
		SELECT $1, $2, c.id, p.id, 4, '2025-09-05' FROM school.pupil p
		JOIN school.class c ON c.school_year = $2 AND c.code = 'B' || (1 + (right(p.code, 8)::int - 1) / 35) WHERE p.code LIKE '99%'`, s.School.ID, year)
	s.db.Exec(`INSERT INTO school.record (school_id, school_year, pupil_id, class_id, enrolment_id, record_uuid, created_at, changed_at)
		SELECT $1, $2, e.pupil_id, e.class_id, e.id, gen_random_uuid(), $3, $3 FROM school.enrolment e JOIN school.class c ON c.id = e.class_id
		WHERE c.code LIKE 'B%' AND c.school_year = $2`, s.School.ID, year, dbtest.Start)
	s.db.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, account_id, updated_at)
		SELECT $2, e.id, p, i, $1, 'T', $3, $4 FROM school.enrolment e JOIN school.class c ON c.id = e.class_id,
		  unnest('{gk1,ck1,gk2,cn}'::text[]) AS p, unnest($5::text[]) AS i WHERE c.code LIKE 'B%' AND c.school_year = $2`,
		s.School.ID, year, s.Huong.AccountID, dbtest.Start, pq.Array(items))
	s.db.Exec(`INSERT INTO school.entry_history (school_year, school_id, enrolment_id, period, item, field, old_value, new_value, account_id, at)
		SELECT school_year, school_id, enrolment_id, period, item, 'level', '', level, account_id, updated_at FROM school.entry WHERE school_year = $1`, year)
	s.db.Exec(`ANALYZE`)
	var n int
	if err := s.db.Owner().QueryRow(`SELECT count(*) FROM school.entry WHERE school_year = $1`, year).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
