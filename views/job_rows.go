package views

import (
	"net/url"
	"strconv"
	"time"

	"hocba/views/ui"
)

// url is the job's page with a filter and a page of the results.
func (j Job) url(show string, page int) string {
	q := url.Values{}
	if show != "" {
		q.Set("show", show)
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	if len(q) == 0 {
		return JobURL(j.ID)
	}
	return JobURL(j.ID) + "?" + q.Encode()
}

func (j Job) filters() []ui.Filter {
	w := j.words()
	waiting := "Đang chờ"
	if !j.moving() {
		waiting = "Chưa đến lượt"
	}
	out := []ui.Filter{{Label: "Tất cả", Count: len(j.Rows), URL: j.url("", 1), Current: j.Show == ""}}
	add := func(show, label string, n int, tone ui.Tone, icon ui.Icon) {
		if n > 0 || j.Show == show {
			out = append(out, ui.Filter{Label: label, Count: n, URL: j.url(show, 1), Tone: tone, Icon: icon, Current: j.Show == show})
		}
	}
	add("refused", w.refused, j.refused(), ui.Stop, "")
	add("done", w.done, j.finished(), ui.OK, "")
	add("waiting", waiting, j.left(), ui.Neutral, ui.IconClock)
	return out
}

// pageRows is how many results stand on a page.
const pageRows = 50

// sorted are the rows that the filter lets through: what is blocked on top, then
// the one at work and the newest results, then what waits.
func (j Job) sorted() []JobRow {
	rank := func(r JobRow) int {
		switch {
		case r.State == "refused":
			return 0
		case r.Working:
			return 1
		case r.State == "waiting":
			return 3
		}
		return 2
	}
	var rows []JobRow
	for want := range 4 {
		for _, r := range j.Rows {
			if rank(r) == want && (j.Show == "" || j.Show == r.State || j.Show == "done" && r.State == "already") {
				rows = append(rows, r)
			}
		}
	}
	return rows
}

// shown are the rows of one page with its place among the others. A page past
// the last is the last.
func (j Job) shown() ([]JobRow, ui.Pages) {
	rows := j.sorted()
	p := ui.Pages{Last: max(1, (len(rows)+pageRows-1)/pageRows), Text: "Em vướng ở trên cùng, rồi em vừa xong."}
	if j.words().unit != "" {
		p.Text = ""
	}
	p.Page = min(max(1, j.Page), p.Last)
	if p.Page > 1 {
		p.Previous = j.url(j.Show, p.Page-1)
	}
	if p.Page < p.Last {
		p.Next = j.url(j.Show, p.Page+1)
	}
	from := (p.Page - 1) * pageRows
	return rows[from:min(from+pageRows, len(rows))], p
}

// small stands under a pupil's name: the class, in a job over several.
func (j Job) small(r JobRow) string {
	if j.Classes < 2 || r.Class == "" {
		return ""
	}
	return "Lớp " + r.Class
}

// stoppedAt says when the last item was done before the stop.
func (j Job) stoppedAt() string {
	var last time.Time
	for _, r := range j.Rows {
		if r.At != nil && r.At.After(last) {
			last = *r.At
		}
	}
	if last.IsZero() {
		return "theo lệnh của thầy/cô"
	}
	return "lúc " + HourMinute(last) + ", theo lệnh của thầy/cô"
}
