package pades

import (
	"bytes"
	"compress/zlib"
	"io"
	"strconv"

	"hocba/internal/fault"
)

// MaxBytes bounds a file: a sealed record has half a megabyte.
const MaxBytes = 16 << 20

const (
	maxRevisions = 8
	maxObjects   = 100_000
	// maxStream bounds what a compressed stream unpacks to.
	maxStream = 16 << 20
	// objectWork is what reading an object costs beside its bytes.
	objectWork = 256
	// maxWork bounds the bytes that are read and made of a file after its tables
	// were: objects and streams may be named many times over. A paper of twelve
	// pages takes 2 MB.
	maxWork = 32 << 20
)

// File is a PDF of the simple kind that our papers are: classic cross-reference
// tables, no object streams, no encryption, generation 0.
type File struct {
	raw     []byte
	offsets map[int]int // of objects, by number; the newest revision wins
	trailer Dict        // of the newest revision
	tables  []int       // offsets of the cross-reference tables, the newest first
	work    int         // done so far, in bytes
	nodes   int         // of the tree of pages, seen so far
}

// spend notes work and fails when there was too much.
func (f *File) spend(bytes int) error {
	if f.work += bytes; f.work > maxWork {
		return refuse("pdf.structure", "work")
	}
	return nil
}

// Open reads the tables of a file. It fails with Invalid pdf.too_large,
// pdf.structure (Args what) or pdf.encrypted.
func Open(raw []byte) (*File, error) {
	switch {
	case len(raw) > MaxBytes:
		return nil, fault.New(fault.Invalid, "pdf.too_large", "bytes", strconv.Itoa(len(raw)))
	case !bytes.HasPrefix(raw, []byte("%PDF-1.")):
		return nil, refuse("pdf.structure", "header")
	}
	f := &File{raw: raw, offsets: map[int]int{}}
	start := bytes.LastIndex(raw, []byte("startxref"))
	if start < 0 {
		return nil, refuse("pdf.structure", "startxref")
	}
	l := &lexer{src: raw, pos: start + len("startxref")}
	l.space()
	at, err := strconv.Atoi(l.word())
	if err != nil {
		return nil, refuse("pdf.structure", "startxref")
	}
	for {
		if len(f.tables) == maxRevisions {
			return nil, refuse("pdf.structure", "revisions")
		}
		trailer, err := f.table(at)
		if err != nil {
			return nil, err
		}
		f.tables = append(f.tables, at)
		if f.trailer == nil {
			f.trailer = trailer
		}
		if trailer["Encrypt"] != nil {
			return nil, refuse("pdf.encrypted", "encrypt")
		}
		prev, ok := trailer["Prev"].(int)
		if !ok {
			return f, nil
		}
		if prev >= at { // a revision lies before the one that follows it
			return nil, refuse("pdf.structure", "prev")
		}
		at = prev
	}
}

// table reads one cross-reference table and its trailer.
func (f *File) table(at int) (Dict, error) {
	if at <= 0 || at >= len(f.raw) {
		return nil, refuse("pdf.structure", "table")
	}
	l := &lexer{src: f.raw, pos: at}
	if !bytes.HasPrefix(f.raw[at:], []byte("xref")) {
		return nil, refuse("pdf.structure", "table")
	}
	l.pos += len("xref")
	for !l.expect("trailer") {
		l.space()
		first, err1 := strconv.Atoi(l.word())
		l.space()
		count, err2 := strconv.Atoi(l.word())
		if err1 != nil || err2 != nil || first < 0 || count < 0 || first+count > maxObjects {
			return nil, refuse("pdf.structure", "table")
		}
		for n := first; n < first+count; n++ {
			if err := f.entry(l, n); err != nil {
				return nil, err
			}
		}
	}
	v, err := l.object(0)
	trailer, ok := v.(Dict)
	if err != nil || !ok {
		return nil, refuse("pdf.structure", "trailer")
	}
	return trailer, nil
}

func (f *File) entry(l *lexer, n int) error {
	l.space()
	offset, err := strconv.Atoi(l.word())
	l.space()
	generation := l.word()
	l.space()
	kind := l.word()
	if err != nil || kind != "n" && kind != "f" {
		return refuse("pdf.structure", "table")
	}
	if kind == "f" {
		return nil
	}
	if generation != "00000" || offset <= 0 || offset >= len(f.raw) {
		return refuse("pdf.structure", "table")
	}
	if _, newer := f.offsets[n]; !newer {
		f.offsets[n] = offset
	}
	return nil
}

