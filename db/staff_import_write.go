package db

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/staffsheet"
	"hocba/internal/workflow"
)

// WriteStaff writes the chosen rows of a previewed file once, and notes why
// what was left was left; whatever can be written is. A second call waits for
// the first and returns the same report. New accounts have no password that
// anybody knows until SetFreshPasswords.
func (t *Tx) WriteStaff(ctx context.Context, year school.Year, id int64, choices staffsheet.Choices) (staffsheet.Report, error) {
	var report staffsheet.Report
	b, err := t.staffImport(ctx, year, id, ` FOR UPDATE`)
	if err != nil {
		return report, err
	}
	if b.Report != nil {
		return report, translate(json.Unmarshal(b.Report, &report), "read an import's report")
	}
	var plan staffsheet.Plan
	if err := json.Unmarshal(b.Plan, &plan); err != nil {
		return report, translate(err, "read an import's plan")
	}
	w := &staffWriter{tx: t, report: plan.Decide(choices)}
	write := w.accountRow
	if plan.Kind == staffsheet.Assignments {
		write = w.dutyRow
		if w.books, err = t.dutyBooks(ctx, year, ` FOR NO KEY UPDATE`); err != nil {
			return report, err
		}
	}
	for i := range plan.Rows {
		if result := &w.report.Rows[i]; result.Act == spreadsheet.Keep {
			if err := write(ctx, &plan.Rows[i].Options[result.Option], result); err != nil {
				return report, err
			}
		}
	}
	w.report.Sum()
	text, err := json.Marshal(w.report)
	if err != nil {
		return report, translate(err, "store an import's report")
	}
	err = t.note(ctx, "staff_imported", staffImportObject(id), "kind", string(plan.Kind), "made", strconv.Itoa(len(w.report.Made)))
	if err != nil {
		return report, err
	}
	return w.report, t.exec(ctx, "close an import", `UPDATE school.staff_import SET report = $2, written_at = $3, expires_at = $4 WHERE id = $1`,
		id, string(text), t.Now, t.Now.Add(undoLifetime))
}

type staffWriter struct {
	tx     *Tx
	books  staffsheet.School
	report staffsheet.Report
}

// attempt does an act that may be refused without taking the rest down: its
// fault is returned, other errors end the import.
func (t *Tx) attempt(ctx context.Context, act func() error) (*fault.Error, error) {
	if err := t.exec(ctx, "begin a part", `SAVEPOINT part`); err != nil {
		return nil, err
	}
	err := act()
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict, fault.NotFound:
		if !retryable(err) {
			return fault.As(err), t.exec(ctx, "take a part back", `ROLLBACK TO SAVEPOINT part`)
		}
	}
	if err != nil {
		return nil, err
	}
	return nil, t.exec(ctx, "end a part", `RELEASE SAVEPOINT part`)
}

// accountRow makes an account, or adds to one what the row says.
func (w *staffWriter) accountRow(ctx context.Context, o *staffsheet.Option, result *staffsheet.RowResult) error {
	if o.Account == 0 {
		return w.hire(ctx, o, result)
	}
	for n, c := range o.Changes {
		if !c.Writes() {
			continue
		}
		made := staffsheet.Made{What: c.What, Account: o.Account, Name: o.Name, Role: c.Role, From: school.DateOf(w.tx.Now)}
		refused, err := w.tx.attempt(ctx, func() error {
			f, err := w.tx.StaffFile(ctx, o.Account)
			if err != nil {
				return err
			}
			if c.What == staffsheet.NewCode {
				made.Code = c.New
				return w.tx.fillTeacherCode(ctx, f, c.New)
			}
			return w.tx.Grant(ctx, f, c.Role)
		})
		if err != nil {
			return err
		}
		if refused != nil {
			result.Leave(n, refused.Code, refused.Args)
			continue
		}
		result.Wrote()
		w.report.Made = append(w.report.Made, made)
	}
	return nil
}

