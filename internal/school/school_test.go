package school

import (
	"testing"
	"time"
)

func TestClean_MakesOneFormOfText(t *testing.T) {
	for in, want := range map[string]string{
		"Nguyễn \u202eAn\u2066": "Nguyễn An", "a\u2028b\u2029c": "a\nb\nc", "a \u200fb": "a b",
		"Nguye\u0302\u0303n  Va\u0306n\tAn ": "Nguyễn Văn An",
		"một\r\nhai\rba":                     "một\nhai\nba",
		"\u00a0Trần\u200bBảo\x00":            "TrầnBảo",
		"a \n b":                             "a\nb",
		"a\u200b\u0300":                      "à", // what kept them apart is gone
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
		if again := Clean(Clean(in)); again != Clean(in) {
			t.Errorf("Clean is not stable on %q: %q", in, again)
		}
	}
}

func TestReadDate_AnyUsualSpelling(t *testing.T) {
	want := Date{2016, time.March, 4}
	for _, s := range []string{"04/03/2016", "4-3-2016", "4.3.2016", "2016-03-04", " 04 / 03 / 2016", "4 3 2016"} {
		if got, ok := ReadDate(s); !ok || got != want {
			t.Errorf("ReadDate(%q) = %v, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "31/02/2016", "07-03-20", "2016", "4/13/2016", "04/03/16", "abc"} {
		if got, ok := ReadDate(s); ok {
			t.Errorf("ReadDate(%q) = %v, want refused", s, got)
		}
	}
}

func TestSplitName_SortsByGivenName(t *testing.T) {
	for full, want := range map[string][2]string{
		"Công Tằng Tôn Nữ Uyên Nhi": {"Công Tằng Tôn Nữ Uyên", "Nhi"},
		"Zơrâm Nhiên":               {"Zơrâm", "Nhiên"},
		"Bh'nướch":                  {"", "Bh'nướch"},
	} {
		if rest, given := SplitName(full); rest != want[0] || given != want[1] {
			t.Errorf("SplitName(%q) = %q, %q", full, rest, given)
		}
	}
	if got := Fold("Đặng Quốc  Bảo Sơn"); got != "dang quoc bao son" {
		t.Errorf("Fold = %q", got)
	}
}

func TestRegulationDeadline_EndsWithTheDayBefore(t *testing.T) {
	d := RegulationDeadline(SchoolSubmit, "2025-2026", TrackJune)
	last := time.Date(2026, time.June, 29, 23, 59, 59, 999999999, Zone)
	if !last.Before(d.Due) || last.Add(time.Nanosecond).Before(d.Due) {
		t.Fatalf("due %v: 29/6 23:59:59 must be in time and 30/6 00:00 late", d.Due)
	}
	// The same instant told by a machine in another zone.
	if utc := last.UTC(); !utc.Before(d.Due) || utc.Day() != 29 || utc.Hour() != 16 {
		t.Fatalf("the deadline must not depend on the machine's zone: %v", utc)
	}
	for at, want := range map[time.Time]int{
		time.Date(2026, time.June, 19, 8, 0, 0, 0, Zone):   10,
		time.Date(2026, time.June, 29, 23, 59, 0, 0, Zone): 0,
		time.Date(2026, time.June, 30, 0, 0, 0, 0, Zone):   -1,
	} {
		if got := d.DaysLeft(at); got != want {
			t.Errorf("DaysLeft(%v) = %d, want %d", at, got, want)
		}
	}
	if before, whole := d.Words(); before != (Date{2026, time.June, 30}) || !whole {
		t.Errorf("Words() = %v, %v", before, whole)
	}
}

func TestYearOf_TurnsInAugust(t *testing.T) {
	if y := YearOf(Date{2026, time.July, 31}); y != "2025-2026" {
		t.Error(y)
	}
	if y := YearOf(Date{2026, time.August, 1}); y != "2026-2027" {
		t.Error(y)
	}
	for _, s := range []string{"2025-2027", "2025", "2025-2026 ", "aaaa-bbbb"} {
		if _, ok := ParseYear(s); ok {
			t.Errorf("ParseYear(%q) accepted", s)
		}
	}
}

func TestSameName_TellsPersonsApartByTheirMarks(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Nguyễn Thị Hương", "NGUYỄN THỊ  HƯƠNG", true},
		{"Nguyễn Thị Hương", "Nguyen Thi Huong", true},
		{"Nguyễn Thị Hương", "Nguye\u0302\u0303n Thị Hương", true}, // NFD
		{"Nguyễn Thị Hương", "Nguyễn Thị Hường", false},
		{"Nguyễn Thị Hòa", "Nguyễn Thị Hoà", true},
		{"Nguyễn Thị Hòa", "Nguyễn Thị Hóa", false},
		{"Đặng Mỹ Thúy", "Đặng Mỹ Thuý", true},
		{"Đặng Thị Đào", "Dang Thi Dao", true},
		{"Đặng Thị Đào", "Đặng Thị Dào", false},
		{"Trường Tiểu học Hoa Phượng", "TRƯỜNG TIỂU HỌC HOA PHƯƠNG", false},
		{"Nguyễn Thị Hương", "Nguyễn Thị Hươnɡ", false}, // a Latin letter that only looks like g
		{"Nguyễn Văn An", "Nguyễn Văn \u0410n", false},  // Cyrillic A
		{"Nguyễn Văn An", "Nguyễn Văn A\u200bn", false}, // a space of no width
		{"Nguyễn Văn An", "Nguyễn Văn An\u202e", false}, // right to left
	} {
		if got := SameName(c.a, c.b); got != c.same || SameName(c.b, c.a) != c.same {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}
