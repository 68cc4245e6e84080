-- +goose Up
-- The latest business time this database has seen. A server whose clock was set
-- back must not sign: it would date signatures back.
CREATE TABLE core.clock_mark (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  at  timestamptz NOT NULL
);
ALTER TABLE core.clock_mark ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.clock_mark FORCE ROW LEVEL SECURITY;
CREATE POLICY read_all ON core.clock_mark FOR SELECT USING (true);
CREATE POLICY set_first ON core.clock_mark FOR INSERT WITH CHECK (core.is_system());
CREATE POLICY move_on ON core.clock_mark FOR UPDATE USING (core.is_system());
GRANT SELECT, INSERT, UPDATE (at) ON core.clock_mark TO hocba_portal;
GRANT SELECT ON core.clock_mark TO hocba_registry;
