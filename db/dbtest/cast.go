package dbtest

import (
	"context"
	"sync"
	"testing"

	"hocba/db"
	"hocba/internal/password"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// Password is the password of everybody in the cast.
const Password = "mat-khau-thu-2026"

// Year is the school year in which the cast works.
const Year = school.Year("2025-2026")

// Cast is the shared company of invented people in which stories are told: a
// Sở, a commune, the school Hoa Phượng with class 4A (homeroom teacher Hương,
// music by Minh), and a second school that must never be seen from the first.
type Cast struct {
	Department, Commune, School, OtherSchool school.Unit
	Class, OtherClass                        db.Class
	// Actors in the role each wears.
	Huong, Minh, Principal, Deputy, Admin, Authority, CommuneClerk, OtherPrincipal, OtherTeacher workflow.Actor
	// Roll of 4A in its order: eight pupils.
	Roll []db.RollRow
}

// MinhSubjects are the subjects that the teacher Minh gives in 4A; Hương gives
// the rest that grade 4 must have.
var MinhSubjects = []school.Subject{school.AmNhac, school.MiThuat}

// HuongSubjects are the subjects that the homeroom teacher Hương gives in 4A.
var HuongSubjects = []school.Subject{
	school.TiengViet, school.Toan, school.NgoaiNgu1, school.LichSuDiaLi, school.KhoaHoc, school.TinHoc, school.CongNghe,
	school.DaoDuc, school.GiaoDucTheChat, school.HoatDongTraiNghiem,
}

var castPupils = []struct {
	code, name, birth string
	sex               school.Sex
}{
	{"4900000001", "Nguyễn Hoài An", "2016-01-05", school.Female},
	{"4900000002", "Trần Bảo An", "2016-02-11", school.Male},
	{"4900000003", "Lê Quỳnh Anh", "2016-03-20", school.Female},
	{"4900000004", "Nguyễn Khánh Chi", "2016-03-14", school.Female},
	{"4900000005", "Phan Hữu Đức", "2016-07-30", school.Male},
	{"4900000006", "Bh'nướch Thị Lan", "2016-09-02", school.Female},
	{"4900000007", "Công Tằng Tôn Nữ Uyên Nhi", "2016-10-10", school.Female},
	{"4900000008", "Zơrâm Nhiên", "2016-12-24", school.Male},
}

// NewCast seats the company in a fresh database of the test.
func NewCast(t testing.TB, d *Database) *Cast {
	t.Helper()
	ctx := t.Context()
	hash, err := castHash()
	if err != nil {
		t.Fatalf("hash the cast's password: %v", err)
	}
	c := &Cast{}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("seat the cast: %v", err)
		}
	}
	system := workflow.Actor{Kind: workflow.System}
	must(d.As(ctx, system, func(tx *db.Tx) error {
		from := school.Date{Year: 2025, Month: 7, Day: 1}
		unit := func(u *school.Unit, parent *school.Unit, code, name string, kind school.UnitKind, levels string) {
			*u = school.Unit{Code: code, Name: name, Kind: kind, Levels: levels, ValidFrom: from,
				Commune: "Phường Hải Sơn", Province: "Thành phố Đà Nẵng"}
			if parent != nil {
				u.ParentID = &parent.ID
			}
			var err error
			u.ID, err = tx.CreateUnit(ctx, *u)
			must(err)
		}
		unit(&c.Department, nil, "48", "Sở GD&ĐT Đà Nẵng", school.Department, "")
		unit(&c.Commune, &c.Department, "48001", "Phường Hải Sơn", school.Commune, "")
		unit(&c.School, &c.Commune, "48001TH01", "Trường Tiểu học Hoa Phượng", school.School, "TH")
		unit(&c.OtherSchool, &c.Commune, "48001TH02", "Trường Tiểu học Suối Mơ", school.School, "TH")
		person := func(username, name, teacher string, u school.Unit, role workflow.Role) workflow.Actor {
			id, err := tx.CreateAccount(ctx, db.NewAccount{Username: username, FullName: name, TeacherCode: teacher, PasswordHash: hash})
			must(err)
			must(tx.GrantRole(ctx, id, u.ID, role, from))
			a := workflow.Actor{Kind: workflow.Person, AccountID: id, TeacherCode: teacher, Name: name, Role: role,
				UnitID: u.ID, UnitCode: u.Code}
			if u.Kind == school.School {
				a.SchoolID = u.ID
			}
			return a
		}
		c.Huong = person("huong", "Nguyễn Thị Mai Hương", "GV4800001", c.School, workflow.Teacher)
		c.Minh = person("minh", "Đoàn Nhật Minh", "GV4800002", c.School, workflow.Teacher)
		c.Principal = person("thuan", "Hoàng Văn Thuận", "GV4800003", c.School, workflow.Principal)
		c.Deputy = person("halt", "Lê Thị Hà", "GV4800004", c.School, workflow.Deputy)
		c.Admin = person("quantri", "Võ Quản Trị", "", c.School, workflow.SchoolAdmin)
		c.Authority = person("sogd", "Đặng Quốc Bảo Sơn", "", c.Department, workflow.Authority)
		c.CommuneClerk = person("haison", "Phạm Thị Xuân", "", c.Commune, workflow.MiddleAuthority)
		c.OtherPrincipal = person("khac", "Trần Hiệu Trưởng", "GV4800011", c.OtherSchool, workflow.Principal)
		c.OtherTeacher = person("gvkhac", "Bùi Giáo Viên", "GV4800012", c.OtherSchool, workflow.Teacher)
		return nil
	}))
	c.Class = c.seatClass(ctx, t, d, c.Admin.SchoolID, c.Huong)
	c.OtherClass = c.seatClass(ctx, t, d, c.OtherSchool.ID, c.OtherTeacher)
	must(d.As(ctx, c.Huong, func(tx *db.Tx) error {
		var err error
		c.Roll, err = tx.Roll(ctx, c.Class.ID)
		return err
	}))
	return c
}

