package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hocba/internal/jobs"
	"hocba/internal/signing/sandbox"
)

// goOn presses "Ký tiếp" on a job's page, with what was typed.
func (b *browser) goOn(address, typed string) answer {
	b.t.Helper()
	return b.post(address+"/pause", url.Values{"_method": {"DELETE"}, "pin": {typed}})
}

// wantOnce checks that so many records are signed, each once.
func (e *elsewhere) wantOnce(want int) {
	e.t.Helper()
	var signatures, records int
	err := e.db.Owner().QueryRow(`SELECT count(*), count(DISTINCT record_id) FROM school.record_signature`).Scan(&signatures, &records)
	if err != nil || signatures != want || records != want {
		e.t.Errorf("%d signatures on %d records, want %d each: %v", signatures, records, want, err)
	}
}

func TestSigners_AOneTimeCodeSignsAClass(t *testing.T) {
	e := newElsewhere(t, sandbox.Script{OTP: true, PIN: "246810", Bound: true})
	b := e.as(huong)
	e.bind(b, "1").wantStatus(http.StatusSeeOther)
	address := e.begin(b, e.way("Dịch vụ thử"), "246810")
	b.waitJob(address).wantText("đã gửi mã dùng một lần", "Mã dùng một lần (OTP)", "Ký tiếp 8 em")
	e.wantOnce(0)
	b.goOn(address, "000000").wantStatus(http.StatusSeeOther)
	b.waitJob(address).wantText("Mã dùng một lần chưa đúng hoặc đã hết hạn")
	b.goOn(address, "").wantStatus(http.StatusSeeOther) // another code, please
	// Meanwhile the browser was closed; another one goes on.
	b = e.as(huong)
	b.waitJob(address).wantText("đã gửi mã dùng một lần")
	b.goOn(address, e.far.Code("1")).wantStatus(http.StatusSeeOther)
	b.waitJob(address).wantText("Xong cả 8 em")
	e.wantOnce(8)
}

// The service asks its holder at a page of its own: the teacher goes there with
// the hashes, comes back, and those hashes are signed.
func TestSigners_APageOfTheServiceAuthorisesAClass(t *testing.T) {
	e := newElsewhere(t, sandbox.Script{Page: true, Bound: true})
	b := e.as(huong)
	e.bind(b, "1").wantStatus(http.StatusSeeOther)
	address := e.begin(b, e.way("Dịch vụ thử"), "")
	b.waitJob(address).wantText("Xác nhận ở trang của dịch vụ ký", "Đến trang của dịch vụ")
	visit := func() string {
		away := b.get(address + "/authorization").wantStatus(http.StatusSeeOther).header.Get("Location")
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		res, err := client.Get(away + "&user=1")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		back, err := url.Parse(res.Header.Get("Location"))
		if err != nil || back.Path != "/signing/back" {
			t.Fatalf("%d: sent back to %q", res.StatusCode, res.Header.Get("Location"))
		}
		return back.RequestURI()
	}
	// Nobody else's session, no other state, and no "no" there goes on.
	back := visit()
	e.as(minh).get(back).wantStatus(http.StatusUnprocessableEntity)
	b.get(strings.Replace(back, "state=", "state=x", 1)).wantStatus(http.StatusUnprocessableEntity)
	e.as(minh).get(address + "/authorization").wantStatus(http.StatusNotFound)
	e.far.SetScript(sandbox.Script{Page: true, Bound: true, Refuse: true})
	b.get(visit()).wantStatus(http.StatusSeeOther)
	b.waitJob(address).wantText("Xác nhận ở trang của dịch vụ ký")
	e.wantOnce(0)
	e.far.SetScript(sandbox.Script{Page: true, Bound: true})
	back = visit()
	b.get(back).wantStatus(http.StatusSeeOther)
	b.waitJob(address).wantText("Xong cả 8 em")
	e.wantOnce(8)
	b.get(back).wantStatus(http.StatusUnprocessableEntity) // the same address again
	if e.far.Signings() != 8 {
		t.Errorf("%d signatures were made", e.far.Signings())
	}
}

