package bench

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"hocba/db/dbtest"
	"hocba/internal/school"
	"hocba/views"
)

// measurePaste saves a block of all pupils by level, mark and remark in one
// request, at the year's end, beside one cell saved the same way.
func measurePaste(r *run) {
	s := newSite(r, r.pupils)
	client := s.signIn(r)
	path := s.server.URL + views.In(dbtest.Year, "classes", s.Class.ID, "gradebook", school.YearEnd, "cells")
	send := func(form url.Values) {
		req, err := http.NewRequest(http.MethodPut, path, strings.NewReader(form.Encode()))
		if err != nil {
			r.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Accept", "application/json")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		if _, err := do(client, req); err != nil {
			r.Fatal(err)
		}
	}
	var block, one samples
	values := [][2]string{{"T", "H"}, {"9", "8"}, {remarks[0], remarks[1]}}
	inTurns(5*r.rounds, func(round int) {
		form := url.Values{}
		for _, pupil := range s.Roll {
			for n, field := range []string{"level", "mark", "remark"} {
				addCell(form, fmt.Sprintf("%d.%s.%s", pupil.EnrolmentID, school.Toan, field), values[n], round)
			}
		}
		took := &block
		if round < 0 {
			took = &samples{}
		}
		took.timed(func() { send(form) })
	}, func(round int) {
		form := url.Values{}
		addCell(form, fmt.Sprintf("%d.%s.mark", s.Roll[0].EnrolmentID, school.TiengViet), values[1], round)
		one.timed(func() { send(form) })
	})
	r.add(line{what: fmt.Sprintf("pasted block of %d × 3, p50", len(s.Roll)), got: ms(block.p50()), beside: "one cell, the same way",
		base: ms(one.p50()), asked: []limit{atMost(40)}})
}

// addCell changes a cell from one of two values to the other, from nothing in
// the round before the first.
func addCell(form url.Values, cell string, values [2]string, round int) {
	old, next := values[(round+2)%2], values[(round+1)%2]
	if round < 0 {
		old = ""
	}
	form.Add("cell", cell)
	form.Add("old", old)
	form.Add("new", next)
}
