package views

import (
	"time"

	"hocba/internal/school"
)

// Clock is an instant as a line of text, "10:32 19/06/2026".
func Clock(t time.Time) string { return t.In(school.Zone).Format("15:04 02/01/2006") }

// Day is the civil date of an instant, "19/06/2026".
func Day(t time.Time) string { return school.DateOf(t).Vietnamese() }

// HourMinute is the time of day, "10:32".
func HourMinute(t time.Time) string { return t.In(school.Zone).Format("15:04") }

// HomeroomRole is a teacher's role with the class they are homeroom teacher of.
func HomeroomRole(role, class string) string { return role + " · chủ nhiệm " + class }
