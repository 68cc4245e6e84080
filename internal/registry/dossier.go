package registry

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"hocba/internal/bundle"
	"hocba/internal/evidence"
	"hocba/internal/fault"
	"hocba/internal/signing/xades"
	"hocba/internal/transfer"
)

// Dossier is what a transfer file is made of: who hands whose versions over, to
// whom and why.
type Dossier struct {
	Purpose  bundle.TransferPurpose
	School   bundle.Unit // that manages the pupil
	To       string      // receiving school; "" as evidence
	Province string
	Reason   string
	Sender   bundle.Teacher // who asked; the zero value the registry itself
	Versions []HeldVersion
	Trust    []byte // whom the registry trusts, as verify.TrustBundle.Sign wrote it
}

// HeldVersion is one version with all that is kept beside it.
type HeldVersion struct {
	Record   []byte
	Receipt  []byte // nil: none
	Paper    []byte // sealed PDF; nil: not printed yet
	State    bundle.VersionState
	Accepted time.Time
	Links    []evidence.Link
	Parts    map[string][]byte // certificates and answers that the links name
}

// Stamper has a time-stamp made over an imprint; it returns the token's DER.
type Stamper func(imprint [sha256.Size]byte) ([]byte, error)

// Pack makes a transfer file and signs its manifest; stamp, when set, adds a
// time-stamp to that signature. It fails with Conflict transfer.nothing without
// versions and transfer.pupils for those of several pupils, as bundle.Open does
// for a record that does not open, and as key and stamp do.
func (o Office) Pack(key Signer, d Dossier, stamp Stamper) ([]byte, error) {
	m := bundle.Transfer{Purpose: d.Purpose, Format: bundle.TransferFormat, Department: o.Department, School: d.School, To: d.To,
		Province: d.Province, Reason: d.Reason, Sender: d.Sender, Time: bundle.Instant(o.Now)}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "registry.receipt_number")
	}
	m.ID = id.String()
	p := &packing{manifest: &m}
	if err := p.versions(d.Versions); err != nil {
		return nil, err
	}
	p.add(bundle.FileTrust, "", transfer.TrustName, d.Trust)
	content, err := bundle.WriteTransfer(m)
	if err != nil {
		return nil, err
	}
	signature, err := o.seal(key, content, stamp)
	if err != nil {
		return nil, err
	}
	signed, err := bundle.AssembleTransfer(content, signature)
	if err != nil {
		return nil, err
	}
	return transfer.Write(append([]transfer.File{{Name: transfer.ManifestName, Content: signed}}, p.files...))
}

func (o Office) seal(key Signer, content []byte, stamp Stamper) ([]byte, error) {
	certificate := key.Certificate()
	signature, err := xades.Sign(xades.Params{ID: bundle.ReceiptSignatureID, References: bundle.StatementReferences(content),
		Certificate: certificate.Leaf(), Intermediates: certificate.Intermediates(), SigningTime: o.Now, Role: string(bundle.Registry)}, key)
	if err != nil || stamp == nil {
		return signature, err
	}
	imprint, err := xades.StampImprint(signature)
	if err != nil {
		return nil, err
	}
	token, err := stamp(imprint)
	if err != nil {
		return nil, err
	}
	return xades.WithStamp(signature, token)
}

// packing gathers the files of a transfer file and names each in the manifest.
type packing struct {
	manifest *bundle.Transfer
	files    []transfer.File
	parts    map[string]bool
}

// add names a file; empty ones are left out.
func (p *packing) add(kind bundle.TransferKind, version, name string, content []byte) {
	if len(content) == 0 {
		return
	}
	p.files = append(p.files, transfer.File{Name: name, Content: content})
	p.manifest.Files = append(p.manifest.Files, bundle.TransferFile{Name: name, Kind: kind, Version: version, Size: len(content), SHA256: evidence.Hash(content)})
}

func (p *packing) versions(list []HeldVersion) error {
	if len(list) == 0 {
		return fault.New(fault.Conflict, "transfer.nothing")
	}
	type opened struct {
		HeldVersion
		record *bundle.Record
	}
	var all []opened
	for _, v := range list {
		d, err := bundle.Open(v.Record)
		if err != nil {
			return err
		}
		if d.Record == nil {
			return fault.New(fault.Invalid, "bundle.root")
		}
		all = append(all, opened{v, d.Record})
	}
	slices.SortStableFunc(all, func(a, b opened) int {
		return cmp.Or(cmp.Compare(a.record.General.Year, b.record.General.Year), cmp.Compare(a.record.General.Version, b.record.General.Version))
	})
	newest := all[len(all)-1].record.Content.Pupil
	p.manifest.Pupil = bundle.TransferPupil{Code: newest.Code, PersonalNo: newest.PersonalNo, Name: newest.Name, Birth: newest.Birth}
	p.parts = map[string]bool{}
	for _, v := range all {
		if v.record.Content.Pupil.Code != newest.Code {
			return fault.New(fault.Conflict, "transfer.pupils")
		}
		p.version(v.HeldVersion, v.record)
	}
	return nil
}

func (p *packing) version(v HeldVersion, r *bundle.Record) {
	g, sum := r.General, evidence.Hash(v.Record)
	base := transfer.BaseName(string(g.Year), g.Version)
	p.manifest.Versions = append(p.manifest.Versions, bundle.TransferVersion{Year: g.Year, Record: g.Record, Version: g.Version, State: v.State,
		SHA256: sum, Accepted: bundle.Instant(v.Accepted)})
	p.add(bundle.FileRecord, sum, "hoc-ba/"+base+".xml", v.Record)
	p.add(bundle.FileReceipt, sum, "hoc-ba/"+base+".bien-nhan.xml", v.Receipt)
	p.add(bundle.FilePaper, sum, "hoc-ba/"+base+".pdf", v.Paper)
	for i, l := range v.Links {
		name := fmt.Sprintf("bang-chung/%s/%d", base, i+1)
		p.add(bundle.FileMaterial, sum, name+".json", l.Material)
		p.add(bundle.FileStamp, sum, name+".tst", l.Token)
	}
	names := make([]string, 0, len(v.Parts))
	for name := range v.Parts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if !p.parts[name] {
			p.parts[name] = true
			p.add(bundle.FilePart, "", fmt.Sprintf("%s%03d.der", transfer.PartFolder, len(p.parts)), v.Parts[name])
		}
	}
}
