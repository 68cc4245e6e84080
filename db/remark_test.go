package db_test

import (
	"context"
	"strings"
	"testing"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/remark"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

var phrase = remark.Phrase{Code: "TN", Item: toan, From: 3, To: 5, Level: "T", Periods: []school.Period{school.YearEnd}, Text: "Tính nhẩm nhanh."}

func addPhrase(t testing.TB, d *dbtest.Database, as workflow.Actor, p remark.Phrase) (id int64, err error) {
	t.Helper()
	err = d.As(context.Background(), as, func(tx *db.Tx) error {
		id, err = tx.CreatePhrase(context.Background(), p)
		return err
	})
	return id, err
}

func phrasesOf(t testing.TB, d *dbtest.Database, as workflow.Actor) (out []db.KeptPhrase) {
	t.Helper()
	err := d.As(context.Background(), as, func(tx *db.Tx) (err error) {
		out, err = tx.KeptPhrases(context.Background(), "")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestKeptPhrases_AreOnesOwnAndTheSchools(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	for _, as := range []workflow.Actor{c.Huong, c.Principal, c.OtherTeacher} {
		if _, err := addPhrase(t, d, as, phrase); err != nil {
			t.Fatal(err)
		}
	}
	got := phrasesOf(t, d, c.Huong)
	if len(got) != 2 || got[0].Source != remark.Own || got[1].Source != remark.Shared || got[0].Text != phrase.Text ||
		got[0].Periods[0] != school.YearEnd || got[1].By != c.Principal.Name {
		t.Errorf("Hương sees %+v", got)
	}
	if got := phrasesOf(t, d, c.Minh); len(got) != 1 || got[0].Source != remark.Shared {
		t.Errorf("Minh sees %+v", got)
	}
	if got := phrasesOf(t, d, c.OtherPrincipal); len(got) != 0 {
		t.Errorf("another school sees %+v", got)
	}
	// The wall stands in the database: no query reads a colleague's phrase.
	var n int
	err := d.As(t.Context(), c.Minh, func(tx *db.Tx) error {
		return tx.GetContext(t.Context(), &n, `SELECT count(*) FROM school.remark_phrase`)
	})
	if err != nil || n != 1 {
		t.Errorf("Minh can read %d rows: %v", n, err)
	}
}

func TestPhrase_IsChangedByItsKeeperAlone(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	own, err := addPhrase(t, d, c.Huong, phrase)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := addPhrase(t, d, c.Admin, phrase)
	if err != nil {
		t.Fatal(err)
	}
	next := phrase
	next.Text = "Tính nhẩm nhanh, chính xác."
	change := func(as workflow.Actor, id int64, revision int) string {
		return fault.CodeOf(d.As(t.Context(), as, func(tx *db.Tx) error { return tx.UpdatePhrase(t.Context(), id, revision, next) }))
	}
	for _, step := range []struct {
		as       workflow.Actor
		id       int64
		revision int
		want     string
	}{
		{c.Minh, own, 1, "phrase.unknown"}, {c.Principal, own, 1, "phrase.unknown"}, {c.Huong, shared, 1, "phrase.unknown"},
		{c.OtherPrincipal, shared, 1, "phrase.unknown"}, {c.Deputy, shared, 1, "phrase.unknown"},
		{c.Huong, own, 1, ""}, {c.Huong, own, 1, "phrase.changed"}, {c.Huong, own, 2, ""}, {c.Principal, shared, 1, ""},
	} {
		if got := change(step.as, step.id, step.revision); got != step.want {
			t.Errorf("%s changes phrase %d over revision %d: %q, want %q", step.as.Name, step.id, step.revision, got, step.want)
		}
	}
	end := func(as workflow.Actor, id int64) string {
		return fault.CodeOf(d.As(t.Context(), as, func(tx *db.Tx) error { return tx.EndPhrase(t.Context(), id) }))
	}
	if got := end(c.Minh, own); got != "phrase.unknown" {
		t.Errorf("Minh ends Hương's phrase: %q", got)
	}
	if got := end(c.Huong, own); got != "" || len(phrasesOf(t, d, c.Huong)) != 1 {
		t.Errorf("an ended phrase: %q", got)
	}
	if _, err := addPhrase(t, d, c.Huong, phrase); err != nil {
		t.Errorf("its code is free again: %v", err)
	}
}

func TestCreatePhrase_RefusesATakenCode(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	if _, err := addPhrase(t, d, c.Huong, phrase); err != nil {
		t.Fatal(err)
	}
	if _, err := addPhrase(t, d, c.Huong, phrase); fault.CodeOf(err) != "phrase.code_taken" {
		t.Errorf("the code again: %v", err)
	}
	other := phrase
	other.Item = music
	if _, err := addPhrase(t, d, c.Huong, other); err != nil {
		t.Errorf("the code for another item: %v", err)
	}
	if _, err := addPhrase(t, d, c.Minh, phrase); err != nil {
		t.Errorf("the code in another bank: %v", err)
	}
}

func TestPhrase_RowsAreNeverDeleted(t *testing.T) {
	d := dbtest.New(t)
	if _, err := d.AsPortal().Exec(`DELETE FROM school.remark_phrase`); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("DELETE: %v", err)
	}
	if _, err := d.AsPortal().Exec(`UPDATE school.remark_phrase SET account_id = 1`); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("UPDATE of the owner: %v", err)
	}
}

func TestClassRemarks_KnowsLevelsAndThePeriodBefore(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.MidSecond)
	openWindow(d, c, school.YearEnd)
	chi := c.Roll[3]
	group := evaluation.RemarkQualities
	save(t, d, c.Huong, table(c, school.MidSecond), cell(chi, toan, evaluation.FieldLevel, "", "H"), cell(chi, toan, evaluation.FieldRemark, "", "Tính đúng."))
	save(t, d, c.Huong, table(c, school.YearEnd), cell(chi, toan, evaluation.FieldLevel, "", "T"), cell(chi, toan, evaluation.FieldRemark, "", "Khánh Chi và Đức tính nhanh."),
		cell(chi, evaluation.YeuNuoc, evaluation.FieldLevel, "", "T"), cell(chi, evaluation.NhanAi, evaluation.FieldLevel, "", "Đ"))
	var got db.ClassRemarks
	err := d.As(t.Context(), c.Huong, func(tx *db.Tx) (err error) {
		got, err = tx.ClassRemarks(t.Context(), table(c, school.YearEnd))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	row := got.Rows[3]
	if row.Level(toan) != "T" || row.Level(group) != "Đ" || got.Teachers[school.AmNhac] != c.Minh.Name {
		t.Errorf("levels %q and %q, music by %q", row.Level(toan), row.Level(group), got.Teachers[school.AmNhac])
	}
	if past := got.Past(chi.EnrolmentID, toan); past.Level != "H" || past.Remark != "Tính đúng." {
		t.Errorf("the period before: %+v", past)
	}
	found := got.Check(true, nil)
	if len(found) != 1 || found[0].Code != remark.OtherPupil || found[0].Args["name"] != "Phan Hữu Đức" {
		t.Errorf("found %+v", found)
	}
	ref := db.CellRef{Enrolment: chi.EnrolmentID, Item: toan, Field: evaluation.FieldRemark}
	if found := got.Check(true, map[db.CellRef]string{ref: "Tính nhanh."}); len(found) != 0 {
		t.Errorf("with another text: %+v", found)
	}
}
