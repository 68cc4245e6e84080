package db

import (
	"context"
	"time"

	"github.com/lib/pq"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/school"
)

// Duties is what a teacher has to do with classes today: items of classes by
// assignment, and the traits and remarks of the own class.
type Duties struct {
	Taught []Assignment
	Homes  []Class
}

// Duties returns what the acting teacher has to do with the classes of a year.
func (t *Tx) Duties(ctx context.Context, year school.Year) (d Duties, err error) {
	if d.Taught, err = t.TeacherAssignments(ctx, t.Actor.AccountID, year); err != nil {
		return d, err
	}
	d.Homes, err = t.HomeroomClasses(ctx, t.Actor.AccountID, year)
	return d, err
}

// Classes lists the classes once each, the own one first.
func (d Duties) Classes() []int64 {
	var ids []int64
	seen := map[int64]bool{}
	for _, h := range d.Homes {
		if !seen[h.ID] {
			seen[h.ID] = true
			ids = append(ids, h.ID)
		}
	}
	for _, a := range d.Taught {
		if !seen[a.ClassID] {
			seen[a.ClassID] = true
			ids = append(ids, a.ClassID)
		}
	}
	return ids
}

// homes lists the classes whose homeroom teacher the person is.
func (d Duties) homes() []int64 {
	var ids []int64
	for _, h := range d.Homes {
		ids = append(ids, h.ID)
	}
	return ids
}

// parts pairs classes with the element Ids of the parts that are the teacher's.
func (d Duties) parts() (classes []int64, parts []string) {
	for _, a := range d.Taught {
		classes, parts = append(classes, a.ClassID), append(parts, bundle.SubjectID(a.Subject))
	}
	for _, h := range d.Homes {
		classes, parts = append(classes, h.ID), append(parts, bundle.ContentID)
	}
	return classes, parts
}

// subjects pairs classes with the subjects that the teacher gives in them.
func (d Duties) subjects() (classes []int64, items []string) {
	for _, a := range d.Taught {
		classes, items = append(classes, a.ClassID), append(items, string(a.Subject))
	}
	return classes, items
}

// items pairs classes with the items whose values are the teacher's to write.
func (d Duties) items() (classes []int64, items []string) {
	classes, items = d.subjects()
	for _, h := range d.Homes {
		for _, group := range evaluation.RemarkGroups {
			for _, i := range append([]evaluation.Item{group}, group.Members()...) {
				classes, items = append(classes, h.ID), append(items, string(i))
			}
		}
	}
	return classes, items
}

// ReturnedPart is a part that was sent back and not answered yet.
type ReturnedPart struct {
	RecordID  int64     `db:"record_id"`
	ClassID   int64     `db:"class_id"`
	ClassName string    `db:"class_name"`
	Pupil     string    `db:"full_name"`
	Part      string    `db:"part"`
	Reason    string    `db:"reason"`
	Role      string    `db:"role"`
	At        time.Time `db:"at"`
}

// ReturnedParts lists the parts that wait for the teacher's answer, the oldest first.
func (t *Tx) ReturnedParts(ctx context.Context, d Duties) ([]ReturnedPart, error) {
	classes, parts := d.parts()
	var out []ReturnedPart
	err := t.list(ctx, "list returned parts", &out, `SELECT r.id AS record_id, c.id AS class_id, c.name AS class_name, p.full_name,
		  bp.part, b.reason, b.role, b.at
		FROM school.record r JOIN school.record_return b ON b.record_id = r.id JOIN school.record_return_part bp ON bp.return_id = b.id
		JOIN school.class c ON c.id = r.class_id JOIN school.pupil p ON p.id = r.pupil_id
		WHERE r.class_id = ANY($1) AND r.stage IN ('returned', 'part_signed', 'drafting')
		  AND (r.class_id, bp.part) IN (SELECT * FROM unnest($2::bigint[], $3::text[]))
		  AND NOT EXISTS (SELECT 1 FROM school.record_return_answer a WHERE a.return_id = b.id AND a.part = bp.part)
		ORDER BY b.at, b.id, bp.part`, pq.Array(d.Classes()), pq.Array(classes), pq.Array(parts))
	return out, err
}

// EmptyCells counts the cells of an item that nobody has written in a class.
type EmptyCells struct {
	ClassID   int64           `db:"class_id"`
	ClassName string          `db:"class_name"`
	Item      evaluation.Item `db:"item"`
	Cells     int             `db:"cells"`
	Pupils    int             `db:"pupils"`
}

// dutyRolls are the pupils on the rolls of classes $1 on day $2, each with the
// record and the enrolment that holds its values.
const dutyRolls = `roll AS (
  SELECT DISTINCT ON (e.pupil_id) e.pupil_id, e.class_id, ` + programme + `, e.not_assessed, e.ethnic_language, e.first_language_optional, r.id AS record_id,
    coalesce(r.enrolment_id, e.id) AS enrolment_id, r.stage
  FROM school.enrolment e JOIN school.class k ON k.id = e.class_id LEFT JOIN school.record r ON r.pupil_id = e.pupil_id AND r.school_year = e.school_year
  WHERE e.class_id = ANY($1) AND e.from_date <= $2 AND (e.to_date IS NULL OR e.to_date >= $2)
  ORDER BY e.pupil_id, e.from_date DESC)`

