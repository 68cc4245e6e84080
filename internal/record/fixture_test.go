package record

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"math/big"
	"strconv"
	"sync"
	"testing"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// fatal is what helpers need of a test; rapid's T has it, too.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// The cast: An teaches most subjects and is homeroom teacher, Bình music and
// arts, Cúc sports; Dung is principal, Em deputy, Giang administers.
var (
	an    = bundle.Teacher{Code: "GV0001", Name: "Trần Thị An"}
	binh  = bundle.Teacher{Code: "GV0002", Name: "Lê Văn Bình"}
	cuc   = bundle.Teacher{Code: "GV0003", Name: "Hồ Thị Cúc"}
	dung  = bundle.Teacher{Code: "CB0001", Name: "Phạm Thị Dung"}
	em    = bundle.Teacher{Code: "CB0002", Name: "Vũ Văn Em"}
	start = time.Date(2026, 5, 25, 8, 0, 0, 0, school.Zone)
)

const schoolID = 11

// key is one signing key for every person: who may sign is not decided by it.
var key = sync.OnceValues(func() (*ecdsa.PrivateKey, *x509.Certificate) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "test"},
		NotBefore: start.AddDate(-1, 0, 0), NotAfter: start.AddDate(2, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, k.Public(), k)
	if err != nil {
		panic(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return k, leaf
})

func certificate() Certificate {
	_, leaf := key()
	return Certificate{Leaf: leaf}
}

// world plays db: it holds the stored state and applies Changes to it.
type world struct {
	t     fatal
	state State
	now   time.Time
	ids   int64
}

func newWorld(t fatal) *world {
	teachers := map[school.Subject]bundle.Teacher{school.AmNhac: binh, school.MiThuat: binh, school.GiaoDucTheChat: cuc}
	rules, _ := evaluation.Find("tt27-2020")
	s := State{
		ID: 5, SchoolID: schoolID, Revision: 1, Stage: workflow.Drafting,
		General: bundle.General{
			Record: "01980000-0000-7000-8000-000000000001", Book: "HB-0001", Year: "2025-2026", RuleSet: "tt27-2020", Form: "tt27-2020-1",
			TeachersSign: true, Department: bundle.Unit{Code: "48", Name: "Sở GDĐT"}, Middle: bundle.Unit{Code: "20194", Name: "Phường Hải Châu"},
			School: bundle.SchoolPlace{Code: "4848001", Name: "Trường TH Hoa Sen", Commune: "Phường Hải Châu", Province: "Đà Nẵng"},
		},
		Pupil: bundle.Pupil{Code: "4812345678", Name: "Nguyễn Văn Nam", Birth: school.Date{Year: 2018, Month: 3, Day: 4},
			Sex: school.Male, Ethnicity: "Kinh", Nationality: "Việt Nam"},
		Class:   bundle.Class{Code: "2A", Name: "2A", Grade: 2, Homeroom: an},
		History: []bundle.Stay{{Year: "2025-2026", Class: "2A", School: "Trường TH Hoa Sen"}},
		Page: Page{Traits: map[evaluation.Item]evaluation.Level{}, Remarks: map[evaluation.Item]string{},
			Absences: &bundle.Absences{Excused: 2}, Track: school.TrackJune},
	}
	for _, subject := range rules.Subjects(2) {
		p := Part{Subject: subject, Owner: an, Entry: evaluation.Entry{Level: "T"}}
		if rules.Subject(2, subject) == evaluation.Optional {
			p.Entry = evaluation.Entry{}
		}
		if teacher, ok := teachers[subject]; ok {
			p.Owner = teacher
		}
		if rules.MarkAllowed(2, subject, school.YearEnd) {
			p.Entry.Mark = mark(9)
		}
		s.Parts = append(s.Parts, p)
	}
	for _, trait := range rules.Traits(2) {
		s.Page.Traits[trait] = "T"
	}
	for _, g := range evaluation.RemarkGroups {
		s.Page.Remarks[g] = "Ngoan, chăm"
	}
	return &world{t: t, state: s, now: start, ids: 100}
}

