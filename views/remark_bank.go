package views

import (
	"net/url"
	"slices"
	"strconv"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/remark"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// PhraseFilter narrows the bank; zero values mean everything.
type PhraseFilter struct {
	Source remark.Source
	Item   evaluation.Item
	Grade  int
	Level  evaluation.Level
	Query  string
}

// URL is the bank so narrowed.
func (f PhraseFilter) URL(y school.Year) string {
	q := url.Values{"source": {string(f.Source)}}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("item", string(f.Item))
	set("level", string(f.Level))
	set("q", f.Query)
	if f.Grade > 0 {
		q.Set("grade", strconv.Itoa(f.Grade))
	}
	return PhrasesURL(y) + "?" + q.Encode()
}

// PhraseBank is the page of the phrases for remarks.
type PhraseBank struct {
	Frame
	Year    school.Year
	Filter  PhraseFilter
	Sources []remark.Source
	Items   []evaluation.Item // to choose from
	Rows    []PhraseRow
	// Keeps says that the reader adds to and changes the bank shown.
	Keeps bool
	// Copies says that the reader has a bank to copy phrases of the others to.
	Copies bool
	Form   PhraseForm
	Done   string // "added", "changed", "ended"; "" for nothing
}

// PhraseRow is one phrase of the bank with who changed it last.
type PhraseRow struct {
	remark.Phrase
	By, At string
}

// PhraseForm is a phrase as typed, new or kept.
type PhraseForm struct {
	ID       string // "" for a new one
	Revision int
	Item     string
	From, To string
	Level    string
	Periods  []string
	Code     string
	Text     string
	Error    *fault.Error
}

// FormOf shows a phrase in the form.
func FormOf(p remark.Phrase) PhraseForm {
	f := PhraseForm{ID: p.ID, Item: string(p.Item), From: strconv.Itoa(p.From), To: strconv.Itoa(p.To), Level: string(p.Level), Code: p.Code, Text: p.Text}
	for _, period := range p.Periods {
		f.Periods = append(f.Periods, string(period))
	}
	return f
}

var phraseDone = map[string]string{"added": "Đã thêm câu vào kho", "changed": "Đã sửa câu", "ended": "Đã bỏ câu khỏi kho"}

func (b PhraseBank) frame() Frame {
	f := b.Frame
	f.Heading = "Kho câu nhận xét"
	f.Lead = "Câu dùng khi ghi nhận xét và khi điền nhận xét cho cả lớp. Trong ô nhận xét, gõ mã hoặc hai chữ đầu để gọi câu."
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(b.Year)}, {Label: "Kho câu nhận xét"}}
	if b.Form.Error != nil {
		f.Title = "Lỗi: " + f.Heading
	}
	return f
}

func (b PhraseBank) tabs() []ui.Tab {
	var out []ui.Tab
	for _, s := range b.Sources {
		f := b.Filter
		f.Source = s
		out = append(out, ui.Tab{Label: sourceNames[s], URL: f.URL(b.Year), Current: s == b.Filter.Source})
	}
	return out
}

func itemOptions(items []evaluation.Item, chosen string) []ui.Option {
	var out []ui.Option
	for _, it := range items {
		out = append(out, ui.Option{Value: string(it), Label: it.Name(), Selected: string(it) == chosen})
	}
	return out
}

func gradeOptions(chosen string) []ui.Option {
	var out []ui.Option
	for g := evaluation.FirstGrade; g <= evaluation.LastGrade; g++ {
		out = append(out, ui.Option{Value: strconv.Itoa(g), Label: "Lớp " + strconv.Itoa(g), Selected: strconv.Itoa(g) == chosen})
	}
	return out
}

// levelOptions are the letters of both scales; what a letter means depends on
// the item, so each says both.
func levelOptions(any, chosen string) []ui.Option {
	out := []ui.Option{{Label: any}}
	for _, o := range []ui.Option{{Value: "T", Label: "T – Hoàn thành tốt · Tốt"}, {Value: "H", Label: "H – Hoàn thành (môn học)"},
		{Value: "Đ", Label: "Đ – Đạt (phẩm chất, năng lực)"}, {Value: "C", Label: "C – Chưa hoàn thành · Cần cố gắng"}} {
		o.Selected = o.Value == chosen
		out = append(out, o)
	}
	return out
}

func all(label string, options []ui.Option) []ui.Option {
	return append([]ui.Option{{Label: label}}, options...)
}

