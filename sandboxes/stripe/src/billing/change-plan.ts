import { periodEnd, prorate } from './billing-period.js';
import type { LineDraft, Price, Subscription, SubscriptionItem } from './billing-objects.js';
import { buildSubscriptionItem } from './build-subscription.js';
import type { Metadata } from '../http/json.js';
import { invalidRequest, StripeError } from '../http/stripe-error.js';
import { collectInvoice } from './collect.js';
import { needLiving } from '../customers/customers.js';
import { createInvoice, finalizeInvoice } from '../invoices/invoices.js';
import { productName } from './prices.js';
import { changeSubscription } from './subscription-state.js';
import { amountOf, fullLine, planNext, sharedRecurring } from './subscriptions.js';
import type { Work } from '../world/work.js';

export interface ItemChange {
  /** Null: an item that is added. */
  readonly id: string | null;
  readonly price: Price | null;
  readonly quantity: number | null;
  readonly metadata: Metadata | null;
  readonly isDeleted: boolean;
}

export interface PlanChange {
  readonly items: readonly ItemChange[];
  readonly prorationBehavior: 'create_prorations' | 'always_invoice' | 'none';
  readonly prorationDate: number | null;
  readonly paymentBehavior: 'allow_incomplete' | 'error_if_incomplete';
  /** Begin a new period now whatever the interval. */
  readonly isAnchorNow: boolean;
}

type Items = readonly SubscriptionItem[];

/** The result of a change of items: the items after it and the prorated lines that it causes. */
export interface PlannedChange {
  readonly items: Items;
  readonly prorations: readonly LineDraft[];
  /** The interval changes, or it was asked for: a new period begins now and is billed at once. */
  readonly isReset: boolean;
}

export async function planChange(
  work: Work,
  subscription: Subscription,
  change: PlanChange,
): Promise<PlannedChange> {
  const before = subscription.items.data;
  const replaced = before.flatMap((item) => {
    const given = change.items.find((each) => each.id === item.id);
    if (given === undefined) return [item];
    return given.isDeleted ? [] : [applyTo(work, item, given)];
  });
  const [first] = before;
  const start = first?.current_period_start ?? work.now;
  const end = first?.current_period_end ?? work.now;
  const added = change.items
    .filter((given) => given.id === null)
    .map((given) => newItem(work, subscription, given, start, end));
  const after = [...replaced, ...added];
  if (after.length === 0) {
    throw invalidRequest(
      'A subscription must have at least one active plan. To cancel it, cancel the subscription.',
      { param: 'items' },
    );
  }
  const recurring = sharedRecurring(after);
  const old = first?.price.recurring;
  const isReset =
    change.isAnchorNow ||
    recurring.interval !== old?.interval ||
    recurring.interval_count !== old.interval_count;
  const isFree = subscription.status === 'trialing';
  const at = change.prorationDate ?? work.now;
  const prorations =
    change.prorationBehavior === 'none' || isFree
      ? []
      : await prorateChange(work, { before, after, at, start, end, isReset });
  if (!isReset || isFree) return { items: after, prorations, isReset: false };
  const next = periodEnd(work.now, recurring, work.now);
  const moved = after.map((item) => ({
    ...item,
    current_period_start: work.now,
    current_period_end: next,
  }));
  return { items: moved, prorations, isReset: true };
}

/** Changes the items of a subscription and bills what that comes to, now or with the next invoice. */
export async function applyChange(
  work: Work,
  subscription: Subscription,
  change: PlanChange,
  others: Partial<Subscription>,
): Promise<Subscription> {
  const planned = await planChange(work, subscription, change);
  const { secret } = await work.need('subscription', subscription.id);
  const pending = [...secret.pending, ...planned.prorations];
  const changed = await changeSubscription(work, subscription, {
    ...others,
    items: { ...subscription.items, data: planned.items },
    ...(planned.isReset ? { billing_cycle_anchor: work.now } : {}),
  });
  const isBilled =
    planned.isReset || (change.prorationBehavior === 'always_invoice' && pending.length > 0);
  await work.tx.save('subscription', changed, { pending: isBilled ? [] : pending });
  await planNext(work, changed);
  if (!isBilled) return changed;
  const drafts: LineDraft[] = [...pending];
  if (planned.isReset) {
    for (const item of planned.items) drafts.push(await fullLine(work, item, false));
  }
  return billChange(work, changed, drafts, change);
}

