package views

import (
	"fmt"

	"hocba/internal/school"
	"hocba/views/ui"
)

// Printing says which papers of a record the person may open now.
type Printing struct {
	Final   bool // the registry holds a version, so that the paper exists
	Preview bool // what is written can be printed as a preview
}

// links are the papers of a record, the one that counts first; name tells them
// apart for who does not see the line they stand in, and may be empty.
func (p Printing) links(y school.Year, recordID int64, name string) []ui.Action {
	var out []ui.Action
	if p.Final {
		out = append(out, ui.Action{Label: "Bản in", URL: PaperURL(y, recordID), Icon: ui.IconPaper, NewTab: true, Hint: name})
	}
	if p.Preview {
		out = append(out, ui.Action{Label: "Bản in xem trước", URL: PreviewURL(y, recordID), Icon: ui.IconPaper, NewTab: true, Hint: name})
	}
	return out
}

// classPapers leads to the papers of a class in one file; nil while there is none.
func classPapers(y school.Year, classID int64, n int) *ui.Action {
	if n == 0 {
		return nil
	}
	return &ui.Action{Label: fmt.Sprintf("Bản in cả lớp (%s)", pupils(n)), URL: ClassPapersURL(y, classID), Icon: ui.IconDownload}
}
