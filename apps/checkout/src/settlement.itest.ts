import { createPrisma } from '@orbit/persistence';
import type { OutboxEvent } from './topups/application/ports.js';
import { RelayOutbox } from './webhooks/application/relay-outbox.js';
import { CheckoutUnderTest } from './testing/checkout.fake.js';
import { PostgresOutbox } from './topups/adapters/postgres-outbox.js';

let checkout: CheckoutUnderTest;
beforeAll(async () => {
  checkout = await CheckoutUnderTest.start();
});
afterAll(() => checkout?.close());

async function complete(): Promise<string> {
  const { topupId, sessionId } = await checkout.open();
  checkout.stripe.pay(sessionId);
  await checkout.deliver(checkout.stripe.event('payment_intent.succeeded', sessionId));
  return topupId;
}

test('relay: keeps what could not be published, publishes it in order later, and then no more', async () => {
  const expected = [await complete(), await complete(), await complete()];
  const prisma = createPrisma(checkout.databaseUrl, { poolSizeMax: 4 });
  const sent: OutboxEvent[] = [];
  const relayTo = (publish: (events: readonly OutboxEvent[]) => Promise<void>): RelayOutbox =>
    new RelayOutbox(new PostgresOutbox(prisma), publish, checkout);
  const away = relayTo(() => Promise.reject(new Error('kafka is away')));
  await expect(away.run()).rejects.toThrow('kafka is away');
  const relay = relayTo((events) => Promise.resolve(void sent.push(...events)));
  // Two relays at once share the work: what one has locked the other one skips.
  const counts = await Promise.all([relay.run(), relay.run()]);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3);
  expect(sent.map(({ eventId }) => eventId.slice(4, -10))).toEqual(expected);
  expect(await relay.run()).toBe(0);
  await prisma.$disconnect();
});
