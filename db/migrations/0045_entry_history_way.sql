-- +goose Up
-- How a cell came to its value when nobody typed it: out of a file, by taking an
-- import back, or with a pupil from another class. Empty: typed.
ALTER TABLE school.entry_history ADD COLUMN way text NOT NULL DEFAULT '' CHECK (way IN ('', 'import', 'undo', 'hand_over'));
