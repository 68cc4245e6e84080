package record

import (
	"bytes"
	"strconv"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/school"
)

// Difference is a value under a signature that is not what was signed: the
// cell, what was signed and what came after.
type Difference struct {
	Part string // element Id of the part it stands in
	// Item and Field name the cell as its history does; Item is "" for a line of
	// the page: Field is then one of the Fact… names, the review's own or the one
	// of the line in the pupil's file.
	Item  evaluation.Item
	Field string
	Old   string // as signed; "" nothing
	New   string
}

// The fields of a page that are neither cell, line of the review nor line of
// the pupil's file.
const (
	FactTeacher    = "teacher" // who teaches the subject, or the class
	FactOverall    = "overall"
	FactCommended  = "commended"
	FactReassessed = "reassessed"
	FactClass      = "class"
	FactHistory    = "history"
)

// Differences lists what tells the content of a signature from what came after
// it: the next signature over the same, or the current values when there is
// none. It is empty for a live signature, and for one that was taken back
// without a change.
func (r *Record) Differences(s Signature) []Difference {
	signed, err := cellsOf(s)
	if err != nil {
		return nil // bytes of a schema that is read no more
	}
	now := r.following(s)
	var out []Difference
	for _, k := range append(signed.order, now.order...) {
		if signed.values[k] == now.values[k] || k.part != "" && !now.parts[k.part] && s.Slot.Role() == bundle.SubjectTeacher {
			continue
		}
		out = append(out, Difference{Part: k.part, Item: k.item, Field: k.field, Old: signed.values[k], New: now.values[k]})
		signed.values[k] = now.values[k] // each cell once
	}
	return out
}

// Fallen returns the newest signature of a slot, or of the duty where a
// predecessor signed it, that the change of a cell ended and that nobody gave
// again; nil when there is none. part is an element Id.
func (r *Record) Fallen(part string) *Signature {
	role := bundle.Homeroom
	s, subject := PartName(part)
	if subject {
		role = bundle.SubjectTeacher
	}
	for i := len(r.Signatures) - 1; i >= 0; i-- {
		sig := &r.Signatures[i]
		if sig.Slot.Role() != role || subject && partOf(sig.Content, s) == nil {
			continue
		}
		if v := r.VoidOf(*sig); !r.Live(*sig) && (v == nil || v.Cause == ContentChanged) {
			return sig
		}
		return nil
	}
	return nil
}

// cells are the values of parts, by cell and in the order of the booklet.
type cells struct {
	order  []cell
	values map[cell]string
	parts  map[string]bool
}

type cell struct {
	part  string
	item  evaluation.Item
	field string
}

func newCells() cells { return cells{values: map[cell]string{}, parts: map[string]bool{}} }

func (c *cells) add(part string, item evaluation.Item, field, value string) {
	k := cell{part, item, field}
	c.parts[part] = true
	if before, again := c.values[k]; again {
		c.values[k] = before + "; " + value
		return
	}
	c.order = append(c.order, k)
	c.values[k] = value
}

// following returns the cells of what came after a signature.
func (r *Record) following(s Signature) cells {
	role, model := s.Slot.Role(), r.Model().Content
	out := newCells()
	if role != bundle.SubjectTeacher {
		for _, later := range r.Signatures {
			if later.ID > s.ID && later.Slot == s.Slot {
				if c, err := cellsOf(later); err == nil {
					return c
				}
			}
		}
		out.content(model)
		return out
	}
	for _, subject := range subjectsOf(s.Content) {
		stored := r.laterPart(s, subject)
		if list, err := bundle.ReadSubjects(stored); err == nil {
			out.subject(list[0])
			continue
		}
		for _, now := range model.Subjects {
			if now.Subject == subject {
				out.subject(now)
			}
		}
	}
	return out
}

// laterPart returns a part as the next signature after s covers it; nil when
// there is none.
func (r *Record) laterPart(s Signature, subject school.Subject) []byte {
	for _, later := range r.Signatures {
		if later.ID > s.ID && later.Slot.Role() == bundle.SubjectTeacher {
			if part := partOf(later.Content, subject); part != nil {
				return part
			}
		}
	}
	return nil
}

