-- +goose Up
-- A way to sign may be mended: its name and parameters. The keys that are bound
-- to it stay bound; whoever signs is asked anew where it leads.
ALTER TABLE core.signing_way ADD COLUMN changed_by bigint REFERENCES core.account, ADD COLUMN changed_at timestamptz;
GRANT UPDATE (label, params, changed_by, changed_at) ON core.signing_way TO hocba_portal;
