package bundle_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/signing/xades"
)

// unsigned is a ds:Signature whose inside Open does not look at.
func unsigned(id string) []byte {
	return fmt.Appendf(nil, `<ds:Signature xmlns:ds="%s" Id="%s"><ds:SignatureValue Id="%s-gt">AA==</ds:SignatureValue></ds:Signature>`,
		bundle.SignatureNamespace, id, id)
}

func pieces(t *testing.T, r bundle.Record) bundle.Pieces {
	t.Helper()
	_, _, data, err := bundletest.Bytes(r)
	if err != nil {
		t.Fatal(err)
	}
	issuance, err := bundle.WriteIssuance(r.Issuance)
	if err != nil {
		t.Fatal(err)
	}
	p := bundle.Pieces{Data: data, Issuance: issuance, Homeroom: unsigned("ky-gvcn"), Approval: unsigned("ky-cbql"), Seal: unsigned("ky-phathanh")}
	for _, s := range []struct {
		n       int
		teacher string
	}{{1, bundletest.Homeroom}, {3, bundletest.English}, {11, bundletest.Music}} {
		p.Teachers = append(p.Teachers, bundle.TeacherSignature{Number: s.n, Teacher: s.teacher, Signature: unsigned(bundle.TeacherSignatureID(s.n))})
	}
	return p
}

func sample(t *testing.T) []byte {
	t.Helper()
	raw, err := bundle.Assemble(pieces(t, bundletest.Record()))
	if err != nil {
		t.Fatal(err, fault.As(err).Args)
	}
	return raw
}

