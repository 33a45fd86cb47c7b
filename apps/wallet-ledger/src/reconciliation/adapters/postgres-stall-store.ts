import type { Pool } from 'pg';
import type { Stall } from '../../books/application/shared-ports.js';
import type { StallStore } from '../application/report-stalls.js';

/** Ten times as long as an instance takes to say again what stalls. All by the clock of the database. */
const SEEN_LATELY = `interval '10 seconds'`;

export const READ_STALLS = `
  SELECT what, state, detail, since FROM wallet_ledger.stall
  WHERE seen_at > now() - ${SEEN_LATELY} ORDER BY since, what`;

const SAVE_STALLS = `
  INSERT INTO wallet_ledger.stall AS s (what, state, detail, since, seen_at)
  SELECT what, state, detail, now(), now() FROM unnest($1::text[], $2::text[], $3::text[]) AS n (what, state, detail)
  ORDER BY what
  ON CONFLICT (what) DO UPDATE SET state = EXCLUDED.state, detail = EXCLUDED.detail, seen_at = EXCLUDED.seen_at,
    since = CASE WHEN s.seen_at > now() - ${SEEN_LATELY} THEN s.since ELSE EXCLUDED.since END`;

const END_STALLS = `
  UPDATE wallet_ledger.stall SET seen_at = 'epoch' WHERE what = ANY ($1::text[])`;

export class PostgresStallStore implements StallStore {
  constructor(private readonly pool: Pool) {}

  async save(stalls: readonly Stall[]): Promise<void> {
    await this.pool.query(SAVE_STALLS, [
      stalls.map(({ what }) => what),
      stalls.map(({ state }) => state),
      stalls.map(({ detail }) => detail),
    ]);
  }

  async end(whats: readonly string[]): Promise<void> {
    await this.pool.query(END_STALLS, [whats]);
  }
}
