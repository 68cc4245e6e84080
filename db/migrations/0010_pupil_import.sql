-- +goose Up
-- Import of pupils: what lists say of a pupil beyond the first columns, and the
-- batch that stands between the preview of a file and its writing.

ALTER TABLE school.pupil
  ADD COLUMN village        text NOT NULL DEFAULT '', -- tổ, thôn of the permanent residence
  ADD COLUMN guardian_job   text NOT NULL DEFAULT '',
  ADD COLUMN guardian_birth text NOT NULL DEFAULT '';
GRANT UPDATE (village, guardian_job, guardian_birth) ON school.pupil TO hocba_portal;

-- A seat that ended before it began was a mistake put right on the same day: it
-- was never valid, and no roll or history counts it.
ALTER TABLE school.enrolment DROP CONSTRAINT enrolment_check;
ALTER TABLE school.enrolment ADD CONSTRAINT enrolment_dates CHECK (to_date >= from_date - 1);
GRANT UPDATE (grade) ON school.enrolment TO hocba_portal;

-- An uploaded list, parsed and compared; written at most once, gone after its
-- expiry. plan and report hold children's data: nobody but the owner reads them.
CREATE TABLE school.import_batch (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id   bigint NOT NULL REFERENCES core.unit,
  school_year text NOT NULL CHECK (school_year ~ '^\d{4}-\d{4}$'),
  account_id  bigint NOT NULL REFERENCES core.account,
  file_name   text NOT NULL,
  from_date   date NOT NULL, -- day from which new pupils sit in their class
  plan        jsonb NOT NULL,
  report      jsonb,
  created_at  timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL CHECK (expires_at > created_at),
  written_at  timestamptz,
  CHECK ((written_at IS NULL) = (report IS NULL))
);
CREATE INDEX import_batch_expiry ON school.import_batch (school_id, expires_at);
ALTER TABLE school.import_batch ENABLE ROW LEVEL SECURITY;
ALTER TABLE school.import_batch FORCE ROW LEVEL SECURITY;
CREATE POLICY own_school ON school.import_batch USING (core.own_school(school_id));
GRANT SELECT, INSERT, DELETE, UPDATE (report, written_at) ON school.import_batch TO hocba_portal;