// cellsOf reads what a signature covers.
func cellsOf(s Signature) (cells, error) {
	out := newCells()
	var content bundle.Content
	var err error
	switch s.Slot.Role() {
	case bundle.SubjectTeacher:
		list, err := bundle.ReadSubjects(s.Content)
		for _, x := range list {
			out.subject(x)
		}
		return out, err
	case bundle.Homeroom:
		content, err = bundle.ReadContent(s.Content)
	default:
		_, content, err = bundle.ReadData(s.data())
	}
	out.content(content)
	return out, err
}

// data returns the data under an approval or a seal, which covers the issuance
// behind it as well.
func (s Signature) data() []byte {
	const end = "</DU_LIEU_HOC_BA>"
	if i := bytes.LastIndex(s.Content, []byte(end)); i >= 0 {
		return s.Content[:i+len(end)]
	}
	return s.Content
}

func (c *cells) subject(s bundle.Subject) {
	part, item := bundle.SubjectID(s.Subject), evaluation.Item(s.Subject)
	c.add(part, item, string(evaluation.FieldLevel), s.Level)
	mark := ""
	if s.Mark != nil {
		mark = strconv.Itoa(*s.Mark)
	}
	c.add(part, item, string(evaluation.FieldMark), mark)
	c.add(part, item, string(evaluation.FieldRemark), s.Remark)
	exempt := ""
	if s.Exempt {
		exempt = "1"
	}
	c.add(part, item, string(evaluation.FieldExempt), exempt)
}

// content adds the page, with the subject parts in it.
func (c *cells) content(x bundle.Content) {
	const page = bundle.ContentID
	for _, s := range x.Subjects {
		c.subject(s)
		c.add(bundle.SubjectID(s.Subject), evaluation.Item(s.Subject), FactTeacher, s.Teacher.Name)
	}
	for _, g := range []struct {
		remark evaluation.Item
		group  bundle.Group
	}{{evaluation.RemarkQualities, x.Qualities}, {evaluation.RemarkGeneralCompetencies, x.General}, {evaluation.RemarkSpecificCompetencies, x.Specific}} {
		for _, t := range g.group.Traits {
			c.add(page, evaluation.Item(t.Item), string(evaluation.FieldLevel), t.Level)
		}
		c.add(page, g.remark, string(evaluation.FieldRemark), g.group.Remark)
	}
	fact := func(field, value string) { c.add(page, "", field, value) }
	count := func(field string, n int) { fact(field, strconv.Itoa(n)) }
	fact(FactOverall, x.Overall)
	count("absent_excused", x.Absences.Excused)
	count("absent_unexcused", x.Absences.Unexcused)
	count("height_mm", x.HeightMM)
	count("weight_g", x.WeightG)
	for _, k := range x.Commended {
		fact(FactCommended, string(k.Award)+" "+k.Text)
	}
	fact("completed", strconv.FormatBool(x.Completed))
	fact("promoted", strconv.FormatBool(x.Promoted))
	if s := x.Reassessment; s != nil {
		fact(FactReassessed, s.Date.String()+" "+s.Text)
	}
	c.facts(x)
}

// facts adds what the office keeps: pupil, class, the years before.
func (c *cells) facts(x bundle.Content) {
	fact := func(field, value string) { c.add(bundle.ContentID, "", field, value) }
	p := x.Pupil
	for _, line := range []struct{ field, value string }{
		{"full_name", p.Name}, {"birth_date", p.Birth.String()}, {"sex", string(p.Sex)}, {"personal_no", p.PersonalNo}, {"passport", p.Passport},
		{"ethnicity", p.Ethnicity}, {"nationality", p.Nationality}, {"birthplace", p.BirthPlace}, {"hometown", p.Hometown},
		{"residence", p.Residence}, {"father_name", p.Father}, {"mother_name", p.Mother}, {"guardian_name", p.Guardian},
	} {
		fact(line.field, line.value)
	}
	if p.NotAssessed {
		fact("not_assessed", "true")
	}
	fact(FactClass, x.Class.Name)
	fact(FactTeacher, x.Class.Homeroom.Name)
	for _, s := range x.History {
		fact(FactHistory, string(s.Year)+" "+s.Class+" "+s.School+" "+s.RegisterNo)
	}
}
