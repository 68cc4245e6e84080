package bundle

import (
	"strconv"
	"time"

	"hocba/internal/school"
)

// StatementKind is what a school declares under its seal. The value is the
// root element's name and stands inside the signed content, too.
type StatementKind string

// The kinds of statement.
const (
	Submission StatementKind = "NOP"     // manifest of what is submitted of a class
	Recall     StatementKind = "THU_HOI" // one accepted record is taken back before the lock
	Closing    StatementKind = "CHOT"    // class and track are closed (seed Điều 4.3)
	// Request asks the authority to revoke one locked record (seed Điều 4.3).
	Request StatementKind = "DE_NGHI_THU_HOI"
)

// Statement is a small document under the school's seal, sent by the
// principal. Class, Track and Records belong to NOP and CHOT, Absent to CHOT,
// About and Reason to THU_HOI and DE_NGHI_THU_HOI, Evidence to the latter.
type Statement struct {
	Kind       StatementKind
	ID         string // MA_PHIEU: UUID
	Year       school.Year
	Department Unit // SO
	School     Unit // TRUONG
	Sender     Teacher
	Time       time.Time // THOI_DIEM, whole seconds
	Class      Unit      // LOP: code and name
	Track      school.Track
	Records    []Listed
	Absent     []Absentee
	About      Listed // the version to be recalled or revoked
	Reason     string
	Evidence   string // CAN_CU: number and day of a decision, what was compared
}

// Listed names one version of one record.
type Listed struct {
	Record  string // MA_HOC_BA
	Pupil   string // MA_HOC_SINH
	Version int
	SHA256  string // of the version's bytes, hex
}

// AbsenceReason says why a pupil of the class has no record in a closing.
type AbsenceReason string

// The reasons.
const (
	NotComplete AbsenceReason = "chua_hoan_thanh" // waits for the summer re-assessment
	PaperBook   AbsenceReason = "hoc_ba_giay"     // the class keeps paper books
	MovedAway   AbsenceReason = "chuyen_di"
)

// Absentee is a pupil of the class without a record in this track.
type Absentee struct {
	Pupil  string // MA_HOC_SINH
	Name   string
	Reason AbsenceReason
}

// ReceiptOf says what a receipt answers.
type ReceiptOf string

// What receipts answer: one record, or a statement of each kind.
const (
	ReceiptOfRecord     ReceiptOf = "HOC_BA"
	ReceiptOfSubmission ReceiptOf = "NOP"
	ReceiptOfRecall     ReceiptOf = "THU_HOI"
	ReceiptOfClosing    ReceiptOf = "CHOT"
	ReceiptOfRequest    ReceiptOf = "DE_NGHI_THU_HOI" // the request has arrived; the decision is an event
)

// Result is the registry's answer; a manifest's items may also be Missing
// (listed, did not arrive) or Unlisted (arrived, not listed).
type Result string

// The results.
const (
	Accepted Result = "accepted"
	Refused  Result = "refused"
	Missing  Result = "missing"
	Unlisted Result = "unlisted"
)

// Action is what the school can do about a reason.
type Action string

// The actions.
const (
	Resubmit Action = "resubmit"  // send the same again, later or completed
	Reissue  Action = "reissue"   // correct, sign and issue a new version
	AskAbove Action = "authority" // only the authority can mend it
)

// Receipt is the registry's signed answer about exact bytes.
type Receipt struct {
	ID         string // MA_BIEN_NHAN: UUID
	Department Unit   // SO: whose registry answers
	School     string // MA_TRUONG
	Of         ReceiptOf
	SHA256     string // of the bytes received, hex
	Statement  string // MA_PHIEU: the statement answered, or with which the record came; or ""
	Record     string // MA_HOC_BA: of a record, recall or request; "" when the bytes did not say
	Version    int    // PHIEN_BAN with Record, else 0
	Time       time.Time
	Result     Result
	Reasons    []Reason
	Items      []ReceiptItem // of a manifest: the records named in it or come with it
}

// Reason is a numbered reason of a refusal. Code and arguments are those of a
// fault; people read the words that views/words holds for it.
type Reason struct {
	Number int // from 1
	Code   string
	Action Action
	Record string // MA_HOC_BA it is about, or ""
	Args   []Argument
}

// Argument fills a placeholder of a reason's sentence.
type Argument struct{ Name, Value string }

// ReceiptItem is what became of one record of a manifest.
type ReceiptItem struct {
	Record  string
	Version int
	SHA256  string
	Result  Result
}

