import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { midnightMs } from '../../timeline/domain/civil.js';
import { intervalPeriod } from '../../timeline/domain/position.js';
import { withoutPlannedQuantities, withQuantity } from '../../timeline/domain/quantity.js';
import { readNumber } from '../../timeline/domain/terms.js';
import { contains, type PriceInterval } from '../../timeline/domain/timeline.js';
import { instantIn } from '../../billing/domain/read-request.js';
import { against, ok, wrong, type Outcome } from '../../billing/domain/refusals.js';
import type { ChangeFacts, ChangeSubscription } from './change-subscription.js';

/** How many of a fixed fee a subscription pays for: now, with the next period, or from a day on. */
export class ChangeQuantity {
  constructor(private readonly change: ChangeSubscription) {}

  update(call: OrbCall): Promise<OrbAnswer> {
    return this.change.run('update-fixed-fee-quantity', call, (facts) => {
      const { subscription } = facts;
      const quantity = readNumber(call.body['quantity']);
      if (!quantity || quantity.isNegative) return wrong('quantity: must be a number of 0 or more');
      const effective = effectiveOf(call, facts);
      if (!effective.ok) return effective;
      const { interval, fromMs } = effective.value;
      const timeline = withQuantity(
        subscription.timeline,
        interval.id,
        fromMs,
        quantity.toString(),
      );
      return ok({ ...subscription, timeline });
    });
  }

  unschedule(call: OrbCall): Promise<OrbAnswer> {
    return this.change.run('unschedule-fixed-fee-quantity', call, ({ subscription, nowMs }) => {
      const priceId = String(call.body['price_id']);
      const timeline = withoutPlannedQuantities(subscription.timeline, priceId, nowMs);
      if (!timeline) return against(`No change of the quantity of price ${priceId} is planned.`);
      return ok({ ...subscription, timeline });
    });
  }
}

interface Effective {
  readonly interval: PriceInterval;
  readonly fromMs: number;
}

function effectiveOf({ body }: OrbCall, { subscription, nowMs }: ChangeFacts): Outcome<Effective> {
  const { timeline } = subscription;
  const priceId = String(body['price_id']);
  const intervals = timeline.prices.filter(({ price }) => price.id === priceId);
  if (intervals.length === 0) return wrong(`price_id: the subscription has no price ${priceId}`);
  if (intervals.some(({ price }) => price['price_type'] !== 'fixed_price')) {
    return wrong('price_id: must be the price of a fixed fee');
  }
  const date = instantIn(body, 'effective_date', timeline.timezone, null);
  if (!date.ok) return date;
  const hasDate = date.value !== null;
  const option = (body['change_option'] ?? (hasDate ? 'effective_date' : 'immediate')) as string;
  if (option === 'effective_date' && !hasDate) {
    return wrong('effective_date: must be given with the change_option effective_date');
  }
  if (option !== 'effective_date' && hasDate) {
    return wrong('effective_date: goes with the change_option effective_date alone');
  }
  const atMs = date.value ?? nowMs;
  // A day means all of it, so an interval that begins on it counts.
  const interval = intervals.find(
    (one) => contains(one, atMs) || midnightMs(one.startMs, timeline.timezone) === atMs,
  );
  if (!interval) return against('The price is not active then.');
  if (option === 'upcoming_invoice') {
    const period = intervalPeriod(timeline, interval, nowMs);
    if (!period || period.endMs === interval.endMs) return against('The price has no next period.');
    return ok({ interval, fromMs: period.endMs });
  }
  const fromMs = option === 'immediate' ? midnightMs(nowMs, timeline.timezone) : atMs;
  return ok({ interval, fromMs: Math.max(fromMs, interval.startMs) });
}
