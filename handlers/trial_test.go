package handlers

import (
	"net/http"
	"strings"
	"testing"

	"hocba/internal/workflow"
	"hocba/views"
)

const trialMark = "chữ ký thử nghiệm"

// TestTrial_EveryPageSaysSo walks the table of routes: while the Sở counts
// signatures without legal value, no page goes without the mark, whatever it
// shows; papers and answers of the public likewise. In production none has it.
func TestTrial_EveryPageSaysSo(t *testing.T) {
	s := newRegistrySite(t)
	s.portal.trial.forget()
	marked := func(what string, a answer) bool {
		t.Helper()
		if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || !strings.Contains(a.body, "<html") {
			return false
		}
		if !strings.Contains(strings.ToLower(a.body), trialMark) {
			t.Errorf("%s: no mark", what)
		}
		return true
	}
	pages := 0
	for role, name := range roleNames {
		b := s.as(name)
		for _, r := range routes {
			if r.method != http.MethodGet || strings.HasSuffix(r.path, "/events") || r.need != workflow.PermNone && r.need != workflow.PermSignedIn && !workflow.Can(role, r.need) {
				continue
			}
			if marked(r.path+" as "+string(role), b.get(s.fill(r.path))) {
				pages++
			}
		}
	}
	if pages < 150 {
		t.Errorf("only %d pages were looked at", pages)
	}
	b, xml := s.stranger(), s.versionBytes(s.all[3])
	marked("sign-in", b.get(views.SignInURL))
	if !marked("look-up", b.get(at(s.all[3].code))) || !marked("file", b.upload(views.VerifyURL, "hocba.xml", xml)) {
		t.Error("no answer about a signed version")
	}
	b.get(at(s.all[3].code)).wantText("Chữ ký thử nghiệm, không có giá trị pháp lý")

	// In production the frame has no mark; the verdict about what was signed on
	// trial keeps it.
	s.db.Exec(`UPDATE core.setting SET value = '{"production":true}' WHERE name = 'signature_policy'`)
	s.portal.trial.forget()
	if text := strings.ToLower(b.get(views.SignInURL).body); strings.Contains(text, trialMark) {
		t.Error("a mark in production")
	}
	b.get(at(s.all[3].code)).wantText("Chữ ký thử nghiệm, không có giá trị pháp lý")
	b.upload(views.VerifyURL, "hocba.xml", xml).wantText("Chữ ký thử nghiệm, không có giá trị pháp lý")
}
