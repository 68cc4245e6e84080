package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hocba/db/dbtest"
	"hocba/views"
)

// phraseForm is a phrase as a form sends it.
func phraseForm(text string, more ...string) url.Values {
	f := url.Values{"item": {"TOAN"}, "from": {"4"}, "to": {"5"}, "level": {"T"}, "text": {text}}
	for i := 0; i+1 < len(more); i += 2 {
		f.Set(more[i], more[i+1])
	}
	return f
}

func TestPhrases_ATeacherKeepsOwnOnes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(huong)
	bank := views.PhrasesURL(dbtest.Year)
	b.get(bank).wantStatus(http.StatusOK).wantText("Kho còn trống", "Thêm câu vào kho của tôi")
	got := b.post(bank, phraseForm("Tính nhanh, {tên} rất cẩn thận.", "code", "tn", "periods", "cn"))
	if got.status != http.StatusSeeOther || got.header.Get("Location") != bank+"?done=added" {
		t.Fatalf("%d to %q", got.status, got.header.Get("Location"))
	}
	page := b.get(bank+"?done=added").wantText("Đã thêm câu", "Tính nhanh, {tên} rất cẩn thận.", "TN", "Toán", "lớp 4–5 · Cuối năm", "Hoàn thành tốt")
	edit := find(page.parse(), func(n *html.Node) bool { return n.Data == "a" && strings.HasPrefix(attr(n, "href"), bank+"/") })
	if edit == nil {
		t.Fatal("no link to change it")
	}
	one, _, _ := strings.Cut(attr(edit, "href"), "#")
	b.get(one).wantText("Sửa câu")
	b.do(http.MethodPut, one, strings.NewReader(phraseForm("", "revision", "1").Encode())).wantStatus(http.StatusUnprocessableEntity).
		wantText("Viết câu nhận xét.")
	b.do(http.MethodPut, one, strings.NewReader(phraseForm("Tính nhẩm nhanh.", "revision", "1").Encode())).wantStatus(http.StatusSeeOther)
	b.do(http.MethodPut, one, strings.NewReader(phraseForm("Tính nhẩm chậm.", "revision", "1").Encode())).wantStatus(http.StatusConflict).
		wantText("vừa được sửa", "Tính nhẩm chậm.")
	for _, who := range []string{minh, principal, admin} {
		other := s.as(who)
		if text := other.get(bank).text(); strings.Contains(text, "Tính nhẩm nhanh.") {
			t.Errorf("%s reads Hương's phrase", who)
		}
		other.get(one).wantStatus(http.StatusNotFound)
		other.do(http.MethodDelete, one, nil).wantStatus(http.StatusNotFound)
	}
	b.do(http.MethodDelete, one, nil).wantStatus(http.StatusSeeOther)
	b.get(bank+"?done=ended").wantText("Đã bỏ câu", "Kho còn trống")
}

func TestPhrases_TheSchoolSharesItsOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	bank := views.PhrasesURL(dbtest.Year)
	s.as(principal).post(bank, phraseForm("Em luôn giữ vở sạch.", "item", "TIENG_VIET")).wantStatus(http.StatusSeeOther)
	s.as(admin).get(bank).wantText("Em luôn giữ vở sạch.", "Thêm câu vào kho của trường")
	b := s.as(huong)
	if text := b.get(bank).text(); strings.Contains(text, "Em luôn giữ vở sạch.") {
		t.Error("the school's phrase stands in the teacher's own bank")
	}
	shared := b.get(bank+"?source=school").wantText("Em luôn giữ vở sạch.", "Chép")
	if strings.Contains(shared.text(), "Thêm câu") {
		t.Error("a teacher may change the school's bank")
	}
	deputy := s.as(deputy)
	if text := deputy.get(bank).wantText("Em luôn giữ vở sạch.").text(); strings.Contains(text, "Thêm câu") || strings.Contains(text, "Chép") {
		t.Error("the deputy keeps the school's bank")
	}
	deputy.post(bank, phraseForm("Em ngoan.")).wantStatus(http.StatusNotFound)
	s.as(otherTeacher).get(bank + "?source=school").wantText("còn trống")
}

func TestPhrases_TheStarterBankIsSearchedAndCopied(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.as(huong)
	starter := views.PhrasesURL(dbtest.Year) + "?source=starter"
	b.get(starter+"&item=TOAN&grade=4&level=T").wantText("Thực hiện thành thạo các phép tính, trình bày rõ ràng, khoa học.", "11 câu")
	b.get(starter + "&item=TOAN&q=th").wantText("Thực hiện thành thạo các phép tính")
	b.get(starter + "&item=TOAN&q=zzz").wantText("Không có câu nào")
	page := b.get(views.PhrasesURL(dbtest.Year) + "?source=own&copy=TOAN.T19").wantStatus(http.StatusOK)
	area := find(page.parse(), byAttr("id", "phrase-text"))
	if area == nil || textOf(area) == "" {
		t.Error("the copied words do not stand in the form")
	}
}
