-- +goose Up
-- Pupils and classes that differ: what the school declared about a pupil, and
-- entries that were handed over with a pupil who moved within the year.

ALTER TABLE school.enrolment ADD COLUMN individual_plan boolean NOT NULL DEFAULT false; -- kế hoạch giáo dục cá nhân
GRANT UPDATE (individual_plan) ON school.enrolment TO hocba_portal;

ALTER TABLE school.class ADD COLUMN ethnic_tongue text NOT NULL DEFAULT ''; -- which language Tiếng dân tộc is
GRANT UPDATE (ethnic_tongue) ON school.class TO hocba_portal;

-- origin is the enrolment in which a handed-over value was written; NULL: here.
ALTER TABLE school.entry ADD COLUMN origin bigint;
GRANT UPDATE (origin) ON school.entry TO hocba_portal;

-- The school's decision that a pupil does not take a subject (Miễn), from a
-- period to the end of the year. It never changes; its end is a row of its own.
CREATE TABLE school.exemption (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id   bigint NOT NULL REFERENCES core.unit,
  school_year text NOT NULL CHECK (school_year ~ '^\d{4}-\d{4}$'),
  pupil_id    bigint NOT NULL REFERENCES school.pupil,
  subject     text NOT NULL,
  period      text NOT NULL CHECK (period IN ('gk1', 'ck1', 'gk2', 'cn')),
  reason      text NOT NULL CHECK (reason <> '' AND length(reason) <= 300),
  decision    text NOT NULL CHECK (decision <> '' AND length(decision) <= 100),
  account_id  bigint NOT NULL REFERENCES core.account,
  at          timestamptz NOT NULL
);
CREATE INDEX exemption_pupil ON school.exemption (pupil_id, school_year);

CREATE TABLE school.exemption_end (
  exemption_id bigint PRIMARY KEY REFERENCES school.exemption,
  school_id    bigint NOT NULL REFERENCES core.unit,
  account_id   bigint NOT NULL REFERENCES core.account,
  at           timestamptz NOT NULL
);

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['exemption', 'exemption_end'] LOOP
    EXECUTE format('ALTER TABLE school.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE school.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_school ON school.%I USING (core.own_school(school_id))', t);
    EXECUTE format('GRANT SELECT, INSERT ON school.%I TO hocba_portal', t);
  END LOOP;
END $$;
-- +goose StatementEnd
