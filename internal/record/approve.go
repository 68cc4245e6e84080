package record

import (
	"bytes"
	"io"
	"sort"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/signing/xades"
	"hocba/internal/workflow"
)

// titles are the capacities in which the two roles approve.
var titles = map[workflow.Role]bundle.Title{
	workflow.Principal: bundle.HeadTeacher,
	workflow.Deputy:    bundle.DeputyForHead,
}

// PrepareApproval begins the principal's signature over all data and the
// signatures before it (row 9). opened says that the principal has opened the
// record since it last changed; a flagged one must have been. It fails with
// record.missing_part_signature, record.homeroom_not_live, record.not_opened,
// record.no_staff_code, record.already_signed, or the codes of the table.
func (r *Record) PrepareApproval(by By, cert Certificate, opened bool) (*Intent, error) {
	t := terms{Opened: opened}
	p, err := r.planApproval(by, t)
	if err != nil {
		return nil, err
	}
	return r.prepare(by, workflow.Approve, p, cert, t)
}

func (r *Record) planApproval(by By, t terms) (plan, error) {
	if s := r.liveIn(bundle.Approval); s != nil && s.AccountID == by.AccountID && !r.foreign(by) {
		return plan{}, fault.New(fault.Conflict, "record.already_signed", "slot", string(ApprovalSlot), "at", school.DateOf(s.At).String())
	}
	if err := r.check(by, workflow.Approve); err != nil {
		return plan{}, err
	}
	if err := r.missingSignatures(); err != nil {
		return plan{}, err
	}
	home := r.liveIn(bundle.Homeroom)
	switch {
	case home == nil:
		return plan{}, fault.New(fault.Conflict, "record.homeroom_not_live", "teacher", r.Class.Homeroom.Name, "mend", "homeroom")
	case r.Flagged && !t.Opened:
		return plan{}, fault.New(fault.Conflict, "record.not_opened", "mend", "principal")
	case by.TeacherCode == "":
		return plan{}, fault.New(fault.Invalid, "record.no_staff_code", "mend", "school_admin")
	}
	approver := bundle.Approver{Code: by.TeacherCode, Name: by.Name, Title: titles[by.Role]}
	data, err := r.data(approver, home.Content)
	if err != nil {
		return plan{}, err
	}
	refs, err := bundle.ApprovalReferences(data, valuesOf(r.earlier()))
	if err != nil {
		return plan{}, err
	}
	return plan{slot: ApprovalSlot, id: bundle.ApprovalSignatureID, version: r.nextVersion(),
		signer:  bundle.Teacher{Code: approver.Code, Name: approver.Name},
		content: data, refs: refs}, nil
}

// earlier returns the live signatures that principal and seal countersign:
// the subject teachers' by slot number, then the homeroom teacher's.
func (r *Record) earlier() []Signature {
	var out []Signature
	for _, s := range r.standing(bundle.SubjectTeacher) {
		if r.Live(s) {
			out = append(out, s)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Number < out[j].Number })
	if home := r.liveIn(bundle.Homeroom); home != nil {
		out = append(out, *home)
	}
	return out
}

func valuesOf(signatures []Signature) [][]byte {
	out := make([][]byte, len(signatures))
	for i, s := range signatures {
		out[i] = s.Bytes
	}
	return out
}

// WithdrawApproval takes the approval back before it is issued (row 10).
func (r *Record) WithdrawApproval(by By) (Change, error) {
	if err := r.check(by, workflow.WithdrawApproval); err != nil {
		return Change{}, err
	}
	return r.withdraw(by, workflow.WithdrawApproval, ApprovalSlot, "")
}

// PrepareIssue begins the seal's signature (row 11): it mints the version's
// look-up code from random and names day and place of issue. It fails with
// record.already_issued (Args version: the act was done before, which is no
// error of a second click), record.approval_not_live, or the codes of the
// table and of the seal's approval (By.Seal): record.seal_not_approved,
// record.seal_not_yet, record.seal_ended. Complete asks for the approval again.
func (r *Record) PrepareIssue(by By, seal Certificate, place string, random io.Reader) (*Intent, error) {
	if err := r.mayIssue(by); err != nil {
		return nil, err
	}
	code, err := bundle.NewCode(random)
	if err != nil {
		return nil, err
	}
	t := terms{Issuance: bundle.Issuance{Code: code, Date: school.DateOf(by.At), Place: school.CleanLine(place)}}
	p, err := r.planIssue(by, t)
	if err != nil {
		return nil, err
	}
	return r.prepare(by, workflow.Issue, p, seal, t)
}

