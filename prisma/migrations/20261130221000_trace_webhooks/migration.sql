-- traceparent and tracestate of whatever made the event happen: its webhooks belong to that trace.
ALTER TABLE invoicing.webhook_event ADD COLUMN trace jsonb;
