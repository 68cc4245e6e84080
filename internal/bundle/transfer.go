package bundle

import (
	"slices"
	"strconv"
	"time"

	"hocba/internal/school"
)

// TransferPurpose says what a transfer file is for.
type TransferPurpose string

// The purposes.
const (
	// ToSchool hands a pupil's live versions to another school or province.
	ToSchool TransferPurpose = "CHUYEN_DI"
	// AsEvidence hands one version out with all that proves it.
	AsEvidence TransferPurpose = "BANG_CHUNG"
)

// TransferFormat is the version of the transfer file's layout.
const TransferFormat = "1"

// Transfer is the manifest of a transfer file: whose records it holds, from
// whom to whom, and every file in it by size and hash, so that nothing can be
// taken out, put in or exchanged. The registry signs it as it signs receipts.
type Transfer struct {
	ID         string // MA_HO_SO: UUID
	Purpose    TransferPurpose
	Format     string // TransferFormat
	Department Unit   // SO: whose registry made it
	School     Unit   // TRUONG: that manages the pupil
	To         string // NOI_NHAN: receiving school, as it was named; "" as evidence
	Province   string // TINH_NHAN: of the receiving school
	Reason     string
	Sender     Teacher // NGUOI_LAP: who asked for it; the zero value the registry itself
	Time       time.Time
	Pupil      TransferPupil
	Versions   []TransferVersion
	Files      []TransferFile
}

// TransferPupil is whose records a transfer file holds.
type TransferPupil struct {
	Code       string // MA_HOC_SINH
	PersonalNo string // SO_DINH_DANH, or ""
	Name       string
	Birth      school.Date
}

// VersionState is what the registry knew of a version when a transfer file was made.
type VersionState string

// The states.
const (
	StateAccepted VersionState = "accepted"
	StateLocked   VersionState = "locked"
	StateReplaced VersionState = "replaced"
	StateRecalled VersionState = "recalled"
	StateRevoked  VersionState = "revoked"
)

// TransferVersion names one version in a transfer file.
type TransferVersion struct {
	Year     school.Year
	Record   string // MA_HOC_BA
	Version  int    // PHIEN_BAN
	State    VersionState
	SHA256   string // of the version's bytes, hex
	Accepted time.Time
}

// TransferKind says what a file in a transfer file is.
type TransferKind string

// The kinds.
const (
	FileRecord   TransferKind = "HOC_BA"       // the signed XML, byte for byte
	FileReceipt  TransferKind = "BIEN_NHAN"    // the registry's receipt for it
	FilePaper    TransferKind = "BAN_GIAY"     // the sealed PDF
	FileMaterial TransferKind = "BANG_CHUNG"   // what a link of its evidence holds
	FileStamp    TransferKind = "DAU_TG"       // the time-stamp over that
	FilePart     TransferKind = "CHUNG_THU_TL" // a certificate or an authority's answer that evidence names
	FileTrust    TransferKind = "TIN_CAY"      // whom the registry trusted
)

// TransferFile is one file in a transfer file.
type TransferFile struct {
	Name    string // path inside, without a child's data
	Kind    TransferKind
	Version string // SHA-256 of the version it belongs to; "" for parts and trust
	Size    int
	SHA256  string
}

const (
	// MaxTransferVersions bounds the versions of a transfer file: five grades,
	// each repeated, with room.
	MaxTransferVersions = 20
	// MaxTransferFiles bounds its files.
	MaxTransferFiles = 1000
	maxTransferSize  = 99_999_999
)

var (
	kPurpose      = oneOf("LOAI_HO_SO", ToSchool, AsEvidence)
	kFormat       = oneOf("PHIEN_BAN_TEP", TransferFormat)
	kState        = oneOf("TRANG_THAI", StateAccepted, StateLocked, StateReplaced, StateRecalled, StateRevoked)
	kTransferKind = oneOf("LOAI_TEP", FileRecord, FileReceipt, FilePaper, FileMaterial, FileStamp, FilePart, FileTrust)
	kFileName     = pattern("TEN_TEP", `[a-z0-9][a-z0-9._-]{0,99}(/[a-z0-9][a-z0-9._-]{0,99}){0,3}`)
)

