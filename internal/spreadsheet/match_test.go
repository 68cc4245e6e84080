package spreadsheet

import (
	"reflect"
	"testing"

	"hocba/internal/school"
)

func knownPupil(id int64, change func(*Pupil)) Known {
	p := Pupil{Code: "4900000001", PersonalNo: "048220000001", FullName: "Alăng Thị Hường", BirthDate: school.Date{Year: 2020, Month: 4, Day: 5},
		Sex: school.Female, Ethnicity: "Cơ-tu", Phone: "0905123456", ClassName: "1A", Grade: 1}
	if change != nil {
		change(&p)
	}
	return Known{ID: id, Pupil: p}
}

func TestMatch_Verdicts(t *testing.T) {
	existing := []Known{
		knownPupil(1, nil),
		knownPupil(2, func(p *Pupil) {
			p.Code, p.PersonalNo, p.FullName, p.Phone = "4900000002", "048220000002", "Lê Văn An", ""
		}),
		knownPupil(3, func(p *Pupil) {
			p.Code, p.PersonalNo, p.FullName, p.ClassName = "", "", "Phạm Mai", "2B"
			p.BirthDate = school.Date{Year: 2019, Month: 11, Day: 3}
		}),
	}
	for name, c := range map[string]struct {
		base    int // the known pupil the row begins as
		change  func(*PupilRow)
		verdict Verdict
		code    string // of the first reason
		known   int64  // 0: a new pupil
	}{
		"identical": {0, func(*PupilRow) {}, Green, CodeMatchIdentical, 1},
		"new": {0, func(r *PupilRow) {
			r.Code, r.PersonalNo, r.FullName = "4999999999", "", "Ating Bền"
		}, Green, CodeMatchNew, 0},
		"fills an empty field":     {1, func(r *PupilRow) { r.Phone = "0905000000" }, Green, CodeMatchCompletes, 2},
		"empty erases nothing":     {0, func(r *PupilRow) { r.Phone, r.PersonalNo = "", "" }, Green, CodeMatchIdentical, 1},
		"overwrites":               {0, func(r *PupilRow) { r.Phone = "0905999999" }, Yellow, CodeMatchChanges, 1},
		"name apart":               {0, func(r *PupilRow) { r.FullName = "A Lăng Thị Hường" }, Yellow, CodeMatchSpelling, 1},
		"name without diacritics":  {0, func(r *PupilRow) { r.FullName = "Alang Thi Huong" }, Yellow, CodeMatchSpelling, 1},
		"name in capitals":         {0, func(r *PupilRow) { r.FullName = "ALĂNG THỊ HƯỜNG" }, Yellow, CodeMatchSpelling, 1},
		"other name":               {0, func(r *PupilRow) { r.FullName = "Lê Thị Hường" }, Yellow, CodeMatchName, 1},
		"other birth date":         {0, func(r *PupilRow) { r.BirthDate.Day = 6 }, Yellow, CodeMatchBirth, 1},
		"other person, same code":  {0, func(r *PupilRow) { r.FullName, r.BirthDate.Day = "Lê Ca", 6 }, Yellow, CodeMatchPerson, 1},
		"number differs":           {0, func(r *PupilRow) { r.PersonalNo = "048220999999" }, Yellow, CodeMatchNumberTaken, 1},
		"code differs":             {0, func(r *PupilRow) { r.Code = "4999999999" }, Yellow, CodeMatchCode, 1},
		"code of one, number of 2": {0, func(r *PupilRow) { r.PersonalNo = "048220000002" }, Red, CodeMatchTwoPupils, 0},
		"same name and birth date": {0, func(r *PupilRow) { r.Code, r.PersonalNo = "4999999999", "" }, Yellow, CodeMatchSameBirth, 1},
		"name one letter apart": {0, func(r *PupilRow) {
			r.Code, r.PersonalNo, r.FullName = "4999999999", "", "Alăng Thị Hương B"
		}, Yellow, CodeMatchSimilar, 1},
		"day and month exchanged": {2, func(r *PupilRow) {
			r.Code, r.ClassName, r.BirthDate = "4999999999", "2A", school.Date{Year: 2019, Month: 3, Day: 11}
		}, Yellow, CodeMatchSimilar, 3},
		"gets its code":   {2, func(r *PupilRow) { r.Code = "4999999999" }, Yellow, CodeMatchSameBirth, 3},
		"refused in file": {0, func(r *PupilRow) { r.Issues = []Issue{{Severity: Refused}} }, Red, CodeMatchRefused, 1},
		"doubtful in file": {0, func(r *PupilRow) {
			r.Issues = []Issue{{Severity: Note}, {Severity: Warning}}
		}, Yellow, CodeMatchDoubtful, 1},
		"only notes in file": {0, func(r *PupilRow) { r.Issues = []Issue{{Severity: Note}} }, Green, CodeMatchIdentical, 1},
	} {
		t.Run(name, func(t *testing.T) {
			row := PupilRow{Row: 9, Pupil: existing[c.base].Pupil}
			c.change(&row)
			m := MatchRow(existing, row)
			var id int64
			if m.Known != nil {
				id = m.Known.ID
			}
			if m.Verdict != c.verdict || len(m.Reasons) == 0 || m.Reasons[0].Code != c.code || id != c.known {
				t.Errorf("%s %+v known %d; want %s %s known %d", m.Verdict, m.Reasons, id, c.verdict, c.code, c.known)
			}
			for _, r := range m.Reasons {
				if Args(r.Code) == nil {
					t.Errorf("code %q is not listed", r.Code)
				}
			}
			if m.Known != nil && c.base == 2 && !m.IsNewPossible {
				t.Error("a new pupil is no choice")
			}
		})
	}
}

