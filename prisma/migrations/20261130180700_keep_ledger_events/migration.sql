-- What changes of wallets tell the world (a void, an adjustment, the sweep): kept in their own transaction until Kafka
-- has it. Charges and top-ups need no row: their messages are read again. Told right after the commit and removed; what
-- is still here after some seconds is told by the ledger's relay, under the same ids.
CREATE TABLE "wallet_ledger"."outbox" (
  "position" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "event_id" text NOT NULL UNIQUE,
  "topic" text NOT NULL,
  "key" text NOT NULL,
  -- Not jsonb: it is told as it was written.
  "value" json NOT NULL,
  "occurred_at" timestamptz(3) NOT NULL,
  "kept_at" timestamptz(3) NOT NULL DEFAULT now()
);

GRANT SELECT, INSERT, DELETE ON "wallet_ledger"."outbox" TO "orbit_wallet_ledger";
-- FOR UPDATE asks for it.
GRANT UPDATE ("kept_at") ON "wallet_ledger"."outbox" TO "orbit_wallet_ledger";
