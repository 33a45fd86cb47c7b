import type { SqlSession, UsageChange } from '../../events/domain/usage-store.js';
import type { ChangeKeeper } from './customer-changes.js';

const ADD = `
  INSERT INTO usage_metering.usage_outbox (account_id, customer_id, event_no, sign)
  SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::smallint[])`;

/** Writes down what is to be copied to ClickHouse, in the transaction that changes events. */
export class ClickHouseOutbox implements ChangeKeeper {
  async keep(sql: SqlSession, { added, removed }: UsageChange): Promise<void> {
    const changes = [
      ...removed.map((event) => ({ event, sign: -1 })),
      ...added.map((event) => ({ event, sign: 1 })),
    ].filter(({ event }) => event.customerId !== null);
    await sql.query(ADD, [
      changes.map(({ event }) => event.accountId),
      changes.map(({ event }) => event.customerId),
      changes.map(({ event }) => event.eventNo.toString()),
      changes.map(({ sign }) => sign),
    ]);
  }
}
