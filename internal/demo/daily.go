package demo

import (
	"context"
	"fmt"
	"time"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/profile"
	"hocba/internal/school"
)

// storyClass is 4A of the first school in the year under way, the class that
// people try first.
func (b *builder) storyClass() *classroom { return b.schools[0].classes[currentYear][3] }

// storyLate are the places on the story class's roll of those who have not
// completed the grade this June: one with a plan for the summer, one without.
func storyLate(c *classroom) []int {
	if len(c.roll) >= 20 {
		return []int{8, 19}
	}
	seat := len(c.roll) - 2
	for withoutMathematics(seat) || withoutTechnology(seat) { // their year has no result yet
		seat--
	}
	return []int{seat}
}

// withoutMathematics and withoutTechnology are the places on the story class's
// roll whose cells are left for people to fill.
func withoutMathematics(seat int) bool { return seat%12 == 5 }
func withoutTechnology(seat int) bool  { return seat%7 == 3 }

// fileEdit is a form of a pupil's file: one field, with why it changes.
type fileEdit struct {
	field profile.Field
	value string
	kind  profile.Kind
	paper profile.Paper
	from  string
	note  string
}

// keepFiles goes the round of the pupils' files at the start of the year: four
// in five are compared with the papers, families signed most sheets, a family
// moved, and a birth certificate names a unit that is no more.
func (b *builder) keepFiles(ctx context.Context, c *classroom) error {
	b.clock.at(school.Date{Year: 2026, Month: time.September, Day: 15}, 14, 0)
	today := school.DateOf(b.clock.Now())
	err := b.db.As(ctx, c.homeroom.Actor, func(tx *db.Tx) error {
		for i, p := range c.roll {
			key := db.ProfileKey{ClassID: c.ID, PupilID: p.PupilID}
			if i*5 < len(c.roll)*4 {
				if err := tx.TickProfile(ctx, c.Year, key, db.CheckFile, db.Tick{Done: true, On: today}); err != nil {
					return err
				}
			}
			if i*5 < len(c.roll)*3 {
				if err := tx.TickProfile(ctx, c.Year, key, db.CheckSheet, db.Tick{Done: true, On: today.AddDays(-2)}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	last := len(c.roll) - 1
	if err := b.editFile(ctx, c, 0, fileEdit{profile.Residence, "Tổ 14, " + c.house.Commune + ", thành phố Đà Nẵng", profile.Moved, profile.ResidencePaper,
		"10/09/2026", "Xác nhận thông tin về cư trú số 112"}); err != nil {
		return err
	}
	return b.editFile(ctx, c, last, fileEdit{profile.Birthplace, "Xã Đại Hiệp, huyện Đại Lộc, tỉnh Quảng Nam", profile.Correction,
		profile.BirthCertificate, "15/09/2026", "Giấy khai sinh số 45"})
}

// editFile saves a form of the homeroom teacher as the page would.
func (b *builder) editFile(ctx context.Context, c *classroom, seat int, e fileEdit) error {
	return b.db.As(ctx, c.homeroom.Actor, func(tx *db.Tx) error {
		id := c.roll[seat].PupilID
		p, err := tx.Pupil(ctx, id)
		if err != nil {
			return err
		}
		out, err := tx.SaveProfile(ctx, db.ProfileEdit{Year: c.Year, ProfileKey: db.ProfileKey{ClassID: c.ID, PupilID: id},
			Form: profile.Form{Old: p.File(), Typed: profile.File{e.field: e.value}, Kind: string(e.kind), Paper: string(e.paper), From: e.from, Note: e.note}})
		if err == nil && out.Refused() {
			err = fmt.Errorf("file of pupil %d: %v", id, out.Controls)
		}
		return err
	})
}

// leaveWork leaves what waits for somebody in the class's June: changes of a
// file that need a second person, and talks about cells.
func (b *builder) leaveWork(ctx context.Context, c *classroom) error {
	b.clock.at(school.Date{Year: 2027, Month: time.June, Day: 8}, 16, 30)
	seat := len(c.roll) / 2
	born := c.roll[seat].BirthDate.AddDays(1)
	if born.Year != c.roll[seat].BirthDate.Year { // the personal number says the year
		born = c.roll[seat].BirthDate.AddDays(-1)
	}
	if err := b.editFile(ctx, c, seat, fileEdit{profile.BirthDate, born.Vietnamese(), profile.Correction, profile.BirthCertificate, "08/06/2027",
		"Giấy khai sinh số 127; danh sách nhập đầu năm ghi lệch một ngày"}); err != nil {
		return err
	}
	about := func(seat int, s school.Subject, to db.NoteTo, body string) db.NewNote {
		return db.NewNote{Enrolment: c.roll[seat].EnrolmentID, Item: evaluation.Item(s), To: to, Body: body}
	}
	answered, err := b.talk(ctx, c, c.homeroom, about(1, school.AmNhac, db.ToOwner,
		"Em hát đúng giai điệu ở buổi tổng kết, thầy/cô xem giúp nhận xét cuối năm của em đã đủ ý chưa."))
	if err != nil {
		return err
	}
	if _, err := b.planSummer(ctx, c, c.roll[storyLate(c)[0]].EnrolmentID,
		"Mỗi tuần ba buổi tại trường: luyện lại phần chưa đạt của từng môn, làm bài ngắn rồi sửa ngay."); err != nil {
		return err
	}
	if _, err := b.talk(ctx, c, c.house.music, about(0, school.MiThuat, db.ToHomeroom, "Em nghỉ hai buổi cuối, cô cho biết em có sản phẩm bù không?")); err != nil {
		return err
	}
	closed, err := b.talk(ctx, c, c.house.principal, about(seat, school.Toan, db.ToOwner, "Điểm cuối năm thấp hơn giữa năm, cô xem lại bài kiểm tra của em."))
	if err != nil {
		return err
	}
	b.clock.at(school.Date{Year: 2027, Month: time.June, Day: 9}, 8, 10)
	for _, a := range []struct {
		by   *person
		note int64
		body string
	}{{c.house.music, answered, "Tôi đã xem, nhận xét của em đủ ý rồi."},
		{c.homeroom, closed, "Tôi đã xem lại bài, điểm đúng. Tôi đã trao đổi với gia đình em."}} {
		if err := b.db.As(ctx, a.by.Actor, func(tx *db.Tx) error { _, err := tx.AnswerNote(ctx, c.Year, a.note, a.body); return err }); err != nil {
			return err
		}
	}
	return b.db.As(ctx, c.house.principal.Actor, func(tx *db.Tx) error { _, err := tx.CloseNote(ctx, c.Year, closed); return err })
}

// talk begins a note about a pupil's year-end cell.
func (b *builder) talk(ctx context.Context, c *classroom, by *person, n db.NewNote) (id int64, err error) {
	n.Year, n.ClassID, n.Period = c.Year, c.ID, school.YearEnd
	err = b.db.As(ctx, by.Actor, func(tx *db.Tx) error {
		id, err = tx.WriteNote(ctx, n)
		return err
	})
	return id, err
}
