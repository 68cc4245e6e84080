package db

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"github.com/lib/pq"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// ClassCounts is where the pupils of a class stand. A class on paper has only
// its roll: it is a number of its own everywhere, and never late.
type ClassCounts struct {
	ClassID  int64           `db:"class_id"`
	SchoolID int64           `db:"school_id"`
	Code     string          `db:"class_code"`
	Name     string          `db:"class_name"`
	Grade    int             `db:"grade"`
	BookKind school.BookKind `db:"book_kind"`
	At       time.Time       `db:"counted_at"`
	school.Counts
}

// SchoolCounts sums the digital classes of a school; the pupils of classes on
// paper stand beside them.
type SchoolCounts struct {
	SchoolID     int64 `db:"school_id"`
	Classes      int   `db:"classes"`
	PaperClasses int   `db:"paper_classes"`
	PaperPupils  int   `db:"paper_pupils"`
	school.Counts
}

const classCountColumns = `class_id, school_id, class_code, class_name, grade, book_kind, counted_at, on_roll, entered,
	parts_signed, signed, approved, issued, accepted, locked, returned, refused, august, august_accepted`

// The questions of the dashboards. A test looks at their plans.
const (
	schoolProgressSQL = `SELECT ` + classCountColumns + ` FROM school.class_progress
		WHERE school_id = $1 AND school_year = $2 ORDER BY grade, class_name COLLATE core.vietnamese`

	areaProgressSQL = `SELECT p.school_id,
		  count(*) FILTER (WHERE p.book_kind = 'digital') AS classes, count(*) FILTER (WHERE p.book_kind = 'paper') AS paper_classes,
		  coalesce(sum(p.on_roll) FILTER (WHERE p.book_kind = 'paper'), 0) AS paper_pupils,
		  coalesce(sum(p.on_roll) FILTER (WHERE p.book_kind = 'digital'), 0) AS on_roll, sum(p.entered) AS entered,
		  sum(p.parts_signed) AS parts_signed, sum(p.signed) AS signed, sum(p.approved) AS approved, sum(p.issued) AS issued,
		  sum(p.accepted) AS accepted, sum(p.locked) AS locked, sum(p.returned) AS returned, sum(p.refused) AS refused,
		  coalesce(sum(p.august) FILTER (WHERE p.book_kind = 'digital'), 0) AS august, sum(p.august_accepted) AS august_accepted
		FROM core.unit_scope s JOIN school.class_progress p ON p.school_id = s.descendant_id
		WHERE s.ancestor_id = $1 AND p.school_year = $2 GROUP BY p.school_id ORDER BY p.school_id`

	acceptedBeforeSQL = `SELECT d.school_id, d.accepted FROM core.unit_scope s CROSS JOIN LATERAL (
		  SELECT n.school_id, n.accepted FROM school.progress_day n WHERE n.school_id = s.descendant_id AND n.school_year = $2 AND n.day <= $3
		  ORDER BY n.day DESC LIMIT 1) d WHERE s.ancestor_id = $1`

	registryProgressSQL = `SELECT school_code, '' AS class_code, '' AS class_name,
		sum(accepted) AS accepted, sum(locked) AS locked, sum(refused) AS refused
		FROM registry.class_progress WHERE school_year = $1 GROUP BY school_code`
)

// SchoolProgress lists the classes of a school in a year with their counts, by
// grade and name. The actor's scope decides: nothing comes of a school outside.
func (t *Tx) SchoolProgress(ctx context.Context, year school.Year, schoolID int64) ([]ClassCounts, error) {
	var out []ClassCounts
	err := t.list(ctx, "read a school's progress", &out, schoolProgressSQL, schoolID, year)
	return out, err
}

// AreaProgress sums the counts of every school below a unit. Its cost grows
// with the number of classes and schools, not of pupils.
func (t *Tx) AreaProgress(ctx context.Context, year school.Year, unitID int64) ([]SchoolCounts, error) {
	var out []SchoolCounts
	err := t.list(ctx, "read an area's progress", &out, areaProgressSQL, unitID, year)
	return out, err
}

