/** Authorizing through libs/spend, against the floor of the same Redis client. */
import { AuthorizationIds, createSpendRedis, HotBalances, SpendClient } from '@orbit/spend';
import { median, quantile, row, short } from './numbers.mjs';
import { wants } from './options.mjs';
import { AMOUNT_MICROS, CURRENCY, organizationsOf } from './post/charges.mjs';
import { AUTHORIZATION_SECRET } from './processes.mjs';
import { walletsStage } from './wallets.mjs';

const WALLETS = 1_000;
const IN_FLIGHT = 64;
const STEADY_PER_SECOND = 5_000;
/** Calls of one kind in a row, before the other kind has its turn. */
const TURN = 500;
/** Short turns of each side in one round, so that both meet the same machine. */
const TURNS = 4;
const HOLD_MS = 3_600_000;
const CLOSED = { outagePolicy: 'closed', outageBudgetMicros: 0n, pausedReason: null };

/** Awaits each call before the next; answers the time of each in microseconds. */
async function closedLoop(work, count) {
  const times = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    const startNs = process.hrtime.bigint();
    await work();
    times[index] = Number(process.hrtime.bigint() - startNs) / 1_000;
  }
  return times;
}

/** Calls a second with this many under way all the time. */
async function inFlight(work, seconds) {
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1_000;
  let count = 0;
  const worker = async () => {
    while (performance.now() < endMs) {
      await work();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return (count / (performance.now() - startedMs)) * 1_000;
}

/**
 * Sends at a steady pace whatever the answers do, and measures from the instant at which a call was
 * due, so that what piles up behind a slow one counts. Times in milliseconds.
 */
function openLoop(work, perSecond, seconds) {
  const total = perSecond * seconds;
  const times = new Float64Array(total);
  return new Promise((resolve, reject) => {
    const startedMs = performance.now() + 5;
    let sent = 0;
    let done = 0;
    const pump = () => {
      const due = Math.min(
        total,
        Math.floor(((performance.now() - startedMs) * perSecond) / 1_000),
      );
      for (; sent < due; sent++) {
        const index = sent;
        const dueMs = startedMs + (index * 1_000) / perSecond;
        work().then(() => {
          times[index] = performance.now() - dueMs;
          done += 1;
          if (done === total) resolve(times);
        }, reject);
      }
      if (sent < total) setImmediate(pump);
    };
    pump();
  });
}

export async function runAuthorize({ servers, options, say, note }) {
  const stage = await walletsStage(servers, 'authorize');
  const redis = createSpendRedis({ url: servers.redisUrl });
  const rows = [];
  try {
    const organizations = organizationsOf(WALLETS);
    await stage.fund(organizations);
    for (const id of organizations) await stage.load(id);
    const client = new SpendClient({
      redis,
      clock: { nowMs: () => Date.now() },
      ids: new AuthorizationIds({ secret: AUTHORIZATION_SECRET }),
      producer: { publish: async () => {} },
      // Everything is loaded before; what a wallet allows while Redis is unavailable does not come into play.
      loader: { load: async (...ref) => ((await stage.load(...ref)) ? CLOSED : null) },
    });
    let count = 0;
    const authorizeOver = (wallets) => async () => {
      const organizationId = organizations[(count * 7_919) % wallets];
      const result = await client.authorize({
        organizationId,
        chargeId: `msg_${String(count++).padStart(12, '0')}`,
        amountMicros: AMOUNT_MICROS,
        currency: CURRENCY,
        channel: 'sms',
        quantity: 1,
        metadata: { country: '44', carrier: 'orbit-mobile' },
        ttlMs: HOLD_MS,
      });
      if (result.status !== 'authorized') throw new Error(`No figure: ${JSON.stringify(result)}`);
    };
    const authorize = authorizeOver(WALLETS);
    const ping = () => redis.ping();
    const increment = () => redis.hincrby('bench:{counter}', 'held', 1);
    for (const work of [ping, increment, authorize]) await inFlight(work, 1);
    if (wants(options, 'authorize-p50')) rows.push(await closedRow(ping, authorize, options, say));
    if (wants(options, 'authorize-64')) {
      const both = { one: authorizeOver(1), many: authorize };
      rows.push(await inFlightRow(increment, both, options, note));
    }
    if (wants(options, 'authorize-p99-5000')) {
      rows.push(await steadyRow(ping, authorize, options, note));
    }
    await checkHeld(redis, organizations, count);
    note(`authorize: ${short(count)} holds over ${WALLETS} wallets, all of them found in Redis`);
    return rows;
  } finally {
    redis.disconnect();
    await stage.stop();
  }
}

async function closedRow(ping, authorize, options, say) {
  const rounds = { ping: [], authorize: [] };
  for (let number = 1; number <= options.rounds; number++) {
    const floor = [];
    const ours = [];
    const endMs = performance.now() + options.seconds * 1_000;
    while (performance.now() < endMs) {
      floor.push(...(await closedLoop(ping, TURN)));
      ours.push(...(await closedLoop(authorize, TURN)));
    }
    rounds.ping.push(quantile(floor, 0.5));
    rounds.authorize.push(quantile(ours, 0.5));
    say(
      `PING p50 ${short(rounds.ping.at(-1))} µs, authorize p50 ${short(rounds.authorize.at(-1))} µs`,
    );
  }
  const [ours, baseline] = [median(rounds.authorize), median(rounds.ping)];
  const ratio = ours / baseline;
  const holds = ratio <= 2;
  return row({ id: 'authorize-p50', ours, baseline, ratio, target: '≤ 2', holds, unit: 'µs' });
}

/** HINCRBY is one hash's, so ours is one wallet's; over many wallets it has a row beside it. */
async function inFlightRow(increment, { one, many }, options, note) {
  const rates = { increment: [], one: [], many: [] };
  const seconds = options.seconds / TURNS;
  for (let turn = 0; turn < options.rounds * TURNS; turn++) {
    rates.increment.push(await inFlight(increment, seconds));
    rates.one.push(await inFlight(one, seconds));
    rates.many.push(await inFlight(many, seconds));
  }
  const [ours, over, baseline] = [rates.one, rates.many, rates.increment].map(median);
  note(
    `64 in flight: HINCRBY ${short(baseline)}/s, authorize on one wallet ${short(ours)}/s, over ${WALLETS} wallets ` +
      `${short(over)}/s (${short(over / baseline)})`,
  );
  const ratio = ours / baseline;
  const holds = ratio >= 0.6;
  return row({
    id: 'authorize-64',
    ours,
    baseline,
    ratio,
    target: '≥ 0.6',
    holds,
    unit: 'calls/s',
  });
}

async function steadyRow(ping, authorize, options, note) {
  const rounds = { ping: [], authorize: [] };
  for (let number = 1; number <= options.rounds; number++) {
    rounds.ping.push(quantile(await openLoop(ping, STEADY_PER_SECOND, options.seconds), 0.99));
    const times = await openLoop(authorize, STEADY_PER_SECOND, options.seconds);
    rounds.authorize.push(quantile(times, 0.99));
    note(
      `authorize at a steady ${STEADY_PER_SECOND}/s: p50 ${short(quantile(times, 0.5))} ms, p99 ` +
        `${short(quantile(times, 0.99))} ms; PING at the same pace p99 ${short(rounds.ping.at(-1))} ms`,
    );
  }
  const [ours, baseline] = [median(rounds.authorize), median(rounds.ping)];
  const ratio = ours / baseline;
  const target = 'p99 < 1 ms';
  return row({
    id: 'authorize-p99-5000',
    ours,
    baseline,
    ratio,
    target,
    holds: ours < 1,
    unit: 'ms',
  });
}

/** Every authorization that was answered is a hold of the right amount. */
async function checkHeld(redis, organizations, count) {
  const hot = new HotBalances({ redis });
  const states = await Promise.all(organizations.map((id) => hot.read(id, CURRENCY)));
  const heldMicros = states.reduce((total, state) => total + (state?.heldMicros ?? 0n), 0n);
  if (heldMicros !== BigInt(count) * AMOUNT_MICROS) {
    throw new Error(`No figure: ${heldMicros} micros are held for ${count} authorizations.`);
  }
}
