package bundle

import (
	"strconv"

	"hocba/internal/school"
)

// The descriptions below are schema version 1, in the order of the XSD.

func (g *General) walk(w *walk) {
	w.element("THONG_TIN_CHUNG", nil, func() {
		text(w, "MA_HOC_BA", &g.Record, kUUID)
		text(w, "MA_SO_HOC_BA", &g.Book, kCode)
		level := PrimaryLevel
		text(w, "CAP_HOC", &level, oneOf("CAP_HOC", PrimaryLevel))
		text(w, "NAM_HOC", &g.Year, kYear)
		text(w, "BO_QUY_TAC", &g.RuleSet, kCode)
		text(w, "MAU", &g.Form, kCode)
		w.number("DOT", (*int)(&g.Track), 1, 2)
		w.flag("GVBM_KY", &g.TeachersSign)
		w.number("PHIEN_BAN", &g.Version, 1, maxVersion)
		maybe(w, "THAY_THE", &g.Replaces, kHash)
		g.Department.walk(w, "SO")
		if w.optional("CAP_GIUA", g.Middle != Unit{}) {
			g.Middle.walk(w, "CAP_GIUA")
		}
		g.School.walk(w)
		g.Approver.walk(w)
	})
}

func (u *Unit) walk(w *walk, name string) {
	w.element(name, nil, func() {
		text(w, "MA", &u.Code, kCode)
		text(w, "TEN", &u.Name, kName)
	})
}

func (s *SchoolPlace) walk(w *walk) {
	w.element("TRUONG", nil, func() {
		text(w, "MA", &s.Code, kCode)
		text(w, "TEN", &s.Name, kName)
		text(w, "XA", &s.Commune, kName)
		maybe(w, "HUYEN", &s.District, kName)
		text(w, "TINH", &s.Province, kName)
	})
}

func (a *Approver) walk(w *walk) {
	w.element("CAN_BO_QUAN_LY", nil, func() {
		text(w, "MA_CAN_BO", &a.Code, kCode)
		text(w, "HO_TEN", &a.Name, kName)
		text(w, "CHUC_VU_KY", &a.Title, kTitle)
	})
}

// attributes are the Id and the identity of the homeroom teacher's part.
func (c *Content) attributes() []attribute {
	return []attribute{
		id(ContentID),
		{name: "MA_HOC_BA", value: &c.Record, kind: kUUID},
		{name: "NAM_HOC", value: (*string)(&c.Year), kind: kYear},
	}
}

// walk goes over the content. When writing, parts are the bytes of the subject
// parts as they were signed; when reading it is nil.
func (c *Content) walk(w *walk, parts [][]byte) {
	w.element("THONG_TIN_HOC_BA", c.attributes(), func() {
		c.Pupil.walk(w)
		c.Class.walk(w)
		w.element("QUA_TRINH_HOC_TAP", nil, func() {
			each(w, &c.History, repeat[Stay]{name: "NAM", min: 1, max: 20, inside: func(s *Stay) { s.walk(w) }})
		})
		w.element("THE_CHAT", nil, func() {
			w.measure("CHIEU_CAO", &c.HeightMM, 10)
			w.measure("CAN_NANG", &c.WeightG, 1000)
		})
		w.element("CHUYEN_CAN", nil, func() {
			w.number("CO_PHEP", &c.Absences.Excused, 0, 366)
			w.number("KHONG_PHEP", &c.Absences.Unexcused, 0, 366)
		})
		w.element("DANH_SACH_DIEM_TONG_KET", nil, func() { c.subjects(w, parts) })
		c.Qualities.walk(w, "DANH_SACH_PHAM_CHAT", "PHAM_CHAT", kQuality)
		c.General.walk(w, "DANH_SACH_NANG_LUC_CHUNG", "NANG_LUC", kGeneral)
		c.Specific.walk(w, "DANH_SACH_NANG_LUC_DAC_THU", "NANG_LUC", kSpecific)
		c.results(w)
	})
}

func (c *Content) results(w *walk) {
	maybe(w, "DANH_GIA_KQGD", &c.Overall, kOverall)
	w.element("DANH_SACH_KHEN_THUONG", nil, func() {
		each(w, &c.Commended, repeat[Commendation]{name: "KHEN_THUONG", max: 20, inside: func(k *Commendation) {
			text(w, "LOAI", &k.Award, kAward)
			maybe(w, "NOI_DUNG", &k.Text, kLine)
		}})
	})
	w.flag("HOAN_THANH_CHUONG_TRINH", &c.Completed)
	w.flag("LEN_LOP", &c.Promoted)
	if w.optional("DANH_GIA_BO_SUNG", c.Reassessment != nil) {
		if !w.writing() {
			c.Reassessment = &Summer{}
		}
		c.Reassessment.walk(w)
	}
}

func (s *Summer) walk(w *walk) {
	w.element("DANH_GIA_BO_SUNG", nil, func() {
		text(w, "KQGD_CUOI_NAM", &s.Before, kOverall)
		w.date("NGAY", &s.Date)
		maybe(w, "NOI_DUNG", &s.Text, kRemark)
	})
}

// sexCodes are the values of GIOI_TINH.
var sexCodes = map[school.Sex]string{school.Male: "NAM", school.Female: "NU"}

