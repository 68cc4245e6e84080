package views

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"hocba/internal/fault"
	"hocba/static"
	"hocba/views/ui"
)

func sampleFrame() Frame {
	item := func(label string, count int, current bool) NavItem {
		return NavItem{Label: label, URL: "/2025-2026/x", Icon: ui.IconGrid, Count: count, Current: current}
	}
	return Frame{
		Demo: Demo{On: true, Date: "19/06/2026"}, Unit: "Trường Tiểu học Hoa Phượng", UnitShort: "TH Hoa Phượng", Place: "Phường Hải Sơn",
		Year: "2025–2026", Years: []Link{{Label: "2025–2026", URL: "/2025-2026", Current: true}, {Label: "2026–2027", URL: "/2026-2027"}},
		Person: "Nguyễn Thị Mai Hương", Role: "Giáo viên · chủ nhiệm 4A", RoleShort: "GVCN 4A", ManyRoles: true,
		Nav:    []NavGroup{{Items: []NavItem{item("Việc chờ tôi", 4, true)}}, {Title: "Dạy học", Items: []NavItem{item("Toán 4A", 0, false)}}},
		Crumbs: []Link{{Label: "TH Hoa Phượng", URL: "/"}, {Label: "Lớp 4A"}}, Heading: "Bảng tổng hợp", Lead: "Mỗi ô tự lưu.",
	}
}

func sampleHome() Dashboard {
	d := Dashboard{Frame: sampleFrame(), Deadlines: []Deadline{{Day: "30/06", Text: "Nộp Sở", Strong: "trước ngày 30/6", More: "muộn nhất 23:59 ngày 29/06"}},
		Progress: []ClassProgress{{Title: "Lớp 4A đang ở đâu", Total: 35, AsOf: "10:32", Stations: []ui.Station{{Label: "Đã nhập đủ", Count: 33}}}}}
	for i, noun := range []string{"phần", "học sinh", "ô trống", "thầy, cô"} {
		d.Tasks = append(d.Tasks, Task{Key: noun, Count: 12 - i, Noun: noun, Title: "Lớp 4A chờ thầy/cô ký", Detail: "Phần của 12 em đã đủ và không lỗi.",
			Notes: []ui.Status{{Tone: ui.Past, Icon: ui.IconBack, Word: "Trả lại hôm qua 16:20"}}, Due: "Trước ngày 30/6 · còn 10 ngày",
			Action: ui.Action{Label: "Ký 12 học sinh", URL: "/2025-2026/classes/4/signatures"}, Primary: i == 0})
	}
	return d
}

// samplePages are the pages of this file's author, each in its states.
func samplePages() map[string]templ.Component {
	frame, public := sampleFrame(), Public{Authority: "Sở GD&ĐT Đà Nẵng", Demo: Demo{On: true}}
	pages := map[string]templ.Component{
		"home": DashboardPage(sampleHome()), "home without work": DashboardPage(Dashboard{Frame: frame}),
		"sign-in":         SignInPage(SignIn{Public: public}),
		"sign-in refused": SignInPage(SignIn{Public: public, Username: "huong", Error: fault.New(fault.Invalid, "session.refused"), Support: "0236 000 0000"}),
		"roles":           RolesPage(Roles{Frame: frame, Posts: []Post{{ID: 1, Role: "teacher", Unit: "TH Hoa Phượng", Current: true}, {ID: 2, Role: "principal", Unit: "TH Hoa Phượng"}}}),
		"no role":         RolesPage(Roles{Frame: frame}),
		"password":        PasswordPage(Password{Frame: frame, Error: fault.New(fault.Invalid, "password.short", "min", "10")}),
	}
	for _, status := range []int{403, 404, 409, 413, 418, 422, 423, 429, 500, 502, 503} {
		pages[fmt.Sprint("fault ", status)] = FaultPage(Fault{Frame: &frame, Status: status, Code: "internal", RequestID: "4f2a9c11", Retry: "/x", Back: "/y"})
	}
	pages["fault for strangers"] = FaultPage(Fault{Public: public, Status: 404, Code: "page.unknown"})
	return pages
}

func renderPage(t *testing.T, c templ.Component) (string, *html.Node) {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := c.Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String(), root
}

