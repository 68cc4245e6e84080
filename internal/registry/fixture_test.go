package registry

import (
	"strings"
	"sync"
	"testing"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/school"
	"hocba/internal/signing/software"
	"hocba/internal/verify"
)

// cast is made once: its keys cost most of a test.
var cast = sync.OnceValues(bundletest.NewCast)

// desk is an office with the sample's school before it.
type desk struct {
	t      *testing.T
	cast   *bundletest.Cast
	office Office
	sender Sender
}

func newDesk(t *testing.T) desk {
	t.Helper()
	c, err := cast()
	if err != nil {
		t.Fatal(err)
	}
	trust, err := c.Trust()
	if err != nil {
		t.Fatal(err)
	}
	seal := c.Members[bundletest.School].Certificate
	return desk{t, c,
		Office{Department: bundletest.Record().General.Department, Trust: trust, Now: bundletest.At.Add(time.Hour)},
		Sender{Code: bundletest.School, Known: true, Seals: []SealApproval{{Fingerprint: seal.Fingerprint(), From: seal.NotBefore()}}}}
}

// record issues the sample record, changed by edit.
func (d desk) record(edit func(*bundle.Record)) []byte {
	d.t.Helper()
	r := bundletest.Record()
	if edit != nil {
		edit(&r)
	}
	raw, err := d.cast.Issue(r)
	if err != nil {
		d.t.Fatalf("issue: %v", err)
	}
	return raw
}

// statement seals a statement of a kind that names these records as the sample
// does.
func (d desk) statement(kind bundle.StatementKind, edit func(*bundle.Statement), records ...[]byte) []byte {
	d.t.Helper()
	s := bundletest.Statement(kind)
	if kind != bundle.Recall && kind != bundle.Request {
		s.Records, s.Absent = nil, nil
		for _, raw := range records {
			s.Records = append(s.Records, bundle.Listed{Record: bundletest.RecordID, Pupil: bundletest.Pupil, Version: 1, SHA256: hash(raw)})
		}
	} else {
		s.About.SHA256 = hash(records[0])
	}
	if edit != nil {
		edit(&s)
	}
	raw, err := d.cast.SignStatement(s, bundletest.Plan{})
	if err != nil {
		d.t.Fatalf("seal: %v", err)
	}
	return raw
}

// paper reads a manifest that must be taken.
func (d desk) paper(kind bundle.StatementKind, edit func(*bundle.Statement), records ...[]byte) *Paper {
	d.t.Helper()
	p := d.office.Read(kind, d.sender, d.statement(kind, edit, records...))
	if p.Refused() {
		d.t.Fatalf("statement refused: %v", p.Reasons)
	}
	return p
}

// open is a time that is open when the sample is judged.
func (d desk) open() Window {
	return Window{Opens: d.office.Now.Add(-time.Hour), Ends: d.office.Now.Add(time.Hour)}
}

func wantReason(t *testing.T, reasons []bundle.Reason, code string, action bundle.Action) {
	t.Helper()
	for i, r := range reasons {
		if r.Number != i+1 {
			t.Errorf("reason %d is numbered %d", i+1, r.Number)
		}
		if r.Code == code {
			if r.Action != action {
				t.Errorf("%s says %s, want %s", code, r.Action, action)
			}
			return
		}
	}
	t.Errorf("no reason %s in %v", code, reasons)
}

// receiptKey is the sample's receipt key as the registry keeps it.
func (d desk) receiptKey() *ReceiptKey {
	d.t.Helper()
	secret, err := software.NewSecret(strings.NewReader(strings.Repeat("s", 32)))
	if err != nil {
		d.t.Fatal(err)
	}
	m := d.cast.Members[bundletest.Department]
	blob, err := SealReceiptKey(secret, m.Key)
	if err != nil {
		d.t.Fatal(err)
	}
	key, err := OpenReceiptKey(secret, m.Certificate, blob)
	if err != nil {
		d.t.Fatal(err)
	}
	return key
}

// read verifies a receipt as any stranger would.
func (d desk) read(xml []byte) *bundle.Receipt {
	d.t.Helper()
	report := verify.File(xml, verify.Options{Trust: d.office.Trust, Now: d.office.Now})
	if !report.Valid || report.Record.Receipt == nil {
		d.t.Fatalf("receipt does not verify: %+v", report.Checks)
	}
	return report.Record.Receipt
}

var closingDay = school.Date{Year: 2026, Month: time.June, Day: 30}
