-- +goose Up
-- Time-stamps (RFC 3161) of signatures that stand in working records. They are
-- asked for after the act, so that nobody waits for an authority, and put into
-- the version when it is issued. One a signature, never changed.
CREATE TABLE school.signature_stamp (
  signature_id bigint PRIMARY KEY REFERENCES school.record_signature,
  school_id    bigint NOT NULL REFERENCES core.unit,
  token        bytea NOT NULL,
  stamped_at   timestamptz NOT NULL, -- as the token says
  kept_at      timestamptz NOT NULL
);
-- Signatures that still wait for theirs.
CREATE TABLE school.stamp_due (
  signature_id bigint PRIMARY KEY REFERENCES school.record_signature,
  school_id    bigint NOT NULL REFERENCES core.unit,
  tries        integer NOT NULL DEFAULT 0,
  next_at      timestamptz NOT NULL,
  fault        text NOT NULL DEFAULT '' -- code of the last failure
);
CREATE INDEX stamp_due_next ON school.stamp_due (next_at);
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['signature_stamp', 'stamp_due'] LOOP
    EXECUTE format('ALTER TABLE school.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE school.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_school ON school.%I USING (core.own_school(school_id))', t);
    EXECUTE format('GRANT SELECT, INSERT ON school.%I TO hocba_portal', t);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT UPDATE (tries, next_at, fault), DELETE ON school.stamp_due TO hocba_portal;
