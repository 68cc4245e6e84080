package record

import (
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/workflow"
)

// MaySignParts tells what PrepareSignPart would say, the certificate aside: nil,
// or the same fault. It is the dry run of a batch.
func (r *Record) MaySignParts(by By) error {
	_, err := r.planPart(by)
	return r.heldBack(err)
}

// MaySignHomeroom tells what PrepareSignHomeroom would say, the certificate
// aside: nil, or the same fault.
func (r *Record) MaySignHomeroom(by By, shown evaluation.Overall) error {
	_, err := r.planHomeroom(by, terms{Shown: shown})
	return r.heldBack(err)
}

// heldBack names the open return behind a refusal of the stage Returned, and
// who has to answer it: record.return_open.
func (r *Record) heldBack(err error) error {
	if !fault.Is(err, "record.stage") || r.Stage != workflow.Returned {
		return err
	}
	for _, part := range r.OpenParts() {
		return fault.New(fault.Conflict, "record.return_open", "part", part, "teacher", r.ownerOf(part).Name, "mend", "owner")
	}
	return err
}

// OpenReturns lists the returns that name a part of this teacher and wait for
// the answer, the oldest first; Parts holds those parts alone.
func (r *Record) OpenReturns(teacher string) []Return {
	var out []Return
	for _, ret := range r.Returns {
		mine := ret
		mine.Parts = nil
		for _, part := range ret.Parts {
			if teacher != "" && !ret.answered(part) && r.ownerOf(part).Code == teacher {
				mine.Parts = append(mine.Parts, part)
			}
		}
		if len(mine.Parts) > 0 {
			out = append(out, mine)
		}
	}
	return out
}

// MayApprove tells what PrepareApproval would say, the certificate aside: nil,
// or the same fault; of a record that has not come so far whose signature it
// waits for. It is the dry run of a batch.
func (r *Record) MayApprove(by By, opened bool) error {
	_, err := r.planApproval(by, terms{Opened: opened})
	if !fault.Is(err, "record.stage") {
		return err
	}
	switch r.Stage {
	case workflow.Drafting, workflow.PartSigned:
		if missing := r.missingSignatures(); missing != nil {
			return missing
		}
		return fault.New(fault.Conflict, "record.homeroom_unsigned", "teacher", r.Class.Homeroom.Name, "mend", "homeroom")
	}
	return r.heldBack(err)
}

// MayIssue tells what PrepareIssue would say, the seal aside: nil, or the same
// fault; of a record that is not approved yet that it waits for that, or what
// MayApprove says stands before it. It is the dry run of a batch.
func (r *Record) MayIssue(by By) error {
	err := r.mayIssue(by)
	if !fault.Is(err, "record.stage") {
		return err
	}
	if err := r.MayApprove(by, true); err != nil {
		return err
	}
	return fault.New(fault.Conflict, "record.unapproved", "mend", "principal")
}
