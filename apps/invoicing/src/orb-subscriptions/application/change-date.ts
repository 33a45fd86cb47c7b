import { statusAt, termEndMs } from '../../timeline/domain/position.js';
import { instantIn } from '../../billing/domain/read-request.js';
import { against, ok, wrong, type Outcome } from '../../billing/domain/refusals.js';
import type { ChangeFacts } from './change-subscription.js';

type Fields = Readonly<Record<string, unknown>>;

/** When a change counts: `change_option` with `change_date`; never before the subscription begins or after it ends. */
export function changeDateOf(
  body: Fields,
  { subscription, nowMs }: Pick<ChangeFacts, 'subscription' | 'nowMs'>,
): Outcome<number> {
  const { timeline } = subscription;
  const option = String(body['change_option']);
  const date = instantIn(body, 'change_date', timeline.timezone, null);
  if (!date.ok) return date;
  if (option !== 'requested_date' && date.value !== null) {
    return wrong('change_date: goes with the change_option requested_date alone');
  }
  const status = statusAt(timeline, nowMs);
  if (status === 'ended') return against('The subscription has ended already.');
  const nowOrStart = Math.max(nowMs, timeline.startMs);
  if (option === 'immediate') return ok(nowOrStart);
  if (option === 'end_of_subscription_term') return ok(termEndMs(timeline, nowOrStart));
  if (date.value === null) {
    return wrong('change_date: must be given with the change_option requested_date');
  }
  if (date.value < timeline.startMs) {
    return wrong('change_date: must not be before the subscription begins');
  }
  if (timeline.endMs !== null && date.value > timeline.endMs) {
    return wrong('change_date: must not be after the subscription ends');
  }
  return ok(date.value);
}
