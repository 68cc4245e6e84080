-- +goose Up
-- A word in the portal to who still has something to write in a class.

CREATE TABLE school.nudge (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id   bigint NOT NULL REFERENCES core.unit,
  school_year text NOT NULL,
  class_id    bigint NOT NULL REFERENCES school.class,
  period      text NOT NULL CHECK (period IN ('gk1', 'ck1', 'gk2', 'cn', 'he')),
  by_account  bigint NOT NULL REFERENCES core.account,
  to_account  bigint NOT NULL REFERENCES core.account,
  day         date NOT NULL,
  at          timestamptz NOT NULL,
  UNIQUE (to_account, class_id, period, day, by_account)
);
CREATE INDEX nudge_class ON school.nudge (class_id, period, day);

ALTER TABLE school.nudge ENABLE ROW LEVEL SECURITY;
ALTER TABLE school.nudge FORCE ROW LEVEL SECURITY;
CREATE POLICY read_own ON school.nudge FOR SELECT USING (core.own_school(school_id) OR core.is_system());
CREATE POLICY add_own ON school.nudge FOR INSERT WITH CHECK (core.own_school(school_id));
CREATE POLICY sweep ON school.nudge FOR DELETE USING (core.is_system());
GRANT SELECT, INSERT, DELETE ON school.nudge TO hocba_portal;
