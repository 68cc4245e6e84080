package db

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"hocba/internal/profile"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
)

// PupilList is a decided list of pupils, to be written.
type PupilList struct {
	Year      school.Year
	From      school.Date
	Decisions []spreadsheet.Decision
	Object    string // what the audit trail calls the list: "import:7"
}

// WritePupils writes a decided list into the actor's school: classes that do
// not exist yet, new pupils with seat and record, and the differing fields of
// known ones. A row that cannot be written any more (somebody changed the
// pupil since the preview, took the code, issued or signed the record) is
// refused by its code and hinders no other row. The number of statements does
// not depend on the number of rows. Records that are signed and whose facts
// change lose the signatures that cover them.
func (t *Tx) WritePupils(ctx context.Context, list PupilList) (spreadsheet.Report, error) {
	report, _, err := t.writePupils(ctx, list)
	return report, err
}

func (t *Tx) writePupils(ctx context.Context, list PupilList) (spreadsheet.Report, importMade, error) {
	w := &pupilWriter{tx: t, list: list, classes: map[string]int64{}, dirty: map[int64]bool{}}
	for _, step := range []func(context.Context) error{
		w.lock, w.readSeats, w.readNumbers, w.readRecords, w.readBefore, w.settle, w.makeClasses, w.create, w.update, w.noteChanges,
		w.seat, w.followRecords, w.readMade, w.finish,
	} {
		if err := step(ctx); err != nil {
			return spreadsheet.Report{}, importMade{}, err
		}
	}
	return w.report, w.made, nil
}

// pupilWriter writes one list. lines has one entry per decision.
type pupilWriter struct {
	tx      *Tx
	list    PupilList
	lines   []pupilLine
	known   map[int64]*knownSeat
	numbers map[string]int64 // personal number → pupil
	classes map[string]int64
	dirty   map[int64]bool
	records pupilRecords
	waiting map[int64][]profile.Field
	before  []madeRow
	made    importMade
	report  spreadsheet.Report
}

// pupilLine is a row on its way into the books.
type pupilLine struct {
	d       spreadsheet.Decision
	pupil   Pupil
	pupilID int64
	facts   bool // something a record says changes
	fields  bool // something of the file changes
	changes []profile.Change
	refused string
	args    map[string]string
}

func (l *pupilLine) refuse(code string, args ...string) {
	l.refused, l.args = code, map[string]string{}
	for i := 0; i+1 < len(args); i += 2 {
		l.args[args[i]] = args[i+1]
	}
}

func (l *pupilLine) writes(a spreadsheet.Act) bool { return l.d.Act == a && l.refused == "" }

// knownSeat is a known pupil as the books have them now.
type knownSeat struct {
	Pupil
	EnrolmentID int64       `db:"enrolment_id"`
	ClassID     int64       `db:"class_id"`
	ClassName   string      `db:"class_name"`
	Grade       int         `db:"grade"`
	Status      string      `db:"status"`
	SeatFrom    school.Date `db:"seat_from"`
}

// lock lets one import of a school run at a time.
func (w *pupilWriter) lock(ctx context.Context) error {
	for _, d := range w.list.Decisions {
		w.lines = append(w.lines, pupilLine{d: d})
	}
	return w.tx.lockImports(ctx)
}

func (t *Tx) lockImports(ctx context.Context) error {
	return t.exec(ctx, "wait for another import", `SELECT pg_advisory_xact_lock(hashtextextended('school.import', $1))`, t.Actor.SchoolID)
}

func (w *pupilWriter) readSeats(ctx context.Context) error {
	var ids []int64
	for _, l := range w.lines {
		if l.d.Known != nil {
			ids = append(ids, l.d.Known.ID)
		}
	}
	var rows []*knownSeat
	err := w.tx.list(ctx, "lock the pupils of an import", &rows, `SELECT `+pupilColumns+`, coalesce(e.id, 0) AS enrolment_id,
		  coalesce(e.class_id, 0) AS class_id, coalesce(c.name, '') AS class_name, coalesce(e.grade, 0) AS grade,
		  coalesce(e.status, '') AS status, e.from_date AS seat_from
		FROM school.pupil p
		LEFT JOIN school.enrolment e ON e.pupil_id = p.id AND e.school_year = $2 AND e.to_date IS NULL
		LEFT JOIN school.class c ON c.id = e.class_id
		WHERE p.id = ANY($1) ORDER BY p.id FOR NO KEY UPDATE OF p`, pq.Array(ids), w.list.Year)
	w.known = make(map[int64]*knownSeat, len(rows))
	for _, k := range rows {
		w.known[k.ID] = k
	}
	return err
}