// dutyNeeds are the rule set's demands, $4 to $10.
const dutyNeeds = `need AS (SELECT * FROM unnest($4::text[], $5::text[], $6::bool[], $7::bool[], $8::bool[], $9::bool[], $10::text[])
  AS n(programme, item, required, level, mark, remark, part))`

// EmptyCells counts, by class and item of the teacher, the cells that a period
// still needs; classes and items without any are left out. In the summer only
// what the newest plan of a pupil on the second track names is asked for, as
// evaluation.SummerGaps has it.
func (t *Tx) EmptyCells(ctx context.Context, d Duties, year school.Year, period school.Period) ([]EmptyCells, error) {
	n := periodNeeds(year, period)
	classes, items := d.items()
	var out []EmptyCells
	err := t.list(ctx, "count empty cells", &out, `WITH `+dutyRolls+`, `+dutyNeeds+`,
		cell AS (SELECT roll.class_id, roll.pupil_id, need.item, CASE WHEN w.item IS NULL
		    THEN CASE WHEN need.required OR `+takenItem+` THEN need.level::int + need.mark::int + need.remark::int ELSE 0 END
		    WHEN w.exempt OR NOT (need.required OR `+takenItem+`) AND w.level = '' AND w.mark IS NULL AND w.remark = '' THEN 0
		    ELSE (need.level AND w.level = '')::int + (need.mark AND w.mark IS NULL)::int + (need.remark AND w.remark = '')::int END AS cells
		  FROM roll JOIN need ON need.programme = roll.programme
		  JOIN unnest($12::bigint[], $13::text[]) AS mine(class_id, item) ON mine.class_id = roll.class_id AND mine.item = need.item
		  LEFT JOIN school.entry w ON w.school_year = $3 AND w.enrolment_id = roll.enrolment_id AND w.period = $11 AND w.item = need.item
		  WHERE NOT roll.not_assessed AND ($11 <> 'he' OR need.item = ANY (SELECT unnest((SELECT p.items FROM school.summer_plan p
		    JOIN school.review v ON v.school_year = $3 AND v.enrolment_id = p.enrolment_id AND v.track = 2
		    WHERE p.enrolment_id = roll.enrolment_id ORDER BY p.id DESC LIMIT 1)))))
		SELECT cell.class_id, c.name AS class_name, cell.item, sum(cells) AS cells, count(*) FILTER (WHERE cells > 0) AS pupils
		FROM cell JOIN school.class c ON c.id = cell.class_id
		GROUP BY cell.class_id, c.name, c.grades, cell.item HAVING sum(cells) > 0
		ORDER BY c.grades[1], c.name COLLATE core.vietnamese, cell.class_id, cell.item`,
		append(t.dutyArgs(d, year, n), period, pq.Array(classes), pq.Array(items))...)
	return out, err
}

// dutyArgs are the arguments $1 to $10 of the queries over a teacher's classes.
func (t *Tx) dutyArgs(d Duties, year school.Year, n needs) []any {
	return []any{pq.Array(d.Classes()), rollDay(t.Now, year), year, pq.Array(n.programmes), pq.Array(n.items), pq.Array(n.required),
		pq.Array(n.levels), pq.Array(n.marks), pq.Array(n.remarks), pq.Array(n.parts)}
}

// ReadyClass counts the pupils of a class for whom the teacher may sign now.
type ReadyClass struct {
	ClassID   int64  `db:"class_id"`
	ClassName string `db:"class_name"`
	Parts     int    `db:"parts"` // pupils whose parts of the teacher are complete and unsigned
	Page      int    `db:"page"`  // of the own class: everything is there for the homeroom teacher
}

// dutyStates are, for each pupil of the classes and each item of the rule set,
// whether a value is missing and whether the part's signature is.
var dutyStates = dutyRolls + `, ` + partStates

// partStates are the same for pupils that the query names roll.
var partStates = dutyNeeds + `,
` + writtenInYear("$3") + `,
signed AS (
  SELECT DISTINCT s.record_id, p.part FROM roll JOIN school.record_signature s ON s.record_id = roll.record_id
  JOIN school.record_signature_part p ON p.signature_id = s.id
  WHERE NOT EXISTS (SELECT 1 FROM school.record_void v WHERE v.signature_id = s.id)),
state AS (
  SELECT roll.class_id, roll.pupil_id, roll.record_id, roll.enrolment_id, need.item,
    NOT roll.not_assessed AND CASE WHEN w.item IS NULL THEN need.required OR ` + takenItem + `
      ELSE NOT w.exempt AND (need.level AND w.level = '' OR need.mark AND w.mark IS NULL OR need.remark AND w.remark = '') END AS gap,
    need.part <> '' AND (need.required OR w.item IS NOT NULL OR ` + takenItem + `) AND s.part IS NULL AS unsigned
  FROM roll JOIN need ON need.programme = roll.programme
  LEFT JOIN written w ON w.enrolment_id = roll.enrolment_id AND w.item = need.item
  LEFT JOIN signed s ON s.record_id = roll.record_id AND s.part = need.part
  WHERE roll.stage IN ('drafting', 'part_signed'))`

