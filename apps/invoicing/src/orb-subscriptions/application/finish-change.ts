import type { OrbAnswer } from '@orbit/contracts';
import { newId } from '@orbit/kernel';
import { answered, refused } from '@orbit/orb-api';
import { decimal } from '@orbit/pricing';
import type { BillingCustomer, Subscription } from '../../billing/domain/subscription.js';
import { asMutated } from '../domain/subscription-view.js';
import type { ChangeCall } from './pending-ports.js';
import { toPendingChange } from './pending-view.js';
import type { ChangeTransaction } from './ports.js';

type Fields = Readonly<Record<string, unknown>>;

/** From the request until a pending change can be applied no more, in account time. */
export const PENDING_MS = 24 * 60 * 60 * 1_000;

/** A change that is decided and may be written. */
export interface DecidedChange {
  readonly tx: ChangeTransaction;
  readonly call: ChangeCall;
  readonly operation: string;
  readonly after: Subscription;
  readonly customer: BillingCustomer;
  readonly nowMs: number;
  readonly successStatus: number;
  /** Writes it all, and answers the subscription as it then is. */
  readonly carryOut: () => Promise<Fields>;
  /** The subscription as it is without the change; null: there is none. */
  readonly showNow: () => Promise<Fields | null>;
}

/**
 * Carries a change out, keeps it as a pending one, or applies one that was kept. A pending change is carried out and
 * rolled back, so that what it shows is what it would do.
 */
export async function finishChange(change: DecidedChange): Promise<OrbAnswer> {
  const { call, successStatus } = change;
  if (call.is_pending === true) return hold(change);
  if (call.applies) return apply(change, call.applies);
  if (call.shows_changes !== true)
    return answered(successStatus, asMutated(await change.carryOut()));
  return answered(successStatus, await shownWithChanges(change));
}

async function shownWithChanges({ tx, after, carryOut }: DecidedChange): Promise<Fields> {
  const { accountId, id } = after;
  const before = await tx.documents.mark(accountId, id);
  const shown = await carryOut();
  return { ...shown, changed_resources: await tx.documents.changedSince(accountId, id, before) };
}

async function hold(change: DecidedChange): Promise<OrbAnswer> {
  const { tx, call, operation, after, nowMs, successStatus } = change;
  const { accountId, id: subscriptionId, customerId } = after;
  const known = await tx.pending.ofSubscriptions(accountId, [subscriptionId], nowMs);
  const other = known.get(subscriptionId);
  if (other !== undefined) {
    const detail = `The subscription has the pending change ${other}: apply or cancel it first.`;
    return refused({ code: 'constraint_violation', detail });
  }
  const now = await change.showNow();
  const preview = await tx.rolledBack(() => shownWithChanges(change));
  const id = newId('subc', nowMs);
  const pending = { pending_subscription_change: { id } };
  await tx.pending.insert({
    ...{ accountId, id, customerId, subscriptionId, operation, status: 'pending' },
    call: { path: call.path, query: call.query, body: call.body },
    shown: { ...preview, ...pending },
    createdAt: new Date(nowMs),
    expiresAt: new Date(nowMs + PENDING_MS),
    ...{ appliedAt: null, cancelledAt: null },
  });
  const { changed_resources } = preview;
  return answered(successStatus, { ...(now ?? preview), ...pending, changed_resources });
}

async function apply(
  change: DecidedChange,
  { changeId, collected, description, payment }: NonNullable<ChangeCall['applies']>,
): Promise<OrbAnswer> {
  const { tx, after, customer, nowMs, carryOut } = change;
  const { accountId, id } = after;
  const pending = await tx.pending.lock(accountId, changeId, nowMs);
  if (pending?.status !== 'pending') {
    const detail = `The change is ${pending?.status ?? 'gone'}: it cannot be applied.`;
    return refused({ code: 'constraint_violation', detail });
  }
  const { documents } = tx;
  const before = await documents.mark(accountId, id);
  const amount = decimal(collected ?? '0');
  // Before the documents are issued: they take it.
  if (payment === null) await documents.credit(after, customer, amount, description, nowMs);
  const shown = await carryOut();
  if (payment !== null) {
    const paid = await documents.payNew(accountId, id, before, payment, nowMs);
    const rest = amount.minus(paid);
    if (!rest.isNegative) await documents.credit(after, customer, rest, description, nowMs);
  }
  const changed_resources = await documents.changedSince(accountId, id, before);
  const applied = {
    ...pending,
    status: 'applied' as const,
    appliedAt: new Date(nowMs),
    shown: { ...shown, pending_subscription_change: null, changed_resources },
  };
  await tx.pending.save(applied);
  return answered(200, toPendingChange(applied));
}
