package fonts

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"golang.org/x/text/unicode/norm"
)

// vietnameseLetters returns the 134 letters that carry a mark and the plain
// ones, small and capital, built from vowels and tones, not copied from a table
// that could share an omission with the font.
func vietnameseLetters() []rune {
	var all []rune
	add := func(s string) {
		for _, s := range []string{strings.ToLower(s), strings.ToUpper(s)} {
			all = append(all, []rune(norm.NFC.String(s))...)
		}
	}
	for _, vowel := range []string{"a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y"} {
		for _, tone := range []string{"", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"} {
			add(vowel + tone)
		}
	}
	for _, c := range "bcdđghklmnpqrstvx" {
		add(string(c))
	}
	return all
}

func TestFaces_HoldEveryVietnameseLetter(t *testing.T) {
	letters := vietnameseLetters()
	if n := len(letters); n != 2*(12*6+17) {
		t.Fatalf("the list has %d letters", n)
	}
	others := []rune("0123456789fjwzFJWZ.,;:!?()[]/%&@#*+-=_'\"\u00a0≤≥←→“”‘’–—…•₫№ĕĭŏŭƀčñ" +
		"\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b")
	for _, f := range faces {
		raw, err := files.ReadFile(f.file)
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) > 24<<10 {
			t.Errorf("%s is %d bytes; every printed page carries it", f.file, len(raw))
		}
		has, err := coverage(raw)
		if err != nil {
			t.Fatalf("%s: %v", f.file, err)
		}
		for _, r := range append(letters, others...) {
			if !has[r] {
				t.Errorf("%s lacks %q (%U)", f.file, r, r)
			}
		}
	}
}

func TestCSS_EmbedsFourFaces(t *testing.T) {
	css := CSS()
	if n := strings.Count(css, "@font-face{font-family:Tinos;"); n != 4 {
		t.Errorf("%d faces", n)
	}
	if strings.Contains(css, "http") {
		t.Error("a face comes from outside")
	}
}

// coverage reads the character map of a WOFF2 file: just enough of
// W3C WOFF 2.0 (sections 4 and 5) and of the cmap table, format 4.
func coverage(raw []byte) (map[rune]bool, error) {
	if len(raw) < 48 || string(raw[:4]) != "wOF2" {
		return nil, errors.New("not a WOFF2 file")
	}
	tables := int(binary.BigEndian.Uint16(raw[12:]))
	r := bytes.NewReader(raw[48:])
	offset, from, size := 0, -1, 0
	for range tables {
		tag, length, err := directoryEntry(r)
		if err != nil {
			return nil, err
		}
		if tag == "cmap" {
			from, size = offset, length
		}
		offset += length
	}
	if from < 0 {
		return nil, errors.New("no cmap table")
	}
	packed := int64(binary.BigEndian.Uint32(raw[20:]))
	data, err := io.ReadAll(brotli.NewReader(io.LimitReader(r, packed)))
	if err != nil {
		return nil, err
	}
	return readCmap(data[from : from+size])
}

// directoryEntry reads one entry of the table directory; only the first flags
// that can occur before cmap need a name.
func directoryEntry(r *bytes.Reader) (tag string, length int, err error) {
	flags, err := r.ReadByte()
	if err != nil {
		return "", 0, err
	}
	known := flags & 0x3f
	switch known {
	case 0:
		tag = "cmap"
	case 10:
		tag = "glyf"
	case 11:
		tag = "loca"
	case 0x3f:
		if _, err = r.Seek(4, io.SeekCurrent); err != nil {
			return "", 0, err
		}
	}
	if length, err = base128(r); err != nil {
		return "", 0, err
	}
	version := flags >> 6
	if glyphs := known == 10 || known == 11; glyphs && version != 3 || !glyphs && version != 0 {
		length, err = base128(r) // transformed: this is the length in the stream
	}
	return tag, length, err
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

func readCmap(cmap []byte) (map[rune]bool, error) {
	u16 := func(at int) int { return int(binary.BigEndian.Uint16(cmap[at:])) }
	has := map[rune]bool{}
	for i := range u16(2) {
		sub := int(binary.BigEndian.Uint32(cmap[4+8*i+4:]))
		if u16(sub) != 4 {
			continue
		}
		segments := u16(sub+6) / 2
		ends, starts := sub+14, sub+16+2*segments
		for s := range segments {
			for c := u16(starts + 2*s); c <= u16(ends+2*s) && c != 0xffff; c++ {
				has[rune(c)] = true // subsets write no holes inside a segment
			}
		}
		return has, nil
	}
	return nil, errors.New("no character map of format 4")
}