func TestOpen_ReadsBackWhatWasWritten(t *testing.T) {
	full := bundletest.Record()
	bare := bundletest.Record()
	bare.General.Middle, bare.General.School.District = bundle.Unit{}, "Huyện Bắc Trà My"
	bare.General.Version, bare.General.Replaces, bare.General.Track = 3, strings.Repeat("ab", 32), school.TrackAugust
	bare.Content.Pupil.PersonalNo, bare.Content.Pupil.Passport, bare.Content.Pupil.NotAssessed = "", "P-1234567", true
	bare.Content.Pupil.Sex = school.Male
	bare.Content.HeightMM, bare.Content.WeightG, bare.Content.Overall, bare.Content.Commended = 0, 0, "", nil
	bare.Content.Qualities = bundle.Group{}
	bare.Content.Class.Campus, bare.Content.Class.Ethnic = "Điểm trường Tắk Pổ", "Tiếng Xơ-đăng"
	bare.Content.Reassessment = &bundle.Summer{Before: "CHT", Date: bare.Issuance.Date, Text: "Đã rèn luyện trong hè."}
	for name, want := range map[string]bundle.Record{"full": full, "bare": bare} {
		raw, err := bundle.Assemble(pieces(t, want))
		if err != nil {
			t.Fatalf("%s: %v %v", name, err, fault.As(err).Args)
		}
		d, err := bundle.Open(raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(*d.Record, want) {
			t.Errorf("%s: read back\n%+v\nwant\n%+v", name, *d.Record, want)
		}
	}
}

// TestWrite_IsFrozen: schema version 1 was used; its bytes never change again.
func TestWrite_IsFrozen(t *testing.T) {
	sum := sha256.Sum256(sample(t))
	const frozen = "97a2aa2731a5695b16fb4bfaa5fd5f4aa4546f19b8813ef025f303bb859ed4da"
	if got := hex.EncodeToString(sum[:]); got != frozen {
		t.Errorf("the writer of schema version 1 writes other bytes: %s", got)
	}
}

func TestCanonical_OfEveryPartIsTheBytesWithTheNamespacePutIn(t *testing.T) {
	r := bundletest.Record()
	subjects, content, data, err := bundletest.Bytes(r)
	if err != nil {
		t.Fatal(err)
	}
	issuance, _ := bundle.WriteIssuance(r.Issuance)
	d, err := bundle.Open(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range append(subjects, content, data, issuance) {
		id := bundle.PartID(part)
		canonical, err := xades.Canonical(d.XML.ByID(id))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(canonical, bundle.Canonical(part)) {
			t.Errorf("%s: canonical form in the document differs from that of the part", id)
		}
		if sha256.Sum256(canonical) != bundle.Digest(part) {
			t.Errorf("%s: digest differs", id)
		}
	}
}

func TestOpen_StatesTheSlots(t *testing.T) {
	d, err := bundle.Open(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range d.Slots {
		var ids []string
		for _, el := range s.Covers {
			ids = append(ids, el.SelectAttrValue("Id", "?"))
		}
		got = append(got, fmt.Sprintf("%s %s %s", s.Role, s.Holder, strings.Join(ids, " ")))
	}
	want := []string{
		"GVBM 4890000001 mon-TIENG_VIET mon-TOAN mon-LICH_SU_DIA_LI mon-KHOA_HOC mon-TIN_HOC mon-CONG_NGHE mon-DAO_DUC mon-GIAO_DUC_THE_CHAT mon-HOAT_DONG_TRAI_NGHIEM",
		"GVBM 4890000003 mon-NGOAI_NGU_1",
		"GVBM 4890000002 mon-AM_NHAC mon-MI_THUAT",
		"GVCN 4890000001 thongtinhocba",
		"CBQL 4890000009 data ky-gvbm-1-gt ky-gvbm-3-gt ky-gvbm-11-gt ky-gvcn-gt",
		"KY_PHAT_HANH 48000101 data phathanh ky-gvbm-1-gt ky-gvbm-3-gt ky-gvbm-11-gt ky-gvcn-gt ky-cbql-gt",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("slots\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if ids := d.Unsigned(); len(ids) > 0 {
		t.Errorf("unsigned %v", ids)
	}
}

func TestWrite_RefusesWhatCouldNotBeOpened(t *testing.T) {
	good := bundletest.Record()
	subjects, content, _, err := bundletest.Bytes(good)
	if err != nil {
		t.Fatal(err)
	}
	eleven := 11
	for name, write := range map[string]func() error{
		"bundle.nfc": func() error {
			s := good.Content.Subjects[0]
			s.Remark = "Gio\u0309i" // decomposed
			_, err := bundle.WriteSubject(s)
			return err
		},
		"bundle.value": func() error {
			s := good.Content.Subjects[0]
			s.Mark = &eleven
			_, err := bundle.WriteSubject(s)
			return err
		},
		"bundle.exempt_has_result": func() error {
			s := good.Content.Subjects[0]
			s.Exempt = true
			_, err := bundle.WriteSubject(s)
			return err
		},
		"bundle.part": func() error {
			c := good.Content
			c.Pupil.Code = "4800999999"
			_, err := bundle.WriteContent(c, subjects)
			return err
		},
		"bundle.part ": func() error {
			_, err := bundle.WriteContent(good.Content, [][]byte{subjects[1], subjects[0]})
			return err
		},
		"bundle.part  ": func() error {
			g := good.General
			g.Year = "2026-2027"
			_, err := bundle.WriteData(g, content)
			return err
		},
	} {
		if err := write(); !fault.Is(err, strings.TrimSpace(name)) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestTeacherNumber_IsTheFirstRowOfThatTeacherAlone(t *testing.T) {
	if n := bundle.TeacherNumber([]school.Subject{school.MiThuat, school.AmNhac}); n != 11 {
		t.Errorf("got %d, want 11", n)
	}
	if n := bundle.TeacherNumber(nil); n != 0 {
		t.Errorf("got %d for nobody", n)
	}
}

// TestWrite_TakesEveryTextThatWasCleaned: whatever a teacher types passes
// school.Clean once and can then be signed and read back unchanged.
func TestWrite_TakesEveryTextThatWasCleaned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.RuneFrom([]rune("aơÔđ \n\t\u0300\u0309\u200b\u00a0\u0085\u2028&<>\"']\r")), 1, 40, -1)).Draw(t, "typed")
		r := bundletest.Record()
		s := &r.Content.Subjects[0]
		if s.Remark = school.Clean(typed); len(s.Remark) > 2000 {
			return
		}
		part, err := bundle.WriteSubject(*s)
		if err != nil {
			t.Fatalf("%q: %v %v", s.Remark, err, fault.As(err).Args)
		}
		xml := append([]byte(nil), bundle.Canonical(part)...)
		doc, err := xades.Parse(xml)
		if err != nil {
			t.Fatalf("%q: %v", s.Remark, err)
		}
		canonical, err := xades.Canonical(doc.Root())
		if err != nil || !bytes.Equal(canonical, xml) {
			t.Fatalf("%q: written\n%s\ncanonical\n%s %v", s.Remark, xml, canonical, err)
		}
		if el := doc.Root().SelectElement("NHAN_XET"); s.Remark != "" && el.Text() != s.Remark {
			t.Fatalf("wrote %q, read %q", s.Remark, el.Text())
		}
	})
}