func elements(root *html.Node, tag string) []*html.Node {
	var out []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag {
			out = append(out, n)
		}
	}
	return out
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func TestPages_HaveTheSkeletonEveryReaderNeeds(t *testing.T) {
	for name, c := range samplePages() {
		out, root := renderPage(t, c)
		if !strings.HasPrefix(out, "<!doctype html>") {
			t.Errorf("%s: no doctype", name)
		}
		if lang := attribute(elements(root, "html")[0], "lang"); lang != "vi" {
			t.Errorf("%s: lang %q", name, lang)
		}
		for tag, want := range map[string]int{"h1": 1, "main": 1, "title": 1} {
			if got := len(elements(root, tag)); got != want {
				t.Errorf("%s: %d <%s>", name, got, tag)
			}
		}
		if title := elements(root, "title")[0].FirstChild.Data; !strings.HasSuffix(title, " – "+Product) {
			t.Errorf("%s: title %q", name, title)
		}
		if !strings.Contains(out, `href="#main"`) || attribute(elements(root, "main")[0], "id") != "main" {
			t.Errorf("%s: the skip link leads nowhere", name)
		}
		ids := map[string]bool{}
		for n := range root.Descendants() {
			if id := attribute(n, "id"); id != "" {
				if ids[id] {
					t.Errorf("%s: id %s twice", name, id)
				}
				ids[id] = true
			}
		}
	}
}

func TestPages_KeepTheContentPolicy(t *testing.T) {
	for name, c := range samplePages() {
		_, root := renderPage(t, c)
		for n := range root.Descendants() {
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") || strings.HasPrefix(a.Val, "js:") {
					t.Errorf("%s: <%s %s=%q>", name, n.Data, a.Key, a.Val)
				}
				if (a.Key == "src" || a.Key == "href") && strings.Contains(a.Val, "//") {
					t.Errorf("%s: %s from another host", name, a.Val)
				}
				if a.Key == "aria-current" && a.Val == "" {
					t.Errorf("%s: aria-current without a value means false", name)
				}
			}
			if n.Data == "script" && n.FirstChild != nil || n.Data == "style" {
				t.Errorf("%s: <%s> inside the page", name, n.Data)
			}
		}
	}
}

func TestPages_MarkOnePrimaryActAtMost(t *testing.T) {
	for name, c := range samplePages() {
		if out, _ := renderPage(t, c); strings.Count(out, "button primary") > 1 {
			t.Errorf("%s has %d primary buttons", name, strings.Count(out, "button primary"))
		}
	}
}

func TestFirstVisit_IsUnder60KB(t *testing.T) {
	out, _ := renderPage(t, DashboardPage(sampleHome()))
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, 5)
	_, _ = z.Write([]byte(out))
	_ = z.Close()
	total := b.Len()
	for _, name := range []string{static.Sheet, static.Base, "img/icons.svg", "img/favicon.svg"} {
		total += static.Size(name)
	}
	t.Logf("page %d bytes, %d compressed; first visit %d", len(out), b.Len(), total)
	if total > 60_000 || b.Len() > 8_000 {
		t.Errorf("first visit of the home page: %d bytes, page %d", total, b.Len())
	}
}

func TestHTMXConfig_KeepsChildrenOutOfTheBrowser(t *testing.T) {
	var c struct {
		HistoryCacheSize                                   *int
		AllowEval, IncludeIndicatorStyles, AllowScriptTags *bool
		SelfRequestsOnly                                   bool
		ResponseHandling                                   []struct {
			Code  string
			Swap  bool
			Error bool
		}
	}
	if err := json.Unmarshal([]byte(htmxConfig), &c); err != nil {
		t.Fatal(err)
	}
	if c.HistoryCacheSize == nil || *c.HistoryCacheSize != 0 || c.AllowEval == nil || *c.AllowEval ||
		c.IncludeIndicatorStyles == nil || *c.IncludeIndicatorStyles || c.AllowScriptTags == nil || *c.AllowScriptTags || !c.SelfRequestsOnly {
		t.Errorf("config %s", htmxConfig)
	}
	if r := c.ResponseHandling; len(r) != 4 || r[2].Code != "409|422|423" || !r[2].Swap || r[3].Swap {
		t.Errorf("handling %+v", r)
	}
}

