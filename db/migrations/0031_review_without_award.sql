-- +goose Up
-- Commendations moved to their own table in 0030; nothing reads these columns.
ALTER TABLE school.review DROP COLUMN award, DROP COLUMN commendation, DROP COLUMN recognised;