// AcceptedBefore returns, by school below a unit, how many records had been
// accepted at the end of a day, for the pace since then.
func (t *Tx) AcceptedBefore(ctx context.Context, year school.Year, unitID int64, day school.Date) (map[int64]int, error) {
	var rows []struct {
		SchoolID int64 `db:"school_id"`
		Accepted int   `db:"accepted"`
	}
	err := t.list(ctx, "read the progress of a day", &rows, acceptedBeforeSQL, unitID, year, day)
	out := make(map[int64]int, len(rows))
	for _, r := range rows {
		out[r.SchoolID] = r.Accepted
	}
	return out, err
}

// ScopeSchools lists the schools below a unit that exist on a day, by the name
// of the unit above them and their own.
func (t *Tx) ScopeSchools(ctx context.Context, unitID int64, day school.Date) ([]ScopeSchool, error) {
	var out []ScopeSchool
	err := t.list(ctx, "list the schools of an area", &out, `SELECT u.id, u.code, u.name, u.commune, u.parent_id, coalesce(p.name, '') AS parent_name
		FROM core.unit_scope s JOIN core.unit u ON u.id = s.descendant_id LEFT JOIN core.unit p ON p.id = u.parent_id
		WHERE s.ancestor_id = $1 AND u.kind = 'truong' AND u.valid_from <= $2 AND (u.valid_to IS NULL OR u.valid_to >= $2)
		ORDER BY p.name COLLATE core.vietnamese, u.name COLLATE core.vietnamese, u.id`, unitID, day)
	return out, err
}

// ScopeSchool is a school with the unit right above it.
type ScopeSchool struct {
	ID         int64  `db:"id"`
	Code       string `db:"code"`
	Name       string `db:"name"`
	Commune    string `db:"commune"`
	ParentID   *int64 `db:"parent_id"`
	ParentName string `db:"parent_name"`
}

// InScope reports whether a unit is the actor's own or below it.
func (t *Tx) InScope(ctx context.Context, unitID int64) (bool, error) {
	var ok bool
	err := t.GetContext(ctx, &ok, `SELECT core.in_scope($1)`, unitID)
	return ok, translate(err, "look a scope up")
}

// RegistryClass is what the registry counts of a class: of any school, whatever
// software it uses.
type RegistryClass struct {
	School   string `db:"school_code"`
	Code     string `db:"class_code"`
	Name     string `db:"class_name"`
	Accepted int    `db:"accepted"`
	Locked   int    `db:"locked"`
	Refused  int    `db:"refused"`
}

// RegistryProgress sums the registry's counts by school of the actor's scope;
// run it in DB.Registry.
func (t *Tx) RegistryProgress(ctx context.Context, year school.Year) (map[string]RegistryClass, error) {
	var rows []RegistryClass
	err := t.list(ctx, "read the registry's progress", &rows, registryProgressSQL, year)
	out := make(map[string]RegistryClass, len(rows))
	for _, r := range rows {
		out[r.School] = r
	}
	return out, err
}

// RegistrySchool lists the registry's counts of a school's classes; run it in
// DB.Registry.
func (t *Tx) RegistrySchool(ctx context.Context, year school.Year, code string) ([]RegistryClass, error) {
	var rows []RegistryClass
	err := t.list(ctx, "read the registry's progress of a school", &rows, `SELECT school_code, class_code, class_name, accepted, locked, refused
		FROM registry.class_progress WHERE school_code = $1 AND school_year = $2 ORDER BY class_name COLLATE core.vietnamese`, code, year)
	return rows, err
}

// systemActor is the program at work for every school.
var systemActor = workflow.Actor{Kind: workflow.System}

// RecountClasses counts every class again that something marked, and returns
// how many it counted. Any number of processes may do it at once: a class is
// counted by one of them. A mark set while its class is being counted waits
// for the count and stands for the next one, so nothing is lost.
func (d *DB) RecountClasses(ctx context.Context) (int, error) {
	var counted int
	schools := map[schoolYear]bool{}
	for {
		at, ok, err := d.recountOne(ctx)
		if err != nil {
			return counted, err
		}
		if !ok {
			break
		}
		counted++
		schools[at] = true
	}
	for s := range schools {
		if err := d.noteDay(ctx, s); err != nil {
			return counted, err
		}
	}
	return counted, nil
}

type schoolYear struct {
	SchoolID int64
	Year     school.Year
}

type dirtyClass struct {
	ID       int64         `db:"id"`
	SchoolID int64         `db:"school_id"`
	Year     school.Year   `db:"school_year"`
	Grades   pq.Int64Array `db:"grades"`
}

