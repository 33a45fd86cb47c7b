/** Wallets that are open and well filled, and charges that wait in Kafka. */
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@orbit/kernel';
import { EventProducer, createTopics } from '@orbit/messaging';
import { RpcClient } from '@orbit/runtime';
import { EMPTY } from '../servers.mjs';
import { startLedger } from '../processes.mjs';
import { adminOf, drained, topicEnds, totalOf } from './progress.mjs';

const CHUNK = 4_000;
const SETTLE_MS = 500;
const LED_ATTEMPTS_MAX = 120;
const OPEN_AT_ONCE = 32;
const TOP_UP = '1000000';
export const CURRENCY = 'USD';
export const AMOUNT_MICROS = 7_500n;
const AMOUNT = '0.0075';

export const organizationsOf = (count) =>
  Array.from({ length: count }, (_, index) => `org_bench${String(index).padStart(6, '0')}`);

export const producerOf = async (servers, prefix) => {
  const producer = new EventProducer({
    brokers: servers.brokers,
    clientId: 'bench',
    topicPrefix: prefix,
    requestTimeoutMs: 60_000,
  });
  await producer.connect();
  return producer;
};

/**
 * A database whose wallets were opened by RPC and filled by `topup.completed`, through the real
 * ledger; rounds run on copies of it.
 */
export async function fundedDatabase(servers, name, organizations) {
  const prefix = `${name}.`;
  await createTopics({ brokers: servers.brokers, topicPrefix: prefix });
  await servers.copyDatabase(EMPTY, name);
  const producer = await producerOf(servers, prefix);
  const ledger = await startLedger({ servers, database: name, prefix, group: 'fund' });
  const rpc = RpcClient.at('wallet-ledger', ledger.rpcAddress, 30_000);
  try {
    for (let from = 0; from < organizations.length; from += OPEN_AT_ONCE) {
      const part = organizations.slice(from, from + OPEN_AT_ONCE);
      await Promise.all(
        part.map((id) => rpc.call('wallet.open', { organization_id: id, currency: CURRENCY })),
      );
    }
    const nowMs = Date.now();
    await producer.publish(
      'topup.completed',
      organizations.map((id) => topUp(id, nowMs)),
    );
    await drained({
      servers,
      topic: `${prefix}topup.completed`,
      group: `${prefix}fund`,
      target: organizations.length,
      check: ledger.check,
    });
  } finally {
    rpc.close();
    await ledger.stop();
    await producer.disconnect();
    await deleteTopics(servers, prefix);
  }
}

export function topUp(organizationId, nowMs) {
  const id = `tu_${organizationId}`;
  const value = {
    topup_id: id,
    organization_id: organizationId,
    amount: TOP_UP,
    currency: CURRENCY,
    reference: `stripe_session:cs_${organizationId}`,
    payment_intent_id: `pi_${organizationId}`,
    checkout_session_id: null,
    payment_method: null,
    receipt_email: null,
    occurred_at: new Date(nowMs).toISOString(),
  };
  return { key: organizationId, value, id, timeMs: nowMs };
}

/** One charge without a hold, as a send service writes it. */
export function chargeEvent(organizationId, nowMs) {
  // A ULID, as our clients make them.
  const chargeId = newId('evt', nowMs).replace('evt_', 'msg_');
  const value = {
    charge_id: chargeId,
    organization_id: organizationId,
    amount: AMOUNT,
    currency: CURRENCY,
    channel: 'sms',
    quantity: 1,
    authorization_id: null,
    occurred_at: new Date(nowMs).toISOString(),
    metadata: { country: '44', carrier: 'orbit-mobile', segments: 1 },
  };
  return { key: organizationId, value, id: chargeId, timeMs: nowMs };
}

async function untilLed(servers, topic) {
  for (let attempt = 1; ; attempt++) {
    try {
      await topicEnds(servers, topic);
      return;
    } catch (error) {
      if (attempt === LED_ATTEMPTS_MAX) throw error;
      await sleep(SETTLE_MS);
    }
  }
}

/** Publishes `count` charges that go round the organizations; they wait until a group reads them. */
export async function waitingCharges(servers, prefix, organizations, count, say) {
  await createTopics({ brokers: servers.brokers, topicPrefix: prefix });
  // A partition that has just been made refuses its first messages now and then; their repeat would
  // put the others of the request in twice. One that can say where it ends is led, and takes them.
  await untilLed(servers, `${prefix}charge.requested`);
  const producer = await producerOf(servers, prefix);
  try {
    for (let from = 0; from < count; from += CHUNK) {
      const size = Math.min(CHUNK, count - from);
      const events = Array.from({ length: size }, (_, index) =>
        // A stride that shares no factor with the number of wallets visits each of them.
        chargeEvent(organizations[((from + index) * 7_919) % organizations.length], Date.now()),
      );
      await producer.publish('charge.requested', events);
      if ((from / CHUNK) % 10 === 9) say(`${(from + size).toLocaleString('en-US')} charges wait`);
    }
    const total = totalOf(await topicEnds(servers, `${prefix}charge.requested`));
    if (total !== count) throw new Error(`No figure: ${total} messages wait instead of ${count}.`);
  } finally {
    await producer.disconnect();
  }
}

/** Deletes a stage's topics, so that their files go. */
export async function deleteTopics(servers, prefix) {
  const admin = adminOf(servers);
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } finally {
    await admin.disconnect();
  }
}
