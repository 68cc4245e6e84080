package verify

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/evidence"
	"hocba/internal/transfer"
)

// The checks of a transfer file, in the order of a report; those of the
// manifest, as of a receipt, follow TransferForm. The members' own come with
// each of them.
const (
	TransferForm     = "transfer_form"     // a ZIP of the simple kind ours are, with a manifest
	TransferRenewal  = "transfer_renewal"  // evidence over the manifest, added since
	TransferComplete = "transfer_complete" // every file the manifest names is there, byte for byte
	TransferOnly     = "transfer_only"     // and nothing else is
	TransferPupil    = "transfer_pupil"    // every record is of the manifest's pupil
	TransferYears    = "transfer_years"    // the records are the manifest's, in the order of the years, one a year
	TransferReceipts = "transfer_receipts" // for each the registry's receipt that accepts these bytes
	TransferMembers  = "transfer_members"  // every record, receipt and paper holds by itself
)

// TransferNames lists the checks of a transfer file that are its own.
var TransferNames = []string{TransferForm, TransferRenewal, TransferComplete, TransferOnly, TransferPupil, TransferYears, TransferReceipts, TransferMembers}

// Transferred is what a transfer file says about itself.
type Transferred struct {
	Manifest *bundle.Transfer `json:"manifest"`
	// At is when the manifest is proven to have existed: by its time-stamp or by
	// evidence added since; zero: its own word alone.
	At time.Time `json:"at,omitzero"`
}

// Member is a record, a receipt or a paper of a transfer file.
type Member struct {
	Name string              `json:"name"`
	Kind bundle.TransferKind `json:"kind"`
	Report
}

// Transfer checks a transfer file: its manifest, that it is whole and holds
// nothing else, and every record, receipt and paper in it. What the manifest's
// time-stamp proves to have been there, and what the evidence in it proves,
// counts for the members, so that they can be judged when their certificates
// have ended.
func Transfer(raw []byte, o Options) Report {
	r := &run{options: o, report: Report{SHA256: SHA256(raw)}}
	files, err := transfer.Read(raw)
	if err != nil {
		for _, name := range append(slices.Clone(TransferNames[:1]), append(slices.Clone(Names), TransferNames[1:]...)...) {
			if name == TransferForm {
				r.outcome(name, "", err)
			} else {
				r.add(Check{Name: name, Status: Skipped})
			}
		}
		return r.finish()
	}
	r.outcome(TransferForm, "", nil)
	t := &transferRun{run: r, content: map[string][]byte{}}
	for _, f := range files {
		t.content[f.Name] = f.Content
	}
	if !t.readManifest() {
		for _, name := range TransferNames[2:] {
			r.add(Check{Name: name, Status: Skipped})
		}
		return r.finish()
	}
	r.outcome(TransferComplete, "", t.complete())
	r.outcome(TransferOnly, "", t.only(files))
	t.members()
	return r.finish()
}

// transferRun is the verification of a transfer file under way.
type transferRun struct {
	*run
	content  map[string][]byte
	manifest *bundle.Transfer
	at       time.Time                  // when the manifest, and so all it names, is proven to have existed
	receipts map[string]*bundle.Receipt // sound ones that accept, by the SHA-256 of what they accept
	received map[string]time.Time
}

// readManifest judges the manifest and takes its checks over. It reports
// whether the manifest says anything.
func (t *transferRun) readManifest() bool {
	raw := t.content[transfer.ManifestName]
	o := t.options
	o.Revocations = nil
	renewals := t.chain(transfer.RenewalFolder)
	proof, err := evidence.Check(SHA256(raw), renewals, o.Trust, o.Now)
	o.Received = proof.Since
	report := File(raw, o)
	t.report.Checks = append(t.report.Checks, report.Checks...)
	t.report.Signers, t.report.Trial, t.report.Paths = report.Signers, report.Trial, report.Paths
	t.report.ProvableUntil = later(report.ProvableUntil, proof.Until)
	if report.Record == nil || report.Record.Transfer == nil {
		if report.Record != nil {
			t.outcome(TransferRenewal, "", refuse("transfer.not_a_manifest"))
		} else {
			t.add(Check{Name: TransferRenewal, Status: Skipped})
		}
		return false
	}
	if len(renewals) == 0 {
		t.add(Check{Name: TransferRenewal, Status: Skipped, Code: "transfer.not_renewed"})
	} else {
		t.outcome(TransferRenewal, "", err)
	}
	t.manifest = report.Record.Transfer
	if report.Valid && len(report.Signers) == 1 {
		t.at = earliest(proof.Since, report.Signers[0].StampedAt)
	}
	t.report.Transfer = &Transferred{Manifest: t.manifest, At: t.at}
	return true
}

