import type { Pool } from 'pg';

/** One thing that must always be true of the books, and how many rows deny it. */
export interface AuditFinding {
  readonly fact: string;
  readonly violations: number;
}

const FACTS: readonly { fact: string; sql: string }[] = [
  {
    fact: 'every entry and every rejection belongs to a wallet',
    sql: `SELECT wallet_no FROM wallet_ledger.entry e WHERE NOT EXISTS (SELECT 1 FROM wallet_ledger.wallet w WHERE w.wallet_no = e.wallet_no)
          UNION ALL
          SELECT wallet_no FROM wallet_ledger.rejection r WHERE NOT EXISTS (SELECT 1 FROM wallet_ledger.wallet w WHERE w.wallet_no = r.wallet_no)`,
  },
  {
    fact: 'the balance of a wallet is the sum of its entries',
    sql: `SELECT w.wallet_no FROM wallet_ledger.wallet w LEFT JOIN wallet_ledger.entry e USING (wallet_no)
          GROUP BY w.wallet_no HAVING w.balance_micros <>
            coalesce(sum(CASE WHEN e.to_account = 1 THEN e.amount_micros ELSE -e.amount_micros END), 0)`,
  },
  {
    fact: 'the sum over all accounts is zero per currency',
    sql: `SELECT currency FROM (
            SELECT w.currency, e.to_account AS account, e.amount_micros AS amount FROM wallet_ledger.entry e JOIN wallet_ledger.wallet w USING (wallet_no)
            UNION ALL
            SELECT w.currency, e.from_account, -e.amount_micros FROM wallet_ledger.entry e JOIN wallet_ledger.wallet w USING (wallet_no)
          ) moves GROUP BY currency HAVING sum(amount) <> 0`,
  },
  {
    fact: 'the balance of a wallet is the balance after its last entry',
    sql: `SELECT w.wallet_no FROM wallet_ledger.wallet w JOIN wallet_ledger.entry e
            ON e.wallet_no = w.wallet_no AND e.sequence = w.sequence WHERE e.balance_after_micros <> w.balance_micros`,
  },
  {
    fact: 'entries are numbered without gaps',
    sql: `SELECT w.wallet_no FROM wallet_ledger.wallet w LEFT JOIN wallet_ledger.entry e USING (wallet_no)
          GROUP BY w.wallet_no HAVING count(e.sequence) <> w.sequence`,
  },
  {
    fact: 'every balance_after follows from the entry before it',
    sql: `SELECT wallet_no FROM (
            SELECT wallet_no, balance_after_micros, CASE WHEN to_account = 1 THEN amount_micros ELSE -amount_micros END AS delta,
              lag(balance_after_micros, 1, 0::bigint) OVER (PARTITION BY wallet_no ORDER BY sequence) AS before
            FROM wallet_ledger.entry) e WHERE balance_after_micros <> before + delta`,
  },
  {
    fact: 'the blocks of a wallet hold its balance, and more only by what the overdraft carries',
    sql: `SELECT w.wallet_no FROM wallet_ledger.wallet w LEFT JOIN wallet_ledger.credit_block b USING (wallet_no)
          GROUP BY w.wallet_no HAVING coalesce(sum(b.remaining_micros), 0) < w.balance_micros
            OR (w.balance_micros >= 0 AND coalesce(sum(b.remaining_micros), 0) > w.balance_micros
                AND NOT EXISTS (SELECT 1 FROM wallet_ledger.entry e WHERE e.wallet_no = w.wallet_no AND e.block_sequence IS NULL))`,
  },
  {
    fact: 'what is left of a block is what came in less what entries took',
    sql: `SELECT b.wallet_no FROM wallet_ledger.credit_block b LEFT JOIN wallet_ledger.entry e
            ON e.wallet_no = b.wallet_no AND e.block_sequence = b.sequence AND e.from_account = 1
          GROUP BY b.wallet_no, b.sequence HAVING b.remaining_micros > b.amount_micros - coalesce(sum(e.amount_micros), 0)`,
  },
];

/** Checks the books in full; meant for tests and operators, not for the hot path. */
export async function auditLedger(pool: Pool): Promise<AuditFinding[]> {
  const findings: AuditFinding[] = [];
  for (const { fact, sql } of FACTS) {
    const { rows } = await pool.query<{ count: string }>(
      `SELECT count(*) FROM (${sql}) AS violation`,
    );
    findings.push({ fact, violations: Number(rows[0]?.count ?? 0) });
  }
  return findings;
}
