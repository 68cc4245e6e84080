-- +goose Up
-- Units, accounts, roles, sessions, calendar, settings, audit, view log.
-- The program's two login roles own nothing; they hold the grants below and
-- nothing else. Row-level security reads who acts from settings that db.As
-- makes local to each transaction.

-- +goose StatementBegin
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'hocba_portal') THEN
    CREATE ROLE hocba_portal LOGIN;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'hocba_registry') THEN
    CREATE ROLE hocba_registry LOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- another database of the same cluster was migrated in the same moment
END $$;
-- +goose StatementEnd

CREATE SCHEMA core;
CREATE SCHEMA school;
CREATE SCHEMA registry;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA core, school TO hocba_portal;
GRANT USAGE ON SCHEMA core, registry TO hocba_registry;

CREATE COLLATION core.vietnamese (provider = icu, locale = 'vi-VN');

-- Who acts. An unset setting reads NULL or '', which matches no row: fails closed.
CREATE FUNCTION core.actor_kind() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.kind', true), '') $$;
CREATE FUNCTION core.actor_account() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.account', true), '')::bigint $$;
CREATE FUNCTION core.actor_unit() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.unit', true), '')::bigint $$;
CREATE FUNCTION core.actor_school() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.school', true), '')::bigint $$;
CREATE FUNCTION core.is_system() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT current_setting('app.kind', true) = 'system' $$;

-- The database's own facts: one row.
CREATE TABLE core.installation (
  only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  demo         boolean NOT NULL DEFAULT false,
  seed         bigint,
  -- How far a demonstration's business time runs ahead of the clock on the
  -- wall: its story goes on where the seed left it, across restarts.
  clock_offset interval NOT NULL DEFAULT '0',
  created_at   timestamptz NOT NULL,
  CHECK (demo OR clock_offset = '0')
);

CREATE TABLE core.unit (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code       text NOT NULL CHECK (code ~ '^[A-Z0-9][A-Z0-9._-]{0,19}$'),
  name       text NOT NULL CHECK (name <> ''),
  kind       text NOT NULL CHECK (kind IN ('bo', 'so', 'phong', 'xa', 'truong')),
  parent_id  bigint REFERENCES core.unit,
  levels     text NOT NULL DEFAULT '' CHECK ((kind = 'truong') = (levels <> '')),
  commune    text NOT NULL DEFAULT '',
  province   text NOT NULL DEFAULT '',
  valid_from date NOT NULL,
  valid_to   date CHECK (valid_to >= valid_from),
  successor_id bigint REFERENCES core.unit,
  UNIQUE (code, valid_from)
);
CREATE INDEX unit_parent ON core.unit (parent_id);

-- Every unit with every unit above it and itself, so that scope is one probe.
CREATE TABLE core.unit_scope (
  ancestor_id   bigint NOT NULL REFERENCES core.unit,
  descendant_id bigint NOT NULL REFERENCES core.unit,
  PRIMARY KEY (ancestor_id, descendant_id)
);
CREATE INDEX unit_scope_descendant ON core.unit_scope (descendant_id);

-- +goose StatementBegin
CREATE FUNCTION core.unit_scope_add() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = core, pg_temp AS $$
BEGIN
  INSERT INTO core.unit_scope (ancestor_id, descendant_id) VALUES (NEW.id, NEW.id);
  IF NEW.parent_id IS NOT NULL THEN
    INSERT INTO core.unit_scope (ancestor_id, descendant_id)
    SELECT ancestor_id, NEW.id FROM core.unit_scope WHERE descendant_id = NEW.parent_id;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER unit_scope_add AFTER INSERT ON core.unit
  FOR EACH ROW EXECUTE FUNCTION core.unit_scope_add();

-- A unit is in the actor's scope: its own unit or one below it.
CREATE FUNCTION core.in_scope(unit bigint) RETURNS boolean LANGUAGE sql STABLE
  AS $$ SELECT core.is_system() OR EXISTS (SELECT 1 FROM core.unit_scope
        WHERE ancestor_id = core.actor_unit() AND descendant_id = unit) $$;
