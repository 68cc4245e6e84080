package views

import (
	"hocba/internal/signing"
	"hocba/views/ui"
	"hocba/views/words"
)

// byAgent reports whether it waits for the token in its owner's machine.
func (j Job) byAgent() bool { return j.State == "waiting" && j.AgentPort != "" }

// asksCode reports whether the open key waits for a one-time code.
func (j Job) asksCode() bool {
	return j.State == "waiting" && j.KeyUntil != nil && (j.Note == "signer.otp" || j.Note == "signer.otp_wrong")
}

// asksVisit reports whether the batch waits for its owner at the service's page.
func (j Job) asksVisit() bool {
	return j.State == "waiting" && j.KeyUntil != nil && j.Note == "signer.authorize"
}

// asksPIN reports whether going on needs the PIN, or a code in its place.
func (j Job) asksPIN() bool {
	if j.asksCode() {
		return true
	}
	return j.AgentPort == "" && j.halted() && j.NeedsKey && (j.KeyUntil == nil || j.PINError != "")
}

// AuthorisationURL leads a job's owner to the page of the service.
func AuthorisationURL(job int64) string { return JobURL(job) + "/authorization" }

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
	if j.asksCode() {
		f := ui.Field{ID: "pin", Name: "pin", Label: "Mã dùng một lần (OTP)", Width: "medium", Autocomplete: "one-time-code", InputMode: "numeric",
			Hint: "Mã vừa được gửi đến điện thoại của thầy/cô. Chưa nhận được thì bỏ trống rồi bấm ký tiếp để nhận mã mới."}
		if j.Note == "signer.otp_wrong" {
			f.Error = words.Message(j.Note, nil)
		}
		return f
	}
	f := ui.Field{ID: "pin", Name: "pin", Label: "PIN của chứng thư số", Width: "medium", Autocomplete: "off", Required: true}
	if j.Way != nil && j.Way.Kind == signing.Remote {
		f.Required, f.Hint = false, "Bỏ trống nếu xác nhận trên điện thoại."
	}
	if j.PINError != "" {
		f.Error = words.Message(j.PINError, j.PINArgs)
	}
	return f
}
