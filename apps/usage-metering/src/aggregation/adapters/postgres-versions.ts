import type { CustomerUsageVersions } from '@orbit/contracts';
import type { SqlSession } from '../../events/domain/usage-store.js';
import type { UsageVersions } from '../application/ports.js';
import { READ_VERSIONS } from './usage-sql.js';

interface Row {
  readonly customer_id: string;
  readonly version: string;
}

export class PostgresVersions implements UsageVersions {
  constructor(private readonly sql: SqlSession) {}

  async read(accountId: string, customerIds: readonly string[]): Promise<CustomerUsageVersions> {
    const rows = await this.sql.query<Row>(READ_VERSIONS, [accountId, customerIds]);
    return Object.fromEntries(rows.map(({ customer_id, version }) => [customer_id, version]));
  }
}