// chain reads the links of evidence in a folder, 1.json and 1.tst on.
func (t *transferRun) chain(folder string) []evidence.Link {
	var out []evidence.Link
	for i := 1; i <= evidence.MaxLinks; i++ {
		l := evidence.Link{Material: t.content[fmt.Sprintf("%s%d.json", folder, i)], Token: t.content[fmt.Sprintf("%s%d.tst", folder, i)]}
		if l.Material == nil && l.Token == nil {
			break
		}
		out = append(out, l)
	}
	return out
}

// complete demands every file of the manifest, byte for byte.
func (t *transferRun) complete() error {
	for _, f := range t.manifest.Files {
		content, ok := t.content[f.Name]
		switch {
		case !ok:
			return refuse("transfer.missing", "name", f.Name)
		case len(content) != f.Size || SHA256(content) != f.SHA256:
			return refuse("transfer.altered", "name", f.Name)
		}
	}
	return nil
}

// only demands that nothing is there that the manifest does not name, but the
// manifest and the evidence over it.
func (t *transferRun) only(files []transfer.File) error {
	named := map[string]bool{transfer.ManifestName: true}
	for _, f := range t.manifest.Files {
		named[f.Name] = true
	}
	for i := range t.chain(transfer.RenewalFolder) {
		named[fmt.Sprintf("%s%d.json", transfer.RenewalFolder, i+1)], named[fmt.Sprintf("%s%d.tst", transfer.RenewalFolder, i+1)] = true, true
	}
	for _, f := range files {
		if !named[f.Name] {
			return refuse("transfer.unlisted", "name", f.Name)
		}
	}
	return nil
}

// members judges receipts, then records with their evidence, then papers, and
// adds the checks over all of them.
func (t *transferRun) members() {
	t.receipts, t.received = map[string]*bundle.Receipt{}, map[string]time.Time{}
	proven := t.alsoProven()
	for _, f := range t.of(bundle.FileReceipt) {
		o := t.options
		o.Revocations = nil
		o.Received = earliest(t.at, proven[f.SHA256])
		report := File(t.content[f.Name], o)
		if report.Valid && report.Record.Receipt != nil && report.Record.Receipt.Result == bundle.Accepted {
			t.receipts[report.Record.Receipt.SHA256] = report.Record.Receipt
			t.received[report.Record.Receipt.SHA256] = earliest(t.received[report.Record.Receipt.SHA256], report.Record.Receipt.Time)
		}
		t.member(f, report)
	}
	for _, f := range t.of(bundle.FileRecord) {
		o, raw := t.options, t.content[f.Name]
		o.Received = earliest(t.at, t.received[SHA256(raw)])
		t.member(f, Proven(raw, t.kept(f.SHA256), o))
	}
	for _, f := range t.of(bundle.FilePaper) {
		o := t.options
		o.Received, o.Revocations = t.at, nil
		o.Version = t.version
		t.member(f, PDF(t.content[f.Name], o))
	}
	t.outcome(TransferPupil, "", t.pupil())
	t.outcome(TransferYears, "", t.years())
	t.outcome(TransferReceipts, "", t.receipted())
	t.outcome(TransferMembers, "", t.sound())
}

// sound demands that every member holds, and names the first that does not.
func (t *transferRun) sound() error {
	for _, status := range []Status{Failed, Unknown} {
		for _, m := range t.report.Members {
			switch {
			case m.Verdict != status:
			case status == Failed:
				return refuse("transfer.member", "name", m.Name)
			default:
				return undecided("transfer.member_unknown", "name", m.Name)
			}
		}
	}
	return nil
}

func (t *transferRun) member(f bundle.TransferFile, r Report) {
	t.report.Trial = t.report.Trial || r.Trial
	t.report.Members = append(t.report.Members, Member{Name: f.Name, Kind: f.Kind, Report: r})
}