// seatClass makes class 4A in a school, with its pupils and teachers.
func (c *Cast) seatClass(ctx context.Context, t testing.TB, d *Database, schoolID int64, homeroom workflow.Actor) db.Class {
	t.Helper()
	var class db.Class
	prefix := ""
	if schoolID == c.OtherSchool.ID {
		prefix = "9"
	}
	from := school.Date{Year: 2025, Month: 9, Day: 5}
	err := d.As(ctx, workflow.Actor{Kind: workflow.System, SchoolID: schoolID}, func(tx *db.Tx) error {
		id, err := tx.CreateClass(ctx, db.Class{Year: Year, Code: "4A", Name: "4A", Grades: []int64{4},
			BookKind: school.Digital, Language: "Tiếng Anh"})
		if err != nil {
			return err
		}
		for _, p := range castPupils {
			birth, err := school.ParseDate(p.birth)
			if err != nil {
				return err
			}
			pupil, err := tx.CreatePupil(ctx, db.Pupil{Code: prefix + p.code, FullName: p.name, BirthDate: birth, Sex: p.sex,
				Ethnicity: "Kinh", Birthplace: "Đà Nẵng", Hometown: "Đà Nẵng", Residence: "Phường Hải Sơn, thành phố Đà Nẵng",
				FatherName: "Cha Của Em", MotherName: "Mẹ Của Em"})
			if err != nil {
				return err
			}
			_, err = tx.Enrol(ctx, db.NewEnrolment{Year: Year, ClassID: id, PupilID: pupil, Grade: 4, Status: "01", From: from})
			if err != nil {
				return err
			}
		}
		if err := tx.AssignHomeroom(ctx, id, homeroom.AccountID, from); err != nil {
			return err
		}
		for _, s := range HuongSubjects {
			if err := tx.Assign(ctx, id, s, homeroom.AccountID, from); err != nil {
				return err
			}
		}
		music := c.Minh
		if schoolID == c.OtherSchool.ID {
			music = homeroom
		}
		for _, s := range MinhSubjects {
			if err := tx.Assign(ctx, id, s, music.AccountID, from); err != nil {
				return err
			}
		}
		class, err = tx.Class(ctx, Year, id)
		return err
	})
	if err != nil {
		t.Fatalf("seat a class: %v", err)
	}
	return class
}

// castHash makes the hash once a test program: it costs 25 ms.
var castHash = sync.OnceValues(func() (string, error) {
	return password.Hash(context.Background(), Password)
})
