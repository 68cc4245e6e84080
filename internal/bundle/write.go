package bundle

import (
	"bytes"
	"strconv"
	"time"

	"hocba/internal/school"
)

// write runs a description and returns the bytes. Values that no reader would
// accept are refused here, so that nobody signs what cannot be opened.
func write(describe func(*walk)) ([]byte, error) {
	w := &walk{out: &bytes.Buffer{}}
	describe(w)
	if w.err != nil {
		return nil, w.err
	}
	return w.out.Bytes(), nil
}

// WriteSubject returns the bytes of one subject's part (DIEM_TONG_KET), which
// the subject teacher signs. It fails with the bundle.… codes of Open when a
// value is missing or not of its kind.
func WriteSubject(s Subject) ([]byte, error) {
	if s.Exempt && (s.Level != "" || s.Mark != nil) {
		return nil, invalid("bundle.exempt_has_result", "subject", string(s.Subject))
	}
	return write(func(w *walk) {
		w.element("DIEM_TONG_KET", s.attributes(), func() { s.inside(w) })
	})
}

// WriteContent returns the bytes of the year's content (THONG_TIN_HOC_BA),
// which the homeroom teacher signs. parts are the bytes of the subject parts
// as WriteSubject made them and as they were signed, in the order of the
// booklet's rows; c.Subjects is not looked at. Beside the bundle.… codes it
// fails with bundle.part when a part is not one, stands out of order, or
// belongs to another record, year or pupil.
func WriteContent(c Content, parts [][]byte) ([]byte, error) {
	last := -1
	for _, p := range parts {
		s, err := readPart(p)
		if err != nil || s.Subject.Index() <= last || s.Record != c.Record || s.Year != c.Year || s.Pupil != c.Pupil.Code {
			return nil, invalid("bundle.part", "part", PartID(p))
		}
		last = s.Subject.Index()
	}
	if last < 0 {
		return nil, invalid("bundle.part", "part", "")
	}
	return write(func(w *walk) { c.walk(w, parts) })
}

// WriteData returns the bytes of all data (DU_LIEU_HOC_BA), which the principal
// signs: the general part around the content as WriteContent made it. It fails
// with bundle.part when the content is of another record or year.
func WriteData(g General, content []byte) ([]byte, error) {
	if !isElement(content, "THONG_TIN_HOC_BA") ||
		attributeOf(content, "MA_HOC_BA") != g.Record || attributeOf(content, "NAM_HOC") != string(g.Year) {
		return nil, invalid("bundle.part", "part", PartID(content))
	}
	return write(func(w *walk) {
		w.element("DU_LIEU_HOC_BA", []attribute{id(DataID)}, func() {
			g.walk(w)
			w.out.Write(content)
		})
	})
}

// WriteIssuance returns the bytes of THONG_TIN_PHAT_HANH, which the seal signs
// together with the data.
func WriteIssuance(i Issuance) ([]byte, error) { return write(i.walk) }

// TeacherSignature is the signature of one subject teacher over that teacher's
// parts: the bytes of ds:Signature with Id TeacherSignatureID(Number).
type TeacherSignature struct {
	Number    int    // see TeacherNumber
	Teacher   string // MA_GIAO_VIEN
	Signature []byte
}

// Pieces are the stored bytes of which a version is put together.
type Pieces struct {
	Data     []byte
	Teachers []TeacherSignature // in rising order of Number
	Homeroom []byte
	Approval []byte
	Issuance []byte
	Seal     []byte
}

// Assemble concatenates the pieces to the bytes of the version and opens them
// once, so that nothing is issued that the registry's reader would refuse. It
// verifies no signature.
func Assemble(p Pieces) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(Declaration + `<HOC_BA_SO xmlns="` + Namespace + `" LUOC_DO="` + SchemaVersion + `">`)
	b.Write(p.Data)
	b.WriteString("<DANH_SACH_THONG_TIN_KY><DANH_SACH_GVBM>")
	for _, t := range p.Teachers {
		// MA_GIAO_VIEN is a plain code; Open refuses anything that would need escaping.
		b.WriteString(`<GVBM MA_GIAO_VIEN="` + attributeEscape.Replace(t.Teacher) + `" STT="` + strconv.Itoa(t.Number) + `">`)
		b.Write(t.Signature)
		b.WriteString("</GVBM>")
	}
	b.WriteString("</DANH_SACH_GVBM><GVCN>")
	b.Write(p.Homeroom)
	b.WriteString("</GVCN></DANH_SACH_THONG_TIN_KY><PHAT_HANH_HOC_BA><CBQL>")
	b.Write(p.Approval)
	b.WriteString("</CBQL>")
	b.Write(p.Issuance)
	b.WriteString("<KY_PHAT_HANH>")
	b.Write(p.Seal)
	b.WriteString("</KY_PHAT_HANH></PHAT_HANH_HOC_BA></HOC_BA_SO>")
	if _, err := Open(b.Bytes()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// readPart reads the bytes of a subject's part on its own.
func readPart(part []byte) (Subject, error) {
	var s Subject
	if !isElement(part, "DIEM_TONG_KET") {
		return s, invalid("bundle.part")
	}
	s.Record = attributeOf(part, "MA_HOC_BA")
	s.Year = school.Year(attributeOf(part, "NAM_HOC"))
	s.Pupil = attributeOf(part, "MA_HOC_SINH")
	s.Subject = school.Subject(attributeOf(part, "MON"))
	s.Teacher.Code = attributeOf(part, "MA_GIAO_VIEN")
	return s, nil
}

// isElement reports whether part is one element of this name as this package
// writes it.
func isElement(part []byte, name string) bool {
	return bytes.HasPrefix(part, []byte("<"+name+" ")) && bytes.HasSuffix(part, []byte("</"+name+">"))
}

// attributeOf returns an attribute of the first tag. Identity attributes are
// codes, which no writer escapes.
func attributeOf(part []byte, name string) string {
	end := bytes.IndexByte(part, '>')
	if end < 0 {
		return ""
	}
	_, rest, _ := bytes.Cut(part[:end], []byte(" "+name+`="`))
	value, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(value)
}

// Instant brings a time into the form documents hold: whole seconds in UTC.
func Instant(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// PartID returns the Id in the first tag of a part written by this package,
// "" when it has none.
func PartID(part []byte) string { return attributeOf(part, "Id") }
