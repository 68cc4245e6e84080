-- +goose Up
-- A class had one mark for whoever changed something in it, so eight teachers
-- of a class waited for one another's commits. A mark for each connection lets
-- them commit together; the counter takes as many as it finds free.

ALTER TABLE school.class_dirty ADD COLUMN connection integer NOT NULL DEFAULT pg_backend_pid();
ALTER TABLE school.class_dirty DROP CONSTRAINT class_dirty_pkey;
ALTER TABLE school.class_dirty ADD PRIMARY KEY (class_id, connection);

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION school.mark_class() RETURNS trigger LANGUAGE plpgsql SET search_path = school, pg_temp AS $$
BEGIN
  INSERT INTO school.class_dirty (class_id, school_id, since)
  SELECT f.id, f.school_id, transaction_timestamp() FROM fresh f ORDER BY f.id
  ON CONFLICT (class_id, connection) DO UPDATE SET since = class_dirty.since;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION school.mark_class_of_enrolment() RETURNS trigger LANGUAGE plpgsql SET search_path = school, pg_temp AS $$
BEGIN
  INSERT INTO school.class_dirty (class_id, school_id, since)
  SELECT DISTINCT f.class_id, f.school_id, transaction_timestamp() FROM fresh f ORDER BY f.class_id
  ON CONFLICT (class_id, connection) DO UPDATE SET since = class_dirty.since;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION school.mark_class_of_review() RETURNS trigger LANGUAGE plpgsql SET search_path = school, pg_temp AS $$
BEGIN
  INSERT INTO school.class_dirty (class_id, school_id, since)
  SELECT DISTINCT e.class_id, e.school_id, transaction_timestamp()
  FROM fresh f JOIN school.enrolment e ON e.id = f.enrolment_id ORDER BY e.class_id
  ON CONFLICT (class_id, connection) DO UPDATE SET since = class_dirty.since;
  RETURN NULL;
END $$;
-- +goose StatementEnd