// A visit that was given up half-way takes no later sign-in's code to its
// service: that code is another service's.
func TestSigners_ASignInIsNotTakenForAVisit(t *testing.T) {
	e := newElsewhere(t, sandbox.Script{Page: true, Bound: true})
	var address string
	if err := e.db.Owner().QueryRow(`SELECT params->>'url' FROM core.signing_way WHERE kind = 'remote'`).Scan(&address); err != nil {
		t.Fatal(err)
	}
	e.set(url.Values{"kind": {"remote"}, "label": {"Dịch vụ khác"}, "url": {address}, "client": {"school"}, "secret": {"one"}, "grant": {"code"}})
	b := e.as(huong)
	e.bind(b, "1").wantStatus(http.StatusSeeOther)
	job := e.begin(b, e.way("Dịch vụ thử"), "")
	b.waitJob(job).wantText("Đến trang của dịch vụ")
	b.get(job + "/authorization").wantStatus(http.StatusSeeOther)
	away, err := url.Parse(b.get(signers + "/login/" + e.way("Dịch vụ khác")).wantStatus(http.StatusSeeOther).header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	back := b.get("/signing/back?" + url.Values{"state": {away.Query().Get("state")}, "code": {"of the other service"}}.Encode())
	if to := back.header.Get("Location"); to == job {
		t.Errorf("the code of a sign-in went to the service of %s", to)
	}
	e.wantOnce(0)
}

// A service that returns signatures in another order, of another key or too
// few: nothing wrong is kept, and each pupil says what happened.
func TestSigners_AServiceThatAnswersWronglySignsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		script sandbox.Script
		says   string
		signed int
	}{
		"another order": {sandbox.Script{Shuffle: true}, "8 chưa ký được", 0},
		"another key":   {sandbox.Script{OtherKey: true}, "8 chưa ký được", 0},
		// One is left out of each answer: of one alone nothing ever comes.
		"one too few": {sandbox.Script{Short: true}, "Dịch vụ ký không trả chữ ký cho em này", 7},
	} {
		t.Run(name, func(t *testing.T) {
			e := newElsewhere(t, c.script)
			b := e.as(huong)
			e.bind(b, "1").wantStatus(http.StatusSeeOther)
			b.waitJob(e.begin(b, e.way("Dịch vụ thử"), "")).wantText(c.says)
			e.wantOnce(c.signed)
		})
	}
}

// The teacher asks, closes the browser, confirms on the telephone; whoever
// opens the page again finds everything signed. Two clicks are one batch.
func TestSigners_TheBrowserIsClosedWhileTheTelephoneWaits(t *testing.T) {
	e := newElsewhere(t, sandbox.Script{Phone: true, Bound: true})
	b := e.as(huong)
	e.bind(b, "1").wantStatus(http.StatusSeeOther)
	form := b.get(e.signing()).wantStatus(http.StatusOK).formOf(jobs.SignParts)
	form.Set("way", e.way("Dịch vụ thử"))
	address := b.post(e.signing(), form).wantStatus(http.StatusSeeOther).header.Get("Location")
	if again := b.post(e.signing(), form).wantStatus(http.StatusSeeOther).header.Get("Location"); again != address {
		t.Errorf("two clicks are %s and %s", address, again)
	}
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(b.get(address).body, "Mở điện thoại để xác nhận"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(b.get(address).text())
		}
	}
	b.get(address).wantText("Có thể rời trang")
	if asked := e.far.Asked(); len(asked) != 1 || !strings.Contains(asked[0], "Học bạ số: ký phần giáo viên bộ môn (8 em)") {
		t.Errorf("the telephone asks %q", asked)
	}
	e.far.Press("yes")
	e.as(huong).waitJob(address).wantText("Xong cả 8 em")
	e.wantOnce(8)
	if e.far.Signings() != 8 {
		t.Errorf("%d signatures were made", e.far.Signings())
	}
}
