package bench

import (
	"bufio"
	"fmt"
	"net/http"
	"sync"
	"time"

	"hocba/db/dbtest"
	"hocba/internal/school"
	"hocba/views"
)

// writers are teachers who type at the same time, each a cell a second, each
// with a grid that listens to the others.
const writers = 20

// measureAutosave lets twenty open grids save at typing speed.
func measureAutosave(r *run) {
	s := newSite(r, r.pupils)
	cells := s.server.URL + views.In(dbtest.Year, "classes", s.Class.ID, "gradebook", school.YearEnd, "cells")
	events := s.server.URL + views.In(dbtest.Year, "classes", s.Class.ID, "gradebook", school.YearEnd, "events")
	var savers []*saver
	for n := range writers {
		b := &saver{site: s, client: s.signIn(r), subject: dbtest.HuongSubjects[n%len(dbtest.HuongSubjects)], number: n, path: cells, last: map[int]string{}}
		savers = append(savers, b)
		if n < listeners {
			s.listen(r, s.signIn(r), events)
		}
	}
	var all, alone samples
	var mu sync.Mutex
	time.Sleep(100 * time.Millisecond) // the streams have begun
	for range r.rounds {
		// Two writers of a subject write pupils that are not the same.
		var wait sync.WaitGroup
		for n, b := range savers {
			wait.Add(1)
			go func() {
				defer wait.Done()
				time.Sleep(time.Duration(n) * time.Second / writers)
				var one samples
				var err error
				one.timed(func() { err = b.save(2 * (n / len(dbtest.HuongSubjects))) })
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					r.Errorf("save: %v", err)
				}
				all.join(one)
			}()
		}
		wait.Wait()
		alone.timed(func() {
			if err := savers[0].save(4); err != nil {
				r.Fatal(err)
			}
		})
	}
	r.add(line{what: fmt.Sprintf("%d teachers autosaving, p95", writers), got: ms(all.p95()), beside: "one teacher, p95", base: ms(alone.p95()),
		asked: []limit{atMost(25)}})
}

// listeners is as many streams as one account may have.
const listeners = 8

// listen opens a stream of events and reads it until the measurement is over.
func (s *site) listen(r *run, client *http.Client, url string) {
	res, err := client.Get(url)
	if err != nil {
		r.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		r.Fatalf("listen: %s", res.Status)
	}
	r.Cleanup(func() { _ = res.Body.Close() })
	go func() {
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		}
	}()
}
