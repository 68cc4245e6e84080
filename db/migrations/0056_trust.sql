-- +goose Up
-- The trust list as data with dates: who added which authority, on what ground,
-- from when; an end is a row of its own.
ALTER TABLE core.trust_root ADD COLUMN kind text NOT NULL DEFAULT 'anchor' CHECK (kind IN ('anchor', 'intermediate'));
ALTER TABLE core.trust_root ADD COLUMN provider text NOT NULL DEFAULT '';
ALTER TABLE core.trust_root ADD COLUMN decision text NOT NULL DEFAULT '';
ALTER TABLE core.trust_root ADD COLUMN account_id bigint REFERENCES core.account;
ALTER TABLE core.trust_root ADD COLUMN added_at timestamptz;
CREATE TABLE core.trust_end (
  fingerprint  text PRIMARY KEY REFERENCES core.trust_root,
  effective_at timestamptz NOT NULL,
  decision     text NOT NULL CHECK (decision <> ''),
  account_id   bigint REFERENCES core.account,
  at           timestamptz NOT NULL
);
CREATE POLICY add ON core.trust_root FOR INSERT WITH CHECK (core.is_system()
  OR account_id = core.actor_account() AND EXISTS (SELECT 1 FROM core.unit u WHERE u.id = core.actor_unit() AND u.kind = 'so'));
ALTER TABLE core.trust_end ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.trust_end FORCE ROW LEVEL SECURITY;
CREATE POLICY read_all ON core.trust_end FOR SELECT USING (true);
CREATE POLICY add ON core.trust_end FOR INSERT WITH CHECK (core.is_system()
  OR account_id = core.actor_account() AND EXISTS (SELECT 1 FROM core.unit u WHERE u.id = core.actor_unit() AND u.kind = 'so'));
GRANT INSERT ON core.trust_root TO hocba_portal;
GRANT SELECT, INSERT ON core.trust_end TO hocba_portal;
GRANT SELECT ON core.trust_end TO hocba_registry;
