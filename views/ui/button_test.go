package ui

import (
	"net/http"
	"strings"
	"testing"
)

// TestButton_WithAnAddressBringsItsForm: outside of a form a submit button does
// nothing, so an act that knows where it goes takes its form along.
func TestButton_WithAnAddressBringsItsForm(t *testing.T) {
	draw := func(a Action) string {
		var b strings.Builder
		if err := Button(a).Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if got := draw(Action{Label: "Rút lệnh", URL: "/x/1", Method: http.MethodDelete}); !strings.Contains(got, `action="/x/1"`) ||
		!strings.Contains(got, `name="_method" value="DELETE"`) || strings.Count(got, "<button") != 1 {
		t.Errorf("an act with an address: %s", got)
	}
	if got := draw(Action{Label: "Lưu"}); strings.Contains(got, "<form") {
		t.Errorf("a button of the form around it: %s", got)
	}
}
