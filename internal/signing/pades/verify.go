package pades

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/cms"
	"hocba/internal/signing/timestamp"
)

// Sealed is a seal that holds: every byte of the file is what was sealed.
// Nothing in it is trusted before the chain of Certificate is checked.
type Sealed struct {
	Certificate *signing.Certificate
	Version     string    // SHA-256 (hex) of the signed XML that the paper shows
	At          time.Time // as the sealer claims
	// Stamp is the time-stamp beside the signature, unchecked, nil when there is
	// none; it must be over Imprint.
	Stamp   *timestamp.Token
	Imprint [sha256.Size]byte
}

// Verify reads the one seal of a file and checks it. Only the sealed revision
// counts: a byte behind it, a second revision upon it or a range that leaves
// anything out makes the file invalid, whatever a viewer would show. It fails
// as Open does and with Invalid:
//
//	pdf.unsealed     there is no signature
//	pdf.after_seal   something was added after the seal
//	pdf.seal         the signature dictionary is not the one shape (Args what)
//	pdf.changed      a byte is not what was sealed
//	cms.…            the signature itself (cms.Parse, cms.Signed.Verify)
func Verify(raw []byte) (*Sealed, *File, error) {
	f, err := Open(raw)
	if err != nil {
		return nil, nil, err
	}
	s, err := f.seal()
	return s, f, err
}

func (f *File) seal() (*Sealed, error) {
	form := f.Dict(f.Root()["AcroForm"])
	if form == nil {
		if bytes.Contains(f.raw, []byte("/ByteRange")) {
			if !bytes.HasSuffix(bytes.TrimRight(f.raw, "\r\n"), []byte("%%EOF")) {
				return nil, refuse("pdf.changed", "truncated") // what is left is the revision before the seal
			}
			return nil, refuse("pdf.after_seal", "form")
		}
		return nil, refuse("pdf.unsealed", "form")
	}
	fields := f.Array(form["Fields"])
	if len(fields) != 1 {
		return nil, refuse("pdf.seal", "fields")
	}
	field := f.Dict(fields[0])
	ref, ok := field["V"].(Ref)
	if field["FT"] != Name("Sig") || !ok {
		return nil, refuse("pdf.seal", "field")
	}
	marks := map[Name][2]int{}
	at, known := f.offsets[int(ref)]
	if !known {
		return nil, refuse("pdf.seal", "field")
	}
	v, _, err := f.indirect(int(ref), at, marks)
	d, ok := v.(Dict)
	if err != nil || !ok {
		return nil, refuse("pdf.seal", "dictionary")
	}
	covered, err := f.covered(d, marks["Contents"])
	if err != nil {
		return nil, err
	}
	return read(d, covered)
}

// covered returns the bytes a signature is over: all but its own value, which
// must stand where its dictionary says.
func (f *File) covered(d Dict, contents [2]int) ([]byte, error) {
	ranges, ok := d["ByteRange"].(Array)
	if !ok || len(ranges) != 4 || contents[1] == 0 || f.raw[contents[0]] != '<' {
		return nil, refuse("pdf.seal", "byte_range")
	}
	var n [4]int
	for i, v := range ranges {
		if n[i], ok = v.(int); !ok || n[i] < 0 || n[i] > len(f.raw) {
			return nil, refuse("pdf.seal", "byte_range")
		}
	}
	switch {
	case n[0] != 0 || n[1] != contents[0] || n[2] != contents[1]:
		return nil, refuse("pdf.seal", "byte_range")
	case n[2]+n[3] < len(f.raw):
		return nil, refuse("pdf.after_seal", "bytes")
	case n[2]+n[3] > len(f.raw):
		return nil, refuse("pdf.changed", "truncated")
	case len(f.tables) != 2:
		return nil, refuse("pdf.after_seal", "revisions")
	}
	return append(bytes.Clone(f.raw[:n[1]]), f.raw[n[2]:]...), nil
}

func read(d Dict, covered []byte) (*Sealed, error) {
	value, ok := d["Contents"].(String)
	if d["SubFilter"] != subFilter || !ok {
		return nil, refuse("pdf.seal", "sub_filter")
	}
	der, err := trim(value)
	if err != nil {
		return nil, err
	}
	signed, err := cms.Parse(der)
	if err != nil {
		return nil, err
	}
	if signed.Content != nil || signed.ByOldIdentifier() || !signed.NamesAll() {
		return nil, refuse("pdf.seal", "attributes")
	}
	if err := signed.Verify(covered); err != nil {
		if fault.Is(err, "cms.digest") {
			return nil, refuse("pdf.changed", "digest")
		}
		return nil, err
	}
	s := &Sealed{Imprint: sha256.Sum256(signed.Signature)}
	if s.Certificate, err = signing.NewCertificate(signed.Signer, signed.Certificates...); err != nil {
		return nil, err
	}
	version, _ := d[versionKey].(String)
	if sum, err := hex.DecodeString(string(version)); err != nil || len(sum) != sha256.Size {
		return nil, refuse("pdf.seal", "version")
	}
	date, _ := d["M"].(String)
	if s.At, err = time.Parse(dateLayout, string(date)); err != nil {
		return nil, refuse("pdf.seal", "date")
	}
	s.Version = string(version)
	if token := signed.Unsigned(cms.OIDTimeStamp); token != nil {
		s.Stamp, err = timestamp.Parse(token)
	}
	return s, err
}

// trim takes the zeros off that fill the room behind the signature.
func trim(value []byte) ([]byte, error) {
	if len(value) < 4 || value[0] != 0x30 || value[1] != 0x82 {
		return nil, refuse("pdf.seal", "contents")
	}
	n := 4 + int(value[2])<<8 + int(value[3])
	if n > len(value) || len(bytes.Trim(value[n:], "\x00")) > 0 {
		return nil, refuse("pdf.seal", "contents")
	}
	return value[:n], nil
}
