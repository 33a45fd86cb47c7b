import { isReservedChargeId, RESERVED_IN_CHARGE_IDS } from '@orbit/allowances';
import { OrbitError } from '@orbit/contracts';
import { invariant, newId, type Clock } from '@orbit/kernel';
import { MICROS_MAX, type Currency, type Micros } from '@orbit/money';
import { leaseMicros, toMicros } from './spend-lease-amount.js';
import {
  LeaseCharges,
  type LeaseChargeIntent,
  type LeaseChargeResult,
  type LeasePricedIntent,
} from './spend-lease-charges.js';
import type { LeaseLedger, LeaseMicros, LeaseRenewal } from './spend-lease-ports.js';
import { faultOf, LeaseSize, RENEWAL_LIMITS, type RenewalLimits } from './spend-lease-renewal.js';
import type { CardMemory } from '../prices/card-memory.js';
import { withCost } from '../prices/cost-in.js';
import { inAmount, isPriced } from '../prices/priced-intents.js';
import { SPEND_LIMITS } from '../spend-limits.js';
import type { ChargePublisher } from '../types.js';

export interface SpendLeaseOptions extends Partial<RenewalLimits> {
  readonly ledger: LeaseLedger;
  readonly producer: ChargePublisher;
  readonly clock: Clock;
  readonly organizationId: string;
  readonly currency: Currency;
  /** The amount set aside at first, and the least from then on. */
  readonly amountMicros: Micros;
  /** Most that renewals grow it to; 64 times the first by default. */
  readonly amountMicrosMax?: Micros;
  readonly ttlMs: number;
  readonly holder?: string;
  /** Nothing is authorized so shortly before the end, so that its charge is in Kafka in time. */
  readonly marginMs?: number;
  readonly publishTimeoutMs?: number;
  /** The rate cards, for charges by price. */
  readonly cards?: CardMemory;
  /** Called with the reason of a failed renewal or publish; for the log. */
  readonly onFault?: (error: unknown) => void;
}

/** `ended`: its time is over or the ledger has closed it; nothing more is authorized. */
export type SpendLeaseStatus = 'open' | 'ended' | 'closing' | 'closed';

export interface SpendLeaseState {
  readonly leaseId: string;
  readonly status: SpendLeaseStatus;
  /** The amount that may still be authorized. */
  readonly leftMicros: Micros;
  /** Authorized, and neither charged nor released yet. */
  readonly outstandingMicros: Micros;
  readonly grantedMicros: Micros;
  /** By this process' clock; the ledger's end is no earlier. */
  readonly endsAtMs: number;
  readonly isRenewing: boolean;
  readonly renewals: number;
}

const MARGIN_MS = 2_000;
const MARGIN_SHARE = 0.2;
const GROWTH_MAX = 64;
const OPEN_TRIES_MAX = 4;
/** Below every amount: no authorization asks for a renewal. */
const NEVER = -1;

/**
 * Money that the ledger has set aside for this process, authorized from memory at the cost of a
 * comparison. The wallet cannot be overspent through it, whatever becomes of Redis or of this process:
 * the money has left the pot already. Renews itself before it runs dry or ends.
 */
export class SpendLease {
  // The hot path reads these three and nothing else.
  private left: number;
  private renewBelow = 0;
  private isUsable = true;

  private chargedSum = 0;
  private granted: number;
  private endsAtMs: number;
  private status: SpendLeaseStatus = 'open';
  private renewals = 0;
  /** The wallet had less than was asked for: nobody asks again before the timer does. */
  private isShort = false;
  private renewing: Promise<void> | null = null;
  private endTimer: NodeJS.Timeout | undefined;
  private renewTimer: NodeJS.Timeout | undefined;
  private readonly limits: RenewalLimits;
  private readonly size: LeaseSize;
  private readonly marginMs: number;
  private readonly charges: LeaseCharges;
  private readonly stopping = new AbortController();

  private constructor(
    private readonly options: SpendLeaseOptions,
    private readonly leaseId: string,
    openedAtMs: number,
  ) {
    const { amountMicros, ttlMs, clock, publishTimeoutMs } = options;
    const max = options.amountMicrosMax ?? toMicros(Number(amountMicros) * GROWTH_MAX);
    this.limits = { ...RENEWAL_LIMITS, ...withoutUndefined(options) };
    this.left = leaseMicros(amountMicros);
    this.granted = this.left;
    this.size = new LeaseSize(this.left, Number(max), this.limits, clock.nowMs());
    this.marginMs = options.marginMs ?? Math.min(MARGIN_MS, ttlMs * MARGIN_SHARE);
    this.charges = new LeaseCharges({
      ...{ organizationId: options.organizationId, currency: options.currency, leaseId },
      ...{ producer: options.producer, clock, onFault: options.onFault },
      publishTimeoutMs: publishTimeoutMs ?? SPEND_LIMITS.publishTimeoutMs,
    });
    this.endsAtMs = openedAtMs + ttlMs;
    this.schedule();
  }

