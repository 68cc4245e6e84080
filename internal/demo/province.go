package demo

import (
	"context"
	"crypto"
	"fmt"
	"strings"
	"time"

	"hocba/db"
	"hocba/internal/certificate"
	"hocba/internal/jobs"
	"hocba/internal/password"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/software"
	"hocba/internal/workflow"
)

// schoolhouse is a school with its people and classes.
type schoolhouse struct {
	school.Unit
	short     string // in usernames
	hills     bool
	campus    int64
	place     string // where records are issued
	principal *person
	deputy    *person
	admin     *person
	teachers  []*person // homeroom teachers, in the order of the classes
	music     *person
	english   *person
	sport     *person
	seal      jobs.Pen
	plans     []classPlan
	classes   map[school.Year][]*classroom
}

// person is somebody with an account and a pen.
type person struct {
	workflow.Actor
	pen jobs.Pen
}

// classPlan is a class that a school has each year.
type classPlan struct {
	name     string
	grades   []int64
	pupils   int
	onCampus bool
	paper    bool
}

// classroom is a class of one year.
type classroom struct {
	db.Class
	house    *schoolhouse
	plan     classPlan
	homeroom *person
	roll     []db.RollRow
	level    []int          // per pupil of the roll: how well the child does, 0 best
	exempt   school.Subject // that the roll's first pupil does not take; "": none
}

var story = []struct {
	code, name, short, levels, place string
	commune                          int
	hills                            bool
	plans                            []classPlan
}{
	{"48101TH01", "Trường Tiểu học Hoa Phượng", "hoaphuong", "TH", "Hải Sơn", 0, false, []classPlan{
		{name: "1A", grades: []int64{1}}, {name: "2A", grades: []int64{2}}, {name: "3A", grades: []int64{3}},
		{name: "4A", grades: []int64{4}}, {name: "4B", grades: []int64{4}}, {name: "5A", grades: []int64{5}}}},
	{"48102LC01", "Trường TH&THCS Suối Mơ", "suoimo", "TH&THCS", "Khe Lim", 1, false, []classPlan{
		{name: "1A", grades: []int64{1}}, {name: "2A", grades: []int64{2}}, {name: "3A", grades: []int64{3}},
		{name: "4A", grades: []int64{4}}, {name: "5A", grades: []int64{5}}}},
	{"48102TH02", "Trường Tiểu học Núi Voi", "nuivoi", "TH", "Khe Lim", 1, true, []classPlan{
		{name: "1+2 Khe Sấu", grades: []int64{1, 2}, onCampus: true, pupils: 8}, {name: "3A", grades: []int64{3}, pupils: 9},
		{name: "4A", grades: []int64{4}, pupils: 9}, {name: "5A", grades: []int64{5}, paper: true, pupils: 8}}},
}

func (b *builder) buildUnits(ctx context.Context) error {
	from := school.Date{Year: 2025, Month: time.July, Day: 1}
	return b.db.As(ctx, b.system, func(tx *db.Tx) error {
		add := func(u *school.Unit, parent *school.Unit, code, name string, kind school.UnitKind) error {
			u.Code, u.Name, u.Kind, u.ValidFrom, u.Province = code, name, kind, from, "Thành phố Đà Nẵng"
			if parent != nil {
				u.ParentID = &parent.ID
			}
			var err error
			u.ID, err = tx.CreateUnit(ctx, *u)
			return err
		}
		if err := add(&b.bo, nil, "BO", "Bộ Giáo dục và Đào tạo", school.Ministry); err != nil {
			return err
		}
		if err := add(&b.so, &b.bo, "48", "Sở GD&ĐT Đà Nẵng (dữ liệu thử)", school.Department); err != nil {
			return err
		}
		communes := make([]school.Unit, 2)
		for i, c := range [][2]string{{"48101", "Phường Hải Sơn"}, {"48102", "Xã Khe Lim"}} {
			communes[i].Commune = c[1]
			if err := add(&communes[i], &b.so, c[0], "UBND "+c[1], school.Commune); err != nil {
				return err
			}
		}
		for _, s := range b.plans() {
			h := &schoolhouse{short: s.short, hills: s.hills, place: s.place, plans: s.plans, classes: map[school.Year][]*classroom{}}
			h.Levels, h.Commune = s.levels, communes[s.commune].Commune
			if err := add(&h.Unit, &communes[s.commune], s.code, s.name, school.School); err != nil {
				return err
			}
			b.schools = append(b.schools, h)
		}
		return nil
	})
}

