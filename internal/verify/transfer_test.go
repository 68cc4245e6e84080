package verify_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/evidence"
	"hocba/internal/registry"
	"hocba/internal/signing"
	"hocba/internal/signing/cms"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/pades"
	"hocba/internal/signing/timestamp"
	"hocba/internal/transfer"
	"hocba/internal/verify"
)

// holder signs as the registry does.
type holder struct {
	crypto.Signer
	certificate *signing.Certificate
}

func (h holder) Certificate() *signing.Certificate { return h.certificate }

func signerOf(code string) holder {
	c, _ := stage()
	return holder{c.Members[code].Key, c.Members[code].Certificate}
}

// stampAt has the cast's authority stamp at an instant.
func stampAt(at time.Time) registry.Stamper {
	c, _ := stage()
	by := *c.Stamper
	by.Now = func() time.Time { return at }
	return func(imprint [sha256.Size]byte) ([]byte, error) { return by.Stamp(imprint) }
}

// renewed returns evidence over bytes with a link for each stamper.
func renewed(t testing.TB, raw []byte, also [][]byte, stampers ...registry.Stamper) []evidence.Link {
	t.Helper()
	var out []evidence.Link
	c, _ := stage()
	for i, stamp := range stampers {
		m := evidence.Material{SHA256: evidence.Hash(raw), Certificates: []string{evidence.Hash(c.CA.Issuing().Raw)}, Answers: []string{}}
		for _, other := range also {
			m.Also = append(m.Also, evidence.Hash(other))
		}
		if i > 0 {
			m.Follow(out[i-1])
		}
		content := must(m.Bytes())(t)
		out = append(out, evidence.Link{Material: content, Token: must(stamp(sha256.Sum256(content)))(t)})
	}
	return out
}

// heldVersion is an accepted version of the sample pupil with what lies beside it.
func heldVersion(t testing.TB, raw []byte, stampers ...registry.Stamper) registry.HeldVersion {
	t.Helper()
	c, _ := stage()
	r := must(bundle.Open(raw))(t).Record
	receipt := bundletest.Receipt(bundle.ReceiptOfRecord)
	receipt.Result, receipt.Reasons, receipt.SHA256, receipt.Record, receipt.Version = bundle.Accepted, nil, verify.SHA256(raw), r.General.Record, r.General.Version
	v := registry.HeldVersion{Record: raw, Receipt: must(c.SignReceipt(receipt, bundletest.Plan{}))(t), State: bundle.StateLocked, Accepted: bundletest.At,
		Paper: paperOf(t, raw, wordsOf(t, raw), func(p *pades.Params) { p.Stamp = stampAt(sealedAt) })}
	v.Links = renewed(t, raw, [][]byte{v.Receipt}, stampers...)
	if len(stampers) > 0 {
		issuing := c.CA.Issuing().Raw
		v.Parts = map[string][]byte{evidence.Hash(issuing): issuing}
	}
	return v
}

// earlierYear is the sample pupil's record of the year before.
func earlierYear(t testing.TB) []byte {
	t.Helper()
	return issued(t, func(r *bundle.Record) {
		changeYear(r, "2024-2025")
		setRecord(r, "0190c5a8-7c1e-7b3a-9d2f-3b6a5c4d7e00")
	})
}

func setRecord(r *bundle.Record, id string) {
	r.General.Record, r.Content.Record = id, id
	for i := range r.Content.Subjects {
		r.Content.Subjects[i].Record = id
	}
}

func dossier(versions ...registry.HeldVersion) registry.Dossier {
	return registry.Dossier{Purpose: bundle.ToSchool, School: bundle.Unit{Code: bundletest.School, Name: "Trường Tiểu học Kim Đồng"}, To: "Trường Tiểu học Lê Lợi",
		Province: "Thành phố Huế", Reason: "Gia đình chuyển nơi ở.", Sender: bundle.Teacher{Code: bundletest.Principal, Name: bundletest.Name(bundletest.Principal)}, Versions: versions}
}

