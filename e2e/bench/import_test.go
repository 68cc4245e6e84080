package bench

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
)

// importClass is how many pupils of a list sit in one class.
const importClass = 35

// measureImports brings a list of new pupils and a table of results of as many,
// in classes of 35, over HTTP: the preview from the upload to the page, and the
// writing. Beside them stand the reading of the same file alone, and as many
// INSERTs of bare rows in one transaction.
func measureImports(r *run) {
	s := newSite(r, 8)
	pupils, rounds := 1000, max(1, r.rounds/4)
	if !measuring {
		pupils = 2 * importClass
	}
	office, teacher := &importer{r, s, s.signInAs(r, "quantri")}, &importer{r, s, s.signIn(r)}
	s.db.Exec(`CREATE TABLE public.bare (code text, name text, born text)`)
	var listSeen, listDone, resultSeen, resultDone, read, inserted samples
	for round := range rounds {
		list := newPupils(r, round, pupils)
		office.bring("/pupils/import", list, &listSeen, &listDone, nil)
		s.takesOver(r, round)
		results := newResults(r, s)
		all := url.Values{}
		for i := range pupils {
			all.Add("row", strconv.Itoa(i))
		}
		teacher.bring("/import", results, &resultSeen, &resultDone, all)
		read.timed(func() {
			if _, err := spreadsheet.Read(bytes.NewReader(list)); err != nil {
				r.Fatal(err)
			}
		})
		inserted.timed(func() { insertBare(r, s, pupils) })
		s.db.Exec(`UPDATE school.teaching_assignment SET to_date = from_date - 1 WHERE class_id <> $1`, s.Class.ID)
	}
	of := fmt.Sprintf("import of %d ", pupils)
	for _, l := range []struct {
		what      string
		got, bare *samples
		beside    string
	}{{"pupils, preview", &listSeen, &read, "reading the file"}, {"pupils, writing", &listDone, &inserted, "as many bare INSERTs"},
		{"results, preview", &resultSeen, &read, "reading the file"}, {"results, writing", &resultDone, &inserted, "as many bare INSERTs"}} {
		r.add(line{what: of + l.what + ", p50", got: ms(l.got.p50()), beside: l.beside, base: ms(l.bare.p50()), asked: []limit{atMost(2000)}})
	}
}

// importer is somebody who brings files.
type importer struct {
	r      *run
	s      *site
	client *http.Client
}

// bring uploads a file, looks at its preview and writes it with the choices.
func (i *importer) bring(path string, raw []byte, seen, done *samples, choices url.Values) {
	i.r.Helper()
	at := i.s.server.URL + "/" + string(dbtest.Year)
	var preview string
	seen.timed(func() {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part, err := form.CreateFormFile("file", "tep.xlsx")
		if err == nil {
			_, err = part.Write(raw)
		}
		if err == nil {
			err = form.Close()
		}
		if err != nil {
			i.r.Fatal(err)
		}
		preview = i.s.server.URL + i.send(at+path, form.FormDataContentType(), &body)
		req, err := http.NewRequest(http.MethodGet, preview, nil)
		if err != nil {
			i.r.Fatal(err)
		}
		page, err := do(i.client, req)
		if err != nil || !strings.Contains(string(page), `id="write"`) {
			i.r.Fatalf("preview: %v: %.300s", err, page)
		}
	})
	done.timed(func() {
		i.send(preview, "application/x-www-form-urlencoded", bytes.NewBufferString(choices.Encode()))
	})
}

