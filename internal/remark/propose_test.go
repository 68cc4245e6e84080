package remark

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
)

// randomClass is a class with levels, marks, a history and remarks that some
// pupils have already.
func randomClass(r *rand.Rand, it evaluation.Item, grade int) []Seat {
	bank := Suiting(StarterBank(), Place{Item: it, Grade: grade, Period: school.YearEnd})
	text := func() string { return bank[r.IntN(len(bank))].Text }
	seats := make([]Seat, 1+r.IntN(40))
	for i := range seats {
		s := Seat{Pupil: int64(i + 1), Grade: grade, Level: Levels(it)[r.IntN(3)], Again: r.IntN(4) == 0}
		if r.IntN(3) == 0 {
			n := 1 + r.IntN(10)
			s.Mark = &n
		}
		if r.IntN(3) == 0 {
			s.Remark = text()
		}
		if r.IntN(2) == 0 {
			s.Before = Past{Level: Levels(it)[r.IntN(3)], Remark: text() + " " + text()}
		}
		for range r.IntN(3) {
			s.Others = append(s.Others, text())
		}
		seats[i] = s
	}
	return seats
}

func TestPropose_RepeatsNothingThatItNeedNot(t *testing.T) {
	r := rand.New(rand.NewPCG(27, 4))
	for range 400 {
		items := Items()
		it, grade := items[r.IntN(len(items))], 1+r.IntN(5)
		if s, ok := it.Subject(); ok && evaluation.ForYear(year).Subject(grade, s) == evaluation.None {
			continue
		}
		seats := randomClass(r, it, grade)
		at := Place{Item: it, Period: school.YearEnd}
		got := Propose(StarterBank(), at, seats, r.Uint64())
		for i, p := range got {
			s := seats[i]
			if s.kept() {
				if p.Phrase != nil {
					t.Fatalf("a remark that stands is replaced")
				}
				continue
			}
			if p.Phrase == nil || p.Phrase.Level != s.Level || !s.Fits(p.Phrase.When) || p.Phrase.To < grade || p.Phrase.From > grade {
				t.Fatalf("%s grade %d level %s: %+v", it, grade, s.Level, p.Phrase)
			}
			forbidden := append([]string{s.Before.Remark, s.Remark}, s.Others...)
			if i > 0 {
				forbidden = append(forbidden, standing(seats[i-1], got[i-1]))
			}
			if i+1 < len(seats) {
				forbidden = append(forbidden, standing(seats[i+1], got[i+1]))
			}
			if repeats(p.Phrase.Text, forbidden) && enough(at, s, forbidden) {
				t.Fatalf("%s grade %d: %q repeats one of %q", it, grade, p.Phrase.Text, forbidden)
			}
		}
	}
}

func repeats(text string, forbidden []string) bool {
	return slices.ContainsFunc(forbidden, func(f string) bool { return slices.Contains(sentences(f), sentences(text)[0]) })
}

// enough reports whether the bank has a phrase that repeats nothing.
func enough(at Place, s Seat, forbidden []string) bool {
	at.Grade, at.Level = s.Grade, s.Level
	return slices.ContainsFunc(Suiting(StarterBank(), at), func(p Phrase) bool { return s.Fits(p.When) && !repeats(p.Text, forbidden) })
}

func TestPropose_IsTheSameForTheSameSeed(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	seats := randomClass(r, toan, 4)
	ids := func(seed uint64) (out []string) {
		for _, p := range Propose(StarterBank(), Place{Item: toan, Period: school.YearEnd}, seats, seed) {
			if p.Phrase != nil {
				out = append(out, p.Phrase.ID)
			}
		}
		return out
	}
	if !slices.Equal(ids(7), ids(7)) {
		t.Error("the same seed gives other phrases")
	}
	if len(ids(7)) > 5 && slices.Equal(ids(7), ids(8)) {
		t.Error("another seed gives the same phrases")
	}
}

func TestPropose_SpreadsTheBank(t *testing.T) {
	seats := make([]Seat, 35)
	for i := range seats {
		seats[i] = Seat{Pupil: int64(i), Grade: 4, Level: "T"}
	}
	times := map[string]int{}
	for _, p := range Propose(StarterBank(), Place{Item: toan, Period: school.EndFirst}, seats, 3) {
		times[p.Phrase.ID]++
	}
	suiting := 0
	for _, p := range Suiting(StarterBank(), Place{Item: toan, Grade: 4, Level: "T", Period: school.EndFirst}) {
		if p.When == Always {
			suiting++
		}
	}
	if len(times) != suiting {
		t.Errorf("%d of %d phrases are used", len(times), suiting)
	}
	for id, n := range times {
		if n > 35/suiting+1 {
			t.Errorf("%s stands %d times", id, n)
		}
	}
}

func TestPropose_TakesMarkAndProgressIntoAccount(t *testing.T) {
	ten, five, seven := 10, 5, 7
	for _, c := range []struct {
		seat Seat
		want Moment
	}{
		{Seat{Level: "T", Mark: &ten}, High}, {Seat{Level: "H", Mark: &five}, Low}, {Seat{Level: "T", Mark: &seven}, Always},
		{Seat{Level: "H", Before: Past{Level: "C"}}, Rising}, {Seat{Level: "H", Before: Past{Level: "T"}}, Always},
		{Seat{Level: "H", Mark: &seven, Before: Past{Level: "H", Mark: &five}}, Rising},
	} {
		c.seat.Pupil, c.seat.Grade = 1, 4
		got := Propose(StarterBank(), Place{Item: toan, Period: school.YearEnd}, []Seat{c.seat}, 1)
		if got[0].Phrase == nil || got[0].Phrase.When != c.want {
			t.Errorf("%+v: %+v, want one for %q", c.seat, got[0].Phrase, c.want)
		}
	}
	none := Propose(StarterBank(), Place{Item: toan, Period: school.YearEnd}, []Seat{{Pupil: 1, Grade: 4}}, 1)
	if none[0].Phrase != nil {
		t.Error("a pupil without a level gets a remark")
	}
}

