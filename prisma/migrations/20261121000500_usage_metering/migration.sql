-- usage-metering: posted charges metered once, and sums per organization, currency, channel and UTC day.

CREATE TABLE "usage_metering"."metered_charge" (
    "organization_id" TEXT NOT NULL,
    "charge_id" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "quantity" BIGINT NOT NULL,
    "amount_micros" BIGINT NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "posted_at" TIMESTAMPTZ(3) NOT NULL,
    "delivery_status" TEXT,
    "delivery_at" TIMESTAMPTZ(3),

    CONSTRAINT "metered_charge_pkey" PRIMARY KEY ("organization_id", "charge_id"),
    CONSTRAINT "metered_charge_quantity_check" CHECK ("quantity" >= 1),
    CONSTRAINT "metered_charge_amount_check" CHECK ("amount_micros" > 0),
    CONSTRAINT "metered_charge_delivery_check" CHECK (
        ("delivery_status" IS NULL AND "delivery_at" IS NULL)
        OR ("delivery_status" IN ('delivered', 'failed') AND "delivery_at" IS NOT NULL)
    )
);

CREATE TABLE "usage_metering"."waiting_delivery_report" (
    "organization_id" TEXT NOT NULL,
    "charge_id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "waiting_delivery_report_pkey" PRIMARY KEY ("organization_id", "charge_id"),
    CONSTRAINT "waiting_delivery_report_status_check" CHECK ("status" IN ('delivered', 'failed'))
);

CREATE TABLE "usage_metering"."usage_rollup" (
    "organization_id" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "day" DATE NOT NULL,
    "channel" TEXT NOT NULL,
    "messages" BIGINT NOT NULL,
    "delivered" BIGINT NOT NULL,
    "failed" BIGINT NOT NULL,
    "cost_micros" BIGINT NOT NULL,

    CONSTRAINT "usage_rollup_pkey" PRIMARY KEY ("organization_id", "currency", "day", "channel"),
    -- What was reported never exceeds what was charged: a double count or a lost undo fails here.
    CONSTRAINT "usage_rollup_sums_check" CHECK (
        "delivered" >= 0 AND "failed" >= 0 AND "cost_micros" > 0
        AND "delivered" + "failed" <= "messages"
    )
);

-- A metered charge is a fact: its amount and day never change, only its delivery does.
GRANT SELECT, INSERT ON "usage_metering"."metered_charge" TO "orbit_usage_metering";
GRANT UPDATE ("delivery_status", "delivery_at") ON "usage_metering"."metered_charge" TO "orbit_usage_metering";
GRANT SELECT, INSERT, UPDATE ON "usage_metering"."usage_rollup" TO "orbit_usage_metering";
-- DELETE here only: a waiting report is consumed by the charge it waited for.
GRANT SELECT, INSERT, UPDATE, DELETE ON "usage_metering"."waiting_delivery_report" TO "orbit_usage_metering";
