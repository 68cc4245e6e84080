package bundle_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/fault"
	"hocba/internal/school"
)

// beyond are the failures of Open that no XSD can express; the annotation at
// the head of the XSD says them in words.
var beyond = map[string]bool{
	"bundle.row_order": true, "bundle.slot_number": true, "bundle.nfc": true, "bundle.blank": true, "bundle.id": true,
	"bundle.count": true, "bundle.duplicate": true, "bundle.trailing": true,
}

// good returns documents that must open: every kind, with and without what is
// optional.
func good(t *testing.T) map[string][]byte {
	t.Helper()
	docs := make(map[string][]byte)
	keep := func(name string, raw []byte, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		docs[name] = raw
	}
	full, bare := bundletest.Record(), bundletest.Record()
	bare.General.Middle, bare.General.TeachersSign = bundle.Unit{}, false
	bare.General.School.District = "Huyện Bắc Trà My"
	bare.General.Replaces = strings.Repeat("ab", 32)
	bare.Content.Pupil = bundle.Pupil{Code: bundletest.Pupil, Passport: "N1234567", Name: "Lý", Birth: full.Issuance.Date, Sex: school.Male,
		Ethnicity: "Người nước ngoài", Nationality: "Lào", Guardian: "Bà Nguyễn Thị A", NotAssessed: true}
	bare.Content.HeightMM, bare.Content.WeightG, bare.Content.Overall, bare.Content.Commended = 1300, 0, "", nil
	bare.Content.Specific = bundle.Group{}
	bare.Content.Class.Campus, bare.Content.Class.Ethnic = "Điểm trường Tắk Pổ", "Tiếng Cơ-tu"
	bare.Content.Reassessment = &bundle.Summer{Before: "CHT", Date: full.Issuance.Date}
	raw, err := bundle.Assemble(pieces(t, full))
	keep("full", raw, err)
	raw, err = bundle.Assemble(pieces(t, bare))
	keep("bare", raw, err)
	for _, k := range []bundle.StatementKind{bundle.Submission, bundle.Recall, bundle.Closing, bundle.Request} {
		content, err := bundle.WriteStatement(bundletest.Statement(k))
		keep(string(k), content, err)
		raw, err := bundle.AssembleStatement(k, content, unsigned(bundle.SealSignatureID))
		keep(string(k), raw, err)
	}
	for _, of := range []bundle.ReceiptOf{bundle.ReceiptOfRecord, bundle.ReceiptOfSubmission, bundle.ReceiptOfClosing} {
		content, err := bundle.WriteReceipt(bundletest.Receipt(of))
		keep("receipt-"+string(of), content, err)
		raw, err := bundle.AssembleReceipt(content, unsigned(bundle.ReceiptSignatureID))
		keep("receipt-"+string(of), raw, err)
	}
	transfer := bundletest.Transfer()
	evidence := transfer
	evidence.Purpose, evidence.To, evidence.Province, evidence.Sender, evidence.Pupil.PersonalNo = bundle.AsEvidence, "", "", bundle.Teacher{}, ""
	for name, manifest := range map[string]bundle.Transfer{"transfer": transfer, "evidence": evidence} {
		content, err := bundle.WriteTransfer(manifest)
		keep(name, content, err)
		raw, err := bundle.AssembleTransfer(content, unsigned(bundle.ReceiptSignatureID))
		keep(name, raw, err)
	}
	return docs
}

// breakages change one element of a document, each in its way.
var breakages = map[string]func(el *etree.Element) bool{
	"gone": func(el *etree.Element) bool { el.Parent().RemoveChild(el); return true },
	"twice": func(el *etree.Element) bool {
		el.Parent().InsertChildAt(el.Index(), el.Copy())
		return true
	},
	"renamed": func(el *etree.Element) bool { el.Tag = "KHAC"; return true },
	"prefixed": func(el *etree.Element) bool {
		el.Space = "ds"
		el.CreateAttr("xmlns:ds", bundle.SignatureNamespace)
		return true
	},
	"swapped": func(el *etree.Element) bool {
		next := el.NextSibling()
		if next == nil {
			return false
		}
		el.Parent().InsertChildAt(el.Index(), next)
		return true
	},
	"extra attribute": func(el *etree.Element) bool { el.CreateAttr("GHI_CHU", "x"); return true },
	"extra child":     func(el *etree.Element) bool { el.CreateElement("GHI_CHU"); return true },
	"stray text":      func(el *etree.Element) bool { el.CreateText("x\tx"); return true },
	"emptied": func(el *etree.Element) bool {
		el.Child = nil
		return true
	},
	"too long": func(el *etree.Element) bool {
		if len(el.ChildElements()) > 0 {
			return false
		}
		el.SetText(strings.Repeat("ằ", 2001))
		return true
	},
	"padded": func(el *etree.Element) bool {
		if len(el.ChildElements()) > 0 || strings.HasPrefix(el.Tag, "NGAY") || strings.HasPrefix(el.Tag, "THOI_DIEM") {
			return false // XSD folds blanks around dates; the annotation says that they are refused
		}
		el.SetText(el.Text() + " ")
		return true
	},
	"written from right to left": func(el *etree.Element) bool {
		if len(el.ChildElements()) > 0 {
			return false
		}
		el.SetText("a\u202e" + el.Text() + "\u2069b")
		return true
	},
	"zero": func(el *etree.Element) bool {
		if len(el.ChildElements()) > 0 {
			return false
		}
		el.SetText("0")
		return true
	},
	"attribute gone": func(el *etree.Element) bool {
		if len(el.Attr) == 0 || el.Parent().Parent() == nil {
			return false
		}
		el.Attr = el.Attr[:len(el.Attr)-1]
		return true
	},
	"attribute wrong": func(el *etree.Element) bool {
		if len(el.Attr) == 0 {
			return false
		}
		el.Attr[len(el.Attr)-1].Value = "?"
		return true
	},
}

