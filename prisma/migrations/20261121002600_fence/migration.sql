-- A small batch is posted by one statement, which commits by itself. It calls this with the number
-- of wallets it updated and the number it meant to: when another writer owns one of them by now,
-- nothing of the statement must stay. Owned by apps/wallet-ledger, which knows the code.
CREATE FUNCTION "wallet_ledger"."check_fence"("updated" bigint, "wanted" bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF updated <> wanted THEN
    RAISE EXCEPTION 'another writer owns % of % wallets', wanted - updated, wanted
      USING ERRCODE = 'OB001';
  END IF;
END $$;
