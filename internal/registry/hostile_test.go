package registry

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"hocba/internal/bundle"
)

// Whatever a school's line brings in place of a record is refused for a reason
// of its own, at once and without being unfolded.
func TestExamine_RefusesBombsQuickly(t *testing.T) {
	d := newDesk(t)
	sound := d.record(nil)
	const head = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	var wide []byte
	for _, unit := range utf16.Encode([]rune(head + "<HOC_BA_SO/>")) {
		wide = binary.LittleEndian.AppendUint16(wide, unit)
	}
	laughs := head + `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "` + strings.Repeat("&a;", 1000) + `">]><HOC_BA_SO>` + strings.Repeat("&b;", 1000) + `</HOC_BA_SO>`
	for name, raw := range map[string][]byte{
		"billion laughs": []byte(laughs),
		"a DTD outside":  []byte(head + `<!DOCTYPE x SYSTEM "file:///etc/passwd"><HOC_BA_SO/>`),
		"depth":          []byte(head + strings.Repeat("<a>", 100_000)),
		"attributes":     []byte(head + "<HOC_BA_SO " + strings.Repeat(`a="x" `, 50_000) + "/>"),
		"100 MB":         bytes.Repeat([]byte("x"), 100<<20),
		"UTF-16":         append([]byte{0xff, 0xfe}, wide...),
		"NUL":            []byte(head + "<HOC_BA_SO>a\x00b</HOC_BA_SO>"),
		"no UTF-8":       []byte(head + "<HOC_BA_SO>\xff\xfe</HOC_BA_SO>"),
		"nothing":        nil,
		"half a file":    []byte(head + `<HOC_BA_SO xmlns="urn:hocba:hoc-ba-tieu-hoc:1" LUOC_DO="1"><DU_LIEU_HOC_BA Id="data">`),
	} {
		t.Run(name, func(t *testing.T) {
			p := d.paper(bundle.Submission, func(s *bundle.Statement) { s.Records[0].SHA256 = hash(raw) }, sound)
			begin := time.Now()
			a := d.office.Examine(p, d.sender, raw)
			r := Decide(a, Facts{}, d.office.Now)
			if took := time.Since(begin); took > 3*time.Second {
				t.Errorf("took %v", took)
			}
			if r.Accepted() || len(r.Reasons()) == 0 {
				t.Fatalf("ruling %+v", r)
			}
			var codes []string
			for _, reason := range r.Reasons() {
				codes = append(codes, reason.Code)
			}
			if !strings.HasPrefix(codes[0], "xml.") {
				t.Errorf("reasons %v", codes)
			}
		})
	}
}