// readNumbers finds who holds the personal numbers of the list.
func (w *pupilWriter) readNumbers(ctx context.Context) error {
	var wanted []string
	for _, l := range w.lines {
		if l.d.Row.PersonalNo != "" {
			wanted = append(wanted, l.d.Row.PersonalNo)
		}
	}
	var rows []struct {
		ID         int64  `db:"id"`
		PersonalNo string `db:"personal_no"`
	}
	err := w.tx.list(ctx, "find personal numbers", &rows, `SELECT id, personal_no FROM school.pupil
		WHERE school_id = $1 AND personal_no = ANY($2)`, w.tx.Actor.SchoolID, pq.Array(wanted))
	w.numbers = make(map[string]int64, len(rows))
	for _, r := range rows {
		w.numbers[r.PersonalNo] = r.ID
	}
	return err
}

// settle fills each line's pupil and refuses what cannot be written any more.
func (w *pupilWriter) settle(context.Context) error {
	for i := range w.lines {
		l := &w.lines[i]
		row := l.d.Row.Pupil
		switch l.d.Act {
		case spreadsheet.Create:
			l.pupil = Pupil{Code: row.Code}
			l.pupil.fillFrom(row)
		case spreadsheet.Update, spreadsheet.Keep:
			w.settleKnown(l, row)
		default:
			continue
		}
		if holder, taken := w.numbers[row.PersonalNo]; taken && l.refused == "" && (l.pupil.ID == 0 || holder != l.pupil.ID) {
			l.refuse(spreadsheet.CodeImportNumberTaken, "value", row.PersonalNo)
		}
	}
	return nil
}

func (w *pupilWriter) settleKnown(l *pupilLine, row spreadsheet.Pupil) {
	k, ok := w.known[l.d.Known.ID]
	if !ok || k.Revision != l.d.Known.Revision || k.ClassName != l.d.Known.ClassName || k.Status != l.d.Known.Status {
		l.refuse(spreadsheet.CodeImportChanged)
		return
	}
	l.pupil, l.pupilID = k.Pupil, k.ID
	l.pupil.fillFrom(row)
	w.compare(l, k.Pupil)
	l.fields = l.pupil != k.Pupil
	l.facts = recordFacts(l.pupil) != recordFacts(k.Pupil)
	moves := k.EnrolmentID != 0 && row.ClassName != "" && row.ClassName != k.ClassName
	switch stage := w.records.stage(k.ID, w.list.Year); {
	case stage == "" || stage == workflow.Drafting:
	case !stage.BeforeIssue() && moves:
		l.refuse(spreadsheet.CodeImportRecordIssued, "from", k.ClassName, "to", row.ClassName)
	case moves:
		l.refuse(spreadsheet.CodeImportMoveSigned, "from", k.ClassName, "to", row.ClassName)
	}
}

