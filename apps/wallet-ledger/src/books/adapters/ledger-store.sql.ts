/** The statements of one posting transaction: a constant number, whatever the size of the batch. */

/** In the order in which entries are written. */
export const ENTRY_COLUMNS = `wallet_no, sequence, type, from_account, to_account, slice, notices, amount_micros,
  balance_after_micros, block_sequence, quantity, occurred_at, booked_at, reference, channel, metadata, authorized_by`;

// ORDER BY gives one lock order for everybody, so two batches never wait for each other in a ring.
export const LOCK_WALLETS = `
  SELECT w.*, c.now_at AS stands_at FROM wallet_ledger.wallet w
  JOIN unnest($1::text[], $2::text[]) AS k (organization_id, currency) USING (organization_id, currency)
  LEFT JOIN wallet_ledger.account_clock c USING (account_id)
  ORDER BY w.wallet_no FOR UPDATE OF w`;

// Expired blocks are read a day longer than late usage may draw on them (`isForgotten` in the domain, which decides). Each
// half has an index of its own, so that those that expired before are not even passed over.
export const READ_BLOCKS = `
  SELECT b.* FROM wallet_ledger.credit_block b WHERE b.wallet_no = ANY ($1::bigint[]) AND NOT b.is_empty
  UNION ALL
  SELECT b.* FROM wallet_ledger.wallet w JOIN wallet_ledger.credit_block b USING (wallet_no)
  LEFT JOIN wallet_ledger.account_clock c USING (account_id)
  WHERE w.wallet_no = ANY ($1::bigint[]) AND b.is_empty AND NOT b.is_drained
    AND b.expires_at > coalesce(c.now_at, now()) - interval '1 day'
      - greatest(w.late_usage_grace_ms * interval '1 millisecond', interval '8 days')`;

export const READ_ESCROWS = `
  SELECT * FROM wallet_ledger.escrow WHERE wallet_no = ANY ($1::bigint[]) AND state <> 'closed' ORDER BY opened_at, escrow_id`;

export const READ_BLOCKS_BY_NUMBER = `
  SELECT b.* FROM unnest($1::bigint[], $2::bigint[]) AS k (wallet_no, sequence)
  JOIN wallet_ledger.credit_block b USING (wallet_no, sequence)`;

export const READ_ESCROWS_BY_NAME = `
  SELECT e.* FROM unnest($1::bigint[], $2::text[]) AS k (wallet_no, name)
  JOIN wallet_ledger.escrow e ON e.wallet_no = k.wallet_no AND k.name IN (e.escrow_id, e.reference)`;

export const SAVE_ESCROWS = `
  INSERT INTO wallet_ledger.escrow (wallet_no, escrow_id, kind, state, reference, holder, granted_micros, spent_micros,
    slices, opened_at, expires_at, closed_at)
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
    $9::jsonb[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[])
  ON CONFLICT (wallet_no, escrow_id) DO UPDATE SET state = EXCLUDED.state, granted_micros = EXCLUDED.granted_micros,
    spent_micros = EXCLUDED.spent_micros, slices = EXCLUDED.slices, expires_at = EXCLUDED.expires_at,
    closed_at = EXCLUDED.closed_at, holder = EXCLUDED.holder`;

export const READ_PAYMENT_ESCROWS = `
  SELECT e.* FROM unnest($1::bigint[], $2::text[]) AS k (wallet_no, payment)
  JOIN wallet_ledger.escrow e ON e.wallet_no = k.wallet_no AND e.holder = k.payment AND e.kind IN ('refund', 'dispute')`;

export const READ_REMAINDERS = `
  SELECT r.* FROM unnest($1::bigint[], $2::text[]) AS k (wallet_no, price)
  JOIN wallet_ledger.price_remainder r USING (wallet_no, price)`;

export const SAVE_REMAINDERS = `
  INSERT INTO wallet_ledger.price_remainder (wallet_no, price, fraction)
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::numeric[])
  ON CONFLICT (wallet_no, price) DO UPDATE SET fraction = excluded.fraction`;

export const READ_GRANTS = `
  SELECT g.* FROM unnest($1::bigint[], $2::text[]) AS k (wallet_no, reference)
  JOIN wallet_ledger.lease_grant g USING (wallet_no, reference)`;

export const INSERT_GRANTS = `
  INSERT INTO wallet_ledger.lease_grant (wallet_no, reference, escrow_id, amount_micros, ttl_ms, granted_at)
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::timestamptz[])`;

export const READ_ENTRIES = `
  SELECT e.* FROM unnest($1::bigint[], $2::text[]) AS k (wallet_no, reference)
  JOIN wallet_ledger.entry e USING (wallet_no, reference) ORDER BY e.wallet_no, e.sequence`;

// The condition is the one of entry_taken_idx, and of isTaking: accounts 6 refunds, 7 disputes, 11 adjustments.
export const READ_TAKEN = `
  SELECT e.* FROM unnest($1::bigint[], $2::bigint[]) AS k (wallet_no, sequence)
  JOIN wallet_ledger.entry e ON e.wallet_no = k.wallet_no AND e.block_sequence = k.sequence
    AND e.block_sequence IS NOT NULL AND (e.from_account IN (6, 7, 11) OR e.to_account IN (6, 7, 11))
  ORDER BY e.wallet_no, e.sequence`;

export const READ_REJECTIONS = `
  SELECT r.* FROM unnest($1::bigint[], $2::text[]) AS k (wallet_no, charge_id)
  JOIN wallet_ledger.rejection r USING (wallet_no, charge_id)`;

