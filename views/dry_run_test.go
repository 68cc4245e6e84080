package views

import (
	"strings"
	"testing"
	"time"

	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views/ui"
)

// dryDay is a day of the season.
func dryDay(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 8, 0, 0, 0, school.Zone)
}

func drySeason(now time.Time) DryRun {
	year := school.Year("2025-2026")
	return DryRun{Year: year, Who: "Hoàng Văn Thuận", Role: workflow.Principal, Allowed: true, Now: now,
		Due:    school.RegulationDeadline(school.SchoolSubmit, year, school.CurrentTrack(year, now)),
		August: school.RegulationDeadline(school.SchoolSubmit, year, school.TrackAugust)}
}

func TestDryRun_ACertificateLastsThroughTheSeason(t *testing.T) {
	for _, c := range []struct {
		now, until time.Time
		tone       ui.Tone
		text       string
	}{
		{dryDay(time.June, 1), dryDay(time.June, 20), ui.Wait, "hết hạn ngày 20/06/2026, trước hạn nộp 30/6"},
		{dryDay(time.June, 1), dryDay(time.August, 1), ui.Wait, "trước hạn nộp đợt 2 (15/8)"},
		{dryDay(time.June, 1), dryDay(time.August, 20), ui.OK, "dùng được đến 20/08/2026"},
		{dryDay(time.July, 20), dryDay(time.August, 1), ui.Wait, "trước hạn nộp 15/8"},
		{dryDay(time.August, 20), dryDay(time.August, 25), ui.OK, "dùng được đến 25/08/2026"},
	} {
		with := SignWith{Ways: []SignWay{{Until: c.until, Chosen: true}}}
		if l := drySeason(c.now).certificate(with); l.Status.Tone != c.tone || !strings.Contains(l.Text, c.text) {
			t.Errorf("on %s until %s: %s %q", Day(c.now), Day(c.until), l.Status.Tone, l.Text)
		}
	}
	if l := drySeason(dryDay(time.June, 1)).certificate(SignWith{}); l.Status.Tone != ui.Stop {
		t.Errorf("without a certificate: %+v", l)
	}
}

func TestDryRun_LooksAtTheWayThatIsChosen(t *testing.T) {
	with := SignWith{Ways: []SignWay{{Label: "HSM", Until: dryDay(time.December, 1)}, {Label: "Token", Until: dryDay(time.June, 10), Chosen: true}}}
	if l := drySeason(dryDay(time.June, 1)).certificate(with); l.Status.Tone != ui.Wait || !strings.Contains(l.More, "Token") {
		t.Errorf("%+v", l)
	}
}

func TestDryRun_SaysWhoAndHowLong(t *testing.T) {
	d := drySeason(dryDay(time.May, 20))
	if l := d.time(); l.Status.Tone != ui.OK || !strings.Contains(l.Text, "trước ngày 30/6") {
		t.Errorf("in May: %+v", l)
	}
	if l := drySeason(dryDay(time.June, 25)).time(); l.Status.Tone != ui.Wait || !strings.Contains(l.Text, "còn 4") {
		t.Errorf("four days before: %+v", l)
	}
	if l := drySeason(dryDay(time.July, 2)).time(); l.Status.Tone != ui.Stop || !strings.Contains(l.Text, "quá hạn") {
		t.Errorf("too late: %+v", l)
	}
	d.Role, d.Allowed = workflow.Deputy, false
	if l := d.person(); l.Status.Tone != ui.Stop {
		t.Errorf("a deputy without delegation: %+v", l)
	}
	d.Allowed, d.Decision, d.Until = true, "12/QĐ", school.Date{Year: 2026, Month: time.June, Day: 30}
	if l := d.person(); l.Status.Tone != ui.OK || !strings.Contains(l.Text, "KT. HIỆU TRƯỞNG theo quyết định 12/QĐ, đến hết ngày 30/06/2026") {
		t.Errorf("a deputy with one: %+v", l)
	}
}

func TestApprovalQueue_GroupsASchoolOfThousands(t *testing.T) {
	q := ApprovalQueue{Dry: drySeason(dryDay(time.June, 1))}
	for i := range 30 {
		q.Classes = append(q.Classes, ApprovalClass{ID: int64(i + 1), Name: "4A", OnRoll: 35, Waiting: 34, Before: 1, ForHomeroom: 1, Homeroom: "Trần Thị Bình"})
	}
	q.Classes[3].Flagged, q.Classes[3].Unopened = 4, 3
	counts := map[string]int{}
	for _, g := range q.groups() {
		counts[g.Status.Word] = g.Count
	}
	want := map[string]int{"Có đánh dấu, chưa mở xem": 3, "Duyệt được": 29 * 34, "Duyệt được sau khi mở em có đánh dấu cùng lớp": 31, "Chưa có chữ ký chủ nhiệm": 30}
	for word, n := range want {
		if counts[word] != n {
			t.Errorf("%s: %d, want %d", word, counts[word], n)
		}
	}
	if classes, records := q.ready(); classes != 29 || records != 986 || len(counts) != len(want) {
		t.Errorf("%d classes, %d records ready; %v", classes, records, counts)
	}
}

func TestJob_ShowsEveryVerdictPageByPage(t *testing.T) {
	j := Job{ID: 7, State: "stopped", Kind: "approve", Classes: 30}
	for i := range 1050 {
		state := "done"
		if i%500 == 499 {
			state = "refused"
		}
		j.Rows = append(j.Rows, JobRow{Number: i + 1, Class: "4A", State: state})
	}
	seen := map[int]bool{}
	for page := 1; page <= 21; page++ {
		j.Page = page
		rows, p := j.shown()
		if p.Last != 21 || len(rows) != 50 || (p.Next == "") != (page == 21) || (p.Previous == "") != (page == 1) {
			t.Fatalf("page %d: %d rows, %+v", page, len(rows), p)
		}
		if page == 1 && (rows[0].State != "refused" || rows[1].State != "refused") {
			t.Error("what is blocked is not on top")
		}
		for _, r := range rows {
			seen[r.Number] = true
		}
	}
	if len(seen) != 1050 {
		t.Errorf("%d of 1050 verdicts shown", len(seen))
	}
	j.Page = 99
	if _, p := j.shown(); p.Page != 21 {
		t.Errorf("past the last page: %d", p.Page)
	}
}
