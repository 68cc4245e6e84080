package bench

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"hocba/db/dbtest"
	"hocba/internal/school"
	"hocba/views"
)

// connections save at the same time.
const connections = 8

// bareSave names the baseline of a save.
const bareSave = "upsert + audit row, bare SQL"

// measureSaves saves remarks over HTTP, cell by cell as the grid's script does:
// in a half-year period, and at the year's end, where the pupil's record takes
// part. The baseline writes the same values with nothing in between.
func measureSaves(r *run) {
	s := newSite(r, r.pupils)
	product, bare := s.savers(r), s.bareSavers(r)
	for _, p := range []struct {
		period school.Period
		name   string
	}{{school.EndFirst, "half-year"}, {school.YearEnd, "year end"}} {
		for _, b := range product {
			b.last = map[int]string{}
			b.path = s.server.URL + views.In(dbtest.Year, "classes", s.Class.ID, "gradebook", p.period, "cells")
		}
		var one, bareOne, many, bareMany samples
		turn := func(into *samples, slice time.Duration, savers []func(i int) error) func(int) {
			return func(round int) {
				got, err := together(slice, savers)
				if err != nil {
					r.Fatalf("save: %v", err)
				}
				if round >= 0 {
					into.join(got)
				}
			}
		}
		var saves []func(i int) error
		for _, b := range product {
			saves = append(saves, b.save)
		}
		inTurns(r.rounds, turn(&many, r.slice, saves), turn(&bareMany, r.slice, bare),
			turn(&one, r.slice/2, saves[:1]), turn(&bareOne, r.slice/2, bare[:1]))
		what := "save a cell, " + p.name + ", "
		r.add(line{what: what + "1 connection, p50", got: ms(one.p50()), beside: bareSave, base: ms(bareOne.p50()), asked: []limit{atMost(3)}})
		r.add(line{what: what + "8 connections", got: perSecond(many.rate()), beside: bareSave, base: perSecond(bareMany.rate()),
			asked: []limit{atLeast(1000), ratioAtLeast(0.2)}})
		r.add(line{what: what + "8 connections, p95", got: ms(many.p95()), beside: bareSave, base: ms(bareMany.p95()), asked: []limit{atMost(15)}})
	}
}

// together lets each saver save, again and again, for a while.
func together(slice time.Duration, savers []func(i int) error) (samples, error) {
	took := make([]samples, len(savers))
	var group errgroup.Group
	begin := time.Now()
	for n, save := range savers {
		group.Go(func() error {
			for i := 0; time.Since(begin) < slice; i++ {
				var err error
				took[n].timed(func() { err = save(i) })
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	err := group.Wait()
	all := samples{span: time.Since(begin)}
	for _, t := range took {
		all.took = append(all.took, t.took...)
	}
	return all, err
}

// saver is one open grid: a session and a connection of its own, in a subject
// that no other one writes.
type saver struct {
	site    *site
	client  *http.Client
	subject school.Subject
	number  int
	path    string
	last    map[int]string
}

func (s *site) savers(r *run) []*saver {
	var out []*saver
	for n := range connections {
		out = append(out, &saver{site: s, client: s.signIn(r), subject: dbtest.HuongSubjects[n], number: n})
	}
	return out
}

// save writes the next pupil's remark over the one that stands.
func (b *saver) save(i int) error {
	row := (i + 4*b.number) % len(b.site.Roll) // each at another pupil
	next := remarks[0]
	if b.last[row] == next {
		next = remarks[1]
	}
	form := url.Values{"cell": {fmt.Sprintf("%d.%s.remark", b.site.Roll[row].EnrolmentID, b.subject)}, "old": {b.last[row]}, "new": {next}}
	req, err := http.NewRequest(http.MethodPut, b.path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if _, err = do(b.client, req); err == nil {
		b.last[row] = next
	}
	return err
}

// bareSavers are as many connections to the same tables, past policies and
// every rule; their values stand in a period that nothing else writes.
func (s *site) bareSavers(r *run) []func(i int) error {
	var out []func(i int) error
	ctx := context.Background()
	for n := range connections {
		conn, err := s.db.Owner().Conn(ctx)
		if err != nil {
			r.Fatal(err)
		}
		r.Cleanup(func() { _ = conn.Close() })
		prepare := func(query string) *sql.Stmt {
			stmt, err := conn.PrepareContext(ctx, query)
			if err != nil {
				r.Fatal(err)
			}
			return stmt
		}
		upsert := prepare(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, remark, account_id, updated_at)
			VALUES ($1, $2, 'gk2', $3, $4, $5, $6, $7) ON CONFLICT (school_year, enrolment_id, period, item)
			DO UPDATE SET remark = excluded.remark, account_id = excluded.account_id, updated_at = excluded.updated_at`)
		audit := prepare(`INSERT INTO school.entry_history (school_year, school_id, enrolment_id, period, item, field, old_value, new_value, account_id, at)
			VALUES ($1, $2, $3, 'gk2', $4, 'remark', $5, $6, $7, $8)`)
		item := string(dbtest.HuongSubjects[n])
		out = append(out, func(i int) error {
			pupil := s.Roll[(i+4*n)%len(s.Roll)].EnrolmentID
			old, next, at := remarks[i%2], remarks[(i+1)%2], s.db.Clock.Now()
			tx, err := conn.BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			defer tx.Rollback()
			if _, err := tx.Stmt(upsert).Exec(string(dbtest.Year), pupil, item, s.School.ID, next, s.Huong.AccountID, at); err != nil {
				return err
			}
			if _, err := tx.Stmt(audit).Exec(string(dbtest.Year), s.School.ID, pupil, item, old, next, s.Huong.AccountID, at); err != nil {
				return err
			}
			return tx.Commit()
		})
	}
	return out
}
