-- +goose Up
-- The way after the lock: a school's sealed request to revoke a version in
-- force, and the answer of the tier that decides. Both are rows of their own,
-- only ever added.

ALTER TABLE school.statement DROP CONSTRAINT statement_kind_check;
ALTER TABLE school.statement ADD CONSTRAINT statement_kind_check
  CHECK (kind IN ('NOP', 'THU_HOI', 'CHOT', 'DE_NGHI_THU_HOI')) NOT VALID;
ALTER TABLE school.statement VALIDATE CONSTRAINT statement_kind_check;
-- The school's side hears of a decision as an event; whose account decided is
-- known to the registry's side alone.
ALTER TABLE school.revocation_decision ALTER COLUMN account_id DROP NOT NULL;

ALTER TABLE registry.attempt DROP CONSTRAINT attempt_kind_check;
ALTER TABLE registry.attempt ADD CONSTRAINT attempt_kind_check
  CHECK (kind IN ('NOP', 'THU_HOI', 'CHOT', 'DE_NGHI_THU_HOI')) NOT VALID;
ALTER TABLE registry.attempt VALIDATE CONSTRAINT attempt_kind_check;
-- 'declined': a request to revoke was declined, the version stands. It may
-- happen again; everything else happens to a version once.
ALTER TABLE registry.version_event DROP CONSTRAINT version_event_kind_check;
ALTER TABLE registry.version_event ADD CONSTRAINT version_event_kind_check
  CHECK (kind IN ('accepted', 'locked', 'recalled', 'replaced', 'revoked', 'declined')) NOT VALID;
ALTER TABLE registry.version_event VALIDATE CONSTRAINT version_event_kind_check;
ALTER TABLE registry.version_event DROP CONSTRAINT version_event_by_whom_check;
ALTER TABLE registry.version_event ADD CONSTRAINT version_event_by_whom_check
  CHECK (by_whom IN ('school', 'middle', 'department', 'date')) NOT VALID;
ALTER TABLE registry.version_event VALIDATE CONSTRAINT version_event_by_whom_check;
DROP INDEX registry.version_event_once;
CREATE UNIQUE INDEX version_event_once ON registry.version_event (version_id, kind) WHERE kind <> 'declined';

CREATE TABLE registry.revocation_request (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  attempt_id  bigint NOT NULL UNIQUE REFERENCES registry.attempt,
  version_id  bigint NOT NULL REFERENCES registry.version,
  school_code text NOT NULL,
  school_year text NOT NULL,
  sender_code text NOT NULL,
  sender_name text NOT NULL,
  reason      text NOT NULL CHECK (reason <> ''),
  evidence    text NOT NULL CHECK (evidence <> ''),
  at          timestamptz NOT NULL
);
CREATE INDEX revocation_request_version ON registry.revocation_request (version_id);
CREATE INDEX revocation_request_year ON registry.revocation_request (school_year, id);
CREATE TABLE registry.revocation_decision (
  request_id  bigint PRIMARY KEY REFERENCES registry.revocation_request,
  school_code text NOT NULL,
  decision    text NOT NULL CHECK (decision IN ('granted', 'declined')),
  note        text NOT NULL CHECK (note <> ''),
  unit_code   text NOT NULL, -- of the authority that decided
  account_id  bigint NOT NULL,
  name        text NOT NULL,
  at          timestamptz NOT NULL
);

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['revocation_request', 'revocation_decision'] LOOP
    EXECUTE format('ALTER TABLE registry.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE registry.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY in_scope ON registry.%I FOR SELECT USING (registry.in_scope(school_code))', t);
    EXECUTE format('CREATE POLICY add ON registry.%I FOR INSERT WITH CHECK (core.is_system())', t);
    EXECUTE format('GRANT SELECT, INSERT ON registry.%I TO hocba_registry', t);
  END LOOP;
END $$;
-- +goose StatementEnd
