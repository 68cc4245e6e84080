-- +goose Up
-- What evidence holds once for many versions: certificates and what their
-- authorities answered (OCSP responses, lists), by the hash of the bytes. A list
-- of an authority may have megabytes; a thousand records of a school name it,
-- and one copy is kept.
CREATE TABLE registry.evidence_part (
  sha256 bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
  der    bytea NOT NULL,
  at     timestamptz NOT NULL
);
-- Certificates may hold personal numbers: the program alone reads them.
ALTER TABLE registry.evidence_part ENABLE ROW LEVEL SECURITY;
ALTER TABLE registry.evidence_part FORCE ROW LEVEL SECURITY;
CREATE POLICY whole ON registry.evidence_part USING (core.is_system()) WITH CHECK (core.is_system());
GRANT SELECT, INSERT ON registry.evidence_part TO hocba_registry;

-- What issuers had answered about the signers when a version was accepted.
CREATE TABLE registry.version_answer (
  version_id  bigint NOT NULL REFERENCES registry.version,
  school_code text NOT NULL,
  sha256      bytea NOT NULL REFERENCES registry.evidence_part,
  PRIMARY KEY (version_id, sha256)
);
ALTER TABLE registry.version_answer ENABLE ROW LEVEL SECURITY;
ALTER TABLE registry.version_answer FORCE ROW LEVEL SECURITY;
CREATE POLICY in_scope ON registry.version_answer FOR SELECT USING (registry.in_scope(school_code));
CREATE POLICY add ON registry.version_answer FOR INSERT WITH CHECK (core.is_system());
GRANT SELECT, INSERT ON registry.version_answer TO hocba_registry;

-- Until when each version can be proven, and what that rests on: a digest of
-- its bytes and evidence, so that lists and counts need not read them.
CREATE TABLE registry.proof (
  version_id      bigint PRIMARY KEY REFERENCES registry.version,
  school_code     text NOT NULL,
  until           timestamptz, -- NULL: not worked out yet
  authority       text NOT NULL DEFAULT '', -- who stamped what it rests on; '' the certificates in the file
  authority_until timestamptz, -- end of that authority's certificates
  renewed_at      timestamptz, -- newest evidence; NULL: none
  renewals        integer NOT NULL DEFAULT 0,
  complete        boolean NOT NULL DEFAULT true, -- every authority that can be asked has answered
  tries           integer NOT NULL DEFAULT 0, -- in vain, to complete it
  next_at         timestamptz NOT NULL -- when evidence is to be gathered next
);
CREATE INDEX proof_next ON registry.proof (next_at, version_id);
CREATE INDEX proof_until ON registry.proof (until, version_id);
CREATE INDEX proof_incomplete ON registry.proof (version_id) WHERE NOT complete;
-- An owner that is no superuser is held by FORCE as well, and would find nothing.
ALTER TABLE registry.version NO FORCE ROW LEVEL SECURITY;
INSERT INTO registry.proof (version_id, school_code, next_at) SELECT id, school_code, accepted_at FROM registry.version ORDER BY id;
ALTER TABLE registry.version FORCE ROW LEVEL SECURITY;
ALTER TABLE registry.proof ENABLE ROW LEVEL SECURITY;
ALTER TABLE registry.proof FORCE ROW LEVEL SECURITY;
CREATE POLICY in_scope ON registry.proof FOR SELECT USING (registry.in_scope(school_code));
CREATE POLICY add ON registry.proof FOR INSERT WITH CHECK (core.is_system());
CREATE POLICY change ON registry.proof FOR UPDATE USING (core.is_system());
GRANT SELECT, INSERT, UPDATE ON registry.proof TO hocba_registry;
