-- +goose Up
-- The ways to sign that a school has set up beside the trial key store: a
-- device at the server, a remote service, a token in the person's own machine.
-- What is secret (a client's secret at the service) is not here.
CREATE TABLE core.signing_way (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  unit_id    bigint NOT NULL REFERENCES core.unit,
  kind       text NOT NULL CHECK (kind IN ('pkcs11', 'remote', 'agent')),
  label      text NOT NULL CHECK (label <> '' AND length(label) <= 80),
  params     jsonb NOT NULL DEFAULT '{}',
  created_by bigint NOT NULL REFERENCES core.account,
  created_at timestamptz NOT NULL,
  ended_at   timestamptz
);
CREATE UNIQUE INDEX signing_way_label ON core.signing_way (unit_id, label) WHERE ended_at IS NULL;

-- Which key of a way belongs to a certificate. Without a row the key lies,
-- wrapped, in the trial key store.
CREATE TABLE core.certificate_key (
  certificate_id bigint PRIMARY KEY REFERENCES core.certificate,
  way_id         bigint NOT NULL REFERENCES core.signing_way,
  key_ref        text NOT NULL CHECK (key_ref <> ''),
  bound_by       bigint NOT NULL REFERENCES core.account,
  at             timestamptz NOT NULL
);
CREATE INDEX certificate_key_way ON core.certificate_key (way_id);

-- What a person signs with in a unit, for the own signature and for the seal;
-- no way: the trial key store.
CREATE TABLE core.signing_choice (
  account_id bigint NOT NULL REFERENCES core.account,
  unit_id    bigint NOT NULL REFERENCES core.unit,
  purpose    text NOT NULL CHECK (purpose IN ('person', 'seal')),
  way_id     bigint REFERENCES core.signing_way,
  at         timestamptz NOT NULL,
  PRIMARY KEY (account_id, unit_id, purpose)
);

ALTER TABLE core.signing_way ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.signing_way FORCE ROW LEVEL SECURITY;
CREATE POLICY read_own ON core.signing_way FOR SELECT USING (unit_id = core.actor_unit() OR core.in_scope(unit_id));
CREATE POLICY add_own ON core.signing_way FOR INSERT WITH CHECK (unit_id = core.actor_unit() AND created_by = core.actor_account());
CREATE POLICY end_own ON core.signing_way FOR UPDATE USING (unit_id = core.actor_unit());
GRANT SELECT, INSERT, UPDATE (ended_at) ON core.signing_way TO hocba_portal;

ALTER TABLE core.certificate_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.certificate_key FORCE ROW LEVEL SECURITY;
CREATE POLICY read_all ON core.certificate_key FOR SELECT USING (true);
CREATE POLICY add_own ON core.certificate_key FOR INSERT WITH CHECK (bound_by = core.actor_account());
GRANT SELECT, INSERT ON core.certificate_key TO hocba_portal;

ALTER TABLE core.signing_choice ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.signing_choice FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON core.signing_choice USING (account_id = core.actor_account() OR core.is_system())
  WITH CHECK (account_id = core.actor_account());
GRANT SELECT, INSERT, UPDATE (way_id, at) ON core.signing_choice TO hocba_portal;
