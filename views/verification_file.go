package views

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/verify"
	"hocba/views/ui"
	"hocba/views/words"
)

// VerifyURL is where anybody checks a file.
const VerifyURL = "/xac-thuc"

// FileCheck is the page on which anybody checks a file, with the answer below
// the form that asked for it.
type FileCheck struct {
	Public
	Report *verify.Report // nil: nothing was asked yet
	Held   verify.Verdict // what the registry says of the version; "" it holds none
	// MembersHeld is the same of the records of a transfer file, by SHA-256.
	MembersHeld map[string]verify.Verdict
	CheckedAt   time.Time
	Error       *fault.Error
}

func (c FileCheck) frame() Public {
	p := c.Public
	p.Product, p.Title = lookupProduct, "Kiểm tra tệp học bạ"
	if c.Report != nil {
		p.Title = c.block().Title
		return p
	}
	p.Heading, p.Lead = "Tệp học bạ này có thật không?", "Tệp XML của học bạ, phiếu, biên nhận, bản giấy PDF có con dấu của Sở, hoặc hồ sơ chuyển đi (ZIP). Tệp được kiểm tra rồi bỏ ngay, không lưu lại."
	if c.Error != nil {
		p.Title = "Lỗi: " + p.Title
		p.Above = ui.ErrorSummary("Chưa kiểm tra được tệp", words.Message(c.Error.Code, c.Error.Args), nil)
	}
	return p
}

func (c FileCheck) field() ui.Field {
	return ui.Field{Name: "file", Label: "Tệp cần kiểm tra", Required: true, Hint: "XML, PDF hoặc ZIP, không quá 12 MB",
		Attrs: map[string]any{"accept": ".xml,.pdf,.zip,application/xml,text/xml,application/pdf,application/zip"}}
}

// block is the verdict: the file's own, unless the registry knows better what
// became of the version.
func (c FileCheck) block() ui.Answer {
	switch {
	case c.Report.Verdict == verify.Failed:
		return ui.Answer{Tone: ui.Stop, Title: "Không hợp lệ", Text: "Đừng dùng tệp này. Xem bên dưới phần nào hỏng và hỏi ai."}
	case c.Report.Verdict == verify.Unknown:
		return ui.Answer{Tone: ui.Wait, Title: "Chưa kết luận được", Text: "Không có gì hỏng, nhưng có phần chưa kiểm tra được."}
	case c.Held != "" && !c.Held.Genuine():
		return VerdictAnswer(c.Held, map[string]string{})
	case c.Held == verify.VerdictUnlocked:
		return ui.Answer{Tone: ui.OK, Title: "Hợp lệ, chưa chốt", Text: "Tệp nguyên vẹn, kho học bạ đã nhận và trường còn có thể thay bản khác."}
	case c.Held == verify.VerdictValid:
		return ui.Answer{Tone: ui.OK, Title: "Hợp lệ", Text: "Tệp nguyên vẹn và đang có hiệu lực trong kho học bạ."}
	case c.Report.Record != nil && c.Report.Record.Record != nil:
		return ui.Answer{Tone: ui.Wait, Title: "Nguyên vẹn, chưa có trong kho", Text: "Mọi chữ ký đều đúng, nhưng kho học bạ của Sở chưa nhận bản này. Hỏi trường đã nộp chưa."}
	}
	return ui.Answer{Tone: ui.OK, Title: "Nguyên vẹn", Text: "Tệp không bị sửa và do đúng nơi ghi trong tệp ký."}
}

func (c FileCheck) facts() []ui.Fact {
	var facts []ui.Fact
	if d := c.Report.Record; d != nil && d.Record != nil {
		facts = append(facts, ui.Fact{Name: "Trường", Value: d.Record.General.School.Name}, ui.Fact{Name: "Năm học", Value: YearLabel(d.Record.General.Year)},
			ui.Fact{Name: "Bản", Value: strconv.Itoa(d.Record.General.Version)})
	}
	if t := c.Report.Transfer; t != nil {
		facts = append(facts, ui.Fact{Name: "Trường gửi", Value: t.Manifest.School.Name})
		if t.Manifest.To != "" {
			facts = append(facts, ui.Fact{Name: "Nơi nhận", Value: joined(t.Manifest.To, t.Manifest.Province)})
		}
		facts = append(facts, ui.Fact{Name: "Lập lúc", Value: Clock(t.Manifest.Time)}, ui.Fact{Name: "Có trong hồ sơ", Value: fmt.Sprintf("%d bản học bạ, %d tệp", len(t.Manifest.Versions), len(t.Manifest.Files))})
	}
	if p := c.Report.Paper; p != nil {
		facts = append(facts, ui.Fact{Name: "Đóng dấu", Value: p.Sealer + ", " + Clock(p.SealedAt)})
	}
	if until := c.Report.ProvableUntil; !until.IsZero() {
		facts = append(facts, ui.Fact{Name: "Chứng minh được đến", Value: school.DateOf(until).Vietnamese()})
	}
	if c.Report.Trial {
		facts = append(facts, ui.Fact{Name: "Lưu ý", Value: words.TrialSignature})
	}
	return facts
}

