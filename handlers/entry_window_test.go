package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/school"
)

// order sends the form of an order as the principal.
func (s *site) order(scope, opens, closes, reason string) answer {
	return s.as(principal).post("/2025-2026/entry-orders", url.Values{"period": {"cn"}, "scope": {scope}, "opens": {opens}, "closes": {closes},
		"number": {"12/TB-THHP"}, "reason": {reason}})
}

func TestEntryOrder_IsTheOnlyWayToOpenAPeriod(t *testing.T) {
	s := newSite(t)
	head, office := s.as(principal), s.as(admin)
	head.get("/2025-2026/entry-windows").wantStatus(http.StatusOK).wantText("Cuối năm học Chưa mở", "Chưa mở lần nào", "Ra lệnh mở nhập")
	s.order("", "08:00 15/05/2026", "17:00 25/5/2026", "").wantStatus(http.StatusSeeOther)
	head.get("/2025-2026/entry-windows").wantText("Cuối năm học Chưa mở", "Chờ quản trị mở", "Toàn trường", "12/TB-THHP")
	office.get("/2025-2026").wantText("Lệnh mở nhập chờ thực hiện")
	office.post("/2025-2026/entry-orders", url.Values{"period": {"cn"}}).wantStatus(http.StatusNotFound)
	head.post("/2025-2026/entry-orders/1/execution", nil).wantStatus(http.StatusNotFound)

	office.post("/2025-2026/entry-orders/1/execution", nil).wantStatus(http.StatusSeeOther)
	office.get("/2025-2026/entry-windows").wantText("Cuối năm học Đang mở 08:00 15/05/2026 – 17:00 25/05/2026", "Đã mở", "Võ Quản Trị · 08:00 20/05/2026")
	office.post("/2025-2026/entry-orders/1/execution", nil).wantStatus(http.StatusConflict).wantText("đã được thực hiện")
	head.post("/2025-2026/entry-orders/1", url.Values{"_method": {"DELETE"}}).wantStatus(http.StatusConflict)

	s.order("", "25/05/2026", "26/05/2026", "").wantStatus(http.StatusUnprocessableEntity).wantText("ghi lý do mở lại")
	s.order("", "25/05/2026", "26/05/2026", "Mưa bão").wantStatus(http.StatusSeeOther)
	head.post("/2025-2026/entry-orders/2", url.Values{"_method": {"DELETE"}}).wantStatus(http.StatusSeeOther)
	office.post("/2025-2026/entry-orders/2/execution", nil).wantStatus(http.StatusConflict)
	head.get("/2025-2026/entry-windows").wantText("Đã rút lệnh", "Đang mở")
	s.as(otherTeacher).get("/2025-2026/entry-windows").wantStatus(http.StatusNotFound)
	s.as(authority).get("/2025-2026/entry-orders/1/order.pdf").wantStatus(http.StatusNotFound)
}

func TestEntryOrder_RefusesWhatNobodyCanMean(t *testing.T) {
	s := newSite(t)
	s.order("", "08:00 26/05/2026", "08:00 26/05/2026", "x").wantStatus(http.StatusUnprocessableEntity).wantText("Thời điểm khóa phải sau")
	s.order("", "mai", "08:00 26/05/2026", "x").wantStatus(http.StatusUnprocessableEntity).wantText("Ghi ngày giờ dạng")
	s.order("", "08:00 10/05/2026", "08:00 19/05/2026", "x").wantStatus(http.StatusUnprocessableEntity).wantText("Thời điểm khóa đã qua")
	s.order("khoi-6", "08:00 25/05/2026", "08:00 26/05/2026", "x").wantStatus(http.StatusUnprocessableEntity).wantText("Chọn toàn trường")
	s.order("lop-999999", "08:00 25/05/2026", "08:00 26/05/2026", "x").wantStatus(http.StatusNotFound)
	s.order("", "08:00 25/05/2026", "08:00 26/05/2026", strings.Repeat("a", 301)).wantStatus(http.StatusUnprocessableEntity).wantText("không quá 300")
	s.order("", "08:00 20/05/2026", "08:01 20/05/2026", "x").wantStatus(http.StatusSeeOther)
	s.db.Clock.Advance(2 * time.Minute)
	s.as(admin).post("/2025-2026/entry-orders/1/execution", nil).wantStatus(http.StatusConflict).wantText("Thời gian của lệnh đã qua")
}