func pack(t testing.TB, d registry.Dossier, key registry.Signer, stamp registry.Stamper) []byte {
	t.Helper()
	if d.Trust == nil {
		_, trust := stage()
		k := signerOf(bundletest.Department)
		d.Trust = must(verify.NewTrustBundle("Sở", packedAt, trust.Anchors()).Sign(func(content []byte) ([]byte, error) {
			return cms.Sign(cms.Params{Type: cms.OIDData, Content: content, Detached: true, Certificate: k.certificate, Key: k})
		}))(t)
	}
	office := registry.Office{Department: bundletest.Transfer().Department, Now: packedAt}
	return must(office.Pack(key, d, stamp))(t)
}

var packedAt = time.Date(2026, time.June, 8, 3, 0, 0, 0, time.UTC)

func goodTransfer(t testing.TB) []byte {
	return pack(t, dossier(heldVersion(t, planned(t, stampedAll()), stampAt(june(7, 3))), heldVersion(t, earlierYear(t))), signerOf(bundletest.Department), stampAt(packedAt))
}

// repacked changes the files of a transfer file and packs them again.
func repacked(t testing.TB, raw []byte, change func([]transfer.File) []transfer.File) []byte {
	t.Helper()
	return must(transfer.Write(change(must(transfer.Read(raw))(t))))(t)
}

func without(suffix string) func([]transfer.File) []transfer.File {
	return func(files []transfer.File) []transfer.File {
		return slices.DeleteFunc(files, func(f transfer.File) bool { return strings.HasSuffix(f.Name, suffix) })
	}
}

func replacing(suffix string, change func([]byte) []byte) func([]transfer.File) []transfer.File {
	return func(files []transfer.File) []transfer.File {
		for i, f := range files {
			if strings.HasSuffix(f.Name, suffix) {
				files[i].Content = change(f.Content)
			}
		}
		return files
	}
}

// allFailures are those of a report and of its members.
func allFailures(r verify.Report) string {
	out := failures(r)
	for _, m := range r.Members {
		for _, line := range strings.Split(failures(m.Report), "\n") {
			if line != "" {
				out += "\n" + m.Name + ": " + line
			}
		}
	}
	return strings.TrimPrefix(out, "\n")
}

func TestTransfer_AcceptsAWholeFile(t *testing.T) {
	report := verify.Any(goodTransfer(t), options())
	if !report.Valid || len(report.Members) != 6 || report.Transfer == nil || !report.Transfer.At.Equal(packedAt) {
		t.Fatalf("%s\n%d members, %+v", allFailures(report), len(report.Members), report.Transfer)
	}
	for _, m := range report.Members {
		if !m.Valid {
			t.Errorf("%s: %s", m.Name, failures(m.Report))
		}
	}
	if blind := verify.Any(goodTransfer(t), verify.Options{}); blind.Verdict != verify.Unknown {
		t.Errorf("without a trust list: %s", blind.Verdict)
	}
}

