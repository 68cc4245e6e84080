package db_test

import (
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
)

func stand(t *testing.T, d *dbtest.Database, c *dbtest.Cast, duty db.Duty) error {
	t.Helper()
	duty.Class = c.Class
	return d.As(t.Context(), c.Admin, func(tx *db.Tx) error { return tx.Substitute(t.Context(), duty) })
}

func may(day int) school.Date { return school.Date{Year: 2026, Month: 5, Day: day} }

// TestSubstitute_WritesFromTheFirstDayToTheLast: in the stretch the substitute
// writes and the teacher does not, before and after it the other way round, in
// the gradebook, in the navigation and as the owner of the part.
func TestSubstitute_WritesFromTheFirstDayToTheLast(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	toan := evaluation.Item(school.Toan)
	d.Exec(`INSERT INTO school.entry_window (school_id, school_year, period, opens_at, closes_at, created_at)
		VALUES ($1, $2, 'cn', '2026-05-01', '2026-06-30', '2026-05-01')`, c.School.ID, string(dbtest.Year))
	if err := stand(t, d, c, db.Duty{Subjects: []school.Subject{school.Toan}, AccountID: c.Minh.AccountID, From: may(21), To: may(22), Decision: "7/QĐ"}); err != nil {
		t.Fatal(err)
	}
	for _, day := range []struct {
		name       string
		huong, own bool
	}{{"20/05", true, false}, {"21/05", false, true}, {"22/05", false, true}, {"23/05", true, false}} {
		if day.name != "20/05" {
			d.Clock.Advance(24 * time.Hour)
		}
		for who, may := range map[string]bool{"huong": day.huong, "minh": day.own} {
			actor := c.Huong
			if who == "minh" {
				actor = c.Minh
			}
			res := save(t, d, actor, table(c, school.YearEnd), cell(c.Roll[0], toan, "remark", "", ""))[0]
			if (res.Fault == nil) != may {
				t.Errorf("%s %s: %v", day.name, who, res.Fault)
			}
			err := d.As(t.Context(), actor, func(tx *db.Tx) error {
				list, err := tx.TeacherAssignments(t.Context(), actor.AccountID, dbtest.Year)
				found := false
				for _, a := range list {
					found = found || a.Subject == school.Toan
				}
				if found != may {
					t.Errorf("%s %s: listed %v", day.name, who, found)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestSubstitute_NeedsDaysAndADecision(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	good := db.Duty{Subjects: []school.Subject{school.Toan}, AccountID: c.Minh.AccountID, From: may(21), To: may(25), Decision: "7/QĐ"}
	for name, c2 := range map[string]struct {
		change func(*db.Duty)
		code   string
	}{
		"last before first": {func(u *db.Duty) { u.To = may(20) }, "class.to"},
		"no last day":       {func(u *db.Duty) { u.To = school.Date{} }, "class.to"},
		"no decision":       {func(u *db.Duty) { u.Decision = " " }, "class.decision"},
		"the own subject":   {func(u *db.Duty) { u.AccountID = c.Huong.AccountID }, "class.substitute_self"},
		"another school":    {func(u *db.Duty) { u.AccountID = c.OtherTeacher.AccountID }, "class.teacher"},
	} {
		duty := good
		c2.change(&duty)
		if err := stand(t, d, c, duty); !fault.Is(err, c2.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := stand(t, d, c, good); err != nil {
		t.Fatal(err)
	}
	again := good
	again.From, again.To = may(25), may(28)
	if err := stand(t, d, c, again); !fault.Is(err, "class.substitute_twice") {
		t.Errorf("overlapping: %v", err)
	}
}

// TestEndSubstitute_GivesTheSubjectBackAtOnce, also before it began.
func TestEndSubstitute_GivesTheSubjectBackAtOnce(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	for _, from := range []school.Date{may(20), may(27)} {
		duty := db.Duty{AccountID: c.Minh.AccountID, From: from, To: may(29), Decision: "8/QĐ"}
		if err := stand(t, d, c, duty); err != nil {
			t.Fatal(err)
		}
		err := d.As(t.Context(), c.Admin, func(tx *db.Tx) error {
			history, err := tx.ClassHistory(t.Context(), c.Class.ID)
			if err != nil {
				return err
			}
			if history[0].Decision != "8/QĐ" || history[0].Subject != "" {
				t.Fatalf("the newest duty: %+v", history[0])
			}
			if err := tx.EndSubstitute(t.Context(), c.Class, "", history[0].ID); err != nil {
				return err
			}
			if err := tx.EndSubstitute(t.Context(), c.Class, "", history[0].ID); !fault.Is(err, "page.unknown") {
				t.Errorf("ended twice: %v", err)
			}
			class, err := tx.Class(t.Context(), dbtest.Year, c.Class.ID)
			if class.HomeroomID != c.Huong.AccountID {
				t.Errorf("the homeroom is %s's", class.HomeroomName)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
