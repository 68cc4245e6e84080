package profile

import (
	"slices"
	"strings"
	"testing"

	"hocba/internal/fault"
	"hocba/internal/school"
)

var today = school.Date{Year: 2026, Month: 5, Day: 20}

// child is a complete file.
func child() File {
	return File{FullName: "Nguyễn Khánh Chi", Sex: "nu", BirthDate: "2016-03-14", PersonalNo: "048316001234", Ethnicity: "Kinh", Nationality: "Việt Nam",
		Birthplace: "Phường Hải Sơn, thành phố Đà Nẵng", Hometown: "Đà Nẵng", Residence: "Tổ 3, phường Hải Sơn, thành phố Đà Nẵng", MotherName: "Trần Thị Lan"}
}

func (f File) with(field Field, value string) File {
	f[field] = value
	return f
}

func TestGaps_NameWhatAFileLacks(t *testing.T) {
	t.Parallel()
	if gaps := child().Gaps(); len(gaps) != 0 {
		t.Fatalf("a complete file lacks %v", gaps)
	}
	for _, c := range []struct {
		field Field
		value string
		at    Field
		code  string
	}{
		{PersonalNo, "", PersonalNo, "profile.gap_empty"},
		{PersonalNo, "048216001234", PersonalNo, "profile.gap_number"}, // a boy's
		{Birthplace, "", Birthplace, "profile.gap_empty"},
		{Birthplace, "Xã Đại Hồng, huyện Đại Lộc, tỉnh Quảng Nam", Birthplace, "profile.gap_former"},
		{Birthplace, "Bệnh viện huyện", Birthplace, "profile.gap_place"},
		{Residence, "Thành phố Đà Nẵng", Residence, "profile.gap_commune"},
		{Residence, "Phường An Mỹ, Quảng Nam", Residence, "profile.gap_former"},
		{MotherName, "", GuardianName, "profile.gap_parents"},
		{Ethnicity, "", Ethnicity, "profile.gap_empty"},
	} {
		gaps := child().with(c.field, c.value).Gaps()
		if len(gaps) != 1 || gaps[0].Field != c.at || gaps[0].Code != c.code {
			t.Errorf("%s = %q lacks %v, want %s at %s", c.field, c.value, gaps, c.code, c.at)
		}
	}
	abroad := child().with(Nationality, "Lào").with(Birthplace, "Viêng Chăn, Lào")
	if gaps := abroad.Gaps(); len(gaps) != 0 {
		t.Errorf("born abroad: %v", gaps)
	}
}

func TestClean_RefusesWhatAFieldCannotHold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field       Field
		typed, want string
		code        string
	}{
		{FullName, "  Nguyễn  Khánh Chi ", "Nguyễn Khánh Chi", ""},
		{FullName, "", "", "profile.required"},
		{FullName, "Chi 4A", "", "profile.name"},
		{BirthDate, "14/3/2016", "2016-03-14", ""},
		{BirthDate, "31/02/2016", "", "profile.date"},
		{BirthDate, "14/3/1990", "", "profile.age"},
		{PersonalNo, "048 316 001234", "048316001234", ""},
		{PersonalNo, "48316001234", "", "profile.personal_no"},
		{Sex, "x", "", "profile.sex"},
		{Ethnicity, "Cơ-tu", "Cơ-tu", ""},
		{Ethnicity, "Sao Hỏa", "", "profile.ethnicity"},
		{FatherBirth, "2020", "", "profile.year"},
		{FatherBirth, "1985", "1985", ""},
		{Phone, "gọi sau 17h", "", "profile.phone"},
		{Phone, "0905 111 222", "0905 111 222", ""},
		{MotherName, "", "", ""},
	} {
		got, err := c.field.Clean(c.typed, today)
		if c.code == "" && (err != nil || got != c.want) || c.code != "" && !fault.Is(err, c.code) {
			t.Errorf("%s %q: %q, %v; want %q %s", c.field, c.typed, got, err, c.want, c.code)
		}
	}
}

// form is a form that changes some fields of child.
func form(kind Kind, paper Paper, from string, typed File) Form {
	return Form{Old: child(), Typed: typed, Kind: string(kind), Paper: string(paper), From: from, Today: today}
}

func TestDecide_WhoTheChildIsNeedsASecondPerson(t *testing.T) {
	t.Parallel()
	changes, reason, no := Decide(child(), form(Correction, BirthCertificate, "14/03/2016",
		File{FullName: "Nguyễn Khánh Tri", Residence: "Tổ 9, phường Hải Sơn, Đà Nẵng", Ethnicity: "Kinh"}))
	want := []Change{{FullName, "Nguyễn Khánh Chi", "Nguyễn Khánh Tri", true},
		{Residence, "Tổ 3, phường Hải Sơn, thành phố Đà Nẵng", "Tổ 9, phường Hải Sơn, Đà Nẵng", false}}
	if no.Refused() || !slices.Equal(changes, want) || reason.Kind != Correction || reason.From.Year != 2016 {
		t.Fatalf("%v %+v %+v", changes, reason, no)
	}
	for _, f := range Fields {
		if f.Guarded() != (f == FullName || f == Sex || f == BirthDate || f == PersonalNo) {
			t.Errorf("%s guarded: %v", f, f.Guarded())
		}
	}
	if changes, _, no = Decide(child(), form("", "", "", File{Residence: child()[Residence]})); no.Refused() || changes != nil {
		t.Errorf("nothing changed: %v %+v", changes, no)
	}
}