// Get reads an object: a Ref's target, anything else as it is. A stream comes
// as *Stream.
func (f *File) Get(v any) (any, error) {
	ref, ok := v.(Ref)
	if !ok {
		return v, nil
	}
	at, ok := f.offsets[int(ref)]
	if !ok {
		return nil, nil
	}
	v, end, err := f.indirect(int(ref), at, nil)
	if err == nil {
		err = f.spend(end - at + objectWork)
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// indirect reads the indirect object n at an offset; marks as in lexer.
func (f *File) indirect(n, at int, marks map[Name][2]int) (v any, end int, err error) {
	l := &lexer{src: f.raw, pos: at, marks: marks}
	if l.word() != strconv.Itoa(n) || !l.expect("0") || !l.expect("obj") {
		return nil, 0, refuse("pdf.structure", "object_place")
	}
	if v, err = l.object(0); err != nil {
		return nil, 0, err
	}
	d, isDict := v.(Dict)
	if isDict && l.expect("stream") {
		return f.stream(l, d)
	}
	if !l.expect("endobj") {
		return nil, 0, errObject
	}
	return v, l.pos, nil
}

func (f *File) stream(l *lexer, d Dict) (any, int, error) {
	if bytes.HasPrefix(l.src[l.pos:], []byte("\r\n")) {
		l.pos += 2
	} else if bytes.HasPrefix(l.src[l.pos:], []byte("\n")) {
		l.pos++
	}
	length, ok := d["Length"].(int)
	if ref, indirect := d["Length"].(Ref); indirect {
		at, known := f.offsets[int(ref)]
		if !known {
			return nil, 0, refuse("pdf.structure", "length")
		}
		inner := &lexer{src: f.raw, pos: at}
		if inner.word() != strconv.Itoa(int(ref)) || !inner.expect("0") || !inner.expect("obj") {
			return nil, 0, refuse("pdf.structure", "length")
		}
		inner.space()
		n, err := strconv.Atoi(inner.word())
		length, ok = n, err == nil
	}
	if !ok || length < 0 || l.pos+length > len(l.src) {
		return nil, 0, refuse("pdf.structure", "length")
	}
	s := &Stream{Dict: d, Raw: l.src[l.pos : l.pos+length]}
	l.pos += length
	if !l.expect("endstream") || !l.expect("endobj") {
		return nil, 0, refuse("pdf.structure", "stream")
	}
	return s, l.pos, nil
}

// Dict reads an object that must be a dictionary; nil when it is none.
func (f *File) Dict(v any) Dict {
	got, err := f.Get(v)
	if s, ok := got.(*Stream); ok && err == nil {
		return s.Dict
	}
	d, _ := got.(Dict)
	return d
}

// Array reads an object that must be an array; nil when it is none.
func (f *File) Array(v any) Array {
	got, err := f.Get(v)
	a, ok := got.(Array)
	if err != nil || !ok {
		return nil
	}
	return a
}

// Root returns the catalogue.
func (f *File) Root() Dict { return f.Dict(f.trailer["Root"]) }

// Unpack returns the content of a stream: as it is, or inflated. Anything else
// fails with Invalid pdf.structure (what: filter).
func (f *File) Unpack(s *Stream) ([]byte, error) {
	filter, err := f.Get(s.Dict["Filter"])
	if err != nil {
		return nil, err
	}
	if list, ok := filter.(Array); ok && len(list) == 1 {
		filter = list[0]
	}
	switch filter {
	case nil:
		return s.Raw, f.spend(len(s.Raw))
	case Name("FlateDecode"):
		z, err := zlib.NewReader(bytes.NewReader(s.Raw))
		if err != nil {
			return nil, refuse("pdf.structure", "filter")
		}
		out, err := io.ReadAll(io.LimitReader(z, maxStream+1))
		if err != nil || len(out) > maxStream || s.Dict["DecodeParms"] != nil {
			return nil, refuse("pdf.structure", "filter")
		}
		return out, f.spend(len(out))
	}
	return nil, refuse("pdf.structure", "filter")
}