// makeClasses finds the classes of the list and creates those that are missing.
func (w *pupilWriter) makeClasses(ctx context.Context) error {
	var have []struct {
		ID   int64  `db:"id"`
		Name string `db:"name"`
	}
	err := w.tx.list(ctx, "find an import's classes", &have, `SELECT id, upper(name) AS name FROM school.class
		WHERE school_id = $1 AND school_year = $2`, w.tx.Actor.SchoolID, w.list.Year)
	if err != nil {
		return err
	}
	for _, c := range have {
		w.classes[c.Name] = c.ID
	}
	missing := map[string]pq.Int64Array{}
	var names []string
	for _, l := range w.lines {
		name := l.d.Row.ClassName
		if _, exists := w.classes[name]; exists || name == "" || l.refused != "" || !l.written() {
			continue
		}
		if missing[name] == nil {
			names = append(names, name)
		}
		if g := int64(l.d.Row.Grade); !slices.Contains(missing[name], g) {
			missing[name] = append(missing[name], g)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		slices.Sort(missing[name])
		w.classes[name], err = w.tx.CreateClass(ctx, Class{Year: w.list.Year, Code: name, Name: name, Grades: missing[name],
			BookKind: school.Digital, Language: "Tiếng Anh"})
		if err != nil {
			return err
		}
		w.report.Classes = append(w.report.Classes, name)
	}
	return nil
}

func (l *pupilLine) written() bool {
	return l.d.Act == spreadsheet.Create || l.d.Act == spreadsheet.Update || l.d.Act == spreadsheet.Keep
}

// pupilJSON is a pupil's file as jsonb_to_recordset reads it.
type pupilJSON struct {
	ID            int64  `json:"id"`
	Revision      int    `json:"revision"`
	BookUUID      string `json:"book_uuid"`
	Code          string `json:"code"`
	PersonalNo    string `json:"personal_no"`
	FullName      string `json:"full_name"`
	Given         string `json:"given_name"`
	Rest          string `json:"rest_name"`
	Folded        string `json:"folded_name"`
	BirthDate     string `json:"birth_date"`
	Sex           string `json:"sex"`
	Ethnicity     string `json:"ethnicity"`
	Birthplace    string `json:"birthplace"`
	Hometown      string `json:"hometown"`
	Residence     string `json:"residence"`
	Phone         string `json:"phone"`
	FatherName    string `json:"father_name"`
	FatherJob     string `json:"father_job"`
	FatherBirth   string `json:"father_birth"`
	MotherName    string `json:"mother_name"`
	MotherJob     string `json:"mother_job"`
	MotherBirth   string `json:"mother_birth"`
	GuardianName  string `json:"guardian_name"`
	GuardianJob   string `json:"guardian_job"`
	GuardianBirth string `json:"guardian_birth"`
	Village       string `json:"village"`
}

const pupilRecordset = `jsonb_to_recordset($1::jsonb) AS n(id bigint, revision integer, book_uuid uuid, code text, personal_no text,
	full_name text, given_name text, rest_name text, folded_name text, birth_date date, sex text, ethnicity text, birthplace text,
	hometown text, residence text, phone text, father_name text, father_job text, father_birth text, mother_name text,
	mother_job text, mother_birth text, guardian_name text, guardian_job text, guardian_birth text, village text)`

func (p Pupil) json() pupilJSON {
	rest, given := school.SplitName(p.FullName)
	return pupilJSON{ID: p.ID, Revision: p.Revision, BookUUID: p.BookUUID.String(), Code: p.Code, PersonalNo: p.PersonalNo,
		FullName: p.FullName, Given: given, Rest: rest, Folded: school.Fold(p.FullName), BirthDate: p.BirthDate.String(),
		Sex: string(p.Sex), Ethnicity: p.Ethnicity, Birthplace: p.Birthplace, Hometown: p.Hometown, Residence: p.Residence,
		Phone: p.Phone, FatherName: p.FatherName, FatherJob: p.FatherJob, FatherBirth: p.FatherBirth, MotherName: p.MotherName,
		MotherJob: p.MotherJob, MotherBirth: p.MotherBirth, GuardianName: p.GuardianName, GuardianJob: p.GuardianJob,
		GuardianBirth: p.GuardianBirth, Village: p.Village}
}

func (w *pupilWriter) create(ctx context.Context) error {
	var rows []pupilJSON
	for i := range w.lines {
		l := &w.lines[i]
		if !l.writes(spreadsheet.Create) {
			continue
		}
		book, err := uuid.NewV7()
		if err != nil {
			return translate(err, "make a book number")
		}
		l.pupil.BookUUID = book
		rows = append(rows, l.pupil.json())
	}
	made, err := w.run(ctx, "create pupils", `INSERT INTO school.pupil (school_id, code, personal_no, book_uuid, full_name, given_name,
		  rest_name, folded_name, birth_date, sex, ethnicity, birthplace, hometown, residence, phone, father_name, father_job,
		  father_birth, mother_name, mother_job, mother_birth, guardian_name, guardian_job, guardian_birth, village,
		  created_at, updated_at)
		SELECT $2, n.code, nullif(n.personal_no, ''), n.book_uuid, n.full_name, n.given_name, n.rest_name, n.folded_name, n.birth_date,
		  n.sex, n.ethnicity, n.birthplace, n.hometown, n.residence, n.phone, n.father_name, n.father_job, n.father_birth,
		  n.mother_name, n.mother_job, n.mother_birth, n.guardian_name, n.guardian_job, n.guardian_birth, n.village, $3, $3
		FROM `+pupilRecordset+` ON CONFLICT DO NOTHING RETURNING id, code`, rows)
	if err != nil {
		return err
	}
	for i := range w.lines {
		l := &w.lines[i]
		if !l.writes(spreadsheet.Create) {
			continue
		}
		if l.pupilID = made[l.pupil.Code]; l.pupilID == 0 {
			l.refuse(spreadsheet.CodeImportCodeTaken, "value", l.pupil.Code)
		}
	}
	return nil
}

// update writes files over the revision that was previewed.
func (w *pupilWriter) update(ctx context.Context) error {
	var rows []pupilJSON
	for _, l := range w.lines {
		if l.writes(spreadsheet.Update) && l.fields {
			rows = append(rows, l.pupil.json())
		}
	}
	_, err := w.run(ctx, "update pupils", `UPDATE school.pupil p SET personal_no = nullif(n.personal_no, ''), full_name = n.full_name,
		  given_name = n.given_name, rest_name = n.rest_name, folded_name = n.folded_name, birth_date = n.birth_date, sex = n.sex,
		  ethnicity = n.ethnicity, birthplace = n.birthplace, hometown = n.hometown, residence = n.residence, phone = n.phone,
		  father_name = n.father_name, father_job = n.father_job, father_birth = n.father_birth, mother_name = n.mother_name,
		  mother_job = n.mother_job, mother_birth = n.mother_birth, guardian_name = n.guardian_name,
		  guardian_job = n.guardian_job, guardian_birth = n.guardian_birth, village = n.village,
		  revision = p.revision + 1, updated_at = $3
		FROM `+pupilRecordset+` WHERE p.id = n.id AND p.revision = n.revision AND p.school_id = $2 RETURNING p.id, p.code`, rows)
	return err
}

// run runs a statement over pupils and returns the numbers it answers, by code.
func (w *pupilWriter) run(ctx context.Context, what, query string, rows []pupilJSON) (map[string]int64, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return nil, translate(err, what)
	}
	var done []struct {
		ID   int64  `db:"id"`
		Code string `db:"code"`
	}
	if err := w.tx.list(ctx, what, &done, query, string(text), w.tx.Actor.SchoolID, w.tx.Now); err != nil {
		return nil, err
	}
	ids := make(map[string]int64, len(done))
	for _, d := range done {
		ids[d.Code] = d.ID
	}
	return ids, nil
}

