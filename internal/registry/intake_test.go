package registry

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/school"
)

func TestDecide_AcceptsASoundRecord(t *testing.T) {
	d := newDesk(t)
	raw := d.record(nil)
	p := d.paper(bundle.Submission, nil, raw)
	r := Decide(d.office.Examine(p, d.sender, raw), Facts{}, d.office.Now)
	v := r.Version()
	if !r.Accepted() || r.Lock() != "" || r.Replaced() != 0 || v.Record != bundletest.RecordID || v.Number != 1 || v.Pupil != bundletest.Pupil ||
		v.ClassCode != "4A" || v.SHA256 != hash(raw) || !bytes.Equal(v.Bytes, raw) || v.Code != "0123456789AB" {
		t.Fatalf("ruling %+v", r)
	}
	if (Ruling{}).Accepted() || (Ruling{}).Made() {
		t.Error("the zero ruling accepts")
	}
}

func TestDecide_ByWhatTheRegistryHolds(t *testing.T) {
	d := newDesk(t)
	old := strings.Repeat("ab", 32)
	first := d.record(nil)
	second := d.record(func(r *bundle.Record) { r.General.Version, r.General.Replaces = 3, old })
	held := func(edit func(*Held)) []Held {
		h := Held{Number: 1, SHA256: old, School: bundletest.School, Live: true}
		if edit != nil {
			edit(&h)
		}
		return []Held{h}
	}
	over := Window{Opens: d.office.Now.Add(-2 * time.Hour), Ends: d.office.Now}
	for name, c := range map[string]struct {
		raw    []byte
		facts  Facts
		code   string // "" accepted
		action bundle.Action
		lock   Hand
		ended  int
	}{
		"replaces the live version, gaps are legal": {raw: second, facts: Facts{Held: held(nil), Window: d.open()}, ended: 1},
		"follows a recalled version":                {raw: second, facts: Facts{Held: held(func(h *Held) { h.Live = false })}},
		"stands for a revoked version, locked at once": {raw: second, facts: Facts{Held: held(func(h *Held) { h.Live, h.Revoked = false, true })},
			lock: ByDepartment},
		"late, locked at once":               {raw: first, facts: Facts{Window: over}, lock: ByDate},
		"after the principal's closing":      {raw: first, facts: Facts{Closed: true, Window: d.open()}, lock: BySchool},
		"bound to the same pupil and year":   {raw: first, facts: Facts{BoundPupil: bundletest.Pupil, BoundYear: "2025-2026"}},
		"bound to another pupil":             {raw: first, facts: Facts{BoundPupil: "x", BoundYear: "2025-2026"}, code: "registry.bound_to_another", action: bundle.AskAbove},
		"bound to another year":              {raw: first, facts: Facts{BoundPupil: bundletest.Pupil, BoundYear: "2024-2025"}, code: "registry.bound_to_another", action: bundle.AskAbove},
		"the pupil's year has another":       {raw: first, facts: Facts{OtherRecord: "0190c5a8-7c1e-7b3a-9d2f-3b6a5c4d7e00"}, code: "registry.pupil_has_record", action: bundle.AskAbove},
		"its code is another version's":      {raw: first, facts: Facts{CodeTaken: true}, code: "registry.code_taken", action: bundle.Reissue},
		"same number, other bytes":           {raw: first, facts: Facts{Held: held(nil), Window: d.open()}, code: "registry.version_taken", action: bundle.Reissue},
		"older than what was accepted":       {raw: second, facts: Facts{Held: held(func(h *Held) { h.Number = 4 }), Window: d.open()}, code: "registry.version_old", action: bundle.Reissue},
		"replaces something else":            {raw: second, facts: Facts{Held: held(func(h *Held) { h.SHA256 = strings.Repeat("cd", 32) }), Window: d.open()}, code: "registry.replaces", action: bundle.Reissue},
		"replaces what was never accepted":   {raw: second, facts: Facts{}, code: "registry.replaces", action: bundle.Reissue},
		"the live version is locked":         {raw: second, facts: Facts{Held: held(func(h *Held) { h.Locked = true }), Window: d.open()}, code: "registry.locked", action: bundle.AskAbove},
		"replaces before the time is open":   {raw: second, facts: Facts{Held: held(nil)}, code: "registry.time_not_open", action: bundle.AskAbove},
		"replaces when the time is over":     {raw: second, facts: Facts{Held: held(nil), Window: over}, code: "registry.time_over", action: bundle.AskAbove},
		"another school submitted it before": {raw: second, facts: Facts{Held: held(func(h *Held) { h.School = "x" }), Window: d.open()}, code: "registry.managed_elsewhere", action: bundle.AskAbove},
	} {
		t.Run(name, func(t *testing.T) {
			version := 1
			if bytes.Equal(c.raw, second) {
				version = 3
			}
			p := d.paper(bundle.Submission, func(s *bundle.Statement) { s.Records[0].Version = version }, c.raw)
			r := Decide(d.office.Examine(p, d.sender, c.raw), c.facts, d.office.Now)
			if c.code != "" {
				wantReason(t, r.Reasons(), c.code, c.action)
				return
			}
			if !r.Accepted() || r.Lock() != c.lock || r.Replaced() != c.ended {
				t.Fatalf("accepted %v, lock %q, ended %d: %v", r.Accepted(), r.Lock(), r.Replaced(), r.Reasons())
			}
		})
	}
}

