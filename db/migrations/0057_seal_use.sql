-- +goose Up
-- The seal book reads a school's own uses of its seal.
CREATE INDEX record_signature_seal ON school.record_signature (school_id, signed_at) WHERE slot = 'phathanh';
CREATE INDEX statement_school ON school.statement (school_id, school_year, at);
