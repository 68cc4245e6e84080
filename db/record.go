package db

import (
	"context"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// FormVersion is the version of the printed form that new records name (MAU).
const FormVersion = "tt27-2020-1"

// Record loads one working record whole; NotFound, record.unknown, outside the
// actor's school. With hold the record is locked to the end of the transaction.
func (t *Tx) Record(ctx context.Context, id int64, hold bool) (*record.Record, error) {
	list, err := t.Records(ctx, []int64{id}, hold)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "record.unknown")
	}
	return list[0], nil
}

// ClassRecordIDs lists the records of the pupils on a class's roll today, in
// the order of the roll.
func (t *Tx) ClassRecordIDs(ctx context.Context, classID int64) ([]int64, error) {
	var ids []int64
	err := t.list(ctx, "list a class's records", &ids, `SELECT r.id FROM school.record r
		JOIN school.pupil p ON p.id = r.pupil_id JOIN school.enrolment e ON e.id = r.enrolment_id
		WHERE r.class_id = $1 AND (e.to_date IS NULL OR e.to_date >= $2)
		ORDER BY p.given_name, p.rest_name, p.code`, classID, school.DateOf(t.Now))
	return ids, err
}

// Records loads working records, in the order asked for; those outside the
// actor's school are left out. The number of queries does not depend on the
// number of records.
func (t *Tx) Records(ctx context.Context, ids []int64, hold bool) ([]*record.Record, error) {
	l := &recordLoader{tx: t, states: map[int64]*record.State{}, ids: pq.Array(ids)}
	steps := []func(context.Context) error{
		func(ctx context.Context) error { return l.heads(ctx, hold) },
		l.parts, l.entries, l.reviews, l.history, l.signatures, l.rarities, l.flags,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	var out []*record.Record
	for _, id := range ids {
		s, ok := l.states[id]
		if !ok {
			continue
		}
		r, err := record.New(*s)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// rarities are the rows that most records have none of: asked for once, and
// loaded where there are any. It asks after the records are locked, for what is
// seen while waiting for a lock is what was before it.
func (l *recordLoader) rarities(ctx context.Context) error {
	var has struct {
		Commended bool `db:"commended"`
		Returned  bool `db:"returned"`
		Issued    bool `db:"issued"`
		Revoked   bool `db:"revoked"`
	}
	err := l.tx.get(ctx, "record.unknown", &has, `SELECT EXISTS (SELECT 1 FROM school.record r JOIN school.commendation c ON c.pupil_id = r.pupil_id
		    AND c.school_year = r.school_year WHERE r.id = ANY($1)) AS commended,
		  EXISTS (SELECT 1 FROM school.record_return WHERE record_id = ANY($1)) AS returned,
		  EXISTS (SELECT 1 FROM school.version WHERE record_id = ANY($1)) AS issued,
		  EXISTS (SELECT 1 FROM school.revocation q JOIN school.version v ON v.id = q.version_id WHERE v.record_id = ANY($1)) AS revoked`, l.ids)
	for _, rows := range []struct {
		any  bool
		load func(context.Context) error
	}{{has.Commended, l.commendations}, {has.Returned, l.returns}, {has.Issued, l.versions}, {has.Revoked, l.revocations}} {
		if err == nil && rows.any {
			err = rows.load(ctx)
		}
	}
	return err
}

// recordLoader gathers states from one query per kind of row.
type recordLoader struct {
	tx     *Tx
	ids    any
	states map[int64]*record.State
	rows   map[int64]recordHead
}

type recordHead struct {
	ID          int64            `db:"id"`
	SchoolID    int64            `db:"school_id"`
	Year        school.Year      `db:"school_year"`
	UUID        uuid.UUID        `db:"record_uuid"`
	Stage       workflow.Stage   `db:"stage"`
	Revision    int64            `db:"revision"`
	Enrolment   int64            `db:"enrolment_id"`
	Grade       int              `db:"grade"`
	NotAssessed bool             `db:"not_assessed"`
	Inclusive   bool             `db:"inclusive"`
	Ethnic      bool             `db:"ethnic_language"`
	Foreign     bool             `db:"first_language_optional"`
	Tongue      string           `db:"ethnic_tongue"`
	ClassID     int64            `db:"class_id"`
	ClassCode   string           `db:"class_code"`
	ClassName   string           `db:"class_name"`
	ClassKind   school.ClassKind `db:"class_kind"`
	Campus      string           `db:"campus"`
	Language    string           `db:"language"`
	Homeroom    string           `db:"homeroom_code"`
	HomeName    string           `db:"homeroom_name"`
	Pupil
}

func (l *recordLoader) heads(ctx context.Context, hold bool) error {
	query := `SELECT r.id, r.school_id, r.school_year, r.record_uuid, r.stage, r.revision, r.enrolment_id, e.grade,
		  e.not_assessed, e.inclusive, e.ethnic_language, e.first_language_optional, c.ethnic_tongue, r.class_id, c.code AS class_code, c.name AS class_name,
		  c.kind AS class_kind, coalesce(ca.name, '') AS campus, c.language, coalesce(h.teacher_code, '') AS homeroom_code,
		  coalesce(h.full_name, '') AS homeroom_name, p.code, coalesce(p.personal_no, '') AS personal_no, p.book_uuid,
		  p.full_name, p.birth_date, p.sex, p.ethnicity, p.nationality, p.birthplace, p.hometown, p.residence,
		  p.father_name, p.mother_name, p.guardian_name, p.register_no
		FROM school.record r
		JOIN school.pupil p ON p.id = r.pupil_id
		JOIN school.enrolment e ON e.id = r.enrolment_id
		JOIN school.class c ON c.id = r.class_id
		LEFT JOIN school.campus ca ON ca.id = c.campus_id
		LEFT JOIN LATERAL (SELECT a.teacher_code, a.full_name FROM school.homeroom_assignment h
		  JOIN core.account a ON a.id = h.account_id WHERE h.class_id = c.id AND h.from_date <= $2
		    AND (h.to_date IS NULL OR h.to_date >= $2) ORDER BY h.from_date DESC, h.id DESC LIMIT 1) h ON true
		WHERE r.id = ANY($1) ORDER BY r.id`
	if hold {
		query += ` FOR NO KEY UPDATE OF r`
	}
	var rows []recordHead
	if err := l.tx.list(ctx, "load records", &rows, query, l.ids, school.DateOf(l.tx.Now)); err != nil {
		return err
	}
	l.rows = make(map[int64]recordHead, len(rows))
	places := map[int64]recordPlace{}
	for _, h := range rows {
		place, ok := places[h.SchoolID]
		if !ok {
			var err error
			if place, err = l.tx.recordPlace(ctx, h.SchoolID); err != nil {
				return err
			}
			places[h.SchoolID] = place
		}
		l.rows[h.ID] = h
		l.states[h.ID] = h.state(place)
	}
	return nil
}

// state begins a state with what the head knows.
func (h recordHead) state(place recordPlace) *record.State {
	ethnic := ""
	if h.Ethnic {
		ethnic = h.Tongue
	}
	s := &record.State{
		ID: h.ID, SchoolID: h.SchoolID, Revision: h.Revision, Stage: h.Stage, Flagged: h.Inclusive || h.NotAssessed, DecideFirst: place.decideFirst,
		General: bundle.General{Record: h.UUID.String(), Book: h.BookUUID.String(), Year: h.Year,
			RuleSet: evaluation.ForClass(h.Year, h.ClassKind).ID(), Form: FormVersion, TeachersSign: place.teachersSign,
			Department: place.department, Middle: place.middle, School: place.school},
		Pupil: bundle.Pupil{Code: h.Code, PersonalNo: h.PersonalNo, Name: h.FullName, Birth: h.BirthDate, Sex: h.Sex,
			Ethnicity: h.Ethnicity, Nationality: h.Nationality, BirthPlace: h.Birthplace, Hometown: h.Hometown,
			Residence: h.Residence, Father: h.FatherName, Mother: h.MotherName, Guardian: h.GuardianName,
			NotAssessed: h.NotAssessed},
		Class: bundle.Class{Code: h.ClassCode, Name: h.ClassName, Grade: h.Grade, Campus: h.Campus, Language: h.Language,
			Ethnic: ethnic, Homeroom: bundle.Teacher{Code: h.Homeroom, Name: h.HomeName}},
		Page: record.Page{Traits: map[evaluation.Item]evaluation.Level{}, Remarks: map[evaluation.Item]string{},
			Track: school.TrackJune},
	}
	return s
}

// takes reports whether the pupil takes a subject that is optional.
func (h recordHead) takes(s school.Subject) bool {
	return s == school.TiengDanToc && h.Ethnic || s == school.NgoaiNgu1 && h.Foreign
}

// recordPlace is what the units above a school are called today.
type recordPlace struct {
	department, middle bundle.Unit
	school             bundle.SchoolPlace
	teachersSign       bool
	decideFirst        bool
}

func (t *Tx) recordPlace(ctx context.Context, schoolID int64) (recordPlace, error) {
	var path []struct {
		school.Unit
		TeachersSign string `db:"teachers_sign"`
		DecideFirst  string `db:"decide_first"`
	}
	err := t.list(ctx, "read where a school stands", &path, `SELECT p.*,
		  coalesce((SELECT s.value FROM core.setting s WHERE s.unit_id = p.id AND s.name = 'teachers_sign'), '') AS teachers_sign,
		  coalesce((SELECT s.value FROM core.setting s WHERE s.unit_id = p.id AND s.name = '`+settingDecideFirst+`'), '') AS decide_first
		FROM (`+unitPath+`) p`, schoolID)
	p := recordPlace{teachersSign: true}
	for _, u := range path {
		unit := bundle.Unit{Code: u.Code, Name: u.Name}
		switch u.Kind {
		case school.Department:
			p.department, p.teachersSign = unit, u.TeachersSign != "no"
		case school.District, school.Commune:
			p.middle = unit
		case school.School:
			p.decideFirst = u.DecideFirst == "yes"
			p.school = bundle.SchoolPlace{Code: u.Code, Name: u.Name, Commune: u.Commune, Province: u.Province}
		}
	}
	return p, err
}

// Setting returns a unit's setting, "" when it was never set.
func (t *Tx) Setting(ctx context.Context, unitID int64, name string) (string, error) {
	var values []string
	err := t.list(ctx, "read a setting", &values, `SELECT value FROM core.setting WHERE unit_id = $1 AND name = $2`, unitID, name)
	if err != nil || len(values) == 0 {
		return "", err
	}
	return values[0], nil
}

func (l *recordLoader) parts(ctx context.Context) error {
	var rows []struct {
		RecordID int64          `db:"record_id"`
		Subject  school.Subject `db:"subject"`
		Code     string         `db:"teacher_code"`
		Name     string         `db:"full_name"`
	}
	err := l.tx.list(ctx, "load who owns the parts", &rows, `SELECT DISTINCT ON (r.id, s.subject) r.id AS record_id, s.subject,
		  coalesce(a.teacher_code, '') AS teacher_code, a.full_name
		FROM school.record r JOIN school.teaching_assignment s ON s.class_id = r.class_id
		JOIN core.account a ON a.id = s.account_id
		WHERE r.id = ANY($1) AND s.from_date <= $2 AND (s.to_date IS NULL OR s.to_date >= $2)
		ORDER BY r.id, s.subject, s.from_date DESC, s.id DESC`, l.ids, school.DateOf(l.tx.Now))
	if err != nil {
		return err
	}
	owners := map[int64]map[school.Subject]bundle.Teacher{}
	for _, r := range rows {
		if owners[r.RecordID] == nil {
			owners[r.RecordID] = map[school.Subject]bundle.Teacher{}
		}
		owners[r.RecordID][r.Subject] = bundle.Teacher{Code: r.Code, Name: r.Name}
	}
	for id, s := range l.states {
		rules := evaluation.ForClass(s.General.Year, l.rows[id].ClassKind)
		for _, subject := range school.Subjects {
			owner, taught := owners[id][subject]
			use := rules.Subject(s.Class.Grade, subject)
			taken := use == evaluation.Optional && l.rows[id].takes(subject)
			if use == evaluation.Required || taken || use != evaluation.None && taught {
				s.Parts = append(s.Parts, record.Part{Subject: subject, Owner: owner, Taken: taken})
			}
		}
	}
	return nil
}

// entries fills the year-end's values, with the summer's in their place.
func (l *recordLoader) entries(ctx context.Context) error {
	var rows []struct {
		RecordID int64            `db:"record_id"`
		Period   school.Period    `db:"period"`
		Item     evaluation.Item  `db:"item"`
		Level    evaluation.Level `db:"level"`
		Mark     *int             `db:"mark"`
		Remark   string           `db:"remark"`
		Exempt   bool             `db:"exempt"`
	}
	err := l.tx.list(ctx, "load year-end values", &rows, `SELECT r.id AS record_id, e.period, e.item, e.level, e.mark, e.remark, e.exempt
		FROM school.record r JOIN school.entry e ON e.school_year = r.school_year AND e.enrolment_id = r.enrolment_id
		WHERE r.id = ANY($1) AND e.period IN ('cn', 'he') ORDER BY r.id, e.period, e.item`, l.ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		s := l.states[r.RecordID]
		if s == nil {
			continue
		}
		entry := evaluation.Entry{Level: r.Level, Mark: r.Mark, Remark: r.Remark, Exempt: r.Exempt}
		if entry.IsZero() {
			continue
		}
		fillItem(s, r.Item, entry)
	}
	return nil
}

func fillItem(s *record.State, item evaluation.Item, e evaluation.Entry) {
	if subject, ok := school.ParseSubject(string(item)); ok {
		for i := range s.Parts {
			if s.Parts[i].Subject == subject && e.Exempt {
				s.Parts[i].Entry = e
			} else if s.Parts[i].Subject == subject {
				s.Parts[i].Entry = s.Parts[i].Entry.Replaced(e)
			}
		}
		return
	}
	if e.Remark != "" {
		s.Page.Remarks[item] = e.Remark
	}
	if e.Level != "" {
		s.Page.Traits[item] = e.Level
	}
}

func (l *recordLoader) reviews(ctx context.Context) error {
	var rows []struct {
		RecordID     int64        `db:"record_id"`
		Excused      *int         `db:"absent_excused"`
		Unexcused    *int         `db:"absent_unexcused"`
		HeightMM     *int         `db:"height_mm"`
		WeightG      *int         `db:"weight_g"`
		Completed    *bool        `db:"completed"`
		Promoted     *bool        `db:"promoted"`
		Track        school.Track `db:"track"`
		ReassessedOn school.Date  `db:"reassessed_on"`
		ReassessNote string       `db:"reassess_note"`
	}
	err := l.tx.list(ctx, "load reviews", &rows, `SELECT r.id AS record_id, v.absent_excused, v.absent_unexcused, v.height_mm, v.weight_g,
		  v.completed, v.promoted, v.track, v.reassessed_on, v.reassess_note
		FROM school.record r JOIN school.review v ON v.school_year = r.school_year AND v.enrolment_id = r.enrolment_id
		WHERE r.id = ANY($1)`, l.ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		s := l.states[r.RecordID]
		if s == nil {
			continue
		}
		if r.Excused != nil && r.Unexcused != nil {
			s.Page.Absences = &bundle.Absences{Excused: *r.Excused, Unexcused: *r.Unexcused}
		}
		if r.HeightMM != nil {
			s.Page.HeightMM = *r.HeightMM
		}
		if r.WeightG != nil {
			s.Page.WeightG = *r.WeightG
		}
		s.Page.Completed, s.Page.Promoted, s.Page.Track = r.Completed, r.Promoted, r.Track
		if r.Track == school.TrackAugust && !r.ReassessedOn.IsZero() {
			s.Page.Reassessment = &bundle.Summer{Before: string(evaluation.CHT), Date: r.ReassessedOn, Text: r.ReassessNote}
		}
	}
	return nil
}

// history fills QUÁ TRÌNH HỌC TẬP from the pupil's enrolments up to this year.
func (l *recordLoader) history(ctx context.Context) error {
	var rows []struct {
		RecordID int64       `db:"record_id"`
		Year     school.Year `db:"school_year"`
		Class    string      `db:"name"`
		From     school.Date `db:"from_date"`
	}
	err := l.tx.list(ctx, "load the years before", &rows, `SELECT r.id AS record_id, e.school_year, c.name, e.from_date
		FROM school.record r JOIN school.enrolment e ON e.pupil_id = r.pupil_id AND e.school_year <= r.school_year
		JOIN school.class c ON c.id = e.class_id
		WHERE r.id = ANY($1) AND e.from_date <= $2 AND (e.to_date IS NULL OR e.to_date >= e.from_date)
		  AND NOT EXISTS (SELECT 1 FROM school.enrolment l WHERE l.pupil_id = e.pupil_id AND l.school_year = e.school_year
		    AND l.from_date > e.from_date AND l.from_date <= $2 AND (l.to_date IS NULL OR l.to_date >= l.from_date))
		ORDER BY r.id, e.school_year`, l.ids, school.DateOf(l.tx.Now))
	if err != nil {
		return err
	}
	for _, r := range rows {
		s := l.states[r.RecordID]
		if s == nil {
			continue
		}
		stay := bundle.Stay{Year: r.Year, Class: r.Class, School: s.General.School.Name, From: r.From}
		if h := l.rows[r.RecordID]; r.Year == h.Year {
			stay.RegisterNo = h.RegisterNo
		}
		s.History = append(s.History, stay)
	}
	return nil
}