  /** Errors: OrbitError of the ledger (`insufficient_funds`, `outbound_paused`, `unavailable`, …). */
  static async open(options: SpendLeaseOptions): Promise<SpendLease> {
    const { ledger, clock, organizationId, currency, amountMicros, ttlMs, holder = null } = options;
    invariant(ttlMs > 0, 'a lease has a lifetime');
    invariant(leaseMicros(amountMicros) <= MICROS_MAX, 'a lease is exact');
    const openedAtMs = clock.nowMs();
    const reference = newId('lease', openedAtMs);
    const opening = { organizationId, currency, amountMicros, ttlMs, holder, reference };
    for (let attempt = 1; ; attempt++) {
      try {
        const { leaseId } = await ledger.open(opening);
        return new SpendLease(options, leaseId, openedAtMs);
      } catch (error) {
        // With the same reference it is the same lease, whichever of the tries got through.
        const isOver = faultOf(error) !== 'unknown' || attempt === OPEN_TRIES_MAX;
        if (isOver || !isRetryable(error)) throw error;
        options.onFault?.(error);
        await pause(RENEWAL_LIMITS.retryDelayMs * 2 ** attempt);
      }
    }
  }

  /** Takes an amount from the lease; false when it does not fit or the lease has ended. Never waits. */
  authorize(amount: LeaseMicros): boolean {
    const left = this.left - amount;
    if (left < 0 || !this.isUsable) return false;
    this.left = left;
    if (left < this.renewBelow) this.renewSoon();
    return true;
  }

  /** Gives an authorization back that will not be charged. */
  release(amount: LeaseMicros): void {
    invariant(amount <= this.outstanding, 'no more is released than is authorized');
    this.left += amount;
  }

  /**
   * Authorizes and publishes. `charged` is durable. After `unavailable` the same call may be repeated: it
   * publishes again and takes nothing more. Errors: of one by price, OrbitError invalid_field, or of who has the card.
   */
  async charge(asked: LeaseChargeIntent | LeasePricedIntent): Promise<LeaseChargeResult> {
    requireOwnId(asked.chargeId);
    const again = this.charges.again(asked.chargeId);
    if (again) return again;
    const intent = isPriced(asked)
      ? await this.rated(asked)
      : asked.cost === undefined
        ? asked
        : this.withCost(asked);
    // Another call with the same id may have got ahead while the card was read.
    if (!this.charges.isKnown(intent)) {
      if (this.options.clock.nowMs() >= this.endsAtMs - this.marginMs) this.refreshUsable();
      if (!this.authorize(leaseMicros(intent.amountMicros))) {
        const reason = this.isUsable ? 'insufficient_lease' : 'lease_ended';
        return { status: 'refused', reason };
      }
    }
    return this.capture(intent);
  }

  private async rated(asked: LeasePricedIntent): Promise<LeaseChargeIntent> {
    const { cards, organizationId, currency } = this.options;
    const { intent } = await inAmount(cards, organizationId, asked);
    if (intent.currency === currency) return intent;
    const message = `price is in ${intent.currency}, the lease in ${currency}.`;
    throw new OrbitError('invalid_field', message, { param: 'price' });
  }

  private withCost(intent: LeaseChargeIntent): LeaseChargeIntent {
    return withCost({ ...intent, currency: this.options.currency });
  }

  /** Publishes a charge that `authorize` has taken before. Call it while the lease is open. */
  async capture(asked: LeaseChargeIntent): Promise<LeaseChargeResult> {
    requireOwnId(asked.chargeId);
    const intent = asked.cost === undefined ? asked : this.withCost(asked);
    const amount = leaseMicros(intent.amountMicros);
    const isFirst = !this.charges.isKnown(intent);
    invariant(!isFirst || amount <= this.outstanding, 'what is charged was authorized');
    if (isFirst) this.chargedSum += amount;
    return this.charges.publish(intent);
  }

  get state(): SpendLeaseState {
    return {
      leaseId: this.leaseId,
      status: this.status,
      leftMicros: toMicros(this.left),
      outstandingMicros: toMicros(this.outstanding),
      grantedMicros: toMicros(this.granted),
      endsAtMs: this.endsAtMs,
      isRenewing: this.renewing !== null,
      renewals: this.renewals,
    };
  }

