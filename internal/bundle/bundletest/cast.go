package bundletest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/timestamp"
	"hocba/internal/signing/xades"
)

// Department is the code under which Cast keeps the registry's receipt key.
const Department = "48"

// departmentName stands in records, receipts and the receipt certificate.
const departmentName = "Sở Giáo dục và Đào tạo thành phố Đà Nẵng"

const schoolName = "Trường Tiểu học Kim Đồng"

// Member is a person or an organisation with a key.
type Member struct {
	Key         crypto.Signer
	Certificate *signing.Certificate
}

// Cast is a demonstration authority and everybody it gave a certificate, by
// code. The music teacher's key is RSA, all others are P-256.
type Cast struct {
	CA      *demo.CA
	Members map[string]Member
	// Stamper stamps what a Plan asks for; its clock is set by each stamp.
	Stamper *timestamp.Authority
}

// NewCast makes an authority and certificates for the people of the sample.
func NewCast() (*Cast, error) {
	from := time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)
	ca, err := demo.New(nil, from)
	if err != nil {
		return nil, err
	}
	c := &Cast{CA: ca, Members: make(map[string]Member)}
	requests := map[string]demo.Request{
		School:     {Kind: demo.Seal, Name: schoolName, TaxCode: "4000123456"},
		Department: {Kind: demo.Receipt, Name: "Kho học bạ số", Organization: departmentName, TaxCode: "4000999999"},
	}
	stamper, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	certificate, err := ca.IssueTimeStamper(stamper.Public(), from, from.AddDate(10, 0, 0))
	if err != nil {
		return nil, err
	}
	c.Stamper = &timestamp.Authority{Certificate: certificate, Key: stamper}
	n := 0
	for code, name := range names {
		n++
		requests[code] = demo.Request{Kind: demo.Person, Name: name, Organization: schoolName, PersonalNumber: fmt.Sprintf("0481900%05d", n)}
	}
	for code, r := range requests {
		r.NotBefore, r.NotAfter = from, from.AddDate(5, 0, 0)
		if err := c.add(code, r); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *Cast) add(code string, r demo.Request) error {
	var key crypto.Signer
	var err error
	if code == Music {
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	} else {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		return err
	}
	r.PublicKey = key.Public()
	certificate, err := c.CA.Issue(r)
	if err != nil {
		return err
	}
	c.Members[code] = Member{key, certificate}
	return nil
}

// Trust returns a trust list that holds the cast's authority alone.
func (c *Cast) Trust() (*signing.TrustList, error) {
	return signing.NewTrustList([]signing.Anchor{c.CA.Anchor()}, nil)
}

// Plan departs from the rules on purpose, by slot (the Id of the signature).
// The zero value signs as it must be.
type Plan struct {
	Signer map[string]Member    // who signs instead of the holder
	Role   map[string]string    // claimed instead of the slot's role
	At     map[string]time.Time // signing time
	Omit   map[string]bool      // slots left out; later ones do not cover them
	// Meaning is the sentence signed with a slot; none where it is not named.
	Meaning map[string]*xades.Meaning
	// Stamp gives a slot a time-stamp of that time, and Stamper says by whom.
	Stamp   map[string]time.Time
	Stamper map[string]*timestamp.Authority
}

// times of the sample's signatures by role.
var times = map[bundle.Role]time.Time{
	bundle.SubjectTeacher: time.Date(2026, time.June, 1, 1, 0, 0, 0, time.UTC),
	bundle.Homeroom:       time.Date(2026, time.June, 2, 1, 0, 0, 0, time.UTC),
	bundle.Approval:       time.Date(2026, time.June, 3, 1, 0, 0, 0, time.UTC),
	bundle.Seal:           time.Date(2026, time.June, 5, 1, 0, 0, 0, time.UTC),
	bundle.Registry:       At,
}

func (c *Cast) sign(p Plan, role bundle.Role, id, holder string, refs []xades.Reference) ([]byte, error) {
	if p.Omit[id] {
		return nil, nil
	}
	m, ok := p.Signer[id]
	if !ok {
		m = c.Members[holder]
	}
	at, ok := p.At[id]
	if !ok {
		at = times[role]
	}
	claimed, ok := p.Role[id]
	if !ok {
		claimed = string(role)
	}
	signature, err := xades.Sign(xades.Params{ID: id, References: refs, Certificate: m.Certificate.Leaf(),
		Intermediates: m.Certificate.Intermediates(), SigningTime: at, Role: claimed, Meaning: p.Meaning[id]}, m.Key)
	if stamped, ok := p.Stamp[id]; ok && err == nil {
		return c.stamp(p, id, signature, stamped)
	}
	return signature, err
}