func TestExamine_JudgesTheBytes(t *testing.T) {
	d := newDesk(t)
	raw := d.record(nil)
	other := d.record(func(r *bundle.Record) {
		r.General.Record, r.Content.Record = strings.Replace(bundletest.RecordID, "7c1e", "7c1f", 1), strings.Replace(bundletest.RecordID, "7c1e", "7c1f", 1)
		for i := range r.Content.Subjects {
			r.Content.Subjects[i].Record = r.General.Record
		}
	})
	altered := bytes.Replace(raw, []byte("<DIEM_KTDK>7</DIEM_KTDK>"), []byte("<DIEM_KTDK>8</DIEM_KTDK>"), 1)
	if bytes.Equal(raw, altered) {
		t.Fatal("nothing was altered")
	}
	unapproved := d.sender
	unapproved.Seals = nil
	class := func(s *bundle.Statement) { s.Class.Code = "4B" }
	track := func(s *bundle.Statement) { s.Track = school.TrackAugust }
	pupil := func(s *bundle.Statement) { s.Records[0].Pupil = "4800000000" }
	for name, c := range map[string]struct {
		listed, arrived []byte
		edit            func(*bundle.Statement)
		sender          *Sender
		code            string
		action          bundle.Action
	}{
		"altered on the way":           {raw, altered, nil, nil, "registry.bytes_differ", bundle.Resubmit},
		"altered before it was listed": {altered, altered, nil, nil, "sig.digest", bundle.Reissue},
		"not in the manifest":          {raw, other, nil, nil, "registry.unlisted", bundle.Resubmit},
		"not even XML, not listed":     {raw, []byte("?"), nil, nil, "registry.unlisted", bundle.Resubmit},
		"not even XML, listed":         {[]byte("?"), []byte("?"), nil, nil, "xml.encoding", bundle.Reissue},
		"another class":                {raw, raw, class, nil, "registry.manifest_differs", bundle.Resubmit},
		"another track":                {raw, raw, track, nil, "registry.manifest_differs", bundle.Resubmit},
		"another pupil":                {raw, raw, pupil, nil, "registry.manifest_differs", bundle.Resubmit},
		"a seal nobody approved":       {raw, raw, nil, &unapproved, "registry.seal_not_approved", bundle.AskAbove},
	} {
		t.Run(name, func(t *testing.T) {
			p := d.paper(bundle.Submission, c.edit, c.listed)
			sender := d.sender
			if c.sender != nil {
				sender = *c.sender
			}
			r := Decide(d.office.Examine(p, sender, c.arrived), Facts{}, d.office.Now)
			wantReason(t, r.Reasons(), c.code, c.action)
			if r.Accepted() {
				t.Error("accepted")
			}
		})
	}
}

