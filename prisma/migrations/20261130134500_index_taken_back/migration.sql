-- Owned by apps/wallet-ledger: what was taken back of a payment's block, and what refunds and disputes used of it
-- (accounts 6 refunds, 7 disputes, 11 adjustments), found by block. Charges are none of them.
CREATE INDEX entry_taken_idx ON wallet_ledger.entry (wallet_no, block_sequence, sequence)
  WHERE block_sequence IS NOT NULL AND (from_account IN (6, 7, 11) OR to_account IN (6, 7, 11));
