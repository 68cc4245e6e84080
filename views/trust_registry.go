package views

import (
	"time"

	"hocba/views/ui"
)

// registryKeyAhead is how long before its end the Sở is told of the end of the
// registry's certificate: an authority wants its weeks.
const registryKeyAhead = 60 * 24 * time.Hour

// RegistryKey is the certificate under which the registry signs its receipts
// and papers; the zero value is none.
type RegistryKey struct {
	Holder, Issuer, Fingerprint string
	From, Until, Since          time.Time
	OnDevice                    bool
}

// Due reports whether somebody has to see to the certificate.
func (k RegistryKey) Due(now time.Time) bool { return k.Until.Sub(now) < registryKeyAhead }

func (k RegistryKey) status(now time.Time) ui.Status {
	switch {
	case k.Until.IsZero():
		return ui.Status{Tone: ui.Stop, Word: "Chưa có"}
	case now.After(k.Until):
		return ui.Status{Tone: ui.Stop, Word: "Hết hiệu lực"}
	case k.Due(now):
		return ui.Status{Tone: ui.Wait, Word: "Sắp hết hiệu lực"}
	}
	return ui.Status{Tone: ui.OK, Word: "Đang dùng"}
}

// advice says what is to be done; "" when nothing is.
func (k RegistryKey) advice(now time.Time) string {
	const how = " Người vận hành hệ thống tạo yêu cầu cấp chứng thư và cài chứng thư mới bằng lệnh hocba registry-key."
	switch {
	case k.Until.IsZero():
		return "Kho chưa ký được biên nhận nên chưa nhận học bạ của trường nào." + how
	case now.After(k.Until):
		return "Kho không trả lời các trường cho đến khi có chứng thư mới; những gì đã gửi được giữ lại." + how
	case k.Due(now):
		return "Hết ngày ấy kho không ký được biên nhận." + how
	}
	return ""
}

func (k RegistryKey) facts() []ui.Fact {
	if k.Until.IsZero() {
		return nil
	}
	return []ui.Fact{{Name: "Chủ thể", Value: k.Holder}, {Name: "Tổ chức cấp", Value: k.Issuer},
		{Name: "Hiệu lực", Value: "từ " + Day(k.From) + " đến " + Day(k.Until)}, {Name: "Kho dùng từ", Value: Day(k.Since)},
		{Name: "Khóa ký", Value: keyPlace(k.OnDevice), Soft: true}, {Name: "Mã SHA-256", Value: k.Fingerprint[:16] + "…", Soft: true}}
}

// RegistryKeyTask asks for a certificate of the registry.
func RegistryKeyTask(k RegistryKey, b By) Task {
	return Task{Key: "registry-key", Count: 1, Noun: "chứng thư", Title: "Chứng thư của kho học bạ: " + lowerFirst(k.status(b.Now).Word),
		Detail: k.advice(b.Now), Action: ui.Action{Label: "Xem", URL: TrustURL(b.Year) + "#registry-key"}}
}

func keyPlace(onDevice bool) string {
	if onDevice {
		return "Trên thiết bị ở máy chủ"
	}
	return "Trong hệ thống, mã hóa bằng bí mật của máy chủ"
}