// plans are the three schools with stories, and as many plain ones as asked for.
func (b *builder) plans() []struct {
	code, name, short, levels, place string
	commune                          int
	hills                            bool
	plans                            []classPlan
} {
	all := story
	for i := range b.Schools {
		s := story[0]
		s.code, s.short = fmt.Sprintf("48101TH%02d", i+2), fmt.Sprintf("truong%d", i+1)
		s.name = fmt.Sprintf("Trường Tiểu học Hải Sơn %d", i+1)
		s.plans = nil
		for c := range max(1, b.Classes) {
			grade := c%5 + 1
			s.plans = append(s.plans, classPlan{name: fmt.Sprintf("%d%c", grade, 'A'+rune(c/5)), grades: []int64{int64(grade)}})
		}
		all = append(all, s)
	}
	return all
}

// buildPeople gives every unit its people, and everybody who signs a key.
func (b *builder) buildPeople(ctx context.Context) error {
	making, done := context.WithCancel(ctx)
	defer done()
	b.nextPassword = ahead(making, func() (hashed, error) { return newPassword(making) })
	b.nextKey = ahead(making, b.newKey)
	var err error
	if b.clerk, err = b.hire(ctx, b.so, "so.gddt", "Đặng Quốc Bảo Sơn", "", workflow.Authority); err != nil {
		return err
	}
	if _, err := b.hire(ctx, b.so, "thanhtra", "Lý Thanh Bình", "", workflow.Inspector); err != nil {
		return err
	}
	if err := b.hireCommunes(ctx); err != nil {
		return err
	}
	for i, h := range b.schools {
		if err := b.staff(ctx, h, i); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) hireCommunes(ctx context.Context) error {
	seen := map[int64]bool{}
	for _, h := range b.schools {
		if seen[*h.ParentID] {
			continue
		}
		seen[*h.ParentID] = true
		u, err := b.db.Unit(ctx, *h.ParentID)
		if err != nil {
			return err
		}
		name, _ := grownName(b.random("clerk", u.ID))
		if _, err := b.hire(ctx, u, "xa."+strings.ToLower(u.Code), name, "", workflow.MiddleAuthority); err != nil {
			return err
		}
	}
	return nil
}

// staff hires a school's people.
func (b *builder) staff(ctx context.Context, h *schoolhouse, n int) error {
	r := b.random("staff", int64(n))
	code := 4800000000 + int64(n+1)*1000
	hire := func(post string, role workflow.Role, name string) (*person, error) {
		if name == "" {
			name, _ = grownName(r)
		}
		code++
		return b.hire(ctx, h.Unit, h.short+"."+post, name, fmt.Sprint(code), role)
	}
	var err error
	principals := []string{"Hoàng Văn Thuận", "Lê Thị Kim Oanh", "Bríu Văn Sơn"}
	head := ""
	if n < len(principals) {
		head = principals[n]
	}
	if h.principal, err = hire("hieutruong", workflow.Principal, head); err != nil {
		return err
	}
	if h.deputy, err = hire("phohieutruong", workflow.Deputy, ""); err != nil {
		return err
	}
	if h.admin, err = hire("quantri", workflow.SchoolAdmin, ""); err != nil {
		return err
	}
	for i := range h.plans {
		name := ""
		if n == 0 && h.plans[i].name == "4A" {
			name = "Nguyễn Thị Mai Hương"
		}
		t, err := hire(fmt.Sprintf("gv%d", i+1), workflow.Teacher, name)
		if err != nil {
			return err
		}
		h.teachers = append(h.teachers, t)
	}
	for _, post := range []struct {
		name string
		to   **person
	}{{"nhac", &h.music}, {"anh", &h.english}, {"theduc", &h.sport}} {
		if *post.to, err = hire(post.name, workflow.Teacher, ""); err != nil {
			return err
		}
	}
	h.seal, err = b.makeSeal(ctx, h)
	return err
}

// hire makes an account with a random password, a role and, for those who
// sign, a certificate of the trial authority.
func (b *builder) hire(ctx context.Context, u school.Unit, username, name, teacherCode string, role workflow.Role) (*person, error) {
	pass, err := b.nextPassword()
	if err != nil {
		return nil, err
	}
	p := &person{Actor: workflow.Actor{Kind: workflow.Person, TeacherCode: teacherCode, Name: name, Role: role, UnitID: u.ID, UnitCode: u.Code}}
	if u.Kind == school.School {
		p.SchoolID = u.ID
	}
	err = b.db.As(ctx, b.system, func(tx *db.Tx) error {
		var err error
		p.AccountID, err = tx.CreateAccount(ctx, db.NewAccount{Username: username, FullName: name, TeacherCode: teacherCode, PasswordHash: pass.hash})
		if err != nil {
			return err
		}
		return tx.GrantRole(ctx, p.AccountID, u.ID, role, u.ValidFrom)
	})
	if err != nil {
		return nil, err
	}
	b.people[p.AccountID] = p
	b.result.Accounts = append(b.result.Accounts, Account{Username: username, Password: pass.secret, Role: string(role)})
	switch role {
	case workflow.Teacher, workflow.Principal, workflow.Deputy:
		p.pen, err = b.makePen(ctx, p, u)
	}
	return p, err
}

// hashed is a random password with its hash, wrapped a person's key under the
// demonstration's PIN.
type (
	hashed  struct{ secret, hash string }
	wrapped struct {
		key  crypto.Signer
		blob []byte
	}
)

func newPassword(ctx context.Context) (hashed, error) {
	secret, err := password.Random()
	if err != nil {
		return hashed{}, err
	}
	hash, err := password.Hash(ctx, secret)
	return hashed{secret, hash}, err
}

func (b *builder) newKey() (wrapped, error) {
	key, err := software.Generate(signing.ECDSASHA256)
	if err != nil {
		return wrapped{}, err
	}
	blob, err := software.Seal(software.KindPerson, []byte(PersonPIN), b.Secret, key)
	return wrapped{key, blob}, err
}

// makePen makes a person's key and certificate, and keeps the wrapped key.
func (b *builder) makePen(ctx context.Context, p *person, u school.Unit) (jobs.Pen, error) {
	made, err := b.nextKey()
	if err != nil {
		return jobs.Pen{}, err
	}
	cert, err := b.ca.Issue(demo.Request{Kind: demo.Person, Name: p.Name, Organization: u.Name,
		PersonalNumber: fmt.Sprintf("0480%08d", p.AccountID), NotBefore: b.clock.Now().AddDate(0, 0, -1),
		NotAfter: b.personUntil(p, u), PublicKey: made.key.Public()})
	if err != nil {
		return jobs.Pen{}, err
	}
	err = b.db.As(ctx, b.system, func(tx *db.Tx) error {
		_, err := tx.KeepCertificate(ctx, db.PersonCertificate, p.AccountID, cert, made.blob)
		return err
	})
	return jobs.Pen{Certificate: cert, Key: made.key}, err
}

// makeSeal makes a school's seal: declared by the administrator, registered by
// the principal, approved by the Sở.
func (b *builder) makeSeal(ctx context.Context, h *schoolhouse) (jobs.Pen, error) {
	key, err := software.Generate(signing.ECDSASHA256)
	if err != nil {
		return jobs.Pen{}, err
	}
	cert, err := b.ca.Issue(demo.Request{Kind: demo.Seal, Name: h.Name, Organization: h.Name,
		TaxCode: fmt.Sprintf("04%08d", h.ID), NotBefore: b.clock.Now().AddDate(0, 0, -1), NotAfter: b.clock.Now().AddDate(3, 0, 0),
		PublicKey: key.Public()})
	if err != nil {
		return jobs.Pen{}, err
	}
	return jobs.Pen{Certificate: cert, Key: key}, b.keepSeal(ctx, jobs.Pen{Certificate: cert, Key: key}, h.ID)
}

// keepSeal stores a seal's certificate with its wrapped key and its approval.
func (b *builder) keepSeal(ctx context.Context, pen jobs.Pen, schoolID int64) error {
	blob, err := software.Seal(software.KindSeal, []byte(SealPIN), b.Secret, pen.Key)
	if err != nil {
		return err
	}
	return b.db.As(ctx, b.system, func(tx *db.Tx) error {
		id, err := tx.KeepCertificate(ctx, db.SealCertificate, schoolID, pen.Certificate, blob)
		if err != nil {
			return err
		}
		if err := b.note(ctx, tx, id, b.houseOf(schoolID), certificate.Declared, certificate.Registered, certificate.Approved); err != nil {
			return err
		}
		return tx.ConfirmTaxCode(ctx, schoolID, pen.Certificate.TaxCode())
	})
}
