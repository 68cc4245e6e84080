package bundle

import (
	"github.com/beevik/etree"

	"hocba/internal/school"
)

// ReadSubjects reads the subject parts that stand one after another in bytes of
// this package (WriteSubject), as a subject teacher signs them. It fails with
// the codes of Open.
func ReadSubjects(parts []byte) ([]Subject, error) {
	var list []Subject
	err := read(parts, func(w *walk) {
		each(w, &list, repeat[Subject]{name: "DIEM_TONG_KET", min: 1, max: len(school.Subjects),
			attributes: (*Subject).attributes, inside: func(s *Subject) { s.inside(w) }})
	})
	return list, err
}

// ReadContent reads the year's content as WriteContent made it. It fails with
// the codes of Open.
func ReadContent(content []byte) (Content, error) {
	var c Content
	err := read(content, func(w *walk) { c.walk(w, nil) })
	return c, err
}

// ReadData reads all data as WriteData made it. It fails with the codes of Open.
func ReadData(data []byte) (General, Content, error) {
	var g General
	var c Content
	err := read(data, func(w *walk) {
		w.element("DU_LIEU_HOC_BA", []attribute{id(DataID)}, func() {
			g.walk(w)
			c.walk(w, nil)
		})
	})
	return g, c, err
}

// read runs a description over stored bytes of ours, which stand alone here and
// have no root of their own.
func read(stored []byte, describe func(*walk)) error {
	doc := etree.NewDocument()
	if err := doc.ReadFromString("<r>" + string(stored) + "</r>"); err != nil {
		return invalid("bundle.part")
	}
	w := &walk{}
	w.push("")
	w.enter(doc.Root(), nil)
	if w.err == nil {
		describe(w)
	}
	w.leave()
	return w.err
}
