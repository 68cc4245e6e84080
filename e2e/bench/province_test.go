package bench

import (
	"fmt"
	"net/url"
	"testing"

	"hocba/db/dbtest"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/software"
	"hocba/views"
)

// measureProvince shows the pages of a Sở over two provinces at once, one of
// three hundred schools, one of three thousand: what a page shows first is as
// much in both.
func measureProvince(r *run) {
	schools := 300
	if !measuring {
		schools = 5
	}
	var sites [2]*site
	for i, n := range []int{schools, 10 * schools} {
		sites[i] = newSite(r, r.pupils)
		sites[i].fillProvince(r, n)
	}
	many := thousands(fmt.Sprint(10 * schools))
	for _, page := range []struct{ name, by, path string }{
		{"seals to approve", "sogd", views.CertificatesURL(dbtest.Year)},
		{"seals approved", "sogd", views.CertificatesURL(dbtest.Year) + "?stage=approved"},
		{"schools sought by name", "sogd", views.CertificatesURL(dbtest.Year) + "?q=" + url.QueryEscape("hoa 7")},
		{"seal book of a school", "sogd", views.SealBookURL(dbtest.Year, sites[1].School.ID)},
		{"time-stamps", "sogd", views.TimeStampsURL(dbtest.Year)},
		{"home of the Sở", "sogd", views.YearURL(dbtest.Year)},
		{"schools by progress", "sogd", views.AreaURL(dbtest.Year)},
		{"home of a commune", "haison", views.YearURL(dbtest.Year)},
		{"home of a principal", "thuan", views.YearURL(dbtest.Year)},
		{"certificates of a school", "quantri", views.CertificatesURL(dbtest.Year)},
	} {
		var took [2]samples
		var ask [2]func(int)
		for i, s := range sites {
			ask[i] = s.askingTimes(r, s.signInAs(r, page.by), page.path, &took[i], 2)
		}
		inTurns(min(r.rounds, 5), ask[0], ask[1])
		r.add(line{what: page.name + ", " + many + " schools, p50", got: ms(took[1].p50()), beside: fmt.Sprintf("the same page, %d schools", schools),
			base: ms(took[0].p50()), asked: []limit{atMost(150)}})
	}
}

// staffOf is how many people of a school sign.
const staffOf = 30

