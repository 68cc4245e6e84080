package remark

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// names finds pupils of the class in a text.
type names struct {
	pupils []named
	byID   map[int64]named
}

type named struct {
	Pupil
	words []string // of the name, as written
	key   string
}

func newNames(pupils []Pupil) names {
	n := names{byID: map[int64]named{}}
	for _, p := range pupils {
		name := norm.NFC.String(p.Name)
		one := named{p, strings.Fields(name), Key(name)}
		n.pupils = append(n.pupils, one)
		n.byID[p.ID] = one
	}
	return n
}

// wholeName is the number of words from which a name is found even in small
// letters; shorter ones may be words of the sentence.
const wholeName = 3

// check finds the first other pupil that a text names: the whole name in any
// letters, or its end ("Khánh Chi", "Chi") in capitals where a capital means a
// name. What also is the pupil's own name, or that of a place, a language or a
// teacher, is none.
func (n names) check(pupil Pupil, text, padded string) []Finding {
	text = norm.NFC.String(text)
	own := n.byID[pupil.ID]
	for _, p := range n.pupils {
		if p.ID != own.ID && p.key != own.key && len(p.words) >= wholeName && strings.Contains(padded, " "+p.key+" ") {
			return []Finding{finding(OtherPupil, "name", p.Name)}
		}
	}
	for _, run := range capitals(text) {
		if p := n.named(own, run); p != "" {
			return []Finding{finding(OtherPupil, "name", p)}
		}
	}
	return nil
}

// named returns the name of the other pupil that a run of capitals means.
func (n names) named(own named, r run) string {
	if properNames()[strings.Join(r.words, " ")] {
		return ""
	}
	words, sure := r.words, !r.first
	if r.first && len(words) > 1 && (titles[strings.ToLower(words[0])] || !n.ends(words)) {
		words, sure = words[1:], true // the first word owes its capital to its place
	}
	if len(words) == 1 {
		if before[r.before] || !sure && len(r.words) == 1 && commonWords()[strings.ToLower(words[0])] {
			return ""
		}
	}
	if endsWith(own.words, words) {
		return ""
	}
	for _, p := range n.pupils {
		if p.ID != own.ID && endsWith(p.words, words) {
			return p.Name
		}
	}
	return ""
}

// ends reports whether some pupil's name ends with the words.
func (n names) ends(words []string) bool {
	return slices.ContainsFunc(n.pupils, func(p named) bool { return endsWith(p.words, words) })
}

func endsWith(name, words []string) bool {
	return len(words) <= len(name) && slices.Equal(name[len(name)-len(words):], words)
}

// run is a row of words with capitals and nothing but blanks between them.
type run struct {
	words  []string
	first  bool   // begins a sentence
	before string // the word before it in the sentence, in small letters
}

// capitals returns the runs of a text.
func capitals(text string) []run {
	var out []run
	var word []rune
	open := false // the last run may go on
	begins, before := true, ""
	flush := func() {
		if len(word) == 0 {
			return
		}
		w := string(word)
		switch {
		case !unicode.IsUpper(word[0]):
			open = false
		case open:
			last := &out[len(out)-1]
			last.words = append(last.words, w)
		default:
			out = append(out, run{words: []string{w}, first: begins, before: before})
			open = true
		}
		word, begins, before = word[:0], false, strings.ToLower(w)
	}
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || len(word) > 0 && (r == '\'' || r == '’') {
			word = append(word, r)
			continue
		}
		flush()
		if r != ' ' && r != '\u00a0' {
			open, before = false, ""
		}
		begins = begins || strings.ContainsRune(".!?…:\n\"“‘(-–•", r)
	}
	flush()
	return out
}

// titles stand before a name and take the capital of a sentence's first word.
var titles = set("em bạn con cháu trò học sinh")

// before are words after which a capital is no pupil of the class: languages,
// peoples, places, teachers, works.
var before = set("tiếng người tộc nước sông núi hồ biển đảo tỉnh huyện xã phường làng thôn phố đường chợ trường chùa đền vua cô thầy bà ông bác chú dì " +
	"truyện bài lễ tết hội nhà chữ môn cụ")

// properNames are what sentences may begin with that is nobody of the class.
var properNames = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, name := range strings.Split("Việt Nam,Hà Nội,Hòa Bình,Hoà Bình,Thái Bình,Ninh Bình,Quảng Bình,Quảng Nam,Hà Nam,An Giang,Nam Định,"+
		"Bình Định,Bình Dương,Khánh Hòa,Thanh Hóa,Hồ Chí Minh,Bác Hồ,Tiếng Việt,Tiếng Anh,Thái Nguyên,Phú Yên,Hưng Yên,Hải Dương,Tây Ninh,"+
		"Đồng Tháp,Trường Sa,Hoàng Sa,Hội An,Nghệ An,Long An,Thánh Gióng,Hai Bà Trưng,Đinh Bộ Lĩnh,Trần Quốc Toản,Kim Đồng,Ê Đê,Ba Na,Tổ Quốc", ",") {
		out[name] = true
	}
	return out
})

// commonWords are words with which a sentence may begin though a pupil may be
// called so: those of the starter bank, and others.
var commonWords = sync.OnceValue(func() map[string]bool {
	out := set("an anh bình hoa chi hòa hoà hiền hiếu thảo dũng tâm tiến thành thông mạnh kiên tài trung nhân khoa toàn trọng bảo quý yên vui tình " +
		"tính cường minh nguyên như lợi phong phú phương quan quân trang trí hạnh hương thanh thương đức công học ngoan thu văn nam sáng tin giỏi duy kim " +
		"nhờ việt vinh long lan mai cúc đào hải hà sơn lâm giang xuân hạ thuận thiện chính quyết thắng thịnh")
	for _, p := range StarterBank() {
		for _, w := range strings.Fields(Key(p.Text)) {
			out[w] = true
		}
	}
	return out
})

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}