func TestFind_ByCodeAndByLetters(t *testing.T) {
	bank := []Phrase{
		{ID: "1", Code: "T1", Text: "Đọc trơn rõ ràng, hiểu bài."}, {ID: "2", Code: "T12", Text: "Tính nhanh."},
		{ID: "3", Code: "H1", Text: "Đã tiến bộ khi đọc."}, {ID: "4", Code: "", Text: "Trình bày sạch."},
	}
	for typed, want := range map[string]string{"": "1234", "t1": "12", "T12": "2", "dt": "13", "đt": "13", "tn": "2", "doc": "13", "đọc tr": "1", "h": "31", "ts": "", "tb": "4"} {
		got := ""
		for _, p := range Find(bank, typed) {
			got += p.ID
		}
		if got != want {
			t.Errorf("%q finds %q, want %q", typed, got, want)
		}
	}
}

func TestRead_RefusesWhatNoBankKeeps(t *testing.T) {
	good := Phrase{Item: toan, From: 1, To: 5, Level: "T", Text: "  Tính  nhanh. ", Code: " tn1"}
	got, err := Read(good)
	if err != nil || got.Text != "Tính nhanh." || got.Code != "TN1" {
		t.Errorf("%+v, %v", got, err)
	}
	for code, change := range map[string]func(*Phrase){
		"phrase.item":          func(p *Phrase) { p.Item = evaluation.YeuNuoc },
		"phrase.grades":        func(p *Phrase) { p.From = 5; p.To = 4 },
		"phrase.level":         func(p *Phrase) { p.Level = "Đ" },
		"phrase.text":          func(p *Phrase) { p.Text = " " },
		"phrase.text_too_long": func(p *Phrase) { p.Text = strings.Repeat("a", MaxText+1) },
		"phrase.code":          func(p *Phrase) { p.Code = "T 1" },
		"phrase.period":        func(p *Phrase) { p.Periods = []school.Period{"x"} },
	} {
		p := good
		change(&p)
		if _, err := Read(p); fault.CodeOf(err) != code {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestFill_PutsTheNameWhereItIsWanted(t *testing.T) {
	if got := Fill("{tên} ({họ tên}, lớp {lớp}) học tốt; {bạn} vui.", "Nguyễn Khánh Chi", "4A"); got != "Chi (Nguyễn Khánh Chi, lớp 4A) học tốt; {bạn} vui." {
		t.Error(got)
	}
}

func TestGroupLevel_IsTheLowest(t *testing.T) {
	for want, levels := range map[evaluation.Level][]evaluation.Level{"": {"", ""}, "T": {"T", "", "T"}, "Đ": {"T", "Đ"}, "C": {"T", "C", "Đ"}} {
		if got := GroupLevel(levels); got != want {
			t.Errorf("%v: %q", levels, got)
		}
	}
}

func TestLeastUsed_PutsWhatTheClassHasLast(t *testing.T) {
	bank := []Phrase{{ID: "1", Text: "Tính nhanh."}, {ID: "2", Text: "Đọc rõ."}, {ID: "3", Text: "Viết đẹp."}}
	got := ""
	for _, p := range LeastUsed(bank, []Written{{"Lê Hoa", "Tính nhanh. Em ngoan."}, {"Lê Anh", "tính nhanh"}, {"Lê Lợi", "Đọc rõ!"}}) {
		got += p.ID
	}
	if got != "321" {
		t.Error(got)
	}
}

// TestPropose_FillsAWholeClassWithoutAFinding gives a class of 35 the same
// level: what is proposed passes the checks, the count of equal sentences too.
func TestPropose_FillsAWholeClassWithoutAFinding(t *testing.T) {
	rules := evaluation.ForYear(year)
	seats, pupils := make([]Seat, 35), make([]Pupil, 35)
	for i := range seats {
		pupils[i] = Pupil{ID: int64(i + 1), Name: "Lê " + string(rune('A'+i%26)) + "h Yến", Sex: school.Female}
	}
	for grade := evaluation.FirstGrade; grade <= evaluation.LastGrade; grade++ {
		for _, it := range Items() {
			if s, ok := it.Subject(); ok && rules.Subject(grade, s) == evaluation.None {
				continue
			}
			for _, level := range Levels(it)[:2] {
				for i := range seats {
					seats[i] = Seat{Pupil: int64(i + 1), Name: pupils[i].Name, Grade: grade, Level: level}
				}
				c := Class{Pupils: pupils, Printed: true}
				for _, p := range Propose(StarterBank(), Place{Item: it, Period: school.YearEnd}, seats, 1) {
					c.Cells = append(c.Cells, Cell{Pupil: p.Pupil, Item: it, Level: level, Text: p.Phrase.Text})
				}
				if found := c.Check(); len(found) > 0 {
					t.Errorf("%s, grade %d, level %s: %s %v", it, grade, level, found[0].Code, found[0].Args)
				}
			}
		}
	}
}