// filters are the selects above the table.
func (b PhraseBank) filters() []ui.Field {
	grade := ""
	if b.Filter.Grade > 0 {
		grade = strconv.Itoa(b.Filter.Grade)
	}
	return []ui.Field{
		{ID: "filter-item", Name: "item", Label: "Môn, nội dung", Value: string(b.Filter.Item), Options: all("Tất cả", itemOptions(b.Items, string(b.Filter.Item)))},
		{ID: "filter-grade", Name: "grade", Label: "Lớp", Value: grade, Options: all("Tất cả", gradeOptions(grade))},
		{ID: "filter-level", Name: "level", Label: "Mức", Value: string(b.Filter.Level), Options: levelOptions("Tất cả", string(b.Filter.Level))},
	}
}

func (r PhraseRow) place() string {
	return joined(gradeWords(r.From, r.To), periodWords(r.Periods), momentWords[r.When])
}

var momentWords = map[remark.Moment]string{remark.High: "điểm 9, 10", remark.Low: "điểm đến 6", remark.Rising: "có tiến bộ"}

// fields are the controls of the form.
func (b PhraseBank) fields() []ui.Field {
	f := b.Form
	periods := ui.Field{ID: "phrase-periods", Name: "periods", Label: "Thời điểm", Hint: "Không chọn là dùng ở mọi thời điểm."}
	for _, p := range append(slices.Clone(school.Periods), school.Summer) {
		periods.Options = append(periods.Options, ui.Option{Value: string(p), Label: words.Period(p), Selected: slices.Contains(f.Periods, string(p))})
	}
	return []ui.Field{
		failing(ui.Field{ID: "phrase-text", Name: "text", Label: "Câu nhận xét", Rows: 3, MaxLength: remark.MaxText, Value: f.Text,
			Hint: "Muốn có tên học sinh thì viết {tên}; để trống tên cũng được."}, f.Error, "phrase.text", "phrase.text_too_long"),
		failing(ui.Field{ID: "phrase-item", Name: "item", Label: "Môn học hoặc nội dung", Value: f.Item, Options: itemOptions(b.Items, f.Item)},
			f.Error, "phrase.item"),
		failing(ui.Field{ID: "phrase-from", Name: "from", Label: "Từ lớp", Value: f.From, Options: gradeOptions(f.From)}, f.Error, "phrase.grades"),
		{ID: "phrase-to", Name: "to", Label: "Đến lớp", Value: f.To, Options: gradeOptions(f.To)},
		failing(ui.Field{ID: "phrase-level", Name: "level", Label: "Mức", Value: f.Level, Options: levelOptions("Mọi mức", f.Level)}, f.Error, "phrase.level"),
		failing(periods, f.Error, "phrase.period"),
		failing(ui.Field{ID: "phrase-code", Name: "code", Label: "Mã gọi nhanh", Hint: "Tùy ý, như DT1. Không có mã thì gọi bằng hai chữ đầu của câu.", Value: f.Code,
			MaxLength: remark.MaxCode, Width: "short", Autocomplete: "off"}, f.Error, "phrase.code", "phrase.code_taken"),
	}
}

func (b PhraseBank) problems() []ui.Problem { return problems(b.Form.Error, b.fields()...) }

func (b PhraseBank) formTitle() string {
	switch {
	case b.Form.ID != "":
		return "Sửa câu"
	case b.Filter.Source == remark.Shared:
		return "Thêm câu vào kho của trường"
	}
	return "Thêm câu vào kho của tôi"
}

func (b PhraseBank) formURL() string {
	if b.Form.ID != "" {
		return PhraseURL(b.Year, b.Form.ID)
	}
	return PhrasesURL(b.Year)
}

func (b PhraseBank) submit() ui.Action {
	if b.Form.ID != "" {
		return ui.Action{Label: "Lưu câu", Kind: ui.Primary}
	}
	return ui.Action{Label: "Thêm câu", Kind: ui.Primary}
}

// copyURL opens the reader's own form with the words of another bank's phrase.
func (b PhraseBank) copyURL(r PhraseRow) string {
	f := PhraseFilter{Source: remark.Own, Item: r.Item}
	if b.Sources[0] != remark.Own {
		f.Source = remark.Shared
	}
	return f.URL(b.Year) + "&copy=" + url.QueryEscape(r.ID) + "#phrase-form"
}

func (b PhraseBank) empty() string {
	switch {
	case b.Filter.Item != "" || b.Filter.Grade > 0 || b.Filter.Level != "" || b.Filter.Query != "":
		return "Không có câu nào như thế trong kho này."
	case b.Keeps:
		return "Kho còn trống. Thêm câu ở dưới, hoặc chép từ kho có sẵn."
	}
	return "Kho của trường còn trống. Hiệu trưởng hoặc quản trị của trường thêm câu ở đây."
}

func (b PhraseBank) count() string { return strconv.Itoa(len(b.Rows)) + " câu" }