// mayIssue checks row 11. A record that has its version already answers so,
// for a double click and for a batch that goes on after a stop.
func (r *Record) mayIssue(by By) error {
	if last := r.lastVersion(); last != nil && !r.Stage.BeforeIssue() && !r.foreign(by) && titles[by.Role] != "" {
		return fault.New(fault.Conflict, "record.already_issued", "version", number(last.Number), "stage", string(r.Stage))
	}
	if err := r.check(by, workflow.Issue); err != nil {
		return err
	}
	if r.liveIn(bundle.Approval) == nil {
		return fault.New(fault.Conflict, "record.approval_not_live", "mend", "principal")
	}
	return nil
}

func (r *Record) planIssue(by By, t terms) (plan, error) {
	if err := r.mayIssue(by); err != nil {
		return plan{}, err
	}
	if err := by.Seal.holds(by.At); err != nil {
		return plan{}, err
	}
	approval := r.liveIn(bundle.Approval)
	issuance, err := bundle.WriteIssuance(t.Issuance)
	if err != nil {
		return plan{}, err
	}
	refs, err := bundle.SealReferences(approval.Content, issuance, valuesOf(append(r.earlier(), *approval)))
	if err != nil {
		return plan{}, err
	}
	return plan{slot: SealSlot, id: bundle.SealSignatureID, version: approval.Version, issuance: issuance,
		signer:  bundle.Teacher{Code: r.General.School.Code, Name: r.General.School.Name},
		content: append(bytes.Clone(approval.Content), issuance...), refs: refs}, nil
}

// issued puts the version together and verifies every signature in it once
// more, so that nothing is issued that a stranger would refuse.
func (r *Record) issued(c Change, by By, in *Intent, p plan, detail []string) (Change, error) {
	approval := r.liveIn(bundle.Approval)
	live, stamped := append(r.earlier(), *approval, c.signatures[0]), map[Slot][]byte{}
	for _, s := range live {
		var err error
		if stamped[s.Slot], err = by.stamped(s.Bytes); err != nil {
			return Change{}, err
		}
	}
	pieces := bundle.Pieces{Data: approval.Content, Approval: stamped[ApprovalSlot], Issuance: p.issuance, Seal: stamped[SealSlot]}
	for _, s := range r.earlier() {
		if s.Slot == HomeroomSlot {
			pieces.Homeroom = stamped[s.Slot]
			continue
		}
		pieces.Teachers = append(pieces.Teachers, bundle.TeacherSignature{Number: s.Number, Teacher: s.Signer.Code, Signature: stamped[s.Slot]})
	}
	raw, err := bundle.Assemble(pieces)
	if err != nil {
		return Change{}, err
	}
	if err := verify(raw); err != nil {
		return Change{}, err
	}
	v := Version{Number: p.version, SHA256: hash(raw), Code: in.i.Terms.Issuance.Code, IssuedAt: in.i.At, Standing: StandIssued, Bytes: raw}
	c.versions = []Version{v}
	c.events = []Event{{Version: v.Number, Kind: StandIssued, AccountID: by.AccountID, At: by.At}}
	return r.finish(c, by, workflow.Issued, append(detail, "version", number(v.Number), "sha256", v.SHA256)...)
}

// stamped puts the time-stamp of a signature beside it, when there is one.
func (by By) stamped(signature []byte) ([]byte, error) {
	if len(by.Stamps) == 0 {
		return signature, nil
	}
	imprint, err := xades.StampImprint(signature)
	if err != nil {
		return nil, err
	}
	token, ok := by.Stamps[imprint]
	if !ok {
		return signature, nil
	}
	return xades.WithStamp(signature, token)
}

// BeforeSeal returns the live signatures that the seal countersigns, in the
// order of their slots.
func (r *Record) BeforeSeal() []Signature {
	out := r.earlier()
	if approval := r.liveIn(bundle.Approval); approval != nil {
		out = append(out, *approval)
	}
	return out
}

// verify checks every slot of an assembled version: the signature, and that it
// covers exactly what the slot demands. Chains and trust are not looked at.
func verify(raw []byte) error {
	doc, err := bundle.Open(raw)
	if err != nil {
		return err
	}
	for _, slot := range doc.Slots {
		v, err := xades.Verify(doc.XML, slot.Signature)
		if err != nil {
			return fault.Wrap(err, fault.Internal, "record.issue_unsound", "slot", slot.ID)
		}
		if len(v.Covered) != len(slot.Covers) || v.Role != string(slot.Role) || bundle.CheckMeaning(slot.Role, v.Meaning) != nil {
			return fault.New(fault.Internal, "record.issue_unsound", "slot", slot.ID)
		}
		for i, el := range slot.Covers {
			if v.Covered[i] != el {
				return fault.New(fault.Internal, "record.issue_unsound", "slot", slot.ID)
			}
		}
	}
	return nil
}
