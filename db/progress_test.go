package db_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// counts recounts and reads the counts of class 4A.
func counts(t *testing.T, d *dbtest.Database, c *dbtest.Cast) school.Counts {
	t.Helper()
	if _, err := d.RecountClasses(t.Context()); err != nil {
		t.Fatal(err)
	}
	var list []db.ClassCounts
	err := d.As(t.Context(), c.Principal, func(tx *db.Tx) error {
		var err error
		list, err = tx.SchoolProgress(t.Context(), dbtest.Year, c.School.ID)
		return err
	})
	if err != nil || len(list) != 1 || list[0].ClassID != c.Class.ID || list[0].Name != "4A" {
		t.Fatalf("classes of the school: %+v %v", list, err)
	}
	return list[0].Counts
}

func TestRecount_FollowsTheClassAlongTheChain(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	mark := func() {
		d.Exec(`INSERT INTO school.class_dirty VALUES ($1, $2, now()) ON CONFLICT DO NOTHING`, c.Class.ID, c.School.ID)
	}
	n := len(c.Roll)
	want := school.Counts{OnRoll: n}
	check := func(stage string) {
		t.Helper()
		mark()
		if got := counts(t, d, c); got != want {
			t.Errorf("%s: %+v, want %+v", stage, got, want)
		}
	}
	check("enrolled")
	chain.Fill(t)
	want.Entered = n
	check("filled")
	chain.SignParts(t)
	want.PartsSigned = n
	check("parts signed")
	chain.Sign(t)
	want.Signed = n
	check("homeroom signed")
	chain.Approve(t)
	want.Approved = n
	check("approved")
	chain.Issue(t)
	want.Issued = n
	check("issued")
	stand := func(record int64, stage string, kinds ...string) {
		d.Exec(`UPDATE school.record SET stage = $2 WHERE id = $1`, record, stage)
		for _, k := range kinds {
			d.Exec(`INSERT INTO school.version_event (school_id, version_id, kind, at)
				SELECT school_id, id, $2, now() FROM school.version WHERE record_id = $1`, record, k)
		}
	}
	stand(chain.Records[0], "accepted", "submitted", "accepted")
	stand(chain.Records[1], "refused", "submitted", "refused")
	stand(chain.Records[2], "locked", "accepted", "locked")
	// Its replacement is being made: the accepted version is in force.
	stand(chain.Records[3], "homeroom_signed", "accepted", "replacing")
	stand(chain.Records[4], "returned", "withdrawn")
	d.Exec(`UPDATE school.review SET track = 2 WHERE enrolment_id IN ($1, $2)`, c.Roll[0].EnrolmentID, c.Roll[7].EnrolmentID)
	want = school.Counts{OnRoll: n, Entered: n, PartsSigned: n, Signed: n - 1, Approved: n - 1, Issued: n - 1, Accepted: 3, Locked: 1,
		Returned: 1, Refused: 1, August: 2, AugustAccepted: 1}
	check("answered")
}

