import type { ChargeName } from '../client/charge-record.js';
import { micros, type Micros } from '@orbit/money';
import { openHold, type Hold } from '../client/hold-state.js';

/** All that is needed to answer for an authorization, and to capture it, without Redis. */
export interface OpenAuthorization {
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
  private young = new Map<string, OpenAuthorization | string>();
  private old = new Map<string, OpenAuthorization | string>();
  private localCount = 0;
  private readonly generationSizeMax: number;

  constructor(sizeMax: number) {
    this.generationSizeMax = Math.ceil(sizeMax / 2);
  }

  /** Whether some are known to nobody but this process. */
  get hasLocal(): boolean {
    return this.localCount > 0;
  }

  /** A hold that Redis has just made; as one text, because the garbage collector walks over every object that lives long. */
  rememberMade(
    name: ChargeName,
    amountMicros: Micros,
    expiresAtMs: number,
    occurredAtMs: number,
    details: string,
  ): void {
    this.put(nameOf(name), `${amountMicros}|${expiresAtMs}|${occurredAtMs}|${details}`);
  }

  remember(authorization: OpenAuthorization): void {
    const { name } = authorization;
    if (this.localCount > 0 || this.old.size > 0) this.drop(name);
    if (authorization.isLocal) this.localCount += 1;
    this.put(nameOf(name), authorization);
  }

  find(name: ChargeName): OpenAuthorization | null {
    const found = this.read(nameOf(name));
    if (typeof found !== 'string') return found ?? null;
    const [, amount = '0', expiresAtMs, occurredAtMs, details = ''] =
      /^(\d+)\|(\d+)\|(\d+)\|(.*)$/s.exec(found) ?? [];
    return {
      name,
      occurredAtMs: Number(occurredAtMs),
      details,
      hold: openHold(micros(BigInt(amount)), Number(expiresAtMs)),
      isLocal: false,
    };
  }

  drop(name: ChargeName): void {
    const key = nameOf(name);
    if (this.localCount > 0 && isLocal(this.read(key))) this.localCount -= 1;
    if (!this.young.delete(key)) this.old.delete(key);
  }

  private read(key: string): OpenAuthorization | string | undefined {
    return this.young.get(key) ?? this.old.get(key);
  }

  private put(key: string, authorization: OpenAuthorization | string): void {
    this.young.set(key, authorization);
    if (this.young.size >= this.generationSizeMax) this.dropOld();
  }

  private dropOld(): void {
    if (this.localCount > 0) {
      for (const dropped of this.old.values()) if (isLocal(dropped)) this.localCount -= 1;
    }
    this.old = this.young;
    this.young = new Map();
  }
}

/** A charge id has one authorization per wallet, whatever its amount. */
const nameOf = ({ organizationId, currency, chargeId }: ChargeName): string =>
  `${organizationId} ${currency} ${chargeId}`;

const isLocal = (known: OpenAuthorization | string | undefined): boolean =>
  typeof known === 'object' && known.isLocal;
