package record

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/signing/xades"
	"hocba/internal/workflow"
)

// IntentLife is how long a prepared signature may wait for its value: remote
// services give a person about two minutes, a class on one authorisation more.
const IntentLife = 15 * time.Minute

// Certificate is the certificate a signature is made with. db has found it to
// be the acting person's own, or the school's seal.
type Certificate struct {
	Leaf          *x509.Certificate
	Intermediates []*x509.Certificate
}

// SealApproval is the time in which the authority's approval of a seal's
// certificate holds. The zero From is: never approved; the zero Until, which is
// the first instant without approval: no end.
type SealApproval struct {
	From  time.Time
	Until time.Time
}

// valid refuses a certificate outside its dates: record.certificate_expired.
func (c Certificate) valid(at time.Time) error {
	if c.Leaf == nil {
		return fault.New(fault.Invalid, "record.certificate_missing", "mend", "signer")
	}
	if at.Before(c.Leaf.NotBefore) || at.After(c.Leaf.NotAfter) {
		return fault.New(fault.Invalid, "record.certificate_expired",
			"from", school.DateOf(c.Leaf.NotBefore).String(), "to", school.DateOf(c.Leaf.NotAfter).String(), "mend", "signer")
	}
	return nil
}

// holds refuses a seal that is not approved at an instant: with
// record.seal_not_approved (nobody has), record.seal_not_yet (Args day, from
// which it is) or record.seal_ended (Args day, on which it ended).
func (a SealApproval) holds(at time.Time) error {
	refuse := func(code string, day time.Time) error {
		return fault.New(fault.Conflict, code, "day", school.DateOf(day).String(), "mend", "authority")
	}
	switch {
	case a.From.IsZero():
		return refuse("record.seal_not_approved", at)
	case !a.Until.IsZero() && !at.Before(a.Until):
		return refuse("record.seal_ended", a.Until)
	case at.Before(a.From):
		return refuse("record.seal_not_yet", a.From)
	}
	return nil
}

// plan is what one signature is to be: decided from the record twice, when it
// is prepared and when its value has come.
type plan struct {
	slot     Slot
	id       string // of ds:Signature
	number   int
	version  int
	signer   bundle.Teacher
	content  []byte
	refs     []xades.Reference
	issuance []byte // of an issue: the bytes of THONG_TIN_PHAT_HANH
}

// terms is what the actor brought to the act; stored with the intent, so that
// Complete decides on the same.
type terms struct {
	Shown    evaluation.Overall `json:"shown,omitempty"`
	Opened   bool               `json:"opened,omitempty"`
	Issuance bundle.Issuance    `json:"issuance"`
}

// Intent is a prepared signature that waits for its value: made by Prepare…,
// stored by db as JSON, used once, ended by Complete or by time. It is bound
// to the person, the record and the exact bytes.
type Intent struct{ i intent }

type intent struct {
	Record      string          `json:"record"`
	Act         workflow.Action `json:"act"`
	AccountID   int64           `json:"account"`
	Slot        Slot            `json:"slot"`
	Hash        string          `json:"hash"`
	Certificate string          `json:"certificate"`
	Prepared    *xades.Prepared `json:"prepared"`
	At          time.Time       `json:"at"`
	Terms       terms           `json:"terms"`
}

// MarshalJSON writes the intent for storage.
func (in *Intent) MarshalJSON() ([]byte, error) { return json.Marshal(in.i) }

// UnmarshalJSON reads a stored intent.
func (in *Intent) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &in.i) }

// Record returns MA_HOC_BA.
func (in *Intent) Record() string { return in.i.Record }

// Act returns the act the signature belongs to.
func (in *Intent) Act() workflow.Action { return in.i.Act }

// Slot returns the slot to be signed.
func (in *Intent) Slot() Slot { return in.i.Slot }

// Digest returns what the device or service is to sign: the SHA-256 of SignedInfo.
func (in *Intent) Digest() [32]byte { return in.i.Prepared.Digest() }

// Prepared returns the prepared signature, for devices that want all of it.
func (in *Intent) Prepared() *xades.Prepared { return in.i.Prepared }

// Certificate returns the SHA-256 of the certificate it was prepared for, hex.
func (in *Intent) Certificate() string { return in.i.Certificate }

// ExpiresAt returns when the intent ends.
func (in *Intent) ExpiresAt() time.Time { return in.i.At.Add(IntentLife) }

