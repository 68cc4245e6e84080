package record

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// coverage is a second, simple opinion about which signatures are live and
// what they cover, kept beside the record: slot → element Ids, "*" everything.
type coverage map[Slot][]string

// edit removes what covers a changed part; an approval falls with any
// signature it countersigns.
func (c coverage) edit(part string) {
	fell := false
	for slot, parts := range c {
		if slices.Contains(parts, part) || slices.Contains(parts, "*") {
			delete(c, slot)
			fell = true
		}
	}
	if fell {
		delete(c, ApprovalSlot)
	}
}

func (c coverage) slots() string {
	var names []string
	for slot := range c {
		names = append(names, string(slot))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func (w *world) liveSlots() string {
	w.t.Helper()
	var names []string
	for _, s := range w.record().LiveSignatures() {
		names = append(names, string(s.Slot))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// TestEdit_VoidsExactlyTheLiveSignaturesThatCoverTheCell walks random lives:
// teachers sign, withdraw, are returned to, edit their cells, and the office
// corrects the pupil's data. After every step the live signatures are those of
// the second opinion, and the stage is what they say.
func TestEdit_VoidsExactlyTheLiveSignaturesThatCoverTheCell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		w.state.General.TeachersSign = rapid.Bool().Draw(t, "teachers sign")
		model := coverage{}
		t.Repeat(map[string]func(*rapid.T){
			"sign part": func(t *rapid.T) { w.signIf(drawTeacher(t), model) },
			"sign all parts": func(*rapid.T) {
				for _, who := range []bundle.Teacher{an, binh, cuc} {
					w.signIf(who, model)
				}
			},
			"withdraw part": func(t *rapid.T) {
				who := drawTeacher(t)
				if c, err := w.record().WithdrawPart(w.teacher(who)); err == nil {
					w.apply(c, nil)
					delete(model, TeacherSlot(who.Code))
				}
			},
			"sign homeroom": func(t *rapid.T) {
				by := w.teacher(an)
				if in, err := w.record().PrepareSignHomeroom(by, certificate(), ""); err == nil {
					w.complete(by, in, nil)
					model[HomeroomSlot] = []string{"*"}
				}
			},
			"withdraw homeroom": func(t *rapid.T) {
				if c, err := w.record().WithdrawHomeroom(w.teacher(an)); err == nil {
					w.apply(c, nil)
					delete(model, HomeroomSlot)
				}
			},
			"approve": func(t *rapid.T) {
				by := w.principal()
				if in, err := w.record().PrepareApproval(by, certificate(), true); err == nil {
					w.complete(by, in, nil)
					model[ApprovalSlot] = []string{"*"}
				}
			},
			"withdraw approval": func(t *rapid.T) {
				if c, err := w.record().WithdrawApproval(w.principal()); err == nil {
					w.apply(c, nil)
					delete(model, ApprovalSlot)
				}
			},
			"return": func(t *rapid.T) {
				by := w.principal()
				if w.state.Stage == workflow.PartSigned {
					by = w.teacher(an)
				}
				parts := rapid.SliceOfN(rapid.SampledFrom(returnableParts(w)), 1, 3).Draw(t, "parts")
				if c, err := w.record().Return(by, parts, "Xem lại"); err == nil {
					w.apply(c, nil)
				}
			},
			"confirm": func(t *rapid.T) {
				if c, err := w.record().Confirm(w.teacher(drawTeacher(t)), "Đúng"); err == nil {
					w.apply(c, nil)
				}
			},
			"edit":    func(t *rapid.T) { randomEdit(t, w, model) },
			"correct": func(t *rapid.T) { randomCorrection(t, w, model) },
			"": func(t *rapid.T) {
				if got := w.liveSlots(); got != model.slots() {
					t.Fatalf("live %q, want %q", got, model.slots())
				}
				if r := w.record(); w.state.Stage != workflow.Returned && w.state.Stage != r.stageOf() {
					t.Fatalf("at %s with live %q", w.state.Stage, w.live())
				}
			},
		})
	})
}

// signIf signs a teacher's parts when the record allows it.
func (w *world) signIf(who bundle.Teacher, model coverage) {
	w.t.Helper()
	by := w.teacher(who)
	own := w.record().OwnParts(who.Code)
	in, err := w.record().PrepareSignPart(by, certificate())
	if err != nil {
		return
	}
	w.complete(by, in, nil)
	for _, s := range own {
		model[TeacherSlot(who.Code)] = append(model[TeacherSlot(who.Code)], bundle.SubjectID(s))
	}
}

func drawTeacher(t *rapid.T) bundle.Teacher {
	return rapid.SampledFrom([]bundle.Teacher{an, binh, cuc}).Draw(t, "teacher")
}

func returnableParts(w *world) []string {
	parts := []string{bundle.ContentID}
	for _, p := range w.state.Parts {
		parts = append(parts, bundle.SubjectID(p.Subject))
	}
	return parts
}

// randomEdit changes one random cell as its owner, if its part is open.
func randomEdit(t *rapid.T, w *world, model coverage) {
	if rapid.Bool().Draw(t, "page") {
		item := rapid.SampledFrom([]evaluation.Item{"NHAN_AI", "NL_NGON_NGU", "NX_PHAM_CHAT"}).Draw(t, "item")
		e := evaluation.Entry{}
		old := string(w.state.Page.Traits[item])
		if item.Kind() == evaluation.RemarkItem {
			old = w.state.Page.Remarks[item]
			e.Remark = rapid.SampledFrom([]string{"Ngoan", "Chăm", "Vui vẻ"}).Draw(t, "remark")
		} else {
			e.Level = rapid.SampledFrom(item.Scale()).Draw(t, "level")
		}
		c, err := w.record().CellChanged(w.teacher(an), Edit{Item: item, Entry: e})
		if err != nil {
			return
		}
		w.apply(c, nil)
		w.state.Page.Traits, w.state.Page.Remarks = cloned(w.state.Page.Traits), cloned(w.state.Page.Remarks)
		if item.Kind() == evaluation.RemarkItem {
			w.state.Page.Remarks[item] = e.Remark
		} else {
			w.state.Page.Traits[item] = e.Level
		}
		if old != string(e.Level)+e.Remark {
			model.edit(bundle.ContentID)
		}
		return
	}
	n := rapid.IntRange(0, len(w.state.Parts)-1).Draw(t, "part")
	p := w.state.Parts[n]
	e := p.Entry
	e.Level = rapid.SampledFrom([]evaluation.Level{"T", "H"}).Draw(t, "level")
	if e.Mark != nil {
		e.Mark = mark(rapid.IntRange(5, 10).Draw(t, "mark"))
	}
	c, err := w.record().CellChanged(w.teacher(p.Owner), Edit{Item: evaluation.Item(p.Subject), Entry: e})
	if err != nil {
		return
	}
	before := w.live()
	w.apply(c, nil)
	w.state.Parts = slices.Clone(w.state.Parts)
	w.state.Parts[n].Entry = e
	if sameEntry(p.Entry, e) {
		if before != w.live() || len(c.Voids()) > 0 {
			t.Fatalf("an equal value voided something")
		}
		return
	}
	model.edit(bundle.SubjectID(p.Subject))
}

// randomCorrection changes the pupil's name as the office: only what covers
// the year's content falls.
func randomCorrection(t *rapid.T, w *world, model coverage) {
	f := Facts{Pupil: w.state.Pupil, Class: w.state.Class, History: w.state.History}
	f.Pupil.Name = rapid.SampledFrom([]string{"Nguyễn Văn Nam", "Nguyễn Văn Năm"}).Draw(t, "name")
	f.Pupil.Birth = school.Date{Year: 2018, Month: 3, Day: rapid.IntRange(4, 5).Draw(t, "day")}
	changed := f.Pupil != w.state.Pupil
	w.apply(w.record().FactsChanged(w.as(workflow.SchoolAdmin, bundle.Teacher{Code: "QT0001"}), f))
	w.state.Pupil = f.Pupil
	if changed {
		model.edit("office")
	}
}