async function billChange(
  work: Work,
  subscription: Subscription,
  drafts: readonly LineDraft[],
  change: PlanChange,
): Promise<Subscription> {
  const draft = await createInvoice(work, {
    reason: 'subscription_update',
    customer: await needLiving(work, subscription.customer),
    subscription,
    drafts,
    periodStart: work.now,
    periodEnd: work.now,
    finalizesAt: null,
  });
  await changeSubscription(work, subscription, { latest_invoice: draft.id });
  const invoice = await finalizeInvoice(work, draft);
  const isCollected = invoice.collection_method === 'charge_automatically';
  if (invoice.status === 'open' && isCollected) {
    const result = await collectInvoice(work, invoice);
    const isPaid = result?.kind === 'succeeded' || result?.kind === 'processing';
    if (!isPaid && change.paymentBehavior === 'error_if_incomplete') {
      const decline = result?.kind === 'declined' ? result.decline : null;
      throw new StripeError(402, 'card_error', decline?.message ?? 'The payment failed.', {
        code: decline?.code ?? 'subscription_payment_intent_requires_action',
        ...(decline?.declineCode ? { declineCode: decline.declineCode } : {}),
      });
    }
  }
  return (await work.need('subscription', subscription.id)).body;
}

function applyTo(work: Work, item: SubscriptionItem, given: ItemChange): SubscriptionItem {
  const price = given.price ?? item.price;
  const rebuilt = buildSubscriptionItem({
    id: item.id,
    created: work.now,
    metadata: given.metadata ?? item.metadata,
    price,
    quantity: given.quantity ?? item.quantity,
    subscription: item.subscription,
    start: item.current_period_start,
    end: item.current_period_end,
  });
  return { ...rebuilt, created: item['created'] };
}

function newItem(
  work: Work,
  subscription: Subscription,
  given: ItemChange,
  start: number,
  end: number,
): SubscriptionItem {
  if (given.price === null) {
    throw invalidRequest('Missing required param: items[0][price].', {
      code: 'parameter_missing',
      param: 'items[0][price]',
    });
  }
  return buildSubscriptionItem({
    id: work.ids.next('si_', 14),
    created: work.now,
    metadata: given.metadata ?? {},
    price: given.price,
    quantity: given.quantity ?? 1,
    subscription: subscription.id,
    start,
    end,
  });
}

/** Credits what of the period is left of the old items, and charges it for the new ones. */
async function prorateChange(
  work: Work,
  given: {
    readonly before: Items;
    readonly after: Items;
    readonly at: number;
    readonly start: number;
    readonly end: number;
    readonly isReset: boolean;
  },
): Promise<readonly LineDraft[]> {
  const { before, after, at, start, end, isReset } = given;
  const isSame = (a: SubscriptionItem, b: SubscriptionItem | undefined): boolean =>
    b !== undefined && a.price.id === b.price.id && a.quantity === b.quantity;
  const lines: LineDraft[] = [];
  const add = async (item: SubscriptionItem, sign: -1 | 1): Promise<void> => {
    const amount = prorate(sign * amountOf(item), end - at, end - start);
    const name = await productName(work, item.price.product);
    const times = item.quantity > 1 ? `${item.quantity} × ` : '';
    const what = sign < 0 ? 'Unused time on' : 'Remaining time on';
    lines.push({
      amount,
      description: `${what} ${times}${name} after ${dayOf(at)}`,
      isProration: true,
      item: item.id,
      price: item.price.id,
      product: item.price.product,
      quantity: item.quantity,
      unitAmount: item.price.unit_amount,
      start: at,
      end,
    });
  };
  for (const item of before) {
    const later = after.find((each) => each.id === item.id);
    if (isReset || !isSame(item, later)) await add(item, -1);
  }
  if (isReset) return lines;
  for (const item of after) {
    const earlier = before.find((each) => each.id === item.id);
    if (!isSame(item, earlier)) await add(item, 1);
  }
  return lines;
}

function dayOf(seconds: number): string {
  const options = { day: '2-digit', month: 'short', year: 'numeric', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat('en-GB', options).format(new Date(seconds * 1_000));
}