const maxListed = 2000

var (
	kAbsence    = oneOf("LY_DO_CHUA_CO", NotComplete, PaperBook, MovedAway)
	kReceiptOf  = oneOf("DOI_TUONG", ReceiptOfRecord, ReceiptOfSubmission, ReceiptOfRecall, ReceiptOfClosing, ReceiptOfRequest)
	kResult     = oneOf("KET_QUA", Accepted, Refused)
	kItemResult = oneOf("KET_QUA_MUC", Accepted, Refused, Missing, Unlisted)
	kAction     = oneOf("HANH_DONG", Resubmit, Reissue, AskAbove)
	kReason     = pattern("MA_LY_DO", `[a-z][a-z0-9_.]{0,63}`)
	kArgument   = pattern("TEN_THAM_SO", `[a-z][a-z0-9_]{0,31}`)
)

func (s *Statement) walk(w *walk) {
	w.element("NOI_DUNG_PHIEU", []attribute{id(StatementID), fixed("LOAI", string(s.Kind))}, func() {
		text(w, "MA_PHIEU", &s.ID, kUUID)
		text(w, "NAM_HOC", &s.Year, kYear)
		s.Department.walk(w, "SO")
		s.School.walk(w, "TRUONG")
		w.element("NGUOI_GUI", nil, func() {
			text(w, "MA_CAN_BO", &s.Sender.Code, kCode)
			text(w, "HO_TEN", &s.Sender.Name, kName)
		})
		w.instant("THOI_DIEM", &s.Time)
		switch s.Kind {
		case Recall, Request:
			w.element("HOC_BA", nil, func() { s.About.walk(w) })
			text(w, "LY_DO", &s.Reason, kRemark)
			if s.Kind == Request {
				text(w, "CAN_CU", &s.Evidence, kRemark)
			}
		default:
			s.list(w)
		}
	})
}

// list walks what NOP and CHOT have in common, and CHOT's list of pupils.
func (s *Statement) list(w *walk) {
	w.element("LOP", nil, func() {
		text(w, "MA", &s.Class.Code, kLabel)
		text(w, "TEN", &s.Class.Name, kLabel)
	})
	w.number("DOT", (*int)(&s.Track), 1, 2)
	count := len(s.Records)
	w.number("SO_LUONG", &count, 0, maxListed)
	w.element("DANH_SACH_HOC_BA", nil, func() {
		each(w, &s.Records, repeat[Listed]{name: "HOC_BA", max: maxListed, inside: func(l *Listed) { l.walk(w) }})
		if w.err == nil && count != len(s.Records) {
			w.fail("bundle.count", "count", strconv.Itoa(count), "listed", strconv.Itoa(len(s.Records)))
		}
	})
	if s.Kind == Closing {
		w.element("DANH_SACH_CHUA_CO_HOC_BA", nil, func() {
			each(w, &s.Absent, repeat[Absentee]{name: "HOC_SINH", max: maxListed, inside: func(a *Absentee) {
				text(w, "MA_HOC_SINH", &a.Pupil, kCode)
				text(w, "HO_TEN", &a.Name, kName)
				text(w, "LY_DO", &a.Reason, kAbsence)
			}})
		})
	}
	s.unique(w)
}

// unique demands that no record and no pupil is listed twice.
func (s *Statement) unique(w *walk) {
	seen := make(map[string]bool, 2*len(s.Records)+len(s.Absent))
	once := func(key string) {
		if seen[key] && w.err == nil {
			w.fail("bundle.duplicate", "name", key)
		}
		seen[key] = true
	}
	for _, l := range s.Records {
		once(l.Record)
		once("hs:" + l.Pupil)
	}
	for _, a := range s.Absent {
		once("hs:" + a.Pupil)
	}
}

func (l *Listed) walk(w *walk) {
	text(w, "MA_HOC_BA", &l.Record, kUUID)
	text(w, "MA_HOC_SINH", &l.Pupil, kCode)
	w.number("PHIEN_BAN", &l.Version, 1, maxVersion)
	text(w, "SHA256", &l.SHA256, kHash)
}

