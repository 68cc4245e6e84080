// Package pades seals a PDF and reads such a seal (PAdES B-B and B-T, ETSI
// EN 319 142-1): one signature, the last thing in the file, over every byte but
// its own. It reads PDF of the simple kind that our papers are, and refuses
// every other; it knows no pupils and judges no certificate.
package pades

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf16"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/cms"
)

// Names in the signature dictionary. The third is ours: which signed XML the
// paper shows.
const (
	subFilter  Name = "ETSI.CAdES.detached"
	versionKey Name = "HBS_SHA256"
	fieldName       = "HocBaSo"
)

// rooms are the sizes in bytes tried for the signature, which stands in the file
// as twice as many digits: one with a time-stamp takes 4 to 8 KB, more with a
// long chain.
var rooms = []int{4 << 10, 8 << 10, 24 << 10}

const dateLayout = "D:20060102150405+00'00'"

// Params says who seals, what for and when.
type Params struct {
	Certificate *signing.Certificate
	Key         crypto.Signer
	Name        string            // of who seals, as readers of PDF show it
	Reason      string            // likewise
	Version     [sha256.Size]byte // SHA-256 of the signed XML that the paper shows
	At          time.Time
	// Stamp asks for a time-stamp over the SHA-256 of the signature value; nil:
	// none.
	Stamp func(imprint [sha256.Size]byte) ([]byte, error)
}

// Seal returns pdf with a seal appended. It fails as Open does, with Invalid
// pdf.sealed when there is a form or a signature already, with Internal
// pdf.reserve when the signature is too long, and as cms.Sign does.
func Seal(pdf []byte, p Params) ([]byte, error) {
	f, err := Open(pdf)
	if err != nil {
		return nil, err
	}
	root := f.Root()
	rootRef, ok := f.trailer["Root"].(Ref)
	switch {
	case !ok || root == nil:
		return nil, refuse("pdf.structure", "root")
	case root["AcroForm"] != nil || len(f.tables) > 1:
		return nil, refuse("pdf.sealed", "form")
	}
	pageRef, page, err := f.firstPage()
	if err != nil {
		return nil, err
	}
	size, ok := f.trailer["Size"].(int)
	if !ok || size <= 0 || size > maxObjects {
		return nil, refuse("pdf.structure", "size")
	}
	first := 0
	if p.Stamp != nil {
		first = 1
	}
	root["AcroForm"] = Dict{"Fields": Array{Ref(size + 1)}, "SigFlags": 3}
	page["Annots"] = append(slices.Clone(f.Array(page["Annots"])), Ref(size+1))
	changed := map[Ref]Dict{rootRef: root, pageRef: page, Ref(size + 1): {"Type": Name("Annot"), "Subtype": Name("Widget"), "FT": Name("Sig"),
		"T": text(fieldName), "V": Ref(size), "F": 132, "Rect": Array{0, 0, 0, 0}, "P": pageRef}}
	for _, room := range rooms[first:] {
		sealed, err := f.append(changed, size, room, p)
		if !fault.Is(err, "pdf.reserve") {
			return sealed, err
		}
	}
	return nil, fault.New(fault.Internal, "pdf.reserve")
}

// append writes one revision with the signature as object size.
func (f *File) append(changed map[Ref]Dict, size, room int, p Params) ([]byte, error) {
	u := &update{file: f, out: bytes.Clone(f.raw), offsets: map[int]int{}, room: room}
	if !bytes.HasSuffix(u.out, []byte("\n")) {
		u.out = append(u.out, '\n')
	}
	u.signature(size, p)
	for _, n := range slices.Sorted(maps.Keys(changed)) {
		u.object(int(n), changed[n])
	}
	u.end(size + 2)
	return u.sign(p)
}

