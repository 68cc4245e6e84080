// Package verify looks at the bytes of a record, a statement or a receipt and
// answers with named checks: form, structure, Ids, identity of the parts, every
// signature by slot, what it covers, role, signer, chain, order of times, and
// agreement of the content with its rule set. It believes nothing but the
// bytes and the trust list it is given; it asks no network and no database, so
// that anybody can carry it away and no vendor is needed to check a record.
//
// Each check ends as OK, Failed, Unknown (cannot be decided with what is at
// hand: ETSI's INDETERMINATE) or Skipped (not asked, because an earlier check
// failed or because it does not apply). Failed and Unknown are never mixed.
package verify

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/signing"
)

// Status is the outcome of a check and of a report.
type Status string

// The outcomes.
const (
	OK      Status = "ok"
	Failed  Status = "failed"
	Unknown Status = "unknown"
	Skipped Status = "skipped"
)

// The names of the checks, in the order of a report. Those from Signature to
// TimeStamp are repeated for each slot.
const (
	Form       = "form"       // XML we take: encoding, size, no DTD, no entities
	Structure  = "structure"  // the layout of the schema, strictly
	Unicode    = "nfc"        // text in NFC
	IDs        = "ids"        // Ids where they belong, each once
	Identity   = "identity"   // every part is of this record, pupil and year
	Slots      = "slots"      // every demanded signature is there and covers its parts once
	Signature  = "signature"  // algorithm, digests and value hold
	Coverage   = "coverage"   // it covers exactly what its slot must cover
	Role       = "role"       // it was made in the slot's role
	Meaning    = "meaning"    // the sentence signed with it is the one of that role, word for word
	Signer     = "signer"     // by the person or organisation the slot names
	Chain      = "chain"      // whose certificate counted at the signing time
	TimeStamp  = "time_stamp" // beside the signature: over it, by whom we trust, agreeing with the claimed time
	Times      = "times"      // signed in order, not in the future
	Rules      = "rules"      // the content agrees with its rule set
	Revocation = "revocation" // of certificates: needs sources outside the file
)

// Names lists the names of all checks in the order of a report.
var Names = []string{Form, Structure, Unicode, IDs, Identity, Slots, Signature, Coverage, Role, Meaning, Signer, Chain, TimeStamp, Times, Rules, Revocation}

// Check is one named check. Code and Args are those of a fault when it did not
// end OK; Slot is the Id of the signature it is about, if any.
type Check struct {
	Name   string            `json:"name"`
	Slot   string            `json:"slot,omitempty"`
	Status Status            `json:"status"`
	Code   string            `json:"code,omitempty"`
	Args   map[string]string `json:"args,omitempty"`
	Ask    string            `json:"ask,omitempty"` // whom to ask when it did not end well
}

// Signatory is what one signature says about who made it, and when.
type Signatory struct {
	Slot        string      `json:"slot"` // Id of the signature
	Role        bundle.Role `json:"role"`
	Code        string      `json:"code"` // of the person or organisation the slot names
	Name        string      `json:"name"` // as the document says
	Certificate string      `json:"certificate"`
	Holder      string      `json:"holder"` // as the certificate says
	Issuer      string      `json:"issuer"`
	Serial      string      `json:"serial,omitempty"`    // of the certificate, hex
	SignedAt    time.Time   `json:"signed_at"`           // as the signer claims
	StampedAt   time.Time   `json:"stamped_at,omitzero"` // as a time-stamp proves
	Trial       bool        `json:"trial"`               // a certificate without legal value
	Meaning     *Commitment `json:"meaning,omitempty"`   // nil: it says nothing
	Status      Status      `json:"status"`              // of all checks of this slot
}

// Report is the answer about one file. Valid is true when no check Failed or
// stayed Unknown.
type Report struct {
	SHA256  string      `json:"sha256"` // of the bytes, hex: the version's identity
	Valid   bool        `json:"valid"`
	Verdict Status      `json:"verdict"` // OK, Failed or Unknown
	Trial   bool        `json:"trial"`   // some signature has no legal value
	Checks  []Check     `json:"checks"`
	Signers []Signatory `json:"signers"`
	// ProvableUntil is how long the signatures can be proven with what is in
	// the file: afterwards certificates have ended, and time-stamps with them.
	ProvableUntil time.Time `json:"provable_until,omitzero"`
	// Paths are the chains of the signatures and time-stamps that hold.
	Paths  [][]*x509.Certificate `json:"-"`
	Record *bundle.Document      `json:"-"`               // the opened file, nil when it did not open
	Paper  *Paper                `json:"paper,omitempty"` // of a PDF
	// Transfer is the manifest of a transfer file, Members its records, receipts
	// and papers, each judged on its own; the verdict is over all of them.
	Transfer *Transferred `json:"transfer,omitempty"`
	Members  []Member     `json:"members,omitempty"`
}

