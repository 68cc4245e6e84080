-- +goose Up
-- The walls behind what is asked of roles elsewhere: whoever got past the
-- program's own checks still gives nobody a role, trusts no root, confirms no
-- tax code and plants no certificate without holding the role for it.

-- Whoever acts holds one of the roles at the unit acted for, on whatever day:
-- business time is the program's. The rules about days stand in the program.
CREATE FUNCTION core.wears(roles text[]) RETURNS boolean LANGUAGE sql STABLE
  AS $$ SELECT EXISTS (SELECT 1 FROM core.account_role r WHERE r.account_id = core.actor_account() AND r.unit_id = core.actor_unit()
    AND r.role = ANY(roles)) $$;

ALTER POLICY add_in_scope ON core.account_role WITH CHECK (core.is_system()
  OR core.in_scope(unit_id) AND core.wears(ARRAY['school_admin', 'middle_authority', 'authority']));
ALTER POLICY change_in_scope ON core.account_role USING (core.is_system()
  OR core.in_scope(unit_id) AND core.wears(ARRAY['school_admin', 'middle_authority', 'authority']));
ALTER POLICY add ON core.trust_root WITH CHECK (core.is_system() OR account_id = core.actor_account() AND core.wears(ARRAY['authority'])
  AND EXISTS (SELECT 1 FROM core.unit u WHERE u.id = core.actor_unit() AND u.kind = 'so'));
ALTER POLICY add ON core.trust_end WITH CHECK (core.is_system() OR account_id = core.actor_account() AND core.wears(ARRAY['authority'])
  AND EXISTS (SELECT 1 FROM core.unit u WHERE u.id = core.actor_unit() AND u.kind = 'so'));
ALTER POLICY add ON core.tax_code WITH CHECK (core.is_system() OR account_id = core.actor_account() AND unit_id <> core.actor_unit()
  AND core.in_scope(unit_id) AND core.wears(ARRAY['authority', 'middle_authority']));
-- A key of the trial store is made with its account, by the program itself.
ALTER POLICY add ON core.certificate WITH CHECK (core.is_system() OR key_blob IS NULL AND core.wears(ARRAY['school_admin'])
  AND (unit_id = core.actor_unit()
    OR EXISTS (SELECT 1 FROM core.account_role r WHERE r.account_id = certificate.account_id AND r.unit_id = core.actor_unit())));
-- The row says of whose certificate it is that its key lies there, for good.
ALTER POLICY add_own ON core.certificate_key WITH CHECK (bound_by = core.actor_account() AND (core.is_system()
  OR EXISTS (SELECT 1 FROM core.signing_way w WHERE w.id = way_id AND w.unit_id = core.actor_unit())
    AND EXISTS (SELECT 1 FROM core.certificate c WHERE c.id = certificate_id
      AND (c.account_id = core.actor_account() OR c.unit_id = core.actor_unit()))));
