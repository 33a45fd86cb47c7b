import { prorate } from '../billing/billing-period.js';
import type { Price, Subscription } from '../billing/billing-objects.js';
import { displayMinor } from '../payments/amount.js';
import type { PortalSession } from '../world/objects.js';
import { invalidRequest, StripeError } from '../http/stripe-error.js';
import { applyChange, type PlanChange } from '../billing/change-plan.js';
import { useTimeOf } from '../controls/clocks.js';
import { needLiving } from '../customers/customers.js';
import type { PortalResult } from './portal.js';
import { productName } from '../billing/prices.js';
import { isOver } from '../billing/subscription-state.js';
import type { Work } from '../world/work.js';

/** A change that the merchant has prepared and the customer only confirms. */
export interface PreparedUpdate {
  readonly subscription: string;
  readonly items: readonly { readonly id: string; readonly price: string; quantity?: number }[];
}

/** The question that the page asks the customer to confirm. */
export interface UpdateQuestion {
  readonly name: string;
  /** Per period, as people read it. */
  readonly price: string;
  readonly dueToday: string;
}

/** Null: this link does something else. */
export function preparedUpdate(session: PortalSession): PreparedUpdate | null {
  return (session.flow?.['subscription_update_confirm'] ?? null) as PreparedUpdate | null;
}

/** Refuses what the customer could not confirm. */
export async function checkUpdate(
  work: Work,
  customer: string,
  update: PreparedUpdate,
): Promise<void> {
  const { body: subscription } = await work.need('subscription', update.subscription);
  const param = 'flow_data[subscription_update_confirm][subscription]';
  const isTheirs = subscription.customer === customer && !isOver(subscription);
  if (!isTheirs) throw invalidRequest(`No such subscription: ${update.subscription}`, { param });
  if (['past_due', 'unpaid', 'incomplete'].includes(subscription.status)) {
    const message = `This subscription cannot be updated because its status is ${subscription.status}.`;
    throw invalidRequest(message, { param });
  }
  await readChange(work, subscription, update);
}

export async function readQuestion(work: Work, update: PreparedUpdate): Promise<UpdateQuestion> {
  const { body: subscription } = await work.need('subscription', update.subscription);
  await useTimeOf(work, await needLiving(work, subscription.customer));
  const { price, before } = await readChange(work, subscription, update);
  const { current_period_start: start, current_period_end: end } = before;
  const left = (amount: number): number => prorate(amount, end - work.now, end - start);
  const due = left(price.unit_amount) + left(-before.price.unit_amount);
  const interval = price.recurring?.interval ?? 'month';
  return {
    name: await productName(work, price.product),
    price: `${displayMinor(price.unit_amount, price.currency)} per ${interval}`,
    dueToday: displayMinor(Math.max(0, due), price.currency),
  };
}

/** The difference is paid at once, or nothing changes. */
export async function confirmUpdate(work: Work, update: PreparedUpdate): Promise<PortalResult> {
  const { body: subscription } = await work.lock('subscription', update.subscription);
  await useTimeOf(work, await needLiving(work, subscription.customer));
  if (isOver(subscription)) return { kind: 'declined', message: 'This subscription has ended.' };
  const { change } = await readChange(work, subscription, update);
  try {
    await applyChange(work, subscription, change, {});
    return { kind: 'saved' };
  } catch (error) {
    // The transaction is over with it: nothing has changed.
    if (error instanceof StripeError && error.status === 402) throw new UpdateDeclined(error);
    throw error;
  }
}

/** A payment that failed takes the whole change back. */
export class UpdateDeclined extends Error {
  constructor(cause: StripeError) {
    super(cause.message, { cause });
  }
}

async function readChange(work: Work, subscription: Subscription, update: PreparedUpdate) {
  const [item] = update.items;
  const before = subscription.items.data.find(({ id }) => id === item?.id);
  if (item === undefined || before === undefined) {
    throw invalidRequest(`No such subscription_item: '${item?.id ?? ''}'`, {
      param: 'flow_data[subscription_update_confirm][items][0][id]',
    });
  }
  const { body: price }: { body: Price } = await work.need('price', item.price);
  const change: PlanChange = {
    items: [
      { id: item.id, price, quantity: item.quantity ?? null, metadata: null, isDeleted: false },
    ],
    prorationBehavior: 'always_invoice',
    prorationDate: null,
    paymentBehavior: 'error_if_incomplete',
    isAnchorNow: false,
  };
  return { before, price, change };
}