  /**
   * Authorizes no more, waits for charges under way, then gives the rest back. Errors: OrbitError when the
   * ledger is unavailable; it may be called again, and the rest comes back by itself when the lease expires.
   */
  async close(): Promise<void> {
    if (this.status === 'closed') return;
    this.status = 'closing';
    this.isUsable = false;
    this.stopping.abort();
    clearTimeout(this.endTimer);
    clearTimeout(this.renewTimer);
    await this.renewing;
    await this.charges.drain();
    const { ledger, organizationId } = this.options;
    await ledger.close({ organizationId, leaseId: this.leaseId });
    this.status = 'closed';
  }

  /** granted = left + outstanding + charged. */
  private get outstanding(): number {
    return this.granted - this.left - this.chargedSum;
  }

  private renewSoon(): void {
    this.renewBelow = NEVER;
    this.renewing ??= this.renew().finally(() => {
      this.renewing = null;
      if (this.status === 'open') this.schedule();
    });
  }

  /** One renewal until it is granted, refused for good, or the lease is over. */
  private async renew(): Promise<void> {
    const { clock, ttlMs, organizationId, currency } = this.options;
    const { leaseId } = this;
    let asked = this.size.ask(this.left, ttlMs, clock.nowMs());
    this.isShort = false;
    let delayMs = this.limits.retryDelayMs;
    let renewal = this.newRenewal(asked);
    let sentAtMs = clock.nowMs();
    while (this.status === 'open') {
      try {
        await this.options.ledger.renew({ organizationId, currency, leaseId, ...renewal });
        this.renewed(asked, sentAtMs + ttlMs);
        return;
      } catch (error) {
        this.options.onFault?.(error);
        const fault = faultOf(error);
        if (fault === 'ended') return this.end();
        await pause(delayMs, this.stopping.signal);
        delayMs = Math.min(delayMs * 2, this.limits.retryDelayMsMax);
        if (clock.nowMs() >= this.endsAtMs) return this.end();
        if (fault === 'refused') {
          // Nothing was granted, so the next try is another renewal: for less, at last for time alone.
          asked = this.size.shrink(asked);
          this.isShort = true;
          renewal = this.newRenewal(asked);
          sentAtMs = clock.nowMs();
        }
      }
    }
  }

  private newRenewal(asked: number): Pick<LeaseRenewal, 'amountMicros' | 'ttlMs' | 'reference'> {
    const { ttlMs, clock } = this.options;
    return { amountMicros: toMicros(asked), ttlMs, reference: newId('lease', clock.nowMs()) };
  }

  private renewed(amount: number, endsAtMs: number): void {
    this.left += amount;
    this.granted += amount;
    this.renewals += 1;
    this.endsAtMs = Math.max(this.endsAtMs, endsAtMs);
    if (amount > 0) this.size.filled(this.options.clock.nowMs());
    if (this.status === 'open') this.refreshUsable();
  }

  private end(): void {
    this.isUsable = false;
    if (this.status === 'open') this.status = 'ended';
  }

  private refreshUsable(): void {
    this.isUsable = this.options.clock.nowMs() < this.endsAtMs - this.marginMs;
  }

  /** Timers for the end and for the next renewal, and the line below which an authorization asks for one. */
  private schedule(): void {
    const { clock, ttlMs } = this.options;
    clearTimeout(this.endTimer);
    clearTimeout(this.renewTimer);
    const leftMs = this.endsAtMs - clock.nowMs();
    this.endTimer = setTimeout(() => this.refreshUsable(), Math.max(0, leftMs - this.marginMs));
    const { retryDelayMs, retryDelayMsMax, renewTimeShare } = this.limits;
    const renewMs = Math.max(retryDelayMs, leftMs - ttlMs * renewTimeShare);
    const nextMs = this.isShort ? Math.min(renewMs, retryDelayMsMax) : renewMs;
    this.renewTimer = setTimeout(() => this.renewSoon(), nextMs);
    this.endTimer.unref();
    this.renewTimer.unref();
    this.renewBelow = this.isShort ? NEVER : this.size.micros * this.limits.renewBelowShare;
  }
}

/** As `SpendClient` does: the ledger takes no such charge, and the money would be gone from the lease. */
function requireOwnId(chargeId: string): void {
  invariant(chargeId !== '', 'a charge has an id');
  const isReserved = isReservedChargeId(chargeId);
  invariant(
    !isReserved,
    `a charge id has no ${RESERVED_IN_CHARGE_IDS} in it: that marks what a plan pays`,
  );
}

const isRetryable = (error: unknown): boolean => !(error instanceof OrbitError) || error.retryable;

/** Waits, but not past a stop. */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
  });
}

/** Limits that the caller named. */
function withoutUndefined(options: Partial<RenewalLimits>): Partial<RenewalLimits> {
  const names = Object.keys(RENEWAL_LIMITS) as (keyof RenewalLimits)[];
  const given = names.filter((name) => options[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, options[name]]));
}
