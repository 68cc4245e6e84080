-- +goose Up
-- The record of a pupil's year: stage and revision, signatures over exact
-- bytes, what voided them, returns, issued versions. Signatures, voids,
-- versions and their events are only ever added: a later fact is a row of its
-- own. The revision guards every change.

CREATE TABLE school.record (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id    bigint NOT NULL REFERENCES core.unit,
  school_year  text NOT NULL CHECK (school_year ~ '^\d{4}-\d{4}$'),
  pupil_id     bigint NOT NULL REFERENCES school.pupil,
  class_id     bigint NOT NULL REFERENCES school.class,
  enrolment_id bigint NOT NULL REFERENCES school.enrolment,
  record_uuid  uuid NOT NULL UNIQUE, -- MA_HOC_BA
  stage        text NOT NULL DEFAULT 'drafting' CHECK (stage IN ('drafting', 'part_signed', 'homeroom_signed', 'returned',
                 'approved', 'issued', 'submitted', 'refused', 'accepted', 'locked')),
  revision     integer NOT NULL DEFAULT 1,
  track        smallint NOT NULL DEFAULT 1 CHECK (track IN (1, 2)),
  created_at   timestamptz NOT NULL,
  changed_at   timestamptz NOT NULL,
  UNIQUE (pupil_id, school_year)
);
CREATE INDEX record_class ON school.record (class_id, stage);

-- One row a signature. slot is 'gvbm-<teacher code>', 'gvcn', 'cbql' or
-- 'phathanh'; a generation that was voided is followed by the next. content is
-- the exact bytes covered, signature those of ds:Signature.
CREATE TABLE school.record_signature (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id    bigint NOT NULL REFERENCES core.unit,
  record_id    bigint NOT NULL REFERENCES school.record,
  slot         text NOT NULL CHECK (slot IN ('gvcn', 'cbql', 'phathanh') OR slot LIKE 'gvbm-%'),
  generation   integer NOT NULL CHECK (generation > 0),
  number       integer NOT NULL DEFAULT 0,
  phien_ban    integer NOT NULL DEFAULT 0,
  signer_code  text NOT NULL,
  signer_name  text NOT NULL,
  account_id   bigint NOT NULL REFERENCES core.account,
  certificate  text NOT NULL,
  content_hash text NOT NULL CHECK (content_hash ~ '^[0-9a-f]{64}$'),
  content      bytea NOT NULL,
  signature    bytea NOT NULL,
  signed_at    timestamptz NOT NULL,
  UNIQUE (record_id, slot, generation)
);
CREATE INDEX record_signature_account ON school.record_signature (account_id, signed_at);

-- Which parts a signature covers: 'mon-TOAN', 'thongtinhocba', 'data'.
CREATE TABLE school.record_signature_part (
  signature_id bigint NOT NULL REFERENCES school.record_signature,
  school_id    bigint NOT NULL REFERENCES core.unit,
  part         text NOT NULL,
  PRIMARY KEY (signature_id, part)
);

CREATE TABLE school.record_void (
  signature_id bigint PRIMARY KEY REFERENCES school.record_signature,
  school_id    bigint NOT NULL REFERENCES core.unit,
  record_id    bigint NOT NULL REFERENCES school.record,
  cause        text NOT NULL CHECK (cause IN ('withdrawn', 'content_changed', 'version_ended')),
  account_id   bigint REFERENCES core.account,
  at           timestamptz NOT NULL
);
CREATE INDEX record_void_record ON school.record_void (record_id);

-- A return names parts; each part is answered once (kept or changed).
CREATE TABLE school.record_return (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id  bigint NOT NULL REFERENCES core.unit,
  record_id  bigint NOT NULL REFERENCES school.record,
  reason     text NOT NULL CHECK (reason <> ''),
  account_id bigint NOT NULL REFERENCES core.account,
  role       text NOT NULL,
  at         timestamptz NOT NULL
);
CREATE INDEX record_return_record ON school.record_return (record_id, id);
CREATE TABLE school.record_return_part (
  return_id bigint NOT NULL REFERENCES school.record_return,
  school_id bigint NOT NULL REFERENCES core.unit,
  part      text NOT NULL,
  PRIMARY KEY (return_id, part)
);
CREATE TABLE school.record_return_answer (
  return_id  bigint NOT NULL REFERENCES school.record_return,
  school_id  bigint NOT NULL REFERENCES core.unit,
  part       text NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('kept', 'changed', 'signed')),
  note       text NOT NULL DEFAULT '',
  account_id bigint NOT NULL REFERENCES core.account,
  at         timestamptz NOT NULL,
  PRIMARY KEY (return_id, part)
);

-- The principal opened this record at this revision: approving flagged ones needs it.
CREATE TABLE school.record_opening (
  record_id  bigint NOT NULL REFERENCES school.record,
  school_id  bigint NOT NULL REFERENCES core.unit,
  revision   integer NOT NULL,
  account_id bigint NOT NULL REFERENCES core.account,
  at         timestamptz NOT NULL,
  PRIMARY KEY (record_id, revision, account_id)
);

-- What waits for a signature between prepare and complete: single use, expires.
CREATE TABLE school.signing_intent (
  id         uuid PRIMARY KEY,
  school_id  bigint NOT NULL REFERENCES core.unit,
  record_id  bigint NOT NULL REFERENCES school.record,
  revision   integer NOT NULL,
  slot       text NOT NULL,
  account_id bigint NOT NULL REFERENCES core.account,
  state      bytea NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at    timestamptz
);
CREATE INDEX signing_intent_expiry ON school.signing_intent (expires_at);

