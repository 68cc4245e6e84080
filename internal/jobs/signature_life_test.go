package jobs_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/verify"
	"hocba/internal/workflow"
)

// life is a class over which random persons do random things, beside a second,
// simple opinion about which signatures are live.
type life struct {
	t       *testing.T
	d       *dbtest.Database
	cast    *dbtest.Cast
	chain   *jobstest.Chain
	dice    *rand.Rand
	owners  map[evaluation.Item]workflow.Actor // of the subjects
	persons []workflow.Actor
	records []int64
	live    map[int64]map[string][]string // record → slot → parts it is over; "*" everything
	open    map[int64][]string            // parts that a return holds open
	stage   map[int64]workflow.Stage
	did     map[string]int // what was done, for the log
}

func newLife(t *testing.T, seed uint64) *life {
	t.Helper()
	d := dbtest.New(t)
	cast := dbtest.NewCast(t, d)
	l := &life{t: t, d: d, cast: cast, chain: jobstest.New(t, d, cast), dice: rand.New(rand.NewPCG(seed, seed)),
		owners: map[evaluation.Item]workflow.Actor{}, live: map[int64]map[string][]string{}, open: map[int64][]string{}, did: map[string]int{}, stage: map[int64]workflow.Stage{}}
	sports := l.chain.Hire("cuc", "Hồ Thị Cúc", "GV4800005")
	l.persons = []workflow.Actor{cast.Huong, cast.Minh, sports}
	l.chain.Fill(t)
	openYearEnd(d, cast)
	l.as(cast.Admin, func(tx *db.Tx) error {
		return tx.TakeOver(t.Context(), db.Duty{Class: cast.Class, Subjects: []school.Subject{school.GiaoDucTheChat}, AccountID: sports.AccountID,
			From: school.DateOf(d.Clock.Now())})
	})
	for _, s := range dbtest.HuongSubjects {
		l.owners[evaluation.Item(s)] = cast.Huong
	}
	for _, s := range dbtest.MinhSubjects {
		l.owners[evaluation.Item(s)] = cast.Minh
	}
	l.owners[evaluation.Item(school.GiaoDucTheChat)] = sports
	l.records = l.chain.Records[:2]
	for _, id := range l.records {
		l.live[id], l.stage[id] = map[string][]string{}, workflow.Drafting
	}
	return l
}

func (l *life) as(who workflow.Actor, do func(*db.Tx) error) {
	l.t.Helper()
	if err := l.d.As(l.t.Context(), who, do); err != nil {
		l.t.Fatalf("%s: %v", who.Name, err)
	}
}

func pick[T any](l *life, from []T) T { return from[l.dice.IntN(len(from))] }

// parts are the element Ids that a teacher owns.
func (l *life) parts(who workflow.Actor) []string {
	var out []string
	for item, owner := range l.owners {
		if owner.AccountID == who.AccountID {
			out = append(out, bundle.SubjectID(school.Subject(item)))
		}
	}
	slices.Sort(out)
	return out
}

// fitting are the acts that lead on from a stage, so that lives come far; one
// act in three is any.
var fitting = map[workflow.Stage][]string{
	workflow.Drafting:       {"edit", "sign all", "sign parts"},
	workflow.PartSigned:     {"edit", "sign all", "sign page", "sign page", "withdraw part", "return"},
	workflow.HomeroomSigned: {"return", "return", "approve", "approve", "withdraw page"},
	workflow.Returned:       {"edit", "edit", "edit", "confirm", "sign parts"},
	workflow.Approved:       {"withdraw approval"},
}

