-- +goose Up
-- A school's working data: campuses, classes, pupils, enrolments, assignments.
-- Every row carries school_id, the wall between units.

CREATE TABLE school.campus (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id bigint NOT NULL REFERENCES core.unit,
  code      text NOT NULL,
  name      text NOT NULL CHECK (name <> ''),
  UNIQUE (school_id, code)
);

-- grades has more than one element in a multi-grade class (lớp ghép).
-- A class on paper (CV 613 mục 2) says why, by which decision and until when.
CREATE TABLE school.class (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id      bigint NOT NULL REFERENCES core.unit,
  school_year    text NOT NULL CHECK (school_year ~ '^\d{4}-\d{4}$'),
  code           text NOT NULL CHECK (code <> '' AND length(code) <= 20),
  name           text NOT NULL CHECK (name <> ''),
  grades         smallint[] NOT NULL CHECK (cardinality(grades) BETWEEN 1 AND 3 AND grades <@ ARRAY[1,2,3,4,5]::smallint[]),
  campus_id      bigint REFERENCES school.campus,
  book_kind      text NOT NULL DEFAULT 'digital' CHECK (book_kind IN ('digital', 'paper')),
  paper_reason   text NOT NULL DEFAULT '',
  paper_decision text NOT NULL DEFAULT '',
  paper_until    date,
  language       text NOT NULL DEFAULT 'Tiếng Anh',
  CHECK (book_kind = 'digital' OR (paper_reason <> '' AND paper_decision <> '' AND paper_until IS NOT NULL)),
  UNIQUE (school_id, school_year, name),
  UNIQUE (school_id, school_year, code)
);

CREATE TABLE school.pupil (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id    bigint NOT NULL REFERENCES core.unit,
  code         text NOT NULL CHECK (code ~ '^[0-9A-Za-z]{6,20}$'),
  personal_no  text CHECK (personal_no ~ '^\d{12}$'),
  book_uuid    uuid NOT NULL UNIQUE,
  full_name    text NOT NULL CHECK (full_name <> '' AND full_name IS NFC NORMALIZED),
  given_name   text COLLATE core.vietnamese NOT NULL,
  rest_name    text COLLATE core.vietnamese NOT NULL,
  folded_name  text NOT NULL,
  birth_date   date NOT NULL,
  sex          text NOT NULL CHECK (sex IN ('nam', 'nu')),
  ethnicity    text NOT NULL DEFAULT '',
  nationality  text NOT NULL DEFAULT 'Việt Nam',
  birthplace   text NOT NULL DEFAULT '',
  hometown     text NOT NULL DEFAULT '',
  residence    text NOT NULL DEFAULT '',
  phone        text NOT NULL DEFAULT '',
  father_name  text NOT NULL DEFAULT '',
  father_job   text NOT NULL DEFAULT '',
  father_birth text NOT NULL DEFAULT '',
  mother_name  text NOT NULL DEFAULT '',
  mother_job   text NOT NULL DEFAULT '',
  mother_birth text NOT NULL DEFAULT '',
  guardian_name text NOT NULL DEFAULT '',
  register_no  text NOT NULL DEFAULT '', -- số đăng bộ
  revision     integer NOT NULL DEFAULT 1,
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL,
  UNIQUE (school_id, code)
);
CREATE UNIQUE INDEX pupil_personal_no ON school.pupil (school_id, personal_no) WHERE personal_no IS NOT NULL;
CREATE INDEX pupil_folded ON school.pupil (school_id, folded_name);

-- A pupil in a class from a day to a day. status is the sector's code list
-- (01 đang học … 12 thôi học trong hè).
CREATE TABLE school.enrolment (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id    bigint NOT NULL REFERENCES core.unit,
  school_year  text NOT NULL CHECK (school_year ~ '^\d{4}-\d{4}$'),
  class_id     bigint NOT NULL REFERENCES school.class,
  pupil_id     bigint NOT NULL REFERENCES school.pupil,
  grade        smallint NOT NULL CHECK (grade BETWEEN 1 AND 5),
  status       text NOT NULL DEFAULT '01' CHECK (status ~ '^(0[1-9]|1[0-2])$'),
  from_date    date NOT NULL,
  to_date      date CHECK (to_date >= from_date),
  inclusive    boolean NOT NULL DEFAULT false, -- học sinh khuyết tật học hòa nhập
  not_assessed boolean NOT NULL DEFAULT false, -- khuyết tật không đánh giá
  ethnic_language boolean NOT NULL DEFAULT false, -- học tiếng dân tộc
  first_language_optional boolean NOT NULL DEFAULT false, -- học Ngoại ngữ 1 ở lớp 1–2
  UNIQUE (class_id, pupil_id, from_date)
);
CREATE INDEX enrolment_pupil ON school.enrolment (pupil_id, school_year);
-- One class at a time within a school year.
CREATE UNIQUE INDEX enrolment_current ON school.enrolment (pupil_id, school_year) WHERE to_date IS NULL;