// elements lists the elements of the bundle's namespace in document order.
func elements(el *etree.Element) []*etree.Element {
	var all []*etree.Element
	for _, c := range el.ChildElements() {
		if c.NamespaceURI() == bundle.Namespace {
			all = append(append(all, c), elements(c)...)
		}
	}
	return all
}

func read(t *testing.T, raw []byte) *etree.Document {
	t.Helper()
	d := etree.NewDocument()
	if err := d.ReadFromBytes(raw); err != nil {
		t.Fatal(err)
	}
	d.WriteSettings = etree.WriteSettings{CanonicalEndTags: true, CanonicalText: true, CanonicalAttrVal: true}
	return d
}

// broken returns every breakage of every element of the documents, in files.
func broken(t *testing.T, docs map[string][]byte) map[string][]byte {
	t.Helper()
	out := make(map[string][]byte)
	for name, raw := range docs {
		count := len(elements(read(t, raw).Root()))
		for how, change := range breakages {
			for i := range count {
				d := read(t, raw)
				el := elements(d.Root())[i]
				path := el.GetPath()
				if !change(el) {
					continue
				}
				b, err := d.WriteToBytes()
				if err != nil {
					t.Fatal(err)
				}
				out[fmt.Sprintf("%s: %s #%d %s", name, path, i, how)] = b
			}
		}
	}
	return out
}

func TestSchema_AgreesWithOpen(t *testing.T) {
	if _, err := exec.LookPath("xmllint"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("xmllint is missing")
		}
		t.Skip("xmllint is missing")
	}
	docs := good(t)
	all := broken(t, docs)
	for name, raw := range docs {
		all["good "+name] = raw
	}
	refused := xmllint(t, all)
	counts := map[string]int{}
	for name, raw := range all {
		_, err := bundle.Open(raw)
		code := fault.CodeOf(err)
		counts[code]++
		switch {
		case strings.HasPrefix(name, "good ") && (err != nil || refused[name] != ""):
			t.Errorf("%s: Open %v, xmllint %q", name, err, refused[name])
		case err == nil && refused[name] != "":
			t.Errorf("%s: Open accepts, xmllint says %s", name, refused[name])
		case err != nil && refused[name] == "" && !beyond[code] && !strings.HasPrefix(code, "xml."):
			t.Errorf("%s: xmllint accepts, Open says %v %v", name, err, fault.As(err).Args)
		}
	}
	t.Logf("%d documents, %d refused by the XSD; by code of Open: %v", len(all), len(refused), counts)
}

var failsToValidate = regexp.MustCompile(`^(\S+?):\d+: .*error : (.*)$|^(\S+) fails to validate`)

// xmllint validates documents against the embedded XSD and returns what it
// says about those it refuses.
func xmllint(t *testing.T, docs map[string][]byte) map[string]string {
	t.Helper()
	dir := t.TempDir()
	xsd := filepath.Join(dir, bundle.SchemaName)
	if err := os.WriteFile(xsd, bundle.Schema, 0o600); err != nil {
		t.Fatal(err)
	}
	names := make(map[string]string, len(docs))
	args := []string{"--noout", "--nonet", "--schema", xsd}
	for name, raw := range docs {
		file := filepath.Join(dir, fmt.Sprintf("%05d.xml", len(names)))
		names[file] = name
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	var out bytes.Buffer
	cmd := exec.Command("xmllint", args...)
	cmd.Stderr = &out
	_ = cmd.Run() // its status is that of the last file
	refused := make(map[string]string)
	for _, l := range strings.Split(out.String(), "\n") {
		if m := failsToValidate.FindStringSubmatch(l); m != nil {
			name := names[m[1]+m[3]]
			refused[name] = refused[name] + m[2] + " "
		}
	}
	return refused
}
