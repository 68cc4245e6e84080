-- +goose Up
-- Who is at the other end: passwords set by somebody else, sessions that end
-- with them, and the address from which a child's record was read.

ALTER TABLE core.account
  ADD COLUMN password_temporary boolean NOT NULL DEFAULT false, -- set by an administrator: changed before anything else
  ADD COLUMN session_generation integer NOT NULL DEFAULT 0;     -- sessions of an earlier one are over
GRANT UPDATE (password_temporary) ON core.account TO hocba_portal;

-- A new password or a closed account ends every session that runs, whoever
-- writes it and whatever else writes to the session at that moment.
-- +goose StatementBegin
CREATE FUNCTION core.end_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.session_generation := OLD.session_generation + 1;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER account_end_sessions BEFORE UPDATE ON core.account FOR EACH ROW
  WHEN (OLD.password_hash IS DISTINCT FROM NEW.password_hash OR (OLD.active AND NOT NEW.active))
  EXECUTE FUNCTION core.end_sessions();

ALTER TABLE core.view_log ADD COLUMN address text NOT NULL DEFAULT ''; -- of the reader's machine