func TestRecount_AsksForEveryValueOfTheRuleSet(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	chain.Fill(t)
	n := len(c.Roll)
	for i, spoil := range []string{
		`UPDATE school.entry SET mark = NULL WHERE enrolment_id = $1 AND item = 'TOAN'`,
		`UPDATE school.entry SET level = '' WHERE enrolment_id = $1 AND item = 'AM_NHAC'`,
		`DELETE FROM school.entry WHERE enrolment_id = $1 AND item = 'NHAN_AI'`,
		`UPDATE school.entry SET remark = '' WHERE enrolment_id = $1 AND item = 'NX_PHAM_CHAT'`,
		`UPDATE school.review SET absent_excused = NULL WHERE enrolment_id = $1`,
	} {
		d.Exec(spoil, c.Roll[i].EnrolmentID)
		d.Exec(`INSERT INTO school.class_dirty VALUES ($1, $2, now()) ON CONFLICT DO NOTHING`, c.Class.ID, c.School.ID)
		if got := counts(t, d, c); got.Entered != n-1-i {
			t.Errorf("after %s: %d entered, want %d", spoil, got.Entered, n-1-i)
		}
	}
	// The same as the domain says, which looks at one record at a time.
	entered := 0
	err := d.As(t.Context(), c.Principal, func(tx *db.Tx) error {
		list, err := tx.Records(t.Context(), chain.Records, false)
		for _, r := range list {
			missing := false
			for _, g := range r.Gaps() {
				missing = missing || g.Missing
			}
			if !missing {
				entered++
			}
		}
		return err
	})
	if got := counts(t, d, c); err != nil || got.Entered != entered {
		t.Errorf("counted %d, the records say %d: %v", got.Entered, entered, err)
	}
	// A summer value takes the place of the year-end's; who is exempt or not assessed needs none.
	d.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, mark, account_id, updated_at)
		VALUES ($1, $2, 'he', 'TOAN', $3, 'H', 6, $4, now())`, string(dbtest.Year), c.Roll[0].EnrolmentID, c.School.ID, c.Huong.AccountID)
	d.Exec(`UPDATE school.entry SET exempt = true WHERE enrolment_id = $1 AND item = 'AM_NHAC'`, c.Roll[1].EnrolmentID)
	d.Exec(`UPDATE school.enrolment SET not_assessed = true WHERE id = $1`, c.Roll[2].EnrolmentID)
	if got := counts(t, d, c); got.Entered != entered+3 {
		t.Errorf("%d entered, want %d", got.Entered, entered+3)
	}
}

// TestRecount_CompletesASummerEntryFromTheYearEnd: what was assessed again in
// part keeps the rest of the year-end's values, for the counter as for the
// record.
func TestRecount_CompletesASummerEntryFromTheYearEnd(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	chain.Fill(t)
	n := len(c.Roll)
	summer := func(row int, item, level string, mark any, remark string) {
		d.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, mark, remark, account_id, updated_at)
			VALUES ($1, $2, 'he', $3, $4, $5, $6, $7, $8, now())`, string(dbtest.Year), c.Roll[row].EnrolmentID, item, c.School.ID, level, mark, remark, c.Huong.AccountID)
	}
	summer(0, "TOAN", "H", nil, "")                   // the level alone was changed
	summer(1, "TIENG_VIET", "", 6, "")                // the mark alone
	summer(2, "KHOA_HOC", "", nil, "Đã luyện tập.")   // the remark alone
	summer(3, "NX_PHAM_CHAT", "", nil, "Cố gắng hơn") // a group's remark
	summer(4, "TOAN", "H", nil, "")
	d.Exec(`UPDATE school.entry SET mark = NULL WHERE enrolment_id = $1 AND item = 'TOAN' AND period = 'cn'`, c.Roll[4].EnrolmentID)
	d.Exec(`INSERT INTO school.class_dirty VALUES ($1, $2, now()) ON CONFLICT DO NOTHING`, c.Class.ID, c.School.ID)
	complete := 0
	err := d.As(t.Context(), c.Principal, func(tx *db.Tx) error {
		list, err := tx.Records(t.Context(), chain.Records, false)
		for _, r := range list {
			if !slices.ContainsFunc(r.Gaps(), func(g record.Gap) bool { return g.Missing }) {
				complete++
			}
		}
		return err
	})
	if got := counts(t, d, c); err != nil || complete != n-1 || got.Entered != complete {
		t.Errorf("counted %d, the records say %d, want %d: %v", got.Entered, complete, n-1, err)
	}
	var ready []db.ReadyClass
	err = d.As(t.Context(), c.Huong, func(tx *db.Tx) error {
		duties, err := tx.Duties(t.Context(), dbtest.Year)
		if err != nil {
			return err
		}
		ready, err = tx.ReadyToSign(t.Context(), duties, dbtest.Year, true)
		return err
	})
	if err != nil || len(ready) != 1 || ready[0].Parts != n-1 {
		t.Errorf("ready to sign %+v, want %d pupils: %v", ready, n-1, err)
	}
}

func TestRecount_SeesRollsChange(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	n := len(c.Roll)
	if got := counts(t, d, c); got.OnRoll != n {
		t.Fatalf("%d on the roll, want %d", got.OnRoll, n)
	}
	if counted, err := d.RecountClasses(t.Context()); err != nil || counted != 0 {
		t.Errorf("nothing is marked, yet %d classes were counted: %v", counted, err)
	}
	today := school.DateOf(d.Now())
	d.Exec(`UPDATE school.enrolment SET to_date = $2 WHERE id = $1`, c.Roll[0].EnrolmentID, today)
	if got := counts(t, d, c); got.OnRoll != n {
		t.Errorf("on the last day %d are on the roll", got.OnRoll)
	}
	d.Clock.Advance(24 * time.Hour)
	if err := d.MarkRolls(t.Context(), today); err != nil {
		t.Fatal(err)
	}
	if got := counts(t, d, c); got.OnRoll != n-1 {
		t.Errorf("the day after %d are on the roll", got.OnRoll)
	}
	d.Exec(`DELETE FROM school.record WHERE enrolment_id = $1`, c.Roll[1].EnrolmentID)
	d.Exec(`UPDATE school.class SET book_kind = 'paper', paper_reason = 'x', paper_decision = 'y', paper_until = '2027-01-01' WHERE id = $1`, c.Class.ID)
	if got := counts(t, d, c); got != (school.Counts{OnRoll: n - 1}) {
		t.Errorf("on paper: %+v", got)
	}
}

