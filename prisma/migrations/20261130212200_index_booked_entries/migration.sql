-- Margin reads a period of the books. Entries are written in the order of their booking, so that ranges
-- of pages say it: a few kilobytes for each million, and nothing to keep in order when one is written.
CREATE INDEX entry_booked_idx ON wallet_ledger.entry USING brin (booked_at);
