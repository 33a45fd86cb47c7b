import { PRICE_TAG, type MarginBy, type MarginRow } from '@orbit/contracts';
import type { Pool } from 'pg';
import { ACCOUNTS, ENTRY_TYPES } from '../../books/domain/wallet.js';
import type { Margins } from '../application/read-margin.js';

/** `0.0042 USD/8755`; senders of charges without a hold may have written something else, which costs nothing. */
const COST = '^(\\d{1,10}(?:\\.\\d{1,18})?) (\\S{3,32})/([1-9]\\d{0,15})$';
/** Of a cost of which a part was captured: the one rounding there is. */
const PART_PLACES = 18;

const KEYS: Readonly<Record<MarginBy, string>> = {
  channel: 'channel',
  price: 'price',
  organization: 'organization_id',
};

/*
 * One line per charge: its slices together, its cost once. What a plan pays of a charge (`~plan`) has the charge's own
 * tag a second time; its cost stands with the charge. A reversal is of the charge under whose id it is booked.
 */
const LINES = `
  WITH mine AS (
    SELECT wallet_no, organization_id, currency FROM wallet_ledger.wallet
    WHERE ($3::text IS NULL OR organization_id = $3) AND ($4::text IS NULL OR account_id = $4)
  ), spent AS (
    SELECT e.wallet_no, m.organization_id, m.currency, e.reference, min(e.channel) AS channel,
      sum(e.amount_micros) AS micros, min(e.metadata->>'${PRICE_TAG.price}') AS price,
      bool_or(e.metadata ? 'orbit_allowance') AS is_rest,
      regexp_match(min(e.metadata->>'${PRICE_TAG.cost}'), '${COST}') AS cost
    FROM wallet_ledger.entry e JOIN mine m USING (wallet_no)
    WHERE e.booked_at >= $1 AND e.booked_at < $2 AND e.type = ${ENTRY_TYPES.spend}
    GROUP BY e.wallet_no, m.organization_id, m.currency, e.reference
  ), reversed AS (
    SELECT m.organization_id, m.currency, c.channel, c.metadata->>'${PRICE_TAG.price}' AS price, -e.amount_micros AS micros
    FROM wallet_ledger.entry e JOIN mine m USING (wallet_no)
    LEFT JOIN LATERAL (
      SELECT channel, metadata FROM wallet_ledger.entry
      WHERE wallet_no = e.wallet_no AND type = ${ENTRY_TYPES.spend}
        AND reference = 'charge:' || substr(e.reference, length('reversal:') + 1)
      ORDER BY slice LIMIT 1
    ) c ON true
    WHERE e.booked_at >= $1 AND e.booked_at < $2 AND e.from_account = ${ACCOUNTS.revenue}
  ), rounded AS (
    SELECT m.organization_id, m.currency, e.metadata->>'channel' AS channel, e.metadata->>'price' AS price,
      CASE WHEN e.to_account = ${ACCOUNTS.rounding} THEN e.amount_micros ELSE -e.amount_micros END AS micros
    FROM wallet_ledger.entry e JOIN mine m USING (wallet_no)
    WHERE e.booked_at >= $1 AND e.booked_at < $2 AND ${ACCOUNTS.rounding} IN (e.from_account, e.to_account)
  ), line AS (
    SELECT organization_id, currency, channel, price, micros, 0::numeric AS cost, 1 AS charges FROM spent
    WHERE reference NOT LIKE '%~plan'
    UNION ALL
    SELECT organization_id, currency, channel, price, micros, 0, 0 FROM spent WHERE reference LIKE '%~plan'
    UNION ALL
    SELECT organization_id, cost[2], channel, price, 0,
      CASE WHEN cost[2] = currency AND NOT is_rest AND micros < cost[3]::numeric
        THEN round(cost[1]::numeric * micros / cost[3]::numeric, ${PART_PLACES}) ELSE cost[1]::numeric END, 0
    FROM spent WHERE cost IS NOT NULL AND reference NOT LIKE '%~plan'
    UNION ALL SELECT organization_id, currency, channel, price, micros, 0, 0 FROM reversed
    UNION ALL SELECT organization_id, currency, channel, price, micros, 0, 0 FROM rounded
  )`;

interface Row {
  key: string | null;
  currency: string;
  charges: string;
  revenue: string;
  cost: string;
  margin: string;
}

/** Margin as one statement on the sealed books: what is read again of a period that is over is the same. */
export class PostgresMargins implements Margins {
  constructor(private readonly pool: Pool) {}

  async read(query: Parameters<Margins['read']>[0]): Promise<readonly MarginRow[]> {
    const { by, from, to, after, limit } = query;
    const { rows } = await this.pool.query<Row>(
      `${LINES}, total AS (
         SELECT ${KEYS[by]} AS key, currency, sum(charges) AS charges, sum(micros) * 0.000001 AS revenue, sum(cost) AS cost
         FROM line GROUP BY 1, 2
       )
       SELECT key, currency, charges, trim_scale(revenue)::text AS revenue, trim_scale(cost)::text AS cost,
         trim_scale(revenue - cost)::text AS margin
       FROM total
       WHERE NOT $5 OR (key IS NULL, coalesce(key, '') COLLATE "C", currency COLLATE "C") > ($6::text IS NULL, coalesce($6, ''), $7)
       ORDER BY key IS NULL, coalesce(key, '') COLLATE "C", currency COLLATE "C" LIMIT $8`,
      [
        ...[new Date(from), new Date(to), query.organization_id ?? null, query.account_id ?? null],
        ...[after !== null, after?.key ?? null, after?.currency ?? '', limit],
      ],
    );
    return rows.map((row) => ({ ...row, charges: Number(row.charges) }));
  }
}
