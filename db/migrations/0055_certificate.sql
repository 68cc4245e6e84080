-- +goose Up
-- Declared, registered, approved by three persons; suspended, resumed, ended.
-- One certificate may be declared again by another holder after it was refused,
-- so a fingerprint is unique for its holder only.

ALTER TABLE core.certificate ADD COLUMN key_hash text NOT NULL DEFAULT '';
ALTER TABLE core.certificate DROP CONSTRAINT certificate_fingerprint_key;
CREATE UNIQUE INDEX certificate_holder ON core.certificate (fingerprint, coalesce(unit_id, 0), coalesce(account_id, 0));
CREATE INDEX certificate_key_hash ON core.certificate (key_hash) WHERE key_hash <> '';
CREATE INDEX certificate_end ON core.certificate (not_after);

ALTER TABLE core.certificate_event DROP CONSTRAINT certificate_event_kind_check;
ALTER TABLE core.certificate_event ADD CONSTRAINT certificate_event_kind_check CHECK (kind IN
  ('declared', 'withdrawn', 'registered', 'approved', 'refused', 'suspended', 'resumed', 'ended')) NOT VALID;
ALTER TABLE core.certificate_event VALIDATE CONSTRAINT certificate_event_kind_check;
ALTER TABLE core.certificate_event ADD COLUMN reason text NOT NULL DEFAULT '' CHECK (reason ~ '^[a-z_]*$');

