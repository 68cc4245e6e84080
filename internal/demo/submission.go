package demo

import (
	"context"
	"fmt"
	"time"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/certificate"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/software"
)

// openRegistry gives the registry the key that signs its receipts.
func (b *builder) openRegistry(ctx context.Context) error {
	key, err := software.Generate(signing.ECDSASHA256)
	if err != nil {
		return err
	}
	cert, err := b.ca.Issue(demo.Request{Kind: demo.Receipt, Name: "Cơ sở dữ liệu học bạ – " + b.so.Name, Organization: b.so.Name,
		TaxCode: "0400000048", NotBefore: b.clock.Now().AddDate(0, 0, -1), NotAfter: b.clock.Now().AddDate(5, 0, 0), PublicKey: key.Public()})
	if err != nil {
		return err
	}
	blob, err := registry.SealReceiptKey(b.Secret, key)
	if err != nil {
		return err
	}
	if err := b.db.KeepReceiptKey(ctx, cert, blob); err != nil {
		return err
	}
	receipts, err := b.db.ReceiptKey(ctx, registry.Keys{Secret: b.Secret})
	if err != nil {
		return err
	}
	b.registrar = db.NewRegistrar(b.db, receipts)
	b.office = jobs.Submission{DB: b.db, Registry: b.registrar}
	return nil
}

func date(y int, m time.Month, d int) school.Date { return school.Date{Year: y, Month: m, Day: d} }

// openClosing opens the time for chốt as the Sở does.
func (b *builder) openClosing(ctx context.Context, y school.Year, t school.Track, from, to school.Date) error {
	return b.registrar.SetClosingTime(ctx, b.clerk.Actor, db.ClosingTimeChange{Year: y, Track: t, Opens: from.Start(), Ends: to.Start(),
		DecisionNo: fmt.Sprintf("%d/QĐ-SGDĐT", 100+int(t)), DecisionDate: from})
}

// send submits a class as its principal, after the administrator prepared it.
func (b *builder) send(ctx context.Context, c *classroom, t school.Track) error {
	at := jobs.ClassTrack{Year: c.Year, ClassID: c.ID, Track: t}
	if err := b.office.Prepare(ctx, c.house.admin.Actor, at, nil); err != nil {
		return err
	}
	_, err := b.office.Send(ctx, c.house.principal.Actor, at, nil, c.house.seal)
	return err
}

// close closes a class and track as its principal; pupils of the other track
// are listed as not yet complete.
func (b *builder) close(ctx context.Context, c *classroom, t school.Track) error {
	at := jobs.ClassTrack{Year: c.Year, ClassID: c.ID, Track: t}
	reasons := map[string]bundle.AbsenceReason{}
	for i, p := range c.roll {
		if t == school.TrackJune && c.level[i] == struggling {
			reasons[p.Code] = bundle.NotComplete
		}
	}
	_, err := b.office.Close(ctx, c.house.principal.Actor, at, reasons, c.house.seal)
	return err
}

// submitPastYear tells June and the summer of the year that is over: one
// record refused, one replaced, one recalled, one on the second track; most
// classes closed by their principals, what was left locked by date.
func (b *builder) submitPastYear(ctx context.Context, classes []*classroom) error {
	replaced, recalled := b.schools[0].classes[pastYear][3], b.schools[1].classes[pastYear][2]
	b.clock.at(date(2026, time.June, 8), 9, 0)
	for _, c := range classes {
		if err := b.send(ctx, c, school.TrackJune); err != nil {
			return fmt.Errorf("send class %s of %s: %w", c.Name, c.house.Code, err)
		}
	}
	b.clock.at(date(2026, time.June, 12), 10, 0)
	if err := b.replaceOne(ctx, replaced); err != nil {
		return fmt.Errorf("replace a record: %w", err)
	}
	b.clock.at(date(2026, time.June, 15), 10, 0)
	err := b.each(ctx, recalled, only(0), func(id int64) error {
		h := recalled.house
		_, err := b.office.Recall(ctx, h.principal.Actor, id, "Ghi nhầm nhận xét môn Đạo đức của em khác.", h.seal)
		return err
	})
	if err != nil {
		return fmt.Errorf("recall a record: %w", err)
	}
	b.clock.at(date(2026, time.June, 22), 15, 0)
	for _, c := range classes {
		if c == recalled || c == b.refusing() {
			continue // left to the Sở's day
		}
		if err := b.close(ctx, c, school.TrackJune); err != nil {
			return fmt.Errorf("close class %s of %s: %w", c.Name, c.house.Code, err)
		}
	}
	b.clock.at(date(2026, time.June, 30), 0, 5)
	if err := b.registrar.LockDue(ctx); err != nil {
		return err
	}
	if err := b.listen(ctx); err != nil {
		return err
	}
	if err := b.revokeOne(ctx, b.schools[0].classes[pastYear][1]); err != nil {
		return fmt.Errorf("revoke a record: %w", err)
	}
	if err := b.summer(ctx, b.lateChild(pastYear), lateSeat); err != nil {
		return fmt.Errorf("tell the summer: %w", err)
	}
	return b.listen(ctx)
}

// refusing is the class of which the registry refuses one record.
func (b *builder) refusing() *classroom { return b.schools[1].classes[pastYear][4] }

// listen lets every school hear what the registry has done.
func (b *builder) listen(ctx context.Context) error {
	for _, h := range b.schools {
		if err := b.office.SyncEvents(ctx, h.ID); err != nil {
			return err
		}
	}
	return nil
}

