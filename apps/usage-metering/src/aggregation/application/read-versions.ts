import { OrbitError, type CustomerUsageVersions } from '@orbit/contracts';

/** Errors: the database's own. */
export interface UsageVersions {
  read(accountId: string, customerIds: readonly string[]): Promise<CustomerUsageVersions>;
}

const CUSTOMERS_MAX = 1_000;

/** Which customers' usage changed, for whoever looks again and again. Errors: invalid_field, the database's own. */
export class ReadVersions {
  constructor(private readonly versions: UsageVersions) {}

  run(accountId: string, customerIds: readonly string[]): Promise<CustomerUsageVersions> {
    if (customerIds.length > CUSTOMERS_MAX) {
      const message = `customer_ids are at most ${String(CUSTOMERS_MAX)} at once.`;
      throw new OrbitError('invalid_field', message, { param: 'customer_ids' });
    }
    return this.versions.read(accountId, customerIds);
  }
}
