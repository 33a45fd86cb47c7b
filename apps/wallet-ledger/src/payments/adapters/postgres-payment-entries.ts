import type { PaymentReference } from '@orbit/contracts';
import type { Pool } from 'pg';
import type {
  PaymentEntryPosition,
  PaymentEntryReader,
  PaymentEntryRow,
  PaymentTotalRow,
} from '../application/read-payment-entries.js';

// The condition is the one of entry_payment_idx: accounts 3 stripe_clearing, 6 refunds, 7 disputes.
const LIST = `
  SELECT w.organization_id, w.currency, e.reference, e.booked_at, e.wallet_no, e.sequence
  FROM wallet_ledger.entry e JOIN wallet_ledger.wallet w USING (wallet_no)
  WHERE (e.from_account IN (3, 6, 7) OR e.to_account IN (3, 6, 7))
    AND e.booked_at >= $1 AND (e.booked_at, e.wallet_no, e.sequence) > ($2, $3, $4)
  ORDER BY e.booked_at, e.wallet_no, e.sequence LIMIT $5`;

const TOTALS = `
  SELECT k.organization_id, k.currency, k.reference, c.micros AS clearing_micros, x.spent_micros,
    -- A clawback under way is provided for as far as the payment reaches: in the wallet, or by what was taken back before.
    greatest((SELECT coalesce(sum((s->>'amount')::bigint), 0) FROM jsonb_array_elements(x.slices) s),
      CASE WHEN x.state = 'open' THEN (
        SELECT least(x.granted_micros, p.amount_micros - (
          SELECT sum(o.spent_micros) FROM wallet_ledger.escrow o
          WHERE o.wallet_no = x.wallet_no AND o.holder = x.holder AND o.kind IN ('refund', 'dispute')))
        FROM wallet_ledger.entry p WHERE p.wallet_no = x.wallet_no AND p.reference = x.holder AND p.slice = 0
      ) END, 0)::bigint AS held_micros
  FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS k (organization_id, currency, reference, n)
  JOIN wallet_ledger.wallet w ON w.organization_id = k.organization_id AND w.currency = k.currency
  LEFT JOIN LATERAL (
    SELECT sum(CASE WHEN from_account = 3 THEN amount_micros ELSE -amount_micros END) AS micros
    FROM wallet_ledger.entry
    WHERE wallet_no = w.wallet_no AND 3 IN (from_account, to_account)
      AND reference IN (k.reference, 'stripe:' || k.reference, 'stripe_end:' || k.reference)
  ) c ON true
  LEFT JOIN wallet_ledger.escrow x
    ON x.wallet_no = w.wallet_no AND x.reference = k.reference AND x.kind IN ('refund', 'dispute')
  ORDER BY k.n`;

interface ListRow {
  organization_id: string;
  currency: string;
  reference: string;
  booked_at: Date;
  wallet_no: string;
  sequence: string;
}

interface TotalRow {
  organization_id: string;
  currency: string;
  reference: string;
  clearing_micros: string | null;
  spent_micros: string | null;
  held_micros: string;
}

export class PostgresPaymentEntries implements PaymentEntryReader {
  constructor(private readonly pool: Pool) {}

  async list(
    sinceMs: number,
    after: PaymentEntryPosition | null,
    limit: number,
  ): Promise<readonly PaymentEntryRow[]> {
    const { rows } = await this.pool.query<ListRow>(LIST, [
      new Date(sinceMs),
      new Date(after?.bookedAtMs ?? 0),
      after?.walletNo ?? 0n,
      after?.sequence ?? 0n,
      limit,
    ]);
    return rows.map((row) => ({
      organizationId: row.organization_id,
      currency: row.currency,
      reference: row.reference,
      bookedAtMs: row.booked_at.getTime(),
      walletNo: BigInt(row.wallet_no),
      sequence: BigInt(row.sequence),
    }));
  }

  async totals(references: readonly PaymentReference[]): Promise<readonly PaymentTotalRow[]> {
    const { rows } = await this.pool.query<TotalRow>(TOTALS, [
      references.map(({ organization_id }) => organization_id),
      references.map(({ currency }) => currency),
      references.map(({ reference }) => reference),
    ]);
    return rows.map(({ clearing_micros, spent_micros, held_micros, ...reference }) => ({
      ...reference,
      clearingMicros: clearing_micros === null ? null : BigInt(clearing_micros),
      spentMicros: spent_micros === null ? null : BigInt(spent_micros),
      heldMicros: BigInt(held_micros),
    }));
  }
}
