package e2e

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/school"
)

// Columns of a subject's table.
const (
	levels = iota
	marks
	comments
)

// grid is the address of a subject's table of 4A at the year's end.
func (s *stage) grid(subject school.Subject) string {
	return fmt.Sprintf("/2025-2026/classes/%d/gradebook/cn?subject=%s", s.cast.Class.ID, subject)
}

// seat brings 4A to n pupils.
func (s *stage) seat(n int) {
	s.t.Helper()
	err := s.db.As(s.t.Context(), s.cast.Admin, func(tx *db.Tx) error {
		for i := len(s.cast.Roll); i < n; i++ {
			id, err := tx.CreatePupil(s.t.Context(), db.Pupil{Code: fmt.Sprintf("77%08d", i), FullName: fmt.Sprintf("Vũ %c%c Yến", 'A'+i/26, 'a'+i%26),
				BirthDate: school.Date{Year: 2016, Month: 3, Day: 1}, Sex: school.Female})
			if err != nil {
				return err
			}
			if _, err = tx.Enrol(s.t.Context(), db.NewEnrolment{Year: dbtest.Year, ClassID: s.cast.Class.ID, PupilID: id, Grade: 4, Status: "01",
				From: school.Date{Year: 2025, Month: 9, Day: 5}}); err != nil {
				return err
			}
		}
		var err error
		s.cast.Roll, err = tx.Roll(s.t.Context(), s.cast.Class.ID)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// stored returns what the server has of a subject, by row: level, mark, remark.
func (s *stage) stored(subject school.Subject) [][3]string {
	s.t.Helper()
	out := make([][3]string, len(s.cast.Roll))
	rows, err := s.db.Owner().Query(`SELECT enrolment_id, level, coalesce(mark::text, ''), remark FROM school.entry
		WHERE period = 'cn' AND item = $1`, string(subject))
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var v [3]string
		if err := rows.Scan(&id, &v[levels], &v[marks], &v[comments]); err != nil {
			s.t.Fatal(err)
		}
		for i, r := range s.cast.Roll {
			if r.EnrolmentID == id {
				out[i] = v
			}
		}
	}
	return out
}

// wantStored waits until the server has a value.
func (s *stage) wantStored(subject school.Subject, row, column int, want string) {
	s.t.Helper()
	got := ""
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if got = s.stored(subject)[row][column]; got == want {
			return
		}
	}
	s.t.Fatalf("row %d, column %d holds %q, want %q", row, column, got, want)
}

// js runs a function in the page and returns what it returns as text.
func (b *tab) js(function string, args ...any) string {
	b.t.Helper()
	res, err := b.Timeout(patience).Eval(function, args...)
	if err != nil {
		b.t.Fatalf("run in the page: %v", err)
	}
	return res.Value.Str()
}

const findCell = `(r, c) => document.querySelectorAll("#grid tr[data-row]")[r].cells[c + 2]`

// point presses the mouse on a cell.
func (b *tab) point(row, column int) {
	b.t.Helper()
	b.js(`(r, c) => { (`+findCell+`)(r, c).dispatchEvent(new MouseEvent("mousedown", {bubbles: true, cancelable: true, button: 0, buttons: 1})); return "" }`, row, column)
}

// drag presses the mouse on one cell and lets it go on another.
func (b *tab) drag(row, column, toRow, toColumn int) {
	b.t.Helper()
	b.point(row, column)
	b.js(`(r, c) => { (`+findCell+`)(r, c).dispatchEvent(new MouseEvent("mouseover", {bubbles: true, button: 0, buttons: 1})); return "" }`, toRow, toColumn)
}

// shows is what stands in a cell: what is being typed there, or its text.
func (b *tab) shows(row, column int) string {
	b.t.Helper()
	return b.js(`(r, c) => { const td = (`+findCell+`)(r, c), box = td.querySelector("input,textarea"); return box ? box.value : td.textContent }`, row, column)
}

func (b *tab) wantShows(row, column int, want string) {
	b.t.Helper()
	got := ""
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if got = b.shows(row, column); got == want {
			return
		}
	}
	b.t.Fatalf("row %d, column %d shows %q, want %q", row, column, got, want)
}

// wantEditor waits until what is being edited has an accessible name.
func (b *tab) wantEditor(want string) {
	b.t.Helper()
	got := ""
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if got = b.js(`() => document.activeElement.getAttribute("aria-label") || document.activeElement.tagName`); got == want {
			return
		}
	}
	b.t.Fatalf("the editor is %q, want %q", got, want)
}

// types enters text as a keyboard does, key by key where it has such keys.
func (b *tab) types(text string) {
	b.t.Helper()
	for _, r := range text {
		if r < 128 && r != '\n' {
			b.keys(input.Key(r))
			continue
		}
		if err := b.InsertText(string(r)); err != nil {
			b.t.Fatalf("type %q: %v", r, err)
		}
	}
}

// keypad presses a digit of the numeric keypad.
func (b *tab) keypad(digit rune) {
	b.t.Helper()
	press := proto.InputDispatchKeyEvent{Type: proto.InputDispatchKeyEventTypeKeyDown, Key: string(digit), Code: "Numpad" + string(digit),
		Text: string(digit), IsKeypad: true, WindowsVirtualKeyCode: 96 + int(digit-'0')}
	release := press
	release.Type, release.Text = proto.InputDispatchKeyEventTypeKeyUp, ""
	for _, event := range []proto.InputDispatchKeyEvent{press, release} {
		if err := event.Call(b); err != nil {
			b.t.Fatalf("press %q on the keypad: %v", digit, err)
		}
	}
}

// chord presses a key while others are held.
func (b *tab) chord(key input.Key, held ...input.Key) {
	b.t.Helper()
	if err := b.KeyActions().Press(held...).Type(key).Do(); err != nil {
		b.t.Fatalf("press keys: %v", err)
	}
}

// paste brings a clipboard into the open cell, as a spreadsheet leaves it there.
func (b *tab) paste(text, html string) {
	b.t.Helper()
	b.js(`(text, html) => {
		const data = new DataTransfer();
		data.setData("text/plain", text);
		if (html) data.setData("text/html", html);
		document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
		return "" }`, text, html)
}

// copied is what a copy leaves in the clipboard.
func (b *tab) copied() string {
	b.t.Helper()
	return b.js(`() => {
		const event = new ClipboardEvent("copy", {clipboardData: new DataTransfer(), bubbles: true, cancelable: true});
		document.activeElement.dispatchEvent(event);
		return event.clipboardData.getData("text/plain") }`)
}

// line is what the saving line says.
func (b *tab) waitLine(text string) {
	b.t.Helper()
	said := ""
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if said = b.js(`() => document.getElementById("grid-line").innerText`); strings.Contains(strings.Join(strings.Fields(said), " "), text) {
			return
		}
	}
	b.t.Fatalf("the saving line never said %q: %s", text, said)
}