func (p *Pupil) walk(w *walk) {
	w.element("HOC_SINH", nil, func() {
		text(w, "MA_HOC_SINH", &p.Code, kCode)
		maybe(w, "SO_DINH_DANH", &p.PersonalNo, kPersonalNo)
		maybe(w, "GIAY_TO", &p.Passport, kCode)
		text(w, "HO_TEN", &p.Name, kName)
		w.date("NGAY_SINH", &p.Birth)
		sex := sexCodes[p.Sex]
		text(w, "GIOI_TINH", &sex, kSex)
		if p.Sex = school.Female; sex == "NAM" {
			p.Sex = school.Male
		}
		text(w, "DAN_TOC", &p.Ethnicity, kLabel)
		text(w, "QUOC_TICH", &p.Nationality, kLabel)
		maybe(w, "NOI_SINH", &p.BirthPlace, kLine)
		maybe(w, "QUE_QUAN", &p.Hometown, kLine)
		maybe(w, "NOI_O", &p.Residence, kLine)
		maybe(w, "CHA", &p.Father, kName)
		maybe(w, "ME", &p.Mother, kName)
		maybe(w, "NGUOI_GIAM_HO", &p.Guardian, kName)
		if w.optional("KHONG_DANH_GIA", p.NotAssessed) {
			p.NotAssessed = true
			w.empty("KHONG_DANH_GIA")
		}
	})
}

func (c *Class) walk(w *walk) {
	w.element("LOP", nil, func() {
		text(w, "MA", &c.Code, kLabel)
		text(w, "TEN", &c.Name, kLabel)
		w.number("KHOI", &c.Grade, 1, 5)
		maybe(w, "DIEM_TRUONG", &c.Campus, kName)
		maybe(w, "NGOAI_NGU", &c.Language, kLabel)
		maybe(w, "TIENG_DAN_TOC", &c.Ethnic, kLabel)
		w.element("GVCN", nil, func() {
			text(w, "MA_GIAO_VIEN", &c.Homeroom.Code, kCode)
			text(w, "HO_TEN", &c.Homeroom.Name, kName)
		})
	})
}

func (s *Stay) walk(w *walk) {
	text(w, "NAM_HOC", &s.Year, kYear)
	text(w, "LOP", &s.Class, kLabel)
	text(w, "TEN_TRUONG", &s.School, kName)
	maybe(w, "SO_DANG_BO", &s.RegisterNo, kLabel)
	w.maybeDate("NGAY_DEN", &s.From)
}

func (c *Content) subjects(w *walk, parts [][]byte) {
	if w.writing() {
		for _, p := range parts {
			w.out.Write(p)
		}
		return
	}
	each(w, &c.Subjects, repeat[Subject]{name: "DIEM_TONG_KET", min: 1, max: len(school.Subjects),
		attributes: (*Subject).attributes, inside: func(s *Subject) { s.inside(w) }})
	last := -1
	for i, s := range c.Subjects {
		if w.err == nil && s.Subject.Index() <= last {
			w.fail("bundle.row_order", "name", "DIEM_TONG_KET["+strconv.Itoa(i+1)+"]")
		}
		last = s.Subject.Index()
	}
}

// attributes are the Id and the identity of a subject's part.
func (s *Subject) attributes() []attribute {
	return []attribute{
		{name: "Id", must: func() string { return SubjectID(s.Subject) }},
		{name: "MA_GIAO_VIEN", value: &s.Teacher.Code, kind: kCode},
		{name: "MA_HOC_BA", value: &s.Record, kind: kUUID},
		{name: "MA_HOC_SINH", value: &s.Pupil, kind: kCode},
		{name: "MON", value: (*string)(&s.Subject), kind: kSubject},
		{name: "NAM_HOC", value: (*string)(&s.Year), kind: kYear},
	}
}

func (s *Subject) inside(w *walk) {
	text(w, "HO_TEN_GIAO_VIEN", &s.Teacher.Name, kName)
	if w.optional("MIEN", s.Exempt) {
		s.Exempt = true
		w.empty("MIEN")
	} else {
		text(w, "MUC_DAT_DUOC", &s.Level, kLevel)
		if w.optional("DIEM_KTDK", s.Mark != nil) {
			if !w.writing() {
				s.Mark = new(int)
			}
			w.number("DIEM_KTDK", s.Mark, 0, 10)
		}
	}
	maybe(w, "NHAN_XET", &s.Remark, kRemark)
}

func (g *Group) walk(w *walk, list, name string, items kind) {
	w.element(list, nil, func() {
		each(w, &g.Traits, repeat[Trait]{name: name, max: len(specificCompetencies), inside: func(t *Trait) {
			text(w, "MA", &t.Item, items)
			text(w, "MUC", &t.Level, kTrait)
		}})
		last := -1
		for i, t := range g.Traits {
			if n := traitIndex(t.Item); w.err == nil && n <= last {
				w.fail("bundle.row_order", "name", name+"["+strconv.Itoa(i+1)+"]")
			} else {
				last = n
			}
		}
		maybe(w, "NHAN_XET", &g.Remark, kRemark)
	})
}

// traitIndex is the row of a trait within its group.
func traitIndex(item string) int {
	for _, group := range [][]string{qualities, generalCompetencies, specificCompetencies} {
		for i, t := range group {
			if t == item {
				return i
			}
		}
	}
	return -1
}

func (i *Issuance) walk(w *walk) {
	w.element("THONG_TIN_PHAT_HANH", []attribute{id(IssuanceID)}, func() {
		text(w, "MA_TRA_CUU", &i.Code, kLookup)
		w.date("NGAY_PHAT_HANH", &i.Date)
		text(w, "NOI_PHAT_HANH", &i.Place, kName)
	})
}
