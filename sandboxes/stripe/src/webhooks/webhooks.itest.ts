import type Stripe from 'stripe';
import { eventually } from '@orbit/testing';
import { sessionParams, startWorld, submit, type World } from '../test-world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());
beforeEach(async () => {
  world.listener.answer = 200;
  await fetch(`${world.url}/_sandbox/faults`, { method: 'DELETE' });
});

const open = (change: Partial<Stripe.Checkout.SessionCreateParams> = {}) =>
  world.stripe.checkout.sessions.create(sessionParams(change));

async function setFaults(faults: Record<string, unknown>): Promise<void> {
  const response = await fetch(`${world.url}/_sandbox/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(faults),
  });
  expect(response.status).toBe(200);
}

async function pay(change: Partial<Stripe.Checkout.SessionCreateParams> = {}) {
  const session = await open(change);
  await submit(session.url ?? '', {});
  return session;
}

const completed = (id: string) =>
  world.listener.typesAbout(id).filter((type) => type === 'checkout.session.completed');

test('a payment sends its events, signed so that the SDK takes them, each with an id of its own', async () => {
  const session = await pay();
  const paid = await world.stripe.checkout.sessions.retrieve(session.id);
  const intentId = String(paid.payment_intent);
  await eventually(() => {
    expect(completed(session.id)).toHaveLength(1);
    expect(world.listener.typesAbout(intentId)).toContain('payment_intent.succeeded');
    const charges = world.listener.received.filter(
      ({ event }) =>
        event.type === 'charge.succeeded' && event.data.object.payment_intent === intentId,
    );
    expect(charges).toHaveLength(1);
  });
  expect(world.listener.refused).toEqual([]);
  const ids = world.listener.received.map(({ event }) => event.id);
  expect(new Set(ids).size).toBe(ids.length);
  const about = world.listener.received.find(
    ({ event }) => event.type === 'checkout.session.completed',
  );
  expect(about?.event.data.object).toMatchObject({
    id: session.id,
    payment_status: 'paid',
    amount_total: 10_000,
    currency: 'usd',
    client_reference_id: 'tu_1',
  });
  const read = await world.stripe.events.retrieve(about?.event.id ?? '');
  expect(read.type).toBe('checkout.session.completed');
});

test('a decline tells payment_intent.payment_failed and no completion', async () => {
  const session = await open();
  await submit(session.url ?? '', { card_number: '4000000000000002' });
  const tried = await world.stripe.checkout.sessions.retrieve(session.id);
  await eventually(() => {
    expect(world.listener.typesAbout(String(tried.payment_intent))).toContain(
      'payment_intent.payment_failed',
    );
  });
  expect(completed(session.id)).toEqual([]);
});

test('a session whose time is over expires by itself and says so once', async () => {
  const session = await open({ expires_at: Math.floor(Date.now() / 1_000) + 1 });
  await eventually(() => {
    expect(world.listener.typesAbout(session.id)).toEqual(['checkout.session.expired']);
  });
  expect((await world.stripe.checkout.sessions.retrieve(session.id)).status).toBe('expired');
});

test('what is refused is sent again until it is taken, also after a restart of the sandbox', async () => {
  world.listener.answer = 500;
  const before = world.listener.attempts;
  const session = await pay();
  await eventually(() => expect(world.listener.attempts).toBeGreaterThan(before + 4));
  await world.restart();
  world.listener.answer = 200;
  await eventually(() => expect(completed(session.id)).toHaveLength(1));
});

test('faults: duplicates arrive with the same event id, reordered events last one first', async () => {
  await setFaults({ webhook_duplicate: 2 });
  const doubled = await pay();
  await eventually(() => expect(completed(doubled.id)).toHaveLength(3));
  const copies = world.listener.received.filter(
    ({ event }) =>
      event.type === 'checkout.session.completed' && event.data.object.id === doubled.id,
  );
  expect(new Set(copies.map(({ event }) => event.id)).size).toBe(1);

  await setFaults({ webhook_duplicate: 0, webhook_reorder: true });
  const reordered = await pay();
  const { payment_intent } = await world.stripe.checkout.sessions.retrieve(reordered.id);
  // Copies of the payment before may still arrive: only this payment's events count.
  const typesOfIt = (): string[] =>
    world.listener.received
      .filter(({ event }) => {
        const about = event.data.object as { id: string; payment_intent?: string };
        return about.id === payment_intent || about.payment_intent === payment_intent;
      })
      .map(({ event }) => event.type);
  await eventually(() => expect(typesOfIt()).toHaveLength(4));
  // Neighbours are a quarter of a second apart and may still swap on a busy machine; the ends do not.
  const types = typesOfIt();
  expect(types.indexOf('payment_intent.created')).toBeGreaterThan(
    types.indexOf('checkout.session.completed'),
  );
});

test('faults: a dropped event never comes, until it is resent', async () => {
  await setFaults({ webhook_drop: true });
  const session = await pay();
  await setFaults({ webhook_drop: false });
  await pay();
  const events = await world.stripe.events.list({ type: 'checkout.session.completed' });
  const event = events.data.find((each) => (each.data.object as { id: string }).id === session.id);
  expect(completed(session.id)).toEqual([]);
  await fetch(`${world.url}/_sandbox/events/${event?.id ?? ''}/resend`, { method: 'POST' });
  await eventually(() => expect(completed(session.id)).toHaveLength(1));
});

test('faults: only the named types are dropped, and the events list knows what was not delivered', async () => {
  await setFaults({ webhook_drop: true, webhook_types: ['checkout.session.*'] });
  const session = await pay();
  const { payment_intent } = await world.stripe.checkout.sessions.retrieve(session.id);
  await eventually(() =>
    expect(world.listener.typesAbout(String(payment_intent))).toContain('payment_intent.succeeded'),
  );
  const missed = async () => {
    const params = { type: 'checkout.session.*', delivery_success: false, limit: 100 };
    const { data } = await world.stripe.events.list(params);
    return data.filter((each) => (each.data.object as { id: string }).id === session.id);
  };
  const [event, ...others] = await missed();
  expect([event?.type, others]).toEqual(['checkout.session.completed', []]);
  await fetch(`${world.url}/_sandbox/events/${event?.id ?? ''}/resend`, { method: 'POST' });
  await eventually(async () => expect(await missed()).toEqual([]));
  expect(completed(session.id)).toHaveLength(1);
});

test('faults: the next error strikes before or after the effect; the SDK retry finds the answer', async () => {
  await setFaults({ next_error: { status: 503, code: 'lock_timeout', count: 1 } });
  await expect(world.stripe.customers.create({})).rejects.toMatchObject({ statusCode: 503 });
  await setFaults({ next_error: { status: 0, count: 1, after: true } });
  const idempotencyKey = 'lost-answer-0001';
  const retried = await world.stripe.customers.create(
    { name: 'once' },
    { idempotencyKey, maxNetworkRetries: 2 },
  );
  expect(retried.lastResponse.headers['idempotent-replayed']).toBe('true');
});

test('registered endpoints get what they asked for, signed with their own secret', async () => {
  const endpoint = await world.stripe.webhookEndpoints.create({
    url: world.listener.url,
    enabled_events: ['customer.created'],
  });
  expect(endpoint.secret).toMatch(/^whsec_/);
  const refusedBefore = world.listener.refused.length;
  await world.stripe.customers.create({});
  // The listener knows only the environment's secret, so the endpoint's delivery is refused by the SDK.
  await eventually(() => expect(world.listener.refused.length).toBe(refusedBefore + 1));
  await world.stripe.webhookEndpoints.del(endpoint.id);
});

test('the status page shows sessions, events and deliveries', async () => {
  await pay();
  await eventually(async () => {
    const page = await fetch(`${world.url}/_sandbox`, { headers: { accept: 'text/html' } });
    const text = await page.text();
    expect(page.status).toBe(200);
    for (const part of ['Checkout sessions', 'checkout.session.completed', 'delivered'])
      expect(text).toContain(part);
  });
});

test('health: live and ready', async () => {
  expect((await fetch(`${world.url}/health/live`)).status).toBe(200);
  expect((await fetch(`${world.url}/health/ready`)).status).toBe(200);
});
