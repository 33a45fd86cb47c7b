import { OrbitError } from '@orbit/contracts';
import { isKeyShaped } from './api-key.js';
import type { RateLimitState } from './request-rate.js';
import type { KeyGate, KeyHasher, OrganizationStore, Principal } from '../edge/ports.js';

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
  ) {}

  /**
   * One round trip to Redis for a key seen lately; Postgres only for one that was not.
   * Errors: missing_api_key, invalid_api_key, unavailable. A refusal by rate is a value of the
   * answer, so that the caller can write the headers.
   */
  async run(key: string | undefined): Promise<Admitted> {
    if (key === undefined || key === '') {
      throw new OrbitError('missing_api_key', 'Send an API key in the X-API-Key header.');
    }
    if (!isKeyShaped(key)) throw invalidKey();
    const keyHash = this.hasher.hash(key);
    const { cached, rate } = await this.gate.admit(keyHash);
    if (cached === 'unknown') throw invalidKey();
    const principal = cached === 'absent' ? await this.lookUp(keyHash) : cached;
    if (principal === null) throw invalidKey();
    return { principal, rate };
  }

  private async lookUp(keyHash: string): Promise<Principal | null> {
    const principal = await this.organizations.findByKeyHash(keyHash);
    await this.gate.remember(keyHash, principal);
    return principal;
  }
}

function invalidKey(): OrbitError {
  return new OrbitError('invalid_api_key', 'The API key is unknown or revoked.');
}