func mark(n int) *int { return &n }

func (w *world) record() *Record {
	w.t.Helper()
	r, err := New(w.state)
	if err != nil {
		w.t.Fatalf("New: %v", err)
	}
	return r
}

// as returns a person of the school at the next minute.
func (w *world) as(role workflow.Role, who bundle.Teacher) By {
	w.now = w.now.Add(time.Minute)
	id := int64(0)
	for _, c := range who.Code {
		id = id*10 + int64(c)%10
	}
	return By{Actor: workflow.Actor{Kind: workflow.Person, AccountID: id + 1, TeacherCode: who.Code, Name: who.Name,
		Role: role, UnitID: schoolID, SchoolID: schoolID, RequestID: "r"}, At: w.now,
		Seal: SealApproval{From: start.AddDate(0, -1, 0)}}
}

func (w *world) teacher(who bundle.Teacher) By { return w.as(workflow.Teacher, who) }
func (w *world) principal() By                 { return w.as(workflow.Principal, dung) }
func (w *world) program() By {
	w.now = w.now.Add(time.Minute)
	return By{Actor: workflow.Actor{Kind: workflow.System, SchoolID: schoolID}, At: w.now}
}

// apply writes a Change as db would, and refuses what db would refuse.
func (w *world) apply(c Change, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("refused: %v %v", err, fault.As(err).Args)
	}
	if err := c.Check(); err != nil || c.RecordID() != w.state.ID || c.PreviousRevision() != w.state.Revision || c.From() != w.state.Stage {
		w.t.Fatalf("change does not fit the record: %v", err)
	}
	if c.Audit().IsZero() || c.Audit().Act() != string(c.Act()) {
		w.t.Fatalf("change without audit event")
	}
	s := &w.state
	s.Revision++
	s.Stage = c.Stage()
	s.Voids = append(s.Voids, c.Voids()...)
	for _, sig := range c.Signatures() {
		w.ids++
		sig.ID = w.ids
		for _, old := range s.Signatures {
			if old.Slot == sig.Slot && old.Generation == sig.Generation {
				w.t.Fatalf("slot %s generation %d twice", sig.Slot, sig.Generation)
			}
		}
		s.Signatures = append(s.Signatures, sig)
	}
	for _, ret := range c.Returns() {
		w.ids++
		ret.ID = w.ids
		s.Returns = append(s.Returns, ret)
	}
	for _, a := range c.Answers() {
		for i := range s.Returns {
			if s.Returns[i].ID == a.ReturnID {
				s.Returns[i].Answers = append(s.Returns[i].Answers, a)
			}
		}
	}
	s.Versions = append(s.Versions, c.Versions()...)
	for _, e := range c.Events() {
		for i := range s.Versions {
			if s.Versions[i].Number == e.Version {
				s.Versions[i].Standing = e.Kind
			}
		}
	}
	for _, q := range c.Revocations() {
		w.ids++
		q.ID = w.ids
		s.Revocations = append(s.Revocations, q)
	}
	for _, d := range c.Decisions() {
		for i := range s.Revocations {
			if s.Revocations[i].ID == d.ID {
				s.Revocations[i] = d
			}
		}
	}
}

// complete signs an intent with the test key, through storage, and applies it.
func (w *world) complete(by By, in *Intent, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("prepare: %v %v", err, fault.As(err).Args)
	}
	w.apply(w.record().Complete(by, stored(w.t, in), value(w.t, in)))
}

// stored sends an intent through JSON, as it waits in a table.
func stored(t fatal, in *Intent) *Intent {
	t.Helper()
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatalf("marshal intent: %v", err)
	}
	out := &Intent{}
	if err := json.Unmarshal(raw, out); err != nil {
		t.Fatalf("unmarshal intent: %v", err)
	}
	return out
}

