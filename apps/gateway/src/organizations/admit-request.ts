import { OrbitError } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { isKeyShaped } from './api-key.js';
import type { RateLimitState } from './request-rate.js';
import type { KeyGate, KeyHasher, OrganizationStore, Principal } from '../edge/ports.js';
import type { KeyUses } from '../edge/keys/key-uses.js';
import type { UncheckedKeys } from '../edge/keys/unchecked-keys.js';
import { wrongKey, type WrongKeys } from '../edge/keys/wrong-keys.js';

export interface Admitted {
  readonly principal: Principal;
  readonly rate: RateLimitState;
}

/** Says on whose behalf a request runs and whether its key may send one more now. */
export class AdmitRequest {
  constructor(
    private readonly gate: KeyGate,
    private readonly organizations: OrganizationStore,
    private readonly hasher: KeyHasher,
    private readonly wrongKeys: WrongKeys,
    private readonly unchecked: UncheckedKeys,
    private readonly uses: KeyUses,
    private readonly clock: Clock,
  ) {}

  /**
   * One round trip to Redis for a key seen lately; Postgres only for one that was not; nothing for a key that was
   * never made here. Errors: missing_api_key, invalid_api_key, too_many_wrong_keys, unavailable. A refusal
   * by rate is a value of the answer, so that the caller can write the headers.
   */
  async run(key: string | undefined, address: string): Promise<Admitted> {
    if (key === undefined || key === '') {
      throw new OrbitError('missing_api_key', 'Send an API key in the X-API-Key header.');
    }
    const admitted = await this.admit(key, address);
    if (admitted) return admitted;
    const waitSeconds = this.wrongKeys.note(address, 'organization');
    throw wrongKey(waitSeconds, 'The API key is unknown, expired or revoked.');
  }

  private async admit(key: string, address: string): Promise<Admitted | null> {
    const standing = isKeyShaped(key) ? this.hasher.standing(key) : 'forged';
    if (standing === 'forged') return null;
    const keyHash = this.hasher.hash(key);
    const mustBeKnown = standing === 'unchecked' && this.wrongKeys.isThrottled(address);
    if (mustBeKnown && !(await this.unchecked.mayHold(keyHash))) return null;
    const { cached, rate } = await this.gate.admit(keyHash);
    if (cached === 'unknown') return null;
    const principal = cached === 'absent' ? await this.lookUp(keyHash) : cached;
    if (!principal || hasExpired(principal, this.clock)) return null;
    this.uses.note(principal.keyId);
    return { principal, rate };
  }

  private async lookUp(keyHash: string): Promise<Principal | null> {
    const principal = await this.organizations.findByKeyHash(keyHash);
    await this.gate.remember(keyHash, principal);
    return principal;
  }
}

const hasExpired = ({ expiresAtMs }: Principal, clock: Clock): boolean =>
  expiresAtMs !== null && expiresAtMs <= clock.nowMs();
