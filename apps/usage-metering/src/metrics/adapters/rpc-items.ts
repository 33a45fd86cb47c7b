import { orbPattern, OrbitError, type OrbAccount, type OrbAnswer } from '@orbit/contracts';
import type { RpcClient } from '@orbit/runtime';
import type { ItemDirectory } from '../application/ports.js';

/** Items, asked of invoicing as the gateway asks for them. */
export class RpcItems implements ItemDirectory {
  constructor(private readonly invoicing: Pick<RpcClient, 'call'>) {}

  async read(account: OrbAccount, id: string): Promise<Readonly<Record<string, unknown>> | null> {
    const answer = await this.invoicing.call<OrbAnswer>(orbPattern('fetch-item'), {
      ...{ account, customer: null, path: { item_id: id } },
      ...{ query: {}, body: {}, idempotency: null },
    });
    if (answer.status === 404) return null;
    if (answer.status !== 200) {
      throw new OrbitError('unavailable', `invoicing answered ${answer.status} for an item`);
    }
    return JSON.parse(answer.body ?? '{}') as Readonly<Record<string, unknown>>;
  }
}
