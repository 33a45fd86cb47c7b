-- traceparent and tracestate of what made an event true: what reads the event goes on in that trace.
ALTER TABLE checkout.outbox ADD COLUMN trace jsonb;
ALTER TABLE invoicing.invoice_outbox ADD COLUMN trace jsonb;