// ReadyToSign counts what the teacher may sign, by class. demanded is the Sở's
// switch GVBM_KY: without it only homeroom teachers sign.
func (t *Tx) ReadyToSign(ctx context.Context, d Duties, year school.Year, demanded bool) ([]ReadyClass, error) {
	classes, items := d.subjects()
	var out []ReadyClass
	err := t.list(ctx, "count what can be signed", &out, `WITH `+dutyStates+`,
		mine AS (SELECT state.class_id, state.pupil_id, NOT bool_or(state.gap) AND bool_or(state.unsigned) AS ready
		  FROM state JOIN unnest($11::bigint[], $12::text[]) AS m(class_id, item) ON m.class_id = state.class_id AND m.item = state.item
		  GROUP BY state.class_id, state.pupil_id),
		page AS (SELECT state.class_id, state.pupil_id, NOT bool_or(state.gap) AND (NOT $14 OR NOT bool_or(state.unsigned))
		    AND bool_or(v.absent_excused IS NOT NULL AND v.absent_unexcused IS NOT NULL) AS ready
		  FROM state LEFT JOIN school.review v ON v.school_year = $3 AND v.enrolment_id = state.enrolment_id
		  WHERE state.class_id = ANY($13) GROUP BY state.class_id, state.pupil_id)
		SELECT c.id AS class_id, c.name AS class_name, (SELECT count(*) FROM mine WHERE mine.class_id = c.id AND mine.ready AND $14) AS parts,
		  (SELECT count(*) FROM page WHERE page.class_id = c.id AND page.ready) AS page
		FROM school.class c WHERE c.id = ANY($1) ORDER BY c.grades[1], c.name COLLATE core.vietnamese`,
		append(t.dutyArgs(d, year, periodNeeds(year, school.YearEnd)), pq.Array(classes), pq.Array(items),
			pq.Array(d.homes()), demanded)...)
	return out, err
}

// UnsignedPart counts the pupils of a class whose part has no signature yet,
// with who gives the subject today.
type UnsignedPart struct {
	ClassID int64           `db:"class_id"`
	Item    evaluation.Item `db:"item"`
	Teacher string          `db:"teacher"` // "": nobody
	Mine    bool            `db:"mine"`
	Pupils  int             `db:"pupils"`
	Missing int             `db:"missing"` // of them with values missing
}

// UnsignedParts lists, for the classes whose homeroom teacher the person is,
// what other teachers have not signed.
func (t *Tx) UnsignedParts(ctx context.Context, d Duties, year school.Year) ([]UnsignedPart, error) {
	only := Duties{Homes: d.Homes}
	var out []UnsignedPart
	err := t.list(ctx, "list unsigned parts", &out, `WITH `+dutyStates+`
		SELECT state.class_id, state.item, coalesce(a.full_name, '') AS teacher, coalesce(a.id = $11, false) AS mine,
		  count(*) AS pupils, count(*) FILTER (WHERE state.gap) AS missing
		FROM state
		LEFT JOIN LATERAL (SELECT s.account_id FROM school.teaching_assignment s WHERE s.class_id = state.class_id AND s.subject = state.item
		  AND s.from_date <= $2 AND (s.to_date IS NULL OR s.to_date >= $2) ORDER BY s.from_date DESC, s.id DESC LIMIT 1) s ON true
		LEFT JOIN core.account a ON a.id = s.account_id
		WHERE state.unsigned GROUP BY state.class_id, state.item, a.id, a.full_name ORDER BY state.class_id, array_position($12::text[], state.item)`,
		append(t.dutyArgs(only, year, periodNeeds(year, school.YearEnd)), t.Actor.AccountID, booklet())...)
	return out, err
}

// ClassProgress returns the counts of classes that the counter has made.
func (t *Tx) ClassProgress(ctx context.Context, ids []int64) ([]ClassCounts, error) {
	var out []ClassCounts
	err := t.list(ctx, "read the progress of classes", &out, `SELECT `+classCountColumns+` FROM school.class_progress
		WHERE class_id = ANY($1) ORDER BY array_position($1::bigint[], class_id)`, pq.Array(ids))
	return out, err
}

// TeachersSign reports whether the Sở demands the signatures of subject
// teachers (GVBM_KY) from the actor's school.
func (t *Tx) TeachersSign(ctx context.Context) (bool, error) {
	place, err := t.recordPlace(ctx, t.Actor.SchoolID)
	return place.teachersSign, err
}
