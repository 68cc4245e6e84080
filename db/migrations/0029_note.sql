-- +goose Up
-- What teachers and the principal write to each other about a cell of a pupil.
-- Working talk: never printed, never in the record, removed with the year.

CREATE TABLE school.note (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id    bigint NOT NULL REFERENCES core.unit,
  school_year  text NOT NULL,
  class_id     bigint NOT NULL REFERENCES school.class,
  enrolment_id bigint NOT NULL REFERENCES school.enrolment,
  period       text NOT NULL CHECK (period IN ('gk1', 'ck1', 'gk2', 'cn', 'he')),
  item         text NOT NULL,
  subject      text NOT NULL DEFAULT '', -- the item when it is a subject, else the homeroom teacher's
  sent_to      text NOT NULL CHECK (sent_to IN ('owner', 'homeroom', 'principal')),
  author_id    bigint NOT NULL REFERENCES core.account,
  state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'answered', 'closed')),
  changed_at   timestamptz NOT NULL
);
CREATE INDEX note_class ON school.note (class_id, state);
CREATE INDEX note_year ON school.note (school_id, school_year, state);

CREATE TABLE school.note_message (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  note_id    bigint NOT NULL REFERENCES school.note ON DELETE CASCADE,
  school_id  bigint NOT NULL REFERENCES core.unit,
  author_id  bigint NOT NULL REFERENCES core.account,
  body       text NOT NULL CHECK (body <> '' AND length(body) <= 1000),
  at         timestamptz NOT NULL
);
CREATE INDEX note_message_note ON school.note_message (note_id, id);

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['note', 'note_message'] LOOP
    EXECUTE format('ALTER TABLE school.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE school.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY read_own ON school.%I FOR SELECT USING (core.own_school(school_id) OR core.is_system())', t);
    EXECUTE format('CREATE POLICY add_own ON school.%I FOR INSERT WITH CHECK (core.own_school(school_id))', t);
    EXECUTE format('CREATE POLICY sweep ON school.%I FOR DELETE USING (core.is_system())', t);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON school.%I TO hocba_portal', t);
  END LOOP;
END $$;
-- +goose StatementEnd
CREATE POLICY move_on ON school.note FOR UPDATE USING (core.own_school(school_id));
GRANT UPDATE (state, changed_at) ON school.note TO hocba_portal;
