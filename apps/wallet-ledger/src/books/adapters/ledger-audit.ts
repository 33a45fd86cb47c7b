import { ALLOWANCE_UNITS } from '@orbit/allowances';
import type { Pool } from 'pg';
import { ESCROW_FACTS, type AuditFact } from './ledger-audit-escrows.js';

/** One thing that must always be true of the books, and how many rows deny it. */
export interface AuditFinding {
  readonly fact: string;
  readonly violations: number;
}

/** The change that an entry `e` makes to the balance: in, out, or (a fee past the wallet, an extension) nothing. */
const DELTA =
  '(CASE WHEN e.to_account = 1 THEN e.amount_micros ELSE 0 END - CASE WHEN e.from_account = 1 THEN e.amount_micros ELSE 0 END)';

/**
 * The sums that entries took from each block and gave back to it, besides the one that brought it in and amendments
 * of it.
 */
const MOVED = `
  SELECT b.wallet_no, b.sequence, b.amount_micros, b.remaining_micros, b.expired_micros, b.repaid_micros,
    coalesce(-sum(${DELTA}) FILTER (WHERE e.sequence <> b.sequence AND e.type <> 11), 0) AS taken,
    coalesce(sum(${DELTA}) FILTER (WHERE e.sequence = b.sequence OR e.type = 11), 0) AS brought,
    -- On breakage (account 5): it expired, was reopened, or claims used it.
    coalesce(sum(CASE WHEN e.to_account = 5 THEN e.amount_micros WHEN e.from_account = 5 THEN -e.amount_micros END), 0) AS expired,
    coalesce(sum(e.amount_micros) FILTER (WHERE e.from_account = 1 AND e.to_account = 11), 0) AS withdrawn,
    coalesce(sum(CASE WHEN e.from_account = 11 THEN e.amount_micros ELSE -e.amount_micros END)
      FILTER (WHERE (e.from_account = 11 AND e.to_account IN (6, 7)) OR (e.to_account = 11 AND e.from_account IN (6, 7))), 0) AS claimed,
    -- Given back to it by a reversal of debt that it had repaid.
    coalesce(sum(${DELTA}) FILTER (WHERE e.type = 7 AND e.metadata ->> 'repaid' = 'true'), 0) AS unrepaid
  FROM wallet_ledger.credit_block b
  LEFT JOIN wallet_ledger.entry e ON e.wallet_no = b.wallet_no AND e.block_sequence = b.sequence
  GROUP BY b.wallet_no, b.sequence`;

const FACTS: readonly AuditFact[] = [
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
            coalesce(sum(${DELTA}), 0)`,
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
    fact: 'no allowance is below zero by more than its overdraft',
    sql: `SELECT wallet_no FROM wallet_ledger.wallet
          WHERE currency IN (${ALLOWANCE_UNITS.map((unit) => `'${unit}'`).join(', ')}) AND balance_micros < -overdraft_micros`,
  },
  {
    fact: 'entries are numbered without gaps',
    sql: `SELECT w.wallet_no FROM wallet_ledger.wallet w LEFT JOIN wallet_ledger.entry e USING (wallet_no)
          GROUP BY w.wallet_no HAVING count(e.sequence) <> w.sequence`,
  },
  {
    fact: 'every balance_after follows from the entry before it',
    sql: `SELECT wallet_no FROM (
            SELECT wallet_no, balance_after_micros, ${DELTA} AS delta,
              lag(balance_after_micros, 1, 0::bigint) OVER (PARTITION BY wallet_no ORDER BY sequence) AS before
            FROM wallet_ledger.entry e) e WHERE balance_after_micros <> before + delta`,
  },
  {
    fact: 'the blocks of a wallet hold its balance and what the overdraft carries, and that is what entries left of it',
    sql: `SELECT w.wallet_no FROM wallet_ledger.wallet w
          LEFT JOIN (SELECT wallet_no, sum(remaining_micros) AS remaining, sum(repaid_micros + unrepaid) AS repaid
                     FROM (${MOVED}) m GROUP BY wallet_no) b USING (wallet_no)
          LEFT JOIN (SELECT e.wallet_no, -sum(${DELTA}) AS debt FROM wallet_ledger.entry e WHERE e.block_sequence IS NULL
                     GROUP BY e.wallet_no) d USING (wallet_no)
          WHERE coalesce(b.remaining, 0) - w.balance_micros <> coalesce(d.debt, 0) - coalesce(b.repaid, 0)
            OR coalesce(b.remaining, 0) < w.balance_micros`,
  },
  {
    fact: 'what is left of a block is what came in, less what repaid debt, less what entries took and did not give back',
    sql: `SELECT wallet_no FROM (${MOVED}) m WHERE remaining_micros <> amount_micros - repaid_micros - unrepaid - taken`,
  },
  {
    fact: 'the amount of a block is what its entry brought and what amendments changed',
    sql: `SELECT wallet_no FROM (${MOVED}) m WHERE amount_micros <> brought`,
  },
  {
    fact: 'breakage of a block is counted once: expired minus reopened or clawed back',
    sql: `SELECT wallet_no FROM (${MOVED}) m WHERE expired_micros <> expired`,
  },
  {
    fact: 'claims used no more of what an operator took back of a block than was taken',
    sql: `SELECT wallet_no FROM (${MOVED}) m WHERE claimed < 0 OR claimed > withdrawn`,
  },
  {
    fact: 'what moved no money is an extension, or a void of what escrows keep',
    sql: `SELECT wallet_no FROM wallet_ledger.entry WHERE amount_micros = 0 AND type NOT IN (10, 12)`,
  },
  {
    fact: 'no charge was reversed by more than it took',
    sql: `SELECT r.wallet_no FROM (
            SELECT wallet_no, substr(reference, 10) AS charge_id, sum(amount_micros) AS given FROM wallet_ledger.entry
            WHERE type = 7 AND reference LIKE 'reversal:%' GROUP BY 1, 2
          ) r LEFT JOIN LATERAL (
            SELECT sum(amount_micros) AS taken FROM wallet_ledger.entry e
            WHERE e.wallet_no = r.wallet_no AND e.reference = 'charge:' || r.charge_id AND e.type = 2
          ) c ON true WHERE r.given > coalesce(c.taken, 0)`,
  },
  ...ESCROW_FACTS,
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
