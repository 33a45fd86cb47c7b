import type { HotBalances } from '@orbit/spend';
import type {
  ClaimResult,
  ClaimRequest,
  HotBalancesPort,
  Settlement,
} from '../../books/application/ports.js';

/** The ledger's port to the hot balances of libs/spend. */
export class RedisHotBalances implements HotBalancesPort {
  constructor(
    private readonly hotBalances: HotBalances,
    private readonly claimTtlMs: number,
  ) {}

  async claim(requests: readonly ClaimRequest[]): Promise<readonly ClaimResult[]> {
    const results = await this.hotBalances.claim(
      requests.map((request) => ({ ...request, ttlMs: this.claimTtlMs })),
    );
    return requests.map(({ charges }, index) => {
      const outcomes = results[index]?.outcomes ?? [];
      const granted = new Set<string>();
      const held = new Set<string>();
      for (const [position, { chargeId }] of charges.entries()) {
        const outcome = outcomes[position] ?? 'refused';
        if (outcome !== 'refused') granted.add(chargeId);
        if (outcome === 'authorized') held.add(chargeId);
      }
      return { granted, held };
    });
  }

  confirm(settlements: readonly Settlement[]): Promise<void> {
    return this.hotBalances.confirm(settlements);
  }
}
