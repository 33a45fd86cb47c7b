-- Whose time a wallet lives in. Instances from before this migration name no account: theirs is the live one.
ALTER TABLE wallet_ledger.wallet ADD COLUMN account_id text NOT NULL DEFAULT 'acct_live';
UPDATE wallet_ledger.wallet w SET account_id = o.account_id
FROM gateway.organization o WHERE o.id = w.organization_id AND o.account_id <> 'acct_live';
-- Only accounts whose clock may stand are ever asked for their wallets.
CREATE INDEX wallet_account_idx ON wallet_ledger.wallet (account_id, wallet_no) WHERE account_id <> 'acct_live';
