import type { ArrivalProbe } from './due-registry.js';
import type { ClockQuery } from './stored-account-clock.js';

/** An outbox with `position` and `published_at` is at rest when what stood in it is published. */
export const outboxProbe =
  (query: ClockQuery, table: string): ArrivalProbe =>
  async () => {
    const [last] = (await query(
      `SELECT position::text AS position FROM ${table} ORDER BY position DESC LIMIT 1`,
      [],
    )) as readonly { readonly position: string }[];
    if (!last) return () => Promise.resolve(true);
    return async () => {
      const left = await query(
        `SELECT 1 FROM ${table} WHERE published_at IS NULL AND position <= $1::bigint LIMIT 1`,
        [last.position],
      );
      return (left as readonly unknown[]).length === 0;
    };
  };
