package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/verify"
	"hocba/internal/workflow"
	"hocba/views"
)

// verificationRoutes are the pages for whoever holds a paper. Codes are
// capabilities: typed ones travel in the body of a POST, and those of QR codes
// are masked in the log.
var verificationRoutes = []route{
	{get, views.LookupURL, workflow.PermNone, (*Portal).showLookup},
	{post, views.LookupURL, workflow.PermNone, (*Portal).createLookup},
	{get, views.LookupURL + "/:code", workflow.PermNone, (*Portal).showVerification},
	{post, views.LookupURL + "/:code/contents", workflow.PermNone, (*Portal).createContents},
	{post, views.LookupURL + "/:code/pdf", workflow.PermNone, (*Portal).createPublicPaper},
	{get, views.PrivacyURL, workflow.PermNone, (*Portal).showPrivacy},
}

// What strangers may try. Right answers are given back, so that only guesses
// add up: a clerk with three hundred papers is not stopped.
var (
	lookupByAddress   = db.Throttle{Kind: "look-up.address", Limit: 40, Window: 15 * time.Minute}
	lookupByCode      = db.Throttle{Kind: "look-up.code", Limit: 120, Window: 15 * time.Minute}
	contentsByCode    = db.Throttle{Kind: "contents.code", Limit: 5, Window: time.Hour}
	contentsByCodeDay = db.Throttle{Kind: "contents.code.day", Limit: 20, Window: 24 * time.Hour}
	contentsByAddress = db.Throttle{Kind: "contents.address", Limit: 20, Window: time.Hour}
)

func (p *Portal) showLookup(r *request) error {
	return r.page(http.StatusOK, views.LookupPage(views.Lookup{Public: p.publicFrame()}))
}

func (p *Portal) showPrivacy(r *request) error {
	return r.page(http.StatusOK, views.PrivacyPage(p.publicFrame()))
}

func (p *Portal) createLookup(r *request) error {
	return p.answerLookup(r, typedCode(r.FormValue("code")))
}

func (p *Portal) showVerification(r *request) error { return p.answerLookup(r, r.Param("code")) }

// typedCode takes the code out of a scanned address; anything else stays.
func typedCode(s string) string {
	if i := strings.LastIndex(s, views.LookupURL+"/"); i >= 0 {
		return s[i+len(views.LookupURL)+1:]
	}
	return s
}

// lookup is the answer about one code. view says it to people; model is set
// when the contents may be shown to who knows the second fact.
type lookup struct {
	code    bundle.Code
	version db.LookedUp
	seen    examined
	view    views.Verification
	status  int
}

func (p *Portal) answerLookup(r *request, spelled string) error {
	l, err := p.look(r, spelled)
	if f := fault.As(err); f != nil && (f.Code == "lookup.code" || f.Code == "throttle.wait") {
		return r.page(status(err), views.LookupPage(views.Lookup{Public: p.publicFrame(), Code: spelled, Error: f}))
	}
	if err != nil {
		return err
	}
	return r.page(l.status, views.VerificationPage(l.view))
}

// look answers a code in any spelling. It fails with lookup.code for what
// cannot be a code and throttle.wait for who guesses; an outage is an answer.
func (p *Portal) look(r *request, spelled string) (*lookup, error) {
	l := &lookup{status: http.StatusOK}
	l.view = views.Verification{Public: p.publicFrame(), CheckedAt: r.now}
	l.view.Answer.Verdict = verify.VerdictUnchecked
	r.Response().Header().Set("X-Robots-Tag", "noindex, nofollow, noarchive") // an address that somebody posted stays out of search engines
	host := clientAddress(r.ctx())
	err := p.db.Attempt(r.ctx(), lookupByAddress, host)
	if err == nil {
		if l.code, err = bundle.ParseCode(spelled); err == nil {
			l.view.Code = l.code
			err = p.find(r, l)
		}
	}
	if fault.Is(err, "lookup.code") || fault.Is(err, "throttle.wait") {
		return nil, err
	}
	if err != nil {
		p.log.Error("look a code up", "id", requestID(r.ctx()), "error", err)
		l.view.Answer.Verdict, l.status = verify.VerdictUnchecked, http.StatusServiceUnavailable
		return l, nil
	}
	if l.view.Answer.Verdict != verify.VerdictUnknown {
		return l, p.db.GiveBack(r.ctx(), lookupByAddress, host)
	}
	return l, nil
}

