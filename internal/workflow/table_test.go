package workflow

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hocba/internal/fault"
)

// person is a role with its duties, as a pupil's record sees somebody.
type person struct {
	name   string
	role   Role
	duties []Duty
}

var people = []person{
	{"subject teacher", Teacher, []Duty{OwnsPart}},
	{"homeroom teacher", Teacher, []Duty{Homeroom}},
	{"other teacher", Teacher, nil},
	{"principal", Principal, nil},
	{"delegated deputy", Deputy, []Duty{Delegated}},
	{"deputy", Deputy, nil},
	{"school admin", SchoolAdmin, Duties},
	{"deciding middle tier", MiddleAuthority, []Duty{DecidesRevocation}},
	{"middle tier", MiddleAuthority, nil},
	{"deciding authority", Authority, []Duty{DecidesRevocation}},
	{"authority", Authority, nil},
	{"inspector", Inspector, Duties},
	{"ministry", Ministry, Duties},
	{"nobody", "", Duties},
}

// expected is design.md section 2 written a second time, by act: who, and from
// which stages. What is not here must be refused.
var expected = map[Action]map[string]string{
	SaveCell: {
		"subject teacher":  "drafting part_signed homeroom_signed returned approved",
		"homeroom teacher": "drafting part_signed homeroom_signed returned approved"},
	SignPart:         {"subject teacher": "drafting part_signed"},
	WithdrawPart:     {"subject teacher": "part_signed"},
	SignHomeroom:     {"homeroom teacher": "drafting part_signed"},
	WithdrawHomeroom: {"homeroom teacher": "homeroom_signed"},
	Return: {
		"principal": "homeroom_signed", "delegated deputy": "homeroom_signed",
		"homeroom teacher": "part_signed"},
	Confirm:        {"subject teacher": "drafting returned part_signed", "homeroom teacher": "drafting returned part_signed"},
	ChangeReturned: {"subject teacher": "returned", "homeroom teacher": "returned"},
	Approve:        {"principal": "homeroom_signed", "delegated deputy": "homeroom_signed"},
	WithdrawApproval: {
		"principal": "approved", "delegated deputy": "approved"},
	Issue:         {"principal": "approved", "delegated deputy": "approved"},
	Reopen:        {"principal": "issued refused"},
	Recall:        {"principal": "accepted"},
	Replace:       {"principal": "accepted"},
	AskRevocation: {"principal": "locked"},
	DecideRevocation: {
		"deciding authority": "locked", "deciding middle tier": "locked"},
	Transfer:     {"principal": "drafting part_signed homeroom_signed returned issued submitted refused accepted locked"},
	DecideSummer: {"principal": "drafting part_signed homeroom_signed returned approved"},
	Submit:       {"principal": "issued submitted refused", "delegated deputy": "issued submitted refused"},
}

// system is what the program may do on the registry's answers.
var system = map[Action]string{
	RecordAcceptance: "issued submitted refused",
	RecordRefusal:    "issued submitted",
	RecordLock:       "drafting part_signed homeroom_signed returned approved issued submitted refused accepted",
	RecordRevocation: "locked",
}

func TestTable_HoldsExactlyTheRowsOfTheDesign(t *testing.T) {
	cells := 0
	for _, p := range people {
		actor := Actor{Kind: Person, AccountID: 1, Role: p.role}
		for _, s := range Stages {
			offered := Allowed(actor, s, p.duties...)
			for _, act := range Actions {
				cells++
				want := slices.Contains(strings.Fields(expected[act][p.name]), string(s))
				name := fmt.Sprintf("%s, %s, %s", s, act, p.name)
				err := Check(actor, s, act, p.duties...)
				if (err == nil) != want {
					t.Errorf("%s: Check says %v, want allowed = %v", name, err, want)
				}
				if slices.Contains(offered, act) != want {
					t.Errorf("%s: offered = %v", name, !want)
				}
				if _, ok := Find(actor, s, act, p.duties...); ok != want {
					t.Errorf("%s: Find = %v", name, ok)
				}
			}
		}
	}
	if want := len(people) * len(Stages) * len(Actions); cells != want {
		t.Errorf("%d cells of %d", cells, want)
	}
}

