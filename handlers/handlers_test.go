package handlers

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hocba/db/dbtest"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/workflow"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// site is a portal over a fresh database with the cast in it.
type site struct {
	*dbtest.Cast
	t      testing.TB
	db     *dbtest.Database
	portal *Portal
	server *httptest.Server
}

func newSite(t testing.TB) *site {
	t.Helper()
	return newSiteWith(t, Options{})
}

// newSiteWith is newSite with what a test wants otherwise.
func newSiteWith(t testing.TB, o Options) *site {
	t.Helper()
	d := dbtest.New(t)
	cast := dbtest.NewCast(t, d)
	o.DB, o.Secret = d.DB, jobstest.Secret()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.BaseURL == "" {
		o.BaseURL = "http://127.0.0.1"
	}
	p, err := New(t.Context(), o)
	if err != nil {
		t.Fatalf("wire the portal: %v", err)
	}
	server := httptest.NewServer(p)
	t.Cleanup(func() {
		server.Close()
		p.Close()
	})
	return &site{Cast: cast, t: t, db: d, portal: p, server: server}
}

// usernames of the cast.
const (
	huong, minh, principal, deputy, admin = "huong", "minh", "thuan", "halt", "quantri"
	authority, clerk, otherTeacher        = "sogd", "haison", "gvkhac"
)

// browser is one person's browser: it keeps cookies and follows no redirect.
type browser struct {
	t    testing.TB
	base string
	http *http.Client
}

// stranger opens a browser without a sign-in.
func (s *site) stranger() *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{t: s.t, base: s.server.URL, http: &http.Client{Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as opens a browser and signs a person of the cast in.
func (s *site) as(username string) *browser {
	s.t.Helper()
	b := s.stranger()
	got := b.post("/dang-nhap", url.Values{"username": {username}, "password": {dbtest.Password}})
	if got.status != http.StatusSeeOther {
		s.t.Fatalf("sign in as %s: %d %s", username, got.status, got.text())
	}
	return b
}

// answer is what came back.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

func (b *browser) do(method, path string, body io.Reader, header ...string) answer {
	b.t.Helper()
	req, err := http.NewRequest(method, b.base+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	checkForms(b.t, path, string(raw))
	return answer{t: b.t, status: res.StatusCode, header: res.Header, body: string(raw)}
}

func (b *browser) get(path string, header ...string) answer {
	b.t.Helper()
	return b.do(http.MethodGet, path, nil, header...)
}

func (b *browser) post(path string, form url.Values, header ...string) answer {
	b.t.Helper()
	return b.do(http.MethodPost, path, strings.NewReader(form.Encode()), header...)
}

func (a answer) parse() *html.Node {
	a.t.Helper()
	doc, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		a.t.Fatal(err)
	}
	return doc
}

// text returns the words of the page's main part, or of the whole answer.
func (a answer) text() string {
	doc := a.parse()
	if m := find(doc, func(n *html.Node) bool { return attr(n, "id") == "main" }); m != nil {
		doc = m
	}
	return textOf(doc)
}

func textOf(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
			b.WriteByte(' ')
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

func find(n *html.Node, is func(*html.Node) bool) *html.Node {
	if n.Type == html.ElementNode && is(n) {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if m := find(c, is); m != nil {
			return m
		}
	}
	return nil
}

func findAll(n *html.Node, is func(*html.Node) bool) []*html.Node {
	var out []*html.Node
	if n.Type == html.ElementNode && is(n) {
		out = append(out, n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		out = append(out, findAll(c, is)...)
	}
	return out
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// wantStatus fails unless the answer has the status.
func (a answer) wantStatus(want int) answer {
	a.t.Helper()
	if a.status != want {
		a.t.Fatalf("status %d, want %d: %s", a.status, want, a.text())
	}
	return a
}

// wantNoText fails when the page's visible text has one of the parts.
func (a answer) wantNoText(parts ...string) answer {
	a.t.Helper()
	text := a.text()
	for _, p := range parts {
		if strings.Contains(text, p) {
			a.t.Errorf("the page says %q: %s", p, text)
		}
	}
	return a
}

// wantText fails unless the page says each of the words.
func (a answer) wantText(parts ...string) answer {
	a.t.Helper()
	text := a.text()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			a.t.Fatalf("the page does not say %q: %s", p, text)
		}
	}
	return a
}

// roleNames pairs each role of the cast with a username.
var roleNames = map[workflow.Role]string{
	workflow.Teacher: huong, workflow.Principal: principal, workflow.Deputy: deputy, workflow.SchoolAdmin: admin,
	workflow.Authority: authority, workflow.MiddleAuthority: clerk,
}
