-- +goose Up
-- Counts per class, so that a dashboard's cost does not grow with the number
-- of pupils. Whatever changes a class marks it dirty; a job counts again.

CREATE TABLE school.class_progress (
  class_id    bigint PRIMARY KEY REFERENCES school.class,
  school_id   bigint NOT NULL REFERENCES core.unit,
  school_year text NOT NULL,
  book_kind   text NOT NULL,
  on_roll     integer NOT NULL,
  entered     integer NOT NULL, -- year-end values complete
  signed      integer NOT NULL, -- homeroom signed or further
  approved    integer NOT NULL,
  issued      integer NOT NULL,
  accepted    integer NOT NULL,
  locked      integer NOT NULL,
  returned    integer NOT NULL,
  refused     integer NOT NULL,
  counted_at  timestamptz NOT NULL
);
CREATE INDEX class_progress_school ON school.class_progress (school_id, school_year);
CREATE TABLE school.class_dirty (
  class_id  bigint PRIMARY KEY REFERENCES school.class,
  school_id bigint NOT NULL REFERENCES core.unit,
  since     timestamptz NOT NULL
);

ALTER TABLE school.class_progress ENABLE ROW LEVEL SECURITY;
ALTER TABLE school.class_progress FORCE ROW LEVEL SECURITY;
-- Authorities see counts, and nothing else of a school's working data.
CREATE POLICY read_counts ON school.class_progress FOR SELECT USING (core.in_scope(school_id));
CREATE POLICY write_counts ON school.class_progress FOR INSERT WITH CHECK (core.is_system());
CREATE POLICY change_counts ON school.class_progress FOR UPDATE USING (core.is_system());
ALTER TABLE school.class_dirty ENABLE ROW LEVEL SECURITY;
ALTER TABLE school.class_dirty FORCE ROW LEVEL SECURITY;
CREATE POLICY own_school ON school.class_dirty USING (core.own_school(school_id));
GRANT SELECT, INSERT, UPDATE ON school.class_progress TO hocba_portal;
GRANT SELECT, INSERT, UPDATE, DELETE ON school.class_dirty TO hocba_portal;
