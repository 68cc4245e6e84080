package views

import (
	"hocba/internal/signing"
	"hocba/views/ui"
	"hocba/views/words"
)

// byAgent reports whether it waits for the token in its owner's machine.
func (j Job) byAgent() bool { return j.State == "waiting" && j.AgentPort != "" }

// asksPIN reports whether going on needs the PIN.
func (j Job) asksPIN() bool {
	return j.AgentPort == "" && j.halted() && j.NeedsKey && (j.KeyUntil == nil || j.PINError != "")
}

func (j Job) keyStep() ui.Step {
	s := ui.Step{Status: ui.Status{Tone: ui.OK, Word: "Mở khóa ký"}, More: "PIN nhập một lần"}
	switch {
	case j.AgentPort != "":
		s.Status.Word, s.More = "Token của thầy/cô", "PIN nhập ở chương trình ký"
		if j.byAgent() {
			s.Status.Tone, s.Status.Icon = ui.Wait, ui.IconKey
		}
		return s
	case j.KeyUntil != nil && (j.moving() || j.halted()):
		s.More = "PIN nhập một lần, hết hạn " + HourMinute(*j.KeyUntil)
	case j.halted():
		s.Status.Tone, s.Status.Icon, s.More = ui.Wait, ui.IconKey, "khóa đã đóng"
	case !j.moving():
		s.More = "khóa đã đóng"
	}
	return s
}

func (j Job) pin() ui.Field {
	f := ui.Field{ID: "pin", Name: "pin", Label: "PIN của chứng thư số", Width: "medium", Autocomplete: "off", Required: true}
	if j.Way != nil && j.Way.Kind == signing.Remote {
		f.Required, f.Hint = false, "Bỏ trống nếu xác nhận trên điện thoại."
	}
	if j.PINError != "" {
		f.Error = words.Message(j.PINError, j.PINArgs)
	}
	return f
}
