package verify_test

import (
	"bytes"
	"slices"
	"testing"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/transfer"
	"hocba/internal/verify/verifytest"
)

// transfers are transfer files: two sound ones, and what must not pass for one.
func transfers(t testing.TB, record []byte) []exhibit {
	t.Helper()
	good := goodTransfer(t)
	key := signerOf(bundletest.Department)
	var out []exhibit
	add := func(description, want string, raw []byte) {
		x := newExhibit(verifytest.Transfer, description, raw)
		x.want = want
		out = append(out, x)
	}
	add("a transfer file of two years", "", good)
	proof := dossier(heldVersion(t, planned(t, stampedAll()), stampAt(june(7, 3)), stampAt(june(8, 3))))
	proof.Purpose, proof.To, proof.Province, proof.Sender = bundle.AsEvidence, "", "", bundle.Teacher{}
	add("the evidence of one version, renewed once", "", pack(t, proof, key, stampAt(packedAt)))
	for i, name := range []string{"transfer.zip", "evidence.zip"} {
		out[i].File = "good-" + name
	}
	held := heldVersion(t, record)
	add("a transfer file signed by a school", "signer ky-biennhan verify.other_signer", pack(t, dossier(held), signerOf(bundletest.School), nil))
	add("a transfer file signed by a person", "signer ky-biennhan verify.not_a_seal", pack(t, dossier(held), signerOf(bundletest.Principal), nil))
	add("a transfer file of a registry under an authority nobody trusts", "chain ky-biennhan cert.untrusted", pack(t, dossier(held), foreignRegistry(t), nil))
	add("a transfer file dated back by three days", "time_stamp ky-biennhan verify.dated_back", pack(t, dossier(held), key, stampAt(packedAt.AddDate(0, 0, 3))))
	add("a transfer file that is cut off", "transfer_form transfer.form what=zip", good[:len(good)-40])
	bad := heldVersion(t, edit(t, record, "<DIEM_KTDK>8</DIEM_KTDK>", "<DIEM_KTDK>9</DIEM_KTDK>"))
	add("a transfer file with a record in which a mark was changed", "transfer_members transfer.member name=hoc-ba/2025-2026-ban-1.xml", pack(t, dossier(bad), key, nil))
	gap := dossier(heldVersion(t, planned(t, stampedAll()), stampAt(june(7, 3)), stampAt(june(8, 3))))
	gap.Versions[0].Links = gap.Versions[0].Links[1:]
	add("a transfer file with evidence whose first link is missing", "transfer_members transfer.member name=hoc-ba/2025-2026-ban-1.xml", pack(t, gap, key, nil))
	return append(append(out, tamperedTransfers(t, good, record)...), restatedTransfers(t, good)...)
}

// tamperedTransfers are changed after they were made.
func tamperedTransfers(t testing.TB, good, record []byte) []exhibit {
	t.Helper()
	other := issued(t, func(r *bundle.Record) {
		r.Content.Pupil.Code = "4800999999"
		for i := range r.Content.Subjects {
			r.Content.Subjects[i].Pupil = "4800999999"
		}
		setRecord(r, "0190c5a8-7c1e-7b3a-9d2f-3b6a5c4d7e01")
	})
	const earlier = "hoc-ba/2024-2025-ban-1"
	putIn := func(files ...transfer.File) func([]transfer.File) []transfer.File {
		return func(f []transfer.File) []transfer.File { return append(f, files...) }
	}
	constantly := func(content []byte) func([]byte) []byte { return func([]byte) []byte { return content } }
	renewal := renewed(t, record, nil, stampAt(june(9, 0)))[0]
	var out []exhibit
	for _, x := range []struct {
		description, want string
		change            func([]transfer.File) []transfer.File
	}{
		{"a transfer file without one of its records", "transfer_complete transfer.missing name=" + earlier + ".xml",
			withoutFile(earlier + ".xml")},
		{"a transfer file without a receipt", "transfer_complete transfer.missing name=" + earlier + ".bien-nhan.xml\ntransfer_receipts transfer.no_receipt", withoutFile(earlier + ".bien-nhan.xml")},
		{"a transfer file without the time-stamp of its evidence", "transfer_complete transfer.missing name=bang-chung/2025-2026-ban-1/1.tst", withoutFile("1.tst")},
		{"a transfer file without a certificate that its evidence names", "transfer_complete transfer.missing name=bang-chung/phan/001.der\n" +
			"transfer_members transfer.member name=hoc-ba/2025-2026-ban-1.xml", withoutFile(".der")},
		{"a transfer file with a record put in", "transfer_only transfer.unlisted name=hoc-ba/khac.xml", putIn(transfer.File{Name: "hoc-ba/khac.xml", Content: other})},
		{"a transfer file with another pupil's record in a member's place", "transfer_complete transfer.altered name=" + earlier + ".xml\ntransfer_pupil transfer.other_pupil name=" + earlier + ".xml",
			replacing(earlier+".xml", constantly(other))},
		{"a transfer file whose manifest was changed", "signature ky-biennhan sig.digest uri=#noidung",
			replacing(transfer.ManifestName, func(raw []byte) []byte { return bytes.Replace(raw, []byte("Kim Đồng"), []byte("Kim Dồng"), 1) })},
		{"a transfer file with a receipt in its manifest's place", "transfer_renewal transfer.not_a_manifest", replacing(transfer.ManifestName, constantly(receiptIn(t, good)))},
		{"a transfer file whose manifest is no XML", "form xml.encoding", replacing(transfer.ManifestName, constantly([]byte("x")))},
		{"a transfer file with the renewal of another file", "transfer_renewal evidence.other", putIn(transfer.File{Name: "gia-han/1.json", Content: renewal.Material},
			transfer.File{Name: "gia-han/1.tst", Content: renewal.Token})},
	} {
		e := newExhibit(verifytest.Transfer, x.description, repacked(t, good, x.change))
		e.want = x.want
		out = append(out, e)
	}
	return out
}

func receiptIn(t testing.TB, raw []byte) []byte {
	t.Helper()
	files := must(transfer.Read(raw))(t)
	return files[slices.IndexFunc(files, func(f transfer.File) bool { return bytes.Contains(f.Content, []byte("<BIEN_NHAN")) })].Content
}

// restatedTransfers have a manifest that the registry's own key signed and that
// says what is not so: an insider's, or a program's mistake.
func restatedTransfers(t testing.TB, good []byte) []exhibit {
	t.Helper()
	c, _ := stage()
	var out []exhibit
	for _, x := range []struct {
		description, want string
		change            func(*bundle.Transfer)
	}{
		{"a transfer file whose years are out of order", "transfer_years transfer.years", func(m *bundle.Transfer) { slices.Reverse(m.Versions) }},
		{"a transfer file whose manifest names another pupil", "transfer_pupil transfer.other_pupil name=hoc-ba/2024-2025-ban-1.xml", func(m *bundle.Transfer) { m.Pupil.Code = "4800999999" }},
		{"a transfer file whose manifest tells a version as another", "transfer_years transfer.other_version\ntransfer_receipts transfer.other_version",
			func(m *bundle.Transfer) { m.Versions[1].Version = 2 }},
	} {
		e := newExhibit(verifytest.Transfer, x.description, repacked(t, good, replacing(transfer.ManifestName, func(raw []byte) []byte {
			m := *must(bundle.Open(raw))(t).Transfer
			x.change(&m)
			return must(c.SignTransfer(m, bundletest.Plan{}))(t)
		})))
		e.want = x.want
		out = append(out, e)
	}
	return out
}