func TestDemoStrip_ShowsOnlyInADemonstration(t *testing.T) {
	f := sampleFrame()
	if out, _ := renderPage(t, Page(f)); !strings.Contains(out, "Dữ liệu thử") || !strings.Contains(out, "19/06/2026") {
		t.Error("no strip in a demonstration")
	}
	f.Demo = Demo{}
	if out, _ := renderPage(t, Page(f)); strings.Contains(out, "Dữ liệu thử") {
		t.Error("a strip over real data")
	}
}

func TestSignIn_KeepsTheNameAndNeverThePassword(t *testing.T) {
	out, root := renderPage(t, SignInPage(SignIn{Username: `huong"><script>`, Error: fault.New(fault.Invalid, "session.refused")}))
	var focus string
	for _, in := range elements(root, "input") {
		switch attribute(in, "name") {
		case "username":
			if attribute(in, "value") != `huong"><script>` {
				t.Errorf("typed name: %q", attribute(in, "value"))
			}
		case "password":
			if attribute(in, "value") != "" {
				t.Error("the password is in the page")
			}
		}
		for _, a := range in.Attr {
			if a.Key == "autofocus" {
				focus = attribute(in, "name")
			}
		}
	}
	if focus != "password" || !strings.Contains(out, "Tên đăng nhập hoặc mật khẩu chưa đúng.") {
		t.Errorf("focus on %q", focus)
	}
}

func TestRoles_OfferOnlyTheOthers(t *testing.T) {
	out, _ := renderPage(t, samplePages()["roles"])
	if strings.Count(out, "Dùng vai này") != 1 || !strings.Contains(out, `name="post" value="2"`) {
		t.Error("the role worn is offered again, or the other is not")
	}
}

func TestFault_SaysWhatHappenedWhatIsKeptWhatToDo(t *testing.T) {
	frame := sampleFrame()
	for status, a := range advices {
		out, _ := renderPage(t, FaultPage(Fault{Frame: &frame, Status: status, Code: "throttle.wait", Args: map[string]string{"minutes": "15"}, RequestID: "4f2a9c11", Time: "10:32 19/06/2026"}))
		for _, want := range []string{a.title, a.kept, "Đợi 15 phút", "Làm gì tiếp", "4f2a9c11", "Về Việc chờ tôi"} {
			if !strings.Contains(out, want) {
				t.Errorf("%d: no %q", status, want)
			}
		}
	}
	out, _ := renderPage(t, FaultPage(Fault{Frame: &frame, Status: 500, Code: "pq: relation does not exist"}))
	if strings.Contains(out, "pq:") {
		t.Error("internal text reached the page")
	}
}

func TestID_IsStableAndNeedsNoEscaping(t *testing.T) {
	if got := ID("cell", 204, "TOAN", "mark"); got != "cell-204-TOAN-mark" {
		t.Errorf("got %s", got)
	}
	if ID("a", "x.y") == ID("a", "x y") || ID("level", "T") == ID("level", "Đ") {
		t.Error("two parts, one id")
	}
	if got := ID("level", "Đ"); strings.ContainsAny(got, "Đ .") {
		t.Errorf("got %s", got)
	}
}

func TestStageStatus_HasAWordForEveryLook(t *testing.T) {
	for stage := range stageLooks {
		if s := StageStatus(stage); s.Word == "–" || s.Tone == "" {
			t.Errorf("%s: %+v", stage, s)
		}
	}
	if s := StageStatus("hacked"); s.Tone != ui.Neutral || s.Word != "–" {
		t.Errorf("unforeseen stage: %+v", s)
	}
}

func TestVerdictAnswer_IsNeverValidByMistake(t *testing.T) {
	for v := range answerLooks {
		if a := VerdictAnswer(v, map[string]string{"date": "02/07/2026", "version": "3"}); a.Title == "" || a.Text == "" || a.Tone == "" {
			t.Errorf("%s: %+v", v, a)
		}
		if a := VerdictAnswer(v, nil); v != "valid" && a.Tone == ui.OK {
			t.Errorf("%s looks valid", v)
		}
	}
	if a := VerdictAnswer("hacked", nil); a.Tone != ui.Neutral {
		t.Errorf("unforeseen verdict: %+v", a)
	}
}
