import type { ChargeName } from './charge-record.js';
import type { Hold } from './hold-state.js';

/** All that is needed to answer for an authorization, and to capture it, without Redis. */
export interface OpenAuthorization {
  readonly authorizationId: string;
  readonly name: ChargeName;
  readonly occurredAtMs: number;
  readonly details: string;
  readonly hold: Hold;
  /** Made by an outage policy: Redis never knew it. */
  readonly isLocal: boolean;
}

/**
 * The authorizations of this process that have not ended, or whose end may not have reached the ledger,
 * so that they can be captured even when Redis has forgotten them. Bounded: two generations, of which the
 * older is dropped when the younger is full, so that at least the last half of `sizeMax` is known.
 */
export class OpenAuthorizations {
  private young = new Map<string, OpenAuthorization>();
  private old = new Map<string, OpenAuthorization>();
  private localCount = 0;
  private readonly generationSizeMax: number;

  constructor(sizeMax: number) {
    this.generationSizeMax = Math.ceil(sizeMax / 2);
  }

  /** Whether some are known to nobody but this process. */
  get hasLocal(): boolean {
    return this.localCount > 0;
  }

  remember(authorization: OpenAuthorization): void {
    const { authorizationId } = authorization;
    if (this.localCount > 0 || this.old.size > 0) this.forget(authorizationId);
    if (authorization.isLocal) this.localCount += 1;
    this.young.set(authorizationId, authorization);
    if (this.young.size >= this.generationSizeMax) this.dropOld();
  }

  find(authorizationId: string): OpenAuthorization | null {
    return this.young.get(authorizationId) ?? this.old.get(authorizationId) ?? null;
  }

  forget(authorizationId: string): void {
    if (this.localCount > 0 && this.find(authorizationId)?.isLocal) this.localCount -= 1;
    if (!this.young.delete(authorizationId)) this.old.delete(authorizationId);
  }

  private dropOld(): void {
    if (this.localCount > 0) {
      for (const { isLocal } of this.old.values()) if (isLocal) this.localCount -= 1;
    }
    this.old = this.young;
    this.young = new Map();
  }
}
