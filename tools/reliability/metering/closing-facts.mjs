/**
 * Compares the answers of closing a period, for each customer, with the accepted events, added up without any of the
 * service's code.
 */
import { METERED_RPC } from '@orbit/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import { fingerprintOf } from '../../../apps/usage-metering/dist/events/domain/fingerprint.js';

const MODULUS = 1n << 128n;
const DAY_MS = 86_400_000;

export async function closingFacts({ call, accepted, accounts, load }) {
  const wrong = [];
  const nowMs = Date.now();
  const window = {
    from: new Date(nowMs - DAY_MS).toISOString(),
    to: new Date(nowMs + DAY_MS).toISOString(),
  };
  for (const account_id of accounts) {
    for (const customerId of load.customers) {
      const asked = {
        ...{ account_id, interval_id: `end ${customerId}`, customer_ids: [customerId] },
        definition: { metric_id: `metric_${account_id}_0`, filter: null, grouping_keys: [] },
        windows: [window],
      };
      let closed = await call(METERED_RPC.close, asked);
      for (; closed.state === 'behind'; await sleep(200))
        closed = await call(METERED_RPC.close, asked);
      const group = closed.rows?.[0]?.groups[0];
      const found = [group?.quantity, group?.event_count, group?.fingerprint].join(' ');
      if (found !== expected(accepted, account_id, customerId))
        wrong.push(`${account_id} ${customerId}: ${found}`);
    }
  }
  return { 'closing row that is not the sum of what was accepted': wrong };
}

function expected(accepted, accountId, customerId) {
  let [seconds, count, fingerprint] = [0, 0, 0n];
  for (const event of accepted.values()) {
    if (event.accountId !== accountId || event.customerId !== customerId || event.isDeprecated)
      continue;
    seconds += event.properties.seconds;
    count += 1;
    fingerprint += BigInt(`0x${fingerprintOf({ ...event, idempotencyKey: event.key })}`);
  }
  return [seconds, count, (fingerprint % MODULUS).toString(16).padStart(32, '0')].join(' ');
}
