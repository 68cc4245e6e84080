package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/pades"
)

// The checks of a paper (PDF), in the order of a report. Signer, Chain and
// TimeStamp follow PaperSeal; all but PaperForm are about the seal.
const (
	PaperForm = "paper_form" // PDF of the simple kind our papers are
	PaperLast = "paper_last" // the seal is the last thing in the file: nothing was added after it
	PaperSeal = "paper_seal" // every byte is what was sealed
	PaperText = "paper_text" // what the pages show is what the signed XML says
)

// PaperNames lists the checks of a paper in the order of a report.
var PaperNames = []string{PaperForm, PaperLast, PaperSeal, Signer, Chain, TimeStamp, PaperText, Revocation}

// PaperSlot is the slot of a paper's seal in a report.
const PaperSlot = "seal"

// Paper is what a sealed PDF says about itself.
type Paper struct {
	Version  string    `json:"version"` // SHA-256 of the signed XML it shows
	Sealer   string    `json:"sealer"`  // as the certificate says
	SealedAt time.Time `json:"sealed_at"`
}

// Any checks the bytes of a record, a statement, a receipt, a paper, or a
// transfer file.
func Any(raw []byte, o Options) Report {
	if isTransfer(raw) {
		return Transfer(raw, o)
	}
	if bytes.HasPrefix(raw, []byte("%PDF")) {
		return PDF(raw, o)
	}
	return File(raw, o)
}

// PDF checks the bytes of a sealed paper. Only the sealed revision counts: what
// was added after the seal makes it invalid, whatever a viewer shows. What the
// pages show is compared with the signed XML when Options.Version knows it.
func PDF(raw []byte, o Options) Report {
	sum := sha256.Sum256(raw)
	r := &run{options: o, report: Report{SHA256: hex.EncodeToString(sum[:])}, chains: map[string]*signing.Chain{}}
	sealed, file, err := pades.Verify(raw)
	if err != nil {
		r.paperRefused(err)
		return r.finish()
	}
	for _, name := range []string{PaperForm, PaperLast} {
		r.outcome(name, "", nil)
	}
	r.outcome(PaperSeal, PaperSlot, nil)
	r.report.Paper = &Paper{Version: sealed.Version, Sealer: sealed.Certificate.Name(), SealedAt: sealed.At}
	record, text := r.shown(sealed.Version, file)
	seal := r.paperSeal(sealed, record)
	r.add(text)
	r.revocation([]signed{seal})
	return r.finish()
}

// paperRefused names the check at which a paper failed.
func (r *run) paperRefused(err error) {
	failed := PaperSeal
	switch code := fault.CodeOf(err); code {
	case "pdf.structure", "pdf.too_large", "pdf.encrypted":
		failed = PaperForm
	case "pdf.after_seal":
		failed = PaperLast
	}
	for _, name := range PaperNames {
		switch {
		case name == failed:
			r.outcome(name, "", err)
		case name == PaperForm:
			r.outcome(name, "", nil)
		default:
			r.add(Check{Name: name, Status: Skipped})
		}
	}
}

// paperSeal judges who sealed, and when, by the checks of a slot.
func (r *run) paperSeal(sealed *pades.Sealed, record *bundle.Record) signed {
	s := &signed{slot: bundle.Slot{Role: bundle.Registry, ID: PaperSlot}, verified: sealVerified(sealed),
		certificate: sealed.Certificate, proven: r.options.Now}
	if sealed.Stamp != nil {
		s.token = sealed.Stamp
		s.checkStamp(sealed.Imprint, r.options)
	}
	if at := earliest(r.options.Received, s.stampTime()); !at.IsZero() {
		s.proven, s.byFact, s.provable = at, true, s.stampUntil()
	}
	who := Signatory{Slot: PaperSlot, Role: bundle.Registry, Certificate: s.certificate.Fingerprint(), Holder: s.certificate.Name(),
		Issuer: s.certificate.Issuer(), Serial: s.certificate.Serial(), SignedAt: sealed.At, StampedAt: s.stampTime(), Trial: s.certificate.Trial()}
	if record != nil {
		s.slot.Holder, s.slot.HolderName = record.General.Department.Code, record.General.Department.Name
		who.Code, who.Name = s.slot.Holder, s.slot.HolderName
	}
	from := len(r.report.Checks)
	r.outcome(Signer, PaperSlot, r.sealer(s))
	chain, err := r.chain(s)
	r.outcome(Chain, PaperSlot, err)
	if chain != nil {
		r.chains[PaperSlot], who.Trial = chain, who.Trial || chain.Trial
	}
	r.timeStamp(s)
	who.Status = worst(r.report.Checks[from:])
	r.report.Trial = who.Trial || s.stamp != nil && s.stamp.Trial
	r.report.Signers = []Signatory{who}
	r.report.ProvableUntil = provableUntil([]signed{*s}, r.chains)
	return *s
}

