package db

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/lib/pq"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// SummerSchool lists the pupils of track 2 of the actor's school with plan and
// decision, by class; to whoever is no leader or administrator of a school it
// is NotFound, page.unknown. The number of queries grows with the classes that
// have such pupils, not with pupils.
func (t *Tx) SummerSchool(ctx context.Context, year school.Year) ([]SummerPupil, error) {
	return t.summerSchool(ctx, year, nil)
}

func (t *Tx) summerSchool(ctx context.Context, year school.Year, only []int64) ([]SummerPupil, error) {
	if t.Actor.SchoolID == 0 || t.Actor.Role == workflow.Teacher {
		return nil, fault.New(fault.NotFound, "page.unknown")
	}
	var seats []struct {
		ID    int64 `db:"id"`
		Class int64 `db:"class_id"`
	}
	hold := ""
	if only != nil {
		hold = ` ORDER BY e.id FOR NO KEY UPDATE OF e`
	}
	err := t.list(ctx, "list the summer track", &seats, `SELECT e.id, e.class_id FROM school.review v
		JOIN school.enrolment e ON e.id = v.enrolment_id JOIN school.class c ON c.id = e.class_id
		WHERE v.school_year = $1 AND v.school_id = $2 AND v.track = 2 AND e.from_date <= $3 AND (e.to_date IS NULL OR e.to_date >= $3)
		  AND ($4::bigint[] IS NULL OR e.id = ANY($4)) AND c.book_kind = 'digital'`+hold, year, t.Actor.SchoolID, rollDay(t.Now, year), pq.Array(only))
	if err != nil || len(seats) == 0 {
		return nil, err
	}
	classes, err := t.Classes(ctx, year)
	if err != nil {
		return nil, err
	}
	var out []SummerPupil
	for _, c := range classes {
		var ids []int64
		for _, s := range seats {
			if s.Class == c.ID {
				ids = append(ids, s.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		roll, err := t.Roll(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		roll = slices.DeleteFunc(roll, func(r RollRow) bool { return !slices.Contains(ids, r.EnrolmentID) })
		pupils, err := t.summerPupils(ctx, c, roll, only != nil)
		if err != nil {
			return nil, err
		}
		out = append(out, pupils...)
	}
	return out, nil
}

// SummerWaiting counts the pupils of track 2 of the actor's school about whom
// the principal has not decided: all of them, and those without a plan.
func (t *Tx) SummerWaiting(ctx context.Context, year school.Year) (waiting, planless int, err error) {
	var n struct {
		Waiting  int `db:"waiting"`
		Planless int `db:"planless"`
	}
	err = t.GetContext(ctx, &n, `SELECT count(*) AS waiting,
		  count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM school.summer_plan p WHERE p.enrolment_id = e.id)) AS planless
		FROM school.review v JOIN school.enrolment e ON e.id = v.enrolment_id
		JOIN school.record r ON r.pupil_id = e.pupil_id AND r.school_year = v.school_year
		WHERE v.school_year = $1 AND v.school_id = $2 AND v.track = 2 AND e.from_date <= $3 AND (e.to_date IS NULL OR e.to_date >= $3)
		  AND r.stage IN ('drafting', 'part_signed', 'homeroom_signed', 'returned', 'approved')
		  AND NOT EXISTS (SELECT 1 FROM school.summer_decision d WHERE d.enrolment_id = e.id)`, year, t.Actor.SchoolID, rollDay(t.Now, year))
	return n.Waiting, n.Planless, translate(err, "count who waits for a decision after the summer")
}

// SummerChoice is the principal's decision about one pupil, over the decision
// that the page showed (its row; 0: there was none). Text is what the record
// says about the re-assessment.
type SummerChoice struct {
	Enrolment, Seen int64
	evaluation.SummerDecision
	Text string
}

// SummerRefusal says why a decision was not taken: Whole about the pupil, else
// Fields with the codes of ReadSummerDecision.
type SummerRefusal struct {
	Pupil  string
	Whole  *fault.Error
	Fields map[evaluation.SummerField]*fault.Error
}

// DecideSummer writes the principal's decisions: a row each, completion,
// promotion and re-assessment on the pupil's page, the end of what covers a
// page that says otherwise now. All are written or none; those refused are
// returned by enrolment. Whole is Invalid summer.pupil (not on track 2 of this
// school) or summer.no_plan, Conflict summer.decided_already (Args by: somebody
// decided since the page was read), Locked record.issued. Whoever is not the
// principal gets Forbidden record.role.
func (t *Tx) DecideSummer(ctx context.Context, year school.Year, choices []SummerChoice) (map[int64]SummerRefusal, error) {
	if t.Actor.Role != workflow.Principal {
		return nil, fault.New(fault.Forbidden, "record.role", "role", string(t.Actor.Role), "act", string(workflow.DecideSummer))
	}
	if len(choices) == 0 || len(choices) > MaxCells {
		return nil, fault.New(fault.Invalid, "summer.none")
	}
	ids := make([]int64, len(choices))
	for i, c := range choices {
		ids[i] = c.Enrolment
	}
	pupils, err := t.summerSchool(ctx, year, ids)
	if err != nil {
		return nil, err
	}
	refused := map[int64]SummerRefusal{}
	for i := range choices {
		if r := t.judgeSummer(year, &choices[i], pupils); r.Whole != nil || len(r.Fields) > 0 {
			refused[choices[i].Enrolment] = r
		}
	}
	if len(refused) > 0 {
		return refused, nil
	}
	for _, c := range choices {
		i := slices.IndexFunc(pupils, func(p SummerPupil) bool { return p.EnrolmentID == c.Enrolment })
		if err := t.decideSummer(ctx, year, pupils[i], c); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (t *Tx) judgeSummer(year school.Year, c *SummerChoice, pupils []SummerPupil) SummerRefusal {
	i := slices.IndexFunc(pupils, func(p SummerPupil) bool { return p.EnrolmentID == c.Enrolment })
	if i < 0 {
		return SummerRefusal{Whole: fault.New(fault.Invalid, "summer.pupil")}
	}
	p := pupils[i]
	out := SummerRefusal{Pupil: p.FullName}
	var last int64
	if p.Decision != nil {
		last = p.Decision.ID
	}
	switch {
	case p.Record == nil:
		out.Whole = fault.New(fault.Locked, "review.no_record")
	case !p.Record.Stage.BeforeIssue():
		out.Whole = fault.New(fault.Locked, "record.issued", "part", record.PartOf(evaluation.RemarkQualities), "stage", string(p.Record.Stage), "mend", "principal")
	case last != c.Seen:
		out.Whole = fault.New(fault.Conflict, "summer.decided_already", "by", p.Decision.By)
	case p.Plan == nil:
		out.Whole = fault.New(fault.Invalid, "summer.no_plan")
	default:
		facts := evaluation.SummerFacts{Standing: p.Standing(year, school.DateOf(t.Now)), PlanFrom: p.Plan.From, Missing: p.Missing}
		c.SummerDecision, out.Fields = evaluation.ReadSummerDecision(c.SummerDecision, facts)
	}
	return out
}

func (t *Tx) decideSummer(ctx context.Context, year school.Year, p SummerPupil, c SummerChoice) error {
	err := t.exec(ctx, "write a summer decision", `INSERT INTO school.summer_decision (school_id, school_year, enrolment_id, plan_id, outcome,
		  number, decided_on, note, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, t.Actor.SchoolID, year, c.Enrolment, p.Plan.ID,
		c.Outcome, c.Number, c.Date, c.Note, t.Actor.AccountID, t.Now)
	if err != nil {
		return err
	}
	next := maps.Clone(p.Review)
	completed, promoted := c.Outcome.Says()
	next[evaluation.ReviewCompleted], next[evaluation.ReviewPromoted] = yesNo(completed), yesNo(promoted)
	next[evaluation.ReviewReassessedOn], next[evaluation.ReviewReassessNote] = c.Date.String(), school.Clean(c.Text)
	change, err := p.Record.SummerDecided(record.By{Actor: t.Actor, At: t.Now}, reviewPage(p.Record.Page, next))
	if err != nil {
		return err
	}
	if err := t.ApplyRecord(ctx, change); err != nil {
		return err
	}
	s := reviewSaving{tx: t, class: ClassReview{Class: Class{ID: p.ClassID, Year: year}}}
	s.note(&p.ReviewRow, next)
	return s.write(ctx)
}

func yesNo(b bool) string { return strconv.Itoa(map[bool]int{true: 1}[b]) }
