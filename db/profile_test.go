package db_test

import (
	"testing"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/fault"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/profile"
	"hocba/internal/workflow"
)

// fileOf reads the stored file of a pupil of 4A.
func fileOf(t testing.TB, d *dbtest.Database, c *dbtest.Cast, n int) profile.File {
	t.Helper()
	var file profile.File
	err := d.As(t.Context(), c.Huong, func(tx *db.Tx) error {
		p, err := tx.Pupil(t.Context(), c.Roll[n].PupilID)
		file = p.File()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// profileEdit is a form over what is stored now.
func profileEdit(t testing.TB, d *dbtest.Database, c *dbtest.Cast, n int, kind profile.Kind, typed profile.File) db.ProfileEdit {
	t.Helper()
	return db.ProfileEdit{Year: dbtest.Year, ProfileKey: db.ProfileKey{ClassID: c.Class.ID, PupilID: c.Roll[n].PupilID},
		Form: profile.Form{Old: fileOf(t, d, c, n), Typed: typed, Kind: string(kind), Paper: string(profile.BirthCertificate), From: "20/05/2026"}}
}

func saveProfile(t testing.TB, d *dbtest.Database, actor workflow.Actor, e db.ProfileEdit) (out db.ProfileResult, err error) {
	t.Helper()
	err = d.As(t.Context(), actor, func(tx *db.Tx) (err error) {
		out, err = tx.SaveProfile(t.Context(), e)
		return err
	})
	return out, err
}

const newHome = "Tổ 9, phường Hải Sơn, thành phố Đà Nẵng"

func TestSaveProfile_OnlyWhoKeepsTheFile(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	e := profileEdit(t, d, c, 0, profile.Moved, profile.File{profile.Residence: newHome})
	for name, actor := range map[string]workflow.Actor{"a subject teacher": c.Minh, "the principal": c.Principal, "a deputy": c.Deputy,
		"another school": c.OtherTeacher, "another principal": c.OtherPrincipal} {
		if _, err := saveProfile(t, d, actor, e); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s changes the file: %v", name, err)
		}
	}
	for _, actor := range []workflow.Actor{c.Huong, c.Admin} {
		if out, err := saveProfile(t, d, actor, e); err != nil || out.Refused() {
			t.Errorf("%s: %+v %v", actor.Role, out, err)
		}
	}
	read := func(a workflow.Actor) error {
		return d.As(t.Context(), a, func(tx *db.Tx) error {
			_, err := tx.ClassProfiles(t.Context(), dbtest.Year, c.Class.ID)
			return err
		})
	}
	for _, actor := range []workflow.Actor{c.Huong, c.Admin, c.Principal, c.Deputy} {
		if err := read(actor); err != nil {
			t.Errorf("%s: %v", actor.Role, err)
		}
	}
	for _, actor := range []workflow.Actor{c.Minh, c.OtherTeacher, c.OtherPrincipal, c.Authority} {
		if err := read(actor); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s reads the files: %v", actor.Name, err)
		}
	}
	// A pupil of another class is none of this one.
	e.PupilID++
	e.ClassID = c.OtherClass.ID
	if _, err := saveProfile(t, d, c.Huong, e); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another school's class: %v", err)
	}
}

func TestSaveProfile_EndsTheHomeroomTeachersSignatureAlone(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	chain.Sign(t)
	out, err := saveProfile(t, d, c.Huong, profileEdit(t, d, c, 0, profile.Moved, profile.File{profile.Residence: newHome}))
	if err != nil || out.Written != 1 || out.Voided != 1 {
		t.Fatalf("%+v %v", out, err)
	}
	if stage, voids := stageOf(t, d, chain.Records[0]); stage != workflow.PartSigned || voids != 1 {
		t.Errorf("the record is %s with %d voids", stage, voids)
	}
	// What the record does not say ends nothing.
	out, err = saveProfile(t, d, c.Huong, profileEdit(t, d, c, 1, "", profile.File{profile.Phone: "0905111222"}))
	if err != nil || out.Written != 1 || out.Voided != 0 {
		t.Fatalf("%+v %v", out, err)
	}
	if stage, voids := stageOf(t, d, chain.Records[1]); stage != workflow.HomeroomSigned || voids != 0 {
		t.Errorf("the record is %s with %d voids", stage, voids)
	}
}

