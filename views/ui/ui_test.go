package ui

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
)

// hostile is text that must come out as text wherever it is put in.
const hostile = `<script>alert('x')</script>"><b onclick=x>&`

// render returns the HTML of a component with optional children.
func render(t *testing.T, c templ.Component, children ...templ.Component) string {
	t.Helper()
	var b strings.Builder
	ctx := context.Background()
	if len(children) > 0 {
		ctx = templ.WithChildren(ctx, templ.Join(children...))
	}
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// sample is every component, each text replaced by text.
func sample(text string) map[string]templ.Component {
	status := Status{Tone: Stop, Word: text}
	field := Field{Name: "name", Label: text, Hint: text, Error: text, Value: text, Attrs: templ.Attributes{"data-x": text},
		Options: []Option{{Value: text, Label: text, More: text, Selected: true}, {Value: "b", Label: text, Disabled: true, Reason: text}}}
	act := Action{ID: "act", Label: text, URL: "/x?a=b&c=d", Icon: IconPen, Hint: text}
	post := Action{Label: text, URL: "/x", Method: "DELETE", Fields: []Hidden{{Name: "a", Value: text}}}
	off := Action{ID: "off", Label: text, Disabled: true, Reason: text}
	modal := Modal{ID: "modal", Title: text, Lead: text, Back: "/x"}
	page := modal
	page.Page = true
	station := []Station{{Label: text, Count: 90}, {Label: text, Count: 3}, {Label: text, Unknown: true}}
	return map[string]templ.Component{
		"Badge": Badge(status), "Inline": Inline(status), "Mark": Mark(), "DrawLarge": DrawLarge(IconTick, "48"),
		"Do link": Do(act), "Do form": Do(post), "Do disabled": Do(off), "Button": Button(Action{Label: text, Name: "n", Value: text}),
		"LinkButton": LinkButton(Action{Label: text, URL: "/x", NewTab: true, Dialog: true}), "TextLink": TextLink(act),
		"Banner": Banner(Notice{Tone: Wait, Title: text, Text: text, ID: "b", Alert: true, Action: &act}),
		"Sheet":  Sheet(text, text), "Facts": Facts([]Fact{{Name: text, Value: text}, {Name: text, Value: text, Code: true}}),
		"Lines":     Lines([]Line{{Status: status, Text: text, Strong: text, More: text, Link: &Link{Label: text, URL: "/x"}}}),
		"Summary":   ErrorSummary(text, text, []Problem{{FieldID: "name", Text: text}, {Text: text}}),
		"TextField": TextField(field), "DateField": DateField(Field{Name: "d", Label: text}), "PasswordField": PasswordField(field),
		"TextareaField": TextareaField(field), "SelectField": SelectField(field), "FilterSelect": FilterSelect(field), "FileField": FileField(field),
		"CheckboxField": CheckboxField(field), "RadioField": RadioField(field), "CheckboxesField": CheckboxesField(field), "CardsField": CardsField(field),
		"Table":    Table(Grid{ID: "t", Caption: text, Columns: []Column{{Label: text, Num: true}, {Label: text, Hidden: true}}, Folds: true, Foot: Pagination(Pages{Text: text, Page: 2, Last: 3, Previous: "/a", Next: "/b"})}),
		"GroupRow": GroupRow(status, 3), "BarCell": BarCell(station[0], 100), "BarCell unknown": BarCell(station[2], 100),
		"Tabs":     Tabs(text, []Tab{{Label: text, Short: text, URL: "/a", Locked: true}, {Label: text, URL: "/b", Current: true}}),
		"Progress": Progress(Meter{ID: "m", Done: 17, Failed: 2, Total: 35, Strong: text, Text: text, Hint: text, Actions: []Action{post}}),
		"Steps":    Steps(text, []Step{{Status: status, More: text, Current: true}}),
		"Filters":  Filters(text, []Filter{{Label: text, URL: "/a", Count: 3, Tone: OK, Current: true}, {Label: text, URL: "/b", Icon: IconClock}}),
		"Tallies":  Tallies([]Tally{{Count: 30, Status: status, More: text}}),
		"Funnel":   Funnel(FunnelOf{Caption: text, Total: 100, Stations: station, Strong: text, Note: text}), "Stations": Stations(station, 100),
		"Verdict": Verdict(Answer{Tone: Past, Title: text, Text: text}),
		"Checks":  Checks([]Check{{Status: status, Name: text, Result: text, More: text}, {Status: status, Name: text, Result: text}}),
		"Empty":   Empty(Blank{Icon: IconBook, Title: text, Text: text, Lines: []Line{{Status: status, Text: text}}, Actions: []Action{act}}),
		"Dialog":  Dialog(modal), "Dialog page": Dialog(page), "DialogBody": DialogBody(modal), "DialogFoot": DialogFoot(modal, post),
		"SidePanel": SidePanel(Panel{ID: "p", Title: text, Hint: text, Close: "/x"}), "PanelPart": PanelPart(text),
	}
}

func TestComponents_EscapeWhatTheyAreGiven(t *testing.T) {
	for name, c := range sample(hostile) {
		out := render(t, c)
		if strings.Contains(out, "<script") || strings.Contains(out, "<b onclick") {
			t.Errorf("%s lets markup through: %s", name, out)
		}
	}
}

func TestComponents_KeepTheContentPolicy(t *testing.T) {
	for name, c := range sample("Nguyễn Văn An") {
		walk(t, render(t, c), func(n *html.Node) {
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.TrimSpace(a.Val), "javascript:") {
					t.Errorf("%s: <%s %s=%q>", name, n.Data, a.Key, a.Val)
				}
			}
			if n.Data == "style" || n.Data == "script" {
				t.Errorf("%s: <%s>", name, n.Data)
			}
		})
	}
}

