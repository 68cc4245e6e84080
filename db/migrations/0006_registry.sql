-- +goose Up
-- The province's store. It knows units by code and schools' documents by their
-- bytes; nothing here refers to a table of the school side.

-- One row a statement that arrived, whatever became of it: an attempt, not a
-- version. The same bytes come again after a crash or a lost answer; an attempt
-- without an answer is then gone on with.
CREATE TABLE registry.attempt (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_code text NOT NULL,
  kind        text NOT NULL CHECK (kind IN ('NOP', 'THU_HOI', 'CHOT')),
  sha256      bytea NOT NULL CHECK (octet_length(sha256) = 32),
  statement   bytea NOT NULL, -- '' when it was too large to be read
  received_at timestamptz NOT NULL
);
CREATE INDEX attempt_bytes ON registry.attempt (school_code, sha256, id);
-- What was answered to it, signed. final: the same bytes would be answered the
-- same for ever, so this receipt is given again.
CREATE TABLE registry.answer (
  attempt_id  bigint PRIMARY KEY REFERENCES registry.attempt,
  school_code text NOT NULL,
  result      text NOT NULL CHECK (result IN ('accepted', 'refused')),
  final       boolean NOT NULL,
  xml         bytea NOT NULL,
  at          timestamptz NOT NULL
);

