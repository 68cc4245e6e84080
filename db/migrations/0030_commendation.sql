-- +goose Up
-- Commendations of TT 27/2020, Điều 13: a pupil may have several in a year, of
-- the two titles of the year's end at most one. Until now the homeroom
-- teacher's review held one of any kind; those are moved as they stand.

-- The principal's decision: its number and day. It never changes.
CREATE TABLE school.commendation_decision (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id   bigint NOT NULL REFERENCES core.unit,
  school_year text NOT NULL CHECK (school_year ~ '^\d{4}-\d{4}$'),
  number      text NOT NULL CHECK (number <> '' AND length(number) <= 50 AND number IS NFC NORMALIZED),
  decided_on  date NOT NULL,
  account_id  bigint NOT NULL REFERENCES core.account,
  at          timestamptz NOT NULL
);

CREATE TABLE school.commendation (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id   bigint NOT NULL REFERENCES core.unit,
  school_year text NOT NULL CHECK (school_year ~ '^\d{4}-\d{4}$'),
  pupil_id    bigint NOT NULL REFERENCES school.pupil,
  kind        text NOT NULL CHECK (kind IN ('HOC_SINH_XUAT_SAC', 'HOC_SINH_TIEU_BIEU', 'DOT_XUAT', 'CAP_TREN', 'THU_KHEN', 'KHAC')),
  items       text[] NOT NULL DEFAULT '{}', -- in what a Tiêu biểu excels: subjects, qualities, competencies
  agreed      boolean NOT NULL DEFAULT false, -- the class agreed to it (Điều 13.1b)
  reason      text NOT NULL DEFAULT '' CHECK (reason IS NFC NORMALIZED),
  on_day      date, -- of the deed, of the letter, of the higher authority's decision
  giver       text NOT NULL DEFAULT '', -- the higher authority; who wrote the letter
  number      text NOT NULL DEFAULT '', -- of the higher authority's decision
  line        text NOT NULL DEFAULT '' CHECK (line IS NFC NORMALIZED), -- what the record says, as it was worded when written
  revision    integer NOT NULL DEFAULT 1,
  decision_id bigint REFERENCES school.commendation_decision,
  ended       text NOT NULL DEFAULT '' CHECK (ended IN ('', 'withdrawn', 'struck')),
  end_reason  text NOT NULL DEFAULT '' CHECK (ended <> 'struck' OR end_reason <> ''),
  ended_by    bigint REFERENCES core.account,
  ended_at    timestamptz,
  account_id  bigint NOT NULL REFERENCES core.account,
  at          timestamptz NOT NULL,
  CHECK ((ended = '') = (ended_at IS NULL) AND (ended = '') = (ended_by IS NULL))
);
CREATE UNIQUE INDEX commendation_title ON school.commendation (pupil_id, school_year)
  WHERE kind IN ('HOC_SINH_XUAT_SAC', 'HOC_SINH_TIEU_BIEU') AND ended = '';
CREATE INDEX commendation_pupil ON school.commendation (pupil_id, school_year, id);
CREATE INDEX commendation_year ON school.commendation (school_id, school_year, id);

-- An owner that is no superuser is held by FORCE as well, and would move nothing.
ALTER TABLE school.review NO FORCE ROW LEVEL SECURITY;
ALTER TABLE school.record NO FORCE ROW LEVEL SECURITY;
-- The record's own enrolment counts: it is the review that the record shows.
-- line is the text as it was, so that no signature over it falls.
INSERT INTO school.commendation (school_id, school_year, pupil_id, kind, agreed, reason, line, account_id, at)
SELECT r.school_id, r.school_year, r.pupil_id, v.award, v.recognised, v.commendation, v.commendation, v.account_id, v.updated_at
FROM school.record r JOIN school.review v ON v.school_year = r.school_year AND v.enrolment_id = r.enrolment_id
WHERE v.award <> '' ORDER BY r.id;
ALTER TABLE school.review FORCE ROW LEVEL SECURITY;
ALTER TABLE school.record FORCE ROW LEVEL SECURITY;

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['commendation_decision', 'commendation'] LOOP
    EXECUTE format('ALTER TABLE school.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE school.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_school ON school.%I USING (core.own_school(school_id))', t);
    EXECUTE format('GRANT SELECT, INSERT ON school.%I TO hocba_portal', t);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT UPDATE (items, agreed, reason, on_day, giver, number, line, revision, decision_id, ended, end_reason, ended_by, ended_at, account_id, at)
  ON school.commendation TO hocba_portal;
