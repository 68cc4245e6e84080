package bundle

import (
	"bytes"
	"strconv"

	"github.com/beevik/etree"

	"hocba/internal/school"
	"hocba/internal/signing/xades"
)

// Document is an opened file: a record, a statement, a receipt or the manifest
// of a transfer file (exactly one is set), and the places of its signatures. Its elements are
// those of XML, so that a verifier can compare what a signature covers with
// what is read.
type Document struct {
	XML       *xades.Document
	Record    *Record
	Statement *Statement
	Receipt   *Receipt
	Transfer  *Transfer
	Slots     []Slot // in the order in which they must have been signed
}

// Open reads a file strictly: order, number and names of elements, attributes,
// data types, NFC, Ids. It judges no signature and no rule. It fails with
// Invalid and the codes of xades.Parse (xml.…), xml.empty, or
//
//	bundle.root, bundle.version, bundle.element_missing, bundle.element_unexpected,
//	bundle.attribute_missing, bundle.attribute_unknown, bundle.value, bundle.text,
//	bundle.blank, bundle.too_many, bundle.row_order, bundle.nfc, bundle.id,
//	bundle.signature_missing, bundle.slot_number, bundle.count, bundle.duplicate, bundle.trailing
//
// with the argument path, and name, expected, kind where they help.
func Open(raw []byte) (*Document, error) {
	if len(raw) == 0 {
		return nil, invalid("xml.empty")
	}
	if len(raw) > MaxBytes {
		return nil, invalid("xml.too_large", "bytes", strconv.Itoa(len(raw)))
	}
	if !bytes.HasPrefix(raw, []byte(Declaration[:len(Declaration)-1])) {
		return nil, invalid("xml.encoding", "at", "0")
	}
	x, err := xades.Parse(raw)
	if err != nil {
		return nil, err
	}
	if raw[len(raw)-1] != '>' {
		return nil, invalid("bundle.trailing", "path", "/")
	}
	d := &Document{XML: x}
	w := &walk{}
	d.walk(w)
	if w.err != nil {
		return nil, w.err
	}
	err = x.CheckIDs(
		xades.Name{Space: Namespace, Local: "DU_LIEU_HOC_BA"}, xades.Name{Space: Namespace, Local: "THONG_TIN_HOC_BA"},
		xades.Name{Space: Namespace, Local: "DIEM_TONG_KET"}, xades.Name{Space: Namespace, Local: "THONG_TIN_PHAT_HANH"},
		xades.Name{Space: Namespace, Local: "NOI_DUNG_PHIEU"},
	)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// walk goes over the root and what is below it.
func (d *Document) walk(w *walk) {
	root := d.XML.Root()
	w.push(root.Tag)
	defer w.pop()
	describe, ok := map[string]func(*walk){
		"HOC_BA_SO":       d.walkRecord,
		"NOP":             func(w *walk) { d.walkStatement(w, Submission) },
		"THU_HOI":         func(w *walk) { d.walkStatement(w, Recall) },
		"CHOT":            func(w *walk) { d.walkStatement(w, Closing) },
		"DE_NGHI_THU_HOI": func(w *walk) { d.walkStatement(w, Request) },
		"BIEN_NHAN":       d.walkReceipt,
		transferRoot:      d.walkTransfer,
	}[root.Tag]
	if !ok || root.Space != "" || root.SelectAttrValue("xmlns", "") != Namespace {
		w.fail("bundle.root", "name", root.FullTag())
		return
	}
	if root.SelectAttrValue("LUOC_DO", "") != SchemaVersion {
		w.fail("bundle.version", "version", root.SelectAttrValue("LUOC_DO", ""))
		return
	}
	w.enter(root, []attribute{fixed("LUOC_DO", SchemaVersion), fixed("xmlns", Namespace)})
	describe(w)
	w.leave()
}

func (d *Document) walkRecord(w *walk) {
	r := &Record{}
	d.Record = r
	w.element("DU_LIEU_HOC_BA", []attribute{id(DataID)}, func() {
		r.General.walk(w)
		r.Content.walk(w, nil)
	})
	w.element("DANH_SACH_THONG_TIN_KY", nil, func() {
		w.element("DANH_SACH_GVBM", nil, func() { d.teacherSlots(w) })
		w.element("GVCN", nil, func() { d.slot(w, Slot{Role: Homeroom, ID: HomeroomSignatureID}) })
	})
	w.element("PHAT_HANH_HOC_BA", nil, func() {
		w.element("CBQL", nil, func() { d.slot(w, Slot{Role: Approval, ID: ApprovalSignatureID}) })
		r.Issuance.walk(w)
		w.element("KY_PHAT_HANH", nil, func() { d.slot(w, Slot{Role: Seal, ID: SealSignatureID}) })
	})
	if w.err == nil {
		d.fillRecordSlots()
	}
}

// teacherSlots reads the slots of the subject teachers, whose numbers rise.
func (d *Document) teacherSlots(w *walk) {
	type gvbm struct{ teacher, number string }
	var list []gvbm
	last := 0
	each(w, &list, repeat[gvbm]{name: "GVBM", max: len(school.Subjects),
		attributes: func(g *gvbm) []attribute {
			return []attribute{
				{name: "MA_GIAO_VIEN", value: &g.teacher, kind: kCode},
				{name: "STT", value: &g.number, kind: kSlotNumber},
			}
		},
		inside: func(g *gvbm) {
			n, _ := strconv.Atoi(g.number)
			if n <= last {
				w.fail("bundle.slot_number", "number", g.number)
			}
			last = n
			d.slot(w, Slot{Role: SubjectTeacher, Number: n, Holder: g.teacher, ID: TeacherSignatureID(n)})
		}})
}

// slot reads the one ds:Signature of a slot; what is inside it is the
// signature's business.
func (d *Document) slot(w *walk, s Slot) {
	el := w.peek()
	switch {
	case w.err != nil:
		return
	case el == nil:
		w.fail("bundle.signature_missing", "slot", s.ID)
		return
	case el.Tag != "Signature" || el.NamespaceURI() != SignatureNamespace:
		w.fail("bundle.element_unexpected", "name", el.FullTag(), "expected", "ds:Signature")
		return
	case el.SelectAttrValue("Id", "") != s.ID:
		w.fail("bundle.id", "value", el.SelectAttrValue("Id", ""))
		return
	}
	w.top().next++
	s.Signature = el
	d.Slots = append(d.Slots, s)
}

// child returns the child element with this name of an element that was
// walked, so that it is there.
func child(el *etree.Element, name string) *etree.Element {
	for _, c := range el.ChildElements() {
		if c.Tag == name {
			return c
		}
	}
	return nil
}
