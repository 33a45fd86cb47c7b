-- What stands still and needs a person, as told every second by the instance that sees it. Rows end by growing old:
-- an instance that died says nothing, and whoever took its work over says it anew if it still stands. At most one row
-- per partition of the ledger's topics and one for captures.
CREATE TABLE "wallet_ledger"."stall" (
  "what" text PRIMARY KEY,
  "state" text NOT NULL CHECK ("state" IN ('stopped', 'failing', 'unsettled')),
  "detail" text NOT NULL,
  "since" timestamptz(3) NOT NULL,
  "seen_at" timestamptz(3) NOT NULL
);

GRANT SELECT, INSERT, UPDATE ON "wallet_ledger"."stall" TO "orbit_wallet_ledger";
