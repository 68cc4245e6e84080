package verify_test

import (
	"strings"
	"sync"
	"testing"

	"golang.org/x/text/unicode/norm"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/signing/pades"
	"hocba/internal/signing/timestamp"
	"hocba/internal/verify/verifytest"
)

// signedDecomposed are records with a name that somebody signed in letters that
// look the same: every digest holds.
func signedDecomposed(t testing.TB) []exhibit {
	t.Helper()
	const name = "Hồ Thị Ánh Nguyệt"
	var out []exhibit
	for _, v := range []struct{ description, want, to string }{
		{"a decomposed name, signed by everybody", "nfc bundle.nfc path=/HOC_BA_SO/DU_LIEU_HOC_BA/THONG_TIN_HOC_BA/HOC_SINH/HO_TEN", norm.NFD.String(name)},
		{"a name with a zero-width space, signed by everybody", "structure bundle.value path=/HOC_BA_SO/DU_LIEU_HOC_BA/THONG_TIN_HOC_BA/HOC_SINH/HO_TEN",
			"Hồ Thị\u200b Ánh Nguyệt"},
		{"a name written from right to left, signed by everybody", "structure bundle.value path=/HOC_BA_SO/DU_LIEU_HOC_BA/THONG_TIN_HOC_BA/HOC_SINH/HO_TEN",
			"\u202eHồ Thị Ánh Nguyệt"},
	} {
		x := newExhibit(verifytest.Record, v.description, signedWith(t, name, v.to))
		x.want = v.want
		out = append(out, x)
	}
	return out
}

// signedWith is the sample record with a text exchanged before anybody signed,
// which our own writer would refuse.
func signedWith(t testing.TB, from, to string) []byte {
	t.Helper()
	c, _ := stage()
	r := bundletest.Record()
	subjects, content, data, err := bundletest.Bytes(r)
	if err != nil {
		t.Fatal(err)
	}
	sound := must(c.Sign(r, bundletest.Plan{}))(t)
	forged := must(c.SignParts(r, bundletest.Parts{Subjects: subjects, Content: edit(t, content, from, to), Data: edit(t, data, from, to)}, bundletest.Plan{}))(t)
	raw := string(must(bundle.Assemble(sound))(t))
	pairs := []string{string(sound.Data), string(forged.Data), string(sound.Homeroom), string(forged.Homeroom),
		string(sound.Approval), string(forged.Approval), string(sound.Seal), string(forged.Seal)}
	for i := range sound.Teachers {
		pairs = append(pairs, string(sound.Teachers[i].Signature), string(forged.Teachers[i].Signature))
	}
	return []byte(strings.NewReplacer(pairs...).Replace(raw))
}

var stranger = sync.OnceValues(bundletest.NewCast)

// strangersStamp has the homeroom teacher's signature stamped by an authority
// that nobody trusts.
func strangersStamp(t testing.TB) map[string]*timestamp.Authority {
	t.Helper()
	return map[string]*timestamp.Authority{"ky-gvcn": must(stranger())(t).Stamper}
}

var withdrawnOnce sync.Once
var withdrawnMember bundletest.Member

// withdrawn is the homeroom teacher with a certificate of her own that stands
// on the list of revoked ones.
func withdrawn(t testing.TB) bundletest.Member {
	t.Helper()
	withdrawnOnce.Do(func() {
		c, _ := stage()
		withdrawnMember = holderUntil(t, c.CA.Issuing().NotBefore.AddDate(5, 0, 0))
	})
	return withdrawnMember
}

