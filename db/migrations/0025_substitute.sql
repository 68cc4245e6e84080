-- +goose Up
-- A substitute has a subject or a homeroom from a day to a day, by a decision;
-- whoever had it keeps the own assignment and has it again afterwards.
ALTER TABLE school.teaching_assignment
  ADD COLUMN decision text NOT NULL DEFAULT '' CHECK (length(decision) <= 100),
  ADD CONSTRAINT teaching_assignment_substitute CHECK (decision = '' OR to_date IS NOT NULL);
ALTER TABLE school.homeroom_assignment
  ADD COLUMN decision text NOT NULL DEFAULT '' CHECK (length(decision) <= 100),
  ADD CONSTRAINT homeroom_assignment_substitute CHECK (decision = '' OR to_date IS NOT NULL);

-- One that was taken back before it began leaves an empty stretch.
ALTER TABLE school.teaching_assignment DROP CONSTRAINT teaching_assignment_check,
  ADD CONSTRAINT teaching_assignment_dates CHECK (to_date >= from_date - 1);
ALTER TABLE school.homeroom_assignment DROP CONSTRAINT homeroom_assignment_check,
  ADD CONSTRAINT homeroom_assignment_dates CHECK (to_date >= from_date - 1);