// recountOne finds the oldest mark that nobody holds, takes all free marks of
// its class and counts it; one class a transaction, so that a teacher who saves
// waits some milliseconds at most. Of two counters at one class the second
// counts after the first, on what then stands.
func (d *DB) recountOne(ctx context.Context) (at schoolYear, ok bool, err error) {
	err = d.As(ctx, systemActor, func(tx *Tx) error {
		var c dirtyClass
		err := tx.GetContext(ctx, &c, `SELECT c.id, c.school_id, c.school_year, c.grades
			FROM school.class_dirty m JOIN school.class c ON c.id = m.class_id ORDER BY m.since LIMIT 1 FOR UPDATE OF m SKIP LOCKED`)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return translate(err, "find a class to count")
		}
		at, ok = schoolYear{c.SchoolID, c.Year}, true
		if err := tx.exec(ctx, "wait for a class's turn", `SELECT pg_advisory_xact_lock(hashtextextended('count:' || $1::bigint, 0))`, c.ID); err != nil {
			return err
		}
		var marks []int64
		err = tx.list(ctx, "take the marks of a class", &marks, `SELECT connection FROM school.class_dirty WHERE class_id = $1
			FOR UPDATE SKIP LOCKED`, c.ID)
		if err != nil {
			return err
		}
		if err := tx.countClass(ctx, c); err != nil {
			return err
		}
		return tx.exec(ctx, "take marks away", `DELETE FROM school.class_dirty WHERE class_id = $1 AND connection = ANY($2)`, c.ID, pq.Array(marks))
	})
	return at, ok, err
}

// noteDay writes how far a school is at the end of today, as far as today goes.
func (d *DB) noteDay(ctx context.Context, s schoolYear) error {
	return d.As(ctx, systemActor, func(tx *Tx) error {
		return tx.exec(ctx, "note the day's progress", `INSERT INTO school.progress_day (school_id, school_year, day, on_roll, accepted)
			SELECT school_id, school_year, $3, sum(on_roll), sum(accepted) FROM school.class_progress
			WHERE school_id = $1 AND school_year = $2 AND book_kind = 'digital' GROUP BY school_id, school_year
			ON CONFLICT (school_id, school_year, day) DO UPDATE SET on_roll = excluded.on_roll, accepted = excluded.accepted`,
			s.SchoolID, s.Year, school.DateOf(tx.Now))
	})
}

// MarkRolls marks the classes whose roll a new day changes by itself: somebody
// begins or has left. since is the day up to which this is done.
func (d *DB) MarkRolls(ctx context.Context, since school.Date) error {
	return d.As(ctx, systemActor, func(tx *Tx) error {
		return tx.exec(ctx, "mark the rolls of a new day", `INSERT INTO school.class_dirty (class_id, school_id, since)
			SELECT DISTINCT e.class_id, e.school_id, $3::timestamptz FROM school.enrolment e
			WHERE e.from_date > $1 AND e.from_date <= $2 OR e.to_date >= $1 AND e.to_date < $2 ORDER BY e.class_id
			ON CONFLICT (class_id, connection) DO UPDATE SET since = class_dirty.since`, since, school.DateOf(tx.Now), tx.Now)
	})
}

// countClass counts one class. What must be there is the rule set's, passed in
// as rows; the year-end's values are those that count, with the summer's in
// their place. A pupil who has come further has all that lies before.
func (t *Tx) countClass(ctx context.Context, c dirtyClass) error {
	n := periodNeeds(c.Year, school.YearEnd)
	stmt, err := t.hot(ctx, countClassSQL)
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(ctx, c.ID, c.Year, rollDay(t.Now, c.Year), pq.Array(n.programmes), pq.Array(n.items), pq.Array(n.required),
		pq.Array(n.levels), pq.Array(n.marks), pq.Array(n.remarks), pq.Array(n.parts), t.Now)
	return translate(err, "count a class")
}

// takenItem says that the pupil of the roll takes the optional subject asked for.
const takenItem = `need.item = 'TIENG_DAN_TOC' AND roll.ethnic_language OR need.item = 'NGOAI_NGU_1' AND roll.first_language_optional`