-- The stage that is in force at an instant; NULL when nothing was ever written.
-- As certificate.Life.Stage: an end is final, else the newest effect counts.
CREATE FUNCTION core.certificate_stage(certificate bigint, at timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN bool_or(kind = 'ended') THEN 'ended'
    ELSE (array_agg(CASE kind WHEN 'resumed' THEN 'approved' ELSE kind END ORDER BY effective_at DESC, id DESC))[1] END
  FROM core.certificate_event WHERE certificate_id = certificate AND effective_at <= at $$;
-- A person's certificate counts from the principal's confirmation; one that was
-- made with its account in a trial has no history.
CREATE FUNCTION core.certificate_in_use(certificate bigint, purpose text, at timestamptz) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE purpose WHEN 'person' THEN coalesce(core.certificate_stage(certificate, at), 'registered') IN ('registered', 'approved')
    ELSE coalesce(core.certificate_stage(certificate, at), '') = 'approved' END $$;

-- Whoever acts holds this role at the unit as of the day of the act.
CREATE FUNCTION core.holds_role(roles text[], unit bigint, day date) RETURNS boolean LANGUAGE sql STABLE
  AS $$ SELECT EXISTS (SELECT 1 FROM core.account_role r WHERE r.account_id = core.actor_account() AND r.unit_id = unit
    AND r.role = ANY(roles) AND r.valid_from <= day AND coalesce(r.valid_to, 'infinity') >= day) $$;

-- The wall behind the rules of certificate.Life: who, after what, and never the
-- same person twice.
-- +goose StatementBegin
CREATE FUNCTION core.certificate_event_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  c core.certificate%ROWTYPE;
  last core.certificate_event%ROWTYPE;
  stage text;
  day date := (NEW.at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date;
  own boolean;
  above boolean;
  ok boolean;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('certificate:' || NEW.certificate_id, 0));
  IF current_user <> 'hocba_portal' OR core.is_system() THEN
    RETURN NEW; -- the seed, jobs, migrations
  END IF;
  SELECT id, unit_id, account_id, purpose INTO c.id, c.unit_id, c.account_id, c.purpose FROM core.certificate WHERE id = NEW.certificate_id;
  IF c.id IS NULL THEN
    RAISE insufficient_privilege USING MESSAGE = 'certificate out of reach';
  END IF;
  SELECT * INTO last FROM core.certificate_event WHERE certificate_id = NEW.certificate_id ORDER BY id DESC LIMIT 1;
  stage := CASE WHEN last.kind = 'ended' AND last.effective_at > NEW.at THEN 'approved' WHEN last.kind = 'resumed' THEN 'approved'
    WHEN last.kind IS NULL THEN CASE WHEN c.purpose = 'person' AND NEW.kind <> 'declared' THEN 'registered' ELSE '' END ELSE last.kind END;
  own := CASE c.purpose WHEN 'person' THEN EXISTS (SELECT 1 FROM core.account_role r WHERE r.account_id = c.account_id AND r.unit_id = core.actor_unit())
    ELSE c.unit_id = core.actor_unit() END;
  above := c.purpose <> 'person' AND c.unit_id <> core.actor_unit() AND core.in_scope(c.unit_id)
    AND core.holds_role(ARRAY['authority', 'middle_authority'], core.actor_unit(), day);
  ok := CASE NEW.kind
    WHEN 'declared' THEN own AND stage IN ('', 'refused', 'withdrawn') AND core.holds_role(ARRAY['school_admin'], core.actor_unit(), day)
    WHEN 'withdrawn' THEN own AND (stage = 'declared' OR stage = 'registered' AND c.purpose <> 'person') AND core.holds_role(ARRAY['school_admin'], core.actor_unit(), day)
    WHEN 'registered' THEN own AND stage = 'declared' AND core.holds_role(ARRAY['principal'], core.actor_unit(), day)
    WHEN 'approved' THEN above AND stage = 'registered'
    WHEN 'refused' THEN stage = 'declared' AND own AND core.holds_role(ARRAY['principal'], core.actor_unit(), day) OR stage = 'registered' AND above
    WHEN 'suspended' THEN stage IN ('registered', 'approved') AND (above OR own AND core.holds_role(ARRAY['principal', 'school_admin'], core.actor_unit(), day))
    WHEN 'resumed' THEN stage = 'suspended' AND CASE c.purpose WHEN 'person' THEN own AND core.holds_role(ARRAY['principal'], core.actor_unit(), day) ELSE above END
    WHEN 'ended' THEN stage IN ('registered', 'approved', 'suspended') AND (above OR own AND core.holds_role(CASE c.purpose
      WHEN 'person' THEN ARRAY['principal', 'school_admin'] ELSE ARRAY['principal'] END, core.actor_unit(), day))
  END;
  IF c.purpose <> 'person' AND stage = 'registered' AND NEW.kind IN ('suspended', 'ended') THEN
    ok := false; -- a seal that waits is withdrawn or refused
  END IF;
  IF NEW.kind IN ('registered', 'approved', 'refused') AND EXISTS (SELECT 1 FROM core.certificate_event e WHERE e.certificate_id = NEW.certificate_id
    AND e.account_id = NEW.account_id AND e.kind IN ('declared', 'registered')
    AND e.id >= (SELECT max(d.id) FROM core.certificate_event d WHERE d.certificate_id = NEW.certificate_id AND d.kind = 'declared')) THEN
    ok := false;
  END IF;
  IF NEW.kind NOT IN ('suspended', 'ended') AND NEW.effective_at <> NEW.at THEN
    ok := false;
  END IF;
  IF NEW.kind IN ('suspended', 'ended') AND NEW.effective_at < (SELECT max(e.effective_at) FROM core.certificate_event e
    WHERE e.certificate_id = NEW.certificate_id AND e.kind <> 'ended' AND e.effective_at <= NEW.at) THEN
    ok := false;
  END IF;
  IF ok IS NOT TRUE THEN
    RAISE insufficient_privilege USING MESSAGE = format('a certificate may not be %s now by this person', NEW.kind);
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER certificate_event_guard BEFORE INSERT ON core.certificate_event
  FOR EACH ROW EXECUTE FUNCTION core.certificate_event_guard();

-- The portal sees the certificates of units and people in scope; the registry,
-- which judges everybody's signatures, all.
CREATE FUNCTION core.certificate_in_reach(unit bigint, account bigint) RETURNS boolean LANGUAGE sql STABLE
  AS $$ SELECT core.is_system() OR account = core.actor_account() OR core.in_scope(unit)
    OR EXISTS (SELECT 1 FROM core.account_role r JOIN core.unit_scope s ON s.descendant_id = r.unit_id
         WHERE r.account_id = account AND s.ancestor_id = core.actor_unit()) $$;
DROP POLICY read_all ON core.certificate;
CREATE POLICY read_in_reach ON core.certificate FOR SELECT TO hocba_portal USING (core.certificate_in_reach(unit_id, account_id));
CREATE POLICY read_all ON core.certificate FOR SELECT TO hocba_registry USING (true);
DROP POLICY add ON core.certificate;
CREATE POLICY add ON core.certificate FOR INSERT TO hocba_portal WITH CHECK (core.is_system()
  OR unit_id = core.actor_unit() OR account_id = core.actor_account()
  OR EXISTS (SELECT 1 FROM core.account_role r WHERE r.account_id = certificate.account_id AND r.unit_id = core.actor_unit()));
GRANT SELECT (key_hash) ON core.certificate TO hocba_registry;

-- Tax codes of units as the authority has confirmed them, with the first
-- approval of a seal; the newest counts.
CREATE TABLE core.tax_code (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  unit_id    bigint NOT NULL REFERENCES core.unit,
  code       text NOT NULL CHECK (code ~ '^[0-9]{10}(-[0-9]{3})?$'),
  account_id bigint REFERENCES core.account,
  at         timestamptz NOT NULL
);
CREATE INDEX tax_code_unit ON core.tax_code (unit_id, id);
ALTER TABLE core.tax_code ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.tax_code FORCE ROW LEVEL SECURITY;
CREATE POLICY read_all ON core.tax_code FOR SELECT USING (true);
CREATE POLICY add ON core.tax_code FOR INSERT WITH CHECK (core.is_system()
  OR account_id = core.actor_account() AND unit_id <> core.actor_unit() AND core.in_scope(unit_id));
GRANT SELECT, INSERT ON core.tax_code TO hocba_portal;
GRANT SELECT ON core.tax_code TO hocba_registry;

-- What issuers last answered about certificates. What follows from a
-- revocation is an event of the certificate; this is only what is known now. It
-- holds nothing about a person but the fingerprint.
CREATE TABLE core.certificate_status (
  fingerprint text PRIMARY KEY,
  status      text NOT NULL CHECK (status IN ('good', 'revoked', 'unknown')),
  why         text NOT NULL DEFAULT '',
  kind        text NOT NULL DEFAULT '' CHECK (kind IN ('', 'ocsp', 'crl')),
  source      text NOT NULL DEFAULT '',
  reason      integer NOT NULL DEFAULT 0,
  revoked_at  timestamptz,
  this_update timestamptz,
  next_update timestamptz,
  answer      bytea NOT NULL DEFAULT '', -- of OCSP; a list is kept by nobody once a certificate
  asked_at    timestamptz NOT NULL,
  CHECK ((status = 'revoked') = (revoked_at IS NOT NULL))
);
CREATE INDEX certificate_status_asked ON core.certificate_status (asked_at);
ALTER TABLE core.certificate_status ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.certificate_status FORCE ROW LEVEL SECURITY;
CREATE POLICY read_all ON core.certificate_status FOR SELECT USING (true);
CREATE POLICY keep ON core.certificate_status FOR ALL TO hocba_portal USING (core.is_system()) WITH CHECK (core.is_system());
GRANT SELECT, INSERT, UPDATE ON core.certificate_status TO hocba_portal;
GRANT SELECT ON core.certificate_status TO hocba_registry;