-- Who teaches what to which class from when to when; who is its homeroom teacher.
CREATE TABLE school.teaching_assignment (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id  bigint NOT NULL REFERENCES core.unit,
  class_id   bigint NOT NULL REFERENCES school.class,
  subject    text NOT NULL,
  account_id bigint NOT NULL REFERENCES core.account,
  from_date  date NOT NULL,
  to_date    date CHECK (to_date >= from_date),
  UNIQUE (class_id, subject, account_id, from_date)
);
CREATE INDEX teaching_assignment_account ON school.teaching_assignment (account_id);
CREATE UNIQUE INDEX teaching_assignment_current ON school.teaching_assignment (class_id, subject) WHERE to_date IS NULL;

CREATE TABLE school.homeroom_assignment (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id  bigint NOT NULL REFERENCES core.unit,
  class_id   bigint NOT NULL REFERENCES school.class,
  account_id bigint NOT NULL REFERENCES core.account,
  from_date  date NOT NULL,
  to_date    date CHECK (to_date >= from_date),
  UNIQUE (class_id, account_id, from_date)
);
CREATE INDEX homeroom_assignment_account ON school.homeroom_assignment (account_id);
CREATE UNIQUE INDEX homeroom_assignment_current ON school.homeroom_assignment (class_id) WHERE to_date IS NULL;

-- A deputy signs for the principal only under a dated delegation.
CREATE TABLE school.delegation (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id   bigint NOT NULL REFERENCES core.unit,
  account_id  bigint NOT NULL REFERENCES core.account,
  decision_no text NOT NULL CHECK (decision_no <> ''),
  from_date   date NOT NULL,
  to_date     date NOT NULL CHECK (to_date >= from_date),
  created_by  bigint NOT NULL REFERENCES core.account,
  created_at  timestamptz NOT NULL
);
CREATE INDEX delegation_account ON school.delegation (school_id, account_id);

-- When values of a period may be entered. A change is a new row; the newest counts.
CREATE TABLE school.entry_window (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id   bigint NOT NULL REFERENCES core.unit,
  school_year text NOT NULL,
  period      text NOT NULL CHECK (period IN ('gk1', 'ck1', 'gk2', 'cn', 'he')),
  opens_at    timestamptz NOT NULL,
  closes_at   timestamptz NOT NULL CHECK (closes_at > opens_at),
  reason      text NOT NULL DEFAULT '',
  created_by  bigint REFERENCES core.account,
  created_at  timestamptz NOT NULL
);
CREATE INDEX entry_window_year ON school.entry_window (school_id, school_year, period, id);

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['campus', 'class', 'pupil', 'enrolment', 'teaching_assignment',
                           'homeroom_assignment', 'delegation', 'entry_window'] LOOP
    EXECUTE format('ALTER TABLE school.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE school.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_school ON school.%I USING (core.own_school(school_id))', t);
    EXECUTE format('GRANT SELECT, INSERT ON school.%I TO hocba_portal', t);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT UPDATE (name) ON school.campus TO hocba_portal;
GRANT UPDATE (name, campus_id, book_kind, paper_reason, paper_decision, paper_until, language) ON school.class TO hocba_portal;
GRANT UPDATE (personal_no, full_name, given_name, rest_name, folded_name, birth_date, sex, ethnicity,
  nationality, birthplace, hometown, residence, phone, father_name, father_job, father_birth, mother_name,
  mother_job, mother_birth, guardian_name, register_no, revision, updated_at) ON school.pupil TO hocba_portal;
GRANT UPDATE (status, to_date, inclusive, not_assessed, ethnic_language, first_language_optional) ON school.enrolment TO hocba_portal;
GRANT UPDATE (to_date) ON school.teaching_assignment, school.homeroom_assignment TO hocba_portal;
