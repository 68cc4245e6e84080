-- +goose Up
-- Transfer files and files of evidence that the registry made: whose versions,
-- to whom, why, who asked, and the signed manifest, which says it all. The files
-- themselves can be made again.
CREATE TABLE registry.transfer_file (
  id          uuid PRIMARY KEY,
  purpose     text NOT NULL CHECK (purpose IN ('CHUYEN_DI', 'BANG_CHUNG')),
  school_code text NOT NULL,
  pupil_code  text NOT NULL,
  manifest    bytea NOT NULL,
  sha256      bytea NOT NULL CHECK (octet_length(sha256) = 32), -- of the file handed out
  account_id  bigint, -- who asked; NULL: a command
  at          timestamptz NOT NULL
);
CREATE INDEX transfer_file_school ON registry.transfer_file (school_code, at);
ALTER TABLE registry.transfer_file ENABLE ROW LEVEL SECURITY;
ALTER TABLE registry.transfer_file FORCE ROW LEVEL SECURITY;
CREATE POLICY in_scope ON registry.transfer_file FOR SELECT USING (registry.in_scope(school_code));
CREATE POLICY add ON registry.transfer_file FOR INSERT WITH CHECK (core.is_system());
GRANT SELECT, INSERT ON registry.transfer_file TO hocba_registry;
