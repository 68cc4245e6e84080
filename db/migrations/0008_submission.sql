-- +goose Up
-- The school's end of its dealings with the registry: what the administrator
-- has prepared for sending, and up to which event the school has listened.

-- What of a class and track is to be sent. The newest counts, until it is sent.
CREATE TABLE school.preparation (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id  bigint NOT NULL REFERENCES core.unit,
  class_id   bigint NOT NULL REFERENCES school.class,
  track      smallint NOT NULL CHECK (track IN (1, 2)),
  account_id bigint NOT NULL REFERENCES core.account,
  at         timestamptz NOT NULL
);
CREATE INDEX preparation_class ON school.preparation (class_id, track, id);
CREATE TABLE school.preparation_version (
  preparation_id bigint NOT NULL REFERENCES school.preparation,
  version_id     bigint NOT NULL REFERENCES school.version,
  school_id      bigint NOT NULL REFERENCES core.unit,
  PRIMARY KEY (preparation_id, version_id)
);

-- The number of the last event of the registry that was applied.
CREATE TABLE school.registry_cursor (
  school_id  bigint PRIMARY KEY REFERENCES core.unit,
  last_event bigint NOT NULL,
  at         timestamptz NOT NULL
);

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['preparation', 'preparation_version', 'registry_cursor'] LOOP
    EXECUTE format('ALTER TABLE school.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE school.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_school ON school.%I USING (core.own_school(school_id))', t);
    EXECUTE format('GRANT SELECT, INSERT ON school.%I TO hocba_portal', t);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT UPDATE (last_event, at) ON school.registry_cursor TO hocba_portal;
