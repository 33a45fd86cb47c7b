import type pg from 'pg';
import type { BookedByPrice } from './rerating.js';

/** Of which charges. */
export interface ChargePeriod {
  readonly since: string;
  readonly until: string;
  readonly organization: string | null;
  readonly account: string | null;
}

const ROWS_PER_STEP = 5_000;

const FROM = `
  FROM wallet_ledger.entry e JOIN wallet_ledger.wallet w USING (wallet_no)
  WHERE e.type = 2 AND e.booked_at >= $1 AND e.booked_at < $2 AND e.metadata ? 'orbit_rated'
    AND e.reference NOT LIKE '%~plan'
    AND ($3::text IS NULL OR w.organization_id = $3) AND ($4::text IS NULL OR w.account_id = $4)`;
const valuesOf = ({ since, until, organization, account }: ChargePeriod): unknown[] => [
  ...[since, until, organization, account],
];

/** Entries that belong to charges by price: for the progress alone. */
export async function countEntries(client: pg.ClientBase, period: ChargePeriod): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::integer AS count ${FROM}`,
    valuesOf(period),
  );
  return rows[0]?.count ?? 0;
}

interface Row {
  readonly wallet_no: string;
  readonly reference: string;
  readonly organization_id: string;
  readonly account_id: string;
  readonly currency: string;
  readonly amount_micros: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A charge, and whose wallet it is of. */
export interface FoundCharge extends BookedByPrice {
  readonly accountId: string;
}

/** Charges by price of one moment of the books, step by step; `advance` counts entries. */
export async function* readCharges(
  client: pg.ClientBase,
  period: ChargePeriod,
  advance: (entries: number) => void,
): AsyncGenerator<FoundCharge> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await client.query(
    `DECLARE charges NO SCROLL CURSOR FOR
     SELECT e.wallet_no, e.reference, w.organization_id, w.account_id, w.currency, e.amount_micros, e.metadata
     ${FROM} ORDER BY e.wallet_no, e.sequence`,
    valuesOf(period),
  );
  try {
    // Slices of one charge stand one after the other.
    let open: { row: Row; micros: bigint } | null = null;
    for (;;) {
      const { rows } = await client.query<Row>(`FETCH ${ROWS_PER_STEP} FROM charges`);
      for (const row of rows) {
        if (open?.row.wallet_no === row.wallet_no && open.row.reference === row.reference) {
          open.micros += BigInt(row.amount_micros);
          continue;
        }
        if (open) yield toCharge(open);
        open = { row, micros: BigInt(row.amount_micros) };
      }
      advance(rows.length);
      if (rows.length < ROWS_PER_STEP) break;
    }
    if (open) yield toCharge(open);
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

const toCharge = ({ row, micros }: { row: Row; micros: bigint }): FoundCharge => ({
  organizationId: row.organization_id,
  accountId: row.account_id,
  currency: row.currency,
  amountMicros: micros,
  metadata: row.metadata,
});

/** Names of the prices of an organization's own card of one version; none is version 0. */
export async function readOwnPrices(
  client: pg.ClientBase,
  { accountId, organizationId }: { readonly accountId: string; readonly organizationId: string },
  version: number,
): Promise<ReadonlySet<string>> {
  if (version === 0) return new Set();
  const { rows } = await client.query<{ prices: string }>(
    `SELECT prices FROM wallet_ledger.rate_card WHERE account_id = $1 AND organization_id = $2 AND version = $3`,
    [accountId, organizationId, version],
  );
  return new Set(rows[0] ? Object.keys(JSON.parse(rows[0].prices) as object) : []);
}