// writtenInYear are the year-end's values of the pupils that the query names
// roll, with the summer's in the place of those that were assessed again: field
// by field, as evaluation.Entry.Replaced has it. year is the query's parameter.
func writtenInYear(year string) string {
	return `written AS (
  SELECT n.enrolment_id, n.item, bool_or(n.exempt) AS exempt, coalesce(max(n.level) FILTER (WHERE n.period = 'he' AND n.level <> ''), max(n.level)) AS level,
    coalesce(max(n.mark) FILTER (WHERE n.period = 'he'), max(n.mark)) AS mark, max(n.remark) AS remark
  FROM roll JOIN school.entry n ON n.enrolment_id = roll.enrolment_id
  WHERE n.school_year = ` + year + ` AND n.period IN ('cn', 'he') AND (n.level <> '' OR n.mark IS NOT NULL OR n.remark <> '' OR n.exempt)
  GROUP BY n.enrolment_id, n.item)`
}

var countClassSQL = `WITH roll AS (
  SELECT DISTINCT ON (e.pupil_id) e.pupil_id, ` + programme + `, e.not_assessed, e.ethnic_language, e.first_language_optional, r.id AS record_id, r.enrolment_id, r.stage
  FROM school.enrolment e JOIN school.class k ON k.id = e.class_id LEFT JOIN school.record r ON r.pupil_id = e.pupil_id AND r.school_year = e.school_year
  WHERE e.class_id = $1 AND e.from_date <= $3 AND (e.to_date IS NULL OR e.to_date >= $3)
  ORDER BY e.pupil_id, e.from_date DESC),
need AS (SELECT * FROM unnest($4::text[], $5::text[], $6::bool[], $7::bool[], $8::bool[], $9::bool[], $10::text[])
  AS n(programme, item, required, level, mark, remark, part)),
` + writtenInYear("$2") + `,
gap AS (
  SELECT DISTINCT roll.pupil_id FROM roll JOIN need ON need.programme = roll.programme
  LEFT JOIN written w ON w.enrolment_id = roll.enrolment_id AND w.item = need.item
  WHERE NOT roll.not_assessed AND CASE WHEN w.item IS NULL THEN need.required OR ` + takenItem + `
    ELSE NOT w.exempt AND (need.level AND w.level = '' OR need.mark AND w.mark IS NULL OR need.remark AND w.remark = '') END),
unsigned AS (
  SELECT DISTINCT roll.pupil_id FROM roll JOIN need ON need.programme = roll.programme AND need.part <> ''
  LEFT JOIN written w ON w.enrolment_id = roll.enrolment_id AND w.item = need.item
  WHERE (need.required OR w.item IS NOT NULL OR ` + takenItem + `) AND NOT EXISTS (
    SELECT 1 FROM school.record_signature s JOIN school.record_signature_part p ON p.signature_id = s.id AND p.part = need.part
    WHERE s.record_id = roll.record_id AND NOT EXISTS (SELECT 1 FROM school.record_void v WHERE v.signature_id = s.id))),
stood AS (
  SELECT v.record_id, bool_or(k.kind = 'locked') AS locked FROM roll JOIN school.version v ON v.record_id = roll.record_id
  CROSS JOIN LATERAL (SELECT e.kind FROM school.version_event e WHERE e.version_id = v.id ORDER BY e.id DESC LIMIT 1) k
  WHERE k.kind IN ('accepted', 'replacing', 'locked') GROUP BY v.record_id),
at AS (
  SELECT roll.pupil_id, roll.record_id, roll.stage, coalesce(w.track, 1) = 2 AS august,
    roll.stage = 'locked' OR coalesce(stood.locked, false) AS locked,
    roll.stage IN ('accepted', 'locked') OR stood.record_id IS NOT NULL AS accepted,
    gap.pupil_id IS NULL AND roll.record_id IS NOT NULL AND w.absent_excused IS NOT NULL AND w.absent_unexcused IS NOT NULL AS entered,
    unsigned.pupil_id IS NULL AND roll.record_id IS NOT NULL AS parts
  FROM roll LEFT JOIN gap USING (pupil_id) LEFT JOIN unsigned USING (pupil_id)
  LEFT JOIN stood ON stood.record_id = roll.record_id
  LEFT JOIN school.review w ON w.school_year = $2 AND w.enrolment_id = roll.enrolment_id),
n AS (
  SELECT count(*) AS on_roll,
    count(*) FILTER (WHERE entered OR accepted OR stage IN ('homeroom_signed', 'approved', 'issued', 'submitted', 'refused')) AS entered,
    count(*) FILTER (WHERE parts OR accepted OR stage IN ('homeroom_signed', 'approved', 'issued', 'submitted', 'refused')) AS parts_signed,
    count(*) FILTER (WHERE accepted OR stage IN ('homeroom_signed', 'approved', 'issued', 'submitted', 'refused')) AS signed,
    count(*) FILTER (WHERE accepted OR stage IN ('approved', 'issued', 'submitted', 'refused')) AS approved,
    count(*) FILTER (WHERE accepted OR stage IN ('issued', 'submitted', 'refused')) AS issued,
    count(*) FILTER (WHERE accepted) AS accepted, count(*) FILTER (WHERE locked) AS locked,
    count(*) FILTER (WHERE stage = 'returned') AS returned, count(*) FILTER (WHERE stage = 'refused' AND NOT accepted) AS refused,
    count(*) FILTER (WHERE august) AS august, count(*) FILTER (WHERE august AND accepted) AS august_accepted
  FROM at)
INSERT INTO school.class_progress (class_id, school_id, school_year, class_code, class_name, grade, book_kind, on_roll, entered,
  parts_signed, signed, approved, issued, accepted, locked, returned, refused, august, august_accepted, counted_at)
SELECT c.id, c.school_id, c.school_year, c.code, c.name, c.grades[1], c.book_kind, n.on_roll, n.entered * d, n.parts_signed * d,
  n.signed * d, n.approved * d, n.issued * d, n.accepted * d, n.locked * d, n.returned * d, n.refused * d, n.august * d,
  n.august_accepted * d, $11
FROM school.class c, n, LATERAL (SELECT (c.book_kind = 'digital')::int AS d) k WHERE c.id = $1
ON CONFLICT (class_id) DO UPDATE SET class_name = excluded.class_name, book_kind = excluded.book_kind, on_roll = excluded.on_roll,
  entered = excluded.entered, parts_signed = excluded.parts_signed, signed = excluded.signed, approved = excluded.approved,
  issued = excluded.issued, accepted = excluded.accepted, locked = excluded.locked, returned = excluded.returned,
  refused = excluded.refused, august = excluded.august, august_accepted = excluded.august_accepted, counted_at = excluded.counted_at`

