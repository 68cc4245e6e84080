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

// measurePages shows the widest grid, qualities and competencies of the whole
// class, beside the page that has nothing on it. Server time is the portal's
// own: from the request handed over in process to the last packed byte, without
// a line.
func measurePages(r *run) {
	s := newSite(r, r.pupils)
	columns := s.fillTraits(r)
	client := s.signIn(r)
	grid, empty := views.TraitsURL(dbtest.Year, s.Class.ID, school.YearEnd), "/dang-nhap"
	address, err := url.Parse(s.server.URL)
	if err != nil {
		r.Fatal(err)
	}
	cookies := client.Jar.Cookies(address)
	var gridTook, emptyTook samples
	ask := func(path string, into *samples) func(int) {
		return func(round int) {
			for range pageRounds {
				req := httptest.NewRequest(http.MethodGet, path, nil)
				req.Header.Set("Accept-Encoding", "gzip")
				if into == &gridTook {
					for _, c := range cookies {
						req.AddCookie(c)
					}
				}
				answer := httptest.NewRecorder()
				var took samples
				took.timed(func() { s.portal.ServeHTTP(answer, req) })
				if answer.Code != http.StatusOK {
					r.Fatalf("%s: status %d", path, answer.Code)
				}
				if round >= 0 {
					into.join(took)
				}
			}
		}
	}
	inTurns(r.rounds, ask(grid, &gridTook), ask(empty, &emptyTook))
	what := fmt.Sprintf("grid page %d × %d, ", len(s.Roll), columns)
	r.add(line{what: what + "in process, p50", got: ms(gridTook.p50()), beside: emptyPage, base: ms(emptyTook.p50()), asked: []limit{atMost(5)}})

	page, bare := firstVisit(r, client, s.server.URL, grid), firstVisit(r, http.DefaultClient, s.server.URL, empty)
	r.add(line{what: what + "raw", got: kilobytes(page.raw), beside: emptyPage, base: kilobytes(bare.raw), asked: []limit{atMost(40)}})
	r.add(line{what: what + "first visit, packed", got: kilobytes(page.packed), beside: emptyPage, base: kilobytes(bare.packed), asked: []limit{atMost(60)}})
	r.add(line{what: what + "first visit, requests", got: count(page.requests), beside: emptyPage, base: count(bare.requests), asked: []limit{atMost(8)}})
}

// fillTraits writes a level in every cell of the grid and returns how many
// columns it has.
func (s *site) fillTraits(t testing.TB) int {
	t.Helper()
	var changes []db.CellChange
	traits := evaluation.ForYear(dbtest.Year).Traits(s.Class.Grade())
	for _, r := range s.Roll {
		for _, it := range traits {
			changes = append(changes, db.CellChange{CellRef: db.CellRef{Enrolment: r.EnrolmentID, Item: it, Field: evaluation.FieldLevel}, New: "T"})
		}
	}
	err := s.db.As(t.Context(), s.Huong, func(tx *db.Tx) error {
		results, err := tx.SaveCells(t.Context(), db.ClassPeriod{Year: dbtest.Year, ClassID: s.Class.ID, Period: school.YearEnd}, changes)
		for _, res := range results {
			if res.Fault != nil {
				return res.Fault
			}
		}
		return err
	})
	if err != nil {
		t.Fatalf("fill the grid: %v", err)
	}
	return len(traits)
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
