package staffsheet

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
)

func tablesOf(t testing.TB, l *spreadsheet.Layout, headings []string, rows ...[]any) []*spreadsheet.ListTable {
	t.Helper()
	var b bytes.Buffer
	err := spreadsheet.Write(&b, spreadsheet.Export{Title: []string{"TRƯỜNG TIỂU HỌC"}, Headings: headings, Rows: rows, Footer: "kiểm thử"})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := spreadsheet.ReadLists(&b, l)
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

// told lists what is said of each row, and what it would write for whom.
func told(p *Plan) []string {
	var all []string
	for _, r := range p.Rows {
		var codes, writes []string
		for _, i := range r.Issues {
			codes = append(codes, i.Code)
		}
		for _, m := range r.Reasons {
			codes = append(codes, m.Code)
		}
		if len(r.Options) > 0 {
			for _, c := range r.Options[0].Changes {
				switch {
				case c.Code != "":
					codes = append(codes, c.Code)
				case c.Writes():
					writes = append(writes, strings.Trim(fmt.Sprintf("%s %s%s%s", c.What, c.Role, c.ClassName, c.Subject), " "))
				}
			}
		}
		all = append(all, strings.TrimSpace(fmt.Sprintf("%d %s %s | %s", r.Row, r.Verdict, strings.Join(codes, ","), strings.Join(writes, ","))))
	}
	return all
}

func wantTold(t *testing.T, p *Plan, want ...string) {
	t.Helper()
	if got := told(p); !slices.Equal(got, want) {
		t.Errorf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

var people = People{
	Own: []Person{
		{1, "Nguyễn Thị Mai Hương", "huong", "GV4800001", []workflow.Role{workflow.Teacher}, true},
		{2, "Võ Quản Trị", "quantri", "", []workflow.Role{workflow.SchoolAdmin}, true},
		{3, "Lê Văn Nghỉ", "nghi", "GV4800003", []workflow.Role{workflow.Teacher}, false},
	},
	Usernames: map[string]bool{"huong": true, "quantri": true, "nghi": true, "anhnv": true},
	Codes:     map[string]bool{"GV4800001": true, "GV4800003": true, "GV4800050": true},
}

func TestDraftAccounts_FindsPeopleByCodeUsernameAndName(t *testing.T) {
	tables := tablesOf(t, spreadsheet.AccountLayout, []string{"STT", "Họ và tên", "Tài khoản", "Mã định danh", "Chức vụ", "Tình trạng"},
		[]any{1, "Nguyễn Thị Mai Hương", "huong", "gv4800001", "Giáo viên", "Đang dùng"},
		[]any{2, "Võ Quản Trị", "QuanTri", "GV4800009", "Quản trị, GV", ""},
		[]any{3, "Nguyễn Thị Hương Mai", "", "GV4800001", "Phó hiệu trưởng", ""},
		[]any{4, "Vo Quan Tri", "", "", "Quản trị", ""},
		[]any{5, "Lê Văn Nghỉ", "nghi", "", "", "Đang dùng"},
		[]any{6, "Nguyễn Văn Anh", "", "GV4800060", "", ""},
		[]any{7, "Nguyễn Vân Anh", "", "GV4800061", "GV", ""},
		[]any{8, "Trần A", "huong", "GV4800003", "", ""},
		[]any{9, "Trần B", "anhnv", "GV4800062", "", ""},
		[]any{10, "Trần C", "", "GV4800050", "", ""},
		[]any{11, "Trần D", "", "GV4800061", "", ""},
		[]any{12, "", "ai-do", "", "", ""},
		[]any{13, "Trần E", "", "GV4800063", "Kế toán", ""})
	plan := DraftAccounts(tables, people)
	wantTold(t, plan,
		"4 green match.identical |",
		"5 green staff.changes | code,role teacher",
		"6 red staff.other_name,staff.twice | role deputy",
		"7 red staff.same_name,staff.twice |",
		"8 yellow staff.state |",
		"9 green staff.new | account,role teacher",
		"10 green staff.new | account,role teacher",
		"11 red staff.two_people |",
		"12 red staff.username_held |",
		"13 red staff.code_held |",
		"14 red staff.twice | account,role teacher",
		"15 red staff.no_name |",
		"16 red staff.role |")
	if a, b := plan.Rows[5].Options[0].Username, plan.Rows[6].Options[0].Username; a != "anhnv2" || b != "anhnv3" {
		t.Errorf("usernames %s, %s; want anhnv2, anhnv3", a, b)
	}
	if o := plan.Rows[3].Options; len(o) != 2 || o[0].Account != 2 || o[1].Account != 0 {
		t.Errorf("a namesake without code: %+v", o)
	}
}

func day(t testing.TB, s string) school.Date {
	t.Helper()
	d, ok := school.ReadDate(s)
	if !ok {
		t.Fatalf("%q is no day", s)
	}
	return d
}

func books(t testing.TB) School {
	return School{Year: "2025-2026", Teachers: []Person{{ID: 1, Name: "Nguyễn Thị Mai Hương", Code: "GV4800001"}, {ID: 2, Name: "Đoàn Nhật Minh", Code: "GV4800002"},
		{ID: 3, Name: "Đoàn Nhật Minh", Code: "GV4800003"}},
		Classes: []Class{{ID: 7, Name: "4A", Grades: []int{4}, Duties: []Duty{
			{ID: 70, Account: 1, Teacher: "Nguyễn Thị Mai Hương", From: day(t, "05/09/2025")},
			{ID: 71, Subject: school.Toan, Account: 1, Teacher: "Nguyễn Thị Mai Hương", From: day(t, "05/09/2025")},
			{ID: 72, Subject: school.AmNhac, Account: 2, Teacher: "Đoàn Nhật Minh", From: day(t, "05/09/2025")},
			{ID: 73, Subject: school.AmNhac, Account: 1, Teacher: "Nguyễn Thị Mai Hương", From: day(t, "01/03/2026"), To: day(t, "08/03/2026"), Decision: "QĐ 1"},
		}}, {ID: 8, Name: "4B", Grades: []int{4}}}}
}

func TestDraftAssignments_JudgesEveryDuty(t *testing.T) {
	tables := tablesOf(t, spreadsheet.AssignmentLayout, []string{"STT", "Lớp", "Môn", "Mã GV", "Họ tên giáo viên", "Từ ngày", "Đến ngày", "Quyết định"},
		[]any{1, "4A", "Toán, Chủ nhiệm", "", "Nguyễn Thị Mai Hương"},
		[]any{2, "lớp 4b", "Nghệ thuật", "GV4800002", "Đoàn Nhật Minh"},
		[]any{3, "4A", "Âm nhạc", "GV4800003", "Đoàn Nhật Minh", "01/02/2026"},
		[]any{4, "4B", "Toán", "", "Đoàn Nhật Minh"},
		[]any{5, "4B", "Khoa học", "", "nguyen thi mai huong"},
		[]any{6, "4A", "Âm nhạc", "GV4800001", "", "01/03/2026", "08/03/2026", "QĐ 1"},
		[]any{7, "4A", "Âm nhạc", "GV4800003", "", "05/03/2026", "09/03/2026", "QĐ 2"},
		[]any{8, "4A", "Toán", "GV4800001", "", "05/03/2026", "09/03/2026", "QĐ 3"},
		[]any{9, "4B", "Đạo đức", "GV4800001", "", "05/03/2026", "09/03/2026", ""},
		[]any{10, "4B", "TNXH", "GV4800001", "Nguyễn Thị Mai Hương"},
		[]any{11, "4B", "Tin học và Công nghệ, TNXH", "GV4800001", "Nguyễn Thị Mai Hương"},
		[]any{12, "4B", "Âm nhạc", "GV4800001", "Nguyễn Thị Mai Hương"},
		[]any{13, "4C", "Toán", "GV4800001", "Nguyễn Thị Mai Hương"},
		[]any{14, "4B", "Giáo dục thể chất", "GV4800001", "Nguyễn Thị Mai Hương", "99/99/2026"},
		[]any{15, "", "Toán", "GV4800001", "Nguyễn Thị Mai Hương"})
	wantTold(t, DraftAssignments(tables, books(t), day(t, "05/09/2025")),
		"4 green match.identical |",
		"5 green staff.changes | duty 4BAM_NHAC,duty 4BMI_THUAT",
		"6 yellow staff.replaces | duty 4AAM_NHAC",
		"7 yellow staff.several | duty 4BTOAN",
		"8 yellow staff.spelling | duty 4BKHOA_HOC",
		"9 green match.identical |",
		"10 red class.substitute_twice |",
		"11 red class.substitute_self |",
		"12 red class.decision |",
		"13 red staff.not_taught |",
		"14 yellow staff.some,staff.not_taught | duty 4BTIN_HOC,duty 4BCONG_NGHE",
		"15 red staff.twice | duty 4BAM_NHAC",
		"16 red staff.class |",
		"17 red spreadsheet.cell_not_date |",
		"18 red spreadsheet.cell_required |")
}

func TestJudge_NoDutyBeginsTwice(t *testing.T) {
	s := books(t)
	w := Wish{Account: 2, Subject: school.AmNhac, From: day(t, "01/09/2025")}
	if c := s.Judge(&s.Classes[0], "Đoàn Nhật Minh", w); !c.Same {
		t.Errorf("a duty that stands: %+v", c)
	}
	w = Wish{Account: 3, Subject: school.AmNhac, From: day(t, "01/09/2025")}
	if c := s.Judge(&s.Classes[0], "Đoàn Nhật Minh", w); c.Code != "class.from_before" {
		t.Errorf("a first day before the former teacher's: %+v", c)
	}
	w = Wish{Account: 3, Subject: school.AmNhac, From: day(t, "01/09/2031")}
	if c := s.Judge(&s.Classes[0], "Đoàn Nhật Minh", w); c.Code != "class.from" {
		t.Errorf("a first day in another year: %+v", c)
	}
}

func TestDecide_OnePersonOnce(t *testing.T) {
	p := &Plan{Kind: Accounts, Rows: []Row{
		{Verdict: spreadsheet.Yellow, Options: []Option{{Account: 1}}}, {Verdict: spreadsheet.Yellow, Options: []Option{{Account: 0}, {Account: 1}}},
		{Verdict: spreadsheet.Red}, {Verdict: spreadsheet.Green, Options: []Option{{Account: 2}}}}}
	report := p.Decide(Choices{0: 0, 1: 1, 2: 0})
	report.Rows[0].Wrote()
	report.Sum()
	if report.Written != 1 || report.Refused != 2 || report.Skipped != 1 || report.Rows[1].Left[0].Code != CodeChanged {
		t.Errorf("report %+v", report)
	}
	if greens := p.Greens(); len(greens) != 1 || greens[3] != 0 {
		t.Errorf("greens %v", greens)
	}
}