func TestComponents_NameWhatTheyReferTo(t *testing.T) {
	for name, c := range sample("Toán") {
		out := render(t, c)
		ids := map[string]int{}
		walk(t, out, func(n *html.Node) {
			if id := attr(n, "id"); id != "" {
				ids[id]++
			}
		})
		walk(t, out, func(n *html.Node) {
			for _, key := range []string{"for", "aria-describedby", "aria-labelledby", "data-reveal"} {
				for _, id := range strings.Fields(attr(n, key)) {
					if ids[id] != 1 {
						t.Errorf("%s: %s=%q names %d elements", name, key, id, ids[id])
					}
				}
			}
			if v, ok := lookUp(n, "aria-current"); ok && v == "" {
				t.Errorf("%s: aria-current without a value means false", name)
			}
		})
	}
}

func TestStatus_HasIconAndWordInEveryTone(t *testing.T) {
	for _, tone := range []Tone{Neutral, OK, Wait, Stop, Past, Busy, ""} {
		for _, c := range []templ.Component{Badge(Status{Tone: tone, Word: "Đã duyệt"}), Inline(Status{Tone: tone, Word: "Đã duyệt"})} {
			out := render(t, c)
			if !strings.Contains(out, "<use href=") || !strings.Contains(out, "Đã duyệt") || !strings.Contains(out, tone.class()) {
				t.Errorf("tone %q: %s", tone, out)
			}
		}
	}
	seen := map[Icon]Tone{}
	for _, tone := range []Tone{Neutral, OK, Wait, Stop, Past, Busy} {
		if other, twice := seen[tone.icon()]; twice {
			t.Errorf("%s and %s share an icon: greyscale readers cannot tell them apart", tone, other)
		}
		seen[tone.icon()] = tone
	}
}

