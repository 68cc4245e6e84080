package certificate_test

import (
	"testing"
	"time"

	"hocba/internal/certificate"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

var (
	noon  = time.Date(2026, time.May, 20, 12, 0, 0, 0, school.Zone)
	admin = workflow.Actor{Kind: workflow.Person, AccountID: 1, Role: workflow.SchoolAdmin}
	head  = workflow.Actor{Kind: workflow.Person, AccountID: 2, Role: workflow.Principal}
	clerk = workflow.Actor{Kind: workflow.Person, AccountID: 3, Role: workflow.Authority}
)

func at(hours int) time.Time { return noon.Add(time.Duration(hours) * time.Hour) }

// write is a life in which these facts were written hour by hour.
func write(p certificate.Purpose, kinds ...certificate.Kind) certificate.Life {
	l := certificate.Life{Purpose: p}
	by := map[certificate.Kind]int64{certificate.Declared: 1, certificate.Registered: 2}
	for i, k := range kinds {
		who := by[k]
		if who == 0 {
			who = 3
		}
		l.Events = append(l.Events, certificate.Event{Kind: k, AccountID: who, Effective: at(i), At: at(i)})
	}
	return l
}

const (
	declared   = certificate.Declared
	registered = certificate.Registered
	approved   = certificate.Approved
	suspended  = certificate.Suspended
	resumed    = certificate.Resumed
	ended      = certificate.Ended
)

func TestLife_ThreeActsOfThreePersons(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		life    certificate.Life
		actor   workflow.Actor
		act     certificate.Kind
		decides bool
		want    string
	}{
		{"the principal registers", write(certificate.Seal, declared), head, registered, false, ""},
		{"the administrator does not register", write(certificate.Seal, declared), admin, registered, false, "certificate.role"},
		{"nobody registers what they declared", write(certificate.Seal, declared), workflow.Actor{AccountID: 1, Role: workflow.Principal}, registered, false, "certificate.same_person"},
		{"the authority approves", write(certificate.Seal, declared, registered), clerk, approved, true, ""},
		{"not before the registration", write(certificate.Seal, declared), clerk, approved, true, "certificate.stage"},
		{"not the tier that does not decide", write(certificate.Seal, declared, registered), clerk, approved, false, "certificate.not_deciding_tier"},
		{"nobody approves what they registered", write(certificate.Seal, declared, registered), workflow.Actor{AccountID: 2, Role: workflow.Authority}, approved, true, "certificate.same_person"},
		{"nobody approves what they declared", write(certificate.Seal, declared, registered), workflow.Actor{AccountID: 1, Role: workflow.Authority}, approved, true, "certificate.same_person"},
		{"the principal does not approve", write(certificate.Seal, declared, registered), head, approved, true, "certificate.role"},
		{"the school takes back what waits", write(certificate.Seal, declared, registered), admin, certificate.Withdrawn, false, ""},
		{"not what is in use", write(certificate.Seal, declared, registered, approved), admin, certificate.Withdrawn, false, "certificate.stage"},
		{"whoever hears of a lost key stops it", write(certificate.Seal, declared, registered, approved), admin, suspended, false, ""},
		{"the school does not resume a seal", write(certificate.Seal, declared, registered, approved, suspended), head, resumed, false, "certificate.role"},
		{"the authority does", write(certificate.Seal, declared, registered, approved, suspended), clerk, resumed, true, ""},
		{"nothing after the end", write(certificate.Seal, declared, registered, approved, ended), clerk, resumed, true, "certificate.stage"},
		{"a person's is in use when the principal confirmed it", write(certificate.Person, declared, registered), head, suspended, false, ""},
		{"a person's needs no authority", write(certificate.Person, declared, registered), clerk, approved, true, "certificate.stage"},
		{"the principal resumes a person's", write(certificate.Person, declared, registered, suspended), head, resumed, false, ""},
		{"declared again after a refusal", write(certificate.Seal, declared, registered, certificate.Refused), admin, declared, false, ""},
	} {
		if err := test.life.Allowed(test.actor, test.act, test.decides, at(100)); fault.CodeOf(err) != test.want {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

// A person with two accounts does not do two of the three acts.
func TestLife_ASecondAccountIsNoSecondPerson(t *testing.T) {
	t.Parallel()
	life := write(certificate.Seal, declared, registered)
	life.Events[0].Name, life.Events[1].Name = "Võ Thị Hương", "Trần Văn Thuận"
	for name, want := range map[string]string{"võ  thị HƯƠNG": "certificate.same_name", "Trần Văn Thuận": "certificate.same_name", "Võ Thị Hường": ""} {
		who := workflow.Actor{AccountID: 77, Name: name, Role: workflow.Authority}
		if err := life.Allowed(who, approved, true, at(100)); fault.CodeOf(err) != want {
			t.Errorf("%s approves: %v", name, err)
		}
	}
}

func TestLife_CountsByTime(t *testing.T) {
	t.Parallel()
	l := write(certificate.Seal, declared, registered, approved, suspended, resumed)
	l.Events = append(l.Events, certificate.Event{Kind: ended, Effective: at(10), At: at(6)})
	want := []certificate.Interval{{From: at(2), Until: at(3)}, {From: at(4), Until: at(10)}}
	got := l.Intervals()
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Fatalf("%v, want %v", got, want)
	}
	for hour, stage := range map[int]certificate.Stage{0: certificate.StageDeclared, 1: certificate.StageRegistered, 2: certificate.StageInUse,
		3: certificate.StageSuspended, 4: certificate.StageInUse, 9: certificate.StageInUse, 10: certificate.StageEnded, 99: certificate.StageEnded} {
		if got := l.Stage(at(hour)); got != stage {
			t.Errorf("hour %d: %s, want %s", hour, got, stage)
		}
		covered := false
		for _, i := range got {
			covered = covered || i.Covers(at(hour))
		}
		if covered != (stage == certificate.StageInUse) {
			t.Errorf("hour %d: covered %v, stage %s", hour, covered, stage)
		}
	}
	if got := write(certificate.Seal, declared, registered, certificate.Refused).Intervals(); len(got) != 0 {
		t.Errorf("a refused seal counts in %v", got)
	}
	if (certificate.Life{Purpose: certificate.Seal}).Stage(noon) == certificate.StageInUse || (certificate.Life{Purpose: certificate.Person}).Stage(noon) != certificate.StageInUse {
		t.Error("only a person's certificate counts without history")
	}
}

func TestDecide_WantsAReasonAndASoundTime(t *testing.T) {
	t.Parallel()
	l := write(certificate.Seal, declared, registered, approved, suspended, resumed)
	now := at(100)
	for _, test := range []struct {
		name string
		act  certificate.Act
		want string
	}{
		{"no reason", certificate.Act{Kind: suspended}, "certificate.reason"},
		{"a reason of another act", certificate.Act{Kind: suspended, Reason: "unit_closed"}, "certificate.reason"},
		{"another reason, unsaid", certificate.Act{Kind: suspended, Reason: "other", Note: "  "}, "certificate.note_missing"},
		{"another reason, said", certificate.Act{Kind: suspended, Reason: "other", Note: "Kiểm tra"}, ""},
		{"since yesterday", certificate.Act{Kind: suspended, Reason: "lost", Effective: at(80)}, ""},
		{"before it was resumed", certificate.Act{Kind: suspended, Reason: "lost", Effective: at(3)}, "certificate.effective"},
		{"far ahead", certificate.Act{Kind: ended, Reason: "replaced", Effective: now.AddDate(2, 0, 0)}, "certificate.effective"},
		{"planned", certificate.Act{Kind: ended, Reason: "replaced", Effective: now.AddDate(0, 1, 0)}, ""},
	} {
		e, err := l.Decide(head, test.act, false, now)
		if fault.CodeOf(err) != test.want {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
		if err == nil && !test.act.Effective.IsZero() && !e.Effective.Equal(test.act.Effective) {
			t.Errorf("%s: effective %v", test.name, e.Effective)
		}
	}
	// An approval is never dated back: no time is taken for it.
	e, err := write(certificate.Seal, declared, registered).Decide(clerk, certificate.Act{Kind: approved, Effective: at(1)}, true, now)
	if err != nil || !e.Effective.Equal(now) {
		t.Errorf("%+v %v", e, err)
	}
}