// TestSignatures_FallExactlyWhenACellUnderThemChanges lets random people live
// on three records for a while: after every act the live signatures are those
// of the second opinion, none is over other values than stand in the grid, and
// what is issued in the end verifies. HOCBA_SEED repeats a life.
func TestSignatures_FallExactlyWhenACellUnderThemChanges(t *testing.T) {
	seeds := []uint64{1, uint64(time.Now().UnixNano())}
	if s, err := strconv.ParseUint(os.Getenv("HOCBA_SEED"), 10, 64); err == nil {
		seeds = []uint64{s}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			l := newLife(t, seed)
			acts := map[string]func(int64) error{"edit": l.edit, "edit again": l.edit, "sign parts": l.signParts, "sign all": l.signAll,
				"sign page": l.signPage, "withdraw part": l.withdrawPart, "withdraw page": l.withdrawPage, "return": l.sendBack,
				"confirm": l.confirm, "approve": l.approve, "withdraw approval": l.withdrawApproval}
			names := slices.Sorted(maps.Keys(acts))
			for step := range 150 {
				l.d.Clock.Advance(time.Minute)
				id, name := pick(l, l.records), pick(l, names)
				if l.dice.IntN(3) > 0 {
					name = pick(l, fitting[l.stage[id]])
				}
				if err := acts[name](id); err == nil {
					l.did[name]++
				} else if fault.KindOf(err) == fault.Internal {
					t.Fatalf("step %d, %s: %v", step, name, err)
				}
				l.check(id, fmt.Sprintf("step %d, %s", step, name))
			}
			t.Log(l.did)
			for _, name := range append(names, "fell gvcn", "fell gvbm") {
				if seed == 1 && l.did[name] == 0 {
					t.Errorf("%d times only: %s", l.did[name], name)
				}
			}
			l.issueAll()
		})
	}
}

// check compares the record with the second opinion and with the grid.
func (l *life) check(id int64, when string) {
	l.t.Helper()
	var got []string
	l.as(l.cast.Principal, func(tx *db.Tx) error {
		r, err := tx.Record(l.t.Context(), id, false)
		if err != nil {
			return err
		}
		l.stage[id] = r.Stage
		for _, s := range r.LiveSignatures() {
			got = append(got, string(s.Slot))
		}
		return nil
	})
	want := slices.Sorted(maps.Keys(l.live[id]))
	slices.Sort(got)
	if !slices.Equal(got, want) {
		l.t.Fatalf("%s: record %d has live %v, want %v", when, id, got, want)
	}
	wantOverCurrentValues(l.t, l.d, id, when)
}

// wantOverCurrentValues reads the bytes under every signature of a record that
// no row ended and holds them against what stands in the grid: level, mark and
// remark of every subject in them.
func wantOverCurrentValues(t *testing.T, d *dbtest.Database, id int64, when string) {
	t.Helper()
	grid := map[string]string{}
	for _, row := range texts(t, d, `SELECT n.item, n.level || '/' || coalesce(n.mark::text, '') || '/' || n.remark FROM school.record r
		JOIN school.entry n ON n.enrolment_id = r.enrolment_id AND n.period = 'cn' WHERE r.id = $1`, id) {
		grid[row[0]] = row[1]
	}
	for _, row := range texts(t, d, `SELECT s.slot, convert_from(s.content, 'UTF8') FROM school.record_signature s WHERE s.record_id = $1
		AND s.slot <> 'phathanh' AND NOT EXISTS (SELECT 1 FROM school.record_void v WHERE v.signature_id = s.id)`, id) {
		for _, part := range subjectParts(t, row[0], []byte(row[1])) {
			mark := ""
			if part.Mark != nil {
				mark = strconv.Itoa(*part.Mark)
			}
			if signed := part.Level + "/" + mark + "/" + part.Remark; grid[string(part.Subject)] != signed {
				t.Fatalf("%s: %s of record %d is live over %s %q; the grid says %q", when, row[0], id, part.Subject, signed, grid[string(part.Subject)])
			}
		}
	}
}

// texts returns rows of two texts.
func texts(t *testing.T, d *dbtest.Database, query string, args ...any) (out [][2]string) {
	t.Helper()
	rows, err := d.Owner().Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var row [2]string
		if err := rows.Scan(&row[0], &row[1]); err != nil {
			t.Fatal(err)
		}
		out = append(out, row)
	}
	return out
}

func subjectParts(t *testing.T, slot string, content []byte) []bundle.Subject {
	t.Helper()
	var list []bundle.Subject
	var page bundle.Content
	var err error
	switch {
	case strings.HasPrefix(slot, "gvbm-"):
		list, err = bundle.ReadSubjects(content)
	case slot == "gvcn":
		page, err = bundle.ReadContent(content)
		list = page.Subjects
	default:
		_, page, err = bundle.ReadData(content)
		list = page.Subjects
	}
	if err != nil || len(list) == 0 {
		t.Fatalf("the bytes under %s: %v", slot, err)
	}
	return list
}