func TestIcons_AllAreInTheSprite(t *testing.T) {
	sprite, err := os.ReadFile("../../static/img/icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("ui.go")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`Icon\w+\s+Icon = "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	if len(names) < 30 {
		t.Fatalf("found only %d icons", len(names))
	}
	for _, m := range names {
		if !strings.Contains(string(sprite), `<symbol id="`+m[1]+`" `) {
			t.Errorf("icon %s is not in the sprite", m[1])
		}
	}
}

func TestButton_SaysWhyItIsDisabled(t *testing.T) {
	out := render(t, Do(Action{ID: "sign", Label: "Ký phần Toán", URL: "/x", Disabled: true, Reason: "Còn 2 ô cần xem."}))
	for _, want := range []string{"disabled", "Còn 2 ô cần xem.", `aria-describedby="sign-reason"`, `id="sign-reason"`} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
	if strings.Contains(out, "href") {
		t.Errorf("a disabled link still leads somewhere: %s", out)
	}
}

func TestAction_BecomesWhatItsMethodNeeds(t *testing.T) {
	cases := []struct {
		act      Action
		has, not string
	}{
		{Action{Label: "Xem", URL: "/x"}, `<a class="button" href="/x"`, "<form"},
		{Action{Label: "Gửi"}, `<button type="submit"`, "<form"},
		{Action{Label: "Duyệt", URL: "/x", Method: "POST"}, `<form class="button-form" method="post" action="/x"`, "_method"},
		{Action{Label: "Rút", URL: "/x", Method: "DELETE"}, `name="_method" value="DELETE"`, "<a "},
		{Action{Label: "Xem", URL: "javascript:alert(1)"}, "about:invalid", "javascript"},
	}
	for _, c := range cases {
		out := render(t, Do(c.act))
		if !strings.Contains(out, c.has) || strings.Contains(out, c.not) {
			t.Errorf("%+v: %s", c.act, out)
		}
	}
}

func TestPasswordField_NeverShowsWhatWasTyped(t *testing.T) {
	if out := render(t, PasswordField(Field{Name: "p", Label: "Mật khẩu", Value: "bí mật"})); strings.Contains(out, "bí mật") {
		t.Error("the password is in the page")
	}
}

func TestField_KeepsTypingBesideItsError(t *testing.T) {
	out := render(t, TextField(Field{Name: "mark", Label: "Điểm KTĐK", Hint: "Số nguyên", Error: "Ghi số nguyên từ 1 đến 10", Value: "8,5"}))
	for _, want := range []string{`value="8,5"`, `aria-invalid="true"`, `aria-describedby="mark-hint mark-error"`, "Ghi số nguyên"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
	if strings.Index(out, "mark-hint\"") > strings.Index(out, `id="mark-error"`) {
		t.Error("the hint comes before the error")
	}
}

func TestPercent_IsHonestAtBothEnds(t *testing.T) {
	cases := []struct{ part, total, want int }{
		{0, 100, 0}, {1, 10000, 1}, {9999, 10000, 99}, {100, 100, 100}, {1, 2, 50}, {2, 3, 67}, {5, 0, 0}, {7, 5, 100}, {-1, 5, 0},
	}
	for _, c := range cases {
		if got := percent(c.part, c.total); got != c.want {
			t.Errorf("percent(%d, %d) = %d, want %d", c.part, c.total, got, c.want)
		}
	}
	if got := width(23, 35); got != "65.71%" {
		t.Errorf("width = %s", got)
	}
	if got := width(35, 35); got != "100%" {
		t.Errorf("width = %s", got)
	}
}

func TestNumber_PutsDotsBetweenThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 35: "35", 1046: "1.046", 128450: "128.450", 1234567: "1.234.567", -1500: "–1.500"} {
		if got := Number(n); got != want {
			t.Errorf("Number(%d) = %s, want %s", n, got, want)
		}
	}
}

// walk calls f for every element of a fragment.
func walk(t *testing.T, fragment string, f func(*html.Node)) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(fragment))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			f(n)
		}
	}
}

func lookUp(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

func attr(n *html.Node, key string) string {
	v, _ := lookUp(n, key)
	return v
}
