-- +goose Up
-- An approval says whether its signer had opened the record as it then stood;
-- nothing is known of approvals before this, and other signatures do not say.
SET LOCAL lock_timeout = '5s';
ALTER TABLE school.record_signature ADD COLUMN opened boolean;
ALTER TABLE school.record_signature ADD CONSTRAINT record_signature_opened CHECK (opened IS NULL OR slot = 'cbql') NOT VALID;
