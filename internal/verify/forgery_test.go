package verify_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/xades"
	"hocba/internal/verify"
)

// edit replaces one place of a file and fails the test when it is not there.
func edit(t testing.TB, raw []byte, from, to string) []byte {
	t.Helper()
	if bytes.Count(raw, []byte(from)) < 1 {
		t.Fatalf("%q is not in the file", from)
	}
	return bytes.Replace(raw, []byte(from), []byte(to), 1)
}

// cut returns the first element with this start, and the file without it.
func cut(t testing.TB, raw []byte, start, end string) (element string, rest []byte) {
	t.Helper()
	i := bytes.Index(raw, []byte(start))
	j := bytes.Index(raw[max(i, 0):], []byte(end))
	if i < 0 || j < 0 {
		t.Fatalf("%s … %s is not in the file", start, end)
	}
	j += i + len(end)
	return string(raw[i:j]), append(bytes.Clone(raw[:i]), raw[j:]...)
}

// Failures that a change of signed content brings: the signatures that cover it.
func broken(slots ...string) string {
	var out []string
	for _, s := range slots {
		out = append(out, "signature "+s+" sig.digest")
	}
	return strings.Join(out, "\n")
}

// forgeries are made from the bytes of a good record; want is everything the
// report must hold against it, no more and no less.
var forgeries = slices.Concat(forgeriesOfContent, forgeriesOfForm)

type forgery struct {
	name  string
	forge func(t testing.TB, good []byte) []byte
	want  string
}

