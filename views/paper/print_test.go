package paper_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	printer "hocba/internal/paper"
	"hocba/views/paper"
)

var day = time.Date(2026, 6, 20, 2, 30, 0, 0, time.UTC)

func newPrinter(t testing.TB, tabs int) *printer.Printer {
	t.Helper()
	p, err := printer.New(printer.Options{Tabs: tabs})
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	t.Cleanup(p.Close)
	return p
}

func mustPrint(t testing.TB, p *printer.Printer, b paper.Booklet) []byte {
	t.Helper()
	pdf, err := p.PDF(context.Background(), render(t, b), day)
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("HOCBA_PAPER_OUT"); dir != "" { // to be looked at
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(t.Name())+".pdf"), pdf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return pdf
}

func TestBooklet_Final(t *testing.T) {
	c := signed()
	c.Guidance = true
	pdf := mustPrint(t, newPrinter(t, 1), paper.FromRecord(sample(longName), c))
	t.Log(len(pdf), bytes.Count(pdf, []byte("/Type /Page\n")))
	_ = exec.Command
}
