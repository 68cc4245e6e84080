package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hocba/internal/jobs/jobstest"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// links lists the addresses of the links within the elements of a class.
func (a answer) links(class string) []string {
	a.t.Helper()
	var out []string
	for _, n := range findAll(a.parse(), func(n *html.Node) bool { return strings.Contains(" "+attr(n, "class")+" ", " "+class+" ") }) {
		for _, l := range findAll(n, func(n *html.Node) bool { return n.Data == "a" }) {
			out = append(out, attr(l, "href"))
		}
	}
	return out
}

func TestNav_EveryLinkOpens(t *testing.T) {
	s := newSite(t)
	for role, name := range roleNames {
		b := s.as(name)
		home := b.get("/2025-2026").wantStatus(http.StatusOK)
		links := home.links("nav")
		if len(links) == 0 {
			t.Errorf("%s has no navigation", role)
		}
		for _, link := range links {
			if got := b.get(link); got.status != http.StatusOK {
				t.Errorf("%s: %s answers %d", role, link, got.status)
			}
		}
		if delegates := strings.Contains(strings.Join(links, " "), "/delegations"); delegates != workflow.Can(role, workflow.PermDelegate) {
			t.Errorf("%s: the navigation leads to delegations: %v", role, delegates)
		}
	}
}

// TestHome_EveryTaskLeadsToWhereItIsDone follows the chain and looks, for every
// role, where the button of each task leads.
func TestHome_EveryTaskLeadsToWhereItIsDone(t *testing.T) {
	s := newSite(t)
	class := itoa(s.Class.ID)
	in := func(path string) string { return "/2025-2026/" + path }
	// want are the tasks that must be seen on the way, by person and key.
	want := map[string]string{
		"thuan seal": in("certificates"), "thuan certificates-expiring": in("certificates?only=season"), "quantri certificates-expiring": in("certificates?only=season"), "thuan approve": in("approval"), "thuan issue": in("issuance"), "thuan send": in("submission"),
		"thuan refused": in("submission"), "thuan close": in("closing"), "thuan commendations": in("commendations"),
		"quantri homeroom": in("classes/" + class + "/edit"), "quantri assign": in("classes/" + class + "/edit"), "quantri seal": in("certificates"),
		"quantri certificates": in("certificates"), "quantri prepare": in("submission"), "quantri refused": in("submission"),
		"huong cells-" + class + "-TOAN": in("classes/" + class + "/gradebook/cn?subject=TOAN"), "huong traits-" + class: in("classes/" + class + "/traits/cn"),
		"huong sign-" + class: in("classes/" + class + "/signatures"), "huong sign-page-" + class: in("classes/" + class + "/signatures"),
		"minh sign-" + class: in("classes/" + class + "/signatures"), "huong unsigned-" + class: in("classes/" + class + "/review"),
		"thuan certificates-register": in("certificates"), "sogd seals": in("certificates?stage=registered"), "haison seals": in("certificates?stage=registered"), "sogd late": in("area"), "sogd closing-time-1": in("closing-time"), "sogd registry-key": in("trust#registry-key"), "haison late": in("area"),
	}
	seen := map[string]string{}
	browsers := map[string]*browser{}
	for _, name := range roleNames {
		browsers[name] = s.as(name)
	}
	browsers[minh] = s.as(minh)
	look := func() {
		t.Helper()
		for name, b := range browsers {
			home := b.get("/2025-2026").wantStatus(http.StatusOK)
			for _, n := range findAll(home.parse(), func(n *html.Node) bool { return strings.HasPrefix(attr(n, "id"), "task-") }) {
				key, url := name+" "+strings.TrimPrefix(attr(n, "id"), "task-"), ""
				if a := find(n, func(n *html.Node) bool { return n.Data == "a" }); a != nil {
					url = attr(a, "href")
					b.get(url).wantStatus(http.StatusOK)
				}
				seen[key] = url
			}
		}
	}
	homeless := func(day string) {
		s.db.Exec(`UPDATE school.homeroom_assignment SET to_date = `+day+` WHERE class_id = $1`, s.Class.ID)
		s.db.Exec(`UPDATE school.teaching_assignment SET to_date = `+day+` WHERE class_id = $1 AND subject = 'TOAN'`, s.Class.ID)
	}
	s.openWindow(school.YearEnd)
	homeless(`'2026-01-01'`)
	look()
	homeless(`NULL`)
	look()
	chain := jobstest.New(t, s.db, s.Cast)
	chain.Fill(t)
	look()
	if err := chain.Desk.SignParts(t.Context(), s.Huong, chain.Records[0], chain.Pen(s.Huong)); err != nil {
		t.Fatal(err)
	}
	look()
	signRest(t, s, chain)
	look()
	each := func(act func(id int64) error) {
		t.Helper()
		s.db.Clock.Advance(10 * time.Minute)
		for _, id := range chain.Records {
			if err := act(id); err != nil {
				t.Fatal(err)
			}
		}
	}
	each(func(id int64) error { return chain.Desk.SignHomeroom(t.Context(), s.Huong, id, "", chain.Pen(s.Huong)) })
	look()
	each(func(id int64) error { return chain.Desk.Approve(t.Context(), s.Principal, id, chain.Pen(s.Principal)) })
	s.db.Exec(`UPDATE core.certificate SET not_after = '2026-05-01' WHERE unit_id = $1`, s.School.ID)
	look()
	s.db.Exec(`UPDATE core.certificate SET not_after = '2030-05-01' WHERE unit_id = $1`, s.School.ID)
	// A certificate that waits for the principal, one for the Sở, one that ends in the season.
	s.db.Exec(`UPDATE core.certificate SET not_after = '2026-06-20' WHERE account_id = $1`, s.Minh.AccountID)
	for kind, owner := range map[string]int64{"declared": s.OtherSchool.ID, "registered": s.School.ID} {
		s.db.Exec(`INSERT INTO core.certificate (fingerprint, unit_id, purpose, leaf, not_before, not_after, created_at)
			SELECT $1, CASE $1 WHEN 'declared' THEN $3::bigint ELSE $2 END, 'seal', leaf, not_before, not_after, created_at FROM core.certificate WHERE unit_id = $2 LIMIT 1`, kind, owner, s.School.ID)
		s.db.Exec(`INSERT INTO core.certificate_event (certificate_id, kind, effective_at, at) SELECT id, $1, created_at, created_at FROM core.certificate WHERE fingerprint = $1`, kind)
	}
	look()
	each(func(id int64) error {
		return chain.Desk.Issue(t.Context(), s.Principal, id, jobstest.Place, chain.Seal())
	})
	look()
	for i, stage := range []string{"refused", "accepted"} {
		s.db.Exec(`UPDATE school.record SET stage = $2 WHERE id = $1`, chain.Records[i], stage)
	}
	s.recount()
	s.db.Clock.Set(time.Date(2026, time.June, 22, 9, 0, 0, 0, school.Zone))
	look()
	for key, url := range want {
		if got, ok := seen[key]; !ok || got != url {
			t.Errorf("%s leads to %q (seen: %v), want %q", key, got, ok, url)
		}
	}
	for key, url := range seen {
		if _, ok := want[key]; !ok && !strings.Contains(key, " cells-") {
			t.Errorf("the task %s, which leads to %q, is not in the table of this test", key, url)
		}
	}
}
