import type { SqlSession, Transactions, UsageFollower } from '../../events/domain/usage-store.js';
import {
  fromUsageRow,
  USAGE_COLUMNS,
  type UsageEventRow,
} from '../../events/adapters/usage-event-rows.js';
import type { CustomerName, CustomerNames } from '../application/ports.js';

const PAGE_SIZE = 2_000;

/** Events under this name are being stored by transactions that hold it shared: they end first. */
const TAKE_NAME = `SELECT pg_advisory_xact_lock(hashtextextended('usage name ' || $1 || ' ' || $2, 0))`;
const NAME = `
  INSERT INTO usage_metering.customer_name (account_id, external_customer_id, customer_id)
  VALUES ($1, $2, $3)
  ON CONFLICT (account_id, external_customer_id) DO UPDATE SET customer_id = excluded.customer_id`;
const FREE = `
  DELETE FROM usage_metering.customer_name
  WHERE account_id = $1 AND external_customer_id = $2 AND customer_id = $3`;
const ATTRIBUTE = `
  UPDATE usage_metering.usage_event e SET customer_id = $3
  FROM (SELECT event_no FROM usage_metering.usage_event
        WHERE account_id = $1 AND external_customer_id = $2 AND customer_id IS NULL
        ORDER BY event_no LIMIT ${PAGE_SIZE}) AS waiting
  WHERE e.event_no = waiting.event_no
  RETURNING ${USAGE_COLUMNS}`;

/** Names of customers in usage_metering, and the events that waited for them. */
export class PostgresCustomerNames implements CustomerNames {
  constructor(
    private readonly transactions: Transactions,
    private readonly followers: readonly UsageFollower[],
  ) {}

  name(name: CustomerName, customerId: string): Promise<number> {
    const { accountId, externalCustomerId } = name;
    return this.transactions.run(async (sql) => {
      await sql.query(TAKE_NAME, [accountId, externalCustomerId]);
      await sql.query(NAME, [accountId, externalCustomerId, customerId]);
      let total = 0;
      for (;;) {
        const count = await this.attribute(sql, [accountId, externalCustomerId, customerId]);
        total += count;
        if (count < PAGE_SIZE) return total;
      }
    });
  }

  async free({ accountId, externalCustomerId }: CustomerName, customerId: string): Promise<void> {
    await this.transactions.run(async (sql) => {
      await sql.query(TAKE_NAME, [accountId, externalCustomerId]);
      await sql.query(FREE, [accountId, externalCustomerId, customerId]);
    });
  }

  private async attribute(sql: SqlSession, values: readonly string[]): Promise<number> {
    const rows = await sql.query<UsageEventRow>(ATTRIBUTE, values);
    const added = rows.map(fromUsageRow).filter(({ state }) => state === 'visible');
    if (added.length === 0) return rows.length;
    const removed = added.map((event) => ({ ...event, customerId: null }));
    for (const follower of this.followers) await follower.apply(sql, { added, removed });
    return rows.length;
  }
}
