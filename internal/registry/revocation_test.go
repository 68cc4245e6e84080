package registry

import (
	"strings"
	"testing"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/fault"
	"hocba/internal/school"
)

func TestDecideRequest(t *testing.T) {
	d := newDesk(t)
	raw := d.record(nil)
	live := Live{Record: bundletest.RecordID, Pupil: bundletest.Pupil, Number: 1, SHA256: hash(raw), School: bundletest.School, Locked: true}
	with := func(edit func(*Live)) *Live { l := live; edit(&l); return &l }
	for name, c := range map[string]struct {
		live    *Live
		waiting bool
		code    string
		action  bundle.Action
	}{
		"in force":                {&live, false, "", ""},
		"nothing is held":         {nil, false, "registry.not_accepted", bundle.Resubmit},
		"held for another school": {with(func(l *Live) { l.School = "x" }), false, "registry.not_accepted", bundle.Resubmit},
		"another version is held": {with(func(l *Live) { l.Number = 2 }), false, "registry.other_version_live", bundle.Resubmit},
		"not locked":              {with(func(l *Live) { l.Locked = false }), false, "registry.not_locked", bundle.Resubmit},
		"a request waits":         {&live, true, "registry.request_waits", bundle.AskAbove},
	} {
		t.Run(name, func(t *testing.T) {
			reasons := DecideRequest(d.paper(bundle.Request, nil, raw), c.live, c.waiting)
			if c.code == "" {
				if len(reasons) > 0 {
					t.Fatalf("refused: %v", reasons)
				}
				return
			}
			wantReason(t, reasons, c.code, c.action)
		})
	}
}

func TestRequest_IsDecidedOnceWithAReason(t *testing.T) {
	live := Live{Number: 1, Locked: true}
	for name, c := range map[string]struct {
		request  Request
		decision Decision
		note     string
		live     *Live
		code     string
	}{
		"granted":                     {Request{Version: 1}, Granted, " Đồng ý. ", &live, ""},
		"declined":                    {Request{Version: 1}, Declined, "Thiếu biên bản.", &live, ""},
		"no decision":                 {Request{Version: 1}, "", "x", &live, "revocation.decision"},
		"no reason":                   {Request{Version: 1}, Granted, " \n ", &live, "revocation.note_missing"},
		"too long a reason":           {Request{Version: 1}, Granted, strings.Repeat("ữ", 1001), &live, "revocation.note_too_long"},
		"decided before":              {Request{Version: 1, Decision: Declined}, Declined, "x", &live, "revocation.decided"},
		"nothing in force any more":   {Request{Version: 1}, Granted, "x", nil, "revocation.over"},
		"another version is in force": {Request{Version: 2}, Granted, "x", &live, "revocation.over"},
		"not locked":                  {Request{Version: 1}, Granted, "x", &Live{Number: 1}, "revocation.over"},
	} {
		note, err := c.request.Decide(c.decision, c.note, c.live)
		switch {
		case c.code == "" && (err != nil || note != strings.TrimSpace(c.note)):
			t.Errorf("%s: %q, %v", name, note, err)
		case c.code != "" && !fault.Is(err, c.code):
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

func TestDecidingTier_IsThePhongsUntilItsEndUnlessTheSoSaysOtherwise(t *testing.T) {
	june, july := endOfDistricts, school.Date{Year: 2025, Month: time.July, Day: 1}
	for _, c := range []struct {
		setting string
		day     school.Date
		want    Hand
	}{
		{"", june, ByMiddle}, {"", july, ByDepartment}, {"nobody", july, ByDepartment},
		{"middle", july, ByMiddle}, {"department", june, ByDepartment},
	} {
		if got := DecidingTier(c.setting, c.day); got != c.want {
			t.Errorf("%q on %v: %s, want %s", c.setting, c.day, got, c.want)
		}
	}
}