// checks are the named checks, what failed or is not known first. Those of one
// name that ended well are one line.
func (c FileCheck) checks() []ui.Check {
	var bad, good []ui.Check
	seen := map[string]bool{}
	for _, k := range c.Report.Checks {
		switch k.Status {
		case verify.Failed, verify.Unknown:
			tone := ui.Stop
			if k.Status == verify.Unknown {
				tone = ui.Wait
			}
			bad = append(bad, ui.Check{Status: ui.Status{Tone: tone, Word: words.CheckStatus(k.Status)}, Name: words.Check(k.Name),
				Result: joined(c.slotName(k.Slot), words.Message(k.Code, k.Args)), More: words.WhomToAsk(k.Ask), Reference: k.Reference()})
		case verify.OK:
			if !seen[k.Name] {
				seen[k.Name] = true
				good = append(good, ui.Check{Status: ui.Status{Tone: ui.OK, Word: words.CheckStatus(k.Status)}, Name: words.Check(k.Name)})
			}
		case verify.Skipped:
			if k.Name == verify.Meaning && k.Code != "" { // of this signature alone
				good = append(good, ui.Check{Status: ui.Status{Tone: ui.Wait, Word: words.CheckStatus(k.Status)}, Name: words.Check(k.Name),
					Result: joined(c.slotName(k.Slot), words.Message(k.Code, k.Args))})
				continue
			}
			if k.Code != "" && !seen[k.Name] {
				seen[k.Name] = true
				good = append(good, ui.Check{Status: ui.Status{Tone: ui.Neutral, Word: words.CheckStatus(k.Status)}, Name: words.Check(k.Name), Result: words.Message(k.Code, k.Args)})
			}
		}
	}
	return append(bad, good...)
}

// members are the records, receipts and papers of a transfer file, what is wrong
// with each, and what the registry says of it now.
func (c FileCheck) members() []FileMember {
	var out []FileMember
	for _, m := range c.Report.Members {
		f := FileMember{Name: words.TransferKind(m.Kind), File: m.Name, Status: ui.Status{Tone: ui.OK, Word: "Hợp lệ"}}
		switch m.Verdict {
		case verify.Failed:
			f.Status = ui.Status{Tone: ui.Stop, Word: "Không hợp lệ"}
		case verify.Unknown:
			f.Status = ui.Status{Tone: ui.Wait, Word: "Chưa kết luận được"}
		}
		if d := m.Record; d != nil && d.Record != nil {
			f.Name = "Học bạ năm học " + YearLabel(d.Record.General.Year) + ", bản " + strconv.Itoa(d.Record.General.Version)
		}
		if held := c.MembersHeld[m.SHA256]; held != "" && !held.Genuine() {
			f.Lines = append(f.Lines, ui.Line{Status: ui.Status{Tone: ui.Stop, Word: "Kho học bạ"}, Text: VerdictAnswer(held, map[string]string{}).Title})
		}
		for _, k := range m.Checks {
			if k.Status == verify.Failed || k.Status == verify.Unknown {
				tone := map[verify.Status]ui.Tone{verify.Failed: ui.Stop, verify.Unknown: ui.Wait}[k.Status]
				line := ui.Line{Status: ui.Status{Tone: tone, Word: words.Check(k.Name)}, Text: words.Message(k.Code, k.Args)}
				if !slices.ContainsFunc(f.Lines, func(l ui.Line) bool { return l.Status.Word == line.Status.Word && l.Text == line.Text }) { // six signers, one cause
					f.Lines = append(f.Lines, line)
				}
			}
		}
		out = append(out, f)
	}
	return out
}

// FileMember is a file of a transfer file with its verdict.
type FileMember struct {
	Name, File string
	Status     ui.Status
	Lines      []ui.Line
}

// slotName says whose signature a check is about.
func (c FileCheck) slotName(slot string) string {
	for _, s := range c.Report.Signers {
		if s.Slot == slot {
			return words.SlotRole(s.Role)
		}
	}
	return ""
}

// signatures tell each signature of the file: by whom, when, with what, and
// what it means to its signer.
func (c FileCheck) signatures() [][]string {
	var out [][]string
	for _, s := range c.Report.Signers {
		out = append(out, words.Signature(s))
	}
	return out
}
