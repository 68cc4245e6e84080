package fonts

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
)

// regular is the file of the upright face in which remarks are printed.
const regular = "Tinos-Regular.woff2"

// Advances returns how far the pen moves for each letter of the upright face,
// in parts of the type size: 0.5 is half of 12 points. A letter that the face
// lacks is not in the map. Pairs of letters that are set closer (kerning) are
// not counted, so a line is at most a hair shorter than the sum.
func Advances() map[rune]float64 { return advances() }

var advances = sync.OnceValue(func() map[rune]float64 {
	raw, err := files.ReadFile(regular)
	if err != nil {
		panic(err) // embedded at build time
	}
	out, err := readAdvances(raw)
	if err != nil {
		panic(err) // embedded at build time, read by a test
	}
	return out
})

// table is one table of a font file; transformed says that WOFF 2.0 packed it
// in its own way.
type table struct {
	data        []byte
	transformed bool
}

// Tags of the known table list of WOFF 2.0, section 4.1, that are read here.
const (
	tagCmap = 0
	tagHead = 1
	tagHhea = 2
	tagHmtx = 3
	tagGlyf = 10
	tagLoca = 11
	tagFree = 0x3f // the tag itself follows
)

// unpack reads the tables of a WOFF2 file (W3C WOFF 2.0, sections 4 and 5).
func unpack(raw []byte) (map[byte]table, error) {
	if len(raw) < 48 || string(raw[:4]) != "wOF2" {
		return nil, errors.New("not a WOFF2 file")
	}
	type entry struct {
		tag         byte
		length      int
		transformed bool
	}
	var entries []entry
	r := bytes.NewReader(raw[48:])
	for range int(binary.BigEndian.Uint16(raw[12:])) {
		flags, err := r.ReadByte()
		if err != nil {
			return nil, err
		}
		e := entry{tag: flags & 0x3f}
		if e.tag == tagFree {
			if _, err = r.Seek(4, io.SeekCurrent); err != nil {
				return nil, err
			}
		}
		if e.length, err = base128(r); err != nil {
			return nil, err
		}
		version, glyphs := flags>>6, e.tag == tagGlyf || e.tag == tagLoca
		if e.transformed = glyphs && version != 3 || !glyphs && version != 0; e.transformed {
			if e.length, err = base128(r); err != nil {
				return nil, err
			}
		}
		entries = append(entries, e)
	}
	packed := int64(binary.BigEndian.Uint32(raw[20:]))
	data, err := io.ReadAll(brotli.NewReader(io.LimitReader(r, packed)))
	if err != nil {
		return nil, err
	}
	out := map[byte]table{}
	for _, e := range entries {
		if e.length > len(data) {
			return nil, errors.New("a table is longer than the file")
		}
		out[e.tag] = table{data[:e.length], e.transformed}
		data = data[e.length:]
	}
	return out, nil
}

func base128(r *bytes.Reader) (int, error) {
	n := 0
	for range 5 {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		n = n<<7 | int(b&0x7f)
		if b&0x80 == 0 {
			return n, nil
		}
	}
	return 0, errors.New("number too long")
}

// readAdvances joins the character map with the horizontal metrics.
func readAdvances(raw []byte) (map[rune]float64, error) {
	tables, err := unpack(raw)
	if err != nil {
		return nil, err
	}
	head, hhea, hmtx := tables[tagHead].data, tables[tagHhea].data, tables[tagHmtx]
	if len(head) < 20 || len(hhea) < 36 || len(hmtx.data) == 0 {
		return nil, errors.New("no metrics")
	}
	glyphs, err := readCmap(tables[tagCmap].data)
	if err != nil {
		return nil, err
	}
	em := float64(binary.BigEndian.Uint16(head[18:]))
	metrics := int(binary.BigEndian.Uint16(hhea[34:]))
	widths, step := hmtx.data, 4
	if hmtx.transformed { // a flag, then the widths alone (section 5.4)
		widths, step = hmtx.data[1:], 2
	}
	if metrics == 0 || len(widths) < (metrics-1)*step+2 {
		return nil, errors.New("metrics are cut short")
	}
	out := make(map[rune]float64, len(glyphs))
	for r, glyph := range glyphs {
		at := min(glyph, metrics-1) * step // later glyphs share the last width
		out[r] = float64(binary.BigEndian.Uint16(widths[at:])) / em
	}
	return out, nil
}

// readCmap reads a character map of format 4.
func readCmap(cmap []byte) (map[rune]int, error) {
	if len(cmap) < 4 {
		return nil, errors.New("no cmap table")
	}
	u16 := func(at int) int { return int(binary.BigEndian.Uint16(cmap[at:])) }
	for i := range u16(2) {
		sub := int(binary.BigEndian.Uint32(cmap[4+8*i+4:]))
		if u16(sub) != 4 {
			continue
		}
		glyphs := map[rune]int{}
		n := u16(sub+6) / 2
		ends, starts := sub+14, sub+16+2*n
		deltas, offsets := starts+2*n, starts+4*n
		for s := range n {
			for c := u16(starts + 2*s); c <= u16(ends+2*s) && c != 0xffff; c++ {
				glyph := c
				if offset := u16(offsets + 2*s); offset != 0 {
					glyph = u16(offsets + 2*s + offset + 2*(c-u16(starts+2*s)))
				}
				glyphs[rune(c)] = (glyph + u16(deltas+2*s)) & 0xffff
			}
		}
		return glyphs, nil
	}
	return nil, errors.New("no character map of format 4")
}
