package db

import (
	"context"

	"github.com/lib/pq"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// UnclosedReason says why a pupil has no closed record yet: the first thing on
// the way that is not done.
type UnclosedReason string

// The reasons, in the order in which they are asked.
const (
	UnclosedMoved       UnclosedReason = "moved_away"
	UnclosedPaper       UnclosedReason = "paper"
	UnclosedNoRecord    UnclosedReason = "no_record"
	UnclosedNotClosed   UnclosedReason = "not_closed" // accepted, waits for the chốt
	UnclosedRefused     UnclosedReason = "refused"
	UnclosedUnderWay    UnclosedReason = "under_way" // sent, not answered
	UnclosedNotSent     UnclosedReason = "not_sent"
	UnclosedNotIssued   UnclosedReason = "not_issued"
	UnclosedNotApproved UnclosedReason = "not_approved"
	UnclosedReturned    UnclosedReason = "returned"
	UnclosedMissing     UnclosedReason = "missing_values" // Who: whose values
	UnclosedNoPlan      UnclosedReason = "no_plan"        // not completed, nothing planned for the summer
	UnclosedNotAgain    UnclosedReason = "not_reassessed"
	UnclosedNoDecision  UnclosedReason = "no_decision"
	UnclosedNotSigned   UnclosedReason = "not_signed" // Who: the subject teachers
	UnclosedHomeroom    UnclosedReason = "homeroom"
)

// UnclosedReasons lists them in the order of the chain.
var UnclosedReasons = []UnclosedReason{UnclosedMissing, UnclosedNoPlan, UnclosedNotAgain, UnclosedNoDecision, UnclosedNotSigned, UnclosedHomeroom,
	UnclosedReturned, UnclosedNotApproved, UnclosedNotIssued, UnclosedNotSent, UnclosedUnderWay, UnclosedRefused, UnclosedNotClosed,
	UnclosedNoRecord, UnclosedPaper, UnclosedMoved}

// Unclosed is a pupil of the year who has no closed record.
type Unclosed struct {
	ClassID   int64          `db:"class_id"`
	ClassName string         `db:"class_name"`
	Grade     int            `db:"grade"`
	Code      string         `db:"code"`
	Name      string         `db:"full_name"`
	Enrolment int64          `db:"seat"`
	RecordID  int64          `db:"record_id"` // 0: there is none
	Track     school.Track   `db:"track"`
	Reason    UnclosedReason `db:"reason"`
	Who       string         `db:"who"` // who can mend it, where names help
}

// schoolRoll are the pupils of school $1 in year $3 up to day $2, those who left
// among them, each by the newest seat: by way of the classes, so that the cost
// is the school's.
const schoolRoll = `roll AS (
  SELECT DISTINCT ON (e.pupil_id) e.pupil_id, e.id AS seat, e.class_id, e.grade, ` + programme + `, e.not_assessed, e.ethnic_language, e.first_language_optional,
    coalesce(e.to_date < $2, false) AS gone, r.id AS record_id, coalesce(r.enrolment_id, e.id) AS enrolment_id, r.stage
  FROM school.class k JOIN school.enrolment e ON e.class_id = k.id LEFT JOIN school.record r ON r.pupil_id = e.pupil_id AND r.school_year = e.school_year
  WHERE k.school_id = $1 AND k.school_year = $3 AND e.from_date <= $2
  ORDER BY e.pupil_id, e.from_date DESC, e.id DESC)`

// classRoll are the pupils on the rolls of classes $1.
const classRoll = `roll AS (
  SELECT DISTINCT ON (e.pupil_id) e.pupil_id, e.id AS seat, e.class_id, e.grade, ` + programme + `, e.not_assessed, e.ethnic_language, e.first_language_optional,
    false AS gone, r.id AS record_id, coalesce(r.enrolment_id, e.id) AS enrolment_id, r.stage
  FROM school.enrolment e JOIN school.class k ON k.id = e.class_id LEFT JOIN school.record r ON r.pupil_id = e.pupil_id AND r.school_year = e.school_year
  WHERE e.class_id = ANY($1) AND e.school_year = $3 AND e.from_date <= $2 AND (e.to_date IS NULL OR e.to_date >= $2)
  ORDER BY e.pupil_id, e.from_date DESC, e.id DESC)`

// unclosedSQL follows a roll: one row a pupil without a closed record, whatever
// the number of pupils one statement.
var unclosedSQL = `, ` + partStates + `,
teaches AS (
  SELECT DISTINCT ON (s.class_id, s.subject) s.class_id, s.subject, a.full_name FROM school.teaching_assignment s JOIN core.account a ON a.id = s.account_id
  WHERE s.class_id IN (SELECT class_id FROM roll) AND s.from_date <= $2 AND (s.to_date IS NULL OR s.to_date >= $2)
  ORDER BY s.class_id, s.subject, s.from_date DESC, s.id DESC),
homes AS (
  SELECT DISTINCT ON (h.class_id) h.class_id, a.full_name FROM school.homeroom_assignment h JOIN core.account a ON a.id = h.account_id
  WHERE h.class_id IN (SELECT class_id FROM roll) AND h.from_date <= $2 AND (h.to_date IS NULL OR h.to_date >= $2)
  ORDER BY h.class_id, h.from_date DESC, h.id DESC),
work AS (
  SELECT state.pupil_id, bool_or(state.gap) AS gap, bool_or(state.unsigned) AS unsigned,
    string_agg(DISTINCT coalesce(t.full_name, h.full_name), ', ') FILTER (WHERE state.gap) AS gap_by,
    string_agg(DISTINCT t.full_name, ', ') FILTER (WHERE state.unsigned) AS unsigned_by
  FROM state LEFT JOIN teaches t ON t.class_id = state.class_id AND t.subject = state.item LEFT JOIN homes h ON h.class_id = state.class_id
  GROUP BY state.pupil_id),
low AS (
  SELECT DISTINCT roll.pupil_id FROM roll JOIN need ON need.programme = roll.programme
  JOIN written w ON w.enrolment_id = roll.enrolment_id AND w.item = need.item
  WHERE NOT w.exempt AND (w.mark < $13 OR w.level <> '' AND NOT w.level = ANY(CASE WHEN need.part <> '' THEN $11::text[] ELSE $12::text[] END))),
closed AS (
  SELECT v.record_id, bool_or(k.kind = 'locked') AS locked FROM roll JOIN school.version v ON v.record_id = roll.record_id
  CROSS JOIN LATERAL (SELECT e.kind FROM school.version_event e WHERE e.version_id = v.id ORDER BY e.id DESC LIMIT 1) k
  WHERE k.kind IN ('accepted', 'replacing', 'locked') GROUP BY v.record_id),
at AS (
  SELECT roll.*, c.name AS class_name, c.book_kind, c.grades, coalesce(w.track, 1) AS track, work.gap, work.unsigned, work.gap_by, work.unsigned_by,
    low.pupil_id IS NOT NULL AND NOT roll.not_assessed AS low, w.absent_excused IS NULL OR w.absent_unexcused IS NULL AS absent,
    homes.full_name AS home, p.plan, p.again, d.outcome, closed.record_id IS NOT NULL AS accepted, coalesce(closed.locked, false) AS locked
  FROM roll JOIN school.class c ON c.id = roll.class_id
  LEFT JOIN school.review w ON w.school_year = $3 AND w.enrolment_id = roll.enrolment_id
  LEFT JOIN work ON work.pupil_id = roll.pupil_id LEFT JOIN low ON low.pupil_id = roll.pupil_id
  LEFT JOIN homes ON homes.class_id = roll.class_id LEFT JOIN closed ON closed.record_id = roll.record_id
  LEFT JOIN LATERAL (SELECT true AS plan, NOT EXISTS (SELECT 1 FROM unnest(q.items) i WHERE NOT EXISTS (SELECT 1 FROM school.entry n
      WHERE n.school_year = $3 AND n.enrolment_id = roll.enrolment_id AND n.period = 'he' AND n.item = i AND n.level <> '')) AS again
    FROM school.summer_plan q WHERE q.enrolment_id = roll.enrolment_id ORDER BY q.id DESC LIMIT 1) p ON w.track = 2
  LEFT JOIN LATERAL (SELECT s.outcome FROM school.summer_decision s WHERE s.enrolment_id = roll.enrolment_id ORDER BY s.id DESC LIMIT 1) d ON w.track = 2),
why AS (
  SELECT at.*, CASE
    WHEN at.accepted OR at.stage = 'accepted' THEN 'not_closed' WHEN at.gone THEN 'moved_away' WHEN at.book_kind <> 'digital' THEN 'paper'
    WHEN at.record_id IS NULL THEN 'no_record' WHEN at.stage = 'refused' THEN 'refused' WHEN at.stage = 'submitted' THEN 'under_way'
    WHEN at.stage = 'issued' THEN 'not_sent' WHEN at.stage = 'approved' THEN 'not_issued' WHEN at.stage = 'homeroom_signed' THEN 'not_approved'
    WHEN at.stage = 'returned' THEN 'returned' WHEN at.gap THEN 'missing_values'
    WHEN (at.low OR at.track = 2) AND at.plan IS NULL THEN 'no_plan'
    WHEN at.track = 2 AND at.outcome IS NULL AND NOT at.again THEN 'not_reassessed'
    WHEN at.track = 2 AND (at.outcome IS NULL OR NOT at.not_assessed AND (at.outcome = 'completed') = at.low) THEN 'no_decision'
    WHEN $14 AND at.unsigned THEN 'not_signed' WHEN at.absent THEN 'missing_values' ELSE 'homeroom' END AS reason
  FROM at WHERE NOT at.locked AND coalesce(at.stage, '') <> 'locked')
SELECT why.class_id, why.class_name, why.grade, u.code, u.full_name, why.seat, coalesce(why.record_id, 0) AS record_id, why.track, why.reason,
  coalesce(CASE why.reason WHEN 'missing_values' THEN CASE WHEN why.gap THEN why.gap_by ELSE why.home END WHEN 'not_signed' THEN why.unsigned_by
    WHEN 'homeroom' THEN why.home WHEN 'no_plan' THEN why.home WHEN 'not_reassessed' THEN why.home ELSE '' END, '') AS who
FROM why JOIN school.pupil u ON u.id = why.pupil_id `

const unclosedOrder = `ORDER BY why.grades[1], why.class_name COLLATE core.vietnamese, why.class_id, u.given_name, u.rest_name, u.code`

func (t *Tx) unclosedArgs(ctx context.Context, of any, year school.Year) ([]any, error) {
	rules := evaluation.ForYear(year)
	if rules == nil {
		return nil, fault.New(fault.NotFound, "page.unknown")
	}
	demanded, err := t.TeachersSign(ctx)
	n, ht := periodNeeds(year, school.YearEnd), rules.Needs(evaluation.HT)
	return []any{of, rollDay(t.Now, year), year, pq.Array(n.programmes), pq.Array(n.items), pq.Array(n.required), pq.Array(n.levels), pq.Array(n.marks),
		pq.Array(n.remarks), pq.Array(n.parts), pq.Array(codes(ht.Subjects)), pq.Array(codes(ht.Traits)), ht.Mark, demanded}, err
}

// Unclosed lists every pupil of the actor's school and the year, of both
// tracks, who has no closed record, with the reason, by class. It is one query.
// Who is no leader or administrator of a school gets NotFound, page.unknown.
func (t *Tx) Unclosed(ctx context.Context, year school.Year) ([]Unclosed, error) {
	if t.Actor.SchoolID == 0 || t.Actor.Role == workflow.Teacher {
		return nil, fault.New(fault.NotFound, "page.unknown")
	}
	args, err := t.unclosedArgs(ctx, t.Actor.SchoolID, year)
	if err != nil {
		return nil, err
	}
	var out []Unclosed
	err = t.list(ctx, "list who has no closed record", &out, `WITH `+schoolRoll+unclosedSQL+unclosedOrder, args...)
	return out, err
}

// SummerPlanless lists the pupils of the classes whose homeroom teacher the
// person is who have not completed the grade and have no plan for the summer.
func (t *Tx) SummerPlanless(ctx context.Context, d Duties, year school.Year) ([]Unclosed, error) {
	if len(d.Homes) == 0 {
		return nil, nil
	}
	args, err := t.unclosedArgs(ctx, pq.Array(d.homes()), year)
	if err != nil {
		return nil, err
	}
	var out []Unclosed
	err = t.list(ctx, "list who has no summer plan", &out, `WITH `+classRoll+unclosedSQL+`WHERE why.reason = 'no_plan' `+unclosedOrder, args...)
	return out, err
}

// NoteUnclosedExport leaves a line in the audit trail that the actor took the
// list away.
func (t *Tx) NoteUnclosedExport(ctx context.Context, year school.Year) error {
	return t.note(ctx, "unclosed_exported", "school_year:"+string(year))
}
