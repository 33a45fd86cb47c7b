import { OrbitError, type TopUpView } from '@orbit/contracts';
import { newId, invariant, type Clock } from '@orbit/kernel';
import { centsFloor, requireAmount } from '@orbit/money';
import type { CaughtUp } from '../wallets/caught-up.js';
import type { Principal } from '../../edge/ports.js';
import type { Clients } from '../../edge/rpc/clients.js';
import { paidFor } from './paid-for.js';

export interface TopUpNowOrder {
  readonly amountMinor: number;
  /** As the caller writes it; absent: the wallet's. */
  readonly currency: string | undefined;
  readonly returnUrl: string | undefined;
  /** Absent: this request is a payment of its own. */
  readonly idempotencyKey: string | undefined;
}

export interface TopUpNowResult {
  readonly topup: TopUpView;
  /** The credit is in the ledger, and `balanceMinor` includes it. */
  readonly isBooked: boolean;
  readonly balanceMinor: number;
}

export interface BookingWait {
  readonly timeoutMs: number;
  readonly pollMs: number;
  readonly sleep: (ms: number) => Promise<void>;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Tops up by the default payment method, and waits a little until the ledger has booked it. */
export class TopUpNow {
  constructor(
    private readonly clients: Pick<Clients, 'topUps' | 'wallets' | 'transactions'>,
    private readonly caughtUp: CaughtUp,
    private readonly clock: Clock,
    private readonly wait: BookingWait,
  ) {}

  /** Errors: `payment_declined`, `payment_action_required`, `payment_method_required`, each with what to do. */
  async run(principal: Principal, order: TopUpNowOrder): Promise<TopUpNowResult> {
    const paid = paidFor(principal, order.currency);
    const topup = await this.clients.topUps.charge({
      organization_id: principal.organizationId,
      amount_minor: order.amountMinor,
      ...paid,
      idempotency_key: order.idempotencyKey ?? newId('req', this.clock.nowMs()),
      ...(order.returnUrl === undefined ? {} : { return_url: order.returnUrl }),
    });
    refuse(topup);
    const isBooked = isPaid(topup) && (await this.untilBooked(principal, topup));
    return { topup, isBooked, balanceMinor: await this.balanceOf(principal) };
  }

  private async untilBooked(principal: Principal, topup: TopUpView): Promise<boolean> {
    const { timeoutMs, pollMs, sleep } = this.wait;
    for (let waitedMs = 0; ; waitedMs += pollMs) {
      if (await this.isBooked(principal, topup)) return true;
      if (waitedMs >= timeoutMs) return false;
      await sleep(pollMs);
    }
  }

  private async isBooked({ organizationId, currency }: Principal, topup: TopUpView) {
    const createdMs = Date.parse(topup.created_at);
    const page = await this.clients.transactions.list({
      organization_id: organizationId,
      currency,
      type: 'topup',
      limit: 100,
      // The clocks of two services differ a little.
      from: new Date(createdMs - 5 * MINUTE_MS).toISOString(),
      to: new Date(createdMs + DAY_MS).toISOString(),
    });
    return page.transactions.some(({ reference }) => reference === topup.reference);
  }

  private async balanceOf(principal: Principal): Promise<number> {
    const { organizationId, currency } = principal;
    const wallet = await this.clients.wallets.read({ organization_id: organizationId, currency });
    invariant(wallet, `the organization ${organizationId} has a wallet in its currency`);
    // Only so that a charge sent next finds the credit: it is paid for, whether Redis is there or not.
    await this.caughtUp.read(principal, wallet).catch(whenUnavailable);
    return Number(centsFloor(requireAmount(wallet.balance), currency));
  }
}

/** Without Redis there is nothing to wait for. Any other error is thrown on. */
function whenUnavailable(error: unknown): null {
  if (error instanceof OrbitError && error.code === 'unavailable') return null;
  throw error;
}

const isPaid = ({ state }: TopUpView): boolean =>
  ['succeeded', 'refunded_partially', 'refunded', 'disputed'].includes(state);

/** A payment that came to nothing, or that waits for a person, is the caller's to see to. */
function refuse(topup: TopUpView): void {
  const ids = { topup_id: topup.topup_id, payment_id: topup.payment_intent_id };
  if (topup.state === 'requires_action') {
    const message =
      'The bank wants its customer to authenticate this payment. Send the person to details.url.';
    throw new OrbitError('payment_action_required', message, {
      details: { ...ids, url: topup.action_url },
    });
  }
  if (topup.state !== 'failed' && topup.state !== 'expired') return;
  const reason = topup.reason ?? topup.state;
  throw new OrbitError('payment_declined', `The payment was not made: ${reason}.`, {
    details: { ...ids, decline_code: reason },
  });
}