-- An accepted version. The first acceptance binds MA_HOC_BA to pupil and year.
CREATE TABLE registry.binding (
  record_uuid uuid PRIMARY KEY,
  pupil_code  text NOT NULL,
  school_year text NOT NULL,
  at          timestamptz NOT NULL,
  UNIQUE (pupil_code, school_year)
);
CREATE TABLE registry.version (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  record_uuid  uuid NOT NULL REFERENCES registry.binding,
  phien_ban    integer NOT NULL CHECK (phien_ban > 0),
  school_code  text NOT NULL,
  class_code   text NOT NULL,
  class_name   text NOT NULL,
  school_year  text NOT NULL,
  track        smallint NOT NULL CHECK (track IN (1, 2)),
  pupil_code   text NOT NULL,
  birth_date   date NOT NULL,
  look_up_code text NOT NULL UNIQUE,
  sha256       bytea NOT NULL UNIQUE CHECK (octet_length(sha256) = 32),
  accepted_at  timestamptz NOT NULL,
  UNIQUE (record_uuid, phien_ban)
);
CREATE INDEX version_class ON registry.version (school_code, school_year, class_code, track);
CREATE TABLE registry.version_content (
  version_id bigint PRIMARY KEY REFERENCES registry.version,
  xml        bytea NOT NULL
);
-- What happened to a version after acceptance; one row each, never changed.
CREATE TABLE registry.version_event (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  version_id    bigint NOT NULL REFERENCES registry.version,
  school_code   text NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('accepted', 'locked', 'recalled', 'replaced', 'revoked')),
  superseded_by bigint REFERENCES registry.version,
  reason        text NOT NULL DEFAULT '',
  by_whom       text NOT NULL CHECK (by_whom IN ('school', 'department', 'date')),
  at            timestamptz NOT NULL
);
CREATE UNIQUE INDEX version_event_once ON registry.version_event (version_id, kind);
CREATE INDEX version_event_school ON registry.version_event (school_code, id);
-- The live version of a record: exactly one at a time. Moves on when a version
-- is replaced; goes when it is recalled or revoked.
CREATE TABLE registry.live_version (
  record_uuid uuid PRIMARY KEY REFERENCES registry.binding,
  version_id  bigint NOT NULL UNIQUE REFERENCES registry.version,
  school_code text NOT NULL,
  school_year text NOT NULL,
  class_code  text NOT NULL,
  track       smallint NOT NULL,
  locked_at   timestamptz
);
CREATE INDEX live_version_class ON registry.live_version (school_code, school_year, class_code, track);
-- A receipt for each record that arrived, accepted or refused. record_uuid and
-- phien_ban are NULL when neither manifest nor bytes say them.
CREATE TABLE registry.receipt (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  attempt_id  bigint NOT NULL REFERENCES registry.attempt,
  school_code text NOT NULL,
  sha256      bytea NOT NULL CHECK (octet_length(sha256) = 32),
  record_uuid uuid,
  phien_ban   integer,
  result      text NOT NULL CHECK (result IN ('accepted', 'refused')),
  final       boolean NOT NULL,
  reasons     jsonb NOT NULL DEFAULT '[]',
  xml         bytea NOT NULL,
  at          timestamptz NOT NULL,
  UNIQUE (attempt_id, sha256)
);
CREATE INDEX receipt_bytes ON registry.receipt (school_code, sha256);
CREATE UNIQUE INDEX receipt_accepted ON registry.receipt (sha256) WHERE result = 'accepted';
-- Records whose newest answer is a refusal: what a school still owes.
CREATE TABLE registry.refused_record (
  school_code text NOT NULL,
  record_uuid uuid NOT NULL,
  school_year text NOT NULL,
  class_code  text NOT NULL,
  track       smallint NOT NULL CHECK (track IN (1, 2)),
  receipt_id  bigint NOT NULL REFERENCES registry.receipt,
  at          timestamptz NOT NULL,
  PRIMARY KEY (school_code, record_uuid)
);
CREATE INDEX refused_record_class ON registry.refused_record (school_code, school_year, class_code);
-- Statements that closed class and track (CHOT), one each.
CREATE TABLE registry.closing (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  attempt_id  bigint NOT NULL REFERENCES registry.attempt,
  school_code text NOT NULL,
  school_year text NOT NULL,
  class_code  text NOT NULL,
  track       smallint NOT NULL CHECK (track IN (1, 2)),
  at          timestamptz NOT NULL,
  UNIQUE (school_code, school_year, class_code, track)
);
-- The time in which schools may recall, replace and close; a change is a new row.
CREATE TABLE registry.closing_time (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  department    text NOT NULL,
  school_year   text NOT NULL,
  track         smallint NOT NULL CHECK (track IN (1, 2)),
  opens_at      timestamptz NOT NULL,
  ends_at       timestamptz NOT NULL CHECK (ends_at > opens_at),
  decision_no   text NOT NULL DEFAULT '',
  decision_date date,
  account_id    bigint,
  at            timestamptz NOT NULL
);
CREATE INDEX closing_time_year ON registry.closing_time (department, school_year, track, id);
-- Acts by which the Sở, or the date, locked what was left, with the classes
-- that had not been closed by their principal.
CREATE TABLE registry.lock_act (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  department  text NOT NULL,
  school_year text NOT NULL,
  track       smallint NOT NULL CHECK (track IN (1, 2)),
  by_date     boolean NOT NULL,
  account_id  bigint,
  at          timestamptz NOT NULL
);
CREATE TABLE registry.lock_act_class (
  lock_act_id bigint NOT NULL REFERENCES registry.lock_act,
  school_code text NOT NULL,
  class_code  text NOT NULL,
  class_name  text NOT NULL,
  locked      integer NOT NULL, -- versions this act locked
  refused     integer NOT NULL, -- records whose newest answer was a refusal
  PRIMARY KEY (lock_act_id, school_code, class_code)
);
-- The paper, rendered once from version bytes and receipt.
CREATE TABLE registry.paper (
  sha256       bytea NOT NULL CHECK (octet_length(sha256) = 32),
  form_version text NOT NULL,
  pdf          bytea NOT NULL,
  rendered_at  timestamptz NOT NULL,
  PRIMARY KEY (sha256, form_version)
);
-- The key that signs receipts: sealed under the server's secret.
CREATE TABLE registry.receipt_key (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  department text NOT NULL,
  leaf       bytea NOT NULL,
  chain      bytea NOT NULL DEFAULT '',
  key_blob   bytea NOT NULL,
  created_at timestamptz NOT NULL
);
-- Counts per class on this side of the wall, kept with every change: accepted
-- are the live versions, locked those of them in force, refused the records
-- whose newest answer is a refusal.
CREATE TABLE registry.class_progress (
  school_code text NOT NULL,
  school_year text NOT NULL,
  class_code  text NOT NULL,
  class_name  text NOT NULL,
  accepted    integer NOT NULL DEFAULT 0,
  locked      integer NOT NULL DEFAULT 0,
  refused     integer NOT NULL DEFAULT 0,
  PRIMARY KEY (school_code, school_year, class_code)
);

