package verify_test

import (
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

// goodTransfer holds two years of the sample pupil, one with evidence.
func goodTransfer(t testing.TB) []byte {
	return pack(t, dossier(heldVersion(t, planned(t, stampedAll()), stampAt(june(7, 3))), heldVersion(t, earlierYear(t))), signerOf(bundletest.Department), stampAt(packedAt))
}

// repacked changes the files of a transfer file and packs them again.
func repacked(t testing.TB, raw []byte, change func([]transfer.File) []transfer.File) []byte {
	t.Helper()
	return must(transfer.Write(change(must(transfer.Read(raw))(t))))(t)
}

func withoutFile(suffix string) func([]transfer.File) []transfer.File {
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

// foreignRegistry is a registry under an authority that nobody trusts.
func foreignRegistry(t testing.TB) holder {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	ca := must(demo.New(nil, time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)))(t)
	return holder{key, must(ca.Issue(demo.Request{Kind: demo.Receipt, Name: "Kho học bạ số", Organization: bundletest.Transfer().Department.Name, TaxCode: "4000999999",
		PublicKey: key.Public(), NotBefore: ca.Issuing().NotBefore, NotAfter: ca.Issuing().NotBefore.AddDate(5, 0, 0)}))(t)}
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
