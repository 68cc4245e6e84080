-- +goose Up
-- Import of results: the batch between the preview of a file and its writing,
-- and the cells of the gradebook that a written one changed, for its undoing.

-- plan and report hold children's data: nobody but the owner reads them.
CREATE TABLE school.gradebook_import (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id   bigint NOT NULL REFERENCES core.unit,
  school_year text NOT NULL CHECK (school_year ~ '^\d{4}-\d{4}$'),
  account_id  bigint NOT NULL REFERENCES core.account,
  file_name   text NOT NULL,
  plan        jsonb NOT NULL,
  report      jsonb,
  undo        jsonb,
  created_at  timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL CHECK (expires_at > created_at),
  written_at  timestamptz,
  undone_at   timestamptz,
  CHECK ((written_at IS NULL) = (report IS NULL)),
  CHECK ((undone_at IS NULL) = (undo IS NULL)),
  CHECK (undone_at IS NULL OR written_at IS NOT NULL)
);
CREATE INDEX gradebook_import_own ON school.gradebook_import (account_id, school_year, id);
CREATE INDEX gradebook_import_expiry ON school.gradebook_import (school_id, expires_at);

-- What an import changed. history_id is the cell's line of entry_history that
-- the import wrote: a newer line of the cell says that somebody touched it since.
CREATE TABLE school.gradebook_import_cell (
  import_id    bigint NOT NULL REFERENCES school.gradebook_import ON DELETE CASCADE,
  school_id    bigint NOT NULL REFERENCES core.unit,
  class_id     bigint NOT NULL REFERENCES school.class,
  period       text NOT NULL CHECK (period IN ('gk1', 'ck1', 'gk2', 'cn', 'he')),
  enrolment_id bigint NOT NULL REFERENCES school.enrolment,
  item         text NOT NULL,
  field        text NOT NULL CHECK (field IN ('level', 'mark', 'remark')),
  old_value    text NOT NULL,
  new_value    text NOT NULL,
  history_id   bigint NOT NULL,
  PRIMARY KEY (import_id, enrolment_id, period, item, field)
);

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['gradebook_import', 'gradebook_import_cell'] LOOP
    EXECUTE format('ALTER TABLE school.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE school.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_school ON school.%I USING (core.own_school(school_id))', t);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT SELECT, INSERT, DELETE, UPDATE (report, undo, written_at, undone_at, expires_at) ON school.gradebook_import TO hocba_portal;
GRANT SELECT, INSERT ON school.gradebook_import_cell TO hocba_portal;
