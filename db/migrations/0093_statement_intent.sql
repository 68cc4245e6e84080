-- +goose Up
-- A statement of a school that waits for the value of its seal: written,
-- prepared, kept for use once by the person who asked. The seal may be with a
-- service or in a token, so the value comes in a request of its own.
CREATE TABLE school.statement_intent (
  id         uuid PRIMARY KEY,
  school_id  bigint NOT NULL REFERENCES core.unit,
  account_id bigint NOT NULL REFERENCES core.account,
  state      bytea NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at    timestamptz
);
CREATE INDEX statement_intent_expiry ON school.statement_intent (expires_at);
ALTER TABLE school.statement_intent ENABLE ROW LEVEL SECURITY;
ALTER TABLE school.statement_intent FORCE ROW LEVEL SECURITY;
CREATE POLICY own_school ON school.statement_intent USING (core.own_school(school_id));
GRANT SELECT, INSERT, UPDATE (used_at), DELETE ON school.statement_intent TO hocba_portal;
