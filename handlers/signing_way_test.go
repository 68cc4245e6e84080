package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hocba/internal/signing/sandbox"
)

const ways = "/2025-2026/signing-ways"

func TestSigningWays_AreMendedWithTheSecretKept(t *testing.T) {
	e := newElsewhere(t, sandbox.Script{})
	b := e.as(admin)
	path := ways + "/" + e.way("Dịch vụ thử")
	b.get(ways).wantText("Dịch vụ thử", "Sửa, thử")
	page := b.get(path).wantStatus(http.StatusOK).wantText("chưa ai gắn chứng thư", "Đã có khóa. Bỏ trống để giữ nguyên")
	if strings.Contains(page.body, `value="one"`) {
		t.Error("the page shows which secret it is")
	}
	var address string
	if err := e.db.Owner().QueryRow(`SELECT params ->> 'url' FROM core.signing_way WHERE label = 'Dịch vụ thử'`).Scan(&address); err != nil {
		t.Fatal(err)
	}
	form := url.Values{"_method": {"PUT"}, "label": {"Dịch vụ khác"}, "url": {address}, "client": {"school"}, "grant": {"code"}, "secret": {""}, "kind": {"pkcs11"}}
	b.post(path, form).wantStatus(http.StatusSeeOther)
	var kind, secret, grant string
	err := e.db.Owner().QueryRow(`SELECT kind, params ->> 'secret', params ->> 'grant' FROM core.signing_way WHERE label = 'Dịch vụ khác'
		AND changed_by IS NOT NULL`).Scan(&kind, &secret, &grant)
	if err != nil || kind != "remote" || secret != "one" || grant != "code" {
		t.Errorf("%s, %s, %s, %v", kind, secret, grant, err)
	}
	for what, c := range map[string]struct {
		field, value, says string
	}{
		"a name that is taken":  {"label", "Token thử", "Trường đã có cách ký tên “Token thử”"},
		"no name":               {"label", " ", "Tên gọi: Ghi tên gọi"},
		"plain HTTP":            {"url", "http://ky.example.vn/csc/v2", "Địa chỉ phải bắt đầu bằng https://"},
		"a name in the address": {"url", "https://a:b@ky.example.vn/csc/v2", "Địa chỉ phải bắt đầu bằng https://"},
		"no client":             {"client", "", "Ghi mã ứng dụng"},
		"no login":              {"grant", "other", "Chọn cách đăng nhập"},
	} {
		bad := url.Values{}
		for k, v := range form {
			bad[k] = v
		}
		bad.Set(c.field, c.value)
		b.post(path, bad).wantStatus(http.StatusUnprocessableEntity).wantText("Chưa lưu được", c.says)
		t.Log(what)
	}
	e.as(huong).get(path).wantStatus(http.StatusNotFound)
	e.as(huong).post(path, form).wantStatus(http.StatusNotFound)
}

func TestSigningWays_TellsHonestlyWhatTheServiceSays(t *testing.T) {
	e := newElsewhere(t, sandbox.Script{OTP: true})
	b := e.as(admin)
	path := ways + "/" + e.way("Dịch vụ thử")
	b.post(path+"/trial", nil).wantStatus(http.StatusOK).wantText("Dịch vụ sẵn sàng", "Sandbox", "2.0.0.2", "credentials/getChallenge", "oauth2client",
		"Mã ứng dụng và khóa bí mật Dịch vụ nhận")
	e.db.Exec(`UPDATE core.signing_way SET params = params || '{"client": "unknown"}' WHERE label = 'Dịch vụ thử'`)
	b.post(path+"/trial", nil).wantStatus(http.StatusOK).wantText("còn điều phải sửa", "Dịch vụ không nhận; kiểm tra client id")
	e.db.Exec(`UPDATE core.signing_way SET params = params || '{"grant": "code"}' WHERE label = 'Dịch vụ thử'`)
	b.post(path+"/trial", nil).wantStatus(http.StatusOK).wantText("Dịch vụ sẵn sàng", "Chỉ biết khi một người đăng nhập")
	e.db.Exec(`UPDATE core.signing_way SET params = jsonb_set(params, '{url}', to_jsonb(replace(params ->> 'url', '/csc/v2', '/other'))) WHERE label = 'Dịch vụ thử'`)
	b.post(path+"/trial", nil).wantStatus(http.StatusOK).wantText("Chưa nối được")
	e.db.Exec(`UPDATE core.signing_way SET params = params || '{"url": "http://127.0.0.1:1/csc/v2"}' WHERE label = 'Dịch vụ thử'`)
	page := b.post(path+"/trial", nil).wantStatus(http.StatusOK).wantText("Chưa nối được")
	if strings.Contains(page.body, "s3cret") {
		t.Error("the page shows the secret")
	}
	b.get(ways + "/" + e.way("Token thử")).wantText("máy chủ không thử được")
	b.post(ways+"/"+e.way("Token thử")+"/trial", nil).wantStatus(http.StatusOK).wantText("Máy chủ chưa bật cách ký này")
	b.post(ways, url.Values{"kind": {"pkcs11"}, "label": {"HSM"}, "token": {"truong"}}).wantStatus(http.StatusSeeOther)
	b.post(ways+"/"+e.way("HSM")+"/trial", nil).wantStatus(http.StatusOK).wantText("Máy chủ chưa bật cách ký này")
}