// finish counts, marks the classes whose numbers changed, and leaves a line in
// the audit trail.
func (w *pupilWriter) finish(ctx context.Context) error {
	for _, l := range w.lines {
		result := spreadsheet.RowResult{Row: l.d.Row.ID(), Act: l.d.Act, Code: l.d.Code, Args: l.d.Args}
		switch {
		case l.refused != "":
			result.Act, result.Code, result.Args = spreadsheet.Refuse, l.refused, l.args
		case l.waits():
			result.Code = spreadsheet.CodeImportWaits
		}
		w.report.Add(result)
	}
	if err := w.markDirty(ctx); err != nil {
		return err
	}
	r := w.report
	return w.tx.note(ctx, "pupil_import", w.list.Object, "year", string(w.list.Year), "created", strconv.Itoa(r.Created), "updated",
		strconv.Itoa(r.Updated), "kept", strconv.Itoa(r.Kept), "skipped", strconv.Itoa(r.Skipped), "refused", strconv.Itoa(r.Refused))
}

func (w *pupilWriter) markDirty(ctx context.Context) error {
	var dirty []int64
	for id := range w.dirty {
		dirty = append(dirty, id)
	}
	return w.tx.exec(ctx, "mark classes dirty", `INSERT INTO school.class_dirty (class_id, school_id, since)
		SELECT unnest($1::bigint[]), $2, $3 ORDER BY 1 ON CONFLICT (class_id, connection) DO UPDATE SET since = class_dirty.since`,
		pq.Array(dirty), w.tx.Actor.SchoolID, w.tx.Now)
}
