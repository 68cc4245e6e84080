package handlers

import (
	"archive/zip"
	"bytes"
	"encoding/hex"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"hocba/db/dbtest"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/paper"
	"hocba/internal/verify"
)

// withPrinter gives the site a printer, or skips where there is no Chromium.
func (s *site) withPrinter() {
	s.t.Helper()
	printer, err := paper.New(paper.Options{})
	if err != nil {
		if os.Getenv("CI") != "" {
			s.t.Fatal(err)
		}
		s.t.Skip(err)
	}
	s.t.Cleanup(printer.Close)
	s.portal.press.printer = printer
}

// outside runs a program of the machine over a file with this content.
func outside(t *testing.T, content []byte, name string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "FILE", path)
	}
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(out)
}

func recordURL(id int64, file string) string {
	return "/" + string(dbtest.Year) + "/records/" + strconv.FormatInt(id, 10) + "/" + file
}

// TestPaper_IsMadeOnceAndProvesItself: many ask at once for the first time, all
// get the same bytes, and the QR leads back to the answer.
func TestPaper_IsMadeOnceAndProvesItself(t *testing.T) {
	s := newRegistrySite(t)
	all := s.all
	s.withPrinter()
	h := all[3]
	staff := []*browser{s.as(huong), s.as(principal), s.as(admin), s.stranger()}
	got := make([]answer, len(staff))
	var wait sync.WaitGroup
	for i, b := range staff {
		wait.Go(func() {
			if i == len(staff)-1 {
				got[i] = b.post(at(h.code)+"/pdf", birthForm(h.slash()))
				return
			}
			got[i] = b.get(recordURL(h.record, "paper.pdf"))
		})
	}
	wait.Wait()
	for i, a := range got {
		a.wantStatus(200)
		if a.body != got[0].body {
			t.Errorf("request %d got other bytes", i)
		}
		if a.header.Get("Content-Type") != "application/pdf" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("request %d: %v", i, a.header)
		}
	}
	if d := got[3].header.Get("Content-Disposition"); d != `attachment; filename="hoc-ba-2025-2026-ban-1.pdf"` {
		t.Error(d)
	}
	s.portal.press.printer.Close() // what is stored needs no printer
	if again := staff[0].get(recordURL(h.record, "paper.pdf")).wantStatus(200); again.body != got[0].body {
		t.Error("the second paper differs from the first")
	}
	var n int
	if err := s.db.Owner().QueryRow(`SELECT count(*) FROM registry.paper WHERE sha256 = $1`, h.sum[:]).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d stored papers, %v", n, err)
	}
	provesItself(t, s.site, h, []byte(got[0].body))
}

// provesItself asks the programs of others about the file.
func provesItself(t *testing.T, s *site, h held, pdf []byte) {
	t.Helper()
	trust, err := s.db.TrustList(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	xml := s.versionBytes(h)
	report := verify.PDF(pdf, verify.Options{Trust: trust, Now: s.db.Clock.Now(), Version: func(string) []byte { return xml }})
	if !report.Valid || report.Paper.Version != hex.EncodeToString(h.sum[:]) {
		t.Errorf("the seal: %s %+v", report.Verdict, report.Checks)
	}
	for _, c := range report.Checks {
		if c.Name == verify.PaperText && c.Status != verify.OK {
			t.Errorf("%+v", c)
		}
	}
	text := outside(t, pdf, "pdftotext", "FILE", "-")
	for _, want := range []string{h.pupil, h.code.String(), "Bản 1", "Em nắm vững bài Toán."} {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("the paper does not say %q", want)
		}
	}
	if fonts := outside(t, pdf, "pdffonts", "FILE"); !strings.Contains(fonts, "Tinos") || strings.Contains(fonts, " no  ") {
		t.Errorf("fonts: %s", fonts)
	}
	dir := t.TempDir()
	outside(t, pdf, "pdftoppm", "-r", "200", "-png", "FILE", filepath.Join(dir, "page"))
	pages, _ := filepath.Glob(filepath.Join(dir, "page*.png"))
	if len(pages) < 4 {
		t.Fatalf("%d pages", len(pages))
	}
	for _, page := range pages {
		image, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		scanned := strings.TrimSpace(outside(t, image, "zbarimg", "-q", "--raw", "FILE"))
		if want := s.portal.baseURL + at(h.code); scanned != want {
			t.Errorf("the QR of %s says %q, want %q", filepath.Base(page), scanned, want)
			continue
		}
		u, err := url.Parse(scanned)
		if err != nil {
			t.Fatal(err)
		}
		s.stranger().get(u.Path).wantStatus(200).wantText("Hợp lệ")
	}
}

// versionBytes returns the signed XML that the registry holds.
func (s *site) versionBytes(h held) []byte {
	s.t.Helper()
	var xml []byte
	err := s.db.Owner().QueryRow(`SELECT c.xml FROM registry.version v JOIN registry.version_content c ON c.version_id = v.id
		WHERE v.sha256 = $1`, h.sum[:]).Scan(&xml)
	if err != nil {
		s.t.Fatal(err)
	}
	return xml
}