-- Issued versions. Their bytes are final; their SHA-256 is their identity.
CREATE TABLE school.version (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id   bigint NOT NULL REFERENCES core.unit,
  record_id   bigint NOT NULL REFERENCES school.record,
  phien_ban   integer NOT NULL CHECK (phien_ban > 0),
  track       smallint NOT NULL CHECK (track IN (1, 2)),
  sha256      bytea NOT NULL UNIQUE CHECK (octet_length(sha256) = 32),
  replaces    bytea,
  look_up_code text NOT NULL UNIQUE,
  issued_by   bigint NOT NULL REFERENCES core.account,
  issued_at   timestamptz NOT NULL,
  UNIQUE (record_id, phien_ban)
);
CREATE TABLE school.version_content (
  version_id bigint PRIMARY KEY REFERENCES school.version,
  school_id  bigint NOT NULL REFERENCES core.unit,
  xml        bytea NOT NULL
);
CREATE TABLE school.version_event (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id  bigint NOT NULL REFERENCES core.unit,
  version_id bigint NOT NULL REFERENCES school.version,
  kind       text NOT NULL CHECK (kind IN ('issued', 'withdrawn', 'submitted', 'refused', 'accepted',
               'replacing', 'locked', 'recalled', 'replaced', 'revoked')),
  account_id bigint REFERENCES core.account,
  reason     text NOT NULL DEFAULT '',
  evidence   text NOT NULL DEFAULT '',
  at         timestamptz NOT NULL
);
CREATE INDEX version_event_version ON school.version_event (version_id, id);

-- Requests to revoke a locked version, and the tier's decision on each.
CREATE TABLE school.revocation (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id  bigint NOT NULL REFERENCES core.unit,
  version_id bigint NOT NULL REFERENCES school.version,
  reason     text NOT NULL CHECK (reason <> ''),
  evidence   text NOT NULL DEFAULT '',
  account_id bigint NOT NULL REFERENCES core.account,
  at         timestamptz NOT NULL
);
CREATE INDEX revocation_version ON school.revocation (version_id);
CREATE TABLE school.revocation_decision (
  revocation_id bigint PRIMARY KEY REFERENCES school.revocation,
  school_id     bigint NOT NULL REFERENCES core.unit,
  decision      text NOT NULL CHECK (decision IN ('granted', 'declined')),
  note          text NOT NULL DEFAULT '',
  account_id    bigint NOT NULL REFERENCES core.account,
  at            timestamptz NOT NULL
);

-- Statements of the school (NOP, THU_HOI, CHOT) and what the registry answered.
CREATE TABLE school.statement (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id   bigint NOT NULL REFERENCES core.unit,
  school_year text NOT NULL,
  class_id    bigint REFERENCES school.class,
  kind        text NOT NULL CHECK (kind IN ('NOP', 'THU_HOI', 'CHOT')),
  track       smallint NOT NULL CHECK (track IN (1, 2)),
  sha256      bytea NOT NULL UNIQUE CHECK (octet_length(sha256) = 32),
  xml         bytea NOT NULL,
  account_id  bigint NOT NULL REFERENCES core.account,
  at          timestamptz NOT NULL
);
CREATE INDEX statement_class ON school.statement (class_id, kind, id);
-- What a statement names, so that answers find their version.
CREATE TABLE school.statement_version (
  statement_id bigint NOT NULL REFERENCES school.statement,
  version_id   bigint NOT NULL REFERENCES school.version,
  school_id    bigint NOT NULL REFERENCES core.unit,
  PRIMARY KEY (statement_id, version_id)
);
CREATE INDEX statement_version_version ON school.statement_version (version_id);
-- Receipts as they came, signed by the registry. version_id is NULL for the
-- receipt of the statement itself.
CREATE TABLE school.receipt (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id    bigint NOT NULL REFERENCES core.unit,
  statement_id bigint NOT NULL REFERENCES school.statement,
  version_id   bigint REFERENCES school.version,
  result       text NOT NULL CHECK (result IN ('accepted', 'refused')),
  reasons      jsonb NOT NULL DEFAULT '[]',
  xml          bytea NOT NULL,
  at           timestamptz NOT NULL
);
CREATE UNIQUE INDEX receipt_of_version ON school.receipt (statement_id, version_id) WHERE version_id IS NOT NULL;
CREATE UNIQUE INDEX receipt_of_statement ON school.receipt (statement_id) WHERE version_id IS NULL;

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['record', 'record_signature', 'record_signature_part', 'record_void', 'record_return',
      'record_return_part', 'record_return_answer', 'revocation', 'revocation_decision', 'record_opening', 'signing_intent', 'version', 'version_content',
      'version_event', 'statement', 'statement_version', 'receipt'] LOOP
    EXECUTE format('ALTER TABLE school.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE school.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_school ON school.%I USING (core.own_school(school_id))', t);
    EXECUTE format('GRANT SELECT, INSERT ON school.%I TO hocba_portal', t);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT UPDATE (stage, revision, track, class_id, enrolment_id, changed_at) ON school.record TO hocba_portal;
GRANT UPDATE (used_at), DELETE ON school.signing_intent TO hocba_portal;