// transferForgeries are transfer files that must not pass, by what was done.
func transferForgeries(t testing.TB) map[string]struct {
	raw  []byte
	want string
} {
	t.Helper()
	c, _ := stage()
	good := goodTransfer(t)
	other := issued(t, func(r *bundle.Record) {
		r.Content.Pupil.Code = "4800999999"
		for i := range r.Content.Subjects {
			r.Content.Subjects[i].Pupil = "4800999999"
		}
		setRecord(r, "0190c5a8-7c1e-7b3a-9d2f-3b6a5c4d7e01")
	})
	record := heldVersion(t, issued(t, nil))
	key := signerOf(bundletest.Department)
	swap := func(raw []byte) []byte { return bytes.Replace(raw, []byte("Kim Đồng"), []byte("Kim Dồng"), 1) }
	forged := func(change func(*bundle.Transfer)) []byte {
		return repacked(t, good, replacing(transfer.ManifestName, func(raw []byte) []byte {
			m := *must(bundle.Open(raw))(t).Transfer
			change(&m)
			return must(c.SignTransfer(m, bundletest.Plan{}))(t)
		}))
	}
	return map[string]struct {
		raw  []byte
		want string
	}{
		"a member taken out": {repacked(t, good, without("2024-2025-ban-1.xml")), "transfer_complete  transfer.missing"},
		"a receipt taken out": {repacked(t, good, without("2024-2025-ban-1.bien-nhan.xml")),
			"transfer_complete  transfer.missing\ntransfer_receipts  transfer.no_receipt"},
		"evidence taken out": {repacked(t, good, without("1.tst")), "transfer_complete  transfer.missing"},
		"a file put in": {repacked(t, good, func(f []transfer.File) []transfer.File {
			return append(f, transfer.File{Name: "hoc-ba/khac.xml", Content: other})
		}), "transfer_only  transfer.unlisted"},
		"an altered manifest": {repacked(t, good, replacing(transfer.ManifestName, swap)), "signature ky-biennhan sig.digest"},
		"another pupil's record in a member's place": {repacked(t, good, replacing("2024-2025-ban-1.xml", func([]byte) []byte { return other })),
			"transfer_complete  transfer.altered\ntransfer_pupil  transfer.other_pupil"},
		"not the registry's key":            {pack(t, dossier(record), signerOf(bundletest.School), nil), "signer ky-biennhan verify.other_signer"},
		"a person's key":                    {pack(t, dossier(record), signerOf(bundletest.Principal), nil), "signer ky-biennhan verify.not_a_seal"},
		"a key of nobody trusted":           {pack(t, dossier(record), stranger(t), nil), "chain ky-biennhan cert.untrusted"},
		"dated back":                        {pack(t, dossier(record), key, stampAt(packedAt.AddDate(0, 0, 3))), "time_stamp ky-biennhan verify.dated_back"},
		"years out of order":                {forged(func(m *bundle.Transfer) { slices.Reverse(m.Versions) }), "transfer_years  transfer.years"},
		"another pupil in the manifest":     {forged(func(m *bundle.Transfer) { m.Pupil.Code = "4800999999" }), "transfer_pupil  transfer.other_pupil"},
		"a version told as another":         {forged(func(m *bundle.Transfer) { m.Versions[1].Version = 2 }), "transfer_years  transfer.other_version\ntransfer_receipts  transfer.other_version"},
		"a receipt in the manifest's place": {repacked(t, good, replacing(transfer.ManifestName, func([]byte) []byte { return record.Receipt })), "transfer_renewal  transfer.not_a_manifest"},
		"a manifest that is no XML":         {repacked(t, good, replacing(transfer.ManifestName, func([]byte) []byte { return []byte("x") })), "form  xml.encoding"},
		"cut off":                           {good[:len(good)-40], "transfer_form  transfer.form"},
		"a renewal of another file": {repacked(t, good, func(f []transfer.File) []transfer.File {
			l := renewed(t, record.Record, nil, stampAt(june(9, 0)))[0]
			return append(f, transfer.File{Name: "gia-han/1.json", Content: l.Material}, transfer.File{Name: "gia-han/1.tst", Content: l.Token})
		}), "transfer_renewal  evidence.other"},
	}
}

// stranger is a registry under an authority that nobody trusts.
func stranger(t testing.TB) holder {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	ca := must(demo.New(nil, time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)))(t)
	return holder{key, must(ca.Issue(demo.Request{Kind: demo.Receipt, Name: "Kho học bạ số", Organization: bundletest.Transfer().Department.Name, TaxCode: "4000999999",
		PublicKey: key.Public(), NotBefore: ca.Issuing().NotBefore, NotAfter: ca.Issuing().NotBefore.AddDate(5, 0, 0)}))(t)}
}

