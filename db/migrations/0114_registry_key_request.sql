-- +goose Up
-- A key made for the registry that waits for its certificate: sealed under the
-- server's secret like the one in use.
CREATE TABLE registry.key_request (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  department    text NOT NULL,
  public_sha256 bytea NOT NULL UNIQUE CHECK (octet_length(public_sha256) = 32),
  key_blob      bytea NOT NULL,
  requested_at  timestamptz NOT NULL
);
ALTER TABLE registry.key_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE registry.key_request FORCE ROW LEVEL SECURITY;
CREATE POLICY own_work ON registry.key_request USING (core.is_system());
GRANT SELECT, INSERT ON registry.key_request TO hocba_registry;
