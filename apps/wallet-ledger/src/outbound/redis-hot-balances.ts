import type { HotBalances } from '@orbit/spend';
import type { ClaimRequest, HotBalancesPort, Settlement } from '../application/ports.js';

/** The ledger's port to the hot balances of libs/spend. */
export class RedisHotBalances implements HotBalancesPort {
  constructor(
    private readonly hotBalances: HotBalances,
    private readonly claimTtlMs: number,
  ) {}

  async claim(requests: readonly ClaimRequest[]): Promise<readonly ReadonlySet<string>[]> {
    const results = await this.hotBalances.claim(
      requests.map((request) => ({ ...request, ttlMs: this.claimTtlMs })),
    );
    return requests.map(({ charges }, index) => {
      const outcomes = results[index]?.outcomes ?? [];
      const granted = charges.filter(
        (_, position) => (outcomes[position] ?? 'refused') !== 'refused',
      );
      return new Set(granted.map(({ chargeId }) => chargeId));
    });
  }

  settle(settlements: readonly Settlement[]): Promise<void> {
    return this.hotBalances.settle(settlements);
  }
}