func TestRecount_IsSharedByManyProcesses(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	for i := range 20 {
		err := d.As(t.Context(), workflow.Actor{Kind: workflow.System, SchoolID: c.School.ID}, func(tx *db.Tx) error {
			name := fmt.Sprintf("1%c", 'A'+i)
			_, err := tx.CreateClass(t.Context(), db.Class{Year: dbtest.Year, Code: name, Name: name, Grades: []int64{1}, BookKind: school.Digital})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	total := make([]int, 4)
	for i := range total {
		all.Add(1)
		go func() {
			defer all.Done()
			var err error
			if total[i], err = d.RecountClasses(context.Background()); err != nil {
				t.Error(err)
			}
		}()
	}
	all.Wait()
	sum := 0
	for _, n := range total {
		sum += n
	}
	if sum != 22 { // and the two classes of the cast
		t.Errorf("%v classes counted, want 22 in all", total)
	}
}

func TestAreaProgress_StaysInsideTheScope(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	counts(t, d, c)
	away := workflow.Actor{Kind: workflow.Person, AccountID: c.CommuneClerk.AccountID, Role: workflow.MiddleAuthority}
	err := d.As(t.Context(), workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error {
		var err error
		away.UnitID, err = tx.CreateUnit(t.Context(), school.Unit{Code: "48002", Name: "Xã Núi Voi", Kind: school.Commune,
			ParentID: &c.Department.ID, ValidFrom: school.Date{Year: 2025, Month: 7, Day: 1}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []struct {
		actor workflow.Actor
		want  int
	}{{c.Authority, 2}, {c.CommuneClerk, 2}, {c.Principal, 1}, {c.OtherPrincipal, 1}, {away, 0}, {c.Huong, 1}} {
		err := d.As(t.Context(), who.actor, func(tx *db.Tx) error {
			list, err := tx.AreaProgress(t.Context(), dbtest.Year, c.Department.ID)
			if err == nil && len(list) != who.want {
				t.Errorf("%s sees %d schools, want %d", who.actor.Role, len(list), who.want)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// TestProgress_CostDoesNotGrowWithPupils looks at the plans: no dashboard
// reads a table that has a row a pupil.
func TestProgress_CostDoesNotGrowWithPupils(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	allowed := []string{"class_progress", "progress_day", "unit"}
	look := func(tx *db.Tx, query string, args []any) error {
		var lines []string
		if err := tx.SelectContext(t.Context(), &lines, "EXPLAIN (COSTS OFF) "+query, args...); err != nil {
			return err
		}
		plan := strings.Join(lines, "\n")
		found := regexp.MustCompile(`(?:Scan| on) (?:using \S+ )?on (\w+)`).FindAllStringSubmatch(plan, -1)
		if len(found) == 0 {
			t.Errorf("no table in the plan:\n%s", plan)
		}
		for _, f := range found {
			// a table of them, or one of its indexes
			if !slices.ContainsFunc(allowed, func(name string) bool { return strings.HasPrefix(f[1], name) }) {
				t.Errorf("the dashboards read %s:\n%s", f[1], plan)
			}
		}
		return nil
	}
	portal, registry := db.DashboardQueries()
	if err := d.As(t.Context(), c.Authority, func(tx *db.Tx) error { return lookAll(tx, portal, look) }); err != nil {
		t.Error(err)
	}
	if err := d.Registry(t.Context(), c.Authority, func(tx *db.Tx) error { return lookAll(tx, registry, look) }); err != nil {
		t.Error(err)
	}
}

func lookAll(tx *db.Tx, queries map[string][]any, look func(*db.Tx, string, []any) error) error {
	for query, args := range queries {
		if err := look(tx, query, args); err != nil {
			return err
		}
	}
	return nil
}

func TestRecount_LeavesTheMarkOfATeacherWhoIsStillSaving(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.YearEnd)
	counts(t, d, c) // takes away the marks of the founding
	an, chi := c.Roll[0], c.Roll[3]
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err := d.As(ctx, c.Huong, func(tx *db.Tx) error {
		if _, err := tx.SaveCells(ctx, table(c, school.YearEnd), []db.CellChange{cell(an, toan, "level", "", "T")}); err != nil {
			return err
		}
		// A second teacher of the class saves and is counted, without waiting.
		err := d.As(ctx, c.Minh, func(tx *db.Tx) error {
			_, err := tx.SaveCells(ctx, table(c, school.YearEnd), []db.CellChange{cell(chi, music, "level", "", "T")})
			return err
		})
		if err != nil {
			return err
		}
		if n, err := d.RecountClasses(ctx); err != nil || n != 1 {
			t.Errorf("counted %d classes while one save was open: %v, want 1", n, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := d.RecountClasses(ctx); err != nil || n != 1 {
		t.Errorf("counted %d classes after the open save: %v, want 1", n, err)
	}
}
