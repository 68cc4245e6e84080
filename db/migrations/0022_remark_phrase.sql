-- +goose Up
-- Phrases that teachers and schools keep for remarks. A phrase without account
-- is the school's and read by everybody there; one with an account is seen by
-- that person alone, which the policy says and not only the query. Phrases are
-- ended, not deleted: what was proposed from them stays explainable.
CREATE TABLE school.remark_phrase (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  school_id  bigint NOT NULL REFERENCES core.unit,
  account_id bigint REFERENCES core.account,
  code       text NOT NULL DEFAULT '' CHECK (length(code) <= 8),
  item       text NOT NULL CHECK (item <> ''),
  from_grade smallint NOT NULL CHECK (from_grade BETWEEN 1 AND 5),
  to_grade   smallint NOT NULL CHECK (to_grade BETWEEN from_grade AND 5),
  level      text NOT NULL DEFAULT '' CHECK (level IN ('', 'T', 'H', 'C', 'Đ')),
  periods    text[] NOT NULL DEFAULT '{}' CHECK (periods <@ ARRAY['gk1', 'ck1', 'gk2', 'cn', 'he']),
  text       text NOT NULL CHECK (text <> '' AND length(text) <= 400 AND text IS NFC NORMALIZED),
  revision   integer NOT NULL DEFAULT 1,
  changed_by bigint NOT NULL REFERENCES core.account,
  changed_at timestamptz NOT NULL,
  ended_at   timestamptz
);
-- A code calls one phrase of an item in each of the two banks.
CREATE UNIQUE INDEX remark_phrase_code ON school.remark_phrase (school_id, coalesce(account_id, 0), item, code)
  WHERE code <> '' AND ended_at IS NULL;
CREATE INDEX remark_phrase_bank ON school.remark_phrase (school_id, account_id) WHERE ended_at IS NULL;

ALTER TABLE school.remark_phrase ENABLE ROW LEVEL SECURITY;
ALTER TABLE school.remark_phrase FORCE ROW LEVEL SECURITY;
CREATE POLICY own_bank ON school.remark_phrase
  USING (core.own_school(school_id) AND (account_id IS NULL OR account_id = core.actor_account() OR core.is_system()));
GRANT SELECT, INSERT, UPDATE (code, item, from_grade, to_grade, level, periods, text, revision, changed_by, changed_at, ended_at)
  ON school.remark_phrase TO hocba_portal;