// send posts a form and returns where its answer leads.
func (i *importer) send(path, kind string, body *bytes.Buffer) string {
	i.r.Helper()
	req, err := http.NewRequest(http.MethodPost, path, body)
	if err != nil {
		i.r.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := i.client.Do(req)
	if err != nil {
		i.r.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		said, err := io.ReadAll(res.Body)
		i.r.Fatalf("%s: status %d, %v: %s", path, res.StatusCode, err, said)
	}
	return res.Header.Get("Location")
}

func sheetOf(r *run, headings []string, rows [][]any) []byte {
	r.Helper()
	var b bytes.Buffer
	if err := spreadsheet.Write(&b, spreadsheet.Export{Headings: headings, Rows: rows, Footer: "đo"}); err != nil {
		r.Fatal(err)
	}
	return b.Bytes()
}

// families begin the names of the pupils of a round: near names born on one day
// would be somebody else's, perhaps.
var families = []string{"Công Tằng Tôn Nữ Ngọc", "Trần Gia", "Bh'nướch Thị Phương Thảo", "Zơrâm"}

// newPupils is a list of pupils in classes that nobody knows yet.
func newPupils(r *run, round, n int) []byte {
	var rows [][]any
	for i := range n {
		born := school.Date{Year: 2016, Month: 1, Day: 1}.AddDays(i % 300)
		rows = append(rows, []any{fmt.Sprintf("49%02d%06d", round+10, i), families[round%len(families)] + " " + string(rune('A'+i%26)), born.Vietnamese(), "Nữ", "Kinh",
			className(round) + strconv.Itoa(i/importClass+10), "4", "0905111222", "Xã Trà Linh, thành phố Đà Nẵng", "Nguyễn Văn Cha", "Trần Thị Mẹ"})
	}
	return sheetOf(r, []string{"Mã định danh Bộ GD&ĐT", "Họ tên", "Ngày sinh", "Giới tính", "Dân tộc", "Lớp học", "Khối học", "SĐT liên hệ",
		"Chỗ ở hiện nay", "Tên cha", "Tên mẹ"}, rows)
}

// className begins the names of the classes of a round.
func className(round int) string { return fmt.Sprintf("4/%d", round+1) }

// takesOver gives mathematics of the classes of a round to the homeroom teacher
// of 4A.
func (s *site) takesOver(r *run, round int) {
	r.Helper()
	err := s.db.As(r.Context(), s.Admin, func(tx *db.Tx) error {
		classes, err := tx.Classes(r.Context(), dbtest.Year)
		for _, c := range classes {
			if err == nil && strings.HasPrefix(c.Name, className(round)) {
				err = tx.Assign(r.Context(), c.ID, school.Toan, s.Huong.AccountID, school.Date{Year: 2025, Month: 9, Day: 5})
			}
		}
		return err
	})
	if err != nil {
		r.Fatalf("give the classes a teacher: %v", err)
	}
}

// newResults is level, mark and remark of every pupil whom the teacher has
// mathematics with, but those of 4A.
func newResults(r *run, s *site) []byte {
	r.Helper()
	var rows [][]any
	err := s.db.As(r.Context(), s.Huong, func(tx *db.Tx) error {
		classes, err := tx.ImportClasses(r.Context(), dbtest.Year)
		rows = nil
		for _, c := range classes {
			for i, p := range c.Pupils {
				if c.ID != s.Class.ID {
					rows = append(rows, []any{c.Name, p.Code, p.FullName, "T", 9, remarks[i%len(remarks)], "Cuối năm"})
				}
			}
		}
		return err
	})
	if err != nil {
		r.Fatal(err)
	}
	return sheetOf(r, []string{"Lớp", "Mã học sinh", "Họ và tên", "Toán – Mức đạt được", "Toán – Điểm KTĐK", "Toán – Nhận xét", "Thời điểm đánh giá"}, rows)
}

// insertBare is the least that writing a list can be.
func insertBare(r *run, s *site, n int) {
	r.Helper()
	tx, err := s.db.Owner().Begin()
	if err != nil {
		r.Fatal(err)
	}
	insert, err := tx.Prepare(`INSERT INTO public.bare VALUES ($1, $2, $3)`)
	for i := range n {
		if err == nil {
			_, err = insert.Exec(strconv.Itoa(i), "Công Tằng Tôn Nữ Ngọc", "2016-01-01")
		}
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		r.Fatalf("insert bare rows: %v", err)
	}
}
