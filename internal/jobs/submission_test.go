package jobs_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/registry"
	"hocba/internal/verify"
	"hocba/internal/workflow"
)

// newChain seats the cast with keys in a database of the test's own.
func newChain(t *testing.T) *jobstest.Chain {
	t.Helper()
	d := dbtest.New(t)
	return jobstest.New(t, d, dbtest.NewCast(t, d))
}

// as runs fn on the school side.
func as(t testing.TB, c *jobstest.Chain, actor workflow.Actor, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := c.D.As(t.Context(), actor, fn); err != nil {
		t.Fatal(err)
	}
}

// stages counts the class's records by stage.
func stages(t *testing.T, c *jobstest.Chain) map[workflow.Stage]int {
	t.Helper()
	out := map[workflow.Stage]int{}
	as(t, c, c.Cast.Principal, func(tx *db.Tx) error {
		rows, err := tx.ClassVersions(t.Context(), c.Cast.Class.ID)
		for _, r := range rows {
			out[r.Stage]++
		}
		return err
	})
	return out
}

// message is the last NOP of the class as it went over the wire.
func message(t testing.TB, c *jobstest.Chain) (m registry.Submission, sha string) {
	t.Helper()
	as(t, c, c.Cast.Principal, func(tx *db.Tx) error {
		list, err := tx.Statements(t.Context(), dbtest.Year, c.Cast.Class.ID, bundle.Submission)
		if err != nil || len(list) == 0 {
			t.Fatalf("no statement: %v", err)
		}
		m.School, m.Statement, sha = list[0].School, list[0].XML, hex.EncodeToString(list[0].SHA256)
		sent, err := tx.StatementVersions(t.Context(), list[0].ID, true)
		for _, v := range sent {
			m.Records = append(m.Records, v.XML)
		}
		return err
	})
	return m, sha
}

// receipt verifies a receipt as any stranger would.
func receipt(t *testing.T, c *jobstest.Chain, xml []byte) *bundle.Receipt {
	t.Helper()
	report := verify.File(xml, verify.Options{Trust: c.Trust(), Now: c.D.Clock.Now()})
	if !report.Valid || report.Record.Receipt == nil {
		t.Fatalf("receipt does not verify: %+v", report.Checks)
	}
	return report.Record.Receipt
}

// progress are the registry's counts of class 4A.
func progress(t *testing.T, c *jobstest.Chain) (accepted, locked, refused int) {
	t.Helper()
	row := c.D.Owner().QueryRow(`SELECT accepted, locked, refused FROM registry.class_progress WHERE school_code = $1 AND class_code = '4A'`,
		c.Cast.School.Code)
	if err := row.Scan(&accepted, &locked, &refused); err != nil {
		t.Fatal(err)
	}
	return accepted, locked, refused
}

