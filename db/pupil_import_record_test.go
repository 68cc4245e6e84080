package db_test

import (
	"testing"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
)

// rollPupil is a pupil of the cast as a list would say it, with a change.
func rollPupil(t testing.TB, d *dbtest.Database, c *dbtest.Cast, n int, change func(*spreadsheet.Pupil)) spreadsheet.Pupil {
	t.Helper()
	var found spreadsheet.Pupil
	err := d.As(t.Context(), c.Admin, func(tx *db.Tx) error {
		books, err := tx.ImportBooks(t.Context(), dbtest.Year)
		for _, k := range books.Known {
			if k.ID == c.Roll[n].PupilID {
				found = k.Pupil
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	change(&found)
	return found
}

func stageOf(t testing.TB, d *dbtest.Database, id int64) (stage workflow.Stage, voids int) {
	t.Helper()
	err := d.Owner().QueryRow(`SELECT stage, (SELECT count(*) FROM school.record_void v WHERE v.record_id = r.id)
		FROM school.record r WHERE id = $1`, id).Scan(&stage, &voids)
	if err != nil {
		t.Fatal(err)
	}
	return stage, voids
}

func TestWriteImport_EndsTheSignaturesThatCoverWhatChanged(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	chain.Sign(t)
	choose := func(rows ...int) map[int]spreadsheet.Choice {
		choices := map[int]spreadsheet.Choice{}
		for i, n := range rows {
			choices[i+2] = spreadsheet.AsPupil(c.Roll[n].PupilID)
		}
		return choices
	}
	id := keepImport(t, d, c, listOf(dbtest.Year,
		rollPupil(t, d, c, 0, func(p *spreadsheet.Pupil) { p.Residence = "Tổ 9, phường Hải Sơn" }),
		rollPupil(t, d, c, 1, func(p *spreadsheet.Pupil) { p.Phone = "0905111222" }),
		rollPupil(t, d, c, 2, func(p *spreadsheet.Pupil) { p.ClassName = "4B" })))
	report := writeImport(t, d, c, id, dbtest.Year, choose(0, 1, 2))
	if report.Updated != 2 || report.Refused != 1 || report.Rows[2].Code != spreadsheet.CodeImportMoveSigned {
		t.Fatalf("report %+v", report)
	}
	if stage, voids := stageOf(t, d, chain.Records[0]); stage == workflow.HomeroomSigned || voids == 0 {
		t.Errorf("the record that says the residence is %s with %d voids", stage, voids)
	}
	for _, n := range []int{1, 2, 3} {
		if stage, voids := stageOf(t, d, chain.Records[n]); stage != workflow.HomeroomSigned || voids != 0 {
			t.Errorf("record %d is %s with %d voids: nothing it says changed", n, stage, voids)
		}
	}
}

func TestWriteImport_RefusesFactsOfAnIssuedRecord(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	chain.Issue(t)
	id := keepImport(t, d, c, listOf(dbtest.Year,
		rollPupil(t, d, c, 0, func(p *spreadsheet.Pupil) { p.Residence = "Tổ 9, phường Hải Sơn" }),
		rollPupil(t, d, c, 1, func(p *spreadsheet.Pupil) { p.Phone = "0905111222" })))
	report := writeImport(t, d, c, id, dbtest.Year, map[int]spreadsheet.Choice{2: spreadsheet.AsPupil(c.Roll[0].PupilID)})
	if report.Updated != 1 || report.Rows[0].Code != spreadsheet.CodeImportRecordIssued {
		t.Fatalf("report %+v", report)
	}
	if stage, voids := stageOf(t, d, chain.Records[0]); stage != workflow.Issued || voids != 0 {
		t.Errorf("the issued record is %s with %d voids", stage, voids)
	}
}