func (f *File) firstPage() (Ref, Dict, error) {
	node := f.Dict(f.Root()["Pages"])
	for range maxNesting {
		kids := f.Array(node["Kids"])
		if len(kids) == 0 {
			break
		}
		ref, ok := kids[0].(Ref)
		if !ok {
			break
		}
		if node = f.Dict(ref); node["Type"] == Name("Page") {
			return ref, node, nil
		}
	}
	return 0, nil, refuse("pdf.structure", "pages")
}

// update is an incremental update under way.
type update struct {
	file     *File
	out      []byte
	offsets  map[int]int
	room     int // for the signature, in bytes
	contents int // offset of the bracket that opens the room for the signature
	ranges   int // offset of the digits of ByteRange
}

func (u *update) object(n int, d Dict) {
	u.offsets[n] = len(u.out)
	u.out = fmt.Appendf(u.out, "%d 0 obj\n", n)
	u.out = append(write(u.out, d), "\nendobj\n"...)
}

const rangeDigits = "0000000000 0000000000 0000000000"

func (u *update) signature(n int, p Params) {
	u.offsets[n] = len(u.out)
	u.out = fmt.Appendf(u.out, "%d 0 obj\n<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /%s /ByteRange [0 ", n, subFilter)
	u.ranges = len(u.out)
	u.out = append(u.out, rangeDigits+"] /Contents "...)
	u.contents = len(u.out)
	u.out = append(u.out, '<')
	u.out = append(u.out, bytes.Repeat([]byte("0"), 2*u.room)...)
	u.out = append(u.out, "> "...)
	for _, e := range []struct {
		key   Name
		value any
	}{
		{"Name", text(p.Name)}, {"Reason", text(p.Reason)}, {"M", String(p.At.UTC().Format(dateLayout))},
		{versionKey, String(hex.EncodeToString(p.Version[:]))},
	} {
		u.out = append(write(u.out, e.key), ' ')
		u.out = append(write(u.out, e.value), ' ')
	}
	u.out = append(u.out, ">>\nendobj\n"...)
}

// end writes table and trailer.
func (u *update) end(size int) {
	at := len(u.out)
	u.out = append(u.out, "xref\n"...)
	var numbers []int
	for n := range u.offsets {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		u.out = fmt.Appendf(u.out, "%d 1\n%010d 00000 n \n", n, u.offsets[n])
	}
	trailer := Dict{"Size": size, "Root": u.file.trailer["Root"], "Prev": u.file.tables[0]}
	for _, key := range []Name{"Info", "ID"} {
		if v := u.file.trailer[key]; v != nil {
			trailer[key] = v
		}
	}
	u.out = append(write(append(u.out, "trailer\n"...), trailer), fmt.Sprintf("\nstartxref\n%d\n%%%%EOF\n", at)...)
}

// sign fills in which bytes are covered, then the signature over them.
func (u *update) sign(p Params) ([]byte, error) {
	after := u.contents + 2 + 2*u.room
	copy(u.out[u.ranges:], fmt.Sprintf("%010d %010d %010d", u.contents, after, len(u.out)-after))
	covered := append(bytes.Clone(u.out[:u.contents]), u.out[after:]...)
	c := cms.Params{Type: cms.OIDData, Content: covered, Detached: true, Certificate: p.Certificate, Key: p.Key}
	if p.Stamp != nil {
		c.Stamp = func(value []byte) ([]byte, error) { return p.Stamp(sha256.Sum256(value)) }
	}
	der, err := cms.Sign(c)
	if err != nil {
		return nil, err
	}
	if len(der) > u.room {
		return nil, fault.New(fault.Internal, "pdf.reserve", "bytes", fmt.Sprint(len(der)))
	}
	hex.Encode(u.out[u.contents+1:], der)
	return u.out, nil
}

// text writes a text string as PDF has it for more than Latin: UTF-16 with its
// mark.
func text(s string) String {
	out := String{0xFE, 0xFF}
	for _, unit := range utf16.Encode([]rune(s)) {
		out = append(out, byte(unit>>8), byte(unit))
	}
	return out
}
