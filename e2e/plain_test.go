package e2e

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/record"
)

// plain is a browser that runs no script: it shows a page, fills a form as the
// page has it, hidden fields included, and sends it where the form says.
type plain struct {
	t    *testing.T
	base string
	http *http.Client
	at   string
	page *html.Node
}

func (s *stage) plain() *plain {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &plain{t: s.t, base: s.server.URL, http: &http.Client{Jar: jar}}
}

func (p *plain) visit(path string) {
	p.t.Helper()
	res, err := p.http.Get(p.base + path)
	if err != nil {
		p.t.Fatal(err)
	}
	p.show(res)
}

func (p *plain) show(res *http.Response) {
	p.t.Helper()
	defer res.Body.Close()
	page, err := html.Parse(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	p.page, p.at = page, res.Request.URL.RequestURI()
	if res.StatusCode != http.StatusOK {
		p.t.Fatalf("%s answers %d: %s", p.at, res.StatusCode, p.words())
	}
}

// send fills the first form that has all the named fields and sends it.
func (p *plain) send(values map[string]string) {
	p.t.Helper()
	form := find(p.page, func(n *html.Node) bool {
		if n.Data != "form" {
			return false
		}
		for name := range values {
			if find(n, func(f *html.Node) bool { return attr(f, "name") == name }) == nil {
				return false
			}
		}
		return true
	})
	if form == nil {
		p.t.Fatalf("%s has no form with %v: %s", p.at, values, p.words())
	}
	sent := url.Values{}
	each(form, func(n *html.Node) {
		name := attr(n, "name")
		kind := attr(n, "type")
		switch {
		case name == "" || n.Data == "button":
		case n.Data == "textarea":
			sent.Add(name, text(n))
		case n.Data == "select":
			if o := find(n, func(o *html.Node) bool { return o.Data == "option" && has(o, "selected") }); o != nil {
				sent.Add(name, attr(o, "value"))
			}
		case n.Data == "input" && (kind != "checkbox" && kind != "radio" || has(n, "checked")):
			sent.Add(name, attr(n, "value"))
		}
	})
	for name, value := range values {
		sent.Set(name, value)
	}
	action := attr(form, "action")
	if action == "" {
		action = p.at
	}
	res, err := p.http.PostForm(p.base+action, sent)
	if err != nil {
		p.t.Fatal(err)
	}
	p.show(res)
}

func (p *plain) wantText(parts ...string) {
	p.t.Helper()
	for _, part := range parts {
		if !strings.Contains(p.words(), part) {
			p.t.Fatalf("%s does not say %q: %s", p.at, part, p.words())
		}
	}
}

func (p *plain) words() string { return strings.Join(strings.Fields(text(p.page)), " ") }

func text(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return strings.TrimSpace(b.String())
}

func each(n *html.Node, do func(*html.Node)) {
	if n.Type == html.ElementNode {
		do(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		each(c, do)
	}
}

func find(n *html.Node, is func(*html.Node) bool) (found *html.Node) {
	each(n, func(m *html.Node) {
		if found == nil && is(m) {
			found = m
		}
	})
	return found
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func (p *plain) signIn(username string) {
	p.t.Helper()
	p.visit("/dang-nhap")
	p.send(map[string]string{"username": username, "password": dbtest.Password})
	p.wantText("Việc đang chờ")
}

// TestPlainForms_DoTheEssentialActs does without any script what people must
// be able to do on a machine that runs none: sign in, write one row of the
// grid, approve one record, look a paper up.
func TestPlainForms_DoTheEssentialActs(t *testing.T) {
	s := newStage(t)
	s.openYearEnd()
	pupil := s.cast.Roll[0]

	teacher := s.plain()
	teacher.signIn(huong)
	teacher.visit(fmt.Sprintf("/2025-2026/classes/%d/gradebook/cn?subject=TOAN&row=%d", s.cast.Class.ID, pupil.EnrolmentID))
	teacher.send(map[string]string{"TOAN.mark": "8"})
	teacher.wantText("8")

	s.chain.Sign(t)
	var id int64
	err := s.db.As(t.Context(), s.cast.Principal, func(tx *db.Tx) error {
		ids, err := tx.ClassRecordIDs(t.Context(), s.cast.Class.ID)
		if err == nil {
			id = ids[1]
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	head := s.plain()
	head.signIn(principal)
	head.visit(fmt.Sprintf("/2025-2026/records/%d", id))
	head.send(map[string]string{"pin": jobstest.PersonPIN})
	var stage string
	if err := s.db.Owner().QueryRow(`SELECT stage FROM school.record WHERE id = $1`, id).Scan(&stage); err != nil || stage != "approved" {
		t.Fatalf("the record is %s after approval (%v): %s", stage, err, head.words())
	}

	err = jobs.Desk{DB: s.db.DB}.Act(t.Context(), s.cast.Principal, id, func(r *record.Record, by record.By) (record.Change, error) {
		return r.WithdrawApproval(by) // the chain approves all of them itself
	})
	if err != nil {
		t.Fatal(err)
	}
	s.chain.Submit(t)
	var code string
	if err := s.db.Owner().QueryRow(`SELECT look_up_code FROM registry.version ORDER BY id LIMIT 1`).Scan(&code); err != nil {
		t.Fatal(err)
	}
	parent := s.plain()
	parent.visit("/tra-cuu")
	parent.send(map[string]string{"code": strings.ToLower(code)})
	parent.wantText("Hợp lệ, chưa chốt")
}
