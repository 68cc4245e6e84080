package transfer_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"hocba/internal/fault"
	"hocba/internal/transfer"
)

var manifest = transfer.File{Name: transfer.ManifestName, Content: []byte("<x/>")}

func TestWrite_GivesTheSameBytesAndReadsBack(t *testing.T) {
	files := []transfer.File{manifest, {Name: "hoc-ba/2025-2026-ban-1.xml", Content: bytes.Repeat([]byte("a"), 5000)}}
	first, err := transfer.Write(files)
	if err != nil {
		t.Fatal(err)
	}
	second, _ := transfer.Write(files)
	read, err := transfer.Read(first)
	if !bytes.Equal(first, second) || err != nil || len(read) != 2 || !bytes.Equal(read[1].Content, files[1].Content) || !transfer.Is(first) {
		t.Errorf("%v %d", err, len(read))
	}
}

// packed makes an archive without the writer's own demands.
func packed(t *testing.T, headers ...zip.FileHeader) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, h := range append([]zip.FileHeader{{Name: transfer.ManifestName}}, headers...) {
		h.Method = zip.Deflate
		content := []byte(h.Comment)
		h.Comment = ""
		if strings.HasSuffix(h.Name, "/") {
			h.Method = zip.Store
		}
		w, err := z.CreateHeader(&h)
		if err == nil && len(content) > 0 {
			_, err = w.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestRead_RefusesWhatIsNoTransferFile(t *testing.T) {
	good, err := transfer.Write([]transfer.File{manifest, {Name: "a.xml", Content: []byte("aaaa")}})
	if err != nil {
		t.Fatal(err)
	}
	link := zip.FileHeader{Name: "a.xml", Comment: "/etc/passwd"}
	link.SetMode(0o777 | 1<<27) // a symbolic link
	var many []zip.FileHeader
	for i := range transfer.MaxEntries {
		many = append(many, zip.FileHeader{Name: fmt.Sprintf("a%d", i)})
	}
	bomb := strings.Repeat("\x00", transfer.MaxEntry+1)
	var without bytes.Buffer
	z := zip.NewWriter(&without)
	_, _ = z.Create("a.xml")
	_ = z.Close()
	for name, x := range map[string]struct {
		raw  []byte
		want string
	}{
		"not a ZIP":          {[]byte("PK\x03\x04 nothing"), "zip"},
		"cut off":            {good[:len(good)-30], "zip"},
		"a way out":          {packed(t, zip.FileHeader{Name: "../a.xml"}), "name"},
		"an absolute name":   {packed(t, zip.FileHeader{Name: "/etc/passwd"}), "name"},
		"a backslash":        {packed(t, zip.FileHeader{Name: `..\a.xml`}), "name"},
		"capitals":           {packed(t, zip.FileHeader{Name: "DANH-MUC.XML"}), "name"},
		"a hidden file":      {packed(t, zip.FileHeader{Name: "hoc-ba/.a"}), "name"},
		"a symbolic link":    {packed(t, link), "name"},
		"twice":              {packed(t, zip.FileHeader{Name: "a.xml"}, zip.FileHeader{Name: "a.xml"}), "duplicate"},
		"the manifest twice": {packed(t, zip.FileHeader{Name: transfer.ManifestName}), "duplicate"},
		"too many":           {packed(t, many...), "entries"},
		"a bomb":             {packed(t, zip.FileHeader{Name: "a.xml", Comment: bomb}), "entry_too_large"},
		"several bombs": {packed(t, zip.FileHeader{Name: "a", Comment: bomb[1:]}, zip.FileHeader{Name: "b", Comment: bomb[1:]},
			zip.FileHeader{Name: "c", Comment: bomb[1:]}, zip.FileHeader{Name: "d", Comment: "x"}), "total_too_large"},
		"an archive inside": {packed(t, zip.FileHeader{Name: "a.zip", Comment: string(good)}), "archive"},
		"encrypted":         {packed(t, zip.FileHeader{Name: "a.xml", Flags: 1}), "encrypted"},
		"no manifest":       {without.Bytes(), "no_manifest"},
		"too large":         {make([]byte, transfer.MaxBytes+1), "too_large"},
	} {
		_, err := transfer.Read(x.raw)
		if f := fault.As(err); f == nil || f.Code != "transfer.form" || f.Args["what"] != x.want {
			t.Errorf("%s: %v, want %s", name, err, x.want)
		}
	}
	if _, err := transfer.Read(packed(t, zip.FileHeader{Name: "hoc-ba/"}, zip.FileHeader{Name: "hoc-ba/a.xml", Comment: "a"})); err != nil {
		t.Errorf("folders noted on their own: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	good, err := transfer.Write([]transfer.File{manifest, {Name: "a.xml", Content: []byte("aaaa")}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:40])
	f.Fuzz(func(t *testing.T, raw []byte) {
		files, err := transfer.Read(raw)
		if err != nil {
			return
		}
		total := 0
		for _, one := range files {
			total += len(one.Content)
		}
		if total > transfer.MaxTotal || len(files) > transfer.MaxEntries {
			t.Errorf("%d bytes in %d files", total, len(files))
		}
	})
}
