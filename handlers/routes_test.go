package handlers

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"hocba/db/dbtest"
	"hocba/internal/workflow"
)

// fill puts real values into the placeholders of a route's path.
func (s *site) fill(path string) string {
	pairs := []string{
		":year", string(dbtest.Year),
		":class", strconv.FormatInt(s.Class.ID, 10),
		":period", "cn", ":subject", "TOAN",
		":version", "1.xml",
		":pupil", strconv.FormatInt(s.Roll[0].PupilID, 10),
		":unit", strconv.FormatInt(s.School.ID, 10),
	}
	for _, first := range []string{
		":account",
		":batch",
		":certificate",
		":change",
		":commendation",
		":enrolment",
		":note",
		":order",
		":phrase",
		":record",
		":request",
		":way",
	} {
		pairs = append(pairs, first, "1")
	}
	return strings.NewReplacer(pairs...).Replace(path)
}

// TestRoutes_OpenToTheirRolesOnly walks the whole table: every route, every
// role, and nobody.
func TestRoutes_OpenToTheirRolesOnly(t *testing.T) {
	s := newSite(t)
	stranger := s.stranger()
	browsers := map[workflow.Role]*browser{}
	for role, name := range roleNames {
		browsers[role] = s.as(name)
	}
	for _, r := range routes {
		path := s.fill(r.path)
		name := r.method + " " + r.path
		if r.need == workflow.PermNone {
			continue // public routes have tests of their own
		}
		got := stranger.do(r.method, path, nil)
		if got.status != http.StatusSeeOther || !strings.HasPrefix(got.header.Get("Location"), "/dang-nhap") {
			t.Errorf("%s without a sign-in: %d to %q, want the sign-in page", name, got.status, got.header.Get("Location"))
		}
		if got := stranger.do(r.method, path, nil, "HX-Request", "true"); got.status != http.StatusUnauthorized {
			t.Errorf("%s by htmx without a sign-in: %d, want 401", name, got.status)
		}
		for role, b := range browsers {
			if r.need == workflow.PermSignedIn || workflow.Can(role, r.need) {
				continue
			}
			if got := b.do(r.method, path, nil); got.status != http.StatusNotFound {
				t.Errorf("%s as %s: %d, want 404", name, role, got.status)
			}
		}
	}
}

// TestRoutes_RefuseOtherSites proves that no write is taken from another origin.
func TestRoutes_RefuseOtherSites(t *testing.T) {
	s := newSite(t)
	b := s.as(principal)
	for _, r := range routes {
		if r.method == http.MethodGet {
			continue
		}
		for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
			{"Origin", "https://dia-chi-la.example"}} {
			if got := b.do(r.method, s.fill(r.path), strings.NewReader("a=b"), header...); got.status != http.StatusForbidden {
				t.Errorf("%s %s with %v: %d, want 403", r.method, r.path, header, got.status)
			}
		}
	}
}