// prepare turns a plan into an intent.
func (r *Record) prepare(by By, act workflow.Action, p plan, cert Certificate, t terms) (*Intent, error) {
	if err := cert.valid(by.At); err != nil {
		return nil, err
	}
	params := xades.Params{ID: p.id, References: p.refs, Certificate: cert.Leaf, Intermediates: cert.Intermediates,
		SigningTime: by.At, Role: string(p.slot.Role())}
	if m, ok := bundle.MeaningOf(p.slot.Role()); ok {
		params.Meaning = m.Signed()
	}
	prepared, err := xades.Prepare(params)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(cert.Leaf.Raw)
	return &Intent{intent{
		Record: r.General.Record, Act: act, AccountID: by.AccountID, Slot: p.slot, Hash: hash(p.content),
		Certificate: hex.EncodeToString(sum[:]), Prepared: prepared, At: by.At, Terms: t,
	}}, nil
}

// Complete takes the signature value (DER or r‖s for ECDSA) of an intent,
// decides everything again on the record as it is now, verifies the value and
// returns the Change. It fails with the codes of the act, with sig.value, or
// with record.intent_owner (another person), record.intent_expired,
// record.intent_stale (what was to be signed has changed since).
func (r *Record) Complete(by By, in *Intent, value []byte) (Change, error) {
	switch {
	case in == nil || in.i.Prepared == nil || in.i.Record != r.General.Record:
		return Change{}, fault.New(fault.Internal, "record.state", "what", "intent")
	case in.i.AccountID != by.AccountID:
		return Change{}, fault.New(fault.Forbidden, "record.intent_owner")
	case by.At.After(in.ExpiresAt()) || by.At.Before(in.i.At):
		return Change{}, fault.New(fault.Conflict, "record.intent_expired", "mend", "signer")
	}
	p, err := r.plan(by, in.i.Act, in.i.Terms)
	if err != nil {
		return Change{}, err
	}
	if p.slot != in.i.Slot || p.id != in.i.Prepared.ID() || hash(p.content) != in.i.Hash || !covers(in.i.Prepared, p.refs) {
		return Change{}, fault.New(fault.Conflict, "record.intent_stale", "mend", "signer")
	}
	signature, err := in.i.Prepared.Complete(value)
	if err != nil {
		return Change{}, err
	}
	c := r.begin(by, in.i.Act)
	c.signatures = []Signature{{
		Slot: p.slot, Generation: r.generation(p.slot), Number: p.number, Version: p.version, Signer: p.signer,
		Content: p.content, Hash: in.i.Hash, Bytes: signature,
		Certificate: in.i.Certificate, AccountID: by.AccountID, At: in.i.At,
	}}
	if in.i.Act == workflow.Approve {
		c.signatures[0].Opened = &in.i.Terms.Opened
	}
	return r.signed(c, by, in, p)
}

// plan decides one act of signing.
func (r *Record) plan(by By, act workflow.Action, t terms) (plan, error) {
	switch act {
	case workflow.SignPart:
		return r.planPart(by)
	case workflow.SignHomeroom:
		return r.planHomeroom(by, t)
	case workflow.Approve:
		return r.planApproval(by, t)
	case workflow.Issue:
		return r.planIssue(by, t)
	}
	return plan{}, fault.New(fault.Internal, "record.state", "what", "act")
}

// signed finishes the Change of a new signature.
func (r *Record) signed(c Change, by By, in *Intent, p plan) (Change, error) {
	detail := []string{"slot", string(p.slot), "certificate", in.i.Certificate[:16], "content", in.i.Hash[:16]}
	switch in.i.Act {
	case workflow.SignPart:
		r.superseded(&c, by, p.slot)
		for _, s := range subjectsOf(p.content) {
			c.signedAgain(by, r.Returns, bundle.SubjectID(s))
		}
		return r.finish(c, by, workflow.PartSigned, append(detail, "parts", join(subjectsOf(p.content)))...)
	case workflow.SignHomeroom:
		c.signedAgain(by, r.Returns, bundle.ContentID)
		return r.finish(c, by, workflow.HomeroomSigned, detail...)
	case workflow.Approve:
		return r.finish(c, by, workflow.Approved, append(detail, "version", number(p.version), "opened", strconv.FormatBool(in.i.Terms.Opened))...)
	}
	return r.issued(c, by, in, p, detail)
}

// generation returns the number of the next signature in the slot.
func (r *Record) generation(slot Slot) int {
	last := 0
	for _, s := range r.Signatures {
		if s.Slot == slot && s.Generation > last {
			last = s.Generation
		}
	}
	return last + 1
}

// covers reports whether a prepared signature refers to these bytes.
func covers(p *xades.Prepared, refs []xades.Reference) bool {
	info := p.SignedInfo()
	for _, ref := range refs {
		if !bytes.Contains(info, []byte(` URI="`+ref.URI+`"`)) ||
			!bytes.Contains(info, []byte(">"+base64.StdEncoding.EncodeToString(ref.Digest[:])+"<")) {
			return false
		}
	}
	return true
}