func TestSend_ReceiptsForEveryRecordAndTheSameAgain(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Submit(t)
	if got := stages(t, c); got[workflow.Accepted] != len(c.Records) {
		t.Fatalf("stages %v", got)
	}
	if a, l, r := progress(t, c); a != 8 || l != 0 || r != 0 {
		t.Errorf("counts %d %d %d", a, l, r)
	}
	m, sha := message(t, c)
	first, err := c.Registrar().Status(t.Context(), m.School, sha)
	if err != nil || len(first.Records) != 8 {
		t.Fatalf("status: %d receipts, %v", len(first.Records), err)
	}
	c.D.Clock.Advance(24 * time.Hour)
	slices.Reverse(m.Records)
	again, err := c.Registrar().Submit(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(again.Records)
	if !bytes.Equal(first.Receipt, again.Receipt) || !slices.EqualFunc(first.Records, again.Records, bytes.Equal) {
		t.Error("the same submission was answered otherwise")
	}
	for i, xml := range append([][]byte{first.Receipt}, first.Records...) {
		r := receipt(t, c, xml)
		if r.Result != bundle.Accepted || r.Department.Name != c.Cast.Department.Name || (i > 0) != (r.Of == bundle.ReceiptOfRecord) {
			t.Errorf("receipt %d: %+v", i, r)
		}
	}
	var versions, events, kept int
	row := c.D.Owner().QueryRow(`SELECT (SELECT count(*) FROM registry.version), (SELECT count(*) FROM registry.version_event),
		(SELECT count(*) FROM school.receipt)`)
	if err := row.Scan(&versions, &events, &kept); err != nil || versions != 8 || events != 8 || kept != 9 {
		t.Errorf("%d versions, %d events, %d receipts at the school: %v", versions, events, kept, err)
	}
}

func TestSubmit_NamesWhatIsMissingAlteredAndUnlisted(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Issue(t)
	lost := &interrupted{Client: c.Registrar()}
	s := jobs.Submission{DB: c.D.DB, Registry: lost}
	if _, err := s.Send(t.Context(), c.Cast.Principal, c.June(), nil, c.Seal()); !fault.Is(err, "test.cut") {
		t.Fatalf("sent through a cut line: %v", err)
	}
	m, _ := message(t, c)
	sound := m.Records
	altered := bytes.Replace(sound[1], []byte("<DIEM_KTDK>10</DIEM_KTDK>"), []byte("<DIEM_KTDK>9</DIEM_KTDK>"), 1)
	m.Records = append([][]byte{altered, []byte("<x/>")}, sound[2:]...)
	answer, err := c.Registrar().Submit(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	manifest := receipt(t, c, answer.Receipt)
	results := map[bundle.Result]int{}
	for _, item := range manifest.Items {
		results[item.Result]++
	}
	if results[bundle.Accepted] != 6 || results[bundle.Missing] != 1 || results[bundle.Refused] != 1 {
		t.Errorf("items %v", results)
	}
	var codes []string
	for _, r := range manifest.Reasons {
		codes = append(codes, r.Code)
	}
	if !slices.Contains(codes, "registry.missing") || !slices.Contains(codes, "registry.unlisted") {
		t.Errorf("manifest's reasons %v", codes)
	}
	if r := receipt(t, c, answer.Records[0]); r.Result != bundle.Refused || r.Reasons[0].Code != "registry.bytes_differ" || r.Record == "" {
		t.Errorf("altered record: %+v", r)
	}
	if a, _, refused := progress(t, c); a != 6 || refused != 1 {
		t.Errorf("counts %d accepted, %d refused", a, refused)
	}
	// The school still waits for its answer, and sends what it sealed.
	if err := c.Submission().Resume(t.Context(), c.Cast.School.ID); err != nil {
		t.Fatal(err)
	}
	if got := stages(t, c); got[workflow.Accepted] != 8 {
		t.Errorf("stages %v", got)
	}
	if a, _, refused := progress(t, c); a != 8 || refused != 0 {
		t.Errorf("after resending: %d accepted, %d refused", a, refused)
	}
}

// interrupted loses every call.
type interrupted struct{ registry.Client }

func (*interrupted) Submit(context.Context, registry.Submission) (registry.Answer, error) {
	return registry.Answer{}, fault.New(fault.Unavailable, "test.cut")
}

func TestSend_ByPreparationAndOnlyByThePrincipal(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Issue(t)
	s := c.Submission()
	p, err := s.Preflight(t.Context(), c.Cast.Admin, c.June())
	if err != nil || len(p.Ready) != 8 || len(p.Blocked) != 0 || p.Prepared {
		t.Fatalf("preflight: %d ready, %d blocked, %v", len(p.Ready), len(p.Blocked), err)
	}
	if err := s.Prepare(t.Context(), c.Cast.Admin, c.June(), []int64{p.Ready[2].VersionID, p.Ready[5].VersionID}); err != nil {
		t.Fatal(err)
	}
	for name, actor := range map[string]workflow.Actor{"administrator": c.Cast.Admin, "teacher": c.Cast.Huong,
		"deputy without delegation": c.Cast.Deputy, "another school's principal": c.Cast.OtherPrincipal} {
		if _, err := s.Send(t.Context(), actor, c.June(), nil, c.Seal()); err == nil {
			t.Errorf("%s sent the class", name)
		}
	}
	if _, err := s.Send(t.Context(), c.Cast.Principal, c.June(), nil, jobs.Pen{}); !fault.Is(err, "key.locked") {
		t.Errorf("sent without the seal: %v", err)
	}
	if _, err := s.Send(t.Context(), c.Cast.Principal, c.June(), nil, c.Seal()); err != nil {
		t.Fatal(err)
	}
	if got := stages(t, c); got[workflow.Accepted] != 2 || got[workflow.Issued] != 6 {
		t.Errorf("stages %v", got)
	}
	p, err = s.Preflight(t.Context(), c.Cast.Principal, c.June())
	if err != nil || len(p.Ready) != 6 || len(p.Blocked) != 2 || p.Blocked[0].Fault.Code != "submission.accepted_already" || p.Prepared {
		t.Errorf("afterwards %d ready, %d blocked: %v", len(p.Ready), len(p.Blocked), err)
	}
}

func TestSend_WithASealOfAnotherSchoolIsRefusedByName(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Issue(t)
	id, err := c.Submission().Send(t.Context(), c.Cast.Principal, c.June(), nil, c.OtherSeal())
	if err != nil {
		t.Fatal(err)
	}
	as(t, c, c.Cast.Principal, func(tx *db.Tx) error {
		st, err := tx.Statement(t.Context(), id)
		if st.Result != bundle.Refused {
			t.Errorf("statement %+v", st.Result)
		}
		return err
	})
	if got := stages(t, c); got[workflow.Refused] != 8 {
		t.Errorf("stages %v", got)
	}
	// Refused for what a new manifest mends: the principal sends again.
	if _, err := c.Submission().Send(t.Context(), c.Cast.Principal, c.June(), nil, c.Seal()); err != nil {
		t.Fatal(err)
	}
	if got := stages(t, c); got[workflow.Accepted] != 8 {
		t.Errorf("stages %v", got)
	}
}
