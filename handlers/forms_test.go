package handlers

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// checkForms fails a whole page in which a button to send something stands
// outside of a form, where a click does nothing, or a form inside another,
// which browsers drop.
func checkForms(t testing.TB, path, body string) {
	t.Helper()
	if !strings.HasPrefix(strings.ToLower(strings.TrimSpace(body)), "<!doctype html") {
		return
	}
	tokens := html.NewTokenizer(strings.NewReader(body))
	for depth := 0; ; {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			return
		}
		token := tokens.Token()
		switch {
		case token.Data == "form" && kind == html.StartTagToken:
			if depth++; depth > 1 {
				t.Errorf("%s: a form inside a form: %s", path, token)
			}
		case token.Data == "form" && kind == html.EndTagToken:
			depth--
		case token.Data == "button" && kind == html.StartTagToken && depth == 0 && sends(token):
			t.Errorf("%s: a button outside of any form does nothing: %s", path, token)
		}
	}
}

// sends reports whether a button can be pressed to send the form around it.
func sends(button html.Token) bool {
	own := map[string]string{}
	for _, a := range button.Attr {
		own[a.Key] = a.Val
	}
	_, elsewhere := own["form"]
	_, disabled := own["disabled"]
	_, hidden := own["hidden"] // until a script gives it its work
	return own["type"] == "submit" && !elsewhere && !disabled && !hidden
}
