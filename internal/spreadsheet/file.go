package spreadsheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"hocba/internal/fault"
)

// What a file may be at most. A list of 10,000 pupils with 25 columns stays
// under a quarter of each.
const (
	MaxFileBytes     = 10 << 20 // the .xlsx as it arrives
	MaxInflatedBytes = 64 << 20 // all parts together, by the directory's own account, and what is really read
	MaxParts         = 2000     // entries of the zip directory
	MaxSheets        = 60
	MaxRows          = 20000   // rows with content, per sheet
	MaxColumns       = 256     // last column with content
	MaxCells         = 1000000 // cells up to the last one with content of each row, all sheets together; also shared texts
	MaxCellChars     = 32767   // Excel's own limit
	MaxHeadingRow    = 30      // headings are looked for in the rows up to this one
	maxDepth         = 64      // nesting of XML elements
	maxToken         = 1 << 20 // bytes of one XML tag or text
	maxStyles        = 65536   // cell styles and number formats
)

// parts is an opened .xlsx: its parts by lower-case name, and how many bytes
// may still be inflated.
type parts struct {
	files  map[string]*zip.File
	budget int64
}

// errBudget ends the reading of a part that inflates beyond the budget.
var errBudget = errors.New("inflated size over the limit")

// openParts reads r whole and opens it as the zip of an .xlsx. Everything else
// is refused by a code that says what it is.
func openParts(r io.Reader) (*parts, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read spreadsheet: %w", err)
	}
	if len(raw) > MaxFileBytes {
		return nil, fault.New(fault.Invalid, CodeFileTooLarge, "limit", "10 MB")
	}
	if code := foreignFormat(raw); code != "" {
		return nil, fault.New(fault.Invalid, code)
	}
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, CodeFileCorrupt)
	}
	return indexParts(archive)
}

// foreignFormat tells what a file that is no zip is, by its first bytes; "" for
// a zip.
func foreignFormat(raw []byte) string {
	switch {
	case len(raw) == 0:
		return CodeFileEmpty
	case bytes.HasPrefix(raw, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")):
		// An OLE container: the .xls of Excel 97, or an .xlsx under a password,
		// whose directory then names the stream EncryptedPackage in UTF-16.
		if bytes.Contains(raw, utf16Bytes("EncryptedPackage")) {
			return CodeFileEncrypted
		}
		return CodeFileOldFormat
	case !bytes.HasPrefix(raw, []byte("PK\x03\x04")):
		return CodeFileNotXLSX
	}
	return ""
}

func utf16Bytes(s string) []byte {
	b := make([]byte, 0, 2*len(s))
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return b
}

func indexParts(archive *zip.Reader) (*parts, error) {
	if len(archive.File) > MaxParts {
		return nil, fault.New(fault.Invalid, CodeFileInflates, "limit", inflatedLimit)
	}
	p := &parts{files: make(map[string]*zip.File, len(archive.File)), budget: MaxInflatedBytes}
	var declared uint64
	for _, f := range archive.File {
		if f.Flags&0x1 != 0 {
			return nil, fault.New(fault.Invalid, CodeFileEncrypted)
		}
		if declared += f.UncompressedSize64; f.UncompressedSize64 > MaxInflatedBytes || declared > MaxInflatedBytes {
			return nil, fault.New(fault.Invalid, CodeFileInflates, "limit", inflatedLimit)
		}
		name := partName(f.Name)
		if _, twice := p.files[name]; twice {
			// Two parts of one name: programs disagree on which one counts.
			return nil, fault.New(fault.Invalid, CodeFileCorrupt)
		}
		p.files[name] = f
	}
	if p.files["mimetype"] != nil && p.files["content.xml"] != nil {
		return nil, fault.New(fault.Invalid, CodeFileODS)
	}
	if p.files["[content_types].xml"] == nil {
		return nil, fault.New(fault.Invalid, CodeFileNotXLSX)
	}
	return p, nil
}

const inflatedLimit = "64 MB"

// partName brings the name of a part into the form in which it is looked up:
// Office compares names without case and some programs write backslashes.
func partName(name string) string {
	name = strings.ToLower(strings.ReplaceAll(name, `\`, "/"))
	return strings.TrimPrefix(path.Clean("/"+name), "/")
}

// open returns the inflated content of a part; ok is false when there is none.
func (p *parts) open(name string) (content io.ReadCloser, ok bool, err error) {
	f := p.files[partName(name)]
	if f == nil {
		return nil, false, nil
	}
	rc, err := f.Open()
	if err != nil {
		return nil, true, fault.Wrap(err, fault.Invalid, CodeFileCorrupt)
	}
	return &boundedPart{ReadCloser: rc, parts: p}, true, nil
}

// boundedPart counts what is really inflated, for the directory of a bomb lies.
type boundedPart struct {
	io.ReadCloser
	parts *parts
}

func (b *boundedPart) Read(buf []byte) (int, error) {
	if b.parts.budget <= 0 {
		return 0, errBudget
	}
	if int64(len(buf)) > b.parts.budget {
		buf = buf[:b.parts.budget]
	}
	n, err := b.ReadCloser.Read(buf)
	b.parts.budget -= int64(n)
	return n, err
}

// readFault turns a failure inside a part into the fault that people see.
func readFault(err error) error {
	if fault.As(err) != nil {
		return err
	}
	if errors.Is(err, errBudget) {
		return fault.Wrap(err, fault.Invalid, CodeFileInflates, "limit", inflatedLimit)
	}
	return fault.Wrap(err, fault.Invalid, CodeFileCorrupt)
}