// sealer demands the certificate of a Sở, of that which the record says when
// the record is at hand.
func (r *run) sealer(s *signed) error {
	if s.certificate.TaxCode() == "" {
		return refuse("verify.not_a_seal", "holder", s.certificate.Name())
	}
	if of := s.slot.HolderName; of != "" && !named(bundle.Registry, of, s.certificate) {
		return refuse("verify.other_signer", "holder", s.certificate.Name(), "expected", of)
	}
	return r.department(s.certificate)
}

// shown compares the visible text with the signed XML.
func (r *run) shown(version string, file *pades.File) (*bundle.Record, Check) {
	c := Check{Name: PaperText, Status: OK}
	if r.options.Version == nil {
		return nil, Check{Name: PaperText, Status: Skipped, Code: "verify.paper_alone"}
	}
	xml := r.options.Version(version)
	if xml == nil {
		return nil, Check{Name: PaperText, Status: Skipped, Code: "verify.paper_alone"}
	}
	document, err := bundle.Open(xml)
	if err != nil || document.Record == nil {
		return nil, Check{Name: PaperText, Status: Unknown, Code: "verify.paper_version"}
	}
	if err := PaperShows(file, document.Record); err != nil {
		c.Status, c.Code, c.Args = Failed, fault.CodeOf(err), fault.As(err).Args
	}
	return document.Record, c
}

// PaperShows compares what the pages of a paper show with a record: who it is
// about, code and version, and every result with its row. It fails with Invalid
// verify.paper_differs (Args part) or pdf.text.
func PaperShows(file *pades.File, record *bundle.Record) error {
	text, err := file.Text()
	if err != nil {
		return err
	}
	rest := text
	for _, part := range shownParts(record) {
		if part.anywhere {
			if !strings.Contains(text, part.text()) {
				return refuse("verify.paper_differs", "part", part.name)
			}
			continue
		}
		i := strings.Index(rest, part.text())
		if i < 0 {
			return refuse("verify.paper_differs", "part", part.name)
		}
		rest = rest[i:]
	}
	return nil
}

// shownPart is something the paper must show; those not anywhere follow one
// another.
type shownPart struct {
	name     string
	words    []string
	anywhere bool
}

// text is what is looked for: without blanks, as pades.File.Text has it.
func (p shownPart) text() string {
	return strings.Join(strings.Fields(strings.Join(p.words, "")), "")
}

func shownParts(record *bundle.Record) []shownPart {
	g, c := record.General, record.Content
	code := string(record.Issuance.Code)
	if len(code) == 12 {
		code = code[:4] + "-" + code[4:8] + "-" + code[8:]
	}
	out := []shownPart{
		{name: "MA_TRA_CUU", words: []string{code}, anywhere: true},
		{name: "HO_TEN", words: []string{c.Pupil.Name, "·Lớp", c.Class.Name, "·Nămhọc", g.Year.Vietnamese()}, anywhere: true},
		{name: "NGAY_SINH", words: []string{c.Pupil.Birth.Vietnamese()}, anywhere: true},
		{name: "TRUONG", words: []string{g.School.Name}, anywhere: true},
	}
	for _, s := range c.Subjects {
		out = append(out, shownSubject(s, languageOf(s, c.Class)))
	}
	for _, group := range []bundle.Group{c.Qualities, c.General, c.Specific} {
		for _, t := range group.Traits {
			words := []string{traitName(t.Item), t.Level}
			if firstOfGroup(t.Item) {
				words = append(words, group.Remark)
			}
			out = append(out, shownPart{name: t.Item, words: words})
		}
		if group.Remark != "" { // the form may have put it into a row without a level
			out = append(out, shownPart{name: "NHAN_XET", words: []string{group.Remark}, anywhere: true})
		}
	}
	if name := overallName(c.Overall); name != "" {
		out = append(out, shownPart{name: "DANH_GIA_KQGD", words: []string{"4.Đánhgiákếtquảgiáodục:", name}})
	}
	return out
}

func shownSubject(s bundle.Subject, language string) shownPart {
	words := []string{s.Subject.Name()}
	if language != "" {
		words = append(words, "("+language+")")
	}
	if s.Exempt {
		words = append(words, "Miễn")
	}
	words = append(words, s.Level)
	if s.Mark != nil {
		words = append(words, strconv.Itoa(*s.Mark))
	}
	return shownPart{name: bundle.SubjectID(s.Subject), words: append(words, s.Remark)}
}