// carryOut orders and opens the year's end for a scope.
func (s *site) carryOut(t *testing.T, o db.EntryOrder) {
	t.Helper()
	o.Year, o.Period, o.Reason = "2025-2026", school.YearEnd, "thử"
	var id int64
	err := s.db.As(t.Context(), s.Principal, func(tx *db.Tx) (err error) {
		id, err = tx.OrderEntry(t.Context(), o)
		return err
	})
	if err == nil {
		err = s.db.As(t.Context(), s.Admin, func(tx *db.Tx) error { return tx.CarryOutOrder(t.Context(), o.Year, id) })
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestEntryOrder_OfAClassOrGradeOpensThatAlone(t *testing.T) {
	s := newSite(t)
	now := s.db.Now()
	opens, soon, later := now.Add(-time.Hour), now.Add(time.Minute), now.Add(time.Hour)
	writes := func(level string) bool {
		var done bool
		err := s.db.As(t.Context(), s.Huong, func(tx *db.Tx) error {
			res, err := tx.SaveCells(t.Context(), db.ClassPeriod{Year: "2025-2026", ClassID: s.Class.ID, Period: school.YearEnd},
				[]db.CellChange{{CellRef: db.CellRef{Enrolment: s.Roll[0].EnrolmentID, Item: evaluation.Item(school.DaoDuc), Field: evaluation.FieldLevel}, New: level}})
			done = err == nil && res[0].Fault == nil
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	s.carryOut(t, db.EntryOrder{Opens: opens, Closes: later, EntryScope: db.EntryScope{Grade: 5}})
	if writes("T") {
		t.Error("an order for grade 5 opened a class of grade 4")
	}
	s.as(huong).get(s.grid(school.YearEnd, school.DaoDuc)).wantText("Chưa mở nhập")
	s.carryOut(t, db.EntryOrder{Opens: opens, Closes: soon, EntryScope: db.EntryScope{Grade: 4}})
	s.as(huong).get("/2025-2026").wantText("chưa đủ")
	if !writes("T") {
		t.Error("an order for grade 4 did not open a class of grade 4")
	}
	s.db.Clock.Advance(2 * time.Minute)
	if writes("H") {
		t.Error("the class stayed open after its time")
	}
	s.carryOut(t, db.EntryOrder{Opens: opens, Closes: later, EntryScope: db.EntryScope{ClassID: s.Class.ID}})
	if s.as(huong).get(s.grid(school.YearEnd, school.DaoDuc)).wantStatus(http.StatusOK); !writes("T") {
		t.Error("an order for the class did not open it again")
	}
}

func TestEntryOrder_PrintsAsOnePage(t *testing.T) {
	s := newSite(t)
	s.order("khoi-4", "08:00 15/05/2026", "17:00 25/5/2026", "Nhập cuối năm").wantStatus(http.StatusSeeOther)
	s.as(admin).post("/2025-2026/entry-orders/1/execution", nil).wantStatus(http.StatusSeeOther)
	s.withPrinter()
	got := s.as(admin).get("/2025-2026/entry-orders/1/order.pdf").wantStatus(http.StatusOK)
	raw := outside(t, []byte(got.body), "pdftotext", "FILE", "-")
	text := strings.Join(strings.Fields(raw), " ")
	for _, want := range []string{"LỆNH MỞ NHẬP KẾT QUẢ ĐÁNH GIÁ", "12/TB-THHP", "Khối 4", "17:00 25/05/2026", "HIỆU TRƯỞNG", "Võ Quản Trị"} {
		if !strings.Contains(text, want) {
			t.Errorf("the order does not say %q: %s", want, text)
		}
	}
	if n := strings.Count(raw, "\f"); n != 1 {
		t.Errorf("%d pages, want 1", n)
	}
}

func TestReadInstant_AsPeopleWriteIt(t *testing.T) {
	want := time.Date(2026, time.May, 15, 8, 5, 0, 0, school.Zone)
	for _, s := range []string{"08:05 15/05/2026", " 8:05  15-5-2026", "15/05/2026 08:05", "2026-05-15 8:05"} {
		if got, ok := readWindowTime(s); !ok || !got.Equal(want) {
			t.Errorf("%q reads %v, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "8:05", "25:00 15/05/2026", "08:05 31/02/2026", "8 giờ 15/05/2026", "08:05 15/05/26"} {
		if got, ok := readWindowTime(s); ok {
			t.Errorf("%q reads %v", s, got)
		}
	}
}
