-- +goose Up
-- A receipt key may live in a device at the server instead of here.
ALTER TABLE registry.receipt_key
  ALTER COLUMN key_blob DROP NOT NULL,
  ADD COLUMN device jsonb,
  ADD CONSTRAINT receipt_key_somewhere CHECK ((key_blob IS NULL) = (device IS NOT NULL)) NOT VALID;
ALTER TABLE registry.receipt_key VALIDATE CONSTRAINT receipt_key_somewhere;
