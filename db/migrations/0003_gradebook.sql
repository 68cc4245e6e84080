-- +goose Up
-- What teachers write: one row per pupil, period and item, and every change of
-- a cell for good. Both are partitioned by school year from the start: a large
-- province writes about 10^8 rows a year.

CREATE TABLE school.entry (
  school_year  text NOT NULL,
  enrolment_id bigint NOT NULL,
  period       text NOT NULL CHECK (period IN ('gk1', 'ck1', 'gk2', 'cn', 'he')),
  item         text NOT NULL,
  school_id    bigint NOT NULL,
  level        text NOT NULL DEFAULT '' CHECK (level IN ('', 'T', 'H', 'C', 'Đ')),
  mark         smallint CHECK (mark BETWEEN 0 AND 10),
  remark       text NOT NULL DEFAULT '' CHECK (remark IS NFC NORMALIZED AND length(remark) <= 1000),
  exempt       boolean NOT NULL DEFAULT false,
  account_id   bigint NOT NULL,
  updated_at   timestamptz NOT NULL,
  PRIMARY KEY (school_year, enrolment_id, period, item)
) PARTITION BY LIST (school_year);

CREATE TABLE school.entry_history (
  id           bigint GENERATED ALWAYS AS IDENTITY,
  school_year  text NOT NULL,
  school_id    bigint NOT NULL,
  enrolment_id bigint NOT NULL,
  period       text NOT NULL,
  item         text NOT NULL,
  field        text NOT NULL CHECK (field IN ('level', 'mark', 'remark', 'exempt')),
  old_value    text NOT NULL,
  new_value    text NOT NULL,
  account_id   bigint NOT NULL,
  request_id   text NOT NULL DEFAULT '',
  at           timestamptz NOT NULL,
  PRIMARY KEY (school_year, id)
) PARTITION BY LIST (school_year);
CREATE INDEX entry_history_cell ON school.entry_history (enrolment_id, period, item, id);

-- The homeroom teacher's own lines of a pupil's year, beside the entries.
-- overall is what was computed when last saved; signing computes it again.
CREATE TABLE school.review (
  school_year   text NOT NULL,
  enrolment_id  bigint NOT NULL,
  school_id     bigint NOT NULL,
  absent_excused   smallint CHECK (absent_excused BETWEEN 0 AND 366),
  absent_unexcused smallint CHECK (absent_unexcused BETWEEN 0 AND 366),
  height_mm     integer CHECK (height_mm BETWEEN 500 AND 2300),
  weight_g      integer CHECK (weight_g BETWEEN 5000 AND 200000),
  award         text NOT NULL DEFAULT '' CHECK (award IN ('', 'HOC_SINH_XUAT_SAC', 'HOC_SINH_TIEU_BIEU', 'DOT_XUAT',
                  'CAP_TREN', 'THU_KHEN', 'KHAC')),
  commendation  text NOT NULL DEFAULT '' CHECK (commendation IS NFC NORMALIZED),
  recognised    boolean NOT NULL DEFAULT false, -- the class agreed to it (Điều 13.1b)
  reassessed_on date, -- day of the decision after the summer (Điều 11)
  reassess_note text NOT NULL DEFAULT '',
  completed     boolean,
  promoted      boolean,
  track         smallint NOT NULL DEFAULT 1 CHECK (track IN (1, 2)),
  revision      integer NOT NULL DEFAULT 1,
  account_id    bigint NOT NULL,
  updated_at    timestamptz NOT NULL,
  PRIMARY KEY (school_year, enrolment_id)
);
CREATE TABLE school.review_history (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id    bigint NOT NULL,
  enrolment_id bigint NOT NULL,
  field        text NOT NULL,
  old_value    text NOT NULL,
  new_value    text NOT NULL,
  account_id   bigint NOT NULL,
  request_id   text NOT NULL DEFAULT '',
  at           timestamptz NOT NULL
);
CREATE INDEX review_history_pupil ON school.review_history (enrolment_id, id);

-- +goose StatementBegin
DO $$
DECLARE y int; t text; p text;
BEGIN
  FOREACH t IN ARRAY ARRAY['entry', 'entry_history'] LOOP
    FOR y IN 2024..2039 LOOP
      p := format('%s_%s', t, y);
      EXECUTE format('CREATE TABLE school.%I PARTITION OF school.%I FOR VALUES IN (%L)', p, t, y || '-' || (y + 1));
      EXECUTE format('ALTER TABLE school.%I ENABLE ROW LEVEL SECURITY', p);
      EXECUTE format('ALTER TABLE school.%I FORCE ROW LEVEL SECURITY', p);
    END LOOP;
  END LOOP;
  FOREACH t IN ARRAY ARRAY['entry', 'entry_history', 'review', 'review_history'] LOOP
    EXECUTE format('ALTER TABLE school.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE school.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_school ON school.%I USING (core.own_school(school_id))', t);
    EXECUTE format('GRANT SELECT, INSERT ON school.%I TO hocba_portal', t);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT UPDATE (level, mark, remark, exempt, account_id, updated_at) ON school.entry TO hocba_portal;
GRANT UPDATE (absent_excused, absent_unexcused, height_mm, weight_g, award, commendation, recognised, reassessed_on, reassess_note, completed, promoted,
  track, revision, account_id, updated_at) ON school.review TO hocba_portal;
