import { readEvent } from './stripe-event.js';

const event = (type: string, object: unknown): unknown => ({ id: 'evt_1', type, data: { object } });

test('readEvent: finds the top-up by metadata, and the ids beside it', () => {
  const session = { id: 'cs_1', payment_intent: 'pi_1', metadata: { orbit_topup_id: 'tu_1' } };
  expect(readEvent(event('checkout.session.completed', session))?.subject).toEqual({
    topupId: 'tu_1',
    sessionId: 'cs_1',
    paymentIntentId: 'pi_1',
  });
  expect(readEvent(event('payment_intent.succeeded', { id: 'pi_1' }))?.subject).toEqual({
    paymentIntentId: 'pi_1',
  });
});

test('T21 invoice.paid, with amount 0 or any other, and unknown types concern no top-up', () => {
  const invoice = { id: 'in_1', amount_paid: 0, metadata: { orbit_topup_id: 'tu_1' } };
  expect(readEvent(event('invoice.paid', invoice))?.subject).toBeNull();
  expect(readEvent(event('something.new', invoice))?.subject).toBeNull();
});

test('readEvent: what has no id or no type is no event, and odd shapes name nobody', () => {
  for (const odd of [null, 1, 'x', [], {}, { id: 'evt_1' }, { id: 1, type: 'x' }]) {
    expect(readEvent(odd)).toBeNull();
  }
  for (const object of [null, 7, { metadata: null }, { id: 4, metadata: { orbit_topup_id: 5 } }]) {
    expect(readEvent(event('checkout.session.completed', object))?.subject).toEqual({});
  }
});

test.each(['\0', 'a\0b', '\ud83d'])(
  'readEvent: an id that cannot be stored names nobody: %j',
  (odd) => {
    expect(readEvent({ id: odd, type: 'x' })).toBeNull();
    expect(readEvent({ id: 'evt_1', type: odd })).toBeNull();
    const session = { id: odd, payment_intent: odd, metadata: { orbit_topup_id: odd } };
    expect(readEvent(event('checkout.session.completed', session))?.subject).toEqual({});
  },
);
