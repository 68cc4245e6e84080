-- +goose Up
-- Where each certificate stands, kept beside its events so that lists and
-- counts of a province need not add up the history of every one. What may be
-- signed with is never read from here but from the events.
CREATE TABLE core.certificate_standing (
  certificate_id bigint PRIMARY KEY REFERENCES core.certificate,
  unit_id    bigint REFERENCES core.unit,    -- of a seal
  account_id bigint REFERENCES core.account, -- of a person
  last       text NOT NULL DEFAULT '' CHECK (last ~ '^[a-z]*$'), -- as core.certificate_stage at since; '' nothing was written
  since      timestamptz,                    -- when the last fact was written
  turns_at   timestamptz,                    -- when a fact announced before takes effect
  CHECK ((unit_id IS NULL) <> (account_id IS NULL))
);
-- The owner of the schema need not be a superuser, and no policy lets it read.
ALTER TABLE core.certificate NO FORCE ROW LEVEL SECURITY;
INSERT INTO core.certificate_standing (certificate_id, unit_id, account_id, last, since, turns_at)
SELECT c.id, c.unit_id, c.account_id, coalesce(core.certificate_stage(c.id, e.since), ''), e.since,
  (SELECT min(f.effective_at) FROM core.certificate_event f WHERE f.certificate_id = c.id AND f.effective_at > e.since)
FROM core.certificate c LEFT JOIN (SELECT certificate_id, max(at) AS since FROM core.certificate_event GROUP BY 1) e ON e.certificate_id = c.id
WHERE c.purpose IN ('person', 'seal');
ALTER TABLE core.certificate FORCE ROW LEVEL SECURITY;
CREATE INDEX certificate_standing_unit ON core.certificate_standing (unit_id, last) WHERE unit_id IS NOT NULL;
CREATE INDEX certificate_standing_account ON core.certificate_standing (account_id) WHERE account_id IS NOT NULL;

-- The stage in force at an instant, without the events where nothing turned since.
CREATE FUNCTION core.standing(certificate bigint, last text, since timestamptz, turns_at timestamptz, at timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN turns_at <= at OR since > at THEN coalesce(core.certificate_stage(certificate, at), '') ELSE last END $$;

-- +goose StatementBegin
CREATE FUNCTION core.certificate_begins() RETURNS trigger LANGUAGE plpgsql SET search_path = core, pg_temp AS $$
BEGIN
  INSERT INTO core.certificate_standing (certificate_id, unit_id, account_id) VALUES (NEW.id, NEW.unit_id, NEW.account_id);
  RETURN NULL;
END $$;
CREATE FUNCTION core.certificate_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = core, pg_temp AS $$
DECLARE
  newest timestamptz;
BEGIN
  SELECT max(e.at) INTO newest FROM core.certificate_event e WHERE e.certificate_id = NEW.certificate_id;
  UPDATE core.certificate_standing SET last = coalesce(core.certificate_stage(NEW.certificate_id, newest), ''), since = newest,
    turns_at = (SELECT min(e.effective_at) FROM core.certificate_event e WHERE e.certificate_id = NEW.certificate_id AND e.effective_at > newest)
  WHERE certificate_id = NEW.certificate_id;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER certificate_begins AFTER INSERT ON core.certificate FOR EACH ROW
  WHEN (NEW.purpose IN ('person', 'seal')) EXECUTE FUNCTION core.certificate_begins();
CREATE TRIGGER certificate_moves AFTER INSERT ON core.certificate_event FOR EACH ROW EXECUTE FUNCTION core.certificate_moves();

-- Read as the certificates are; written by the triggers alone.
ALTER TABLE core.certificate_standing ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.certificate_standing FORCE ROW LEVEL SECURITY;
CREATE POLICY read_in_reach ON core.certificate_standing FOR SELECT USING ((SELECT core.is_system()) OR account_id = (SELECT core.actor_account())
  OR EXISTS (SELECT 1 FROM core.unit_scope s WHERE s.descendant_id = certificate_standing.unit_id AND s.ancestor_id = core.actor_unit())
  OR EXISTS (SELECT 1 FROM core.account_role r JOIN core.unit_scope s ON s.descendant_id = r.unit_id
       WHERE r.account_id = certificate_standing.account_id AND s.ancestor_id = core.actor_unit()));
CREATE POLICY add ON core.certificate_standing FOR INSERT WITH CHECK (pg_trigger_depth() > 0);
CREATE POLICY move ON core.certificate_standing FOR UPDATE USING (pg_trigger_depth() > 0);
GRANT SELECT, INSERT, UPDATE (last, since, turns_at) ON core.certificate_standing TO hocba_portal;
