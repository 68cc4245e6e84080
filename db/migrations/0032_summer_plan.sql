-- +goose Up
-- What a pupil who has not completed the grade practises in summer, and in what
-- the pupil is assessed again (TT 27/2020 Điều 11.2). A plan that changes is
-- another row; the newest counts.

CREATE TABLE school.summer_plan (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id    bigint NOT NULL REFERENCES core.unit,
  school_year  text NOT NULL CHECK (school_year ~ '^\d{4}-\d{4}$'),
  enrolment_id bigint NOT NULL REFERENCES school.enrolment,
  items        text[] NOT NULL,
  content      text NOT NULL CHECK (content <> '' AND content IS NFC NORMALIZED AND length(content) <= 600),
  guide        text NOT NULL CHECK (guide <> '' AND length(guide) <= 150),
  from_date    date NOT NULL,
  to_date      date NOT NULL CHECK (to_date >= from_date),
  family       text NOT NULL DEFAULT '' CHECK (family IS NFC NORMALIZED AND length(family) <= 600),
  account_id   bigint NOT NULL REFERENCES core.account,
  at           timestamptz NOT NULL
);
CREATE INDEX summer_plan_pupil ON school.summer_plan (enrolment_id, id DESC);

ALTER TABLE school.summer_plan ENABLE ROW LEVEL SECURITY;
ALTER TABLE school.summer_plan FORCE ROW LEVEL SECURITY;
CREATE POLICY own_school ON school.summer_plan USING (core.own_school(school_id));
GRANT SELECT, INSERT ON school.summer_plan TO hocba_portal;
