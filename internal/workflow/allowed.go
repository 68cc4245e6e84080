package workflow

import (
	"strings"

	"hocba/internal/fault"
)

// Table returns a copy of the rows, for documents and tests.
func Table() []Row { return append([]Row(nil), table...) }

// Allowed returns the acts a person may be offered at the stage, in the order
// of the table, once each: the buttons of a page. duties are what the person
// is to this record. The guards are not looked at: an act offered may still be
// refused with its reason.
func Allowed(actor Actor, stage Stage, duties ...Duty) []Action {
	var out []Action
	for _, row := range table {
		if row.at(stage) && row.grants(actor, duties) && (len(out) == 0 || out[len(out)-1] != row.Act) {
			out = append(out, row.Act)
		}
	}
	return out
}

// Check refuses an act that the table does not hold. It fails with
// record.role (Forbidden: no row gives the act to the role), record.duty
// (Forbidden: the role may, but not this person; Args need) or record.stage
// (Conflict; Args stage, act, needs). The program itself may do only what no
// person does: the registry's answers.
func Check(actor Actor, stage Stage, act Action, duties ...Duty) error {
	var roleFits, dutyFits bool
	var stages, missing []string
	for _, row := range table {
		if row.Act != act || !row.knows(actor) {
			continue
		}
		roleFits = true
		if !row.grants(actor, duties) {
			missing = append(missing, row.needs(actor)...)
			continue
		}
		dutyFits = true
		if row.at(stage) {
			return nil
		}
		for _, s := range row.From {
			stages = append(stages, string(s))
		}
	}
	args := []string{"act", string(act), "stage", string(stage)}
	switch {
	case !roleFits:
		return fault.New(fault.Forbidden, "record.role", append(args, "role", string(actor.Role))...)
	case !dutyFits:
		return fault.New(fault.Forbidden, "record.duty", append(args, "need", strings.Join(missing, " "))...)
	}
	return fault.New(fault.Conflict, "record.stage", append(args, "needs", strings.Join(stages, " "))...)
}

// Find returns the row by which a person may act at the stage; ok is false
// when Check would refuse.
func Find(actor Actor, stage Stage, act Action, duties ...Duty) (row Row, ok bool) {
	for _, row := range table {
		if row.Act == act && row.at(stage) && row.grants(actor, duties) {
			return row, true
		}
	}
	return Row{}, false
}

func (r Row) at(s Stage) bool {
	for _, t := range r.From {
		if t == s {
			return true
		}
	}
	return false
}

// knows reports whether the row is for the actor's role at all.
func (r Row) knows(a Actor) bool {
	if len(r.Who) == 0 {
		return a.Kind == System
	}
	if a.Kind != Person {
		return false
	}
	for _, p := range r.Who {
		if p.Role == a.Role {
			return true
		}
	}
	return false
}

func (r Row) grants(a Actor, duties []Duty) bool {
	if len(r.Who) == 0 {
		return a.Kind == System
	}
	if a.Kind != Person {
		return false
	}
	for _, p := range r.Who {
		if p.Role == a.Role && (p.Duty == AnyDuty || has(duties, p.Duty)) {
			return true
		}
	}
	return false
}

func (r Row) needs(a Actor) []string {
	var out []string
	for _, p := range r.Who {
		if p.Role == a.Role {
			out = append(out, string(p.Duty))
		}
	}
	return out
}

func has(all []Duty, d Duty) bool {
	for _, e := range all {
		if e == d {
			return true
		}
	}
	return false
}
