package views

import (
	"net/url"
	"strconv"

	"hocba/internal/evaluation"
	"hocba/internal/remark"
	"hocba/internal/school"
	"hocba/views/words"
)

// PhrasesURL is the bank of phrases.
func PhrasesURL(y school.Year) string { return In(y, "phrases") }

// PhraseURL is one kept phrase.
func PhraseURL(y school.Year, id string) string { return In(y, "phrases", id) }

// RemarkFillURL is where remarks are proposed for a whole class.
func RemarkFillURL(y school.Year, classID int64, p school.Period, it evaluation.Item) string {
	return In(y, "classes", classID, "remarks", p) + "?item=" + url.QueryEscape(string(it))
}

// RemarkChecksURL lists what the checks found in a class's remarks.
func RemarkChecksURL(y school.Year, classID int64, p school.Period) string {
	return In(y, "classes", classID, "remark-checks", p)
}

// PhrasePickerURL gives the phrases for a cell of the gradebook as a fragment.
func PhrasePickerURL(y school.Year, classID int64, p school.Period) string {
	return In(y, "classes", classID, "gradebook", p, "phrases")
}

// RemarkCellURL is the row of the gradebook in which a remark is written.
func RemarkCellURL(y school.Year, classID int64, p school.Period, it evaluation.Item, enrolment int64) string {
	row := "row=" + strconv.FormatInt(enrolment, 10)
	if s, ok := it.Subject(); ok {
		return GradebookURL(y, classID, p, s) + "&" + row
	}
	return TraitsURL(y, classID, p) + "?show=remarks&" + row
}

// sourceNames are the banks as their tabs name them.
var sourceNames = map[remark.Source]string{
	remark.Own: "Của tôi", remark.Shared: "Của trường", remark.Starter: "Có sẵn",
}

// levelWords names a level beside a phrase of an item; an any-level phrase says so.
func levelWords(it evaluation.Item, l evaluation.Level) string {
	switch {
	case l == "":
		return "mọi mức"
	case it.Kind() == evaluation.SubjectItem:
		return words.SubjectLevel(l)
	}
	return words.TraitLevel(l)
}

// gradeWords names the grades of a phrase: "lớp 4", "lớp 2–3".
func gradeWords(from, to int) string {
	if from == to {
		return "lớp " + strconv.Itoa(from)
	}
	return "lớp " + strconv.Itoa(from) + "–" + strconv.Itoa(to)
}

// periodWords names the periods of a phrase; "" for all of them.
func periodWords(periods []school.Period) string {
	out := ""
	for _, p := range periods {
		if out != "" {
			out += ", "
		}
		out += words.PeriodShort(p)
	}
	return out
}
