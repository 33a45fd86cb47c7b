/** A fact and the rows that deny it. */
export interface AuditFact {
  readonly fact: string;
  readonly sql: string;
}

const KEPT = `
  SELECT e.*, coalesce((SELECT sum((s ->> 'amount')::bigint) FROM jsonb_array_elements(e.slices) s), 0) AS kept
  FROM wallet_ledger.escrow e`;

/** Facts that must always be true of money that is set aside. */
export const ESCROW_FACTS: readonly AuditFact[] = [
  {
    fact: 'what escrows keep of a block is no more than is left of it',
    sql: `SELECT k.wallet_no FROM (
            SELECT e.wallet_no, (s ->> 'block')::bigint AS sequence, sum((s ->> 'amount')::bigint) AS kept
            FROM wallet_ledger.escrow e, jsonb_array_elements(e.slices) s WHERE s ->> 'block' IS NOT NULL GROUP BY 1, 2
          ) k LEFT JOIN wallet_ledger.credit_block b USING (wallet_no, sequence)
          WHERE b.remaining_micros IS NULL OR k.kept > b.remaining_micros`,
  },
  {
    fact: 'an escrow keeps nothing once it is closed, and never more than is unspent of it',
    sql: `SELECT wallet_no FROM (${KEPT}) e WHERE (state = 'closed' AND kept <> 0) OR spent_micros + kept > granted_micros`,
  },
  {
    fact: 'an open lease keeps what it was granted and has not spent',
    sql: `SELECT wallet_no FROM (${KEPT}) e WHERE kind = 'lease' AND state <> 'closed' AND spent_micros + kept <> granted_micros`,
  },
  {
    fact: 'a lease was granted what its opening and its renewals gave',
    sql: `SELECT e.wallet_no FROM wallet_ledger.escrow e LEFT JOIN (
            SELECT wallet_no, escrow_id, sum(amount_micros) AS given FROM wallet_ledger.lease_grant GROUP BY 1, 2
          ) g USING (wallet_no, escrow_id) WHERE e.kind = 'lease' AND e.granted_micros <> coalesce(g.given, 0)`,
  },
  {
    fact: 'refunds and disputes of a payment took no more than it brought',
    sql: `SELECT c.wallet_no FROM (
            SELECT wallet_no, holder, sum(spent_micros) AS taken FROM wallet_ledger.escrow WHERE kind IN ('refund', 'dispute') GROUP BY 1, 2
          ) c LEFT JOIN wallet_ledger.entry e ON e.wallet_no = c.wallet_no AND e.reference = c.holder AND e.slice = 0
          WHERE c.taken > coalesce(e.amount_micros, 0)`,
  },
  {
    fact: 'what refunds and disputes took is booked, less refunds that failed',
    sql: `SELECT c.wallet_no FROM (
            SELECT wallet_no, kind, sum(spent_micros) AS taken FROM wallet_ledger.escrow WHERE kind IN ('refund', 'dispute') GROUP BY 1, 2
          ) c LEFT JOIN LATERAL (
            -- From the wallet, or from where it had gone before: 5 breakage, 11 adjustments.
            SELECT sum(CASE WHEN e.from_account IN (1, 5, 11) THEN e.amount_micros ELSE -e.amount_micros END) AS booked
            FROM wallet_ledger.entry e
            WHERE e.wallet_no = c.wallet_no AND (e.from_account IN (1, 5, 11) OR e.to_account IN (1, 5, 11))
              AND CASE c.kind WHEN 'refund' THEN 6 ELSE 7 END IN (e.from_account, e.to_account)
          ) b ON true WHERE c.taken <> coalesce(b.booked, 0)`,
  },
  {
    fact: 'what Stripe has taken for a refund or a dispute that is over is what was decided about it',
    sql: `SELECT x.wallet_no FROM wallet_ledger.escrow x LEFT JOIN LATERAL (
            SELECT sum(CASE WHEN e.to_account = 3 THEN e.amount_micros ELSE -e.amount_micros END) AS taken
            FROM wallet_ledger.entry e WHERE e.wallet_no = x.wallet_no
              AND e.reference IN ('stripe:' || x.reference, 'stripe_end:' || x.reference)
          ) t ON true WHERE x.kind IN ('refund', 'dispute') AND coalesce(t.taken, 0) <> CASE
            WHEN x.state = 'closing' OR x.state = 'closed' AND x.spent_micros > 0 THEN x.granted_micros
            WHEN x.state = 'closed' THEN 0
            -- A refund that is set aside may not have begun.
            WHEN x.kind = 'refund' AND t.taken IS NULL THEN 0
            ELSE x.granted_micros END`,
  },
  {
    fact: 'refunds and disputes keep only what Stripe has taken and is not decided, or waits for its payment',
    sql: `SELECT w.wallet_no FROM wallet_ledger.wallet w
          JOIN LATERAL (
            SELECT sum(CASE WHEN e.to_account IN (6, 7) THEN e.amount_micros ELSE -e.amount_micros END) AS kept
            FROM wallet_ledger.entry e WHERE e.wallet_no = w.wallet_no
              AND (e.from_account IN (6, 7) OR e.to_account IN (6, 7))
          ) k ON true
          JOIN LATERAL (
            SELECT sum(CASE
              WHEN x.state = 'closing' AND p.wallet_no IS NULL THEN x.granted_micros
              WHEN x.state = 'open' AND (x.kind = 'dispute' OR s.wallet_no IS NOT NULL) THEN x.granted_micros
              ELSE 0 END) AS waits
            FROM wallet_ledger.escrow x
            LEFT JOIN wallet_ledger.entry p ON p.wallet_no = x.wallet_no AND p.reference = x.holder AND p.slice = 0
            LEFT JOIN wallet_ledger.entry s ON s.wallet_no = x.wallet_no AND s.reference = 'stripe:' || x.reference AND s.slice = 0
            WHERE x.wallet_no = w.wallet_no AND x.kind IN ('refund', 'dispute')
          ) x ON true WHERE coalesce(k.kept, 0) <> -coalesce(x.waits, 0)`,
  },
];
