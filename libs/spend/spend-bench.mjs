// Measures authorize against the floor of the same client: PING alone, HINCRBY at 64 in flight.
// REDIS_URL=redis://127.0.0.1:6379 node libs/spend/spend-bench.mjs (after npm run build)
import { Redis } from 'ioredis';
import { HotBalances, SpendClient } from './dist/index.js';

const url = process.env.REDIS_URL;
if (!url) throw new Error('REDIS_URL is missing');
const redis = new Redis(url);
const organizationId = `org_bench${Date.now()}`;
const hot = new HotBalances({ redis });
const client = new SpendClient({
  redis,
  clock: { nowMs: () => Date.now() },
  producer: { publish: async () => {} },
  loader: { load: async () => false },
});
await hot.set([
  {
    organizationId,
    currency: 'USD',
    postedMicros: 9_000_000_000_000_000n,
    overdraftMicros: 0n,
    escrowedMicros: 0n,
    settlesLate: false,
    version: 1n,
    pausedReason: null,
    validUntilMs: null,
  },
]);

let next = 0;
const authorize = async () => {
  const result = await client.authorize({
    organizationId,
    chargeId: `c${next++}`,
    amountMicros: 7_500n,
    currency: 'USD',
    channel: 'sms',
    quantity: 1,
    metadata: { country: '1' },
  });
  if (result.status !== 'authorized') throw new Error(JSON.stringify(result));
};
const ping = () => redis.ping();
const increment = () => redis.hincrby(`orbit:{${organizationId}}:bench`, 'held', 1);

async function p50Micros(work, count = 5_000) {
  const times = [];
  for (let n = 0; n < count; n++) {
    const start = process.hrtime.bigint();
    await work();
    times.push(Number(process.hrtime.bigint() - start) / 1_000);
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(count / 2)];
}

async function perSecond(work, inFlight = 64, count = 30_000) {
  let left = count;
  const start = process.hrtime.bigint();
  const worker = async () => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return count / (Number(process.hrtime.bigint() - start) / 1e9);
}

for (const work of [ping, increment, authorize]) await perSecond(work, 64, 5_000);
for (let round = 1; round <= 3; round++) {
  const [floor, hold] = [await p50Micros(ping), await p50Micros(authorize)];
  const [bound, rate] = [await perSecond(increment), await perSecond(authorize)];
  console.log(
    `round ${round}: PING p50 ${floor.toFixed(0)} us, authorize p50 ${hold.toFixed(0)} us (${(hold / floor).toFixed(2)}x); ` +
      `64 in flight: HINCRBY ${bound.toFixed(0)}/s, authorize ${rate.toFixed(0)}/s (${(rate / bound).toFixed(2)}x)`,
  );
}
await redis.quit();