// hire makes an account with all its roles, or nothing of it.
func (w *staffWriter) hire(ctx context.Context, o *staffsheet.Option, result *staffsheet.RowResult) error {
	var roles []workflow.Role
	for _, c := range o.Changes {
		if c.What == staffsheet.NewRole {
			roles = append(roles, c.Role)
		}
	}
	if i := slices.IndexFunc(roles, func(r workflow.Role) bool { return r != workflow.SchoolAdmin }); i > 0 {
		roles[0], roles[i] = roles[i], roles[0] // the role that asks for the code decides
	}
	var id int64
	refused, err := w.tx.attempt(ctx, func() (err error) {
		account := NewAccount{Username: o.Username, FullName: o.Name, TeacherCode: o.Code}
		if id, err = w.tx.HireNew(ctx, account, roles[0]); err != nil || len(roles) == 1 {
			return err
		}
		f, err := w.tx.StaffFile(ctx, id)
		for _, role := range roles[1:] {
			if err == nil {
				err = w.tx.Grant(ctx, f, role)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if refused != nil {
		result.Leave(0, refused.Code, refused.Args)
		return nil
	}
	result.Wrote()
	w.report.Made = append(w.report.Made, staffsheet.Made{What: staffsheet.NewAccount, Account: id, Name: o.Name, Username: o.Username, Code: o.Code,
		From: school.DateOf(w.tx.Now)})
	return nil
}

// fillTeacherCode gives somebody without a teacher code theirs.
func (t *Tx) fillTeacherCode(ctx context.Context, f StaffFile, code string) error {
	if f.TeacherCode != nil {
		return fault.New(fault.Conflict, staffsheet.CodeChanged)
	}
	if !teacherCodeForm(code) {
		return fault.New(fault.Invalid, "account.teacher_code")
	}
	err := t.exec(ctx, "fill a teacher code in", `UPDATE core.account SET teacher_code = $2 WHERE id = $1 AND teacher_code IS NULL`, f.ID, code)
	if fault.Is(err, "db.duplicate") {
		return fault.New(fault.Conflict, "account.teacher_code_taken", "code", code)
	}
	if err != nil {
		return err
	}
	return t.note(ctx, "teacher_code_filled", accountObject(f.ID))
}

// dutyRow gives a teacher the duties of a row, each as the preview showed it or
// not at all.
func (w *staffWriter) dutyRow(ctx context.Context, o *staffsheet.Option, result *staffsheet.RowResult) error {
	teaches := slices.ContainsFunc(w.books.Teachers, func(p staffsheet.Person) bool { return p.ID == o.Account })
	for n, c := range o.Changes {
		if c.Code != "" {
			result.Leave(n, c.Code, c.Args)
		}
		if !c.Writes() {
			continue
		}
		i := slices.IndexFunc(w.books.Classes, func(k staffsheet.Class) bool { return k.ID == c.Class })
		if i < 0 || !teaches {
			result.Leave(n, staffsheet.CodeChanged, nil)
			continue
		}
		class := &w.books.Classes[i]
		wish := staffsheet.Wish{Account: o.Account, Subject: c.Subject, From: c.From, To: c.To, Decision: c.Decision, Given: true}
		now := w.books.Judge(class, o.Name, wish)
		if !now.Writes() || now.Former != c.Former {
			result.Leave(n, staffsheet.CodeChanged, nil)
			continue
		}
		made, err := w.begin(ctx, class, o, c)
		if err != nil {
			return err
		}
		result.Wrote()
		w.report.Made = append(w.report.Made, made)
	}
	return nil
}

// begin begins a duty and ends the one before it.
func (w *staffWriter) begin(ctx context.Context, class *staffsheet.Class, o *staffsheet.Option, c staffsheet.Change) (staffsheet.Made, error) {
	made := staffsheet.Made{What: staffsheet.NewDuty, Account: o.Account, Name: o.Name, ClassName: c.ClassName, Class: c.Class, Subject: c.Subject,
		From: c.From, To: c.To, Former: c.Former}
	t := w.tx
	table, columns := dutyTable(c.Subject)
	if c.Former != 0 {
		err := t.get(ctx, "page.unknown", &made.FormerTo, `UPDATE school.`+table+` SET to_date = greatest(from_date, $2::date - 1)
			WHERE id = $1 AND to_date IS NULL RETURNING to_date`, c.Former, c.From)
		if err != nil {
			return made, err
		}
	}
	args := []any{t.Actor.SchoolID, c.Class, o.Account, c.From, c.To, c.Decision}
	values := "$1, $2, $3, $4, $5, $6"
	if c.Subject != "" {
		args, values = append(args, c.Subject), values+", $7"
	}
	err := t.get(ctx, "page.unknown", &made.ID, `INSERT INTO school.`+table+` (school_id, class_id, account_id, from_date, to_date, decision`+columns+`)
		VALUES (`+values+`) ON CONFLICT (class_id`+columns+`, account_id, from_date) DO UPDATE SET to_date = excluded.to_date, decision = excluded.decision
		WHERE `+table+`.to_date < `+table+`.from_date RETURNING id`, args...)
	if err != nil {
		return made, err
	}
	class.Duties = append(class.Duties, staffsheet.Duty{ID: made.ID, Subject: c.Subject, Account: o.Account, Teacher: o.Name, From: c.From, To: c.To,
		Decision: c.Decision})
	for i := range class.Duties {
		if class.Duties[i].ID == c.Former && class.Duties[i].Subject == c.Subject {
			class.Duties[i].To = made.FormerTo
		}
	}
	act := "class_assigned"
	if c.Decision != "" {
		act = "class_substitute"
	}
	return made, t.note(ctx, act, classObject(c.Class), "subject", string(c.Subject), "account", strconv.FormatInt(o.Account, 10), "from", c.From.String())
}

// dutyTable is where a duty is kept, and the column that the homeroom has not.
func dutyTable(s school.Subject) (table, columns string) {
	if s == "" {
		return "homeroom_assignment", ""
	}
	return "teaching_assignment", ", subject"
}
