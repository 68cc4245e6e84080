package xades

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"hocba/internal/signing"
)

// recordContent has the size of a pupil's year: 13 subjects with remarks.
func recordContent() string {
	var b strings.Builder
	b.WriteString(`<DATA Id="data"><YEAR Id="year" NAM="2025-2026">`)
	for i := range 13 {
		fmt.Fprintf(&b, `<PART Id="part-%d" MA_HOC_BA="0197a1de-8c4b-7cc0-b1a5-5be2fd0a6d10" NAM_HOC="2025-2026" MON="M%d"><HO_TEN>Nguyễn Thị Ánh Tuyết</HO_TEN><MUC>T</MUC><DIEM>9</DIEM><NHAN_XET>%s</NHAN_XET></PART>`,
			i, i, strings.Repeat("Em nắm chắc kiến thức, trình bày bài sạch đẹp, hăng hái phát biểu. ", 6))
	}
	b.WriteString(`</YEAR></DATA>`)
	return b.String()
}

func algorithms(b *testing.B) map[string]identity {
	return map[string]identity{"RSA": withRSA(b), "P256": withP256(b)}
}

// BenchmarkSign compares a signature with all its XML against the bare one.
func BenchmarkSign(b *testing.B) {
	for name, who := range algorithms(b) {
		digest := sha256.Sum256([]byte("x"))
		b.Run(name+"/bare", func(b *testing.B) {
			for b.Loop() {
				if _, err := who.key.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
					b.Fatal(err)
				}
			}
		})
		doc := mustParse(b, frameOf(recordContent()))
		p := Params{ID: "ky-1", References: refs(b, doc, "data"), Certificate: who.cert, SigningTime: testTime, Role: "GVCN"}
		b.Run(name+"/xades", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Sign(p, who.key); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkVerify compares parsing a record and verifying its one signature
// against the bare check.
func BenchmarkVerify(b *testing.B) {
	for name, who := range algorithms(b) {
		digest := sha256.Sum256([]byte("x"))
		value, err := who.key.Sign(rand.Reader, digest[:], crypto.SHA256)
		if err != nil {
			b.Fatal(err)
		}
		algorithm, err := signing.KeyAlgorithm(who.key.Public())
		if err != nil {
			b.Fatal(err)
		}
		if value, err = algorithm.Normalise(who.key.Public(), digest, value); err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/bare", func(b *testing.B) {
			for b.Loop() {
				if !algorithm.Verify(who.key.Public(), digest, value) {
					b.Fatal("invalid")
				}
			}
		})
		content := recordContent()
		doc := mustParse(b, frameOf(content))
		raw, err := Sign(Params{ID: "ky-1", References: refs(b, doc, "data"), Certificate: who.cert, SigningTime: testTime, Role: "GVCN"}, who.key)
		if err != nil {
			b.Fatal(err)
		}
		file := []byte(frameOf(content, string(raw)))
		b.Run(name+"/xades", func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				doc, err := Parse(file)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := Verify(doc, doc.ByID("ky-1")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	raw := []byte(frameOf(recordContent()))
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCanonical(b *testing.B) {
	root := mustParse(b, frameOf(recordContent())).Root()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Canonical(root); err != nil {
			b.Fatal(err)
		}
	}
}
