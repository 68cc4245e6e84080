-- +goose Up
-- What proves a version when its certificates have ended: the chains and what
-- their authorities answered (material), and a time-stamp over both and over
-- the evidence before it. Renewed before it ends itself; beside the version,
-- whose bytes are final, and keyed by it. Never changed.
CREATE TABLE registry.evidence (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  version_id     bigint NOT NULL REFERENCES registry.version,
  school_code    text NOT NULL,
  material       bytea NOT NULL,
  imprint        bytea NOT NULL UNIQUE CHECK (octet_length(imprint) = 32), -- what the token is over
  token          bytea NOT NULL,
  provable_until timestamptz NOT NULL,
  at             timestamptz NOT NULL
);
CREATE INDEX evidence_version ON registry.evidence (version_id, id);
ALTER TABLE registry.evidence ENABLE ROW LEVEL SECURITY;
ALTER TABLE registry.evidence FORCE ROW LEVEL SECURITY;
CREATE POLICY in_scope ON registry.evidence FOR SELECT USING (registry.in_scope(school_code));
CREATE POLICY add ON registry.evidence FOR INSERT WITH CHECK (core.is_system());
GRANT SELECT, INSERT ON registry.evidence TO hocba_registry;