// statementsAndReceipts are those that must not count.
func statementsAndReceipts(t testing.TB) []exhibit {
	t.Helper()
	c, _ := stage()
	statement := must(c.SignStatement(bundletest.Statement(bundle.Submission), bundletest.Plan{}))(t)
	receipt := must(c.SignReceipt(bundletest.Receipt(bundle.ReceiptOfRecord), bundletest.Plan{}))(t)
	var out []exhibit
	add := func(kind, description, want string, raw []byte) {
		x := newExhibit(kind, description, raw)
		x.want = want
		out = append(out, x)
	}
	add(verifytest.Statement, "a submission of another record than was sealed", "signature ky-phathanh sig.digest uri=#noidung what=content",
		edit(t, statement, strings.Repeat("0f", 32), strings.Repeat("0e", 32)))
	add(verifytest.Statement, "a submission that lists a record twice", "structure bundle.count",
		twice(t, statement))
	add(verifytest.Statement, "a submission under the principal's key", "signer ky-phathanh verify.not_a_seal",
		must(c.SignStatement(bundletest.Statement(bundle.Submission), by(sealID, c.Members[bundletest.Principal])))(t))
	add(verifytest.Statement, "a recall made of a submission", "structure bundle.value", edit(t, edit(t, statement, "<NOP ", "<THU_HOI "), "</NOP>", "</THU_HOI>"))
	add(verifytest.Receipt, "a receipt under a school's seal", "signer ky-biennhan verify.other_signer",
		must(c.SignReceipt(bundletest.Receipt(bundle.ReceiptOfRecord), by("ky-biennhan", c.Members[bundletest.School])))(t))
	add(verifytest.Receipt, "a refusal made an acceptance", "signature ky-biennhan sig.digest uri=#noidung what=content",
		edit(t, receipt, "<KET_QUA>"+string(bundle.Refused), "<KET_QUA>"+string(bundle.Accepted)))
	return out
}

// twice doubles the one line of a submission.
func twice(t testing.TB, statement []byte) []byte {
	line, _ := cut(t, statement, "<HOC_BA>", "</HOC_BA>")
	return edit(t, statement, line, line+line)
}

// large are files that are refused for their size or depth and not kept.
func large(t testing.TB, good []byte) []exhibit {
	t.Helper()
	made := func(file, kind, description, want string, m verifytest.Made) exhibit {
		x := exhibit{Entry: verifytest.Entry{File: file, Kind: kind, Description: description, Made: &m}, want: want, raw: m.File(good)}
		return x
	}
	const remark = "Em chăm ngoan"
	pdf := made("made-a-paper-of-more-than-16-MB.pdf", verifytest.Paper, "a paper of more than 16 MB", "paper_form pdf.too_large",
		verifytest.Made{From: "good-paper.pdf", Insert: strings.Repeat("% 0123456789 0123456789 0123456\n", 32), Times: pades.MaxBytes/1024 + 1})
	pdf = pdf.at(verifytest.Upload, verifytest.TooLarge, "the page reads no file of more than 12 MB")
	escapes := made("made-a-paper-with-a-name-of-300000-escapes.pdf", verifytest.Paper, "a paper with a name of 300,000 escapes", "paper_last pdf.after_seal",
		verifytest.Made{From: "good-paper.pdf", Before: "Prev ", Insert: "#41", Times: 300_000}).
		at(verifytest.Intake, verifytest.Refused, "the registry takes records as XML", verifytest.Failure{Code: "xml.encoding"})
	return []exhibit{
		escapes,
		made("made-a-record-of-more-than-2-MB.xml", verifytest.Record, "a record of more than 2 MB", "form xml.too_large",
			verifytest.Made{From: goodRecord, Before: remark, Insert: "a", Times: bundle.MaxBytes}),
		made("made-a-remark-of-1-MB.xml", verifytest.Record, "a remark of 1 MB", "structure bundle.value",
			verifytest.Made{From: goodRecord, Before: remark, Insert: "a", Times: 1 << 20}),
		made("made-a-hundred-thousand-elements.xml", verifytest.Record, "a hundred thousand elements", "form xml.too_large",
			verifytest.Made{From: goodRecord, Before: "<THE_CHAT>", Insert: "<A></A>", Times: 100_000}),
		made("made-a-hundred-thousand-levels.xml", verifytest.Record, "a hundred thousand levels", "form xml.too_deep",
			verifytest.Made{From: goodRecord, Before: "<THE_CHAT>", Insert: "<A>", Times: 100_000}),
		made("made-a-hundred-thousand-attributes.xml", verifytest.Record, "a hundred thousand attributes", "form xml.attribute",
			verifytest.Made{From: goodRecord, Before: "><HOC_SINH>", Insert: ` a="x"`, Times: 100_000}),
		made("made-a-hundred-thousand-entities.xml", verifytest.Record, "a hundred thousand character references", "structure bundle.value",
			verifytest.Made{From: goodRecord, Before: remark, Insert: "&#x61;", Times: 100_000}),
		pdf,
	}
}
