package paper_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/remark"
	"hocba/internal/school"
	"hocba/views/paper"
)

// words are the words of remarks in which pairs of letters are set closer, too.
var words = strings.Fields(`Đọc diễn cảm tốt, viết đoạn văn có ý riêng khi tả cảnh; cần mở rộng vốn từ. Tính đúng các phép tính
	cơ bản. Vẽ đúng chủ đề, phối màu hài hòa. Thực hiện tốt kĩ thuật chạy, nhảy, ném; Trà, Vân, Tú cùng nhóm. Em biết nói "Tôi yêu
	Việt Nam" (bài 12); hoàn thành 100 % yêu cầu – có nhiều tiến bộ…`)

// sentence returns n words from a random place on.
func sentence(r *rand.Rand, n int) string {
	from := r.IntN(len(words))
	out := []string{fmt.Sprintf("(%d)", r.IntN(1e6))} // so that it is found once
	for i := range n {
		out = append(out, words[(from+i)%len(words)])
	}
	return strings.Join(out, " ")
}

// withRemarks is the sample with remarks of the given subjects.
func withRemarks(remarks map[school.Subject]string) *bundle.Record {
	r := sample(longName)
	r.Content.Subjects = nil
	for _, s := range school.Subjects {
		if text := remarks[s]; text != "" {
			r.Content.Subjects = append(r.Content.Subjects, bundle.Subject{Subject: s, Level: "H", Remark: text, Teacher: teacherOf(s)})
		}
	}
	return r
}

// printed counts the lines of a text in the text layer; 0 when it is not there.
func printed(layer, text string) int {
	found := regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(text), " ", `\s+`)).FindString(layer)
	if found == "" {
		return 0
	}
	return strings.Count(found, "\n") + 1
}

// TestRemarkLines_AreThosePrinted compares the computed breaks with Chromium's.
func TestRemarkLines_AreThosePrinted(t *testing.T) {
	p := newPrinter(t, 1)
	r := rand.New(rand.NewPCG(27, 2020))
	compared := 0
	for range 6 {
		remarks := map[school.Subject]string{}
		for i, s := range school.Subjects {
			remarks[s] = sentence(r, 5+3*i+r.IntN(3))
		}
		rec := withRemarks(remarks)
		groups := map[evaluation.Item]*bundle.Group{evaluation.RemarkQualities: &rec.Content.Qualities,
			evaluation.RemarkGeneralCompetencies: &rec.Content.General, evaluation.RemarkSpecificCompetencies: &rec.Content.Specific}
		all := map[evaluation.Item]string{}
		for it, g := range groups {
			g.Remark = sentence(r, 20+r.IntN(40))
			all[it] = g.Remark
		}
		for s, text := range remarks {
			all[evaluation.Item(s)] = text
		}
		layer := tool(t, mustPrint(t, p, paper.FromRecord(rec, signed())), "pdftotext", "-raw", "-", "-")
		for it, text := range all {
			got := printed(layer, text)
			if got == 0 {
				continue // a page ends inside it
			}
			compared++
			if want := remark.Lines(it, text); got != want {
				t.Errorf("%s: %d lines on paper, %d computed: %q", it, got, want, text)
			}
		}
	}
	if compared < 80 {
		t.Errorf("only %d remarks were compared", compared)
	}
}

// TestPageHolds_SaysWhenTheYearKeepsToItsPages prints years with short and long
// remarks and counts their pages: cover, personal page and two for the year.
func TestPageHolds_SaysWhenTheYearKeepsToItsPages(t *testing.T) {
	p := newPrinter(t, 1)
	r := rand.New(rand.NewPCG(4, 4))
	fits := map[bool]int{}
	for range 24 {
		remarks, items := map[school.Subject]string{}, map[evaluation.Item]string{}
		for _, s := range school.Subjects[:12] {
			remarks[s] = strings.TrimSpace(strings.Repeat("dòng\n", 1+max(0, r.IntN(5)-2)))
			items[evaluation.Item(s)] = remarks[s]
		}
		holds := remark.PageHolds(items)
		fits[holds]++
		if n := pages(mustPrint(t, p, paper.FromRecord(withRemarks(remarks), signed()))); holds != (n == 4) {
			t.Errorf("%d pages, held to fit: %v", n, holds)
		}
	}
	if fits[true] < 5 || fits[false] < 5 {
		t.Errorf("the years are not mixed: %v", fits)
	}
}

// TestRoom_IsWhatAGroupsCellHolds finds the first number of lines that moves
// what stands below.
func TestRoom_IsWhatAGroupsCellHolds(t *testing.T) {
	p := newPrinter(t, 1)
	for it, below := range map[evaluation.Item]string{evaluation.RemarkQualities: "3.", evaluation.RemarkGeneralCompetencies: "3.2.",
		evaluation.RemarkSpecificCompetencies: "4."} {
		at := func(lines int) string {
			rec := sample(longName)
			group := map[evaluation.Item]*bundle.Group{evaluation.RemarkQualities: &rec.Content.Qualities,
				evaluation.RemarkGeneralCompetencies: &rec.Content.General, evaluation.RemarkSpecificCompetencies: &rec.Content.Specific}[it]
			group.Remark = strings.TrimSpace(strings.Repeat("dòng\n", lines))
			box := tool(t, mustPrint(t, p, paper.FromRecord(rec, signed())), "pdftotext", "-bbox", "-", "-")
			return regexp.MustCompile(`xMin="57[^>]*>` + regexp.QuoteMeta(below) + `<`).FindString(box)
		}
		usual, room := at(1), remark.Room(it)
		if usual == "" || at(room) != usual || at(room+1) == usual {
			t.Errorf("%s: %d lines leave %q at %q, one more at %q, one line at %q", it, room, below, at(room), at(room+1), usual)
		}
	}
}
