-- The account stripe_clearing is what Stripe has: docs/decisions/0011.

-- Owned by apps/wallet-ledger: entries that stand for money at Stripe, or for what is claimed back of a payment
-- (accounts 3 stripe_clearing, 6 refunds, 7 disputes), found by time. Charges are none of them.
DROP INDEX wallet_ledger.entry_payment_idx;
CREATE INDEX entry_payment_idx ON wallet_ledger.entry (booked_at, wallet_no, sequence)
  WHERE from_account IN (3, 6, 7) OR to_account IN (3, 6, 7);

-- Owned by apps/checkout: the ledger hears of a refund when Stripe has begun it, too.
ALTER TABLE checkout.refund
  DROP CONSTRAINT refund_told_check,
  ADD CONSTRAINT refund_told_check CHECK (told IN ('pending', 'completed', 'failed'));

-- What the recovery job looks at: under way, or ended and not told yet.
DROP INDEX checkout.refund_due_idx;
CREATE INDEX refund_due_idx ON checkout.refund (next_check_at)
  WHERE state IN ('requested', 'reserved', 'pending')
    OR (state = 'succeeded' AND told IS DISTINCT FROM 'completed')
    OR (state = 'failed' AND told IS DISTINCT FROM 'failed');
