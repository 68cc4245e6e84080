// Package transfer is the container of a transfer file: a ZIP of a signed
// manifest and the files it names. It writes one and reads what strangers hand
// over: few entries, of bounded size each and together, with plain names, none
// of them an archive itself. What the files say and whether the manifest holds
// is package verify's business.
//
// The layout:
//
//	danh-muc.xml                       the manifest (bundle.Transfer), signed by the registry
//	hoc-ba/2025-2026-ban-1.xml         a record, byte for byte
//	hoc-ba/2025-2026-ban-1.bien-nhan.xml, .pdf   its receipt, its paper
//	bang-chung/2025-2026-ban-1/1.json, 1.tst     its evidence (package evidence), link by link
//	bang-chung/phan/001.der            certificates and answers that evidence names
//	tin-cay.json                       whom the registry trusted, signed by it
//	gia-han/1.json, 1.tst              evidence over the manifest itself, added by whoever keeps the file
//
// Everything but the manifest and gia-han/ stands in the manifest with its size
// and hash. No name holds a child's data.
package transfer

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io"
	"regexp"
	"strconv"
	"strings"

	"hocba/internal/fault"
)

const (
	// MaxBytes bounds the archive as it is handed over.
	MaxBytes = 32 << 20
	// MaxEntry bounds one file in it, MaxTotal all of them together.
	MaxEntry = 16 << 20
	MaxTotal = 48 << 20
	// MaxEntries bounds their number.
	MaxEntries = 1200
)

// The names that are not the manifest's to choose.
const (
	ManifestName  = "danh-muc.xml"
	TrustName     = "tin-cay.json"
	RenewalFolder = "gia-han/"
	PartFolder    = "bang-chung/phan/"
)

// MediaType is the media type of a transfer file.
const MediaType = "application/zip"

// File is one file of a transfer file.
type File struct {
	Name    string
	Content []byte
}

// plain is what a name may be: no way out of the folder it is unpacked in, no
// capitals that two systems would tell apart differently.
var plain = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,99}(/[a-z0-9][a-z0-9._-]{0,99}){0,3}$`).MatchString

var folder = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,99}(/[a-z0-9][a-z0-9._-]{0,99}){0,2}/$`).MatchString

func refuse(what string, args ...string) error {
	return fault.New(fault.Invalid, "transfer.form", append([]string{"what", what}, args...)...)
}

// Is reports whether bytes begin as a ZIP does.
func Is(raw []byte) bool { return bytes.HasPrefix(raw, []byte("PK\x03\x04")) }

// BaseName names the files of a version: "2025-2026-ban-1".
func BaseName(year string, version int) string { return year + "-ban-" + strconv.Itoa(version) }

// Write packs files in their order. The same files give the same bytes. It
// fails with Invalid transfer.form for what Read would refuse.
func Write(files []File) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate})
		if err == nil {
			_, err = w.Write(f.Content)
		}
		if err != nil {
			return nil, fault.Wrap(err, fault.Internal, "transfer.form", "what", "zip")
		}
	}
	if err := z.Close(); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "transfer.form", "what", "zip")
	}
	if _, err := Read(out.Bytes()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Read unpacks a transfer file. It fails with Invalid transfer.form (Args what:
// zip, too_large, entries, name, duplicate, entry_too_large, total_too_large,
// size, encrypted, archive, no_manifest; and name).
func Read(raw []byte) ([]File, error) {
	if len(raw) > MaxBytes {
		return nil, refuse("too_large")
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "transfer.form", "what", "zip")
	}
	if len(z.File) > MaxEntries {
		return nil, refuse("entries")
	}
	seen, total := map[string]bool{}, uint64(0)
	var out []File
	for _, f := range z.File {
		if folder(f.Name) && f.UncompressedSize64 == 0 {
			continue // archivers note folders on their own
		}
		switch total += f.UncompressedSize64; {
		case !plain(f.Name) || !f.Mode().IsRegular():
			return nil, refuse("name", "name", strings.ToValidUTF8(f.Name[:min(len(f.Name), 100)], "?"))
		case seen[f.Name]:
			return nil, refuse("duplicate", "name", f.Name)
		case f.Flags&1 != 0:
			return nil, refuse("encrypted", "name", f.Name)
		case f.UncompressedSize64 > MaxEntry:
			return nil, refuse("entry_too_large", "name", f.Name)
		case total > MaxTotal:
			return nil, refuse("total_too_large")
		}
		seen[f.Name] = true
		content, err := unpack(f)
		if err != nil {
			return nil, err
		}
		out = append(out, File{f.Name, content})
	}
	if !seen[ManifestName] {
		return nil, refuse("no_manifest")
	}
	return out, nil
}

// unpack reads one entry, no more of it than it says it has.
func unpack(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "transfer.form", "what", "zip", "name", f.Name)
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, int64(f.UncompressedSize64)+1))
	switch {
	case err != nil:
		return nil, fault.Wrap(err, fault.Invalid, "transfer.form", "what", "zip", "name", f.Name)
	case uint64(len(content)) != f.UncompressedSize64:
		return nil, refuse("size", "name", f.Name)
	case Is(content):
		return nil, refuse("archive", "name", f.Name)
	}
	return content, nil
}