func TestTransfer_RefusesEveryForgery(t *testing.T) {
	for name, x := range transferForgeries(t) {
		report := verify.Any(x.raw, options())
		if got := failures(report); got != x.want || report.Valid {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, x.want)
		}
	}
}

// A member that is altered in step with a manifest nobody signed shows as both;
// one whose own signatures fail makes the whole fail.
func TestTransfer_AMembersFailureIsTheFilesFailure(t *testing.T) {
	bad := heldVersion(t, edit(t, issued(t, nil), "<DIEM_KTDK>8</DIEM_KTDK>", "<DIEM_KTDK>9</DIEM_KTDK>"))
	report := verify.Any(pack(t, dossier(bad), signerOf(bundletest.Department), nil), options())
	if failures(report) != "" || report.Verdict != verify.Failed || !strings.Contains(allFailures(report), "2025-2026-ban-1.xml: signature ky-phathanh sig.digest") {
		t.Errorf("%s\n%s", report.Verdict, allFailures(report))
	}
}

// Twenty-five years later nothing that signed the file is valid any more. With
// evidence renewed in time, of the versions and of the manifest, all of it is
// proven; without, nobody can tell, and nothing is called false.
func TestTransfer_IsProvenDecadesLater(t *testing.T) {
	later := func(year int) (registry.Stamper, signing.Anchor) {
		from := time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC)
		ca := must(demo.New(nil, from))(t)
		key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
		a := &timestamp.Authority{Certificate: must(ca.IssueTimeStamper(key.Public(), from, from.AddDate(10, 0, 0)))(t), Key: key,
			Now: func() time.Time { return from.AddDate(0, 1, 0) }}
		return func(imprint [sha256.Size]byte) ([]byte, error) { return a.Stamp(imprint) }, ca.Anchor()
	}
	second, anchor2 := later(2034)
	third, anchor3 := later(2043)
	c, _ := stage()
	trust := must(signing.NewTrustList([]signing.Anchor{c.CA.Anchor(), anchor2, anchor3}, nil))(t)
	o := verify.Options{Trust: trust, Now: time.Date(2051, time.June, 10, 0, 0, 0, 0, time.UTC)}
	first := stampAt(june(7, 3))
	fresh := pack(t, dossier(heldVersion(t, planned(t, stampedAll()), first, second, third)), signerOf(bundletest.Department), stampAt(packedAt))
	manifest := must(transfer.Read(fresh))(t)[0].Content
	carried := repacked(t, fresh, func(f []transfer.File) []transfer.File {
		for i, l := range renewed(t, manifest, nil, stampAt(june(9, 0)), second, third) {
			n := string(rune('1' + i))
			f = append(f, transfer.File{Name: "gia-han/" + n + ".json", Content: l.Material}, transfer.File{Name: "gia-han/" + n + ".tst", Content: l.Token})
		}
		return f
	})
	report := verify.Any(carried, o)
	if !report.Valid || report.ProvableUntil.Year() != 2053 {
		t.Errorf("%s until %s", allFailures(report), report.ProvableUntil)
	}
	for _, m := range verify.Any(fresh, o).Members {
		if m.Kind == bundle.FileRecord && (!m.Valid || m.ProvableUntil.Year() != 2053) {
			t.Errorf("the record's own evidence: %s", failures(m.Report))
		}
	}
	if report := verify.Any(fresh, o); report.Verdict != verify.Unknown || !strings.Contains(failures(report), "time_stamp ky-biennhan verify.stamp_ended") {
		t.Errorf("a manifest that nobody renewed: %s\n%s", report.Verdict, failures(report))
	}
	bare := verify.Any(goodTransfer(t), o)
	if bare.Verdict != verify.Unknown {
		t.Errorf("without renewals: %s\n%s", bare.Verdict, allFailures(bare))
	}
}
