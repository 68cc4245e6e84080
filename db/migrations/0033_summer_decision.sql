-- +goose Up
-- What the principal decided about a pupil after the summer (TT 27/2020 Điều
-- 11.2-3). A row never changes; a newer decision corrects it until the record
-- is issued.

CREATE TABLE school.summer_decision (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id    bigint NOT NULL REFERENCES core.unit,
  school_year  text NOT NULL CHECK (school_year ~ '^\d{4}-\d{4}$'),
  enrolment_id bigint NOT NULL REFERENCES school.enrolment,
  plan_id      bigint NOT NULL REFERENCES school.summer_plan,
  outcome      text NOT NULL CHECK (outcome IN ('completed', 'moved_up', 'kept_down')),
  number       text NOT NULL CHECK (number <> '' AND length(number) <= 50),
  decided_on   date NOT NULL,
  note         text NOT NULL DEFAULT '' CHECK (note IS NFC NORMALIZED AND length(note) <= 300),
  account_id   bigint NOT NULL REFERENCES core.account,
  at           timestamptz NOT NULL
);
CREATE INDEX summer_decision_pupil ON school.summer_decision (enrolment_id, id DESC);

ALTER TABLE school.summer_decision ENABLE ROW LEVEL SECURITY;
ALTER TABLE school.summer_decision FORCE ROW LEVEL SECURITY;
CREATE POLICY own_school ON school.summer_decision USING (core.own_school(school_id));
GRANT SELECT, INSERT ON school.summer_decision TO hocba_portal;
