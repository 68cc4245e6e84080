package audit

import (
	"testing"
	"time"

	"hocba/internal/fault"
)

var (
	teacher = Who{AccountID: 7, UnitID: 3, Role: "teacher", RequestID: "r-1"}
	noon    = time.Date(2026, 6, 20, 12, 0, 0, 0, time.UTC)
)

func TestNew_KeepsCodesOnly(t *testing.T) {
	e, err := New(teacher, noon, "sign_part", "record:0198a", "parts", "mon-TOAN,mon-TIENG_VIET", "version", "")
	if err != nil {
		t.Fatal(err)
	}
	if e.Who() != teacher || e.At() != noon || e.Act() != "sign_part" || e.Object() != "record:0198a" || e.IsZero() {
		t.Errorf("got %+v", e)
	}
	if d := e.Detail(); len(d) != 1 || d["parts"] != "mon-TOAN,mon-TIENG_VIET" {
		t.Errorf("detail %v", d)
	}
	for _, value := range []string{"Nguyễn Văn An", "Tran Van An", "chưa đạt", "a\nb"} {
		if _, err := New(teacher, noon, "return", "record:1", "reason", value); !fault.Is(err, "audit.event") {
			t.Errorf("%q was logged: %v", value, err)
		}
	}
}

func TestNew_RefusesHalfAnEvent(t *testing.T) {
	for name, make := range map[string]func() (Event, error){
		"no act":    func() (Event, error) { return New(teacher, noon, "", "record:1") },
		"no object": func() (Event, error) { return New(teacher, noon, "approve", "") },
		"no time":   func() (Event, error) { return New(teacher, time.Time{}, "approve", "record:1") },
		"nobody":    func() (Event, error) { return New(Who{}, noon, "approve", "record:1") },
		"odd":       func() (Event, error) { return New(teacher, noon, "approve", "record:1", "x") },
	} {
		if e, err := make(); err == nil || !e.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDetail_CannotBeChangedFromOutside(t *testing.T) {
	e, _ := New(teacher, noon, "approve", "record:1", "version", "2")
	e.Detail()["version"] = "3"
	if e.Detail()["version"] != "2" {
		t.Error("an event was changed")
	}
}

func TestNewView_NamesReaderAndObject(t *testing.T) {
	v, err := NewView(teacher, noon, "gradebook", "class:12")
	if err != nil || v.Who() != teacher || v.What() != "gradebook" || v.Object() != "class:12" || v.At() != noon || v.IsZero() {
		t.Errorf("got %+v, %v", v, err)
	}
	if _, err := NewView(teacher, noon, "gradebook", "Nguyễn Văn An"); err == nil {
		t.Error("a name was logged")
	}
}
