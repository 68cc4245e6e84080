package views

import (
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
)

// adminPages are the pages of the school's administration, each in its states.
func adminPages() map[string]templ.Component {
	const year = school.Year("2025-2026")
	frame := sampleFrame()
	known := &spreadsheet.Known{ID: 4, Pupil: spreadsheet.Pupil{FullName: "Lê An", ClassName: "4A", Ethnicity: "Kinh"}}
	row := func(n int, v spreadsheet.Verdict) spreadsheet.PlannedRow {
		return spreadsheet.PlannedRow{PupilRow: spreadsheet.PupilRow{Row: n, Pupil: spreadsheet.Pupil{FullName: "Lê An", Ethnicity: "Tày", ClassName: "4A", Grade: 4}},
			Match: spreadsheet.Match{Verdict: v, Known: known, IsNewPossible: true, Diff: []spreadsheet.Change{{Field: "ethnicity", Old: "Kinh", New: "Tày"}}}}
	}
	preview := PupilImport{Frame: frame, Year: year, ID: 7, FileName: "a.xlsx", Plan: spreadsheet.PupilPlan{Year: year, Sheet: "1", HeaderRow: 1,
		Headings: []string{"Họ tên"}, Fields: []string{"full_name"}, Classes: []spreadsheet.PlannedClass{{Name: "4A", Grades: []int{4}, Pupils: 3, New: true}},
		Rows: []spreadsheet.PlannedRow{row(2, spreadsheet.Red), row(3, spreadsheet.Yellow), row(4, spreadsheet.Yellow), row(5, spreadsheet.Green)}}}
	result := preview
	result.Report = &spreadsheet.Report{Classes: []string{"4A"}}
	for i, act := range []spreadsheet.Act{spreadsheet.Refuse, spreadsheet.Skipped, spreadsheet.Update, spreadsheet.Create} {
		result.Report.Add(spreadsheet.RowResult{Row: i + 2, Act: act})
	}
	class := ClassPage{Frame: frame, Year: year, Class: ClassRow{ID: 4, Name: "4A", Grades: []int{4}, Book: school.Paper, PaperReason: "Chưa có mạng"},
		Subjects: []DutyLine{{Subject: school.Toan, Today: &Stretch{Teacher: "Đoàn Nhật Minh"}}, {Subject: school.AmNhac}}, CanEdit: true,
		Roll: []ClassPupil{{Name: "Lê An", Sex: school.Male}}}
	refused := class
	refused.Form = ClassForm{Form: "book", Kind: "paper", Error: fault.New(fault.Invalid, "class.paper_reason")}
	account := AccountPage{Frame: frame, Year: year, ID: 3, Name: "Đoàn Nhật Minh", Roles: []RoleStretch{{Role: "teacher"}, {Role: "school_admin", Own: true}},
		Giveable: []string{"teacher"}, Secret: "abcd-efgh", Fresh: true}
	windows := EntryWindows{Frame: frame, Year: year, Orders: true, CarriesOut: true, Rows: []EntryOrder{{ID: 2, Year: year, Period: school.YearEnd, Class: "4A", Closes: time.Now()}, {ID: 1, Year: year, Period: school.YearEnd, State: "carried_out"}},
		Periods: []WindowPeriod{{Period: school.YearEnd, State: WindowOpen,
			History: []WindowRow{{Opens: "08:00 15/05/2026"}, {Opens: "08:00 14/05/2026"}}}, {Period: school.Summer, State: WindowNever}},
		Error: fault.New(fault.Invalid, "window.order")}
	return map[string]templ.Component{
		"upload":  PupilUploadPage(PupilUpload{Frame: frame, Year: year, From: "05/09/2025", Error: fault.New(fault.Invalid, "spreadsheet.file_corrupt")}),
		"preview": PupilImportPage(preview), "result": PupilImportPage(result),
		"classes": ClassesPage(Classes{Frame: frame, Year: year, CanEdit: true, Rows: []ClassRow{class.Class}}), "no classes": ClassesPage(Classes{Frame: frame, Year: year}),
		"new class": NewClassPage(NewClass{Frame: frame, Year: year, Error: fault.New(fault.Invalid, "class.grades")}),
		"class":     ClassDetailPage(class), "class refused": ClassDetailPage(refused),
		"accounts":    AccountsPage(Accounts{Frame: frame, Year: year, Rows: []StaffRow{{ID: 3, Name: "Đoàn Nhật Minh", Roles: []string{"teacher"}}}}),
		"new account": NewAccountPage(NewAccount{Frame: frame, Year: year, Roles: []string{"teacher"}}), "account": AccountFilePage(account),
		"windows": EntryWindowsPage(windows),
	}
}

func TestAdminPages_HaveOneHeadingUniqueIdsAndNamedControls(t *testing.T) {
	for name, c := range adminPages() {
		_, root := renderPage(t, c)
		if n := len(elements(root, "h1")); n != 1 {
			t.Errorf("%s: %d headings", name, n)
		}
		ids, labelled := map[string]bool{}, map[string]bool{}
		for _, l := range elements(root, "label") {
			labelled[attribute(l, "for")] = true
		}
		for n := range root.Descendants() {
			if id := attribute(n, "id"); id != "" {
				if ids[id] {
					t.Errorf("%s: id %s twice", name, id)
				}
				ids[id] = true
			}
			if named := n.Type == html.ElementNode && (n.Data == "select" || n.Data == "textarea" || n.Data == "input" && !noName[attribute(n, "type")]); named &&
				!labelled[attribute(n, "id")] {
				t.Errorf("%s: control %s has no label", name, attribute(n, "name"))
			}
			if attribute(n, "style") != "" || attribute(n, "onclick") != "" {
				t.Errorf("%s: inline style or script", name)
			}
		}
		for _, a := range elements(root, "a") {
			if to := attribute(a, "href"); len(to) > 1 && to[0] == '#' && !ids[to[1:]] {
				t.Errorf("%s: link to %s leads nowhere", name, to)
			}
		}
	}
}

// noName are inputs whose label stands around them, or that are not seen.
var noName = map[string]bool{"hidden": true, "checkbox": true, "radio": true}
