-- Organizations have endpoints of their own; deliveries can be read, sent again, and are forgotten after a while.

ALTER TABLE invoicing.webhook_endpoint ADD COLUMN reference text;
CREATE UNIQUE INDEX webhook_endpoint_reference_key ON invoicing.webhook_endpoint (organization_id, reference)
  WHERE reference IS NOT NULL;
CREATE INDEX webhook_endpoint_organization_idx ON invoicing.webhook_endpoint (organization_id)
  WHERE organization_id IS NOT NULL AND deleted_at IS NULL;

-- The id under which a topic brought the event: when it comes again, it is known.
ALTER TABLE invoicing.webhook_event ADD COLUMN source_id text;
CREATE UNIQUE INDEX webhook_event_source_key ON invoicing.webhook_event (source_id) WHERE source_id IS NOT NULL;

CREATE INDEX webhook_delivery_ended_idx ON invoicing.webhook_delivery (ended_at) WHERE ended_at IS NOT NULL;
GRANT DELETE ON invoicing.webhook_event, invoicing.webhook_delivery, invoicing.webhook_attempt TO orbit_invoicing;
