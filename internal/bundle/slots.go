package bundle

import (
	"bytes"
	"crypto/sha256"

	"github.com/beevik/etree"

	"hocba/internal/signing/xades"
)

// Role is the capacity in which a slot is signed. The value stands as claimed
// role in the signature.
type Role string

// The roles, in the order of signing.
const (
	SubjectTeacher Role = "GVBM"
	Homeroom       Role = "GVCN"
	Approval       Role = "CBQL"
	Seal           Role = "KY_PHAT_HANH"
	Registry       Role = "BIEN_NHAN"
)

// Organisation reports whether the slot is signed with an organisation's
// certificate instead of a person's.
func (r Role) Organisation() bool { return r == Seal || r == Registry }

// Slot is the place of one signature and the policy for it.
type Slot struct {
	Role       Role
	Number     int    // STT of a subject teacher's slot, else 0
	Holder     string // code of the teacher, principal, school or registry that must have signed
	HolderName string // as the document says
	ID         string // Id of the ds:Signature
	Signature  *etree.Element
	// Covers are the elements the signature must cover: these and no others,
	// compared as pointers. nil among them: a signature's value is missing.
	Covers []*etree.Element
}

// fillRecordSlots states who must have signed what (design: slot table).
func (d *Document) fillRecordSlots() {
	r, root := d.Record, d.XML.Root()
	data := child(root, "DU_LIEU_HOC_BA")
	content := child(data, "THONG_TIN_HOC_BA")
	parts := child(content, "DANH_SACH_DIEM_TONG_KET").ChildElements()
	var earlier []*etree.Element
	for i := range d.Slots {
		s := &d.Slots[i]
		switch s.Role {
		case SubjectTeacher:
			for j, subject := range r.Content.Subjects {
				if subject.Teacher.Code == s.Holder {
					s.HolderName = subject.Teacher.Name
					s.Covers = append(s.Covers, parts[j])
				}
			}
		case Homeroom:
			s.Holder, s.HolderName = r.Content.Class.Homeroom.Code, r.Content.Class.Homeroom.Name
			s.Covers = []*etree.Element{content}
		case Approval:
			s.Holder, s.HolderName = r.General.Approver.Code, r.General.Approver.Name
			s.Covers = append([]*etree.Element{data}, earlier...)
		case Seal:
			s.Holder, s.HolderName = r.General.School.Code, r.General.School.Name
			s.Covers = append([]*etree.Element{data, child(child(root, "PHAT_HANH_HOC_BA"), "THONG_TIN_PHAT_HANH")}, earlier...)
		}
		earlier = append(earlier, d.value(s))
	}
}

// value returns the ds:SignatureValue of a slot, nil when it is not where and
// called as it must be.
func (d *Document) value(s *Slot) *etree.Element {
	el := d.XML.ByID(s.ID + ValueSuffix)
	if el == nil || el.Parent() != s.Signature || el.Tag != "SignatureValue" || el.NamespaceURI() != SignatureNamespace {
		return nil
	}
	return el
}

// Unsigned returns the Ids of the subject parts that no subject teacher's slot
// covers. When GVBM_KY is 1 there must be none.
func (d *Document) Unsigned() []string {
	covered := make(map[*etree.Element]bool)
	for _, s := range d.Slots {
		if s.Role == SubjectTeacher {
			for _, el := range s.Covers {
				covered[el] = true
			}
		}
	}
	var ids []string
	for _, s := range d.Record.Content.Subjects {
		if !covered[d.XML.ByID(SubjectID(s.Subject))] {
			ids = append(ids, SubjectID(s.Subject))
		}
	}
	return ids
}

// TeacherReferences returns what a subject teacher's signature covers: that
// teacher's parts, as WriteSubject made them.
func TeacherReferences(parts [][]byte) []xades.Reference {
	refs := make([]xades.Reference, len(parts))
	for i, p := range parts {
		refs[i] = reference(p)
	}
	return refs
}

// HomeroomReferences returns what the homeroom teacher's signature covers.
func HomeroomReferences(content []byte) []xades.Reference {
	return []xades.Reference{reference(content)}
}

// ApprovalReferences returns what the principal's signature covers: the data
// and the values of all earlier signatures, given as bytes of ds:Signature in
// the order of the slots. It fails when one of them has no value.
func ApprovalReferences(data []byte, earlier [][]byte) ([]xades.Reference, error) {
	return withValues([]xades.Reference{reference(data)}, earlier)
}

// SealReferences returns what the school's seal covers: data, issuance and the
// values of all earlier signatures, the principal's last.
func SealReferences(data, issuance []byte, earlier [][]byte) ([]xades.Reference, error) {
	return withValues([]xades.Reference{reference(data), reference(issuance)}, earlier)
}

// StatementReferences returns what the one signature of a statement or receipt
// covers: its content, as WriteStatement or WriteReceipt made it.
func StatementReferences(content []byte) []xades.Reference {
	return []xades.Reference{reference(content)}
}

func reference(part []byte) xades.Reference {
	return xades.Reference{URI: "#" + PartID(part), Digest: Digest(part)}
}

func withValues(refs []xades.Reference, earlier [][]byte) ([]xades.Reference, error) {
	for _, signature := range earlier {
		id, canonical, err := xades.SignatureValueCanonical(bytes.TrimSpace(signature))
		if err != nil {
			return nil, err
		}
		refs = append(refs, xades.Reference{URI: "#" + id, Type: xades.Countersigned, Digest: sha256.Sum256(canonical)})
	}
	return refs, nil
}
