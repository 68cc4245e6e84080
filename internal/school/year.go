package school

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Year is a school year in its exchange form, "2025-2026".
type Year string

var yearPattern = regexp.MustCompile(`^(\d{4})-(\d{4})$`)

// ParseYear reads "2025-2026"; the second year must follow the first.
func ParseYear(s string) (Year, bool) {
	m := yearPattern.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	a, _ := strconv.Atoi(m[1])
	b, _ := strconv.Atoi(m[2])
	if b != a+1 || a < 2000 || a > 2150 {
		return "", false
	}
	return Year(s), true
}

// First returns the calendar year in which the school year begins.
func (y Year) First() int {
	n, _ := strconv.Atoi(string(y[:4]))
	return n
}

// Vietnamese returns "2025 – 2026", as the forms print it.
func (y Year) Vietnamese() string {
	return fmt.Sprintf("%d – %d", y.First(), y.First()+1)
}

// Start returns the day from which the year's classes may be set up, 1 August.
func (y Year) Start() Date { return Date{y.First(), time.August, 1} }

// End returns the last day on which the year's summer track may still be open, 31 August.
func (y Year) End() Date { return Date{y.First() + 1, time.August, 31} }

// Next returns the following school year.
func (y Year) Next() Year { return YearFrom(y.First() + 1) }

// YearFrom returns the school year that begins in the calendar year.
func YearFrom(first int) Year { return Year(fmt.Sprintf("%04d-%04d", first, first+1)) }

// YearOf returns the school year that runs on a day: from 1 August on the new one.
func YearOf(d Date) Year {
	if d.Month >= time.August {
		return YearFrom(d.Year)
	}
	return YearFrom(d.Year - 1)
}

// Period is one of the four points of time of the periodic assessment
// (TT 27/2020 Điều 7), or the re-assessment in summer (Điều 11), whose values
// replace the year-end's.
type Period string

// The periods of a school year, in their order.
const (
	MidFirst  Period = "gk1" // giữa học kì I
	EndFirst  Period = "ck1" // cuối học kì I
	MidSecond Period = "gk2" // giữa học kì II
	YearEnd   Period = "cn"  // cuối năm học
	Summer    Period = "he"  // đánh giá bổ sung
)

// Periods lists the four regular periods in order.
var Periods = []Period{MidFirst, EndFirst, MidSecond, YearEnd}

// ParsePeriod reads a period's code.
func ParsePeriod(s string) (Period, bool) {
	switch p := Period(s); p {
	case MidFirst, EndFirst, MidSecond, YearEnd, Summer:
		return p, true
	}
	return "", false
}

// Track is one of the two batches of a year (seed Điều 4.3): pupils confirmed
// complete before 30/6, and those after the summer re-assessment, before 15/8.
type Track int

// The tracks.
const (
	TrackJune   Track = 1
	TrackAugust Track = 2
)
