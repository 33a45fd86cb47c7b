export { eventually, type EventuallyOptions } from './eventually.js';
export { frozenClock, type FrozenClock } from './frozen-clock.js';
export { seededRandom, type SeededRandom } from './seeded-random.js';
export { createTestDatabase, type TestDatabase } from './test-database.js';
export { fingerprintTables } from './fingerprint-tables.js';
export { SLOW_ANSWER_MS, testInfra, type TestInfra } from './test-infra.js';
export { redisServer, type RedisServer } from './redis-server.js';
export { clickHouseServer, type ClickHouseTestServer } from './clickhouse-server.js';
export {
  startStripeMock,
  type RefusedRequest,
  type StripeMock,
  type StripeRequest,
} from './stripe-mock.js';
export { attackOwner, type AttackedOperation } from './attack-owner.js';
export { sampleBody } from './contract-samples.js';
export { uniqueId } from './unique-id.js';
export { WRONG_VALUES, wrongBodies, type WrongBody } from './wrong-values.js';
export { luaDrift } from './lua-drift.js';
