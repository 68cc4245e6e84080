-- +goose Up
-- A place that is written by the name of today's unit did not change, and was
-- no mistake: what was issued keeps the former name.
ALTER TABLE school.pupil_change DROP CONSTRAINT pupil_change_kind_check;
ALTER TABLE school.pupil_change ADD CONSTRAINT pupil_change_kind_check
  CHECK (kind IN ('addition', 'correction', 'civil_status', 'moved', 'renamed')) NOT VALID;
ALTER TABLE school.pupil_change VALIDATE CONSTRAINT pupil_change_kind_check;