export const SAVE_BLOCKS = `
  INSERT INTO wallet_ledger.credit_block (wallet_no, sequence, kind, priority, cost_basis_micros, amount_micros,
    remaining_micros, expired_micros, effective_at, expires_at, created_at, repaid_micros, voided_at)
  SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::integer[], $5::bigint[], $6::bigint[], $7::bigint[],
    $8::bigint[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::bigint[], $13::timestamptz[])
  ON CONFLICT (wallet_no, sequence) DO UPDATE SET remaining_micros = EXCLUDED.remaining_micros,
    expired_micros = EXCLUDED.expired_micros, amount_micros = EXCLUDED.amount_micros, expires_at = EXCLUDED.expires_at,
    effective_at = EXCLUDED.effective_at, priority = EXCLUDED.priority, repaid_micros = EXCLUDED.repaid_micros,
    voided_at = EXCLUDED.voided_at`;

// The version is the fence: a writer that has lost the wallet meanwhile updates fewer rows than it wants to.
export const UPDATE_WALLETS = `
  UPDATE wallet_ledger.wallet w SET balance_micros = n.balance_micros, sequence = n.sequence, version = n.version,
    rejected_count = n.rejected_count, alert_level = n.alert_level, paused_reason = n.paused_reason,
    awaits_spend = n.awaits_spend
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[],
    $8::boolean[])
    AS n (wallet_no, balance_micros, sequence, version, rejected_count, alert_level, paused_reason, awaits_spend)
  WHERE w.wallet_no = n.wallet_no AND w.version = n.version - 1`;

// After UPDATE_WALLETS, which holds the rows and checked the fence.
export const UPDATE_POLICIES = `
  UPDATE wallet_ledger.wallet w SET last_topped_up_at = n.last_topped_up_at, overdraft_micros = n.overdraft_micros,
    low_balance_micros = n.low_balance_micros, late_usage_grace_ms = n.late_usage_grace_ms, settles_late = n.settles_late,
    outage_policy = n.outage_policy, outage_budget_micros = n.outage_budget_micros
  FROM unnest($1::bigint[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::bigint[], $6::boolean[], $7::text[], $8::bigint[])
    AS n (wallet_no, last_topped_up_at, overdraft_micros, low_balance_micros, late_usage_grace_ms, settles_late,
      outage_policy, outage_budget_micros)
  WHERE w.wallet_no = n.wallet_no`;

// What a charge changes of a block: touches no index.
export const UPDATE_REMAINDERS = `
  UPDATE wallet_ledger.credit_block b SET remaining_micros = n.remaining_micros
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS n (wallet_no, sequence, remaining_micros)
  WHERE b.wallet_no = n.wallet_no AND b.sequence = n.sequence`;

export const INSERT_REJECTIONS = `
  INSERT INTO wallet_ledger.rejection (wallet_no, charge_id, reason, amount_micros, channel, rejected_at)
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[])`;

// UPDATE_WALLETS, UPDATE_REMAINDERS, INSERT_REJECTIONS and the entries at once; the fence undoes all of it.
export const POST_IN_ONE = `
  WITH updated AS (
    UPDATE wallet_ledger.wallet w SET balance_micros = n.balance_micros, sequence = n.sequence, version = n.version,
      rejected_count = n.rejected_count, alert_level = n.alert_level, paused_reason = n.paused_reason,
      awaits_spend = n.awaits_spend
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[],
      $8::boolean[])
      AS n (wallet_no, balance_micros, sequence, version, rejected_count, alert_level, paused_reason, awaits_spend)
    WHERE w.wallet_no = n.wallet_no AND w.version = n.version - 1 RETURNING 1
  ), remainders AS (
    UPDATE wallet_ledger.credit_block b SET remaining_micros = n.remaining_micros
    FROM unnest($9::bigint[], $10::bigint[], $11::bigint[]) AS n (wallet_no, sequence, remaining_micros)
    WHERE b.wallet_no = n.wallet_no AND b.sequence = n.sequence
  ), entries AS (
    INSERT INTO wallet_ledger.entry (${ENTRY_COLUMNS})
    SELECT * FROM unnest($12::bigint[], $13::bigint[], $14::smallint[], $15::smallint[], $16::smallint[], $17::smallint[],
      $18::smallint[], $19::bigint[], $20::bigint[], $21::bigint[], $22::integer[], $23::timestamptz[], $24::timestamptz[],
      $25::text[], $26::text[], $27::jsonb[], $28::text[])
  ), rejections AS (
    INSERT INTO wallet_ledger.rejection (wallet_no, charge_id, reason, amount_micros, channel, rejected_at)
    SELECT * FROM unnest($29::bigint[], $30::text[], $31::text[], $32::bigint[], $33::text[], $34::timestamptz[])
  )
  SELECT wallet_ledger.check_fence((SELECT count(*) FROM updated), cardinality($1::bigint[]))`;

/** A change that is decided anew, because its commit was not confirmed, writes the same events under the same ids. */
export const INSERT_OUTBOX = `
  INSERT INTO wallet_ledger.outbox (event_id, topic, key, value, occurred_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::json[], $5::timestamptz[])
  ON CONFLICT (event_id) DO NOTHING`;

export const DELETE_OUTBOX = 'DELETE FROM wallet_ledger.outbox WHERE event_id = ANY ($1::text[])';
