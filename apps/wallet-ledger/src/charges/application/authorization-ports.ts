import type { ChargeRequested } from '@orbit/events';
import type { Micros } from '@orbit/money';

/** Where Nest finds them. */
export const AUTHORIZATIONS = Symbol('Authorizations');

/** Distinguishes authorizations that were given from ids that somebody merely wrote (decision 0025). */
export interface Authorizations {
  /**
   * Those of these charges whose authorization covers them, with what it holds: of their organization, for
   * this charge and at least this amount, and for what they say that a plan pays. Signed ids are checked
   * without asking anybody; for all others of a batch Redis is asked at once. Errors: Redis does not answer.
   */
  findTrusted(charges: readonly ChargeRequested[]): Promise<ReadonlyMap<ChargeRequested, Micros>>;
}
