package bench

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/views"
)

// emptyPage names the baseline of a page.
const emptyPage = "sign-in page"

// pageRounds is how often a page is asked for in one turn.
const pageRounds = 25

// measurePages shows the widest grid, all subjects of the whole class, beside the
// page that has nothing on it. Server time is the portal's own: from the request
// handed over in process to the last packed byte, without a line.
func measurePages(r *run) {
	s := newSite(r, r.pupils)
	columns := s.fillSubjects(r)
	client := s.signIn(r)
	grid, empty := views.AllSubjectsURL(dbtest.Year, s.Class.ID, school.YearEnd), "/dang-nhap"
	var gridTook, emptyTook samples
	inTurns(r.rounds, s.asking(r, client, grid, &gridTook), s.asking(r, http.DefaultClient, empty, &emptyTook))
	what := fmt.Sprintf("grid page %d × %d, ", len(s.Roll), columns)
	r.add(line{what: what + "in process, p50", got: ms(gridTook.p50()), beside: emptyPage, base: ms(emptyTook.p50()), asked: []limit{atMost(5)}})

	page, bare := firstVisit(r, client, s.server.URL, grid), firstVisit(r, http.DefaultClient, s.server.URL, empty)
	r.add(line{what: what + "raw", got: kilobytes(page.raw), beside: emptyPage, base: kilobytes(bare.raw), asked: []limit{atMost(40)}})
	r.add(line{what: what + "first visit, packed", got: kilobytes(page.packed), beside: emptyPage, base: kilobytes(bare.packed), asked: []limit{atMost(60)}})
	subject := firstVisit(r, client, s.server.URL, views.GradebookURL(dbtest.Year, s.Class.ID, school.YearEnd, school.Toan))
	r.add(line{what: "grid page with remarks, first visit, requests", got: count(subject.requests), beside: emptyPage, base: count(bare.requests), asked: []limit{atMost(8)}})
}

// asking asks the portal for a page in process, a turn's worth at once.
func (s *site) asking(t testing.TB, client *http.Client, path string, into *samples) func(round int) {
	return s.askingTimes(t, client, path, into, pageRounds)
}

func (s *site) askingTimes(t testing.TB, client *http.Client, path string, into *samples, times int) func(round int) {
	address, err := url.Parse(s.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	var cookies []*http.Cookie
	if client.Jar != nil {
		cookies = client.Jar.Cookies(address)
	}
	return func(round int) {
		for range times {
			req := httptest.NewRequest(http.MethodGet, path, nil)
			req.Header.Set("Accept-Encoding", "gzip")
			for _, c := range cookies {
				req.AddCookie(c)
			}
			answer := httptest.NewRecorder()
			var took samples
			took.timed(func() { s.portal.ServeHTTP(answer, req) })
			if answer.Code != http.StatusOK {
				t.Fatalf("%s: status %d", path, answer.Code)
			}
			if round >= 0 {
				into.join(took)
			}
		}
	}
}

// fillSubjects writes level and mark of every subject of the class at the year's
// end and returns how many columns that makes.
func (s *site) fillSubjects(t testing.TB) int {
	t.Helper()
	rules, columns := evaluation.ForYear(dbtest.Year), 0
	for _, subject := range rules.Subjects(s.Class.Grade()) {
		writer := s.Huong
		if subject == school.AmNhac || subject == school.MiThuat {
			writer = s.Minh
		}
		if rules.Subject(s.Class.Grade(), subject) != evaluation.Required {
			continue
		}
		fields := map[evaluation.Field]string{evaluation.FieldLevel: "T"}
		if rules.MarkAllowed(s.Class.Grade(), subject, school.YearEnd) {
			fields[evaluation.FieldMark] = "10"
		}
		columns += len(fields)
		var changes []db.CellChange
		for _, r := range s.Roll {
			for field, value := range fields {
				changes = append(changes, db.CellChange{CellRef: db.CellRef{Enrolment: r.EnrolmentID, Item: evaluation.Item(subject), Field: field}, New: value})
			}
		}
		err := s.db.As(t.Context(), writer, func(tx *db.Tx) error {
			results, err := tx.SaveCells(t.Context(), db.ClassPeriod{Year: dbtest.Year, ClassID: s.Class.ID, Period: school.YearEnd}, changes)
			for _, res := range results {
				if res.Fault != nil {
					return res.Fault
				}
			}
			return err
		})
		if err != nil {
			t.Fatalf("fill %s: %v", subject, err)
		}
	}
	return columns
}

// visit is what a browser with nothing in store loads for a page.
type visit struct {
	raw      int // bytes of the page alone, unpacked
	packed   int // bytes of all bodies as they cross the line
	requests int
}

// firstVisit loads a page, and everything it names, once.
func firstVisit(t testing.TB, client *http.Client, base, path string) visit {
	t.Helper()
	load := func(path, encoding string) []byte {
		req, err := http.NewRequest(http.MethodGet, base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", encoding)
		body, err := do(client, req)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	page := load(path, "identity")
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	v := visit{raw: len(page), packed: len(load(path, "gzip, deflate, br")), requests: 1}
	seen := map[string]bool{}
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if a.Key != "src" && (a.Key != "href" || n.Data != "link" && n.Data != "use") {
				continue
			}
			file, _, _ := strings.Cut(a.Val, "#") // of a sprite: once
			if file == "" || seen[file] {
				continue
			}
			seen[file] = true
			v.requests++
			v.packed += len(load(file, "gzip, deflate, br"))
		}
	}
	return v
}
