import { fromUsageRow, USAGE_COLUMNS, type UsageEventRow } from './usage-event-rows.js';
import type { UsageEvent } from '../domain/usage-event.js';
import type { SqlSession, UsageReader, UsageSelection } from '../domain/usage-store.js';

const PAGE_SIZE = 1_000;

const READ = `
  SELECT ${USAGE_COLUMNS} FROM usage_metering.usage_event e
  WHERE e.account_id = $1 AND e.state = 'visible'
    AND ($2::text IS NULL OR e.customer_id = $2) AND ($3::text IS NULL OR e.event_name = $3)
    AND e.event_time >= $4 AND e.event_time < $5 AND e.event_no > $6
  ORDER BY e.event_no LIMIT ${PAGE_SIZE}`;

/** Events that count, page by page; inside a transaction or not, as its session is. */
export class PostgresUsageReader implements UsageReader {
  constructor(private readonly sql: SqlSession) {}

  async *read(selection: UsageSelection): AsyncIterable<readonly UsageEvent[]> {
    const { accountId, customerId, eventName, fromMs, toMs } = selection;
    let afterNo = 0n;
    for (;;) {
      const rows = await this.sql.query<UsageEventRow>(READ, [
        accountId,
        customerId ?? null,
        eventName ?? null,
        new Date(fromMs),
        new Date(toMs),
        afterNo.toString(),
      ]);
      const events = rows.map(fromUsageRow);
      if (events.length > 0) yield events;
      if (events.length < PAGE_SIZE) return;
      afterNo = events.at(-1)?.eventNo ?? afterNo;
    }
  }
}
