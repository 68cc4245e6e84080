package record

import (
	"slices"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/workflow"
)

// Return sends named parts back with a reason (row 6): the principal from
// homeroom_signed, the homeroom teacher from part_signed. parts are element
// Ids, mon-TOAN … or thongtinhocba for the homeroom teacher's page. Nothing is
// void yet. It fails with record.return_no_part, record.return_part (unknown,
// not signed, or the homeroom teacher's own page), record.reason_missing, or
// the codes of the table.
func (r *Record) Return(by By, parts []string, reason string) (Change, error) {
	if err := r.check(by, workflow.Return); err != nil {
		return Change{}, err
	}
	reason, err := cleanReason(reason, workflow.Return)
	if err != nil {
		return Change{}, err
	}
	parts = slices.Compact(slices.Sorted(slices.Values(parts)))
	if len(parts) == 0 {
		return Change{}, fault.New(fault.Invalid, "record.return_no_part")
	}
	for _, part := range parts {
		if !r.returnable(by, part) {
			return Change{}, fault.New(fault.Invalid, "record.return_part", "part", part)
		}
	}
	c := r.begin(by, workflow.Return)
	c.returns = []Return{{Parts: parts, Reason: reason, AccountID: by.AccountID, Role: by.Role, At: by.At}}
	return r.finish(c, by, workflow.Returned, "parts", joinIDs(parts))
}

// returnable reports whether a part is there and closed by a signature.
func (r *Record) returnable(by By, part string) bool {
	if part == bundle.ContentID {
		return by.Role != workflow.Teacher
	}
	s, ok := PartName(part)
	if !ok {
		return false
	}
	p, ok := r.part(s)
	return ok && r.written(p) && (r.covering(s) != nil || r.liveIn(bundle.Homeroom) != nil)
}

// Confirm answers a return with "giữ nguyên" and a note, for the parts named
// in it that the person owns (row 7). After the last answer the record is at
// the stage that its live signatures say, as before the return. It fails with
// record.no_open_return, record.reason_missing, or the codes of the table.
func (r *Record) Confirm(by By, note string) (Change, error) {
	if err := r.check(by, workflow.Confirm); err != nil {
		return Change{}, err
	}
	note, err := cleanReason(note, workflow.Confirm)
	if err != nil {
		return Change{}, err
	}
	c := r.begin(by, workflow.Confirm)
	var parts []string
	for _, ret := range r.Returns {
		for _, part := range ret.Parts {
			if ret.answered(part) || by.TeacherCode == "" || r.ownerOf(part).Code != by.TeacherCode {
				continue
			}
			parts = append(parts, part)
			c.answers = append(c.answers, Answer{ReturnID: ret.ID, Part: part, Kind: Kept, Note: note, AccountID: by.AccountID, At: by.At})
		}
	}
	if len(parts) == 0 {
		return Change{}, fault.New(fault.Conflict, "record.no_open_return")
	}
	to := r.Stage
	if after := r.after(c); len(after.OpenParts()) == 0 {
		to = after.stageOf()
	}
	return r.finish(c, by, to, "parts", joinIDs(parts))
}

func joinIDs(ids []string) string {
	out := ""
	for i, id := range ids {
		if i > 0 {
			out += ","
		}
		out += id
	}
	return out
}