var forgeriesOfContent = []forgery{
	{"one changed byte in a remark", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<NHAN_XET>Nắm", "<NHAN_XET>Nằm")
	}, broken("ky-gvbm-1", "ky-gvcn", "ky-cbql", "ky-phathanh")},
	{"a changed mark voids only the signatures over it", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<DIEM_KTDK>8</DIEM_KTDK>", "<DIEM_KTDK>9</DIEM_KTDK>") // Ngoại ngữ 1
	}, broken("ky-gvbm-3", "ky-gvcn", "ky-cbql", "ky-phathanh")},
	{"a changed remark of the homeroom teacher", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "Em chăm ngoan", "Em chưa ngoan")
	}, broken("ky-gvcn", "ky-cbql", "ky-phathanh")},
	{"a changed look-up code", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<MA_TRA_CUU>0123456789AB", "<MA_TRA_CUU>000000000000")
	}, broken("ky-phathanh")},
	{"a changed version number", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "<PHIEN_BAN>1<", "<PHIEN_BAN>2<")
	}, broken("ky-cbql", "ky-phathanh")},
	{"a changed signing time", func(t testing.TB, good []byte) []byte {
		return edit(t, good, "2026-06-02T01:00:00Z", "2026-06-02T02:00:00Z")
	}, broken("ky-gvcn")},
	{"a changed signature value", func(t testing.TB, good []byte) []byte {
		return regexp.MustCompile(`(Id="ky-gvcn-gt">)....`).ReplaceAll(good, []byte("${1}AAAA"))
	}, "signature ky-gvcn sig.value\n" + broken("ky-cbql", "ky-phathanh")},
	{"a subject teacher's slot taken out", func(t testing.TB, good []byte) []byte {
		_, rest := cut(t, good, `<GVBM MA_GIAO_VIEN="`+bundletest.Music, "</GVBM>")
		return rest
	}, "slots  verify.part_unsigned\nsignature ky-cbql sig.reference\nsignature ky-phathanh sig.reference"},
	{"two teachers' signatures changed places", func(t testing.TB, good []byte) []byte {
		forged := edit(t, good, `<GVBM MA_GIAO_VIEN="`+bundletest.Music, `<GVBM MA_GIAO_VIEN="?`)
		forged = edit(t, forged, `<GVBM MA_GIAO_VIEN="`+bundletest.English, `<GVBM MA_GIAO_VIEN="`+bundletest.Music)
		return edit(t, forged, `<GVBM MA_GIAO_VIEN="?`, `<GVBM MA_GIAO_VIEN="`+bundletest.English)
	}, "slots  verify.slot_number\ncoverage ky-gvbm-3 verify.not_covered\nsigner ky-gvbm-3 verify.other_signer\n" +
		"coverage ky-gvbm-11 verify.not_covered\nsigner ky-gvbm-11 verify.other_signer"},
	{"no homeroom signature", func(t testing.TB, good []byte) []byte {
		_, rest := cut(t, good, `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="ky-gvcn"`, "</ds:Signature>")
		return rest
	}, "slots  bundle.signature_missing"},
	{"a moved Id", func(t testing.TB, good []byte) []byte {
		forged := edit(t, good, `<THONG_TIN_HOC_BA Id="thongtinhocba"`, `<THONG_TIN_HOC_BA`)
		return edit(t, forged, `<HOC_SINH>`, `<HOC_SINH Id="thongtinhocba">`)
	}, "ids  bundle.id"},
	{"two parts changed Ids", func(t testing.TB, good []byte) []byte {
		forged := edit(t, good, `Id="mon-TOAN"`, `Id="mon-?"`)
		forged = edit(t, forged, `Id="mon-TIENG_VIET"`, `Id="mon-TOAN"`)
		return edit(t, forged, `Id="mon-?"`, `Id="mon-TIENG_VIET"`)
	}, "ids  bundle.id"},
	{"a doubled Id", func(t testing.TB, good []byte) []byte {
		return edit(t, good, `Id="mon-TOAN"`, `Id="mon-TIENG_VIET"`)
	}, "ids  xml.id_duplicate"},
	{"an Id in another spelling", func(t testing.TB, good []byte) []byte {
		return edit(t, good, `<HOC_SINH>`, `<HOC_SINH ID="data">`)
	}, "ids  xml.id_spelling"},
	{"wrapping: the signed data beside forged data", func(t testing.TB, good []byte) []byte {
		data, _ := cut(t, good, "<DU_LIEU_HOC_BA", "</DU_LIEU_HOC_BA>")
		forgedData := strings.Replace(strings.Replace(data, ` Id="data"`, "", 1), "<MUC_DAT_DUOC>T", "<MUC_DAT_DUOC>H", 1)
		return edit(t, good, data, forgedData+data)
	}, "ids  xml.id_duplicate"},
	{"wrapping: the signed data in a wrapper at the end", func(t testing.TB, good []byte) []byte {
		data, _ := cut(t, good, "<DU_LIEU_HOC_BA", "</DU_LIEU_HOC_BA>")
		forged := edit(t, good, data, regexp.MustCompile(` Id="[^"]*"`).ReplaceAllString(data, ""))
		return edit(t, forged, "</HOC_BA_SO>", "<LUU>"+data+"</LUU></HOC_BA_SO>")
	}, "ids  bundle.id"},
	{"wrapping: the signed part in an object of the signature", func(t testing.TB, good []byte) []byte {
		part, _ := cut(t, good, `<DIEM_TONG_KET Id="mon-NGOAI_NGU_1"`, "</DIEM_TONG_KET>")
		forged := edit(t, good, part, strings.Replace(strings.Replace(part, "mon-NGOAI_NGU_1", "mon-GIA", 1), "<DIEM_KTDK>8", "<DIEM_KTDK>10", 1))
		i := bytes.Index(forged, []byte(`Id="ky-gvbm-3"`))
		j := i + bytes.Index(forged[i:], []byte("</ds:Signature>"))
		return append(append(bytes.Clone(forged[:j]), "<ds:Object>"+part+"</ds:Object>"...), forged[j:]...)
	}, "ids  bundle.id"},
	{"wrapping: the signed data in unsigned properties of a signature", func(t testing.TB, good []byte) []byte {
		data, _ := cut(t, good, "<DU_LIEU_HOC_BA", "</DU_LIEU_HOC_BA>")
		forged := edit(t, good, data, regexp.MustCompile(` Id="[^"]*"`).ReplaceAllString(data, ""))
		return edit(t, forged, "</xades:SignedProperties>", "</xades:SignedProperties><xades:UnsignedProperties>"+data+"</xades:UnsignedProperties>")
	}, "ids  bundle.id"},
	{"wrapping: the record inside another root", func(t testing.TB, good []byte) []byte {
		body := strings.TrimPrefix(string(good), bundle.Declaration)
		return []byte(bundle.Declaration + "<GOI>" + body + "</GOI>")
	}, "structure  bundle.root"},
}

func TestFile_NamesEveryForgery(t *testing.T) {
	good := issued(t, nil)
	for _, f := range forgeries {
		t.Run(f.name, func(t *testing.T) {
			report := verify.File(f.forge(t, good), options())
			wantFailures(t, f.name, report, f.want)
			if report.Verdict != verify.Failed || report.Valid {
				t.Errorf("verdict %s", report.Verdict)
			}
		})
	}
}

// carried signs a record in which one subject's part comes from another
// record, with the signature its teacher gave it there: everybody after the
// teacher signs the mixture.
func carried(t testing.TB, other bundle.Record) []byte {
	t.Helper()
	c, _ := stage()
	r := bundletest.Record()
	subjects, content, data, err := bundletest.Bytes(r)
	if err != nil {
		t.Fatal(err)
	}
	foreign, _, _, err := bundletest.Bytes(other)
	if err != nil {
		t.Fatal(err)
	}
	for i := range subjects {
		if bundle.PartID(subjects[i]) == "mon-NGOAI_NGU_1" {
			content, data = edit(t, content, string(subjects[i]), string(foreign[i])), edit(t, data, string(subjects[i]), string(foreign[i]))
			subjects[i] = foreign[i]
		}
	}
	parts := bundletest.Parts{Subjects: subjects, Content: content, Data: data}
	return must(bundle.Assemble(must(c.SignParts(r, parts, bundletest.Plan{}))(t)))(t)
}