func value(t fatal, in *Intent) []byte {
	t.Helper()
	k, _ := key()
	digest := in.Digest()
	sig, err := ecdsa.SignASN1(rand.Reader, k, digest[:])
	if err != nil {
		t.Fatalf("sign: %v", err)
	}
	return sig
}

func (w *world) signPart(who bundle.Teacher) {
	w.t.Helper()
	by := w.teacher(who)
	in, err := w.record().PrepareSignPart(by, certificate())
	w.complete(by, in, err)
}

func (w *world) signParts() {
	w.t.Helper()
	for _, who := range []bundle.Teacher{cuc, an, binh} { // any order
		w.signPart(who)
	}
}

func (w *world) signHomeroom() {
	w.t.Helper()
	by := w.teacher(an)
	in, err := w.record().PrepareSignHomeroom(by, certificate(), "")
	w.complete(by, in, err)
}

func (w *world) approve() {
	w.t.Helper()
	by := w.principal()
	in, err := w.record().PrepareApproval(by, certificate(), true)
	w.complete(by, in, err)
}

func (w *world) issue() {
	w.t.Helper()
	by := w.principal()
	in, err := w.record().PrepareIssue(by, certificate(), "Đà Nẵng", rand.Reader)
	w.complete(by, in, err)
}

// edit changes a subject's year-end values as its owner, and stores them.
func (w *world) edit(who bundle.Teacher, subject school.Subject, change func(*evaluation.Entry)) {
	w.t.Helper()
	p, _ := w.record().part(subject)
	change(&p.Entry)
	w.apply(w.record().CellChanged(w.teacher(who), Edit{Item: evaluation.Item(subject), Entry: p.Entry}))
	for i := range w.state.Parts {
		if w.state.Parts[i].Subject == subject {
			w.state.Parts[i].Entry = p.Entry
		}
	}
}

// live names the live signatures' slots, in the order in which they were made.
func (w *world) live() string {
	w.t.Helper()
	var b bytes.Buffer
	for _, s := range w.record().LiveSignatures() {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(s.Slot) + "/" + strconv.Itoa(s.Generation))
	}
	return b.String()
}

func (w *world) expect(stage workflow.Stage, live string) {
	w.t.Helper()
	if w.state.Stage != stage || w.live() != live {
		w.t.Fatalf("at %s with live %q; want %s with %q", w.state.Stage, w.live(), stage, live)
	}
}

func refused(t fatal, err error, kind fault.Kind, code string) *fault.Error {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != kind || f.Code != code {
		t.Fatalf("got %v, want %s %s", err, kind, code)
	}
	return f
}

// at brings a record to a stage by the real acts.
func at(t *testing.T, stage workflow.Stage) *world {
	t.Helper()
	w := newWorld(t)
	steps := []struct {
		to  workflow.Stage
		act func()
	}{
		{workflow.Drafting, func() {}}, {workflow.PartSigned, w.signParts}, {workflow.HomeroomSigned, w.signHomeroom},
		{workflow.Approved, w.approve}, {workflow.Issued, w.issue},
		{workflow.Submitted, func() { w.apply(w.record().Submit(w.principal())) }},
		{workflow.Accepted, func() { w.apply(w.record().RecordAcceptance(w.program(), 1, false, "a1")) }},
		{workflow.Locked, func() { w.apply(w.record().RecordLock(w.program(), 1, "QD-1")) }},
	}
	for _, s := range steps {
		s.act()
		if w.state.Stage != s.to {
			t.Fatalf("at %s, want %s", w.state.Stage, s.to)
		}
		if s.to == stage {
			return w
		}
		if stage == workflow.Refused && s.to == workflow.Submitted {
			w.apply(w.record().RecordRefusal(w.program(), 1, "b1"))
			return w
		}
		if stage == workflow.Returned && s.to == workflow.HomeroomSigned {
			w.apply(w.record().Return(w.principal(), []string{"mon-TOAN"}, "Xem lại điểm"))
			return w
		}
	}
	t.Fatalf("no way to %s", stage)
	return nil
}