func (t *Transfer) walk(w *walk) {
	w.element("NOI_DUNG_PHIEU", []attribute{id(StatementID), fixed("LOAI", transferRoot)}, func() {
		text(w, "MA_HO_SO", &t.ID, kUUID)
		text(w, "PHIEN_BAN_TEP", &t.Format, kFormat)
		text(w, "LOAI_HO_SO", &t.Purpose, kPurpose)
		t.Department.walk(w, "SO")
		t.School.walk(w, "TRUONG")
		maybe(w, "NOI_NHAN", &t.To, kName)
		maybe(w, "TINH_NHAN", &t.Province, kName)
		text(w, "LY_DO", &t.Reason, kRemark)
		if w.optional("NGUOI_LAP", t.Sender != Teacher{}) {
			w.element("NGUOI_LAP", nil, func() {
				text(w, "MA_CAN_BO", &t.Sender.Code, kCode)
				text(w, "HO_TEN", &t.Sender.Name, kName)
			})
		}
		w.instant("THOI_DIEM", &t.Time)
		w.element("HOC_SINH", nil, func() {
			text(w, "MA_HOC_SINH", &t.Pupil.Code, kCode)
			maybe(w, "SO_DINH_DANH", &t.Pupil.PersonalNo, kPersonalNo)
			text(w, "HO_TEN", &t.Pupil.Name, kName)
			w.date("NGAY_SINH", &t.Pupil.Birth)
		})
		w.element("DANH_SACH_HOC_BA", nil, func() {
			each(w, &t.Versions, repeat[TransferVersion]{name: "HOC_BA", min: 1, max: MaxTransferVersions, inside: func(v *TransferVersion) { v.walk(w) }})
		})
		w.element("DANH_SACH_TEP", nil, func() {
			each(w, &t.Files, repeat[TransferFile]{name: "TEP", min: 1, max: MaxTransferFiles, inside: func(f *TransferFile) { f.walk(w) }})
		})
		t.unique(w)
	})
}

func (v *TransferVersion) walk(w *walk) {
	text(w, "NAM_HOC", &v.Year, kYear)
	text(w, "MA_HOC_BA", &v.Record, kUUID)
	w.number("PHIEN_BAN", &v.Version, 1, maxVersion)
	text(w, "TRANG_THAI", &v.State, kState)
	text(w, "SHA256", &v.SHA256, kHash)
	w.instant("THOI_DIEM_NHAN", &v.Accepted)
}

func (f *TransferFile) walk(w *walk) {
	text(w, "TEN", &f.Name, kFileName)
	text(w, "LOAI", &f.Kind, kTransferKind)
	maybe(w, "HOC_BA", &f.Version, kHash)
	w.number("KICH_THUOC", &f.Size, 1, maxTransferSize)
	text(w, "SHA256", &f.SHA256, kHash)
}

// unique demands that no version and no file is named twice, and that every
// version named has its record among the files.
func (t *Transfer) unique(w *walk) {
	if w.err != nil {
		return
	}
	names, records := map[string]bool{}, map[string]int{}
	for _, f := range t.Files {
		if names[f.Name] {
			w.fail("bundle.duplicate", "name", f.Name)
		}
		names[f.Name] = true
		if f.Kind == FileRecord {
			records[f.SHA256]++
		}
	}
	count := 0
	for _, v := range t.Versions {
		count += records[v.SHA256]
		if slices.ContainsFunc(t.Versions, func(o TransferVersion) bool { return o.SHA256 == v.SHA256 && o != v }) {
			w.fail("bundle.duplicate", "name", v.SHA256)
		}
	}
	if count != len(t.Versions) {
		w.fail("bundle.count", "count", strconv.Itoa(len(t.Versions)), "listed", strconv.Itoa(count))
	}
}

// transferRoot is the manifest's root element.
const transferRoot = "CHUYEN_HO_SO"

func (d *Document) walkTransfer(w *walk) {
	d.Transfer = &Transfer{}
	d.Transfer.walk(w)
	w.element("CHU_KY", nil, func() { d.slot(w, Slot{Role: Registry, ID: ReceiptSignatureID}) })
	d.fillContentSlot(w, d.Transfer.Department.Code, d.Transfer.Department.Name)
}

// WriteTransfer returns the bytes of a manifest's content, which the registry's
// receipt key signs (StatementReferences). It fails as WriteSubject does.
func WriteTransfer(t Transfer) ([]byte, error) { return write(t.walk) }

// AssembleTransfer puts a manifest together from its content and its signature
// and opens it once.
func AssembleTransfer(content, signature []byte) ([]byte, error) {
	return assembleSigned(transferRoot, content, signature)
}
