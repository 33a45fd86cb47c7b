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
 * so that they can be captured even when Redis has forgotten them. Bounded: the oldest fall out first.
 */
export class OpenAuthorizations {
  private readonly open = new Map<string, OpenAuthorization>();
  private localCount = 0;

  constructor(private readonly sizeMax: number) {}

  /** Whether some are known to nobody but this process. */
  get hasLocal(): boolean {
    return this.localCount > 0;
  }

  remember(authorization: OpenAuthorization): void {
    const { authorizationId } = authorization;
    if (this.localCount > 0) this.forget(authorizationId);
    if (authorization.isLocal) this.localCount += 1;
    this.open.set(authorizationId, authorization);
    if (this.open.size <= this.sizeMax) return;
    const [oldest] = this.open.keys();
    if (oldest !== undefined) this.forget(oldest);
  }

  find(authorizationId: string): OpenAuthorization | null {
    return this.open.get(authorizationId) ?? null;
  }

  forget(authorizationId: string): void {
    if (this.localCount > 0 && this.open.get(authorizationId)?.isLocal) this.localCount -= 1;
    this.open.delete(authorizationId);
  }
}
