-- +goose Up
-- Values may be entered in a time that the principal orders and the school's
-- administrator opens: for the school, a grade level or one class. Orders and
-- what became of them are rows that never change.

CREATE TABLE school.entry_order (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id   bigint NOT NULL REFERENCES core.unit,
  school_year text NOT NULL,
  period      text NOT NULL CHECK (period IN ('gk1', 'ck1', 'gk2', 'cn', 'he')),
  grade       smallint CHECK (grade BETWEEN 1 AND 5),
  class_id    bigint REFERENCES school.class,
  opens_at    timestamptz NOT NULL,
  closes_at   timestamptz NOT NULL CHECK (closes_at > opens_at),
  number      text NOT NULL DEFAULT '', -- of the paper, if it has one
  reason      text NOT NULL DEFAULT '',
  ordered_by  bigint NOT NULL REFERENCES core.account,
  ordered_at  timestamptz NOT NULL,
  CHECK (grade IS NULL OR class_id IS NULL)
);
CREATE INDEX entry_order_year ON school.entry_order (school_id, school_year, id);

-- One row when the administrator carries the order out, or the principal takes
-- it back before that.
CREATE TABLE school.entry_order_end (
  order_id  bigint PRIMARY KEY REFERENCES school.entry_order,
  school_id bigint NOT NULL REFERENCES core.unit,
  kind      text NOT NULL CHECK (kind IN ('carried_out', 'withdrawn')),
  by_whom   bigint NOT NULL REFERENCES core.account,
  at        timestamptz NOT NULL
);

ALTER TABLE school.entry_window
  ADD COLUMN grade    smallint CHECK (grade BETWEEN 1 AND 5),
  ADD COLUMN class_id bigint REFERENCES school.class,
  ADD COLUMN order_id bigint UNIQUE REFERENCES school.entry_order; -- NULL: set before orders were kept

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['entry_order', 'entry_order_end'] LOOP
    EXECUTE format('ALTER TABLE school.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE school.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_school ON school.%I USING (core.own_school(school_id))', t);
    EXECUTE format('GRANT SELECT, INSERT ON school.%I TO hocba_portal', t);
  END LOOP;
END $$;
-- +goose StatementEnd
