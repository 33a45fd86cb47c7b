-- The moments of a subscription that receivers of webhooks were notified of: beginning, end of its
-- trial, plan, end. NULL: none yet, as of a new one. Owned by apps/invoicing.
ALTER TABLE invoicing.orb_subscription ADD COLUMN reported jsonb;
UPDATE invoicing.orb_subscription SET reported = jsonb_build_object(
  'status', CASE WHEN end_at <= now() THEN 'ended' WHEN start_at > now() THEN 'upcoming' ELSE 'active' END,
  'hasTrialEnded', true, 'planId', NULL, 'version', NULL);
GRANT UPDATE (reported) ON invoicing.orb_subscription TO orbit_invoicing;
