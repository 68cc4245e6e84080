package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"hocba/db"
	"hocba/internal/evaluation"
	phrases "hocba/internal/remark"
	"hocba/internal/school"
)

// openYear sets a school's classes up and seats their pupils. In the second
// year the pupils move up; grade 1 is new.
func (b *builder) openYear(ctx context.Context, h *schoolhouse, y school.Year) error {
	from := school.Date{Year: y.First(), Month: time.September, Day: 5}
	actor := h.admin.Actor
	if h.campus == 0 && h.hills {
		err := b.db.As(ctx, actor, func(tx *db.Tx) error {
			var err error
			h.campus, err = tx.CreateCampus(ctx, "KS", "Điểm trường Khe Sấu")
			return err
		})
		if err != nil {
			return err
		}
	}
	for i, plan := range h.plans {
		c := &classroom{house: h, plan: plan, homeroom: h.teachers[i]}
		err := b.db.As(ctx, actor, func(tx *db.Tx) error {
			if err := b.openClass(ctx, tx, c, y, from); err != nil {
				return err
			}
			if err := b.seat(ctx, tx, c, y, from); err != nil {
				return err
			}
			var err error
			if c.Class, err = tx.Class(ctx, y, c.ID); err != nil {
				return err
			}
			if c.roll, err = tx.Roll(ctx, c.ID); err != nil {
				return err
			}
			if err = b.special(ctx, tx, c, from); err != nil {
				return err
			}
			c.roll, err = tx.Roll(ctx, c.ID)
			return err
		})
		if err != nil {
			return fmt.Errorf("open class %s of %s: %w", plan.name, h.Code, err)
		}
		r := b.random("levels", c.ID)
		for range c.roll {
			c.level = append(c.level, min(3, r.IntN(10)/3))
		}
		h.classes[y] = append(h.classes[y], c)
	}
	return nil
}

func (b *builder) openClass(ctx context.Context, tx *db.Tx, c *classroom, y school.Year, from school.Date) error {
	h := c.house
	class := db.Class{Year: y, Code: fmt.Sprintf("%s-%s", h.Code[5:], classCode(c.plan)), Name: c.plan.name, Grades: c.plan.grades,
		BookKind: school.Digital, Language: "Tiếng Anh"}
	if c.plan.onCampus {
		class.CampusID = &h.campus
	}
	if c.plan.paper {
		class.BookKind, class.PaperReason = school.Paper, "Chưa có đường truyền ở điểm trường trong năm học"
		class.PaperDecision = "12/QĐ-NV"
		class.PaperUntil = y.Next().End()
	}
	var err error
	if c.ID, err = tx.CreateClass(ctx, class); err != nil {
		return err
	}
	if err := tx.AssignHomeroom(ctx, c.ID, c.homeroom.AccountID, from); err != nil {
		return err
	}
	for _, s := range c.subjects() {
		if err := tx.Assign(ctx, c.ID, s, c.teacher(s).AccountID, from); err != nil {
			return err
		}
	}
	return nil
}

func classCode(p classPlan) string {
	if len(p.grades) > 1 {
		return fmt.Sprintf("G%d%d", p.grades[0], p.grades[1])
	}
	return p.name
}

// subjects lists what the class's grades must have.
func (c *classroom) subjects() []school.Subject {
	rules := evaluation.ForYear(pastYear)
	var out []school.Subject
	for _, s := range school.Subjects {
		if slices.ContainsFunc(c.plan.grades, func(g int64) bool { return rules.Subject(int(g), s) == evaluation.Required }) {
			out = append(out, s)
		}
	}
	return out
}

// teacher says who gives a subject in a class.
func (c *classroom) teacher(s school.Subject) *person {
	switch s {
	case school.AmNhac, school.MiThuat:
		return c.house.music
	case school.NgoaiNgu1, school.TinHoc, school.CongNghe:
		return c.house.english
	case school.GiaoDucTheChat:
		return c.house.sport
	}
	return c.homeroom
}