// TestPaper_OpensToTheRecordsPeople: homeroom teacher and leaders; nobody of
// another school, no other teacher, nothing before acceptance but a preview.
func TestPaper_OpensToTheRecordsPeople(t *testing.T) {
	s := newSite(t)
	s.withPrinter()
	chain := jobstest.New(t, s.db, s.Cast)
	chain.Sign(t)
	id := chain.Records[3]
	preview, final := recordURL(id, "preview.pdf"), recordURL(id, "paper.pdf")
	homeroom := s.as(huong)
	text := func() string {
		t.Helper()
		got := homeroom.get(preview).wantStatus(200)
		return strings.Join(strings.Fields(outside(t, []byte(got.body), "pdftotext", "FILE", "-")), " ")
	}
	before := text()
	if !strings.Contains(before, "BẢN XEM TRƯỚC") || !strings.Contains(before, "Nguyễn Khánh Chi") || strings.Contains(before, "Mã tra cứu") {
		t.Errorf("the preview of a record that is being written: %s", before)
	}
	chain.Issue(t)
	if issued := text(); !strings.Contains(issued, "BẢN XEM TRƯỚC") || strings.Contains(issued, "Mã tra cứu") || !strings.Contains(issued, "Hải Sơn, ngày 20 tháng 5 năm 2026") {
		t.Errorf("the preview of an issued record: %s", issued)
	}
	homeroom.get(final).wantStatus(409).wantText("Bản in chính thức có từ khi Sở tiếp nhận học bạ")
	for _, name := range []string{minh, otherTeacher, authority} {
		b := s.as(name)
		b.get(preview).wantStatus(404)
		b.get(final).wantStatus(404)
	}
	homeroom.get(strings.Replace(preview, string(dbtest.Year), "2024-2025", 1)).wantStatus(404)
	homeroom.get(recordURL(99999, "preview.pdf")).wantStatus(404)
}

// TestPaper_SaysWhyThereIsNone: no printer, a printer that fails; nothing of it
// is kept, and the contents stay on the screen.
func TestPaper_SaysWhyThereIsNone(t *testing.T) {
	s := newRegistrySite(t)
	all := s.all
	b, h := s.stranger(), all[0]
	b.post(at(h.code)+"/pdf", birthForm(h.slash())).wantStatus(503).wantText("Máy chủ này chưa có chương trình tạo bản in", "Nguyễn Hoài An")
	s.as(principal).get(recordURL(h.record, "paper.pdf")).wantStatus(503).wantText("quản trị hệ thống cần cài Chromium")
	script := filepath.Join(t.TempDir(), "chromium")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nkill -9 $$\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	printer, err := paper.New(paper.Options{Bin: script, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(printer.Close)
	s.portal.press.printer = printer
	s.as(principal).get(recordURL(h.record, "paper.pdf")).wantStatus(503).wantText("Chưa tạo được bản in")
	b.post(at(h.code)+"/pdf", birthForm(h.slash())).wantStatus(503).wantText("Chưa tạo được bản in", "Nguyễn Hoài An")
	if _, found, err := s.db.Paper(t.Context(), s.Principal, h.sum, "tt27-2020-1"); found || err != nil {
		t.Errorf("a paper was kept: %v", err)
	}
}

// TestKeepPaper_KeepsTheFirst: whoever comes second gets what stands.
func TestKeepPaper_KeepsTheFirst(t *testing.T) {
	s := newRegistrySite(t)
	all := s.all
	for _, pdf := range []string{"first", "second"} {
		kept, err := s.db.KeepPaper(t.Context(), all[0].sum, "form", []byte(pdf))
		if err != nil || !bytes.Equal(kept, []byte("first")) {
			t.Errorf("%s: %s, %v", pdf, kept, err)
		}
	}
	if _, found, err := s.db.Paper(t.Context(), s.OtherPrincipal, all[0].sum, "form"); found || err != nil {
		t.Errorf("another school sees the paper: %v, %v", found, err)
	}
	for _, statement := range []string{`UPDATE registry.paper SET pdf = ''`, `DELETE FROM registry.paper`} {
		if _, err := s.db.AsRegistry().Exec(statement); err == nil {
			t.Errorf("the program may %s", statement)
		}
	}
}

// TestClassPapers_HoldWhatWasAccepted: one file a pupil, in the order of the
// roll; a recalled record has none.
func TestClassPapers_HoldWhatWasAccepted(t *testing.T) {
	s := newRegistrySite(t)
	s.withPrinter()
	path := "/" + string(dbtest.Year) + "/classes/" + strconv.FormatInt(s.Class.ID, 10) + "/papers.zip"
	s.as(minh).get(path).wantStatus(404)
	s.as(otherTeacher).get(path).wantStatus(404)
	s.chain.OpenClosing(t)
	if _, err := s.chain.Submission().Recall(t.Context(), s.Principal, s.all[1].record, "Nhập nhầm", s.chain.Seal()); err != nil {
		t.Fatal(err)
	}
	got := s.as(huong).get(path).wantStatus(200)
	z, err := zip.NewReader(strings.NewReader(got.body), int64(len(got.body)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		if f.UncompressedSize64 > 130_000 {
			t.Errorf("%s weighs %d bytes", f.Name, f.UncompressedSize64)
		}
	}
	if want := "01-nguyen-hoai-an.pdf 03-le-quynh-anh.pdf"; len(names) != 7 || !strings.HasPrefix(strings.Join(names, " "), want) {
		t.Errorf("files: %v", names)
	}
	if d := got.header.Get("Content-Disposition"); d != `attachment; filename="hoc-ba-2025-2026-4a.zip"` {
		t.Error(d)
	}
}
