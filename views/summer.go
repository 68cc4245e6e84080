package views

import (
	"hocba/internal/school"
)

// SummerURL is who of a class practises in summer.
func SummerURL(y school.Year, classID int64) string { return In(y, "classes", classID, "summer") }

// SummerPupilURL is the plan of one pupil.
func SummerPupilURL(y school.Year, classID, enrolment int64) string {
	return In(y, "classes", classID, "summer", enrolment)
}