// edit has the owner of a random cell write a random value, and knows whether
// that may be.
func (l *life) edit(id int64) error {
	item := evaluation.Item(pick(l, append(slices.Clone(dbtest.HuongSubjects), dbtest.MinhSubjects...)))
	field, value := evaluation.FieldLevel, pick(l, []string{"T", "H"})
	returned := l.open[id]
	if len(returned) > 0 && l.dice.IntN(4) > 0 { // most who get a part back change it
		if s, ok := record.PartName(pick(l, returned)); ok {
			item = evaluation.Item(s)
		}
	}
	who, part := l.owners[item], bundle.SubjectID(school.Subject(item))
	switch l.dice.IntN(4) {
	case 0:
		if len(returned) > 0 && !slices.Contains(returned, bundle.ContentID) {
			break
		}
		item, who, part = pick(l, []evaluation.Item{"NHAN_AI", "NL_NGON_NGU"}), l.cast.Huong, bundle.ContentID
		value = pick(l, []string{"T", "Đ"})
	case 1:
		field, value = evaluation.FieldRemark, pick(l, []string{"Em làm tốt.", "Em cần cố gắng hơn.", "Em chăm chỉ."})
	}
	var old string
	column := map[evaluation.Field]string{evaluation.FieldLevel: "level", evaluation.FieldRemark: "remark"}[field]
	err := l.d.Owner().QueryRow(`SELECT n.`+column+` FROM school.record r JOIN school.entry n ON n.enrolment_id = r.enrolment_id
		WHERE r.id = $1 AND n.period = 'cn' AND n.item = $2`, id, string(item)).Scan(&old)
	if err != nil {
		l.t.Fatal(err)
	}
	err = save(l.t.Context(), l.d, who, l.cast.Class.ID, change(l.t, l.d, id, item, field, old, value))
	closed := !slices.Contains(l.open[id], part) && l.covered(id, part)
	switch {
	case closed && old != value && fault.KindOf(err) != fault.Locked:
		l.t.Fatalf("a closed part took %s: %v", item, err)
	case !closed && err != nil:
		l.t.Fatalf("an open part refused %s: %v", item, err)
	case err != nil || old == value:
		return err
	}
	l.open[id] = without(l.open[id], part)
	fell := false
	for slot, parts := range l.live[id] {
		if slices.Contains(parts, part) || slices.Contains(parts, "*") {
			delete(l.live[id], slot)
			fell = true
			l.did["fell "+slot[:4]]++
		}
	}
	if fell {
		delete(l.live[id], "cbql")
	}
	return nil
}

func without(list []string, one string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == one })
}

func (l *life) covered(id int64, part string) bool {
	for _, parts := range l.live[id] {
		if slices.Contains(parts, part) || slices.Contains(parts, "*") {
			return true
		}
	}
	return false
}

// change is one cell of a record's pupil.
func change(t *testing.T, d *dbtest.Database, id int64, item evaluation.Item, field evaluation.Field, old, value string) db.CellChange {
	t.Helper()
	var enrolment int64
	if err := d.Owner().QueryRow(`SELECT enrolment_id FROM school.record WHERE id = $1`, id).Scan(&enrolment); err != nil {
		t.Fatal(err)
	}
	return db.CellChange{CellRef: db.CellRef{Enrolment: enrolment, Item: item, Field: field}, Old: old, New: value}
}

// save writes one cell; what is refused at the cell is the error.
func save(ctx context.Context, d *dbtest.Database, who workflow.Actor, class int64, c db.CellChange) error {
	return d.As(ctx, who, func(tx *db.Tx) error { return saveIn(ctx, tx, class, c) })
}

func saveIn(ctx context.Context, tx *db.Tx, class int64, c db.CellChange) error {
	results, err := tx.SaveCells(ctx, db.ClassPeriod{Year: dbtest.Year, ClassID: class, Period: school.YearEnd}, []db.CellChange{c})
	if err == nil && results[0].Fault != nil {
		return results[0].Fault
	}
	return err
}

func (l *life) signParts(id int64) error {
	who := pick(l, l.persons)
	err := l.chain.Desk.SignParts(l.t.Context(), who, id, l.chain.Pen(who))
	if err == nil {
		l.live[id]["gvbm-"+who.TeacherCode] = l.parts(who)
		l.answered(id, l.parts(who))
	}
	return err
}

func (l *life) answered(id int64, parts []string) {
	for _, p := range parts {
		l.open[id] = without(l.open[id], p)
	}
}

