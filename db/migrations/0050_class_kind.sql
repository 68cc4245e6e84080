-- +goose Up
-- Classes only for pupils with disabilities are evaluated by rules of their own
-- (TT 27/2020 Điều 8.3). Every class there was is a regular one.

ALTER TABLE school.class ADD COLUMN kind text NOT NULL DEFAULT 'regular' CHECK (kind IN ('regular', 'disability'));
GRANT UPDATE (kind) ON school.class TO hocba_portal;