func (c *Cast) stamp(p Plan, id string, signature []byte, at time.Time) ([]byte, error) {
	authority, ok := p.Stamper[id]
	if !ok {
		authority = c.Stamper
	}
	imprint, err := xades.StampImprint(signature)
	if err != nil {
		return nil, err
	}
	by := *authority
	by.Now = func() time.Time { return at }
	token, err := by.Stamp(imprint)
	if err != nil {
		return nil, err
	}
	return xades.WithStamp(signature, token)
}

// Parts are the bytes of a record that signatures cover.
type Parts struct {
	Subjects      [][]byte
	Content, Data []byte
}

// Sign signs a record in all its slots and returns the pieces of the version.
func (c *Cast) Sign(r bundle.Record, p Plan) (bundle.Pieces, error) {
	subjects, content, data, err := Bytes(r)
	if err != nil {
		return bundle.Pieces{}, err
	}
	return c.SignParts(r, Parts{subjects, content, data}, p)
}

// SignParts signs any bytes as if they were those of the record.
func (c *Cast) SignParts(r bundle.Record, parts Parts, p Plan) (bundle.Pieces, error) {
	out := bundle.Pieces{Data: parts.Data}
	var err error
	var earlier [][]byte
	keep := func(signature []byte) {
		if signature != nil {
			earlier = append(earlier, signature)
		}
	}
	if out.Teachers, err = c.teachers(r, parts.Subjects, p); err != nil {
		return out, err
	}
	for _, t := range out.Teachers {
		keep(t.Signature)
	}
	if out.Homeroom, err = c.sign(p, bundle.Homeroom, bundle.HomeroomSignatureID, r.Content.Class.Homeroom.Code, bundle.HomeroomReferences(parts.Content)); err != nil {
		return out, err
	}
	keep(out.Homeroom)
	refs, err := bundle.ApprovalReferences(parts.Data, earlier)
	if err != nil {
		return out, err
	}
	if out.Approval, err = c.sign(p, bundle.Approval, bundle.ApprovalSignatureID, r.General.Approver.Code, refs); err != nil {
		return out, err
	}
	keep(out.Approval)
	if out.Issuance, err = bundle.WriteIssuance(r.Issuance); err != nil {
		return out, err
	}
	if refs, err = bundle.SealReferences(parts.Data, out.Issuance, earlier); err != nil {
		return out, err
	}
	out.Seal, err = c.sign(p, bundle.Seal, bundle.SealSignatureID, r.General.School.Code, refs)
	return out, err
}

func (c *Cast) teachers(r bundle.Record, parts [][]byte, p Plan) ([]bundle.TeacherSignature, error) {
	var out []bundle.TeacherSignature
	done := make(map[string]bool)
	for _, s := range r.Content.Subjects {
		if done[s.Teacher.Code] {
			continue
		}
		done[s.Teacher.Code] = true
		var own [][]byte
		var taught []school.Subject
		for i, other := range r.Content.Subjects {
			if other.Teacher.Code == s.Teacher.Code {
				own, taught = append(own, parts[i]), append(taught, other.Subject)
			}
		}
		n := bundle.TeacherNumber(taught)
		signature, err := c.sign(p, bundle.SubjectTeacher, bundle.TeacherSignatureID(n), s.Teacher.Code, bundle.TeacherReferences(own))
		if err != nil {
			return nil, err
		}
		if signature != nil {
			out = append(out, bundle.TeacherSignature{Number: n, Teacher: s.Teacher.Code, Signature: signature})
		}
	}
	return out, nil
}

// Issue signs and assembles a record.
func (c *Cast) Issue(r bundle.Record) ([]byte, error) {
	p, err := c.Sign(r, Plan{})
	if err != nil {
		return nil, err
	}
	return bundle.Assemble(p)
}

// SignStatement signs a statement with the school's seal and assembles it.
func (c *Cast) SignStatement(s bundle.Statement, p Plan) ([]byte, error) {
	content, err := bundle.WriteStatement(s)
	if err != nil {
		return nil, err
	}
	signature, err := c.sign(p, bundle.Seal, bundle.SealSignatureID, School, bundle.StatementReferences(content))
	if err != nil {
		return nil, err
	}
	return bundle.AssembleStatement(s.Kind, content, signature)
}

// SignReceipt signs a receipt with the registry's key and assembles it.
func (c *Cast) SignReceipt(r bundle.Receipt, p Plan) ([]byte, error) {
	content, err := bundle.WriteReceipt(r)
	if err != nil {
		return nil, err
	}
	signature, err := c.sign(p, bundle.Registry, bundle.ReceiptSignatureID, Department, bundle.StatementReferences(content))
	if err != nil {
		return nil, err
	}
	return bundle.AssembleReceipt(content, signature)
}
