package registry

import (
	"strings"
	"testing"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/school"
)

func TestWindow_EndsWithTheLastInstantOf29June(t *testing.T) {
	w := Window{Opens: school.Date{Year: 2026, Month: time.June, Day: 15}.Start(), Ends: closingDay.Start()}
	midnight := time.Date(2026, time.June, 29, 17, 0, 0, 0, time.UTC) // 30/6 00:00 in Vietnam
	for at, want := range map[time.Time]WindowState{
		time.Date(2026, time.June, 14, 23, 59, 59, 0, school.Zone): NotOpen,
		time.Date(2026, time.June, 15, 0, 0, 0, 0, school.Zone):    Open,
		time.Date(2026, time.June, 29, 23, 59, 59, 0, school.Zone): Open,
		midnight.Add(-time.Nanosecond):                             Open,
		midnight:                                                   Over,
		midnight.Add(time.Nanosecond):                              Over,
		// A machine that still writes 29 June because it stands in Europe.
		midnight.In(time.FixedZone("CEST", 2*60*60)): Over,
	} {
		if got := w.State(at); got != want {
			t.Errorf("%v: %s, want %s", at, got, want)
		}
	}
	if (Window{}).State(midnight) != NotOpen {
		t.Error("a time nobody set is open")
	}
}

func TestDecideClosing(t *testing.T) {
	d := newDesk(t)
	raw := d.record(nil)
	sum := hash(raw)
	live := Live{Record: bundletest.RecordID, Pupil: bundletest.Pupil, Number: 1, SHA256: sum, School: bundletest.School}
	older, stray := live, live
	older.SHA256 = strings.Repeat("ab", 32)
	stray.Record, stray.Pupil = strings.Replace(bundletest.RecordID, "7c1e", "7c1f", 1), "4800000009"
	absent := func(s *bundle.Statement) {
		s.Records, s.Absent = nil, []bundle.Absentee{{Pupil: bundletest.Pupil, Name: "Hồ Thị Ánh Nguyệt", Reason: bundle.PaperBook}}
	}
	for name, c := range map[string]struct {
		edit   func(*bundle.Statement)
		facts  ClassFacts
		code   string
		action bundle.Action
	}{
		"every listed version is held":       {nil, ClassFacts{Window: d.open(), Live: []Live{live}}, "", ""},
		"nobody has one, all for a reason":   {absent, ClassFacts{Window: d.open()}, "", ""},
		"not yet open":                       {nil, ClassFacts{Live: []Live{live}}, "registry.time_not_open", bundle.AskAbove},
		"over":                               {nil, ClassFacts{Window: Window{Ends: d.office.Now}, Live: []Live{live}}, "registry.time_over", bundle.AskAbove},
		"closed before":                      {nil, ClassFacts{Window: d.open(), Closed: true, Live: []Live{live}}, "registry.class_closed", bundle.AskAbove},
		"a listed one was not accepted":      {nil, ClassFacts{Window: d.open()}, "registry.not_accepted", bundle.Resubmit},
		"another version is held":            {nil, ClassFacts{Window: d.open(), Live: []Live{older}}, "registry.other_version_live", bundle.Resubmit},
		"one is held and not listed":         {nil, ClassFacts{Window: d.open(), Live: []Live{live, stray}}, "registry.not_in_closing", bundle.Resubmit},
		"said to be absent, and one is held": {absent, ClassFacts{Window: d.open(), Live: []Live{live}}, "registry.not_in_closing", bundle.Resubmit},
	} {
		t.Run(name, func(t *testing.T) {
			reasons := DecideClosing(d.paper(bundle.Closing, c.edit, raw), c.facts, d.office.Now)
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

func TestDecideRecall(t *testing.T) {
	d := newDesk(t)
	raw := d.record(nil)
	live := Live{Record: bundletest.RecordID, Pupil: bundletest.Pupil, Number: 1, SHA256: hash(raw), School: bundletest.School}
	with := func(edit func(*Live)) *Live { l := live; edit(&l); return &l }
	for name, c := range map[string]struct {
		live   *Live
		window Window
		code   string
		action bundle.Action
	}{
		"before the lock, in time": {&live, d.open(), "", ""},
		"nothing is held":          {nil, d.open(), "registry.not_accepted", bundle.Resubmit},
		"held for another school":  {with(func(l *Live) { l.School = "x" }), d.open(), "registry.not_accepted", bundle.Resubmit},
		"another version is held":  {with(func(l *Live) { l.Number = 2 }), d.open(), "registry.other_version_live", bundle.Resubmit},
		"locked":                   {with(func(l *Live) { l.Locked = true }), d.open(), "registry.locked", bundle.AskAbove},
		"not open":                 {&live, Window{}, "registry.time_not_open", bundle.AskAbove},
		"over":                     {&live, Window{Ends: d.office.Now}, "registry.time_over", bundle.AskAbove},
	} {
		t.Run(name, func(t *testing.T) {
			reasons := DecideRecall(d.paper(bundle.Recall, nil, raw), c.live, c.window, d.office.Now)
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

func TestFinal_OnlyWhatLiesInTheBytes(t *testing.T) {
	for want, list := range map[bool][]bundle.Action{
		true:  {bundle.Reissue, bundle.Reissue},
		false: {bundle.Reissue, bundle.Resubmit},
	} {
		var reasons []bundle.Reason
		for _, a := range list {
			reasons = append(reasons, reason("x", a))
		}
		if Final(reasons) != want {
			t.Errorf("%v: final is not %v", list, want)
		}
	}
	if !Final(nil) {
		t.Error("an acceptance is not final")
	}
}
