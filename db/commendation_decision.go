package db

import (
	"context"
	"slices"
	"strconv"
	"unicode/utf8"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// PickedCommendation is a commendation that the principal decides, as the page
// showed it.
type PickedCommendation struct {
	ID       int64
	Revision int
}

// Deciding is a decision of the principal.
type Deciding struct {
	Number string
	Day    school.Date
	Picks  []PickedCommendation
	// Resign puts number and day into records too that are signed: their
	// homeroom teachers sign again.
	Resign bool
	// Word says what a record is to say of a decided commendation.
	Word func(c evaluation.Citation, number string, day school.Date) string
}

// Decided says what became of a decision.
type Decided struct {
	Pupils  int
	Without int // commendations whose records were left as they are
}

// DecideCommendations writes the principal's decision for the picked
// commendations, all or none. Number and day go into the records' line, except
// where that would let a signature fall and Resign does not ask for it, and
// from the issue on: such a record keeps saying what it said. Faults: Forbidden
// commendation.principal; Invalid with the codes of CheckDecision,
// commendation.nobody; Conflict, Args pupil, commendation.decided (somebody was
// faster), commendation.gone, commendation.changed, commendation.unfit (the
// level no longer gives the title).
func (t *Tx) DecideCommendations(ctx context.Context, year school.Year, d Deciding) (out Decided, err error) {
	today := evaluation.Standing{Year: year, Today: school.DateOf(t.Now)}
	switch f := evaluation.CheckDecision(d.Number, d.Day, today); {
	case t.Actor.Role != workflow.Principal:
		return out, fault.New(fault.Forbidden, "commendation.principal")
	case f != nil:
		return out, f
	case len(d.Picks) == 0:
		return out, fault.New(fault.Invalid, "commendation.nobody")
	case len(d.Picks) > MaxCells:
		return out, fault.New(fault.Invalid, "request.invalid")
	}
	w, rows, err := t.decidable(ctx, year, d)
	if err != nil {
		return out, err
	}
	var ids []int64
	err = t.list(ctx, "write a decision", &ids, `INSERT INTO school.commendation_decision (school_id, school_year, number, decided_on, account_id, at)
		VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`, t.Actor.SchoolID, year, d.Number, d.Day, t.Actor.AccountID, t.Now)
	if err != nil {
		return out, err
	}
	byPupil := map[int64][]Commendation{}
	for _, r := range rows {
		byPupil[r.PupilID] = append(byPupil[r.PupilID], r)
	}
	for _, pupil := range sortedKeys(byPupil) {
		left, err := w.decide(ctx, pupil, byPupil[pupil], ids[0], d)
		if err != nil {
			return out, err
		}
		out.Without += left
	}
	out.Pupils = len(byPupil)
	return out, t.note(ctx, "commendation_decided", "commendation_decision:"+strconv.FormatInt(ids[0], 10), "day", d.Day.String(),
		"pupils", strconv.Itoa(out.Pupils))
}

func sortedKeys[V any](m map[int64]V) []int64 {
	var out []int64
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// decidable locks the picked commendations by their records and judges each.
func (t *Tx) decidable(ctx context.Context, year school.Year, d Deciding) (*commending, []Commendation, error) {
	ids, seen := make([]int64, len(d.Picks)), map[int64]int{}
	for i, p := range d.Picks {
		ids[i], seen[p.ID] = p.ID, p.Revision
	}
	rows, err := t.commendationRows(ctx, year, ids)
	if err != nil {
		return nil, nil, err
	}
	pupils := map[int64]bool{}
	for _, r := range rows {
		pupils[r.PupilID] = true
	}
	w, err := t.commending(ctx, year, sortedKeys(pupils))
	if err != nil {
		return nil, nil, err
	}
	if rows, err = t.commendationRows(ctx, year, ids); err != nil { // as they stand now that the records are ours
		return nil, nil, err
	}
	if len(rows) != len(seen) {
		return nil, nil, fault.New(fault.Conflict, "commendation.gone")
	}
	rules := evaluation.ForYear(year)
	for _, r := range rows {
		refuse := func(code string) error {
			return fault.New(fault.Conflict, code, "pupil", r.Pupil, "number", r.Decision)
		}
		switch {
		case r.Struck:
			return nil, nil, refuse("commendation.gone")
		case r.Decision != "":
			return nil, nil, refuse("commendation.decided")
		case r.Revision != seen[r.ID]:
			return nil, nil, refuse("commendation.changed")
		case !r.Kind.Decided():
			return nil, nil, fault.New(fault.Invalid, "request.invalid")
		case rules == nil || !rules.MayAward(r.Kind, w.records[r.PupilID].Outcome().Overall):
			return nil, nil, refuse("commendation.unfit")
		}
	}
	return w, rows, nil
}

// decide writes the decision to a pupil's commendations, and into the record
// where that is allowed; left counts those whose line stays as it was.
func (w *commending) decide(ctx context.Context, pupil int64, rows []Commendation, decision int64, d Deciding) (left int, err error) {
	t, r := w.tx, w.records[pupil]
	after := slices.Clone(w.before[pupil])
	for i := range after {
		n := slices.IndexFunc(rows, func(c Commendation) bool { return c.ID == after[i].ID })
		if n < 0 {
			continue
		}
		if line := d.Word(rows[n].Citation(), d.Number, d.Day); utf8.RuneCountInString(line) <= evaluation.LongestLine {
			after[i].Line = line
		} else {
			left++
		}
	}
	open := r.Stage.BeforeIssue()
	if open {
		change, err := r.CommendationsChanged(w.by(), content(after))
		if err != nil {
			return 0, err
		}
		if open = d.Resign || len(change.Voids()) == 0; open {
			if err := w.apply(ctx, pupil, change); err != nil {
				return 0, err
			}
		}
	}
	if !open {
		after, left = w.before[pupil], len(rows)
	}
	for _, l := range after {
		if slices.ContainsFunc(rows, func(c Commendation) bool { return c.ID == l.ID }) {
			err := t.exec(ctx, "decide a commendation", `UPDATE school.commendation SET decision_id = $2, line = $3, revision = revision + 1 WHERE id = $1`,
				l.ID, decision, l.Line)
			if err != nil {
				return 0, err
			}
		}
	}
	return left, w.history(ctx, pupil, w.before[pupil], after)
}

// StrikeCommendation takes a commendation off the list: the principal tells
// why, and the record no longer says it, so the homeroom teacher signs again
// where the page was signed. The homeroom teacher may write another one.
// Faults: Forbidden commendation.principal; Invalid commendation.strike_reason;
// Conflict commendation.gone, commendation.changed; Locked record.issued.
func (t *Tx) StrikeCommendation(ctx context.Context, year school.Year, pick PickedCommendation, reason string) error {
	reason = school.CleanLine(reason)
	switch n := utf8.RuneCountInString(reason); {
	case t.Actor.Role != workflow.Principal:
		return fault.New(fault.Forbidden, "commendation.principal")
	case n == 0 || n > 300:
		return fault.New(fault.Invalid, "commendation.strike_reason")
	}
	var row Commendation
	var w *commending
	for range 2 { // once to find the pupil, once as it stands behind the lock
		rows, err := t.commendationRows(ctx, year, []int64{pick.ID})
		switch {
		case err != nil:
			return err
		case len(rows) == 0 || rows[0].Struck:
			return fault.New(fault.Conflict, "commendation.gone")
		case rows[0].Revision != pick.Revision:
			return fault.New(fault.Conflict, "commendation.changed", "pupil", rows[0].Pupil)
		}
		row = rows[0]
		if w == nil {
			if w, err = t.commending(ctx, year, []int64{row.PupilID}); err != nil {
				return err
			}
		}
	}
	after := slices.DeleteFunc(slices.Clone(w.before[row.PupilID]), func(l commendedLine) bool { return l.ID == row.ID })
	change, err := w.records[row.PupilID].CommendationsChanged(w.by(), content(after))
	if err != nil {
		return err
	}
	if err := w.apply(ctx, row.PupilID, change); err != nil {
		return err
	}
	if err := w.end(ctx, row, "struck", reason); err != nil {
		return err
	}
	return w.history(ctx, row.PupilID, w.before[row.PupilID], after)
}
