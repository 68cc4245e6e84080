package db_test

import (
	"testing"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/fault"
	"hocba/internal/workflow"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestAs_RefusesNobody(t *testing.T) {
	d := dbtest.New(t)
	err := d.As(t.Context(), workflow.Actor{}, func(*db.Tx) error { return nil })
	if fault.KindOf(err) != fault.Forbidden {
		t.Fatalf("a transaction opened for nobody: %v", err)
	}
}

func TestClasses_AreSeenInTheirOwnSchoolOnly(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	for _, actor := range []workflow.Actor{c.OtherPrincipal, c.OtherTeacher, c.Authority, c.CommuneClerk} {
		err := d.As(t.Context(), actor, func(tx *db.Tx) error {
			if _, err := tx.Class(t.Context(), dbtest.Year, c.Class.ID); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s read class 4A of a school that is not theirs: %v", actor.Name, err)
			}
			roll, err := tx.Roll(t.Context(), c.Class.ID)
			if len(roll) != 0 {
				t.Errorf("%s read %d pupils of a school that is not theirs", actor.Name, len(roll))
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	var names []string
	for _, r := range c.Roll {
		names = append(names, r.FullName)
	}
	if len(names) != 8 || names[0] != "Nguyễn Hoài An" || names[1] != "Trần Bảo An" || names[4] != "Phan Hữu Đức" {
		t.Errorf("roll not in the order of given names: %v", names)
	}
}

func TestCreatePupil_RefusesATakenCode(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	err := d.As(t.Context(), c.Admin, func(tx *db.Tx) error {
		_, err := tx.CreatePupil(t.Context(), db.Pupil{Code: c.Roll[0].Code, FullName: "Ai Đó",
			BirthDate: c.Roll[0].BirthDate, Sex: c.Roll[0].Sex})
		return err
	})
	if !fault.Is(err, "pupil.code_taken") {
		t.Fatalf("got %v", err)
	}
}

func TestPosts_EndWithTheirDay(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	last := dbtest.Year.Start()
	err := d.As(t.Context(), workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error {
		return tx.EndRole(t.Context(), c.Minh.AccountID, c.School.ID, workflow.Teacher, last)
	})
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[int]int{0: 1, 1: 0} {
		posts, err := d.Posts(t.Context(), c.Minh.AccountID, last.AddDays(day))
		if err != nil || len(posts) != want {
			t.Errorf("%d days after the last: %d posts, %v", day, len(posts), err)
		}
	}
}