// seat enrols last year's pupils one grade up, and new ones where seats are left.
func (b *builder) seat(ctx context.Context, tx *db.Tx, c *classroom, y school.Year, from school.Date) error {
	r := b.random("pupils", int64(y.First()), c.house.ID, c.ID)
	want := c.plan.pupils
	if want == 0 {
		want = b.Pupils
	}
	if y == currentYear && c.house == b.schools[0] && c.plan.name == "4A" {
		want = max(want, 35) // a full class for the grid
	}
	enrol := func(pupil int64, grade int) error {
		_, err := tx.Enrol(ctx, db.NewEnrolment{Year: y, ClassID: c.ID, PupilID: pupil, Grade: grade, Status: "01", From: from})
		return err
	}
	for _, p := range c.house.movingUp(y, c.plan) {
		if err := enrol(p.pupil, p.grade); err != nil {
			return err
		}
		want--
	}
	for i := range max(0, want) {
		grade := int(c.plan.grades[i%len(c.plan.grades)])
		id, err := tx.CreatePupil(ctx, b.newPupil(r, c, y, grade, i))
		if err != nil {
			return err
		}
		if err := enrol(id, grade); err != nil {
			return err
		}
	}
	return nil
}

type moving struct {
	pupil int64
	grade int
}

// movingUp lists last year's pupils who belong into a class this year.
func (h *schoolhouse) movingUp(y school.Year, plan classPlan) []moving {
	var out []moving
	for _, c := range h.classes[school.YearFrom(y.First()-1)] {
		for _, p := range c.roll {
			grade := p.Grade + 1
			if !slices.Contains(plan.grades, int64(grade)) || h.classFor(grade, c.plan.name).name != plan.name {
				continue
			}
			out = append(out, moving{p.PupilID, grade})
		}
	}
	return out
}

// classFor returns the class of a grade that takes the pupils of a class over:
// the one with the same letter, or the first of the grade.
func (h *schoolhouse) classFor(grade int, from string) classPlan {
	var first *classPlan
	for i, p := range h.plans {
		if !slices.Contains(p.grades, int64(grade)) {
			continue
		}
		if first == nil {
			first = &h.plans[i]
		}
		if p.name[len(p.name)-1] == from[len(from)-1] {
			return p
		}
	}
	if first == nil {
		return classPlan{}
	}
	return *first
}

func (b *builder) newPupil(r *rand.Rand, c *classroom, y school.Year, grade, i int) db.Pupil {
	sex := school.Male
	if r.IntN(2) == 0 {
		sex = school.Female
	}
	name := childName(r, sex, c.house.hills)
	if c.house == b.schools[0] && c.plan.name == "4A" && i < len(remarkable) {
		name, sex = remarkable[i].name, remarkable[i].sex
	}
	born := school.Date{Year: y.First() - 5 - grade, Month: time.Month(1 + r.IntN(12)), Day: 1 + r.IntN(28)}
	century := 2 // boys born from 2000 on; girls 3
	if sex == school.Female {
		century = 3
	}
	ethnicity := "Kinh"
	if c.house.hills {
		ethnicity = "Cơ-tu"
	}
	father, _ := pick(r, families)+" "+pick(r, boyMiddles)+" "+pick(r, boyNames), 0
	mother := pick(r, families) + " Thị " + pick(r, girlNames)
	return db.Pupil{Code: fmt.Sprintf("49%08d", c.ID*1000+int64(i)+1), PersonalNo: fmt.Sprintf("048%d%02d%06d", century, born.Year%100, c.ID*100+int64(i)),
		FullName: name, BirthDate: born, Sex: sex, Ethnicity: ethnicity, Birthplace: "Thành phố Đà Nẵng",
		Hometown: c.house.Commune + ", thành phố Đà Nẵng", Residence: fmt.Sprintf("Tổ %d, %s, thành phố Đà Nẵng", 1+r.IntN(12), c.house.Commune),
		FatherName: father, MotherName: mother, RegisterNo: fmt.Sprintf("%d/%d", c.ID, i+1)}
}

// writer collects what one person writes into a class in a period.
type writer struct {
	at      db.ClassPeriod
	changes map[*person][]db.CellChange
}

