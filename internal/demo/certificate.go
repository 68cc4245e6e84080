package demo

import (
	"context"
	"fmt"
	"time"

	"hocba/db"
	"hocba/internal/certificate"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/software"
)

// houseOf finds a school by its unit.
func (b *builder) houseOf(unitID int64) *schoolhouse {
	for _, h := range b.schools {
		if h.ID == unitID {
			return h
		}
	}
	return nil
}

// personUntil is the last day of a person's certificate: three years, but two
// of the first school end within the signing season.
func (b *builder) personUntil(p *person, u school.Unit) time.Time {
	end := map[string]school.Date{"4800001004": {Year: 2027, Month: time.June, Day: 15}, "4800001009": {Year: 2027, Month: time.July, Day: 31}}
	if d, ok := end[p.TeacherCode]; ok && u.Kind == school.School {
		return d.Start()
	}
	return b.clock.Now().AddDate(3, 0, 0)
}

// note writes what the people of a school and the Sở did about a certificate,
// one after the other.
func (b *builder) note(ctx context.Context, tx *db.Tx, id int64, h *schoolhouse, kinds ...certificate.Kind) error {
	by := map[certificate.Kind]*person{certificate.Declared: h.admin, certificate.Registered: h.principal, certificate.Approved: b.clerk,
		certificate.Refused: b.clerk, certificate.Suspended: h.principal}
	reasons := map[certificate.Kind][2]string{certificate.Refused: {"name", "Tên trong chứng thư là tên cũ của trường."},
		certificate.Suspended: {"lost", "Đang tìm thiết bị; đã báo tổ chức cấp."}}
	for _, k := range kinds {
		e := certificate.Event{Kind: k, AccountID: by[k].AccountID, Reason: reasons[k][0], Note: reasons[k][1], Effective: tx.Now, At: tx.Now}
		if err := tx.NoteCertificate(ctx, id, e); err != nil {
			return err
		}
	}
	return nil
}

// buildCertificates leaves a certificate at every step: waiting for the
// principal, waiting for the Sở, refused, suspended.
func (b *builder) buildCertificates(ctx context.Context) error {
	const declared, registered = certificate.Declared, certificate.Registered
	for _, s := range []struct {
		house int
		name  string // in the certificate; "": the school's
		kinds []certificate.Kind
	}{
		{0, "", []certificate.Kind{declared, registered, certificate.Approved, certificate.Suspended}},
		{1, "", []certificate.Kind{declared, registered}},
		{2, "Trường Tiểu học Khe Lim số 2", []certificate.Kind{declared, registered, certificate.Refused}},
		{2, "", []certificate.Kind{declared}},
	} {
		h := b.schools[s.house]
		if s.name == "" {
			s.name = h.Name
		}
		request := demo.Request{Kind: demo.Seal, Name: s.name, Organization: s.name, TaxCode: fmt.Sprintf("04%08d", h.ID)}
		if err := b.spare(ctx, request, h, h.ID, s.kinds...); err != nil {
			return err
		}
	}
	h := b.schools[0]
	who := h.teachers[0]
	return b.spare(ctx, demo.Request{Kind: demo.Person, Name: who.Name, Organization: h.Name, PersonalNumber: fmt.Sprintf("0480%08d", who.AccountID)},
		h, who.AccountID, declared)
}

// spare makes a certificate whose key is on a device that the system does not see.
func (b *builder) spare(ctx context.Context, r demo.Request, h *schoolhouse, owner int64, kinds ...certificate.Kind) error {
	key, err := software.Generate(signing.ECDSASHA256)
	if err != nil {
		return err
	}
	r.NotBefore, r.NotAfter, r.PublicKey, r.Device = b.clock.Now().AddDate(0, 0, -3), b.clock.Now().AddDate(3, 0, 0), key.Public(), true
	cert, err := b.ca.Issue(r)
	if err != nil {
		return err
	}
	purpose := db.SealCertificate
	if r.Kind == demo.Person {
		purpose = db.PersonCertificate
	}
	return b.db.As(ctx, b.system, func(tx *db.Tx) error {
		id, err := tx.KeepCertificate(ctx, purpose, owner, cert, nil)
		if err != nil {
			return err
		}
		return b.note(ctx, tx, id, h, kinds...)
	})
}
