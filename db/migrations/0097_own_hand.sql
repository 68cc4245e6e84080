-- +goose Up
-- Nobody signs for another (seed Điều 5.3): the program decides who may sign,
-- and the database keeps a signature out that is not the acting person's own,
-- made with that person's certificate, or for a seal with the school's, in a
-- capacity the person had on the day of signing. Whoever leaves keeps what was
-- signed and can sign nothing more.
CREATE FUNCTION school.own_hand(school bigint, record bigint, slot text, account bigint, certificate text, at timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT account = core.actor_account()
    AND EXISTS (SELECT 1 FROM core.certificate c WHERE c.fingerprint = certificate
      AND CASE WHEN slot = 'phathanh' THEN c.purpose = 'seal' AND c.unit_id = school ELSE c.purpose = 'person' AND c.account_id = account END)
    AND EXISTS (SELECT 1 FROM core.account a, school.record r, (SELECT (at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day) d
      WHERE a.id = account AND a.active AND r.id = record AND CASE
        WHEN slot = 'gvcn' THEN EXISTS (SELECT 1 FROM school.homeroom_assignment h
          WHERE h.class_id = r.class_id AND h.account_id = a.id AND h.from_date <= d.day AND (h.to_date IS NULL OR h.to_date >= d.day))
        WHEN slot IN ('cbql', 'phathanh') THEN EXISTS (SELECT 1 FROM core.account_role o
          WHERE o.account_id = a.id AND o.unit_id = school AND o.valid_from <= d.day AND (o.valid_to IS NULL OR o.valid_to >= d.day)
            AND (o.role = 'principal' OR o.role = 'deputy' AND EXISTS (SELECT 1 FROM school.delegation g
              WHERE g.school_id = school AND g.account_id = a.id AND g.from_date <= d.day AND g.to_date >= d.day)))
        ELSE slot = 'gvbm-' || a.teacher_code AND EXISTS (SELECT 1 FROM school.teaching_assignment s
          WHERE s.class_id = r.class_id AND s.account_id = a.id AND s.from_date <= d.day AND (s.to_date IS NULL OR s.to_date >= d.day))
        END)
$$;
CREATE POLICY own_hand ON school.record_signature AS RESTRICTIVE FOR INSERT
  WITH CHECK (school.own_hand(school_id, record_id, slot, account_id, certificate, signed_at));
CREATE POLICY own_hand ON school.signing_intent AS RESTRICTIVE FOR INSERT WITH CHECK (account_id = core.actor_account());
