import { periodEnd } from './billing-period.js';
import type { Invoice, LineDraft, Price, Subscription } from './billing-objects.js';
import { buildSubscription, buildSubscriptionItem } from './build-subscription.js';
import { displayMinor } from '../payments/amount.js';
import type { Metadata } from '../http/json.js';
import type { Customer } from '../world/objects.js';
import { invalidRequest } from '../http/stripe-error.js';
import { createInvoice, finalizeInvoice } from '../invoices/invoices.js';
import { productName } from './prices.js';
import type { Work } from '../world/work.js';

const INCOMPLETE_SECONDS = 23 * 3_600;

export interface NewItem {
  readonly price: Price;
  readonly quantity: number;
  readonly metadata: Metadata;
}

export interface NewSubscription {
  readonly customer: Customer;
  readonly items: readonly NewItem[];
  readonly collectionMethod: Subscription['collection_method'];
  readonly daysUntilDue: number | null;
  readonly defaultPaymentMethod: string | null;
  readonly description: string | null;
  readonly metadata: Metadata;
  readonly saveDefaultPaymentMethod: 'off' | 'on_subscription';
  /** Unix seconds; null: it is paid from the start. */
  readonly trialEnd: number | null;
  /** A payment that Checkout has made already, or one that is under way there. */
  readonly adopted: { readonly intent: string | null } | null;
}

export interface Started {
  readonly subscription: Subscription;
  readonly invoice: Invoice;
}

/** Makes a subscription and its first invoice, which is final at once. Whoever asked collects it. */
export async function startSubscription(work: Work, given: NewSubscription): Promise<Started> {
  const recurring = sharedRecurring(given.items);
  const id = work.id('subscription');
  const start = work.now;
  const isTrial = given.trialEnd !== null;
  const anchor = given.trialEnd ?? start;
  const end = given.trialEnd ?? periodEnd(anchor, recurring, start);
  const items = given.items.map((item) =>
    buildSubscriptionItem({
      ...item,
      id: work.ids.next('si_', 14),
      created: start,
      subscription: id,
      start,
      end,
    }),
  );
  const total = isTrial ? 0 : given.items.reduce((sum, item) => sum + amountOf(item), 0);
  const isOpen = total > 0 && given.adopted === null && given.collectionMethod !== 'send_invoice';
  const made = buildSubscription({
    ...given,
    id,
    created: start,
    anchor,
    currency: given.items[0]?.price.currency ?? '',
    items,
    status: isOpen ? 'incomplete' : isTrial ? 'trialing' : 'active',
  });
  await work.tx.insert('subscription', made, { pending: [] });
  work.emit('customer.subscription.created', made);
  const drafts: LineDraft[] = [];
  for (const item of made.items.data) {
    drafts.push(await fullLine(work, item, isTrial));
  }
  const invoice = await createInvoice(work, {
    reason: 'subscription_create',
    customer: given.customer,
    subscription: made,
    drafts,
    periodStart: start,
    periodEnd: start,
    finalizesAt: null,
  });
  const subscription = await work.patch('subscription', made, { latest_invoice: invoice.id });
  const final = await finalizeInvoice(work, invoice, given.adopted?.intent ?? null);
  await planNext(work, subscription);
  return { subscription, invoice: final };
}

/** Stripe's rule: what is billed together is billed at the same times, in one currency. */
export function sharedRecurring(items: readonly NewItem[]): NonNullable<Price['recurring']> {
  const [first] = items;
  const recurring = first?.price.recurring ?? null;
  if (recurring === null) {
    throw invalidRequest(
      'The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.',
      { param: 'items[0][price]' },
    );
  }
  for (const [index, { price }] of items.entries()) {
    const isSame =
      price.recurring?.interval === recurring.interval &&
      price.recurring.interval_count === recurring.interval_count &&
      price.currency === first?.price.currency;
    if (isSame) continue;
    throw invalidRequest(
      'Currency and interval fields must match across all plans on this subscription.',
      { param: `items[${index}][price]` },
    );
  }
  return recurring;
}

export const amountOf = (item: { readonly price: Price; readonly quantity: number }): number =>
  item.price.unit_amount * item.quantity;

/** A whole period of an item, or its free one. */
export async function fullLine(
  work: Work,
  item: Subscription['items']['data'][number],
  isFree: boolean,
): Promise<LineDraft> {
  const { price, quantity } = item;
  const name = await productName(work, price.product);
  const each = displayMinor(price.unit_amount, price.currency);
  const interval = price.recurring?.interval ?? 'month';
  return {
    amount: isFree ? 0 : amountOf(item),
    description: isFree
      ? `Trial period for ${name}`
      : `${quantity} × ${name} (at ${each} / ${interval})`,
    isProration: false,
    item: item.id,
    price: price.id,
    product: price.product,
    quantity,
    unitAmount: isFree ? 0 : price.unit_amount,
    start: item.current_period_start,
    end: item.current_period_end,
  };
}

/** When something happens to it by itself: the end of its period, its own end, or that it was never paid. */
export async function planNext(work: Work, subscription: Subscription): Promise<void> {
  const end = subscription.items.data[0]?.current_period_end ?? work.now;
  const at =
    subscription.status === 'incomplete'
      ? subscription.created + INCOMPLETE_SECONDS
      : Math.min(end, subscription.cancel_at ?? end);
  await work.plan('renew_subscription', subscription.id, at * 1_000);
}
