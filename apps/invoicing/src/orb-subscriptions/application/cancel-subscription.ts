import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { endedAt, reopened } from '../../timeline/domain/cancel.js';
import { statusAt, termEndMs } from '../../timeline/domain/position.js';
import type { ChangeFacts, ChangeSubscription } from './change-subscription.js';
import { instantIn } from '../../billing/domain/read-request.js';
import { against, ok, wrong, type Outcome } from '../../billing/domain/refusals.js';

/** Ends of subscriptions: now, on a day, with the term, and not after all. */
export class CancelSubscription {
  constructor(private readonly change: ChangeSubscription) {}

  cancel(call: OrbCall): Promise<OrbAnswer> {
    return this.change.run('cancel-subscription', call, async (facts) => {
      const end = endOf(call, facts);
      if (!end.ok) return end;
      const { subscription, nowMs, tx } = facts;
      const { timeline, accountId, id } = subscription;
      if (statusAt(timeline, nowMs) === 'ended') {
        return against('The subscription has ended already.');
      }
      const isPast = end.value < nowMs;
      if (isPast && (await tx.documents.hasPaidAfter(accountId, id, end.value))) {
        return against('cancellation_date: an invoice for a later day was paid already.');
      }
      // An end that was planned before makes way, also for a later one.
      return ok({ ...subscription, timeline: endedAt(reopened(timeline), end.value) });
    });
  }

  /** Takes a cancellation back that has not come yet. */
  unschedule(call: OrbCall): Promise<OrbAnswer> {
    return this.change.run('unschedule-cancellation', call, ({ subscription, nowMs }) => {
      const { timeline } = subscription;
      if (statusAt(timeline, nowMs) !== 'active' || timeline.endMs === null) {
        return against('Only an active subscription with an end in the future can go on.');
      }
      return ok({ ...subscription, timeline: reopened(timeline) });
    });
  }
}

function endOf({ body }: OrbCall, { subscription, nowMs }: ChangeFacts): Outcome<number> {
  const { timeline } = subscription;
  const option = String(body['cancel_option']);
  const date = instantIn(body, 'cancellation_date', timeline.timezone, null);
  if (!date.ok) return date;
  if (option !== 'requested_date' && date.value !== null) {
    return wrong('cancellation_date: goes with the cancel_option requested_date alone');
  }
  if (statusAt(timeline, nowMs) === 'upcoming') {
    if (option === 'immediate') return ok(timeline.startMs);
    return against('A subscription that has not begun can be cancelled with immediate alone.');
  }
  switch (option) {
    case 'immediate':
      return ok(nowMs);
    case 'end_of_subscription_term':
      return ok(termEndMs(timeline, nowMs));
    default:
      if (date.value === null) {
        return wrong('cancellation_date: must be given with the cancel_option requested_date');
      }
      if (date.value < timeline.startMs) {
        return wrong('cancellation_date: must not be before the subscription begins');
      }
      return ok(date.value);
  }
}
