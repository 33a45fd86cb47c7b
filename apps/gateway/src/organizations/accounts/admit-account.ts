import type { KeyGate, KeyHasher } from '../../edge/ports.js';
import type { UncheckedKeys } from '../../edge/keys/unchecked-keys.js';
import type { WrongKeys } from '../../edge/keys/wrong-keys.js';
import type { RateLimitState } from '../request-rate.js';
import { isAccountKeyShaped } from './account.js';
import type { AccountPrincipal, AccountStore } from './account-ports.js';

export interface AdmittedAccount {
  readonly account: AccountPrincipal;
  readonly rate: RateLimitState;
}

/** A key that opens nothing; its address waits so many seconds, or none. */
export interface RefusedAccount {
  readonly waitSeconds: number;
}

/** Says for which account a request of /v1 runs and whether its key may send one more now. */
export class AdmitAccount {
  constructor(
    private readonly gate: KeyGate<AccountPrincipal>,
    private readonly accounts: AccountStore,
    private readonly hasher: KeyHasher,
    private readonly wrongKeys: WrongKeys,
    private readonly unchecked: UncheckedKeys,
  ) {}

  /** Refuses a key that is none, is unknown or is revoked; none at all is not counted as wrong. Errors: unavailable. */
  async run(key: string, address: string): Promise<AdmittedAccount | RefusedAccount> {
    if (key === '') return { waitSeconds: 0 };
    const admitted = await this.admit(key, address);
    return admitted ?? { waitSeconds: this.wrongKeys.note(address, 'account') };
  }

  private async admit(key: string, address: string): Promise<AdmittedAccount | null> {
    const standing = isAccountKeyShaped(key) ? this.hasher.standing(key) : 'forged';
    if (standing === 'forged') return null;
    const keyHash = this.hasher.hash(key);
    const mustBeKnown = standing === 'unchecked' && this.wrongKeys.isThrottled(address);
    if (mustBeKnown && !(await this.unchecked.mayHold(keyHash))) return null;
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
