package handlers

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/sync/errgroup"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/school"
)

// classPapersAtOnce is how many papers of a class are asked for at a time: as
// many as the printer has tabs, so that others get their turn in between.
const classPapersAtOnce = 2

// showClassPapers hands out the papers of a class as files, in the order of
// the roll. Pupils whose record is not yet accepted have none and are left
// out; Conflict, paper.not_accepted, when that is everybody.
func (p *Portal) showClassPapers(r *request) error {
	classID, err := r.id("class")
	if err != nil {
		return err
	}
	records, err := p.classRecords(r, classID)
	if err != nil {
		return err
	}
	papers := make([][]byte, len(records))
	group, ctx := errgroup.WithContext(r.ctx())
	group.SetLimit(classPapersAtOnce)
	for i, rec := range records {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err() // another one failed
			}
			var err error
			if papers[i], _, err = p.recordPaper(r, rec); fault.Is(err, "paper.not_accepted") {
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	packed, err := packPapers(records, papers)
	if err != nil {
		return err
	}
	r.viewed("paper.class", classID)
	name := "hoc-ba-" + r.Param("year") + "-" + fileWord(records[0].Class.Name) + ".zip"
	r.Response().Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	return r.Blob(http.StatusOK, "application/zip", packed)
}

// classRecords loads the records of the class on the address for who may see
// the whole of each.
func (p *Portal) classRecords(r *request, classID int64) (records []*record.Record, err error) {
	year, err := r.year()
	if err != nil {
		return nil, err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		ids, err := tx.ClassRecordIDs(r.ctx(), classID)
		if err != nil {
			return err
		}
		records, err = tx.Records(r.ctx(), ids, false)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, rec := range records {
		if rec.General.Year != year || !r.readsPaper(rec) {
			return nil, fault.New(fault.NotFound, "page.unknown")
		}
	}
	if len(records) == 0 {
		return nil, fault.New(fault.NotFound, "page.unknown")
	}
	return records, nil
}

// packPapers puts the papers that exist into one file; Conflict,
// paper.not_accepted, when there is none. They are compressed already.
func packPapers(records []*record.Record, papers [][]byte) ([]byte, error) {
	var out bytes.Buffer
	z, n := zip.NewWriter(&out), 0
	for i, rec := range records {
		if papers[i] == nil {
			continue
		}
		n++
		w, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("%02d-%s.pdf", i+1, fileWord(rec.Pupil.Name)), Method: zip.Store})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(papers[i]); err != nil {
			return nil, err
		}
	}
	if n == 0 {
		return nil, fault.New(fault.Conflict, "paper.not_accepted")
	}
	err := z.Close()
	return out.Bytes(), err
}

// fileWord writes a name as every file system takes it.
func fileWord(name string) string {
	return strings.Join(strings.FieldsFunc(school.Fold(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-")
}