-- The wall between schools: rows of a tenant are seen in that school only.
CREATE FUNCTION core.own_school(school bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT school = core.actor_school() OR (core.is_system() AND core.actor_school() IS NULL) $$;

CREATE TABLE core.account (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  username      text NOT NULL UNIQUE CHECK (username ~ '^[a-z0-9][a-z0-9._-]{2,39}$'),
  full_name     text NOT NULL CHECK (full_name <> ''),
  teacher_code  text UNIQUE CHECK (teacher_code ~ '^[0-9A-Za-z]{4,20}$'),
  password_hash text NOT NULL,
  active        boolean NOT NULL DEFAULT true,
  created_at    timestamptz NOT NULL
);

CREATE TABLE core.account_role (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES core.account,
  unit_id    bigint NOT NULL REFERENCES core.unit,
  role       text NOT NULL CHECK (role IN ('teacher', 'principal', 'deputy', 'school_admin',
               'middle_authority', 'authority', 'inspector', 'ministry')),
  valid_from date NOT NULL,
  valid_to   date CHECK (valid_to >= valid_from),
  UNIQUE (account_id, unit_id, role, valid_from)
);
CREATE INDEX account_role_unit ON core.account_role (unit_id, role);

CREATE TABLE core.session (
  token  text PRIMARY KEY, -- SHA-256 of the cookie's token, never the token
  data   bytea NOT NULL,
  expiry timestamptz NOT NULL
);
CREATE INDEX session_expiry ON core.session (expiry);

-- Counters that slow guessing down: sign-in by name and address, look-up by
-- code and address. Keys are hashes, so the table names nobody.
CREATE TABLE core.throttle (
  key          bytea PRIMARY KEY,
  count        integer NOT NULL,
  window_start timestamptz NOT NULL
);
CREATE INDEX throttle_window ON core.throttle (window_start);

CREATE TABLE core.setting (
  unit_id    bigint NOT NULL REFERENCES core.unit,
  name       text NOT NULL,
  value      text NOT NULL,
  changed_by bigint REFERENCES core.account,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (unit_id, name)
);

-- Deadlines of a year and track, as instants. A change is a new row: the
-- newest counts, the older ones stay readable.
CREATE TABLE core.deadline (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  unit_id       bigint NOT NULL REFERENCES core.unit,
  school_year   text NOT NULL CHECK (school_year ~ '^\d{4}-\d{4}$'),
  kind          text NOT NULL CHECK (kind IN ('school_submit', 'department_report')),
  track         smallint NOT NULL CHECK (track IN (1, 2)),
  due_at        timestamptz NOT NULL,
  decision_no   text NOT NULL DEFAULT '',
  decision_date date,
  created_by    bigint REFERENCES core.account,
  created_at    timestamptz NOT NULL
);
CREATE INDEX deadline_year ON core.deadline (unit_id, school_year, kind, track, id);

CREATE TABLE core.audit_event (
  id         bigint GENERATED ALWAYS AS IDENTITY,
  at         timestamptz NOT NULL,
  unit_id    bigint,
  account_id bigint,
  role       text NOT NULL,
  act        text NOT NULL,
  object     text NOT NULL,
  request_id text NOT NULL DEFAULT '',
  detail     jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE TABLE core.audit_event_all PARTITION OF core.audit_event DEFAULT;
CREATE INDEX audit_event_object ON core.audit_event (object, at);
CREATE INDEX audit_event_unit ON core.audit_event (unit_id, at);

-- Who read a pupil's record or list, or looked a code up.
CREATE TABLE core.view_log (
  at         timestamptz NOT NULL,
  unit_id    bigint,
  account_id bigint,
  role       text NOT NULL,
  what       text NOT NULL,
  object     text NOT NULL,
  request_id text NOT NULL DEFAULT ''
) PARTITION BY RANGE (at);
CREATE TABLE core.view_log_all PARTITION OF core.view_log DEFAULT;
CREATE INDEX view_log_object ON core.view_log (object, at);

-- Long acts. An item is done once: its key is unique within the job.
CREATE TABLE core.job (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind        text NOT NULL,
  unit_id     bigint NOT NULL REFERENCES core.unit,
  account_id  bigint NOT NULL REFERENCES core.account,
  role        text NOT NULL,
  params      jsonb NOT NULL DEFAULT '{}',
  state       text NOT NULL CHECK (state IN ('queued', 'running', 'waiting', 'stopped', 'done', 'failed')),
  total       integer NOT NULL DEFAULT 0,
  done        integer NOT NULL DEFAULT 0,
  refused     integer NOT NULL DEFAULT 0,
  stop_asked  boolean NOT NULL DEFAULT false,
  note        text NOT NULL DEFAULT '',
  worker      text NOT NULL DEFAULT '',
  lease_until timestamptz,
  created_at  timestamptz NOT NULL,
  finished_at timestamptz
);
CREATE INDEX job_open ON core.job (id) WHERE state IN ('queued', 'running');
CREATE INDEX job_owner ON core.job (account_id, id);
CREATE TABLE core.job_item (
  job_id  bigint NOT NULL REFERENCES core.job,
  key     text NOT NULL,
  seq     integer NOT NULL,
  state   text NOT NULL CHECK (state IN ('waiting', 'done', 'already', 'refused')),
  code    text NOT NULL DEFAULT '',
  args    jsonb NOT NULL DEFAULT '{}',
  at      timestamptz,
  PRIMARY KEY (job_id, key)
);
CREATE INDEX job_item_order ON core.job_item (job_id, seq);

-- Keys of the trial key store (design: AES-GCM under the PIN and a secret
-- that is not in the database), and certificates of persons and schools.
CREATE TABLE core.certificate (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  fingerprint text NOT NULL UNIQUE,
  account_id  bigint REFERENCES core.account,
  unit_id     bigint REFERENCES core.unit,
  purpose     text NOT NULL CHECK (purpose IN ('person', 'seal', 'receipt')),
  leaf        bytea NOT NULL,
  chain       bytea NOT NULL DEFAULT '',
  key_blob    bytea,
  not_before  timestamptz NOT NULL,
  not_after   timestamptz NOT NULL,
  created_at  timestamptz NOT NULL,
  CHECK ((purpose = 'person') = (account_id IS NOT NULL)),
  CHECK ((purpose <> 'person') = (unit_id IS NOT NULL))
);
CREATE INDEX certificate_account ON core.certificate (account_id);
CREATE INDEX certificate_unit ON core.certificate (unit_id);
-- Declared, registered, approved, ended: rows of their own.
CREATE TABLE core.certificate_event (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  certificate_id bigint NOT NULL REFERENCES core.certificate,
  kind           text NOT NULL CHECK (kind IN ('declared', 'registered', 'approved', 'refused', 'ended')),
  account_id     bigint REFERENCES core.account,
  note           text NOT NULL DEFAULT '',
  effective_at   timestamptz NOT NULL,
  at             timestamptz NOT NULL
);
CREATE INDEX certificate_event_certificate ON core.certificate_event (certificate_id, id);
CREATE TABLE core.trust_root (
  fingerprint text PRIMARY KEY,
  pem         text NOT NULL,
  trial       boolean NOT NULL,
  valid_from  timestamptz NOT NULL,
  valid_to    timestamptz
);

-- Grants and policies. Tables of core hold no pupil; what is tenant data here
-- (audit, view log, jobs) is fenced by unit.
GRANT SELECT ON ALL TABLES IN SCHEMA core TO hocba_portal;
GRANT INSERT, UPDATE (name, commune, province, valid_to, successor_id) ON core.unit TO hocba_portal;
GRANT INSERT, UPDATE (full_name, teacher_code, password_hash, active) ON core.account TO hocba_portal;
GRANT INSERT, UPDATE (valid_to) ON core.account_role TO hocba_portal;
GRANT INSERT, UPDATE, DELETE ON core.session, core.throttle TO hocba_portal;
GRANT INSERT, UPDATE (value, changed_by, changed_at) ON core.setting TO hocba_portal;
GRANT INSERT ON core.deadline, core.audit_event, core.view_log, core.certificate,
  core.certificate_event TO hocba_portal;
GRANT INSERT ON core.job, core.job_item TO hocba_portal;
GRANT UPDATE (state, total, done, refused, stop_asked, note, worker, lease_until, finished_at) ON core.job TO hocba_portal;
GRANT UPDATE (state, code, args, at) ON core.job_item TO hocba_portal;
GRANT SELECT ON core.installation, core.unit, core.unit_scope, core.setting, core.deadline,
  core.certificate_event, core.trust_root TO hocba_registry;
-- The registry reads certificates, never a wrapped key.
GRANT SELECT (id, fingerprint, account_id, unit_id, purpose, leaf, chain, not_before, not_after)
  ON core.certificate TO hocba_registry;

ALTER TABLE core.installation ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.installation FORCE ROW LEVEL SECURITY;
CREATE POLICY read_all ON core.installation FOR SELECT USING (true);
ALTER TABLE core.unit ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.unit FORCE ROW LEVEL SECURITY;
CREATE POLICY read_all ON core.unit FOR SELECT USING (true);
CREATE POLICY write_below ON core.unit FOR INSERT WITH CHECK (core.is_system() OR core.in_scope(parent_id));
CREATE POLICY change_below ON core.unit FOR UPDATE USING (core.in_scope(id));
ALTER TABLE core.unit_scope ENABLE ROW LEVEL SECURITY;
CREATE POLICY read_all ON core.unit_scope FOR SELECT USING (true);
-- Sign-in must find an account before anybody acts: names and hashes are
-- readable to the program, changes only within scope or to oneself.
ALTER TABLE core.account ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.account FORCE ROW LEVEL SECURITY;
CREATE POLICY read_all ON core.account FOR SELECT USING (true);
CREATE POLICY add ON core.account FOR INSERT WITH CHECK (core.is_system() OR core.actor_unit() IS NOT NULL);
CREATE POLICY change ON core.account FOR UPDATE USING (core.is_system() OR id = core.actor_account()
  OR EXISTS (SELECT 1 FROM core.account_role r WHERE r.account_id = account.id AND core.in_scope(r.unit_id)));
ALTER TABLE core.account_role ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.account_role FORCE ROW LEVEL SECURITY;
CREATE POLICY read_all ON core.account_role FOR SELECT USING (true);
CREATE POLICY add_in_scope ON core.account_role FOR INSERT WITH CHECK (core.in_scope(unit_id));
CREATE POLICY change_in_scope ON core.account_role FOR UPDATE USING (core.in_scope(unit_id));
ALTER TABLE core.session ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.session FORCE ROW LEVEL SECURITY;
CREATE POLICY by_token ON core.session USING (true);
ALTER TABLE core.throttle ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.throttle FORCE ROW LEVEL SECURITY;
CREATE POLICY by_key ON core.throttle USING (true);
ALTER TABLE core.setting ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.setting FORCE ROW LEVEL SECURITY;
CREATE POLICY read_all ON core.setting FOR SELECT USING (true);
CREATE POLICY write_own ON core.setting FOR INSERT WITH CHECK (core.is_system() OR unit_id = core.actor_unit());
CREATE POLICY change_own ON core.setting FOR UPDATE USING (core.is_system() OR unit_id = core.actor_unit());
ALTER TABLE core.deadline ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.deadline FORCE ROW LEVEL SECURITY;
CREATE POLICY read_all ON core.deadline FOR SELECT USING (true);
CREATE POLICY write_own ON core.deadline FOR INSERT WITH CHECK (core.is_system() OR unit_id = core.actor_unit());
ALTER TABLE core.audit_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.audit_event FORCE ROW LEVEL SECURITY;
CREATE POLICY add ON core.audit_event FOR INSERT WITH CHECK (true);
CREATE POLICY read_in_scope ON core.audit_event FOR SELECT USING (core.in_scope(unit_id));
ALTER TABLE core.audit_event_all ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.view_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.view_log FORCE ROW LEVEL SECURITY;
CREATE POLICY add ON core.view_log FOR INSERT WITH CHECK (true);
CREATE POLICY read_in_scope ON core.view_log FOR SELECT USING (core.in_scope(unit_id));
ALTER TABLE core.view_log_all ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.job ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.job FORCE ROW LEVEL SECURITY;
CREATE POLICY own_unit ON core.job USING (core.is_system() OR unit_id = core.actor_unit());
ALTER TABLE core.job_item ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.job_item FORCE ROW LEVEL SECURITY;
CREATE POLICY own_unit ON core.job_item USING (EXISTS (SELECT 1 FROM core.job j WHERE j.id = job_id));
ALTER TABLE core.certificate ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.certificate FORCE ROW LEVEL SECURITY;
CREATE POLICY read_all ON core.certificate FOR SELECT USING (true);
CREATE POLICY add ON core.certificate FOR INSERT WITH CHECK (core.is_system()
  OR account_id = core.actor_account() OR unit_id = core.actor_unit());
ALTER TABLE core.certificate_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.certificate_event FORCE ROW LEVEL SECURITY;
CREATE POLICY read_all ON core.certificate_event FOR SELECT USING (true);
CREATE POLICY add ON core.certificate_event FOR INSERT WITH CHECK (core.is_system() OR account_id = core.actor_account());
ALTER TABLE core.trust_root ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.trust_root FORCE ROW LEVEL SECURITY;
CREATE POLICY read_all ON core.trust_root FOR SELECT USING (true);
