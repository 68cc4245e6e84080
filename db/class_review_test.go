package db_test

import (
	"errors"
	"io"
	"maps"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

type fields = map[evaluation.ReviewField]string

// reviewing is the cast's class with complete year-end values and an open window.
func reviewing(t *testing.T) (*dbtest.Database, *jobstest.Chain) {
	t.Helper()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.YearEnd)
	chain := jobstest.New(t, d, c)
	chain.Fill(t)
	return d, chain
}

func saveReview(t testing.TB, d *dbtest.Database, by workflow.Actor, class db.Class, changes ...db.ReviewChange) ([]db.ReviewResult, error) {
	t.Helper()
	var out []db.ReviewResult
	err := d.As(t.Context(), by, func(tx *db.Tx) (err error) {
		out, err = tx.SaveReviews(t.Context(), dbtest.Year, class.ID, changes)
		return err
	})
	return out, err
}

// mustSave saves one change and returns what became of it.
func mustSave(t testing.TB, d *dbtest.Database, c *dbtest.Cast, change db.ReviewChange) db.ReviewResult {
	t.Helper()
	out, err := saveReview(t, d, c.Huong, c.Class, change)
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

func readReview(t testing.TB, d *dbtest.Database, c *dbtest.Cast, n int) db.ReviewRow {
	t.Helper()
	var row db.ReviewRow
	err := d.As(t.Context(), c.Huong, func(tx *db.Tx) error {
		all, at, err := tx.PupilReview(t.Context(), dbtest.Year, c.Class.ID, c.Roll[n].EnrolmentID)
		if err == nil {
			row = all.Rows[at]
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func tally(t testing.TB, d *dbtest.Database, query string, args ...any) (n int) {
	t.Helper()
	if err := d.Owner().QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSaveReviews_KeepsValuesHistoryAndMarks(t *testing.T) {
	t.Parallel()
	d, chain := reviewing(t)
	c := chain.Cast
	an := c.Roll[0].EnrolmentID
	d.Exec(`DELETE FROM school.class_dirty`)
	before := readReview(t, d, c, 0)
	res := mustSave(t, d, c, db.ReviewChange{Enrolment: an, Old: fields{"height_mm": "132", "absent_excused": "1", "weight_g": "28,5"},
		New: fields{"height_mm": "133,5", "absent_excused": "2", "weight_g": "28,50"}})
	if res.Fault() != nil || !res.Saved {
		t.Fatalf("refused: %v", res.Fault())
	}
	after := readReview(t, d, c, 0)
	want := maps.Clone(before.Review)
	want["height_mm"], want["absent_excused"] = "1335", "2"
	if !maps.Equal(after.Review, want) || after.SavedBy != c.Huong.Name {
		t.Errorf("stands %v by %s, want %v", after.Review, after.SavedBy, want)
	}
	if after.Record.Revision <= before.Record.Revision || after.Record.Page.HeightMM != 1335 {
		t.Errorf("the record did not follow: revision %d, %d mm", after.Record.Revision, after.Record.Page.HeightMM)
	}
	if n := tally(t, d, `SELECT count(*) FROM school.review_history WHERE enrolment_id = $1
		AND (field, old_value, new_value) IN (('height_mm', '1320', '1335'), ('absent_excused', '1', '2'))`, an); n != 2 {
		t.Errorf("%d lines of history, want 2", n)
	}
	if n := tally(t, d, `SELECT count(*) FROM school.review_history`); n != 2 {
		t.Errorf("%d lines of history in all: what did not change was kept too", n)
	}
	if n := tally(t, d, `SELECT count(DISTINCT class_id) FROM school.class_dirty WHERE class_id = $1`, c.Class.ID); n != 1 {
		t.Error("the class is not marked for counting")
	}
	if _, err := d.AsPortal().Exec(`UPDATE school.review_history SET new_value = ''`); err == nil {
		t.Error("the program may change the history")
	}
}

func TestSaveReviews_LeavesOthersFieldsAloneAndShowsConflicts(t *testing.T) {
	t.Parallel()
	d, chain := reviewing(t)
	c := chain.Cast
	an := c.Roll[0].EnrolmentID
	mustSave(t, d, c, db.ReviewChange{Enrolment: an, Old: fields{"height_mm": "132"}, New: fields{"height_mm": "140"}})
	d.Clock.Advance(time.Minute)
	// An old page: the height was not touched there, so the other's stands.
	res := mustSave(t, d, c, db.ReviewChange{Enrolment: an, Old: fields{"height_mm": "132", "weight_g": "28,5"}, New: fields{"height_mm": "132", "weight_g": "30"}})
	if res.Fault() != nil {
		t.Fatalf("refused: %v", res.Fault())
	}
	if row := readReview(t, d, c, 0); row.Review["height_mm"] != "1400" || row.Review["weight_g"] != "30000" {
		t.Errorf("stands %v", row.Review)
	}
	// It was touched: both values are shown, and nothing of the page is written.
	res = mustSave(t, d, c, db.ReviewChange{Enrolment: an, Old: fields{"height_mm": "132", "absent_excused": "1"}, New: fields{"height_mm": "133", "absent_excused": "7"}})
	if f := res.Fault(); f == nil || f.Code != "cell.stale" || res.Theirs["height_mm"] != "1400" || res.By != c.Huong.Name || res.At.IsZero() {
		t.Errorf("stale: %v, theirs %v by %s at %v", res.Fault(), res.Theirs, res.By, res.At)
	}
	if row := readReview(t, d, c, 0); row.Review["absent_excused"] != "1" {
		t.Error("a refused page was written in part")
	}
	// The same save again is no conflict.
	again := db.ReviewChange{Enrolment: an, Old: fields{"weight_g": "28,5"}, New: fields{"weight_g": "30"}}
	if res := mustSave(t, d, c, again); res.Fault() != nil || res.Saved {
		t.Errorf("sent again: %v, saved %v", res.Fault(), res.Saved)
	}
}

func TestSaveReviews_HidesOtherClassesAndSchools(t *testing.T) {
	t.Parallel()
	d, chain := reviewing(t)
	c := chain.Cast
	change := db.ReviewChange{Enrolment: c.Roll[0].EnrolmentID, Old: fields{"height_mm": "132"}, New: fields{"height_mm": "99"}}
	for _, who := range []workflow.Actor{c.Minh, c.Principal, c.Admin, c.OtherTeacher, c.Authority} {
		if _, err := saveReview(t, d, who, c.Class, change); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: %v, want not found", who.Name, err)
		}
	}
	// Through the own class no pupil of another is reached.
	out, err := saveReview(t, d, c.OtherTeacher, c.OtherClass, change)
	if err != nil || out[0].Row == nil || out[0].Row.Kind != fault.NotFound {
		t.Errorf("another school's pupil: %v, %v", out, err)
	}
	if row := readReview(t, d, c, 0); row.Review["height_mm"] != "1320" {
		t.Error("a stranger wrote")
	}
}

func TestSaveReviews_ClosesWithSignatureAndWindow(t *testing.T) {
	t.Parallel()
	d, chain := reviewing(t)
	c := chain.Cast
	chain.SignParts(t)
	an, bao := c.Roll[0].EnrolmentID, c.Roll[1].EnrolmentID
	change := db.ReviewChange{Enrolment: an, Old: fields{"absent_excused": "1"}, New: fields{"absent_excused": "2"}}
	if res := mustSave(t, d, c, change); res.Fault() != nil {
		t.Fatalf("the subject teachers' signatures closed the page: %v", res.Fault())
	}
	chain.Sign(t)
	res := mustSave(t, d, c, db.ReviewChange{Enrolment: an, Old: fields{"absent_excused": "2"}, New: fields{"absent_excused": "3"}})
	if f := res.Fault(); f == nil || f.Kind != fault.Locked || f.Code != "record.part_signed" || f.Args["signer"] != c.Huong.Name {
		t.Fatalf("signed: %v", f)
	}
	if n := tally(t, d, `SELECT count(*) FROM school.record_void`); n != 0 {
		t.Errorf("%d signatures fell although nothing was written", n)
	}
	desk := jobs.Desk{DB: d.DB}
	err := desk.Act(t.Context(), c.Huong, chain.Records[1], func(r *record.Record, by record.By) (record.Change, error) { return r.WithdrawHomeroom(by) })
	if err != nil {
		t.Fatal(err)
	}
	d.Clock.Advance(100 * 24 * time.Hour)
	res = mustSave(t, d, c, db.ReviewChange{Enrolment: bao, Old: fields{"absent_excused": "1"}, New: fields{"absent_excused": "3"}})
	if f := res.Fault(); f == nil || f.Code != "review.window_closed" {
		t.Errorf("after the window: %v", f)
	}
}

func TestSaveReviews_AReturnedPageLetsExactlyTheHomeroomSignatureFall(t *testing.T) {
	t.Parallel()
	d, chain := reviewing(t)
	c := chain.Cast
	chain.Sign(t)
	an, id := c.Roll[0].EnrolmentID, chain.Records[0]
	desk := jobs.Desk{DB: d.DB}
	err := desk.Act(t.Context(), c.Principal, id, func(r *record.Record, by record.By) (record.Change, error) {
		return r.Return(by, []string{record.PartOf(evaluation.RemarkQualities)}, "Xem lại nhận xét")
	})
	if err != nil {
		t.Fatal(err)
	}
	remark := db.CellChange{CellRef: db.CellRef{Enrolment: an, Item: evaluation.RemarkQualities, Field: evaluation.FieldRemark},
		Old: "Em chăm ngoan, mạnh dạn.", New: "Em thật thà."}
	res := mustSave(t, d, c, db.ReviewChange{Enrolment: an, Old: fields{"absent_excused": "1"}, New: fields{"absent_excused": "2"}, Remarks: []db.CellChange{remark}})
	if res.Fault() != nil {
		t.Fatalf("refused: %v", res.Fault())
	}
	row := readReview(t, d, c, 0)
	if row.Record.Stage != workflow.PartSigned || row.Record.Page.Remarks[evaluation.RemarkQualities] != "Em thật thà." || len(row.Record.OpenParts()) != 0 {
		t.Errorf("at %s with %q, open %v", row.Record.Stage, row.Record.Page.Remarks[evaluation.RemarkQualities], row.Record.OpenParts())
	}
	var slots string
	err = d.Owner().QueryRow(`SELECT string_agg(s.slot || ' ' || v.cause, ',') FROM school.record_void v
		JOIN school.record_signature s ON s.id = v.signature_id`).Scan(&slots)
	if err != nil || slots != "gvcn content_changed" {
		t.Errorf("fell: %q, %v", slots, err)
	}
}

func TestSaveReviews_ARefusedRemarkTakesThePageBack(t *testing.T) {
	t.Parallel()
	d, chain := reviewing(t)
	c := chain.Cast
	an := c.Roll[0].EnrolmentID
	long := db.CellChange{CellRef: db.CellRef{Enrolment: an, Item: evaluation.RemarkQualities, Field: evaluation.FieldRemark},
		Old: "Em chăm ngoan, mạnh dạn.", New: strings.Repeat("dài ", 400)}
	res := mustSave(t, d, c, db.ReviewChange{Enrolment: an, Old: fields{"height_mm": "132"}, New: fields{"height_mm": "140"}, Remarks: []db.CellChange{long}})
	if f := res.Fault(); f == nil || f.Code != "cell.remark_too_long" || res.Saved {
		t.Fatalf("got %v", res.Fault())
	}
	if row := readReview(t, d, c, 0); row.Review["height_mm"] != "1320" {
		t.Error("a refused page was written in part")
	}
	if n := tally(t, d, `SELECT count(*) FROM school.review_history`) + tally(t, d, `SELECT count(*) FROM school.entry_history`); n != 0 {
		t.Errorf("%d lines of history of what was not written", n)
	}
}

func TestSaveReviews_TrackGoesToTheRecordAndOvertakenDecisionsGo(t *testing.T) {
	t.Parallel()
	d, chain := reviewing(t)
	c := chain.Cast
	an := c.Roll[0].EnrolmentID
	d.Exec(`DELETE FROM school.commendation WHERE pupil_id = (SELECT pupil_id FROM school.enrolment WHERE id = $1)`, an)
	d.Exec(`UPDATE school.review SET completed = NULL, promoted = false WHERE enrolment_id = $1`, an)
	res := mustSave(t, d, c, db.ReviewChange{Enrolment: an, Old: fields{"track": "1"}, New: fields{"track": "2"}})
	if res.Fault() != nil {
		t.Fatal(res.Fault())
	}
	if n := tally(t, d, `SELECT track FROM school.record WHERE enrolment_id = $1`, an); n != 2 {
		t.Errorf("the record is on track %d", n)
	}
	if row := readReview(t, d, c, 0); row.Review["promoted"] != "" {
		t.Error("a decision stands against the level")
	}
}

func TestClassReview_AsksAsOftenForAClassAsForAPupil(t *testing.T) {
	t.Parallel()
	d, chain := reviewing(t)
	c := chain.Cast
	chain.SignParts(t)
	asked := func() int64 {
		counter := countQueries(t, d)
		err := counter.As(t.Context(), c.Huong, func(tx *db.Tx) error {
			_, err := tx.ClassReview(t.Context(), dbtest.Year, c.Class.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return counter.queries.Load()
	}
	many := asked()
	d.Exec(`UPDATE school.enrolment SET to_date = '2026-05-01' WHERE class_id = $1 AND id <> $2`, c.Class.ID, c.Roll[0].EnrolmentID)
	if one := asked(); one != many || many == 0 || many > 40 {
		t.Errorf("%d queries for 8 pupils, %d for one", many, one)
	}
}

// counted is a database behind a relay that counts what is executed.
type counted struct {
	*db.DB
	queries *atomic.Int64
}

var hostOf = regexp.MustCompile(`host='?([^' ]+)'?`)

// countQueries opens the test's database through a relay that counts Execute
// and simple Query messages of the protocol.
func countQueries(t *testing.T, d *dbtest.Database) counted {
	t.Helper()
	found := hostOf.FindStringSubmatch(d.PortalDSN)
	if found == nil {
		t.Fatalf("no socket in %s", d.PortalDSN)
	}
	sockets, err := filepath.Glob(filepath.Join(found[1], ".s.PGSQL.*"))
	if err != nil || len(sockets) == 0 {
		t.Fatalf("no socket: %v", err)
	}
	socket := strings.TrimSuffix(sockets[0], ".lock")
	dir := t.TempDir()
	listener, err := net.Listen("unix", filepath.Join(dir, filepath.Base(socket)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	c := counted{queries: &atomic.Int64{}}
	go func() {
		for {
			front, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			back, err := net.Dial("unix", socket)
			if err != nil {
				_ = front.Close()
				continue
			}
			go func() { _, _ = io.Copy(front, back); _ = front.Close() }()
			go relay(back, front, c.queries)
		}
	}()
	swap := func(dsn string) string { return strings.ReplaceAll(dsn, found[1], dir) }
	c.DB, err = db.Open(t.Context(), db.Options{PortalDSN: swap(d.PortalDSN), RegistryDSN: swap(d.RegistryDSN), Clock: d.Clock.Now, MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// relay passes messages on and counts those that execute something. The first
// has no type: it starts the connection.
func relay(to io.WriteCloser, from io.Reader, count *atomic.Int64) {
	defer to.Close()
	for first := true; ; first = false {
		head := make([]byte, 5)
		if first {
			head = head[:4]
		}
		if _, err := io.ReadFull(from, head); err != nil {
			return
		}
		size := head[len(head)-4:]
		body := make([]byte, int(size[0])<<24|int(size[1])<<16|int(size[2])<<8|int(size[3])-4)
		if _, err := io.ReadFull(from, body); err != nil {
			return
		}
		if !first && (head[0] == 'E' || head[0] == 'Q') {
			count.Add(1)
		}
		if _, err := to.Write(append(head, body...)); err != nil {
			return
		}
	}
}