// of lists the files of a kind that are there.
func (t *transferRun) of(kind bundle.TransferKind) []bundle.TransferFile {
	return slices.DeleteFunc(slices.Clone(t.manifest.Files), func(f bundle.TransferFile) bool { return f.Kind != kind || t.content[f.Name] == nil })
}

func (t *transferRun) version(sha256 string) []byte {
	for _, f := range t.of(bundle.FileRecord) {
		if content := t.content[f.Name]; f.SHA256 == sha256 && SHA256(content) == sha256 {
			return content
		}
	}
	return nil
}

// kept is the evidence of a version, in the order of its links.
func (t *transferRun) kept(version string) Kept {
	k := Kept{Parts: map[string][]byte{}}
	var materials, tokens [][]byte
	for _, f := range t.manifest.Files {
		switch content := t.content[f.Name]; {
		case content == nil:
		case f.Kind == bundle.FilePart:
			k.Parts[SHA256(content)] = content
		case f.Kind == bundle.FileMaterial && f.Version == version:
			materials = append(materials, content)
		case f.Kind == bundle.FileStamp && f.Version == version:
			tokens = append(tokens, content)
		}
	}
	for i := range min(len(materials), len(tokens)) {
		k.Links = append(k.Links, evidence.Link{Material: materials[i], Token: tokens[i]})
	}
	return k
}

// alsoProven is since when other files are proven by the versions' evidence.
func (t *transferRun) alsoProven() map[string]time.Time {
	out := map[string]time.Time{}
	for _, v := range t.manifest.Versions {
		proof, _, err := t.kept(v.SHA256).weigh(v.SHA256, t.options)
		if err != nil {
			continue // the record's own check tells
		}
		for name, at := range proof.Proven {
			out[name] = earliest(out[name], at)
		}
	}
	return out
}

// opened are the records that opened, by SHA-256.
func (t *transferRun) opened() map[string]*bundle.Record {
	out := map[string]*bundle.Record{}
	for _, m := range t.report.Members {
		if m.Kind == bundle.FileRecord && m.Record != nil && m.Record.Record != nil {
			out[m.SHA256] = m.Record.Record
		}
	}
	return out
}

// pupil demands that every record is of the pupil the manifest names.
func (t *transferRun) pupil() error {
	want := t.manifest.Pupil
	for _, m := range t.report.Members {
		if m.Kind != bundle.FileRecord || m.Record == nil || m.Record.Record == nil {
			continue
		}
		have := m.Record.Record.Content.Pupil
		if have.Code != want.Code || have.PersonalNo != "" && want.PersonalNo != "" && have.PersonalNo != want.PersonalNo {
			return refuse("transfer.other_pupil", "name", m.Name)
		}
	}
	return nil
}

// years demands that the records are those that the manifest names as versions,
// the years rising; of a pupil who changes school one a year.
func (t *transferRun) years() error {
	opened := t.opened()
	last := ""
	for _, v := range t.manifest.Versions {
		if strings.Compare(string(v.Year), last) < 0 || t.manifest.Purpose == bundle.ToSchool && string(v.Year) == last {
			return refuse("transfer.years", "year", v.Year.Vietnamese())
		}
		last = string(v.Year)
		r := opened[v.SHA256]
		if r == nil {
			continue // missing or broken: another check tells
		}
		if r.General.Year != v.Year || r.General.Record != v.Record || r.General.Version != v.Version {
			return refuse("transfer.other_version", "year", v.Year.Vietnamese())
		}
	}
	return nil
}

// receipted demands for each version a sound receipt that accepts its bytes.
func (t *transferRun) receipted() error {
	for _, v := range t.manifest.Versions {
		r := t.receipts[v.SHA256]
		if r == nil {
			return undecided("transfer.no_receipt", "year", v.Year.Vietnamese())
		}
		if r.Record != v.Record || r.Version != v.Version {
			return refuse("transfer.other_version", "year", v.Year.Vietnamese())
		}
	}
	return nil
}

// isTransfer reports whether bytes are to be read as a transfer file.
func isTransfer(raw []byte) bool { return transfer.Is(raw) || bytes.HasPrefix(raw, []byte("PK")) }
