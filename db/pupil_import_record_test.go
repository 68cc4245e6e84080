package db_test

import (
	"testing"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/profile"
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

func TestWriteImport_LeavesIssuedVersionsAsTheyAre(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	chain.Issue(t)
	id := keepImport(t, d, c, listOf(dbtest.Year,
		rollPupil(t, d, c, 0, func(p *spreadsheet.Pupil) { p.Residence = "Tổ 9, phường Hải Sơn" }),
		rollPupil(t, d, c, 1, func(p *spreadsheet.Pupil) { p.Phone = "0905111222" }),
		rollPupil(t, d, c, 2, func(p *spreadsheet.Pupil) { p.ClassName = "4B" })))
	report := writeImport(t, d, c, id, dbtest.Year, map[int]spreadsheet.Choice{2: spreadsheet.AsPupil(c.Roll[0].PupilID), 4: spreadsheet.AsPupil(c.Roll[2].PupilID)})
	if report.Updated != 2 || report.Rows[2].Code != spreadsheet.CodeImportRecordIssued {
		t.Fatalf("report %+v", report)
	}
	if stage, voids := stageOf(t, d, chain.Records[0]); stage != workflow.Issued || voids != 0 {
		t.Errorf("the issued record is %s with %d voids", stage, voids)
	}
}

func TestWriteImport_ProposesWhoAChildIsAndNotesTheRest(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	chain.Sign(t)
	change := func(p *spreadsheet.Pupil) {
		p.FullName, p.PersonalNo, p.Phone = "Nguyễn Hoài Ân", "048316000001", "0905111222"
	}
	choices := map[int]spreadsheet.Choice{2: spreadsheet.AsPupil(c.Roll[0].PupilID)}
	for range 2 { // the same list again adds no second proposal
		id := keepImport(t, d, c, listOf(dbtest.Year, rollPupil(t, d, c, 0, change)))
		if report := writeImport(t, d, c, id, dbtest.Year, choices); report.Updated != 1 {
			t.Fatalf("report %+v", report)
		}
	}
	if stage, voids := stageOf(t, d, chain.Records[0]); stage != workflow.HomeroomSigned || voids != 0 {
		t.Errorf("the record is %s with %d voids before anybody confirmed", stage, voids)
	}
	err := d.As(t.Context(), c.Principal, func(tx *db.Tx) error {
		p, err := tx.Pupil(t.Context(), c.Roll[0].PupilID)
		if err != nil || p.FullName != "Nguyễn Hoài An" || p.PersonalNo != "" || p.Phone != "0905111222" {
			t.Errorf("the file: %+v %v", p, err)
		}
		list, total, err := tx.WaitingChanges(t.Context(), 10)
		if err != nil || total != 2 || list[0].Paper != profile.List || list[0].ClassName != "4A" {
			t.Fatalf("waiting %+v of %d: %v", list, total, err)
		}
		history, err := tx.ProfileHistory(t.Context(), p.ID)
		if err != nil || len(history) != 3 {
			t.Errorf("history %+v: %v", history, err)
		}
		for _, l := range list {
			if _, err := tx.DecideChange(t.Context(), l.ID, true, ""); err != nil {
				t.Fatal(err)
			}
		}
		p, err = tx.Pupil(t.Context(), p.ID)
		if p.FullName != "Nguyễn Hoài Ân" || p.PersonalNo != "048316000001" {
			t.Errorf("the file after the confirmation: %+v", p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if stage, voids := stageOf(t, d, chain.Records[0]); stage != workflow.PartSigned || voids != 1 {
		t.Errorf("the record is %s with %d voids after the confirmation", stage, voids)
	}
}
