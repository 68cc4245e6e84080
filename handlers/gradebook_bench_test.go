package handlers

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hocba/internal/school"
)

// BenchmarkSaveOverHTTP saves one cell a request through the whole stack: on
// one connection (p50 at most 3 ms), and on eight (at least 1,000 a second,
// p95 at most 15 ms). Server, PostgreSQL and the browsers share the machine.
func BenchmarkSaveOverHTTP(b *testing.B) {
	for _, period := range []school.Period{school.EndFirst, school.YearEnd} {
		for _, browsers := range []int{1, 8} {
			b.Run(fmt.Sprintf("%s/connections=%d", period, browsers), func(b *testing.B) { benchmarkSave(b, period, browsers) })
		}
	}
}

func benchmarkSave(b *testing.B, period school.Period, browsers int) {
	s := newSite(b)
	s.fillClass(b, 35)
	s.openPeriod(period)
	cookie := s.as(huong).http.Jar
	took := make([][]time.Duration, browsers)
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for n := range browsers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			client := &browser{t: b, base: s.server.URL, http: &http.Client{Jar: cookie, Transport: &http.Transport{}}}
			last := map[int]string{}
			for i := 0; next.Add(1) <= int64(b.N); i++ {
				row, mark := (i+4*n)%len(s.Roll), fmt.Sprint(1+i%10) // eight teachers, each at another pupil
				begin := time.Now()
				client.save(s.cells(period), s.cell(row, subjectOf(n), "remark"), last[row], mark)
				took[n] = append(took[n], time.Since(begin))
				last[row] = mark
			}
		}()
	}
	wg.Wait()
	b.StopTimer()
	all := slices.Concat(took...)
	slices.Sort(all)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "saves/s")
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(all[len(all)*95/100].Microseconds())/1000, "p95-ms")
}

// subjectOf spreads the browsers over subjects, so that they share pupils but no cell.
func subjectOf(n int) school.Subject {
	return []school.Subject{school.TiengViet, school.Toan, school.NgoaiNgu1, school.LichSuDiaLi, school.KhoaHoc,
		school.TinHoc, school.CongNghe, school.DaoDuc}[n]
}

// save sends one cell and fails unless it was saved.
func (b *browser) save(path, cell, old, value string) {
	form := url.Values{"cell": {cell}, "old": {old}, "new": {value}}
	req, err := http.NewRequest(http.MethodPut, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Error(err)
		return
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Error(err)
		return
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		b.t.Errorf("save: %d %s %v", res.StatusCode, body, err)
	}
}

// BenchmarkGradebookPage renders the table of 35 pupils through the whole stack.
func BenchmarkGradebookPage(b *testing.B) {
	s := newSite(b)
	s.fillClass(b, 35)
	s.openPeriod(school.YearEnd)
	huong := s.as(huong)
	for name, path := range map[string]string{"subject": s.grid(school.YearEnd, school.Toan), "traits": s.traits(school.YearEnd)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				huong.get(path).wantStatus(http.StatusOK)
			}
		})
	}
}