func only(n int) func(int) bool { return func(i int) bool { return i == n } }

// issuePast issues a class; of one class one record is sealed with a
// certificate that turned out to be lost: the Sở ends its approval as of the
// morning, and the registry refuses the record.
func (b *builder) issuePast(ctx context.Context, c *classroom, picked func(int) bool) error {
	if c != b.refusing() {
		return b.issue(ctx, c, picked)
	}
	if err := b.issue(ctx, c, func(i int) bool { return i != 1 && picked(i) }); err != nil {
		return err
	}
	key, err := software.Generate(signing.ECDSASHA256)
	if err != nil {
		return err
	}
	cert, err := b.ca.Issue(demo.Request{Kind: demo.Seal, Name: c.house.Name, Organization: c.house.Name,
		TaxCode: fmt.Sprintf("04%08d", c.house.ID), NotBefore: b.clock.Now().AddDate(0, 0, -1), NotAfter: b.clock.Now().AddDate(3, 0, 0),
		PublicKey: key.Public()})
	if err != nil {
		return err
	}
	lost := jobs.Pen{Certificate: cert, Key: key}
	if err := b.keepSeal(ctx, lost, c.house.ID); err != nil {
		return err
	}
	approved := b.clock.Now()
	err = b.each(ctx, c, only(1), func(id int64) error {
		return b.desk.Issue(ctx, c.house.principal.Actor, id, c.house.place, lost)
	})
	if err != nil {
		return err
	}
	return b.db.As(ctx, b.system, func(tx *db.Tx) error {
		kept, err := tx.SealCertificate(ctx, c.house.ID) // the newest
		if err != nil {
			return err
		}
		return tx.NoteCertificate(ctx, kept.ID, certificate.Event{Kind: certificate.Ended, AccountID: b.clerk.AccountID, Reason: "lost",
			Note: "Thất lạc thiết bị chứa khóa con dấu", Effective: approved, At: tx.Now})
	})
}

// replaceOne corrects a remark of the first pupil of a class after acceptance:
// the principal opens a replacement and returns the part, its teacher changes
// it and signs again, and so up the chain to a second version.
func (b *builder) replaceOne(ctx context.Context, c *classroom) error {
	h := c.house
	if err := b.openEntry(ctx, pastYear, school.YearEnd, 20, "Sửa học bạ đã phát hành theo đề nghị của giáo viên"); err != nil {
		return err
	}
	err := b.each(ctx, c, only(0), func(id int64) error {
		return b.office.Replace(ctx, h.principal.Actor, id, "Nhận xét môn Toán chưa đúng với em.")
	})
	if err != nil {
		return err
	}
	return b.mend(ctx, c, 0, remark{school.Toan, "Có tiến bộ rõ ở phép chia cho số có hai chữ số."})
}

// rewrite changes a remark as the teacher whose it is.
func (b *builder) rewrite(ctx context.Context, c *classroom, enrolment int64, item evaluation.Item, text string) error {
	t := c.homeroom
	if s, ok := item.Subject(); ok {
		t = c.teacher(s)
	}
	at := db.ClassPeriod{Year: c.Year, ClassID: c.ID, Period: school.YearEnd}
	return b.db.As(ctx, t.Actor, func(tx *db.Tx) error {
		book, err := tx.Gradebook(ctx, at, []evaluation.Item{item})
		if err != nil {
			return err
		}
		for _, row := range book.Rows {
			if row.EnrolmentID != enrolment {
				continue
			}
			results, err := tx.SaveCells(ctx, at, []db.CellChange{{Old: row.Entries[item].Remark, New: text,
				CellRef: db.CellRef{Enrolment: enrolment, Item: item, Field: evaluation.FieldRemark}}})
			if err == nil && results[0].Fault != nil {
				err = results[0].Fault
			}
			return err
		}
		return fault.New(fault.NotFound, "cell.pupil")
	})
}

// submitCurrentYear sends what the first school has ready: one class closed,
// one accepted; the third waits for its principal.
func (b *builder) submitCurrentYear(ctx context.Context, first []*classroom) error {
	b.clock.at(date(2027, time.June, 7), 9, 30)
	if err := b.openClosing(ctx, currentYear, school.TrackJune, date(2027, time.June, 5), date(2027, time.June, 30)); err != nil {
		return err
	}
	for _, c := range first[:2] {
		if err := b.send(ctx, c, school.TrackJune); err != nil {
			return err
		}
	}
	b.clock.at(date(2027, time.June, 8), 10, 0)
	if err := b.close(ctx, first[0], school.TrackJune); err != nil {
		return err
	}
	b.clock.at(date(2027, time.June, 9), 9, 15)
	err := b.ask(ctx, first[0], 0, jobs.Grounds{Reason: "Số ngày nghỉ có phép ghi nhầm của em khác.",
		Evidence: "Biên bản số 15/BB-TH ngày 09/06/2027, kèm sổ điểm danh."})
	if err != nil {
		return fmt.Errorf("ask for a revocation: %w", err)
	}
	at := jobs.ClassTrack{Year: currentYear, ClassID: first[2].ID, Track: school.TrackJune}
	if err := b.office.Prepare(ctx, first[2].house.admin.Actor, at, nil); err != nil {
		return err
	}
	return b.listen(ctx)
}