-- Whose rows: a person sees the schools of the own unit's scope; the program's
-- own work (intake, look-up by code) acts as system or public.
CREATE FUNCTION registry.in_scope(school text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT core.actor_kind() IN ('system', 'public') OR EXISTS (
    SELECT 1 FROM core.unit u JOIN core.unit_scope s ON s.descendant_id = u.id
    WHERE u.code = school AND s.ancestor_id = core.actor_unit()) $$;
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['attempt', 'answer', 'version', 'version_event', 'live_version', 'receipt', 'refused_record',
      'closing', 'lock_act_class', 'class_progress'] LOOP
    EXECUTE format('ALTER TABLE registry.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE registry.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY in_scope ON registry.%I FOR SELECT USING (registry.in_scope(school_code))', t);
    EXECUTE format('CREATE POLICY add ON registry.%I FOR INSERT WITH CHECK (core.is_system())', t);
    EXECUTE format('GRANT SELECT, INSERT ON registry.%I TO hocba_registry', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['binding', 'version_content', 'closing_time', 'lock_act', 'paper', 'receipt_key'] LOOP
    EXECUTE format('ALTER TABLE registry.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE registry.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('GRANT SELECT, INSERT ON registry.%I TO hocba_registry', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['binding', 'receipt_key'] LOOP
    EXECUTE format('CREATE POLICY own_work ON registry.%I USING (core.is_system())', t);
  END LOOP;
END $$;
-- +goose StatementEnd
CREATE POLICY with_version ON registry.version_content FOR SELECT
  USING (EXISTS (SELECT 1 FROM registry.version v WHERE v.id = version_id));
CREATE POLICY add ON registry.version_content FOR INSERT WITH CHECK (core.is_system());
CREATE POLICY with_version ON registry.paper FOR SELECT
  USING (EXISTS (SELECT 1 FROM registry.version v WHERE v.sha256 = paper.sha256));
CREATE POLICY add ON registry.paper FOR INSERT WITH CHECK (core.actor_kind() IN ('system', 'public'));
CREATE POLICY read_all ON registry.closing_time FOR SELECT USING (true);
CREATE POLICY add ON registry.closing_time FOR INSERT WITH CHECK (core.is_system() OR core.actor_kind() = 'person');
CREATE POLICY read_all ON registry.lock_act FOR SELECT USING (true);
CREATE POLICY add ON registry.lock_act FOR INSERT WITH CHECK (core.is_system());
CREATE POLICY move ON registry.live_version FOR UPDATE USING (core.is_system());
CREATE POLICY go ON registry.live_version FOR DELETE USING (core.is_system());
CREATE POLICY count ON registry.class_progress FOR UPDATE USING (core.is_system());
CREATE POLICY again ON registry.refused_record FOR UPDATE USING (core.is_system());
CREATE POLICY mended ON registry.refused_record FOR DELETE USING (core.is_system());
GRANT UPDATE (school_year, class_code, track, receipt_id, at), DELETE ON registry.refused_record TO hocba_registry;
GRANT UPDATE (version_id, locked_at, class_code, track, school_code), DELETE ON registry.live_version TO hocba_registry;
GRANT UPDATE (accepted, locked, refused, class_name) ON registry.class_progress TO hocba_registry;
