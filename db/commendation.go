package db

import (
	"context"
	"time"

	"github.com/lib/pq"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// Commendation is a commendation of a pupil in a school year and what became
// of it.
type Commendation struct {
	ID          int64       `db:"id"`
	PupilID     int64       `db:"pupil_id"`
	Pupil       string      `db:"full_name"`
	Birth       school.Date `db:"birth_date"`
	Sex         school.Sex  `db:"sex"`
	EnrolmentID int64       `db:"enrolment_id"`
	ClassID     int64       `db:"class_id"`
	Class       string      `db:"class_name"`
	Grade       int         `db:"grade"`
	NotAssessed bool        `db:"not_assessed"`

	Kind   evaluation.Commendation `db:"kind"`
	Items  pq.StringArray          `db:"items"`
	Agreed bool                    `db:"agreed"`
	Reason string                  `db:"reason"`
	Day    school.Date             `db:"on_day"`
	Giver  string                  `db:"giver"`
	Number string                  `db:"number"`
	// Line is what the record says, as it was worded when written.
	Line     string    `db:"line"`
	Revision int       `db:"revision"`
	By       string    `db:"by_name"`
	At       time.Time `db:"at"`

	Decision  string      `db:"decision"` // number; "": not decided
	DecidedOn school.Date `db:"decided_on"`

	Struck    bool       `db:"struck"`
	EndReason string     `db:"end_reason"`
	EndBy     string     `db:"ended_by"`
	EndAt     *time.Time `db:"ended_at"`

	// Overall is the pupil's level as it would be computed now.
	Overall evaluation.Overall
	// Stage is where the pupil's record stands.
	Stage workflow.Stage `db:"stage"`
}

// Citation is the commendation as the rules judge it.
func (c Commendation) Citation() evaluation.Citation {
	out := evaluation.Citation{Kind: c.Kind, Agreed: c.Agreed, Reason: c.Reason, Day: c.Day, Giver: c.Giver, Number: c.Number}
	for _, it := range c.Items {
		out.Items = append(out.Items, evaluation.Item(it))
	}
	return out
}

// Waiting reports whether the principal is still to decide it.
func (c Commendation) Waiting() bool { return !c.Struck && c.Decision == "" && c.Kind.Decided() }

// CommendationPupil is a pupil on a class's roll with the commendations of the
// year, those too that the principal took off the list.
type CommendationPupil struct {
	RollRow
	Overall evaluation.Overall
	List    []Commendation
	// Closed says why the homeroom teacher cannot write commendations of the
	// pupil now: a signature covers the page, or it is issued.
	Closed *fault.Error
}

// CommendationClass is a class with the commendations of its pupils.
type CommendationClass struct {
	Class    Class
	Homeroom bool // the actor is its homeroom teacher today
	// DecideFirst: records wait for the principal's decision before they are signed.
	DecideFirst bool
	Rows        []CommendationPupil
}

// commendationOrder is the order of the booklet's line in SQL.
const commendationOrder = `array_position(ARRAY['HOC_SINH_XUAT_SAC', 'HOC_SINH_TIEU_BIEU', 'DOT_XUAT', 'CAP_TREN', 'THU_KHEN', 'KHAC'], c.kind),
	c.on_day NULLS FIRST, c.id`

// commendationSelect reads what was not withdrawn; the pupil stands in the
// class of the record.
const commendationSelect = `SELECT c.id, c.pupil_id, p.full_name, p.birth_date, p.sex, r.enrolment_id, r.class_id, r.stage, k.name AS class_name, e.grade,
	  e.not_assessed, c.kind, c.items, c.agreed, c.reason, c.on_day, c.giver, c.number, c.line, c.revision, a.full_name AS by_name, c.at,
	  coalesce(d.number, '') AS decision, d.decided_on, c.ended = 'struck' AS struck, c.end_reason, coalesce(x.full_name, '') AS ended_by, c.ended_at
	FROM school.commendation c
	JOIN school.pupil p ON p.id = c.pupil_id
	JOIN school.record r ON r.pupil_id = c.pupil_id AND r.school_year = c.school_year
	JOIN school.class k ON k.id = r.class_id
	JOIN school.enrolment e ON e.id = r.enrolment_id
	JOIN core.account a ON a.id = c.account_id
	LEFT JOIN core.account x ON x.id = c.ended_by
	LEFT JOIN school.commendation_decision d ON d.id = c.decision_id
	WHERE c.ended <> 'withdrawn' `

// Commendations lists the commendations of a year, of one class or, for 0, of
// the school, by class, pupil and the booklet's order. Only the school's
// leaders and its administrator read the school's; a teacher gets NotFound,
// page.unknown.
func (t *Tx) Commendations(ctx context.Context, year school.Year, classID int64) ([]Commendation, error) {
	if t.Actor.Role == workflow.Teacher {
		return nil, fault.New(fault.NotFound, "page.unknown")
	}
	if classID != 0 {
		if _, err := t.Class(ctx, year, classID); err != nil {
			return nil, err
		}
	}
	var out []Commendation
	err := t.list(ctx, "list commendations", &out, commendationSelect+`AND c.school_year = $1 AND c.school_id = $2 AND ($3 = 0 OR r.class_id = $3)
		ORDER BY k.grades[1], k.name COLLATE core.vietnamese, p.given_name, p.rest_name, p.code, `+commendationOrder, year, t.Actor.SchoolID, classID)
	if err != nil {
		return nil, err
	}
	seats := make([]SummaryRow, len(out))
	for i, c := range out {
		seats[i].RollRow = RollRow{EnrolmentID: c.EnrolmentID, PupilID: c.PupilID, Grade: c.Grade, NotAssessed: c.NotAssessed}
	}
	levels, err := t.overalls(ctx, year, seats)
	for i := range out {
		out[i].Overall = levels[out[i].PupilID]
	}
	return out, err
}

// ClassCommendations reads a class with the commendations of its pupils, for
// its homeroom teacher, the school's leaders and its administrator; for
// everybody else it is NotFound, class.unknown.
func (t *Tx) ClassCommendations(ctx context.Context, year school.Year, classID int64) (c CommendationClass, err error) {
	if c.Class, err = t.Class(ctx, year, classID); err != nil {
		return c, err
	}
	if _, c.Homeroom, err = t.ownDuties(ctx, classID); err != nil {
		return c, err
	}
	c.Homeroom = c.Homeroom && t.Actor.Role == workflow.Teacher
	if t.Actor.Role == workflow.Teacher && !c.Homeroom {
		return CommendationClass{}, fault.New(fault.NotFound, "class.unknown")
	}
	roll, err := t.Roll(ctx, classID)
	if err != nil {
		return c, err
	}
	pupils, seats := make([]int64, len(roll)), make([]SummaryRow, len(roll))
	for i, r := range roll {
		pupils[i], seats[i].RollRow = r.PupilID, r
	}
	levels, err := t.overalls(ctx, year, seats)
	if err != nil {
		return c, err
	}
	var list []Commendation
	err = t.list(ctx, "list a class's commendations", &list, commendationSelect+`AND c.school_year = $1 AND c.pupil_id = ANY($2)
		ORDER BY c.pupil_id, `+commendationOrder, year, pq.Array(pupils))
	byPupil := map[int64][]Commendation{}
	for _, x := range list {
		x.Overall = levels[x.PupilID]
		byPupil[x.PupilID] = append(byPupil[x.PupilID], x)
	}
	if err != nil {
		return c, err
	}
	guard, err := t.guardCells(ctx, ClassPeriod{Year: year, ClassID: classID, Period: school.YearEnd}, pupils, false)
	if err != nil {
		return c, err
	}
	for _, r := range roll {
		c.Rows = append(c.Rows, CommendationPupil{RollRow: r, Overall: levels[r.PupilID], List: byPupil[r.PupilID],
			Closed: guard.closed(r.PupilID, evaluation.RemarkQualities)})
	}
	c.DecideFirst, err = t.DecideFirst(ctx)
	return c, err
}

// overalls computes the levels of pupils as they would be now; one who cannot
// be judged yet has "".
func (t *Tx) overalls(ctx context.Context, year school.Year, seats []SummaryRow) (map[int64]evaluation.Overall, error) {
	out := map[int64]evaluation.Overall{}
	if evaluation.ForYear(year) == nil {
		return out, nil
	}
	var ids []int64
	at := map[int64]*SummaryRow{}
	for i := range seats {
		s := &seats[i]
		if at[s.EnrolmentID] == nil {
			s.Entries, s.Handed = map[school.Period]map[evaluation.Item]evaluation.Entry{}, map[school.Period]map[evaluation.Item]bool{}
			ids, at[s.EnrolmentID] = append(ids, s.EnrolmentID), s
		}
	}
	if err := t.fillSummary(ctx, year, ids, at, []school.Period{school.YearEnd, school.Summer}); err != nil {
		return nil, err
	}
	kinds, err := t.classKinds(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, s := range at {
		rules := evaluation.ForClass(year, kinds[s.EnrolmentID])
		out[s.PupilID] = rules.Consolidate(s.YearEnd(school.Summer)).Overall
	}
	return out, nil
}

// WaitingCommendations counts what waits for the principal's decision.
func (t *Tx) WaitingCommendations(ctx context.Context, year school.Year) (int, error) {
	var n []int
	err := t.list(ctx, "count undecided commendations", &n, `SELECT count(*) FROM school.commendation c
		JOIN school.record r ON r.pupil_id = c.pupil_id AND r.school_year = c.school_year
		WHERE c.school_year = $1 AND c.school_id = $2 AND c.ended = '' AND c.decision_id IS NULL
		  AND c.kind IN ('HOC_SINH_XUAT_SAC', 'HOC_SINH_TIEU_BIEU', 'DOT_XUAT')`, year, t.Actor.SchoolID)
	if err != nil || len(n) == 0 {
		return 0, err
	}
	return n[0], nil
}

// commendedLine is a commendation as the record's content has it.
type commendedLine struct {
	ID    int64                   `db:"id"`
	Pupil int64                   `db:"pupil_id"`
	Kind  evaluation.Commendation `db:"kind"`
	Line  string                  `db:"line"`
}

// commended lists what stands in the records of pupils, in the order of the booklet.
func (t *Tx) commended(ctx context.Context, year school.Year, pupils []int64) (map[int64][]commendedLine, error) {
	var list []commendedLine
	err := t.list(ctx, "read what stands commended", &list, `SELECT c.id, c.pupil_id, c.kind, c.line FROM school.commendation c
		WHERE c.school_year = $1 AND c.pupil_id = ANY($2) AND c.ended = '' ORDER BY c.pupil_id, `+commendationOrder, year, pq.Array(pupils))
	out := map[int64][]commendedLine{}
	for _, c := range list {
		out[c.Pupil] = append(out[c.Pupil], c)
	}
	return out, err
}

// content are the lines as the signed XML has them.
func content(lines []commendedLine) []bundle.Commendation {
	var out []bundle.Commendation
	for _, l := range lines {
		out = append(out, bundle.Commendation{Award: bundle.Award(l.Kind), Text: l.Line})
	}
	return out
}

// commendations fills the commendations of the year, in the order of the booklet.
func (l *recordLoader) commendations(ctx context.Context) error {
	var rows []struct {
		RecordID int64 `db:"record_id"`
		Decided  bool  `db:"decided"`
		commendedLine
	}
	err := l.tx.list(ctx, "load commendations", &rows, `SELECT r.id AS record_id, c.id, c.pupil_id, c.kind, c.line, c.decision_id IS NOT NULL AS decided
		FROM school.record r JOIN school.commendation c ON c.pupil_id = r.pupil_id AND c.school_year = r.school_year
		WHERE r.id = ANY($1) AND c.ended = '' ORDER BY r.id, `+commendationOrder, l.ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if s := l.states[r.RecordID]; s != nil {
			s.Page.Commended = append(s.Page.Commended, content([]commendedLine{r.commendedLine})...)
			if !r.Decided && r.Kind.Decided() {
				s.Undecided++
			}
		}
	}
	return nil
}

// fillCommended puts the commendations of the year into the rows of a class table.
func (t *Tx) fillCommended(ctx context.Context, year school.Year, rows []SummaryRow) error {
	pupils := make([]int64, len(rows))
	for i, r := range rows {
		pupils[i] = r.PupilID
	}
	var list []Commendation
	err := t.list(ctx, "read a class's commendations", &list, `SELECT c.pupil_id, c.kind, c.items, c.reason, c.on_day, c.giver, c.number
		FROM school.commendation c WHERE c.school_year = $1 AND c.pupil_id = ANY($2) AND c.ended = '' ORDER BY `+commendationOrder,
		year, pq.Array(pupils))
	at := map[int64]int{}
	for i, r := range rows {
		at[r.PupilID] = i
	}
	for _, c := range list {
		row := &rows[at[c.PupilID]]
		row.Commended = append(row.Commended, c.Citation())
	}
	return err
}

// struckTitles tells of which pupils the principal took a title of the year's
// end off the list.
func (t *Tx) struckTitles(ctx context.Context, year school.Year, pupils []int64) (map[int64]bool, error) {
	var list []int64
	err := t.list(ctx, "find titles taken off the list", &list, `SELECT DISTINCT c.pupil_id FROM school.commendation c
		WHERE c.school_year = $1 AND c.pupil_id = ANY($2) AND c.ended = 'struck' AND c.kind IN ('HOC_SINH_XUAT_SAC', 'HOC_SINH_TIEU_BIEU')`,
		year, pq.Array(pupils))
	out := map[int64]bool{}
	for _, id := range list {
		out[id] = true
	}
	return out, err
}
