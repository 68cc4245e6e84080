-- +goose Up
-- The same walls, asked once a query instead of once a row: a function with a
-- query inside is called for each row, while an EXISTS in the policy itself is
-- hashed when many rows are read and probed when few are. Counts are read by
-- the thousand, or by one's own school, and always hashed.
ALTER POLICY read_in_reach ON core.certificate USING ((SELECT core.is_system()) OR account_id = (SELECT core.actor_account())
  OR EXISTS (SELECT 1 FROM core.unit_scope s WHERE s.descendant_id = certificate.unit_id AND s.ancestor_id = core.actor_unit())
  OR EXISTS (SELECT 1 FROM core.account_role r JOIN core.unit_scope s ON s.descendant_id = r.unit_id
       WHERE r.account_id = certificate.account_id AND s.ancestor_id = core.actor_unit()));
DROP FUNCTION core.certificate_in_reach(bigint, bigint);
ALTER POLICY read_counts ON school.class_progress USING ((SELECT core.is_system())
  OR school_id IN (SELECT s.descendant_id FROM core.unit_scope s WHERE s.ancestor_id = core.actor_unit()));
ALTER POLICY read_counts ON school.progress_day USING ((SELECT core.is_system())
  OR school_id IN (SELECT s.descendant_id FROM core.unit_scope s WHERE s.ancestor_id = core.actor_unit()));
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOR t IN SELECT tablename FROM pg_policies WHERE schemaname = 'registry' AND policyname = 'in_scope' LOOP
    EXECUTE format('ALTER POLICY in_scope ON registry.%I USING ((SELECT core.actor_kind()) IN (''system'', ''public'')
      OR EXISTS (SELECT 1 FROM core.unit u JOIN core.unit_scope s ON s.descendant_id = u.id
        WHERE u.code = %I.school_code AND s.ancestor_id = core.actor_unit()))', t, t);
  END LOOP;
END $$;
-- +goose StatementEnd
