package bench

import (
	"bytes"
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"hocba/db/dbtest"
	"hocba/internal/bundle"
	"hocba/internal/paper"
	"hocba/internal/school"
	"hocba/internal/verify"
	form "hocba/views/paper"
)

// tabs print at the same time.
const tabs = 2

// paperRounds: a class takes seconds, not milliseconds.
const paperRounds = 5

// measurePaper prints the records of a class as files, from what the verifier
// read out of their bytes to the last file, and as many blank pages in the same
// browser.
func measurePaper(r *run) {
	papers, size := line{what: "papers of a class as files, 2 tabs", beside: "as many blank pages", asked: []limit{atMost(2000)}},
		line{what: "largest paper of the class", beside: "blank page", asked: []limit{atMost(130)}}
	printer, err := paper.New(paper.Options{Tabs: tabs})
	if err != nil {
		papers.why, size.why = "no Chromium", "no Chromium"
		r.add(papers)
		r.add(size)
		return
	}
	r.Cleanup(printer.Close)
	booklets := classBooklets(r)
	var whole, empty samples
	var largest, emptyFile atomic.Int64
	class := func(ctx context.Context, b form.Booklet) ([]byte, error) {
		var html bytes.Buffer
		err := form.Document(b).Render(ctx, &html)
		return html.Bytes(), err
	}
	blank := func(context.Context, form.Booklet) ([]byte, error) {
		return []byte("<!doctype html><title>x</title>"), nil
	}
	turn := func(into *samples, most *atomic.Int64, render func(context.Context, form.Booklet) ([]byte, error)) func(int) {
		return func(round int) {
			var took samples
			took.timed(func() {
				var group errgroup.Group
				group.SetLimit(tabs)
				for _, b := range booklets {
					group.Go(func() error {
						html, err := render(r.Context(), b)
						if err != nil {
							return err
						}
						pdf, err := printer.PDF(r.Context(), html, dbtest.Start)
						for n := most.Load(); int64(len(pdf)) > n && !most.CompareAndSwap(n, int64(len(pdf))); n = most.Load() {
						}
						return err
					})
				}
				if err := group.Wait(); err != nil {
					r.Fatalf("print: %v", err)
				}
			})
			if round >= 0 {
				into.join(took)
			}
		}
	}
	inTurns(min(r.rounds, paperRounds), turn(&whole, &largest, class), turn(&empty, &emptyFile, blank))
	papers.got, papers.base = ms(whole.p50()), ms(empty.p50())
	size.got, size.base = kilobytes(int(largest.Load())), kilobytes(int(emptyFile.Load()))
	r.add(papers)
	r.add(size)
}

// classBooklets are the booklets of a class as its final papers have them.
func classBooklets(r *run) []form.Booklet {
	c := r.class()
	var out []form.Booklet
	for _, raw := range c.message.Records {
		report := verify.File(raw, verify.Options{Trust: c.Trust(), Now: c.D.Clock.Now()})
		if !report.Valid {
			r.Fatalf("a record does not verify: %+v", report.Checks)
		}
		model := report.Record.Record
		context := form.Context{Site: "hocba.sgddt.example.vn/tra-cuu", Guidance: true, Teachers: map[string]form.Signed{},
			LookupURL: "https://hocba.sgddt.example.vn/tra-cuu/" + string(model.Issuance.Code)}
		for _, s := range report.Signers {
			signed := form.Signed{By: s.Holder, At: s.SignedAt}
			switch s.Role {
			case bundle.SubjectTeacher:
				context.Teachers[s.Code] = signed
			case bundle.Homeroom:
				context.Homeroom = signed
			case bundle.Approval:
				context.Approval = signed
			case bundle.Seal:
				context.Seal = signed
			}
		}
		// The years before, as on most books.
		model.Content.History = append([]bundle.Stay{
			{Year: "2023-2024", Class: "2B", School: "Trường Tiểu học số 1 Trà Linh", RegisterNo: "0127", From: school.Date{Year: 2023, Month: 9, Day: 5}},
			{Year: "2024-2025", Class: "3A", School: "Trường Tiểu học Hoa Phượng", RegisterNo: "1083"},
		}, model.Content.History...)
		out = append(out, form.FromRecord(model, context))
	}
	return out
}
