import { OrbitError, type CreateTopUp, type TopUpCreated } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { nextCheckAtMs } from '../domain/decide-topup.js';
import type { TopUp } from '../domain/topup.js';
import type { UnitPrices } from '../domain/unit-price.js';
import { keyConflict } from './idempotency-key.js';
import type { CustomerDirectory } from './customer-directory.js';
import {
  ProviderFailure,
  type HostedSession,
  type Log,
  type PaymentProvider,
  type Sleep,
  type TopUpStore,
} from './ports.js';
import { newTopUp, readOrder } from './topup-order.js';

export interface CreateTopUpLimits {
  /**
   * How long one request holds a top-up while it talks to Stripe, and so how long a crash blocks its key.
   * When it is too short, two requests ask Stripe with one key and get one session.
   */
  readonly lockMs: number;
  /** How long a concurrent request with the same key waits for the first one before it is answered "try again". */
  readonly twinWaitMs: number;
  readonly twinPollMs: number;
}

/**
 * Opens a payment page for a top-up, once per (organization, idempotency key). A crash at any point
 * is continued by a repeat: our row is written first, and Stripe is asked with a key derived from it.
 */
export class CreateTopUpSession {
  constructor(
    private readonly topups: TopUpStore,
    private readonly customers: CustomerDirectory,
    private readonly provider: PaymentProvider,
    private readonly clock: Clock,
    private readonly sleep: Sleep,
    private readonly log: Log,
    private readonly limits: CreateTopUpLimits,
    private readonly prices: UnitPrices,
  ) {}

  async run(request: CreateTopUp): Promise<TopUpCreated> {
    const wanted = toTopUp(request, this.prices, this.clock.nowMs());
    const topup = await this.topups.begin(wanted, nextCheckAtMs(fresh(wanted), wanted.createdAtMs));
    if (topup.bodyHash !== wanted.bodyHash) {
      throw keyConflict('This idempotency key was used for another top-up.');
    }
    const answer = answerOf(topup, true);
    if (answer !== null) return answer;
    return this.openPage(topup.id, topup.id !== wanted.id);
  }

  /** Asks Stripe as the only one of the twins, or waits for the one that does. */
  private async openPage(topupId: string, isRepeat: boolean): Promise<TopUpCreated> {
    const waitUntilMs = this.clock.nowMs() + this.limits.twinWaitMs;
    for (;;) {
      const nowMs = this.clock.nowMs();
      if (await this.topups.lock(topupId, nowMs, nowMs + this.limits.lockMs)) {
        return this.askStripe(topupId, isRepeat);
      }
      const topup = await this.topups.read(topupId);
      const answer = topup === null ? null : answerOf(topup, true);
      if (answer !== null) return answer;
      if (nowMs >= waitUntilMs) {
        throw new OrbitError(
          'idempotency_key_in_use',
          'The first request with this idempotency key is still running.',
          { retryAfterSeconds: 1 },
        );
      }
      await this.sleep(this.limits.twinPollMs);
    }
  }

  private async askStripe(topupId: string, isRepeat: boolean): Promise<TopUpCreated> {
    const topup = await this.topups.read(topupId);
    const answer = topup === null ? null : answerOf(topup, true);
    if (topup === null) throw new OrbitError('internal', 'The top-up is gone.');
    if (answer !== null) return answer;
    const session = await this.createSession(topup);
    const nowMs = this.clock.nowMs();
    const due = { createdAtMs: topup.createdAtMs, sessionExpiresAtMs: session.expiresAtMs };
    const saved = await this.topups.saveSession(
      topup.id,
      session,
      nextCheckAtMs(due, nowMs),
      nowMs,
    );
    const created = answerOf(saved, isRepeat);
    if (created === null) throw new OrbitError('internal', 'The payment page was not stored.');
    return created;
  }

  private async createSession(topup: TopUp): Promise<HostedSession> {
    const sessionKey = `orbit-session-${topup.id}-${topup.attempt}`;
    try {
      const customerId = await this.customers.idOf(topup.organizationId, attemptOf(topup));
      return await this.provider.createSession(topup, customerId, sessionKey);
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      if (error.options.isUnknownCustomer)
        await this.customers.replace(topup.organizationId, attemptOf(topup));
      // The same key would bring the same answer again; an unknown outcome must keep its key.
      const attempt = topup.attempt + (error.options.isFinalForKey ? 1 : 0);
      await this.topups.unlock(topup.id, attempt, this.clock.nowMs());
      this.log.warn({ topup_id: topup.id, err: error }, 'stripe opened no payment page');
      throw new OrbitError(
        'payment_provider_error',
        'The payment provider opened no payment page. Repeat with the same idempotency key.',
        { retryAfterSeconds: 1, cause: error },
      );
    }
  }
}

/** The answer of a top-up that has its page; null while there is none. */
function answerOf(topup: TopUp, replayed: boolean): TopUpCreated | null {
  if (topup.checkoutUrl !== null) {
    return { topup_id: topup.id, checkout_url: topup.checkoutUrl, replayed };
  }
  if (topup.state === 'created' || topup.state === 'requires_payment') return null;
  throw keyConflict('The top-up of this idempotency key has ended without a page. Use a new key.');
}

/** Names this attempt in the key of a new customer. */
const attemptOf = ({ id, attempt }: TopUp): string => `${id}-${attempt}`;

const fresh = (topup: TopUp) => ({ createdAtMs: topup.createdAtMs, sessionExpiresAtMs: null });

function toTopUp(request: CreateTopUp, prices: UnitPrices, nowMs: number): TopUp {
  const order = readOrder(request, prices);
  return newTopUp(
    {
      ...order,
      kind: 'hosted',
      successUrl: request.success_url,
      cancelUrl: request.cancel_url,
      paymentMethodId: null,
    },
    nowMs,
  );
}