func TestSaveProfile_NeverTouchesAnIssuedVersion(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	chain.Issue(t)
	bytes := func() (sum string) {
		if err := d.Owner().QueryRow(`SELECT string_agg(encode(sha256(xml), 'hex'), ' ' ORDER BY version_id) FROM school.version_content`).Scan(&sum); err != nil {
			t.Fatal(err)
		}
		return sum
	}
	before := bytes()
	out, err := saveProfile(t, d, c.Huong, profileEdit(t, d, c, 0, profile.Correction, profile.File{profile.MotherName: "Trần Thị Lành"}))
	if err != nil || out.Written != 1 || out.Voided != 0 {
		t.Fatalf("%+v %v", out, err)
	}
	if stage, voids := stageOf(t, d, chain.Records[0]); stage != workflow.Issued || voids != 0 || bytes() != before {
		t.Errorf("the record is %s with %d voids", stage, voids)
	}
	err = d.As(t.Context(), c.Huong, func(tx *db.Tx) error {
		versions, err := tx.PupilVersions(t.Context(), c.Roll[0].PupilID)
		if err != nil || len(versions) != 1 || !versions[0].Live() || versions[0].Year != dbtest.Year {
			t.Errorf("versions %+v: %v", versions, err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDecideChange_NeedsAnotherPersonAndHappensOnce(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	out, err := saveProfile(t, d, c.Admin, profileEdit(t, d, c, 0, profile.Correction, profile.File{profile.FullName: "Nguyễn Hoài Ân", profile.PersonalNo: "048316000001"}))
	if err != nil || out.Proposed != 2 || out.Written != 0 {
		t.Fatalf("%+v %v", out, err)
	}
	if got := fileOf(t, d, c, 0)[profile.FullName]; got != "Nguyễn Hoài An" {
		t.Fatalf("the name is %q before anybody confirmed", got)
	}
	var ids []int64
	err = d.As(t.Context(), c.Principal, func(tx *db.Tx) error {
		list, total, err := tx.WaitingChanges(t.Context(), 1)
		if total != 2 || len(list) != 1 || list[0].Pupil != "Nguyễn Hoài An" {
			t.Errorf("queue %+v of %d", list, total)
		}
		ids = []int64{list[0].ID, list[0].ID + 1}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	decide := func(a workflow.Actor, id int64, confirm bool, reason string) error {
		return d.As(t.Context(), a, func(tx *db.Tx) error { _, err := tx.DecideChange(t.Context(), id, confirm, reason); return err })
	}
	count := func(a workflow.Actor) (n int) {
		if err := d.As(t.Context(), a, func(tx *db.Tx) (err error) { n, err = tx.CountWaitingChanges(t.Context()); return err }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if count(c.Principal) != 2 || count(c.Admin) != 0 || count(c.OtherPrincipal) != 0 {
		t.Errorf("the principal has %d, the proposer %d, another school %d", count(c.Principal), count(c.Admin), count(c.OtherPrincipal))
	}
	for name, want := range map[string]struct {
		err  error
		code string
	}{
		"the proposer":   {decide(c.Admin, ids[0], true, ""), "profile.same_person"},
		"a teacher":      {decide(c.Huong, ids[0], true, ""), "profile.change_unknown"},
		"a deputy":       {decide(c.Deputy, ids[0], true, ""), "profile.change_unknown"},
		"another school": {decide(c.OtherPrincipal, ids[0], true, ""), "profile.change_unknown"},
		"no reason":      {decide(c.Principal, ids[0], false, " "), "profile.reason"},
		"not yours":      {d.As(t.Context(), c.Huong, func(tx *db.Tx) error { return tx.WithdrawChange(t.Context(), ids[0]) }), "profile.change_unknown"},
	} {
		if fault.CodeOf(want.err) != want.code {
			t.Errorf("%s: %v, want %s", name, want.err, want.code)
		}
	}
	again := profileEdit(t, d, c, 0, profile.Correction, profile.File{profile.FullName: "Nguyễn Hoài Ấn"})
	if out, err := saveProfile(t, d, c.Huong, again); err != nil || out.Controls[string(profile.FullName)].Code != "profile.waiting" {
		t.Errorf("a second proposal: %+v %v", out, err)
	}
	if err := decide(c.Principal, ids[0], true, ""); err != nil {
		t.Fatal(err)
	}
	if err := decide(c.Principal, ids[0], true, ""); fault.CodeOf(err) != "profile.decided" {
		t.Errorf("confirmed twice: %v", err)
	}
	d.Exec(`UPDATE school.pupil SET personal_no = '048316000001' WHERE id = $1`, c.Roll[1].PupilID)
	if err := decide(c.Principal, ids[1], true, ""); fault.CodeOf(err) != "pupil.personal_no_taken" {
		t.Errorf("another's number: %v", err)
	}
	if err := decide(c.Principal, ids[1], false, "Số của em khác"); err != nil {
		t.Fatal(err)
	}
	file := fileOf(t, d, c, 0)
	if file[profile.FullName] != "Nguyễn Hoài Ân" || file[profile.PersonalNo] != "" {
		t.Errorf("the file %v", file)
	}
	var folded, given string
	if err := d.Owner().QueryRow(`SELECT folded_name, given_name FROM school.pupil WHERE id = $1`, c.Roll[0].PupilID).Scan(&folded, &given); err != nil || given != "Ân" || folded != "nguyen hoai an" {
		t.Errorf("searched as %q, sorted as %q: %v", folded, given, err)
	}
}

func TestTickProfile_CountsTheRound(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	checked := true
	e := profileEdit(t, d, c, 0, "", profile.File{})
	e.Check = &checked
	for range 2 {
		if _, err := saveProfile(t, d, c.Huong, e); err != nil {
			t.Fatal(err)
		}
	}
	key := db.ProfileKey{ClassID: c.Class.ID, PupilID: c.Roll[1].PupilID}
	tick := func(a workflow.Actor, what string, at db.Tick) error {
		return d.As(t.Context(), a, func(tx *db.Tx) error { return tx.TickProfile(t.Context(), dbtest.Year, key, what, at) })
	}
	on := e.Form.Today
	if on.IsZero() {
		on.Year, on.Month, on.Day = 2026, 5, 19
	}
	if err := tick(c.Huong, db.CheckSheet, db.Tick{Done: true, On: on}); err != nil {
		t.Fatal(err)
	}
	if err := tick(c.Minh, db.CheckSheet, db.Tick{Done: true, On: on}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a subject teacher ticks: %v", err)
	}
	if err := tick(c.Huong, db.CheckSheet, db.Tick{Done: true, On: on.AddDays(2)}); fault.CodeOf(err) != "profile.sheet_date" {
		t.Errorf("signed tomorrow: %v", err)
	}
	round := func() db.Round {
		var rounds []db.Round
		err := d.As(t.Context(), c.Huong, func(tx *db.Tx) (err error) {
			rounds, err = tx.ProfileRounds(t.Context(), dbtest.Year, []int64{c.Class.ID})
			return err
		})
		if err != nil || len(rounds) != 1 {
			t.Fatalf("%+v %v", rounds, err)
		}
		return rounds[0]
	}
	if r := round(); r.Pupils != 8 || r.Checked != 1 || r.Sheets != 1 || r.ClassName != "4A" {
		t.Errorf("the round %+v", r)
	}
	if err := tick(c.Huong, db.CheckSheet, db.Tick{On: on}); err != nil {
		t.Fatal(err)
	}
	if r := round(); r.Sheets != 0 {
		t.Errorf("after taking it back %+v", r)
	}
	var rows int
	if err := d.Owner().QueryRow(`SELECT count(*) FROM school.pupil_check WHERE what = 'file'`).Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d ticks of one file: %v", rows, err)
	}
}
