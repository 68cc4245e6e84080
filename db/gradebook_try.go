package db

import (
	"context"
	"slices"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
)

// CellTrial is what SaveCells would make of a value now: what stands, what
// would stand, or why it is refused.
type CellTrial struct {
	Old, New string
	Fault    *fault.Error
}

// TryCells judges values exactly as SaveCells does, over what stands now
// whatever Old says, and writes nothing: one trial a change, in their order.
// "Miễn" for a pupil whom the school exempted says what stands already.
func (t *Tx) TryCells(ctx context.Context, at ClassPeriod, changes []CellChange) ([]CellTrial, error) {
	s := saving{at: at, place: map[CellRef]int{}}
	ids, items := named(changes)
	var err error
	if s.seats, err = t.seats(ctx, at, ids, ``); err != nil {
		return nil, err
	}
	if s.rules = rulesOf(at.Year, s.seats); s.rules == nil {
		return nil, fault.New(fault.Invalid, "request.invalid")
	}
	if s.entries, err = t.entries(ctx, at, ids, items); err != nil {
		return nil, err
	}
	if s.guard, err = t.guardCells(ctx, at, s.pupils(), false); err != nil {
		return nil, err
	}
	if s.again, err = t.reassessed(ctx, at, ids); err != nil {
		return nil, err
	}
	trials := make([]CellTrial, len(changes))
	for i, c := range changes {
		c.Old = s.entry(c.CellRef).Value(c.Field)
		trials[i].Old = c.Old
		value, err := s.judge(c, c.Old)
		switch {
		case fault.Is(err, "cell.exempt_school") && c.Field == evaluation.FieldLevel && s.entry(c.CellRef).Exempt:
			trials[i].New = c.Old
		case err != nil:
			trials[i].New, trials[i].Fault = school.Clean(c.New), fault.As(err)
		default:
			trials[i].New = value
		}
	}
	return trials, nil
}

// chunks splits changes into what one SaveCells takes.
func chunks(changes []CellChange) [][]CellChange {
	return slices.Collect(slices.Chunk(changes, MaxCells))
}