// programme names what is asked of a pupil: the grade and the kind of class k.
const programme = `e.grade || ':' || k.kind AS programme`

// classKinds are the kinds of class with rules of their own.
var classKinds = []school.ClassKind{school.RegularClass, school.DisabilityClass}

// needs are the rule sets' demands on a period, one element a programme and item.
type needs struct {
	programmes, items, parts         []string
	required, levels, marks, remarks []bool
}

// periodNeeds are the demands of a period of the year on every grade and kind
// of class. In the summer what was asked at the year's end is asked again.
func periodNeeds(year school.Year, period school.Period) needs {
	var n needs
	for _, kind := range classKinds {
		rules := evaluation.ForClass(year, kind)
		for g := evaluation.FirstGrade; rules != nil && g <= evaluation.LastGrade; g++ {
			for _, item := range rules.Items(g) {
				n.add(rules, kind, evaluation.Cell{Grade: g, Period: period, Item: item})
			}
		}
	}
	return n
}

func (n *needs) add(rules *evaluation.RuleSet, kind school.ClassKind, c evaluation.Cell) {
	use, part, mark := rules.Trait(c.Grade, c.Item), "", false
	if s, ok := c.Item.Subject(); ok {
		use, part, mark = rules.Subject(c.Grade, s), bundle.SubjectID(s), rules.MarkAllowed(c.Grade, s, c.Period)
	}
	remark := c.Item.Kind() == evaluation.RemarkItem
	if remark && !rules.GroupRemarkRequired(c.Period) {
		return
	}
	n.programmes = append(n.programmes, strconv.Itoa(c.Grade)+":"+string(kind))
	n.items, n.parts = append(n.items, string(c.Item)), append(n.parts, part)
	n.required = append(n.required, remark || use == evaluation.Required)
	n.levels, n.marks, n.remarks = append(n.levels, !remark), append(n.marks, mark), append(n.remarks, remark)
}

// rollDay is the day of a year's rolls: today, or its last in a year that is over.
func rollDay(now time.Time, year school.Year) school.Date {
	day := school.DateOf(now)
	if end := year.End(); end.Before(day) {
		return end
	}
	return day
}