func TestFile_RefusesPartsCarriedFromElsewhere(t *testing.T) {
	for want, change := range map[string]func(*bundle.Record){
		"identity  verify.part_of_another_pupil": func(r *bundle.Record) {
			r.Content.Pupil.Code = "4800999999"
			for i := range r.Content.Subjects {
				r.Content.Subjects[i].Pupil = "4800999999"
			}
		},
		"identity  verify.part_of_another_year": func(r *bundle.Record) { changeYear(r, "2024-2025") },
		"identity  verify.part_of_another_record": func(r *bundle.Record) {
			r.General.Record, r.Content.Record = "0190c5a8-0000-7000-8000-000000000000", "0190c5a8-0000-7000-8000-000000000000"
			for i := range r.Content.Subjects {
				r.Content.Subjects[i].Record = r.Content.Record
			}
		},
	} {
		other := bundletest.Record()
		change(&other)
		if got := failures(verify.File(carried(t, other), options())); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// outsider is somebody with our people's names and another authority.
func outsider(t testing.TB, r demo.Request) bundletest.Member {
	t.Helper()
	c, _ := stage()
	from := c.CA.Issuing().NotBefore
	ca := must(demo.New(nil, from))(t)
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	r.PublicKey, r.NotBefore, r.NotAfter = key.Public(), from, from.AddDate(5, 0, 0)
	return bundletest.Member{Key: key, Certificate: must(ca.Issue(r))(t)}
}

func TestFile_RefusesWrongSigners(t *testing.T) {
	c, _ := stage()
	name := bundletest.Name(bundletest.Homeroom)
	foreign := outsider(t, demo.Request{Kind: demo.Person, Name: name, PersonalNumber: "048190000001"})
	by := func(slot string, m bundletest.Member) bundletest.Plan {
		return bundletest.Plan{Signer: map[string]bundletest.Member{slot: m}}
	}
	for name, x := range map[string]struct {
		plan bundletest.Plan
		want string
	}{
		"another authority, the right name":   {by("ky-gvcn", foreign), "chain ky-gvcn cert.untrusted"},
		"another teacher for the homeroom":    {by("ky-gvcn", c.Members[bundletest.Music]), "signer ky-gvcn verify.other_signer"},
		"the homeroom for a subject teacher":  {by("ky-gvbm-3", c.Members[bundletest.Homeroom]), "signer ky-gvbm-3 verify.other_signer"},
		"the school's seal for the principal": {by("ky-cbql", c.Members[bundletest.School]), "signer ky-cbql verify.not_a_person"},
		"the principal for the seal":          {by("ky-phathanh", c.Members[bundletest.Principal]), "signer ky-phathanh verify.not_a_seal"},
		"another organisation's seal":         {by("ky-phathanh", c.Members[bundletest.Department]), "signer ky-phathanh verify.other_signer"},
		"a claimed role that is not the slot's": {bundletest.Plan{Role: map[string]string{"ky-gvcn": "CBQL"}},
			"role ky-gvcn verify.role"},
	} {
		raw := must(bundle.Assemble(must(c.Sign(bundletest.Record(), x.plan))(t)))(t)
		if got := failures(verify.File(raw, options())); got != x.want {
			t.Errorf("%s: got %s, want %s", name, got, x.want)
		}
	}
	raw := must(c.SignReceipt(bundletest.Receipt(bundle.ReceiptOfRecord), by("ky-biennhan", c.Members[bundletest.School])))(t)
	if got := failures(verify.File(raw, options())); got != "signer ky-biennhan verify.other_signer" {
		t.Errorf("a receipt under a school's seal: %s", got)
	}
}

// covering is a signature that is put in the place of another's.
type covering struct {
	name, want string
	replace    func(p *bundle.Pieces)
}

// coverings: every digest and value holds, but a slot's signature covers less
// or more than its slot must. Those who signed after it cover the value it had
// before.
func coverings(t testing.TB) []covering {
	t.Helper()
	c, _ := stage()
	subjects, content, data, err := bundletest.Bytes(bundletest.Record())
	if err != nil {
		t.Fatal(err)
	}
	sign := func(id, holder string, role bundle.Role, refs []xades.Reference) []byte {
		m := c.Members[holder]
		return must(xades.Sign(xades.Params{ID: id, References: refs, Certificate: m.Certificate.Leaf(),
			Intermediates: m.Certificate.Intermediates(), SigningTime: bundletest.At.AddDate(0, 0, -5), Role: string(role)}, m.Key))(t)
	}
	after := "\n" + broken(bundle.ApprovalSignatureID, bundle.SealSignatureID)
	return []covering{
		{"the homeroom teacher signed one part alone", "coverage ky-gvcn verify.not_covered part=thongtinhocba" + after, func(p *bundle.Pieces) {
			p.Homeroom = sign("ky-gvcn", bundletest.Homeroom, bundle.Homeroom, bundle.TeacherReferences(subjects[:1]))
		}},
		{"the homeroom teacher signed what the principal must", "coverage ky-gvcn verify.covers_more part=data" + after, func(p *bundle.Pieces) {
			p.Homeroom = sign("ky-gvcn", bundletest.Homeroom, bundle.Homeroom, append(bundle.HomeroomReferences(content), bundle.HomeroomReferences(data)...))
		}},
		{"a subject teacher signed another's part beside the own", "coverage ky-gvbm-3 verify.covers_more part=mon-TOAN" + after, func(p *bundle.Pieces) {
			p.Teachers[1].Signature = sign("ky-gvbm-3", bundletest.English, bundle.SubjectTeacher, bundle.TeacherReferences(subjects[1:3]))
		}},
	}
}

func TestFile_RefusesSignaturesOverOtherElements(t *testing.T) {
	c, _ := stage()
	for _, x := range coverings(t) {
		p := must(c.Sign(bundletest.Record(), bundletest.Plan{}))(t)
		x.replace(&p)
		wantFailures(t, x.name, verify.File(must(bundle.Assemble(p))(t), options()), x.want)
	}
}

// TestFile_ANewVersionKeepsTheTeachersSignatures: General is outside what the
// teachers sign, so an unchanged page is not signed again.
func TestFile_ANewVersionKeepsTheTeachersSignatures(t *testing.T) {
	c, _ := stage()
	first, second := bundletest.Record(), bundletest.Record()
	second.General.Version, second.General.Replaces = 2, strings.Repeat("ab", 32)
	old, renewed := must(c.Sign(first, bundletest.Plan{}))(t), must(c.Sign(second, bundletest.Plan{}))(t)
	earlier := [][]byte{old.Teachers[0].Signature, old.Teachers[1].Signature, old.Teachers[2].Signature, old.Homeroom}
	renewed.Teachers, renewed.Homeroom = old.Teachers, old.Homeroom
	sign := func(id, holder string, role bundle.Role, refs []xades.Reference) []byte {
		m := c.Members[holder]
		return must(xades.Sign(xades.Params{ID: id, References: refs, Certificate: m.Certificate.Leaf(),
			Intermediates: m.Certificate.Intermediates(), SigningTime: bundletest.At.AddDate(0, 0, -1), Role: string(role)}, m.Key))(t)
	}
	renewed.Approval = sign("ky-cbql", bundletest.Principal, bundle.Approval, must(bundle.ApprovalReferences(renewed.Data, earlier))(t))
	renewed.Seal = sign("ky-phathanh", bundletest.School, bundle.Seal,
		must(bundle.SealReferences(renewed.Data, renewed.Issuance, append(earlier, renewed.Approval)))(t))
	if report := verify.File(must(bundle.Assemble(renewed))(t), options()); !report.Valid {
		t.Errorf("version 2 with the teachers' old signatures: %s", failures(report))
	}
}

func TestFile_EveryChangedByteIsRefused(t *testing.T) {
	good := issued(t, nil)
	step := 41
	if testing.Short() {
		step = 401
	}
	accepted := 0
	for i := 0; i < len(good); i += step {
		forged := bytes.Clone(good)
		forged[i] ^= 1
		if report := verify.File(forged, options()); report.Valid {
			accepted++
			t.Errorf("byte %d: %q accepted", i, fmt.Sprintf("%s→%c", good[max(0, i-20):i+1], forged[i]))
		}
	}
}

// FuzzFile judges whole files, signatures and all: a hundred or more a second.
// The readers below have targets of their own.
func FuzzFile(f *testing.F) {
	c, _ := stage()
	good := [][]byte{issued(f, nil), must(c.SignReceipt(bundletest.Receipt(bundle.ReceiptOfRecord), bundletest.Plan{}))(f),
		must(c.SignStatement(bundletest.Statement(bundle.Submission), bundletest.Plan{}))(f)}
	for _, raw := range good {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		known := slices.ContainsFunc(good, func(g []byte) bool { return bytes.Equal(g, raw) })
		if report := verify.File(raw, options()); report.Valid && !known {
			t.Errorf("accepted %d bytes", len(raw))
		}
	})
}
