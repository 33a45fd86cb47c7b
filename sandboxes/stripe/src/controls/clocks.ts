import type { TestClock } from '../billing/billing-objects.js';
import type { Customer } from '../world/objects.js';
import { invalidRequest, StripeError } from '../http/stripe-error.js';
import type { Work } from '../world/work.js';

const LIFE_SECONDS = 30 * 86_400;
/** Of one clock in one transaction: an advance over years is cut into several. */
export const CLOCK_TASKS_MAX = 20;

export async function createClock(
  work: Work,
  given: { readonly frozenTime: number; readonly name: string | null },
): Promise<TestClock> {
  const clock: TestClock = {
    id: work.id('test_helpers.test_clock'),
    object: 'test_helpers.test_clock',
    created: work.now,
    deletes_after: work.now + LIFE_SECONDS,
    frozen_time: given.frozenTime,
    livemode: false,
    name: given.name,
    status: 'ready',
    status_details: {},
  };
  await work.tx.insert('test_helpers.test_clock', clock, { targetTime: null });
  work.emit('test_helpers.test_clock.created', clock);
  return clock;
}

/** From here on the customer's time counts, if it stands on a test clock. */
export async function useTimeOf(work: Work, customer: Customer): Promise<void> {
  if (customer.test_clock === null) return;
  const { body: clock } = await work.need('test_helpers.test_clock', customer.test_clock);
  if (clock.status === 'advancing') {
    throw new StripeError(
      429,
      'invalid_request_error',
      'The test clock of this customer is advancing. Wait until it is ready.',
      { code: 'rate_limit' },
    );
  }
  work.travelTo(clock.id, clock.frozen_time * 1_000);
}

/** Sets the clock going; everything on the way happens in its order, then it is `ready` again. */
export async function advanceClock(work: Work, id: string, targetTime: number): Promise<TestClock> {
  const { body: clock } = await work.lock('test_helpers.test_clock', id, 'test_clock');
  if (clock.status !== 'ready') {
    throw invalidRequest('This test clock is advancing already.', { param: 'test_clock' });
  }
  if (targetTime <= clock.frozen_time) {
    throw invalidRequest('`frozen_time` must be after the current frozen time of the clock.', {
      param: 'frozen_time',
    });
  }
  const advancing: TestClock = { ...clock, status: 'advancing' };
  await work.tx.save('test_helpers.test_clock', advancing, { targetTime });
  work.emit('test_helpers.test_clock.advancing', advancing);
  await work.planByWall('advance_clock', id, 0);
  return advancing;
}

/** Once nothing is due any more up to the target. */
export async function arrive(work: Work, id: string): Promise<void> {
  const { body: clock, secret } = await work.lock('test_helpers.test_clock', id);
  const ready: TestClock = {
    ...clock,
    frozen_time: secret.targetTime ?? clock.frozen_time,
    status: 'ready',
  };
  await work.tx.save('test_helpers.test_clock', ready, { targetTime: null });
  work.emit('test_helpers.test_clock.ready', ready);
}
