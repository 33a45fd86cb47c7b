import type { PlanState, SavedMethodView } from '@orbit/contracts';

/** A price of the catalogue, as Stripe's price names it in its metadata. */
export interface KnownPrice {
  readonly priceId: string;
  readonly planId: string;
  readonly amountMinor: number;
}

/** A subscription as Stripe has it now. */
export interface SubscriptionSnapshot {
  readonly id: string;
  /** Null: made by somebody else. */
  readonly organizationId: string | null;
  readonly customerId: string | null;
  /** The one beside which it was bought a second time; null: it counts. */
  readonly duplicateOf: string | null;
  readonly status: string;
  readonly startMs: number;
  readonly endedMs: number | null;
  readonly periodStartMs: number;
  /** First instant after the period. */
  readonly periodEndMs: number;
  readonly cancelAtPeriodEnd: boolean;
  readonly itemId: string;
  /** The price of the next period; null: a price outside our catalogue. */
  readonly price: KnownPrice | null;
  readonly stripePriceId: string;
  /** After a downgrade: what was paid for, and until when it holds. */
  readonly held: HeldPrice | null;
  readonly paymentMethod: SavedMethodView | null;
}

export interface HeldPrice extends KnownPrice {
  readonly stripePriceId: string;
  readonly untilMs: number;
}

/** An invoice of a subscription as Stripe has it now. */
export interface InvoiceSnapshot {
  readonly id: string;
  readonly subscriptionId: string;
  readonly number: string | null;
  readonly amountMinor: number;
  readonly currency: string;
  readonly status: string;
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  readonly pdfUrl: string | null;
  readonly createdMs: number;
}

/** Such a subscription is over, or never began. */
const OVER: readonly string[] = ['canceled', 'incomplete', 'incomplete_expired'];

export const isLive = ({ status }: SubscriptionSnapshot): boolean => !OVER.includes(status);

/**
 * Of several live ones of an organization the first one counts: two pages that were open at once made the others.
 * Null: none is left over.
 */
export function keptOf(live: readonly SubscriptionSnapshot[]): SubscriptionSnapshot | null {
  const [first, second] = [...live].sort((a, b) => a.startMs - b.startMs || (a.id < b.id ? -1 : 1));
  return first !== undefined && second !== undefined ? first : null;
}

/** The paid price of a downgraded subscription holds until its period ends, whatever Stripe bills next. */
export function holdOf(seen: SubscriptionSnapshot): HeldPrice | null {
  return seen.held !== null && seen.periodStartMs < seen.held.untilMs ? seen.held : null;
}

/** The price whose terms hold in the current period. */
export const presentPrice = (seen: SubscriptionSnapshot): KnownPrice | null =>
  holdOf(seen) ?? seen.price;

/** Null: not of our catalogue. */
export function planState(seen: SubscriptionSnapshot): PlanState | null {
  const present = presentPrice(seen);
  if (present === null) return null;
  return {
    subscription_id: seen.id,
    plan_id: present.planId,
    price_id: present.priceId,
    status: seen.status,
    current_period_start: new Date(seen.periodStartMs).toISOString(),
    current_period_end: new Date(seen.periodEndMs).toISOString(),
    cancel_at_period_end: seen.cancelAtPeriodEnd,
    pending_plan_id: holdOf(seen) === null ? null : (seen.price?.planId ?? null),
    payment_method: seen.paymentMethod,
  };
}
