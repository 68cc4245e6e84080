-- +goose Up
-- Counts per class, so that a dashboard's cost does not grow with the number
-- of pupils. Whatever changes a class marks it dirty; a job counts again.

CREATE TABLE school.class_progress (
  class_id     bigint PRIMARY KEY REFERENCES school.class,
  school_id    bigint NOT NULL REFERENCES core.unit,
  school_year  text NOT NULL,
  class_code   text NOT NULL, -- authorities read counts, not the table of classes
  class_name   text NOT NULL,
  grade        smallint NOT NULL,
  book_kind    text NOT NULL,
  on_roll      integer NOT NULL,
  entered      integer NOT NULL, -- year-end values complete
  parts_signed integer NOT NULL, -- every subject part signed by its teacher
  signed       integer NOT NULL, -- homeroom signed or further
  approved     integer NOT NULL,
  issued       integer NOT NULL,
  accepted     integer NOT NULL,
  locked       integer NOT NULL,
  returned     integer NOT NULL,
  refused      integer NOT NULL,
  august       integer NOT NULL, -- on the roll, second track
  august_accepted integer NOT NULL,
  counted_at   timestamptz NOT NULL
);
CREATE INDEX class_progress_school ON school.class_progress (school_id, school_year);
-- How far a school was at the end of each day on which something moved: the
-- pace from which the radar forecasts.
CREATE TABLE school.progress_day (
  school_id   bigint NOT NULL REFERENCES core.unit,
  school_year text NOT NULL,
  day         date NOT NULL,
  on_roll     integer NOT NULL,
  accepted    integer NOT NULL,
  PRIMARY KEY (school_id, school_year, day)
);
CREATE TABLE school.class_dirty (
  class_id  bigint PRIMARY KEY REFERENCES school.class,
  school_id bigint NOT NULL REFERENCES core.unit,
  since     timestamptz NOT NULL
);

-- Who is on a roll and how a class keeps its books changes from many places
-- (import, moves within the year, administration), so the mark is made here.
-- The time is the machine's: it tells how long a mark has waited, nothing else.
-- +goose StatementBegin
CREATE FUNCTION school.mark_class() RETURNS trigger LANGUAGE plpgsql SET search_path = school, pg_temp AS $$
BEGIN
  INSERT INTO school.class_dirty (class_id, school_id, since)
  SELECT f.id, f.school_id, transaction_timestamp() FROM fresh f ORDER BY f.id
  ON CONFLICT (class_id) DO UPDATE SET since = class_dirty.since;
  RETURN NULL;
END $$;
CREATE FUNCTION school.mark_class_of_enrolment() RETURNS trigger LANGUAGE plpgsql SET search_path = school, pg_temp AS $$
BEGIN
  INSERT INTO school.class_dirty (class_id, school_id, since)
  SELECT DISTINCT f.class_id, f.school_id, transaction_timestamp() FROM fresh f ORDER BY f.class_id
  ON CONFLICT (class_id) DO UPDATE SET since = class_dirty.since;
  RETURN NULL;
END $$;
CREATE FUNCTION school.mark_class_of_review() RETURNS trigger LANGUAGE plpgsql SET search_path = school, pg_temp AS $$
BEGIN
  INSERT INTO school.class_dirty (class_id, school_id, since)
  SELECT DISTINCT e.class_id, e.school_id, transaction_timestamp()
  FROM fresh f JOIN school.enrolment e ON e.id = f.enrolment_id ORDER BY e.class_id
  ON CONFLICT (class_id) DO UPDATE SET since = class_dirty.since;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER mark_new AFTER INSERT ON school.class REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION school.mark_class();
CREATE TRIGGER mark_changed AFTER UPDATE ON school.class REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION school.mark_class();
CREATE TRIGGER mark_new AFTER INSERT ON school.enrolment REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION school.mark_class_of_enrolment();
CREATE TRIGGER mark_changed AFTER UPDATE ON school.enrolment REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION school.mark_class_of_enrolment();
CREATE TRIGGER mark_new AFTER INSERT ON school.review REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION school.mark_class_of_review();
CREATE TRIGGER mark_changed AFTER UPDATE ON school.review REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION school.mark_class_of_review();

ALTER TABLE school.class_progress ENABLE ROW LEVEL SECURITY;
ALTER TABLE school.class_progress FORCE ROW LEVEL SECURITY;
-- Authorities see counts, and nothing else of a school's working data.
CREATE POLICY read_counts ON school.class_progress FOR SELECT USING (core.in_scope(school_id));
CREATE POLICY write_counts ON school.class_progress FOR INSERT WITH CHECK (core.is_system());
CREATE POLICY change_counts ON school.class_progress FOR UPDATE USING (core.is_system());
ALTER TABLE school.progress_day ENABLE ROW LEVEL SECURITY;
ALTER TABLE school.progress_day FORCE ROW LEVEL SECURITY;
CREATE POLICY read_counts ON school.progress_day FOR SELECT USING (core.in_scope(school_id));
CREATE POLICY write_counts ON school.progress_day FOR INSERT WITH CHECK (core.is_system());
CREATE POLICY change_counts ON school.progress_day FOR UPDATE USING (core.is_system());
ALTER TABLE school.class_dirty ENABLE ROW LEVEL SECURITY;
ALTER TABLE school.class_dirty FORCE ROW LEVEL SECURITY;
CREATE POLICY own_school ON school.class_dirty USING (core.own_school(school_id));
GRANT SELECT, INSERT, UPDATE ON school.class_progress, school.progress_day TO hocba_portal;
GRANT SELECT, INSERT, UPDATE, DELETE ON school.class_dirty TO hocba_portal;
