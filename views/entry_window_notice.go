package views

import (
	"fmt"
	"strings"
	"time"

	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// soonDays is how many days before an entry window closes teachers with
// something left are told on every page where they could write it.
const soonDays = 3

// ClosingSoon is what a teacher has left in a period that closes soon: cells,
// and in how many tables.
type ClosingSoon struct {
	Period school.Period
	Closes time.Time
	Cells  int
	Tables int
}

// ClosesSoon reports whether an open window ends within the days in which its
// end is told.
func ClosesSoon(closes, now time.Time) bool {
	return now.Before(closes) && daysBetween(now, lastMinute(closes)) <= soonDays
}

// lastMinute is the last minute in which something can be written.
func lastMinute(closes time.Time) time.Time { return closes.Add(-time.Minute) }

// closesAt says when a window closes; on the last day the hour comes first.
func closesAt(closes, now time.Time) string {
	last := lastMinute(closes)
	switch days := daysBetween(now, last); days {
	case 0:
		return HourMinute(last) + " hôm nay"
	case 1:
		return HourMinute(last) + " ngày mai, " + shortDay(school.DateOf(last))
	default:
		return fmt.Sprintf("%s ngày %s, còn %d\u00a0ngày", HourMinute(last), shortDay(school.DateOf(last)), days)
	}
}

// ClosingNotice tells a teacher what closes soon; nil when nothing does.
func ClosingNotice(list []ClosingSoon, now time.Time) *ui.Notice {
	if len(list) == 0 {
		return nil
	}
	n := ui.Notice{Tone: ui.Wait, Icon: ui.IconClock, Title: "Sắp khóa nhập"}
	var told []string
	for _, c := range list {
		if daysBetween(now, lastMinute(c.Closes)) == 0 {
			n.Tone, n.Title = ui.Stop, "Khóa nhập hôm nay"
		}
		told = append(told, fmt.Sprintf("%s khóa lúc %s: thầy/cô còn %s ô trống ở %s bảng.", words.Period(c.Period), closesAt(c.Closes, now),
			ui.Number(c.Cells), ui.Number(c.Tables)))
	}
	n.Text = strings.Join(told, " ")
	return &n
}

// closing tells over the table that its period closes soon, while cells of the
// reader's are empty; nil otherwise.
func (g Gradebook) closing() *ui.Notice {
	left := g.ownEmpty()
	if g.Writer == 0 || g.State != nil || left == 0 || !ClosesSoon(g.Closes, g.Since) {
		return nil
	}
	n := ui.Notice{Tone: ui.Wait, Icon: ui.IconClock, Title: "Sắp khóa nhập",
		Text: fmt.Sprintf("Kì này khóa lúc %s. Bảng này còn %s ô trống.", closesAt(g.Closes, g.Since), ui.Number(left))}
	if daysBetween(g.Since, lastMinute(g.Closes)) == 0 {
		n.Tone, n.Title = ui.Stop, "Khóa nhập hôm nay"
	}
	return &n
}
