import { ChargeBatcher } from './charge-batcher.js';
import type { ChargeEvent } from '../types.js';

const event = (id: string): ChargeEvent => ({
  key: 'org_1',
  id,
  timeMs: 0,
  value: {
    charge_id: id,
    organization_id: 'org_1',
    amount: '1.00',
    currency: 'USD',
    channel: 'sms',
    quantity: 1,
    authorization_id: 'auth_1',
    occurred_at: '2026-01-01T00:00:00.000Z',
    metadata: {},
  },
});

test('ChargeBatcher: what arrives during a request goes out together in the next, in order', async () => {
  const sizes: string[][] = [];
  const batcher = new ChargeBatcher({
    producer: {
      publish: async (_topic, events) => {
        sizes.push(events.map(({ id }) => id));
        await new Promise((done) => setImmediate(done));
      },
    },
  });
  const first = [batcher.publish(event('a')), batcher.publish(event('b'))];
  await Promise.resolve();
  await Promise.resolve();
  await Promise.all([...first, batcher.publish(event('c')), batcher.publish(event('d'))]);
  expect(sizes).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

test('ChargeBatcher: a failed request fails its own charges only', async () => {
  let isDown = true;
  const batcher = new ChargeBatcher({
    producer: { publish: () => (isDown ? Promise.reject(new Error('away')) : Promise.resolve()) },
  });
  await expect(batcher.publish(event('a'))).rejects.toThrow('away');
  isDown = false;
  await batcher.publish(event('b'));
});
