import { OrbitError, type CustomerNameTold, type KnownKeysQuery } from '@orbit/contracts';
import type { CustomerNames, KeyReader } from './ports.js';

const KEYS_MAX = 500;

/** What the gateway asks and tells about the way in. Errors: invalid_field; the database's own. */
export class AnswerGateway {
  constructor(
    private readonly keys: KeyReader,
    private readonly names: CustomerNames,
  ) {}

  known(query: KnownKeysQuery): Promise<readonly string[]> {
    const { account_id: accountId, keys } = query;
    const isList = Array.isArray(keys) && keys.every((key) => typeof key === 'string');
    if (typeof accountId !== 'string' || !isList || keys.length > KEYS_MAX) {
      throw new OrbitError('invalid_field', `account_id and at most ${KEYS_MAX} keys`);
    }
    return this.keys.known(accountId, keys);
  }

  async name(told: CustomerNameTold): Promise<{ readonly events: number }> {
    const { account_id: accountId, external_customer_id: externalCustomerId } = told;
    const texts = [accountId, externalCustomerId, told.customer_id];
    if (!texts.every((text) => typeof text === 'string' && text !== '')) {
      throw new OrbitError('invalid_field', 'account_id, external_customer_id and customer_id');
    }
    const name = { accountId, externalCustomerId };
    if (!told.is_free) return { events: await this.names.name(name, told.customer_id) };
    await this.names.free(name, told.customer_id);
    return { events: 0 };
  }
}