func TestTable_LeavesTheRegistrysAnswersToTheProgram(t *testing.T) {
	for _, kind := range []ActorKind{System, Public, Person, ""} {
		for _, s := range Stages {
			for _, act := range Actions {
				want := kind == System && slices.Contains(strings.Fields(system[act]), string(s))
				if err := Check(Actor{Kind: kind}, s, act, Duties...); (err == nil) != want {
					t.Errorf("%q, %s, %s: %v, want allowed = %v", kind, s, act, err, want)
				}
			}
		}
	}
}

func TestTable_HasEveryRowNumberEveryActAndKnownNames(t *testing.T) {
	numbers, acts := map[int]bool{}, map[Action]bool{}
	for _, row := range Table() {
		numbers[row.Number] = true
		acts[row.Act] = true
		if len(row.From) == 0 {
			t.Errorf("row %d starts nowhere", row.Number)
		}
		for _, s := range append(slices.Clone(row.From), row.To) {
			if _, ok := ParseStage(string(s)); !ok && s != "" {
				t.Errorf("row %d: stage %q", row.Number, s)
			}
		}
		for _, p := range row.Who {
			if !slices.Contains(Roles, p.Role) || p.Duty != AnyDuty && !slices.Contains(Duties, p.Duty) {
				t.Errorf("row %d: party %v", row.Number, p)
			}
		}
	}
	for n := 1; n <= 17; n++ {
		if !numbers[n] {
			t.Errorf("row %d is missing", n)
		}
	}
	for _, act := range Actions {
		if !acts[act] {
			t.Errorf("%s is in no row", act)
		}
	}
	if len(acts) != len(Actions) {
		t.Error("the table holds an act that Actions does not list")
	}
}

func TestCheck_SaysWhatStandsInTheWay(t *testing.T) {
	teacher := Actor{Kind: Person, Role: Teacher}
	tests := []struct {
		err  error
		kind fault.Kind
		code string
		args map[string]string
	}{
		{Check(teacher, HomeroomSigned, Approve), fault.Forbidden, "record.role", map[string]string{"role": "teacher", "act": "approve"}},
		{Check(teacher, Drafting, SignPart), fault.Forbidden, "record.duty", map[string]string{"need": "owns_part"}},
		{Check(teacher, Issued, SignPart, OwnsPart), fault.Conflict, "record.stage", map[string]string{"stage": "issued", "needs": "drafting part_signed"}},
		{Check(Actor{Kind: Person, Role: Deputy}, HomeroomSigned, Approve), fault.Forbidden, "record.duty", map[string]string{"need": "delegated"}},
	}
	for _, tt := range tests {
		f := fault.As(tt.err)
		if f == nil || f.Kind != tt.kind || f.Code != tt.code {
			t.Errorf("got %v, want %s", tt.err, tt.code)
			continue
		}
		for k, v := range tt.args {
			if f.Args[k] != v {
				t.Errorf("%s: %s = %q, want %q", tt.code, k, f.Args[k], v)
			}
		}
	}
}

func TestCan_IsDecidedForEveryRoleAndPermission(t *testing.T) {
	all := map[Permission]bool{}
	for _, r := range Roles {
		for _, p := range Permissions(r) {
			all[p] = true
			if !Can(r, p) {
				t.Errorf("%s lists %s but cannot", r, p)
			}
			if (r == Inspector || r == Ministry) && !p.ReadOnly() {
				t.Errorf("%s may change something: %s", r, p)
			}
		}
		if !Can(r, PermSignedIn) || !Can(r, PermNone) {
			t.Errorf("%s cannot sign in", r)
		}
	}
	if len(all) != len(grants) {
		t.Error("a permission that nobody holds")
	}
	for p := range grants {
		if Can("", p) || Can("teacher ", p) {
			t.Errorf("no role holds %s", p)
		}
	}
	for _, c := range []struct {
		r    Role
		p    Permission
		want bool
	}{
		{Teacher, PermGradebook, true}, {Teacher, PermApprove, false}, {Principal, PermGradebook, false},
		{SchoolAdmin, PermSubmit, false}, {SchoolAdmin, PermPrepare, true}, {SchoolAdmin, PermIssue, false},
		{Inspector, PermReadRegistry, true}, {Authority, PermReadRecord, false}, {MiddleAuthority, PermAuthority, false},
	} {
		if Can(c.r, c.p) != c.want {
			t.Errorf("Can(%s, %s) = %v", c.r, c.p, !c.want)
		}
	}
}
