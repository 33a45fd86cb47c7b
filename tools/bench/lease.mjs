/** Authorizing from a lease, synchronously and in this process, against a call of an empty function. */
import { setImmediate as turn } from 'node:timers/promises';
import {
  createSpendRedis,
  HotBalances,
  leaseMicros,
  RpcLeaseLedger,
  SpendLease,
} from '@orbit/spend';
import { median, row, short } from './numbers.mjs';
import { CURRENCY } from './post/charges.mjs';
import { walletsStage } from './wallets.mjs';

const PER_SECOND_MIN = 2_000_000;
/** Calls between two looks at the clock. */
const CHUNK = 200_000;
/** Half a million dollars, spent by a micro a call: it does not run dry, and renews by its time only. */
const LEASED = 500_000_000_000n;
const LEASE_MS = 600_000;

function leaseChunk(lease, amount) {
  let granted = 0;
  for (let index = 0; index < CHUNK; index++) if (lease.authorize(amount)) granted += 1;
  return granted;
}

const empty = () => true;

function emptyChunk() {
  let granted = 0;
  for (let index = 0; index < CHUNK; index++) if (empty()) granted += 1;
  return granted;
}

/** Calls a second on this one thread, and how many there were. */
async function rateOf(chunk, seconds) {
  const startedMs = performance.now();
  let count = 0;
  while (performance.now() - startedMs < seconds * 1_000) {
    const granted = chunk();
    if (granted !== CHUNK) throw new Error(`No figure: ${granted} of ${CHUNK} were granted.`);
    count += CHUNK;
    // The timers of the lease have their turn, as in any service.
    await turn();
  }
  return { rate: (count / (performance.now() - startedMs)) * 1_000, count };
}

export async function runLease({ servers, options, say, note }) {
  const stage = await walletsStage(servers, 'lease');
  const redis = createSpendRedis({ url: servers.redisUrl });
  try {
    // Not one of those that other suites of the same run hold money of.
    const organizationId = 'org_lease';
    await stage.fund([organizationId]);
    const lease = await SpendLease.open({
      ledger: new RpcLeaseLedger(stage.rpc),
      producer: { publish: async () => {} },
      clock: { nowMs: () => Date.now() },
      organizationId,
      currency: CURRENCY,
      amountMicros: LEASED,
      ttlMs: LEASE_MS,
    });
    const amount = leaseMicros(1n);
    const rates = { ours: [], empty: [] };
    let count = (await rateOf(() => leaseChunk(lease, amount), 0.5)).count;
    await rateOf(emptyChunk, 0.5);
    for (let number = 1; number <= options.rounds; number++) {
      rates.empty.push((await rateOf(emptyChunk, options.seconds)).rate);
      const ours = await rateOf(() => leaseChunk(lease, amount), options.seconds);
      rates.ours.push(ours.rate);
      count += ours.count;
      say(`lease: ${short(ours.rate)}/s, empty function ${short(rates.empty.at(-1))}/s`);
    }
    await check(lease, count, { redis, organizationId });
    note(
      `lease: ${short(count)} authorizations, all of them taken from the lease; the rest came back`,
    );
    const [ours, baseline] = [median(rates.ours), median(rates.empty)];
    const ratio = ours / baseline;
    const target = `≥ ${PER_SECOND_MIN.toLocaleString('en-US')}/s`;
    const holds = ours >= PER_SECOND_MIN;
    return [row({ id: 'lease-authorize', ours, baseline, ratio, target, holds, unit: 'calls/s' })];
  } finally {
    redis.disconnect();
    await stage.stop();
  }
}

/** Checks that the outstanding sum is the authorized one; given back, the wallet has all of its money again. */
async function check(lease, count, { redis, organizationId }) {
  const { outstandingMicros } = lease.state;
  if (outstandingMicros !== BigInt(count)) {
    throw new Error(`No figure: ${outstandingMicros} outstanding after ${count} authorizations.`);
  }
  lease.release(leaseMicros(BigInt(count)));
  await lease.close();
  const hot = new HotBalances({ redis });
  for (let attempt = 1; ; attempt++) {
    const { postedMicros, availableMicros } = await hot.read(organizationId, CURRENCY);
    if (postedMicros === availableMicros) return;
    if (attempt === 100) {
      throw new Error(`No figure: ${availableMicros} of ${postedMicros} micros came back.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