func TestRead_RefusesAStatementOfAnotherHand(t *testing.T) {
	d := newDesk(t)
	raw := d.record(nil)
	sound := d.statement(bundle.Submission, nil, raw)
	stranger, unknown, late := d.sender, d.sender, d.sender
	stranger.Code = "48000102"
	unknown.Known = false
	late.Seals = []SealApproval{{Fingerprint: d.sender.Seals[0].Fingerprint, From: bundletest.At.Add(time.Second)}}
	ended := d.sender
	ended.Seals = []SealApproval{{Fingerprint: d.sender.Seals[0].Fingerprint, From: bundletest.At.AddDate(-1, 0, 0), Until: bundletest.At.AddDate(0, 0, -3)}}
	for name, c := range map[string]struct {
		raw    []byte
		sender Sender
		code   string
		action bundle.Action
	}{
		"sent by another school":      {sound, stranger, "registry.other_school", bundle.Resubmit},
		"a school nobody knows":       {sound, unknown, "registry.school_unknown", bundle.AskAbove},
		"a seal approved only later":  {sound, late, "registry.seal_not_approved", bundle.AskAbove},
		"a seal whose approval ended": {sound, ended, "registry.seal_not_approved", bundle.AskAbove},
		"a record instead":            {raw, d.sender, "registry.other_kind", bundle.Resubmit},
		"another Sở": {d.statement(bundle.Submission, func(s *bundle.Statement) { s.Department.Code = "49" }, raw), d.sender,
			"registry.other_department", bundle.Resubmit},
		"one byte changed": {bytes.Replace(sound, []byte("<DOT>1</DOT>"), []byte("<DOT>2</DOT>"), 1), d.sender, "sig.digest", bundle.Resubmit},
	} {
		t.Run(name, func(t *testing.T) {
			p := d.office.Read(bundle.Submission, c.sender, c.raw)
			wantReason(t, p.Reasons, c.code, c.action)
		})
	}
}

func TestItems_NameWhatIsInOneAndNotInTheOther(t *testing.T) {
	d := newDesk(t)
	raw := d.record(nil)
	listedID := strings.Replace(bundletest.RecordID, "7c1e", "7c20", 1)
	p := d.paper(bundle.Submission, func(s *bundle.Statement) {
		s.Records = append(s.Records, bundle.Listed{Record: listedID, Pupil: "4800000009", Version: 1, SHA256: strings.Repeat("ee", 32)})
	}, raw)
	stray := &Arrival{SHA256: strings.Repeat("12", 32)}
	answers := []Answered{
		{Arrival: d.office.Examine(p, d.sender, raw), Result: bundle.Accepted, Final: true},
		{Arrival: stray, Result: bundle.Refused},
	}
	items, reasons, final := Items(p, answers)
	if len(items) != 2 || items[0].Result != bundle.Accepted || items[1].Result != bundle.Missing || final {
		t.Errorf("items %v, final %v", items, final)
	}
	wantReason(t, reasons, "registry.missing", bundle.Resubmit)
	wantReason(t, reasons, "registry.unlisted", bundle.Resubmit)
	receipt, err := d.office.ManifestReceipt(d.receiptKey(), p, items, reasons)
	if err != nil {
		t.Fatal(err)
	}
	if r := d.read(receipt); r.Result != bundle.Accepted || r.SHA256 != p.SHA256 || r.Reasons[0].Record != listedID || len(r.Items) != 2 {
		t.Errorf("receipt %+v", r)
	}
	if _, _, final := Items(p, answers[:1]); final {
		t.Error("a manifest with a missing record is not answered for good")
	}
}

func TestRecordReceipt_HoldsTheReasonsOfAHostileFile(t *testing.T) {
	d := newDesk(t)
	raw := d.record(nil)
	p := d.paper(bundle.Submission, nil, raw)
	a := &Arrival{SHA256: hash(raw), Listed: p.Statement.Records[0]}
	a.reasons = []bundle.Reason{reason("bundle.value", bundle.Reissue, "path", "x\x00\x01\u200b "+strings.Repeat("đ", 5000))}
	xml, err := d.office.RecordReceipt(d.receiptKey(), p, a, Decide(a, Facts{}, d.office.Now))
	if err != nil {
		t.Fatal(err)
	}
	if r := d.read(xml); r.Result != bundle.Refused || r.Reasons[0].Code != "bundle.value" || r.Record != bundletest.RecordID {
		t.Errorf("receipt %+v", r)
	}
}