func (w *writer) set(p *person, enrolment int64, item evaluation.Item, field evaluation.Field, value string) {
	if value != "" {
		w.changes[p] = append(w.changes[p], db.CellChange{CellRef: db.CellRef{Enrolment: enrolment, Item: item, Field: field}, New: value})
	}
}

// save writes everything as the people whose it is, and refuses to go on when
// a cell was not taken.
func (b *builder) save(ctx context.Context, w *writer) error {
	for p, changes := range w.changes {
		for part := range slices.Chunk(changes, db.MaxCells) {
			err := b.db.As(ctx, p.Actor, func(tx *db.Tx) error {
				results, err := tx.SaveCells(ctx, w.at, part)
				if err != nil {
					return err
				}
				for _, r := range results {
					if r.Fault != nil {
						return fmt.Errorf("cell %s.%s of enrolment %d: %w", r.Item, r.Field, r.Enrolment, r.Fault)
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// assess writes a period of a class as its teachers would. skip leaves cells of
// a pupil out, to leave work undone.
func (b *builder) assess(ctx context.Context, c *classroom, period school.Period, skip func(pupil int, item evaluation.Item) bool) error {
	rules := evaluation.ForYear(c.Year)
	w := &writer{at: db.ClassPeriod{Year: c.Year, ClassID: c.ID, Period: period}, changes: map[*person][]db.CellChange{}}
	said := sayings{}
	for i, pupil := range c.roll {
		r := b.random("marks "+string(period), pupil.EnrolmentID)
		left := func(item evaluation.Item) bool { return skip != nil && skip(i, item) }
		for _, s := range rules.Subjects(pupil.Grade) {
			item := evaluation.Item(s)
			if pupil.Studies(rules, item) != evaluation.Required || left(item) || i == 0 && s == c.exempt {
				continue
			}
			level, mark := achieved(r, c.level[i])
			if c.level[i] == struggling && s == school.TiengViet { // not by chance: a story hangs on it
				level, mark = "C", 4
			}
			w.set(c.teacher(s), pupil.EnrolmentID, item, evaluation.FieldLevel, string(level))
			if rules.MarkAllowed(pupil.Grade, s, period) {
				w.set(c.teacher(s), pupil.EnrolmentID, item, evaluation.FieldMark, fmt.Sprint(mark))
			}
			w.set(c.teacher(s), pupil.EnrolmentID, item, evaluation.FieldRemark,
				said.remark(phrases.Place{Item: item, Grade: pupil.Grade, Level: level, Period: period}))
		}
		levels := map[evaluation.Item][]evaluation.Level{}
		for _, t := range rules.Traits(pupil.Grade) {
			if rules.Trait(pupil.Grade, t) == evaluation.Required && !left(t) {
				level := traitLevel(r, c.level[i])
				levels[t.Group()] = append(levels[t.Group()], evaluation.Level(level))
				w.set(c.homeroom, pupil.EnrolmentID, t, evaluation.FieldLevel, level)
			}
		}
		for _, group := range evaluation.RemarkGroups {
			if !left(group) {
				at := phrases.Place{Item: group, Grade: pupil.Grade, Level: phrases.GroupLevel(levels[group]), Period: period}
				w.set(c.homeroom, pupil.EnrolmentID, group, evaluation.FieldRemark, said.remark(at))
			}
		}
	}
	return b.save(ctx, w)
}

// Kinds of pupil, from the best.
const (
	excellent = iota
	good
	fair
	average
	struggling // does not complete the grade at the year's end
)

func achieved(r *rand.Rand, kind int) (evaluation.Level, int) {
	switch kind {
	case excellent:
		return "T", 9 + r.IntN(2)
	case good:
		return "T", 7 + r.IntN(3)
	case fair:
		if r.IntN(2) == 0 {
			return "T", 7 + r.IntN(2)
		}
		return "H", 6 + r.IntN(2)
	case struggling:
		if r.IntN(3) == 0 {
			return "C", 3 + r.IntN(2)
		}
	}
	return "H", 5 + r.IntN(2)
}

func traitLevel(r *rand.Rand, kind int) string {
	if kind <= good || kind == fair && r.IntN(3) > 0 {
		return "T"
	}
	return "Đ"
}
