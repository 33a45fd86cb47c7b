import { advanceClock, createClock } from './clocks.js';
import { endSubscription, isOver } from '../billing/subscription-state.js';
import { integer, listShape, required, text } from '../http/params.js';
import { listAnswer, route, type ApiRoute } from '../http/api-route.js';

const PATH = '/v1/test_helpers/test_clocks';

/** Clocks that customers stand on, so that months of renewals pass in a moment. */
export const TEST_CLOCK_ROUTES: readonly ApiRoute[] = [
  route('POST', PATH, { frozen_time: required(integer(1)), name: text(300) }, (work, params) =>
    createClock(work, { frozenTime: params.frozen_time, name: params.name ?? null }),
  ),
  route('GET', PATH, listShape, (work, params) =>
    listAnswer(work, 'test_helpers.test_clock', params, {}, PATH),
  ),
  route('GET', `${PATH}/:id`, {}, async (work, _params, id) => {
    return (await work.need('test_helpers.test_clock', id, 'test_clock')).body;
  }),
  route('POST', `${PATH}/:id/advance`, { frozen_time: required(integer(1)) }, (work, params, id) =>
    advanceClock(work, id, params.frozen_time),
  ),
  route('DELETE', `${PATH}/:id`, {}, async (work, _params, id) => {
    const { body: clock } = await work.lock('test_helpers.test_clock', id, 'test_clock');
    const all = {
      limit: 100,
      startingAfter: undefined,
      endingBefore: undefined,
      created: undefined,
    };
    const where = { test_clock: id };
    work.travelTo(id, clock.frozen_time * 1_000);
    const subscriptions = await work.tx.list('subscription', { ...all, where });
    for (const subscription of subscriptions?.data ?? []) {
      if (!isOver(subscription))
        await endSubscription(work, subscription, 'cancellation_requested');
    }
    const customers = await work.tx.list('customer', { ...all, where });
    for (const customer of customers?.data ?? []) {
      if (customer.deleted === true) continue;
      await work.patch('customer', customer, { deleted: true });
      work.emit('customer.deleted', customer);
    }
    await work.tx.remove('test_helpers.test_clock', id);
    work.emit('test_helpers.test_clock.deleted', clock);
    return { id, object: 'test_helpers.test_clock', deleted: true };
  }),
];
