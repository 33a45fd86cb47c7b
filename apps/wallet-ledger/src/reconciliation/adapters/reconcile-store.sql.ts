// A constant number of statements per run, each bounded by an index: what the live checks read and keep.

const PICKED = `
  picked AS (
    SELECT w.wallet_no FROM unnest($1::text[], $2::text[]) AS k (organization_id, currency)
    JOIN wallet_ledger.wallet w USING (organization_id, currency)
    UNION
    (SELECT wallet_no FROM wallet_ledger.wallet WHERE wallet_no > $3 ORDER BY wallet_no LIMIT $4)
  )`;

export const READ_LOOKED_AT = `
  WITH ${PICKED}
  SELECT w.*, r.sequence AS r_sequence, r.balance_micros AS r_balance_micros, r.debt_micros AS r_debt_micros,
    r.breaches AS r_breaches
  FROM picked JOIN wallet_ledger.wallet w USING (wallet_no)
  LEFT JOIN wallet_ledger.reconciliation r USING (wallet_no) ORDER BY w.wallet_no`;

export const READ_WINDOW_END = `
  SELECT max(wallet_no) AS last, count(*) FROM (
    SELECT wallet_no FROM wallet_ledger.wallet WHERE wallet_no > $1 ORDER BY wallet_no LIMIT $2
  ) AS seen`;

export const READ_BLOCKS_LEFT = `
  SELECT * FROM wallet_ledger.credit_block WHERE wallet_no = ANY ($1::bigint[]) AND NOT is_empty`;

export const READ_OPEN_ESCROWS = `
  SELECT * FROM wallet_ledger.escrow WHERE wallet_no = ANY ($1::bigint[]) AND state <> 'closed'`;

// Credit that comes in repays the overdraft: new blocks, and amendments ($4) that make one larger.
// The aggregate below LATERAL stays one index range per wallet, whatever the planner thinks of the arrays.
export const SUM_ENTRIES = `
  SELECT k.wallet_no, s.*, l.balance_after_micros
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS k (wallet_no, after, up_to)
  LEFT JOIN LATERAL (
    SELECT e.from_account, e.to_account, e.block_sequence IS NULL AS is_overdraft,
      coalesce(e.block_sequence = e.sequence, false) OR e.type = $4 AS is_own, sum(e.amount_micros)::bigint AS amount_micros, count(*)
    FROM wallet_ledger.entry e WHERE e.wallet_no = k.wallet_no AND e.sequence > k.after AND e.sequence <= k.up_to
    GROUP BY 1, 2, 3, 4
  ) s ON true
  LEFT JOIN LATERAL (
    SELECT e.balance_after_micros FROM wallet_ledger.entry e
    WHERE e.wallet_no = k.wallet_no AND e.sequence = k.up_to LIMIT 1
  ) l ON true`;

// Whoever moves the checkpoint adds the entries to the trial balance, in the same statement: nobody adds them twice.
export const ADVANCE = `
  WITH moved AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
      AS n (wallet_no, before, sequence, balance_micros, debt_micros)
  ), updated AS (
    UPDATE wallet_ledger.reconciliation r SET sequence = n.sequence, balance_micros = n.balance_micros,
      debt_micros = n.debt_micros, checked_at = $6
    FROM moved n WHERE r.wallet_no = n.wallet_no AND r.sequence = n.before RETURNING r.wallet_no
  ), inserted AS (
    INSERT INTO wallet_ledger.reconciliation (wallet_no, sequence, balance_micros, debt_micros, checked_at)
    SELECT wallet_no, sequence, balance_micros, debt_micros, $6 FROM moved WHERE before IS NULL
    ON CONFLICT (wallet_no) DO NOTHING RETURNING wallet_no
  ), mine AS (
    SELECT wallet_no FROM updated UNION ALL SELECT wallet_no FROM inserted
  )
  INSERT INTO wallet_ledger.account_total AS t (currency, account, amount_micros)
  SELECT m.currency, m.account, sum(m.amount_micros)
  FROM unnest($7::bigint[], $8::text[], $9::smallint[], $10::bigint[]) AS m (wallet_no, currency, account, amount_micros)
  JOIN mine USING (wallet_no) GROUP BY m.currency, m.account ORDER BY m.currency, m.account
  ON CONFLICT (currency, account) DO UPDATE SET amount_micros = t.amount_micros + EXCLUDED.amount_micros`;