func TestDiff_CellByCell(t *testing.T) {
	old := knownPupil(1, nil).Pupil
	changed := old
	changed.Phone, changed.Father, changed.Grade, changed.Ethnicity = "0905999999", Relative{Name: "Alăng Cha", BirthYear: 1988}, 2, ""
	want := []Change{
		{FieldPhone, "0905123456", "0905999999"}, {FieldFatherName, "", "Alăng Cha"}, {FieldFatherYear, "", "1988"}, {FieldGrade, "1", "2"},
	}
	if got := Diff(old, changed); !reflect.DeepEqual(got, want) {
		t.Errorf("diff %v, want %v", got, want)
	}
}

// Values must know every field, or a difference would pass unseen.
func TestValues_CoverEveryField(t *testing.T) {
	count := 0
	var walk func(v reflect.Value, p *Pupil)
	walk = func(v reflect.Value, p *Pupil) {
		for i := range v.NumField() {
			f := v.Field(i)
			switch {
			case f.Type() == reflect.TypeFor[school.Date]():
				f.Set(reflect.ValueOf(school.Date{Year: 2020, Month: 4, Day: 5}))
			case f.Kind() == reflect.Struct:
				walk(f, p)
				continue
			case f.Kind() == reflect.Int:
				f.SetInt(3)
			default:
				f.SetString("03")
			}
			count++
			if got := len(Diff(Pupil{}, *p)); got != count {
				t.Errorf("%s is not in Values", v.Type().Field(i).Name)
				count = got
			}
		}
	}
	var p Pupil
	walk(reflect.ValueOf(&p).Elem(), &p)
}

func TestMatchAll_TwoRowsForOnePupil(t *testing.T) {
	existing := []Known{knownPupil(1, nil)}
	first := PupilRow{Row: 7, Pupil: existing[0].Pupil}
	second := PupilRow{Row: 8, Pupil: existing[0].Pupil}
	second.Code, second.PersonalNo = "4999999999", ""
	matches := NewMatcher(existing).MatchAll([]PupilRow{first, second})
	for i, other := range []string{"8", "7"} {
		last := matches[i].Reasons[len(matches[i].Reasons)-1]
		if matches[i].Verdict != Yellow || last.Code != CodeMatchClaimed || last.Args["other"] != other {
			t.Errorf("match %d: %s %+v", i, matches[i].Verdict, matches[i].Reasons)
		}
	}
}

func TestMatchAll_ImportingTwiceChangesNothing(t *testing.T) {
	s := readPupils(t, sample(t, "danh-sach-hoc-sinh.xlsx"), PupilOptions{})
	for _, m := range NewMatcher(nil).MatchAll(s.Rows) {
		if m.Verdict != Green || m.Reasons[0].Code != CodeMatchNew || !m.IsNewPossible {
			t.Fatalf("first import: %s %+v", m.Verdict, m.Reasons)
		}
	}
	var existing []Known
	for i, row := range s.Rows {
		existing = append(existing, Known{ID: int64(i + 1), Pupil: row.Pupil})
	}
	for i, m := range NewMatcher(existing).MatchAll(s.Rows) {
		if m.Verdict != Green || m.Reasons[0].Code != CodeMatchIdentical || m.Known.ID != int64(i+1) || len(m.Diff) != 0 {
			t.Fatalf("second import, row %d: %s %+v", s.Rows[i].Row, m.Verdict, m.Reasons)
		}
	}
}
