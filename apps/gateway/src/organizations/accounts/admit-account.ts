import type { KeyGate, KeyHasher } from '../../edge/ports.js';
import type { RateLimitState } from '../request-rate.js';
import { isAccountKeyShaped } from './account.js';
import type { AccountPrincipal, AccountStore } from './account-ports.js';

export interface AdmittedAccount {
  readonly account: AccountPrincipal;
  readonly rate: RateLimitState;
}

/** Says for which account a request of /v1 runs and whether its key may send one more now. */
export class AdmitAccount {
  constructor(
    private readonly gate: KeyGate<AccountPrincipal>,
    private readonly accounts: AccountStore,
    private readonly hasher: KeyHasher,
  ) {}

  /** Null for a key that is none, is unknown or is revoked. Errors: unavailable. */
  async run(key: string): Promise<AdmittedAccount | null> {
    if (!isAccountKeyShaped(key)) return null;
    const keyHash = this.hasher.hash(key);
    const { cached, rate } = await this.gate.admit(keyHash);
    if (cached === 'unknown') return null;
    const account = cached === 'absent' ? await this.lookUp(keyHash) : cached;
    return account && { account, rate };
  }

  private async lookUp(keyHash: string): Promise<AccountPrincipal | null> {
    const account = await this.accounts.findByKeyHash(keyHash);
    await this.gate.remember(keyHash, account);
    return account;
  }
}