// find asks the registry and verifies what it holds.
func (p *Portal) find(r *request, l *lookup) error {
	if err := p.db.Attempt(r.ctx(), lookupByCode, string(l.code)); err != nil {
		return err
	}
	p.viewedCode(r, "look-up", l.code)
	version, found, err := p.db.LookUp(r.ctx(), r.actor, l.code)
	if err != nil {
		return err
	}
	if !found {
		l.view.Answer.Verdict, l.status = verify.VerdictUnknown, http.StatusNotFound
		return nil
	}
	l.version = version
	if l.seen, err = p.examiner.examine(r.ctx(), r.actor, version); err != nil {
		return err
	}
	l.view.Answer = verify.Judge(l.seen.record, l.seen.receipt, version.Standing)
	l.view.Record, l.view.ProvableUntil = l.seen.model(), l.seen.record.ProvableUntil
	if until, err := p.db.EvidenceUntil(r.ctx(), version.ID); err != nil {
		return err
	} else if until.After(l.view.ProvableUntil) {
		l.view.ProvableUntil = until
	}
	if l.view.Answer.Verdict == verify.VerdictUnchecked {
		p.log.Error("a stored version does not verify", "id", requestID(r.ctx()), "version", version.ID)
		l.status = http.StatusServiceUnavailable
	}
	return nil
}

// viewedCode logs a stranger's look-up under the hash of the code.
func (p *Portal) viewedCode(r *request, what string, code bundle.Code) {
	sum := sha256.Sum256([]byte(code))
	p.views.Add(r.actor, clientAddress(r.ctx()), what, "code:"+hex.EncodeToString(sum[:]))
}

// createContents shows the contents to who knows the pupil's date of birth.
// The page is the answer of the POST itself: nothing is left behind that would
// open it again.
func (p *Portal) createContents(r *request) error {
	l, birth, err := p.secondFact(r)
	if err != nil || l == nil {
		return err
	}
	p.viewedCode(r, "look-up.contents", l.code)
	return r.page(http.StatusOK, views.ContentsPage(p.contents(l, birth, nil)))
}

// createPublicPaper hands the paper to who knows the second fact. When it
// cannot be made the contents are shown again, with the reason.
func (p *Portal) createPublicPaper(r *request) error {
	l, birth, err := p.secondFact(r)
	if err != nil || l == nil {
		return err
	}
	pdf, err := p.press.final(r.ctx(), l.version, l.seen, true)
	if err != nil {
		f := fault.As(err)
		if f == nil {
			return err
		}
		p.log.Warn("make a paper for the public", "id", requestID(r.ctx()), "error", err)
		return r.page(status(err), views.ContentsPage(p.contents(l, birth, f)))
	}
	p.viewedCode(r, "look-up.paper", l.code)
	return r.pdf(pdf, paperName(l.view.Record), true)
}

func (p *Portal) contents(l *lookup, birth string, f *fault.Error) views.Contents {
	l.view.Birth = birth
	return views.Contents{Verification: l.view, Year: p.press.year(l.seen), Error: f}
}

// secondFact looks the code up and compares the date of birth. A nil lookup
// means that the answer was given already: nothing to show, a date that cannot
// be read, a wrong one, too many of them.
func (p *Portal) secondFact(r *request) (*lookup, string, error) {
	l, err := p.look(r, r.Param("code"))
	if err != nil {
		if f := fault.As(err); f != nil && (f.Code == "lookup.code" || f.Code == "throttle.wait") {
			err = r.page(status(err), views.LookupPage(views.Lookup{Public: p.publicFrame(), Error: f}))
		}
		return nil, "", err
	}
	if !l.view.Answer.Verdict.Genuine() {
		return nil, "", r.page(l.status, views.VerificationPage(l.view))
	}
	typed := school.CleanLine(r.FormValue("birth"))
	refuse := func(err error) (*lookup, string, error) {
		f := fault.As(err)
		if f == nil || f.Kind == fault.Internal {
			return nil, "", err
		}
		l.view.Birth, l.view.Error = typed, f
		return nil, "", r.page(status(err), views.VerificationPage(l.view))
	}
	birth, ok := school.ReadDate(typed)
	if !ok {
		return refuse(fault.New(fault.Invalid, "lookup.birth_unreadable"))
	}
	if err := p.guess(r, l, birth); err != nil {
		return refuse(err)
	}
	return l, birth.Vietnamese(), nil
}

// guess compares a date of birth; wrong ones stay counted by code and address.
// Whoever tried too often gets the same answer for right and wrong dates.
func (p *Portal) guess(r *request, l *lookup, birth school.Date) error {
	counters := []struct {
		throttle db.Throttle
		subject  string
	}{{contentsByCode, string(l.code)}, {contentsByCodeDay, string(l.code)}, {contentsByAddress, clientAddress(r.ctx())}}
	for _, c := range counters {
		err := p.db.Attempt(r.ctx(), c.throttle, c.subject)
		if fault.Is(err, "throttle.wait") && c.throttle.Window == contentsByCodeDay.Window {
			err = fault.New(fault.Unavailable, "throttle.day")
		}
		if err != nil {
			return err
		}
	}
	if birth != l.view.Record.Content.Pupil.Birth {
		p.viewedCode(r, "look-up.refused", l.code)
		return fault.New(fault.Invalid, "lookup.birth_wrong")
	}
	for _, c := range counters {
		if err := p.db.GiveBack(r.ctx(), c.throttle, c.subject); err != nil {
			return err
		}
	}
	return nil
}
