-- invoicing: receipts of top-ups with gapless numbers, and the outbox of invoice.issued.

CREATE TABLE "invoicing"."invoice" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "year" INTEGER NOT NULL,
    "sequence" INTEGER NOT NULL,
    "number" TEXT NOT NULL,
    "topup_id" TEXT NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "status" TEXT NOT NULL,
    "period_start" TIMESTAMPTZ(3) NOT NULL,
    "period_end" TIMESTAMPTZ(3) NOT NULL,
    "paid_at" TIMESTAMPTZ(3) NOT NULL,
    "reference" TEXT NOT NULL,
    "payment_intent_id" TEXT NOT NULL,
    "card_brand" TEXT,
    "card_last4" TEXT,
    "receipt_email" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "invoice_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "invoice_sequence_check" CHECK ("sequence" >= 1),
    CONSTRAINT "invoice_number_check" CHECK (
        "number" = 'INV-' || lpad("year"::text, 4, '0') || '-'
            || lpad("sequence"::text, greatest(3, length("sequence"::text)), '0')
    ),
    CONSTRAINT "invoice_amount_check" CHECK ("amount_minor" > 0),
    CONSTRAINT "invoice_status_check" CHECK ("status" IN ('paid', 'refunded', 'void')),
    CONSTRAINT "invoice_period_check" CHECK ("paid_at" >= "period_start" AND "period_start" < "period_end"),
    CONSTRAINT "invoice_card_check" CHECK (("card_brand" IS NULL) = ("card_last4" IS NULL))
);
CREATE UNIQUE INDEX "invoice_topup_id_key" ON "invoicing"."invoice"("topup_id");
CREATE UNIQUE INDEX "invoice_organization_id_year_sequence_key"
    ON "invoicing"."invoice"("organization_id", "year", "sequence");

CREATE TABLE "invoicing"."invoice_counter" (
    "organization_id" TEXT NOT NULL,
    "year" INTEGER NOT NULL,
    "last_sequence" INTEGER NOT NULL,

    CONSTRAINT "invoice_counter_pkey" PRIMARY KEY ("organization_id", "year"),
    CONSTRAINT "invoice_counter_last_sequence_check" CHECK ("last_sequence" >= 0)
);

CREATE TABLE "invoicing"."invoice_outbox" (
    "position" BIGSERIAL NOT NULL,
    "event_id" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "published_at" TIMESTAMPTZ(3),

    CONSTRAINT "invoice_outbox_pkey" PRIMARY KEY ("position")
);
CREATE UNIQUE INDEX "invoice_outbox_event_id_key" ON "invoicing"."invoice_outbox"("event_id");
-- What the relay looks for; empty almost always, whatever the size of the table.
CREATE INDEX "invoice_outbox_unpublished" ON "invoicing"."invoice_outbox"("position")
    WHERE "published_at" IS NULL;

-- An issued document never changes: no UPDATE but of its status, and nobody deletes.
GRANT SELECT, INSERT ON "invoicing"."invoice" TO "orbit_invoicing";
GRANT UPDATE ("status") ON "invoicing"."invoice" TO "orbit_invoicing";
GRANT SELECT, INSERT ON "invoicing"."invoice_counter" TO "orbit_invoicing";
GRANT UPDATE ("last_sequence") ON "invoicing"."invoice_counter" TO "orbit_invoicing";
GRANT SELECT, INSERT ON "invoicing"."invoice_outbox" TO "orbit_invoicing";
GRANT UPDATE ("published_at") ON "invoicing"."invoice_outbox" TO "orbit_invoicing";
GRANT USAGE ON SEQUENCE "invoicing"."invoice_outbox_position_seq" TO "orbit_invoicing";
