import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import {
  answered,
  invalid,
  notFound,
  NOT_A_CURSOR,
  pageOf,
  pageQueryOf,
  refused,
  type Changes,
} from '@orbit/orb-api';
import { parseDecimal } from '@orbit/pricing';
import { against, ok, wrong, type Outcome } from '../../billing/domain/refusals.js';
import { dateAt } from '../../timeline/domain/civil.js';
import { readInstant } from '../../timeline/domain/read-instant.js';
import type { PaidElsewhere } from '../domain/payment-elsewhere.js';
import type { ChangeCall, PendingChange, PendingChanges, PendingStatus } from './pending-ports.js';
import { toListedChange, toPendingChange } from './pending-view.js';
import type { ChangeTransaction } from './ports.js';

const LIST = 'list-subscription-changes';
const idOf = ({ path }: OrbCall): string => path['subscription_change_id'] ?? '';

/** The handlers of operations that were kept, by the operation's id in the contract. */
export type ChangeHandlers = Readonly<Record<string, (call: ChangeCall) => Promise<OrbAnswer>>>;

/** Changes of subscriptions that wait. Errors: the database's own; refusals are answers. */
export class ServePendingChanges {
  constructor(
    private readonly pending: PendingChanges,
    private readonly changes: Changes<ChangeTransaction>,
    private readonly clock: AccountClock,
    private readonly handlers: ChangeHandlers,
  ) {}

  async list(call: OrbCall): Promise<OrbAnswer> {
    const page = pageQueryOf(LIST, call);
    if (!page) return invalid(NOT_A_CURSOR);
    const text = (name: string): string | null => {
      const value = call.query[name];
      return typeof value === 'string' ? value : null;
    };
    const query = {
      ...page,
      customerId: text('customer_id'),
      externalCustomerId: text('external_customer_id'),
      status: text('status') as PendingStatus | null,
    };
    const rows = await this.pending.list(query, await this.clock.nowMs(call.account.id));
    return pageOf(LIST, call, page, rows, toListedChange);
  }

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    const found = await this.read(call);
    return found ? answered(200, toPendingChange(found)) : missing(call);
  }

  cancel(call: OrbCall): Promise<OrbAnswer> {
    return this.changes.run(call, async (tx) => {
      const nowMs = await this.clock.nowMs(call.account.id);
      const found = await tx.pending.lock(call.account.id, idOf(call), nowMs);
      if (!found) return missing(call);
      if (found.status !== 'pending') return refusedAs(found, 'cancelled');
      const cancelled = { ...found, status: 'cancelled' as const, cancelledAt: new Date(nowMs) };
      await tx.pending.save(cancelled);
      return answered(200, toPendingChange(cancelled));
    });
  }

  /** The request that was kept is carried out as if it came now, in one transaction with the mark that it is. */
  async apply(call: OrbCall): Promise<OrbAnswer> {
    const found = await this.read(call);
    if (!found) return missing(call);
    const handler = this.handlers[found.operation];
    // A repeat under the same key is answered as the first one was, so the state is looked at in its transaction.
    if (!handler || (found.status !== 'pending' && call.idempotency === null)) {
      return refusedAs(found, 'applied');
    }
    const payment = paymentIn(call, await this.clock.nowMs(call.account.id));
    if (!payment.ok) return refused(payment.refusal);
    return handler({
      ...{ account: call.account, customer: null, idempotency: call.idempotency },
      ...found.call,
      applies: {
        ...{ changeId: found.id, subscriptionId: found.subscriptionId },
        ...payment.value,
      },
    });
  }

  private async read(call: OrbCall): Promise<PendingChange | null> {
    const nowMs = await this.clock.nowMs(call.account.id);
    return this.pending.read(call.account.id, idOf(call), nowMs);
  }
}

const missing = (call: OrbCall): OrbAnswer => refused(notFound('subscription change', idOf(call)));

function refusedAs({ status }: PendingChange, wanted: string): OrbAnswer {
  const outcome = against<never>(`The change is ${status}: it cannot be ${wanted}.`);
  return refused((outcome as Extract<typeof outcome, { ok: false }>).refusal);
}

interface Payment {
  readonly collected: string | null;
  readonly description: string | null;
  readonly payment: PaidElsewhere | null;
}

/** Fields that say of what a payment was; they go with `mark_as_paid` alone. */
const PAYMENT_FIELDS = ['payment_received_date', 'payment_external_id', 'payment_notes'] as const;

function paymentIn({ body, account }: OrbCall, nowMs: number): Outcome<Payment> {
  const text = (name: string): string | null => (body[name] ?? null) as string | null;
  const collected = text('previously_collected_amount');
  const amount = collected === null ? null : parseDecimal(collected);
  if (collected !== null && (amount === null || amount.isNegative)) {
    return wrong('previously_collected_amount: must be a decimal number of 0 or more');
  }
  const description = text('description');
  if (body['mark_as_paid'] !== true) {
    const strange = PAYMENT_FIELDS.find((name) => text(name) !== null);
    if (strange !== undefined) return wrong(`${strange}: goes with mark_as_paid alone`);
    return ok({ collected, description, payment: null });
  }
  const { timezone } = account;
  const receivedDate = text('payment_received_date') ?? dateAt(nowMs, timezone).toString();
  const receivedMs = readInstant(receivedDate, timezone);
  if (receivedMs === null) {
    return wrong('payment_received_date: must be a day of the years 1 to 9999');
  }
  const payment = {
    ...{ receivedMs, receivedDate, externalId: text('payment_external_id') },
    notes: text('payment_notes'),
  };
  return ok({ collected, description, payment });
}
