package jobs_test

import (
	"log/slog"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/jobs"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// TestSweeper_RemovesWhatHasExpired uploads a list in two schools, lets a day
// pass, uploads another: the first two go although nobody uploads anything
// there again, the last stays. Sessions that are over go with them.
func TestSweeper_RemovesWhatHasExpired(t *testing.T) {
	d := dbtest.New(t)
	cast := dbtest.NewCast(t, d)
	upload := func(actor workflow.Actor, name string) {
		t.Helper()
		err := d.As(t.Context(), actor, func(tx *db.Tx) error {
			_, err := tx.KeepImport(t.Context(), db.ImportBatch{Year: dbtest.Year, FileName: name, From: school.Date{Year: 2025, Month: 9, Day: 5}})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	for token, expiry := range map[string]time.Time{"over": now.Add(-time.Hour), "live": now.Add(time.Hour)} {
		if err := d.Sessions().CommitCtx(t.Context(), token, []byte("x"), expiry); err != nil {
			t.Fatal(err)
		}
	}
	sweeper := jobs.NewSweeper(d.DB, slog.New(slog.DiscardHandler), 20*time.Millisecond)
	sweeper.Start(t.Context())
	t.Cleanup(sweeper.Stop)
	upload(cast.Admin, "mot.xlsx")
	upload(cast.OtherTeacher, "hai.xlsx")
	d.Clock.Advance(25 * time.Hour)
	upload(cast.Admin, "ba.xlsx")
	left := func() (imports, sessions string) {
		t.Helper()
		err := d.Owner().QueryRow(`SELECT (SELECT string_agg(file_name, ' ' ORDER BY id) FROM school.import_batch),
			(SELECT string_agg(token, ' ') FROM core.session)`).Scan(&imports, &sessions)
		if err != nil {
			t.Fatal(err)
		}
		return imports, sessions
	}
	imports, sessions := left()
	for end := time.Now().Add(10 * time.Second); (imports != "ba.xlsx" || sessions != "live") && time.Now().Before(end); imports, sessions = left() {
		time.Sleep(20 * time.Millisecond)
	}
	if imports != "ba.xlsx" || sessions != "live" {
		t.Errorf("left are the lists %q and the sessions %q", imports, sessions)
	}
}
