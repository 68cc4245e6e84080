-- +goose Up
-- What a long act is about ("class:12"): a person has at most one of a kind
-- under way about the same thing, so that a form sent twice is one batch.
ALTER TABLE core.job ADD COLUMN subject text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX job_one_open ON core.job (kind, account_id, unit_id, subject)
  WHERE state IN ('queued', 'running', 'waiting');

-- The runner looks for work by state alone, a worker for its own.
CREATE INDEX job_worker ON core.job (worker) WHERE state IN ('queued', 'running');

-- An item that was decided stays so, whoever tries again.
-- +goose StatementBegin
CREATE FUNCTION core.job_item_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'waiting' THEN
    RAISE EXCEPTION 'item % of job % is decided', OLD.key, OLD.job_id USING ERRCODE = 'unique_violation', CONSTRAINT = 'job_item_once';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER job_item_once BEFORE UPDATE ON core.job_item FOR EACH ROW EXECUTE FUNCTION core.job_item_once();
