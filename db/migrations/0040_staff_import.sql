-- +goose Up
-- Import of accounts and of teaching assignments: the batch between the preview
-- of a file and its writing, and what is needed to take a written one back.

-- plan and report name the school's people: nobody but the owner reads them.
-- They hold no password.
CREATE TABLE school.staff_import (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id   bigint NOT NULL REFERENCES core.unit,
  school_year text NOT NULL CHECK (school_year ~ '^\d{4}-\d{4}$'),
  account_id  bigint NOT NULL REFERENCES core.account,
  kind        text NOT NULL CHECK (kind IN ('accounts', 'assignments')),
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
CREATE INDEX staff_import_own ON school.staff_import (account_id, school_year, id);
CREATE INDEX staff_import_expiry ON school.staff_import (school_id, expires_at);
ALTER TABLE school.staff_import ENABLE ROW LEVEL SECURITY;
ALTER TABLE school.staff_import FORCE ROW LEVEL SECURITY;
CREATE POLICY own_school ON school.staff_import USING (core.own_school(school_id));
GRANT SELECT, INSERT, DELETE, UPDATE (report, undo, written_at, undone_at, expires_at) ON school.staff_import TO hocba_portal;

-- A duty that never began (it ended before its first day) may begin after all.
GRANT UPDATE (decision) ON school.teaching_assignment, school.homeroom_assignment TO hocba_portal;

-- An account that an import made by mistake goes, as long as nobody used it: the
-- password is still the temporary one, and nothing refers to it but its roles,
-- all of them in the actor's scope. Foreign keys refuse everything else.
ALTER TABLE core.account_role DROP CONSTRAINT account_role_account_id_fkey,
  ADD CONSTRAINT account_role_account_id_fkey FOREIGN KEY (account_id) REFERENCES core.account ON DELETE CASCADE;
CREATE POLICY forget_unused ON core.account FOR DELETE USING (password_temporary AND EXISTS (
    SELECT 1 FROM core.account_role r WHERE r.account_id = account.id AND core.in_scope(r.unit_id))
  AND NOT EXISTS (SELECT 1 FROM core.account_role r WHERE r.account_id = account.id AND NOT core.in_scope(r.unit_id)));
GRANT DELETE ON core.account TO hocba_portal;