func (r *Receipt) walk(w *walk) {
	w.element("NOI_DUNG_PHIEU", []attribute{id(StatementID), fixed("LOAI", string(Registry))}, func() {
		text(w, "MA_BIEN_NHAN", &r.ID, kUUID)
		r.Department.walk(w, "SO")
		text(w, "MA_TRUONG", &r.School, kCode)
		text(w, "DOI_TUONG", &r.Of, kReceiptOf)
		text(w, "SHA256", &r.SHA256, kHash)
		maybe(w, "MA_PHIEU", &r.Statement, kUUID)
		if w.optional("HOC_BA", r.Record != "") {
			w.element("HOC_BA", nil, func() {
				text(w, "MA_HOC_BA", &r.Record, kUUID)
				w.number("PHIEN_BAN", &r.Version, 1, maxVersion)
			})
		}
		w.instant("THOI_DIEM", &r.Time)
		text(w, "KET_QUA", &r.Result, kResult)
		w.element("DANH_SACH_LY_DO", nil, func() { r.reasons(w) })
		w.element("DANH_SACH_HOC_BA", nil, func() {
			each(w, &r.Items, repeat[ReceiptItem]{name: "HOC_BA", max: maxListed, inside: func(i *ReceiptItem) {
				text(w, "MA_HOC_BA", &i.Record, kUUID)
				w.number("PHIEN_BAN", &i.Version, 1, maxVersion)
				text(w, "SHA256", &i.SHA256, kHash)
				text(w, "KET_QUA", &i.Result, kItemResult)
			}})
		})
	})
}

func (r *Receipt) reasons(w *walk) {
	each(w, &r.Reasons, repeat[Reason]{name: "LY_DO", max: maxListed, inside: func(reason *Reason) {
		w.number("STT", &reason.Number, 1, maxListed)
		text(w, "MA", &reason.Code, kReason)
		text(w, "HANH_DONG", &reason.Action, kAction)
		maybe(w, "MA_HOC_BA", &reason.Record, kUUID)
		each(w, &reason.Args, repeat[Argument]{name: "THAM_SO", max: 20, inside: func(a *Argument) {
			text(w, "TEN", &a.Name, kArgument)
			maybe(w, "GIA_TRI", &a.Value, kRemark)
		}})
	}})
	for i, reason := range r.Reasons {
		if reason.Number != i+1 && w.err == nil {
			w.fail("bundle.row_order", "name", "LY_DO["+strconv.Itoa(i+1)+"]")
		}
	}
}

func (d *Document) walkStatement(w *walk, k StatementKind) {
	d.Statement = &Statement{Kind: k}
	d.Statement.walk(w)
	w.element("CHU_KY", nil, func() { d.slot(w, Slot{Role: Seal, ID: SealSignatureID}) })
	d.fillContentSlot(w, d.Statement.School.Code, d.Statement.School.Name)
}

func (d *Document) walkReceipt(w *walk) {
	d.Receipt = &Receipt{}
	d.Receipt.walk(w)
	w.element("CHU_KY", nil, func() { d.slot(w, Slot{Role: Registry, ID: ReceiptSignatureID}) })
	d.fillContentSlot(w, d.Receipt.Department.Code, d.Receipt.Department.Name)
}

func (d *Document) fillContentSlot(w *walk, holder, name string) {
	if w.err != nil {
		return
	}
	s := &d.Slots[0]
	s.Holder, s.HolderName = holder, name
	s.Covers = append(s.Covers, child(d.XML.Root(), "NOI_DUNG_PHIEU"))
}

// WriteStatement returns the bytes of a statement's content, which the seal
// signs (StatementReferences). It fails as WriteSubject does.
func WriteStatement(s Statement) ([]byte, error) { return write(s.walk) }

// WriteReceipt returns the bytes of a receipt's content, which the registry's
// receipt key signs.
func WriteReceipt(r Receipt) ([]byte, error) { return write(r.walk) }

// AssembleStatement puts a statement together from its content and its
// signature and opens it once.
func AssembleStatement(kind StatementKind, content, signature []byte) ([]byte, error) {
	return assembleSigned(string(kind), content, signature)
}

// AssembleReceipt puts a receipt together from its content and its signature
// and opens it once.
func AssembleReceipt(content, signature []byte) ([]byte, error) {
	return assembleSigned(string(Registry), content, signature)
}

func assembleSigned(root string, content, signature []byte) ([]byte, error) {
	out := []byte(Declaration + "<" + root + ` xmlns="` + Namespace + `" LUOC_DO="` + SchemaVersion + `">`)
	out = append(out, content...)
	out = append(out, "<CHU_KY>"...)
	out = append(out, signature...)
	out = append(out, "</CHU_KY></"+root+">"...)
	if _, err := Open(out); err != nil {
		return nil, err
	}
	return out, nil
}
