-- +goose NO TRANSACTION
-- +goose Up
-- The program's round looks for statements of the last day that wait for an
-- answer, in all schools at once.
CREATE INDEX CONCURRENTLY IF NOT EXISTS statement_at ON school.statement (at);