// fillProvince brings the Sở to n schools with their people, seals, certificates
// and counts. Of a hundred seals three wait for approval; a third of the
// certificates ends before the summer is over, half of those renewed.
func (s *site) fillProvince(t testing.TB, n int) {
	t.Helper()
	leaf := sealLeaf(t)
	year := string(dbtest.Year)
	exec := s.db.Exec
	exec(`INSERT INTO core.unit (code, name, kind, parent_id, valid_from, commune)
		SELECT 'X' || i, 'Xã số ' || i, 'xa', $1, '2025-07-01', 'Xã số ' || i FROM generate_series(0, $2::int / 30) AS i`, s.Department.ID, n)
	exec(`INSERT INTO core.unit (code, name, kind, parent_id, levels, valid_from, commune)
		SELECT 'T' || i, 'Trường Tiểu học Hoa ' || i, 'truong', p.id, 'TH', '2025-07-01', p.commune
		FROM generate_series(1, $1::int) AS i JOIN core.unit p ON p.code = 'X' || i / 30`, n)
	exec(`INSERT INTO core.account (username, full_name, password_hash, created_at)
		SELECT 't' || i || '.' || k, 'Lê Văn ' || i || ' ' || k, '', $2 FROM generate_series(1, $1::int) AS i, generate_series(1, $3::int) AS k`, n, dbtest.Start, staffOf)
	exec(`INSERT INTO core.account_role (account_id, unit_id, role, valid_from)
		SELECT a.id, u.id, CASE WHEN a.username LIKE '%.1' THEN 'principal' ELSE 'teacher' END, '2025-07-01'
		FROM core.account a JOIN core.unit u ON u.code = upper(split_part(a.username, '.', 1)) WHERE a.username ~ '^t[0-9]+[.]'`)
	// Where certificates stand is reckoned for all at once at the end; and the guard
	// of their events takes a lock a row, and there are not as many.
	exec(`ALTER TABLE core.certificate DISABLE TRIGGER USER; ALTER TABLE core.certificate_event DISABLE TRIGGER USER`)
	exec(`INSERT INTO core.certificate (fingerprint, account_id, purpose, leaf, not_before, not_after, created_at)
		SELECT md5('p' || a.id || '/' || k), a.id, 'person', $1, $2::timestamptz - interval '1 year', $2::timestamptz + CASE WHEN a.id % 3 = 0 AND k = 1 THEN a.id % 80 * interval '1 day' ELSE interval '2 years' END, $2
		FROM core.account a, generate_series(1, 2) AS k WHERE a.username ~ '^t[0-9]+[.]' AND (k = 1 OR a.id % 6 = 0)`, leaf, dbtest.Start)
	exec(`INSERT INTO core.certificate (fingerprint, unit_id, purpose, leaf, not_before, not_after, created_at)
		SELECT md5('s' || u.id || '/' || k), u.id, 'seal', $1, $2::timestamptz - interval '1 year', $2::timestamptz + CASE WHEN u.id % 3 = 0 AND k = 1 THEN u.id % 80 * interval '1 day' ELSE interval '2 years' END, $2
		FROM core.unit u, generate_series(1, 2) AS k WHERE u.code ~ '^T[0-9]+$' AND (k = 1 OR u.id % 3 = 0)`, leaf, dbtest.Start)
	exec(`INSERT INTO core.certificate_event (certificate_id, kind, effective_at, at)
		SELECT c.id, e.kind, c.not_before + e.days * interval '1 day', c.not_before + e.days * interval '1 day' FROM core.certificate c,
		(VALUES ('declared', 1), ('registered', 2), ('approved', 3)) AS e(kind, days)
		WHERE c.purpose = 'seal' AND (e.days < 3 OR c.id % 33 > 0) OR c.purpose = 'person' AND e.days < 3 AND c.id % 4 > 0`)
	exec(`ALTER TABLE core.certificate ENABLE TRIGGER USER; ALTER TABLE core.certificate_event ENABLE TRIGGER USER`)
	exec(`INSERT INTO core.certificate_standing (certificate_id, unit_id, account_id, last, since)
		SELECT c.id, c.unit_id, c.account_id, coalesce(e.last, ''), e.since FROM core.certificate c LEFT JOIN (SELECT DISTINCT ON (certificate_id) certificate_id, kind AS last, at AS since
		FROM core.certificate_event ORDER BY certificate_id, id DESC) e ON e.certificate_id = c.id WHERE c.purpose <> 'receipt' ON CONFLICT DO NOTHING`)
	exec(`INSERT INTO school.class (school_id, school_year, code, name, grades)
		SELECT u.id, $1, 'B' || k, 'B' || k, ARRAY[1 + k % 5] FROM core.unit u, generate_series(1, 15) AS k WHERE u.code ~ '^T[0-9]+$'`, year)
	exec(`INSERT INTO school.class_progress (class_id, school_id, school_year, class_code, class_name, grade, book_kind, on_roll, entered, parts_signed,
		  signed, approved, issued, accepted, locked, returned, refused, august, august_accepted, counted_at)
		SELECT c.id, c.school_id, c.school_year, c.code, c.name, c.grades[1], 'digital', 35, 35, 30, 30, 25, 20, c.id % 20, 0, 0, 0, 0, 0, $1
		FROM school.class c WHERE c.code LIKE 'B%' ON CONFLICT DO NOTHING`, dbtest.Start)
	exec(`DELETE FROM school.class_dirty`)
	exec(`INSERT INTO school.progress_day (school_id, school_year, day, on_roll, accepted)
		SELECT u.id, $1, $2::date - k, 500, 300 - k * 10 FROM core.unit u, generate_series(0, 20) AS k WHERE u.code ~ '^T[0-9]+$'`, year, dbtest.Start)
	exec(`INSERT INTO registry.class_progress (school_code, school_year, class_code, class_name, accepted, locked, refused)
		SELECT u.code, $1, 'B' || k, 'B' || k, 20, 0, 0 FROM core.unit u, generate_series(1, 15) AS k WHERE u.code ~ '^T[0-9]+$'`, year)
	exec(`ANALYZE`)
}

// sealLeaf is a certificate as a school's seal has it.
func sealLeaf(t testing.TB) []byte {
	t.Helper()
	ca, err := demo.New(nil, dbtest.Start.AddDate(-2, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	key, err := software.Generate(signing.ECDSASHA256)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(demo.Request{Kind: demo.Seal, Name: "Trường Tiểu học Hoa 1", Organization: "Trường Tiểu học Hoa 1", TaxCode: "0400000001",
		NotBefore: dbtest.Start.AddDate(-1, 0, 0), NotAfter: dbtest.Start.AddDate(2, 0, 0), PublicKey: key.Public()})
	if err != nil {
		t.Fatal(err)
	}
	return cert.Leaf().Raw
}
