-- +goose Up
-- A pupil's file and its keeping: every change of it as rows that never
-- change, the second person's word on those that say who the child is, and the
-- round of the start of a year.

-- One row a field. second: the old value stands until somebody else confirms.
CREATE TABLE school.pupil_change (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id  bigint NOT NULL REFERENCES core.unit,
  pupil_id   bigint NOT NULL REFERENCES school.pupil,
  field      text NOT NULL CHECK (field ~ '^[a-z_]{2,20}$'),
  old_value  text NOT NULL,
  new_value  text NOT NULL CHECK (new_value <> old_value AND new_value IS NFC NORMALIZED),
  second     boolean NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('addition', 'correction', 'civil_status', 'moved')),
  from_date  date NOT NULL,
  paper      text NOT NULL DEFAULT '' CHECK (paper IN ('', 'birth_certificate', 'decision', 'identity_paper', 'residence_paper',
               'family_sheet', 'other', 'list')),
  note       text NOT NULL DEFAULT '',
  account_id bigint REFERENCES core.account, -- NULL: a command of the program
  at         timestamptz NOT NULL
);
CREATE INDEX pupil_change_pupil ON school.pupil_change (pupil_id, id);
CREATE INDEX pupil_change_second ON school.pupil_change (school_id, id) WHERE second;

CREATE TABLE school.pupil_change_decision (
  change_id  bigint PRIMARY KEY REFERENCES school.pupil_change,
  school_id  bigint NOT NULL REFERENCES core.unit,
  decision   text NOT NULL CHECK (decision IN ('confirmed', 'refused', 'withdrawn')),
  reason     text NOT NULL DEFAULT '' CHECK (decision <> 'refused' OR reason <> ''),
  account_id bigint NOT NULL REFERENCES core.account,
  at         timestamptz NOT NULL
);

-- What the homeroom teacher ticked off for a pupil in a year; the newest row of
-- a kind counts. sheet: the family signed the printed file on on_date.
CREATE TABLE school.pupil_check (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id   bigint NOT NULL REFERENCES core.unit,
  school_year text NOT NULL CHECK (school_year ~ '^\d{4}-\d{4}$'),
  pupil_id    bigint NOT NULL REFERENCES school.pupil,
  what        text NOT NULL CHECK (what IN ('file', 'sheet')),
  done        boolean NOT NULL,
  on_date     date NOT NULL,
  account_id  bigint NOT NULL REFERENCES core.account,
  at          timestamptz NOT NULL
);
CREATE INDEX pupil_check_pupil ON school.pupil_check (pupil_id, school_year, what, id);

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['pupil_change', 'pupil_change_decision', 'pupil_check'] LOOP
    EXECUTE format('ALTER TABLE school.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE school.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_school ON school.%I USING (core.own_school(school_id))', t);
    EXECUTE format('GRANT SELECT, INSERT ON school.%I TO hocba_portal', t);
  END LOOP;
END $$;
-- +goose StatementEnd
