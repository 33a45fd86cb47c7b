import type { Currency } from '@orbit/money';
import type { Redis } from 'ioredis';
import type {
  ClaimRequest,
  ClaimResult,
  HotBalance,
  HotWallet,
  Settlement,
  UnsettledCharge,
} from './types.js';

/** The ledger's side of the hot balances: it alone writes posted balances. Redis errors are thrown. */
export class HotBalances {
  constructor(private readonly options: { readonly redis: Redis }) {}

  set(_wallets: readonly HotWallet[]): Promise<void> {
    return Promise.reject(this.missing());
  }

  claim(_claims: readonly ClaimRequest[]): Promise<readonly ClaimResult[]> {
    return Promise.reject(this.missing());
  }

  settle(_settlements: readonly Settlement[]): Promise<void> {
    return Promise.reject(this.missing());
  }

  read(_organizationId: string, _currency: Currency): Promise<HotBalance | null> {
    return Promise.reject(this.missing());
  }

  readUnsettled(
    _organizationId: string,
    _currency: Currency,
    _olderThanMs: number,
    _limit: number,
  ): Promise<readonly UnsettledCharge[]> {
    return Promise.reject(this.missing());
  }

  private missing(): Error {
    return new Error(`not written yet (${this.options.redis.status})`);
  }
}
