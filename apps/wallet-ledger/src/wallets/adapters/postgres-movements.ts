import { invariant } from '@orbit/kernel';
import { micros } from '@orbit/money';
import type { Pool } from 'pg';
import type { MovementReader } from '../application/read-movements.js';
import { reasonOf } from '../../books/domain/entry-kinds.js';
import { ENTRY_TYPES, type EntryType } from '../../books/domain/wallet.js';

const typeByCode: ReadonlyMap<number, EntryType> = new Map(
  Object.entries(ENTRY_TYPES).map(([name, code]) => [code, name as EntryType]),
);

/*
 * One statement, so that all of it is of one instant. Types: 2 spend, 4 expiry, 8 dispute, 14 transfer;
 * accounts: 1 wallet, 3 stripe_clearing. `taken` is books/domain/entry-kinds.ts, said of a row.
 *
 * Credit that expired before the last charge may be booked as breakage after it: `adjusted` is the balance after each
 * entry without such credit, so that this charge counts as one that came when it was gone.
 */
const READ = `
  SELECT w.sequence AS wallet_sequence, s.sequence AS spent_sequence, s.peak_micros,
    t.sequence AS taken_sequence, t.type AS taken_type, t.reference AS taken_reference
  FROM wallet_ledger.wallet w
  LEFT JOIN LATERAL (
    SELECT last.sequence, (
      SELECT max(adjusted) FROM (
        SELECT e.balance_after_micros - coalesce(sum(e.amount_micros) FILTER (
            WHERE e.type = 4 AND e.occurred_at <= last.booked_at
          ) OVER (ORDER BY e.sequence DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS adjusted
        FROM wallet_ledger.entry e WHERE e.wallet_no = w.wallet_no AND e.sequence >= last.sequence
      ) since
    ) AS peak_micros
    FROM (
      SELECT sequence, booked_at FROM wallet_ledger.entry
      WHERE wallet_no = w.wallet_no AND type = 2 ORDER BY sequence DESC LIMIT 1
    ) last
  ) s ON true
  LEFT JOIN LATERAL (
    SELECT sequence, type, reference FROM wallet_ledger.entry
    WHERE wallet_no = w.wallet_no AND sequence > $3 AND booked_at >= $4
      AND (type = 8 AND to_account = 3 OR from_account = 1 AND to_account <> 1 AND type NOT IN (2, 4, 14))
    ORDER BY sequence LIMIT 1
  ) t ON true
  WHERE w.organization_id = $1 AND w.currency = $2`;

interface Row {
  wallet_sequence: string;
  spent_sequence: string | null;
  peak_micros: string | null;
  taken_sequence: string | null;
  taken_type: number | null;
  taken_reference: string | null;
}

export class PostgresMovements implements MovementReader {
  constructor(private readonly pool: Pool) {}

  async read(
    ...[{ organizationId, currency }, since]: Parameters<MovementReader['read']>
  ): ReturnType<MovementReader['read']> {
    const { rows } = await this.pool.query<Row>(READ, [
      organizationId,
      currency,
      since.sequence,
      new Date(since.bookedFromMs),
    ]);
    const [row] = rows;
    if (!row) return null;
    return {
      sequence: BigInt(row.wallet_sequence),
      lastSpend:
        row.spent_sequence === null
          ? null
          : {
              sequence: BigInt(row.spent_sequence),
              peakMicros: micros(BigInt(row.peak_micros ?? 0)),
            },
      taken: takenOf(row),
    };
  }
}

function takenOf({ taken_sequence: sequence, taken_type: code, taken_reference: reference }: Row) {
  if (sequence === null || code === null || reference === null) return null;
  const type = typeByCode.get(code);
  const reason = type === undefined ? null : reasonOf(type);
  invariant(reason !== null, `entry ${sequence} takes back`);
  return { sequence: BigInt(sequence), reason, reference };
}