func (l *life) signAll(id int64) error {
	var last error
	for _, who := range l.persons {
		if last = l.chain.Desk.SignParts(l.t.Context(), who, id, l.chain.Pen(who)); last == nil {
			l.live[id]["gvbm-"+who.TeacherCode] = l.parts(who)
			l.answered(id, l.parts(who))
		}
	}
	return last
}

func (l *life) signPage(id int64) error {
	err := l.chain.Desk.SignHomeroom(l.t.Context(), l.cast.Huong, id, "", l.chain.Pen(l.cast.Huong))
	if err == nil {
		l.live[id]["gvcn"] = []string{"*"}
		l.answered(id, []string{bundle.ContentID})
	}
	return err
}

func (l *life) act(who workflow.Actor, id int64, do func(*record.Record, record.By) (record.Change, error)) error {
	return l.chain.Desk.Act(l.t.Context(), who, id, do)
}

func (l *life) withdrawPart(id int64) error {
	who := pick(l, l.persons)
	err := l.act(who, id, (*record.Record).WithdrawPart)
	if err == nil {
		delete(l.live[id], "gvbm-"+who.TeacherCode)
	}
	return err
}

func (l *life) withdrawPage(id int64) error {
	err := l.act(l.cast.Huong, id, (*record.Record).WithdrawHomeroom)
	if err == nil {
		delete(l.live[id], "gvcn")
	}
	return err
}

func (l *life) sendBack(id int64) error {
	who := pick(l, []workflow.Actor{l.cast.Principal, l.cast.Huong})
	parts := []string{bundle.ContentID}
	for item := range l.owners {
		parts = append(parts, bundle.SubjectID(school.Subject(item)))
	}
	slices.Sort(parts)
	chosen := []string{pick(l, parts), pick(l, parts)}
	err := l.act(who, id, func(r *record.Record, by record.By) (record.Change, error) { return r.Return(by, chosen, "Xem lại") })
	if err == nil {
		l.open[id] = slices.Compact(slices.Sorted(slices.Values(append(l.open[id], chosen...))))
	}
	return err
}

func (l *life) confirm(id int64) error {
	who := pick(l, l.persons)
	err := l.act(who, id, func(r *record.Record, by record.By) (record.Change, error) { return r.Confirm(by, "Đúng") })
	if err == nil {
		l.answered(id, l.parts(who))
		if who.AccountID == l.cast.Huong.AccountID {
			l.answered(id, []string{bundle.ContentID})
		}
	}
	return err
}

func (l *life) approve(id int64) error {
	l.as(l.cast.Principal, func(tx *db.Tx) error {
		r, err := tx.Record(l.t.Context(), id, false)
		if err != nil {
			return err
		}
		return tx.Opened(l.t.Context(), id, r.Revision)
	})
	err := l.chain.Desk.Approve(l.t.Context(), l.cast.Principal, id, l.chain.Pen(l.cast.Principal))
	if err == nil {
		l.live[id]["cbql"] = []string{"*"}
	}
	return err
}

func (l *life) withdrawApproval(id int64) error {
	err := l.act(l.cast.Principal, id, (*record.Record).WithdrawApproval)
	if err == nil {
		delete(l.live[id], "cbql")
	}
	return err
}

// issueAll brings every record to its version: the signatures that lived verify.
func (l *life) issueAll() {
	l.t.Helper()
	for _, id := range l.records {
		for _, who := range l.persons {
			_ = l.act(who, id, func(r *record.Record, by record.By) (record.Change, error) { return r.Confirm(by, "Đúng") })
		}
		_, _, _ = l.signAll(id), l.signPage(id), l.approve(id)
		if err := l.chain.Desk.Issue(l.t.Context(), l.cast.Principal, id, jobstest.Place, l.chain.Seal()); err != nil {
			l.t.Fatalf("issue record %d: %v", id, err)
		}
		var xml []byte
		l.as(l.cast.Principal, func(tx *db.Tx) (err error) {
			xml, err = tx.VersionXML(l.t.Context(), id, 1)
			return err
		})
		report := verify.File(xml, verify.Options{Trust: l.chain.Trust(), Now: l.d.Clock.Now()})
		if !report.Valid || len(report.Signers) != 6 {
			l.t.Fatalf("record %d: %d signers, %+v", id, len(report.Signers), report.Checks)
		}
	}
}