func TestDecide_AsksWhyFromWhenAndByWhichPaper(t *testing.T) {
	t.Parallel()
	moved, renamed := File{Residence: "Tổ 9, phường Hải Sơn, Đà Nẵng"}, File{FullName: "Nguyễn Khánh Trang"}
	long := form(Moved, ResidencePaper, "01/05/2026", moved)
	long.Note = strings.Repeat("a", 201)
	for name, c := range map[string]struct {
		form          Form
		control, code string
	}{
		"no kind":             {form("", ResidencePaper, "01/05/2026", moved), ControlKind, "profile.kind"},
		"a name does not go":  {form(Moved, BirthCertificate, "01/05/2026", renamed), ControlKind, "profile.kind_moved"},
		"a name is no place":  {form(Renamed, BirthCertificate, "01/05/2026", renamed), ControlKind, "profile.kind_renamed"},
		"no day":              {form(Moved, ResidencePaper, "mai", moved), ControlFrom, "profile.from"},
		"tomorrow":            {form(Moved, ResidencePaper, "21/05/2026", moved), ControlFrom, "profile.from_range"},
		"before birth":        {form(Moved, ResidencePaper, "13/03/2016", moved), ControlFrom, "profile.from_range"},
		"no paper":            {form(Moved, "", "01/05/2026", moved), ControlPaper, "profile.paper"},
		"the family's word":   {form(Correction, FamilySheet, "01/05/2026", renamed), ControlPaper, "profile.paper_official"},
		"civil status":        {form(CivilStatus, FamilySheet, "01/05/2026", File{MotherName: "Trần Thị Lành"}), ControlPaper, "profile.paper_official"},
		"an unsaid paper":     {form(Correction, OtherPaper, "01/05/2026", moved), ControlNote, "profile.note_missing"},
		"a long note":         {long, ControlNote, "profile.too_long"},
		"import's own paper":  {form(Correction, List, "01/05/2026", moved), ControlPaper, "profile.paper"},
		"a waiting change":    {Form{Old: child(), Typed: renamed, Waiting: []Field{FullName}, Today: today}, string(FullName), "profile.waiting"},
		"a bad value besides": {form(Moved, ResidencePaper, "01/05/2026", File{Residence: "x", Phone: "không"}), string(Phone), "profile.phone"},
	} {
		changes, _, no := Decide(child(), c.form)
		if got := no.Controls[c.control]; got == nil || got.Code != c.code || changes != nil {
			t.Errorf("%s: %v at %s, want %s; changes %v", name, no.Controls, c.control, c.code, changes)
		}
	}
	// Today's name of a unit needs no paper.
	if changes, reason, no := Decide(child(), form(Renamed, "", "01/07/2025", File{Birthplace: "Phường Sơn Trà, thành phố Đà Nẵng"})); no.Refused() || len(changes) != 1 || reason.Kind != Renamed {
		t.Errorf("a renamed unit: %v %+v %+v", changes, reason, no)
	}
	// What was empty needs neither kind nor paper, only the day; a personal number needs a paper.
	stored := child().with(PersonalNo, "").with(FatherName, "")
	f := Form{Old: stored, Typed: File{FatherName: "Nguyễn Văn Ba"}, From: "20/05/2026", Today: today}
	if changes, reason, no := Decide(stored, f); no.Refused() || len(changes) != 1 || reason.Kind != Addition {
		t.Errorf("a father's name: %v %+v %+v", changes, reason, no)
	}
	f.Typed = File{PersonalNo: "048316001234"}
	if _, _, no := Decide(stored, f); no.Controls[ControlPaper] == nil {
		t.Error("a personal number without a paper was taken")
	}
}

func TestDecide_KeepsBothValuesOfAStaleField(t *testing.T) {
	t.Parallel()
	stored := child().with(Residence, "Tổ 5, phường Hải Sơn, Đà Nẵng")
	changes, _, no := Decide(stored, form(Moved, ResidencePaper, "01/05/2026", File{Residence: "Tổ 9, phường Hải Sơn, Đà Nẵng", Phone: "0905111222"}))
	if !no.Stale() || no.Theirs[Residence] != stored[Residence] || no.Controls[string(Residence)].Kind != fault.Conflict || changes != nil {
		t.Errorf("%v %+v", changes, no)
	}
	// The same value from two tabs is no conflict, and another's field does not hinder.
	if changes, _, no = Decide(stored, form(Moved, ResidencePaper, "01/05/2026", File{Residence: stored[Residence], Phone: "0905111222"})); no.Refused() || len(changes) != 1 {
		t.Errorf("%v %+v", changes, no)
	}
}

func TestOutdates_AFamilyThatMovedLaterChangesNoOldBooklet(t *testing.T) {
	t.Parallel()
	issued, before, after := school.Date{Year: 2025, Month: 6, Day: 10}, school.Date{Year: 2025, Month: 5, Day: 1}, school.Date{Year: 2025, Month: 9, Day: 1}
	for _, c := range []struct {
		field Field
		kind  Kind
		from  school.Date
		want  bool
	}{
		{Residence, Moved, after, false}, {Residence, Moved, before, true}, {Residence, Correction, after, true},
		{FullName, CivilStatus, after, true}, {Phone, Correction, before, false}, {PersonalNo, Addition, after, true},
		{Birthplace, Renamed, before, false}, {Birthplace, Correction, before, true},
	} {
		if got := Outdates(c.field, c.kind, c.from, issued); got != c.want {
			t.Errorf("%s %s from %s: %v", c.field, c.kind, c.from, got)
		}
	}
}