// Options is what the verifier may rely on. The zero value is allowed: then no
// chain can be decided.
type Options struct {
	Trust *signing.TrustList // nil: chains stay Unknown
	Now   time.Time          // bounds claimed signing times; zero: not bounded
	// Received is when the registry is known to have had these bytes; zero: not
	// known. With time-stamps it decides over what signers claim.
	Received time.Time
	// Department is the name of the Sở whose papers and receipts are known here,
	// when it is not named as every Sở is; "": nobody's.
	Department string
	// RealStamps refuses time-stamps of a trial's authority, whose clock and key
	// are anybody's: where signatures must have legal value.
	RealStamps bool
	// Version returns the signed XML with this SHA-256 (hex), for papers; nil
	// when it is not at hand. A nil function knows none.
	Version func(sha256 string) []byte
	// Revocations asks whether certificates were revoked; nil: not asked.
	Revocations Revocations
	// Holder says whether a certificate is the slot's holder's at the instant,
	// for callers who keep registered certificates (registry, portal). A fault
	// of kind Unavailable leaves the check Unknown, any other fails it. nil:
	// only the names in certificate and document are compared.
	Holder func(slot bundle.Slot, certificate *signing.Certificate, at time.Time) error
}

// skew is how far a signer's clock may run ahead of ours.
const skew = 5 * time.Minute

// SHA256 is the identity of bytes in reports, in hex.
func SHA256(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// File checks the bytes of a record, a statement or a receipt. It never fails
// and never panics; what is wrong stands in the report.
func File(raw []byte, o Options) Report {
	sum := sha256.Sum256(raw)
	r := &run{options: o, report: Report{SHA256: hex.EncodeToString(sum[:])},
		signed: make(map[string]time.Time), chains: make(map[string]*signing.Chain)}
	if r.open(raw) {
		r.identity()
		r.slots()
		list := r.proofs()
		for i := range list {
			r.slot(&list[i])
		}
		r.report.ProvableUntil = provableUntil(list, r.chains)
		r.report.Paths = paths(list, r.chains)
		r.times()
		r.rules()
		r.revocation(list)
	}
	return r.finish()
}

// run is one verification under way.
type run struct {
	options  Options
	report   Report
	document *bundle.Document
	signed   map[string]time.Time      // signing time by slot, of signatures that hold
	chains   map[string]*signing.Chain // by slot, where one was found
}

func (r *run) add(c Check) {
	c.Ask = c.whom()
	r.report.Checks = append(r.report.Checks, c)
}

// outcome adds a check that ended with err, nil for OK.
func (r *run) outcome(name, slot string, err error) Status {
	c := Check{Name: name, Slot: slot, Status: OK}
	if err != nil {
		c.Status, c.Code = Failed, "internal"
		if f := fault.As(err); f != nil {
			c.Code, c.Args = f.Code, f.Args
			if f.Kind == fault.Unavailable {
				c.Status = Unknown
			}
		}
	}
	r.add(c)
	return c.Status
}

func (r *run) finish() Report {
	r.report.Verdict = OK
	for _, c := range r.report.Checks {
		switch {
		case c.Status == Failed:
			r.report.Verdict = Failed
		case c.Status == Unknown && r.report.Verdict == OK:
			r.report.Verdict = Unknown
		}
	}
	r.report.Valid = r.report.Verdict == OK
	if r.report.Signers == nil {
		r.report.Signers = []Signatory{} // an empty list in JSON, not null
	}
	return r.report
}

// refuse makes the fault of a failed check; undecided that of an unknown one.
func refuse(code string, args ...string) error { return fault.New(fault.Invalid, code, args...) }

func undecided(code string, args ...string) error { return fault.New(fault.Unavailable, code, args...) }
