package spreadsheet

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
)

func TestPlanPupils_RefusesTheGradeOfAnotherClass(t *testing.T) {
	raw := makeBook(t, pupilCells(3, cells{"K3": "2A", "L3": 2, "K4": "3A", "L4": 3}))
	plan := PlanPupils(readPupils(t, raw, PupilOptions{Year: "2025-2026"}), Books{Classes: []KnownClass{{"1a", []int{1}}, {"2A", []int{2, 3}}, {"3A", []int{4}}}})
	red := plan.Of(Red)
	if len(red) != 1 || red[0].Row != 4 {
		t.Fatalf("%d red rows", len(red))
	}
	last := red[0].Issues[len(red[0].Issues)-1]
	if last.Cell() != "K4" || last.Code != CodeOtherClassGrade || last.Args["grades"] != "4" {
		t.Errorf("refused for %+v", last)
	}
	if len(plan.Classes) != 2 || plan.Classes[0].New || plan.Classes[1].Pupils != 1 || len(plan.Classes[1].Grades) != 2 {
		t.Errorf("classes %+v", plan.Classes)
	}
}

func TestPlanPupils_SurvivesJSON(t *testing.T) {
	sheet := readPupils(t, sample(t, "danh-sach-co-loi.xlsx"), PupilOptions{})
	known := Known{ID: 7, Revision: 3, Pupil: sheet.Rows[0].Pupil}
	known.Phone = "0900"
	plan := PlanPupils(sheet, Books{Known: []Known{known}})
	text, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	var back PupilPlan
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil || !bytes.Equal(text, again) || !reflect.DeepEqual(plan.Classes, back.Classes) {
		t.Errorf("the plan changed on its way through JSON: %v", err)
	}
}

func TestDecide_NeedsAChoiceOfTheRow(t *testing.T) {
	one, two := &Known{ID: 1, Pupil: Pupil{FullName: "Lê An", ClassName: "1A"}}, &Known{ID: 2}
	yellow := Match{Verdict: Yellow, Known: one, Candidates: []*Known{one, two}}
	maybe := yellow
	maybe.IsNewPossible = true
	row := func(n int, m Match) PlannedRow {
		return PlannedRow{PupilRow{Row: n, Pupil: Pupil{FullName: "Lê Ân", ClassName: "1A"}}, m}
	}
	plan := PupilPlan{Rows: []PlannedRow{row(2, Match{Verdict: Red}), row(3, yellow), row(4, yellow), row(5, maybe), row(6, yellow),
		row(7, yellow), row(8, Match{Verdict: Green})}}
	got := plan.Decide(map[int]Choice{2: AsNew, 4: AsPupil(2), 5: AsNew, 6: AsNew, 7: AsPupil(2)})
	want := []struct {
		act  Act
		code string
	}{{Refuse, ""}, {Skipped, ""}, {Update, ""}, {Create, ""}, {Refuse, CodeImportChoice}, {Refuse, CodeImportClaimed}, {Create, ""}}
	for i, w := range want {
		if got[i].Act != w.act || got[i].Code != w.code {
			t.Errorf("row %d: %s %s, want %s %s", got[i].Row.Row, got[i].Act, got[i].Code, w.act, w.code)
		}
	}
	if got[2].Known != two || got[5].Args["other"] != "4" {
		t.Errorf("candidates are mixed up: %+v", got)
	}
}

func TestDiffTo_NeverChangesTheCode(t *testing.T) {
	row := PlannedRow{PupilRow: PupilRow{Pupil: Pupil{Code: "4911111111", Phone: "0905"}}}
	if diff := row.DiffTo(&Known{Pupil: Pupil{Code: "4922222222"}}); len(diff) != 1 || diff[0].Field != FieldPhone {
		t.Errorf("diff %+v", diff)
	}
	kept := Pupil{HometownCommune: "Thăng Bình", HometownProvince: "Đà Nẵng"}.Kept()
	if kept.HometownProvince != "Thăng Bình, Đà Nẵng" || kept.HometownCommune != "" || kept.Kept() != kept {
		t.Errorf("kept as %+v", kept)
	}
}
