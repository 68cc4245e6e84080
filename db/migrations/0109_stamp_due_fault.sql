-- +goose Up
-- The newest failure among the signatures that wait, however many wait.
CREATE INDEX stamp_due_fault ON school.stamp_due (next_at) WHERE fault <> '';