export const READ_TOTALS = `
  SELECT t.currency, sum(t.amount_micros) AS sum,
    coalesce(sum(t.amount_micros) FILTER (WHERE t.account = 1), 0) AS wallets,
    CASE WHEN $1 THEN (
      SELECT coalesce(sum(r.balance_micros), 0) FROM wallet_ledger.reconciliation r
      JOIN wallet_ledger.wallet w USING (wallet_no) WHERE w.currency = t.currency
    ) END AS checkpoints
  FROM wallet_ledger.account_total t GROUP BY t.currency`;

export const SAVE_BREACHES = `
  INSERT INTO wallet_ledger.reconciliation AS r
    (wallet_no, sequence, balance_micros, debt_micros, checked_at, breaches, breached_at, prior_reason)
  SELECT wallet_no, 0, 0, 0, $4, breaches, $4, prior_reason
  FROM unnest($1::bigint[], $2::jsonb[], $3::text[]) AS n (wallet_no, breaches, prior_reason)
  ON CONFLICT (wallet_no) DO UPDATE SET breaches = EXCLUDED.breaches,
    breached_at = coalesce(r.breached_at, EXCLUDED.breached_at),
    prior_reason = coalesce(EXCLUDED.prior_reason, r.prior_reason)`;

export const CLEAR_BREACHES = `
  UPDATE wallet_ledger.reconciliation r SET breaches = NULL, breached_at = NULL, prior_reason = NULL
  FROM (SELECT wallet_no, prior_reason FROM wallet_ledger.reconciliation WHERE wallet_no = $1 FOR UPDATE) AS old
  WHERE r.wallet_no = old.wallet_no RETURNING old.prior_reason`;

// A check holds when this run found nothing and no wallet is frozen for it.
export const SAVE_RUNS = `
  INSERT INTO wallet_ledger.ledger_check AS c (name, last_true_at, last_run_at, wallets, detail)
  SELECT n.name, CASE WHEN n.holds AND NOT EXISTS (
      SELECT 1 FROM wallet_ledger.reconciliation r
      WHERE r.breaches IS NOT NULL AND r.breaches @> jsonb_build_array(jsonb_build_object('check', n.name))
    ) THEN $5::timestamptz END, $5, n.wallets, n.detail
  FROM unnest($1::text[], $2::boolean[], $3::bigint[], $4::text[]) AS n (name, holds, wallets, detail) ORDER BY n.name
  ON CONFLICT (name) DO UPDATE SET last_true_at = greatest(c.last_true_at, EXCLUDED.last_true_at),
    last_run_at = greatest(c.last_run_at, EXCLUDED.last_run_at), wallets = EXCLUDED.wallets, detail = EXCLUDED.detail`;

/** The number of breaches that are shown with their numbers. */
const BREACHES_TOLD_MAX = 50;

export const READ_BREACHES = `
  SELECT w.organization_id, w.wallet_id, w.currency, r.breaches, r.breached_at, count(*) OVER () AS count
  FROM wallet_ledger.reconciliation r JOIN wallet_ledger.wallet w USING (wallet_no)
  WHERE r.breaches IS NOT NULL ORDER BY r.breached_at, w.wallet_no LIMIT ${BREACHES_TOLD_MAX}`;

export const READ_CHECKS = 'SELECT * FROM wallet_ledger.ledger_check';

export const READ_LAST_ROOT =
  'SELECT root_no, root, sealed_at FROM wallet_ledger.seal_root ORDER BY root_no DESC LIMIT 1';
