-- +goose Up
-- Taking an import of pupils back: what it made is kept with the batch, and
-- what the undo did, once.
ALTER TABLE school.import_batch
  ADD COLUMN made      jsonb, -- rows that the writing made or changed, before and after
  ADD COLUMN undo      jsonb,
  ADD COLUMN undone_at timestamptz,
  ADD CHECK ((undone_at IS NULL) = (undo IS NULL)),
  ADD CHECK (undone_at IS NULL OR written_at IS NOT NULL);
GRANT UPDATE (made, undo, undone_at, expires_at) ON school.import_batch TO hocba_portal;

-- A pupil, a seat, a record or a class that an import made by mistake goes, as
-- long as nobody did anything with it. Foreign keys refuse what is referred to;
-- entries have none, and a record past drafting was signed.
CREATE POLICY forget_unchanged ON school.pupil AS RESTRICTIVE FOR DELETE USING (revision = 1);
CREATE POLICY forget_unsigned ON school.record AS RESTRICTIVE FOR DELETE USING (stage = 'drafting');
CREATE POLICY forget_empty ON school.enrolment AS RESTRICTIVE FOR DELETE USING (
  NOT EXISTS (SELECT 1 FROM school.entry n WHERE n.school_year = enrolment.school_year AND n.enrolment_id = enrolment.id)
  AND NOT EXISTS (SELECT 1 FROM school.entry_history h WHERE h.school_year = enrolment.school_year AND h.enrolment_id = enrolment.id)
  AND NOT EXISTS (SELECT 1 FROM school.review v WHERE v.school_year = enrolment.school_year AND v.enrolment_id = enrolment.id)
  AND NOT EXISTS (SELECT 1 FROM school.review_history h WHERE h.enrolment_id = enrolment.id));
CREATE POLICY forget_empty ON school.class AS RESTRICTIVE FOR DELETE USING (
  NOT EXISTS (SELECT 1 FROM school.enrolment e WHERE e.class_id = class.id));
GRANT DELETE ON school.pupil, school.record, school.enrolment, school.class TO hocba_portal;

-- Counts of a class and its mark are made by themselves and go with it.
ALTER TABLE school.class_progress DROP CONSTRAINT class_progress_class_id_fkey,
  ADD CONSTRAINT class_progress_class_id_fkey FOREIGN KEY (class_id) REFERENCES school.class ON DELETE CASCADE;
ALTER TABLE school.class_dirty DROP CONSTRAINT class_dirty_class_id_fkey,
  ADD CONSTRAINT class_dirty_class_id_fkey FOREIGN KEY (class_id) REFERENCES school.class ON DELETE CASCADE;

-- A deleted seat or record is looked for in the tables that may refer to it.
CREATE INDEX record_enrolment ON school.record (enrolment_id);
CREATE INDEX note_enrolment ON school.note (enrolment_id);
CREATE INDEX gradebook_import_cell_enrolment ON school.gradebook_import_cell (enrolment_id);
CREATE INDEX signing_intent_record ON school.signing_intent (record_id);
