package verify

import (
	"strconv"
	"strings"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/school"
)

// reading are the checks the opening of a file decides, in their order.
var reading = []string{Form, Structure, Unicode, IDs}

// open reads the file. When it does not open, the check it failed at is named
// and everything later is skipped.
func (r *run) open(raw []byte) bool {
	document, err := bundle.Open(raw)
	if err == nil {
		r.document, r.report.Record = document, document
		for _, name := range reading {
			r.outcome(name, "", nil)
		}
		return true
	}
	failed := checkOf(fault.CodeOf(err))
	for _, name := range Names {
		switch {
		case name == failed:
			r.outcome(name, "", err)
		case name == Form: // it was read as XML before anything else was asked
			r.outcome(name, "", nil)
		default:
			r.add(Check{Name: name, Status: Skipped})
		}
	}
	return false
}

// checkOf names the check that a fault of bundle.Open belongs to.
func checkOf(code string) string {
	switch code {
	case "xml.id", "xml.id_spelling", "xml.id_duplicate", "xml.id_place", "bundle.id":
		return IDs
	case "bundle.nfc":
		return Unicode
	case "bundle.signature_missing", "bundle.slot_number":
		return Slots
	}
	if strings.HasPrefix(code, "bundle.") {
		return Structure
	}
	return Form
}

// identity demands that every part names this record, year and pupil: a signed
// part of another pupil or year is a true part, in the wrong file.
func (r *run) identity() {
	rec := r.document.Record
	if rec == nil {
		r.add(Check{Name: Identity, Status: Skipped})
		return
	}
	g, c := rec.General, rec.Content
	var err error
	switch {
	case c.Record != g.Record:
		err = refuse("verify.part_of_another_record", "part", bundle.ContentID)
	case c.Year != g.Year:
		err = refuse("verify.part_of_another_year", "part", bundle.ContentID)
	}
	for _, s := range c.Subjects {
		part := bundle.SubjectID(s.Subject)
		switch {
		case err != nil:
		case s.Pupil != c.Pupil.Code:
			err = refuse("verify.part_of_another_pupil", "part", part)
		case s.Year != g.Year:
			err = refuse("verify.part_of_another_year", "part", part)
		case s.Record != g.Record:
			err = refuse("verify.part_of_another_record", "part", part)
		}
	}
	r.outcome(Identity, "", err)
}

// slots demands that subject teachers' slots are numbered as the format says,
// one a teacher, and, where the record says that they sign, that every part
// lies in one.
func (r *run) slots() {
	if r.document.Record == nil {
		r.outcome(Slots, "", nil) // the one signature is there, or the file would not have opened
		return
	}
	r.outcome(Slots, "", slotFault(r.document))
}

func slotFault(d *bundle.Document) error {
	taught := make(map[string][]school.Subject)
	for _, s := range d.Record.Content.Subjects {
		taught[s.Teacher.Code] = append(taught[s.Teacher.Code], s.Subject)
	}
	seen := make(map[string]bool)
	for _, s := range d.Slots {
		if s.Role != bundle.SubjectTeacher {
			continue
		}
		switch n := bundle.TeacherNumber(taught[s.Holder]); {
		case n == 0:
			return refuse("verify.slot_without_part", "teacher", s.Holder, "slot", s.ID)
		case n != s.Number:
			return refuse("verify.slot_number", "slot", s.ID, "expected", strconv.Itoa(n))
		case seen[s.Holder]:
			return refuse("verify.slot_twice", "teacher", s.Holder)
		}
		seen[s.Holder] = true
	}
	if missing := d.Unsigned(); d.Record.General.TeachersSign && len(missing) > 0 {
		return refuse("verify.part_unsigned", "part", missing[0], "parts", strings.Join(missing, " "))
	}
	return nil
}

// times demands the order of signing and the agreement of the dates. Only
// signatures that hold have a time worth comparing.
func (r *run) times() {
	if len(r.signed) < len(r.document.Slots) {
		r.add(Check{Name: Times, Status: Skipped})
		return
	}
	r.outcome(Times, "", r.timeFault())
}

func (r *run) timeFault() error {
	var latest time.Time
	var after string
	rank := map[bundle.Role]int{bundle.SubjectTeacher: 0, bundle.Homeroom: 1, bundle.Approval: 2, bundle.Seal: 3, bundle.Registry: 4}
	last := 0
	var pending time.Time // latest of the slots of the same rank
	var pendingID string
	for _, s := range r.document.Slots {
		at := r.signed[s.ID]
		if !r.options.Now.IsZero() && at.After(r.options.Now.Add(skew)) {
			return refuse("verify.signed_in_future", "slot", s.ID)
		}
		if rank[s.Role] != last {
			last, latest, after = rank[s.Role], pending, pendingID
		}
		if at.Before(latest) {
			return refuse("verify.signed_out_of_order", "slot", s.ID, "before", after)
		}
		if at.After(pending) {
			pending, pendingID = at, s.ID
		}
	}
	if rec := r.document.Record; rec != nil && school.DateOf(r.signed[bundle.SealSignatureID]) != rec.Issuance.Date {
		return refuse("verify.issue_date", "date", rec.Issuance.Date.Vietnamese(),
			"sealed", school.DateOf(r.signed[bundle.SealSignatureID]).Vietnamese())
	}
	return nil
}
