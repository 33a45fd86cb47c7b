// Goal: with KAFKA_FETCH_SESSIONS=off all that messaging.itest.ts promises holds on kafkajs' own way.
import { createRequire } from 'node:module';
import { switches } from '../../switches.fake.js';

switches.fetchSessions = 'off';
await import('../../messaging.itest.js');

const broker = createRequire(import.meta.url)('kafkajs/src/broker/index.js') as {
  readonly prototype: { readonly fetch: () => unknown };
};

test('kafkajs fetches by itself', async () => {
  expect(broker.prototype.fetch.name).toBe('fetch');
  const { registerFetchSessions } = await import('./fetch-sessions.js');
  registerFetchSessions();
  expect(broker.prototype.fetch.name).toBe('fetchInSession');
});
